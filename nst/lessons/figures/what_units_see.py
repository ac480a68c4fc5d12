"""What a unit sees, and what excites it, of what-convnets-see 2."""

import numpy as np
from matplotlib.patches import Rectangle

from nst.lessons.figures.colours import CONTENT, DARK, GREY, STYLE, WHITE
from nst.lessons.figures.drawing import grid, house_style, show_figure


@house_style
def cone(layers):
    """Draw what one position of the last layer sees, layer by layer down to the pixels, along one axis.

    layers: (kernel size, stride) of each layer, from the picture on.
    """
    jumps, middles = [1], [0.0]  # in pixels: between neighbours, and of position 0
    for kernel, stride in layers:
        middles.append(middles[-1] + (kernel - 1) / 2 * jumps[-1])
        jumps.append(jumps[-1] * stride)
    seen = [range(1)]
    for kernel, stride in reversed(layers):
        seen.insert(0, range(seen[0].start * stride, (seen[0].stop - 1) * stride + kernel))
    low, high = -3, len(seen[0]) + 3
    figure, axis = grid(10.5, 0.75 * len(seen) + 0.3)
    names = ["pixels", *("kernel {}, stride {}".format(*layer) for layer in layers)]
    for level, (jump, middle, inside) in enumerate(zip(jumps, middles, seen, strict=True)):
        first, last = int(np.ceil((low - middle) / jump)), int((high - 1 - middle) / jump)
        for position in range(first, last + 1):
            x, is_seen = middle + position * jump, position in inside
            if level and is_seen:
                kernel, stride = layers[level - 1]
                for neighbour in range(position * stride, position * stride + kernel):
                    below = middles[level - 1] + neighbour * jumps[level - 1]
                    axis.plot([below, x], [level - 1, level], color=GREY, linewidth=1.1, zorder=1)
            colour = STYLE if level == len(layers) else CONTENT
            filled = {"color": colour} if is_seen else {"markerfacecolor": "none", "markeredgecolor": GREY}
            axis.plot(x, level, "s" if level == 0 else "o", markersize=15, zorder=2, **filled)
        axis.text(low - 1.2, level, names[level], ha="right", va="center", fontsize=10.5)
    axis.set_xlim(low - 6.5, high + 0.5)
    axis.set_ylim(-0.6, len(layers) + 0.6)
    axis.axis("off")
    figure.tight_layout(pad=0.3)
    widths = ", ".join(
        f"{len(inside)} in the row “{name}”" for name, inside in zip(names[::-1], seen[::-1], strict=True)
    )
    show_figure(
        figure,
        "Rows of positions, one for each layer, the pixels at the bottom. One position at the top sees a cone: "
        f"{widths}.",
    )


@house_style
def influence(picture, gradients, windows, alt):
    """Show a picture, and for units in its middle how much each pixel matters, with a square around what they see.

    picture: (H, W, 3) uint8. gradients: title -> (H, W), the size of the gradient of a unit with respect to each pixel.
    windows: (top, left, size) of a square for each of them. alt: how far the influence reaches.
    """
    count = len(gradients)
    figure, axes = grid(12.6, 12.6 / (count + 1) + 0.3, 1, count + 1)
    axes[0].imshow(picture)
    axes[0].set_title("a picture", fontsize=11)
    for axis, (title, gradient), (top, left, size) in zip(axes[1:], gradients.items(), windows, strict=True):
        shade = np.sqrt(gradient / gradient.max())
        axis.imshow(shade, cmap="magma", interpolation="nearest")
        axis.set_title(title, fontsize=11)
        for where in (axis, axes[0]):
            for colour, linewidth in ((DARK, 3.2), (WHITE, 1.4)):  # white with a dark edge is seen on any picture
                corner = (left - 0.5, top - 0.5)
                where.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=colour, linewidth=linewidth))
    for axis in axes:
        axis.axis("off")
    figure.tight_layout(pad=0.4)
    show_figure(figure, alt)


@house_style
def units(entries, alt):
    """Show units side by side: the patches that excite each most and, where there is one, the picture painted for it.

    entries: title -> (nine patches as one picture, painted picture or None), all pictures square. alt: what they show.
    """
    widths = [1 if painted is None else 2.04 for _, painted in entries.values()]
    side = min(12.6 / sum(widths), 2.6)
    figure, axes = grid(side * sum(widths) + 0.1, side + 0.3, 1, len(entries), squeeze=False, width_ratios=widths)
    for axis, (title, (nine, painted)) in zip(axes[0], entries.items(), strict=True):
        axis.imshow(nine, extent=(0, 1, 0, 1))
        if painted is not None:
            axis.imshow(painted, extent=(1.02, 2.02, 0, 1), interpolation="bicubic")
        axis.set_xlim(0, 1 if painted is None else 2.02)
        axis.set_ylim(0, 1)
        axis.set_title(title, fontsize=10.5)
        axis.axis("off")
    figure.tight_layout(pad=0.3)
    show_figure(figure, alt)
