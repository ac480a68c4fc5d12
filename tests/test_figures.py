"""Every figure of the notebooks: its words, its transparent ground, and letters that are read on light and dark."""

import base64
import inspect
import io
import re
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.offsetbox import AnnotationBbox
from matplotlib.text import Text
from PIL import Image

from nst.lessons import face_figures, figures
from nst.lessons.figures.colours import DARK, INK, WHITE
from nst.lessons.town import pictures
from nst.networks.encoder import small_encoder
from nst_utils import load_vgg_model

RANDOM = np.random.default_rng(0)
FACES = pictures([1, 4, 6], 2, seed=1)
PICTURE = RANDOM.integers(0, 256, (24, 32, 3), np.uint8)
NUMBERS = RANDOM.normal(size=(14,))
KERNEL, MAP = RANDOM.normal(size=(5, 5, 3)), RANDOM.normal(size=(10, 10))
CURVES = {"Adam": [(1, 90.0), (40, 30.0)], "L-BFGS": [(1, 90.0), (40, 12.0)]}
RATES = np.linspace(0, 1, 9)
LAYERS = {"conv1": np.zeros((1, 8, 9, 64)), "pool1": np.zeros((1, 4, 4, 64))}
VISITS = [(FACES[0, 0], FACES[0, 1], "Emre? 0.41", True), (FACES[0, 0], FACES[1, 1], "Emre? 1.12", False)]


@pytest.fixture(scope="module")
def model():
    return load_vgg_model()


@pytest.fixture
def shown(monkeypatch):
    """What the figures show from here on, as they hand it to the notebook, and the figures themselves."""
    pictures, drawn, draw = [], [], FigureCanvasAgg.draw
    monkeypatch.setattr("nst.lessons.figures.drawing.display", pictures.append)
    monkeypatch.setattr(FigureCanvasAgg, "draw", lambda canvas: (drawn.append(canvas.figure), draw(canvas))[1])
    return pictures, drawn


#: Words that a figure asks for, and the place of a network among the arguments.
ASKED, NETWORK = "A hill at dusk.", object()

#: name of the figure -> its arguments but for `alt`, and what its words say
DRAWN = {
    "bars": [({"relu1": 86.2, "fire3": 13.3}, "Shares", " %"), "relu1 86.2 %, fire3 13.3 %"],
    "channels": [(NETWORK, np.zeros((1, 300, 400, 3), "float32"), ["conv1_1"]), ASKED],
    "cone": [([(3, 1), (2, 2)],), "1 in the row “kernel 2, stride 2”, 2 in the row"],
    "curves": [({"a signal": NUMBERS}, 10), ASKED],
    "directions": [(RANDOM.random((5, 9, 9)), RANDOM.random((5, 5, 5, 16)), RANDOM.random(16)), ASKED],
    "falling": [(CURVES, "Cost"), "L-BFGS falls from 90 to 12 at evaluation 40."],
    "filter_positions": [(8, 3, {"stride 2": (2, 0)}), "stride 2: 3 places, an entry left over."],
    "filters": [(RANDOM.normal(size=(5, 5, 3, 4)), RANDOM.normal(size=(9, 9, 4)), PICTURE), ASKED],
    "heatmaps": [({"a": MAP, "b": MAP.T},), ASKED],
    "influence": [(PICTURE, {"conv1_1": np.ones((24, 32))}, [(4, 4, 9)]), ASKED],
    "layers": [(LAYERS, ["conv1"]), "pool1 4 × 4 with 64 channels. Coloured as content layers: conv1."],
    "motion": [(RANDOM.random((3, 9, 12)), RANDOM.random((3, 9, 12, 16))), ASKED],
    "neighbours": [(4, 5), "4 · 4 + 3 · 5 = 31"],
    "network": [(NETWORK, ["conv4_2"]), "Coloured as content layers: conv4_2."],
    "numbered_cells": [({"a": [[0, 1], [2, 10]]},), "000 001; 002 010"],
    "painting_loop": [(), "the gradient of J says how to change each pixel"],
    "pictures_above_maps": [({"a": PICTURE}, [abs(MAP)], "how rough"), ASKED],
    "show": [({"the lake": PICTURE, "a map": MAP},), ASKED],
    "sliding_filter": [([1, 5, 2], [-1, 1], [4, -3]), "4, −3"],
    "sliding_window": [(PICTURE[:7, :7], KERNEL, MAP[:3, :3]), ASKED],
    "table_of_numbers": [([[1, 8], [7, 2]], ["starry", "tiles"], "Style cost"), "starry: 1, 8. tiles: 7, 2."],
    "units": [({"a": (PICTURE, PICTURE), "b": (PICTURE, None)},), ASKED],
    "faces": [(FACES[0],), ASKED],
    "pairs": [([(*FACES[0], "Emre: 31")],), f"{ASKED} Their captions: Emre: 31."],
    "siamese": [(*FACES[:1, 0], *FACES[:1, 1], small_encoder()), "64 numbers of each"],
    "candidates": [(*FACES[0], FACES[1], [0.4, 0.5, 1.2], 0.2, 0), "“semi-hard” from 0.40 to 0.60: 0.50."],
    "distances": [({"pixels": ([1, 2, 3], [2, 3, 4])}, {"pixels": 2.5}), "33% of the first lie past the mark at 2.50"],
    "rocs": [({"a door": (RATES, RATES**0.2)}, {"a safe": (0.01, 0.4)}), "a safe: 1.0% of strangers get in, 40% of"],
    "at_the_door": [(VISITS,), "“Emre? 0.41”, and the door opens. “Emre? 1.12”, and the door stays shut."],
}


def drawing(name):
    return getattr(figures, name, None) or getattr(face_figures, name)


def asks_for_words(name):
    return "alt" in inspect.signature(drawing(name)).parameters


def test_every_figure_is_drawn_here():
    # Those two show what comes in the course of time, and have tests of their own.
    assert (set(figures.__all__) | set(face_figures.__all__)) - {"Gallery", "Watch"} == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_read_by_everybody(name, shown, model):
    pictures, drawn = shown
    arguments, words = DRAWN[name]
    arguments = [model if argument is NETWORK else argument for argument in arguments]
    drawing(name)(*arguments, **({"alt": ASKED} if asks_for_words(name) else {}))
    (picture,) = pictures

    # It says what it shows: what it was told, or what it knows from its numbers.
    assert words in picture.alt
    assert picture.alt[0].isupper() and picture.alt.endswith(".")

    # Nothing lies behind it, and every letter on it is read on light and on dark.
    data = re.search(r'base64,([^"]*)"', picture.to_html())[1]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))
    assert (pixels[..., 3] == 0).mean() > 0.02
    letters = {to_hex(text.get_color()) for text in drawn[-1].findobj(Text) if text.get_text() and text.get_visible()}
    assert letters <= {INK, DARK, WHITE}


@pytest.mark.parametrize("name", [name for name, (_, words) in DRAWN.items() if words.startswith(ASKED)])
def test_a_figure_that_shows_pictures_asks_for_words(name):
    assert inspect.signature(drawing(name)).parameters["alt"].default is inspect.Parameter.empty


def test_the_door_says_without_colours_whether_it_opens(shown):
    _, drawn = shown
    face_figures.at_the_door(
        [(None, FACES[0, 1], "Emre 0.41", True), (None, FACES[1, 1], "Not in the database. 1.12", False)]
    )
    opens, shut = drawn[-1].axes
    assert opens.texts[0].get_text() == "✓ Emre 0.41"
    assert " ".join(shut.texts[0].get_text().split()) == "✗ Not in the database. 1.12"
    assert opens.lines[0].get_linestyle() != shut.lines[0].get_linestyle()


def test_candidates_do_not_hide_one_another(shown):
    _, drawn = shown
    faces, far = FACES.reshape(-1, 96, 96, 3), [0.5, 0.5, 0.51, 0.52, 0.9, 0.92]
    face_figures.candidates(faces[0], faces[1], faces, [0.4, *far], 0.2, chosen=2)
    figure = drawn[-1]
    boxes = [box.get_window_extent() for box in figure.findobj(AnnotationBbox)]
    assert len(boxes) == len(far) + 2  # the positive, the negatives, the anchor
    assert [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])] == []
    assert [text.get_text() for text in figure.findobj(Text)].count("chosen") == 1


def test_answers_at_the_door_stay_below_their_own_picture(shown):
    _, drawn = shown
    face_figures.at_the_door(
        [(None, face, "Not in the database.\n0.88", False) for face in FACES.reshape(-1, 96, 96, 3)]
    )
    boxes = [axis.texts[0].get_window_extent() for axis in drawn[-1].axes if axis.texts]
    assert len(boxes) == 6
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
