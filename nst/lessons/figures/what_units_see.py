"""What a unit sees, and what excites it, of what-convnets-see 2."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from nst.lessons.figures.colours import CONTENT, GREY, INK, PALE, STYLE


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
        axis.text(low - 1.2, level, name, ha="right", va="center", fontsize=10.5, color=GREY)
    axis.set_xlim(low - 6.5, high + 0.5)
    axis.set_ylim(-0.6, len(layers) + 0.6)
    axis.axis("off")
    figure.tight_layout(pad=0.3)
    plt.show()


def influence(picture, gradients, windows):
    """Show a picture, and for units in its middle how much each pixel matters, with a square around what they see.

    picture: (H, W, 3) uint8. gradients: title -> (H, W), the size of the gradient of a unit with respect to each pixel.
    windows: (top, left, size) of a square for each of them.
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

    entries: title -> (nine patches as one picture, painted picture or None), all pictures square.
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
