"""Stands for nst.checks and for the checks of every assignment: the tests run outside of this process.

The names of all of them are here, so that a notebook imports what it always did.
"""

from nst.checks.by_hand import OnePixel, QuadraticCosts, SmallNetwork, TinyEncoder, TinyNetwork, quadratic_costs
from nst.quiet import tf

__all__ = [
    "EXERCISES",
    "OnePixel",
    "QuadraticCosts",
    "SmallNetwork",
    "TinyEncoder",
    "TinyNetwork",
    "check",
    "compare",
    "compiled",
    "quadratic_costs",
]

EXERCISES = {}


def check(function, part=""):
    """Say that nothing is checked here."""
    print("Nothing is checked here: the tests of your notebook run outside of this process.")


def compare(function, *inputs, expected=None, part="", **options):
    """Say that nothing is checked here."""
    check(function)


def compiled(function, **options):
    """tf.function(function, **options)."""
    return tf.function(function, **options)
