"""What error messages share: what a value is, in words, and numbers checked."""

import operator
import textwrap

import numpy as np


def checked_whole_number(name, value, least, advice):
    """`value` as an int; a ValueError where it is no whole number (NumPy's will do) of at least `least`.

    name: what the sentence calls it; advice: how the sentence ends, a value that is usual say.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        raise ValueError(f"{name} should be a whole number, {least} or more, and it is {in_short(value)}; {advice}.")
    return number


def is_number(value):
    """True for a real number; arrays, tensors and variables without dimensions are numbers too."""
    value = np.asarray(value)
    return value.ndim == 0 and value.dtype.kind not in "OSUc"  # objects, texts, complex numbers


def in_short(value):
    """How Python writes the value, cut to 60 characters."""
    return textwrap.shorten(repr(value), 60, placeholder=" …")


def kind_of(value):
    """What completes "and it is ...": the value's type; of None, that a return may be missing."""
    return "None (a return is missing?)" if value is None else f"of type {type(value).__name__}"
