"""Pictures side by side, in every assignment, and maps of numbers as pictures."""

import numpy as np

from nst.lessons.figures.drawing import grid, house_style, show_figure


@house_style
def show(pictures, alt, width=4.2):
    """Show pictures side by side.

    pictures: title -> picture, (H, W, 3) uint8. alt: what they show, for those who do not see them. width: inches per
    picture.
    """
    shapes = [np.shape(picture) for picture in pictures.values()]
    height = max(width * shape[0] / shape[1] for shape in shapes) + 0.35
    figure, axes = grid(width * len(pictures), height, 1, len(pictures), squeeze=False)
    for axis, (title, picture) in zip(axes[0], pictures.items(), strict=True):
        axis.imshow(picture, cmap="gray")
        axis.set_title(title, fontsize=11)
        axis.axis("off")
    figure.tight_layout()
    show_figure(figure, alt)


@house_style
def heatmaps(matrices, alt):
    """Draw square matrices side by side, each on its own scale: dark is small, bright is large.

    matrices: title -> array (n, n). alt: what is to be seen in them.
    """
    figure, axes = grid(2.9 * len(matrices), 3.1, 1, len(matrices), squeeze=False)
    for axis, (title, matrix) in zip(axes[0], matrices.items(), strict=True):
        axis.imshow(np.asarray(matrix), cmap="magma", interpolation="nearest")
        axis.set_title(title, fontsize=11)
        axis.axis("off")
    figure.tight_layout(pad=0.5)
    show_figure(figure, alt)


@house_style
def pictures_above_maps(pictures, maps, title, alt):
    """Show pictures, and a map of numbers below each: bright is large. All maps have one scale.

    pictures: title -> picture, (H, W, 3) uint8. maps: an array (rows, columns) of numbers for each picture, of any
    resolution. title: what the maps show. alt: where they are bright, for those who do not see it.
    """
    aspect = np.divide(*np.shape(next(iter(pictures.values())))[:2])
    width = min(4.2, 12.6 / len(pictures))
    figure, axes = grid(
        width * len(pictures) + 0.9, 2 * width * aspect + 0.5, 2, len(pictures), layout="compressed", squeeze=False
    )
    brightest = max(np.quantile(numbers, 0.99) for numbers in maps)
    for (above, below), (name, picture), numbers in zip(axes.T, pictures.items(), maps, strict=True):
        above.imshow(picture)
        above.set_title(name, fontsize=11)
        drawn = below.imshow(numbers, cmap="magma", vmin=0, vmax=brightest, interpolation="nearest")
        for axis in (above, below):
            axis.axis("off")
    bar = figure.colorbar(drawn, ax=axes[1, :], shrink=0.9, aspect=14, pad=0.015)
    bar.set_label(title, fontsize=10)
    bar.ax.tick_params(labelsize=9, length=0)
    bar.outline.set_visible(False)
    show_figure(figure, alt)
