"""The colours of the figures: read on light and on dark, and told apart by who sees no red or no green."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from nst.lessons.figures import colours
from nst.lessons.figures.colours import CHANNELS, CONTENT, GREY, INK, PICTURE, SLATE, STYLE, WHITE, contrast

#: The grounds of JupyterLab's themes.
GROUNDS = ["#ffffff", "#111111"]

#: What is left of a colour, in linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model for
#: Simulation of Color Vision Deficiency" (2009), at full severity.
EYES = {
    "all colours": np.eye(3),
    "no green (deuteranopia)": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no red (protanopia)": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}


def difference(one, other, eyes):
    """The distance of two colours in CIELAB, as these eyes see them: 2 is hardly to be seen, 100 is black and white."""
    first, second = (_lab(EYES[eyes] @ _linear(to_rgb(colour))) for colour in (one, other))
    return float(np.linalg.norm(first - second))


def _linear(colour):
    colour = np.array(colour)
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def _lab(linear):
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    shares = to_xyz @ np.clip(linear, 0, 1) / [0.95047, 1, 1.08883]
    x, y, z = np.where(shares > 0.008856, np.cbrt(shares), 7.787 * shares + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("ground", GROUNDS)
def test_letters_and_surfaces_stand_out_from_both_grounds(ground):
    # 4.35 is the most that one colour can have against both.
    assert contrast(INK, ground) >= 4.3
    for surface in (CONTENT, STYLE, PICTURE, SLATE, GREY):
        assert contrast(surface, ground) >= 3, surface


def test_letters_on_a_surface_are_read():
    for surface in (CONTENT, STYLE, PICTURE, SLATE):
        assert contrast(WHITE, surface) >= 4.5
        for strength in np.linspace(0, 1, 21):
            shade = colours.tint(surface, strength)
            assert contrast(colours.letters_on(shade), shade) >= 4.5


@pytest.mark.parametrize("eyes", EYES)
def test_colours_that_are_used_together_are_told_apart(eyes):
    for one, other in combinations([CONTENT, STYLE, PICTURE], 2):
        assert difference(one, other, eyes) >= 30, (one, other)
    assert {*CHANNELS} <= {CONTENT, STYLE, PICTURE}


@pytest.mark.parametrize("eyes", EYES)
def test_directions_are_told_apart(eyes):
    turns = np.arange(8) / 8
    shown = colours.of_direction(turns)
    for place, turn in enumerate(turns):
        assert difference(shown[place], shown[(place + 2) % 8], eyes) >= 20, turn
        assert difference(shown[place], shown[(place + 4) % 8], eyes) >= 40, turn


def test_the_measure_knows_red_and_green_that_look_alike():
    red, green = "#c00000", "#5a6b00"
    assert difference(red, green, "all colours") > 60
    assert difference(red, green, "no green (deuteranopia)") < 20
