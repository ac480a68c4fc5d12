"""What became of every submission, as a table, a page and a CSV file for a learning platform.

It is made from the records that the judge keeps in judged/, and from nbgrader's gradebook, where points may have been
changed by hand since.
"""

import csv
import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from nst.grading.points import by_exercise
from nst.paths import whole_file

COLUMNS = ("student", "state", "points", "of", "no points for", "repaired", "flagged", "reason")


def read_records(root, assignment):
    """The judge's records of an assignment, student -> dict, sorted."""
    return {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(Path(root, "judged").glob(f"*/{assignment}.json"))
    }


def read_scores(root, assignment):
    """From the gradebook: student -> score, and None for those who have handed in nothing; {} where there is none."""
    from nbgrader.api import Gradebook, MissingEntry

    if not Path(root, "gradebook.db").exists():
        return {}
    with Gradebook(f"sqlite:///{Path(root, 'gradebook.db')}", "nst") as gradebook:
        scores = {student.id: None for student in gradebook.students}
        try:
            submissions = gradebook.assignment_submissions(assignment)
        except MissingEntry:
            return scores
        return scores | {submission.student_id: submission.score for submission in submissions}


def rows(records, scores):
    """A dict for every student, by COLUMNS. scores: see read_scores; the records' own points where it has none."""
    table = []
    for student in sorted(records.keys() | scores.keys()):
        record = records.get(student)
        if record is None:
            if scores[student] is None:
                table.append(dict.fromkeys(COLUMNS, "") | {"student": student, "state": "missing"})
            continue
        points = {
            mark["grade_id"]: (mark["points"] if mark["passed"] else 0, mark["points"]) for mark in record["marks"]
        }
        lost = [name for name, (got, possible) in by_exercise(points).items() if got < possible]
        score = scores.get(student)
        row = (
            student,
            record["state"],
            record["points"] if score is None else score,
            record["possible"],
            ", ".join(lost),
            len(record["repairs"]),
            len(record["flags"]),
            " ".join(record["reasons"]),
        )
        table.append(dict(zip(COLUMNS, row, strict=True)))
    return table


def as_text(table):
    """The table for a terminal."""
    shown = [COLUMNS, *([_in_short(row[name]) for name in COLUMNS] for row in table)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in shown)


def as_page(assignment, table, records):
    """The report as an HTML page that loads and runs nothing; report.html.j2 says how it looks."""
    states = [row["state"] for row in table]
    counted = {state: states.count(state) for state in ("graded", "partial", "quarantined", "missing")}
    # What stands in a record comes from students: the template escapes all of it.
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
    pages.filters["number"], pages.tests["numeric"] = _number, lambda value: isinstance(value, int | float)
    page = pages.get_template("report.html.j2")
    return page.render(assignment=assignment, columns=COLUMNS, table=table, counted=counted, records=records)


def write_csv(path, assignment, table):
    """One line a submission, for a learning platform."""
    with whole_file(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["student", "assignment", "score", "max_score", "state", "reason"])
        for row in table:
            if row["state"] != "missing":
                texts = (_no_formula(row["student"]), assignment, row["points"], row["of"], row["state"])
                writer.writerow([*texts, _no_formula(row["reason"])])


def _no_formula(text):
    """A spreadsheet takes a text that begins so for a formula, and runs it."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _number(value):
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _in_short(value):
    # What comes from a student's file must not move the cursor of a terminal.
    text = "".join(letter if letter.isprintable() else "?" for letter in _number(value))
    return text if len(text) <= 48 else text[:47] + "…"
