"""Painting from coarse to fine: `paint` in nst/painting/loop.py, in one size after another."""

import numpy as np

from nst.painting.arguments import check_choices, check_cost, checked_start
from nst.painting.loop import Painting, fingerprint
from nst.painting.schedule import Phase, checked_schedule
from nst.painting.state import State
from nst.quiet import tf
from nst.words import checked_whole_number

#: The smaller side of the coarsest size that is painted, in pixels.
SMALLEST = 100


def scales(size):
    """The sizes from coarse to fine in which a picture of `size`, (height, width), is painted: a list that ends there.

    Each is half the next, and the smaller side of the coarsest has at least 100 pixels: VGG-19's deepest style layer
    then still has seven positions to a side. With the embedded network, preparing a still smaller size would take
    longer than painting it.
    """
    height, width = size
    halvings = max(0, int(np.log2(max(min(size) / SMALLEST, 1))))
    return [(round(height / 2**k), round(width / 2**k)) for k in range(halvings, -1, -1)]


def resized(picture, size):
    """`picture`, (1, H, W, 3), in another size (height, width): averaged where it shrinks, else bicubic; float32."""
    method = "area" if size[0] < picture.shape[1] else "bicubic"
    return tf.image.resize(picture, size, method=method).numpy()


def paint_scales(
    make_cost,
    start,
    *,
    iterations=20,
    sizes=None,
    method="lbfgs",
    learning_rate=4.0,
    bounds=None,
    callback=None,
    saved=None,
    xla=False,
):
    """Paint from coarse to fine: small first, where a step is cheap, then ever larger; return the largest picture.

    What is large in a picture is settled where a step takes a quarter or a sixteenth of the time. A larger size then
    begins with the smaller picture enlarged, and with the fine detail that `start` has and the smaller one cannot:
    without it, the finest style layers would have nothing to hold on to.

    make_cost: a function of a size (height, width) that returns the cost, as `paint` takes it, for pictures of that
        size. It is called once for each size, and is the place to compute what belongs to the fixed pictures.
    start: (1, H, W, 3), the picture to begin with, in full size.
    iterations: steps at each of the sizes; or a list with a number for each. The callback counts through all of them,
        so a Monitor's number is their sum: Monitor(20 * len(scales((H, W)))).
    sizes: a list of (height, width), the last that of `start`; None for scales((H, W)).
    bounds: (lowest, highest) value of a pixel, or None.
    learning_rate: as in `paint`, though twice as large by default: a larger size begins far off in its fine detail.
    method, callback, saved, xla: as in `paint`, whose errors and interrupts are the same. The picture is of full size
        after an interrupt, too, enlarged if need be.
    """
    start = checked_start(start)
    full = start.shape[1:3]
    sizes = scales(full) if sizes is None else [tuple(map(int, size)) for size in sizes]
    if not sizes or sizes[-1] != full:
        raise ValueError(f"sizes should be a list of (height, width) that ends with the start's, {full}: {sizes}.")
    if np.ndim(iterations) == 0:
        iterations = [iterations] * len(sizes)
    if len(iterations) != len(sizes):
        raise ValueError(f"iterations should be one number or {len(sizes)}, one a size, and it is {iterations}.")
    iterations = [
        checked_whole_number("iterations", number, least=0, advice="20 is a good start") for number in iterations
    ]
    phases = checked_schedule([Phase(0, learning_rate, bounds)])
    check_choices(method, callback)
    state = State(saved, f"{method}, {fingerprint(start)}, sizes {sizes}")
    painting = Painting(method, phases, callback, state, xla, sum(iterations))
    starts = [resized(start, size) if size != full else start for size in sizes]
    resume_at, picture = state.scale, None
    for scale, size in enumerate(sizes):
        if scale < resume_at:
            continue
        if picture is None:
            begin = starts[scale]
        else:
            detail = starts[scale] - resized(starts[scale - 1], size)
            begin = resized(picture, size) + detail
        cost = make_cost(size)
        check_cost(cost)
        painting.scale, painting.before = scale, sum(iterations[:scale])
        picture = painting.run(cost, begin, iterations[scale])
        if painting.stopped:
            break
    return picture if picture.shape == start.shape else resized(picture, full)
