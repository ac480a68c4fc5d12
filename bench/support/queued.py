"""Grading through a queue in PostgreSQL, with workers of its own, all of which can be killed."""

import subprocess
from contextlib import contextmanager

import psycopg

from bench.support.courses import NST, TINY
from bench.support.kills import Grading
from nst.grading.queue.postgres import SCHEMA
from tests.support.postgres import cluster, programs


class Queued(Grading):
    """`nst grade --queue` and two `nst worker`s, beside a PostgreSQL whose connections are cut."""

    def __init__(self, url, folder, box, log):
        super().__init__([*NST, folder, "grade", TINY, "--queue", url], folder, box, log)
        self.url, self.workers = url, []
        self.targets = {
            "a connection to the database": (6, self._connection),
            "the coordinator of a queue": (3, self._coordinator),
            # Its submission waits for a minute, until it is sure that nobody is at it.
            "a worker of a queue": (1, self._worker),
        }

    def begin(self):
        """Two workers."""
        self._nst("--prepare").wait()
        self.workers = [self._nst("--jobs", "1") for _ in range(2)]

    def _nst(self, *arguments):
        command = self.box.wrap([*NST, self.folder, "worker", "--queue", self.url, *arguments])
        with self.log.open("ab") as said:
            return subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said)

    def pristine(self):
        """Take back what grading has left, in the queue too: or there would be nothing to be judged."""
        super().pristine()
        with psycopg.connect(self.url, autocommit=True, options=f"-c search_path={SCHEMA}") as database:
            tables = "nst_outcome, nst_other_outcome, nst_trouble, nst_parcel, procrastinate_jobs"
            database.execute(f"TRUNCATE {tables} CASCADE")

    def _connection(self, process, dice):
        others = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid"
        with psycopg.connect(self.url, autocommit=True) as database:
            pids = [pid for (pid,) in database.execute(f"SELECT pid {others}")]
            return bool(pids) and database.execute("SELECT pg_terminate_backend(%s)", [dice.choice(pids)]).fetchone()[0]

    def _worker(self, process, dice):
        number = dice.randrange(len(self.workers))
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = self._nst("--jobs", "1")
        return True


@contextmanager
def queue_of_workers(folder, box, log):
    """A Queued, with its PostgreSQL running. Raises RuntimeError where PostgreSQL is not installed."""
    if not programs():
        raise RuntimeError("Expected PostgreSQL's initdb and pg_ctl, and found none: apt install postgresql.")
    with cluster() as server:
        grading = Queued(f"{server}/postgres", folder, box, log)
        try:
            grading.begin()
            yield grading
        finally:
            box.kill()
            for worker in grading.workers:
                worker.kill()
                worker.wait()
