"""What a mark rests on: the judge's record in judged/, and whether tests and submission are still what they were.

A record holds no mark: points are the gradebook's alone. It says how they came about.
"""

import hashlib
import json
import math
import os
import stat
from typing import NamedTuple

from nst.grading.intake.reading import UnreadableError, read_bytes
from nst.grading.intake.skeleton import is_graded

#: The shape of a record. Hashes of tests in older ones, which carry no number, changed with every word of prose.
FORMAT = 2
#: The longest record that is read, and the most values in it; one of the course's has 20 kilobytes.
MAX_BYTES, MAX_VALUES = 16 * 2**20, 500_000
STATES = ("graded", "partial", "quarantined")
#: What a mark's outcome says or begins with where the function has given none; see exam/mistakes.py for the others.
NOT_WRITTEN, NO_NOTEBOOK, NOT_RUN, WAITS = "not written", "no notebook", "not run", "waits for "


class Failure(NamedTuple):
    """A test that was not passed. message: why."""

    notebook: str
    grade_id: str
    message: str


class Finding(NamedTuple):
    """What the judge has found of a test. named, outcome: see judgement.Mark; None in a record older than they are."""

    notebook: str
    grade_id: str
    passed: bool
    named: tuple[str, ...] | None
    outcome: str | None


class Record(NamedTuple):
    """What the judge wrote down of a submission.

    state: one of STATES. reasons, repairs, flags: sentences. failures: of the tests. findings: of all tests, as they
    stand. submission, tests: name -> hash; tests is None in a record of an older format. versions: of what judged it.
    unanswered: grade_ids of answers that are still the released stub. handed_in: when, as the judge has noted it.
    """

    state: str
    reasons: list[str]
    repairs: list[str]
    flags: list[str]
    failures: list[Failure]
    findings: list[Finding]
    seconds: float
    submission: dict[str, str]
    tests: dict[str, str] | None
    versions: dict[str, str]
    unanswered: list[str]
    handed_in: str

    @property
    def order(self):
        """(notebook, grade_id) of all tests, as they stand."""
        return [finding[:2] for finding in self.findings]


def read_record(path):
    """The Record in a file, None where there is none. Raises UnreadableError; the message follows the file's name."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableError(f"cannot be opened ({type(error).__name__})") from None
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableError("is not a file")
    if found.st_size > MAX_BYTES:
        raise UnreadableError(f"is longer than {MAX_BYTES // 2**20} MB")
    data = read_bytes(path)
    if sum(map(data.count, b",[{")) > MAX_VALUES:
        raise UnreadableError(f"holds more than {MAX_VALUES:,} values")
    try:
        return _record(json.loads(data.decode("utf-8")))
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise UnreadableError("is damaged") from None


def _record(found):
    """Keys that an older version did not write may be missing. Raises what a value of another shape makes it raise."""
    evidence, seconds = found.get("evidence", {}), found.get("seconds", 0)
    marks = [(*_texts([mark["notebook"], mark["grade_id"], mark["message"]]), mark) for mark in found.get("marks", [])]
    current = found.get("format") == FORMAT
    if found["state"] not in STATES or not math.isfinite(seconds):
        raise ValueError
    return Record(
        found["state"],
        *(_texts(found.get(name, [])) for name in ("reasons", "repairs", "flags")),
        [Failure(*texts) for *texts, mark in marks if not mark["passed"]],
        [Finding(*texts[:2], bool(mark["passed"]), *_understood(mark)) for *texts, mark in marks],
        seconds,
        _named(evidence.get("submission", {})),
        _named(evidence.get("tests", {})) if current else None,
        _named(evidence.get("versions", {})),
        _texts(found.get("unanswered", [])),
        _time(found.get("handed_in")),
    )


def _time(handed):
    time = handed.get("time") if isinstance(handed, dict) else None
    return time if isinstance(time, str) else ""


def _understood(mark):
    if "named" not in mark:
        return None, None
    return tuple(_texts(mark["named"])), *_texts([mark["outcome"]])


def _texts(value):
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise TypeError
    return value


def _named(value):
    _texts(list(value.values()))
    return value


def fingerprints(sources):
    """Notebook name -> SHA-256 of what marks depend on, of the graded notebooks in a dict of source notebooks.

    That is the code that is run and the points: a word of prose, an output or another solution changes nothing.
    """
    return {name: _fingerprint(notebook) for name, notebook in sources.items() if is_graded(notebook)}


def _fingerprint(notebook):
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            settings = cell.metadata.get("nbgrader", {})
            role = [settings.get("grade"), settings.get("solution"), "explore" in cell.metadata.get("tags", ())]
            source = _without_solution(cell.source) if settings.get("solution") else cell.source
            cells.append([settings.get("grade_id"), settings.get("grade") and _points(cell), *map(bool, role), source])
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _without_solution(source):
    kept, solution = [], False
    for line in source.splitlines():
        if "BEGIN SOLUTION" in line:
            solution = True
        if not solution:
            kept.append(line)
        if "END SOLUTION" in line:
            solution = False
    return "\n".join(kept)


def points_of(sources):
    """(notebook, grade_id) -> points possible, of a dict of source notebooks; None for points that are no number."""
    return {
        (name, cell.metadata.nbgrader.get("grade_id", "")): _points(cell)
        for name, notebook in sources.items()
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade") or cell.metadata.get("nbgrader", {}).get("task")
    }


def tests_of(sources):
    """(notebook, grade_id) of the cells of source notebooks that the judge gives points for, and nobody by hand."""
    return {
        (name, settings.get("grade_id", ""))
        for name, notebook in sources.items()
        for cell in notebook.cells
        if (settings := cell.metadata.get("nbgrader", {})).get("grade") and not settings.get("solution")
        if cell.cell_type == "code"
    }


def _points(cell):
    try:
        return float(cell.metadata.nbgrader.get("points"))
    except (TypeError, ValueError):
        return None


def printable(text):
    """A text that UTF-8 can hold; bytes of a file's name that it cannot are written as Python writes them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
