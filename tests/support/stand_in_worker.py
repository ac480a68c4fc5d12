"""A worker as `nst worker` starts it, with a judge that does what the parcel says; queues.py starts it in a process."""

import os
import sys
import time

import procrastinate  # noqa: F401 (so that whoever is forked from here has it)

from nst.grading.faults import NotJudged
from nst.grading.judgement import Judgement
from nst.grading.queue.outcome import as_bytes
from nst.grading.queue.postgres import Database
from nst.grading.queue.postgres_worker import Worker


def outcome_of(parcel):
    """What the judge here makes of a parcel: an outcome that says what was in it."""
    return as_bytes(Judgement("graded", [], [], [parcel.decode()]))


def work(url, queue, seconds, judged, jobs, said):
    """Judge what comes, in so many seconds each; `judged` and `said` are files for what is judged and told, or ""."""
    output = os.open(said or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)

    def judge(queue, parcel):
        time.sleep(seconds)
        if judged:
            with open(judged, "a") as file:
                file.write(parcel.decode() + "\n")
        if parcel.startswith(b"kill"):
            os.kill(os.getpid(), 9)
        if parcel.startswith(b"fault"):
            raise NotJudged("There are no walls here.")
        return b"nonsense" if parcel.startswith(b"nonsense") else outcome_of(parcel)

    def check():
        raise NotJudged("This machine is not fit.")

    with Database(url) as database:
        try:
            Worker(database, [queue], jobs, judge, check, tell=lambda sentence: print(sentence, flush=True)).run()
        except NotJudged as error:
            sys.exit(str(error))
