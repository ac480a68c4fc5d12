"""The memory that a painting takes, demanded before it begins."""

import numpy as np

from nst.limits import gigabytes, rooms
from nst.pictures import SMALLEST_SIDE, PictureError


def megabytes(size, model, styles=1):
    """The memory that painting (height, width) takes at its peak, in MB, besides the 0.7 GB of the program itself.

    model: a mapping from layer name to activation, as load_vgg_model returns it.

    Per megapixel that is about 1400 MB with the embedded network and 3500 MB with the full one: 300 MB for what L-BFGS
    remembers of its last steps, 200 for copies of the pictures, and 2.35 times what the activations of all layers take
    together; once more with each further style, at the most, which is with a mask. Measured as the peak resident memory
    of processes of their own on CPUs: 1380 MB a megapixel for `nst paint` at 1.5; without its several sizes 1170 for
    the embedded network at one, 1650 with two masks; 2500 and 3700 for the full one at half of one. Adam would do
    without the 300 MB.
    """
    height, width = size
    side = 32  # the least that a network takes; activations grow with the number of pixels
    activations = model.activations(
        np.zeros((1, side, side, 3), np.float32), [name for name in model if name != "input"]
    )
    per_pixel = sum(activation.numpy().nbytes for activation in activations.values()) / side**2
    return 50 + height * width * (500 + (1.35 + styles) * per_pixel) / 1e6


def demand_memory(size, model, styles=1):
    """Raise nst.pictures.PictureError, one sentence, where less memory is left to this program than `size` takes.

    The machine, a container and `ulimit` may each leave another amount (nst/limits.py). Some count what is asked for
    and not what is used, which is more: of address space and data, `nst paint` takes up to 1.4 times as much, and 0.1
    GB. Measured in GB, with the embedded network, at 300, 600 and 1000 pixels: memory 0.16, 0.57, 1.64; address space
    0.28, 0.83, 2.72; data 0.23, 0.77, 2.68; `megabytes` says 0.22, 0.73, 1.93.
    """
    needed = megabytes(size, model, styles)
    tightest, least = None, 1.0
    for room in rooms():
        times, more = (1, 0) if room.counted == "memory" else (1.4, 100)
        # How much of the picture fits: its pixels take all but 50 MB.
        share = ((room.bytes / 1e6 - more) / times - 50) / (needed - 50)
        if share < least:
            tightest, least, takes = room, share, times * needed + more
    if tightest is None:
        return
    height, width = size
    factor = max(0.0, least) ** 0.5 * 0.95  # a little less, for the rest of the machine
    fitting = f"{int(height * factor)}×{int(width * factor)} would fit, or"
    if min(height, width) * factor < SMALLEST_SIDE:
        fitting = "no size would fit;"
    raise PictureError(
        f"Painting {height}×{width} pixels takes about {gigabytes(1e6 * takes)} of {tightest.counted} and "
        f"{tightest.words}; {fitting} {tightest.advice}."
    )
