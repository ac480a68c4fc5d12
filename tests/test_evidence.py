"""What a mark rests on: is what is judged by, and what was judged, still what it was?"""

import copy
import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest

from nst.course.release import read_source
from nst.grading.evidence import FORMAT, fingerprints, points_of, read_record
from nst.grading.handing_in import as_noted, handed_in_again, look_at, noted
from nst.grading.intake.skeleton import released
from nst.grading.judgement import Judgement, Mark, as_record

SOURCE = """\
# %% [markdown]
# Prose.

# %%
import numpy as np

# %% tags=["explore"]
painting = "long"

# %% nbgrader={"grade": false, "grade_id": "f", "locked": false, "schema_version": 3, "solution": true}
def f():
    \"\"\"Return one.\"\"\"
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_f", "locked": true, "points": 2, "schema_version": 3, "solution": false}
assert f() == 1
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Two notebooks with an exercise each, and one to play with."""
    folder = tmp_path_factory.mktemp("answers")
    second = SOURCE.replace("f()", "g()").replace("_f", "_g").replace('"f"', '"g"')
    for name, text in (("one", SOURCE), ("two", second), ("play", "# %%\n1 + 1\n")):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return {name: read_source(folder / f"{name}.py") for name in ("one", "two", "play")}


def cells(notebook):
    """Of a changed copy, by what they are."""
    prose, given, explore, solution, test = notebook.cells
    return {"prose": prose, "given": given, "explore": explore, "solution": solution, "test": test}


def no_change(cell, notebook):
    """Is read again, from a script that was saved again."""


CHANGES = {
    "nothing": ("test", no_change, True),
    "prose": ("prose", lambda cell, _: cell.update(source="Prose without a mistake."), True),
    "another solution": (
        "solution",
        lambda cell, _: cell.update(source=cell.source.replace("return 1", "return 2 - 1")),
        True,
    ),
    "an output": ("test", lambda cell, _: cell.update(outputs=["shown"], execution_count=7), True),
    "an id of Jupyter's": ("test", lambda cell, _: cell.update(id="another"), True),
    "a checksum": ("test", lambda cell, _: cell.metadata.nbgrader.update(checksum="ab12"), True),
    "points as a float": ("test", lambda cell, _: cell.metadata.nbgrader.update(points=2.0), True),
    "the kernel": ("test", lambda _, notebook: notebook.metadata.update(kernelspec={"name": "other"}), True),
    "more prose": ("prose", lambda cell, notebook: notebook.cells.insert(0, copy.deepcopy(cell)), True),
    "points": ("test", lambda cell, _: cell.metadata.nbgrader.update(points=3), False),
    "a test": ("test", lambda cell, _: cell.update(source="assert f() == 2"), False),
    "a test's name": ("test", lambda cell, _: cell.metadata.nbgrader.update(grade_id="test_h"), False),
    "given code": ("given", lambda cell, _: cell.update(source="import numpy as xp"), False),
    "what is asked for": (
        "solution",
        lambda cell, _: cell.update(source=cell.source.replace("def f()", "def f(x)")),
        False,
    ),
    "a given cell that is an exercise": (
        "given",
        lambda cell, _: cell.metadata.update(nbgrader={"solution": True}),
        False,
    ),
    "a given cell that is not run": ("given", lambda cell, _: cell.metadata.update(tags=["explore"]), False),
    "the order": ("test", lambda cell, notebook: notebook.cells.reverse(), False),
    "a test less": ("test", lambda cell, notebook: notebook.cells.remove(cell), False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_fingerprint_changes_with_what_a_mark_depends_on_and_with_nothing_else(sources, change):
    where, make, same = CHANGES[change]
    changed = copy.deepcopy(sources)
    make(cells(changed["one"])[where], changed["one"])
    before, after = fingerprints(sources), fingerprints(changed)
    assert before.keys() == after.keys() == {"one", "two"}  # nothing depends on a notebook to play with
    assert (before["one"] == after["one"]) == same
    assert before["two"] == after["two"]


def test_points_of_sources_are_those_of_every_graded_cell(sources):
    assert points_of(sources) == {("one", "test_f"): 2.0, ("two", "test_g"): 2.0}
    changed = copy.deepcopy(sources)
    for notebook, points in (("one", "many"), ("two", None)):
        cells(changed[notebook])["test"].metadata.nbgrader["points"] = points
    assert points_of(changed) == {("one", "test_f"): None, ("two", "test_g"): None}
    assert fingerprints(changed).keys() == {"one", "two"}


def as_released(folder, sources, names=("one", "two")):
    """A submission's folder."""
    folder.mkdir()
    for name in names:
        nbformat.write(released(sources[name]), folder / f"{name}.ipynb")
    return folder


def replace(path, make):
    """Put something else in a file's place."""
    path.unlink()
    make(path)


#: What a folder holds, and what might be taken for a change of it.
FOLDERS = {
    "as released": lambda folder: None,
    "one notebook": lambda folder: (folder / "two.ipynb").unlink(),
    "none": lambda folder: [path.unlink() for path in folder.iterdir()],
    "a renamed one": lambda folder: (folder / "two.ipynb").rename(folder / "two (1).ipynb"),
    "a name that is not UTF-8": lambda folder: (folder / "two.ipynb").rename(folder / "two \udce4.ipynb"),
    "a name as a record writes another": lambda folder: (folder / "two.ipynb").rename(folder / "two \\udce4.ipynb"),
    "a name with a backslash": lambda folder: (folder / "two.ipynb").rename(folder / "two\\n.ipynb"),
    "a name with a line break": lambda folder: (folder / "two.ipynb").rename(folder / "two\n.ipynb"),
    "one damaged": lambda folder: (folder / "two.ipynb").write_bytes(b"{"),
    "one empty": lambda folder: (folder / "two.ipynb").write_bytes(b""),
    "a named pipe": lambda folder: replace(folder / "two.ipynb", os.mkfifo),
    "a folder in its place": lambda folder: replace(folder / "two.ipynb", os.mkdir),
    "a link": lambda folder: replace(folder / "two.ipynb", lambda path: path.symlink_to("one.ipynb")),
    "a link to a device": lambda folder: replace(folder / "two.ipynb", lambda path: path.symlink_to("/dev/zero")),
    "one too long": lambda folder: os.truncate(folder / "two.ipynb", 70 * 2**20),
    "many files": lambda folder: [(folder / f"{number}.txt").touch() for number in range(1200)],
    "a folder that is a link": lambda folder: (folder.rename(f"{folder}-2"), folder.symlink_to(f"{folder}-2")),
    "no folder": shutil.rmtree,
    "a file": lambda folder: (shutil.rmtree(folder), folder.write_bytes(b"")),
}


@pytest.mark.parametrize("what", FOLDERS)
def test_what_was_judged_is_not_handed_in_again_and_a_change_of_it_is(sources, tmp_path, what):
    folder = as_released(tmp_path / "handed", sources)
    FOLDERS[what](folder)
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"handed_in": as_noted(look_at(folder))}), encoding="utf-8")
    record = noted(path)
    assert not handed_in_again(folder, record, record.time)
    if folder.is_dir() and not folder.is_symlink():
        (folder / "notes.txt").write_text("not a notebook")
        assert not handed_in_again(folder, record, record.time)
        whole = folder / "one.ipynb"
        whole.write_bytes(whole.read_bytes() + b" " if whole.exists() else b"{}")
        assert handed_in_again(folder, record, record.time)


def test_what_was_read_in_a_folder_within_is_found_there(sources, tmp_path):
    """As archives are unpacked, one folder too deep, whatever the encoding of its name."""
    folder = as_released(tmp_path / "handed", sources)
    within = folder / "w\udce4ek"
    within.mkdir()
    (folder / "one.ipynb").rename(within / "one.ipynb")
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"handed_in": as_noted(look_at(folder))}), encoding="utf-8")
    record = noted(path)
    assert not handed_in_again(folder, record, record.time)
    (within / "one.ipynb").write_text("{}")
    assert handed_in_again(folder, record, record.time)


def test_a_record_can_be_written_and_read_whatever_a_student_has_made_of_it(tmp_path):
    odd = "\ud800 \x00 \udcff <b>\n"
    judgement = Judgement("partial", [odd], [odd], [odd], seconds=1.234567)
    judgement.marks = [Mark("one", "test_f", 2.0, True, "", ""), Mark("one", "test_g", 3.0, False, odd, odd)]
    judgement.evidence = {"submission": {odd: "ab"}, "tests": {"one": "cd"}, "versions": {"numpy": "2"}}
    found = as_record(judgement)
    assert (found["format"], found["points"], found["possible"], found["seconds"]) == (FORMAT, 2.0, 5.0, 1.23)
    path = Path(tmp_path, "record.json")
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    record = read_record(path)
    assert record.state == "partial" and record.reasons == ["\\ud800 \x00 \\udcff <b>\n"]
    assert [(failure.grade_id, failure.message) for failure in record.failures] == [("test_g", record.reasons[0])]
    assert record.tests == {"one": "cd"}
    assert read_record(tmp_path / "nowhere" / "record.json") is None
    assert read_record(path / "record.json") is None
