"""Poured paint."""

import numpy as np
from scipy import ndimage

from tools.pictures.drawing import fractal, hexes, mix, smoothstep


def fluid():
    """Poured paint: ribbons folded by a flow, veins of gold, cells that open where colours meet."""
    rng = np.random.default_rng(62)
    h, w = 600, 800
    y, x = np.mgrid[:h, :w].astype(float)
    fold_y, fold_x = y.copy(), x.copy()
    for scale, push in ((330, 150), (170, 70), (80, 22), (34, 6)):
        stream = fractal(rng, (h + 400, w + 400), scale, 2)
        down, right = np.gradient(stream)
        at = [fold_y + 200, fold_x + 200]
        strength = push * scale / 2.2
        fold_y, fold_x = (
            fold_y + strength * ndimage.map_coordinates(right, at, order=1, mode="reflect") / 2,
            fold_x - strength * ndimage.map_coordinates(down, at, order=1, mode="reflect") / 2,
        )
    ribbons = fractal(rng, (h + 600, w + 600), (60, 260), 4)
    n = ndimage.map_coordinates(ribbons, [fold_y + 300, fold_x + 300], order=1, mode="reflect")
    n = n + 0.35 * np.sin(fold_y / 38) + 0.0015 * (fold_x - 400)
    palette = hexes(
        "071a3a",
        "0b3c6f",
        "0f7c8c",
        "5cc4b4",
        "f6ead2",
        "f2a65a",
        "d8432e",
        "7a1f4f",
        "2a1140",
        "0d2a5c",
        "2fa6b0",
        "fff3df",
    )
    place = (n - n.min()) / (n.max() - n.min())
    place = np.argsort(np.argsort(place, axis=None)).reshape(h, w) / (h * w) * (len(palette) - 1.001)
    low = place.astype(int)
    blend = smoothstep(0.32, 0.68, place - low)
    picture = mix(palette[low], palette[low + 1], blend[..., None])
    streaks = np.sin(place * 55) * 0.5 + fractal(rng, (h, w), 6, 3) * 0.08
    picture *= (1 + 0.07 * streaks)[..., None]
    height = 0.5 * np.abs(blend - 0.5) + 0.06 * streaks
    seeds = rng.uniform(0, 1, (900, 2)) * [h, w]
    wet = smoothstep(0.3, 1.3, fractal(rng, (h, w), 110, 2))
    crinkle = fractal(rng, (h, w), 14, 2)
    radius = rng.gamma(1.3, 4.5, len(seeds)) + 2
    radius *= wet[seeds[:, 0].astype(int), seeds[:, 1].astype(int)]
    for (cy, cx), size in zip(seeds, radius, strict=True):
        if size < 2:
            continue
        i0, i1 = max(int(cy - 2 * size), 0), min(int(cy + 2 * size) + 1, h)
        j0, j1 = max(int(cx - 2 * size), 0), min(int(cx + 2 * size) + 1, w)
        part = (slice(i0, i1), slice(j0, j1))
        pull = np.hypot(y[part] - cy, x[part] - cx) * (1 + 0.10 * crinkle[part]) / size
        colour = palette[(low[int(cy), int(cx)] + 3 + int(size) % 5) % len(palette)]
        lace = np.exp(-(((pull - 1.08) / 0.13) ** 2))[..., None]
        picture[part] = mix(picture[part], colour, 0.92 * smoothstep(1.06, 0.9, pull)[..., None])
        picture[part] = mix(picture[part], hexes("fff6e4")[0], 0.85 * lace)
        height[part] += 0.25 * lace[..., 0] - 0.12 * smoothstep(1.05, 0.85, pull)
    vein = np.exp(-(((place - 6.5) / 0.045) ** 2)) + np.exp(-(((place - 3.5) / 0.03) ** 2))
    gold = hexes("c9922e")[0] * (1 + 0.35 * fractal(rng, (h, w), 4, 3))[..., None]
    picture = mix(picture, gold, np.clip(vein, 0, 1)[..., None])
    height += 0.25 * vein
    down, right = np.gradient(ndimage.gaussian_filter(height, 1.2))
    slope = down + right
    picture = picture * np.clip(1 + 1.6 * slope, 0.6, 1.5)[..., None]
    return picture + (0.9 * np.clip(slope - 0.06, 0, 0.3))[..., None]
