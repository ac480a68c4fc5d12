"""A picture in a notebook carries its words with it, wherever it is shown."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from nst.display import film, is_picture, still
from nst.grading.judge import _safe

PIXELS = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
DRAWING = np.kron(np.eye(8, dtype=np.uint8), np.full((10, 10), 200, np.uint8))[..., None].repeat(4, -1)


def shown(picture):
    """What a front end gets: the attributes of the <img>, and the picture as Pillow reads it."""
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    (tag,) = re.findall(r"<img [^>]*>", bundle["text/html"])
    attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
    kind, data = attributes["src"].split(",")
    assert kind == "data:image/webp;base64"
    return attributes, Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_photograph_has_its_words_and_its_size():
    attributes, image = shown(still(PIXELS, "A lake\nbetween mountains.", width=40))
    assert attributes["alt"] == "A lake between mountains."
    assert (attributes["width"], attributes["height"]) == ("40", "30")
    assert image.size == (80, 60) and image.mode == "RGB"


def test_a_drawing_keeps_every_pixel_and_its_transparent_ground():
    _, image = shown(still(DRAWING, "A diagonal of eight squares."))
    np.testing.assert_array_equal(np.asarray(image)[..., 3], DRAWING[..., 3])
    np.testing.assert_array_equal(np.asarray(image)[DRAWING[..., 3] > 0], DRAWING[DRAWING[..., 3] > 0])


def test_a_film_moves_and_rests_on_its_last_frame():
    attributes, image = shown(film([DRAWING, DRAWING[::-1], DRAWING], "A diagonal that turns.", [80, 80, 480]))
    assert image.is_animated and image.n_frames == 3
    assert attributes["alt"] == "A diagonal that turns."


def test_words_cannot_end_the_tag():
    attributes, _ = shown(still(DRAWING, 'a "quoted" <b> & more'))
    assert attributes["alt"] == "a &quot;quoted&quot; &lt;b&gt; &amp; more"


def test_in_text_the_words_stand_for_the_picture():
    picture = still(DRAWING, "A diagonal of eight squares.")
    assert repr(picture) == picture._repr_mimebundle_()["text/plain"] == "A diagonal of eight squares."


def test_the_feedback_keeps_pictures_and_no_other_html():
    picture = still(DRAWING, 'a "quoted" <b> & more')._repr_mimebundle_()
    (output,) = _safe([{"output_type": "display_data", "data": dict(picture), "metadata": {}}])
    assert output["data"] == picture


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page + "<script>alert(1)</script>",
        lambda page: page.replace(" width", " onerror='alert(1)' width"),
        lambda page: page.replace("data:image/webp;base64,", "https://example.org/"),
        lambda page: page.replace("image/webp", "image/svg+xml"),
        lambda page: page + "\n",
        lambda page: page.replace('alt="', 'alt="" onload="alert(1)" title="'),
    ],
)
def test_the_feedback_drops_what_only_looks_like_a_picture(change):
    picture = still(DRAWING, "A diagonal.")._repr_mimebundle_()
    assert is_picture(picture["text/html"])
    picture["text/html"] = change(picture["text/html"])
    (output,) = _safe([{"output_type": "display_data", "data": picture, "metadata": {}}])
    assert output["data"] == {"text/plain": "A diagonal."}


@pytest.mark.parametrize("alt", ["", "  ", None, 3])
def test_a_picture_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="expects an alternative text"):
        still(PIXELS, alt)
