"""Print, as a Markdown table, how the forms of tests/ fare: right ones are accepted, wrong ones rejected and named.

    python tools/form_table.py neural-style-transfer

A row: the exercise, a wrong form, what the visible check says first, whether the hidden tests reject it too, and
whether the check names what is wrong: a misunderstanding, a promise that is broken, or what an exception means; the
advice that is given of any wrong value is no name. Misunderstandings have a table of their own, mutation_table. The
exit code is 1 where a right form is rejected, a wrong one accepted by either kind of tests, or under 90 % are named.
"""

import argparse
import sys
from importlib import import_module

from nst.checks.engine import find_verdict
from nst.checks.verdict import RIGHT
from nst.course.answers import hidden_tests
from nst.course.release import assignments
from nst.paths import CHECKOUT
from tools.mutation_table import complaint, handed_in

HEADER = ["exercise", "wrong form", "the visible check says", "hidden tests", "named"]
#: What a student reads where nobody knows what is wrong.
ADVICE = "Hold your code against the formula"


def is_named(verdict, exercise):
    """Does a verdict say what is wrong, more than that a value, a shape or a line is?"""
    if verdict.explanation or any(name for name, _ in verdict.causes):
        return True
    advised = any(hint.startswith(ADVICE) or hint in exercise.advice.values() for _, hint in verdict.causes)
    return verdict.error is None and not advised


def rows(assignment):
    """One list per wrong form: the columns of HEADER, the last three as truth values where they are such."""
    module = assignment.replace("-", "_")
    checks, forms = import_module(f"nst.checks.{module}"), import_module(f"tests.support.forms.{module}")
    hidden = hidden_tests(assignment)
    for name, exercise in checks.EXERCISES.items():
        for label, function, *_ in forms.REJECTED[name]:
            verdict = find_verdict(checks.EXERCISES, handed_in(function, name))
            said = "" if verdict.state == RIGHT else verdict.message
            first = said.splitlines()[0] if said else "nothing"
            rejected = bool(complaint(hidden[name], handed_in(function, name)))
            yield [name, label, first, rejected, bool(said) and is_named(verdict, exercise)]


def rejected_right_forms(assignment):
    """(exercise, label, complaint) of each right form that either kind of tests rejects, and how many there are."""
    module = assignment.replace("-", "_")
    checks, forms = import_module(f"nst.checks.{module}"), import_module(f"tests.support.forms.{module}")
    hidden, rejected, count = hidden_tests(assignment), [], 0
    for name in checks.EXERCISES:
        for label, function, *_ in forms.ACCEPTED[name]:
            count += 1
            for run in (checks.check, hidden[name]):
                if said := complaint(run, handed_in(function, name)):
                    rejected.append((name, label, said))
    return rejected, count


def main(arguments=None):
    """Print the table of one assignment; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment", choices=assignments(CHECKOUT / "answers"))
    assignment = parser.parse_args(arguments).assignment

    print("| " + " | ".join(HEADER) + " |\n|" + "---|" * len(HEADER))
    found = []
    for name, label, first, hidden, named in rows(assignment):
        cells = [name, label, first, "yes" if hidden else "no", "yes" if named else "no"]
        print("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |", flush=True)
        found.append((first != "nothing", hidden, named))
    visible, hidden, named = (sum(column) for column in zip(*found, strict=True))
    rejected, right = rejected_right_forms(assignment)
    for name, label, said in rejected:
        print(f"\nright, and rejected: {name}, {label}: {said}")
    print(
        f"\n{len(found)} wrong forms: {visible} rejected by the visible check, {hidden} by the hidden tests, "
        f"{named} named ({100 * named / len(found):.0f} %). {right} right forms, {len(rejected)} verdicts against them."
    )
    return 0 if visible == hidden == len(found) and not rejected and named >= 0.9 * len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
