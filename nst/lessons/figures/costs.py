"""What the costs of both style transfers are made of, and how large they are."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from nst.lessons.figures.colours import CHANNELS, CONTENT, GREY, INK, PALE, PICTURE, STYLE


def numbered_cells(panels):
    """Draw small tables of integers whose last digit names a channel, one colour a channel.

    panels: title -> integers (rows, columns).
    """
    tables = [np.asarray(table) for table in panels.values()]
    rows, columns = max(len(table) for table in tables), [table.shape[1] for table in tables]
    axes = plt.figure(figsize=(0.62 * sum(columns) + 1.4, 0.55 * rows + 0.7)).subplots(
        1, len(panels), gridspec_kw={"width_ratios": columns, "wspace": 0.25}, squeeze=False
    )
    for axis, (title, table) in zip(axes[0], panels.items(), strict=True):
        for (row, column), value in np.ndenumerate(np.asarray(table)):
            colour = CHANNELS[int(value) % 10 % len(CHANNELS)]
            axis.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, edgecolor="white", linewidth=2))
            axis.text(
                column + 0.5, row + 0.5, f"{int(value):03d}", ha="center", va="center", fontsize=9.5, color="white"
            )
        axis.set_xlim(0, np.shape(table)[1])
        axis.set_ylim(np.shape(table)[0], 0)
        axis.set_aspect("equal")
        axis.set_title(title, fontsize=10.5, color=INK)
        axis.axis("off")
    plt.show()


def neighbours(rows=4, columns=5):
    """Draw which pairs of neighbouring pixels a total variation counts: all of them, and what two slips make of it."""
    pairs = [((row, column), (row, column + 1), CONTENT) for row in range(rows) for column in range(columns - 1)]
    pairs += [((row, column), (row + 1, column), STYLE) for row in range(rows - 1) for column in range(columns)]
    panels = {
        f"every pair once: {rows} · {columns - 1} + {rows - 1} · {columns} = {len(pairs)}": "all",
        f"both differences cut to {rows - 1} × {columns - 1}: {rows + columns - 2} pairs are lost": "cut",
        f"np.roll, not cut: {rows + columns} pairs too many": "rolled",
    }
    figure, axes = plt.subplots(1, len(panels), figsize=(12.6, 3.2))
    for axis, (title, slip) in zip(axes, panels.items(), strict=True):
        for (top, left), (bottom, right), colour in pairs:
            # The slip cuts the last row off the horizontal differences, and the last column off the vertical ones.
            lost = slip == "cut" and (left == columns - 1 if colour == STYLE else top == rows - 1)
            look = {"color": GREY, "linewidth": 2.4, "linestyle": (0, (1, 1.3))} if lost else {"color": colour}
            axis.plot([left, right], [top, bottom], zorder=1, **{"linewidth": 4.5, **look})
        if slip == "rolled":
            ends = [((-0.62, row), (0, row), CONTENT) for row in range(rows)]
            ends += [((columns - 1, row), (columns - 0.38, row), CONTENT) for row in range(rows)]
            ends += [((column, -0.62), (column, 0), STYLE) for column in range(columns)]
            ends += [((column, rows - 1), (column, rows - 0.38), STYLE) for column in range(columns)]
            for (left, top), (right, bottom), colour in ends:
                axis.plot([left, right], [top, bottom], color=colour, linewidth=3, linestyle=(0, (1.4, 0.9)), zorder=1)
        axis.plot(
            *np.indices((columns, rows)).reshape(2, -1),
            linestyle="none",
            marker="s",
            markersize=17,
            markerfacecolor="white",
            markeredgecolor=INK,
        )
        axis.set_title(title, fontsize=11, color=INK)
        axis.set_xlim(-0.85, columns - 0.15)
        axis.set_ylim(rows - 0.3, -0.7)
        axis.set_aspect("equal")
        axis.axis("off")
    figure.tight_layout(pad=0.4)
    plt.show()


def table_of_numbers(numbers, names, title):
    """Draw a square table of numbers with row and column names, shaded by value along each row."""
    numbers = np.asarray(numbers, float)
    figure, axis = plt.subplots(figsize=(1.15 * len(names) + 1.2, 0.55 * len(names) + 1.3))
    shade = numbers / numbers.max(axis=1, keepdims=True)
    axis.imshow(1 - shade, cmap="Oranges", vmin=0, vmax=1.6, aspect="auto")
    for (row, column), value in np.ndenumerate(numbers):
        axis.text(column, row, f"{value:.3g}", ha="center", va="center", fontsize=9, color=INK)
    axis.set_xticks(range(len(names)), names, fontsize=9)
    axis.set_yticks(range(len(names)), names, fontsize=9)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.set_title(title, fontsize=11, color=INK, loc="left")
    figure.tight_layout()
    plt.show()


def bars(values, title, unit=""):
    """Draw one horizontal bar for each entry of a dict of numbers."""
    figure, axis = plt.subplots(figsize=(7, 0.42 * len(values) + 0.7))
    names = list(values)[::-1]
    drawn = axis.barh(names, [values[name] for name in names], color=CONTENT, height=0.62)
    axis.bar_label(drawn, fmt=f"{{:.3g}}{unit}", padding=4, fontsize=9, color=INK)
    axis.set_title(title, fontsize=11, color=INK, loc="left")
    axis.margins(x=0.12)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0, labelsize=9, bottom=False, labelbottom=False)
    figure.tight_layout()
    plt.show()


def falling(costs, title):
    """Draw how costs fall with each evaluation, on a logarithmic axis.

    costs: name -> list of (evaluation, cost). title: what is drawn.
    """
    figure, axis = plt.subplots(figsize=(8, 3.2))
    for (name, points), colour in zip(costs.items(), [CONTENT, STYLE, PICTURE, INK], strict=False):
        axis.plot(*zip(*points, strict=True), color=colour, linewidth=1.8)
        last, cost = points[-1]
        axis.plot(last, cost, "o", color=colour, markersize=5)
        axis.annotate(name, (last, cost), (8, 0), textcoords="offset points", va="center", fontsize=10, color=colour)
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter("")
    axis.margins(x=0.02)
    axis.grid(axis="y", color=PALE, linewidth=1)
    axis.spines[:].set_visible(False)
    axis.tick_params(which="both", length=0, labelsize=9)
    axis.set_xlabel("evaluations of the cost and its gradient", fontsize=9, color=INK)
    axis.set_title(title, fontsize=11, color=INK, loc="left")
    figure.tight_layout(rect=(0, 0, 0.93, 1))
    plt.show()
