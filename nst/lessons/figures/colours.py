"""The colours of all figures: they stand on white and on near black, and are told apart without red and green.

tests/test_colours.py measures both. A text on no ground of its own is INK: 4.3 to 1 against JupyterLab's light ground
and its dark one, as far from both as a colour can be. On a ground of its own it is DARK or WHITE.
"""

import numpy as np
from matplotlib.colors import to_rgb

#: Letters and lines on whatever is behind the figure, and letters on a pale or a strong colour.
INK, DARK, WHITE = "#797979", "#000000", "#ffffff"

#: Surfaces that mean nothing in particular: to be seen, to carry white letters, and hardly to be seen (guide lines).
GREY, SLATE, FAINT = "#8e8e8e", "#666a73", "#80808060"

CONTENT, STYLE, PICTURE = "#2f77b0", "#c2552b", "#2a7f75"
CHANNELS = [STYLE, PICTURE, CONTENT]


def tint(colour, strength):
    """A colour mixed with white: strength 0 is white, 1 the colour. Three numbers from 0 to 1."""
    return 1 - strength * (1 - np.array(to_rgb(colour)))


def letters_on(colour):
    """DARK or WHITE, whichever is read more easily on a colour."""
    return max((DARK, WHITE), key=lambda letters: contrast(letters, colour))


def contrast(one, other):
    """The contrast of two colours as WCAG 2 measures it, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    """The relative luminance of WCAG 2, from 0 for black to 1 for white."""
    parts = np.array(to_rgb(colour))
    return float(np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])


def of_direction(turn):
    """Colours of directions: rightwards bright, leftwards dark, downwards yellow, upwards blue, and mixtures between.

    turn: an array of shares of a full turn, from rightwards over downwards. Returns (..., 3), from 0 to 1. Who sees no
    red or green still sees what is bright and what is yellow, so the circle goes through these two and leaves red out.
    """
    angle = 2 * np.pi * np.asarray(turn)
    right, down = np.cos(angle)[..., None], np.sin(angle)[..., None]
    middle, bright = np.array([0.68, 0.62, 0.60]), np.array([0.30, 0.30, 0.30])
    yellow = np.array([0.30, 0.14, -0.46])
    return np.clip(middle + right * bright + down * yellow, 0, 1)
