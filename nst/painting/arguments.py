"""Arguments of painting, checked: each mistake is told in one sentence, before anything takes time."""

import numpy as np

from nst.words import in_short, kind_of


def checked_start(start):
    """`start` as a new float32 array of shape (1, height, width, 3), or a ValueError."""
    try:
        start = np.array(np.asarray(start), dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError(
            f"start should be an array of numbers of shape (1, height, width, 3), and it is {kind_of(start)}."
        ) from None
    if start.ndim != 4 or start.shape[0] != 1 or start.shape[3] != 3 or 0 in start.shape:
        raise ValueError(
            f"start should have the shape (1, height, width, 3), and it has {start.shape}; "
            "nst_utils.reshape_and_normalize_image and nst.networks.squeezenet.preprocess make such arrays of pictures."
        )
    if not np.isfinite(start).all():
        raise ValueError("start has values that are no numbers (NaN, infinity); begin with another picture.")
    return start


def check_cost(cost):
    """A ValueError where `cost` cannot be called; what it returns is checked when it is first called."""
    if not callable(cost):
        raise ValueError(
            f"cost should be a function of the picture, and it is {kind_of(cost)}; give the function itself, without "
            "calling it."
        )


def check_choices(method, callback):
    """A ValueError where the method has another name, or the callback cannot be called."""
    if method not in ("adam", "lbfgs"):
        raise ValueError(f'method should be "adam" or "lbfgs", and it is {in_short(method)}.')
    if callback is not None and not callable(callback):
        raise ValueError(
            "callback should be a Monitor or a function of (iteration, costs, picture), and it is "
            f"{kind_of(callback)}; leave it out to paint in silence."
        )
