"""The figures of the notebooks, drawn by code. Nothing here is graded; read it when you want to draw your own."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle

INK, PALE = "#2b2b33", "#e9e6df"
CONTENT, STYLE, PICTURE = "#2f6f9f", "#c9572b", "#5b8c5a"
CHANNELS = ["#d1495b", "#3f8f6b", "#3b6fb5", "#e3a33c", "#7a5195", "#5f6b73"]


def show(pictures, width=4.2):
    """Show pictures side by side.

    Parameters
    ----------
    pictures : dict
        Title → picture, an array (H, W, 3) of uint8.
    width : float
        Inches per picture.
    """
    shapes = [np.shape(picture) for picture in pictures.values()]
    height = max(width * shape[0] / shape[1] for shape in shapes) + 0.35
    figure, axes = plt.subplots(1, len(pictures), figsize=(width * len(pictures), height), squeeze=False)
    for axis, (title, picture) in zip(axes[0], pictures.items(), strict=True):
        axis.imshow(picture, cmap="gray")
        axis.set_title(title, fontsize=11, color=INK)
        axis.axis("off")
    figure.tight_layout()
    plt.show()


def network(model, content=(), style=()):
    """Draw the network's layers as slabs: the taller, the more positions; the wider, the more channels.

    Parameters
    ----------
    model : VGG
        A network from `load_vgg_model`.
    content, style : list of str
        Layers to colour as content and style layers.
    """
    names = [name for name in model.layers if name != "input"]
    shapes = {name: activation.shape for name, activation in model.activations(model["input"], names).items()}
    figure, axis = plt.subplots(figsize=(12, 3))
    left = 0.0
    for name, (_, height, _, channels) in shapes.items():
        tall, wide = height**0.75, 2 + channels**0.5 / 4
        colour = CONTENT if name in content else STYLE if name in style else PALE if "pool" in name else "#bdb8ab"
        axis.add_patch(Rectangle((left, -tall / 2), wide, tall, facecolor=colour))
        font = {"color": colour, "fontweight": "bold"} if name in [*content, *style] else {"color": INK}
        axis.text(left + wide / 2, -40, name, rotation=90, ha="center", va="top", fontsize=10, **font)
        left += wide + (2.0 if "pool" in name else 0.5)
    axis.set_xlim(-0.5, left - 1.5)
    axis.set_ylim(-66, 38)
    axis.axis("off")
    figure.tight_layout(pad=0.2)
    plt.show()


def channels(model, picture, layers, per_layer=5):
    """Show the strongest channels of some layers as pictures: bright where a channel answers.

    Parameters
    ----------
    model : VGG
        A network from `load_vgg_model`.
    picture : array (1, H, W, 3)
        A normalised picture.
    layers : list of str
        One row each.
    per_layer : int
        How many channels a row shows: those whose activation varies most over the picture.
    """
    activations = model.activations(picture, layers)
    _, height, width, _ = np.shape(picture)
    figure, axes = plt.subplots(
        len(layers), per_layer, figsize=(2.3 * per_layer, 2.3 * len(layers) * height / width + 0.1), squeeze=False
    )
    for row, name in zip(axes, layers, strict=True):
        maps = np.asarray(activations[name])[0]
        strongest = np.argsort(maps.std(axis=(0, 1)))[::-1][:per_layer]
        for axis, channel in zip(row, strongest, strict=True):
            axis.imshow(maps[..., channel], cmap="magma", interpolation="nearest")
            axis.set_xticks([])
            axis.set_yticks([])
            axis.set_frame_on(False)
        rows, columns, count = maps.shape
        row[0].set_ylabel(f"{name}\n{rows} × {columns}, {count} channels", fontsize=9, color=INK)
    figure.tight_layout(pad=0.4)
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


def numbered_cells(panels):
    """Draw small tables of integers whose last digit names a channel, one colour a channel.

    Parameters
    ----------
    panels : dict
        Title → integer array (rows, columns). The last digit of each entry picks its colour.
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


def heatmaps(matrices):
    """Draw square matrices side by side, each on its own scale: dark is small, bright is large."""
    figure, axes = plt.subplots(1, len(matrices), figsize=(2.9 * len(matrices), 3.1), squeeze=False)
    for axis, (title, matrix) in zip(axes[0], matrices.items(), strict=True):
        axis.imshow(np.asarray(matrix), cmap="magma", interpolation="nearest")
        axis.set_title(title, fontsize=11, color=INK)
        axis.axis("off")
    figure.tight_layout(pad=0.5)
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


def painting_loop():
    """Draw one iteration of painting: picture → activations → costs → gradient → picture."""
    figure, axis = plt.subplots(figsize=(11, 2.9))
    boxes = [
        (0.0, "your picture", "1 × 300 × 400 × 3", PICTURE),
        (2.6, "the network", "its weights never change", "#8b8579"),
        (5.2, "activations", "content and style layers", "#8b8579"),
        (7.8, "two costs", r"$J_{content}$ and $J_{style}$", STYLE),
        (10.4, "one number", r"$J = \alpha J_{content} + \beta J_{style}$", INK),
    ]
    for left, title, note, colour in boxes:
        axis.add_patch(
            FancyBboxPatch(
                (left, 0), 2.0, 1.0, boxstyle="round,pad=0.02,rounding_size=0.12", facecolor=colour, edgecolor="none"
            )
        )
        axis.text(left + 1, 0.62, title, ha="center", va="center", color="white", fontsize=11, fontweight="bold")
        axis.text(left + 1, 0.28, note, ha="center", va="center", color="white", fontsize=8.2)
    arrow = {"arrowstyle": "-|>", "mutation_scale": 14, "linewidth": 1.6}
    for left in (2.04, 4.64, 7.24, 9.84):
        axis.add_patch(FancyArrowPatch((left, 0.5), (left + 0.54, 0.5), color=INK, **arrow))
    back = "arc3,rad=-0.16"
    axis.add_patch(FancyArrowPatch((11.4, -0.06), (1.0, -0.06), color=PICTURE, connectionstyle=back, **arrow))
    words = "the gradient of J says how to change each pixel; Adam takes the step"
    white = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    axis.text(6.2, -0.62, words, ha="center", va="center", color=PICTURE, fontsize=10, bbox=white)
    axis.set_xlim(-0.2, 12.6)
    axis.set_ylim(-1.25, 1.2)
    axis.axis("off")
    figure.tight_layout(pad=0.2)
    plt.show()


def layers(activations, content=(), style=()):
    """Draw each layer as a block, its front as high and wide as its activation, its depth growing with the channels.

    Parameters
    ----------
    activations : dict
        Layer name → activation (1, H, W, C), in the network's order. The index beside a name is the place in it.
    content, style : list of str
        Layers to colour as content and style layers.
    """
    shapes = [np.shape(activation)[1:] for activation in activations.values()]
    tallest, widest = max(height for height, _, _ in shapes), max(width for _, width, _ in shapes)
    scale = min(0.72 / widest, 0.8 / tallest)
    figure, axis = plt.subplots(figsize=(0.93 * len(shapes) + 1.0, 2.1))
    rows = {"index": -0.2, "layer": -0.48, "height × width": -0.76, "channels": -1.04}
    for title, y in rows.items():
        axis.text(-0.62, y, title, ha="right", va="center", fontsize=9, color="#8b8579")
    for index, (name, (height, width, count)) in enumerate(zip(activations, shapes, strict=True)):
        kept, colour = name in [*content, *style], CONTENT if name in content else STYLE
        colour = colour if kept else "#d9d4c9" if "pool" in name else "#b3ad9f"
        tall, wide, deep = scale * height, scale * width, 0.014 * count**0.5
        left = index - (wide + deep) / 2
        right, back = left + wide, left + deep
        roof = [(left, tall), (right, tall), (right + deep, tall + deep), (back, tall + deep)]
        flank = [(right, 0), (right, tall), (right + deep, tall + deep), (right + deep, deep)]
        front = Rectangle((left, 0), wide, tall, facecolor=colour, edgecolor="white", linewidth=0.6)
        top, side = Polygon(roof, facecolor=colour, alpha=0.55), Polygon(flank, facecolor=colour, alpha=0.75)
        for face in (top, side, front):
            axis.add_patch(face)
        font = {"color": colour, "fontweight": "bold"} if kept else {"color": INK}
        texts = [f"{index}", name, f"{height} × {width}", f"{count}"]
        for y, text in zip(rows.values(), texts, strict=True):
            axis.text(index, y, text, ha="center", va="center", fontsize=9, **font)
    axis.set_xlim(-1.75, len(shapes) - 0.45)
    axis.set_ylim(-1.18, scale * tallest + 0.16)
    axis.set_aspect("equal")
    axis.axis("off")
    figure.tight_layout(pad=0.2)
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
            look = {"color": "#8b8579", "linewidth": 2.4, "linestyle": (0, (1, 1.3))} if lost else {"color": colour}
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


def pictures_above_maps(pictures, maps, title):
    """Show pictures, and a map of numbers below each: bright is large. All maps have one scale.

    Parameters
    ----------
    pictures : dict
        Title → picture, an array (H, W, 3) of uint8.
    maps : list of array
        One array (rows, columns) of numbers for each picture, of any resolution.
    title : str
        What the maps show.
    """
    aspect = np.divide(*np.shape(next(iter(pictures.values())))[:2])
    width = min(4.2, 12.6 / len(pictures))
    figure, axes = plt.subplots(
        2, len(pictures), figsize=(width * len(pictures) + 0.9, 2 * width * aspect + 0.5), layout="compressed"
    )
    brightest = max(np.quantile(numbers, 0.99) for numbers in maps)
    for (above, below), (name, picture), numbers in zip(axes.T, pictures.items(), maps, strict=True):
        above.imshow(picture)
        above.set_title(name, fontsize=11, color=INK)
        drawn = below.imshow(numbers, cmap="magma", vmin=0, vmax=brightest, interpolation="nearest")
        for axis in (above, below):
            axis.axis("off")
    bar = figure.colorbar(drawn, ax=axes[1, :], shrink=0.9, aspect=14, pad=0.015)
    bar.set_label(title, fontsize=9, color=INK)
    bar.ax.tick_params(labelsize=8, length=0)
    bar.outline.set_visible(False)
    plt.show()
