"""`nst report`: what became of every submission, as a table, a page and a CSV file for a learning platform.

It is made from the records that the judge keeps in judged/, and from nbgrader's gradebook, where points may have been
changed by hand since.
"""

import csv
import json
from html import escape
from pathlib import Path

from nst.grading.points import by_exercise
from nst.paths import whole_file

COLUMNS = ("student", "state", "points", "of", "no points for", "repaired", "flagged", "reason")

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #2b2b33; max-width: 62rem; margin: 2.5rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; font-weight: 600; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #e9e6df; vertical-align: top; }}
th {{ font-weight: 600; color: #8b8579; }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
.graded {{ color: #3f7a4e; }} .partial {{ color: #b0701a; }}
.quarantined {{ color: #b4452f; }} .missing {{ color: #8b8579; }}
details {{ margin: .6rem 0; border-bottom: 1px solid #e9e6df; padding-bottom: .6rem; }}
summary {{ cursor: pointer; }}
pre {{ white-space: pre-wrap; background: #f6f4ef; padding: .6rem .8rem; border-radius: 4px; font-size: 13px; }}
h3 {{ font-size: 1rem; margin: .8rem 0 .2rem; }}
</style>
<h1>{title}</h1>
<p>{summary}</p>
<table>{table}</table>
<h2>Submission by submission</h2>
{details}
</html>
"""


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
    """The report as an HTML page that loads and runs nothing."""

    def cells(tag, values):
        return "".join(
            f"<{tag}{_style(name, value)}>{escape(_number(value))}</{tag}>"
            for name, value in zip(COLUMNS, values, strict=True)
        )

    head = "<tr>" + "".join(f"<th>{escape(name)}</th>" for name in COLUMNS) + "</tr>"
    body = "".join(f"<tr>{cells('td', [row[name] for name in COLUMNS])}</tr>" for row in table)
    states = [row["state"] for row in table]
    counted = {state: states.count(state) for state in ("graded", "partial", "quarantined", "missing")}
    summary = ", ".join(f"{count} {state}" for state, count in counted.items() if count) or "No submissions."
    details = "\n".join(_details(student, record) for student, record in records.items())
    return PAGE.format(title=escape(f"Report: {assignment}"), summary=summary, table=head + body, details=details)


def _style(name, value):
    if name == "state":
        return f' class="{escape(value)}"'
    return ' class="number"' if isinstance(value, int | float) else ""


def _details(student, record):
    parts = [
        f"<details><summary>{escape(student)}: {_number(record['points'])} of {_number(record['possible'])}</summary>"
    ]
    for title, sentences in (
        ("Why not all of it was graded", record["reasons"]),
        ("Look at this", record["flags"]),
        ("What was repaired", record["repairs"]),
    ):
        if sentences:
            items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
            parts.append(f"<h3>{title}</h3><ul>{items}</ul>")
    for mark in record["marks"]:
        if not mark["passed"]:
            parts.append(f"<h3>{escape(mark['grade_id'])}, {_number(mark['points'])} points</h3>")
            parts.append(f"<pre>{escape(mark['message'])}</pre>")
    evidence = record["evidence"]
    versions = ", ".join(f"{name} {number}" for name, number in evidence["versions"].items())
    hashes = "\n".join(f"{number}  {name}" for name, number in {**evidence["submission"], **evidence["tests"]}.items())
    parts.append(
        f"<p>Judged in {record['seconds']} s with {escape(versions)}.</p><pre>{escape(hashes)}</pre></details>"
    )
    return "".join(parts)


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
