"""The memory that a painting takes, demanded before it begins."""

from pathlib import Path

import numpy as np
import psutil

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
    """Raise nst.pictures.PictureError, one sentence, where this machine has less memory available than `size` takes."""
    needed, available = megabytes(size, model, styles), _available_megabytes()
    if needed > available:
        height, width = size
        factor = max(0.0, (available - 50) / (needed - 50)) ** 0.5 * 0.95  # a little less, for the rest of the machine
        fitting = f"{int(height * factor)}×{int(width * factor)} would fit"
        if min(height, width) * factor < SMALLEST_SIDE:
            fitting = "no size would fit; close other programs first"
        raise PictureError(
            f"Painting {height}×{width} pixels takes about {needed / 1000:.1f} GB of memory and this machine has "
            f"{available / 1000:.1f} GB available; {fitting}."
        )


def _available_megabytes(folder=Path("/sys/fs/cgroup")):
    """The MB this machine has available, or those a container's limit leaves, which psutil does not know of.

    folder: where Linux tells of such limits, in the files of either version of its control groups.
    """
    found = [psutil.virtual_memory().available]
    for limit, used in (
        (folder / "memory.max", folder / "memory.current"),
        (folder / "memory" / "memory.limit_in_bytes", folder / "memory" / "memory.usage_in_bytes"),
    ):
        try:
            statistics = dict(line.split() for line in limit.with_name("memory.stat").read_text().splitlines())
            # A file's pages that nobody has used lately are given back at once.
            found.append(int(limit.read_text()) - int(used.read_text()) + int(statistics.get("inactive_file", 0)))
        except (OSError, ValueError):
            continue  # no such limit: the file is not there, or says "max"
    return max(0, min(found)) / 1e6
