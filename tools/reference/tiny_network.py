"""A network small enough for loops: nst.checks.fast_style_transfer.TinyNetwork, as the specification has it."""

import numpy as np

from tools.reference.cases import positions, quarters

KERNELS = {"near": (3, 2), "middle": (2, 4), "far": (4, 3)}


def tiny_network(kernels, picture):
    """The activations of nst.checks.fast_style_transfer.TinyNetwork, layer name -> float64 array."""
    found, below = {}, picture
    for (layer, kernel), (down, across) in zip(kernels.items(), ((1, 1), (2, 1), (1, 2)), strict=True):
        below = below[:, ::down, ::across]
        a = np.zeros((*below.shape[:3], kernel.shape[1]))
        for n, h, w, c in positions(a):
            a[n, h, w, c] = sum(float(below[n, h, w, k]) * float(kernel[k, c]) for k in range(kernel.shape[0]))
        found[layer] = below = a
    return found


def tiny_pictures(seed, *shapes):
    """A picture of each shape, and the kernels of a tiny network."""
    drawn = quarters(seed, *shapes, *KERNELS.values(), largest=1.5)
    return *drawn[: len(shapes)], dict(zip(KERNELS, drawn[len(shapes) :], strict=True))
