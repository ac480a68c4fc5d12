"""Render the course's own pictures into images/: python tools/make_images.py [names...] [--out DIR]"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

IMAGES = Path(__file__).resolve().parent.parent / "images"


def smoothstep(low, high, x):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a, b, t):
    return a + (np.asarray(b) - a) * t


def spline_upsample(coarse, size, spacing, axis):
    """Uniform cubic B-spline along one axis: one coarse sample every `spacing` pixels, four taps per pixel."""
    place = np.arange(size) / spacing
    start = place.astype(int)
    t = place - start
    taps = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    across = (-1, 1) if axis == 0 else (1, -1)
    return sum(np.take(coarse, start + k, axis) * (tap / 6).reshape(across) for k, tap in enumerate(taps))


def fractal(rng, shape, scale, octaves=5, gain=0.5):
    total = np.zeros(shape)
    sy, sx = scale if np.iterable(scale) else (scale, scale)
    for octave in range(octaves):
        coarse = rng.standard_normal((int(shape[0] / sy) + 5, int(shape[1] / sx) + 5))
        layer = spline_upsample(spline_upsample(coarse, shape[0], sy, 0), shape[1], sx, 1)
        total += gain**octave * layer
        sy, sx = max(sy / 2, 1), max(sx / 2, 1)
    return (total - total.mean()) / total.std()


def srgb(linear):
    return np.clip(linear, 0, 1) ** (1 / 2.2)


def save(path, picture, size=None):
    image = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    if size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    image.save(path, quality=90, subsampling=0)


class Canvas:
    def __init__(self, colour):
        self.colour = np.array(colour, float)
        self.height = np.zeros(self.colour.shape[:2])

    def stroke(self, rng, x, y, angle, length, width, colour, bend=0.0, opacity=0.95):
        h, w = self.height.shape
        reach = int(np.hypot(length, width) + abs(bend) * width + 2)
        x0, x1 = max(int(x) - reach, 0), min(int(x) + reach + 1, w)
        y0, y1 = max(int(y) - reach, 0), min(int(y) + reach + 1, h)
        if x0 >= x1 or y0 >= y1:
            return
        c, s = np.cos(angle), np.sin(angle)
        dx = np.arange(x0, x1)[None, :] - x
        dy = np.arange(y0, y1)[:, None] - y
        u = (dx * c + dy * s) / length
        v = (dy * c - dx * s) / width + bend * u * u
        bristle = rng.standard_normal(24)
        bristle = bristle + np.roll(bristle, 1)
        place = np.clip((v + 1.2) * 9.5, 0, 22.99)
        hair = bristle[place.astype(int)]
        alpha = np.clip((1 - v * v) * 3, 0, 1) * np.clip((1 - np.abs(u) + 0.09 * hair) * 5, 0, 1)
        alpha *= opacity * np.clip(1.05 - 0.10 * np.abs(hair) * (u + 1), 0.35, 1)
        paint = np.asarray(colour) * (1 + 0.05 * hair)[..., None]
        patch = (slice(y0, y1), slice(x0, x1))
        self.colour[patch] += (paint - self.colour[patch]) * alpha[..., None]
        ridge = 0.6 + 0.22 * hair + 0.5 * v * v + 0.4 * np.clip(u, 0, 1) ** 3
        self.height[patch] += (0.35 * self.height[patch] + ridge - self.height[patch]) * alpha

    def lit(self, depth=0.35, gloss=0.15):
        z = ndimage.gaussian_filter(self.height, 0.8)
        gy, gx = np.gradient(z)
        light = 1 - depth * (gx + gy) * 1.6
        shine = np.clip(-(gx + gy) - 0.25, 0, 1) * gloss
        return np.clip(self.colour * light[..., None] + shine[..., None], 0, 1)


def paint_layers(rng, canvas, target, angle, layers, jitter=0.06, bend=0.25):
    h, w = canvas.height.shape
    for spacing, length, width in layers:
        soft = ndimage.gaussian_filter(target, (width * 0.6, width * 0.6, 0))
        count = int(h * w / spacing**2)
        xs, ys = rng.uniform(0, w, count), rng.uniform(0, h, count)
        for x, y in zip(xs, ys, strict=True):
            i, j = int(y), int(x)
            colour = np.clip(soft[i, j] * (1 + jitter * rng.standard_normal()) +
                             jitter * rng.standard_normal(3), 0, 1)
            canvas.stroke(rng, x, y, angle[i, j] + 0.2 * rng.standard_normal(),
                          length * rng.uniform(0.6, 1.2), width * rng.uniform(0.7, 1.2), colour,
                          bend * rng.standard_normal())


def grid(h, w):
    return np.meshgrid((np.arange(h) + 0.5) / h, (np.arange(w) + 0.5) / h, indexing="ij")


def clouds_sky(rng, h, w, horizon):
    y, x = grid(h, w)
    sky = mix(np.array([0.85, 0.75, 0.62]), np.array([0.25, 0.45, 0.75]), smoothstep(horizon, 0, y)[..., None])
    d = fractal(rng, (h, w), (h / 5, h / 2.5), 7, 0.55)
    body = smoothstep(0.1, 1.4, d)
    lit = np.clip(0.75 + 0.3 * (d - np.roll(d, (int(h * .03), int(h * .03)), (0, 1))), 0.3, 1.1)
    return mix(sky, lit[..., None] * np.array([1.0, 0.95, 0.88]), body[..., None])


def pyramid():
    rng = np.random.default_rng(1)
    h, w = 1200, 1600
    y, x = grid(h, w)
    p = clouds_sky(rng, h, w, 0.55)
    front = (y > 0.38) & (y < 0.62)
    wx = (x * 24) % 1
    window = (np.abs(wx - 0.5) < 0.25) & (((y - 0.38) * 12) % 1 > 0.3)
    wall = np.where(window[..., None], [0.2, 0.2, 0.25], [0.82, 0.72, 0.55]) * (1 + 0.05 * fractal(rng, (h, w), 40))[..., None]
    p = np.where(front[..., None], wall, p)
    inside = (y > 0.25) & (y < 0.62) & (np.abs(x - 0.72) < (y - 0.25) * 0.9)
    lines = np.minimum(np.abs(((x - 0.72) / 0.9 + y) * 20 % 1 - 0.5), np.abs(((x - 0.72) / 0.9 - y) * 20 % 1 - 0.5)) < 0.05
    p = np.where(inside[..., None], mix(p, np.array([0.55, 0.68, 0.8]), 0.6) * (1 - 0.4 * lines)[..., None], p)
    below = y > 0.62
    src = np.clip(0.62 - (y - 0.62) * 1.2 + 0.01 * fractal(rng, (h, w), (8, 60)), 0, 0.999)
    mirror = ndimage.map_coordinates(p[..., 0], [src * h, x * h], order=1), ndimage.map_coordinates(
        p[..., 1], [src * h, x * h], order=1), ndimage.map_coordinates(p[..., 2], [src * h, x * h], order=1)
    p = np.where(below[..., None], np.stack(mirror, -1) * [0.6, 0.66, 0.72], p)
    return p


def harbour():
    rng = np.random.default_rng(2)
    h, w = 1200, 1600
    y, x = grid(h, w)
    p = clouds_sky(rng, h, w, 0.55)
    for k, top in enumerate([0.32, 0.4, 0.5]):
        ridge = top + 0.06 * fractal(rng, (2, w), 300, 8, 0.5)[0]
        rock = np.array([0.3, 0.35, 0.42]) * (1.3 - 0.35 * k) * (1 + 0.2 * fractal(rng, (h, w), 60))[..., None]
        p = np.where((y > ridge[None])[..., None], rock, p)
    src = np.clip(0.62 - (y - 0.62) * 1.2 + 0.01 * fractal(rng, (h, w), (8, 60)), 0, 0.999)
    mirror = np.stack([ndimage.map_coordinates(p[..., c], [src * h, x * h], order=1) for c in range(3)], -1)
    return np.where((y > 0.62)[..., None], mirror * [0.6, 0.7, 0.75], p)


def impressionist():
    rng = np.random.default_rng(3)
    h, w = 600, 800
    y, x = grid(h, w)
    target = clouds_sky(rng, h, w, 0.45)
    n = fractal(rng, (h, w), 60)
    target = np.where((y > 0.42 - 0.08 * smoothstep(0, 2, n))[..., None], np.array([0.25, 0.38, 0.25]) * (1 + 0.3 * n)[..., None], target)
    field = mix(np.array([0.55, 0.58, 0.25]), np.array([0.3, 0.45, 0.25]), smoothstep(-1, 1, fractal(rng, (h, w), (40, 160)))[..., None])
    target = np.where((y > 0.5)[..., None], field, target)
    red = (fractal(rng, (h, w), (14, 20), 3) > 1.2) & (y > 0.53)
    target = np.where(red[..., None], [0.85, 0.2, 0.12], target)
    angle = np.where(y > 0.5, -1.4, 0.1) + 0.4 * fractal(rng, (h, w), 150, 2)
    canvas = Canvas(np.full((h, w, 3), [0.7, 0.65, 0.5]))
    paint_layers(rng, canvas, np.clip(target, 0, 1), angle, [(14, 36, 10), (9, 22, 6), (6, 14, 3.5)])
    return canvas.lit()


def starry():
    rng = np.random.default_rng(4)
    h, w = 600, 800
    y, x = grid(h, w)
    field = np.stack([0.6 + 0 * x, 0.15 * np.sin(5 * x)])
    glow = np.zeros((h, w))
    for cx, cy, r, s in [(0.55, 0.3, 0.2, 1), (0.9, 0.4, 0.13, -1), (0.2, 0.2, 0.1, 1), (1.15, 0.18, 0.12, 1)]:
        d = np.hypot(x - cx, y - cy) + 1e-6
        f = 2.5 * s * np.exp(-(d / r) ** 2)
        field += np.stack([-(y - cy) / d * f, (x - cx) / d * f])
        glow = np.maximum(glow, np.exp(-(d / r / 0.4) ** 2))
    angle = np.arctan2(field[1], field[0])
    n = fractal(rng, (h, w), (30, 90), 4)
    target = mix(np.array([0.08, 0.14, 0.4]), np.array([0.35, 0.55, 0.75]), smoothstep(-1, 1.5, n)[..., None])
    target = mix(target, np.array([0.98, 0.85, 0.35]), glow[..., None])
    target = np.where((y > 0.75 + 0.05 * np.sin(6 * x))[..., None], [0.08, 0.13, 0.16], target)
    canvas = Canvas(target * 0.7)
    paint_layers(rng, canvas, target, angle, [(13, 32, 7), (8, 24, 4.5), (6, 18, 3)], 0.07, 0.1)
    return canvas.lit(0.5)


def tiles():
    rng = np.random.default_rng(5)
    h, w = 600, 800
    y, x = grid(h, w)
    u, v = (x * 6) % 1 - 0.5, (y * 6) % 1 - 0.5
    r, t = np.hypot(u, v), np.arctan2(v, u)
    d = np.sin(26 * r + 2 * np.cos(8 * t)) * np.cos(4 * t + 9 * r)
    p = mix(np.array([0.93, 0.92, 0.87]), np.array([0.1, 0.22, 0.55]), smoothstep(-0.1, 0.15, d)[..., None])
    p = np.where((np.abs(r - 0.3) < 0.04)[..., None], [0.9, 0.65, 0.15], p)
    edge = np.maximum(np.abs(u), np.abs(v))
    p = p * (1 + 0.03 * fractal(rng, (h, w), 100))[..., None]
    return np.where((edge > 0.48)[..., None], [0.6, 0.57, 0.5], p)


def fluid():
    rng = np.random.default_rng(6)
    h, w = 600, 800
    a, b = fractal(rng, (h, w), 160, 4), fractal(rng, (h, w), 160, 4)
    c = fractal(rng, (h + 200, w + 200), 120, 6)
    iy, ix = np.mgrid[:h, :w]
    n = ndimage.map_coordinates(c, [iy + 100 + 60 * a, ix + 100 + 60 * b], order=1, mode="reflect")
    t = (n * 0.9 + a * 0.3) % 3
    palette = np.array([[0.05, 0.1, 0.3], [0.95, 0.45, 0.15], [0.1, 0.6, 0.6], [0.95, 0.85, 0.7], [0.6, 0.1, 0.3]])
    pos = np.clip((n + 2) / 4, 0, 0.999) * 4
    i = pos.astype(int)
    return mix(palette[i], palette[i + 1], smoothstep(0.3, 0.7, pos - i)[..., None]) * (0.9 + 0.1 * np.sin(t * 20))[..., None]


def woodcut():
    rng = np.random.default_rng(7)
    h, w = 900, 1200
    y, x = grid(h, w)
    tone = smoothstep(0, 0.6, y) * 0.6 + 0.2 + 0.1 * fractal(rng, (h, w), 100)
    sun = np.hypot(x - 0.9, y - 0.3)
    line = np.sin(y * 200 + 8 * fractal(rng, (h, w), 250, 3)) * 0.5 + 0.5
    tone = np.where(sun < 0.15, 1, tone)
    return np.where((line < tone)[..., None], [0.93, 0.87, 0.74], [0.1, 0.08, 0.08])


def mosaic():
    from scipy.spatial import cKDTree
    rng = np.random.default_rng(8)
    h, w = 600, 800
    y, x = grid(h, w)
    points = rng.uniform(0, 1, (2400, 2)) * [1, w / h]
    d, k = cKDTree(points).query(np.stack([y, x], -1), 2)
    grout = d[..., 1] - d[..., 0]
    r = np.hypot(points[:, 0] - 0.5, points[:, 1] - 0.67)
    palette = np.array([[0.1, 0.3, 0.5], [0.8, 0.6, 0.2], [0.7, 0.2, 0.15], [0.85, 0.8, 0.65], [0.1, 0.5, 0.5]])
    colour = palette[(r * 14).astype(int) % 5] * rng.uniform(0.75, 1.15, (2400, 1))
    return np.where((grout < 0.006)[..., None], [0.35, 0.33, 0.3], colour[k[..., 0]])


CONTENT = {"pyramid": pyramid, "lake": harbour}
STYLES = {f.__name__: f for f in (impressionist, starry, tiles, fluid, woodcut, mosaic)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, default=IMAGES)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name, render in {**CONTENT, **STYLES}.items():
        if args.names and name not in args.names:
            continue
        picture = render()
        if name in CONTENT:
            save(args.out / f"{name}.jpg", picture, (800, 600))
            save(args.out / f"{name}_small.jpg", picture, (400, 300))
        else:
            save(args.out / f"{name}.jpg", picture, (400, 300))


if __name__ == "__main__":
    main()
