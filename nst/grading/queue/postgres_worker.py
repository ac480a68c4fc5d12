"""A worker: takes submissions from the queue, has them judged, and tells what they came to. `nst worker` starts it.

Jobs are taken by procrastinate's own worker. What it leaves open is done here: a database that is gone is waited for,
and signs of life are sent until the last job in hand is done (procrastinate's end when it is asked to stop, and when
one is lost: its issues 1585 and 1597).
"""

import asyncio
import contextlib
import logging
import os
import platform
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from nst.grading.faults import NotJudged
from nst.grading.queue.pool import Done, Pool
from nst.grading.queue.postgres import BEAT, SILENCE, TASK, WAITS, again, job_app
from nst.grading.walls import warm

#: Seconds between two looks for a job; new ones are told at once, those that come back from another worker are not.
POLL = 2

#: Seconds between two looks at what waits for others.
LOOKS = 60

#: How many submissions in a row are not judged until the machine is asked whether it can judge at all.
FAULTS = 2


class Worker:
    """Takes jobs of some queues until it is asked to end, by SIGTERM or Ctrl+C; the jobs in hand are done first.

    database: Database. queues: names of the queues whose release and judge are here. jobs: how many at a time.
    judge: function of a queue's name and a parcel's bytes that gives an outcome's bytes; called in threads, `jobs` at a
        time. Raises NotJudged where it could not be judged.
    check: function that raises NotJudged where this machine can judge nobody.
    tell: takes a sentence for whoever watches the worker.
    """

    def __init__(self, database, queues, jobs, judge, check, tell=print):
        self.database, self.queues, self.jobs, self.tell = database, list(queues), jobs, tell
        self.judge, self.check = judge, check
        self.name = f"{platform.node()} {os.getpid()}"
        self._ending, self._running = False, None
        self._faults, self._unfit, self._elsewhere = 0, None, 0
        self._judging, self._asking = ThreadPoolExecutor(jobs), ThreadPoolExecutor(2)

    def run(self):
        """Work until the end. Raises NotJudged where this machine cannot judge."""
        for name in ("procrastinate", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of it is told in sentences
        asyncio.run(self._run())
        if self._unfit:
            raise self._unfit

    async def _run(self):
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end_kindly)
        looking = asyncio.create_task(self._look_elsewhere())
        wait = WAITS[0]
        while not self._ending:
            began = time.monotonic()
            try:
                await self._take_jobs()
            except asyncio.CancelledError:
                break  # by _end
            except Exception as error:  # whatever procrastinate and psycopg make of a database that is gone
                wait = WAITS[0] if time.monotonic() - began > SILENCE else min(2 * wait, WAITS[1])
                self.tell(f"The queue cannot be reached ({_cause(error)}); it is asked again until it can.")
                await asyncio.sleep(wait)
        looking.cancel()

    async def _take_jobs(self):
        """Until the end, or until the database is lost; then what is in hand is done first."""
        app = job_app(self.database.conninfo, self.jobs + 3)
        app.task(name=TASK, pass_context=True, retry=again(NotJudged))(self._work)
        async with app.open_async():
            working = app.run_worker_async(
                queues=self.queues,
                concurrency=self.jobs,
                install_signal_handlers=False,
                fetch_job_polling_interval=POLL,
                update_heartbeat_interval=BEAT,
                stalled_worker_timeout=SILENCE,
                abort_job_polling_interval=float(365 * 86400),  # nobody aborts jobs, and a worker may not read them
                delete_jobs="successful",
            )
            self._running = asyncio.create_task(working)
            await self._running

    async def _work(self, context, key):
        ((data,),) = await self._ask("SELECT nst_take_parcel(%s)", key)
        if data is None:
            return  # somebody else was quicker
        living = asyncio.create_task(self._live(context))
        try:
            began = time.monotonic()
            outcome = await self._in(self._judging, self.judge, context.job.queue, data)
            await self._ask("SELECT nst_tell_outcome(%s, %s, %s)", key, outcome, self.name)
            self._faults = 0
            self.tell(f"{key[:8]}: judged, {time.monotonic() - began:.1f} s")
        except NotJudged as error:
            await self._not_judged(key, str(error))
            raise
        finally:
            living.cancel()

    async def _not_judged(self, key, reason):
        """Say why; and where that happens too often, ask whether this machine would spoil one job after another."""
        self.tell(f"{key[:8]}: not judged. {reason}")
        await self._ask("SELECT nst_tell_trouble(%s, %s, %s)", key, reason, self.name)
        self._faults += 1
        if self._faults < FAULTS:
            return
        self._faults = 0
        try:
            await self._in(self._judging, self.check)
        except NotJudged as error:
            self._unfit = error
            self._end()

    async def _live(self, context):
        """Say that the job in hand is being done, whatever the network does."""
        while True:
            await asyncio.sleep(BEAT)
            with contextlib.suppress(Exception):
                await context.app.job_manager.update_heartbeat(context.job.worker_id)

    async def _look_elsewhere(self):
        """Say where submissions wait that this worker leaves to others."""
        while True:
            ((waiting,),) = await self._ask("SELECT nst_elsewhere(%s)", self.queues)
            if waiting and not self._elsewhere:
                self.tell(
                    f"Submissions wait for a worker with another version of the course, of the judge or of Python's "
                    f"packages ({waiting}): this worker leaves them alone. Bring this clone to the version of the one "
                    "who grades, and start it again."
                )
            self._elsewhere = waiting
            await asyncio.sleep(LOOKS)

    def _end_kindly(self):
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)  # whoever says it twice means at once
        self.tell("This worker ends when what it has in hand is judged.")
        self._end()

    def _end(self):
        self._ending = True
        if self._running:
            self._running.cancel()

    async def _ask(self, query, *arguments):
        return await self._in(self._asking, self.database.ask, query, *arguments)

    async def _in(self, threads, function, *arguments):
        return await asyncio.get_running_loop().run_in_executor(threads, function, *arguments)


def _cause(error):
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


class Judges:
    """A context manager: local pools of one process each, kept for the next submission of the same assignment.

    All are forked from one warm process.

    courses: queue's name -> sources, as Pool takes them. limits: Limits.
    """

    def __init__(self, courses, limits):
        self.courses, self.limits = courses, limits
        self._idle, self._lock = [], threading.Lock()

    def __enter__(self):
        self._warm = warm.serve()
        self._warm.__enter__()
        return self

    def __exit__(self, *error):
        for _, pool in self._idle:
            pool.__exit__(*error)
        self._warm.__exit__(*error)

    def judge(self, queue, parcel):
        """The bytes of a parcel's outcome. Raises NotJudged. Threads may call it beside each other."""
        pool = self._pool(queue)
        try:
            *_, last = pool.judge({"": parcel})
        finally:
            with self._lock:
                self._idle.append((queue, pool))
        if not isinstance(last, Done):
            raise NotJudged(last.reason)
        return last.outcome

    def _pool(self, queue):
        """One that has judged the same assignment, else a new one, in the place of one that has judged another."""
        with self._lock:
            same = next((it for it in reversed(self._idle) if it[0] == queue), None)
            spare = same or (self._idle[0] if self._idle else None)
            if spare:
                self._idle.remove(spare)
        if same:
            return same[1]
        if spare:
            spare[1].__exit__(None, None, None)
        return Pool(1, self.courses[queue], self.limits).__enter__()

    def check(self):
        """Raises NotJudged where this machine gives its own submission wrong marks."""
        with Pool(1, next(iter(self.courses.values())), self.limits) as pool:
            pool.probe()
