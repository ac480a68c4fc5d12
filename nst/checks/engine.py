"""Run a function, compare what it gives, and name what is wrong with it.

An exercise has cases (inputs and the outputs they must give, stored in `reference/`), properties that no value can
show (does a gradient arrive?), and misunderstandings: wrong implementations with a name and a hint. Where a function's
outcome equals that of a misunderstanding on the same inputs, the hint is what the student reads.
"""

import inspect
import io
import warnings
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace

from nst.checks.exercise import Case
from nst.checks.naming import find_misunderstandings
from nst.checks.outcome import Unusable, find_problem, first_line, observe, result_of
from nst.checks.printing import print_beside_reference
from nst.checks.tries import note_failed_try
from nst.quiet import tf

# What a notebook calls


def check_function(exercises, function):
    """Hold `function` against the stored cases and properties of the exercise that has its name.

    Prints its value beside the reference, then a line for each thing found right. Raises AssertionError with a short
    message at the first thing that is not, NotImplementedError when the function is not written yet.
    """
    exercise = find_exercise(exercises, function)
    try:
        _check(exercises, exercise, function)
    except AssertionError:
        note_failed_try(exercise, function)
        raise


def _check(exercises, exercise, function):
    with quiet():
        for number, case in enumerate(exercise.cases):
            outcome = observe(exercise, function, case.inputs, case.options)
            problem = find_problem(exercise, outcome, case.expected.values(), case.name + _shapes(case.inputs))
            if not isinstance(outcome, Exception) and (number == 0 or problem):
                print_beside_reference(exercise, outcome, case)
            if problem:
                _repair_first(exercises, exercise, function)
                fail(exercise, problem, outcome, case.inputs, case.options, function)
            if number > 0:
                print(f"  ✓ right on {case.name}")
        for item in exercise.properties:
            note = _probe(exercises, exercise, function, item)
            print(f"  – {note}" if note else f"  ✓ {item.title}")


def _probe(exercises, exercise, function, item):
    """What the probe of a property returns; AssertionError where it fails, whatever it raises."""
    try:
        return item.probe(exercise, function)
    except NotImplementedError:
        raise
    except Exception as error:
        _repair_first(exercises, exercise, function)
        if isinstance(error, AssertionError):
            raise
        raise AssertionError(f"{exercise.name} stops: {first_line(error)}\nIt should hold: {item.title}.") from error


def compare_function(exercises, function, *inputs, expected, **options):
    """Hold `function` against `expected` on the given inputs; the message of the AssertionError never tells `expected`.

    expected: a number or array, or a tuple of them where the exercise has several results (see its `results`).
    Every run gets fresh copies of the inputs: arrays as float32, tf.Variables and optimisers made anew. Then all
    properties that are promised are probed, as in the check, on these inputs.
    """
    exercise = find_exercise(exercises, function)
    expected = list(expected) if len(exercise.results) > 1 else [expected]
    case = Case("fresh inputs", inputs, options, dict(zip(exercise.results, expected, strict=True)), "")
    with quiet():
        outcome = observe(exercise, function, inputs, options)
        problem = find_problem(exercise, outcome, expected, case.name + _shapes(inputs))
        if problem:
            _repair_first(exercises, exercise, function)
            fail(exercise, problem, outcome, inputs, options, function)
        for item in exercise.properties:
            if item.promised:
                _probe(exercises, replace(exercise, cases=[case]), function, item)


def compiled(function, **options):
    """tf.function(function, **options). A student's function that runs in another process is compiled there."""
    return function.compiled(**options) if hasattr(function, "compiled") else tf.function(function, **options)


def find_exercise(exercises, function):
    """The exercise called like `function`."""
    name = getattr(function, "__name__", type(function).__name__)
    if name not in exercises:
        raise AssertionError(
            f"There is no check for {name!r}: pass one of your functions {', '.join(exercises)}, under that very name."
        )
    return exercises[name]


@contextmanager
def quiet():
    """Hold back Python warnings and TensorFlow's notices: they go to stderr, which nbgrader takes for a failure."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _repair_first(exercises, exercise, function):
    """Raise AssertionError where `function` builds on a function that is not right in its notebook either."""
    # tf.function hides the notebook's names; the function it was made of knows them.
    names = getattr(inspect.unwrap(function), "__globals__", {})
    for name in exercise.builds_on:
        if name not in names:
            continue
        try:
            with redirect_stdout(io.StringIO()):
                _check(exercises, exercises[name], names[name])
        except NotImplementedError:
            continue
        except AssertionError:
            raise AssertionError(
                f"{exercise.name} cannot be right yet, as your {name} is not: get check({name}) to pass first."
            ) from None


def fail(exercise, problem, outcome, inputs, options, function=None):
    """Raise AssertionError: the problem, then the hints of the misunderstandings with the same outcome."""
    named = find_misunderstandings(exercise, outcome, inputs, options, function)
    if named:
        problem += "".join(f"\n{misunderstanding.name}: {misunderstanding.hint}" for misunderstanding in named)
    elif not isinstance(outcome, Exception):
        advice = "Hold your code against the formula, step by step, on a tiny input you can compute by hand."
        for result, special in exercise.advice.items():
            if problem.startswith(result_of(exercise, result) + " "):
                advice = special
        problem += f"\n{advice}"
    cause = outcome if isinstance(outcome, Exception) and not isinstance(outcome, Unusable) else None
    raise AssertionError(problem) from cause


def _shapes(inputs):
    """`, shapes (3, 2) and (3, 2)` of those inputs that have one; a dictionary's that are alike are said once."""
    shapes = []
    for value in inputs:
        found = [tuple(item.shape) for item in (value.values() if isinstance(value, dict) else [value]) if _size(item)]
        shapes += dict.fromkeys(found) if isinstance(value, dict) else found
    return f", shape{'s' * (len(shapes) > 1)} {' and '.join(map(str, shapes))}" if shapes else ""


def _size(value):
    return len(getattr(value, "shape", ()))
