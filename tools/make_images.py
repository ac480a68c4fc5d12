"""Render the course's own pictures into images/: python tools/make_images.py [names...] [--out DIR]"""

import argparse
from pathlib import Path

import numpy as np
from drawing import Canvas, fractal, mix, paint_layers, smoothstep
from PIL import Image
from scipy import ndimage

IMAGES = Path(__file__).resolve().parent.parent / "images"


def save(path, picture, size=None):
    image = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    if size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    image.save(path, quality=90, subsampling=0)


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


def hexes(*codes):
    """Colours as rows of 0..1 from hexadecimal codes."""
    return np.array([[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes])


def foliage(rng, picture, angle, crowns, dark, light, sun=(-0.6, -0.8)):
    """Trees into `picture`: each crown (x, y, across, up) is a heap of leafy lumps, lit from the upper left."""
    h, w = angle.shape
    y, x = grid(h, w)
    for cx, cy, rx, ry in crowns:
        lumps = rng.uniform(-1, 1, (26, 2))
        lumps = lumps[np.hypot(*lumps.T) < 1]
        for lx, ly in lumps[np.argsort(lumps[:, 0] * sun[0] + lumps[:, 1] * sun[1])]:
            px, py, r = cx + lx * rx * 0.8, cy + ly * ry * 0.8, min(rx, ry) * rng.uniform(0.35, 0.6)
            dx, dy = (x - px) / r, (y - py) / r
            inside = dx**2 + dy**2 < 1
            glow = np.clip(0.35 + 0.5 * (dx * sun[0] + dy * sun[1]) + 0.25 * (lx * sun[0] + ly * sun[1]), 0, 1)
            picture[inside] = mix(dark, light, glow[..., None])[inside]
            angle[inside] = (np.arctan2(dy, dx) + np.pi / 2)[inside]


def impressionist():
    """A poppy meadow in early summer: dabs of broken colour over sky, poplars, a cottage and a path."""
    rng = np.random.default_rng(3)
    h, w = 600, 800
    y, x = grid(h, w)
    pigments = hexes("f4ead0", "8fb2d9", "5b83bd", "c9b8d8", "e9c46a", "a7b85a", "5d8a4a", "2f5a45", "8d6aa0", "d9482b",
                     "efb7a0", "6fa39a", "f6d98a")
    drift = fractal(rng, (h, w), (110, 240), 3)
    haze = fractal(rng, (h, w), (70, 150), 6, 0.6) - 0.35 + 1.2 * (y - 0.2)
    sky = mix(hexes("4d7fc4")[0], hexes("b9d3e6")[0], smoothstep(0.0, 0.42, y)[..., None])
    white = mix(hexes("b6a9cc")[0], hexes("fff4da")[0],
                smoothstep(-0.5, 0.8, haze - np.roll(haze, (-14, -14), (0, 1)) + 0.35)[..., None])
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
    bend_x = 0.80 + 0.22 * np.sin(3.2 * (y - 0.46)) - 0.62 * (y - 0.46) ** 1.5 * (y > 0.46) if False else 0.86 - 0.55 * np.clip(y - 0.45, 0, 1)
    target = np.where(lawn[..., None], grass, target)
    angle = np.where(lawn, -1.45 + 0.75 * (x - 0.6) * far + 0.25 * drift, angle)
    road = np.abs(x - bend_x - 0.02 * np.sin(22 * y)) < 0.012 + 0.13 * np.clip(y - 0.45, 0, 1)
    road &= lawn
    sand = mix(hexes("e8d3a8")[0], hexes("b49cb8")[0], smoothstep(-0.3, 1.2, fractal(rng, (h, w), (14, 60), 3))[..., None])
    target = np.where(road[..., None], sand, target)
    angle = np.where(road, 0.15 + 0.2 * drift, angle)
    dark, light = hexes("2e4a4a", "a3b552")
    hedge = [(k, 0.425 + 0.01 * rng.standard_normal(), 0.05, 0.032 + 0.012 * rng.random()) for k in np.arange(0, 1.4, 0.06)]
    foliage(rng, target, angle, hedge, hexes("3b5a5e")[0], hexes("8aa566")[0])
    wall = (x > 0.985) & (x < 1.09) & (y > 0.355) & (y < 0.44)
    roof = (y > 0.300) & (y <= 0.357) & (np.abs(x - 1.037) < 0.034 + 0.75 * (y - 0.300))
    target[wall] = hexes("f2e2c4")[0]
    target[wall & (x > 1.06)] = hexes("a996b8")[0]
    target[wall & (np.abs((x - 0.985) % 0.035 - 0.018) < 0.006) & (np.abs(y - 0.39) < 0.014)] = hexes("54668a")[0]
    target[roof] = hexes("c4573a")[0]
    angle[wall | roof] = -0.15
    poplars = [(0.10, 0.27, 0.035, 0.17), (0.17, 0.24, 0.040, 0.20), (0.255, 0.285, 0.034, 0.15), (0.325, 0.32, 0.028, 0.115),
               (1.17, 0.34, 0.075, 0.10), (1.29, 0.31, 0.085, 0.13), (0.62, 0.405, 0.05, 0.035), (0.90, 0.40, 0.05, 0.045)]
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
            if rng.random() < 0.45 and not road[i, j]:    # a blade of grass instead
                blade = pigments[rng.choice([4, 5, 6, 7, 12])] * rng.uniform(0.8, 1.1)
                canvas.stroke(column * h, row * h, -1.5 + 0.35 * rng.standard_normal(), 4 + 16 * scale, 0.9 + 1.6 * scale,
                              np.clip(blade, 0, 1), 0.6 * rng.standard_normal())
            continue
        kind = rng.choice(3, p=[0.86, 0.08, 0.06])
        petals = hexes("e2341d", "f7efe0", "6a78c8")[kind], hexes("f4684a", "ffffff", "9aa8e8")[kind], hexes("9c1a1a", "c9b8d8", "3f4a98")[kind]
        for petal, (ox, oy) in zip((2, 0, 0, 1), ((0.2, 0.5), (-0.5, 0.1), (0.5, 0.0), (-0.1, -0.45)), strict=True):
            canvas.stroke(column * h + ox * 8 * scale, row * h + oy * 7 * scale, 0.5 * rng.standard_normal(), 1.2 + 7.5 * scale,
                          0.9 + 4.6 * scale, petals[petal] * rng.uniform(0.9, 1.05), 0.4 * rng.standard_normal(), body=1.4)
    walkers(canvas)
    return canvas.lit(0.45)


def walkers(canvas):
    """A lady with a parasol and a child, coming down the path: a few strokes each."""
    for fx, fy, tall, dress in ((0.735, 0.685, 0.150, "e9e2ee"), (0.800, 0.672, 0.085, "5a76b8")):
        px, py, s = fx * 600, fy * 600, tall * 600
        cloth = hexes(dress)[0]
        canvas.stroke(px + 0.45 * s, py - 0.01 * s, 0.12, 0.5 * s, 0.055 * s, hexes("5b5f86")[0])
        for k, turn in enumerate((-1.72, -1.57, -1.42)):
            canvas.stroke(px + (k - 1) * 0.09 * s, py - 0.22 * s, turn, 0.24 * s, 0.085 * s,
                          np.clip(cloth * (1.08 - 0.16 * k), 0, 1))
        canvas.stroke(px, py - 0.56 * s, -1.57, 0.16 * s, 0.085 * s, cloth * 0.92)
        canvas.stroke(px + 0.10 * s, py - 0.55 * s, -0.7, 0.12 * s, 0.035 * s, cloth * 0.8)
        canvas.stroke(px, py - 0.76 * s, -1.57, 0.06 * s, 0.05 * s, hexes("d9a184")[0])
        canvas.stroke(px, py - 0.82 * s, 0.05, 0.11 * s, 0.045 * s, hexes("e8c765")[0])
    px, py = 0.735 * 600 + 12, 0.685 * 600 - 86
    canvas.stroke(px - 1, py + 20, -1.4, 24, 1.2, hexes("6b4a3a")[0])
    for k in range(5):
        lean = -0.9 + 0.45 * k
        canvas.stroke(px + 11 * (k - 2), py + 2.2 * (k - 2) ** 2 - 4, lean * 0.55 - 0.1, 13, 6.5,
                      hexes("6f9a7a", "8fb58a", "d8e0b0", "b0c890", "5d8a78")[k])


def starry():
    """A night full of whirling stars over a sleeping valley, in long thick strokes."""
    rng = np.random.default_rng(4)
    h, w = 600, 800
    y, x = grid(h, w)
    pigments = hexes("0d1b4c", "1d3f8f", "2f67b5", "5b93c9", "a9cbd6", "e9e3a8", "f6c945", "f29f1f", "0b1a2a", "18383a", "3a7f8f")
    flow_x, flow_y = 1.0 + 0 * x, 0.35 * np.sin(4.2 * x + 0.5) + 0.2 * np.sin(9 * y)
    for cx, cy, radius, spin in [(0.50, 0.33, 0.17, 1), (0.74, 0.42, 0.105, -1), (0.27, 0.50, 0.09, -1)]:
        dx, dy = x - cx, y - cy
        push = 5.0 * spin * np.exp(-((dx**2 + dy**2) / radius**2))
        flow_x, flow_y = flow_x - dy / radius * push, flow_y + dx / radius * push
    stars = [(0.13, 0.13, 0.040), (0.30, 0.27, 0.026), (0.42, 0.09, 0.030), (0.62, 0.14, 0.036), (0.83, 0.22, 0.030),
             (0.93, 0.07, 0.026), (0.10, 0.38, 0.028), (1.00, 0.40, 0.034), (1.26, 0.47, 0.026), (0.72, 0.03, 0.018)]
    moon = (1.16, 0.17, 0.070)
    glow = np.zeros((h, w))
    core = np.zeros((h, w))
    for cx, cy, radius in [*stars, moon]:
        dx, dy = x - cx, y - cy
        d = np.hypot(dx, dy)
        push = 4.5 * np.exp(-((d / radius / 1.8) ** 2))
        flow_x, flow_y = flow_x - dy / radius * push, flow_y + dx / radius * push
        rings = 0.72 + 0.28 * np.cos(d / radius * 4.5)
        glow = np.maximum(glow, np.exp(-((d / radius / 1.55) ** 2)) * rings)
        core = np.maximum(core, smoothstep(radius * 0.75, radius * 0.35, d))
    angle = np.arctan2(flow_y, flow_x)
    # bands of light and dark are drawn out along the flow: noise, smeared in its direction
    band = fractal(rng, (h, w), 20, 3)
    iy, ix = np.mgrid[:h, :w].astype(float)
    smeared = np.zeros((h, w))
    for way in (-1, 1):
        py, px = iy.copy(), ix.copy()
        for _ in range(26):
            here = ndimage.map_coordinates(angle, [py, px], order=0, mode="nearest")
            py, px = py + way * 2.5 * np.sin(here), px + way * 2.5 * np.cos(here)
            smeared += ndimage.map_coordinates(band, [py, px], order=1, mode="nearest")
    smeared /= smeared.std()
    light = 0.42 + 0.25 * smeared + 0.20 * np.exp(-(((y - 0.60) / 0.14) ** 2))
    light += 0.22 * np.exp(-(((y - 0.40 - 0.06 * np.sin(5 * x)) / 0.10) ** 2)) - 0.10 * smoothstep(0.2, 0.0, y)
    stops = hexes("0c1746", "1b3a86", "2c62ae", "5c96c6", "b4d2d4")
    place = np.clip(light, 0, 0.999) * 4
    low = place.astype(int)
    target = mix(stops[low], stops[low + 1], (place - low)[..., None])
    target = mix(target, hexes("f3dc7a")[0], (0.9 * glow)[..., None])
    target = mix(target, hexes("fff3b8")[0], core[..., None])
    crescent = (np.hypot(x - moon[0], y - moon[1]) < 0.058) & (np.hypot(x - moon[0] + 0.026, y - moon[1] + 0.012) > 0.047)
    disc = np.hypot(x - moon[0], y - moon[1]) < 0.062
    target[disc] = hexes("e9b53a")[0]
    target[crescent] = hexes("fff0a0")[0]

    ranges = [("2c5a8c", 0.635, 0.050, 5.2, 0.0), ("1d4470", 0.680, 0.045, 4.0, 1.9), ("17365a", 0.735, 0.035, 6.1, 0.7)]
    for code, top, swing, rate, phase in ranges:
        edge = top - swing * np.sin(rate * x + phase) - 0.012 * np.sin(17 * x + phase)
        hill = y > edge
        stripes = 0.5 + 0.5 * np.sin((y - edge) * 150 + 3 * band)
        target = np.where(hill[..., None], mix(hexes(code)[0], hexes("4f86a8")[0], (0.38 * stripes)[..., None]), target)
        slope = np.arctan(-swing * rate * np.cos(rate * x + phase))
        angle = np.where(hill, slope, angle)
    plain = y > 0.80 + 0.02 * np.sin(5 * x)
    furrow = 0.5 + 0.5 * np.sin(90 * y + 14 * x + 2 * band)
    target = np.where(plain[..., None], mix(hexes("10283a")[0], hexes("2f5f56")[0], furrow[..., None]), target)
    angle = np.where(plain, -0.15 + 0.3 * np.sin(6 * x), angle)
    for cottage in range(13):
        cx, cy = 0.40 + 0.072 * cottage + 0.02 * rng.standard_normal(), 0.815 + 0.035 * rng.random()
        wide, tall = 0.024 + 0.010 * rng.random(), 0.026 + 0.012 * rng.random()
        wall = (np.abs(x - cx) < wide) & (np.abs(y - cy) < tall)
        roof = (y < cy - tall) & (y > cy - tall - wide * 0.9) & (np.abs(x - cx) < (y - cy + tall + wide * 0.9) * 1.25)
        target[wall] = hexes("27496b", "1d3a58", "345a70")[cottage % 3]
        target[roof] = hexes("12203c", "3a3350", "5a3a3a")[cottage % 3]
        angle[wall] = 1.57
        if cottage % 4:
            target[(np.abs(x - cx) < wide * 0.36) & (np.abs(y - cy) < tall * 0.42)] = hexes("fbc94a")[0]
    spire = (np.abs(x - 0.845) < 0.006 + 0.11 * np.clip(y - 0.655, 0, 0.12)) & (y > 0.655) & (y < 0.86)
    target[spire] = hexes("152844")[0]
    angle[spire] = 1.57
    # a cypress like a flame, tongue beside tongue
    height = np.clip((y - 0.10) / 0.90, 0, 1)
    sway = 0.155 + 0.018 * np.sin(9 * y) - 0.03 * (1 - height)
    half = 0.105 * height**0.9 + 0.016 * np.sin(31 * y + 2) * height
    tree = (np.abs(x - sway) < half) & (y > 0.10)
    tongues = 0.5 + 0.5 * np.sin((x - sway) / np.maximum(half, 0.01) * 9 + 7 * np.sin(7 * y))
    target = np.where(tree[..., None], mix(hexes("071518")[0], hexes("2d4f35")[0], (tongues**2)[..., None]), target)
    angle = np.where(tree, -1.57 + 0.5 * np.sin(13 * y + 8 * (x - sway)), angle)

    canvas = Canvas(rng, target * 0.6)
    paint_layers(canvas, target, angle, [(10, 26, 6)], pigments, wander=0.08, broken=0.3)
    paint_layers(canvas, target, angle, [(7, 19, 3.6)], pigments, wander=0.06, broken=0.45, jitter=0.09)
    crisp = np.clip(ndimage.gaussian_gradient_magnitude(target.sum(-1), 2.5) * 10, 0.15, 1)
    paint_layers(canvas, target, angle, [(5, 11, 2.6)], pigments, where=crisp, wander=0.06, broken=0.3, jitter=0.09)
    return canvas.lit(0.7, 0.35)


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
