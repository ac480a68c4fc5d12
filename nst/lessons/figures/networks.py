"""The layers of a network, what their channels show, and the loop that paints with it."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle

from nst.lessons.figures.colours import CONTENT, GREY, INK, PICTURE, SLATE, STYLE, WHITE
from nst.lessons.figures.drawing import grid, house_style, show_figure


@house_style
def network(model, content=(), style=()):
    """Draw the network's layers as slabs: the taller, the more positions; the wider, the more channels.

    model: a network from `load_vgg_model`. content, style: the layers to colour as content and style layers.
    """
    names = [name for name in model.layers if name != "input"]
    shapes = {name: activation.shape for name, activation in model.activations(model["input"], names).items()}
    figure, axis = grid(12, 3)
    left = 0.0
    for name, (_, height, _, channels) in shapes.items():
        tall, wide = height**0.75, 2 + channels**0.5 / 4
        axis.add_patch(Rectangle((left, -tall / 2), wide, tall, **_surface(name, content, style)))
        font = {"fontweight": "bold"} if name in [*content, *style] else {}
        axis.text(left + wide / 2, -40, name, rotation=90, ha="center", va="top", fontsize=10, **font)
        left += wide + (2.0 if "pool" in name else 0.5)
    axis.set_xlim(-0.5, left - 1.5)
    axis.set_ylim(-66, 38)
    axis.axis("off")
    figure.tight_layout(pad=0.2)
    show_figure(figure, f"The layers of the network as slabs, from left to right. {_in_words(shapes, content, style)}")


@house_style
def layers(activations, content=(), style=()):
    """Draw each layer as a block, its front as high and wide as its activation, its depth growing with the channels.

    activations: layer -> activation (1, H, W, C), in the network's order. The index beside a name is the place in it.
    content, style: the layers to colour as content and style layers.
    """
    shapes = {name: np.shape(activation) for name, activation in activations.items()}
    tallest, widest = (max(shape[side] for shape in shapes.values()) for side in (1, 2))
    scale = min(0.72 / widest, 0.8 / tallest)
    figure, axis = grid(0.93 * len(shapes) + 1.0, 2.1)
    rows = {"index": -0.2, "layer": -0.48, "height × width": -0.76, "channels": -1.04}
    for title, y in rows.items():
        axis.text(-0.62, y, title, ha="right", va="center", fontsize=9)
    for index, (name, (_, height, width, count)) in enumerate(shapes.items()):
        tall, wide, deep = scale * height, scale * width, 0.014 * count**0.5
        left = index - (wide + deep) / 2
        right, back = left + wide, left + deep
        roof = [(left, tall), (right, tall), (right + deep, tall + deep), (back, tall + deep)]
        flank = [(right, 0), (right, tall), (right + deep, tall + deep), (right + deep, deep)]
        surface = _surface(name, content, style)
        for face, strength in (
            (Polygon(roof, **surface), 0.55),
            (Polygon(flank, **surface), 0.75),
            (Rectangle((left, 0), wide, tall, **surface), 1),
        ):
            face.set_alpha(strength)
            axis.add_patch(face)
        font = {"fontweight": "bold"} if name in [*content, *style] else {}
        texts = [f"{index}", name, f"{height} × {width}", f"{count}"]
        for y, text in zip(rows.values(), texts, strict=True):
            axis.text(index, y, text, ha="center", va="center", fontsize=9, **font)
    axis.set_xlim(-1.75, len(shapes) - 0.45)
    axis.set_ylim(-1.18, scale * tallest + 0.16)
    axis.set_aspect("equal")
    axis.axis("off")
    figure.tight_layout(pad=0.2)
    show_figure(figure, f"The layers of the network as blocks, from left to right. {_in_words(shapes, content, style)}")


def _surface(name, content, style):
    """How a layer's surface is drawn: pooling layers hollow, the others filled, those that are used in colour."""
    if name in [*content, *style]:
        return {"facecolor": CONTENT if name in content else STYLE, "linewidth": 0}
    if "pool" in name:
        return {"facecolor": "none", "edgecolor": GREY, "linewidth": 1}
    return {"facecolor": GREY, "linewidth": 0}


def _in_words(shapes, content, style):
    """Names and shapes of layers, (1, H, W, C) each, as sentences."""
    listed = ", ".join(
        f"{name} {height} × {width} with {channels} channels" for name, (_, height, width, channels) in shapes.items()
    )
    sentences = [f"{listed}."]
    if content:
        sentences.append(f"Coloured as content layers: {', '.join(content)}.")
    if style:
        sentences.append(f"Coloured as style layers: {', '.join(style)}.")
    return " ".join(sentences)


@house_style
def channels(model, picture, layers, alt, per_layer=5):
    """Show the strongest channels of some layers as pictures: bright where a channel answers.

    model: a network from `load_vgg_model` or `load_squeezenet`. picture: a normalised one, (1, H, W, 3). layers: one
    row each. alt: what the rows show of the picture. per_layer: how many channels a row shows: those whose activation
    varies most over the picture.
    """
    activations = model.activations(picture, layers)
    _, height, width, _ = np.shape(picture)
    figure, axes = grid(
        2.3 * per_layer, 2.3 * len(layers) * height / width + 0.1, len(layers), per_layer, squeeze=False
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
        row[0].set_ylabel(f"{name}\n{rows} × {columns}, {count} channels", fontsize=9.5)
    figure.tight_layout(pad=0.4)
    show_figure(figure, alt)


@house_style
def painting_loop():
    """Draw one iteration of painting: picture → activations → costs → gradient → picture."""
    figure, axis = grid(11, 2.9)
    boxes = [
        (0.0, "your picture", "1 × 300 × 400 × 3", PICTURE),
        (2.6, "the network", "its weights never change", SLATE),
        (5.2, "activations", "content and style layers", SLATE),
        (7.8, "two costs", r"$J_{content}$ and $J_{style}$", STYLE),
        (10.4, "one number", r"$J = \alpha J_{content} + \beta J_{style}$", SLATE),
    ]
    for left, title, note, colour in boxes:
        axis.add_patch(
            FancyBboxPatch(
                (left, 0), 2.0, 1.0, boxstyle="round,pad=0.02,rounding_size=0.12", facecolor=colour, edgecolor="none"
            )
        )
        axis.text(left + 1, 0.62, title, ha="center", va="center", color=WHITE, fontsize=11, fontweight="bold")
        axis.text(left + 1, 0.28, note, ha="center", va="center", color=WHITE, fontsize=8.6)
    arrow = {"arrowstyle": "-|>", "mutation_scale": 14, "linewidth": 1.6}
    for left in (2.04, 4.64, 7.24, 9.84):
        axis.add_patch(FancyArrowPatch((left, 0.5), (left + 0.54, 0.5), color=INK, **arrow))
    back = "arc3,rad=-0.16"
    axis.add_patch(FancyArrowPatch((11.4, -0.06), (1.0, -0.06), color=PICTURE, connectionstyle=back, **arrow))
    words = "the gradient of J says how to change each pixel; Adam takes the step"
    axis.text(6.2, -0.98, words, ha="center", va="center", fontsize=10)
    axis.set_xlim(-0.2, 12.6)
    axis.set_ylim(-1.15, 1.2)
    axis.axis("off")
    figure.tight_layout(pad=0.2)
    show_figure(
        figure,
        "Five boxes in a row, joined by arrows: your picture, the network, activations, two costs, one number J. A "
        "long arrow leads from J back to your picture: the gradient of J says how to change each pixel, and Adam "
        "takes the step.",
    )
