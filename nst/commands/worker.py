"""`nst worker`: judge what waits in a queue, on this machine, for somebody who grades on another."""

import argparse
import os
import sys

from nst.course.release import assignments, demand_answers, read_source
from nst.paths import CHECKOUT


def main(arguments=None):
    """`nst worker`: take submissions from a queue in PostgreSQL, judge them here, and tell what they came to."""
    parser = argparse.ArgumentParser(prog="nst worker", description=main.__doc__)
    parser.add_argument(
        "--queue",
        metavar="URL",
        help="postgresql://user@host/database; better in the environment variable NST_QUEUE, which nobody else sees",
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="judge N at a time (default: as many as there are cores)")
    parser.add_argument("--prepare", action="store_true", help="make the queue's tables and rights, and end")
    options = parser.parse_args(arguments)
    demand_answers("nst worker")
    url = queue_url(options.queue)

    from nst.grading.faults import NotJudged
    from nst.grading.queue.postgres import QueueError

    try:
        if options.prepare:
            _prepare(url)
        else:
            _work(url, options.jobs)
    except (QueueError, NotJudged) as error:
        sys.exit(str(error))


def queue_url(given):
    """The address of the queue: what was given, else what the environment says. Ends the command where there is none,
    or where the programs for it are not installed."""
    url = given or os.environ.get("NST_QUEUE")
    if not url:
        sys.exit("Expected the queue's address, postgresql://user@host/database, after --queue or in NST_QUEUE.")
    try:
        import procrastinate  # noqa: F401
        import psycopg  # noqa: F401
    except ImportError as error:
        sys.exit(f"A queue needs programs that are not installed ({error}): say `.venv/bin/pip install -e .[queue]`.")
    return url


def _prepare(url):
    from nst.grading.queue.postgres import prepare

    if prepare(url):
        print("The queue is ready, for you and for all members of the role nst_worker.")
    else:
        print(
            "The queue is ready, for you alone. For workers that may do nothing else, have the database's "
            "administrator say `CREATE ROLE nst_worker NOLOGIN`, and prepare it again."
        )


def _work(url, jobs):
    from traitlets.config import PyFileConfigLoader

    from nst.grading.queue.keys import judge_key, release_key
    from nst.grading.queue.pool import cores
    from nst.grading.queue.postgres import Database, queue_name
    from nst.grading.queue.postgres_worker import Judges, Worker
    from nst.grading.walls.sandbox import Limits

    config = PyFileConfigLoader("nbgrader_config.py", path=str(CHECKOUT)).load_config()
    limits, jobs = Limits(**config.JudgedAutograde.get("limits", {})), jobs or cores()
    answers, courses = CHECKOUT / "answers", {}
    for assignment in assignments(answers):
        sources = {script.stem: read_source(script) for script in sorted((answers / assignment).glob("*.py"))}
        courses[queue_name(release_key(sources), judge_key(limits, False))] = sources
    with Database(url) as database, Judges(courses, limits) as judges:
        judges.check()
        print(f"Waiting for submissions of {len(courses)} assignments, to judge {jobs} at a time.", flush=True)
        Worker(database, courses, jobs, judges.judge, judges.check, tell=_say).run()


def _say(sentence):
    print(sentence, flush=True)
