"""What the costs of both style transfers are made of, and how large they are."""

import numpy as np
from matplotlib.patches import Rectangle

from nst.lessons.figures.colours import CHANNELS, CONTENT, DARK, FAINT, GREY, INK, PICTURE, SLATE, STYLE, WHITE
from nst.lessons.figures.drawing import blank, grid, house_style, show_figure


@house_style
def numbered_cells(panels):
    """Draw small tables of integers whose last digit names a channel, one colour a channel.

    panels: title -> integers (rows, columns).
    """
    tables = [np.asarray(table) for table in panels.values()]
    rows, columns = max(len(table) for table in tables), [table.shape[1] for table in tables]
    figure = blank(0.62 * sum(columns) + 1.4, 0.55 * rows + 0.7)
    axes = figure.subplots(1, len(panels), gridspec_kw={"width_ratios": columns, "wspace": 0.25}, squeeze=False)
    for axis, (title, table) in zip(axes[0], panels.items(), strict=True):
        for (row, column), value in np.ndenumerate(np.asarray(table)):
            colour = CHANNELS[int(value) % 10 % len(CHANNELS)]
            axis.add_patch(Rectangle((column + 0.03, row + 0.03), 0.94, 0.94, facecolor=colour, linewidth=0))
            axis.text(column + 0.5, row + 0.5, f"{int(value):03d}", ha="center", va="center", fontsize=9.5, color=WHITE)
        axis.set_xlim(0, np.shape(table)[1])
        axis.set_ylim(np.shape(table)[0], 0)
        axis.set_aspect("equal")
        axis.set_title(title, fontsize=10.5)
        axis.axis("off")
    in_words = (
        f"{title}: {'; '.join(' '.join(f'{value:03d}' for value in row) for row in np.asarray(table))}."
        for title, table in panels.items()
    )
    show_figure(
        figure, f"Tables of numbered cells, the last digit a channel with a colour of its own. {' '.join(in_words)}"
    )


@house_style
def neighbours(rows=4, columns=5):
    """Draw which pairs of neighbouring pixels a total variation counts: all of them, and what two slips make of it."""
    pairs = [((row, column), (row, column + 1), CONTENT) for row in range(rows) for column in range(columns - 1)]
    pairs += [((row, column), (row + 1, column), STYLE) for row in range(rows - 1) for column in range(columns)]
    panels = {
        f"every pair once: {rows} · {columns - 1} + {rows - 1} · {columns} = {len(pairs)}": "all",
        f"both differences cut to {rows - 1} × {columns - 1}: {rows + columns - 2} pairs are lost": "cut",
        f"np.roll, not cut: {rows + columns} pairs too many": "rolled",
    }
    figure, axes = grid(12.6, 3.2, 1, len(panels))
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
            markerfacecolor=WHITE,
            markeredgecolor=INK,
        )
        axis.set_title(title, fontsize=11)
        axis.set_xlim(-0.85, columns - 0.15)
        axis.set_ylim(rows - 0.3, -0.7)
        axis.set_aspect("equal")
        axis.axis("off")
    figure.tight_layout(pad=0.4)
    whole, cut, rolled = panels
    show_figure(
        figure,
        f"Three times the same {rows} × {columns} pixels, each pair of neighbours joined by a bar. Left, {whole}. "
        f"Middle, {cut}: those along the last row and down the last column are dotted. "
        f"Right, {rolled}: dashed bars lead from the last row and column out of the picture, to the first ones.",
    )


@house_style
def table_of_numbers(numbers, names, title):
    """Draw a square table of numbers with row and column names, shaded by value along each row."""
    numbers = np.asarray(numbers, float)
    figure, axis = grid(1.15 * len(names) + 1.2, 0.55 * len(names) + 1.3)
    shade = numbers / numbers.max(axis=1, keepdims=True)
    axis.imshow(1 - shade, cmap="Oranges", vmin=0, vmax=1.6, aspect="auto")
    for (row, column), value in np.ndenumerate(numbers):
        axis.text(column, row, f"{value:.3g}", ha="center", va="center", fontsize=9.5, color=DARK)
    axis.set_xticks(range(len(names)), names, fontsize=9.5)
    axis.set_yticks(range(len(names)), names, fontsize=9.5)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.set_title(title, fontsize=11, loc="left")
    figure.tight_layout()
    rows = (f"{name}: {', '.join(f'{value:.3g}' for value in row)}." for name, row in zip(names, numbers, strict=True))
    show_figure(figure, f"{title}, a table; the columns are {', '.join(names)}. {' '.join(rows)}")


@house_style
def bars(values, title, unit=""):
    """Draw one horizontal bar for each entry of a dict of numbers."""
    figure, axis = grid(7, 0.42 * len(values) + 0.7)
    names = list(values)[::-1]
    drawn = axis.barh(names, [values[name] for name in names], color=CONTENT, height=0.62)
    axis.bar_label(drawn, fmt=f"{{:.3g}}{unit}", padding=4, fontsize=9.5)
    axis.set_title(title, fontsize=11, loc="left")
    axis.margins(x=0.12)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0, labelsize=9.5, bottom=False, labelbottom=False)
    figure.tight_layout()
    in_words = ", ".join(f"{name} {value:.3g}{unit}" for name, value in values.items())
    show_figure(figure, f"{title}, as bars: {in_words}.")


@house_style
def falling(costs, title):
    """Draw how costs fall with each evaluation, on a logarithmic axis.

    costs: name -> list of (evaluation, cost). title: what is drawn.
    """
    figure, axis = grid(8, 3.2)
    styles = zip([CONTENT, STYLE, PICTURE, SLATE], ["-", "--", "-.", ":"], strict=True)
    for (name, points), (colour, line) in zip(costs.items(), styles, strict=False):
        axis.plot(*zip(*points, strict=True), color=colour, linewidth=1.8, linestyle=line)
        last, cost = points[-1]
        axis.plot(last, cost, "o", color=colour, markersize=5)
        axis.annotate(name, (last, cost), (8, 0), textcoords="offset points", va="center", fontsize=10)
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter("")
    axis.margins(x=0.02)
    axis.grid(axis="y", color=FAINT, linewidth=1)
    axis.spines[:].set_visible(False)
    axis.tick_params(which="both", length=0, labelsize=9.5)
    axis.set_xlabel("evaluations of the cost and its gradient", fontsize=9.5)
    axis.set_title(title, fontsize=11, loc="left")
    figure.tight_layout(rect=(0, 0, 0.93, 1))
    in_words = (
        f"{name} falls from {points[0][1]:.3g} to {points[-1][1]:.3g} at evaluation {points[-1][0]}."
        for name, points in costs.items()
    )
    show_figure(figure, f"{title}, on a logarithmic axis. {' '.join(in_words)}")
