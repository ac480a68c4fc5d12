"""What stands in the court of the glass pyramid: the fronts of a palace, people and lamps."""

import copy

import numpy as np
from scipy import ndimage

from tools.pictures.drawing import fractal, smoothstep
from tools.pictures.photograph import lookup

FACADE_SCALE = 14  # texture pixels per metre of palace wall


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
