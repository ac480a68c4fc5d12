"""What became of every submission (survey.py), as a table, a page, and a CSV file for a learning platform."""

import csv
import re
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from nst.grading.survey import RARE, STATES
from nst.paths import whole_file

#: Columns of texts; in the others stand numbers.
TEXTS = ("student", "state", "no points for", "reason")


def as_text(survey):
    """The table for a terminal, and below it what is to be said of the class."""
    columns = survey.columns
    *others, last = columns
    rows = [[*(_cut(_cell(row, name), 48) for name in others), _cut(_cell(row, last), 120)] for row in survey.rows]
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    sides = [str.ljust if name in TEXTS else str.rjust for name in columns]
    lines = [
        "  ".join(side(text, width) for side, text, width in zip(sides, line, widths, strict=True)).rstrip()
        for line in (columns, *rows)
    ]
    return "\n".join([*lines, *(f"\n{shown(sentence)}" for sentence in survey.notices)])


def write_page(path, survey, beside=()):
    """Write the report as an HTML page that loads and runs nothing; report.html.j2 says how it looks.

    beside: (title, name) of other pages in the folder.
    """
    pages = templates(Path(__file__).parent)
    pages.filters |= {"line": shown, "with_code": _with_code}
    states = [row.state for row in survey.rows]
    counted = {state: states.count(state) for state in STATES if state in states}
    page = pages.get_template("report.html.j2").render(
        survey=survey, counted=counted, cell=_cell, texts=TEXTS, made=datetime.now(), beside=beside
    )
    with whole_file(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")


def templates(folder):
    """The Jinja environment of the templates in a folder.

    Names, records, code and outcomes come from students: all that they hold is escaped, and shown as `shown` has it.
    """
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: shown(value, "\n\t") if type(value) is str else value,
    )


def write_csv(path, survey):
    """A line for each student, for a learning platform; whoever has no mark has an empty score.

    It begins with no byte order mark, which many a platform takes for a part of the first column's name.
    """
    with whole_file(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["student", "assignment", "score", "max_score", "state", "reason"])
        for row in survey.rows:
            student, assignment, reason = map(no_formula, (row.student, survey.assignment, row["reason"]))
            writer.writerow([student, assignment, row["points"], row["of"], row.state, reason])


def shown(text, kept=""):
    """A text that moves no cursor, breaks no line and is UTF-8: what is not printable, as Python writes it.

    kept: characters that stay.
    """
    return "".join(
        letter if letter.isprintable() or letter in kept else letter.encode("unicode_escape").decode()
        for letter in text
    )


def no_formula(text):
    """A spreadsheet takes a text that begins so for a formula, and runs it; the wide signs where Japanese is read."""
    text = shown(text)
    return "'" + text if text.startswith(tuple("=+-@＝＋－＠")) else text


def _cell(row, column):
    """What stands in a cell of the table: a number as people write it, with two decimals at most, or a text."""
    value = row[column]
    if isinstance(value, str):
        return shown(value)
    return f"{round(value, 2) + 0.0:{'+' if column in RARE else ''}.12g}"


def _with_code(sentence):
    """A sentence for a page, with the commands in it to be told from its words."""
    parts = re.split("`([^`]*)`", shown(sentence))
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts))


def _cut(text, length):
    return text if len(text) <= length else text[: length - 1] + "…"
