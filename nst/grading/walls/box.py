"""One life of a sandbox: its first process, which forks the others, and the thread that watches them all."""

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress

from nst.grading.faults import MACHINE, NotJudged, of_the_grader, refusal
from nst.grading.walls.bubblewrap import COURSE, PRIVATE, elsewhere, spare_uid, start
from nst.grading.walls.orders import environment, font_lists, rlimits
from nst.grading.walls.usage import files_size, machine_runs_low, memory_of_machine, usage

GB = 1 << 30

#: What is imported before any notebook starts, because it takes long. None of it runs a TensorFlow operation: a process
#: that has run one cannot be forked.
IMPORTS = (
    "nst.quiet",
    "keras",
    "scipy.linalg",
    "scipy.optimize",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "IPython.core.interactiveshell",
    "ipywidgets",
    "nbformat",
    "imageio",
    "h5py",
    "tqdm.auto",
    "nst.grading.exam.inside",
)

#: Seconds in which the first process inside must have imported them, and in which it must have killed all others; and
#: for how long the watching thread may see nothing.
START, CLEAR, BLIND = 180, 10, 2


class TimeSpent(Exception):
    """The submission's time is spent; the message is one sentence."""


class Box:
    """One life of a sandbox: its first process, which forks the others, and the thread that watches them all."""

    def __init__(self, sandbox):
        self.sandbox, self.limits = sandbox, sandbox.limits
        self.ready, self.used, self.said = False, False, b""
        self.stopped, self.lock = threading.Event(), threading.Lock()
        self.process = self.handle = self.init = self.base = None
        self.control, theirs = None, None
        try:
            with of_the_grader("to start a sandbox"):
                self.base = tempfile.mkdtemp(prefix="nst-unsafe-") if sandbox.unsafe else PRIVATE[0]
                self.control, theirs = socket.socketpair()
                with theirs:
                    uid = self._start(theirs.fileno())
                self._order(uid)
                threading.Thread(target=self._watch, name="sandbox watchdog", daemon=True).start()
        except BaseException:
            self.stop()
            raise

    def _start(self, theirs):
        """Start the first process inside. Returns the id of the user that it becomes, or None."""
        uid = None if self.sandbox.unsafe else spare_uid()
        command = [sys.executable, "-IB", str(COURSE / "nst" / "grading" / "walls" / "zygote.py"), str(theirs)]
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        options |= {"env": environment(self.base), "cwd": "/", "start_new_session": True}
        if self.sandbox.unsafe:
            self.process = subprocess.Popen(command, pass_fds=[theirs], **options)
        else:
            self.process, self.init = start(command, uid, self.limits.disk, [theirs], self.sandbox.paints, **options)
        if self.init:
            # A handle, because a number may belong to another process by the time it is used.
            with suppress(ProcessLookupError):  # it has died: wait() says why
                self.handle = os.pidfd_open(self.init)
        return uid

    def _order(self, uid):
        """Tell the first process inside what to do, and give it the files."""
        files = {f"{self.base}/work/{name}": content for name, content in self.sandbox.files.items()}
        files |= {f"{self.base}/home/.config/matplotlib/{name}": content for name, content in font_lists().items()}
        orders = {
            "main": self.sandbox.main,
            "imports": IMPORTS,
            "course": str(COURSE),
            "packages": elsewhere()._asdict(),
            "folder": f"{self.base}/work",
            "folders": [f"{self.base}/home", f"{self.base}/output"],
            "uid": uid,
            "contained": not self.sandbox.unsafe,
            "limits": rlimits(self.limits, self.sandbox.unsafe),
            "files": [[name, len(content)] for name, content in files.items()],
        }
        self.control.settimeout(60)
        with suppress(OSError):  # it has died: wait() says why
            self.control.sendall(json.dumps(orders).encode() + b"\n" + b"".join(files.values()))

    def wait(self):
        """Wait until everything is imported. Raises NotJudged with the reason when that fails, and TimeSpent."""
        if self.ready:
            return
        answer, slow = b"", False
        self.control.settimeout(START)
        try:
            answer = self.control.recv(65536)
        except OSError as error:
            slow = isinstance(error, TimeoutError)
        if answer == b"ready":
            # From here on the student's code could write to it, and nobody reads it.
            self.process.stderr.close()
            self.ready = True
            return
        if not slow:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(CLEAR)  # it is ending: how, is of interest
        self.sandbox.kill()
        if self.sandbox.ended:
            raise TimeSpent(self.sandbox.ended)  # more than that is not looked at before it is ready
        self.sandbox.demand_no_fault()
        lines = [line.strip() for line in (answer or self.said).decode(errors="replace").splitlines() if line.strip()]
        errors = [line for line in lines if re.match(r"[\w.]+(Error|Exception): ", line)]
        silent = f"nothing, in {START} seconds" if slow else f"exit status {self.process.returncode}, without a word"
        raise NotJudged(
            "Expected a sandbox in which all that the course needs can be imported, and found "
            f"{[*errors, *lines[-1:], silent][0]}: mend the Python environment, or what this machine lacks, then judge "
            "again."
        )

    def fork(self, sock):
        """Have a process forked that serves the socket. False when nobody is there to do it."""
        try:
            socket.send_fds(self.control, [b"f"], [sock.fileno()])
            return True
        except OSError:
            return False

    def clear(self):
        """Kill all that were forked. False when that did not work, or when the files leave the next one no room."""
        if not self.ready:
            return True
        try:
            self.control.settimeout(CLEAR)
            self.control.sendall(b"c")
            cleared = self.control.recv(1) == b"c"
            return cleared and (self.sandbox.unsafe or files_size(self.init) < self.limits.disk / 2)
        except OSError:
            return False

    def stop(self, reason=None, fault=None, held=None):
        """Kill everything, and come back when it is dead.

        reason: what it has done. fault: what the grader has. held: bytes of memory that it had when the machine ran
        low, which is its own fault where that was much.
        """
        with self.lock:
            if self.stopped.is_set():
                return
            if reason:
                self.sandbox.ended = reason
            self.sandbox.fault = fault or self.sandbox.fault
            available, total = memory_of_machine() if held is not None else (0, 0)
            self.stopped.set()
            self._end()
            if held is not None:
                held = max(held, memory_of_machine()[0] - available)  # what the kernel kept for it comes back now, too
                if held < min(self.limits.memory, total) / 2 or machine_runs_low():
                    self.sandbox.fault = (
                        f"Expected a machine that has {self.limits.memory / GB:.3g} GB of memory for a submission, and "
                        f"it ran out when this one had {held / GB:.2g} GB: close other programs, or lower the limit of "
                        "memory, then judge again."
                    )

    def _end(self):
        if self.process:
            if self.sandbox.unsafe:
                self.clear()
            self.process.kill()
            if self.handle is not None:
                # The first process of a process namespace takes all others with it, and is gone after them.
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self.handle, signal.SIGKILL)
                select.select([self.handle], [], [], CLEAR)
                os.close(self.handle)
            if not self.ready:
                self.said = self.process.stderr.read(65536)
                self.process.stderr.close()
            self.process.wait()
        if self.control:
            self.control.close()
        if self.sandbox.unsafe and self.base:
            shutil.rmtree(self.base, ignore_errors=True)

    def _watch(self):
        seen = time.monotonic()
        while not self.stopped.wait(0.05):
            try:
                reason, held = self._excess()
                seen = time.monotonic()
                if reason:
                    self.stop(reason, held=held)
            except OSError as error:  # a process ended while it was looked at; or nothing can be seen any more
                if time.monotonic() - seen > BLIND:
                    lacking = refusal("to watch a submission", error) if error.errno in MACHINE else None
                    self.stop("The submission could not be watched.", lacking)
            except Exception as error:  # without this thread nothing would be bounded
                self.stop(fault=refusal("to watch a submission", error))

    def _excess(self):
        """(sentence, bytes): one when the submission uses more than it may, with its memory if that is in question."""
        if self.sandbox.time_left() <= 0:
            return f"The submission took longer than {self.limits.total_seconds:g} seconds.", None
        if self.handle is None or not self.ready or select.select([self.handle], [], [], 0)[0]:
            # There is no sandbox; or its walls may not stand yet, and what is seen is the machine's; or it has died.
            return None, None
        memory, threads = usage(self.init, self.limits.memory)
        if memory > self.limits.memory:
            return f"The submission used more than {self.limits.memory / GB:.3g} GB of memory.", None
        if threads > self.limits.processes + 8:
            return f"The submission started more than {self.limits.processes} processes and threads.", None
        if machine_runs_low():
            return "The machine ran out of memory while the submission ran.", memory
        return None, None
