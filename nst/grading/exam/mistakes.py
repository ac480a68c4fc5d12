"""What a failed test tells of the student's mind: the misunderstandings that were named, or what came out instead.

What came out is a short text, the same for the same mistake however it is written, on every machine: shapes, values
with seven digits, the kind of an exception. Whoever compares two of them lets the digits differ a little, so that no
mistake falls apart at a boundary of rounding; see nst/grading/insight/outcomes.py.
"""

import re
from typing import NamedTuple

import numpy as np

from nst.checks.outcome import Unusable, first_line
from nst.checks.verdict import CheckFailed
from nst.checks.wrong_versions import is_right
from nst.grading.evidence import NOT_WRITTEN, WAITS
from nst.grading.exam.wire import clean

#: The longest text, and the longest of an exception in it.
LONGEST, OF_AN_ERROR = 600, 160
#: So many numbers of a result are written down; of one that has more, sums stand for the rest. Beyond MANY none do.
SHOWN, MANY = 4, 100_000


class Mistake(NamedTuple):
    """named: names of misunderstandings. outcome: what came out, where there is none; "" where nothing is wrong."""

    named: tuple[str, ...] = ()
    outcome: str = ""


NONE = Mistake()


def mistake_in(error, hidden=0):
    """The Mistake of a test that has ended with this exception. hidden: the number of a hidden test, else 0."""
    if isinstance(error, CheckFailed):
        verdict = error.verdict
        named = tuple(clean(name, OF_AN_ERROR) for name, _ in verdict.causes if name)
        if named:
            return Mistake(named)
        text = WAITS + verdict.waits_for if verdict.waits_for else _of_verdict(verdict, hidden)
    elif isinstance(error, NotImplementedError):
        text = NOT_WRITTEN
    elif isinstance(error, AssertionError) and not getattr(error, "remote", False):
        text = _numbered(_first_line(str(error)) or "it does not hold", hidden)
    elif isinstance(error, NameError) and error.name:
        text = f"{error.name} is not defined"
    else:
        text = _of_error(error)
    return _unnamed(text)


def stopped(error):
    """The Mistake of a test at which the student's process has ended or was stopped."""
    return _unnamed(f"stopped: {error}")


def _unnamed(text):
    return Mistake(outcome=clean(" ".join(text.split()), LONGEST))


def expected(case):
    """What is right on the inputs of a case, in the same words."""
    return _of_results(case, [np.asarray(value) for value in case.expected.values()])


def _of_verdict(verdict, hidden):
    parts = [_of_case(case, outcome) for case, outcome in verdict.outcomes]
    if any(part != "right" for part in parts):
        return " | ".join(parts[:1] if len(set(parts)) == 1 else parts)
    problem = _first_line(verdict.message)
    if verdict.error is not None and not isinstance(verdict.error, AssertionError):
        problem = _of_error(verdict.error)
    return _numbered(problem, hidden)


def _numbered(text, hidden):
    return f"hidden test {hidden}: {text}" if hidden else text


def _of_case(case, outcome):
    """What came out on the inputs of a case: "right", an exception, or its results, `J 1.5; picture (2, 3) …`."""
    if isinstance(outcome, Unusable):
        return clean(str(outcome), OF_AN_ERROR)
    if isinstance(outcome, Exception):
        return _of_error(outcome)
    if is_right(case, outcome):
        return "right"
    return _of_results(case, outcome)


def _of_results(case, arrays):
    names = [f"{name} " for name in case.expected] if len(arrays) > 1 else [""]
    return "; ".join(name + _of_array(array) for name, array in zip(names, arrays, strict=True))


def _of_array(array):
    """`1.5`, `(2,) 1.5, 2.0`, or `(3, 3) 1.5, 2.0, 0.0 … ~` with the largest and two weighted means of all numbers."""
    shape = f"{array.shape} " if array.shape else ""
    if array.size > MANY:
        return f"{shape}…"
    numbers = array.astype(np.float64).ravel()
    if array.size <= SHOWN:
        return shape + ", ".join(map(_number, numbers))
    places = np.arange(array.size)
    with np.errstate(all="ignore"):  # of what is not finite there is no mean, and that is told, too
        sums = [np.max(np.abs(numbers)), *(np.mean(numbers * np.cos(pace * places)) for pace in (0.7, 2.1))]
    return f"{shape}{', '.join(map(_number, numbers[: SHOWN - 1]))} … ~ {', '.join(map(_number, sums))}"


def _number(value):
    """With a point, or in words: what has none is a size, and is never off by a little."""
    text = f"{value:.7g}"
    return text if "." in text or not np.isfinite(value) else f"{value:.1f}" if "e" not in text else f"{value:.1e}"


def _of_error(error):
    """`TypeError: what it says`, without names of the student's own and addresses in memory."""
    text = first_line(error)
    if isinstance(error, NameError):
        text = re.sub(r"'[^']*'", "…", text, count=1)
    return clean(re.sub(r"\b0x[0-9a-fA-F]+", "0x…", text), OF_AN_ERROR)


def _first_line(text):
    return text.partition("\n")[0]
