"""A notebook without exercises, which is the student's to play with, among graded ones."""

import json

import nbformat
import pytest
from nbgrader.api import Gradebook

from nst.commands import report
from nst.course.rehearsal import Course
from nst.course.release import differences, read_source
from nst.grading.intake.skeleton import released
from nst.grading.intake.submission import take_in
from nst.grading.judge import judge
from nst.grading.walls.sandbox import available

GRADED = '''# %% [markdown]
# # {name}

# %% nbgrader={{"grade": false, "grade_id": "{name}", "locked": false, "schema_version": 3, "solution": true, "task": false}}
def {name}():
    """One."""
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION

# %% nbgrader={{"grade": true, "grade_id": "test_{name}", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}}
assert {name}() == 1
'''  # noqa: E501
PLAY = """# %% [markdown]
# # Play

# %%
import time
from nst.lessons.take import take

# %%
one = take("1-one", "one")
time.sleep(3600)
"""


@pytest.fixture
def sources(tmp_path):
    """Two graded notebooks and an ungraded one, as an instructor writes them."""
    folder = tmp_path / "answers" / "play"
    folder.mkdir(parents=True)
    (folder / "1-one.py").write_text(GRADED.format(name="one"))
    (folder / "2-two.py").write_text(GRADED.format(name="two"))
    (folder / "3-play.py").write_text(PLAY)
    return {path.stem: read_source(path) for path in sorted(folder.glob("*.py"))}


@pytest.fixture
def handed(sources, tmp_path):
    """A folder with the graded notebooks, answered."""
    folder = tmp_path / "handed in"
    folder.mkdir()
    for name in ("1-one", "2-two"):
        nbformat.write(sources[name], folder / f"{name}.ipynb")
    return folder


def put(folder, what, source):
    """Put something where the ungraded notebook would be."""
    path = folder / "3-play.ipynb"
    if what == "as released":
        nbformat.write(released(source), path)
    elif what == "played with":
        source.cells[1].source = "def two():\n    raise SystemExit"
        nbformat.write(source, path)
    elif what == "damaged":
        path.write_bytes(b'{"cells": [\xff')
    elif what == "far too long":
        with path.open("wb") as file:
            file.truncate(100 << 20)
    elif what == "a folder":
        path.mkdir()
    elif what == "a link":
        path.symlink_to("/etc/passwd")


ANYTHING = ["nothing", "as released", "played with", "damaged", "far too long", "a folder", "a link"]


@pytest.mark.parametrize("what", ANYTHING)
def test_whatever_stands_there_all_the_rest_is_graded(sources, handed, what):
    put(handed, what, sources["3-play"])
    submission = take_in(handed, sources)
    assert (submission.state, submission.reasons) == ("graded", [])
    assert list(submission.notebooks) == ["1-one", "2-two"]
    assert bool(submission.flags) == (what in ("a folder", "a link"))  # worth a look, and it costs nothing
    assert "3-play.ipynb" not in submission.hashes


@pytest.mark.parametrize("what", ANYTHING)
def test_it_does_not_stand_in_for_a_missing_notebook(sources, handed, what):
    (handed / "2-two.ipynb").unlink()
    put(handed, what, sources["3-play"])
    submission = take_in(handed, sources)
    assert (submission.state, submission.reasons) == ("partial", ["'2-two.ipynb' was not handed in."])
    assert list(submission.notebooks) == ["1-one"]


@pytest.mark.slow
def test_it_is_not_run_and_gets_no_feedback(sources, handed):
    put(handed, "as released", sources["3-play"])
    judgement = judge(handed, sources, unsafe=bool(available()))
    assert (judgement.state, judgement.score) == ("graded", (6, 6))
    assert set(judgement.notebooks) == {"1-one", "2-two"}
    assert judgement.seconds < 600  # an hour's sleep stands in it


@pytest.mark.slow
def test_the_whole_round_of_nbgrader(tmp_path, monkeypatch, sources, capsys):
    monkeypatch.setattr("nst.course.rehearsal.CHECKOUT", tmp_path)
    (tmp_path / "course").mkdir()
    config = (report.CHECKOUT / "nbgrader_config.py").read_text(encoding="utf-8")
    (tmp_path / "nbgrader_config.py").write_text(config, encoding="utf-8")
    course = Course(tmp_path / "course", "play", unsafe=bool(available()))
    assert sorted(course.notebooks("notebooks")) == ["1-one", "2-two", "3-play"]
    assert differences(course.folder) == []

    course.submit("all", course.notebooks("answers"))
    two = course.notebooks("answers")
    del two["3-play"]
    course.submit("without it", two)
    course.submit("only it", {"3-play": course.notebooks("answers")["3-play"]})
    for student, pages in (("all", ["1-one", "2-two"]), ("without it", ["1-one", "2-two"])):
        course.autograde(student)
        assert sum(got for got, _ in course.points(student).values()) == 6
        assert list(course.feedback(student)) == pages
        record = json.loads((course.folder / "judged" / student / "play.json").read_text(encoding="utf-8"))
        assert (record["state"], record["points"], record["possible"]) == ("graded", 6, 6)
    course.autograde("only it")
    assert course.points("only it") == {"test_one": (0, 3), "test_two": (0, 3)}

    with Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}", "nst") as gradebook:
        assert gradebook.find_assignment("play").max_score == 6
        assert gradebook.average_assignment_score("play") == 4
    monkeypatch.setattr(report, "CHECKOUT", course.folder)
    report.main(["play"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1:4] for line in lines if line.startswith("all")] == [["graded", "6", "6"]]
    (only,) = [line for line in lines if line.startswith("only it")]
    assert "quarantined" in only and "3-play" not in only
