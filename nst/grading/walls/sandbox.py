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
the next notebook starts a new sandbox from the same files.
"""

import functools
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from nst.grading.walls.bubblewrap import COURSE, PRIVATE, available, spare_uid, start
from nst.grading.walls.usage import files_size, machine_runs_low, usage

__all__ = ["Limits", "Sandbox", "SandboxError", "available"]

GB, MB = 1 << 30, 1 << 20

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
)

#: Seconds in which the first process inside must have imported them, and in which it must have killed all others.
START, CLEAR = 180, 10


class Limits(NamedTuple):
    """What one submission may use. Sizes in bytes, times in seconds.

    memory: of all its processes and files together; processes: counting threads, of which TensorFlow starts a few for
    each core; file_size: of one file; disk: of all files; output: of what one cell shows, 10 MB at most; cell_seconds,
    call_seconds: of one cell and of one remote call (the examiner keeps these three); total_seconds: of the submission,
    from its first notebook on.
    """

    memory: int = 6 * GB
    processes: int = 256
    file_size: int = 512 * MB
    disk: int = 1 * GB
    output: int = 10 * MB
    cell_seconds: float = 60
    call_seconds: float = 20
    total_seconds: float = 600


class SandboxError(RuntimeError):
    """There is no sandbox here, it did not start, or the submission's time is spent; the message is one sentence."""


class Sandbox:
    """A context manager: the processes of one submission, with its files and nothing else of the instructor's.

    files: a dict from relative path, with slashes, to bytes: what lies in the folder in which the notebooks run.
    limits: Limits.
    unsafe: run without bubblewrap, in a temporary folder, with your own rights: only for submissions that you trust.
    main: "module:function" that serves the socket in a notebook's process.
    paints: is nst.painting there, or a stand-in? See exam/needs.py.

    Its attribute `ended` is one sentence when the processes of the latest notebook were killed for using too much, else
    None.

    Enter and leave it in one thread: the sandbox dies with the thread that entered it.
    """

    def __init__(self, files, limits=Limits(), unsafe=False, main="nst.grading.exam.inside:serve", paints=False):  # noqa: B008
        for name in files:
            name.encode()  # a ValueError where a lone surrogate makes it no file's name
            parts = PurePosixPath(name).parts
            if not parts or parts[0] == "/" or ".." in parts or "\0" in name:
                raise ValueError(f"Expected a path inside the folder of the submission, and found {name!r}.")
        self.files, self.limits, self.unsafe, self.main, self.paints = dict(files), limits, unsafe, main, paints
        self.ended = None
        self._box = self._deadline = None
        self._busy = False

    def __enter__(self):
        """Start; only the first notebook waits until everything is imported, so an early start costs no waiting."""
        if not self.unsafe and (reason := available()):
            raise SandboxError(reason)
        if not hasattr(os, "fork"):
            raise SandboxError("Grading needs os.fork, which Windows lacks: grade under WSL or on a Linux machine.")
        self._box = _Box(self)
        return self

    def __exit__(self, *exception):
        self.kill()

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
        Raises SandboxError when the submission's time is spent.
        """
        if self._busy:
            raise RuntimeError(f"Expected one notebook at a time, and {name} starts before another has ended.")
        mine, theirs = socket.socketpair()
        self._busy = True
        try:
            with mine:
                with theirs:
                    self._fork(theirs)
                yield mine
        finally:
            self._busy = False
            if self._box and not self._box.clear():
                self.kill()

    def _fork(self, theirs):
        for _ in range(2):  # the notebook before may have killed the first process inside
            if self.time_left() <= 0:
                self.kill()
                raise SandboxError(f"The submission's {self.limits.total_seconds:g} seconds are spent.")
            self.ended = None
            self._box = self._box or _Box(self)
            self._box.wait()
            if self._deadline is None:
                self._deadline = time.monotonic() + self.limits.total_seconds
            if self._box.fork(theirs):
                return
            self.kill()
        raise SandboxError(self.ended or "The sandbox started, and its first process died before it could serve.")


class _Box:
    """One life of a sandbox: its first process, which forks the others, and the thread that watches them all."""

    def __init__(self, sandbox):
        self.sandbox, self.limits = sandbox, sandbox.limits
        self.ready, self.said = False, b""
        self.stopped, self.lock = threading.Event(), threading.Lock()
        self.base = tempfile.mkdtemp(prefix="nst-unsafe-") if sandbox.unsafe else PRIVATE[0]
        uid = None if sandbox.unsafe else spare_uid()
        self.control, theirs = socket.socketpair()
        command = [sys.executable, "-IB", str(COURSE / "nst" / "grading" / "walls" / "zygote.py"), str(theirs.fileno())]
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        options |= {"env": _environment(self.base), "cwd": "/", "start_new_session": True}
        with theirs:
            if sandbox.unsafe:
                self.process, self.init = subprocess.Popen(command, pass_fds=[theirs.fileno()], **options), None
            else:
                self.process, self.init = start(
                    command, uid, self.limits.disk, [theirs.fileno()], self.sandbox.paints, **options
                )
        # A handle, because a number may belong to another process by the time it is used.
        self.handle = os.pidfd_open(self.init) if self.init else None
        self._order(uid)
        threading.Thread(target=self._watch, name="sandbox watchdog", daemon=True).start()

    def _order(self, uid):
        """Tell the first process inside what to do, and give it the files."""
        files = {f"{self.base}/work/{name}": content for name, content in self.sandbox.files.items()}
        files |= {f"{self.base}/home/.config/matplotlib/{name}": content for name, content in _font_lists().items()}
        orders = {
            "main": self.sandbox.main,
            "imports": IMPORTS,
            "course": str(COURSE),
            "folder": f"{self.base}/work",
            "folders": [f"{self.base}/home", f"{self.base}/output"],
            "uid": uid,
            "contained": not self.sandbox.unsafe,
            "limits": self._rlimits(),
            "files": [[name, len(content)] for name, content in files.items()],
        }
        self.control.settimeout(60)
        with suppress(OSError):  # it has died: wait() says why
            self.control.sendall(json.dumps(orders).encode() + b"\n" + b"".join(files.values()))

    def _rlimits(self):
        chosen = {
            "RLIMIT_DATA": self.limits.memory,
            "RLIMIT_FSIZE": self.limits.file_size,
            "RLIMIT_CORE": 1,  # 0 would still call the crash handler that a system may have
            "RLIMIT_NOFILE": 1024,
            "RLIMIT_MSGQUEUE": 0,
        }
        # Outside a sandbox it would count whatever else this user runs.
        return chosen if self.sandbox.unsafe else chosen | {"RLIMIT_NPROC": self.limits.processes}

    def wait(self):
        """Wait until everything is imported. Raises SandboxError with the reason when that fails."""
        if self.ready:
            return
        self.control.settimeout(START)
        try:
            answer = self.control.recv(65536)
        except OSError:
            answer = b""
        if answer != b"ready":
            self.stop()
            said = (answer or self.said).decode(errors="replace").strip().splitlines()
            said = said[-1] if said else self.sandbox.ended or f"nothing came in {START} seconds"
            raise SandboxError(f"The sandbox did not start: {said}")
        # From here on the student's code could write to it, and nobody reads it.
        self.process.stderr.close()
        self.ready = True

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

    def stop(self, reason=None):
        """Kill everything, and come back when it is dead."""
        with self.lock:
            if self.stopped.is_set():
                return
            if reason:
                self.sandbox.ended = reason
            self.stopped.set()
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
            self.control.close()
            if self.sandbox.unsafe:
                shutil.rmtree(self.base, ignore_errors=True)

    def _watch(self):
        while not self.stopped.wait(0.05):
            try:
                reason = self._excess()
            except OSError:  # a process ended while it was looked at
                continue
            if reason:
                self.stop(reason)

    def _excess(self):
        """One sentence when the submission uses more than it may."""
        if self.sandbox.time_left() <= 0:
            return f"The submission took longer than {self.limits.total_seconds:g} seconds."
        if self.handle is None or not self.ready or select.select([self.handle], [], [], 0)[0]:
            # There is no sandbox; or its walls may not stand yet, and what is seen is the machine's; or it has died.
            return None
        memory, threads = usage(self.init, self.limits.memory)
        if memory > self.limits.memory:
            return f"The submission used more than {self.limits.memory / GB:.3g} GB of memory."
        if threads > self.limits.processes + 8:
            return f"The submission started more than {self.limits.processes} processes and threads."
        if machine_runs_low():
            return "The machine ran out of memory while the submission ran."
        return None


def _environment(base):
    """All that the sandbox's environment has: nothing is handed on from the instructor's."""
    return {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": f"{base}/home",
        "USER": "student",
        "LOGNAME": "student",
        "TMPDIR": base,
        "NST_OUTPUT": f"{base}/output",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{base}/home/.config/matplotlib",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }


@functools.cache
def _font_lists():
    """matplotlib's list of fonts, which takes seconds to make: a dict from file name to bytes."""
    import matplotlib.font_manager  # makes the list, where there is none

    return {path.name: path.read_bytes() for path in Path(matplotlib.get_cachedir()).glob("fontlist-v*.json")}
