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

import numpy as np

from nst.checks.exercise import Case
from nst.checks.printing import print_beside_reference
from nst.quiet import tf

#: How far a float32 result may be from the exact one, relative to it.
TOLERANCE = 1e-4

_NUMBERS = (tf.Tensor, tf.Variable, np.ndarray, np.generic, int, float)


class Unusable(Exception):
    """A result that cannot be compared; the message follows the function's name, as in "returns nothing"."""


# What a notebook calls


def check_function(exercises, function):
    """Hold `function` against the stored cases and properties of the exercise that has its name.

    Prints its value beside the reference, then a line for each thing found right. Raises AssertionError with a short
    message at the first thing that is not, NotImplementedError when the function is not written yet.
    """
    _check(exercises, find_exercise(exercises, function), function)


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


# How it works: run, compare, name


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
        what = _result(exercise, name)
        shape = np.shape(reference)
        if array.shape != shape:
            return f"{what} has shape {array.shape}, not {shape or '() as a scalar has'}, on {where}."
        if not np.all(np.isfinite(array)):
            return f"{what} is not finite (NaN or infinity) on {where}."
        if not close(array, np.asarray(reference)):
            return f"{what} has the wrong value on {where}."
    return ""


def _result(exercise, name):
    """How a message speaks of one of the exercise's results."""
    return exercise.name if len(exercise.results) == 1 else f"{name} of {exercise.name}"


def close(array, reference):
    """Same shape, and equal up to TOLERANCE."""
    if array.shape != reference.shape:
        return False
    array, reference = array.astype(np.float64), reference.astype(np.float64)
    largest = np.max(np.abs(reference), initial=0.0)
    # The second term is for entries of a matrix that are nearly zero because large products cancel.
    return bool(np.all(np.abs(array - reference) <= TOLERANCE * np.abs(reference) + TOLERANCE / 10 * largest))


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
    """Raise AssertionError: the problem, then the hint of the misunderstanding with the same outcome, if there is one.

    Misunderstandings may agree on these inputs. With `function`, the one that also agrees on all stored cases is named.
    """
    named = None
    for misunderstanding in exercise.misunderstandings:
        if _same(observe_wrong(exercise, misunderstanding, inputs, options), outcome):
            named = named or misunderstanding
            if function is None or _agree_on_all_cases(exercise, misunderstanding, function):
                named = misunderstanding
                break
    if named:
        problem += f"\n{named.name}: {named.hint}"
    elif not isinstance(outcome, Exception):
        advice = "Hold your code against the formula, step by step, on a tiny input you can compute by hand."
        for name, special in exercise.advice.items():
            if problem.startswith(_result(exercise, name) + " "):
                advice = special
        problem += f"\n{advice}"
    cause = outcome if isinstance(outcome, Exception) and not isinstance(outcome, Unusable) else None
    raise AssertionError(problem) from cause


def _agree_on_all_cases(exercise, misunderstanding, function):
    return all(
        _same(
            observe_wrong(exercise, misunderstanding, case.inputs, case.options),
            observe(exercise, function, case.inputs, case.options),
        )
        for case in exercise.cases
    )


def observe_wrong(exercise, misunderstanding, inputs, options):
    """What a misunderstanding does with the inputs: an outcome, the same each time. NotImplementedError is one, too.

    Always called by this module's name for it, so that whoever checks hundreds of functions may remember outcomes.
    """
    try:
        return observe(exercise, misunderstanding.function, inputs, options)
    except NotImplementedError as error:
        return error


def _same(outcome, other):
    """Two outcomes are the same: equal arrays, or the same error."""
    if isinstance(outcome, Exception) or isinstance(other, Exception):
        return first_line(outcome) == first_line(other)
    return all(close(a, b) for a, b in zip(outcome, other, strict=True))


def _shapes(inputs):
    """`, shapes (3, 2) and (3, 2)` of those inputs that have one; a dictionary's that are alike are said once."""
    shapes = []
    for value in inputs:
        found = [tuple(item.shape) for item in (value.values() if isinstance(value, dict) else [value]) if _size(item)]
        shapes += dict.fromkeys(found) if isinstance(value, dict) else found
    return f", shape{'s' * (len(shapes) > 1)} {' and '.join(map(str, shapes))}" if shapes else ""


def _size(value):
    return len(getattr(value, "shape", ()))


def first_line(error):
    """`TypeError: its sentence`, short, without what TensorFlow wraps around it."""
    # The wrapping names the operation, which depends on how the code spells it.
    lines = str(error).splitlines() or [""]
    text = lines[0].split("}} ")[-1].split(" [Op:")[0]
    return f"{type(error).__name__}: {text[:160]}"


def _describe(value):
    """`a list`, `an int`, `a tuple of 2`."""
    kind = type(value).__name__
    article = "an" if kind[0].lower() in "aeiou" else "a"
    return f"{article} {kind}" + (f" of {len(value)}" if isinstance(value, (tuple, list)) else "")
