"""The course ships right answers, for its checks and its commands, and none of them lies where student's code runs."""

import ast
from importlib import import_module

import pytest

from nst.course.release import assignments, read_source
from nst.grading.exam.painting import needs_painting
from nst.grading.walls import course
from nst.grading.walls.sandbox import available
from tests.support.borrowing import borrowed
from tests.test_rooms import DOORS

#: What is left, on purpose, as the README of the judge says: exercise -> the function that nearly is its answer. Given
#: cells of that assignment encode pictures with it.
LEFT = {"img_to_encoding": "encode"}

no_sandbox = pytest.mark.skipif(available() is not None, reason=str(available()))


@pytest.mark.slow
def test_where_the_course_lies_whole_the_search_finds_its_answers():
    builders = "nst.checks.what_convnets_see"
    found = borrowed("what-convnets-see", scripts="1-*.py", within=builders, unsafe=True)
    assert ("output_shape", f"{builders}.output_shape._shape()", "as it is") in found
    assert ("convolve_1d", f"{builders}.convolve_1d._convolution()", "as it is") in found


@pytest.mark.slow
@no_sandbox
@pytest.mark.parametrize(
    "together", [("face-recognition", "neural-style-transfer", "what-convnets-see"), ("fast-style-transfer",)]
)
def test_nothing_in_a_sandbox_answers_an_exercise(together, root):
    found = borrowed(*together)
    assert [entry for entry in found if entry[1].rpartition(".")[2] != LEFT.get(entry[0])] == []
    assert {exercise for exercise, _, _ in found} == ({*LEFT} if "face-recognition" in together else set())
    readme = (root / "nst/grading/README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in readme for pair in LEFT.items() for name in pair)


def test_the_loops_that_paint_are_there_only_where_an_exercise_calls_one(root):
    painting = {
        name
        for name in assignments(root / "answers")
        if needs_painting([read_source(script) for script in (root / "answers" / name).glob("*.py")])
    }
    assert painting == {"fast-style-transfer"}


@pytest.mark.parametrize("paints", [False, True])
def test_the_sandbox_has_every_door_and_nothing_compiled(paints):
    places = course.course_files(paints)
    for door in DOORS - {"nst_utils"}:
        place = door.replace(".", "/").removeprefix("nst/")
        assert f"{place}.py" in places or f"{place}/__init__.py" in places, door
    assert {path.suffix for path in places.values()} == {".py"}
    assert not any(place.startswith(("commands", "course", "checks/reference")) for place in places)
    assert ("painting/loop.py" in places) == paints


def test_what_tests_give_to_a_function_can_be_made_in_the_sandbox():
    doors = [import_module(door) for door in sorted(DOORS) if door.startswith("nst.checks.")]
    classes = {thing for door in doors for thing in map(vars(door).get, door.__all__) if isinstance(thing, type)}
    assert {kind.__module__ for kind in classes} == {"nst.checks.by_hand"}
    assert {kind.__name__ for kind in classes} >= {"TinyEncoder", "TinyNetwork", "SmallNetwork", "QuadraticCosts"}


def names(path):
    """What a module offers: its __all__, or its public functions."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}


def test_a_stand_in_has_the_names_of_what_it_stands_for():
    stood_for = {place: path for place, path in course.course_files(False).items() if "stand_ins" in path.parts}
    assert len(stood_for) == 7
    for place, path in stood_for.items():
        assert names(course.PACKAGE / place) <= names(path), place
