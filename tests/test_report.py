"""What an instructor reads about a class: a table, a page, a file for a learning platform."""

import errno
import html
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from nbgrader.api import Grade

from nst.commands import report as command
from nst.commands.report import show
from nst.course.release import gradebook_url
from nst.grading import points
from tests.support.class_of import TESTS, ClassOf
from tests.support.lab import open_browser
from tests.support.tiny_course import TinyCourse

HOSTILE = "<script>alert(1)</script>\x1b[2J\n=1+1`x`"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A class of which nobody has handed in."""
    return ClassOf(tmp_path, monkeypatch)


@pytest.fixture
def told(capsys):
    """A function that reports and gives (exit status, lines, student -> line, what stderr says)."""

    def tell(assignment="losses", troubles=None):
        capsys.readouterr()
        status = show(assignment, troubles)
        said = capsys.readouterr()
        lines = said.out.splitlines()
        until = lines.index("") if "" in lines else len(lines)
        return status, lines, {line.split("  ")[0]: line.split() for line in lines[1:until]}, said.err

    return tell


def agree(course):
    """Report, page, CSV file and export say the same numbers; student -> (points, possible) as texts."""
    sheet, export = course.sheet(), course.export()
    marks = {student: (row["score"], row["max_score"]) for student, row in sheet.items() if row["score"]}
    assert {student: tuple(map(float, mark)) for student, mark in marks.items()} == {s: export[s] for s in marks}
    assert all(export[student][0] == 0 for student in export.keys() - marks)
    shown = {student: tuple(f"{float(number):g}" for number in mark) for student, mark in marks.items()}
    page = course.page()
    for student, (score, possible) in shown.items():
        assert f'<b>{student}</b>\n<span class="soft">{score} of {possible}</span>' in page
    return shown


# One number for one mark


def test_the_table_says_what_became_of_everybody(course, told):
    course.judge("ada")
    course.judge("bo", ["test_gram_matrix"], flags=["numpy.py was ignored."])
    course.judge("cy", ["test_tv_loss"], state="partial", reasons=["'2-style.ipynb' is no JSON."], repairs=["a", "b"])
    with course.gradebook() as gradebook:
        gradebook.add_student("dee")
    course.hand_in("eve")
    status, lines, rows, said = told()
    assert (status, said) == (0, "")
    assert lines[0].split("  ")[0] == "student" and "late" not in lines[0] and "by hand" not in lines[0]
    assert rows["ada"] == ["ada", "graded", "15", "15", "0", "0"]
    assert rows["bo"] == ["bo", "graded", "10", "15", "gram_matrix", "0", "1"]
    assert rows["cy"] == ["cy", "partial", "9", "15", "tv_loss", "2", "0", "'2-style.ipynb'", "is", "no", "JSON."]
    assert rows["dee"] == ["dee", "missing"]
    assert rows["eve"] == [
        "eve",
        "not",
        "judged",
        "`nst",
        "grade",
        "losses`",
        "judges",
        "it,",
        "or",
        "says",
        "why",
        "not.",
    ]
    assert agree(course) == {"ada": ("15", "15"), "bo": ("10", "15"), "cy": ("9", "15")}


def test_a_learning_platform_reads_no_zero_where_there_is_no_mark(course, told):
    course.hand_in("eve")
    course.judge("zero", [name for cells in TESTS.values() for name in cells])
    with course.gradebook() as gradebook:
        gradebook.add_student("dee")
    told()
    scores = {student: (row["score"], row["state"]) for student, row in course.sheet().items()}
    assert scores == {"dee": ("", "missing"), "eve": ("", "not judged"), "zero": ("0.0", "graded")}


@pytest.mark.parametrize(
    ("penalty", "points", "late"), [(None, "11", []), (3.0, "8", ["-3"]), (11.0, "0", ["-11"]), (100.0, "0", ["-100"])]
)
def test_being_late_costs_the_same_everywhere(course, told, penalty, points, late):
    course.judge("ada", ["hidden_tv_loss"], penalty=penalty)
    _, lines, rows, _ = told()
    assert ("late" in lines[0]) == bool(penalty)
    assert rows["ada"] == ["ada", "graded", points, "15", "tv_loss", *late, "0", "0"]
    assert agree(course) == {"ada": (points, "15")}
    assert (f"Late: {penalty or 0:g} off." in course.page()) == bool(penalty)


def test_points_given_by_hand_are_seen_and_count(course, told):
    for student in ("full", "more", "less", "extra"):
        course.judge(student, ["hidden_tv_loss"])
    course.by_hand("full", "hidden_tv_loss", 4.0)
    course.by_hand("more", "hidden_tv_loss", 2.5)
    course.by_hand("less", "test_gram_matrix", 0.0)
    course.by_hand("extra", "test_tv_loss", None, extra=10.0)
    _, lines, rows, _ = told()
    assert "by hand" in lines[0]
    assert rows["full"] == ["full", "graded", "15", "15", "+4", "0", "0"]  # nothing is lost
    assert rows["more"] == ["more", "graded", "13.5", "15", "tv_loss", "+2.5", "0", "0"]
    assert rows["less"] == ["less", "graded", "6", "15", "tv_loss,", "gram_matrix", "-5", "0", "0"]
    assert rows["extra"] == ["extra", "graded", "21", "15", "+10", "0", "0"]
    agree(course)
    assert "hidden_tv_loss: 2.5 by hand, where the judge gave 0." in course.page()


def test_a_mark_by_hand_is_looked_at_again_after_judging_again(course, told):
    course.judge("ada", ["hidden_tv_loss"])
    course.by_hand("ada", "hidden_tv_loss", 4.0)
    course.judge("ada")
    _, _, rows, _ = told()
    assert " ".join(rows["ada"]).endswith("Judged again since points were given by hand: hidden_tv_loss.")
    agree(course)


def test_what_nobody_has_graded_yet_is_not_lost(course, told):
    with course.gradebook() as gradebook:
        gradebook.add_grade_cell("essay_style", "2-style", "losses", max_score=7, cell_type="markdown")
    course.judge("ada")
    _, _, rows, _ = told()
    assert rows["ada"][:4] == ["ada", "graded", "15", "22"]
    assert "To be graded by hand: essay_style." in " ".join(rows["ada"])
    agree(course)


def test_ids_of_tests_may_be_of_any_shape_and_the_same_in_two_notebooks(tmp_path, monkeypatch, told):
    tests = {"one": {"cell-ab12": 2.0, "test_f": 3.0}, "two": {"test_f": 4.0}}
    course = ClassOf(tmp_path, monkeypatch, tests=tests)
    course.judge("ada", ["cell-ab12", "test_f"])
    _, _, rows, _ = told()
    assert rows["ada"][:6] == ["ada", "graded", "0", "9", "cell-ab12,", "f"]


def test_numbers_are_not_rounded_for_a_learning_platform(tmp_path, monkeypatch, told):
    course = ClassOf(tmp_path, monkeypatch, tests={"one": {"test_f": 1234567.0, "test_g": 1 / 3}})
    course.judge("ada")
    _, _, rows, _ = told()
    assert rows["ada"][2:4] == ["1234567.33", "1234567.33"]
    assert float(course.sheet()["ada"]["score"]) == course.export()["ada"][0] == 1234567 + 1 / 3


# When the tests or the points are others than a mark was given for


def test_points_changed_in_the_sources_are_told_with_what_to_do(course, told):
    """The issue's 104 of 50, and 48.5 of 104: what is judged by one scale and counted on another is never silent."""
    course.judge("ada", ["test_gram_matrix"])
    course.judge("bo", ["test_gram_matrix"])
    old, new = TESTS, TESTS | {"1-losses": {"test_tv_loss": 60.0, "hidden_tv_loss": 4.0}}

    course.write_answers(new)  # changed, and neither released nor judged
    _, lines, rows, _ = told()
    differ = next(line for line in lines if line.startswith("The points in answers/ and in the gradebook differ"))
    assert "(test_tv_loss 60 and 6)" in differ
    assert "`nst release losses`" in differ and "`nst grade losses --force`" in differ
    assert {student: row[2:4] for student, row in rows.items()} == {"ada": ["10", "15"], "bo": ["10", "15"]}
    assert all("changed since." in row for row in map(" ".join, rows.values()))

    course.judge("ada", ["test_gram_matrix"], tests=new)  # judged, and not released: 64 of 15
    _, lines, rows, _ = told()
    assert agree(course)["ada"] == ("64", "15")
    assert "changed since." in " ".join(rows["ada"])
    assert any(line.startswith("Tests or points have changed since these marks were given: ada, bo;") for line in lines)

    course.release(new)  # released: bo's mark is of the old points
    _, lines, rows, _ = told()
    assert agree(course) == {"ada": ("64", "69"), "bo": ("10", "69")}
    assert not any(" differ " in line for line in lines)
    assert "changed" not in " ".join(rows["ada"]) and "changed since." in " ".join(rows["bo"])

    course.write_answers(old)  # undone
    _, lines, rows, _ = told()
    assert any("(test_tv_loss 6 and 60)" in line for line in lines)
    assert all("changed since." in " ".join(row) for row in rows.values())

    course.release(old)
    for student in ("ada", "bo"):
        course.judge(student, ["test_gram_matrix"])
    _, lines, rows, _ = told()
    assert agree(course) == {"ada": ("10", "15"), "bo": ("10", "15")}
    assert not any("changed since" in line or " differ " in line for line in lines)


def test_a_changed_test_is_told_and_changed_prose_is_not(course, told):
    course.judge("ada")
    script = course.folder / "answers" / "losses" / "1-losses.py"
    text = script.read_text()
    script.write_text(text.replace("# # Prose", "# # Prose, corrected").replace("answer = 1", "answer = 2 - 1"))
    _, _, rows, _ = told()
    assert rows["ada"] == ["ada", "graded", "15", "15", "0", "0"]
    script.write_text(text.replace("assert answer == 1", "assert answer == 2", 1))
    _, lines, rows, _ = told()
    assert " ".join(rows["ada"]).endswith("Its tests or points have changed since.")
    assert any("`nst grade losses --force`" in line for line in lines)


def test_a_test_that_is_newer_than_a_mark_is_judged_and_not_graded_by_hand(course, told):
    course.judge("ada")
    new = TESTS | {"2-style": {"test_gram_matrix": 5.0, "test_new": 2.0}}
    course.write_answers(new)
    course.release(new)
    with course.gradebook() as gradebook:
        cell = gradebook.find_grade_cell("test_new", "2-style", "losses")
        handed_in = gradebook.find_submission_notebook("2-style", "losses", "ada")
        gradebook.db.add(Grade(cell_id=cell.id, notebook=handed_in))
        gradebook.db.commit()
    _, _, rows, _ = told()
    assert rows["ada"][:4] == ["ada", "graded", "15", "17"]
    assert " ".join(rows["ada"]).endswith("0 0 Its tests or points have changed since.")


def test_a_test_that_the_gradebook_does_not_know_is_told(course, told):
    course.judge("ada")
    course.write_answers(TESTS | {"2-style": {"test_renamed": 5.0}})
    _, lines, _, _ = told()
    assert any("(test_gram_matrix none and 5, test_renamed 5 and none)" in line for line in lines)


def test_without_the_sources_a_report_comes_all_the_same(course, told):
    course.judge("ada")
    shutil.rmtree(course.folder / "answers")
    assert told()[2]["ada"] == ["ada", "graded", "15", "15", "0", "0"]


def test_sources_that_are_being_edited_stop_no_report(course, told):
    course.judge("ada")
    (course.folder / "answers" / "losses" / "1-losses.py").write_bytes(b"# %%\n\xff")
    status, _, rows, said = told()
    assert status == 1 and "could not be read" in said
    assert rows["ada"][:4] == ["ada", "graded", "15", "15"]


# Who is there


def test_who_was_removed_is_gone_whatever_is_left_of_them(course, told):
    course.judge("ada")
    course.judge("gone")
    with course.gradebook() as gradebook:
        gradebook.remove_student("gone")
    status, lines, rows, _ = told()
    assert (status, set(rows), set(course.sheet())) == (0, {"ada"}, {"ada"})
    assert agree(course) == {"ada": ("15", "15")}
    assert "Records in judged/ of students whom the gradebook no longer has: gone." in lines
    course.hand_in("gone", "something new")
    assert told()[2]["gone"][:3] == ["gone", "not", "judged"]


def test_a_submission_that_was_removed_is_missing_and_what_lies_there_is_not_judged(course, told):
    for student in ("ada", "bo"):
        course.judge(student)
        with course.gradebook() as gradebook:
            gradebook.remove_submission("losses", student)
    shutil.rmtree(course.folder / "submitted" / "bo")
    rows = told()[2]
    assert rows["ada"][:3] == ["ada", "not", "judged"] and rows["bo"] == ["bo", "missing"]


def test_what_is_handed_in_again_is_told(course, told):
    for student in ("same", "changed", "fewer", "linked"):
        course.judge(student)
    course.hand_in("changed", "as it is now")
    (course.folder / "submitted" / "fewer" / "losses" / "2-style.ipynb").unlink()
    linked = course.folder / "submitted" / "linked" / "losses" / "2-style.ipynb"
    os.rename(linked, course.folder / "elsewhere.ipynb")
    linked.symlink_to(course.folder / "elsewhere.ipynb")
    _, lines, rows, _ = told()
    assert rows["same"] == ["same", "graded", "15", "15", "0", "0"]
    for student in ("changed", "fewer", "linked"):
        assert rows[student] == [student, "graded", "15", "15", "0", "0", "Handed", "in", "again", "since."]
    assert any("judged: changed, fewer, linked; `nst grade losses`" in line for line in lines)


def test_who_could_not_be_judged_keeps_the_old_mark(course, told):
    course.judge("ada", ["test_gram_matrix"])
    troubles = {"ada": "The sandbox did not start.", "new\udcff": "Its folder is a file."}
    status, _, rows, _ = told(troubles=troubles)
    assert status == 0
    assert " ".join(rows["ada"]) == "ada not judged 10 15 gram_matrix 0 0 The sandbox did not start."
    assert " ".join(rows["new\\udcff"]) == "new\\udcff not judged Its folder is a file."
    assert {student: (row["score"], row["state"]) for student, row in course.sheet().items()} == {
        "ada": ("10.0", "not judged"),
        "new\\udcff": ("", "not judged"),
    }


def test_a_mark_without_a_record_is_shown_as_such(course, told):
    course.judge("ada")
    shutil.rmtree(course.folder / "judged")
    status, _, rows, _ = told()
    assert status == 0
    assert rows["ada"][:5] == ["ada", "no", "record", "15", "15"]


def test_an_assignment_that_is_not_there_is_answered_with_those_which_are(course, capsys):
    (course.folder / "answers" / "other").mkdir()
    (course.folder / "answers" / "other" / "1.py").write_text("")
    for name in ("lossses", "../losses", "", "."):
        with pytest.raises(SystemExit) as ended:
            command.main([name])
        assert str(ended.value) == f"There is no assignment {name!r}; there are: losses, other."
    assert not list(course.folder.rglob("*.html"))


def test_nobody_there_is_a_report_too(course, told):
    status, lines, rows, _ = told()
    assert (status, rows) == (0, {}) and lines[0].startswith("student")
    sentence = "Nobody is there yet; what they hand in belongs in submitted/<student>/losses/."
    assert sentence in lines and html.escape(sentence) in course.page()


def test_a_file_in_the_place_of_a_student_is_told(course, told):
    course.judge("ada")
    (course.folder / "submitted" / "bo").write_text("not a folder")
    (course.folder / "submitted" / ".DS_Store").write_text("")
    (course.folder / "submitted" / "loop").symlink_to("loop")
    (course.folder / "submitted" / "cy").mkdir()
    (course.folder / "submitted" / "cy" / "losses").write_text("a file")
    _, lines, rows, _ = told()
    assert rows["cy"][:3] == ["cy", "not", "judged"]
    assert any(line.endswith("these are none: bo, loop.") for line in lines)


# The report always comes


def records_that_are_none(path):
    """What may stand in a record's place, and what the report says of it."""
    whole = json.loads(path.read_text())

    def written(change):
        path.write_text(change if isinstance(change, str) else json.dumps(change))

    def replaced(make):
        path.unlink()
        make(path)

    return {
        "empty": (lambda: written(""), "is damaged"),
        "half": (lambda: written(json.dumps(whole)[:90]), "is damaged"),
        "not UTF-8": (lambda: path.write_bytes(b'{"state": "\xff"}'), "is damaged"),
        "a list": (lambda: written([whole]), "is damaged"),
        "a number": (lambda: written("7"), "is damaged"),
        "nothing in it": (lambda: written({}), "is damaged"),
        "another state": (lambda: written(whole | {"state": "excellent"}), "is damaged"),
        "a state that is a list": (lambda: written(whole | {"state": ["graded"]}), "is damaged"),
        "not a number": (lambda: written(whole | {"seconds": float("nan")}), "is damaged"),
        "a huge number": (lambda: written(json.dumps(whole).replace("4.2", "1" * 9999)), "is damaged"),
        "a text for a list": (lambda: written(whole | {"flags": "flag"}), "is damaged"),
        "numbers for texts": (lambda: written(whole | {"reasons": [1]}), "is damaged"),
        "marks without names": (lambda: written(whole | {"marks": [{"passed": True}]}), "is damaged"),
        "marks that are none": (lambda: written(whole | {"marks": [None]}), "is damaged"),
        "no evidence": (lambda: written(whole | {"evidence": None}), "is damaged"),
        "hashes that are none": (lambda: written(whole | {"evidence": {"submission": {"a": 1}}}), "is damaged"),
        "nested": (lambda: written("[" * 400_000), "is damaged"),
        "many values": (lambda: written("[" + "0," * 600_000 + "0]"), "holds more than 500,000 values"),
        "long": (lambda: os.truncate(path, 17 * 2**20), "is longer than 16 MB"),
        "a folder": (lambda: replaced(os.mkdir), "is not a file"),
        "a named pipe": (lambda: replaced(os.mkfifo), "is not a file"),
        "a link": (lambda: replaced(lambda path: path.symlink_to("/dev/zero")), "is not a file"),
        "a link to nowhere": (lambda: replaced(lambda path: path.symlink_to("nowhere")), "is not a file"),
    }


def test_a_record_that_is_none_costs_nobody_a_row(course, told):
    course.judge("ada")
    course.judge("bo")
    kinds = records_that_are_none(course.record("bo"))
    for kind, (spoil, sentence) in kinds.items():
        spoil()
        status, _, rows, said = told()
        assert status == 1 and sentence in said and "`nst grade losses --student bo --force`" in said, kind
        assert rows["ada"] == ["ada", "graded", "15", "15", "0", "0"], kind
        assert " ".join(rows["bo"]).startswith(f"bo no record 15 15 judged/bo/losses.json {sentence};"), kind
        assert course.sheet()["bo"]["score"] == "15.0", kind
        if course.record("bo").is_dir():
            course.record("bo").rmdir()
        else:
            course.record("bo").unlink()
        course.write_record("bo", "")


def test_records_of_an_older_version_are_read_as_far_as_they_go(course, told):
    found = course.judge("ada", ["test_gram_matrix"])
    del found["format"]
    found["evidence"]["tests"] = {"1-losses": "of all its prose"}
    course.write_record("ada", json.dumps(found))
    course.judge("bo")
    course.write_record("bo", '{"state": "partial"}')
    status, lines, rows, _ = told()
    assert (status, rows["ada"][:5], rows["bo"][:2]) == (
        0,
        ["ada", "graded", "10", "15", "gram_matrix"],
        ["bo", "partial"],
    )
    assert any(line.startswith("Judged before records said whether tests have changed: ada, bo;") for line in lines)
    assert not any("have changed since" in line for line in lines)


#: As their files' names say, and as everybody reads them.
NAMES = {
    "a\nb": "a\\nb",
    "\x1b[31mred": "\\x1b[31mred",
    "right \u202e to left": "right \\u202e to left",
    "ü" * 120: "ü" * 120,
    "<b>&amp;": "<b>&amp;",
    "s[2]": "s[2]",
    "[a-z]": "[a-z]",
    "*": "*",
    "'q\"": "'q\"",
    "{0}%s`x`": "{0}%s`x`",
}


def test_odd_names_have_rows_like_others(course, told):
    for name in NAMES:
        course.judge(name)
    course.hand_in("not \udcff UTF-8")  # no gradebook takes it
    status, lines, _, said = told()
    assert (status, said) == (0, "")
    assert all(line.isprintable() for line in lines)
    table = lines[1 : lines.index("")]
    assert len([line for line in table if re.search(r"  graded +15  15 ", line)]) == len(NAMES) == len(table) - 1
    scores = {student: row["score"] for student, row in course.sheet().items()}
    assert scores == dict.fromkeys(NAMES.values(), "15.0") | {"not \\udcff UTF-8": ""}
    assert "&lt;b&gt;&amp;amp;</a>" in course.page() and "right \\u202e to left</a>" in course.page()


@pytest.mark.parametrize("assignment", ["week [2]", "[a-z]", "*", "week {}", "a'b", "ä ü"])
def test_names_of_assignments_are_no_patterns(tmp_path, monkeypatch, told, assignment):
    course = ClassOf(tmp_path, monkeypatch, assignment)
    course.judge("s[2]", ["test_gram_matrix"])
    course.hand_in("new")
    (course.folder / "judged" / "s2").mkdir()
    (course.folder / "judged" / "s2" / "a.json").write_text("{}")
    status, _, rows, _ = told(assignment)
    assert status == 0
    assert rows["s[2]"][:4] == ["s[2]", "graded", "10", "15"] and rows["new"][:3] == ["new", "not", "judged"]
    assert course.sheet()["s[2]"]["assignment"] == assignment
    course.hand_in("s[2]", "once more")
    assert any("Handed in again since they were judged: s[2];" in line for line in told(assignment)[1])


def configure(folder, *lines):
    """Write a configuration as the course's own is."""
    beginning = ["from pathlib import Path", "from nst.course.release import gradebook_url", "c = get_config()"]
    (folder / "nbgrader_config.py").write_text("\n".join([*beginning, *lines]), encoding="utf-8")


@pytest.mark.parametrize("name", ["50%41", "what?", "course [1]", "c#1", "ä b"])
def test_names_of_the_courses_folder_are_no_patterns(tmp_path, monkeypatch, told, name):
    (tmp_path / name).mkdir()
    course = ClassOf(tmp_path / name, monkeypatch)
    configure(course.folder, "c.CourseDirectory.db_url = gradebook_url(Path(__file__).resolve().parent)")
    course.judge("ada")
    assert told()[2]["ada"][:4] == ["ada", "graded", "15", "15"]
    assert (course.folder / "gradebook.db").is_file() and [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.slow
def test_a_course_whose_folder_has_an_odd_name_keeps_its_gradebook_there(tmp_path, monkeypatch, told):
    """In an address, %41 would be an A, and what follows a question mark no name."""
    folder = tmp_path / "50%41 what?"
    folder.mkdir()
    monkeypatch.setattr(command, "CHECKOUT", folder)
    course = TinyCourse(folder)
    course.hand_in("ada")
    assert told("tiny")[2]["ada"][:3] == ["ada", "not", "judged"]
    assert (folder / "gradebook.db").is_file() and list(tmp_path.iterdir()) == [folder]


def test_the_report_reads_what_nbgrader_is_told_to_read(course, told):
    """Another gradebook, say, or another folder for what was handed in."""
    course.judge("ada")
    (course.folder / "elsewhere").mkdir()
    for name in ("gradebook.db", "submitted"):
        os.rename(course.folder / name, course.folder / "elsewhere" / name)
    configure(
        course.folder,
        f"c.CourseDirectory.db_url = {gradebook_url(course.folder / 'elsewhere')!r}",
        "c.CourseDirectory.submitted_directory = 'elsewhere/submitted'",
    )
    assert told()[2]["ada"] == ["ada", "graded", "15", "15", "0", "0"]


def spoil_gradebook(path, kind):
    """Make of a gradebook what cannot be read as one."""
    if kind in ("old", "without a table"):
        with sqlite3.connect(path) as database:
            old = "ALTER TABLE grade RENAME COLUMN extra_credit TO bonus"
            database.execute(old if kind == "old" else "DROP TABLE student")
        return
    path.unlink()
    if kind == "a folder":
        path.mkdir()
    elif kind == "a named pipe":
        os.mkfifo(path)
    elif kind != "gone":
        path.write_bytes(b"not a database " * 100 if kind == "something else" else b"")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("old", r"could not be read \(no such column: .*`nbgrader db upgrade`"),
        ("without a table", r"could not be read \(no such table"),
        ("something else", r"could not be read \(file is not a database\).*put back your copy"),
        ("empty", r"could not be read \(no such table"),
        ("gone", "There is no gradebook .*`nst release` makes one"),
        ("a folder", "There is no gradebook"),
        ("a named pipe", "There is no gradebook"),
    ],
)
def test_without_a_gradebook_there_is_a_report_without_points(course, told, kind, sentence):
    course.judge("ada", ["test_gram_matrix"], flags=["Look."])
    course.hand_in("new")
    told()
    before = (course.folder / "judged" / "losses.csv").read_text()
    spoil_gradebook(course.folder / "gradebook.db", kind)
    status, _, rows, said = told()
    assert status == 1 and re.search(sentence, said) and len(said.splitlines()) == 1
    assert rows["ada"] == ["ada", "graded", "0", "1"] and rows["new"][:3] == ["new", "not", "judged"]
    assert (course.folder / "judged" / "losses.csv").read_text() == before
    assert "There are no points without it" in course.page()
    if kind == "gone":
        assert not (course.folder / "gradebook.db").exists()


def test_a_gradebook_that_somebody_is_writing_into_is_told(course, told, monkeypatch):
    course.judge("ada")
    monkeypatch.setattr(points, "PATIENCE", 0.1)
    with sqlite3.connect(course.folder / "gradebook.db", isolation_level=None) as database:
        database.execute("BEGIN EXCLUSIVE")
        status, _, rows, said = told()
        database.execute("ROLLBACK")
    assert status == 1 and "could not be read (database is locked): close what is writing into it" in said
    assert rows["ada"] == ["ada", "graded", "0", "0"]
    assert told()[0] == 0


def test_a_report_changes_nothing_in_the_gradebook(course, told):
    course.judge("ada")
    path = course.folder / "gradebook.db"
    before = path.read_bytes()
    path.chmod(0o444)
    told()
    assert path.read_bytes() == before


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("ending", ["html", "csv"])
def test_a_full_disk_leaves_the_old_files_whole(course, told, monkeypatch, ending):
    course.judge("ada")
    told()
    old = {path.name: path.read_bytes() for path in (course.folder / "judged").iterdir() if path.is_file()}
    course.judge("bo")
    opened = Path.open

    def open_file(path, mode="r", *others, **options):
        """The disk is full once a file has been begun."""
        file = opened(path, mode, *others, **options)
        if "w" in mode and path.name.endswith(ending):
            file.write("half of it")
            file.flush()
            file.write = full
        return file

    monkeypatch.setattr(Path, "open", open_file)
    status, _, rows, said = told()
    assert status == 1 and set(rows) == {"ada", "bo"}
    for name in (f"losses.{ending}", f"losses-understanding.{ending}"):
        assert f"{name} is as it was, as it could not be written (No space left on device): make room for it.\n" in said
    new = {path.name: path.read_bytes() for path in (course.folder / "judged").iterdir() if path.is_file()}
    assert new.keys() == old.keys()
    assert {name for name in old if new[name] == old[name]} == {name for name in old if name.endswith(ending)}


def test_without_a_folder_to_write_to_the_table_is_printed(course, told):
    course.hand_in("ada")
    (course.folder / "judged").write_text("a file in its place")
    status, _, rows, said = told()
    assert status == 1 and rows["ada"][:3] == ["ada", "not", "judged"]
    assert "losses.html" in said and "losses.csv" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_folders_of_somebody_else_are_told(course, told):
    course.judge("ada")
    for name in ("submitted", "judged"):
        (course.folder / name).chmod(0)
    status, _, rows, said = told()
    assert status == 1 and rows["ada"][0] == "ada" and "PermissionError" in said


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_report_is_printed_in_any_encoding(course, monkeypatch, encoding):
    course.judge("ada", reasons=["‘ü’"])
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding=encoding))
    assert show("losses") == 0
    assert "‘ü’".encode(encoding, "backslashreplace") in printed.getvalue()
    assert course.sheet()["ada"]["reason"] == "‘ü’" and "‘ü’" in course.page()


def test_a_report_that_cannot_be_printed_is_written_all_the_same(course, monkeypatch, capsys):
    course.judge("ada")
    with monkeypatch.context() as patch, open("/dev/full", "w") as device:
        patch.setattr(sys, "stdout", device)
        assert show("losses") == 1
    assert "The report could not be printed (No space left on device)." in capsys.readouterr().err
    assert course.sheet()["ada"]["score"] == "15.0"
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)  # as in a program that was started with its output closed
        assert show("losses") == 0


@pytest.mark.slow
def test_whoever_reads_only_the_first_line_ends_nothing(course):
    for number in range(9):
        course.hand_in(f"student-{number}" * 20)
    program = f"""
        import sys
        from pathlib import Path
        from nst.commands import report
        report.CHECKOUT = Path({str(course.folder)!r})
        sys.stdin.readline()  # until nobody reads any more
        report.main(["losses"])
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], **pipes) as process:
        process.stdout.close()
        process.stdin.write(b"go\n")
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0 and len(course.sheet()) == 9


# Nothing of a student's runs anywhere


def test_nothing_of_a_student_runs_in_a_browser_a_terminal_or_a_spreadsheet(course, told):
    sentences = {"reasons": [HOSTILE, "\ud800"], "flags": [HOSTILE], "repairs": [HOSTILE]}
    found = course.judge("=cmd", ["test_tv_loss"], **sentences)
    found["marks"][0] |= {"message": HOSTILE, "grade_id": "test_tv_loss" + HOSTILE}
    found["evidence"]["versions"] = {HOSTILE: HOSTILE}
    found["evidence"]["submission"][HOSTILE] = HOSTILE
    course.write_record("=cmd", json.dumps(found))
    _, lines, _, _ = told()
    page = course.page()
    assert "<script" not in page and "&lt;script&gt;alert" in page and "\x1b" not in page
    assert not any("\x1b" in line for line in lines) and all(line.isprintable() for line in lines)
    row = course.sheet()["'=cmd"]
    assert (row["score"], row["max_score"]) == ("9.0", "15.0")
    assert row["reason"].isprintable() and row["reason"].startswith("<script>")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"])
def test_no_cell_of_the_file_begins_as_a_formula(course, told, sign):
    course.judge("ada", reasons=[f"{sign}cmd|' /C calc'!A0"])
    course.hand_in(f"{sign}1+1")
    told()
    text = (course.folder / "judged" / "losses.csv").read_text(encoding="utf-8")
    assert text.count("\n") == 3 and not text.startswith("\ufeff")  # a line a student, whatever the name
    for row in course.sheet().values():
        assert not any(cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in row.values())


def test_the_page_loads_nothing_and_fits_a_telephone(course, told, tmp_path):
    course.judge("ada", ["test_tv_loss"], reasons=[HOSTILE, "a" * 300], penalty=3.0)
    course.by_hand("ada", "test_gram_matrix", 2.0)
    course.hand_in("<img src=x onerror=alert(1)>")
    course.hand_in("new" * 60)
    told()
    with open_browser(tmp_path) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        for width in (360, 700, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto((course.folder / "judged" / "losses.html").as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert all(url.startswith("file:") and url.endswith("losses.html") for url in asked)
        assert page.locator("details").is_visible()
        page.get_by_text("ada").first.click()
        page.locator("summary").click()
        assert page.get_by_text("Late: 3 off.").is_visible()
