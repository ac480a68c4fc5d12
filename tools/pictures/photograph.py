"""What the two photograph-like scenes share: textures, a sky, and film.

In space x is right, y up, z away from the camera, in metres.
"""

import numpy as np
from scipy import fft, ndimage

from tools.pictures.drawing import mix, smoothstep


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
