"""Local processes that judge beside each other, and what becomes of a submission whose process dies.

The process that opens a Pool imports no TensorFlow, and holds no more submissions at a time than there are processes.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import NamedTuple

from nst.grading.faults import NotJudged, of_the_grader
from nst.grading.queue import apart
from nst.grading.walls import warm
from nst.grading.walls.sandbox import Limits

#: How often a process may be killed before it has imported everything, until that is this machine's fault.
STARTS = 20
#: Seconds that judging may take beyond what the submission's own code may take.
BEYOND = 600


class Started(NamedTuple):
    """Somebody's submission is being judged."""

    name: str


class Done(NamedTuple):
    """It has been judged. outcome: bytes, as outcome.from_bytes takes them."""

    name: str
    outcome: bytes


class Again(NamedTuple):
    """The process that judged it has died, and it waits for being judged alone. reason: one sentence."""

    name: str
    reason: str


class SetAside(NamedTuple):
    """It could not be judged. reason: one sentence."""

    name: str
    reason: str


def cores():
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """A context manager: up to `jobs` processes, started when they are needed and kept for the next submissions.

    sources: notebook name -> source notebook. limits: Limits. unsafe: without walls. judge: "module:function", called
    as nst.grading.judge.judge is.
    """

    def __init__(self, jobs, sources, limits=Limits(), unsafe=False, judge="nst.grading.judge:judge"):  # noqa: B008
        self.jobs, self.limits = max(jobs, 1), limits
        self.folder = Path(tempfile.mkdtemp(prefix="nst-judging-"))
        self._orders = {"sources": sources, "limits": limits._asdict(), "unsafe": unsafe, "judge": judge}
        self._orders["folder"] = str(self.folder)
        self._lanes, self._failed_starts, self._ending = [], 0, ExitStack()

    def __enter__(self):
        self._ending.callback(shutil.rmtree, self.folder, ignore_errors=True)
        if not self._orders["unsafe"]:
            self._orders["warm"] = self._ending.enter_context(warm.serve())
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End all processes."""
        for lane in self._lanes:
            lane.stop()
        self._ending.close()

    def why_cold(self):
        """One sentence where sandboxes had to import TensorFlow each by itself, "" where none had to; None without
        walls."""
        return None if self._orders["unsafe"] else warm.why_cold() or ""

    def probe(self, expected=1):
        """Raises NotJudged where this machine gives its own submission wrong marks. expected: how many are to be
        judged; as many processes start meanwhile."""
        while True:
            while len(self._lanes) < min(self.jobs, max(expected, 1)):
                self._start()
            lane = self._lanes[0]
            lane.give(_Task("", apart.PROBE))
            answer = None
            while answer is None and lane.alive:
                wait([lane.link], timeout=lane.patience())
                answer = lane.answer()
            if answer == apart.CONTENT:
                lane.task = None
                return
            if answer:
                raise NotJudged(answer[1:].decode())
            self._bury(lane)

    def judge(self, jobs):
        """Judge submissions, a dict from name to parcel or an iterable of such pairs, and yield what happens.

        Of an iterable no more is taken than can be judged at once. It may give None when there is nothing to judge for
        the moment; then it is asked again. Raises NotJudged where no process can be started.
        """
        waiting = iter(jobs.items() if isinstance(jobs, dict) else jobs)
        put_back, suspects, more = [], [], True
        try:
            while True:
                pause = None
                while (put_back or more) and pause is None and self._has_room():
                    job = put_back.pop() if put_back else next(waiting, _END)
                    if job is _END:
                        more = False
                    elif job is None:
                        pause = 0.5
                    else:
                        task = job if isinstance(job, _Task) else _Task(*job)
                        yield from self._give(task)
                busy = [lane for lane in self._lanes if lane.task]
                if not busy and not more and not put_back:
                    if not suspects:
                        return
                    yield from self._give(suspects.pop(0))
                    busy = [lane for lane in self._lanes if lane.task]
                patience = [lane.patience() for lane in busy] + ([pause] if pause else [])
                wait([lane.link for lane in busy], timeout=min(patience))
                for lane in busy:
                    yield from self._hear(lane, put_back, suspects)
        finally:
            for lane in [lane for lane in self._lanes if lane.task]:
                self._remove(lane)

    def _has_room(self):
        return len(self._lanes) < self.jobs or any(not lane.task for lane in self._lanes)

    def _give(self, task):
        for lane in [lane for lane in self._lanes if not lane.task and lane.process.poll() is not None]:
            self._remove(lane)
        if all(lane.task for lane in self._lanes):
            self._start()
        lane = next(lane for lane in self._lanes if not lane.task)
        lane.give(task)
        yield Started(task.name)

    def _hear(self, lane, put_back, suspects):
        """What a process has to say; nothing where it is still at it."""
        answer, task = lane.answer(), lane.task
        if answer is None and lane.alive:
            return
        lane.task = None
        if answer and answer[:1] == apart.OUTCOME:
            yield Done(task.name, answer[1:])
        elif answer:
            yield SetAside(task.name, answer[1:].decode("utf-8", "replace"))
        elif not lane.ready:
            self._bury(lane)
            put_back.append(task)
        else:
            reason = lane.last_words()
            self._remove(lane)
            if task.tried:
                yield SetAside(task.name, f"The process that judged it has died twice, at last alone: {reason}.")
            else:
                suspects.append(task._replace(tried=True))
                yield Again(task.name, f"The process that judged it has died: {reason}.")

    def _start(self):
        with of_the_grader("to start a process that judges"):
            self._lanes.append(
                _Lane(json.dumps(self._orders).encode(), self.folder, self.limits.total_seconds + BEYOND)
            )

    def _remove(self, lane):
        lane.stop()
        self._lanes.remove(lane)

    def _bury(self, lane):
        """Take away a process that has died before it could judge; raises NotJudged where the next one would, too."""
        self._remove(lane)
        self._failed_starts += 1
        if lane.process.returncode >= 0 or self._failed_starts >= STARTS:
            raise NotJudged(
                "Expected a process that judges to start on this machine, and found that it ended "
                f"({lane.last_words()}): mend the Python environment, or what this machine lacks, then judge again."
            )


_END = object()


class _Task(NamedTuple):
    name: str
    parcel: bytes
    tried: bool = False


class _Lane:
    """One process that judges. task: what it is at, or None. ready: has it imported everything? alive: is it there?"""

    def __init__(self, orders, folder, seconds):
        self.task, self.ready, self.alive, self.seconds = None, False, True, seconds
        descriptor, self.said = tempfile.mkstemp(prefix="said-", dir=folder)
        mine, theirs = socket.socketpair()
        with theirs, open(descriptor, "wb") as said:
            command = [sys.executable, "-P", "-m", "nst.grading.queue.apart", str(theirs.fileno())]
            self.process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,  # Ctrl+C is for the process that asked, which keeps what is done
            )
        self.link = Connection(mine.detach())
        self._send(orders)

    def give(self, task):
        """Have a parcel judged."""
        self.task, self._until = task, time.monotonic() + self.seconds
        self._send(task.parcel)

    def _send(self, data):
        with suppress(OSError):  # it has died: answer() will see that
            self.link.send_bytes(data)

    def patience(self):
        """Seconds for which it may still be at its task."""
        return max(self._until - time.monotonic(), 0)

    def answer(self):
        """Its answer to a task, None while there is none. Sets `ready`, and `alive` where it has died or been killed
        for taking too long."""
        try:
            while self.link.poll():
                answer = self.link.recv_bytes()
                if answer != apart.READY:
                    return answer
                self.ready = True
        except (EOFError, OSError):
            self._end("")
        if self.patience() == 0:
            self._end(f"it was at it for more than {self.seconds:g} seconds")
        return None

    def _end(self, why):
        self.alive = False
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(0 if why else 10)
        self.process.kill()
        self.process.wait()
        self._why = why

    def last_words(self):
        """Why it has died, in words."""
        if self._why:
            return self._why
        code = self.process.returncode
        how = f"signal {-code}" if code < 0 else f"exit status {code}"
        with open(self.said, "rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - 10_000, 0))
            lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
        errors = [line for line in lines if "Error: " in line or line.startswith("Fatal ") or "Check failed" in line]
        return ", ".join([how, *errors[-1:]])

    def stop(self):
        """End it, at once where it is at something."""
        self.link.close()
        if self.task is None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        self.process.kill()
        self.process.wait()
