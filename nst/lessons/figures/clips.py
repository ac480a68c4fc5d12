"""Filters for motion, and what they find in a film, of what-convnets-see 1."""

import numpy as np

from nst.lessons.figures.colours import FAINT, INK, of_direction
from nst.lessons.figures.drawing import blank, house_style, show_figure, show_film


@house_style
def directions(clip, kernels, strengths, alt):
    """Show a clip in one picture, and how strongly filters for all directions answer to it, as bars in a circle.

    clip: (frames, H, W). kernels: (frames, H, W, filters); filter k is for motion at k / filters of a full turn, from
    rightwards over downwards. strengths: (filters,). alt: which filters answer.
    """
    count = len(strengths)
    turns = np.arange(count) / count
    colours = of_direction(turns)
    figure = blank(11.5, 3.7, layout="constrained")
    left, middle, right = figure.subfigures(1, 3, width_ratios=[1, 1.25, 1.1])

    axis = left.subplots()
    ages = np.linspace(0.25, 1, len(clip))[:, None, None]
    axis.imshow((clip * ages).max(0), cmap="gray", vmin=0, vmax=1)
    axis.set_title(f"a clip of {len(clip)} frames", fontsize=11)
    axis.axis("off")

    shown = range(0, count, 4)
    axes = middle.subplots(len(shown), len(kernels))
    for row, filter_number in zip(axes, shown, strict=True):
        for axis, frame in zip(row, kernels[..., filter_number], strict=True):
            axis.imshow(frame, cmap="gray", vmin=kernels.min(), vmax=kernels.max())
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set(color=colours[filter_number], linewidth=2)
        row[0].set_ylabel("→↘↓↙←↖↑↗"[8 * filter_number // count], rotation=0, fontsize=15, labelpad=14, va="center")
    middle.suptitle(f"{len(shown)} of the {count} filters, frame by frame", fontsize=11)

    axis = right.subplots(subplot_kw={"projection": "polar"})
    axis.bar(2 * np.pi * turns, strengths, width=0.34, color=colours, edgecolor=INK, linewidth=0.8, zorder=2)
    axis.set_theta_direction(-1)  # rows of a picture are counted downwards
    axis.set_xticks(np.arange(4) * np.pi / 2, ["→", "↓", "←", "↑"], fontsize=13)
    axis.set_yticks([])
    axis.spines["polar"].set_color(FAINT)
    axis.grid(color=FAINT)
    axis.set_title("strongest answer of each filter", fontsize=11)
    show_figure(figure, alt)


@house_style
def motion(film, answers, alt):
    """Show a film, and beside it the same film in the colours of the filters that answer most, moving.

    film: (frames, H, W). answers: (frames, H, W, filters), of filters for motion as in `directions`. alt: what moves.
    """
    count = answers.shape[-1]
    around = np.copy(answers)
    for axis in (1, 2):  # the strongest answer nearby, so that a dot has one colour
        around = np.max([np.roll(around, shift, axis) for shift in (-2, -1, 0, 1, 2)], axis=0)
    colours = of_direction(around.argmax(-1) / count) * np.sqrt(film)[..., None]
    height, width = film.shape[1:]
    figure = blank(11, 5.3 * height / width + 0.4, dpi=90)
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.01, right=0.99, bottom=0.01, top=0.91, wspace=0.03)
    shown = [
        axes[0].imshow(film[0], cmap="gray", vmin=0, vmax=1, interpolation="nearest"),
        axes[1].imshow(colours[0], interpolation="nearest"),
    ]
    for axis, title in zip(axes, ("the film", "what moves where"), strict=True):
        axis.set_title(title, fontsize=11)
        axis.axis("off")
    place = axes[1].get_position()
    wheel = figure.add_axes((place.x1 - 0.1, place.y0 + 0.03, 0.09, 0.24), projection="polar")
    turns = np.arange(count) / count
    wheel.bar(2 * np.pi * turns, 1, width=2 * np.pi / count, color=of_direction(turns))
    wheel.set_theta_direction(-1)
    wheel.set_axis_off()

    def update(number):
        shown[0].set_data(film[number])
        shown[1].set_data(colours[number])

    show_film(figure, update, len(film), 80, alt)
