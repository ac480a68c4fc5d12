"""The live preview of a painting: the picture beside its cost curves."""

import logging

import numpy as np

# On its first import anywhere, matplotlib may log on stderr that it builds a font cache; nbgrader would take that
# for a failure.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator  # noqa: E402

# Nothing is behind the preview, so these are read on a light page and on a dark one.
_INK, _PALE, _GRID = "#797979", "#797979", "#80808050"
_COLOURS = (_INK, "#2f77b0", "#c2552b", "#2a7f75", "#9566c4")


def compose_preview(pixels, history, iterations):
    """The picture beside its cost curves, on a transparent ground: (2 * height, 2 * width, 4) uint8.

    It is drawn at twice the size at which it is to be shown, for sharp letters on fine screens.

    pixels: (H, W, 3) uint8; history: a non-empty list of (iteration, dictionary of floats).

    It is drawn on a Figure of its own, without pyplot, so that no figure of yours is touched or left open.
    """
    margin, header, footer, gap, plot_width = 16, 46, 44, 58, 360
    scale = min(400 / pixels.shape[1], 340 / pixels.shape[0])
    picture_width, picture_height = pixels.shape[1] * scale, pixels.shape[0] * scale
    body = max(picture_height, 190)
    width = round(margin + picture_width + gap + plot_width + 2 * margin)
    height = round(header + body + footer)

    figure = Figure(figsize=(width / 100, height / 100), dpi=200, facecolor="none")
    canvas = FigureCanvasAgg(figure)

    def place(x, y, w, h):
        """Axes at (x, y) from the top left corner, in CSS pixels."""
        return figure.add_axes((x / width, 1 - (y + h) / height, w / width, h / height))

    def write(x, y, text, colour, **options):
        figure.text(x / width, 1 - y / height, text, color=colour, fontsize=7.5, **options)

    picture_axes = place(margin, header + (body - picture_height) / 2, picture_width, picture_height)
    picture_axes.imshow(pixels, interpolation="bicubic", aspect="auto")
    picture_axes.set_axis_off()
    write(margin, 28, f"iteration {history[-1][0]} of {iterations}", _INK)

    left = margin + picture_width + gap
    axes = place(left, header, plot_width, body)
    axes.set_facecolor("none")
    steps = [iteration for iteration, _ in history]
    names = list(history[-1][1])
    positive = []
    for place_in_header, name in enumerate(names):
        colour = _COLOURS[place_in_header % len(_COLOURS)]
        values = np.array([costs.get(name, np.nan) for _, costs in history])
        shown = np.isfinite(values) & (values > 0)
        positive.extend(values[shown])
        axes.plot(
            np.array(steps)[shown],
            values[shown],
            color=colour,
            linewidth=1.6,
            solid_capstyle="round",
            marker="o" if shown.sum() == 1 else None,
            markersize=2.5,
            clip_on=False,
        )
        x = left + place_in_header * plot_width / max(3, len(names))
        write(x, 28, name, colour, fontweight="bold")
        if len(names) <= 3:
            # The value follows its name at a distance that suits short words.
            write(x + 7 * len(name) + 4, 28, f"{values[-1]:.2e}", _PALE)
    if positive:
        # Whole decades at both ends: there are always two labelled lines to read the curves by.
        axes.set_yscale("log")
        low, high = np.floor(np.log10(min(positive))), np.ceil(np.log10(max(positive)))
        axes.set_ylim(10.0**low, 10.0 ** max(high, low + 1))
        axes.yaxis.set_major_locator(LogLocator(numticks=8))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(_power_of_ten)
    else:
        axes.yaxis.set_major_locator(NullLocator())
    axes.set_xlim(0, max(iterations, steps[-1], 1))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.tick_params(colors=_PALE, labelsize=7, length=0, pad=5)
    write(left + plot_width, height - 10, "iteration", _PALE, ha="right")
    axes.grid(axis="y", color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color("#c5cad0")
        spine.set_linewidth(0.6)

    canvas.draw()
    return np.array(canvas.buffer_rgba())


def _power_of_ten(value, position):
    # matplotlib's own formatter sets formulas, at a tenth of a second each time the picture is drawn.
    return "10" + str(round(np.log10(value))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
