"""What a notebook calls: hold a function against its exercise, and show what was found.

An exercise has cases (inputs and the outputs they must give, stored in `reference/`), properties that no value can
show (does a gradient arrive?), and misunderstandings: wrong implementations with a name and a hint. Where a function's
outcome equals that of a misunderstanding on the same inputs, the hint is what the student reads.
"""

import inspect
import warnings
from contextlib import contextmanager
from dataclasses import replace

from nst.checks.exercise import Case
from nst.checks.findings import Findings, fail, failed, place_of
from nst.checks.outcome import find_problem, observe
from nst.checks.panel import show
from nst.checks.stale import stale_notice
from nst.checks.time_limit import TimeSpent, within
from nst.checks.tries import note_failed_try
from nst.checks.verdict import RIGHT, UNWRITTEN, WRONG, CheckFailed, NotWritten, Verdict
from nst.quiet import tf
from nst.tracebacks import message, not_written, of_course, own_lines

#: Seconds that a check may take. The slowest of right functions, model_nn and style_transfer, need 1.5.
PATIENCE = 90.0


def check_function(exercises, function):
    """Hold `function` against the stored cases and properties of the exercise that has its name, and show the verdict.

    Raises CheckFailed, an AssertionError, at the first thing that is not right, and NotWritten, a NotImplementedError,
    when the function is not written yet; what they say is short.
    """
    verdict = find_verdict(exercises, function)
    if verdict.state == WRONG and verdict.exercise in exercises:
        verdict = replace(verdict, offer=note_failed_try(exercises[verdict.exercise], function))
    show(verdict)
    if verdict.state != RIGHT:
        raise (NotWritten if verdict.state == UNWRITTEN else CheckFailed)(verdict) from verdict.error


def find_verdict(exercises, function):
    """What `check` finds of `function`: a Verdict, which is not shown."""
    findings = Findings()
    # Where a student's function runs in another process, that one has limits of its own.
    patience = None if hasattr(function, "compiled") else PATIENCE
    try:
        exercise = find_exercise(exercises, function)
        with quiet():
            within(patience, _check, exercises, exercise, function, findings)
        verdict = Verdict(exercise=exercise.title, state=RIGHT)
    except CheckFailed as error:
        verdict = error.verdict
    except NotImplementedError as error:
        # Libraries raise it, too, of what they cannot do.
        lines = own_lines(error)
        unwritten = of_course(error) or not lines or lines[-1].text.startswith("raise")
        verdict = _unwritten(exercise, error) if unwritten else failed(exercise, error, function).verdict
    except TimeSpent as error:
        verdict = _endless(exercise, error)
    stale = stale_notice(function)
    if stale and verdict.state == UNWRITTEN:
        verdict = replace(verdict, sentence="", message=stale)
    elif stale:
        verdict = replace(verdict, message=f"{verdict.message}\n{stale}")
    return replace(verdict, stale=stale, **vars(findings))


def _check(exercises, exercise, function, findings):
    """Add to `findings` what is found; CheckFailed at the first thing that is not right."""
    for number, case in enumerate(exercise.cases):
        outcome = observe(exercise, function, case.inputs, case.options)
        problem = find_problem(exercise, outcome, case.expected.values(), case.name + _shapes(case.inputs))
        if not isinstance(outcome, Exception) and (number == 0 or problem):
            findings.set_beside(exercise, outcome, case)
        if problem:
            _repair_first(exercises, exercise, function)
            fail(exercise, problem, outcome, case.inputs, case.options, function)
        if number > 0:
            findings.held.append(f"right on {case.name}")
    for item in exercise.properties:
        note = _probe(exercises, exercise, function, item)
        if note:
            findings.notes.append(note)
        else:
            findings.held.append(item.title)


def _probe(exercises, exercise, function, item):
    """What the probe of a property returns; CheckFailed where it fails, whatever it raises."""
    # Of a function that runs in another process, what is known since a cell was last run there.
    held = getattr(function, "held", set())
    known = exercise.title, item.title
    if known in held:
        return None
    try:
        note = item.probe(exercise, function)
        if item.own_inputs and not note:
            held.add(known)
        return note
    except NotImplementedError:
        raise
    except Exception as error:
        _repair_first(exercises, exercise, function)
        raise failed(exercise, error, function, item) from error.__cause__


def _unwritten(exercise, error):
    """The verdict on a function that raises NotImplementedError, or calls one that does."""
    name, said = not_written(error), message(error)
    if name and name != exercise.name:
        sentence = f"It calls {name}, which is not written yet: write that first, and run its cell."
    elif said and not name and of_course(error):
        sentence = said  # of a function that another notebook has not finished
    elif said and not name:
        sentence = f'It raises NotImplementedError("{said}").'
    else:
        sentence = "Write it in its cell, where it says # YOUR CODE HERE, and run that cell; then run this check again."
    whole = f"{exercise.name} is not written yet. {sentence}"
    return Verdict(exercise=exercise.name, state=UNWRITTEN, sentence=sentence, message=whole, error=error)


def _endless(exercise, error):
    """The verdict on a function that has not come to its end."""
    sentence = (
        f"{exercise.name} was stopped after {PATIENCE:.0f} seconds; right ones take a few. Look for a loop that never "
        "ends: a `while` whose condition stays true, or a list that grows while you go through it."
    )
    return Verdict(
        exercise=exercise.title, sentence=sentence, message=sentence, place=place_of(error), look=exercise.look
    )


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
        names = dict.fromkeys(exercise.name for exercise in exercises.values())
        sentence = (
            f"There is no check for {name!r}: pass one of your functions {', '.join(names)}, under that very name."
        )
        raise CheckFailed(Verdict(exercise=name, sentence=sentence, message=sentence))
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
    """Raise CheckFailed where `function` builds on a function that is not right in its notebook either."""
    # tf.function hides the notebook's names; the function it was made of knows them.
    names = getattr(inspect.unwrap(function), "__globals__", {})
    for name in exercise.builds_on:
        if name not in names:
            continue
        try:
            _check(exercises, exercises[name], names[name], Findings())
        except NotImplementedError:
            continue
        except AssertionError:
            sentence = (
                f"{exercise.name} cannot be right yet, as your {name} is not: get {exercises[name].asked_by} to pass "
                "first."
            )
            raise CheckFailed(Verdict(exercise=exercise.title, sentence=sentence, message=sentence)) from None


def _shapes(inputs):
    """`, shapes (3, 2) and (3, 2)` of those inputs that have one; a dictionary's that are alike are said once."""
    shapes = []
    for value in inputs:
        found = [tuple(item.shape) for item in (value.values() if isinstance(value, dict) else [value]) if _size(item)]
        shapes += dict.fromkeys(found) if isinstance(value, dict) else found
    return f", shape{'s' * (len(shapes) > 1)} {' and '.join(map(str, shapes))}" if shapes else ""


def _size(value):
    return len(getattr(value, "shape", ()))
