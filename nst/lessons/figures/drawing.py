"""What figures have in common: a transparent ground, colours that read on light and dark, and an alternative text.

    @house_style
    def figure_of_mine(numbers, alt):
        figure, axis = grid(7, 3)
        ...
        show_figure(figure, alt)

No figure goes through pyplot, so that nothing of yours is touched or left open.
"""

import io
from functools import wraps

import numpy as np
from IPython.display import display
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from nst import display as shown
from nst.display import film, still
from nst.lessons.figures.colours import INK
from nst.progress import progress

#: Pixels of an inch of a figure: as it is shown, and as it is drawn, for sharp letters on fine screens.
_SHOWN, _DRAWN = 76, 152

_STYLE = {
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def house_style(figure):
    """A function that draws a figure, in the course's colours; where nobody will look, it draws none."""

    @wraps(figure)
    def styled(*arguments, **options):
        if shown.left_out is not None:
            shown.left_out.append(figure.__name__)
            return None
        with rc_context(_STYLE):
            return figure(*arguments, **options)

    return styled


def blank(width, height, dpi=_DRAWN, **options):
    """A figure of width × height inches with nothing on it, nor behind it."""
    figure = Figure(figsize=(width, height), dpi=dpi, **options)
    FigureCanvasAgg(figure)
    return figure


def grid(width, height, rows=1, columns=1, layout=None, **options):
    """A blank figure and its axes, as plt.subplots returns them."""
    figure = blank(width, height, layout=layout)
    return figure, figure.subplots(rows, columns, **options)


def show_figure(figure, alt):
    """Show a figure, cut to what is drawn. alt: what it shows, for those who do not see it."""
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight", pad_inches=0.06)
    pixels = np.asarray(Image.open(file))
    display(still(pixels, alt, pixels.shape[1] * _SHOWN / figure.dpi))


def show_film(figure, update, count, milliseconds, alt):
    """Show update(0) … update(count - 1), each of which changes the figure, as a film that rests on its last frame."""
    frames = []
    for number in progress(range(count), "Drawing"):
        update(number)
        figure.canvas.draw()
        frames.append(np.array(figure.canvas.buffer_rgba()))
    times = [milliseconds] * (count - 1) + [6 * milliseconds]
    display(film(frames, alt, times, round(figure.get_figwidth() * 72)))
