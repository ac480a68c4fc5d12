"""Every right form and every misunderstanding, handed in and held against the real test cells, hidden ones included."""

from importlib import import_module
from pathlib import Path

import nbformat
import pytest

from nst.checks import engine
from nst.course.release import read_source
from nst.grading.exam.client import RemoteNotebook
from nst.grading.exam.examiner import examine
from nst.grading.exam.setting import Setting
from nst.grading.walls import bubblewrap
from nst.grading.walls.course import PACKAGE
from nst.grading.walls.sandbox import Limits, Sandbox, available
from nst.painting import measure
from tests.support.kernels import GRADED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(available() is not None, reason=str(available())),
    pytest.mark.usefixtures("wrong_ones_asked_once", "quick_examiner", "whole_course"),
]

SETUP = """
import forms
from nst.checks import {checks} as checks

def hand_in(function, name):
    def handed_in(*inputs, **options):
        return function(*inputs, **options)
    handed_in.__name__ = name
    globals()[name] = handed_in
"""


class Desk:
    """A notebook in a sandbox, answered, in which one function after another is handed in and examined."""

    def __init__(self, sock, source, checks):
        self.student = RemoteNotebook(sock, 120, 60)
        self.setting, self.cells = Setting(source), {}
        for cell in source.cells:
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("grade"):
                self.cells[settings.grade_id] = cell.source
            elif cell.cell_type == "code" and "explore" not in cell.metadata.get("tags", ()):
                assert self.student.run_cell(cell.source).error is None
        assert self.student.run_cell(SETUP.format(checks=checks)).error is None

    def exercises(self):
        """Names of the exercises of the notebook."""
        return [name.removeprefix("test_") for name in self.cells if name.startswith("test_")]

    def examine(self, exercise, name, function):
        """(visible, hidden): what becomes of a function, written as the notebook can find it, under the name."""
        assert self.student.run_cell(f"right = {name}\nhand_in({function}, {name!r})").error is None
        try:
            return [
                examine(self.cells[f"{kind}_{exercise}"], self.student, self.setting) for kind in ("test", "hidden")
            ]
        finally:
            assert self.student.run_cell(f"{name} = right").error is None


@pytest.fixture(scope="module")
def quick_examiner():
    """What is the same for all functions is found out once, and the examiner compiles no cost for its single steps."""
    repair_first, right = engine._repair_first, set()

    def remembered(exercises, exercise, function):
        # Only the function under examination is ever wrong, so what it builds on stays right.
        if id(exercise) not in right:
            repair_first(exercises, exercise, function)
            right.add(id(exercise))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_repair_first", remembered)
        patch.setattr(measure, "_compiled", lambda function: function)
        yield


@pytest.fixture(scope="module")
def whole_course():
    """The sandbox has all of the course: the misunderstandings are in its checks."""
    files = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*") if path.is_file()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bubblewrap, "course_files", lambda paints: files)
        yield


@pytest.mark.parametrize("notebook", GRADED)
def test_right_forms_get_full_points_and_misunderstandings_none(root, notebook):
    assignment, _, name = notebook.partition("/")
    short = assignment.replace("-", "_")
    forms, checks = import_module(f"tests.support.forms.{short}"), import_module(f"nst.checks.{short}")
    scripts = {path.stem: read_source(path) for path in sorted((root / "answers" / assignment).glob("*.py"))}
    files = {f"{stem}.ipynb": nbformat.writes(source).encode() for stem, source in scripts.items()}
    files["forms.py"] = Path(forms.__file__).read_bytes()
    wrong = []
    with Sandbox(files, Limits(total_seconds=1200)) as sandbox, sandbox.notebook(name) as sock:
        desk = Desk(sock, scripts[name], short)
        for exercise in desk.exercises():
            function = checks.EXERCISES[exercise].name
            for number, (label, *_) in enumerate(forms.ACCEPTED[exercise]):
                for outcome in desk.examine(exercise, function, f"forms.ACCEPTED[{exercise!r}][{number}][1]"):
                    if not outcome.passed:
                        wrong.append((exercise, label, outcome.message))
            for number, m in enumerate(checks.EXERCISES[exercise].misunderstandings):
                wrong_version = f"checks.EXERCISES[{exercise!r}].misunderstandings[{number}].function"
                visible, hidden = desk.examine(exercise, function, wrong_version)
                if visible.passed or f"{m.name}: {m.hint}" not in visible.message:
                    wrong.append((exercise, m.name, visible.message))
                if hidden.passed:
                    wrong.append((exercise, m.name, "passes the hidden tests"))
    assert wrong == []
    assert desk.exercises()
