"""What nbgrader's autograde converter leaves behind, ours leaves too; nst/grading/README.md has the list."""

import logging
import os
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from nst.commands import grade
from nst.grading.faults import NotJudged
from tests.support.stored import stored_judge
from tests.support.tiny_course import ASSIGNMENT, TinyCourse

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)

#: An exercise that somebody grades by hand, and a task, for the end of notebook "two".
BY_HAND = """
# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 4, "schema_version": 3, \
"solution": true}
# Say why, in two sentences.

# %% [markdown] nbgrader={"grade": false, "grade_id": "draw", "locked": true, "points": 2, "schema_version": 3, \
"solution": false, "task": true, "cell_type": "markdown"}
# Draw it.
"""


@pytest.fixture(scope="module")
def with_essay(tmp_path_factory):
    """A course with something to be graded by hand, and a penalty."""
    course = TinyCourse(tmp_path_factory.mktemp("essay"), "c.LateSubmissionPlugin.penalty_method = 'zero'")
    script = course.folder / "answers" / ASSIGNMENT / "two.py"
    course.edit("two", script.read_text(), script.read_text() + BY_HAND)
    course.release()
    return course


def answer(folder, text):
    path = folder / "two.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "why"]
    cell.source = text
    nbformat.write(notebook, path)


def in_the_gradebook(course):
    """All that an autograde writes into the database, student by student."""
    found = {}
    with course.gradebook() as gradebook:
        for it in gradebook.find_assignment(ASSIGNMENT).submissions:
            found[it.student.id] = {
                "when": it.timestamp,
                "late": it.total_seconds_late,
                "needs": it.needs_manual_grade,
                "scores": (it.score, it.code_score, it.written_score, it.task_score),
                "possible": (it.max_score, it.max_code_score, it.max_written_score, it.max_task_score),
                "penalties": {notebook.name: notebook.late_submission_penalty for notebook in it.notebooks},
                "failed": {notebook.name: notebook.failed_tests for notebook in it.notebooks},
                "flagged": {notebook.name: notebook.flagged for notebook in it.notebooks},
                "grades": {
                    grade.name: (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
                    for notebook in it.notebooks
                    for grade in notebook.grades
                },
                "comments": {
                    comment.name: (comment.auto_comment, comment.manual_comment)
                    for notebook in it.notebooks
                    for comment in notebook.comments
                },
            }
    return found


def on_the_disk(course, step):
    """Student -> file -> its permissions, of what a step has left behind."""
    return {
        str(path.relative_to(course.folder / step)): stat.S_IMODE(path.stat().st_mode)
        for path in sorted((course.folder / step).rglob("*"))
    }


def stock(course, converter):
    """Run a converter of nbgrader's own."""
    config = course.config()
    converter(coursedir=CourseDirectory(config=config, assignment_id=ASSIGNMENT), config=config).start()


@pytest.mark.slow
def test_nbgraders_own_converters_leave_the_same_behind(with_essay, tmp_path, judged):
    ours, theirs = with_essay.copy(tmp_path / "ours"), with_essay.copy(tmp_path / "theirs")
    for course in (ours, theirs):
        course.due(NOW - timedelta(hours=2))
        answer(course.hand_in("ada", double=False, when=NOW - timedelta(hours=3)), "Because.")
        (course.submission("ada") / "submission_secret.txt").write_text("5f0c" * 8)
        course.hand_in("bo", add=False, when=NOW - timedelta(hours=1))
        course.hand_in("cy", double=None)
    ours.grade()
    ours.make_feedback()
    stock(theirs, Autograde)
    stock(theirs, GenerateFeedback)
    assert in_the_gradebook(ours) == in_the_gradebook(theirs)
    assert on_the_disk(ours, "feedback").items() >= on_the_disk(theirs, "feedback").items()
    # The judge shows a page for a notebook that is missing, saying so.
    assert on_the_disk(ours, "autograded").items() - on_the_disk(theirs, "autograded").items() == {
        (f"cy/{ASSIGNMENT}/two.ipynb", 0o444)
    }
    assert on_the_disk(theirs, "autograded").items() <= on_the_disk(ours, "autograded").items()
    for course in (ours, theirs):
        course.grade_by_hand("ada", "test_double", 1.5, extra=0.5, comment="So la la.")
    ours.grade("ada", force=True)
    config = theirs.config()
    course = CourseDirectory(config=config, assignment_id=ASSIGNMENT, student_id="ada")
    Autograde(coursedir=course, config=config, force=True).start()
    assert in_the_gradebook(ours) == in_the_gradebook(theirs)


def test_what_is_graded_by_hand_waits_for_a_hand(with_essay, tmp_path, judged):
    course = with_essay.copy(tmp_path / "course")
    answer(course.hand_in("ada"), "Because.")
    course.hand_in("bo")
    course.hand_in("cy", double=None)
    course.grade()
    found = in_the_gradebook(course)
    assert found["ada"]["grades"]["why"] == (None, None, None, True)
    assert found["bo"]["grades"]["why"] == found["cy"]["grades"]["why"] == (0, None, None, False)
    assert found["bo"]["comments"]["why"] == ("No response.", None)
    assert found["ada"]["possible"] == (16, 10, 4, 2)
    assert course.make_feedback()["success"]
    assert course.feedback("ada")["two"] == (5, 11)


def test_groups_may_write_where_the_course_is_shared(tiny, judged):
    (tiny.folder / "nbgrader_config.py").open("a").write("\nc.CourseDirectory.groupshared = True\n")
    tiny.hand_in("ada")
    tiny.grade()
    tiny.make_feedback()
    for step in ("autograded", "feedback"):
        folder = tiny.folder / step / "ada" / ASSIGNMENT
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o664}
        assert stat.S_IMODE(folder.stat().st_mode) & 0o2770 == 0o2770
        assert stat.S_IMODE((tiny.folder / step).stat().st_mode) & 0o2770 == 0o2770


def test_permissions_are_as_configured(tiny, judged):
    (tiny.folder / "nbgrader_config.py").open("a").write("\nc.JudgedAutograde.permissions = 640\n")
    tiny.hand_in("ada")
    tiny.grade()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tiny.folder / "autograded" / "ada" / ASSIGNMENT).iterdir()}
    assert modes == {0o640}


def test_hooks_are_called_as_nbgrader_calls_them(tiny, judged):
    called = []
    folder = tiny.hand_in("ada")
    (folder / "mine.ipynb").write_text("{}")

    def before(assignment, student, notebooks):
        called.append(("before", assignment, student, [Path(path).name for path in notebooks]))
        raise RuntimeError("which is logged, and stops nothing")

    def after(assignment, student, notebooks):
        called.append(("after", assignment, student, [Path(path).name for path in notebooks]))

    tiny.grade(pre_convert_hook=before, post_convert_hook=after)
    assert called == [
        ("before", ASSIGNMENT, "*", ["mine.ipynb", "one.ipynb", "two.ipynb"]),
        ("after", ASSIGNMENT, "*", ["one.ipynb", "two.ipynb"]),
    ]
    assert tiny.scores()["ada"][0] == 10
    called.clear()
    tiny.grade(pre_convert_hook=before, post_convert_hook=after)
    assert called == []


def test_students_are_left_out_and_kept_out_as_nbgrader_does(tiny, judged):
    for student in ("ada", "bo", "cy"):
        tiny.hand_in(student)
    (tiny.folder / "nbgrader_config.py").open("a").write("\nc.CourseDirectory.student_id_exclude = 'bo,zoe'\n")
    with tiny.gradebook() as gradebook:
        gradebook.add_student("ada")
    with pytest.raises(NbGraderException, match="No student with ID 'cy' exists in the database"):
        tiny.grade(create_student=False)
    assert judged == ["ada"] and set(tiny.scores()) == {"ada"}
    assert not tiny.api().autograde(ASSIGNMENT, "cy", create=False)["success"]
    tiny.grade()
    assert judged == ["ada", "cy"]
    assert tiny.make_feedback()["success"] and set(os.listdir(tiny.folder / "feedback")) == {"ada", "cy"}


@pytest.mark.parametrize(
    "setting, said",
    [("c.CourseDirectory.notebook_id = 'one'", "leave --notebook out"), ("c.Execute.enabled = False", "--no-execute")],
)
def test_what_the_judge_does_not_do_is_refused_in_a_sentence(tiny, judged, setting, said):
    tiny.hand_in("ada")
    (tiny.folder / "nbgrader_config.py").open("a").write(f"\n{setting}\n")
    with pytest.raises(NbGraderException, match=said):
        tiny.grade()
    assert judged == [] and not (tiny.folder / "autograded").exists()


def test_settings_without_effect_are_named(tiny, judged, caplog):
    tiny.hand_in("ada")
    (tiny.folder / "nbgrader_config.py").open("a").write("\nc.Autograde.exclude_overwriting = {'tiny': ['a.csv']}\n")
    tiny.grade()
    assert "exclude_overwriting has no effect" in caplog.text


def test_a_log_tells_what_nbgraders_tells(tiny, judged, caplog):
    caplog.set_level(logging.INFO)
    tiny.due(NOW - timedelta(hours=2))
    tiny.hand_in("ada", add=None, when=NOW - timedelta(hours=1))
    tiny.grade()
    tiny.grade()
    for said in (
        "submitted at",
        "3600.0 seconds late",
        "'one.ipynb' was not handed in",
        "Skipping existing assignment",
    ):
        assert said in caplog.text, said


def test_whoever_interrupts_keeps_what_was_there(tiny, monkeypatch, judged):
    for student in ("ada", "bo"):
        tiny.hand_in(student, add=False)
    tiny.grade()
    for student in ("ada", "bo"):
        tiny.hand_in(student)

    def judge(folder, *arguments):
        if folder.parent.name == "bo":
            raise KeyboardInterrupt
        return stored_judge(folder, *arguments)

    monkeypatch.setattr("nst.grading.judge.judge", judge)
    with pytest.raises(KeyboardInterrupt):
        tiny.grade()
    assert {student: score for student, (score, *_) in tiny.scores().items()} == {"ada": 10, "bo": 5}
    assert len(list((tiny.folder / "autograded" / "bo" / ASSIGNMENT).iterdir())) == 2
    monkeypatch.setattr("nst.grading.judge.judge", stored_judge)
    tiny.grade()
    assert {student: score for student, (score, *_) in tiny.scores().items()} == {"ada": 10, "bo": 10}


@pytest.mark.parametrize(
    "error, said",
    [
        (NotJudged("The sandbox could not be started."), "The sandbox could not be started"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (KeyError("x"), "KeyError"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_a_fault_of_the_grader_is_no_mark(tiny, judged, monkeypatch, error, said):
    for student in ("ada", "bo", "cy"):
        tiny.hand_in(student, add=False)
    tiny.grade("[ab]*")
    before = on_the_disk(tiny, "autograded"), (tiny.folder / "judged" / "bo" / f"{ASSIGNMENT}.json").read_bytes()
    for student in ("ada", "bo", "cy"):
        tiny.hand_in(student)

    def judge(folder, *arguments):
        if folder.parent.name != "ada":
            raise error
        return stored_judge(folder, *arguments)

    monkeypatch.setattr("nst.grading.judge.judge", judge)
    with pytest.raises(NbGraderException, match=r"Not judged: 'bo' \(.*\), 'cy' \(") as told:
        tiny.grade()
    assert said in str(told.value) and "\n" not in str(told.value)
    assert {student: score for student, (score, *_) in tiny.scores().items()} == {"ada": 10, "bo": 5}
    assert (
        on_the_disk(tiny, "autograded"),
        (tiny.folder / "judged" / "bo" / f"{ASSIGNMENT}.json").read_bytes(),
    ) == before
    assert not (tiny.folder / "judged" / "cy").exists()
    monkeypatch.setattr("nst.grading.judge.judge", stored_judge)
    tiny.grade()
    assert {student: score for student, (score, *_) in tiny.scores().items()} == {"ada": 10, "bo": 10, "cy": 10}


def nst_grade(monkeypatch, capsys, course, *arguments):
    """What `nst grade` prints, and what it exits with: 0, or a sentence."""
    for module in ("nst.commands.grade", "nst.commands.report", "nst.course.release"):
        monkeypatch.setattr(f"{module}.CHECKOUT", course.folder)
    with pytest.raises(SystemExit) as exit:
        grade.main([course.assignment, *arguments])
    return capsys.readouterr().out, exit.value.code


def test_the_report_comes_whatever_else_fails(tiny, judged, monkeypatch, capsys):
    tiny.hand_in("ada")
    tiny.hand_in("bo", add=False)
    assert nst_grade(monkeypatch, capsys, tiny)[1] == 0
    (tiny.folder / "submitted" / "a\nb").mkdir()
    (tiny.folder / "submitted" / "a file").write_text("x")
    tiny.hand_in("bo")

    def judge(folder, *arguments):
        raise KeyboardInterrupt if folder.parent.name == "cy" else NotJudged("There are no walls here.")

    monkeypatch.setattr("nst.grading.judge.judge", judge)
    (tiny.folder / "judged" / f"{ASSIGNMENT}.csv").unlink()
    printed, code = nst_grade(monkeypatch, capsys, tiny)
    assert re.search(r"^ada +graded +10 ", printed, re.MULTILINE), printed
    assert code.startswith("Not judged: 'a\\nb' (") and "'bo' (There are no walls here)" in code
    assert code.isprintable()
    assert (tiny.folder / "judged" / f"{ASSIGNMENT}.csv").exists()
    tiny.hand_in("cy")
    printed, code = nst_grade(monkeypatch, capsys, tiny, "--student", "cy")
    assert "ada" in printed and code.startswith("Canceled")
    tiny.edit("two", '"points": 2', '"points": 4')
    printed, code = nst_grade(monkeypatch, capsys, tiny, "--force")
    assert "ada" in printed and "run `nst release` first" in code
    tiny.assignment = "tinny"
    printed, code = nst_grade(monkeypatch, capsys, tiny)
    assert "tiny" in code and "\n" not in code


@pytest.mark.slow
def test_the_command_exits_and_logs_as_nbgraders_does(tiny):
    tiny.hand_in("ada")
    (tiny.folder / "submitted" / "a file").write_text("x")
    log = tiny.folder / "log.txt"

    def run(*arguments):
        command = [Path(sys.executable).parent / "nbgrader", "autograde", *arguments, f"--NbGrader.logfile={log}"]
        return subprocess.run(command, cwd=tiny.folder, capture_output=True, text=True, timeout=300)

    done = run("tinny")
    assert done.returncode == 1 and "There is no assignment 'tinny'" in done.stderr and "Traceback" not in done.stderr
    done = run(ASSIGNMENT, "--student", "a file", "--create")
    assert done.returncode == 1 and "is a file where a folder was expected" in done.stderr
    assert "is a file where a folder was expected" in log.read_text()
