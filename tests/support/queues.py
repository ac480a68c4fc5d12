"""Queues in a PostgreSQL of the tests' own, workers whose judge only looks at the parcel, and how fast a queue is."""

import hashlib
import time
from contextlib import contextmanager
from pathlib import Path

from nst.grading.queue.postgres import prepare
from nst.grading.queue.postgres_pool import PostgresPool
from nst.grading.walls.sandbox import Limits
from tests.support.forked import PROCESSES
from tests.support.postgres import cluster
from tests.support.stand_in_worker import work

#: The one who grades, a worker, and somebody else who has a password.
USERS = "nst_grader", "nst_lab", "stranger"
ROOT = Path(__file__).resolve().parents[2]


def jobs_of(*parcels):
    """Pairs of key and parcel."""
    parcels = [parcel.encode() for parcel in parcels]
    return {hashlib.sha256(parcel).hexdigest(): parcel for parcel in parcels}


class Queue:
    """A database with a queue, prepared. url: of its owner, who grades; worker: of a worker; root: of the superuser."""

    def __init__(self, root, database, ready=True):
        import psycopg

        self.admin = psycopg.connect(f"{root}/postgres", autocommit=True)
        self.admin.execute(f"CREATE DATABASE {database} OWNER nst_grader")
        self.admin.close()
        self.root = f"{root}/{database}"
        self.url, self.worker, self.stranger = (self.of(name) for name in USERS)
        self.admin = psycopg.connect(self.root, autocommit=True, options="-c search_path=nst_queue")
        if ready:
            prepare(self.url)

    def of(self, user):
        """The address for a user, whose password is the name."""
        return f"postgresql://{user}:{user}@{self.root.partition('@')[2]}"

    def pool(self, sources=None, **settings):
        """A PostgresPool."""
        return PostgresPool(self.url, sources or {}, Limits(), **settings)

    def rows(self, statement, *values):
        """What the superuser is told."""
        return self.admin.execute(statement, values).fetchall()

    def start(self, name, seconds=0.0, judged="", jobs=1, said=""):
        """A worker's process; name: of the queue. It takes so many seconds over each, and notes them in a file."""
        process = PROCESSES.Process(target=work, args=(self.worker, name, seconds, judged, jobs, said))
        process.start()
        return process

    def let_time_pass(self, worker):
        """An hour without a sign of life of a worker, by its number in the database."""
        self.admin.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' WHERE id = %s", (worker,)
        )

    def cut(self):
        """End every connection but this one."""
        return self.rows(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )[0][0]


@contextmanager
def server(fsync=False):
    """The superuser's address of a PostgreSQL with the roles that administrators are told to make."""
    import psycopg

    with cluster(fsync) as root:
        with psycopg.connect(f"{root}/postgres", autocommit=True) as admin:
            for statement in (ROOT / "deploy" / "roles.sql").read_text(encoding="utf-8").split(";\n"):
                admin.execute(statement)
            admin.execute("CREATE ROLE stranger LOGIN")
            for user in USERS:
                admin.execute(f"ALTER ROLE {user} PASSWORD '{user}'")
        yield root


def queue_per_second(count=2000, jobs=4):
    """Jobs a second that go through the queue, put in, taken, done and heard of, when judging takes no time.

    One who grades, one worker's process that takes `jobs` at a time, and PostgreSQL, which waits for its disk.
    """
    with server(fsync=True) as root:
        queue = Queue(root, "speed")
        with queue.pool() as pool:
            worker = queue.start(pool.queue, jobs=jobs)
            try:
                list(pool.judge(jobs_of("warm up")))
                began = time.monotonic()
                done = list(pool.judge(jobs_of(*map(str, range(count)))))
                seconds = time.monotonic() - began
            finally:
                worker.terminate()
                worker.join()
        queue.admin.close()
    assert len({event.name for event in done}) == count
    return count / seconds
