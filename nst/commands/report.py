"""`nst report`: what became of every submission."""

import argparse
import sys
from pathlib import Path

from nst.grading.report import as_page, as_text, read_records, read_scores, rows, write_csv
from nst.paths import CHECKOUT, whole_file


def main(arguments=None):
    """`nst report`: print what became of every submission, and write judged/<assignment>.html and .csv."""
    parser = argparse.ArgumentParser(prog="nst report", description=main.__doc__)
    parser.add_argument("assignment", help="such as neural-style-transfer")
    assignment = parser.parse_args(arguments).assignment
    root = CHECKOUT or Path.cwd()
    records = read_records(root, assignment)
    if not records:
        sys.exit(f"Nothing of {assignment!r} has been judged yet; `nst grade {assignment}` does it.")
    table = rows(records, read_scores(root, assignment))
    page, sheet = (Path(root, "judged", f"{assignment}.{suffix}") for suffix in ("html", "csv"))
    with whole_file(page) as unfinished:
        unfinished.write_text(as_page(assignment, table, records), encoding="utf-8")
    write_csv(sheet, assignment, table)
    print(as_text(table))
    print(f"\nEverything in detail: {page}\nFor a learning platform: {sheet}")
