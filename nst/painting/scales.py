"""Sizes from coarse to fine."""

import numpy as np

from nst.quiet import tf

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
