"""What a call writes into its arguments: read before and after it on one side, and written on the other."""

import math

import numpy as np

from nst.grading.exam.wire import WireError
from nst.quiet import tf


def contents(value):
    """A copy of what can be written into `value`: None where nothing can."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tf.Variable):
        return np.array(value.numpy())
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, tf.keras.optimizers.Optimizer):
        return tuple(np.array(variable.numpy()) for variable in value.variables)
    if is_by_hand(type(value)):
        # A TinyEncoder counts how often it was asked.
        return {name: count for name, count in vars(value).items() if type(count) is int}
    return None


def is_by_hand(thing):
    """Is this function or class one of nst.checks.by_hand, which a student's process has as well?"""
    return getattr(thing, "__module__", "") == "nst.checks.by_hand"


def unchanged(old, new):
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        return old.dtype == new.dtype and old.shape == new.shape and old.tobytes() == new.tobytes()
    if type(old) is not type(new) or not isinstance(old, (tuple, dict)):
        return old is new
    if isinstance(old, dict):
        return list(old) == list(new) and all(map(_is_or_equals, old.values(), new.values()))
    return len(old) == len(new) and all(map(_is_or_equals, old, new))


def _is_or_equals(a, b):
    return a is b or (isinstance(a, np.ndarray) and unchanged(a, b)) or (type(a) is type(b) is int and a == b)


def write(value, contents):
    """Write into `value` what the other end says has become of it."""
    if isinstance(value, (np.ndarray, tf.Variable)):
        _fill(value, contents)
    elif isinstance(value, list) and type(contents) is tuple:
        value[:] = contents
    elif isinstance(value, dict) and type(contents) is dict:
        value.clear()
        value.update(contents)
    elif isinstance(value, tf.keras.optimizers.Optimizer) and type(contents) is tuple:
        if len(contents) != len(value.variables):
            raise WireError("an optimizer has other variables")
        for variable, array in zip(value.variables, contents, strict=True):
            _fill(variable, array)
    elif is_by_hand(type(value)) and type(contents) is dict:
        counts = {name for name, count in vars(value).items() if type(count) is int}
        if set(contents) != counts or not all(type(count) is int for count in contents.values()):
            raise WireError("an object has other counts")
        vars(value).update(contents)
    else:
        raise WireError("an argument that cannot change has changed")


def _fill(value, array):
    dtype = getattr(value.dtype, "name", value.dtype)
    if not isinstance(array, np.ndarray) or array.dtype.name != dtype or array.size != math.prod(value.shape):
        raise WireError("an argument has changed its kind")
    array = array.reshape(tuple(value.shape))
    if not isinstance(value, np.ndarray):
        value.assign(array)
    elif value.flags.writeable:
        value[...] = array
