"""What style_transfer is probed for besides values: where it starts, and what it hands on to paint."""

import numpy as np

from nst.checks.outcome import close, fresh, observe


def starts(exercise, function):
    """The start is the content picture by default, a random one only when asked for, and then that of its seed."""
    case = exercise.cases[-1]

    def start(seed):
        return np.array(function(*fresh(list(case.inputs)), init_random=True, iterations=0, seed=seed))

    by_default = np.array(function(*fresh(list(case.inputs)), iterations=0))
    if not np.array_equal(by_default, np.float32(case.inputs[1])):
        raise AssertionError(
            "Unless init_random is asked for, the start should be the content picture.\n"
            "The signature was written for you with init_random=False and seed=0: put these defaults back."
        )
    unseeded = np.array(function(*fresh(list(case.inputs)), iterations=0, init_random=True))
    first, second = start(1), start(2)
    if np.array_equal(first, second) or not np.array_equal(first, start(1)) or not np.array_equal(unseeded, start(0)):
        raise AssertionError(
            "The random start should be the same for the same seed, and another for another seed; by default the seed "
            "is 0.\nMake it with np.random.default_rng(seed), anew in every call."
        )


def paints(exercise, function):
    """Iterations and callback are passed on, and the schedule."""
    case = exercise.cases[0]
    inputs = fresh(list(case.inputs))
    numbers, pictures = [], []

    def callback(i, costs, picture):
        numbers.append(int(i))
        pictures.append(np.array(picture))

    picture = function(*inputs, iterations=3, callback=callback, **case.options)
    if numbers != [0, 1, 2] or not np.array_equal(pictures[-1], picture):
        raise AssertionError(
            f"style_transfer should paint 3 iterations when iterations=3, call callback after each of them, and return "
            f"what paint returns; callback came {len(numbers)} times.\n"
            "Pass iterations and callback on to paint as they are."
        )
    if np.max(np.abs(pictures)) > 1.5:
        raise AssertionError("Until iteration 180 the pixels stay within ±1.5: pass SCHEDULE on to paint.")


def starts_from_other_noise(exercise, outcome, function):
    """Is the random start uniform between 0 and 1, and not the one of its seed?"""
    for case in exercise.cases:
        found = observe(exercise, function, case.inputs, case.options)
        if case.options["init_random"]:
            start, right = (None if isinstance(found, Exception) else found[0]), np.asarray(case.expected["start"])
            return (
                start is not None
                and start.shape == right.shape
                and 0 <= start.min() <= start.max() <= 1
                and (not close(start, right))
            )
    return False
