"""Submissions that the grader must survive, each a small function over a real assignment, and what must come out.

A row changes the notebooks of a student who had everything right, everything wrong, or only some, and says which points
must be lost. test_submissions.py puts the rows through the judge; bench/trust.py also through stock nbgrader.
"""

import copy
import json
import textwrap
from dataclasses import dataclass, field
from importlib import import_module
from typing import NamedTuple

import nbformat

from nst.course.release import read_source
from nst.grading.intake.skeleton import released
from nst.grading.walls.sandbox import Limits
from nst.paths import CHECKOUT

MODULES = (
    "tampering",
    "hiding",
    "prying",
    "resources",
    "broken",
    "honest",
    "further",
    "borrowed",
    "clumsy",
    "promises_broken",
    "promises_kept",
)

#: Cells of these beginnings are there to be looked at. The rows are about the others, so their sources leave them out.
_DRAWING = ("figures.", "print(model", "display(", "content_image")

NEURAL, SEE = ("neural-style-transfer", "1-content-cost"), ("what-convnets-see", "1-convolution-in-1d-2d-3d")
LOSSES, FACES = ("fast-style-transfer", "1-losses"), ("face-recognition", "1-verification-and-triplets")


class Link(NamedTuple):
    """A symbolic link in a submission."""

    target: str


@dataclass(frozen=True)
class Row:
    """One submission.

    number, title: as in the list of submissions. make(work): changes a Work. wrong: names of exercises whose answers
    are wrong to begin with, "all", or "blank" for the release as it is. lost: names of exercises or test cells that
    must get no points, all others get theirs; None: the wrong ones.
    state, said: the judgement's state, and pieces of text that its flags, repairs and reasons must hold.
    limits: other than the suite's.
    """

    number: int
    title: str
    make: object
    assignment: str
    names: tuple
    wrong: object
    lost: object
    state: str
    said: tuple
    limits: dict

    @property
    def lost_cells(self):
        """The grade_ids of test cells that must get no points."""
        cells = {name for source in sources(self.assignment, self.names).values() for name in tests(source)}
        exercises = {name.partition("_")[2] for name in cells}
        lost = self.wrong if self.lost is None else self.lost
        lost = exercises if lost in ("all", "blank") else set(lost)
        unknown = lost - exercises - cells
        assert not unknown, f"row {self.number}: {unknown}"
        return {name for name in cells if name in lost or name.partition("_")[2] in lost}

    def files(self, outside="/nonexistent", port=9):
        """The submission: file name -> bytes or Link."""
        work = Work(self, outside, port)
        self.make(work)
        return work.files()


ROWS = {}


def row(number, title, of=NEURAL, wrong="all", lost=None, state="graded", said=(), **limits):
    """Register a function as a row. of: the assignment, and the names of its notebooks that are handed in."""

    def register(make):
        assignment, *names = of
        said_ = (said,) if isinstance(said, str) else tuple(said)
        assert number not in ROWS, number
        ROWS[number] = Row(number, title, make, assignment, tuple(names), wrong, lost, state, said_, limits)
        return make

    return register


def all_rows():
    """Row number -> Row, in order."""
    for module in MODULES:
        import_module(f"{__name__}.{module}")
    return dict(sorted(ROWS.items()))


#: Short ones, for small notebooks: what is meant to run into one should not take long.
LIMITS = Limits(memory=3 << 30, disk=200 << 20, file_size=100 << 20, cell_seconds=20, call_seconds=8, total_seconds=240)


# The assignments


_SOURCES = {}


def sources(assignment, names):
    """Notebook name -> the instructor's notebook, without the cells that only draw or explore."""
    for name in names:
        if (assignment, name) not in _SOURCES:
            notebook = read_source(CHECKOUT / "answers" / assignment / f"{name}.py")
            notebook.cells = [cell for cell in notebook.cells if not _only_shows(cell)]
            _SOURCES[assignment, name] = notebook
    return {name: copy.deepcopy(_SOURCES[assignment, name]) for name in names}


def _only_shows(cell):
    if cell.cell_type != "code" or "nbgrader" in cell.metadata:
        return False
    return "explore" in cell.metadata.get("tags", ()) or any(piece in cell.source for piece in _DRAWING)


def tests(source):
    """grade_id -> cell, of the test cells of a notebook."""
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in source.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    }


def hidden_lines(source):
    """Lines that only the hidden tests of a notebook have."""
    shown = "\n".join(cell.source for cell in released(source).cells)
    lines = set()
    for cell in tests(source).values():
        inside = False
        for line in map(str.strip, cell.source.splitlines()):
            inside = (inside or line == "### BEGIN HIDDEN TESTS") and line != "### END HIDDEN TESTS"
            if inside and len(line) > 30 and " import " not in line and line not in shown:
                lines.add(line)
    assert lines
    return lines


class Work:
    """The notebooks of a student, to be changed by a row.

    notebooks: name -> NotebookNode; the first is `notebook`. beside: other files, name -> bytes or Link. outside: a
    folder of the instructor's, with a course in it. port: one that somebody listens to on the instructor's machine.
    originals: notebook name -> the instructor's notebook; without, the shortened ones.
    """

    def __init__(self, row, outside, port, originals=None):
        self.row, self.outside, self.port, self.beside = row, str(outside), port, {}
        originals = originals or sources(row.assignment, row.names)
        self.notebooks = {name: released(source) for name, source in originals.items()}
        self.notebook = self.notebooks[row.names[0]]
        for name, source in originals.items():
            for cell, original in zip(self.notebooks[name].cells, source.cells, strict=True):
                exercise = cell.metadata.get("nbgrader", {})
                if exercise.get("solution") and row.wrong != "blank":
                    is_wrong = row.wrong == "all" or exercise.grade_id in row.wrong
                    cell.source = wrong_answer(exercise.grade_id) if is_wrong else _solution(original.source)

    def cell(self, grade_id):
        """The cell of this id."""
        (found,) = [
            cell
            for notebook in self.notebooks.values()
            for cell in notebook.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
        ]
        return found

    def answer(self, exercise, source):
        """Put this in the solution cell."""
        self.cell(exercise).source = textwrap.dedent(source).strip()

    def add(self, source, where=None, kind="code", tags=()):
        """Add a cell of the student's own: before the cell of this id, or after the first code cell."""
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        cell = make(textwrap.dedent(source).strip(), metadata={"tags": list(tags)} if tags else {})
        cells = self.notebook.cells
        if where is None:
            at = 1 + next(i for i, cell in enumerate(cells) if cell.cell_type == "code")
        else:
            at = next(i for i, c in enumerate(cells) if c.metadata.get("nbgrader", {}).get("grade_id") == where)
        cells.insert(at, cell)
        return cell

    def files(self):
        """The files of the folder that is handed in."""
        return {f"{name}.ipynb": as_bytes(notebook) for name, notebook in self.notebooks.items()} | self.beside


def as_bytes(notebook):
    """A notebook as a file; one that is bytes or a Link already stays as it is."""
    return notebook if isinstance(notebook, (bytes, Link)) else json.dumps(notebook).encode()


def wrong_answer(exercise):
    """A function that answers, and nothing right."""
    return f"def {exercise}(*inputs, **options):\n    return 1.25"


def _solution(source):
    lines = [line for line in source.splitlines() if line.strip() not in ("### BEGIN SOLUTION", "### END SOLUTION")]
    return "\n".join(lines)


def write(files, folder):
    """Write a submission into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            path.symlink_to(content.target)
        else:
            path.write_bytes(content)


# What must come out


@dataclass
class Finding:
    """What became of a row, from the judge or from nbgrader.

    points: test cell -> points reached; possible: the same, all. shown: everything that the student gets to see, as
    text. state, said: of the judgement; None where there is none. seconds: how long it took.
    """

    points: dict
    possible: dict
    shown: str
    state: str | None = None
    said: str = ""
    seconds: float = 0.0
    problems: list = field(default_factory=list)


def complaints(row, finding):
    """What is not as it must be, in sentences; empty where all is well."""
    lost, found = row.lost_cells, list(finding.problems)
    cells = {
        name: cell for source in sources(row.assignment, row.names).values() for name, cell in tests(source).items()
    }
    for name, cell in cells.items():
        full = cell.metadata.nbgrader.points
        if finding.possible.get(name) != full:
            found.append(f"{name} counts {finding.possible.get(name)} points, not {full}")
        wanted = 0 if name in lost else full
        if finding.points.get(name) != wanted:
            found.append(f"{name} got {finding.points.get(name)}, not {wanted}, of {full} points")
    if set(finding.points) != set(cells):
        found.append(f"points were given for {sorted(set(finding.points) - set(cells))}")
    # Stock nbgrader tells the hidden tests to everybody: that is a row of its own, and not held against it in others.
    if finding.state is not None or row.number == 51:
        for source in sources(row.assignment, row.names).values():
            told = sorted(line for line in hidden_lines(source) if line in finding.shown)
            found += [f"feedback tells a hidden test: {line}" for line in told]
    if finding.state is not None:
        if finding.state != row.state:
            found.append(f"the state is {finding.state}, not {row.state}")
        found += [f"nothing is said of {text!r} in: {finding.said}" for text in row.said if text not in finding.said]
    return found
