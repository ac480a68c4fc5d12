"""What exercises are probed for besides values, in every assignment."""

from dataclasses import replace

import numpy as np

from nst.checks.engine import compiled, fail
from nst.checks.gradients import hold_finite, of_tensors
from nst.checks.outcome import find_problem, fresh, observe
from nst.quiet import tf


def as_arrays(value):
    """Every tensor in `value`, which may be a list or dictionary of them, as a NumPy array of its own."""
    return tf.nest.map_structure(lambda item: np.array(item) if isinstance(item, tf.Tensor) else item, value)


def costs_nothing(inputs, sentence, *arguments):
    """A probe that the cost of these inputs is 0, and that its slope there is a number, as painting may begin there.

    sentence: what the student reads where it is not 0; arguments: see gradient_is_true.
    """

    def probe(exercise, function):
        outcome = observe(exercise, function, inputs, {})
        # Squares that are expanded before they are summed leave a little rounding behind.
        if isinstance(outcome, Exception) or abs(float(outcome[0])) > 1e-3:
            fail(exercise, f"{exercise.name} of {sentence}", outcome, inputs, {}, function)
        hold_finite(exercise.name, *of_tensors(function, inputs, {}, arguments))

    return probe


def compiles(advice, required=True, **options):
    """A probe that the function still gives the last case's results as tf.function(function, **options).

    Unless required, a function that cannot be compiled is only told so: painting runs it as it is.
    """

    def probe(exercise, function):
        case = exercise.cases[-1]

        def call(function, *inputs, **named):
            return exercise.call(compiled(function, **options), *inputs, **named)

        try:
            outcome = observe(replace(exercise, call=call), function, case.inputs, case.options)
        except NotImplementedError as error:  # TensorFlow's own: the function ran before
            outcome = error
        if isinstance(outcome, Exception) and not required:
            return f"right, but tf.function cannot compile it, so painting will take about twice as long: {advice}"
        problem = find_problem(exercise, outcome, case.expected.values(), "being compiled by tf.function")
        if problem:
            raise AssertionError(f"{problem}\n{advice}")

    return probe


def takes_numpy(argument, position):
    """A probe that the input at `position` may be NumPy arrays, and that no input is written to."""

    def probe(exercise, function):
        for case in exercise.cases:
            given = fresh(list(case.inputs))
            given[position] = as_arrays(given[position])
            before = fresh(given)
            outcome = _observe_watched(exercise, function, given, case.options)
            problem = find_problem(exercise, outcome, case.expected.values(), f"{argument} as a NumPy array")
            if problem:
                fail(exercise, problem, outcome, before, {})
            names = [argument if i == position else "one of its arguments" for i in range(len(given))]
            _hold_unspoiled(exercise, names, before, given)

    return probe


def spoils_nothing(*arguments):
    """A probe that no input is written to, of an exercise whose inputs have these names."""

    def probe(exercise, function):
        # In every case: what is sorted already shows nobody who sorts it.
        for case in exercise.cases:
            given = fresh(list(case.inputs))
            before = fresh(given)
            _observe_watched(exercise, function, given, case.options)
            _hold_unspoiled(exercise, arguments, before, given)

    return probe


def _observe_watched(exercise, function, given, options):
    """observe() with the very inputs that are given, not with copies, to see afterwards whether they were spoilt."""
    watched = replace(exercise, call=lambda function, *copies, **options: exercise.call(function, *given, **options))
    return observe(watched, function, given, options)


def _hold_unspoiled(exercise, names, before, after):
    for name, old, new in zip(names, before, after, strict=True):
        old, new = tf.nest.flatten(old), tf.nest.flatten(new)
        if len(old) != len(new) or not all(map(np.array_equal, old, new)):
            raise AssertionError(
                f"{exercise.name} writes into {name}: make something new instead, your caller needs the old one."
            )
