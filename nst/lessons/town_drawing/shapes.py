"""The colours and soft shapes that a face is made of."""

import numpy as np


def colours(*codes):
    """Rows of red, green and blue from 0 to 1, of hexadecimal codes."""
    return np.array([[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes], np.float32)


def mix(a, b, t):
    return np.asarray(a) + (np.asarray(b) - np.asarray(a)) * t


def unit(vector):
    return np.array(vector) / np.linalg.norm(vector)


def distance(x, y):
    """The distance from (0, 0). (np.hypot, which guards against overflow, takes ten times as long.)"""
    return np.sqrt(x * x + y * y)


def spot(x, y, wide, high):
    """A soft spot of height 1."""
    return np.exp(-((x / wide) ** 2) - (y / high) ** 2)


def ramp(low, high, x):
    """0 where x is at low (or beyond), 1 at high, smoothly between; low may be the larger one."""
    t = ((x - low) * (1 / (high - low))).clip(0, 1)
    return t * t * (3 - 2 * t)


def squircle(x, y, square):
    """Below 0 inside a shape from a circle of radius 1 (square 0) to nearly a square (0.95)."""
    xx, yy = x * x, y * y
    return np.sqrt(xx + yy - square * xx.clip(0, 1) * yy.clip(0, 1)) - 1


def shaded(colour, lit):
    """A colour (3,) in light and shadow (h, w): (3, h, w). A shadow on skin or cloth is warmer than grey."""
    colour = np.asarray(colour, np.float32)[:, None, None]
    shadow = np.array([0.46, 0.36, 0.36], np.float32)[:, None, None]
    return colour * (shadow + (1.06 - shadow) * lit)


def _strand_noise():
    """Uneven stripes: (1024,) float32, mean 0, repeating without a seam."""
    white = np.random.default_rng(3).standard_normal(1024)
    smooth = sum(np.convolve(np.tile(white, 3), np.hanning(w) / w**0.5, "same")[1024:2048] for w in (7, 15, 40))
    return (smooth / np.abs(smooth).max()).astype(np.float32)


_STRANDS = _strand_noise()


def strands(place):
    """The noise along `place`, in units of its whole length."""
    return _STRANDS[(place * 1024).astype(np.int32) & 1023]
