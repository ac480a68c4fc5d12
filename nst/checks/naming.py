"""Which misunderstanding gives the same outcome as a student's function?"""

from nst.checks.outcome import close, first_line, observe


def find_misunderstandings(exercise, outcome, inputs, options, function=None):
    """The misunderstandings that give this outcome together, as a tuple: one, or none where none is known.

    Misunderstandings may agree on these inputs. With `function`, the one that also agrees on all stored cases is named.
    """
    named = ()
    for misunderstanding in exercise.misunderstandings:
        if _same(observe_wrong(exercise, misunderstanding, inputs, options), outcome):
            named = named or (misunderstanding,)
            if function is None or _agree_on_all_cases(exercise, misunderstanding, function):
                return (misunderstanding,)
    return named


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
