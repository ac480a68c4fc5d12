"""The queue as the one who grades sees it: submissions go in, and what became of them comes out, as of a local Pool.

It may end at any moment and be started again: what is done is found by its key, and what waits, waits on.
"""

import asyncio
import sys
import time
from contextlib import suppress

from nst.grading.gradebook import cells
from nst.grading.queue.keys import judge_key, release_key
from nst.grading.queue.outcome import OutcomeError, from_bytes
from nst.grading.queue.pool import Again, Done, SetAside, Started
from nst.grading.queue.postgres import SILENCE, TASK, TRIES, Database, QueueError, job_app, queue_name

#: Seconds between two looks at what has come back, and between two at whether the workers are still there.
LOOK, ROUND = 0.25, 5.0

#: Seconds without any worker after which somebody should look.
LONELY = 30

#: How many submissions are put in between two looks.
BATCH = 50

_SILENT = "The worker that judged it has given no sign of life for a minute"


_END = object()


def _say(sentence):
    print(sentence, file=sys.stderr, flush=True)


class PostgresPool:
    """A context manager: submissions judged by the workers of a queue.

    url: postgresql://…, of the user who owns the queue. sources: notebook name -> source notebook. limits: Limits.
    anew: judge what the queue has an outcome for, too. tell: takes a sentence for whoever waits.

    Raises QueueError where there is no queue.
    """

    def __init__(self, url, sources, limits, anew=False, tell=_say):
        self.database, self.anew, self.tell = Database(url), anew, tell
        self.queue = queue_name(release_key(sources), judge_key(limits, False))
        self._tests = _tests(sources)
        self._app = job_app(self.database.conninfo, 1)
        self._app.task(name=TASK)(_done_by_workers)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.database.close()

    def probe(self, expected=1):
        """Nothing: each worker asks its own machine before it takes anything."""

    def why_cold(self):
        """Nothing: the workers' sandboxes are their own affair."""

    def judge(self, jobs):
        """Have submissions judged, a dict from key to parcel or an iterable of such pairs, and yield what happens.

        The key must be that of keys.job_key: what the queue has an outcome for is done. An iterable is emptied as fast
        as the database takes it; it may give None when there is nothing for the moment, then it is asked again.
        Raises QueueError at the end where one submission was judged in two ways, or a worker told nonsense.
        """
        waiting = iter(jobs.items() if isinstance(jobs, dict) else jobs)
        asked, all_keys, more, self._faults = {}, [], True, []  # asked: key -> (status, attempts)
        self._rounds = self._lonely = time.monotonic()
        while more or asked:
            left = BATCH if more else 0
            while left:
                job = next(waiting, _END)
                more = job is not _END
                if job is _END or job is None:
                    break
                self._put(*job)
                asked[job[0]] = "todo", 0
                all_keys.append(job[0])
                left -= 1
            yield from self._look(asked)
            if (more or asked) and (left or not more):
                time.sleep(LOOK)
        self._faults += self._differing(all_keys)
        if self._faults:
            raise QueueError(" ".join(self._faults))

    def _put(self, key, parcel):
        """Let a submission wait, unless there is an outcome or it waits already."""
        if self.anew:
            self.database.ask("DELETE FROM nst_outcome WHERE key = %s", key)
        if self.database.ask("SELECT 1 FROM nst_outcome WHERE key = %s", key):
            return

        def put(connection):
            with connection.transaction():
                connection.execute(
                    "INSERT INTO nst_parcel (key, data) VALUES (%s, %s) "
                    "ON CONFLICT (key) DO UPDATE SET data = excluded.data",
                    (key, parcel),
                )
                # What an earlier run has set aside is tried anew.
                connection.execute("DELETE FROM nst_trouble WHERE key = %s", (key,))
                connection.execute(
                    "DELETE FROM procrastinate_jobs WHERE queue_name = %s AND queueing_lock = %s AND status = 'failed'",
                    (self.queue, key),
                )
                self._defer(connection, key)

        self.database.do(put)

    def _defer(self, connection, key):
        waits = "SELECT 1 FROM procrastinate_jobs WHERE queue_name = %s AND lock = %s AND status IN ('todo', 'doing')"
        if connection.execute(waits, (self.queue, key)).fetchone() is None:
            self._app.configure_task(TASK, queue=self.queue, lock=key, queueing_lock=key, connection=connection).defer(
                key=key
            )

    def _look(self, asked):
        """Yield what has happened to those that are asked for; they are taken out of `asked` when they are done."""
        # First the jobs, then the outcomes: a job goes when its outcome is there.
        rows = self.database.ask(
            "SELECT queueing_lock, status::text, attempts FROM procrastinate_jobs WHERE queue_name = %s ORDER BY id",
            self.queue,
        )
        jobs = {key: (status, attempts) for key, status, attempts in rows}
        there = self.database.ask("SELECT key FROM nst_outcome WHERE key = ANY (%s)", list(asked))
        for (key,) in there:
            del asked[key]
            yield self._outcome(key)
        for key, heard in list(asked.items()):
            status, attempts = jobs.get(key, ("gone", 0))
            if status == "failed":
                del asked[key]
                yield SetAside(key, self._reason(key))
            elif status == "gone":  # somebody has tidied up
                self.database.do(lambda connection, key=key: self._defer(connection, key))
            elif (status, attempts) != heard:
                asked[key] = status, attempts
                if attempts > heard[1]:
                    yield Again(key, self._reason(key))
                if status == "doing":
                    yield Started(key)
        self._care(any(status == "doing" for status, _ in jobs.values()), bool(there))

    def _care(self, doing, heard):
        """Give what was lost with its worker to another; say when there is no worker at all."""
        now = time.monotonic()
        if doing or heard:
            self._lonely = now
        elif now - self._lonely > LONELY:
            self._lonely = float("inf")
            self.tell(
                f"No worker has taken anything for {LONELY} seconds: is there a `nst worker` that has this version of "
                "the course, and the same limits in nbgrader_config.py?"
            )
        if doing and now - self._rounds > ROUND:
            self._rounds = now
            asyncio.run(self._rescue())

    async def _rescue(self):
        """Give jobs whose worker has fallen silent to another, or set them aside."""
        import procrastinate
        from procrastinate.jobs import Status

        app = job_app(self.database.conninfo, 1)
        with suppress(procrastinate.exceptions.ConnectorException, *self.database.lost):  # next time, then
            async with app.open_async():
                jobs = app.job_manager
                for job in await jobs.get_stalled_jobs(queue=self.queue, seconds_since_heartbeat=SILENCE):
                    self.database.ask("SELECT nst_tell_trouble(%s, %s, %s)", job.lock, _SILENT, "")
                    if job.attempts + 1 < TRIES:
                        await jobs.retry_job(job)
                    else:
                        await jobs.finish_job(job, Status.FAILED, delete_job=False)

    def _reason(self, key):
        rows = self.database.ask("SELECT reason, worker FROM nst_trouble WHERE key = %s", key)
        return rows[0][0] if rows else "It could not be judged, and no worker has said why."

    def _outcome(self, key):
        ((data, worker),) = self.database.ask("SELECT data, worker FROM nst_outcome WHERE key = %s", key)
        with suppress(OutcomeError):
            if {(mark.notebook, mark.grade_id, mark.points) for mark in from_bytes(data).marks} == self._tests:
                return Done(key, data)
        self.database.ask("DELETE FROM nst_outcome WHERE key = %s", key)
        reason = f"What the worker {worker!r} has told is no outcome of this assignment: look at that machine."
        self._faults.append(reason)
        return SetAside(key, reason)

    def _differing(self, keys):
        """One sentence of each submission that was judged in two ways."""
        found = []
        others = "SELECT key, number, worker FROM nst_other_outcome WHERE key = ANY (%s) ORDER BY key, number"
        for key, number, other in self.database.ask(others, keys):
            ((first, worker),) = self.database.ask("SELECT data, worker FROM nst_outcome WHERE key = %s", key)
            one = "SELECT data FROM nst_other_outcome WHERE key = %s AND number = %s"
            ((second,),) = self.database.ask(one, key, number)
            if _verdict(first) != _verdict(second):
                found.append(
                    f"The workers {worker!r} and {other!r} have judged one submission ({key[:8]}) in two ways: what "
                    "the first has told counts. Look at these machines, then judge it again with --force."
                )
        return found


def _tests(sources):
    """(notebook, grade_id, points) of all tests that a judgement has a mark of."""
    found = cells(sources)
    return {(*it[:2], found[it][0]) for it in found if it[2] == "test" and found[it][1] == "code"}


def _verdict(data):
    """What of an outcome must be the same whoever judges. Outputs and times may differ."""
    try:
        judgement = from_bytes(data)
    except OutcomeError:
        return None
    return judgement.state, sorted((mark.notebook, mark.grade_id, mark.passed) for mark in judgement.marks)


def _done_by_workers(key):
    raise NotImplementedError(key)
