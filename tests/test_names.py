"""Names are names and no patterns: of students, assignments and folders; and one odd folder stops nobody."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.converters.base import NbGraderException

from tests.support.tiny_course import ASSIGNMENT, TinyCourse, the_same_everywhere

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
EARLIER = NOW - timedelta(hours=5)


@pytest.fixture(scope="module")
def week_2(tmp_path_factory):
    """The same course, but its assignment has a name that is a pattern, and so has its folder."""
    return TinyCourse(tmp_path_factory.mktemp("course [2026]"), assignment="week [2]")


NAMES = ["s[2]", "s2", "[a-z]", "a", "*", "?", "x.y", "x-y", "$HOME", "(a|b)+", "{student_id}", "Zoë Ł", "n" * 200]


def test_whatever_a_student_is_called_they_get_their_feedback_and_nobody_elses(tiny, judged, in_short):
    for number, student in enumerate(NAMES):
        tiny.hand_in(student, double=bool(number % 2))
    tiny.grade()
    assert sorted(judged) == sorted(NAMES)
    for number, student in enumerate(NAMES):
        if student != "*":
            tiny.make_feedback(student)
            assert tiny.feedback(student)["two"] == ((5, 5) if number % 2 else (0, 5))
    assert not (tiny.folder / "feedback" / "*").exists()
    tiny.make_feedback()
    assert set(os.listdir(tiny.folder / "feedback")) == set(NAMES)
    assert the_same_everywhere(tiny) == {name: 10 if number % 2 else 5 for number, name in enumerate(NAMES)}
    listed = tiny.api().get_submissions(ASSIGNMENT)
    assert {it["student"]: it["score"] for it in listed if it["autograded"]} == the_same_everywhere(tiny)


@pytest.mark.parametrize("wanted, meant", [("s[2]", ["s[2]"]), ("s[2-3]", ["s2", "s3"]), ("s?", ["s2", "s3"])])
def test_a_student_is_meant_by_name_first_and_by_pattern_then(tiny, judged, wanted, meant):
    for student in ("s[2]", "s2", "s3"):
        tiny.hand_in(student)
    tiny.grade(wanted)
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


def test_odd_folders_are_told_and_stop_nobody(tiny):
    tiny.hand_in("ada")
    tiny.hand_in("zoe", add=False)
    for student in ODD:
        make_odd(tiny, student)
    for _ in range(2):
        with pytest.raises(NbGraderException) as told:
            tiny.grade()
        assert str(told.value).isprintable()
        assert all(f"{student!r} (" in str(told.value) for student in ODD)
        assert the_same_everywhere(tiny, tiny.make_feedback()) == {"ada": 10, "zoe": 5}
        assert [it["student"] for it in tiny.api().get_submissions(ASSIGNMENT)] == ["ada", "zoe"]
        assert {it["id"] for it in tiny.api().get_students()} == {"ada", "zoe"}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_folder_is_told_with_what_is_odd_about_it(tiny, odd):
    make_odd(tiny, odd)
    with pytest.raises(NbGraderException, match=ODD[odd]) as told:
        tiny.grade()
    assert str(told.value).isprintable()
    with pytest.raises(NbGraderException, match=ODD[odd]):
        tiny.grade(odd)


def test_what_systems_leave_behind_and_who_hands_in_something_else_is_no_trouble(tiny, judged):
    tiny.hand_in("ada")
    (tiny.folder / "answers" / "next").mkdir()
    (tiny.folder / "answers" / "next" / "1.py").write_text("# %%\n")
    for path in ("bo/next", "cy", ".git/tiny", "__MACOSX"):
        (tiny.folder / "submitted" / path).mkdir(parents=True)
    (tiny.folder / "submitted" / ".DS_Store").write_text("x")
    (tiny.folder / "submitted" / "Thumbs.db").write_text("x")
    assert tiny.grade().troubles == {}
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
def test_a_slip_is_answered_with_what_there_is(tiny, assignment, student, said):
    for name in ("ada", "s[2]"):
        tiny.hand_in(name)
    (tiny.folder / "submitted" / "bo").mkdir()
    (tiny.folder / "answers" / "next").mkdir()
    (tiny.folder / "answers" / "next" / "1.py").write_text("# %%\n")
    tiny.assignment = assignment
    with pytest.raises(NbGraderException) as told:
        tiny.grade(student)
    assert said in str(told.value)


@pytest.mark.parametrize("what", ["is_dir", "glob"])
def test_a_folder_that_may_not_be_read_is_told_and_stops_nobody(tiny, judged, monkeypatch, what):
    for student in ("ada", "bo", "cy"):
        tiny.hand_in(student)
    allowed = getattr(Path, what)

    def refuse(path, *arguments):
        if "bo" in path.parts and "submitted" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return allowed(path, *arguments)

    monkeypatch.setattr(Path, what, refuse)
    with pytest.raises(NbGraderException, match=r"Not judged: 'bo' .*Permission denied") as told:
        tiny.grade()
    assert "'ada'" not in str(told.value) and judged == ["ada", "cy"]


def test_a_slip_in_the_sources_is_one_sentence(tiny, judged):
    tiny.hand_in("ada")
    (tiny.folder / "answers" / ASSIGNMENT / "three.py").write_bytes(b"# %%\n\xff")
    with pytest.raises(NbGraderException, match=r"three\.py to be a notebook's script") as told:
        tiny.grade()
    assert "\n" not in str(told.value) and judged == []
