"""A poppy meadow in early summer, in dabs of oil paint."""

import numpy as np
from scipy import ndimage

from tools.pictures.drawing import Canvas, fractal, grid, hexes, mix, paint_layers, smoothstep


def impressionist():
    """A poppy meadow in early summer: dabs of broken colour over sky, poplars, a cottage and a path."""
    rng = np.random.default_rng(3)
    h, w = 600, 800
    y, x = grid(h, w)
    pigments = hexes(
        "f4ead0",
        "8fb2d9",
        "5b83bd",
        "c9b8d8",
        "e9c46a",
        "a7b85a",
        "5d8a4a",
        "2f5a45",
        "8d6aa0",
        "d9482b",
        "efb7a0",
        "6fa39a",
        "f6d98a",
    )
    drift = fractal(rng, (h, w), (110, 240), 3)
    haze = fractal(rng, (h, w), (70, 150), 6, 0.6) - 0.12 + 1.2 * (y - 0.2)
    sky = mix(hexes("4d7fc4")[0], hexes("b9d3e6")[0], smoothstep(0.0, 0.42, y)[..., None])
    white = mix(
        hexes("b6a9cc")[0],
        hexes("fff4da")[0],
        smoothstep(-0.5, 0.8, haze - np.roll(haze, (-14, -14), (0, 1)) + 0.35)[..., None],
    )
    target = mix(sky, white, smoothstep(0.0, 0.75, haze)[..., None])
    angle = 0.15 + 0.55 * drift
    crest = 0.435 + 0.012 * np.sin(4 * x + 1) + 0.006 * fractal(rng, (1, w), 60)
    hills = y > crest - 0.035 - 0.03 * np.exp(-(((x - 0.55) / 0.3) ** 2))
    target[hills] = hexes("8a9cc4")[0]
    angle[hills] = 0.1
    lawn = y > crest
    far = smoothstep(0.43, 1.0, y)
    sweep = fractal(rng, (h, w), (26, 150), 4, 0.6)
    grass = mix(hexes("a9b765")[0], hexes("6f9150")[0], smoothstep(-0.9, 0.9, sweep)[..., None])
    grass = mix(grass, hexes("d9c878")[0], smoothstep(0.5, 1.6, fractal(rng, (h, w), (30, 200), 3))[..., None])
    grass = mix(grass, hexes("4c6f58")[0], (0.75 * smoothstep(0.5, 1.6, -sweep))[..., None])
    bend_x = 0.86 - 0.55 * np.clip(y - 0.45, 0, 1)
    target = np.where(lawn[..., None], grass, target)
    angle = np.where(lawn, -1.45 + 0.75 * (x - 0.6) * far + 0.25 * drift, angle)
    road = np.abs(x - bend_x - 0.02 * np.sin(22 * y)) < 0.012 + 0.13 * np.clip(y - 0.45, 0, 1)
    road &= lawn
    sand = mix(
        hexes("e8d3a8")[0],
        hexes("b49cb8")[0],
        smoothstep(-0.3, 1.2, fractal(rng, (h, w), (14, 60), 3))[..., None],
    )
    target = np.where(road[..., None], sand, target)
    angle = np.where(road, 0.15 + 0.2 * drift, angle)
    dark, light = hexes("2e4a4a", "a3b552")
    hedge = [
        (k, 0.425 + 0.01 * rng.standard_normal(), 0.05, 0.032 + 0.012 * rng.random()) for k in np.arange(0, 1.4, 0.06)
    ]
    foliage(rng, target, angle, hedge, hexes("3b5a5e")[0], hexes("8aa566")[0])
    wall = (x > 0.985) & (x < 1.09) & (y > 0.355) & (y < 0.44)
    roof = (y > 0.300) & (y <= 0.357) & (np.abs(x - 1.037) < 0.034 + 0.75 * (y - 0.300))
    target[wall] = hexes("f2e2c4")[0]
    target[wall & (x > 1.06)] = hexes("a996b8")[0]
    target[wall & (np.abs((x - 0.985) % 0.035 - 0.018) < 0.006) & (np.abs(y - 0.39) < 0.014)] = hexes("54668a")[0]
    target[roof] = hexes("c4573a")[0]
    angle[wall | roof] = -0.15
    poplars = [
        (0.10, 0.27, 0.035, 0.17),
        (0.17, 0.24, 0.040, 0.20),
        (0.255, 0.285, 0.034, 0.15),
        (0.325, 0.32, 0.028, 0.115),
        (1.17, 0.34, 0.075, 0.10),
        (1.29, 0.31, 0.085, 0.13),
        (0.62, 0.405, 0.05, 0.035),
        (0.90, 0.40, 0.05, 0.045),
        (0.215, 0.31, 0.030, 0.12),
    ]
    foliage(rng, target, angle, poplars, dark, light)
    shade = lawn & ~road & (np.abs(y - 0.475) < 0.02) & (x < 0.45)
    target[shade] = hexes("4d6678")[0]

    canvas = Canvas(rng, np.full((h, w, 3), hexes("cdb99a")[0]))
    size = np.where(lawn, 0.55 + 0.75 * far, 1.0)
    size = np.where(lawn | (y < 0.24), size, 0.7)
    paint_layers(canvas, target, angle, [(11, 20, 8.5), (7.5, 14, 5.2)], pigments, size=size, broken=0.35)
    busy = np.clip(ndimage.gaussian_gradient_magnitude(target.sum(-1), 3) * 14, 0.12, 1)
    paint_layers(canvas, target, angle, [(5, 9, 3.2)], pigments, size=size, where=busy, broken=0.3)

    patchy = fractal(rng, (h, w), (45, 110), 3) + 1.1 * (0.75 - x)
    for row in np.sort(0.455 + 0.56 * rng.random(2600) ** 1.25):
        column, scale = rng.uniform(0, w / h), 0.10 + 1.6 * (row - 0.44)
        i, j = min(int(row * h), h - 1), int(column * h)
        if road[i, j] or patchy[i, j] < rng.uniform(-0.3, 1.6):
            if rng.random() < 0.45 and not road[i, j]:  # a blade of grass instead
                blade = mix(pigments[rng.choice([4, 5, 6, 8, 12])], canvas.colour[i, j], 0.45) * rng.uniform(0.85, 1.12)
                canvas.stroke(
                    column * h,
                    row * h,
                    -1.5 + 0.35 * rng.standard_normal(),
                    4 + 16 * scale,
                    0.9 + 1.6 * scale,
                    np.clip(blade, 0, 1),
                    0.6 * rng.standard_normal(),
                )
            continue
        kind = rng.choice(3, p=[0.86, 0.08, 0.06])
        petals = (
            mix(
                hexes("dd2f1c", "f7efe0", "6a78c8")[kind],
                hexes("f0603a", "f4dcd0", "8f7fc0")[kind],
                rng.random(),
            ),
            hexes("f78a5e", "ffffff", "a9b4ea")[kind],
            hexes("8f1620", "c9b8d8", "3f4a98")[kind],
        )
        for petal, (ox, oy) in zip((2, 0, 0, 1), ((0.2, 0.5), (-0.5, 0.1), (0.5, 0.0), (-0.1, -0.45)), strict=True):
            canvas.stroke(
                column * h + ox * 8 * scale,
                row * h + oy * 7 * scale,
                0.5 * rng.standard_normal(),
                1.2 + 7.5 * scale,
                0.9 + 4.6 * scale,
                petals[petal] * rng.uniform(0.9, 1.05),
                0.4 * rng.standard_normal(),
                body=1.4,
            )
    walkers(canvas)
    return canvas.lit(0.45)


def foliage(rng, picture, angle, crowns, dark, light, sun=(-0.6, -0.8)):
    """Trees into `picture`: each crown (x, y, across, up) is a heap of leafy lumps, lit from the upper left."""
    h, w = angle.shape
    y, x = grid(h, w)
    for cx, cy, rx, ry in crowns:
        lumps = rng.uniform(-1, 1, (int(20 * max(rx, ry) / min(rx, ry)) + 12, 2))
        lumps = lumps[np.hypot(*lumps.T) < 1]
        for lx, ly in lumps[np.argsort(lumps[:, 0] * sun[0] + lumps[:, 1] * sun[1])]:
            px, py, r = cx + lx * rx * 0.8, cy + ly * ry * 0.8, min(rx, ry) * rng.uniform(0.35, 0.6)
            near = (
                slice(max(int((py - r) * h), 0), max(int((py + r) * h) + 2, 0)),
                slice(max(int((px - r) * h), 0), max(int((px + r) * h) + 2, 0)),
            )
            dx, dy = (x[near] - px) / r, (y[near] - py) / r
            inside = dx**2 + dy**2 < 1
            glow = np.clip(0.35 + 0.5 * (dx * sun[0] + dy * sun[1]) + 0.25 * (lx * sun[0] + ly * sun[1]), 0, 1)
            picture[near][inside] = mix(dark, light, glow[..., None])[inside]
            angle[near][inside] = (np.arctan2(dy, dx) + np.pi / 2 + 0.9 * lx)[inside]


def walkers(canvas):
    """A lady with a parasol and a child, coming down the path: each dab is (x, y, angle, length, width, colour)."""
    lady = [
        (26, -1, 0.06, 26, 2.6, "6a6a96"),
        (-7, -13, -1.75, 15, 4.2, "cfd6ee"),
        (0, -13, -1.57, 16, 4.8, "f6efe6"),
        (7, -13, -1.36, 15, 4.0, "a3a9d2"),
        (2, -17, -1.5, 10, 3.0, "fdf8ee"),
        (0, -35, -1.57, 9, 4.6, "e6e2f0"),
        (3, -36, -1.4, 7, 2.2, "8e94c4"),
        (0, -28, 0.0, 4.5, 1.8, "4a66ae"),
        (-5, -37, -0.6, 6, 1.9, "e9dfe6"),
        (6, -37, -2.5, 5, 1.8, "c7bdd6"),
        (0, -47, -1.57, 3.6, 3.2, "d8a07e"),
        (0, -50, 0.05, 6.5, 2.2, "eecb70"),
        (0, -53, 0.05, 3.2, 2.2, "d9ab4c"),
        (9, -48, -1.85, 15, 0.9, "5b4238"),
        (-7, -62, -0.62, 8, 3.6, "e9e3b4"),
        (1, -67, -0.25, 9, 4.0, "fbf3cf"),
        (11, -68, 0.12, 9, 4.0, "cfd7b0"),
        (20, -64, 0.55, 7, 3.6, "8fae9c"),
        (7, -62, 0.05, 15, 1.8, "6f8f9a"),
    ]
    child = [
        (14, 0, 0.06, 14, 1.8, "6a6a96"),
        (-3, -8, -1.7, 9, 3.2, "4c6cb6"),
        (3, -8, -1.45, 9, 3.0, "39508f"),
        (0, -10, -1.57, 6, 2.0, "86a4de"),
        (0, -20, -1.57, 5, 3.2, "d8e0f2"),
        (0, -27, -1.57, 2.6, 2.6, "dba883"),
        (0, -29.5, 0.05, 5, 1.7, "f0cf78"),
    ]
    for px, py, size, dabs in ((452, 425, 1.0, lady), (497, 415, 1.0, child)):
        for dx, dy, angle, length, width, code in dabs:
            canvas.stroke(px + size * dx, py + size * dy, angle, size * length, size * width, hexes(code)[0], 0.1, 0.03)
