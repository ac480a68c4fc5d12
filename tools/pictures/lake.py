"""A mountain lake in autumn, seen from a jetty: a height field, drawn with NumPy."""

import numpy as np
from scipy import ndimage

from tools.pictures.drawing import mix, smoothstep
from tools.pictures.photograph import Sky, film, lookup, normalise, wrapped_noise


class Valley:
    """A mountain lake: a height field seen from a jetty, the sun low on the right."""

    EYE = 2.6
    CELL = 9.0
    SIDE = 1280

    def __init__(self):
        rng = np.random.default_rng(33)
        self.sun = normalise(np.array([0.74, 0.40, 0.22]))
        self.sunlight = np.array([3.9, 2.75, 1.65])
        self.skylight = np.array([0.20, 0.30, 0.50])
        self.sky = Sky(12, self.sun, (1.25, 0.98, 0.74), (0.06, 0.19, 0.46), (0.86, 0.70, 0.56), cover=-1.0, top=28)
        side = self.SIDE
        z, x = np.mgrid[:side, :side] * self.CELL
        x = x - side * self.CELL / 2
        broad = wrapped_noise(rng, (side, side), 2.4, coarsest=3.0)
        fold = wrapped_noise(rng, (side, side), 2.2, coarsest=5.0)
        ridged = (1 - np.abs(fold) / 1.1) * 0.9
        crags = wrapped_noise(rng, (side, side), 2.0, coarsest=14.0)
        spurs = 1 - np.abs(wrapped_noise(rng, (side, side), 2.35, coarsest=9.0))
        # a valley floor widening towards the eye, walls on both sides, one great peak at its head
        axis = 260 * np.sin(z / 1900)
        away = np.abs(x - axis)
        wall = smoothstep(330 + 0.10 * z, 2300 + 0.10 * z, away) * 1150
        head = 2150 * np.exp(-(np.hypot((x + 750) / 1500, (z - 6900) / 1500) ** 1.35))
        head += 1150 * np.exp(-(np.hypot((x - 1500) / 1300, (z - 7600) / 1300) ** 1.4))
        rise = smoothstep(2500, 6500, z) * 420
        base = wall + head + rise
        rugged = np.clip(base / 900, 0, 1)
        self.ground = (
            base * (0.72 + 0.30 * ridged)
            + rugged * (170 * broad + 150 * spurs + 34 * crags)
            + 26 * broad
            + 9 * crags
            - 22
        )
        self.ground -= 60 * smoothstep(2900, 1500, z) * smoothstep(700, 250, away)
        self.shaded = self._shadow()
        gz, gx = np.gradient(self.ground, self.CELL)
        self.normal = normalise(np.stack([-gx, np.ones_like(gx), -gz], -1))
        self.mottle = wrapped_noise(rng, (1024, 1024), 1.2)
        self.grain = rng.random((512, 512, 3))

    def _shadow(self):
        """1 where a higher ridge towards the sun hides it: the field sheared along the sun's direction."""
        shaded = np.full_like(self.ground, -1e9)
        for distance in np.geomspace(2, 320, 44):
            flat = self.sun[[2, 0]] / np.hypot(self.sun[0], self.sun[2])
            climb = self.sun[1] / np.hypot(self.sun[0], self.sun[2])
            offset = np.round(flat * distance).astype(int)
            shifted = np.roll(self.ground, -offset, (0, 1)) - np.hypot(*offset) * self.CELL * climb
            shaded = np.maximum(shaded, shifted)
        return smoothstep(-5, 25, ndimage.gaussian_filter(shaded, 0.7) - self.ground)

    def place(self, x, z):
        """Row and column of the height field at a place (metres)."""
        return z / self.CELL, x / self.CELL + self.SIDE / 2

    def trees(self, x, z, ground, steep):
        """Height of the forest's conifers over the ground: a cone in every square of a jittered grid."""
        pitch = 8.5
        i, j = np.floor(z / pitch).astype(int), np.floor(x / pitch).astype(int)
        chance = self.grain[i % 512, j % 512]
        dx, dz = x - (j + 0.3 + 0.4 * chance[..., 0]) * pitch, z - (i + 0.3 + 0.4 * chance[..., 1]) * pitch
        tall = 9 + 15 * chance[..., 2]
        cone = np.clip(1 - np.hypot(dx, dz) / (0.24 * tall), 0, 1) * tall
        line = 520 + 130 * lookup(self.mottle, z / 3, x / 3)
        grows = (ground > 1.5) & (ground < line) & (steep > 0.60)
        return np.where(grows, cone, 0.0), grows

    def render(self, h, w, horizon, focal):
        """The land and the sky above the horizon line: colours (h, w, 3)."""
        depths = np.geomspace(160, (self.SIDE - 3) * self.CELL, 900)
        slope = (np.arange(w) + 0.5 - w / 2) / focal
        zs, xs = np.broadcast_to(depths[:, None], (900, w)), depths[:, None] * slope
        ground = lookup(self.ground, *self.place(xs, zs), "nearest")
        steep = lookup(self.normal[..., 1].copy(), *self.place(xs, zs), "nearest")
        cone, _ = self.trees(xs, zs, ground, steep)
        rise = np.maximum.accumulate((np.maximum(ground, -2) + cone - self.EYE) / zs, axis=0)
        first = np.empty((h, w), int)
        levels = (horizon - np.arange(h) - 0.5) / focal
        for column in range(w):
            first[:, column] = np.searchsorted(rise[:, column], levels)
        land = (first < 900) & (levels[:, None] > -0.004)
        k = np.clip(first, 1, 899)[land]
        column = np.nonzero(land)[1]
        level = np.broadcast_to(levels[:, None], (h, w))[land]
        low, high = rise[k - 1, column], rise[k, column]
        z = depths[k - 1] + (depths[k] - depths[k - 1]) * np.clip((level - low) / np.maximum(high - low, 1e-9), 0, 1)
        picture = np.zeros((h, w, 3))
        picture[land] = self.shade(z * slope[column], z, level * z + self.EYE)
        y, x = np.nonzero(~land & (levels[:, None] > 0))
        rays = np.stack([(x + 0.5 - w / 2) / focal, (horizon - y - 0.5) / focal, np.ones(len(x))], -1)
        picture[y, x] = self.sky(normalise(rays))
        return picture, land

    def shade(self, x, z, y):
        """Light from the land at places (metres): rock, meadow, snow, shore or forest, behind the air between."""
        at = self.place(x, z)
        ground = lookup(self.ground, *at, "nearest")
        normal = normalise(lookup(self.normal, *at, "nearest"))
        _, grows = self.trees(x, z, ground, normal[:, 1])
        fine = lookup(self.mottle, z / 2.1, x / 2.1 + y / 1.3)
        broad = lookup(self.mottle, z / 23, x / 23)
        strata = lookup(self.mottle, y / 1.1 + broad * 9, x / 16)
        rock = np.array([0.30, 0.27, 0.245]) * (1 + 0.22 * fine + 0.20 * strata)[:, None]
        meadow = np.array([0.135, 0.150, 0.050]) * (1 + 0.2 * broad + 0.15 * fine)[:, None]
        green = smoothstep(0.62, 0.80, normal[:, 1] + 0.05 * fine) * smoothstep(980, 620, ground + 120 * broad)
        albedo = mix(rock, meadow, green[:, None])
        snow = smoothstep(780, 1150, ground + 130 * fine + 160 * broad) * smoothstep(
            0.50, 0.68, normal[:, 1] + 0.05 * strata
        )
        albedo = mix(albedo, np.array([0.86, 0.88, 0.92]), snow[:, None])
        shore = smoothstep(2.4, 0.8, ground + 0.5 * fine) * ~grows
        albedo = mix(albedo, np.array([0.16, 0.145, 0.115]), shore[:, None])
        bumpy = normal + 0.16 * np.stack([fine, 0 * fine, strata], -1) * (1 - 0.7 * snow)[:, None]
        direct = np.clip(normalise(bumpy) @ self.sun, 0, 1) * (1 - 0.95 * lookup(self.shaded, *at, "nearest"))
        leaf = self.grain[np.floor(z / 8.5).astype(int) % 512, np.floor(x / 8.5).astype(int) % 512]
        autumn = smoothstep(0.80, 0.9, leaf[:, 0])[:, None]
        needle = mix(np.array([0.040, 0.062, 0.030]), np.array([0.22, 0.135, 0.025]), autumn) * (
            0.6 + 0.8 * leaf[:, 2:]
        )
        up = np.clip((y - ground) / 18, 0, 1)[:, None]
        albedo = np.where(grows[:, None], needle * (0.35 + 1.2 * up), albedo)
        direct = np.where(grows, direct * 0.75 + 0.25 * (direct > 0) * up[:, 0], direct)
        colour = albedo * (
            direct[:, None] * self.sunlight
            + self.skylight * (0.45 + 0.55 * normal[:, 1:2]) * (0.4 + 0.6 * up * grows[:, None] + 0.6 * ~grows[:, None])
        )
        thick = 1 - np.exp(-z / 15000 * np.exp(-y / 1500))
        mist = 0.30 * np.exp(-np.maximum(y, 0) / 20) * smoothstep(700, 2600, z)
        air = mix(np.array([0.42, 0.50, 0.62]), np.array([0.80, 0.70, 0.60]), smoothstep(-0.5, 0.6, x / z)[:, None])
        return mix(colour, air, (1 - (1 - thick) * (1 - mist))[:, None])


def lake(scale=2):
    """A mountain lake in autumn, seen from a jetty, (600 scale, 800 scale, 3) in 0..1."""
    h, w = 600 * scale, 800 * scale
    valley = Valley()
    horizon, focal = 0.50 * h, 0.80 * w
    picture, land = valley.render(h, w, horizon, focal)
    rng = np.random.default_rng(9)
    ripple = wrapped_noise(rng, (1024, 1024), 1.9)
    slopes = np.stack(np.gradient(ripple), -1)
    slopes /= slopes.std()
    stones = Pebbles(rng)
    water = np.flatnonzero(~land.ravel() & (np.repeat(np.arange(h), w) >= horizon - 0.004 * focal))
    row, column = np.divmod(water, w)
    down = np.maximum((row + 0.5 - horizon) / focal, 4e-4)
    across = (column + 0.5 - w / 2) / focal
    z = valley.EYE / down
    x = z * across
    calm = 0.25 + 0.75 * smoothstep(-0.6, 1.0, lookup(valley.mottle, z * 0.9, x * 0.35))
    wave = (lookup(slopes, z * 32, x * 32) * 0.012 + lookup(slopes, z * 7, x * 4) * 0.012) * (calm / (1 + z / 110))[
        :, None
    ]
    mirror_row = horizon - (down - 2.2 * wave[:, 0] * (0.15 + down * 2)) * focal
    mirror_column = column + wave[:, 1] * focal * 0.35
    mirrored = lookup(picture, np.clip(mirror_row, 0, horizon - 1), np.clip(mirror_column, 0, w - 1), "nearest")
    facing = np.clip(down / np.sqrt(1 + down**2 + across**2) - wave[:, 0], 0.001, 1)
    share = (0.03 + 0.97 * (1 - facing) ** 4.5)[:, None]
    bed = stones.bed(x + 30 * wave[:, 1], z * 1.0 + 30 * wave[:, 0])
    murk = np.exp(-np.maximum(z - 4.0, 0) / 5.0)[:, None]
    deep = mix(np.array([0.012, 0.060, 0.062]), bed * np.array([0.50, 0.75, 0.62]), murk)
    picture.reshape(-1, 3)[water] = mirrored * share * 0.95 + deep * (1 - share)
    jetty(picture, valley, horizon, focal)
    return film(picture, np.random.default_rng(2), 0.78, grain=0.007)


class Pebbles:
    """Rounded stones on the bed of the lake, close to the shore."""

    def __init__(self, rng):
        self.jitter = rng.random((128, 128, 4))

    def bed(self, x, z):
        """Colours (N, 3) of the bed at places (metres): two sizes of stone, the higher one seen."""
        colour = np.full((len(x), 3), 0.05)
        best = np.zeros(len(x))
        for pitch, strength in ((0.34, 1.0), (0.15, 0.8)):
            i, j = np.floor(z / pitch).astype(int), np.floor(x / pitch).astype(int)
            pick = self.jitter[i % 128, j % 128]
            dx = x / pitch - j - 0.35 - 0.3 * pick[:, 0]
            dz = z / pitch - i - 0.35 - 0.3 * pick[:, 1]
            dome = np.clip(1 - (dx**2 + dz**2) / (0.10 + 0.10 * pick[:, 2]), 0, 1) * strength
            tone = (0.16 + 0.34 * pick[:, 3])[:, None] * mix(
                np.array([1, 0.9, 0.75]), np.array([0.75, 0.85, 0.95]), pick[:, 2:3]
            )
            lit = 0.4 + 0.6 * np.sqrt(dome)[:, None] + 0.5 * (dx - dz)[:, None]
            on_top = dome > best
            colour[on_top] = (tone * lit)[on_top]
            best = np.maximum(best, dome)
        return colour


def jetty(picture, valley, horizon, focal):
    """A weathered wooden jetty that runs out from the lower left, its side and posts, and their reflections."""
    h, w = picture.shape[:2]
    rng = np.random.default_rng(10)
    row, column = np.mgrid[int(horizon) : h, :w]
    picture = picture[int(horizon) :]
    down, across = np.maximum((row + 0.5 - horizon) / focal, 1e-4), (column + 0.5 - w / 2) / focal
    lean, start, half, far, deck = 0.10, -1.75, 0.85, 15.5, 0.62

    def at_height(level):
        z = (valley.EYE - level) / down
        return z * across - start - lean * z, z

    board = rng.standard_normal((256, 2))
    off, z = at_height(deck)
    on = (np.abs(off) < half) & (z < far)
    plank = np.floor(z / 0.24).astype(int) % 256
    seam = np.abs(z / 0.24 - np.round(z / 0.24)) * 0.24
    fibre = lookup(valley.mottle, z * 70, off * 6 + plank * 17)
    blur = 0.006 + z**2 / focal / 2
    gap = (1 - smoothstep(0.008, 0.012 + blur, seam)) * np.clip(0.03 / blur, 0.15, 1)
    wood = np.array([0.27, 0.215, 0.165]) * (1 + 0.16 * board[plank, 0] + 0.13 * fibre)[..., None]
    nail = (np.abs(np.abs(off) - 0.62) < 0.018) & (np.abs(seam - 0.07) < 0.02)
    light = valley.sunlight * 0.36 + valley.skylight
    top = wood * light * (1 - 0.85 * gap * (z < far))[..., None] * np.where(nail, 0.3, 1)[..., None]
    # the side towards the lake stands upright at off = half: find where a ray meets it
    reach = (start + half) / np.where(np.abs(across - lean) < 1e-6, 1e-6, across - lean)
    y = valley.EYE - reach * down
    upright = (reach > 1.2) & (reach < far)
    beam = upright & (y < deck) & (y > deck - 0.17)
    posts = upright & (np.abs((reach / 2.4) % 1 - 0.5) < 0.028) & (y < deck - 0.17) & (y > 0)
    below = upright & (y <= 0) & (y > -deck) & ~on
    ghost = below & ((y < -deck + 0.17) | (np.abs((reach / 2.4) % 1 - 0.5) < 0.03))
    under = upright & (y < deck - 0.17) & (y > 0) & ~posts
    side = np.array([0.20, 0.155, 0.115]) * (1 + 0.2 * lookup(valley.mottle, y * 90, reach * 9))[..., None]
    picture[under] = picture[under] * 0.22
    picture[below] = picture[below] * 0.55
    picture[ghost] = picture[ghost] * 0.45 + np.array([0.05, 0.045, 0.035])
    picture[beam] = (side * (valley.sunlight * 0.62 + valley.skylight * 0.7))[beam]
    picture[posts] = (side * (valley.sunlight * 0.5 + valley.skylight * 0.6))[posts]
    picture[on] = top[on]
