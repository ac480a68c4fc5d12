"""What a function takes where an option is left out, on inputs of the checks' own that show every other default."""

from dataclasses import replace

from nst.checks.engine import fail
from nst.checks.exercise import Property
from nst.checks.outcome import find_problem, observe
from nst.checks.wrong_versions import is_right, other_defaults


def other_default(function, name, value, trials, experiment):
    """The misunderstanding of wrong_versions.other_defaults, which is also recognised where only the trials show it.

    trials: inputs that give something else with another default, however near.
    """

    def recognises(exercise, outcome, function):
        told = (observe(exercise, function, case.inputs, {name: value} | case.options) for case in exercise.cases)
        return all(map(is_right, exercise.cases, told)) and any(
            _problem(exercise, function, name, value, inputs) for inputs in trials
        )

    return replace(other_defaults(function, experiment, **{name: value}), recognises=recognises)


def default_holds(name, value, trials):
    """The property that each of these inputs gives the same whether the option is left out or has the stated value."""

    def probe(exercise, function):
        for inputs in trials:
            if problem := _problem(exercise, function, name, value, inputs):
                outcome = observe(exercise, function, inputs, {})
                # Everything else is right, so nothing else is to be named, whatever does the same on these inputs.
                known = [m for m in exercise.misunderstandings if m.recognises(exercise, outcome, function)]
                fail(replace(exercise, misunderstandings=known), problem, outcome, inputs, {}, function)

    return Property(f"where no {name} is given, it is {value!r}", probe, own_inputs=True)


def _problem(exercise, function, name, value, inputs):
    told = observe(exercise, function, inputs, {name: value})
    if isinstance(told, Exception):
        return ""
    problem = find_problem(exercise, observe(exercise, function, inputs, {}), told, "these inputs")
    return problem and f"{exercise.name} takes another {name} than {value!r} where none is given."
