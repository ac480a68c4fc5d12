"""From what a check meets to its verdict: what was right so far, and what exactly is wrong."""

import inspect
import linecache
import sys
from dataclasses import dataclass, field, replace

from nst.checks.naming import find_misunderstandings, observe_cases
from nst.checks.outcome import Unusable, first_line, result_of
from nst.checks.printing import written
from nst.checks.verdict import Beside, CheckFailed, Stop, Verdict
from nst.tracebacks import own_lines
from nst.tracebacks import raw as raw_of
from nst.tracebacks import sentence as explained

_BY_HAND = "Hold your code against the formula, step by step, on a tiny input you can compute by hand."


@dataclass
class Findings:
    """What a check has found so far: see Verdict."""

    values: list = field(default_factory=list)
    held: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def set_beside(self, exercise, outcome, case):
        """Remember the results on a case, in place of those on another."""
        self.values = [Beside(*row) for row in written(exercise, outcome, case)]


def fail(exercise, problem, outcome, inputs, options, function=None):
    """Raise CheckFailed: the problem, then the hints of the misunderstandings with the same outcome."""
    theirs = observe_cases(exercise, function, outcome, inputs) if function else None
    named = find_misunderstandings(exercise, outcome, inputs, options, function, theirs)
    error = outcome if isinstance(outcome, Exception) else None
    if isinstance(outcome, Unusable):
        error = outcome.__cause__  # what the student's code has raised, where the check says it in words of its own
    advice = ""
    if not named and not isinstance(outcome, Exception):
        advice = _BY_HAND
        for result, special in exercise.advice.items():
            if problem.startswith(result_of(exercise, result) + " "):
                advice = special
    verdict = _verdict(exercise, problem, named, advice, error, function)
    raise CheckFailed(replace(verdict, outcomes=tuple(zip(exercise.cases, theirs or (), strict=False)))) from error


def failed(exercise, error, function, item=None):
    """The CheckFailed of a function that has raised `error`, in the probe of a property where `item` is one."""
    if isinstance(error, CheckFailed):
        return error
    if not isinstance(error, AssertionError):
        problem, so = f"{exercise.name} stops: {first_line(error)}", f"It should hold: {item.title}." if item else ""
        verdict = _verdict(exercise, problem, (), so, error, function)
        found = CheckFailed(replace(verdict, sentence=f"{verdict.sentence} {so}".rstrip(), causes=()))
        found.__cause__ = error
        return found
    problem, *lines = str(error).split("\n")
    named = [m for m in exercise.misunderstandings if f"{m.name}: {m.hint}" in lines]
    left = [line for line in lines if line not in [f"{m.name}: {m.hint}" for m in named]]
    return CheckFailed(_verdict(exercise, problem, named, "\n".join(left), None, function))


def _verdict(exercise, problem, named, advice, error, function):
    """named: misunderstandings; advice: where none is known, else ""; error: what the student's code has raised."""
    causes = [(misunderstanding.name, misunderstanding.hint) for misunderstanding in named]
    message = "\n".join([problem, *(f"{name}: {hint}" for name, hint in causes), *([advice] if advice else [])])
    sentence, explanation, raw, place = problem, "", "", None
    if error is not None:
        sentence = problem.removesuffix(f": {first_line(error)}").removesuffix(".") + "."
        raw = raw_of(error)
        explanation = explained(error, function) or ""
        place = place_of(error, function)
    # What stops is told by its explanation; the exercise's own steps are about values.
    slips = named or ([exercise] if advice and error is None else [])
    return Verdict(
        exercise=exercise.title,
        sentence=sentence,
        explanation=explanation,
        look="\n".join(_each([slip.look or exercise.look for slip in slips])),
        causes=(*causes, *([("", advice)] if advice else [])),
        experiment="\n\n".join(_each([slip.experiment or exercise.experiment for slip in slips])),
        place=place,
        raw=raw,
        message=message,
        error=error,
    )


def _each(texts):
    return list(dict.fromkeys(filter(None, texts)))


def place_of(error, function=None):
    """Where the student's code stopped with an exception: a Stop; the function's first line where it did not begin."""
    lines = own_lines(error)
    if lines:
        return Stop(f"{cell_of(lines[-1].file)}, line {lines[-1].number}", lines[-1].text)
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    text = code and linecache.getline(code.co_filename, code.co_firstlineno).strip()
    return Stop(f"{cell_of(code.co_filename)}, line {code.co_firstlineno}", text) if text else None


def cell_of(file):
    """How to speak of a file of code: "In [5]" of a cell, "1-losses.ipynb, cell 7" of one that was taken."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    found = shell and shell.compile.format_code_name(file)
    if found:
        return found[1].replace("In[", "In [")
    return file.strip("<>").replace("\\", "/").rpartition("/")[2]
