"""`nst release`: write the student notebooks from the answers."""

import argparse
import sys

from nst.course.release import assignments, demand_answers, differences, release
from nst.paths import CHECKOUT


def main(arguments=None):
    """`nst release`: write `notebooks/` from `answers/`, or with --check say what is out of step."""
    parser = argparse.ArgumentParser(prog="nst release", description=main.__doc__)
    parser.add_argument("assignment", nargs="*", help="which assignments (default: all)")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if notebooks/ is out of step")
    parser.add_argument("--force", action="store_true", help="replace notebooks that hold somebody's work")
    options = parser.parse_args(arguments)
    demand_answers("nst release")
    try:
        stale = differences(CHECKOUT) if options.check else []
    except RuntimeError as error:
        sys.exit(str(error))
    if stale:
        sys.exit("Out of step with answers/, run `make release`: " + ", ".join(stale))
    if options.check:
        print("notebooks/ is in step with answers/.")
        return
    unknown = set(options.assignment) - set(assignments(CHECKOUT / "answers"))
    if unknown:
        sys.exit(f"answers/ has no assignment {', '.join(sorted(unknown))}.")
    try:
        for name in release(CHECKOUT, options.assignment, options.force):
            print(f"released notebooks/{name}")
    except RuntimeError as error:
        sys.exit(str(error))
