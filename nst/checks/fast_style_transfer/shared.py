"""Formulas that several exercises of fast-style-transfer build on, and how their functions are called."""

import numpy as np

from nst.checks.outcome import TOLERANCE, Unusable, close, observe
from nst.checks.wrong_versions import channel_products
from nst.quiet import tf


def normalised_gram(features):
    """Every picture's Gram matrix, (N, C, C), divided by H · W · C. ValueError where there are not four axes."""
    _, H, W, C = features.shape
    return channel_products(features) / (H * W * C)


def along(axis):
    """A function that gives the differences of a picture's neighbours along an axis."""
    before = (slice(None),) * axis
    return lambda img: img[*before, 1:] - img[*before, :-1]


#: Differences of horizontal neighbours, (N, H, W - 1, 3), and of vertical ones, (N, H - 1, W, 3).
across, down = along(2), along(1)


def in_sizes(sizes):
    """The parts of a tv_loss that takes sizes(N, H, W, C) of the picture's axes for its height and width."""

    def across(img):
        _, W = sizes(*img.shape)
        return img[:, :, 1:W] - img[:, :, : W - 1]

    def down(img):
        H, _ = sizes(*img.shape)
        return img[:, 1:H] - img[:, : H - 1]

    return {"across": across, "down": down}


def total_variation(img):
    """The sum of all squared differences of neighbours, a scalar."""
    return tf.reduce_sum(tf.square(across(img))) + tf.reduce_sum(tf.square(down(img)))


def at(s, picture, layer):
    """The activation of the network s.model at one layer for the picture, (1, H, W, C)."""
    return s.model.activations(picture, [layer])[layer]


def call_with_weight(function, *inputs, at):
    """function(*inputs); Unusable where it stops at the weight, or list of weights, inputs[at] for being integer."""
    try:
        return function(*inputs)
    except Exception as error:
        if "int32" not in str(error):
            raise
        # None of them whole, and none that tf.function takes for the integer it was compiled with.
        weight = tf.nest.map_structure(lambda number: number + 0.5, inputs[at])
        function(*inputs[:at], weight, *inputs[at + 1 :])  # stops in the same way where the weight is not the reason
        raise Unusable("stops where the weight is a whole number.") from error


def unbatched(activation):
    """A function that unpacks three sizes of a tensor, activation(*inputs), as if it had no axis of pictures."""

    def function(*inputs, **options):
        H, W, C = activation(*inputs).shape
        return tf.fill([H, W, C], np.nan)

    return function


def off_by_a_factor(exercise, outcome, function):
    """Is the result that of the formula in every case, but for one and the same factor?"""
    factors = []
    for case in exercise.cases:
        found = observe(exercise, function, case.inputs, case.options)
        (expected,) = case.expected.values()
        if isinstance(found, Exception) or found[0].shape != np.shape(expected) or not np.all(np.isfinite(found[0])):
            return False
        factors.append(np.sum(np.float64(found[0]) * expected) / np.sum(np.square(expected)))
        if not close(found[0] / (factors[-1] or 1), np.asarray(expected)):
            return False
    alike = np.allclose(factors, factors[0], rtol=TOLERANCE)
    return bool(alike and not np.isclose(factors[0], 1, rtol=TOLERANCE))


def without_rounding(costs):
    """The costs, the total last; one that is nothing but rounding next to the total is 0. Anything else as it is."""
    values = [np.asarray(cost) for cost in costs]
    if all(value.shape == () and value.dtype.kind == "f" for value in values):
        # Two activations that agree may differ in the last bit once tf.function has compiled one of them.
        return [value * (abs(value) > 1e-6 * abs(values[-1])) for value in values]
    return values
