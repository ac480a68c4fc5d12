"""One sandbox per submission, in which a process for each notebook is forked from one that has imported TensorFlow.

bubblewrap gives the walls: namespaces of their own for processes, network and mounts, with nothing mounted but the
system, the Python environment and what a student has of the course, all read-only. Files that the student's code
writes go to a file system in memory, which has a size and ends with the sandbox.

What bounds what:

- processes (threads count): RLIMIT_NPROC. The kernel counts it for a user, and for root not at all, so under root the
  sandbox runs as a user that nobody else is; a plain user's sandbox has a user namespace, where counting starts anew.
- memory: RLIMIT_DATA for each process, so that the usual bomb is a MemoryError; for all of them together, with their
  files, a thread of the instructor's process that looks twenty times a second and kills the sandbox. It kills it too
  when the whole machine runs low. Until it looks, a few hundred MB more can be touched. No cgroup is used: a plain
  user can rarely write to one.
- files: the size of the file system in memory, and RLIMIT_FSIZE.
- calls that get round these: a filter of system calls (seccomp) refuses user namespaces, in which new file systems
  could be mounted, and memory that belongs to no process (memfd_create, shmget).
- time: the examiner kills a notebook's process; the sandbox ends when the submission's time is spent.

Whatever the student's code does to its own sandbox harms only its own submission: when the first process there dies,
the next notebook starts a new sandbox from the same files.
"""

import functools
import json
import os
import platform
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from nst.paths import CHECKOUT

_PACKAGE = Path(__file__).resolve().parent.parent

GB, MB = 1 << 30, 1 << 20


class Limits(NamedTuple):
    """What one submission may use. Sizes in bytes, times in seconds.

    memory: of all its processes and files together; processes: counting threads, of which TensorFlow starts a few for
    each core; file_size: of one file; disk: of all files; output: of a cell (kept by the examiner); cell_seconds,
    call_seconds: of one cell and of one remote call (kept by the examiner); total_seconds: of the submission, from its
    first notebook on.
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


@functools.cache
def available():
    """None where submissions can be graded in a sandbox, else one sentence: why not, and what to do."""
    if not sys.platform.startswith("linux"):
        return (
            f"Grading in a sandbox needs Linux, and this is {platform.system()}: grade on a Linux machine or in a "
            "virtual one."
        )
    if platform.machine() not in _SYSTEM_CALLS:
        return (
            f"Grading in a sandbox needs an x86_64 or aarch64 machine, and this is {platform.machine()}: "
            "grade on another one."
        )
    if shutil.which("bwrap") is None:
        return "Grading needs bubblewrap, and no bwrap is found: install Debian's bubblewrap (apt install bubblewrap)."
    uid = _spare_uid()
    with _filter_file() as filter_file:
        command = [*_bwrap(uid, Limits()), "--seccomp", str(filter_file.fileno()), "--", "/bin/sh", "-c", ":"]
        trial = subprocess.run(command, env={}, capture_output=True, text=True, pass_fds=[filter_file.fileno()])
    if trial.returncode:
        said = (trial.stderr.strip().splitlines() or [f"exit status {trial.returncode}"])[-1]
        return (
            f"bubblewrap cannot make a sandbox here ({said}): it must be version 0.8 or newer, and a plain user or a "
            "container must be allowed to make user namespaces (user.max_user_namespaces, AppArmor, docker run "
            "--privileged)."
        )
    return None


class Sandbox:
    """A context manager: the processes of one submission, with its files and nothing else of the instructor's.

    Parameters
    ----------
    files : dict
        Relative path, with slashes -> bytes: what lies in the folder in which the notebooks run.
    limits : Limits
    unsafe : bool
        Run without bubblewrap, in a temporary folder, with your own rights: only for submissions that you trust.
    main : str
        "module:function" that serves the socket in a notebook's process.

    Attributes
    ----------
    ended : str or None
        One sentence when the processes of the latest notebook were killed for using too much.

    Enter and leave it in one thread: the sandbox dies with the thread that entered it.
    """

    def __init__(self, files, limits=Limits(), unsafe=False, main="nst.grading.inside:serve"):  # noqa: B008
        for name in files:
            parts = PurePosixPath(name).parts
            if not parts or parts[0] == "/" or ".." in parts or "\0" in name:
                raise ValueError(f"Expected a path inside the folder of the submission, and found {name!r}.")
        self.files, self.limits, self.unsafe, self.main = dict(files), limits, unsafe, main
        self.ended = None
        self._box = self._deadline = None
        self._busy = False

    def __enter__(self):
        """Start; the first notebook waits until everything is imported, so an early start costs no waiting."""
        if not self.unsafe and (reason := available()):
            raise SandboxError(reason)
        self._box = _Box(self)
        return self

    def __exit__(self, *exception):
        self.kill()

    def kill(self):
        """Kill every process of the submission. The next notebook starts anew, from the same files."""
        if self._box:
            self._box.stop()
            self._box = None

    @contextmanager
    def notebook(self, name):
        """Fork a process for a notebook, one at a time, and give a socket that is connected to it.

        At the end of the block that process and all that it started are killed. Files that it wrote stay for the next.
        Raises SandboxError when the submission's time is spent.
        """
        if self._busy:
            raise RuntimeError(f"Expected one notebook at a time, and {name} starts before another has ended.")
        self._deadline = self._deadline or time.monotonic() + self.limits.total_seconds
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
        for _ in range(2):  # the first process there may have been killed by the notebook before
            if self.time_left() <= 0:
                raise SandboxError(f"The submission's {self.limits.total_seconds:g} seconds are spent.")
            self.ended = None
            self._box = self._box or _Box(self)
            if self._box.fork(theirs):
                return
            self.kill()
        raise SandboxError(self.ended or "The sandbox started, and its first process died before it could serve.")

    def time_left(self):
        """Seconds until the submission's time is spent."""
        return self.limits.total_seconds if self._deadline is None else self._deadline - time.monotonic()


class _Box:
    """One life of a sandbox: bubblewrap with the zygote in it, and the thread that watches them."""

    def __init__(self, sandbox):
        self.sandbox, self.limits = sandbox, sandbox.limits
        self.ready = False
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        self.folder = tempfile.TemporaryDirectory(prefix="nst-unsafe-") if sandbox.unsafe else None
        self.control, theirs = socket.socketpair()
        base = self.folder.name if self.folder else "/tmp"
        uid = None if sandbox.unsafe else _spare_uid()
        command = [sys.executable, "-IB", str(_PACKAGE / "grading" / "zygote.py"), str(theirs.fileno())]
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        options |= {"env": _environment(base), "cwd": "/", "start_new_session": True}
        with theirs:
            if sandbox.unsafe:
                self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], **options)
                self.init = self.process.pid
            else:
                self.process, self.init = _start_bwrap(uid, self.limits, command, theirs.fileno(), options)
        self.gone = os.pidfd_open(self.init) if self.init and not sandbox.unsafe else None
        self._order(base, uid)
        threading.Thread(target=self._watch, name="sandbox watchdog", daemon=True).start()

    def _order(self, base, uid):
        """Tell the zygote what to do, and give it the files."""
        files = {f"{base}/work/{name}": content for name, content in self.sandbox.files.items()}
        files |= {f"{base}/home/.config/matplotlib/{name}": content for name, content in _font_lists().items()}
        orders = {
            "main": self.sandbox.main,
            "course": str(_PACKAGE.parent),
            "folder": f"{base}/work",
            "folders": [f"{base}/home", f"{base}/output"],
            "uid": uid,
            "contained": not self.sandbox.unsafe,
            "limits": _rlimits(self.limits, self.sandbox.unsafe),
            "files": [[name, len(content)] for name, content in files.items()],
        }
        self.control.settimeout(60)
        with suppress(OSError):  # it has died: _await says why
            self.control.sendall(json.dumps(orders).encode() + b"\n" + b"".join(files.values()))

    def _await(self):
        """Wait until the zygote has imported everything. Raises SandboxError with the reason when it fails."""
        self.control.settimeout(180)
        try:
            answer = self.control.recv(65536)
        except OSError:
            answer = b""
        if answer != b"ready":
            said = answer.decode(errors="replace").strip()
            self.stop()
            if not said and self.process.stderr:
                said = self.process.stderr.read(65536).decode(errors="replace").strip()
            said = (said.splitlines() or [self.sandbox.ended or "it says nothing"])[-1]
            raise SandboxError(f"The sandbox did not start: {said}")
        # From here on the student's code could write to it, and nobody reads it.
        self.process.stderr.close()
        self.ready = True

    def fork(self, sock):
        """Have a process forked that serves the socket. False when the zygote is dead."""
        if not self.ready:
            self._await()
        try:
            socket.send_fds(self.control, [b"f"], [sock.fileno()])
            return True
        except OSError:
            return False

    def clear(self):
        """Kill all but the zygote. False when that did not work, or when the files leave the next notebook no room."""
        if not self.ready:
            return True
        try:
            self.control.settimeout(10)
            self.control.sendall(b"c")
            if self.control.recv(1) != b"c":
                return False
        except OSError:
            return False
        return self.sandbox.unsafe or self._files_used() < self.limits.disk / 2

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
            if self.gone is not None:
                # The first process of a process namespace takes all others with it, and is gone after them.
                _kill(self.gone)
                select.select([self.gone], [], [], 30)
                os.close(self.gone)
            self.process.wait()
            self.control.close()
            if self.folder:
                shutil.rmtree(self.folder.name, ignore_errors=True)

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
        if self.sandbox.unsafe:
            return None
        files = self._files_used()
        memory, threads = self._usage(files)
        if memory > self.limits.memory:
            return f"The submission used more than {self.limits.memory / GB:.3g} GB of memory."
        if threads > self.limits.processes + 8:
            return f"The submission started more than {self.limits.processes} processes and threads."
        machine = _fields("/proc/meminfo", "MemTotal", "MemAvailable")
        if machine["MemAvailable"] < machine["MemTotal"] / 32:
            return "The machine ran out of memory while the submission ran."
        return None

    def _files_used(self):
        """Bytes in the sandbox's file systems; a file's own entry is counted as 1 KB."""
        used = 0
        for mount in _PRIVATE:
            stat = os.statvfs(f"/proc/{self.init}/root{mount}")
            used += (stat.f_blocks - stat.f_bfree) * stat.f_frsize + (stat.f_files - stat.f_ffree) * 1024
        return used

    def _usage(self, files):
        """Bytes that the submission's processes and files take, and how many threads it has."""
        # The sandbox's own /proc, seen from outside, lists just its processes.
        proc = f"/proc/{self.init}/root/proc"
        processes = [entry for entry in os.listdir(proc) if entry.isdigit()]
        memory, threads = files, 0
        for process in processes:
            try:
                status = _fields(f"{proc}/{process}/status", "RssAnon", "RssShmem", "VmPTE", "Threads")
            except OSError:
                continue
            threads += status.pop("Threads", 0)
            memory += sum(status.values())
        if memory > self.limits.memory:
            # Pages that a forked process shares with its parent were counted for both: divide them now.
            memory = files
            for process in processes:
                try:
                    memory += sum(_fields(f"{proc}/{process}/smaps_rollup", "Pss_Anon", "Pss_Shmem").values())
                    memory += _fields(f"{proc}/{process}/status", "VmPTE").get("VmPTE", 0)
                except OSError:
                    continue
                if memory > self.limits.memory:
                    break
        return memory, threads


def _fields(path, *names):
    """Numbers of a file such as /proc/meminfo, in bytes where the file says kB."""
    found = {}
    with open(path, encoding="ascii", errors="replace") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if name in names:
                number, *unit = value.split()
                found[name] = int(number) * (1024 if unit else 1)
    return found


def _kill(pidfd):
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)


def _rlimits(limits, unsafe):
    chosen = {
        "RLIMIT_DATA": limits.memory,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 1024,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_MSGQUEUE": 0,
    }
    if unsafe:
        del chosen["RLIMIT_NPROC"]  # it would count whatever else this user runs
    return chosen


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


# ---- bubblewrap ----

#: The file systems in memory that the student's code can write to.
_PRIVATE = ("/tmp", "/dev/shm")

_SYSTEM = ("/usr/bin", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/lib")
_SYSTEM_LINKS = ("/bin", "/lib", "/lib64")
_ETC = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types")


def _start_bwrap(uid, limits, command, control, options):
    """Start a command in a sandbox. Returns bwrap's process, and the id of the first one inside (None: it failed)."""
    said, says = os.pipe()
    with _filter_file() as filter_file, open(said, "rb") as said:
        extra = ["--seccomp", str(filter_file.fileno()), "--info-fd", str(says), "--"]
        try:
            process = subprocess.Popen(
                [*_bwrap(uid, limits), *extra, *command], pass_fds=[control, filter_file.fileno(), says], **options
            )
        finally:
            os.close(says)
        try:
            return process, json.loads(said.read(4096))["child-pid"]
        except (ValueError, KeyError):
            return process, None


def _bwrap(uid, limits):
    """The command that makes the sandbox, without what runs in it."""
    command = ["bwrap", "--die-with-parent", "--new-session", "--hostname", "student"]
    if uid is None:
        command += ["--unshare-all", "--unshare-user", "--disable-userns"]
    else:
        command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        # The zygote needs these to become the user `uid`, and has none afterwards.
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    mounts = {path: ["--ro-bind-try", path, path] for path in _read_only()}
    for path in _SYSTEM_LINKS:
        target = os.readlink(path) if os.path.islink(path) else None
        mounts[path] = ["--symlink", target, path] if target else ["--ro-bind-try", path, path]
    mounts["/proc"] = ["--proc", "/proc"]
    mounts["/dev"] = ["--dev", "/dev"]
    mounts["/tmp"] = ["--perms", "1777", "--size", str(limits.disk), "--tmpfs", "/tmp"]
    mounts["/dev/shm"] = ["--perms", "1777", "--size", str(min(limits.disk, 64 * MB)), "--tmpfs", "/dev/shm"]
    sealed = ["/dev", "/"]
    if CHECKOUT:
        # Where the checkout lies in something mounted (say in /usr/local/lib), nothing of it must show through.
        mounts[str(CHECKOUT)] = ["--perms", "0755", "--tmpfs", str(CHECKOUT)]
        sealed = [str(CHECKOUT), *sealed]
    made = set()
    for path in sorted(mounts, key=lambda path: PurePosixPath(path).parts):  # a folder before what lies in it
        for parent in reversed(PurePosixPath(path).parents):
            if str(parent) not in made | mounts.keys() | {"/"}:
                # bwrap would make it for the instructor alone.
                command += ["--perms", "0755", "--dir", str(parent)]
                made.add(str(parent))
        command += mounts[path]
    for path in sealed:
        command += ["--remount-ro", path]
    return command


def _read_only():
    """What the sandbox sees of this machine: the system, Python, and of the course what a student has."""
    python = {form for prefix in (sys.prefix, sys.base_prefix) for form in (prefix, os.path.realpath(prefix))}
    course = ["nst", "nst_utils.py", *(["images", "pretrained-model"] if CHECKOUT else [])]
    return [
        *_SYSTEM,
        *(f"/etc/{name}" for name in _ETC),
        # Not the whole folder: somebody's environment may be their home.
        *(f"{prefix}/{name}" for prefix in sorted(python) for name in ("bin", "lib", "lib64", "pyvenv.cfg")),
        *(str(_PACKAGE.parent / name) for name in course),
    ]


def _spare_uid():
    """A user id that nobody has, for root; None for a plain user, who cannot take another."""
    if os.geteuid() != 0:
        return None
    ranges = [[int(number) for number in line.split()] for line in Path("/proc/self/uid_map").read_text().splitlines()]
    # No system gives out ids between 0x70000000 and 0x7fffffff; a container may have 65536 only.
    for uid in (0x70000000 + random.SystemRandom().randrange(1 << 24), 60001 + random.SystemRandom().randrange(4000)):
        if any(first <= uid < first + count for first, _, count in ranges):
            return uid
    return None


# ---- the filter of system calls ----

_SYSTEM_CALLS = {
    # machine: (its name in the kernel's filters, clone, clone3, others that are refused)
    # The others: unshare, setns, memfd_create, memfd_secret, shmget, bpf, perf_event_open, userfaultfd, io_uring_setup,
    # keyctl, add_key, request_key.
    "x86_64": (0xC000003E, 56, 435, (272, 308, 319, 447, 29, 321, 298, 323, 425, 250, 248, 249)),
    "aarch64": (0xC00000B7, 220, 435, (97, 268, 279, 447, 194, 280, 241, 282, 425, 219, 217, 218)),
}


def _filter():
    """A seccomp program in the kernel's form: 8 bytes for each instruction (code, jump if true, if false, value)."""
    architecture, clone, clone3, refused = _SYSTEM_CALLS[platform.machine()]
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, eperm, enosys = 0x7FFF0000, 0x00050001, 0x00050026
    new_user_namespace = 0x10000000
    program = [
        (load, 0, 0, 4),  # the architecture
        (equal, 1, 0, architecture),
        (answer, 0, 0, enosys),
        (load, 0, 0, 0),  # the number of the call
        (at_least, 0, 1, 0x40000000),  # x86_64's second set of numbers
        (answer, 0, 0, enosys),
        # Its flags cannot be seen from here; the C library then takes clone.
        (equal, 0, 1, clone3),
        (answer, 0, 0, enosys),
    ]
    for number in refused:
        program += [(equal, 0, 1, number), (answer, 0, 0, eperm)]
    program += [
        (equal, 0, 3, clone),
        (load, 0, 0, 16),  # its first argument, the flags
        (any_bit, 0, 1, new_user_namespace),
        (answer, 0, 0, eperm),
        (answer, 0, 0, allow),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


@contextmanager
def _filter_file():
    with tempfile.TemporaryFile() as file:
        file.write(_filter())
        file.seek(0)
        yield file
