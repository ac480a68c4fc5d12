"""`nst grade`: judge the submissions of an assignment, as `nbgrader autograde` does, and print the report."""

import argparse
import logging
import sys

from nst.commands.worker import queue_url
from nst.course.release import demand_answers
from nst.paths import CHECKOUT


def main(arguments=None):
    """`nst grade`: judge submissions into the gradebook, then print the report."""
    parser = argparse.ArgumentParser(prog="nst grade", description=main.__doc__)
    parser.add_argument("assignment", help="such as neural-style-transfer; its submissions are in submitted/<student>/")
    parser.add_argument("--student", default="*", help="only this student (default: everybody)")
    parser.add_argument("--force", action="store_true", help="judge again what has been judged")
    parser.add_argument("--jobs", type=_count, help="how many to judge at a time (default: as many as there are cores)")
    parser.add_argument(
        "--queue",
        nargs="?",
        const="",
        metavar="URL",
        help="let workers judge, by way of this postgresql://…, or without it that in the variable NST_QUEUE, which "
        "nobody else sees; docs/grading-on-many-machines.md says how",
    )
    parser.add_argument(
        "--unsafe", action="store_true", help="run without a sandbox, with your own rights: only what you trust"
    )
    options = parser.parse_args(arguments)
    if options.queue is not None:
        options.queue = queue_url(options.queue)
    demand_answers("nst grade")

    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    from nst.commands import report
    from nst.commands.standings import Standings
    from nst.grading.autograde import JudgedAutograde

    config = PyFileConfigLoader("nbgrader_config.py", path=str(CHECKOUT)).load_config()
    course = CourseDirectory(config=config, assignment_id=options.assignment, student_id=options.student)
    chosen = {name: value for name in ("jobs", "queue") if (value := getattr(options, name)) is not None}
    converter = JudgedAutograde(coursedir=course, config=config, force=options.force, unsafe=options.unsafe, **chosen)
    converter.progress = standings = Standings()
    converter.log.setLevel(logging.CRITICAL)  # what else it says stands in the report, or in the sentence at the end
    trouble = ""
    try:
        converter.start()
    except NbGraderException as error:
        trouble = str(error)
    except KeyboardInterrupt:
        trouble = "Canceled: what the report shows is done, and `nst grade` goes on with the rest."
    status = report.show(options.assignment, troubles=converter.troubles)
    standings.sum_up()
    sys.exit(trouble or status)


def _count(text):
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"expected a number of processes, and found {text}")
    return number
