"""Filters that slide over signals and pictures, of what-convnets-see 1."""

import numpy as np
from matplotlib.patches import FancyBboxPatch, Rectangle

from nst.lessons.figures.colours import CONTENT, DARK, FAINT, INK, PICTURE, STYLE, WHITE, letters_on, tint
from nst.lessons.figures.drawing import blank, grid, house_style, show_figure, show_film


@house_style
def curves(rows, rate, alt, marks=()):
    """Draw signals one above another, over the same seconds.

    rows: title -> samples, all at the same rate. rate: samples per second. alt: how they run. marks: integers, the
    samples to mark in the last row.
    """
    figure, axes = grid(11, 1.35 * len(rows) + 0.3, len(rows), sharex=True, squeeze=False)
    colours = [INK, CONTENT, STYLE, PICTURE]
    for number, (axis, (title, values)) in enumerate(zip(axes[:, 0], rows.items(), strict=True)):
        seconds = np.arange(len(values)) / rate
        axis.axhline(0, color=FAINT, linewidth=1)
        axis.plot(seconds, values, color=colours[number % len(colours)], linewidth=1.5)
        axis.set_title(title, fontsize=10.5, loc="left", pad=3)
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0, labelsize=9.5)
        axis.margins(x=0.01)
    marks = np.asarray(marks, int)
    axes[-1, 0].plot(marks / rate, np.asarray(values)[marks], "o", color=INK, markersize=6)
    axes[-1, 0].set_xlabel("seconds", fontsize=9.5)
    figure.tight_layout(pad=0.4)
    show_figure(figure, alt)


@house_style
def sliding_filter(signal, kernel, result):
    """Film a filter that slides over a signal: what lies below it, its products, and their sum.

    signal: (n,). kernel: (f,). result: (n - f + 1,), what the filter gives at each of its positions, stride 1.
    """
    signal, kernel, result = (np.asarray(values, float).ravel() for values in (signal, kernel, result))
    n, f = len(signal), len(kernel)
    figure = blank(10.4, 3.5, dpi=144)
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set_xlim(-2.6, n + 2.6)
    axis.set_ylim(-0.75, 4.6)
    axis.axis("off")

    def cells(values, left, bottom, colour, largest):
        for i, value in enumerate(values):
            shade = tint(colour if value >= 0 else STYLE, 0.12 + 0.88 * abs(value) / largest)
            axis.add_patch(Rectangle((left + i + 0.04, bottom), 0.92, 0.8, facecolor=shade, linewidth=0))
            axis.text(
                left + i + 0.5, bottom + 0.4, _signed(value), ha="center", va="center", fontsize=10.5,
                color=letters_on(shade),
            )  # fmt: skip

    largest, most = np.abs(signal).max(), np.abs(result).max()
    cells(signal, 0, 3.4, CONTENT, largest)
    for name, y in (("signal", 3.8), ("filter", 2.55), ("result", 0.4)):
        axis.text(-0.35, y, name, ha="right", va="center", fontsize=11)
    moving = []

    def update(at):
        while moving:
            moving.pop().remove()
        before = list(axis.patches) + list(axis.texts)
        for value, left in ((value, at + i) for i, value in enumerate(kernel)):
            axis.add_patch(Rectangle((left + 0.04, 2.15), 0.92, 0.8, facecolor=WHITE, edgecolor=INK, linewidth=1.2))
            axis.text(left + 0.5, 2.55, _signed(value), ha="center", va="center", fontsize=10.5, color=DARK)
        axis.add_patch(Rectangle((at - 0.03, 3.3), f + 0.06, 1.0, fill=False, edgecolor=INK, linewidth=2.2))
        terms = " + ".join(
            f"{value:g}·({weight:g})" if weight < 0 else f"{value:g}·{weight:g}"
            for value, weight in zip(signal[at : at + f], kernel, strict=True)
        )
        words = f"{terms}  =  {result[at]:g}".replace("-", "−")
        axis.text(n / 2, 1.45, words, ha="center", va="center", fontsize=12.5)
        moving.extend(artist for artist in [*axis.patches, *axis.texts] if artist not in before)
        # The results stay.
        cells(result[at : at + 1], (n - len(result)) / 2 + at, 0, PICTURE, most)

    alt = (
        f"A film. Above, the signal: {_listed(signal)}. The filter {_listed(kernel)} moves along it from left to "
        "right, place by place. At each place the products are written out, and their sum joins the result below: "
        f"{_listed(result)}."
    )
    show_film(figure, update, len(result), 900, alt)


def _left_over(entries):
    return {0: "nothing left over", 1: "an entry left over"}.get(entries, f"{entries} entries left over")


def _signed(value):
    return f"{value:g}".replace("-", "−")


def _listed(values):
    return ", ".join(_signed(value) for value in values)


@house_style
def filter_positions(n, f, cases):
    """Draw where a filter of f entries fits on an axis of n, a row for each position.

    cases: title -> (stride, padding).
    """
    most = max(padding for _, padding in cases.values()) + 0.5
    figure, axes = grid(2.9 * len(cases), 2.2, 1, len(cases), squeeze=False)
    in_words = []
    for axis, (title, (stride, padding)) in zip(axes[0], cases.items(), strict=True):
        for i in range(-padding, n + padding):
            inside = 0 <= i < n
            look = {"facecolor": CONTENT} if inside else {"facecolor": "none", "edgecolor": INK}
            axis.add_patch(Rectangle((i + 0.06, 0), 0.88, 0.8, linewidth=1.0, **look))
            axis.text(i + 0.5, 0.4, "" if inside else "0", ha="center", va="center", fontsize=9.5)
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
                Rectangle((n + padding - left_over, -0.09), left_over, 0.98, fill=False, edgecolor=INK, linewidth=1.8)
            )
            axis.text(n + padding, 1.15, "left over", ha="right", fontsize=9.5)
        axis.set_title(title, fontsize=11)
        axis.set_xlim(-most, n + most)
        axis.set_ylim(-5.2, 1.7)
        axis.set_aspect("equal")
        axis.axis("off")
        in_words.append(f"{title}: {len(starts)} places, {_left_over(left_over)}.")
    figure.tight_layout(pad=0.3)
    show_figure(
        figure,
        f"Where a filter of {f} fits on {n} entries, a bar for each place, below the entries. {' '.join(in_words)}",
    )


@house_style
def sliding_window(picture, kernel, result, alt):
    """Film a filter that slides over a picture and fills its channel of the result.

    picture: (H, W, 3) uint8. kernel: (f, f, 3). result: (H - f + 1, W - f + 1). alt: what is to be seen.
    """
    size, (rows, columns) = len(kernel), result.shape
    widths = np.array([picture.shape[1], size, columns])
    figure = blank(0.25 * widths.sum() + 1.6, 0.25 * len(picture) + 0.5, dpi=100)
    axes = figure.subplots(1, 3, gridspec_kw={"width_ratios": widths, "wspace": 0.25})
    figure.subplots_adjust(left=0.02, right=0.98, bottom=0.02, top=0.89)
    axes[0].imshow(picture, interpolation="nearest")
    axes[1].imshow(_as_colours(kernel), interpolation="nearest")
    strength = np.abs(result).max()
    shown = np.full(result.shape, np.nan)
    drawn = axes[2].imshow(shown, cmap="RdBu_r", vmin=-strength, vmax=strength, interpolation="nearest")
    titles = (
        f"input, {' × '.join(map(str, picture.shape))}",
        f"filter, {' × '.join(map(str, kernel.shape))}",
        f"result, {rows} × {columns}",
    )
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, fontsize=10.5)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_visible(axis is axes[2])
    frames = [
        axis.add_patch(Rectangle((-0.5, -0.5), side, side, fill=False, edgecolor=colour, linewidth=width))
        for axis, side, colour, width in (
            (axes[0], size, WHITE, 3.2),
            (axes[0], size, DARK, 1.4),
            (axes[2], 1, DARK, 1.6),
        )
    ]

    def update(number):
        # Two positions at a time: drawing takes longer than looking.
        shown.flat[: 2 * number + 2] = result.flat[: 2 * number + 2]
        drawn.set_data(shown)
        row, column = divmod(min(2 * number + 1, result.size - 1), columns)
        for frame in frames:
            frame.set_xy((column - 0.5, row - 0.5))

    show_film(figure, update, -(-result.size // 2), 160, alt)


def _as_colours(kernel):
    """A filter over colours as a picture: grey is 0, a channel is brighter where it counts for it."""
    return np.clip(0.5 + 0.5 * np.asarray(kernel) / np.abs(kernel).max(), 0, 1)


@house_style
def filters(kernels, results, picture, alt):
    """Show a picture, and below it every filter above the channel that it makes of the picture.

    kernels: (f, f, 3, filters). results: (H, W, filters), red where a filter answers strongly, blue where it answers
    with the opposite sign. picture: (H, W, 3) uint8. alt: what the channels show.
    """
    count = kernels.shape[-1]
    figure = blank(11, 2.9, layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[2, 9])
    axis = left.subplots()
    axis.imshow(picture, interpolation="nearest")
    axis.set_title("input", fontsize=10)
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
    show_figure(figure, alt)
