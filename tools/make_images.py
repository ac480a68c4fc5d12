"""Render the course's own pictures into images/.

    python tools/make_images.py                     all of them (about a minute)
    python tools/make_images.py starry tiles        some of them
    python tools/make_images.py --out FOLDER lake   somewhere else

Every picture is computed here and in scenes.py, from fixed seeds: nothing is read from anywhere.
"""

import argparse
from pathlib import Path

import numpy as np
import scenes
from drawing import Canvas, fractal, mix, paint_layers, smoothstep
from PIL import Image
from scipy import ndimage
from scipy.spatial import cKDTree

IMAGES = Path(__file__).resolve().parent.parent / "images"


def grid(h, w):
    """y and x (H, W) of pixel centres, both in picture heights."""
    return np.meshgrid((np.arange(h) + 0.5) / h, (np.arange(w) + 0.5) / h, indexing="ij")


def hexes(*codes):
    """Colours as rows of 0..1 from hexadecimal codes."""
    return np.array([[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes])


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


def starry():
    """Stars over the sea: a river of light climbs a whirling sky, and a lighthouse answers from its headland."""
    rng = np.random.default_rng(4)
    h, w = 600, 800
    y, x = grid(h, w)
    pigments = hexes(
        "0d1b4c",
        "1d3f8f",
        "2f67b5",
        "5b93c9",
        "a9cbd6",
        "e9e3a8",
        "f6c945",
        "f29f1f",
        "0b1a2a",
        "18383a",
        "3a7f8f",
    )
    horizon = 0.665
    # the wind blows up the river of light, which rises from the sea on the left, and lies flat over the horizon
    river = 0.60 - 0.40 * x + 0.035 * np.sin(5.5 * x + 0.6)
    calm = smoothstep(0.42, 0.64, y)
    flow_x, flow_y = 1.0 + 0 * x, (1 - calm) * (-0.40 + 0.45 * np.sin(5.2 * x + 7 * y + 0.5))
    arms = np.zeros((h, w))
    for cx, cy, radius, spin in [(0.845, 0.225, 0.135, 1), (0.245, 0.455, 0.100, -1), (0.555, 0.395, 0.070, 1)]:
        dx, dy = x - cx, y - cy
        d = np.hypot(dx, dy) + 1e-3
        push = 5.5 * np.exp(-((d / radius) ** 2))
        flow_x = flow_x + (-spin * dy - 0.22 * dx) / radius * push
        flow_y = flow_y + (spin * dx - 0.22 * dy) / radius * push
        turns = 2 * np.arctan2(dy, dx) + 4 * spin * np.log(d / radius)
        arms += np.cos(turns) * np.exp(-((d / radius / 1.15) ** 2))
    stars = [  # place, radius, and the colour of the halo
        (0.470, 0.105, 0.034, "f7cf4e"),
        (0.075, 0.335, 0.027, "f3b64a"),
        (0.395, 0.265, 0.024, "f7e08a"),
        (0.640, 0.175, 0.022, "f7cf4e"),
        (0.700, 0.040, 0.020, "f3b64a"),
        (0.740, 0.500, 0.031, "f5b23a"),
        (0.425, 0.560, 0.020, "f7e08a"),
        (0.950, 0.440, 0.024, "f7cf4e"),
        (1.055, 0.070, 0.028, "f7e08a"),
        (1.245, 0.190, 0.034, "f7cf4e"),
        (1.275, 0.450, 0.021, "f3b64a"),
        (0.070, 0.075, 0.018, "f7e08a"),
    ]
    moon = (0.235, 0.175, 0.052, "f7d873")
    lantern = (1.115, 0.335, 0.027, "ffd65a")
    halo, glow, core = np.zeros((h, w, 3)), np.zeros((h, w)), np.zeros((h, w))
    for cx, cy, radius, tint in [*stars, moon, lantern]:
        dx, dy = x - cx, y - cy
        d = np.hypot(dx, dy)
        push = 4.5 * np.exp(-((d / radius / 1.8) ** 2))
        flow_x, flow_y = flow_x - dy / radius * push, flow_y + dx / radius * push
        light = np.exp(-((d / radius / 1.95) ** 2)) * (0.72 + 0.28 * np.cos(d / radius * 3.4))
        halo[light > glow] = hexes(tint)[0]
        glow = np.maximum(glow, light)
        if (cx, cy) != moon[:2]:
            core = np.maximum(core, smoothstep(radius * 0.75, radius * 0.35, d))
    angle = np.arctan2(flow_y, flow_x)
    # bands of light and dark are drawn out along the flow: noise, smeared in its direction
    band = fractal(rng, (h, w), 20, 3)
    coarse, thin = angle[::2, ::2], band[::2, ::2]
    smeared = np.zeros(thin.shape)
    for way in (-2.2, 2.2):
        py, px = np.mgrid[: h // 2, : w // 2].astype(float)
        for _ in range(14):
            i = np.clip(py + 0.5, 0, h // 2 - 1).astype(int)
            j = np.clip(px + 0.5, 0, w // 2 - 1).astype(int)
            py, px = py + way * np.sin(coarse[i, j]), px + way * np.cos(coarse[i, j])
            smeared += thin[i, j]
    smeared = ndimage.zoom(smeared / smeared.std(), 2, order=1)
    light = 0.27 + 0.20 * smeared + 0.17 * arms + 0.38 * np.exp(-(((y - river) / 0.085) ** 2))
    light += 0.26 * np.exp(-(((y - horizon) / 0.075) ** 2)) - 0.10 * smoothstep(0.25, 0.0, y)
    stops = hexes("0c1746", "1b3a86", "2c62ae", "5c96c6", "c2dad2")
    place = np.clip(light, 0, 0.999) * 4
    low = place.astype(int)
    target = mix(stops[low], stops[low + 1], (place - low)[..., None])
    target = mix(target, halo, np.clip(1.25 * glow, 0, 1)[..., None])
    target = mix(target, hexes("fff6c4")[0], core[..., None])
    unlit = np.hypot(x - moon[0], y - moon[1]) < moon[2]
    target[unlit] = mix(hexes("2456a4")[0], target[unlit], 0.35)

    # the sea: swell in perspective, and under every light its broken reflection
    sea = y > horizon
    depth = np.clip((y - horizon) / (1 - horizon), 0, 1)
    swell = np.sin(34 * np.sqrt(depth + 0.02) * (1 + 0.02 * band) + 2.2 * np.sin(3.1 * x + 5 * depth) + 0.5 * band)
    deep = mix(hexes("3d7fb4")[0], hexes("0f2358")[0], smoothstep(0, 0.75, depth)[..., None])
    water = mix(deep, hexes("5fa3b8")[0], (0.42 * np.clip(swell, 0, 1) ** 2)[..., None])
    water = mix(water, hexes("0b1740")[0], (0.40 * np.clip(-swell, 0, 1))[..., None])
    water = mix(hexes("a9d0d8")[0], water, smoothstep(0.0, 0.03, depth)[..., None])
    glints = np.sin(62 * np.sqrt(depth + 0.02) + 2.5 * np.sin(9 * x) + 0.9 * band)
    for cx, cy, radius, tint in [*stars, moon, lantern]:
        strength = 1.1 * np.exp(-(horizon - cy) / 0.9) * min(radius / 0.03, 1.5)
        half = radius * (0.45 + 1.1 * depth)
        column = np.exp(-(((x - cx - 0.012 * np.sin(40 * y + 9 * cx)) / half) ** 2))
        fade = smoothstep(0.0, 0.04, depth) * smoothstep(1.25 * strength, 0.35 * strength, depth)
        share = np.clip(1.15 * strength * column * fade * smoothstep(-0.35, 0.35, glints), 0, 1)
        wet = share > 0.01
        shine = mix(hexes(tint)[0], hexes("fff2b4")[0], 0.5 * column[wet, None])
        water[wet] = mix(water[wet], shine, share[wet, None])
    target = np.where(sea[..., None], water, target)
    angle = np.where(sea, 0.22 * np.cos(3.1 * x + 16 * np.sqrt(depth)) + 0.06 * band, angle)

    # the headland, whose rocks run out into the foam
    crest = horizon - 0.095 * smoothstep(0.80, 1.13, x) + 0.010 * np.sin(21 * x) + 0.006 * np.sin(47 * x + 1)
    foot = horizon + 0.030 + 0.105 * smoothstep(0.82, 1.33, x) + 0.010 * np.sin(31 * x) + 0.006 * np.sin(73 * x)
    land = (y > crest) & (y < foot) & (x > 0.80)
    seam = 0.5 + 0.5 * np.sin((y - crest) * 130 + 12 * x + 2.2 * band)
    grass = mix(hexes("0d2430")[0], hexes("5a9a78")[0], (0.85 * seam**2)[..., None])
    grass = mix(grass, hexes("d9c27a")[0], (0.85 * np.exp(-(((y - crest) / 0.014) ** 2)))[..., None])
    rock = mix(hexes("0a1428")[0], hexes("5a6f96")[0], (0.8 * smoothstep(0.3, 1.0, seam))[..., None])
    target = np.where(land[..., None], mix(grass, rock, smoothstep(0.055, 0.015, foot - y)[..., None]), target)
    angle = np.where(land, 0.10 + 3.2 * (y - crest) + 0.25 * np.sin(19 * x), angle)
    foam = (np.abs(y - foot - 0.006) < 0.007 + 0.003 * band) & (x > 0.82)
    target[foam] = hexes("c9e2e0")[0]

    tower_x, top, bottom = lantern[0], 0.372, 0.590
    across = (x - tower_x) / (0.021 + 0.016 * (y - top) / (bottom - top))
    tower = (np.abs(across) < 1) & (y > top) & (y < bottom)
    target = np.where(tower[..., None], hexes("8e9cc0")[0], target)
    angle = np.where(tower, 1.57, angle)

    canvas = Canvas(rng, target * 0.6)
    paint_layers(canvas, target, angle, [(11, 26, 6)], pigments, wander=0.08, broken=0.3)
    paint_layers(canvas, target, angle, [(7.8, 19, 3.7)], pigments, wander=0.06, broken=0.45, jitter=0.09)
    crisp = np.clip(ndimage.gaussian_gradient_magnitude(target.sum(-1), 2.5) * 14, 0.06, 1)
    paint_layers(canvas, target, angle, [(4.3, 8, 2.3)], pigments, where=crisp, wander=0.06, broken=0.22, jitter=0.08)
    for turn in np.linspace(-1.25, 1.25, 17):  # the crescent's limb, from horn to horn
        around, thick = 2.75 + turn, 0.6 + 5.8 * np.cos(turn) ** 1.5
        reach = moon[2] * h - 0.8 * thick
        canvas.stroke(
            moon[0] * h + reach * np.cos(around),
            moon[1] * h + reach * np.sin(around),
            around + np.pi / 2,
            7.5,
            thick,
            hexes("fff4b4", "ffe37a", "fffbe0")[rng.integers(3)],
            7.5**2 / 2 / reach / thick,
            body=1.3,
        )
    for up in np.linspace(0, 1, 23):  # the tower, ring by ring, and three bands of red
        for side, white, red in ((0.62, "55699f", "5d2c48"), (0.05, "b9bfd0", "a4442f"), (-0.58, "fbf2d6", "dd6a3c")):
            canvas.stroke(
                (tower_x + side * (0.037 - 0.016 * up)) * h + 0.5 * rng.standard_normal(),
                (bottom - up * (bottom - top)) * h,
                1.57 + 0.05 * side,
                6.5,
                5.6 - 2.2 * up,
                hexes(red if up % 0.36 > 0.2 else white)[0] * rng.uniform(0.94, 1.05),
            )
    lamp_room_and_boat(canvas, tower_x * h, top * h)
    return canvas.lit(0.7, 0.35)


def lamp_room_and_boat(canvas, px, py):
    """The lamp room, which stands on (px, py), and a sailing boat: each dab is (x, y, angle, length, width, colour)."""
    room = [
        (0, 2, 0.0, 19, 2.6, "16244a"),
        (0, -3, 0.0, 17, 1.2, "8fa6c8"),
        (-9, -14, 1.57, 12, 1.3, "16244a"),
        (9, -14, 1.57, 12, 1.3, "16244a"),
        (0, -14, 1.57, 11, 8.0, "f9b93a"),
        (-1, -14, 1.57, 9, 5.0, "ffe88a"),
        (-1, -15, 1.57, 6, 3.0, "fffbe2"),
        (-6, -31, -0.62, 10, 3.4, "b8482f"),
        (6, -31, 0.62, 10, 3.4, "6a2a40"),
        (0, -27, 0.0, 14, 1.8, "16244a"),
        (0, -41, 1.57, 6, 1.2, "16244a"),
    ]
    boat = [
        (0, 16, 0.05, 30, 2.4, "0a1436"),
        (2, 0, 0.06, 30, 4.6, "0b1226"),
        (0, 4, 0.04, 24, 3.4, "14203f"),
        (1, -4, 0.06, 28, 1.3, "b06a3c"),
        (0, -34, 1.57, 33, 1.3, "10162c"),
        (11, -22, 1.25, 20, 4.6, "7f93b8"),
        (8, -30, 1.32, 26, 4.4, "e9dfc0"),
        (15, -16, 1.18, 13, 4.2, "c9bfa8"),
        (-8, -22, -1.15, 20, 3.0, "a9b6cc"),
        (-15, -6, 1.57, 3.4, 2.6, "ffd35a"),
        (-16, 13, 0.0, 7, 1.6, "f6b53f"),
        (-14, 21, 0.0, 5, 1.4, "e79a35"),
    ]
    for ox, oy, dabs in ((px, py, room), (246, 470, boat)):
        for dx, dy, angle, length, width, code in dabs:
            canvas.stroke(ox + dx, oy + dy, angle, length, width, hexes(code)[0], 0.08, 0.04)


def tiles():
    """A wall of hand-painted ceramic tiles, four to a medallion, glazed and set in grout."""
    rng = np.random.default_rng(5)
    h, w, side = 600, 800, 100
    y, x = np.mgrid[:h, :w].astype(float) + 0.5
    row, column = (y // side).astype(int), (x // side).astype(int)
    knock = rng.normal(0, 1, (4, h // side, w // side))[:, row, column]
    wobble = np.stack([fractal(rng, (h, w), 26, 3) for _ in range(2)])
    u = (x % side - side / 2 + 0.9 * knock[0] + 0.9 * wobble[0]) / side
    v = (y % side - side / 2 + 0.9 * knock[1] + 0.9 * wobble[1]) / side
    tile_edge = side / 2 - np.maximum(np.abs(x % side - side / 2), np.abs(y % side - side / 2))
    # fold into one quarter of a medallion whose centre is the corner where four tiles meet
    a = 0.5 - u * np.where(column % 2 == 0, 1, -1)
    b = 0.5 - v * np.where(row % 2 == 0, 1, -1)
    r, t = np.hypot(a, b), np.arctan2(b, a)
    far_r, far_t = np.hypot(1 - a, 1 - b), np.arctan2(1 - b, 1 - a)
    wash = 0.5 + 0.5 * np.tanh(fractal(rng, (h, w), (9, 30), 4, 0.7))
    cream, cobalt, navy, ochre, leaf, rust = hexes("f1ecdd", "2a55a8", "16306f", "e0a22e", "3f8a5c", "b9532a")
    picture = np.broadcast_to(cream, (h, w, 3)).copy()

    def lay(distance, colour, deep=None, outline=True):
        """Fill where `distance` (in tiles, negative inside) says, thin and thick as a brush does, with a dark line."""
        inside = smoothstep(0.006, -0.006, distance)[..., None]
        fill = mix(colour, mix(colour, deep if deep is not None else cream, 0.55), wash[..., None])
        picture[:] = mix(picture, fill, inside)
        if outline:
            line = np.exp(-((distance / (0.010 + 0.004 * wobble[0])) ** 2))[..., None]
            picture[:] = mix(picture, navy, 0.85 * line)

    lay(0.66 - r, cobalt, navy, outline=False)
    lay(far_r - 0.515, cream)
    lay(np.abs(far_r - 0.47) - 0.045, ochre, rust)
    lay(far_r - 0.30 - 0.06 * np.cos(8 * far_t), cobalt, navy)
    lay(far_r - 0.17 - 0.05 * np.cos(4 * far_t), cream)
    lay(far_r - 0.08, ochre, rust)
    lay(np.abs(r - 0.645) - 0.030 - 0.012 * np.cos(24 * t), ochre, rust)
    lay(r - 0.50 * (0.42 + 0.58 * np.abs(np.cos(4 * t)) ** 0.7), cobalt, navy)
    lay(r - 0.37 * (0.35 + 0.65 * np.abs(np.cos(4 * t)) ** 0.8), mix(cobalt, cream, 0.55), cream)
    lay(r - 0.44 * np.abs(np.sin(4 * t)) ** 3 * (r > 0.1), leaf, ochre)
    lay(r - 0.17 - 0.02 * np.cos(16 * t), ochre, rust)
    lay(r - 0.075, cobalt, navy)
    scroll = np.abs(np.hypot(a - 0.78, b - 0.30) - 0.10 - 0.02 * np.arctan2(b - 0.30, a - 0.78)) - 0.016
    mirrored = np.abs(np.hypot(a - 0.30, b - 0.78) - 0.10 - 0.02 * np.arctan2(a - 0.30, b - 0.78)) - 0.016
    lay(np.minimum(scroll, mirrored), cream, outline=False)
    lay(np.minimum(np.hypot(a - 0.78, b - 0.30), np.hypot(a - 0.30, b - 0.78)) - 0.042, ochre, cream)

    picture *= (1 + 0.035 * knock[2] + 0.02 * fractal(rng, (h, w), 70, 3))[..., None]
    picture *= 1 + 0.02 * knock[3][..., None] * np.array([1.0, 0.0, -1.2])
    specks = fractal(rng, (h, w), 3, 2) > 3.0
    picture[specks] *= 0.7
    gap = 2.6 + 0.5 * wobble[1]
    pillow = np.clip((tile_edge - gap) / 8, 0, 1)
    relief = 3.6 * (1 - (1 - pillow) ** 2.2) + 0.32 * fractal(rng, (h, w), 24, 3) - 0.5 * specks
    down, right = np.gradient(relief)
    down, right = down + 0.05 * knock[0], right + 0.05 * knock[1]
    slope = down + right
    picture = picture * np.clip(1 + 0.45 * slope, 0.45, 1.35)[..., None]
    window = np.exp(-(((right - 0.10) / 0.05) ** 2) - ((down - 0.09) / 0.05) ** 2) + np.clip(slope - 0.35, 0, 1) * 0.9
    picture += (0.42 * window)[..., None]
    grout = hexes("8d8172")[0] * (0.85 + 0.12 * fractal(rng, (h, w), 3, 2))[..., None]
    set_in = smoothstep(gap - 0.8, gap + 0.8, tile_edge)[..., None]
    return mix(grout * np.clip(0.6 + 0.15 * tile_edge, 0, 1)[..., None], picture, set_in)


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


def woodcut():
    """Mountains over the sea, cut in wood: a black block of carved lines over four blocks of colour."""
    rng = np.random.default_rng(7)
    h, w = 900, 1200
    y, x = grid(h, w)
    rough = fractal(rng, (h, w), 7, 3)
    sway = fractal(rng, (h, w), 160, 3)
    paper, ink = hexes("efe3c4", "15131c")
    colour = np.broadcast_to(paper, (h, w, 3)).copy()
    black = np.zeros((h, w), bool)

    def cut(where, phase, tone, period):
        """Inside `where`, black lines along the levels of `phase`, as wide as `tone` (0 light .. 1 black)."""
        wave = np.abs(((phase + 0.0025 * sway) / period) % 1 - 0.5) * 2
        black[where] = (wave < np.clip(tone + 0.05 * rough, 0, 1.2))[where]

    sun_x, sun_y, sun_r = 0.86, 0.27, 0.125
    d = np.hypot(x - sun_x, y - sun_y)
    t = np.arctan2(y - sun_y, x - sun_x)
    sky = mix(hexes("e88a4a")[0], hexes("2f5f8a")[0], smoothstep(0.46, 0.0, y + 0.03 * sway)[..., None])
    colour[:] = mix(sky, hexes("f3cf7e")[0], np.exp(-((d / 0.24) ** 2))[..., None])
    ray = (t / (2 * np.pi) * 92 + 0.25 * sway) * (np.pi * 2 / 92)
    cut(d > 0, ray, 0.62 * smoothstep(0.16, 0.85, d) + 0.16 * smoothstep(0.1, 0, y), 2 * np.pi / 92)
    cloud = fractal(rng, (h, w), (45, 300), 4, 0.5)
    puff = (cloud > 0.95) & (y < 0.36) & (d > sun_r + 0.02)
    colour[puff] = hexes("f6e8cc")[0]
    cut(puff, y + 0.02 * np.sin(9 * x), 0.34 * smoothstep(1.6, 0.95, cloud), 0.0125)
    edge = np.abs(cloud - 0.95) < 0.035
    black |= edge & (y < 0.36) & (d > sun_r + 0.02)
    disc = d < sun_r
    colour[disc] = hexes("d8402c")[0]
    cut(disc, y, 0.22 * smoothstep(sun_y - 0.05, sun_y + 0.12, y), 0.011)
    black |= np.abs(d - sun_r) < 0.004 + 0.0008 * rough

    def range_of(base, peaks, near, tint, period):
        """One range of mountains: a lit and a shaded flank to every peak, lines running down the slopes."""
        meander = 0.016 * np.sin(34 * y) + 0.010 * np.sin(83 * y + 2) + 0.012 * sway
        slopes = [py + steep * np.abs(x[0] - px) ** 0.92 for px, py, steep in peaks]
        owner = np.argmin([py + steep * np.abs(x + meander - px) ** 0.92 for px, py, steep in peaks], axis=0)
        ridge = np.array([px for px, _, _ in peaks])[owner]
        top = np.min(slopes, axis=0) + 0.012 * fractal(rng, (1, w), 60, 5, 0.6)[0]
        body = (y > top) & (y < base)
        crooked = ridge + 0.030 * np.sin(38 * (y - top)) + 0.05 * (y - top) + 0.014 * sway
        shaded = x < crooked
        colour[body] = mix(tint, hexes("e8b06a")[0], (0.75 * ~shaded * smoothstep(0.3, 0, y - top))[..., None])[body]
        along = np.where(shaded, (x - ridge) * 1.1 + 0.9 * y, (x - ridge) * 1.1 - 0.75 * y)
        facets = smoothstep(-0.2, 1.0, fractal(rng, (h, w), (70, 34), 3))
        tone = np.where(shaded, 0.50 + 0.34 * facets, 0.04 + 0.36 * facets) - 0.20 * near
        cut(body, along + 0.012 * np.sin(30 * y + 9 * sway), tone, period)
        snow = body & (y - top < 0.050 + 0.030 * np.sin(70 * x + 3 * sway)) & (top < 0.33) & ~shaded
        colour[snow] = paper
        black[snow] &= rough[snow] > 1.2
        outline = np.abs(y - top) < 0.0042 + 0.001 * rough
        black[outline & (y < base)] = True

    range_of(
        0.62,
        [(0.16, 0.27, 0.62), (0.46, 0.20, 0.70), (0.70, 0.37, 0.55), (1.12, 0.31, 0.58), (1.36, 0.40, 0.5)],
        0.25,
        hexes("5f86a0")[0],
        0.0150,
    )
    range_of(
        0.66,
        [(0.02, 0.44, 0.50), (0.30, 0.50, 0.42), (0.97, 0.535, 0.40), (1.25, 0.46, 0.48)],
        0.0,
        hexes("3d6b62")[0],
        0.0135,
    )
    sea = y > 0.62
    swell = y + 0.006 * np.sin(60 * x / (0.4 + y) + 14 * y) * (y - 0.58) * 6 + 0.004 * sway
    depth = np.clip((y - 0.60) / 0.40, 0.02, 1)
    colour[sea] = mix(hexes("7fb0ac")[0], hexes("1f4a70")[0], smoothstep(0.62, 1.0, y)[..., None])[sea]
    path = np.exp(-(((x - sun_x - 0.02 * np.sin(50 * y)) / (0.05 + 0.14 * depth)) ** 2))
    colour[sea] = mix(colour, hexes("f0a860")[0], (0.9 * path)[..., None])[sea]
    crest = 0.36 + 0.28 * np.sin(23 * x / (0.3 + depth) + 60 * np.sqrt(depth)) + 0.12 * rough
    cut(sea, np.sqrt(depth) + 0.3 * (swell - y), np.clip(0.62 * crest + 0.30 - 0.45 * path, 0.05, 0.9), 0.033)
    black |= np.abs(y - 0.62) < 0.003
    boat_x, boat_y = 0.58, 0.775
    hull = (y > boat_y) & (y < boat_y + 0.030) & (np.abs(x - boat_x) < 0.075 - 1.1 * (y - boat_y))
    black[hull] = True
    sail = (
        (y < boat_y - 0.008)
        & (y > boat_y - 0.165)
        & (x > boat_x - 0.006 + 0.04 * np.sin((boat_y - y) * 19))
        & (x < boat_x + 0.072 * np.sin((y - boat_y + 0.165) * 11 + 0.25))
    )
    colour[sail] = hexes("f4ead0")[0]
    cut(sail, y, 0.22, 0.014)
    rim = ndimage.binary_dilation(sail, iterations=3) & ~sail
    black[rim] = True
    black[(np.abs(x - boat_x + 0.008) < 0.003) & (y > boat_y - 0.19) & (y < boat_y)] = True
    shadow = (
        (np.abs(x - boat_x + 0.01 * np.sin(90 * y)) < 0.07 - 0.35 * (y - boat_y))
        & (y > boat_y + 0.03)
        & (y < boat_y + 0.15)
    )
    black[shadow & (np.sin(y * 420) > -0.45)] = True
    for trunk, foot, tall in ((0.055, 1.02, 0.66), (0.175, 1.04, 0.50), (1.275, 1.03, 0.58)):
        up = (foot - y) / tall
        bough = np.abs(x - trunk - 0.02 * np.sin(3 * y)) < 0.115 * np.clip(1 - up, 0, 1) ** 0.85 * (
            0.45 + 0.55 * ((up * 9.5 + 0.4 * np.abs(x - trunk) * 9) % 1)
        )
        pine = bough & (up > 0) & (up < 1)
        halo = ndimage.binary_dilation(pine, iterations=5) & ~pine
        black[halo] = False
        black[pine] = True
        nicks = (
            pine & (np.abs(((y + 0.55 * np.abs(x - trunk)) / 0.016) % 1 - 0.5) < 0.11) & (rough > -0.3) & (x > trunk)
        )
        black[nicks] = False
        colour[pine] = hexes("4f7a58")[0]
    border = np.minimum.reduce([x - 0.022, w / h - 0.022 - x, y - 0.022, 0.978 - y])
    grain = np.sin((y + 0.05 * sway + 0.012 * np.sin(5 * x)) * 520) * 0.5 + fractal(rng, (h, w), (2, 60), 3) * 0.6
    print_colour = ndimage.shift(colour, (2, -3, 0), order=0, mode="nearest") * (1 + 0.035 * grain)[..., None]
    thin = smoothstep(1.5, 2.4, rough + 0.5 * grain)
    inked = ndimage.gaussian_filter(black.astype(float), 0.8) * (1 - 0.55 * thin)
    picture = mix(print_colour, ink, inked[..., None])
    fibres = 1 + 0.02 * fractal(rng, (h, w), 4, 3)[..., None]
    frame = smoothstep(0.0015, -0.0015, border + 0.0008 * rough)[..., None]
    picture = np.where((np.abs(border) < 0.004)[..., None], ink, picture)
    return mix(picture, paper * 1.02, frame) * fibres


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


LARGE, SMALL = (800, 600), (400, 300)
CONTENT = {"pyramid": scenes.pyramid, "lake": scenes.lake}
STYLES = {
    "impressionist": impressionist,
    "starry": starry,
    "tiles": tiles,
    "fluid": fluid,
    "woodcut": woodcut,
    "mosaic": mosaic,
}


def files_of(name):
    """The files that picture `name` is saved as: {file name: (width, height)}."""
    return {f"{name}.jpg": LARGE, f"{name}_small.jpg": SMALL} if name in CONTENT else {f"{name}.jpg": SMALL}


def make(name, folder):
    """Render one picture (a name in CONTENT or STYLES) and save its files in `folder`."""
    picture = {**CONTENT, **STYLES}[name]()
    image = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    for file, size in files_of(name).items():
        image.resize(size, Image.Resampling.LANCZOS).save(folder / file, quality=90, subsampling=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*CONTENT, *STYLES]
    parser.add_argument("names", nargs="*", metavar="name", help=f"which pictures: {', '.join(names)} (default: all)")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder to save them in (default: images/)")
    args = parser.parse_args()
    for name in args.names:
        if name not in names:
            parser.error(f"there is no picture {name!r}; choose from {', '.join(names)}")
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.names or names:
        make(name, args.out)
        print(*(args.out / file for file in files_of(name)))


if __name__ == "__main__":
    main()
