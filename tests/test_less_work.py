"""What is left out while judging, or done once for all submissions, changes no mark and reaches no other submission."""

from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat import v4

from nst import checks, display
from nst.checks import (
    engine,
    face_recognition,
    fast_style_transfer,
    naming,
    neural_style_transfer,
    what_convnets_see,
)
from nst.checks.known import Known, key_of
from nst.checks.outcome import observe
from nst.course.release import KERNEL
from nst.grading.exam.inside import NOT_DRAWN
from nst.grading.judge import judge
from nst.grading.walls.sandbox import available
from nst.lessons import figures
from nst.quiet import tf
from tests.test_checks import EXERCISES

sandboxed = pytest.mark.skipif(available() is not None, reason=str(available()))

GIVEN = """\
import numpy as np
from nst.checks.what_convnets_see import check
from nst.lessons import figures
from nst.quiet import tf

numbers = np.arange(6.0).reshape(2, 3)
names, table, picture = ["a", "b"], {"x": numbers.copy()}, tf.Variable([1.0, 2.0])
figures.numbered_cells({"given": numbers.astype(int)})
below = 7"""

RIGHT = """\
def total(numbers, names, table, picture):
    return float(numbers.sum() + table["x"].sum() + len(names) + tf.reduce_sum(picture)) + below"""

#: Right, and it writes into whatever it is given.
SPOILS = """\
def total(numbers, names, table, picture):
    result = float(numbers.sum() + table["x"].sum() + len(names) + tf.reduce_sum(picture)) + below
    numbers[...] = 99
    table["x"][...] = 99
    table["y"] = "spoilt"
    names.append("spoilt")
    picture.assign([99.0, 99.0])
    return result"""

FIELD = """\
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size, jump"""

SPOILS_FIELD = FIELD.replace("    return", "    layers[:] = [(99, 99)]\n    return")

TESTS = {
    "total": "assert total(numbers, names, table, picture) == 42",
    "receptive_field": "check(receptive_field)",
}
HIDDEN = {
    "total": "numbers[0, 0] += 1\nassert total(numbers, names, table, picture) == 43",
    "receptive_field": "from nst.checks.what_convnets_see import compare\n"
    "layers = [(3, 1), (2, 2)]\ncompare(receptive_field, layers, expected=(4, 2))\nassert layers == [(3, 1), (2, 2)]",
}


def cell(name, source, points=None):
    grade = points is not None
    settings = {"grade_id": name, "locked": grade, "schema_version": 3, "task": False}
    settings |= {"grade": grade, "solution": not grade} | ({"points": points} if grade else {})
    return v4.new_code_cell(source, id=name, metadata={"nbgrader": settings})


def source():
    cells = [v4.new_code_cell(GIVEN, id="given")]
    for name, answer in (("total", RIGHT), ("receptive_field", FIELD)):
        cells.append(cell(name, f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"))
        cells.append(cell(f"test_{name}", TESTS[name], 2.0))
        cells.append(cell(f"hidden_{name}", f"### BEGIN HIDDEN TESTS\n{HIDDEN[name]}\n### END HIDDEN TESTS", 3.0))
    return {"one": v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})}


SOURCES = source()


def judged(folder, *answers, added=()):
    """The Judgement of these answers in the place of the solutions, and of these cells behind the first."""
    handed = nbformat.from_dict(SOURCES["one"])
    for answer in answers:
        name = answer.partition("def ")[2].partition("(")[0]
        (its,) = [other for other in handed.cells if other.id == name]
        its.source = answer
    handed.cells[1:1] = [v4.new_code_cell(text) for text in added]
    Path(folder).mkdir()
    nbformat.write(handed, Path(folder, "one.ipynb"))
    return judge(folder, SOURCES)


def marks(judgement):
    return {mark.grade_id: (mark.passed, mark.message) for mark in judgement.marks}


@sandboxed
def test_a_given_figure_is_not_drawn_and_a_students_own_is(tmp_path):
    judgement = judged(tmp_path / "a", added=['figures.numbered_cells({"mine": numbers.astype(int)})\nmine = below'])
    given, mine = judgement.notebooks["one"].cells[:2]
    (output,) = given.outputs
    assert output.text == NOT_DRAWN
    assert [output.output_type for output in mine.outputs] == ["display_data"], mine.outputs
    (output,) = mine.outputs
    assert display.is_picture(output.data["text/html"])
    # The names below the figure are there, and true.
    assert judgement.score == (10, 10)


@sandboxed
def test_what_a_submission_writes_into_reaches_no_later_one(tmp_path):
    before = marks(judged(tmp_path / "before"))
    assert {passed for passed, _ in before.values()} == {True}
    spoilt = marks(judged(tmp_path / "spoilt", SPOILS, SPOILS_FIELD))
    assert spoilt["test_total"][0] and not spoilt["test_receptive_field"][0]
    assert "writes into" in spoilt["test_receptive_field"][1]
    assert not spoilt["hidden_total"][0]  # its own later test sees what it has written, as it always did
    assert marks(judged(tmp_path / "after")) == before


@sandboxed
def test_a_refused_notebook_may_be_written_into(tmp_path):
    (tmp_path / "empty").mkdir()
    for _ in range(2):
        notebook = judge(tmp_path / "empty", SOURCES).notebooks["one"]
        assert notebook.cells[1].source == GIVEN
        for other in notebook.cells:
            other.source, other.metadata = "spoilt", {}


def test_where_nobody_looks_a_figure_is_named_and_not_drawn(monkeypatch, capsys):
    monkeypatch.setattr(display, "left_out", [])
    figures.numbered_cells({"a": np.eye(2)})
    assert (display.left_out, capsys.readouterr().out) == (["numbered_cells"], "")


@pytest.mark.parametrize(("assignment", "name"), EXERCISES)
def test_a_probe_with_inputs_of_its_own_looks_at_no_case(assignment, name):
    exercise = assignment.checks.EXERCISES[name]
    case = exercise.cases[0]
    # What is asked of one case and of none must be the same; the names of its results are all that is left of it.
    bare = replace(exercise, cases=[replace(case, inputs=None, options=None)])
    right = assignment.forms.ACCEPTED[name][0][1]
    for item in exercise.properties:
        if item.own_inputs:
            assert item.probe(bare, right) == item.probe(exercise, right)


class Elsewhere:
    """A function as an examiner sees it: it remembers what has been found to hold."""

    __name__ = "receptive_field"

    def __init__(self):
        self.held, self.asked = set(), 0

    def __call__(self, layers):
        self.asked += not layers
        return (1, 1) if not layers else (4, 2)

    def compiled(self, **options):
        return self


def test_what_holds_is_asked_again_only_when_a_cell_has_been_run():
    function, exercises = Elsewhere(), what_convnets_see.EXERCISES
    for _ in range(3):
        engine.compare_function(exercises, function, [(3, 1), (2, 2)], expected=(4, 2))
    assert function.asked == 1
    function.held.clear()
    engine.compare_function(exercises, function, [(3, 1), (2, 2)], expected=(4, 2))
    assert function.asked == 2


def test_a_wrong_version_is_asked_once_for_the_same_numbers(monkeypatch):
    exercise = neural_style_transfer.EXERCISES["compute_content_cost"]
    case, asked = exercise.cases[0], []
    monkeypatch.setattr(naming, "_known", Known(100))
    monkeypatch.setattr(naming, "observe", lambda *given: asked.append(1) or observe(*given))
    copies = [tuple(tf.constant(np.array(value)) for value in case.inputs) for _ in range(3)]
    outcomes = [naming.observe_wrong(exercise, exercise.misunderstandings[0], copy, {}) for copy in copies]
    assert len(asked) == 1 and outcomes[0] is outcomes[2]
    naming.observe_wrong(exercise, exercise.misunderstandings[0], (copies[0][0] + 1, copies[0][1]), {})
    assert len(asked) == 2


def test_inputs_are_told_apart_by_what_they_hold():
    network = checks.by_hand.TinyNetwork
    one, same, other = (network({"near": np.full((3, 3), n, "float32")}) for n in (1, 1, 2))
    assert key_of((one, 0.5)) == key_of((same, 0.5)) != key_of((other, 0.5))
    assert key_of([1]) != key_of([1.0]) != key_of([True])
    assert key_of(np.zeros(2)) != key_of(np.zeros(2, "float32")) != key_of(tf.zeros(2))
    # What a test has made may hold on to a student's process; and no two such are known to be alike.
    assert key_of([lambda: 0]) is None
    assert key_of([face_recognition, fast_style_transfer]) is None


def test_only_the_latest_are_remembered():
    known, computed = Known(2), []
    for key in ("a", "b", "a", "c", "a", None, None):
        known.ask(key, lambda key=key: computed.append(key) or key)
    assert computed == ["a", "b", "c", "a", None, None]
