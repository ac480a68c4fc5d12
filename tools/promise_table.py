"""Print, as a Markdown table, what every exercise promises, and that the check and the hidden tests hold it to that.

    python tools/promise_table.py

A row: the assignment, the exercise, a promise, and for both kinds of tests whether they reject the reference solution
once it breaks this promise alone. What is not promised has its reason there. The exit code is 1 where a broken promise
is accepted, or an unbroken function is not. A few minutes.
"""

import sys
from functools import cache
from importlib import import_module

from nst.course.answers import hidden_tests
from nst.course.release import assignments
from nst.paths import CHECKOUT
from tests.support.promises import PROMISES, spoilers
from tools.mutation_table import complaint, handed_in

HEADER = ["assignment", "exercise", "promise", "the check", "the hidden tests"]
NOTHING = "nothing broken"

_hidden = cache(hidden_tests)


def verdicts(assignment, exercise):
    """(promise, complaint of the check, of the hidden tests) for the right function and for each spoilt one."""
    module = assignment.replace("-", "_")
    check = import_module(f"nst.checks.{module}").check
    _, right = import_module(f"tests.support.forms.{module}").ACCEPTED[exercise][0]
    for promise, function in [(NOTHING, right), *spoilers(PROMISES[assignment][exercise], right)]:
        given = handed_in(function, exercise)
        yield promise, complaint(check, given), complaint(_hidden(assignment)[exercise], given)


def main():
    """Print the table; the exit code."""
    print("| " + " | ".join(HEADER) + " |\n|" + "---|" * len(HEADER))
    failed = broken = 0
    for assignment in assignments(CHECKOUT / "answers"):
        for exercise, promises in PROMISES[assignment].items():
            for promise, *said in verdicts(assignment, exercise):
                right = promise == NOTHING
                broken += not right
                failed += sum(bool(complaints) == right for complaints in said)
                words = ["rejects" if complaints else "accepts" for complaints in said]
                print(f"| {assignment} | {exercise} | {promise} | {words[0]} | {words[1]} |", flush=True)
            for promise, reason in promises.not_promised():
                print(f"| {assignment} | {exercise} | {promise} | not promised: {reason} | |")
    print(f"\n{broken} broken promises; {failed} of {2 * broken} verdicts are wrong.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
