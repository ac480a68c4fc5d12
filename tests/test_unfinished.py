"""All is checked before anything is touched, and a run that ends half-way is made whole by the next one."""

import errno
import os
import shutil
import sqlite3
import sys
from datetime import UTC, datetime, timedelta

import nbgrader.api
import pytest
import sqlalchemy
from nbgrader.converters.base import NbGraderException

from nst.grading.faults import NotJudged
from tests.support.stored import stored_judge
from tests.support.tiny_course import ASSIGNMENT, contents, the_same_everywhere

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
EARLIER, LATER = NOW - timedelta(hours=5), NOW - timedelta(hours=1)


CHANGES = {
    "a renamed test": ('"test_double"', '"test_twice"', "'test_double' in 'two', 'test_twice' in 'two'"),
    "other points": ('"points": 2', '"points": 4', "'test_double' in 'two'"),
    "a renamed answer": ('"grade_id": "double"', '"grade_id": "twice"', "'double' in 'two', 'twice' in 'two'"),
    "a test that is graded by hand": ('"points": 3, "schema_version": 3, "solution": false', '"points": 3, '
                                      '"schema_version": 3, "solution": true', "'hidden_double' in 'two'"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_gradebook_does_not_know_is_said_before_anything_is_touched(tiny, judged, change):
    tiny.hand_in("ada")
    tiny.grade()
    tiny.make_feedback()
    before = contents(tiny.folder / "autograded", tiny.folder / "judged")
    old, new, named = CHANGES[change]
    tiny.edit("two", old, new)
    with pytest.raises(NbGraderException, match="run `nst release` first") as told:
        tiny.grade(force=True)
    assert f"({named})" in str(told.value)
    assert judged == ["ada"] and the_same_everywhere(tiny) == {"ada": 10}
    assert contents(tiny.folder / "autograded", tiny.folder / "judged") == before


def test_where_nobody_can_be_judged_nothing_is_touched(tiny, judged, monkeypatch):
    tiny.hand_in("ada")
    tiny.grade()
    before = contents(tiny.folder / "autograded", tiny.folder / "judged")
    with pytest.raises(NbGraderException, match="'seconds'"):
        tiny.grade(force=True, limits={"seconds": 3})

    def probe(*arguments):
        raise NotJudged("There are no walls here.")

    monkeypatch.setattr("nst.grading.probe.probe", probe)
    with pytest.raises(NbGraderException, match="There are no walls here"):
        tiny.grade(force=True)
    tiny.grade()  # nothing is to be judged, so nobody needs walls
    assert contents(tiny.folder / "autograded", tiny.folder / "judged") == before


def lock(course, how):
    """Hold the gradebook as another program may: an open connection."""
    other = sqlite3.connect(course.folder / "gradebook.db", isolation_level=None)
    other.execute(f"BEGIN {how}")
    return other


@pytest.fixture
def impatient(monkeypatch):
    """Nobody waits for a locked gradebook."""
    engine = nbgrader.api.create_engine
    monkeypatch.setattr(nbgrader.api, "create_engine", lambda *a, **k: engine(*a, **k, connect_args={"timeout": 0.01}))


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_locked_gradebook_is_one_sentence_and_nothing_is_touched(tiny, judged, how, impatient):
    tiny.hand_in("ada", add=False)
    tiny.grade()
    tiny.hand_in("ada")
    before = contents(tiny.folder / "autograded", tiny.folder / "judged")
    other = lock(tiny, how)
    with pytest.raises(NbGraderException, match="another program is using it") as told:
        tiny.grade(force=True)
    assert "\n" not in str(told.value)
    assert contents(tiny.folder / "autograded", tiny.folder / "judged") == before
    other.close()
    tiny.grade()
    assert judged == ["ada", "ada"] and the_same_everywhere(tiny, tiny.make_feedback()) == {"ada": 10}


def test_a_gradebook_that_is_locked_while_one_is_judged_costs_only_that_one(tiny, judged, monkeypatch, impatient):
    for student in ("ada", "bo", "cy"):
        tiny.hand_in(student, add=False)
    tiny.grade()
    for student in ("ada", "bo", "cy"):
        tiny.hand_in(student)
    before = contents(tiny.folder / "autograded" / "bo", tiny.folder / "judged" / "bo")

    def judge(folder, *arguments):
        held.append(lock(tiny, "IMMEDIATE")) if folder.parent.name == "bo" else [other.close() for other in held]
        return stored_judge(folder, *arguments)

    held = []
    monkeypatch.setattr("nst.grading.judge.judge", judge)
    with pytest.raises(NbGraderException, match="Not judged: 'bo' \\(The gradebook answers 'database is locked'"):
        tiny.grade()
    assert contents(tiny.folder / "autograded" / "bo", tiny.folder / "judged" / "bo") == before
    assert {student: score for student, (score, *_) in tiny.scores().items()} == {"ada": 10, "bo": 5, "cy": 10}
    monkeypatch.setattr("nst.grading.judge.judge", stored_judge)
    tiny.grade()
    assert the_same_everywhere(tiny, tiny.make_feedback()) == {"ada": 10, "bo": 10, "cy": 10}


def test_a_gradebook_that_may_not_be_written_is_found_before_anybody_is_judged(tiny, judged):
    tiny.hand_in("ada")
    read_only = f"sqlite:///file:{tiny.folder}/gradebook.db?mode=ro&uri=true"
    (tiny.folder / "nbgrader_config.py").open("a").write(f"\nc.CourseDirectory.db_url = {read_only!r}\n")
    with pytest.raises(NbGraderException, match="give yourself the right"):
        tiny.grade()
    assert judged == [] and not (tiny.folder / "autograded").exists()


@pytest.mark.parametrize(
    "break_it, said",
    [
        (lambda path: sqlite3.connect(path).execute("ALTER TABLE grade RENAME extra_credit TO more"), "db upgrade"),
        (lambda path: path.write_bytes(b"no gradebook" * 1000), "it is no gradebook"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be opened"),
    ],
)
def test_a_broken_gradebook_is_one_sentence(tiny, judged, break_it, said):
    tiny.hand_in("ada")
    tiny.grade()
    before = contents(tiny.folder / "autograded")
    break_it(tiny.folder / "gradebook.db")
    with pytest.raises(NbGraderException, match=said) as told:
        tiny.grade(force=True)
    assert "\n" not in str(told.value) and judged == ["ada"]
    assert contents(tiny.folder / "autograded") == before
    result = tiny.make_feedback(force=True)
    assert not result["success"] and said in result["error"]


class Killed(BaseException):
    """As SIGKILL: nobody catches it."""


FULL = sqlalchemy.exc.OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))


class Fate:
    """Ends a run at the nth time that it changes something in a folder or makes a change of the gradebook final.

    error: OSError for a full disk, which is free again at once; Killed: nothing is changed after it.
    """

    FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT

    def __init__(self):
        self.left, self.error, self.folder = None, None, ""
        sys.addaudithook(self._audit)
        sqlalchemy.event.listen(sqlalchemy.Engine, "commit", lambda _: self._count(FULL))

    def _audit(self, event, arguments):
        if self.left is None or event not in ("open", "os.rename", "os.mkdir", "os.chmod", "os.remove", "os.rmdir"):
            return
        changes = event != "open" or (arguments[2] or 0) & self.FLAGS
        if changes and (isinstance(arguments[0], int) or os.fspath(arguments[0]).startswith(self.folder)):
            self._count(OSError(errno.ENOSPC, "No space left on device"))

    def _count(self, full):
        if self.left is not None:
            self.left -= 1
            if self.left == 0 or (self.left < 0 and self.error is Killed):
                raise Killed if self.error is Killed else full

    def strikes(self, folder, number, error, run):
        """Did the run end at this step, or was it done before?"""
        self.left, self.error, self.folder = number, error, str(folder)
        try:
            run()
            return False
        except (Killed, NbGraderException):
            return True
        finally:
            self.left = None


@pytest.fixture(scope="module")
def fate():
    return Fate()


@pytest.mark.slow
@pytest.mark.parametrize("error", [OSError, Killed])
def test_whatever_step_a_run_ends_at_the_next_one_makes_it_whole(released_tiny, tmp_path, judged, fate, error):
    first = released_tiny.copy(tmp_path / "first")
    first.hand_in("ada", add=False, double=False, when=EARLIER)
    first.grade()
    first.hand_in("ada", add=False, when=LATER)

    def state(course):
        files = {p.relative_to(course.folder): p.read_bytes() for p in (course.folder / "autograded").rglob("*.*")
                 if p.is_file()}  # fmt: skip
        return files, course.scores(), os.listdir(course.folder / "autograded" / "ada")

    old = state(first)
    whole = first.copy(tmp_path / "whole")
    whole.grade()
    new = state(whole)
    assert old != new
    number, struck = 0, True
    while struck:
        number += 1
        course = first.copy(tmp_path / f"{number}")
        struck = fate.strikes(course.folder, number, error, course.grade)
        files, *_ = state(course)
        names = {path.name for path in files if path.parts[1:3] == ("ada", ASSIGNMENT)}
        assert names in ({"one.ipynb", "two.ipynb", "timestamp.txt"}, set()), number
        if names:
            now = {path: data for path, data in files.items() if not path.parts[2].startswith(".")}
            assert now in (old[0], new[0]), number
        assert course.scores()["ada"][0] in (0, 5), number
        course.grade()
        assert state(course) == new, number
        judged.clear()
        course.grade()
        assert judged == [], number
        shutil.rmtree(course.folder)
    assert number > 12


@pytest.mark.slow
def test_whatever_step_feedback_ends_at_the_next_run_makes_it_whole(released_tiny, tmp_path, judged, in_short, fate):
    first = released_tiny.copy(tmp_path / "first")
    first.hand_in("ada", add=False)
    first.grade()
    first.make_feedback()
    first.hand_in("ada", double=False)
    first.grade()
    number, struck = 0, True
    while struck:
        number += 1
        course = first.copy(tmp_path / f"{number}")
        struck = fate.strikes(course.folder, number, Killed, lambda: demand(course.make_feedback()))  # noqa: B023
        if (course.folder / "feedback" / "ada" / ASSIGNMENT).exists():
            assert course.feedback("ada") in ({"one": (0, 5), "two": (5, 5)}, {"one": (5, 5), "two": (0, 5)}), number
        assert the_same_everywhere(course, course.make_feedback()) == {"ada": 5}, number
        assert course.feedback("ada") == {"one": (5, 5), "two": (0, 5)}
        assert os.listdir(course.folder / "feedback" / "ada") == [ASSIGNMENT]
        shutil.rmtree(course.folder)
    assert number > 12


def demand(result):
    if not result["success"]:
        raise NbGraderException(result["error"])


def test_feedback_waits_for_a_mark_that_was_not_written_to_its_end(tiny, fate):
    tiny.hand_in("ada", add=False)
    tiny.grade()
    tiny.make_feedback()
    tiny.hand_in("ada")
    number = 1
    while fate.strikes(tiny.folder, number, Killed, tiny.grade) and tiny.scores()["ada"][0] == 5:
        number += 1
    assert tiny.scores()["ada"][0] == 10
    result = tiny.make_feedback()
    assert not result["success"] and "`nst grade tiny` was stopped" in result["error"]
    assert tiny.feedback("ada")["one"] == (0, 5)
    tiny.grade()
    assert the_same_everywhere(tiny, tiny.make_feedback()) == {"ada": 10}
