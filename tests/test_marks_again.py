"""The second look at a mark: handed in again, judged again, changed by hand, late, removed; and its feedback."""

import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.tiny_course import ASSIGNMENT, contents, the_same_everywhere

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
EARLIER, LATER = NOW - timedelta(hours=5), NOW - timedelta(hours=1)


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
def test_what_is_handed_in_again_is_judged_again(tiny, judged, again):
    tiny.hand_in("ada", add=False, double=False, when=EARLIER)
    tiny.grade()
    assert tiny.scores()["ada"][0] == 0
    tiny.hand_in("ada", **again)
    tiny.grade()
    assert judged == ["ada", "ada"] and tiny.scores()["ada"][0] == 10
    tiny.grade()
    assert judged == ["ada", "ada"]


def test_a_newer_time_alone_is_enough_and_an_older_one_is_not(tiny, judged):
    tiny.hand_in("ada", when=EARLIER)
    tiny.grade()
    tiny.hand_in("ada", when=EARLIER - timedelta(minutes=1))
    tiny.grade()
    assert judged == ["ada"]
    tiny.hand_in("ada", when=LATER)
    tiny.grade()
    assert judged == ["ada", "ada"]


@pytest.mark.parametrize("change", ["removed", "renamed", "unpacked too deep", "another copy"])
def test_any_other_set_of_notebooks_is_judged_again(tiny, judged, change):
    folder = tiny.hand_in("ada", when=EARLIER)
    tiny.grade()
    if change == "removed":
        (folder / "two.ipynb").unlink()
    elif change == "renamed":
        (folder / "two.ipynb").rename(folder / "Two.IPYNB")
    elif change == "unpacked too deep":
        (folder / "tiny").mkdir()
        (folder / "two.ipynb").rename(folder / "tiny" / "two.ipynb")
    else:
        (folder / "two (1).ipynb").write_bytes((folder / "one.ipynb").read_bytes())
    tiny.grade()
    assert judged == ["ada", "ada"]


def test_the_same_submission_is_judged_once_whatever_its_files_times(tiny, judged):
    folders = [
        tiny.hand_in("ada", when=EARLIER),
        tiny.hand_in("bo", double=None),
        tiny.hand_in("cy", said=b"yesterday"),
    ]
    tiny.grade()
    before = {student: tiny.export()[student]["timestamp"] for student in ("ada", "bo", "cy")}
    for folder in folders:
        for path in [folder, *folder.iterdir()]:
            os.utime(path)  # which also moves the time that counts for cy, whose timestamp.txt says none
    tiny.grade()
    assert judged == ["ada", "bo", "cy"]
    tiny.grade(force=True)
    assert {student: tiny.export()[student]["timestamp"] for student in before} == before


def test_autograded_is_what_nbgrader_looks_for(tiny):
    folder = tiny.hand_in("ada", when=EARLIER)
    (folder / "timestamp.txt").write_bytes(b"\xef\xbb\xbf" + (folder / "timestamp.txt").read_bytes() + b"\r\n\n")
    (folder / "submission_secret.txt").write_text("5f0c" * 8)
    (folder / "two.py").write_text("print('a file of the student')")
    tiny.grade()
    graded = tiny.folder / "autograded" / "ada" / ASSIGNMENT
    assert sorted(path.name for path in graded.iterdir()) == [
        "one.ipynb",
        "submission_secret.txt",
        "timestamp.txt",
        "two.ipynb",
    ]
    assert (graded / "timestamp.txt").read_text() == f"{EARLIER:%Y-%m-%d %H:%M:%S}.000000 UTC"
    assert {stat.S_IMODE(path.stat().st_mode) for path in graded.iterdir()} == {0o444}
    assert sorted(os.listdir(graded.parent)) == [ASSIGNMENT]
    tiny.make_feedback()
    shown = tiny.folder / "feedback" / "ada" / ASSIGNMENT
    assert sorted(path.name for path in shown.iterdir()) == [
        "one.html",
        "submission_secret.txt",
        "timestamp.txt",
        "two.html",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in shown.iterdir()} == {0o644}
    assert sorted(os.listdir(shown.parent)) == [ASSIGNMENT]


@pytest.mark.parametrize("secret", [b"\0" * 8, b"x" * 1000, b"a\nb", "link"])
def test_a_secret_that_is_none_is_left_behind(tiny, secret, tmp_path):
    path = tiny.hand_in("ada") / "submission_secret.txt"
    if secret == "link":
        (tmp_path / "mine").write_text("an instructor's file")
        path.symlink_to(tmp_path / "mine")
    else:
        path.write_bytes(secret)
    tiny.grade()
    assert not (tiny.folder / "autograded" / "ada" / ASSIGNMENT / "submission_secret.txt").exists()
    assert tiny.scores()["ada"][0] == 10


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"handed_in": 3}',
        b'{"handed_in": {"files": {"one.ipynb": 3}, "note": "", "time": null, "doubt": ""}}',
        b'{"handed_in": {"files": {}, "note": "", "time": "2026-01-01T00:00:00+01:00", "doubt": ""}}',
        b'{"handed_in": {"files": {}, "note": "", "time": 3, "doubt": ""}}',
        b"1" * 5000,
    ],
)
def test_a_damaged_record_is_as_good_as_none(tiny, judged, damaged):
    tiny.hand_in("ada", add=False, when=EARLIER)
    tiny.grade()
    record = tiny.folder / "judged" / "ada" / f"{ASSIGNMENT}.json"
    whole = record.read_bytes()
    record.write_bytes(damaged)
    tiny.grade()
    assert judged == ["ada"] and tiny.api().get_submission(ASSIGNMENT, "ada")["score"] == 5
    tiny.hand_in("ada", when=LATER)
    tiny.grade()
    assert judged == ["ada", "ada"] and tiny.scores()["ada"][0] == 10
    assert record.read_bytes() != whole and b'"handed_in"' in record.read_bytes()


def test_feedback_is_made_again_when_it_would_show_something_else(tiny):
    tiny.hand_in("ada", when=EARLIER)
    tiny.hand_in("bo", when=EARLIER)
    tiny.due(NOW)
    tiny.grade()
    assert tiny.make_feedback()["success"]
    bos = contents(tiny.folder / "feedback" / "bo")

    def again():
        before = contents(tiny.folder / "feedback" / "ada")
        assert tiny.make_feedback()["success"]
        assert contents(tiny.folder / "feedback" / "bo") == bos
        assert the_same_everywhere(tiny)["bo"] == 10
        return contents(tiny.folder / "feedback" / "ada") != before

    assert not again()
    tiny.hand_in("ada", double=False, when=LATER)
    tiny.grade()
    assert again() and tiny.feedback("ada")["two"] == (0, 5)
    tiny.grade_by_hand("ada", "test_double", 1.5)
    assert again() and tiny.feedback("ada")["two"] == (1.5, 5)
    tiny.grade_by_hand("ada", "test_double", 1.5, extra=2)
    assert again() and tiny.feedback("ada")["two"] == (3.5, 5)
    tiny.grade_by_hand("ada", "test_double", None, comment="Nearly: *square* or double?")
    assert again() and "square" in (tiny.folder / "feedback" / "ada" / ASSIGNMENT / "two.html").read_text()
    (tiny.folder / "feedback" / "ada" / ASSIGNMENT / "one.html").unlink()
    assert again()
    assert not again()


def test_the_formgraders_button_makes_feedback_again_too(tiny):
    tiny.hand_in("ada", add=False)
    tiny.grade()
    api = tiny.api()
    assert api.generate_feedback(ASSIGNMENT)["success"]
    tiny.hand_in("ada")
    assert api.autograde(ASSIGNMENT, "ada")["success"]
    assert api.generate_feedback(ASSIGNMENT, "ada", force=False)["success"]
    assert the_same_everywhere(tiny) == {"ada": 10}


def test_penalties_come_out_as_one_number_everywhere(tiny, in_short):
    (tiny.folder / "nbgrader_config.py").open("a").write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    tiny.due(LATER)
    tiny.hand_in("ada", when=EARLIER)
    tiny.hand_in("bo", when=NOW)
    tiny.hand_in("cy", when=NOW)
    tiny.grade()
    tiny.extend("cy", hours=3)
    tiny.grade(force=True)
    tiny.make_feedback()
    assert the_same_everywhere(tiny) == {"ada": 10, "bo": 0, "cy": 10}
    tiny.grade_by_hand("bo", "test_add", 0)  # less than what the penalty took from this notebook
    tiny.grade_by_hand("bo", "test_double", 2, extra=4)  # more than what it took from that one
    tiny.make_feedback()
    assert the_same_everywhere(tiny)["bo"] == 2 and tiny.feedback("bo") == {"one": (0, 5), "two": (2, 5)}
    tiny.grade_by_hand("bo", "test_double", 0)
    tiny.make_feedback()
    assert the_same_everywhere(tiny)["bo"] == 0 and tiny.feedback("bo") == {"one": (0, 5), "two": (0, 5)}
    tiny.grade(force=True)  # the penalty is what the plugin says of the points of today
    assert tiny.scores()["bo"][:2] == (6, 6)


def test_more_time_for_what_is_never_due_stops_nobody(tiny):
    tiny.hand_in("ada", when=EARLIER)
    tiny.grade()
    tiny.extend("ada", days=1)
    tiny.grade(force=True)
    assert tiny.scores()["ada"] == (10, 0, 10)


def test_feedback_that_fails_leaves_the_old_pages_and_the_others_get_theirs(tiny, monkeypatch):
    for student in ("ada", "bo"):
        tiny.hand_in(student, add=False)
    tiny.grade()
    tiny.make_feedback()
    before = contents(tiny.folder / "feedback" / "ada")
    for student in ("ada", "bo"):
        tiny.hand_in(student)
    tiny.grade()
    notebook = tiny.folder / "autograded" / "ada" / ASSIGNMENT / "two.ipynb"
    good = notebook.read_bytes()
    notebook.chmod(0o644)
    notebook.write_bytes(good[:100])
    result = tiny.make_feedback(force=True)
    assert not result["success"] and "No new feedback for: 'ada'" in result["error"]
    assert contents(tiny.folder / "feedback" / "ada") == before
    assert tiny.feedback("bo") == {"one": (5, 5), "two": (5, 5)}
    notebook.write_bytes(good)
    assert tiny.make_feedback()["success"]
    assert the_same_everywhere(tiny) == {"ada": 10, "bo": 10}


def test_a_removed_student_neither_comes_back_nor_stops_the_others(tiny):
    for student in ("ada", "bo"):
        tiny.hand_in(student)
    tiny.grade()
    tiny.remove("ada")
    tiny.grade()
    assert tiny.make_feedback()["success"]
    assert the_same_everywhere(tiny) == {"bo": 10}


@pytest.mark.parametrize("change", ["renamed", "gone"])
def test_feedback_adds_up_though_a_test_was_changed_since_it_was_judged(tiny, change):
    tiny.hand_in("ann")
    tiny.grade()
    if change == "renamed":
        tiny.edit("one", '"hidden_add"', '"hidden_sum"')
    else:
        script = tiny.folder / "answers" / tiny.assignment / "one.py"
        tiny.edit("one", "# %% nbgrader" + script.read_text(encoding="utf-8").rpartition("# %% nbgrader")[2], "")
    tiny.release()
    made = tiny.make_feedback()
    assert made["success"], made
    shown = tiny.feedback("ann")
    assert sum(score for score, _ in shown.values()) == float(tiny.export()["ann"]["score"])
    assert sum(possible for _, possible in shown.values()) == float(tiny.export()["ann"]["max_score"])
