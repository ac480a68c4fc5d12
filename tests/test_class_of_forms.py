"""The simulated classes, on which pages are looked at and the judge is measured, are what they say they are."""

import json

import nbformat
import numpy as np
import pytest

from nst.cells import names_of
from nst.checks import what_convnets_see as checks
from nst.checks.engine import find_verdict
from nst.checks.verdict import RIGHT
from nst.course.release import assignments, read_source
from nst.lessons import convnets
from nst.paths import CHECKOUT
from nst.quiet import tf
from tests.support.class_of_forms import SHARES, class_of_forms, solutions, submissions
from tests.support.restyled import renamed, with_docstring
from tests.support.slips import slips
from tests.support.standalone import texts_of_forms

ASSIGNMENTS = assignments(CHECKOUT / "answers")
SEE = "what-convnets-see"


def sources(assignment):
    return [read_source(script) for script in sorted((CHECKOUT / "answers" / assignment).glob("*.py"))]


def verdict(exercise, text):
    """Of a text below the given imports."""
    notebook = {"np": np, "tf": tf, "convnets": convnets}
    exec(text, notebook)
    return find_verdict(checks.EXERCISES, notebook[exercise])


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_text_of_a_form_needs_nothing_that_its_notebook_does_not_have(assignment):
    made = {name for source in sources(assignment) for cell in source.cells if cell.cell_type == "code"
            for name in names_of(cell.source)[0]}  # fmt: skip
    count = 0
    for kind in ("ACCEPTED", "REJECTED"):
        for exercise, forms in texts_of_forms(assignment, kind).items():
            for label, text in forms:
                makes, needs = names_of(text)
                assert exercise.removesuffix("_batch") in makes, (exercise, label)
                # To forget an import is a mistake that is made.
                assert kind == "REJECTED" or needs <= made, (exercise, label, needs - made)
                count += 1
    assert count > 80


def test_the_text_of_a_form_is_judged_as_the_form_is():
    for kind in ("ACCEPTED", "REJECTED"):
        for exercise, forms in texts_of_forms(SEE, kind).items():
            for label, text in forms:
                # That other names change nothing is seen on the way.
                shown = renamed(text) if kind == "ACCEPTED" else text
                assert (verdict(exercise, shown).state == RIGHT) == (kind == "ACCEPTED"), (exercise, label)


def test_slips_are_of_many_kinds_and_most_are_mistakes():
    made = [(exercise, text) for source in sources(SEE) for exercise, solution in solutions(source).items()
            for _, text in slips(solution)]  # fmt: skip
    right = [text for exercise, text in made if verdict(exercise, text).state == RIGHT]
    assert len(made) > 15
    assert len(right) < len(made) / 4


def test_a_docstring_comes_from_the_release_and_names_are_changed():
    stub = 'def f(a):\n    """Add one.\n\n    a -- a number\n    """\n    raise NotImplementedError()'
    said = with_docstring("import math\n\n\ndef f(a):\n    # plainly\n    b = a + 1\n    return b", stub)
    assert said.count('"""Add one.\n\n    a -- a number\n    """') == 1
    assert "# plainly" in said
    assert "my_b = a + 1" in renamed(said)
    assert renamed("def f(:") == "def f(:"


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_class_is_handed_in(tmp_path, assignment):
    shares = dict.fromkeys(SHARES, 1) | {"answers": 5}
    made = class_of_forms(tmp_path, assignment, students=30, seed=3, shares=shares)
    again = list(submissions(assignment, students=30, seed=3, shares=shares))
    assert {h.student: h.attempts for h in again} == {h.student: h.attempts for h in made}
    assert {handed.kind for handed in made} == set(SHARES)
    names = {f"{script.stem}.ipynb" for script, source in
             zip(sorted((CHECKOUT / "answers" / assignment).glob("*.py")), sources(assignment), strict=True)
             if solutions(source)}  # fmt: skip
    students = {handed.student: handed for handed in made}
    for handed in made:
        folder = tmp_path / "submitted" / handed.student / assignment
        there = {path.name for path in folder.iterdir()}
        if handed.kind not in ("broken", "hostile"):
            assert names | {"timestamp.txt"} == there
            for name in names:
                nbformat.validate(json.loads((folder / name).read_text("utf-8")))
        if handed.kind == "identical":
            assert handed.attempts[-1] == students[handed.of].attempts[-1]
        if handed.kind == "copied":
            assert handed.answers == students[handed.of].answers
            assert handed.attempts[-1] != students[handed.of].attempts[-1]


def test_after_the_lecture_the_same_students_know_more():
    def right(share):
        made = submissions(SEE, students=40, seed=3, right=share, shares={"answers": 1})
        return {
            (handed.student, exercise)
            for handed in made
            for exercise, (kind, _) in handed.answers.items()
            if kind == "right"
        }

    before, after = right(0.5), right(0.8)
    assert before < after
