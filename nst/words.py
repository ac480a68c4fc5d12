"""What messages share: a line above the progress bar, what a value is in words, and numbers checked."""

import operator
import sys
import textwrap

import numpy as np
import tqdm


def checked_whole_number(name, value, least, advice):
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
    return textwrap.shorten(repr(value), 60, placeholder=" …")


def kind_of(value):
    return "None (a return is missing?)" if value is None else f"of type {type(value).__name__}"


def say(text):
    """Print a line above the progress bar, if there is one, and to stdout: nbgrader takes stderr for a failure."""
    tqdm.tqdm.write(text)
    sys.stdout.flush()
