"""What judging a submission came to. Nothing here needs TensorFlow: who only writes marks down does not wait for it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from nbformat import NotebookNode

from nst.grading.evidence import FORMAT, printable


class Mark(NamedTuple):
    """What a test cell came to. message: for the student, why it failed; printed: what the test printed.

    named: the misunderstandings that the check has named. outcome: what came out where a test has failed and nothing
    was named, in words that are the same for the same mistake; see exam/mistakes.py.
    """

    notebook: str
    grade_id: str
    points: float
    passed: bool
    message: str
    printed: str
    named: tuple[str, ...] = ()
    outcome: str = ""

    @property
    def score(self):
        """Points reached: all or none."""
        return self.points if self.passed else 0.0


@dataclass
class Judgement:
    """What judging a submission came to.

    state: "graded", "partial" (a notebook is missing or unreadable) or "quarantined" (all are); reasons, repairs,
    flags: sentences for the instructor. marks: of every test cell of the assignment. notebooks: name -> the student's
    notebook in order, with outputs and without hidden tests. unanswered: grade_ids of solution cells that are still the
    released stub. refused: names of notebooks that are missing or unreadable. deaths: how often a process has ended
    unasked, and once more when the cell was tried again. evidence: hashes of what was judged and with which tests, and
    versions of what judged it.
    """

    state: str
    reasons: list[str]
    repairs: list[str]
    flags: list[str]
    marks: list[Mark] = field(default_factory=list)
    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    deaths: int = 0
    evidence: dict = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def score(self):
        """(points, points possible)"""
        return sum(mark.score for mark in self.marks), sum(mark.points for mark in self.marks)


def as_record(judgement):
    """A judgement as plain data that any file takes, to be kept: everything but the notebooks."""
    points, possible = judgement.score
    return _plain(
        {
            "format": FORMAT,
            "state": judgement.state,
            "points": points,
            "possible": possible,
            "reasons": judgement.reasons,
            "repairs": judgement.repairs,
            "flags": judgement.flags,
            "marks": [mark._asdict() | {"named": list(mark.named)} for mark in judgement.marks],
            "unanswered": sorted(judgement.unanswered),
            "seconds": round(judgement.seconds, 2),
            "evidence": judgement.evidence,
        }
    )


def _plain(value):
    if isinstance(value, dict):
        return {printable(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return printable(value) if isinstance(value, str) else value
