"""What an instructor reads about a class: a table, a page, a file for a learning platform."""

import csv
import json
import os
import sysconfig

import pytest
from nbgrader.api import Gradebook

from nst.commands import report as command
from nst.grading import report


def record(student, state="graded", passed=(True, True), **others):
    """What the judge keeps of a submission of two tests."""
    marks = [
        {"notebook": "1-losses", "grade_id": name, "points": points, "passed": ok, "message": "" if ok else "wrong"}
        for name, points, ok in zip(("test_tv_loss", "hidden_gram_matrix"), (6.0, 4.0), passed, strict=True)
    ]
    points = sum(mark["points"] for mark in marks if mark["passed"])
    evidence = {"submission": {"1-losses.ipynb": "ab12"}, "tests": {"1-losses": "cd34"}, "versions": {"numpy": "2.3"}}
    sentences = {"reasons": [], "repairs": [], "flags": []} | others
    numbers = {"points": points, "possible": 10.0, "seconds": 4.2}
    return {"student": student, "state": state, "marks": marks, "evidence": evidence, **sentences, **numbers}


HOSTILE = "<script>alert(1)</script>\x1b[2J=1+1"


def test_the_table_says_what_became_of_everybody():
    records = {
        "ada": record("ada"),
        "bo": record("bo", passed=(True, False), flags=["numpy.py was ignored."]),
        "cy": record("cy", "quarantined", (False, False), reasons=["'1-losses.ipynb' is no JSON."]),
    }
    table = report.rows(records, {"ada": 10.0, "bo": 7.5, "dee": None})
    assert [row["state"] for row in table] == ["graded", "graded", "quarantined", "missing"]
    assert [row["points"] for row in table] == [10.0, 7.5, 0, ""]  # bo's was changed by hand
    assert table[1]["no points for"] == "gram_matrix" and table[1]["flagged"] == 1
    lines = report.as_text(table).splitlines()
    assert len(lines) == 5 and "'1-losses.ipynb' is no JSON." in lines[3]
    assert lines[0].split()[:4] == ["student", "state", "points", "of"]


def test_nothing_of_a_student_runs_in_a_browser_a_terminal_or_a_spreadsheet(tmp_path):
    records = {"=cmd": record("=cmd", passed=(False, True), reasons=[HOSTILE], flags=[HOSTILE], repairs=[HOSTILE])}
    records["=cmd"]["marks"][0]["message"] = HOSTILE
    records["=cmd"]["evidence"]["submission"] = {HOSTILE: "ab"}
    table = report.rows(records, {})
    page = report.as_page("x", table, records)
    assert "<script" not in page and "&lt;script&gt;alert" in page
    assert "\x1b" not in report.as_text(table)
    report.write_csv(tmp_path / "x.csv", "x", table)
    with (tmp_path / "x.csv").open(newline="") as file:
        _, (student, _, score, possible, *_) = csv.reader(file)
    assert student == "'=cmd" and (float(score), float(possible)) == (4, 10)


def test_the_command_reads_records_and_gradebook(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "CHECKOUT", tmp_path)
    # nbgrader calls alembic by name where it makes a gradebook; nbgrader_config.py sees to that.
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts"), prepend=os.pathsep)
    folder = tmp_path / "judged" / "ada"
    folder.mkdir(parents=True)
    (folder / "losses.json").write_text(json.dumps(record("ada")))
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}", "nst") as gradebook:
        gradebook.add_assignment("losses")
        gradebook.add_student("late")
    command.main(["losses"])
    printed = capsys.readouterr().out
    assert "ada" in printed and "late" in printed and "missing" in printed
    assert "ab12" in (tmp_path / "judged" / "losses.html").read_text()
    assert (tmp_path / "judged" / "losses.csv").read_text().count("\n") == 2


def test_an_assignment_that_was_not_judged_gets_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "CHECKOUT", tmp_path)
    with pytest.raises(SystemExit, match=r"^Nothing of 'losses' has been judged yet; `nst grade losses` does it.$"):
        command.main(["losses"])
