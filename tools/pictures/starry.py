"""Stars over the sea, in oil paint."""

import numpy as np
from scipy import ndimage

from tools.pictures.drawing import Canvas, fractal, grid, hexes, mix, paint_layers, smoothstep


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
