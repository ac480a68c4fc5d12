"""The walls of a sandbox: what bubblewrap is told, and the filter of system calls that it loads.

Namespaces of their own for processes, network and mounts; mounted is nothing but the system, the Python environment and
what a student has of the course, all read-only, and file systems in memory, which have a size.
"""

import functools
import json
import os
import platform
import random
import shutil
import struct
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from nst.grading.walls.course import course_files
from nst.grading.walls.packages import outside
from nst.paths import CHECKOUT

#: The folder that holds the packages `nst` and `nst_utils`.
COURSE = Path(__file__).resolve().parent.parent.parent.parent

#: The file systems in memory, all that the student's code can write to: the second for what programs share.
PRIVATE = ("/tmp", "/dev/shm")

_SHARED_SIZE = 64 << 20

_SYSTEM = ("/usr/bin", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/lib")
_SYSTEM_LINKS = ("/bin", "/lib", "/lib64")
_ETC = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types")


@functools.cache
def available():
    """None where submissions can be graded in a sandbox, else one sentence: why not, and what to do."""
    if not sys.platform.startswith("linux"):
        return (
            f"Grading in a sandbox needs Linux, and this is {platform.system()}: grade on a Linux machine, be it a "
            "virtual one."
        )
    if platform.machine() not in _MACHINES:
        return (
            f"Grading in a sandbox needs an x86_64 or aarch64 machine, and this is {platform.machine()}: "
            "grade on another one."
        )
    if shutil.which("bwrap") is None:
        return "Grading needs bubblewrap, and no bwrap is found: install Debian's bubblewrap (apt install bubblewrap)."
    process, _ = start(["/bin/sh", "-c", ":"], spare_uid(), 1 << 20, env={}, stderr=subprocess.PIPE)
    said = process.communicate()[1].decode(errors="replace").strip()
    if process.returncode:
        said = (said.splitlines() or [f"exit status {process.returncode}"])[-1]
        return (
            f"bubblewrap cannot make a sandbox here ({said}): it must be version 0.8 or newer, and a plain user or a "
            "container must be allowed to make user namespaces (user.max_user_namespaces, AppArmor, docker run "
            "--privileged)."
        )
    return None


def start(command, uid, disk, keep=(), paints=False, **options):
    """Start a command, a list of texts, in a sandbox.

    uid: a `spare_uid`, which the command must take as soon as it can; or None.
    disk: bytes that may be written to /tmp.
    keep: file descriptors that the command gets; it gets no others.
    paints: as course_files has it.
    options: of subprocess.Popen.

    Returns the Popen of bwrap, and the id, out here, of the first process inside: all others end with it. The id is
    None if that failed.
    """
    return _start(_apart(uid), disk, paints, command, keep, options)


def start_to_be_entered(users, disk, paints=False, **options):
    """Walls with nothing in them but a process that waits, for one that was forked outside to enter: as `start` does.

    users: file descriptor of the namespace of users in which that one is; None for root's, which needs none. The
    process that waits writes a line to its stdout when the walls stand, and ends with its stdin.
    """
    arguments = ["--unshare-pid", "--as-pid-1", *_UNSHARED, "--cap-drop", "ALL"]
    arguments += [] if users is None else ["--userns", str(users)]
    waits = ["/bin/sh", "-c", "trap '' CHLD; echo; read forever"]  # who ends is buried, whoever's child it was
    return _start(arguments, disk, paints, waits, [] if users is None else [users], options)


def start_outside(command, disk, keep=(), **options):
    """Start the process that is forked for all: it sees what a submission sees, and may enter other sandboxes.

    It is in the instructor's namespace of processes, since nobody enters one that is not below their own. Returns the
    Popen of bwrap.
    """
    rights = ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]
    if os.geteuid() == 0:
        rights += ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"]
        arguments = ["--cap-drop", "ALL"]
    else:
        arguments = ["--unshare-user"]
    arguments += [*_UNSHARED, *(word for right in rights for word in ("--cap-add", right))]
    with _opened(course_files(False)) as files:
        wall = [shutil.which("bwrap"), *arguments, *_walls(disk, files, ["--ro-bind", "/proc", "/proc"])]
        return subprocess.Popen([*wall, "--", *command], pass_fds=[*keep, *files.values()], **options)


def _start(arguments, disk, paints, command, keep, options):
    with _filter_to_read() as filter_, _pipe() as (said, says), _opened(course_files(paints)) as files:
        inherited = [*keep, *files.values(), filter_.fileno(), says.fileno()]
        wall = [shutil.which("bwrap"), *arguments, *_walls(disk, files)]
        wall += ["--seccomp", str(filter_.fileno()), "--info-fd", str(says.fileno())]
        process = subprocess.Popen([*wall, "--", *command], pass_fds=inherited, **options)
        says.close()
        try:
            return process, json.loads(said.read(4096))["child-pid"]
        except (ValueError, KeyError):
            return process, None


def spare_uid():
    """A user id that nobody has, for root; None for a plain user, who cannot take another."""
    if os.geteuid() != 0:
        return None
    ranges = [[int(number) for number in line.split()] for line in Path("/proc/self/uid_map").read_text().splitlines()]
    # No system gives out ids between 0x70000000 and 0x7fffffff; a container may have 65536 only.
    for uid in (0x70000000 + random.SystemRandom().randrange(1 << 24), 60001 + random.SystemRandom().randrange(4000)):
        if any(first <= uid < first + count for first, _, count in ranges):
            return uid
    return None


_UNSHARED = ("--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")


def _apart(uid):
    """bwrap's arguments for namespaces and rights."""
    if uid is None:
        return ["--unshare-all", "--unshare-user", "--disable-userns"]
    # The zygote needs these to become the user `uid`, and has none afterwards.
    return ["--unshare-pid", *_UNSHARED, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]


def _walls(disk, files, proc=("--proc", "/proc")):
    """bwrap's arguments for what is seen inside. files: place in the package -> file descriptor of what is there."""
    arguments = ["--die-with-parent", "--new-session", "--hostname", "student"]
    mounts = {path: ["--ro-bind-try", path, path] for path in [*_read_only(), *elsewhere().paths]}
    for path in _SYSTEM_LINKS:
        target = os.readlink(path) if os.path.islink(path) else None
        mounts[path] = ["--symlink", target, path] if target else ["--ro-bind-try", path, path]
    mounts["/proc"] = [*proc]
    mounts["/dev"] = ["--dev", "/dev"]
    for path, size in zip(PRIVATE, (disk, min(disk, _SHARED_SIZE)), strict=True):
        mounts[path] = ["--perms", "1777", "--size", str(size), "--tmpfs", path]
    sealed = ["/dev", "/"]
    if CHECKOUT:
        # Where the checkout lies in something mounted (say in /usr/local/lib), nothing else of it must show through.
        mounts[str(CHECKOUT)] = ["--perms", "0755", "--tmpfs", str(CHECKOUT)]
        sealed = [str(CHECKOUT), *sealed]
    # Where the course is installed, it lies in Python's own folder, which is mounted: none of it must show through.
    for package in _packages():
        mounts[package] = ["--perms", "0755", "--tmpfs", package]
        sealed = [package, *sealed]
    for place, file in files.items():
        # Copied: so many mounts would take bwrap longer than all else.
        mounts[f"{COURSE}/nst/{place}"] = ["--perms", "0444", "--file", str(file), f"{COURSE}/nst/{place}"]
    made = {"/", *mounts}
    for path in sorted(mounts, key=lambda path: PurePosixPath(path).parts):  # a folder before what lies in it
        for parent in map(str, reversed(PurePosixPath(path).parents)):
            if parent not in made:
                # Left to itself, bwrap makes it for the instructor alone.
                arguments += ["--perms", "0755", "--dir", parent]
                made.add(parent)
        arguments += mounts[path]
    for path in sealed:
        arguments += ["--remount-ro", path]
    return arguments


def _packages():
    """The package nst, and whatever other copies of it Python's folders hold."""
    libraries = [f"{prefix}/{name}" for prefix in (*_python(), "/usr", "/usr/local") for name in ("lib", "lib64")]
    copies = [str(copy) for library in libraries for copy in Path(library).glob("python3*/*-packages/nst")]
    return dict.fromkeys([str(COURSE / "nst"), *copies])


def _python():
    return sorted({form for prefix in (sys.prefix, sys.base_prefix) for form in (prefix, os.path.realpath(prefix))})


def elsewhere():
    """Packages that the course needs and that lie outside of the Python environment: an Outside."""
    return outside(tuple(_read_only()))


def _read_only():
    """What the sandbox sees of this machine: the system, Python, and of the course what a student has."""
    course = ["nst_utils.py", *(["images", "pretrained-model", "pyproject.toml"] if CHECKOUT else ["nst/_data"])]
    return [
        *_SYSTEM,
        *(f"/etc/{name}" for name in _ETC),
        # Not the whole folder: somebody's environment may be their home.
        *(f"{prefix}/{name}" for prefix in _python() for name in ("bin", "lib", "lib64", "pyvenv.cfg")),
        *(str(COURSE / name) for name in course),
    ]


#: Machine: its name in the kernel's filters (AUDIT_ARCH_*).
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

#: System calls that are refused, or looked at: name -> its number for each machine.
_CALLS = {
    # Making a process: refused only with a user namespace of its own, in which other file systems can be mounted.
    "clone": {"x86_64": 56, "aarch64": 220},
    "clone3": {"x86_64": 435, "aarch64": 435},
    # New and other namespaces.
    "unshare": {"x86_64": 272, "aarch64": 97},
    "setns": {"x86_64": 308, "aarch64": 268},
    # Memory that belongs to no process.
    "memfd_create": {"x86_64": 319, "aarch64": 279},
    "memfd_secret": {"x86_64": 447, "aarch64": 447},
    "shmget": {"x86_64": 29, "aarch64": 194},
    "semget": {"x86_64": 64, "aarch64": 190},
    "msgget": {"x86_64": 68, "aarch64": 186},
    # What nobody here needs.
    "bpf": {"x86_64": 321, "aarch64": 280},
    "perf_event_open": {"x86_64": 298, "aarch64": 241},
    "userfaultfd": {"x86_64": 323, "aarch64": 282},
    "io_uring_setup": {"x86_64": 425, "aarch64": 425},
    "keyctl": {"x86_64": 250, "aarch64": 219},
    "add_key": {"x86_64": 248, "aarch64": 217},
    "request_key": {"x86_64": 249, "aarch64": 218},
}


def call_filter():
    """A filter of system calls in the kernel's form: code, jump if true, jump if false, value.

    What it refuses would get round the limits: user namespaces, in which file systems without a size can be mounted,
    and memory that belongs to no process. The rest is refused because nobody needs it, and kernels had holes there.
    """
    machine = platform.machine()
    numbers = {name: of_machine[machine] for name, of_machine in _CALLS.items()}
    clone, clone3 = numbers.pop("clone"), numbers.pop("clone3")
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, eperm, enosys = 0x7FFF0000, 0x00050001, 0x00050026
    new_user_namespace = 0x10000000
    program = [
        (load, 0, 0, 4),  # the architecture
        (equal, 1, 0, _MACHINES[machine]),
        (answer, 0, 0, enosys),
        (load, 0, 0, 0),  # the number of the call
        (at_least, 0, 1, 0x40000000),  # x86_64's second set of numbers
        (answer, 0, 0, enosys),
        # Its flags cannot be seen from here; the C library takes clone when there is no clone3.
        (equal, 0, 1, clone3),
        (answer, 0, 0, enosys),
    ]
    for number in numbers.values():
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
def _opened(files):
    """The same dict, with file descriptors in the place of paths."""
    with ExitStack() as stack:
        yield {place: stack.enter_context(path.open("rb")).fileno() for place, path in files.items()}


@contextmanager
def _filter_to_read():
    with _pipe() as (reader, writer):  # no file: the disk may be full
        writer.write(call_filter())
        writer.close()
        yield reader


@contextmanager
def _pipe():
    """The two ends of a pipe, as files."""
    reader, writer = os.pipe()
    with open(reader, "rb") as reading, open(writer, "wb") as writing:
        yield reading, writing
