"""The second look at a mark: handed in again, judged again, changed by hand, late, stopped half-way, oddly named."""

import os
import socket
import stat
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from nbgrader.converters.base import NbGraderException

from tests.support.tiny_course import ASSIGNMENT, TinyCourse, stored_judge

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
EARLIER, LATER = NOW - timedelta(hours=5), NOW - timedelta(hours=1)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    return TinyCourse(tmp_path_factory.mktemp("released"))


@pytest.fixture(scope="module")
def week_2(tmp_path_factory):
    """The same course, but its assignment has a name that is a pattern, and so has its folder."""
    return TinyCourse(tmp_path_factory.mktemp("course [2026]"), assignment="week [2]")


@pytest.fixture
def judged(monkeypatch):
    """Names of the students who are judged, as they are."""
    names = []

    def judge(folder, *arguments):
        names.append(folder.parent.name)
        return stored_judge(folder, *arguments)

    monkeypatch.setattr("nst.grading.judge.judge", judge)
    monkeypatch.setattr("nst.grading.walls.sandbox.available", lambda: "")
    return names


@pytest.fixture
def course(released, tmp_path, judged):
    return released.copy(tmp_path / "course")


def contents(folder):
    """Path -> bytes and time of change of all files below."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def the_same_everywhere(course):
    """Student -> points, which gradebook, export and feedback must agree upon."""
    exported = {student: float(row["score"]) for student, row in course.export().items()}
    shown = {student: sum(score for score, _ in course.feedback(student).values()) for student in exported}
    booked = {student: max(0, score - penalty) for student, (score, penalty, _) in course.scores().items()}
    assert exported == shown == booked
    return exported


# Handed in again


@pytest.mark.parametrize(
    "again",
    [
        {"when": LATER},
        {"when": EARLIER},  # the notebooks differ, whatever timestamp.txt says
        {"when": EARLIER - timedelta(days=1)},
        {},
        {"said": b"yesterday"},
    ],
    ids=["newer", "same time", "older", "no time", "nonsense"],
)
def test_what_is_handed_in_again_is_judged_again(course, judged, again):
    course.hand_in("ada", add=False, double=False, when=EARLIER)
    course.grade()
    assert course.scores()["ada"][0] == 0
    course.hand_in("ada", **again)
    course.grade()
    assert judged == ["ada", "ada"] and course.scores()["ada"][0] == 10
    course.grade()
    assert judged == ["ada", "ada"]


def test_a_newer_time_alone_is_enough_and_an_older_one_is_not(course, judged):
    course.hand_in("ada", when=EARLIER)
    course.grade()
    course.hand_in("ada", when=EARLIER - timedelta(minutes=1))
    course.grade()
    assert judged == ["ada"]
    course.hand_in("ada", when=LATER)
    course.grade()
    assert judged == ["ada", "ada"]


@pytest.mark.parametrize("change", ["removed", "renamed", "unpacked too deep", "another copy"])
def test_any_other_set_of_notebooks_is_judged_again(course, judged, change):
    folder = course.hand_in("ada", when=EARLIER)
    course.grade()
    if change == "removed":
        (folder / "two.ipynb").unlink()
    elif change == "renamed":
        (folder / "two.ipynb").rename(folder / "Two.IPYNB")
    elif change == "unpacked too deep":
        (folder / "tiny").mkdir()
        (folder / "two.ipynb").rename(folder / "tiny" / "two.ipynb")
    else:
        (folder / "two (1).ipynb").write_bytes((folder / "one.ipynb").read_bytes())
    course.grade()
    assert judged == ["ada", "ada"]


def test_the_same_submission_is_judged_once_whatever_its_files_times(course, judged):
    folders = [
        course.hand_in("ada", when=EARLIER),
        course.hand_in("bo", double=None),
        course.hand_in("cy", said=b"yesterday"),
    ]
    course.grade()
    before = {student: course.export()[student]["timestamp"] for student in ("ada", "bo", "cy")}
    for folder in folders:
        for path in [folder, *folder.iterdir()]:
            os.utime(path)  # which also moves the time that counts for cy, whose timestamp.txt says none
    course.grade()
    assert judged == ["ada", "bo", "cy"]
    course.grade(force=True)
    assert {student: course.export()[student]["timestamp"] for student in before} == before


def test_autograded_is_what_nbgrader_looks_for(course):
    folder = course.hand_in("ada", when=EARLIER)
    (folder / "timestamp.txt").write_bytes(b"\xef\xbb\xbf" + (folder / "timestamp.txt").read_bytes() + b"\r\n\n")
    (folder / "submission_secret.txt").write_text("5f0c" * 8)
    (folder / "two.py").write_text("print('a file of the student')")
    course.grade()
    graded = course.folder / "autograded" / "ada" / ASSIGNMENT
    assert sorted(path.name for path in graded.iterdir()) == [
        "one.ipynb",
        "submission_secret.txt",
        "timestamp.txt",
        "two.ipynb",
    ]
    assert (graded / "timestamp.txt").read_text() == f"{EARLIER:%Y-%m-%d %H:%M:%S}.000000 UTC"
    assert {stat.S_IMODE(path.stat().st_mode) for path in graded.iterdir()} == {0o444}
    assert sorted(os.listdir(graded.parent)) == [ASSIGNMENT]
    course.make_feedback()
    shown = course.folder / "feedback" / "ada" / ASSIGNMENT
    assert sorted(path.name for path in shown.iterdir()) == [
        "one.html",
        "submission_secret.txt",
        "timestamp.txt",
        "two.html",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in shown.iterdir()} == {0o644}
    assert sorted(os.listdir(shown.parent)) == [ASSIGNMENT]


@pytest.mark.parametrize("secret", [b"\0" * 8, b"x" * 1000, b"a\nb", "link"])
def test_a_secret_that_is_none_is_left_behind(course, secret, tmp_path):
    path = course.hand_in("ada") / "submission_secret.txt"
    if secret == "link":
        (tmp_path / "mine").write_text("an instructor's file")
        path.symlink_to(tmp_path / "mine")
    else:
        path.write_bytes(secret)
    course.grade()
    assert not (course.folder / "autograded" / "ada" / ASSIGNMENT / "submission_secret.txt").exists()
    assert course.scores()["ada"][0] == 10


# Feedback


def test_feedback_is_made_again_when_it_would_show_something_else(course):
    course.hand_in("ada", when=EARLIER)
    course.hand_in("bo", when=EARLIER)
    course.due(NOW)
    course.grade()
    assert course.make_feedback()["success"]
    bos = contents(course.folder / "feedback" / "bo")

    def again():
        before = contents(course.folder / "feedback" / "ada")
        assert course.make_feedback()["success"]
        assert contents(course.folder / "feedback" / "bo") == bos
        assert the_same_everywhere(course)["bo"] == 10
        return contents(course.folder / "feedback" / "ada") != before

    assert not again()
    course.hand_in("ada", double=False, when=LATER)
    course.grade()
    assert again() and course.feedback("ada")["two"] == (0, 5)
    course.grade_by_hand("ada", "test_double", 1.5)
    assert again() and course.feedback("ada")["two"] == (1.5, 5)
    course.grade_by_hand("ada", "test_double", 1.5, extra=2)
    assert again() and course.feedback("ada")["two"] == (3.5, 5)
    course.grade_by_hand("ada", "test_double", None, comment="Nearly: *square* or double?")
    assert again() and "square" in (course.folder / "feedback" / "ada" / ASSIGNMENT / "two.html").read_text()
    (course.folder / "feedback" / "ada" / ASSIGNMENT / "one.html").unlink()
    assert again()
    assert not again()


def test_the_formgraders_button_makes_feedback_again_too(course):
    course.hand_in("ada", add=False)
    course.grade()
    api = course.api()
    assert api.generate_feedback(ASSIGNMENT)["success"]
    course.hand_in("ada")
    assert api.autograde(ASSIGNMENT, "ada")["success"]
    assert api.generate_feedback(ASSIGNMENT, "ada", force=False)["success"]
    assert the_same_everywhere(course) == {"ada": 10}


def test_penalties_come_out_as_one_number_everywhere(released, tmp_path, judged):
    course = TinyCourse(tmp_path, "c.LateSubmissionPlugin.penalty_method = 'zero'")
    course.due(LATER)
    course.hand_in("ada", when=EARLIER)
    course.hand_in("bo", when=NOW)
    course.hand_in("cy", when=NOW)
    course.grade()
    course.extend("cy", hours=3)
    course.grade(force=True)
    course.make_feedback()
    assert the_same_everywhere(course) == {"ada": 10, "bo": 0, "cy": 10}
    course.grade_by_hand("bo", "test_add", 0)  # less than what the penalty took from this notebook
    course.grade_by_hand("bo", "test_double", 2, extra=4)  # more than what it took from that one
    course.make_feedback()
    assert the_same_everywhere(course)["bo"] == 2 and course.feedback("bo") == {"one": (0, 5), "two": (2, 5)}
    course.grade_by_hand("bo", "test_double", 0)
    course.make_feedback()
    assert the_same_everywhere(course)["bo"] == 0 and course.feedback("bo") == {"one": (0, 5), "two": (0, 5)}
    course.grade(force=True)  # the penalty is what the plugin says of the points of today
    assert course.scores()["bo"][:2] == (6, 6)


def test_more_time_for_what_is_never_due_stops_nobody(course):
    course.hand_in("ada", when=EARLIER)
    course.grade()
    course.extend("ada", days=1)
    course.grade(force=True)
    assert course.scores()["ada"] == (10, 0, 10)


def test_feedback_that_fails_leaves_the_old_pages_and_the_others_get_theirs(course, monkeypatch):
    for student in ("ada", "bo"):
        course.hand_in(student, add=False)
    course.grade()
    course.make_feedback()
    before = contents(course.folder / "feedback" / "ada")
    for student in ("ada", "bo"):
        course.hand_in(student)
    course.grade()
    notebook = course.folder / "autograded" / "ada" / ASSIGNMENT / "two.ipynb"
    good = notebook.read_bytes()
    notebook.chmod(0o644)
    notebook.write_bytes(good[:100])
    result = course.make_feedback(force=True)
    assert not result["success"] and "No new feedback for: 'ada'" in result["error"]
    assert contents(course.folder / "feedback" / "ada") == before
    assert course.feedback("bo") == {"one": (5, 5), "two": (5, 5)}
    notebook.write_bytes(good)
    assert course.make_feedback()["success"]
    assert the_same_everywhere(course) == {"ada": 10, "bo": 10}


def test_a_removed_student_neither_comes_back_nor_stops_the_others(course):
    for student in ("ada", "bo"):
        course.hand_in(student)
    course.grade()
    course.remove("ada")
    course.grade()
    assert course.make_feedback()["success"]
    assert the_same_everywhere(course) == {"bo": 10}


# Names


NAMES = ["s[2]", "s2", "[a-z]", "a", "*", "?", "x.y", "x-y", "$HOME", "(a|b)+", "{student_id}", "Zoë Ł", "n" * 200]


def test_whatever_a_student_is_called_they_get_their_feedback_and_nobody_elses(course, judged):
    for number, student in enumerate(NAMES):
        course.hand_in(student, double=bool(number % 2))
    course.grade()
    assert sorted(judged) == sorted(NAMES)
    for number, student in enumerate(NAMES):
        if student != "*":
            course.make_feedback(student)
            assert course.feedback(student)["two"] == ((5, 5) if number % 2 else (0, 5))
    assert not (course.folder / "feedback" / "*").exists()
    course.make_feedback()
    assert set(os.listdir(course.folder / "feedback")) == set(NAMES)
    assert the_same_everywhere(course) == {name: 10 if number % 2 else 5 for number, name in enumerate(NAMES)}
    listed = course.api().get_submissions(ASSIGNMENT)
    assert {it["student"]: it["score"] for it in listed if it["autograded"]} == the_same_everywhere(course)


@pytest.mark.parametrize("wanted, meant", [("s[2]", ["s[2]"]), ("s[2-3]", ["s2", "s3"]), ("s?", ["s2", "s3"])])
def test_a_student_is_meant_by_name_first_and_by_pattern_then(course, judged, wanted, meant):
    for student in ("s[2]", "s2", "s3"):
        course.hand_in(student)
    course.grade(wanted)
    assert judged == meant


def test_an_assignment_may_be_called_like_a_pattern(week_2, tmp_path, judged):
    course = week_2.copy(tmp_path / "course [1]")
    for path in (course.folder / "notebooks").rglob("*"):
        assert path.suffix != ".py"  # the answers
    course.hand_in("ada", when=EARLIER)
    course.hand_in("s[2]", add=False)
    course.grade()
    assert course.make_feedback()["success"]
    assert the_same_everywhere(course) == {"ada": 10, "s[2]": 5}
    api = course.api()
    assert api.get_source_assignments() == {"week [2]"} and api.get_submitted_students("week [2]") == {"ada", "s[2]"}
    course.release()
    assert api.generate_assignment("week [2]")["success"]
    assert sorted(path.name for path in (course.folder / "notebooks" / "week [2]").iterdir()) == [
        "one.ipynb",
        "two.ipynb",
    ]


ODD = {
    "a\nb": "line break",
    "\x1b[2J": "control character",
    os.fsdecode(b"b\xf6"): "not UTF-8",
    "a file": "is a file where a folder was expected",
    "file inside": "is a file where a folder was expected",
    "one too high": "beside it 'one.ipynb'",
    "another name": "beside it 'Tiny'",
    "nowhere": "leads nowhere",
}


def make_odd(course, student):
    place = course.folder / "submitted" / student
    place.parent.mkdir(exist_ok=True)
    if student == "a file":
        place.write_text("x")
    elif student == "file inside":
        place.mkdir()
        (place / ASSIGNMENT).write_text("x")
    elif student == "nowhere":
        place.symlink_to("/nowhere/at/all")
    else:
        course.hand_in(student)
        if student == "one too high":
            (place / ASSIGNMENT / "one.ipynb").rename(place / "one.ipynb")
            (place / ASSIGNMENT / "two.ipynb").unlink()
            (place / ASSIGNMENT).rmdir()
        elif student == "another name":
            (place / ASSIGNMENT).rename(place / "Tiny")


@pytest.mark.parametrize("odd", ODD)
def test_one_odd_folder_is_told_and_stops_nobody(course, odd):
    course.hand_in("ada")
    course.hand_in("zoe", add=False)
    make_odd(course, odd)
    for _ in range(3):
        with pytest.raises(NbGraderException, match=ODD[odd]) as told:
            course.grade()
        assert "\n" not in str(told.value) and str(told.value).isprintable()
        assert course.make_feedback()["success"]
        assert the_same_everywhere(course) == {"ada": 10, "zoe": 5}
        assert [it["student"] for it in course.api().get_submissions(ASSIGNMENT)] == ["ada", "zoe"]
        assert {it["id"] for it in course.api().get_students()} == {"ada", "zoe"}


def test_what_systems_leave_behind_and_who_hands_in_something_else_is_no_trouble(course, judged):
    course.hand_in("ada")
    (course.folder / "answers" / "next").mkdir()
    (course.folder / "answers" / "next" / "1.py").write_text("# %%\n")
    for path in ("bo/next", "cy", ".git/tiny", "__MACOSX"):
        (course.folder / "submitted" / path).mkdir(parents=True)
    (course.folder / "submitted" / ".DS_Store").write_text("x")
    (course.folder / "submitted" / "Thumbs.db").write_text("x")
    assert course.grade().troubles == {}
    assert judged == ["ada"]


@pytest.mark.parametrize(
    "assignment, student, said",
    [
        ("tinny", "*", "There is no assignment 'tinny' in answers/; there are 'next', 'tiny'."),
        ("next", "*", "There is no submission of 'next' in submitted/; what was handed in is for 'tiny'."),
        (ASSIGNMENT, "eve", "No student's name fits 'eve'; 'tiny' was handed in by 'ada', 's[2]'."),
        (ASSIGNMENT, "bo", "'bo' has handed in nothing for 'tiny'"),
    ],
)
def test_a_slip_is_answered_with_what_there_is(course, assignment, student, said):
    for name in ("ada", "s[2]"):
        course.hand_in(name)
    (course.folder / "submitted" / "bo").mkdir()
    (course.folder / "answers" / "next").mkdir()
    (course.folder / "answers" / "next" / "1.py").write_text("# %%\n")
    course.assignment = assignment
    with pytest.raises(NbGraderException) as told:
        course.grade(student)
    assert said in str(told.value)


# timestamp.txt


def _socket(path):
    with socket.socket(socket.AF_UNIX) as it:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's path is short
        try:
            it.bind(path.name)
        finally:
            os.chdir(here)


def _unreadable(path):
    path.write_text("2026-01-01 10:00:00 UTC")
    path.chmod(0)


NO_TIME = {
    "yesterday": b"yesterday",
    "UTF-16": f"{NOW} UTC".encode("utf-16"),
    "UTF-16 without a mark": f"{NOW} UTC".encode("utf-16-le"),
    "empty": b"",
    "white": b" \n\t ",
    "a megabyte": b"2" * 2**20,
    "padded": f"{NOW} UTC".encode() + b" " * 300,
    "year 0": b"0000-01-01 00:00:00 UTC",
    "year 99999": b"99999-01-01 00:00:00 UTC",
    "year 1": b"0001-01-01 00:00:00 +2300",
    "the future": f"{NOW + timedelta(days=1)} UTC".encode(),
    "long ago": f"{NOW - timedelta(days=100)} UTC".encode(),
    "NUL": f"{NOW}".encode() + b"\0 UTC",
    "not UTF-8": b"\xff\xfe\xfd",
    "two lines": f"{NOW} UTC\n{NOW} UTC".encode(),
    "a huge offset": f"{NOW} 99999999999999999999".encode(),
    "a file for a time zone": f"{NOW} /dev/zero".encode(),
    "a file beside the time zones": f"{NOW} ../../../etc/passwd".encode(),
    "pipe": os.mkfifo,
    "socket": _socket,
    "folder": lambda path: path.mkdir(),
    "link to an endless device": lambda path: path.symlink_to("/dev/zero"),
    "link to a folder": lambda path: path.symlink_to("/etc"),
    "link to a file": lambda path: path.symlink_to("/etc/hostname"),
    "link to itself": lambda path: path.symlink_to("timestamp.txt"),
    "unreadable": _unreadable,
}


@pytest.mark.parametrize("kind", NO_TIME)
def test_no_timestamp_hangs_or_ends_anything_in_any_run(course, kind, judged):
    course.due(NOW + timedelta(hours=1))
    course.hand_in("ada", when=EARLIER)
    folder = course.hand_in("bo")
    made = NO_TIME[kind]
    (folder / "timestamp.txt").write_bytes(made) if isinstance(made, bytes) else made(folder / "timestamp.txt")
    course.hand_in("cy", when=EARLIER)
    for run in range(3):
        course.grade()
        assert course.make_feedback()["success"]
        api = course.api()
        assert all(it["autograded"] for it in api.get_submissions(ASSIGNMENT))
        assert api.get_submission(ASSIGNMENT, "bo")["score"] == 10
        assert api.get_assignment(ASSIGNMENT)["num_submissions"] == 3
        assert len(api.get_students()) == 3 and len(api.get_student_submissions("bo")) == 1
        assert api.coursedir.get_existing_timestamp(str(folder)) is None or kind in ("the future", "long ago")
        assert judged == ["ada", "bo", "cy"], f"run {run}"
    record = (course.folder / "judged" / "bo" / f"{ASSIGNMENT}.json").read_text()
    assert "timestamp.txt says something impossible" in record
    assert abs(datetime.fromisoformat(course.export()["bo"]["timestamp"]) - NOW) < timedelta(hours=1)
    if kind == "unreadable":
        (folder / "timestamp.txt").chmod(0o644)


@pytest.mark.parametrize(
    "said, meant",
    [
        ("\ufeff{:%Y-%m-%d %H:%M:%S} UTC", 0),
        ("{:%Y-%m-%d %H:%M:%S.%f} UTC\r\n", 0),
        ("{:%Y-%m-%dT%H:%M:%S}Z", 0),
        ("{:%Y-%m-%d %H:%M:%S}", 0),
        ("{:%Y-%m-%d %H:%M:%S} +0100", 1),
        ("{:%Y-%m-%d %H:%M:%S} +01:00", 1),
        ("{:%Y-%m-%dT%H:%M:%S}+01:00", 1),
        ("{:%Y-%m-%d %H:%M:%S} Etc/GMT-1", 1),
    ],
)
def test_a_good_time_is_believed_however_it_is_written(course, said, meant):
    course.hand_in("ada", said=said.format(EARLIER).encode())
    course.grade()
    assert course.export()["ada"]["timestamp"] == str(EARLIER - timedelta(hours=meant))
    assert "impossible" not in (course.folder / "judged" / "ada" / f"{ASSIGNMENT}.json").read_text()


def test_a_file_that_vanishes_meanwhile_is_no_trouble(course, monkeypatch):
    folder = course.hand_in("ada", when=EARLIER)
    opened = os.open

    def gone(path, *arguments, **options):
        if str(path).endswith("timestamp.txt") and folder.joinpath("timestamp.txt").exists():
            folder.joinpath("timestamp.txt").unlink()
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", gone)
    course.grade()
    assert course.scores()["ada"][0] == 10


def test_nonsense_twice_does_not_buy_the_time_of_the_first(course):
    course.hand_in("ada", add=False, said=b"yesterday")
    course.grade()
    first = course.export()["ada"]["timestamp"]
    course.hand_in("ada", said=b"yesterday")
    course.grade()
    assert course.export()["ada"]["timestamp"] > first
