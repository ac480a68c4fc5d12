"""A glass pyramid in a palace court, ray-traced with NumPy."""

import numpy as np

from tools.pictures.drawing import mix, smoothstep
from tools.pictures.palace import Facade, lamp, person
from tools.pictures.photograph import Sky, film, lookup, normalise, wrapped_noise


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
