"""Figures that move: a picture after another, as an animated PNG."""

import io

import numpy as np
from IPython.display import Image as NotebookImage
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image


def display_film(frames, milliseconds, width):
    """Show frames, arrays (H, W, 3) of uint8, as an animated PNG: one picture that moves in every browser, offline."""
    first, *others = [Image.fromarray(frame) for frame in frames]
    file = io.BytesIO()
    first.save(file, "PNG", save_all=True, append_images=others, duration=milliseconds, loop=0)
    display(NotebookImage(file.getvalue(), format="png", width=width))


def film_of(figure, update, count, milliseconds):
    """Show update(0) … update(count - 1), each of which changes the figure, as a film."""
    canvas = FigureCanvasAgg(figure)
    frames = []
    for number in range(count):
        update(number)
        canvas.draw()
        frames.append(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    display_film(frames, [milliseconds] * (count - 1) + [6 * milliseconds], round(figure.get_figwidth() * 72))
