"""What the reference values of all assignments share: how inputs are drawn, and how a case is stored."""

import itertools

import numpy as np

LOOPS = (
    "Inputs: numpy.random.default_rng({seed}).integers(-16, 17, size) / 4, in the order listed. Expected: "
    "float64 loops in tools/reference, from the formula."
)
BY_HAND = "Inputs chosen by hand, so that the result can be computed by hand; float64 loops in tools/reference agree."


def positions(a):
    """Every index of an array."""
    return itertools.product(*map(range, a.shape))


def channel_gram(a):
    """The Gram matrix of the channels of a, shape (1, n_H, n_W, n_C), as nested lists (n_C, n_C)."""
    _, n_H, n_W, n_C = a.shape
    matrix = [[0.0] * n_C for _ in range(n_C)]
    for i in range(n_C):
        for j in range(n_C):
            for h in range(n_H):
                for w in range(n_W):
                    matrix[i][j] += float(a[0, h, w, i]) * float(a[0, h, w, j])
    return matrix


def quarters(seed, *shapes, largest=4):
    """One float32 array per shape: random multiples of 1/4, exact in float32 and short to write."""
    rng = np.random.default_rng(seed)
    return [(rng.integers(-int(4 * largest), int(4 * largest) + 1, shape) / 4).astype(np.float32) for shape in shapes]


def case(name, inputs, expected, provenance, options=None):
    return {
        "name": name,
        "provenance": provenance,
        "inputs": inputs,
        "options": options or {},
        "expected": expected,
    }
