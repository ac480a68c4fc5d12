"""`nst watch`: judge what students hand in as it arrives, and give each the feedback that the course allows."""

import argparse
import logging
import signal
import sys
import time
from pathlib import Path

from nst.course.release import demand_answers
from nst.paths import CHECKOUT


def main(arguments=None):
    """`nst watch`: judge what arrives in nbgrader's exchange, within seconds, and release feedback to each student."""
    parser = argparse.ArgumentParser(prog="nst watch", description=main.__doc__)
    parser.add_argument("assignment", help="such as neural-style-transfer")
    parser.add_argument(
        "--folder", type=Path, help="where submissions arrive as <student>/<assignment>/, in place of the exchange"
    )
    parser.add_argument("--attempts", type=_count, default=0, help="feedback at most so often (default: no limit)")
    parser.add_argument(
        "--minutes", type=_minutes, default=0, help="minutes at least between two attempts (default: none)"
    )
    parser.add_argument("--hidden", action="store_true", help="show hidden tests too (default: only the visible ones)")
    parser.add_argument("--jobs", type=_count, help="judge so many at a time (default: as many as there are cores)")
    parser.add_argument(
        "--unsafe", action="store_true", help="run without a sandbox, with your own rights: only what you trust"
    )
    options = parser.parse_args(arguments)
    demand_answers("nst watch")

    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    from nst.grading import watch
    from nst.grading.arrivals.attempts import Allowance
    from nst.grading.records import locked, watch_lock

    config = PyFileConfigLoader("nbgrader_config.py", path=str(CHECKOUT)).load_config()
    assignment = options.assignment
    _demand_assignment(assignment)
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # what nbgrader logs is told here, a line an arrival
    place = watch.place(config, assignment, options.folder)
    allowance = Allowance(options.attempts, options.minutes)
    settings = {"unsafe": options.unsafe, **({"jobs": options.jobs} if options.jobs else {})}
    found = watch.Watch(config, place, _tell, allowance, options.hidden, settings)
    try:
        with locked(watch_lock(CourseDirectory(config=config), assignment), wait=False):
            _until_interrupted(found, place)
    except BlockingIOError:
        sys.exit(f"Another `nst watch` is at work on {assignment}: end that one first.")
    except OSError as error:
        sys.exit(
            f"Expected submissions to arrive in {place.folder}, which cannot be read ({error.strerror}): make the "
            "folder, or name another with --folder."
        )


def _until_interrupted(watch, place):
    """Watch until Ctrl+C, or a service manager, asks for the end: the submission in hand is finished first."""

    def end(number, _):
        print("Ending after the submission in hand; once more ends at once.", flush=True)
        watch.stop()
        signal.signal(number, signal.default_int_handler)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        print(f"Watching {place.folder} for {place.assignment}. Ctrl+C ends.", flush=True)
        watch.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    print("Ended. What arrives now waits for the next `nst watch`.", flush=True)


def _tell(student, state, details):
    """Print a line: the time, whose it is, and what became of it."""
    from nst.grading.report import shown

    print(shown(f"{time.strftime('%H:%M:%S')}  {student:20}  {state:11}  {details}"), flush=True)


def _demand_assignment(name):
    from nst.course.release import assignments

    known = assignments(CHECKOUT / "answers")
    if name not in known:
        sys.exit(f"There is no assignment {name!r} in answers/; there are {', '.join(known)}.")


def _count(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, and is {number}")
    return number


def _minutes(text):
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"must be more than 0, and is {text}")
    return number
