"""A wall of glazed tiles."""

import numpy as np

from tools.pictures.drawing import fractal, hexes, mix, smoothstep


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
