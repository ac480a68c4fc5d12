"""PostgreSQL as the queue and the store of outcomes: what the one who grades and the workers both need of it.

The queue is procrastinate's: jobs, locks, heartbeats and retries are rows and functions of the database. postgres.sql
adds submissions as parcels, outcomes by key, and the rights. All of it lies in the schema `nst_queue`, and nothing in
it is needed once the gradebook is written: whoever drops the schema loses time only.
"""

import hashlib
import sys
import threading
import time
from importlib.metadata import version
from importlib.resources import files

from nst.grading.faults import NotJudged

SCHEMA = "nst_queue"

#: Changes whenever postgres.sql does in a way that the modules here rely on.
FORMAT = 1

#: Seconds between a worker's signs of life, and without any after which its jobs are given to others.
BEAT, SILENCE = 10, 60

#: How often a job is tried: one that two machines could not do, or that has taken two with it, is set aside.
TRIES = 2

#: The name of the one kind of job there is.
TASK = "judge"

#: Seconds of the first wait for a database that does not answer, and of the longest.
WAITS = 0.1, 10.0

#: A database that does not answer is to be noticed within a minute, whatever network lies between.
_NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


class QueueError(NotJudged):
    """The queue cannot be used; one sentence."""


def queue_name(release, judge):
    """The queue of those who have the same release and the same judge.

    PostgreSQL's channels, by which procrastinate wakes workers, have names of at most 63 letters; 40 are left.
    """
    return hashlib.sha256(f"{release} {judge}".encode()).hexdigest()[:40]


def conninfo(url):
    """What psycopg connects with, for postgresql://… Raises QueueError, which shows no password."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    if not url.startswith(("postgresql://", "postgres://")):
        raise QueueError("Expected the queue's address as postgresql://user@host/database, and found another text.")
    try:
        return make_conninfo(**{**_NETWORK, **conninfo_to_dict(url), "options": f"-c search_path={SCHEMA}"})
    except psycopg.Error as error:
        # What psycopg says would show the address, and the password in it.
        raise QueueError(
            "Expected the queue's address as postgresql://user@host/database, and found one that cannot be read "
            f"({type(error).__name__}); signs such as @ and / in a password are written as %40 and %2F."
        ) from None


class Database:
    """A connection to the queue's database, made again whenever it is lost; several threads may use it.

    Raises QueueError where the first one cannot be made, or where `nst worker --prepare` has not been there.
    """

    def __init__(self, url):
        import psycopg

        self.conninfo = conninfo(url)
        self._lock = threading.Lock()
        self.lost = psycopg.OperationalError, psycopg.InterfaceError
        try:
            self._connection = self._connect()
        except self.lost as error:
            raise QueueError(f"The queue's database cannot be reached: {_said(error)}.") from None
        self._demand_prepared()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """End the connection."""
        self._connection.close()

    def ask(self, query, *arguments):
        """The rows that a statement gives, a list of tuples; [] where it gives none. As `do`."""

        def asked(connection):
            cursor = connection.execute(query, arguments, binary=True)
            return cursor.fetchall() if cursor.description else []

        return self.do(asked)

    def do(self, work):
        """What the function work gives of a connection of psycopg's.

        Where the connection is lost, it is made again and all is done again, however long that takes: so it must be
        something that may be done twice.
        """
        wait = WAITS[0]
        with self._lock:
            while True:
                try:
                    if self._connection.closed:
                        self._connection = self._connect()
                    return work(self._connection)
                except self.lost as error:
                    self._connection.close()
                    if wait == WAITS[0]:
                        told = (
                            f"The queue's database does not answer ({_said(error)}); it is asked again until it does."
                        )
                        print(told, file=sys.stderr)
                    time.sleep(wait)
                    wait = min(2 * wait, WAITS[1])

    def _connect(self):
        import psycopg

        return psycopg.connect(self.conninfo, autocommit=True)

    def _demand_prepared(self):
        import psycopg

        try:
            ((prepared,),) = self.ask("SELECT nst_prepared_by()")
        except psycopg.Error:
            if self.ask("SELECT to_regnamespace(%s) IS NULL", SCHEMA) == [(True,)]:
                raise QueueError(
                    "The queue's database is not prepared yet: say `nst worker --prepare` as the one who grades."
                ) from None
            raise QueueError(
                "This user of the queue's database is no worker and not the one who grades: make it a member of "
                "nst_worker, or say `nst worker --prepare` once more after that role was made."
            ) from None
        if prepared != _preparing():
            raise QueueError(
                f"The queue was prepared by {prepared}, and here is {_preparing()}: let all machines have one version "
                f"of the course, then say `DROP SCHEMA {SCHEMA} CASCADE` in the database and `nst worker --prepare`."
            )


def prepare(url):
    """Make the tables, functions and rights of the queue, or make sure of them. Raises QueueError.

    Returns whether the role nst_worker is there, which the rights of workers are given to.
    """
    import psycopg
    from procrastinate.schema import SchemaManager

    try:
        with psycopg.connect(conninfo(url)) as connection:
            if not connection.execute("SELECT to_regnamespace(%s)", (SCHEMA,)).fetchone()[0]:
                connection.execute(f"CREATE SCHEMA {SCHEMA}")
                connection.execute(SchemaManager.get_schema())
                own = files("nst.grading.queue").joinpath("postgres.sql").read_text(encoding="utf-8")
                connection.execute(own)
                connection.execute("INSERT INTO nst_prepared VALUES (%s)", (_preparing(),))
            else:
                own = files("nst.grading.queue").joinpath("postgres.sql").read_text(encoding="utf-8")
                connection.execute(own)
            return bool(connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'nst_worker'").fetchone())
    except psycopg.Error as error:
        raise QueueError(f"The queue cannot be prepared: {_said(error)}.") from None


def job_app(conninfo, connections):
    """procrastinate's App for the queue, closed; connections: how many it may open at a time."""
    import procrastinate

    connector = procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=connections)
    return procrastinate.App(connector=connector)


def again(*errors):
    """procrastinate's rule for jobs that end in one of these errors: another worker tries, up to TRIES in all."""
    import procrastinate

    return procrastinate.RetryStrategy(max_attempts=TRIES - 1, wait=1, retry_exceptions=errors)


def _preparing():
    return f"procrastinate {version('procrastinate')}, format {FORMAT}"


def _said(error):
    """The first line of what a database says, without a full stop."""
    return str(error).strip().partition("\n")[0].rstrip(".")
