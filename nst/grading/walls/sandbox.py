"""One sandbox per submission, in which a process for each notebook is forked from one that has imported TensorFlow.

bubblewrap.py builds the walls: no network, nothing of this machine but what a student has, no process outside to be
seen. What the student's code writes goes to a file system in memory, which ends with the sandbox.

What bounds what:

- processes, threads included: RLIMIT_NPROC. The kernel counts it for a user, and for root not at all, so for root the
  sandbox runs as a user that nobody else is; a plain user's sandbox is a user namespace, where counting starts anew.
- memory: RLIMIT_DATA for each process, so that the usual bomb is a MemoryError; for all of them together, with their
  files, a thread of the instructor's process that looks twenty times a second and kills the sandbox. It kills it too
  when the whole machine runs low. Until it looks, a few hundred MB more can be touched. No cgroup is used: a plain
  user can rarely write to one.
- files: the size of the file system in memory, and RLIMIT_FSIZE.
- time: the examiner gives up a notebook's process that takes too long; the sandbox ends when the submission's time is
  spent.

Whatever the student's code does to its own sandbox harms only its own submission: when the first process there dies,
the next notebook starts a new sandbox from the same files. A sandbox in which no such code has run yet cannot fail
through it: what goes wrong there is the grader's fault, and NotJudged.
"""

import os
import socket
import time
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import NamedTuple

from nst.grading.faults import NotJudged, of_the_grader
from nst.grading.walls.box import Box, TimeSpent
from nst.grading.walls.bubblewrap import available

__all__ = ["Limits", "Sandbox", "SandboxError", "TimeSpent", "available"]

GB, MB = 1 << 30, 1 << 20


class Limits(NamedTuple):
    """What one submission may use. Sizes in bytes, times in seconds.

    memory: of all its processes and files together; processes: counting threads, of which TensorFlow starts a few for
    each core; file_size: of one file; disk: of all files; output: of what one cell shows, 10 MB at most; cell_seconds,
    call_seconds: of one cell and of one remote call (the examiner keeps these three); total_seconds: of the submission,
    from its first notebook on, when everything has been imported; a sandbox that its code has broken is started again
    in that time.
    """

    memory: int = 6 * GB
    processes: int = 256
    file_size: int = 512 * MB
    disk: int = 1 * GB
    output: int = 10 * MB
    cell_seconds: float = 60
    call_seconds: float = 20
    total_seconds: float = 600


class SandboxError(NotJudged):
    """There is no sandbox here at all; the message is one sentence."""


class Sandbox:
    """A context manager: the processes of one submission, with its files and nothing else of the instructor's.

    files: a dict from relative path, with slashes, to bytes: what lies in the folder in which the notebooks run.
    limits: Limits.
    unsafe: run without bubblewrap, in a temporary folder, with your own rights: only for submissions that you trust.
    main: "module:function" that serves the socket in a notebook's process.
    paints: is nst.painting there, or a stand-in? See exam/painting.py.

    Its attribute `ended` is one sentence when the processes of the latest notebook were killed for using too much, else
    None; `fault` is one when they were killed for what is not theirs, and is raised as NotJudged at the next occasion.

    Enter and leave it in one thread: the sandbox dies with the thread that entered it.
    """

    def __init__(self, files, limits=Limits(), unsafe=False, main="nst.grading.exam.inside:serve", paints=False):  # noqa: B008
        for name in files:
            name.encode()  # a ValueError where a lone surrogate makes it no file's name
            parts = PurePosixPath(name).parts
            if not parts or parts[0] == "/" or ".." in parts or "\0" in name:
                raise ValueError(f"Expected a path inside the folder of the submission, and found {name!r}.")
        self.files, self.limits, self.unsafe, self.main, self.paints = dict(files), limits, unsafe, main, paints
        self.ended = self.fault = None
        self._box = self._deadline = None
        self._busy = False

    def __enter__(self):
        """Start; only the first notebook waits until everything is imported, so an early start costs no waiting."""
        with of_the_grader("to start a sandbox"):
            if not self.unsafe and (reason := available()):
                raise SandboxError(reason)
        if not hasattr(os, "fork"):
            raise SandboxError("Grading needs os.fork, which Windows lacks: grade under WSL or on a Linux machine.")
        self._box = Box(self)
        return self

    def __exit__(self, kind, *rest):
        self.kill()
        if kind is None:
            self.demand_no_fault()

    def kill(self):
        """Kill every process of the submission. The next notebook starts anew, from the same files."""
        if self._box:
            self._box.stop()
            self._box = None

    def time_left(self):
        """Seconds until the submission's time is spent."""
        return self.limits.total_seconds if self._deadline is None else self._deadline - time.monotonic()

    @contextmanager
    def notebook(self, name):
        """Fork a process for a notebook, one at a time, and give a socket that is connected to it.

        At the end of the block that process and all that it started are killed. Files that it wrote stay for the next.
        Raises TimeSpent, and NotJudged.
        """
        if self._busy:
            raise RuntimeError(f"Expected one notebook at a time, and {name} starts before another has ended.")
        with of_the_grader("to run a notebook"):
            mine, theirs = socket.socketpair()
        self._busy = True
        try:
            with mine:
                with theirs:
                    self._fork(theirs)
                yield mine
        finally:
            self._busy = False
            if self._box:
                self._box.used = True
            if self._box and not self._box.clear():
                self.kill()
        self.demand_no_fault()

    def unanswered(self):
        """The process of this notebook does not answer, and nothing of the student's has run in it.

        Where an earlier notebook's code may have spoilt the sandbox, it is killed: try again. Else raises NotJudged.
        """
        used = self._box is None or self._box.used
        self.kill()
        self.demand_no_fault()
        if not used and self.time_left() > 0:
            raise NotJudged(
                "Expected a fresh sandbox in which a notebook's process answers, and found that it does not "
                f"({self.ended or 'it has ended, or is too slow'}): see that this machine has memory, processes and "
                "time to spare, and that nothing kills Python there, then judge again."
            )

    def demand_no_fault(self):
        """Raise NotJudged where the processes were killed for what is not theirs."""
        if self.fault:
            raise NotJudged(self.fault)

    def _fork(self, theirs):
        while True:
            if self.time_left() <= 0:
                self.kill()
                raise TimeSpent(f"The submission's {self.limits.total_seconds:g} seconds are spent.")
            self.demand_no_fault()
            self.ended = None
            self._box = self._box or Box(self)
            if not self._box.wait():
                self._box = Box(self, cold=True)
                continue
            if self._deadline is None:
                self._deadline = time.monotonic() + self.limits.total_seconds
            if self._box.fork(theirs):
                return
            self.unanswered()  # the notebook before may have killed the first process inside
