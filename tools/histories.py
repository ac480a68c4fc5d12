"""Go through random histories of marks with the real judge, and compare all numbers after each step.

    python tools/histories.py --histories 200

Hand in, hand in again, grade, grade by hand, change points, rename a test, remove a student, move the due date,
release, make feedback: tests/support/histories.py has the rules and the model. Where two numbers differ the exit code
is 1, and Hypothesis prints the history. 200 histories of 15 steps take about an hour.
"""

import argparse
import logging
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests.support

from nst.grading.judge import judge
from tests.support import histories


def main():
    """Go through them, and say how many there were."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--steps", type=int, default=15)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    compared = histories.go_through(options.histories, options.steps, judge)
    print(
        f"{options.histories} histories, all numbers compared {compared} times, 0 differences; "
        f"{len(histories._judgements)} different submissions judged, {time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
