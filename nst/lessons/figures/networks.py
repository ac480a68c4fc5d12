"""The layers of a network, what their channels show, and the loop that paints with it."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle

from nst.lessons.figures.colours import CONTENT, GREY, INK, PALE, PICTURE, STYLE


def network(model, content=(), style=()):
    """Draw the network's layers as slabs: the taller, the more positions; the wider, the more channels.

    model: a network from `load_vgg_model`. content, style: the layers to colour as content and style layers.
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


def layers(activations, content=(), style=()):
    """Draw each layer as a block, its front as high and wide as its activation, its depth growing with the channels.

    activations: layer -> activation (1, H, W, C), in the network's order. The index beside a name is the place in it.
    content, style: the layers to colour as content and style layers.
    """
    shapes = [np.shape(activation)[1:] for activation in activations.values()]
    tallest, widest = max(height for height, _, _ in shapes), max(width for _, width, _ in shapes)
    scale = min(0.72 / widest, 0.8 / tallest)
    figure, axis = plt.subplots(figsize=(0.93 * len(shapes) + 1.0, 2.1))
    rows = {"index": -0.2, "layer": -0.48, "height × width": -0.76, "channels": -1.04}
    for title, y in rows.items():
        axis.text(-0.62, y, title, ha="right", va="center", fontsize=9, color=GREY)
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


def channels(model, picture, layers, per_layer=5):
    """Show the strongest channels of some layers as pictures: bright where a channel answers.

    model: a network from `load_vgg_model` or `load_squeezenet`. picture: a normalised one, (1, H, W, 3). layers: one
    row each. per_layer: how many channels a row shows: those whose activation varies most over the picture.
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


def painting_loop():
    """Draw one iteration of painting: picture → activations → costs → gradient → picture."""
    figure, axis = plt.subplots(figsize=(11, 2.9))
    boxes = [
        (0.0, "your picture", "1 × 300 × 400 × 3", PICTURE),
        (2.6, "the network", "its weights never change", GREY),
        (5.2, "activations", "content and style layers", GREY),
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
