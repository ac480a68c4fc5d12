"""Print, as a Markdown table, how every misunderstanding of an assignment is found out.

    python tools/mutation_table.py fast-style-transfer

A row: the exercise, the misunderstanding, what the visible check finds first, whether the hidden tests of the answers
reject it too, and the hint that the student reads. The exit code is 1 where a misunderstanding passes the visible check
or is not named by it. About a minute.
"""

import argparse
import io
import sys
from contextlib import redirect_stdout
from importlib import import_module

from nst.checks.engine import quiet
from nst.course.answers import hidden_tests
from nst.course.release import assignments
from nst.paths import CHECKOUT

HEADER = ["exercise", "misunderstanding", "the visible check says", "hidden tests", "hint"]


def handed_in(function, name):
    """`function` as a student would hand it in: under the exercise's name."""

    def hand_in(*inputs, **options):
        return function(*inputs, **options)

    hand_in.__name__ = name
    return hand_in


def complaint(run, *arguments):
    """The message of what `run` raises, in silence; "" where it raises nothing."""
    try:
        with redirect_stdout(io.StringIO()), quiet():
            run(*arguments)
    except Exception as error:
        if type(error) in (NameError, ImportError, SyntaxError):  # the tests themselves cannot run here
            raise
        return str(error) or type(error).__name__
    return ""


def rows(assignment):
    """One list per misunderstanding: the columns of HEADER, then whether the visible check rejects and names it."""
    checks = import_module(f"nst.checks.{assignment.replace('-', '_')}")
    hidden = hidden_tests(assignment)
    for name, exercise in checks.EXERCISES.items():
        for m in exercise.misunderstandings:
            said = complaint(checks.check, handed_in(m.function, name))
            named = f"\n{m.name}: {m.hint}" in said
            rejected = name in hidden and complaint(hidden[name], handed_in(m.function, name))
            first = said.splitlines()[0] if said else "nothing"
            yield [name, m.name, first, "yes" if rejected else "no", m.hint], named


def main(arguments=None):
    """Print the table of one assignment; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment", choices=assignments(CHECKOUT / "answers"))
    assignment = parser.parse_args(arguments).assignment

    print("| " + " | ".join(HEADER) + " |\n|" + "---|" * len(HEADER))
    found = []
    for row, named in rows(assignment):
        print("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |", flush=True)
        found.append((named, row[3] == "yes"))
    visible, hidden = (sum(column) for column in zip(*found, strict=True))
    print(
        f"\n{len(found)} misunderstandings: {visible} rejected and named by the visible check, "
        f"{hidden} rejected by the hidden tests."
    )
    return 0 if visible == len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
