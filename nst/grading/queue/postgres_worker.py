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
import time
from concurrent.futures import ThreadPoolExecutor

from nst.grading.faults import NotJudged
from nst.grading.queue.outcome import as_bytes
from nst.grading.queue.postgres import BEAT, SILENCE, TASK, WAITS, again, job_app

#: Seconds between two looks at what waits for others.
LOOKS = 60

#: Faults one after another, after which it is no submission's doing: this machine would spoil one job after another.
FAULTS = 2


class SetAside(Exception):
    """A submission that cannot be judged anywhere; one sentence."""


class Worker:
    """Takes jobs of some queues until it is asked to end, by SIGTERM or Ctrl+C; the jobs in hand are done first.

    database: Database. queues: names of the queues whose release and judge are here. jobs: how many at a time.
    judge: function of a queue's name and a parcel's bytes that gives a Judgement; called in threads, `jobs` at a time.
        Raises NotJudged where this machine fails, and SetAside where another would, too.
    tell: takes a sentence for whoever watches the worker.
    """

    def __init__(self, database, queues, jobs, judge, tell=print):
        self.database, self.queues, self.jobs, self.judge, self.tell = database, list(queues), jobs, judge, tell
        self.name = f"{platform.node()} {os.getpid()}"
        self._ending, self._running = False, None
        self._faults = self._elsewhere = 0
        self._judging, self._asking = ThreadPoolExecutor(jobs), ThreadPoolExecutor(2)

    def run(self):
        """Work until the end. Raises NotJudged where this machine cannot judge."""
        for name in ("procrastinate", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of it is told in sentences
        asyncio.run(self._run())
        if self._faults >= FAULTS:
            raise NotJudged(f"{FAULTS} submissions one after another could not be judged here: see what was said.")

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
            judgement = await self._judged(context, key, data)
            await self._ask("SELECT nst_tell_outcome(%s, %s, %s)", key, as_bytes(judgement), self.name)
        finally:
            living.cancel()
        points, possible = judgement.score
        self.tell(f"{key[:8]}: {judgement.state}, {points:g} of {possible:g} points, {judgement.seconds:.1f} s")

    async def _judged(self, context, key, data):
        try:
            judgement = await self._in(self._judging, self.judge, context.job.queue, data)
        except Exception as error:
            reason = str(error) if isinstance(error, (NotJudged, SetAside)) else repr(error)
            self.tell(f"{key[:8]}: not judged. {reason}")
            await self._ask("SELECT nst_tell_trouble(%s, %s, %s)", key, reason, self.name)
            self._faults += not isinstance(error, SetAside)
            if self._faults >= FAULTS:
                self._end()
            raise
        self._faults = 0
        return judgement

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
