"""What exercises are probed for besides values, in every assignment."""

from dataclasses import replace

import numpy as np

from nst.checks.engine import compiled, fail, find_problem, fresh, observe
from nst.quiet import tf


def as_tensors(value):
    """Every array in `value`, which may be a list or dictionary of them, as a tensor; anything else as it is."""
    return tf.nest.map_structure(lambda item: tf.constant(item) if isinstance(item, np.ndarray) else item, value)


def as_arrays(value):
    """Every tensor in `value`, which may be a list or dictionary of them, as a NumPy array of its own."""
    return tf.nest.map_structure(lambda item: np.array(item) if isinstance(item, tf.Tensor) else item, value)


def gradient_arrives(argument, position=-1):
    """A probe of the gradient with respect to the input at `position`, a tensor or a dictionary of them."""

    def probe(exercise, function):
        inputs = [as_tensors(value) for value in exercise.cases[0].inputs]
        with tf.GradientTape() as tape:
            tape.watch(inputs[position])
            result = function(*inputs)
        gradient = tape.gradient(result, inputs[position]) if isinstance(result, tf.Tensor) else None
        if not any(part is not None and np.any(tf.convert_to_tensor(part)) for part in tf.nest.flatten(gradient)):
            raise AssertionError(
                f"{exercise.name} has the right value, but no gradient reaches {argument}, so the picture could not be "
                "painted.\n"
                f"Compute with TensorFlow's operations from {argument} to what you return: NumPy, .numpy(), float(), "
                "tf.constant and tf.stop_gradient cut the thread."
            )

    return probe


def costs_nothing(inputs, sentence):
    """A probe that the cost of these inputs is 0; the sentence is what the student reads otherwise."""

    def probe(exercise, function):
        outcome = observe(exercise, function, inputs, {})
        # Squares that are expanded before they are summed leave a little rounding behind.
        if isinstance(outcome, Exception) or abs(float(outcome[0])) > 1e-3:
            raise AssertionError(f"{exercise.name} of {sentence}")

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
        case = exercise.cases[0]
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
        case = exercise.cases[0]
        given = fresh(list(case.inputs))
        _observe_watched(exercise, function, given, case.options)
        _hold_unspoiled(exercise, arguments, case.inputs, given)

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
