"""The two photograph-like scenes, ray-traced with NumPy: x is right, y up, z away from the camera, in metres."""

import copy

import numpy as np
from drawing import fractal, mix, smoothstep
from scipy import fft, ndimage

FACADE_SCALE = 14  # texture pixels per metre of palace wall


def normalise(v):
    """Vectors (..., 3) at length 1."""
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def lookup(texture, rows, columns, mode="grid-wrap"):
    """Bilinear samples of an (H, W) or (H, W, C) texture at fractional pixel places."""
    if texture.ndim == 2:
        return ndimage.map_coordinates(texture, [rows, columns], order=1, mode=mode)
    return np.stack(
        [ndimage.map_coordinates(t, [rows, columns], order=1, mode=mode) for t in np.moveaxis(texture, -1, 0)],
        -1,
    )


def wrapped_noise(rng, shape, slope, coarsest=0.0):
    """Periodic float32 noise, mean 0 and deviation 1, whose spectrum falls as frequency**-slope beyond `coarsest`."""
    axes = [np.fft.fftfreq(n) * max(shape) for n in shape[:-1]] + [np.fft.rfftfreq(shape[-1]) * max(shape)]
    frequency = np.sqrt(coarsest**2 + sum(a**2 for a in np.meshgrid(*axes, indexing="ij", sparse=True)))
    frequency[(0,) * len(shape)] = np.inf
    spectrum = np.fft.rfftn(rng.standard_normal(shape)) * frequency**-slope
    noise = np.fft.irfftn(spectrum, shape)
    return (noise / noise.std()).astype(np.float32)


class Sky:
    """A dome of cumulus clouds: a cube of noise, marched through along every line of sight.

    It is fine in front of the camera, up to `top` degrees, and coarse beyond.
    """

    BASE, TOP, CELL = 900.0, 2300.0, 45.0

    def __init__(self, seed, sun, sun_colour, zenith, horizon, cover=0.35, offset=(0.0, 0.0), top=40):
        rng = np.random.default_rng(seed)
        self.sun, self.sun_colour = sun, np.array(sun_colour)
        self.zenith, self.horizon = np.array(zenith), np.array(horizon)
        self.offset = offset
        layers, side = 32, 320
        shape = wrapped_noise(rng, (layers * 2, side, side), 2.9, coarsest=9.0)[:layers]
        level = np.linspace(0, 1, layers)[:, None, None]
        # flat bottoms, and tops that only the strongest cells reach
        profile = 1.9 * level**1.2 + 2.0 * np.exp(-level / 0.04)
        self.density = np.clip((shape + cover - profile) * 1.6, -2, 3).astype(np.float32)
        self.detail = wrapped_noise(rng, (96, 96, 96), 1.9, coarsest=2.0)
        # How much of the sun reaches a voxel: shear the cube along the sun's direction and add up what lies above.
        body = np.clip(self.density, 0, 1)
        depth = np.zeros_like(body)
        step = sun / sun[1] * (self.TOP - self.BASE) / layers / self.CELL
        for k in range(layers - 2, -1, -1):
            above = ndimage.shift(depth[k + 1] + body[k + 1], (-step[2], -step[0]), order=1, mode="grid-wrap")
            depth[k] = above
        self.light = np.exp(-0.45 * depth * np.hypot(1, np.hypot(step[0], step[2]) * 0.5)).astype(np.float32)
        self.maps = [self._bake(-42, 42, 0.0, top, 0.1), self._bake(-180, 180, 0.0, 90, 1.0)]

    def clear(self, d):
        """The sky without clouds in directions `d` (..., 3): blue above, haze below, a glow about the sun."""
        up = np.clip(d[..., 1], 0, 1)
        toward = np.clip(d @ self.sun, 0, 1)[..., None]
        blue = mix(self.horizon, self.zenith, (1 - np.exp(-4.5 * up))[..., None])
        glow = self.sun_colour * (0.25 * toward**4 + 0.6 * toward**40) * np.exp(-2.5 * up)[..., None]
        return blue + glow

    def render(self, d, steps=30):
        """Sky and clouds in directions `d` (..., 3): light gathered in `steps` steps through the layer of clouds."""
        clear = self.clear(d)
        up = np.maximum(d[..., 1], 0.02)
        colour, through = np.zeros_like(clear).reshape(-1, 3), np.ones(up.size)
        flat = d.reshape(-1, 3)
        up = up.ravel()
        toward = flat @ self.sun
        phase = 0.75 + 0.9 * np.clip(toward, 0, 1) ** 6 + 0.25 * toward**2
        start = np.random.default_rng(0).random(up.size)  # a start of its own per ray: no visible slices
        layers = self.density.shape[0]
        span = np.minimum((self.TOP - self.BASE) / up / steps, 220)
        for k in range(steps):
            open_rays = np.flatnonzero((through > 0.01) & (flat[:, 1] > 0.015))
            level = (k + start[open_rays]) / steps
            height = self.BASE + (self.TOP - self.BASE) * level
            x = flat[open_rays, 0] / up[open_rays] * height + self.offset[0]
            z = flat[open_rays, 2] / up[open_rays] * height + self.offset[1]
            at = np.stack([level * layers, z / self.CELL, x / self.CELL])
            dense = ndimage.map_coordinates(self.density, at, order=1, mode="grid-wrap")
            near = dense > -0.9
            at, rays, dense, x, z, height = (
                at[:, near],
                open_rays[near],
                dense[near],
                x[near],
                z[near],
                height[near],
            )
            fine = [height / 25, z / 25, x / 25]
            dense = dense + 0.45 * ndimage.map_coordinates(self.detail, fine, order=1, mode="grid-wrap")
            inside = dense > 0
            at, rays, dense = at[:, inside], rays[inside], np.minimum(dense[inside], 1)
            sunlit = ndimage.map_coordinates(self.light, at, order=1, mode="grid-wrap")
            powder = 1 - 0.6 * np.exp(-3 * dense)
            seen = 1 - np.exp(-dense * span[rays] * 0.016)
            white = self.sun_colour * (1.25 * sunlit * powder * phase[rays])[:, None]
            shade = mix(self.zenith, self.horizon, 0.45) * (0.55 + 0.5 * k / steps)
            colour[rays] += (through[rays] * seen)[:, None] * (white + shade)
            through[rays] *= 1 - seen
        colour, through = colour.reshape(d.shape), through.reshape(d.shape[:-1])
        clouded = colour + through[..., None] * clear
        far = smoothstep(0.015, 0.20, d[..., 1])[..., None]
        return mix(clear, clouded, far)

    def _bake(self, west, east, low, high, step):
        azimuth = np.radians(np.arange(west, east + step, step))
        elevation = np.radians(np.arange(low, high + step, step))
        e, a = np.meshgrid(elevation, azimuth, indexing="ij")
        d = np.stack([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)], -1)
        return west, east, low, high, step, ndimage.gaussian_filter(self.render(d), (0.6, 0.6, 0))

    def __call__(self, d):
        azimuth = np.degrees(np.arctan2(d[..., 0], d[..., 2]))
        elevation = np.degrees(np.arcsin(np.clip(d[..., 1], 0, 1)))
        result = np.empty_like(d)
        west, east, _, high, step, near = self.maps[0]
        inside = (azimuth > west) & (azimuth < east) & (elevation < high - 1)
        result[inside] = lookup(near, elevation[inside] / step, (azimuth[inside] - west) / step, "nearest")
        _, _, _, _, step, dome = self.maps[1]
        result[~inside] = lookup(dome, elevation[~inside] / step, (azimuth[~inside] + 180) / step, "nearest")
        return result


class Facade:
    """A palace front as a picture: drawn as relief (metres towards the viewer), then lit by the sun.

    `direct` and `ambient` are (H, W, 3) linear light, `cover` (H, W) is 1 where there is palace, 0 where there is sky.
    Row 0 is the ground; both repeat nowhere.
    """

    def __init__(self, seed, width, pavilions, sun_across, sun_up, sun_out, sunlight, skylight):
        rng = np.random.default_rng(seed)
        s = FACADE_SCALE
        self.width, self.high = width, 46.0
        rows, columns = int(self.high * s), int(width * s)
        self.y, self.x = np.arange(rows)[:, None] / s, np.arange(columns)[None, :] / s
        self.relief = np.zeros((rows, columns))
        stone = np.array([0.47, 0.375, 0.26])
        tint = fractal(rng, (rows, columns), (30, 30), 5, 0.7)
        streak = fractal(rng, (rows, columns), (160, 8), 3, 0.7)
        block = self._blocks(rng)
        self.stone = stone * (1 + 0.07 * tint + 0.05 * streak + 0.06 * block)[..., None]
        self.albedo = self.stone.copy()
        self.glass = np.zeros((rows, columns))
        self.cover = np.zeros((rows, columns))
        self.pane = np.zeros((rows, columns))
        self._stretch(0, width)._wing(0, width, 20.0, 28.0, 0.0, rng)
        for centre, half in pavilions:
            self._stretch(centre - half, centre + half)._wing(
                centre - half, centre + half, 24.0, 40.0, 2.0, rng, crown=True
            )
        self._light(sun_across, sun_up, sun_out, np.array(sunlight), np.array(skylight))

    def _blocks(self, rng):
        course = (self.y / 0.6).astype(int)
        stone = ((self.x + 0.6 * (course % 2)) / 1.2).astype(int)
        return rng.standard_normal((course.max() + 1, stone.max() + 2))[course, stone]

    def _stretch(self, left, right):
        """This facade from `left` to `right` metres only: drawing there draws here, for the arrays are shared."""
        columns = slice(max(int(left * FACADE_SCALE), 0), int(right * FACADE_SCALE) + 1)
        part = copy.copy(self)
        for name in ("x", "relief", "stone", "albedo", "glass", "cover", "pane"):
            setattr(part, name, getattr(self, name)[:, columns])
        return part

    def _raise(self, where, amount):
        self.relief[where] = np.broadcast_to(amount, where.shape)[where]

    def _wing(self, left, right, eaves, ridge, base, rng, crown=False):
        """One stretch of building: arcade, two storeys of windows, cornice, balustrade, mansard, dormers, chimneys."""
        x, y = self.x, self.y
        inside = (x >= left) & (x < right)
        bays = max(round((right - left) / 4.8), 1)
        bay = (right - left) / bays
        u = (x - left) / bay
        index = np.clip(u.astype(int), 0, bays - 1)
        u = (u - np.floor(u) - 0.5) * bay
        wall = inside & (y < eaves)
        fresh = inside & (y < ridge)  # a pavilion hides what was built here before
        self.glass[fresh] = 0
        self.albedo[fresh] = self.stone[fresh]
        self.cover[wall] = 1
        self._raise(wall, base)
        self._raise(inside & (y < 1.0), base + 0.25)
        self._raise(wall & (np.abs(np.abs(u) - bay / 2) < 0.55) & (y > 1), base + 0.35)  # pilasters
        arch_top = 5.0
        opening = (np.abs(u) < 1.35) & (y < arch_top) | (np.hypot(u, y - arch_top) < 1.35)
        frame = (np.abs(u) < 1.7) & (y < arch_top) | (np.hypot(u, y - arch_top) < 1.7)
        self._raise(inside & frame, base + 0.18)
        self._raise(inside & opening & (y > 0.3), base - 1.6)
        self._window(inside & opening & (y > 0.3) & (np.abs(u) < 1.1), u, y, 0.75, 1.5)
        for floor, (low, top) in enumerate([(9.0, 13.0), (15.6, 18.0)] + ([(20.6, 22.8)] if crown else [])):
            self._raise(inside & (np.abs(u) < 1.15) & (y > low - 0.6) & (y < top + 0.3), base + 0.16)
            if floor == 0:
                slope = top + 1.35 - np.abs(u) * 0.6
                curve = top + 0.55 + np.sqrt(np.clip(1.6**2 - u**2, 0, None)) * 0.5
                hood = np.where(index % 2 == 0, slope, curve)
                self._raise(inside & (np.abs(u) < 1.55) & (y > top + 0.45) & (y < hood), base + 0.55)
                self._raise(inside & (np.abs(u) < 1.2) & (y > top + 0.7) & (y < hood - 0.3), base + 0.3)
                rail = inside & (np.abs(u) < 1.3) & (y > low - 0.1) & (y < low + 0.9)
                self._raise(rail, base + np.where((u * 4) % 1 < 0.5, 0.25, -0.1))
            self._raise(inside & (np.abs(u) < 1.35) & (y > low - 0.75) & (y < low - 0.45), base + 0.5)
            pane = inside & (np.abs(u) < 0.8) & (y > low) & (y < top)
            self._raise(pane, base - 0.45)
            self._window(pane, u, y, 0.8, 1.0)
        bands = [
            (7.0, 7.5, 0.7),
            (7.5, 7.9, 0.4),
            (14.4, 14.8, 0.6),
            (eaves - 1.3, eaves - 0.8, 0.55),
            (eaves - 0.8, eaves - 0.3, 1.0),
            (eaves - 0.3, eaves, 1.3),
        ]
        for low, top, out in bands:
            self._raise(inside & (y >= low) & (y < top), base + out)
        dentil = inside & (y > eaves - 1.6) & (y < eaves - 1.25)
        self._raise(dentil, base + np.where((x * 1.25) % 1 < 0.5, 0.5, 0.15))
        rail = inside & (y >= eaves) & (y < eaves + 1.3)
        solid = (np.abs(np.abs(u) - bay / 2) < 0.4) | (y > eaves + 1.05) | (y < eaves + 0.2) | ((x * 2.2) % 1 < 0.55)
        # the mansard leans back: its relief falls as it rises, which the lighting sees as a tilted plane
        middle, half = (left + right) / 2, (right - left) / 2
        if crown:
            t = np.clip((y - eaves) / (ridge - eaves), 0, 1)
            slope = half * (1 - 0.45 * t**1.6)
            roof = inside & (y >= eaves) & (y < ridge) & (np.abs(x - middle) < slope)
        else:
            roof = inside & (y >= eaves) & (y < ridge)
        self.cover[roof] = 1
        self._raise(roof, base - 0.6 - (y - eaves) * 0.55)
        slate = np.array([0.075, 0.088, 0.115])
        rows = (y / 0.45).astype(int)
        tiles = ((x + 0.3 * (rows % 2)) / 0.6).astype(int)
        shade = rng.standard_normal((rows.max() + 1, tiles.max() + 2))[rows, tiles]
        self.albedo[roof] = (slate * (1 + 0.16 * shade)[..., None])[roof]
        ribbon = roof & ((y > ridge - 0.7) | (np.abs(np.abs(x - middle) - (slope if crown else 1e9)) < 0.4))
        self.albedo[ribbon] = (0.25, 0.28, 0.28)
        if crown:
            lantern = (np.abs(x - middle) < half * 0.35) & (y >= ridge) & (y < ridge + 2.2)
            cap = (y >= ridge + 2.2) & (y < ridge + 4.5) & (np.abs(x - middle) < (ridge + 4.5 - y) * half * 0.16)
            mast = (np.abs(x - middle) < 0.12) & (y >= ridge) & (y < ridge + 6)
            for part, tone in (
                (lantern, (0.42, 0.37, 0.30)),
                (cap, (0.16, 0.18, 0.21)),
                (mast, (0.3, 0.28, 0.25)),
            ):
                self.cover[part] = 1
                self.albedo[part] = tone
                self._raise(part, base - 2)
            posts = lantern & (((x - middle) % 1.1) < 0.45) & (y < ridge + 1.8) & (y > ridge + 0.4)
            self.albedo[posts] = (0.06, 0.06, 0.07)
        hood = (np.abs(u) < 1.15) & (y >= eaves) & (y < eaves + 3.1) | (np.hypot(u, y - eaves - 3.1) < 1.15)
        dormer = inside & hood & roof & ((index % 2 == 0) | crown)
        self._raise(dormer, base - 0.3)
        self.albedo[dormer] = (0.44, 0.36, 0.26)
        pane = dormer & (np.abs(u) < 0.65) & (y > eaves + 1.3) & (y < eaves + 3.3)
        self._raise(pane, base - 0.8)
        self._window(pane, u, y, 0.65, 0.9)
        self._raise(rail, base + np.where(solid, 0.7, -0.4))
        self.cover[rail] = 1
        self.albedo[rail & solid] = (0.46, 0.37, 0.26)
        if not crown:
            for stack in np.arange(left + 6, right - 3, 11.7):
                wide = rng.uniform(1.0, 1.6)
                chimney = (np.abs(x - stack) < wide) & (y > ridge - 3) & (y < ridge + 2.3)
                chimney |= (np.abs(x - stack) < wide + 0.25) & (y > ridge + 1.8) & (y < ridge + 2.3)
                pots = (np.abs(x - stack) < wide) & (y >= ridge + 2.3) & (y < ridge + 3.2) & (((x - stack) % 0.7) < 0.4)
                self.cover[chimney | pots] = 1
                self.albedo[chimney] = (0.48, 0.40, 0.31)
                self.albedo[pots] = (0.42, 0.22, 0.14)
                self._raise(chimney | pots, base - 2.5)

    def _window(self, where, u, y, half, step):
        bars = (np.abs(u) < 0.06) | (np.abs(np.abs(u) - half) < 0.07) | ((y % step) < 0.09)
        self.glass[where] = ~bars[where]
        self.albedo[where] = np.where(bars[where][:, None], (0.45, 0.42, 0.36), (0.02, 0.022, 0.028))
        self.pane[where] = (np.floor(self.x / 4.8 * 2.0) * 12.9898 + np.floor(y / step) * 78.233)[where]

    def _light(self, across, up, out, sunlight, skylight):
        s = FACADE_SCALE
        rows, columns = self.relief.shape
        blocked = np.full_like(self.relief, -99.0)  # how far above the way to the sun the highest obstacle rises
        standing = np.where(self.cover > 0, self.relief, -99)
        for t in np.arange(0.12, 6.0, 0.16):
            dx, dy = round(across * t * s), round(up * t * s)
            ys, yd = slice(max(dy, 0), rows + min(dy, 0)), slice(max(-dy, 0), rows - max(dy, 0))
            xs, xd = slice(max(dx, 0), columns + min(dx, 0)), slice(max(-dx, 0), columns - max(dx, 0))
            above = standing[ys, xs] - self.relief[yd, xd] - t * out - 0.02
            np.maximum(blocked[yd, xd], above, out=blocked[yd, xd])
        shadow = smoothstep(0.0, 0.10, blocked)
        soft = np.clip(self.relief, -3, 3)
        closed = np.clip(ndimage.gaussian_filter(soft, 0.9 * s) - soft, 0, None)
        closed += np.clip(ndimage.gaussian_filter(soft, 0.3 * s) - soft, 0, None)
        open_sky = np.exp(-0.9 * closed)
        gy, gx = np.gradient(ndimage.gaussian_filter(self.relief, 0.8), 1 / s)
        gx, gy = np.clip(gx, -1.2, 1.2), np.clip(gy, -1.2, 1.2)
        facing = (out - gx * across - gy * up) / np.sqrt(1 + gx**2 + gy**2)
        direct = np.clip(facing, 0, None) * (1 - shadow)
        bounce = np.exp(-self.y / 9)[..., None] * np.array([0.16, 0.12, 0.08])
        upward = (0.75 + 0.25 * np.clip(-gy, -1, 1))[..., None]
        self.direct = self.albedo * direct[..., None] * sunlight
        self.ambient = self.albedo * open_sky[..., None] * (skylight * upward + bounce)
        wobble = np.modf(np.abs(np.sin(self.pane) * 43758.5453))[0]
        mirrored = skylight * (0.07 + 0.45 * wobble**4)[..., None]
        lamp = np.array([1.0, 0.62, 0.25]) * ((wobble > 0.95) * 0.55)[..., None]
        self.ambient += (self.glass[..., None] > 0.5) * (open_sky[..., None] * mirrored + lamp)
        self.direct = ndimage.gaussian_filter(self.direct, (0.5, 0.5, 0))
        self.ambient = ndimage.gaussian_filter(self.ambient, (0.5, 0.5, 0))
        self.cover = ndimage.gaussian_filter(self.cover, 0.5)

    def holds(self, across, up):
        """Whether places (metres along and up) are on this picture of a palace at all."""
        return (up >= 0) & (up < self.high - 0.2) & (across >= 0) & (across < self.width)

    def sample(self, across, up, sun):
        """Light from the wall at places (metres along and up), where the share `sun` of direct sunlight arrives."""
        rows, columns = up * FACADE_SCALE, across * FACADE_SCALE
        cover = lookup(self.cover, rows, columns, "nearest")
        light = lookup(self.ambient, rows, columns, "nearest") + sun[:, None] * lookup(
            self.direct, rows, columns, "nearest"
        )
        return light, cover


def person(u, v):
    """Silhouette of somebody walking, 1 high: `u` across, `v` up."""
    head = np.hypot(u - 0.01, (v - 0.93) * 0.80) < 0.055
    neck = (np.abs(u) < 0.022) & (v > 0.82) & (v < 0.9)
    coat = (
        (np.abs(u) < np.where(v > 0.79, 0.135 - 1.3 * (v - 0.79), 0.095 + 0.10 * np.abs(v - 0.62)))
        & (v > 0.42)
        & (v < 0.86)
    )
    stride = 0.115 * (1 - v / 0.45)
    legs = (np.minimum(np.abs(u - stride), np.abs(u + stride)) < 0.030 + 0.03 * v) & (v >= 0) & (v <= 0.45)
    return head | neck | coat | legs


def lamp(u, v):
    """Silhouette of a lamp post, 1 high."""
    pole = (np.abs(u) < 0.010 + 0.012 * (v < 0.2)) & (v >= 0) & (v < 0.84)
    foot = (np.abs(u) < 0.045 - 0.3 * v) & (v >= 0) & (v < 0.1)
    glass = (np.abs(u) < 0.028 + 0.25 * (v - 0.84)) & (v >= 0.84) & (v < 0.94)
    cap = (np.abs(u) < (1 - v) * 0.9) & (v >= 0.94) & (v <= 1)
    return pole | foot | glass | cap


class Court:
    """A glass pyramid in a palace court behind a still pool, late in the afternoon."""

    EYE = np.array([0.0, 1.85, 0.0])
    APEX = np.array([5.0, 18.5, 61.0])
    HALF = 17.0
    BACK, SIDE = 116.0, 60.0  # the palace front stands at z = BACK, its wing at x = SIDE
    WATER = -0.22

    def __init__(self):
        rng = np.random.default_rng(21)
        self.sun = normalise(np.array([-0.84, 0.34, -0.42]))
        self.sunlight = np.array([4.2, 2.85, 1.6])
        self.skylight = np.array([0.20, 0.28, 0.47])
        self.sky = Sky(5, self.sun, (1.25, 1.00, 0.74), (0.055, 0.16, 0.42), (0.72, 0.62, 0.54), cover=-0.72)
        x, y, z = self.sun
        self.facades = [
            Facade(1, 180, [(62, 13), (142, 12)], x, y, -z, self.sunlight, self.skylight),
            Facade(2, 84, [(9, 9)], -z, y, -x, self.sunlight, self.skylight),
        ]
        self.stains = wrapped_noise(rng, (1024, 1024), 1.3)
        ripple = wrapped_noise(rng, (1024, 1024), 1.9)
        self.ripples = np.stack(np.gradient(ripple), -1)
        self.ripples /= self.ripples.std()
        self.slabs = rng.standard_normal((256, 256))
        self.pane_tilt = rng.standard_normal((64, 64, 4, 3))
        self.things = [  # silhouette, x, z, height, colour
            (person, -9.5, 42.0, 1.75, (0.10, 0.07, 0.07)),
            (person, -8.7, 42.3, 1.66, (0.28, 0.06, 0.05)),
            (person, -21.0, 50.0, 1.8, (0.06, 0.07, 0.10)),
            (person, 19.5, 39.5, 1.72, (0.07, 0.08, 0.12)),
            (person, 15.0, 27.5, 1.7, (0.09, 0.07, 0.06)),
            (person, 15.9, 27.9, 1.62, (0.33, 0.28, 0.20)),
            (person, 30.0, 56.0, 1.75, (0.10, 0.09, 0.09)),
            (person, -30.0, 62.0, 1.75, (0.12, 0.10, 0.09)),
            (lamp, -3.2, 1.6, 5.6, (0, 0, 0)),
            (lamp, 12.2, 21.5, 5.6, (0.035, 0.04, 0.04)),
            (lamp, 22.0, 45.0, 5.6, (0.05, 0.055, 0.055)),
            (lamp, -27.0, 45.0, 5.6, (0.05, 0.055, 0.055)),
            (lamp, 33.0, 72.0, 5.6, (0.08, 0.08, 0.08)),
            (lamp, -39.0, 72.0, 5.6, (0.08, 0.08, 0.08)),
        ]
        self.things.sort(key=lambda thing: -thing[2])

    def pool(self, x, z):
        """Signed distance to the pool's edge on the ground, negative inside."""
        slant = (x - 0.8) * 0.9 - (z - 5.0) * 0.43
        return np.maximum.reduce([z - 38.0, 2.0 - z, -60.0 - x, slant])

    def enter_pyramid(self, o, d):
        """Where rays enter and leave the pyramid: two distances, two faces, and whether they meet it at all.

        Faces: 0 front, 1 back, 2 left, 3 right, 4 floor.
        """
        slope = self.APEX[1] / self.HALF
        normals = np.array([[0, 1, -slope], [0, 1, slope], [-slope, 1, 0], [slope, 1, 0], [0, -1, 0]], float)
        into, out = np.full(len(d), -np.inf), np.full(len(d), np.inf)
        first, last = np.zeros(len(d), int), np.zeros(len(d), int)
        for face, n in enumerate(normals):
            level = n @ self.APEX if face < 4 else 0.0
            speed = d @ n
            t = (level - o @ n) / np.where(np.abs(speed) < 1e-9, 1e-9, speed)
            entering = (speed < 0) & (t > into)
            leaving = (speed >= 0) & (t < out)
            into, first = np.where(entering, t, into), np.where(entering, face, first)
            out, last = np.where(leaving, t, out), np.where(leaving, face, last)
        return into, out, first, last, (into < out) & (out > 0)

    def glazing(self, p, face, blur):
        """Bars of the glass at points `p`: how much bar (0..1), and which pane."""
        across = np.where(face < 2, p[:, 0] - self.APEX[0], p[:, 2] - self.APEX[2])
        rise = p[:, 1] * self.HALF / self.APEX[1]
        pitch = 2 * self.HALF / 18
        one, two = (across + rise) / pitch + 40, (across - rise) / pitch + 40
        near = np.minimum(*(np.abs(k - np.round(k)) * pitch for k in (one, two)))
        edge = self.HALF - rise - np.abs(across)
        bar = np.maximum(1 - smoothstep(0.05, 0.05 + blur, near), 1 - smoothstep(0.16, 0.16 + blur, edge))
        return bar, one.astype(int) % 64, two.astype(int) % 64

    def skyline(self, p):
        """Share of sunlight that buildings out of the picture on the left, and clouds, leave to points `p`."""
        reach = (p[:, 0] + 88) / -self.sun[0]
        height = p[:, 1] + reach * self.sun[1]
        where = p[:, 2] + reach * self.sun[2]
        roofs = 27 + 5 * smoothstep(-0.15, 0.15, np.sin(where / 7.5 + 0.6)) + 3 * (np.modf(where / 9.3 + 40)[0] > 0.8)
        cloud = lookup(self.stains, where * 2.2 + 130, height * 3.4 + 610)
        return smoothstep(-0.5, 0.5, height - roofs) * (0.42 + 0.58 * smoothstep(-0.9, 0.3, cloud))

    def sunny(self, p):
        """Share of direct sunlight that reaches points near the ground."""
        toward = np.broadcast_to(self.sun, p.shape)
        into, out, first, last, hit = self.enter_pyramid(p + 1e-3 * toward, toward)
        hit &= into > 0.01
        light = np.ones(len(p))
        if hit.any():
            q, r = p[hit], toward[hit]
            bars = [self.glazing(q + r * t[hit, None], face[hit], 0.25)[0] for t, face in ((into, first), (out, last))]
            light[hit] = 0.5 * (1 - 0.55 * bars[0]) * (1 - 0.55 * bars[1])
        light *= self.skyline(p)
        flat = self.sun[[0, 2]] / np.hypot(self.sun[0], self.sun[2])
        climb = self.sun[1] / np.hypot(self.sun[0], self.sun[2])
        for shape, x, z, tall, _ in self.things:
            dx, dz = x - p[:, 0], z - p[:, 2]
            along = dx * flat[0] + dz * flat[1]
            across = dz * flat[0] - dx * flat[1]
            close = (along > 0) & (along < tall / climb) & (np.abs(across) < 1)
            v = (along[close] * climb + p[close, 1]) / tall
            light[close] *= 1 - 0.95 * shape(across[close] / tall, v)
            near = (np.abs(dx) < 2.5) & (np.abs(dz) < 2.5)
            light[near] *= 1 - 0.5 * np.exp(-((np.hypot(dx[near], dz[near]) / 0.35) ** 2))
        return light

    def shade_ground(self, p, d, distance, glossy):
        """Light from paving at points `p` seen along `d`; `glossy` adds what the wet stone mirrors."""
        x, z = p[:, 0], p[:, 2]
        blur = 0.004 + distance**2 / 1300 / 1.85
        row = np.floor(z / 0.55)
        shift = x / 0.85 + 0.37 * row
        slab = self.slabs[row.astype(int) % 256, np.floor(shift).astype(int) % 256]
        near = np.minimum(np.abs(z / 0.55 - np.round(z / 0.55)) * 0.55, np.abs(shift - np.round(shift)) * 0.85)
        joint = (1 - smoothstep(0.007, 0.015 + 0.6 * blur, near)) * np.clip(0.03 / blur, 0.05, 1)
        # bands of darker stone divide the court
        band = (np.abs((x + 200) % 11 - 5.5) < 0.55) | (np.abs((z + 3) % 11 - 5.5) < 0.55)
        stain = (
            lookup(self.stains, z * 9, x * 9) * 0.6
            + lookup(self.stains, z * 55, x * 55) * np.clip(0.1 / blur, 0, 1) * 0.6
            + lookup(self.stains, z * 240, x * 240) * np.clip(0.02 / blur, 0, 1) * 0.7
        )
        edge = self.pool(x, z)
        rim = edge < 0.7
        tone = np.where(rim, 0.40, np.where(band, 0.23, 0.31)) * (1 + 0.13 * slab * ~rim + 0.13 * stain)
        tone = tone * (1 - 0.4 * rim * (np.abs((z / 1.6) % 1 - 0.5) < 0.004 + blur / 5))
        tone = tone * (1 - 0.6 * joint * ~rim) * (1 - 0.45 * (np.abs(edge - 0.72) < 0.04))
        albedo = tone[:, None] * np.array([1.0, 0.93, 0.84])
        light = self.sunny(p)[:, None] * self.sun[1] * self.sunlight
        shut = 1 - 0.5 * np.exp(-np.maximum(self.BACK - z, 0) / 5)
        colour = albedo * (light + self.skylight * 0.85 * shut[:, None])
        if not glossy:
            return colour
        wet = smoothstep(0.25, 1.3, lookup(self.stains, z * 3.1 + 300, x * 3.1)) * ~rim
        mirror = d * np.array([1, -1, 1]) + 0.010 * self.slabs[
            row.astype(int) % 256, np.floor(shift).astype(int) % 256
        ][:, None] * [0, 1, 0]
        mirror[:, 1] += 0.012 * stain
        mirror[:, 1] = np.maximum(mirror[:, 1], 0.002)
        sheen = 0.02 + 0.98 * (1 - np.clip(-d[:, 1], 0, 1)) ** 5
        share = sheen * (0.16 + 0.70 * wet)
        return colour * (1 - 0.35 * wet[:, None]) * (1 - share[:, None]) + share[:, None] * self.trace(
            p, normalise(mirror), ground=False
        )

    def shade_water(self, p, d, distance, glass):
        """Light from the pool at points `p` seen along `d`: what its ripples mirror, over dark water."""
        x, z = p[:, 0], p[:, 2]
        calm = 0.35 + 0.65 * smoothstep(-0.8, 0.9, lookup(self.stains, z * 4 + 500, x * 1.6 + 200))
        wave = lookup(self.ripples, z * 30, x * 30) * 0.006 + lookup(self.ripples, z * 95 + 77, x * 95) * 0.004
        wave += lookup(self.ripples, z * 9 + 300, x * 5) * 0.006
        wave = wave * (calm / (1 + distance / 60))[:, None]
        normal = normalise(np.stack([-wave[:, 1], np.ones(len(p)), -wave[:, 0]], -1))
        facing = np.clip(-(d * normal).sum(-1), 0.001, 1)
        bounce = d + 2 * facing[:, None] * normal
        bounce[:, 1] = np.maximum(bounce[:, 1], 0.004)
        share = (0.04 + 0.96 * (1 - facing) ** 4)[:, None]
        deep = np.array([0.035, 0.060, 0.060]) * (1 + 0.15 * lookup(self.stains, z * 20, x * 20))[:, None]
        light = 0.7 + 0.45 * self.sunny(p)[:, None]
        return deep * light * (1 - share) + share * self.trace(p, normalise(bounce), ground=False, glass=glass) * 0.93

    def shade_glass(self, o, d, into, out, first, last):
        """Light from the pyramid along rays that enter it at distance `into` and leave it at `out`."""
        p, q = o + into[:, None] * d, o + out[:, None] * d
        slope = self.APEX[1] / self.HALF
        normals = normalise(np.array([[0, 1, -slope], [0, 1, slope], [-slope, 1, 0], [slope, 1, 0], [0, -1, 0]], float))
        bar, one, two = self.glazing(p, first, 0.03 + into * 0.0007)
        normal = normalise(normals[first] + 0.012 * self.pane_tilt[one, two, first % 4])
        facing = np.clip(-(d * normal).sum(-1), 0, 1)
        bounce = d + 2 * facing[:, None] * normal
        mirrored = self.trace(p, normalise(bounce), ground=False, glass=False)
        mirrored[bounce[:, 1] < 0] = (0.5, 0.45, 0.38)  # the sunlit paving, roughly
        share = np.clip(0.24 + 0.76 * (1 - facing) ** 4, 0, 1) + 0.06 * self.pane_tilt[one, two, first % 4][:, 0] * 0.5
        share = np.clip(share, 0.03, 1)[:, None]
        behind = self.trace(q, d, glass=False)
        inner, _, _ = self.glazing(q, last, 0.10)
        inner = np.where(last == 4, 0, inner)
        floor = last == 4
        tint = np.array([0.21, 0.28, 0.31])
        through = behind * tint * (1 - 0.5 * inner[:, None])
        warm = np.array([0.95, 0.62, 0.30]) * (0.22 * np.exp(-p[:, 1] / 2.6) + 0.01)[:, None]
        through = np.where(floor[:, None], through * 0.8 + warm * 0.3, through) + warm * 0.5
        glass = through * (1 - share) + mirrored * share * 1.1
        lit = np.clip(normals[first] @ self.sun, 0, 1)[:, None]
        metal = np.array([0.26, 0.27, 0.28]) * (0.3 * self.skylight + 0.4 * lit * self.sunlight)
        glint = np.clip((normalise(bounce) * self.sun).sum(-1), 0, 1)[:, None] ** 60
        glass = glass + glint * self.sunlight * 0.5 + 0.01 * lit * self.sunlight
        return mix(glass, metal, 0.85 * bar[:, None])

    def haze(self, colour, distance):
        """Distant things fade into the colour of the air."""
        return mix(colour, np.array([0.66, 0.62, 0.60]), (1 - np.exp(-distance / 620))[:, None])

    def trace(self, o, d, ground=True, glass=True):
        """Light (N, 3) that arrives along rays from `o` (N, 3) in directions `d` (N, 3)."""
        colour = np.zeros_like(d)
        open_sky = ~((d[:, 1] < -1e-6) & (o[:, 1] > 0) & ground)  # paving hides the sky from the other rays
        colour[open_sky] = self.sky(d[open_sky])
        forward = np.where(np.abs(d[:, 2]) < 1e-9, 1e-9, d[:, 2])
        aside = np.where(np.abs(d[:, 0]) < 1e-9, 1e-9, d[:, 0])
        nearest = np.full(len(d), np.inf)
        for facade, t in (
            (self.facades[0], (self.BACK - o[:, 2]) / forward),
            (self.facades[1], (self.SIDE - o[:, 0]) / aside),
        ):
            hit = np.flatnonzero((t > 0) & (t < nearest) & (t < 500))
            p = o[hit] + t[hit, None] * d[hit]
            across = p[:, 0] + 90 if facade is self.facades[0] else self.BACK - p[:, 2]
            inside = facade.holds(across, p[:, 1])
            hit, p, across = hit[inside], p[inside], across[inside]
            paint, cover = facade.sample(across, p[:, 1], self.skyline(p))
            colour[hit] = mix(colour[hit], self.haze(paint, t[hit]), cover[:, None])
            solid = hit[cover > 0.5]
            nearest[solid] = t[solid]
        if ground:
            t = -o[:, 1] / np.where(d[:, 1] < -1e-6, d[:, 1], -1e-6)
            hit = np.flatnonzero((d[:, 1] < -1e-6) & (t > 0) & (t < nearest))
            nearest[hit] = t[hit]
            p = o[hit] + t[hit, None] * d[hit]
            edge = self.pool(p[:, 0], p[:, 2])
            dry, wet = edge > 0, edge <= 0
            colour[hit[dry]] = self.haze(self.shade_ground(p[dry], d[hit[dry]], t[hit[dry]], glass), t[hit[dry]])
            hit = hit[wet]
            t = (self.WATER - o[hit, 1]) / d[hit, 1]
            p = o[hit] + t[:, None] * d[hit]
            wall = self.pool(p[:, 0], p[:, 2]) > 0
            shown = self.shade_water(p[~wall], d[hit[~wall]], t[~wall], glass)
            colour[hit[~wall]] = self.haze(shown, t[~wall])
            colour[hit[wall]] = np.array([0.13, 0.11, 0.09])
        if glass:
            into, out, first, last, hit = self.enter_pyramid(o, d)
            hit = np.flatnonzero(hit & (into > 0) & (into < nearest))
            shown = self.shade_glass(o[hit], d[hit], into[hit], out[hit], first[hit], last[hit])
            colour[hit] = self.haze(shown, into[hit])
            nearest[hit] = into[hit]
        for shape, x, z, tall, tone in self.things:
            t = (z - o[:, 2]) / forward
            u = (o[:, 0] + t * d[:, 0] - x) / tall
            hit = np.flatnonzero((t > 0) & (t < nearest) & (np.abs(u) < 0.3))
            u, v = u[hit], (o[hit, 1] + t[hit] * d[hit, 1]) / tall
            shown = (v > 0) & (v < 1) & shape(u, v)
            hit, u = hit[shown], u[shown]
            side = smoothstep(0.06, -0.10, u)[:, None] if shape is person else smoothstep(0.01, -0.02, u)[:, None]
            colour[hit] = self.haze(np.array(tone) * (self.skylight + 0.75 * side * self.sunlight), t[hit])
            nearest[hit] = t[hit]
        return colour


def wide_blur(picture, sigma):
    """ndimage.gaussian_filter of each colour of a picture (H, W, 3), sooner where `sigma` is many pixels.

    A filter that mirrors a picture at its edges multiplies each of its cosine waves (DCT-II) by a number: the
    filter's own cosine sum at that frequency.
    """
    waves = fft.dctn(picture, axes=(0, 1))
    reach = int(4 * sigma + 0.5)  # where ndimage cuts the bell off
    steps = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 * (steps / sigma) ** 2)
    for axis, size in enumerate(picture.shape[:2]):
        kept = np.cos(np.pi * np.arange(size)[:, None] * steps / size) @ (bell / bell.sum())
        waves *= np.expand_dims(kept, (1 - axis, 2))
    return fft.idctn(waves, axes=(0, 1))


def film(picture, rng, exposure, grain=0.007, vignette=0.22, saturation=1.15):
    """A photograph (sRGB, 0..1) from linear light: lens glow, film curve, darker corners, grain."""
    h, w = picture.shape[:2]
    bright = np.clip(picture * exposure, 0, 6)
    light = bright + 0.15 * wide_blur(np.clip(bright - 0.8, 0, None), h / 60)
    y, x = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing="ij")
    light *= (1 - vignette * (x**2 + y**2) ** 1.2 / 2)[..., None]
    curve = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    picture = np.clip(curve, 0, 1) ** (1 / 2.2)
    picture = mix(picture, smoothstep(0, 1, picture), 0.25)
    gray = picture.mean(-1, keepdims=True)
    picture = gray + saturation * (picture - gray)
    noise = ndimage.gaussian_filter(rng.standard_normal((h, w)), h / 900)
    return picture + (grain * noise / noise.std())[..., None]


def pyramid(scale=2):
    """A glass pyramid in a palace court after rain, (600 scale, 800 scale, 3) in 0..1."""
    h, w = 600 * scale, 800 * scale
    court = Court()
    focal = w / 2 / np.tan(np.radians(31.5))
    y, x = np.mgrid[:h, :w]
    rays = np.stack([(x + 0.5 - w / 2) / focal, (0.585 * h - y - 0.5) / focal, np.ones((h, w))], -1)
    rays = normalise(rays.reshape(-1, 3))
    light = np.concatenate(
        [court.trace(np.broadcast_to(court.EYE, part.shape), part) for part in np.array_split(rays, 8)]
    )
    return film(light.reshape(h, w, 3), np.random.default_rng(1), 0.66)


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
