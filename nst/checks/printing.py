"""What a student sees of a result, next to its reference."""

import numpy as np


def print_beside_reference(exercise, outcome, case):
    """Print the results of an exercise's function on a case, each with its reference."""
    for name, array, reference in zip(exercise.results, outcome, case.expected.values(), strict=True):
        label = exercise.name if len(outcome) == 1 else f"{exercise.name}, {name}"
        reference = np.asarray(reference)
        if name in exercise.words:
            print(f"{label}: {exercise.words[name](array)}   reference: {exercise.words[name](reference)}")
        elif array.ndim == reference.ndim == 0:
            print(f"{label}: {_number(array, array)}   reference: {_number(reference, array)}")
        elif array.ndim < 4 and reference.ndim < 4:
            print(f"{label}:\n{_matrix(array)}\nreference:\n{_matrix(reference)}")
        else:  # a picture: its first pixel stands for all
            print(f"{label}, first pixel: {_first_pixel(array)}   reference: {_first_pixel(reference)}")


def _number(value, like):
    """Six digits where `like` is float32, all digits where it is float64."""
    return repr(float(value)) if like.dtype == np.float64 else f"{float(value):.6g}"


def _first_pixel(array):
    return _matrix(array[(0,) * (array.ndim - 1)]) if array.ndim else _number(array, array)


def _matrix(array):
    numbers = array if array.dtype.kind in "iu" else array.astype(np.float64)
    return np.array2string(numbers, precision=5, suppress_small=True)
