"""A mosaic of cut stones."""

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from tools.pictures.drawing import fractal, hexes, mix, smoothstep


def mosaic():
    """Two fish in a ring of waves: tesserae laid in rows that follow the drawing, gold among the glass."""
    rng = np.random.default_rng(8)
    h, w, size = 600, 800, 13.0
    y, x = np.mgrid[:h, :w].astype(float) + 0.5

    def fish(cx, cy, turn, scale):
        """Signed distance (pixels, roughly) to a fish, with places along and across it, 1 at its nose and back."""
        c, s = np.cos(turn), np.sin(turn)
        a, b = ((x - cx) * c + (y - cy) * s) / scale, ((y - cy) * c - (x - cx) * s) / scale
        b = b - 0.10 * np.sin(2.2 * a)
        trunk = np.abs(b) - 0.36 * np.sqrt(np.clip(1 - a**2, 0, 1)) * (0.72 + 0.28 * a)
        trunk = np.where(np.abs(a) > 1, np.hypot(np.abs(a) - 1, b), trunk)
        tail = np.maximum(
            np.abs(b) - 0.42 * (-0.78 - a) - 0.07,
            np.maximum(-1.42 - a + 0.32 * np.abs(np.abs(b) - 0.3), a + 0.74),
        )
        fin = np.maximum.reduce([-b - 0.62 + 0.5 * (a - 0.1) ** 2 * 2, b + 0.26, np.abs(a - 0.02) - 0.42])
        return np.minimum.reduce([trunk, tail, fin]) * scale, a, b, trunk * scale

    shapes = [fish(425, 205, 0.12, 165), fish(375, 395, 0.12 + np.pi, 165)]
    ring = np.hypot((x - 400) / 1.22, y - 300)
    body = np.minimum(shapes[0][0], shapes[1][0])
    outer = 262 - ring
    level = np.where(outer > 0, np.where(np.abs(body) < outer, body, outer), outer)

    # points relaxed to cell centres, and drawn onto rows at even distances from the outlines
    points = rng.uniform(0, 1, (int(h * w / size**2), 2)) * [h, w]
    down, right = np.gradient(ndimage.gaussian_filter(level, 1.5))
    steep = np.maximum(down**2 + right**2, 0.15)
    pixels = np.stack([y[::2, ::2].ravel(), x[::2, ::2].ravel()], -1)
    for sweep in range(9):
        nearest = cKDTree(points).query(pixels)[1]
        count = np.maximum(np.bincount(nearest, minlength=len(points)), 1)
        points = np.stack([np.bincount(nearest, pixels[:, k], len(points)) / count for k in (0, 1)], -1)
        i, j = np.clip(points[:, 0].astype(int), 0, h - 1), np.clip(points[:, 1].astype(int), 0, w - 1)
        row = (np.floor(level[i, j] / size) + 0.5) * size
        step = 0.8 * (row - level[i, j]) / steep[i, j]
        points += np.clip(np.stack([step * down[i, j], step * right[i, j]], -1), -5, 5) * (sweep < 8)
        points = np.clip(points, 0.5, [h - 0.5, w - 0.5])
    edge, cell = cKDTree(points).query(np.stack([y, x], -1), 2)
    cell = cell[..., 0]
    gap = (edge[..., 1] - edge[..., 0]) / 2
    i, j = points[:, 0].astype(int), points[:, 1].astype(int)

    blues = hexes("0e3a5c", "14547c", "1c7a94", "3fa3a8", "86cfc0")
    rows = np.floor(level / size)
    sea = blues[np.clip(np.abs((rows * 1.0) % 8 - 4), 0, 4).astype(int)]
    gold = hexes("d9a436")[0]
    turn = np.arctan2(y - 300, (x - 400) / 1.22)
    scroll = np.sin(14 * turn + 0.045 * (ring - 285) * 2.2)
    band = np.where((scroll > 0)[..., None], hexes("8f2d25")[0], hexes("ece2c8")[0])
    picture = np.where((outer > 0)[..., None], sea, band)
    picture = np.where(((outer <= 0) & (outer > -13))[..., None], gold, picture)
    picture = np.where((outer < -78)[..., None], hexes("33404a")[0], picture)
    picture = np.where(((outer < -65) & (outer > -78))[..., None], gold, picture)
    for near, a, b, trunk in shapes:
        scales = np.sin(a * 22) * np.sin(b * 26)
        coat = mix(hexes("e8762c")[0], hexes("f6d27a")[0], smoothstep(-0.1, 0.32, b)[..., None])
        coat = mix(coat, hexes("b5341f")[0], smoothstep(0.05, -0.32, b)[..., None])
        coat = np.where((scales > 0.45)[..., None], coat * 0.72, coat)
        coat = np.where((np.abs(a - 0.52 - 0.25 * b**2) < 0.045)[..., None], hexes("7a1c1c")[0], coat)
        coat = np.where(
            (trunk > 2)[..., None],
            mix(hexes("c8452a")[0], gold, (0.5 + 0.5 * np.sin(38 * b))[..., None]),
            coat,
        )
        picture = np.where((near < 0)[..., None], coat, picture)
        picture = np.where((np.hypot(a - 0.73, b + 0.07) < 0.085)[..., None], hexes("fbf3e0")[0], picture)
        picture = np.where((np.hypot(a - 0.735, b + 0.07) < 0.045)[..., None], hexes("101018")[0], picture)
    colour = picture[i, j] * np.exp(0.15 * rng.standard_normal((len(points), 1))) + 0.025 * rng.standard_normal(
        (len(points), 3)
    )
    gilded = np.abs(picture[i, j] - gold).sum(-1) < 0.01
    tilt = rng.normal(0, 0.22, (len(points), 2))
    glint = np.clip(0.5 + 1.6 * (tilt[:, 0] + tilt[:, 1]), 0, 1) ** 3
    colour[gilded] *= (0.75 + 0.75 * glint[gilded])[:, None]

    chip = 0.45 * fractal(rng, (h, w), 5, 3)
    joint = 1.35 + 0.35 * chip
    dome = np.clip((gap - joint) / 2.6, 0, 1)
    away = (y - points[cell, 0]) * tilt[cell, 0] + (x - points[cell, 1]) * tilt[cell, 1]
    relief = 2.2 * (1 - (1 - dome) ** 2) + 0.30 * away + 0.15 * chip
    down, right = np.gradient(ndimage.gaussian_filter(relief, 0.5))
    slope = down + right
    stone = colour[cell] * np.clip(1 + 0.30 * slope, 0.5, 1.5)[..., None]
    stone *= (1 + 0.06 * fractal(rng, (h, w), 4, 3))[..., None]
    stone += (0.35 * np.clip(slope - 0.55, 0, 1))[..., None]
    mortar = hexes("b8aa92")[0] * (0.62 + 0.10 * fractal(rng, (h, w), 3, 2))[..., None]
    return mix(mortar, stone, smoothstep(joint - 0.5, joint + 0.5, gap)[..., None])
