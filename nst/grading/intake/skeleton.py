"""What was released: which cells a notebook should have, in which order and with which settings."""

import copy
import json
from functools import lru_cache
from typing import NamedTuple

import nbformat

from nst.grading.intake.reading import look


def is_graded(source):
    """Has this notebook an exercise or a test? One without is there to play with."""
    settings = [cell.metadata.get("nbgrader", {}) for cell in source.cells]
    return any(its.get("solution") or its.get("grade") for its in settings)


def released(source):
    """The notebook that students get of a source notebook: without solutions, hidden tests and outputs."""
    from nbgrader import preprocessors as nbgrader

    notebook = copy.deepcopy(source)
    steps = ["LockCells", "ClearSolutions", "ClearOutput", "ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums"]
    for step in steps:
        notebook, _ = getattr(nbgrader, step)().preprocess(notebook, {})
    return notebook


class Slot(NamedTuple):
    """A cell of the skeleton, and what it is compared by: see `look`."""

    role: str
    kind: str
    source: str
    text: str
    lines: frozenset
    statements: tuple
    functions: dict
    code: frozenset
    id: str
    grade_id: str | None
    tags: tuple


class Skeleton:
    """The released notebook of a source, and its cells. One stands for all submissions: nobody writes into it."""

    def __init__(self, source):
        self.notebook = released(source)
        self.slots = [_slot(cell) for cell in self.notebook.cells]

    def numbers(self, *roles):
        """The numbers of the cells that have one of these roles."""
        return [number for number, slot in enumerate(self.slots) if slot.role in roles]


def skeleton_of(source):
    """The Skeleton of a source notebook, made once for as long as its text is the same: nbgrader takes its time."""
    return _skeleton(json.dumps(source))


@lru_cache(maxsize=32)
def _skeleton(text):
    return Skeleton(nbformat.from_dict(json.loads(text)))


def _slot(cell):
    settings = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code":
        role = "markdown"
    elif settings.get("solution"):
        role = "solution"
    else:
        role = "test" if settings.get("grade") else "given"
    tags = tuple(cell.metadata.get("tags", ()))
    return Slot(role, cell.cell_type, cell.source, *look(cell.source), cell["id"], settings.get("grade_id"), tags)
