"""What has been computed once and need not be computed again: outcomes of functions of the course, by their inputs."""

from collections import OrderedDict

import numpy as np

from nst.checks.by_hand import QuadraticCosts, TinyEncoder, TinyNetwork
from nst.quiet import tf


class Known:
    """Outcomes by key, the latest ones; most: how many. Whoever gets one must not write into it."""

    def __init__(self, most):
        self._most, self._found = most, OrderedDict()

    def ask(self, key, compute):
        """What compute() gave when it was last asked under this key; anew where the key is None."""
        if key is None:
            return compute()
        if key not in self._found:
            self._found[key] = compute()
            if len(self._found) > self._most:
                self._found.popitem(last=False)
        return self._found[key]


class _NoKey(Exception):
    pass


def key_of(value):
    """Equal for inputs that hold the same numbers, and None for those of which that cannot be told.

    Functions count where they are the course's own, which stay the same: one that a test has made may hold on to a
    student's process.
    """
    try:
        return _key(value)
    except _NoKey:
        return None


def _key(value):
    if value is None or isinstance(value, (bool, int, float, str)):
        return type(value), value
    if isinstance(value, dict):
        return dict, *((_key(name), _key(item)) for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return type(value), *map(_key, value)
    if isinstance(value, (np.ndarray, np.generic)) or (isinstance(value, (tf.Tensor, tf.Variable)) and _has(value)):
        array = np.asarray(value)
        if array.dtype != object:
            return type(value), array.dtype.str, array.shape, array.tobytes()
    if isinstance(value, tf.keras.optimizers.Optimizer):
        return type(value), _key(value.get_config())
    if isinstance(value, (TinyEncoder, TinyNetwork, QuadraticCosts)):
        return type(value), _key(vars(value))
    if str(getattr(value, "__module__", "")).startswith("nst.checks.") and hasattr(value, "__code__"):
        return value
    raise _NoKey


def _has(tensor):
    """Has a tensor numbers by now? One of a graph that is being made has none."""
    return hasattr(tensor, "numpy")
