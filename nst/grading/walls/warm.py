"""The process that has imported TensorFlow already, outside of all sandboxes, from which theirs are forked.

There is one for all that judge on this machine in a run: whoever begins the run says `serve`, and its workers `use` the
address that this gives. Whoever judges alone has one by itself, from the first submission on. It starts with an
environment of its own, sees what a sandbox sees, and is told nothing but what to import: what a submission's process
inherits from it can hold no secret. It ends with its owner; when it ends before, another one is started.

Where it cannot be had, sandboxes are cold, each importing TensorFlow by itself, and `why_cold` says why.
"""

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

from nst.grading.walls.bubblewrap import COURSE, PRIVATE, elsewhere, start_outside
from nst.grading.walls.orders import environment, font_lists

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

#: After so many failures one after another it is not tried again.
TRIES = 3

#: Bytes that it may write, in its own memory: lists of fonts and settings, before anybody is forked.
_DISK = 64 << 20

_lock = threading.Lock()
_own, _given, _failures, _reason = {}, None, 0, None


class Warm:
    """The process, and the thread that starts it again when it ends."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="nst-warm-"))  # only this user may enter it
        self.address = str(self.folder / "calls")
        self._imports, self._owner, self._closed = IMPORTS, None, False
        try:
            self._calls = socket.socket(socket.AF_UNIX)
            self._calls.bind(self.address)
            self._calls.listen(128)
            # It dies with the thread that started it.
            threading.Thread(target=self._run, name="warm process", daemon=True).start()
        except BaseException:
            self.close()
            raise

    def close(self):
        """End it."""
        self._closed = True
        self._calls.close()
        if self._owner:
            with suppress(OSError):
                self._owner.shutdown(socket.SHUT_RDWR)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self):
        said = b"ready"
        while said == b"ready" and not self._closed:
            try:
                said = self._life()
            except OSError as error:
                said = f"{type(error).__name__}: {error}".encode()
        if not self._closed:
            _say(self.address, said.decode(errors="replace").strip() or "it has ended without a word")
            self._calls.close()

    def _life(self):
        """One life of it; what it said when it had imported everything: "ready", or what went wrong."""
        self._owner, its = socket.socketpair()
        with self._owner, its:
            numbers = [its.fileno(), self._calls.fileno()]
            command = [sys.executable, "-IB", str(COURSE / "nst" / "grading" / "walls" / "zygote.py")]
            options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
            options |= {"env": environment(PRIVATE[0]), "cwd": "/", "start_new_session": True}
            process = start_outside([*command, *map(str, numbers)], _DISK, numbers, **options)
            its.close()
            with process.stderr:
                said = self._order()
                said = said or process.stderr.read(65536)
            process.wait()
            return said

    def _order(self):
        files = {f"{PRIVATE[0]}/home/.config/matplotlib/{name}": content for name, content in font_lists().items()}
        orders = {
            "imports": self._imports,
            "course": str(COURSE),
            "packages": elsewhere()._asdict(),
            "folders": [],
            "files": [[name, len(content)] for name, content in files.items()],
        }
        with suppress(OSError):
            self._owner.sendall(json.dumps(orders).encode() + b"\n" + b"".join(files.values()))
            return self._owner.recv(65536)
        return b""


@contextmanager
def serve():
    """Have one for a run; gives its address, for the workers to `use`, or None where it cannot be had.

    Within another run, such as that of `nst worker`, it is the one of that.
    """
    if _given:
        yield _given
        return
    earlier, warm = _given, None
    try:
        warm = Warm()
        use(warm.address)
    except (OSError, RuntimeError) as error:
        failed(f"{type(error).__name__}: {error}")
    try:
        yield warm and warm.address
    finally:
        use(earlier)
        if warm:
            warm.close()


def use(address):
    """Have the sandboxes of this process forked from the one at this address."""
    global _given
    _given = address


def call():
    """A socket that is connected to the process which forks, or None where there is none."""
    if _failures >= TRIES:
        return None
    sock = None
    try:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(_given or _owned().address)
        return sock
    except (OSError, RuntimeError) as error:
        if sock:
            sock.close()
        failed(f"{type(error).__name__}: {error}")
        return None


def _owned():
    with _lock:
        key = os.getpid(), IMPORTS
        if key not in _own:
            _own[key] = Warm()
            atexit.register(_own[key].close)
        return _own[key]


def worked():
    """A sandbox was forked from it."""
    global _failures
    _failures = 0


def failed(reason):
    """A sandbox could not be forked from it, for this reason, and is a cold one."""
    global _failures, _reason
    _failures += 1
    _reason = _reason or reason
    for address in _addresses():
        _say(address, reason)


def why_cold():
    """One sentence where sandboxes of this process, or of others with the same address, had to be cold; else None."""
    reason = _reason
    for address in _addresses():
        with suppress(OSError):
            reason = _note(address).read_text(encoding="utf-8")
    if reason is None:
        return None
    return (
        "Expected one process to import TensorFlow for all submissions, and found that submissions had to import it by "
        f"themselves ({reason}): no mark is changed by that, and each of them took a few seconds longer."
    )


def _addresses():
    return [_given] if _given else [warm.address for warm in _own.values()]


def _note(address):
    return Path(address).with_name("cold")


def _say(address, reason):
    """Note the first reason, for all that have this address."""
    with suppress(OSError), _note(address).open("x", encoding="utf-8") as note:
        note.write(reason)
