"""Mountains over the sea, cut in wood."""

import numpy as np
from scipy import ndimage

from tools.pictures.drawing import fractal, grid, hexes, mix, smoothstep


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
