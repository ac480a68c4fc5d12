"""What wrong versions are made of, in every assignment."""

from dataclasses import replace
from types import SimpleNamespace

from nst.checks.exercise import Misunderstanding
from nst.quiet import tf


def parts_of(wrong, **right):
    """The parts of a function, those in `wrong` in place of the right ones."""
    return SimpleNamespace(**right | wrong)


def returns(*value):
    """The misunderstanding that returns this, the first case's result, whatever goes in; several values as a tuple."""
    value = value[0] if len(value) == 1 else value
    return Misunderstanding(
        "hard-coded",
        "This is the value printed in the check, whatever goes in. Compute it from the inputs: the tests bring inputs "
        "of their own.",
        lambda *inputs, **options: value,
    )


def hard_coded(cases):
    """The misunderstanding that returns the first case's value, as a tensor, whatever goes in."""
    (value,) = cases[0].expected.values()
    return replace(returns(value), function=lambda *inputs, **options: tf.constant(value, tf.float32))


def squared_distance(a, b):
    """The sum of all squared differences, a scalar."""
    return tf.reduce_sum(tf.square(tf.subtract(a, b)))


def channel_products(a):
    """Every picture's sums of products of two channels: activations (N, H, W, C) give (N, C, C), not divided."""
    return tf.einsum("nhwi,nhwj->nij", a, a)
