"""Formulas that several exercises of fast-style-transfer build on, and how their functions are called."""

import numpy as np

from nst.checks.outcome import Unusable
from nst.checks.wrong_versions import channel_products
from nst.quiet import tf


def normalised_gram(features):
    """Every picture's Gram matrix, (N, C, C), divided by H · W · C. ValueError where there are not four axes."""
    _, H, W, C = features.shape
    return channel_products(features) / (H * W * C)


def across(img):
    """Differences of horizontal neighbours, (N, H, W - 1, 3)."""
    return img[:, :, 1:] - img[:, :, :-1]


def down(img):
    """Differences of vertical neighbours, (N, H - 1, W, 3)."""
    return img[:, 1:] - img[:, :-1]


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
        weight = tf.nest.map_structure(float, inputs[at])
        function(*inputs[:at], weight, *inputs[at + 1 :])  # stops in the same way where the weight is not the reason
        raise Unusable("stops where the weight is a whole number.") from error


def without_rounding(costs):
    """The costs, the total last; one that is nothing but rounding next to the total is 0. Anything else as it is."""
    values = [np.asarray(cost) for cost in costs]
    if all(value.shape == () and value.dtype.kind == "f" for value in values):
        # Two activations that agree may differ in the last bit once tf.function has compiled one of them.
        return [value * (abs(value) > 1e-6 * abs(values[-1])) for value in values]
    return values
