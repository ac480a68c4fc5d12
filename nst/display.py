"""How does a picture get into a notebook? With words for those who do not see it, small, and on any ground.

    display(still(pixels, "A lake between mountains."))
    display(film(frames, "A window slides over a row of numbers.", 80))

JupyterLab draws an output of type image/png without an alternative text, whatever its metadata say, and nbconvert
writes "No description has been provided for this image". So a picture is HTML here, one <img> with its `alt`, which
JupyterLab, Notebook, VS Code, nbviewer and nbconvert's pages show; where there is no HTML, the words stand for it.
"""

import base64
import html
import io
import re
from collections.abc import Sequence

import numpy as np
from PIL import Image

#: A picture with at most so many colours is a drawing, kept as it is; one with more is a photograph.
_COLOURS_OF_A_DRAWING = 8192


#: Where nobody will look, a list: figures of the course are named in it and not drawn. See grading/exam/inside.py.
left_out = None

#: What Picture.to_html writes, and nothing else.
_TAG = re.compile(r'<img src="data:image/webp;base64,[A-Za-z0-9+/=]+" alt="[^"<>]*" width="\d+" height="\d+">')


class Picture:
    """A picture with an alternative text, for IPython's `display` and for the `update` of what it returns.

    encoded: the bytes of a WebP file. alt: what it shows, for those who do not see it: a sentence or more. width,
    height: in CSS pixels, at which it is shown.
    """

    def __init__(self, encoded, alt, width, height):
        self.encoded, self.alt, self.width, self.height = encoded, checked_alt(alt), round(width), round(height)

    def to_html(self):
        """One <img>, which needs no other file."""
        data = base64.b64encode(self.encoded).decode()
        alt = html.escape(self.alt)
        return f'<img src="data:image/webp;base64,{data}" alt="{alt}" width="{self.width}" height="{self.height}">'

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.to_html(), "text/plain": self.alt}


def still(pixels, alt, width=None):
    """A picture that stands still: a Picture.

    pixels: (H, W, 3) uint8, or (H, W, 4) with alpha. alt: what it shows. width: in CSS pixels; as many as the picture
    has when None.
    """
    image = Image.fromarray(np.asarray(pixels))
    file = io.BytesIO()
    image.save(file, "WEBP", **_options(image))
    return _picture(file, alt, image, width)


def film(frames, alt, milliseconds, width=None, quality=75):
    """A picture that moves, and begins again at its end: a Picture.

    frames: arrays of uint8 as `still` takes them, all of one size. alt: what it shows, how it changes and how it ends.
    milliseconds: how long each frame stays, one number or one a frame. width: as in `still`. quality: of photographs,
    0 to 100.
    """
    first, *others = [Image.fromarray(np.asarray(frame)) for frame in frames]
    file = io.BytesIO()
    times = list(milliseconds) if isinstance(milliseconds, Sequence) else milliseconds
    first.save(file, "WEBP", save_all=True, append_images=others, duration=times, loop=0, **_options(first, quality))
    return _picture(file, alt, first, width)


def is_picture(text):
    """Is a text the HTML of one Picture, and nothing else? Then it carries no code into a browser, whoever wrote it."""
    return _TAG.fullmatch(text) is not None


def checked_alt(alt):
    """The alternative text, in one line; ValueError unless it is a text with words in it."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(
            f"A picture expects an alternative text, and alt is {alt!r}; say in a sentence what the picture shows."
        )
    return " ".join(alt.split())


def _options(image, quality=80):
    if image.getcolors(_COLOURS_OF_A_DRAWING) is not None:
        return {"lossless": True, "quality": 60, "method": 4}
    return {"quality": quality, "method": 4}


def _picture(file, alt, image, width):
    width = image.width if width is None else width
    return Picture(file.getvalue(), alt, width, width * image.height / image.width)
