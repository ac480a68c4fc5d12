"""Filters that slide over signals and pictures, of what-convnets-see 1."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from nst.lessons.figures.colours import CHANNELS, CONTENT, GREY, INK, PALE, PICTURE, STYLE
from nst.lessons.figures.films import film_of


def curves(rows, rate, marks=()):
    """Draw signals one above another, over the same seconds.

    rows: title -> samples, all at the same rate. rate: samples per second. marks: integers, the samples to mark in the
    last row.
    """
    figure, axes = plt.subplots(len(rows), 1, figsize=(11, 1.35 * len(rows) + 0.3), sharex=True, squeeze=False)
    colours = [INK, CONTENT, STYLE, PICTURE]
    for number, (axis, (title, values)) in enumerate(zip(axes[:, 0], rows.items(), strict=True)):
        seconds = np.arange(len(values)) / rate
        axis.axhline(0, color=PALE, linewidth=1)
        axis.plot(seconds, values, color=colours[number % len(colours)], linewidth=1.5)
        axis.set_title(title, fontsize=10.5, color=INK, loc="left", pad=3)
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0, labelsize=9)
        axis.margins(x=0.01)
    marks = np.asarray(marks, int)
    axes[-1, 0].plot(marks / rate, np.asarray(values)[marks], "o", color=CHANNELS[0], markersize=5)
    axes[-1, 0].set_xlabel("seconds", fontsize=9, color=INK)
    figure.tight_layout(pad=0.4)
    plt.show()


def sliding_filter(signal, kernel, result):
    """Film a filter that slides over a signal: what lies below it, its products, and their sum.

    signal: (n,). kernel: (f,). result: (n - f + 1,), what the filter gives at each of its positions, stride 1.
    """
    signal, kernel, result = (np.asarray(values, float).ravel() for values in (signal, kernel, result))
    n, f = len(signal), len(kernel)
    figure = Figure(figsize=(10.4, 3.5), dpi=144)
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set_xlim(-2.6, n + 2.6)
    axis.set_ylim(-0.75, 4.6)
    axis.axis("off")

    def cells(values, left, bottom, colour, largest):
        for i, value in enumerate(values):
            strength = 0.12 + 0.88 * abs(value) / largest
            shade = colour if value >= 0 else STYLE
            axis.add_patch(
                Rectangle((left + i + 0.04, bottom), 0.92, 0.8, facecolor=shade, alpha=strength, linewidth=0)
            )
            axis.text(
                left + i + 0.5, bottom + 0.4, f"{value:g}".replace("-", "−"), ha="center", va="center", fontsize=10.5,
                color="white" if strength > 0.55 else INK,
            )  # fmt: skip

    largest, most = np.abs(signal).max(), np.abs(result).max()
    cells(signal, 0, 3.4, CONTENT, largest)
    for name, y in (("signal", 3.8), ("filter", 2.55), ("result", 0.4)):
        axis.text(-0.35, y, name, ha="right", va="center", fontsize=11, color=GREY)
    moving = []

    def update(at):
        while moving:
            moving.pop().remove()
        before = list(axis.patches) + list(axis.texts)
        for value, left in ((value, at + i) for i, value in enumerate(kernel)):
            axis.add_patch(Rectangle((left + 0.04, 2.15), 0.92, 0.8, facecolor="white", edgecolor=INK, linewidth=1.2))
            number = f"{value:g}".replace("-", "−")
            axis.text(left + 0.5, 2.55, number, ha="center", va="center", fontsize=10.5, color=INK)
        axis.add_patch(Rectangle((at - 0.03, 3.3), f + 0.06, 1.0, fill=False, edgecolor=INK, linewidth=1.8))
        terms = " + ".join(
            f"{value:g}·({weight:g})" if weight < 0 else f"{value:g}·{weight:g}"
            for value, weight in zip(signal[at : at + f], kernel, strict=True)
        )
        words = f"{terms}  =  {result[at]:g}".replace("-", "−")
        axis.text(n / 2, 1.45, words, ha="center", va="center", fontsize=12, color=INK)
        moving.extend(artist for artist in [*axis.patches, *axis.texts] if artist not in before)
        # The results stay.
        cells(result[at : at + 1], (n - len(result)) / 2 + at, 0, PICTURE, most)

    film_of(figure, update, len(result), 900)


def filter_positions(n, f, cases):
    """Draw where a filter of f entries fits on an axis of n, a row for each position.

    cases: title -> (stride, padding).
    """
    most = max(padding for _, padding in cases.values()) + 0.5
    figure, axes = plt.subplots(1, len(cases), figsize=(2.9 * len(cases), 2.2), squeeze=False)
    for axis, (title, (stride, padding)) in zip(axes[0], cases.items(), strict=True):
        for i in range(-padding, n + padding):
            inside = 0 <= i < n
            look = {"facecolor": CONTENT, "alpha": 0.9} if inside else {"facecolor": "white", "edgecolor": "#b3ad9f"}
            axis.add_patch(Rectangle((i + 0.06, 0), 0.88, 0.8, linewidth=1.0, **look))
            axis.text(
                i + 0.5, 0.4, "" if inside else "0", ha="center", va="center", fontsize=9, color=GREY
            )  # fmt: skip
        starts = range(-padding, n + padding - f + 1, stride)
        for row, start in enumerate(starts):
            axis.add_patch(
                FancyBboxPatch(
                    (start + 0.12, -0.72 - 0.62 * row), f - 0.24, 0.36, facecolor=STYLE, edgecolor="none",
                    boxstyle="round,pad=0.02,rounding_size=0.15",
                )
            )  # fmt: skip
        left_over = n + padding - (starts[-1] + f)
        if left_over:
            axis.add_patch(
                Rectangle((n + padding - left_over, -0.09), left_over, 0.98, fill=False, edgecolor=INK, linewidth=1.3)
            )
            axis.text(n + padding, 1.15, "left over", ha="right", fontsize=9, color=INK)
        axis.set_title(title, fontsize=11, color=INK)
        axis.set_xlim(-most, n + most)
        axis.set_ylim(-5.2, 1.7)
        axis.set_aspect("equal")
        axis.axis("off")
    figure.tight_layout(pad=0.3)
    plt.show()


def sliding_window(picture, kernel, result):
    """Film a filter that slides over a picture and fills its channel of the result.

    picture: (H, W, 3) uint8. kernel: (f, f, 3). result: (H - f + 1, W - f + 1).
    """
    size, (rows, columns) = len(kernel), result.shape
    widths = np.array([picture.shape[1], size, columns])
    figure = Figure(figsize=(0.25 * widths.sum() + 1.6, 0.25 * len(picture) + 0.5), dpi=100)
    axes = figure.subplots(1, 3, gridspec_kw={"width_ratios": widths, "wspace": 0.25})
    figure.subplots_adjust(left=0.02, right=0.98, bottom=0.02, top=0.89)
    axes[0].imshow(picture, interpolation="nearest")
    axes[1].imshow(_as_colours(kernel), interpolation="nearest")
    strength = np.abs(result).max()
    shown = np.full(result.shape, np.nan)
    drawn = axes[2].imshow(shown, cmap="RdBu_r", vmin=-strength, vmax=strength, interpolation="nearest")
    axes[2].set_facecolor("#f4f2ee")
    titles = (
        f"input, {' × '.join(map(str, picture.shape))}",
        f"filter, {' × '.join(map(str, kernel.shape))}",
        f"result, {rows} × {columns}",
    )
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, fontsize=10.5, color=INK)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
    frames = [
        axis.add_patch(Rectangle((-0.5, -0.5), side, side, fill=False, edgecolor=colour, linewidth=width))
        for axis, side, colour, width in (
            (axes[0], size, "white", 3.2),
            (axes[0], size, INK, 1.4),
            (axes[2], 1, INK, 1.6),
        )
    ]

    def update(number):
        # Two positions at a time: drawing takes longer than looking.
        shown.flat[: 2 * number + 2] = result.flat[: 2 * number + 2]
        drawn.set_data(shown)
        row, column = divmod(min(2 * number + 1, result.size - 1), columns)
        for frame in frames:
            frame.set_xy((column - 0.5, row - 0.5))

    film_of(figure, update, -(-result.size // 2), 160)


def _as_colours(kernel):
    """A filter over colours as a picture: grey is 0, a channel is brighter where it counts for it."""
    return np.clip(0.5 + 0.5 * np.asarray(kernel) / np.abs(kernel).max(), 0, 1)


def filters(kernels, results, picture):
    """Show a picture, and below it every filter above the channel that it makes of the picture.

    kernels: (f, f, 3, filters). results: (H, W, filters), red where a filter answers strongly, blue where it answers
    with the opposite sign. picture: (H, W, 3) uint8.
    """
    count = kernels.shape[-1]
    figure = plt.figure(figsize=(11, 2.9), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[2, 9])
    axis = left.subplots()
    axis.imshow(picture, interpolation="nearest")
    axis.set_title("input", fontsize=10, color=INK)
    axis.axis("off")
    axes = right.subplots(4, count // 2, gridspec_kw={"height_ratios": [1, 1.5, 1, 1.5]})
    strength = np.abs(results).max()
    for number in range(count):
        row, column = 2 * (number // (count // 2)), number % (count // 2)
        axes[row, column].imshow(_as_colours(kernels[..., number]), interpolation="nearest")
        axes[row + 1, column].imshow(
            results[..., number], cmap="RdBu_r", vmin=-strength, vmax=strength, interpolation="nearest"
        )
    for axis in axes.flat:
        axis.axis("off")
    plt.show()
