"""What wrong versions are made of, in every assignment.

A builder makes them of parts, each right unless a wrong one is given: `_cost(factor=...)`. With `@composable` above it,
two slips in different parts can also be made together, and whoever makes both at once is told both: naming tries the
pairs where no misunderstanding alone gives the outcome. Nothing else is to be done, and no pair is to be written down.
The finer the parts, the more pairs there are: a factor that is made of `quarter`, `positions` and `channels` may have
two of them wrong. A misunderstanding whose function is made without a builder is no part of a pair.
"""

from dataclasses import replace
from functools import cache, wraps
from types import SimpleNamespace

import numpy as np

from nst.checks.exercise import Misunderstanding
from nst.checks.outcome import close
from nst.quiet import tf


def parts_of(wrong, **right):
    """The parts of a function, those in `wrong` in place of the right ones."""
    return SimpleNamespace(**right | wrong)


def composable(build):
    """The builder, whose functions remember what they are made of, so that `both` can put two of them together."""

    @wraps(build)
    def built(**wrong):
        function = build(**wrong)
        function.made_of = built, wrong
        return function

    return built


@cache
def both(first, second):
    """The function with the wrong parts of two; None where no builder made both, or where the same part is wrong."""
    (build, wrong), (other, also) = (getattr(function, "made_of", (None, {})) for function in (first, second))
    if build is None or build is not other or wrong.keys() & also.keys():
        return None
    return build(**wrong | also)


def is_right(case, outcome):
    """Is this outcome, as nst.checks.outcome.observe gives it, the one that the case expects?"""
    if isinstance(outcome, Exception):
        return False
    return all(close(array, np.asarray(value)) for array, value in zip(outcome, case.expected.values(), strict=True))


def returns(*value):
    """The misunderstanding that returns this, the first case's result, whatever goes in; several values as a tuple."""
    value = value[0] if len(value) == 1 else value
    return Misunderstanding(
        "a value typed in",
        "This is the value printed in the check, whatever goes in. Compute it from the inputs: the tests bring inputs "
        "of their own.",
        lambda *inputs, **options: value,
        look="Look at what you return: does it come from the arguments?",
    )


def hard_coded(cases):
    """The misunderstanding that returns the first case's value, as a tensor, whatever goes in."""
    (value,) = cases[0].expected.values()
    return replace(returns(value), function=lambda *inputs, **options: tf.constant(value, tf.float32))


def other_defaults(function, experiment="", **right):
    """The misunderstanding of all functions that are right with these values, and wrong without: any other default.

    A keyword that has no default, or None, is recognised as well, and a function that is wrong besides. function: one
    that has others, experiment: see Misunderstanding. One of the exercise's cases at least must leave the options out.
    """
    given = " and ".join(f"{name}={value!r}" for name, value in right.items())

    return Misunderstanding(
        "other defaults",
        f"With {given} passed by hand your function is right, without them it is not. These are the defaults of the "
        "signature that was written for you: put them back.",
        function,
        look="Look at the first line, the one that begins with def.",
        experiment=experiment,
        defaults=right,
    )


def squared_distance(a, b):
    """The sum of all squared differences, a scalar."""
    return tf.reduce_sum(tf.square(tf.subtract(a, b)))


def channel_products(a):
    """Every picture's sums of products of two channels: activations (N, H, W, C) give (N, C, C), not divided."""
    return tf.einsum("nhwi,nhwj->nij", a, a)
