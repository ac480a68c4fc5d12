"""Which misunderstanding gives the same outcome as a student's function? Or which two, where somebody made both?"""

from dataclasses import replace
from itertools import combinations, islice

from nst.checks.known import Known, key_of
from nst.checks.outcome import close, first_line, observe
from nst.checks.wrong_versions import both, is_right

#: How many pairs are tried: a student waits for the name. The slowest, of style_transfer, are some 100 a second.
MOST_PAIRS = 400

#: What wrong functions have done, so that a second student with the same slip waits for nothing.
_known = Known(8_000)


def find_misunderstandings(exercise, outcome, inputs, options, function=None):
    """The misunderstandings that give this outcome together, as a tuple: one, or two, or none where none is known.

    function: the student's. Others may agree on these inputs, so what agrees on all stored cases as well is named
    before anything else; then other defaults; then what recognises the function; then two that agree on all cases
    together, each wrong in another part (see wrong_versions.composable). What agrees here alone is the last to be
    named, and only where the student is nowhere right that it is not. Without a function the first that agrees on
    these inputs is named.
    """
    alike = [m for m in exercise.misunderstandings if _same(observe_wrong(exercise, m, inputs, options), outcome)]
    if function is None:
        return tuple(alike[:1])
    theirs = [
        # Not asked twice: what tf.function has compiled may answer otherwise when it is asked again.
        outcome if case.inputs is inputs else observe(exercise, function, case.inputs, case.options)
        for case in exercise.cases
    ]
    for misunderstanding in alike:
        if _agrees_on_all_cases(exercise, misunderstanding, theirs):
            return (misunderstanding,)
    for misunderstanding in exercise.misunderstandings:
        if misunderstanding.defaults and (found := _find_defaults(exercise, misunderstanding, function, theirs)):
            return found
        if misunderstanding.recognises(exercise, outcome, function):
            return (misunderstanding,)
    pair = () if isinstance(outcome, Exception) else _find_pair(exercise, outcome, inputs, options, theirs)
    return pair or tuple(m for m in alike if not _is_disproved(exercise, m, theirs))[:1]


def _find_defaults(exercise, misunderstanding, function, theirs):
    """Other defaults, alone or with what is wrong besides; () where the right ones, given by hand, change nothing."""
    mended = [
        observe(exercise, function, case.inputs, misunderstanding.defaults | case.options) for case in exercise.cases
    ]
    if all(map(_same, mended, theirs)):
        return ()
    if all(map(is_right, exercise.cases, mended)):
        return (misunderstanding,)
    for other in exercise.misunderstandings:
        if _agrees_on_all_cases(exercise, other, mended):
            return other, misunderstanding
    return ()


def _find_pair(exercise, outcome, inputs, options, theirs):
    """The first two misunderstandings that give all of theirs together, and this outcome; () where none do."""
    pairs = (
        (first, second, replace(first, function=function))
        for first, second in combinations(exercise.misunderstandings, 2)
        if (function := both(first.function, second.function))
    )
    for first, second, pair in islice(pairs, MOST_PAIRS):
        # The cases first: what pairs do there is known from the first student who was asked.
        if _agrees_on_all_cases(exercise, pair, theirs) and _same(
            observe_wrong(exercise, pair, inputs, options), outcome
        ):
            return first, second
    return ()


def _agrees_on_all_cases(exercise, misunderstanding, theirs):
    return all(
        _same(observe_wrong(exercise, misunderstanding, case.inputs, case.options), outcome)
        for case, outcome in zip(exercise.cases, theirs, strict=True)
    )


def _is_disproved(exercise, misunderstanding, theirs):
    """Is the student right on a case where this misunderstanding is not?"""
    return any(
        is_right(case, outcome)
        and not _same(observe_wrong(exercise, misunderstanding, case.inputs, case.options), outcome)
        for case, outcome in zip(exercise.cases, theirs, strict=True)
    )


def observe_wrong(exercise, misunderstanding, inputs, options):
    """What a misunderstanding does with the inputs: an outcome, the same each time. NotImplementedError is one, too.

    Always called by this module's name for it, so that whoever checks hundreds of functions may remember outcomes.
    """
    inputs_key = key_of((inputs, options))
    key = inputs_key and (exercise.name, exercise.part, exercise.call, misunderstanding.function, inputs_key)
    return _known.ask(key, lambda: _observe_wrong(exercise, misunderstanding, inputs, options))


def _observe_wrong(exercise, misunderstanding, inputs, options):
    try:
        found = observe(exercise, misunderstanding.function, inputs, options)
    except NotImplementedError as error:
        found = error
    # A traceback would keep alive whatever the functions had at hand.
    return found.with_traceback(None) if isinstance(found, Exception) else found


def _same(outcome, other):
    """Two outcomes are the same: equal arrays, or the same error."""
    if isinstance(outcome, Exception) or isinstance(other, Exception):
        return first_line(outcome) == first_line(other)
    return all(close(a, b) for a, b in zip(outcome, other, strict=True))
