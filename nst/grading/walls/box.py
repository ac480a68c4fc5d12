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
from nst.grading.walls import warm
from nst.grading.walls.bubblewrap import (
    COURSE,
    PRIVATE,
    call_filter,
    elsewhere,
    spare_uid,
    start,
    start_to_be_entered,
)
from nst.grading.walls.orders import environment, font_lists, rlimits
from nst.grading.walls.usage import files_size, machine_runs_low, memory_of_machine, usage

GB = 1 << 30

#: Seconds in which the first process inside must have imported them, and in which it must have killed all others; and
#: for how long the watching thread may see nothing.
START, CLEAR, BLIND = 180, 10, 2


class TimeSpent(Exception):
    """The submission's time is spent; the message is one sentence."""


class Box:
    """One life of a sandbox: its first process, which forks the others, and the thread that watches them all."""

    def __init__(self, sandbox, cold=False):
        self.sandbox, self.limits = sandbox, sandbox.limits
        self.ready, self.used, self.said = False, False, b""
        self.stopped, self.lock = threading.Event(), threading.Lock()
        self.process = self.handle = self.init = self.base = None
        self.control = self.theirs = self.forker = None
        try:
            with of_the_grader("to start a sandbox"):
                self.base = tempfile.mkdtemp(prefix="nst-unsafe-") if sandbox.unsafe else PRIVATE[0]
                self.control, self.theirs = socket.socketpair()
                self.uid = None if sandbox.unsafe else spare_uid()
                if not (sandbox.unsafe or cold):
                    self.forker = warm.call()
                if not (self.forker and self._start_warm()):
                    self._start_cold()
                if self.init:
                    # A handle, because a number may belong to another process by the time it is used.
                    with suppress(ProcessLookupError):  # it has died: wait() says why
                        self.handle = os.pidfd_open(self.init)
                threading.Thread(target=self._watch, name="sandbox watchdog", daemon=True).start()
        except BaseException:
            self.stop()
            raise

    def _start_warm(self):
        """Have walls made for a process that the warm one forks. False where that one is not to be had."""
        try:
            self.forker.settimeout(START)
            self.forker.sendall(b"u")
            _, users, _, _ = socket.recv_fds(self.forker, 1, 1)  # waits until it has imported everything
            if not users:
                raise ConnectionResetError("it has ended")
        except OSError as error:
            warm.failed(f"{type(error).__name__}: {error}")
            self.forker.close()
            self.forker = None
            return False
        try:
            options = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE) | self._options()
            its = None if os.geteuid() == 0 else users[0]
            self.process, self.init = start_to_be_entered(its, self.limits.disk, self.sandbox.paints, **options)
        finally:
            os.close(users[0])
        return True

    def _start_cold(self):
        """Start the first process inside, which imports everything by itself, and give it its orders."""
        command = [sys.executable, "-IB", str(COURSE / "nst" / "grading" / "walls" / "zygote.py")]
        command += [str(self.theirs.fileno())]
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        options |= self._options()
        kept = [self.theirs.fileno()]
        if self.sandbox.unsafe:
            self.process = subprocess.Popen(command, pass_fds=kept, **options)
        else:
            self.process, self.init = start(command, self.uid, self.limits.disk, kept, self.sandbox.paints, **options)
        self.theirs.close()
        self._order()

    def _options(self):
        return {"env": environment(self.base), "cwd": "/", "start_new_session": True}

    def _enter(self):
        """Have a process forked that enters the walls, as soon as they stand, and give it its orders."""
        standing, _, _ = select.select([self.process.stdout], [], [], START)
        if standing and self.handle is not None and os.read(self.process.stdout.fileno(), 1):
            with suppress(OSError):  # it has died: wait() says why
                socket.send_fds(self.forker, [b"e"], [self.theirs.fileno(), self.handle])
                self.theirs.close()
                self._order()
        self.theirs.close()
        self.forker.close()
        self.process.stdout.close()

    def _order(self):
        """Tell the first process inside what to do, and give it the files."""
        files = {f"{self.base}/work/{name}": content for name, content in self.sandbox.files.items()}
        files |= {f"{self.base}/home/.config/matplotlib/{name}": content for name, content in font_lists().items()}
        orders = {
            "main": self.sandbox.main,
            "imports": warm.IMPORTS,
            "course": str(COURSE),
            "packages": elsewhere()._asdict(),
            "folder": f"{self.base}/work",
            "folders": [f"{self.base}/{name}" for name in ("work", "home", "output")],
            "uid": self.uid,
            "filter": call_filter().hex(),
            "contained": not self.sandbox.unsafe,
            "limits": rlimits(self.limits, self.sandbox.unsafe),
            "files": [[name, len(content)] for name, content in files.items()],
        }
        self.control.settimeout(60)
        with suppress(OSError):  # it has died: wait() says why
            self.control.sendall(json.dumps(orders).encode() + b"\n" + b"".join(files.values()))

    def wait(self):
        """Wait until everything is imported. False when a cold one should be tried in place of this warm one.

        Raises NotJudged with the reason when that fails, and TimeSpent.
        """
        if self.ready:
            return True
        is_warm = self.forker is not None
        if is_warm:
            self._enter()
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
            if is_warm:
                warm.worked()
            return True
        if not slow and not is_warm:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(CLEAR)  # it is ending: how, is of interest
        self.sandbox.kill()
        if self.sandbox.ended:
            raise TimeSpent(self.sandbox.ended)  # more than that is not looked at before it is ready
        self.sandbox.demand_no_fault()
        lines = [line.strip() for line in (answer or self.said).decode(errors="replace").splitlines() if line.strip()]
        errors = [line for line in lines if re.match(r"[\w.]+(Error|Exception): ", line)]
        silent = f"nothing, in {START} seconds" if slow else f"exit status {self.process.returncode}, without a word"
        found = [*errors, *lines[-1:], silent][0]
        if is_warm:
            warm.failed(found)
            return False
        raise NotJudged(
            "Expected a sandbox in which all that the course needs can be imported, and found "
            f"{found}: mend the Python environment, or what this machine lacks, then judge "
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
        for held in (self.process and self.process.stdin, self.process and self.process.stdout):
            if held:
                held.close()
        for sock in (self.control, self.theirs, self.forker):
            if sock:
                sock.close()
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
