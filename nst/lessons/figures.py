"""The figures of the notebooks, drawn by code. Nothing here is graded; read it when you want to draw your own."""

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image as NotebookImage
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle
from PIL import Image

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


def falling(costs, title):
    """Draw how costs fall with each evaluation, on a logarithmic axis.

    Parameters
    ----------
    costs : dict
        Name → list of (evaluation, cost).
    title : str
        What is drawn.
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


# Of what-convnets-see


def display_film(frames, milliseconds, width):
    """Show frames, arrays (H, W, 3) of uint8, as an animated PNG: one picture that moves in every browser, offline."""
    first, *others = [Image.fromarray(frame) for frame in frames]
    file = io.BytesIO()
    first.save(file, "PNG", save_all=True, append_images=others, duration=milliseconds, loop=0)
    display(NotebookImage(file.getvalue(), format="png", width=width))


def _film_of(figure, update, count, milliseconds):
    """Show update(0) … update(count - 1), each of which changes the figure, as a film."""
    canvas = FigureCanvasAgg(figure)
    frames = []
    for number in range(count):
        update(number)
        canvas.draw()
        frames.append(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    display_film(frames, [milliseconds] * (count - 1) + [6 * milliseconds], round(figure.get_figwidth() * 72))


def curves(rows, rate, marks=()):
    """Draw signals one above another, over the same seconds.

    Parameters
    ----------
    rows : dict
        Title → array (samples,), all of the same rate.
    rate : float
        Samples per second.
    marks : array of int
        Samples to mark in the last row.
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

    Parameters
    ----------
    signal : array (n,)
    kernel : array (f,)
    result : array (n - f + 1,)
        What the filter gives at each of its positions, stride 1.
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
        axis.text(-0.35, y, name, ha="right", va="center", fontsize=11, color="#8b8579")
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

    _film_of(figure, update, len(result), 900)


def filter_positions(n, f, cases):
    """Draw where a filter of f entries fits on an axis of n, a row for each position.

    Parameters
    ----------
    n, f : int
    cases : dict
        Title → (stride, padding).
    """
    most = max(padding for _, padding in cases.values()) + 0.5
    figure, axes = plt.subplots(1, len(cases), figsize=(2.9 * len(cases), 2.2), squeeze=False)
    for axis, (title, (stride, padding)) in zip(axes[0], cases.items(), strict=True):
        for i in range(-padding, n + padding):
            inside = 0 <= i < n
            look = {"facecolor": CONTENT, "alpha": 0.9} if inside else {"facecolor": "white", "edgecolor": "#b3ad9f"}
            axis.add_patch(Rectangle((i + 0.06, 0), 0.88, 0.8, linewidth=1.0, **look))
            axis.text(
                i + 0.5, 0.4, "" if inside else "0", ha="center", va="center", fontsize=9, color="#8b8579"
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

    Parameters
    ----------
    picture : array (H, W, 3) of uint8
    kernel : array (f, f, 3)
    result : array (H - f + 1, W - f + 1)
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

    _film_of(figure, update, -(-result.size // 2), 160)


def _as_colours(kernel):
    """A filter over colours as a picture: grey is 0, a channel is brighter where it counts for it."""
    return np.clip(0.5 + 0.5 * np.asarray(kernel) / np.abs(kernel).max(), 0, 1)


def filters(kernels, results, picture):
    """Show a picture, and below it every filter above the channel that it makes of the picture.

    Parameters
    ----------
    kernels : array (f, f, 3, filters)
    results : array (H, W, filters)
        Red where a filter answers strongly, blue where it answers with the opposite sign.
    picture : array (H, W, 3) of uint8
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


def directions(clip, kernels, strengths):
    """Show a clip in one picture, and how strongly filters for all directions answer to it, as bars in a circle.

    Parameters
    ----------
    clip : array (frames, H, W)
    kernels : array (frames, H, W, filters)
        Filter k is for motion at k / filters of a full turn, from rightwards over downwards.
    strengths : array (filters,)
    """
    count = len(strengths)
    angles = np.arange(count) * 2 * np.pi / count
    colours = plt.cm.hsv(angles / (2 * np.pi))
    figure = plt.figure(figsize=(11.5, 3.7), layout="constrained")
    left, middle, right = figure.subfigures(1, 3, width_ratios=[1, 1.25, 1.1])

    axis = left.subplots()
    ages = np.linspace(0.25, 1, len(clip))[:, None, None]
    axis.imshow((clip * ages).max(0), cmap="gray", vmin=0, vmax=1)
    axis.set_title(f"a clip of {len(clip)} frames", fontsize=11, color=INK)
    axis.axis("off")

    shown = range(0, count, 4)
    axes = middle.subplots(len(shown), len(kernels))
    for row, filter_number in zip(axes, shown, strict=True):
        for axis, frame in zip(row, kernels[..., filter_number], strict=True):
            axis.imshow(frame, cmap="gray", vmin=kernels.min(), vmax=kernels.max())
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set(color=colours[filter_number], linewidth=2)
    middle.suptitle(f"{len(shown)} of the {count} filters, frame by frame", fontsize=11, color=INK)

    axis = right.subplots(subplot_kw={"projection": "polar"})
    axis.bar(angles, strengths, width=0.34, color=colours, zorder=2)
    axis.set_theta_direction(-1)  # rows of a picture are counted downwards
    axis.set_xticks(np.arange(4) * np.pi / 2, ["→", "↓", "←", "↑"], fontsize=13)
    axis.set_yticks([])
    axis.spines["polar"].set_color(PALE)
    axis.grid(color=PALE)
    axis.set_title("strongest answer of each filter", fontsize=11, color=INK)
    plt.show()


def motion(film, answers):
    """Show a film, and beside it the same film in the colours of the filters that answer most, moving.

    Parameters
    ----------
    film : array (frames, H, W)
    answers : array (frames, H, W, filters)
        Of filters for motion, as in `directions`.
    """
    count = answers.shape[-1]
    around = np.copy(answers)
    for axis in (1, 2):  # the strongest answer nearby, so that a dot has one colour
        around = np.max([np.roll(around, shift, axis) for shift in (-2, -1, 0, 1, 2)], axis=0)
    colours = plt.cm.hsv(around.argmax(-1) / count)[..., :3] * np.sqrt(film)[..., None]
    height, width = film.shape[1:]
    figure = Figure(figsize=(11, 5.3 * height / width + 0.4), dpi=90)
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.01, right=0.99, bottom=0.01, top=0.91, wspace=0.03)
    shown = [
        axes[0].imshow(film[0], cmap="gray", vmin=0, vmax=1, interpolation="nearest"),
        axes[1].imshow(colours[0], interpolation="nearest"),
    ]
    for axis, title in zip(axes, ("the film", "what moves where"), strict=True):
        axis.set_title(title, fontsize=11, color=INK)
        axis.axis("off")
    place = axes[1].get_position()
    wheel = figure.add_axes((place.x1 - 0.1, place.y0 + 0.03, 0.09, 0.24), projection="polar")
    wheel.bar(
        np.arange(count) * 2 * np.pi / count, 1, width=2 * np.pi / count, color=plt.cm.hsv(np.arange(count) / count)
    )
    wheel.set_theta_direction(-1)
    wheel.set_axis_off()

    def update(number):
        shown[0].set_data(film[number])
        shown[1].set_data(colours[number])

    _film_of(figure, update, len(film), 80)


def cone(layers):
    """Draw what one position of the last layer sees, layer by layer down to the pixels, along one axis.

    Parameters
    ----------
    layers : list of (int, int)
        (kernel size, stride) of each layer, from the picture on.
    """
    jumps, middles = [1], [0.0]  # in pixels: between neighbours, and of position 0
    for kernel, stride in layers:
        middles.append(middles[-1] + (kernel - 1) / 2 * jumps[-1])
        jumps.append(jumps[-1] * stride)
    seen = [range(1)]
    for kernel, stride in reversed(layers):
        seen.insert(0, range(seen[0].start * stride, (seen[0].stop - 1) * stride + kernel))
    low, high = -3, len(seen[0]) + 3
    figure, axis = plt.subplots(figsize=(10.5, 0.75 * len(seen) + 0.3))
    for level, (jump, middle, inside) in enumerate(zip(jumps, middles, seen, strict=True)):
        first, last = int(np.ceil((low - middle) / jump)), int((high - 1 - middle) / jump)
        for position in range(first, last + 1):
            x, is_seen = middle + position * jump, position in inside
            colour = (STYLE if level == len(layers) else CONTENT) if is_seen else PALE
            if level and is_seen:
                kernel, stride = layers[level - 1]
                for neighbour in range(position * stride, position * stride + kernel):
                    below = middles[level - 1] + neighbour * jumps[level - 1]
                    axis.plot([below, x], [level - 1, level], color="#b9cbd9", linewidth=1.1, zorder=1)
            axis.plot(x, level, "s" if level == 0 else "o", color=colour, markersize=15, zorder=2)
        name = "pixels" if level == 0 else "kernel {}, stride {}".format(*layers[level - 1])
        axis.text(low - 1.2, level, name, ha="right", va="center", fontsize=10.5, color="#8b8579")
    axis.set_xlim(low - 6.5, high + 0.5)
    axis.set_ylim(-0.6, len(layers) + 0.6)
    axis.axis("off")
    figure.tight_layout(pad=0.3)
    plt.show()


def influence(picture, gradients, windows):
    """Show a picture, and for units in its middle how much each pixel matters, with a square around what they see.

    Parameters
    ----------
    picture : array (H, W, 3) of uint8
    gradients : dict
        Title → array (H, W): the size of the gradient of a unit with respect to each pixel.
    windows : list of (int, int, int)
        (top, left, size) of a square for each of them.
    """
    count = len(gradients)
    figure, axes = plt.subplots(1, count + 1, figsize=(12.6, 12.6 / (count + 1) + 0.3))
    axes[0].imshow(picture)
    axes[0].set_title("a picture", fontsize=11, color=INK)
    for axis, (title, gradient), (top, left, size) in zip(axes[1:], gradients.items(), windows, strict=True):
        shade = np.sqrt(gradient / gradient.max())
        axis.imshow(shade, cmap="magma", interpolation="nearest")
        axis.set_title(title, fontsize=11, color=INK)
        for where, colour in ((axis, "white"), (axes[0], "white")):
            where.add_patch(Rectangle((left - 0.5, top - 0.5), size, size, fill=False, edgecolor=colour, linewidth=1.4))
    for axis in axes:
        axis.axis("off")
    figure.tight_layout(pad=0.4)
    plt.show()


def units(entries):
    """Show units side by side: the patches that excite each most and, where there is one, the picture painted for it.

    Parameters
    ----------
    entries : dict
        Title → (nine patches as one picture, painted picture or None), all pictures square.
    """
    widths = [1 if painted is None else 2.04 for _, painted in entries.values()]
    side = min(12.6 / sum(widths), 2.6)
    figure, axes = plt.subplots(
        1, len(entries), figsize=(side * sum(widths) + 0.1, side + 0.3), squeeze=False, width_ratios=widths
    )
    for axis, (title, (nine, painted)) in zip(axes[0], entries.items(), strict=True):
        axis.imshow(nine, extent=(0, 1, 0, 1))
        if painted is not None:
            axis.imshow(painted, extent=(1.02, 2.02, 0, 1), interpolation="bicubic")
        axis.set_xlim(0, 1 if painted is None else 2.02)
        axis.set_ylim(0, 1)
        axis.set_title(title, fontsize=10.5, color=INK)
        axis.axis("off")
    figure.tight_layout(pad=0.3)
    plt.show()
