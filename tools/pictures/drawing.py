"""What the pictures share: a grid, colours, noise, and oil paint."""

import numpy as np
from scipy import ndimage


def smoothstep(low, high, x):
    """0 where x is at `low`, 1 where it is at `high` (or beyond), smoothly between; low > high reverses it."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a, b, t):
    """From a (t = 0) to b (t = 1) in a straight line."""
    return a + (np.asarray(b) - a) * t


def grid(h, w):
    """y and x (H, W) of pixel centres, both in picture heights."""
    return np.meshgrid((np.arange(h) + 0.5) / h, (np.arange(w) + 0.5) / h, indexing="ij")


def hexes(*codes):
    """Colours as rows of 0..1 from hexadecimal codes."""
    return np.array([[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes])


def spline_upsample(coarse, size, spacing, axis):
    """Uniform cubic B-spline along one axis: one coarse sample every `spacing` pixels, four taps per pixel."""
    place = np.arange(size) / spacing
    start = place.astype(int)
    t = place - start
    taps = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    across = (-1, 1) if axis == 0 else (1, -1)
    return sum(np.take(coarse, start + k, axis) * (tap / 6).reshape(across) for k, tap in enumerate(taps))


def fractal(rng, shape, scale, octaves=5, gain=0.5):
    """Smooth noise (H, W), mean 0 and deviation 1: `octaves` layers, the coarsest with features of `scale` pixels.

    Each layer is twice as fine as the one before and `gain` times as strong; `scale` may be (down, across).
    """
    total = np.zeros(shape)
    sy, sx = scale if np.iterable(scale) else (scale, scale)
    for octave in range(octaves):
        coarse = rng.standard_normal((int(shape[0] / sy) + 5, int(shape[1] / sx) + 5))
        layer = spline_upsample(spline_upsample(coarse, shape[0], sy, 0), shape[1], sx, 1)
        total += gain**octave * layer
        sy, sx = max(sy / 2, 1), max(sx / 2, 1)
    return (total - total.mean()) / total.std()


def within(low, high, x):
    """x clipped to low..high: what np.clip does, without its overhead, which tells on the small patch of a stroke."""
    return np.minimum(np.maximum(x, low), high)


class Canvas:
    """Wet paint: a colour and a thickness per pixel, changed one brush stroke at a time."""

    def __init__(self, rng, colour):
        self.rng = rng
        self.colour = np.array(colour, float)
        self.height = np.zeros(self.colour.shape[:2])
        hairs = rng.standard_normal((256, 26))
        self.brushes = (hairs + np.roll(hairs, 1, 1)) / 1.41

    def stroke(self, x, y, angle, length, width, colour, bend=0.0, streak=0.04, body=1.0):
        """One stroke about (x, y): half its length and width in pixels, the direction it is drawn in (radians).

        `bend` is how far its ends lie off the straight line, in widths; `streak` how much the hairs differ in
        colour; `body` how thick the paint is.
        """
        h, w = self.height.shape
        c, s = np.cos(angle), np.sin(angle)
        long, wide = 1.15 * length, width * (1 + abs(bend))
        reach_x, reach_y = abs(c) * long + abs(s) * wide, abs(s) * long + abs(c) * wide
        x0, x1 = max(int(x - reach_x), 0), min(int(x + reach_x) + 2, w)
        y0, y1 = max(int(y - reach_y), 0), min(int(y + reach_y) + 2, h)
        if x0 >= x1 or y0 >= y1:
            return
        dx = np.arange(x0, x1)[None, :] - x
        dy = np.arange(y0, y1)[:, None] - y
        u = (dx * c + dy * s) / length
        v = (dy * c - dx * s) / width - bend * u * u
        hair = self.brushes[self.rng.integers(256)][within(0, 25, (v + 1.2) * 10).astype(int)]
        alpha = within(0, 1, (1 - v * v) * 2.5) * within(0, 1, (1 - np.abs(u) + 0.10 * hair) * 5)
        alpha *= within(0.3, 1, 1.1 - 0.13 * np.abs(hair) * (u + 1))
        patch = (slice(y0, y1), slice(x0, x1))
        tint = 1 + streak * hair
        for channel, strength in enumerate(colour):  # three plain products are sooner done than one of (h, w, 3)
            under = self.colour[patch][..., channel]
            under += (strength * tint - under) * alpha
        ahead = within(0, 1, u) ** 2
        ridge = body * (0.55 + 0.2 * hair + 0.6 * v * v + 0.5 * ahead * ahead)
        self.height[patch] += (0.3 * self.height[patch] + ridge - self.height[patch]) * alpha

    def lit(self, depth=0.5, gloss=0.25):
        """The painting under a lamp at the upper left, which shows the thickness of the paint."""
        thickness = ndimage.gaussian_filter(self.height, 0.7)
        down, right = np.gradient(thickness)
        slope = np.clip(down + right, -0.8, 0.8)
        shine = np.clip(slope - 0.22, 0, 1) * gloss
        return np.clip(self.colour * (1 + depth * slope)[..., None] + shine[..., None], 0, 1)


def paint_layers(
    canvas,
    target,
    angle,
    layers,
    pigments,
    *,
    size=None,
    where=None,
    wander=0.2,
    jitter=0.05,
    broken=0.25,
    streak=0.04,
):
    """Cover a canvas with strokes in the colours of `target` that follow the directions `angle`, coarse to fine.

    `layers` lists (spacing, half length, half width) in pixels; `size` (H, W) scales strokes from place to place,
    `where` (H, W) says where there are any. Each colour is drawn towards one of `pigments` by up to `broken`,
    which is how a painter breaks a colour up.
    """
    rng, (h, w) = canvas.rng, canvas.height.shape
    for spacing, length, width in layers:
        soft = ndimage.gaussian_filter(target, (width * 0.5, width * 0.5, 0))
        count = int(h * w / spacing**2)
        xs, ys = rng.uniform(0, w, count), rng.uniform(0, h, count)
        for x, y in zip(xs, ys, strict=True):
            i, j = int(y), int(x)
            if where is not None and rng.random() > where[i, j]:
                continue
            scale = 1.0 if size is None else size[i, j]
            long, wide = length * scale * rng.uniform(0.65, 1.2), width * scale * rng.uniform(0.7, 1.2)
            colour = soft[i, j]
            nearby = np.abs(pigments - colour).sum(1) + rng.uniform(0, 0.9, len(pigments))
            colour = mix(colour, pigments[nearby.argmin()], broken * rng.random())
            colour = colour * (1 + jitter * rng.standard_normal()) + 0.4 * jitter * rng.standard_normal(3)
            ahead = angle[
                within(0, h - 1, int(y + long * np.sin(angle[i, j]))),
                within(0, w - 1, int(x + long * np.cos(angle[i, j]))),
            ]
            turn = (ahead - angle[i, j] + np.pi / 2) % np.pi - np.pi / 2
            bend = within(-1, 1, turn) * long / wide / 2 + 0.15 * rng.standard_normal()
            canvas.stroke(
                x,
                y,
                angle[i, j] + wander * rng.standard_normal(),
                long,
                wide,
                within(0, 1, colour),
                bend,
                streak,
            )
