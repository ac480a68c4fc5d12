"""What a check has found of a function, as data, and the two short exceptions that a check ends with."""

import os
from dataclasses import dataclass, field
from typing import NamedTuple

from nst.checks.printing import as_text, wrapped

RIGHT, WRONG, UNWRITTEN = "right", "wrong", "not written yet"

_TITLES = {RIGHT: "✓ {} is right.", WRONG: "✗ {} is not right yet.", UNWRITTEN: "✎ {} is not written yet."}


class Beside(NamedTuple):
    """A result beside its reference, as a student reads them: label, value and reference are texts."""

    label: str
    value: str
    reference: str


class Stop(NamedTuple):
    """A line of the student's code. where: "In [5], line 3"; text: what the line says."""

    where: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check has found.

    exercise: the function's name; state: RIGHT, WRONG or UNWRITTEN; sentence: what is wrong, or that all is right.
    explanation: what an exception means, in a teacher's words. values: Besides of one case, those that differ where
    some do. held: what was found right, in order; notes: advice that fails nobody.
    look: where in the code to look. causes: (name, hint) of each misunderstanding with the same outcome; the name is
    empty where none is known and the hint is advice. experiment: lines of Python that show the mistake.
    place: where the student's code stopped, if it did; raw: what Python said there. stale: that another version was
    judged than the one on the screen, where that is so.
    offer: how to see the worked solution, where it may be seen.
    message: what the exception says, for tests and graders; error: what the student's code raised.
    outcomes: (case, outcome) of each stored case, where they were looked at. waits_for: the function that is to be put
    right first.
    """

    exercise: str
    state: str = WRONG
    sentence: str = ""
    explanation: str = ""
    values: tuple[Beside, ...] = ()
    held: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    look: str = ""
    causes: tuple[tuple[str, str], ...] = ()
    experiment: str = ""
    place: Stop | None = None
    raw: str = ""
    stale: str = ""
    offer: str = ""
    message: str = ""
    error: BaseException | None = field(default=None, repr=False)
    outcomes: tuple = field(default=(), repr=False, compare=False)
    waits_for: str = ""

    @property
    def title(self):
        """The verdict in one short sentence, with its mark."""
        return _TITLES[self.state].format(self.exercise)


class CheckFailed(AssertionError):
    """A function is not right. str() is the sentence and the hints; the rest stands in `verdict` and in the notes."""

    def __init__(self, verdict):
        super().__init__(verdict.message)
        self.verdict = verdict
        if verdict.place:
            self.add_note(f"It stopped at {verdict.place.where}: {verdict.place.text}")
        if verdict.look:
            self.add_note(f"Where to look: {verdict.look}")
        if verdict.experiment:
            self.add_note(f"See it yourself:\n{verdict.experiment}")

    def _render_traceback_(self):
        """What IPython shows in place of a traceback: one line, as the panel has said the rest."""
        return _short(self.verdict)


class NotWritten(NotImplementedError):
    """A function is not written yet. str() is the sentence that says so."""

    def __init__(self, verdict):
        super().__init__(verdict.message)
        self.verdict = verdict
        self.called = verdict.exercise

    def _render_traceback_(self):
        """What IPython shows in place of a traceback: see CheckFailed."""
        return _short(self.verdict)


def _short(verdict):
    if os.environ.get("NBGRADER_EXECUTION") == "validate":  # which shows no panel, only how a cell has failed
        return wrapped(as_text(verdict)).splitlines()
    return [f"{verdict.title} Read the panel above."]
