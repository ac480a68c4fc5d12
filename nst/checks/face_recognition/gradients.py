"""Whether something could be learnt from what a function returns."""

import numpy as np

from nst.quiet import tf


def gradients_reach(names, arguments):
    """A probe that each array of the first case gets a gradient; arguments: makes the function's of these tensors."""

    def probe(exercise, function):
        arrays = [value for value in tf.nest.flatten(exercise.cases[0].inputs) if value is not None]
        given = [tf.Variable(value, dtype=tf.float32) for value in arrays]
        with tf.GradientTape() as tape:
            result = function(*arguments(*map(tf.convert_to_tensor, given)))
        for name, gradient in zip(names, gradients(tape, result, given), strict=True):
            if gradient is None or not np.any(gradient):
                raise AssertionError(
                    f"{exercise.name} has the right value, but no gradient reaches {name}, so nothing could be learnt "
                    "from it.\nCompute with TensorFlow's operations from the arguments to what you return: NumPy, "
                    ".numpy(), float() and tf.stop_gradient cut the thread."
                )

    return probe


def gradients(tape, result, given):
    """The gradient of `result` for each of the given variables, an array, or None where none arrives."""
    if not isinstance(result, tf.Tensor):
        return [None] * len(given)
    return [None if g is None else g.numpy() for g in tape.gradient(result, given)]
