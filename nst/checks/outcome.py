"""Run a function on fresh inputs, and compare what it gives with what it should."""

import numpy as np

from nst.quiet import tf

#: How far a float32 result may be from the exact one, relative to it.
TOLERANCE = 1e-4

_NUMBERS = (tf.Tensor, tf.Variable, np.ndarray, np.generic, int, float)


class Unusable(Exception):
    """A result that cannot be compared; the message follows the function's name, as in "returns nothing"."""


def observe(exercise, function, inputs, options):
    """What `function` does with fresh copies of the inputs: a list of arrays, or the exception it raises.

    NotImplementedError is passed on: it is how an unfinished function says so.
    """
    try:
        result = exercise.call(function, *(fresh(value) for value in inputs), **options)
        return as_arrays(exercise, result)
    except NotImplementedError:
        raise
    except Exception as error:
        return error


def fresh(value):
    """A copy that the callee may spoil: arrays, lists, dictionaries, tf.Variables, optimisers (their state is new)."""
    if isinstance(value, dict):
        return {name: fresh(item) for name, item in value.items()}
    if isinstance(value, list):
        return [fresh(item) for item in value]
    if isinstance(value, np.ndarray):
        return value.astype(np.float32) if value.dtype == np.float64 else value.copy()
    if isinstance(value, tf.Variable):
        return tf.Variable(value)
    if isinstance(value, tf.keras.optimizers.Optimizer):
        return type(value).from_config(value.get_config())
    return value


def as_tensors(value):
    """Every array in `value`, which may be a list or dictionary of them, as a tensor; anything else as it is."""
    return tf.nest.map_structure(lambda item: tf.constant(item) if isinstance(item, np.ndarray) else item, value)


def as_arrays(exercise, result):
    """The results as a list of NumPy arrays of numbers, in their own precision; Unusable for anything else."""
    names = exercise.results
    if result is None:
        raise Unusable("returns nothing: did you forget `return`?")
    if len(names) == 1:
        result = (result,)
    elif not isinstance(result, (tuple, list)) or len(result) != len(names):
        raise Unusable(f"returns {_describe(result)}; expected were {', '.join(names)}.")
    arrays = []
    for name, value in zip(names, result, strict=True):
        array = np.asarray(value) if isinstance(value, _NUMBERS) else None
        if array is None or array.dtype.kind not in "fiu":
            raise Unusable(f"returns {_describe(value)} for {name}; expected was a tensor of real numbers.")
        arrays.append(array)
    return arrays


def find_problem(exercise, outcome, expected, where):
    """What is wrong with an outcome, in one sentence; "" when all is well. where: follows "on"."""
    if isinstance(outcome, Unusable):
        return f"{exercise.name} {outcome}"
    if isinstance(outcome, Exception):
        return f"{exercise.name} stops on {where}: {first_line(outcome)}"
    for name, array, reference in zip(exercise.results, outcome, expected, strict=True):
        what = result_of(exercise, name)
        shape = np.shape(reference)
        if array.shape != shape:
            return f"{what} has shape {array.shape}, not {shape or '() as a scalar has'}, on {where}."
        if not np.all(np.isfinite(array)):
            return f"{what} is not finite (NaN or infinity) on {where}."
        if not close(array, np.asarray(reference)):
            return f"{what} has the wrong value on {where}."
    return ""


def result_of(exercise, name):
    """How a message speaks of one of the exercise's results."""
    return exercise.name if len(exercise.results) == 1 else f"{name} of {exercise.name}"


def close(array, reference):
    """Same shape, and equal up to TOLERANCE."""
    if array.shape != reference.shape:
        return False
    array, reference = array.astype(np.float64), reference.astype(np.float64)
    finite = np.isfinite(reference)  # an infinite number would allow every difference
    if not np.array_equal(array[~finite], reference[~finite]):
        return False
    array, reference = array[finite], reference[finite]
    largest = np.max(np.abs(reference), initial=0.0)
    # The second term is for entries of a matrix that are nearly zero because large products cancel.
    return bool(np.all(np.abs(array - reference) <= TOLERANCE * np.abs(reference) + TOLERANCE / 10 * largest))


def first_line(error):
    """`TypeError: its sentence`, short, without what TensorFlow wraps around it."""
    # The wrapping names the operation, which depends on how the code spells it.
    lines = [line.strip() for line in str(error).splitlines()] or [""]
    if lines[0] == "in user code:":  # compiled: the steps that led to it come first
        lines = [line.removeprefix(f"{type(error).__name__}: ") for line in lines if line][-1:]
    text = lines[0].split("}} ")[-1].split(" [Op:")[0]
    return f"{type(error).__name__}: {text[:160]}"


def _describe(value):
    """`a list`, `an int`, `a tuple of 2`."""
    kind = type(value).__name__
    article = "an" if kind[0].lower() in "aeiou" else "a"
    return f"{article} {kind}" + (f" of {len(value)}" if isinstance(value, (tuple, list)) else "")
