"""How much memory is left to this program, and who says so: the machine, a container, a service, `ulimit`.

None of them knows of the others, and the least counts.
"""

import os
import sys
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import psutil

#: MB that TensorFlow and a network take before anything is painted: (on two cores, for each further core), by what is
#: counted. Address space is what a program has mapped, libraries and the stacks of its threads included; data is what
#: of that it may write to; memory is what it has touched. Measured on Linux with TensorFlow 2.21, with 2 and 16 cores.
PROGRAM = {"memory": (600, 0), "data": (370, 16), "address space": (1850, 60)}

_UNLIMITED = 1 << 60  # version 1 of the control groups has no word for it, but writes the largest number of pages


class Room(NamedTuple):
    """What one of them leaves, in bytes.

    counted: a key of PROGRAM. words: who leaves how much, such as "this machine has 2.0 GB available". advice: how to
    get more.
    """

    bytes: float
    counted: str
    words: str
    advice: str


def rooms(root=Path("/")):
    """A list of every Room there is. root: where Linux's /proc and /sys are.

    Space to swap to counts for nothing: a painting that is swapped out takes hours.
    """
    available = psutil.virtual_memory().available
    machine = Room(available, "memory", f"this machine has {gigabytes(available)} available", "close other programs")
    return [machine, *_control_groups(root), *_promises(root), *_resource_limits()]


def demand_program(found=None):
    """Raise ValueError, one sentence, where TensorFlow itself would not fit; it would crash. found: as from rooms()."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    for room in rooms() if found is None else found:
        two, each = PROGRAM[room.counted]
        needed = 1e6 * (two + each * max(0, cores - 2))
        if room.bytes < needed:
            raise ValueError(
                f"TensorFlow takes about {gigabytes(needed)} of {room.counted} before it paints, and {room.words}; "
                f"{room.advice}."
            )


def _leaves(number, counted, who, advice):
    number = max(0, number)
    return Room(number, counted, f"{who} leaves {gigabytes(number)}", advice)


def gigabytes(number):
    """`number` of bytes in words."""
    return f"{number / 1e9:.2f} GB"


def _resource_limits():
    """`ulimit -v` and `ulimit -d`; Linux alone keeps them."""
    if sys.platform != "linux":
        return
    import resource

    used = psutil.Process().memory_info()
    for limit, taken, counted, option in (
        (resource.RLIMIT_AS, used.vms, "address space", "ulimit -v"),
        (resource.RLIMIT_DATA, used.data, "data", "ulimit -d"),
    ):
        most = resource.getrlimit(limit)[0]
        if most != resource.RLIM_INFINITY:
            yield _leaves(most - taken, counted, f"`{option}`", f"say `{option} unlimited` first")


def _promises(root):
    """Where Linux promises no more memory than there is: what is not promised yet."""
    try:
        if int(_text(root / "proc/sys/vm/overcommit_memory")) != 2:
            return
        lines = (line.split() for line in _text(root / "proc/meminfo").splitlines())
        numbers = {name: int(number) for name, number, *_ in lines}
        left = 1024 * (numbers["CommitLimit:"] - numbers["Committed_AS:"])
    except (OSError, ValueError, KeyError):
        return
    yield _leaves(left, "data", "this machine's vm.overcommit_memory=2", "close other programs")


def _control_groups(root):
    """Limits of the control groups that this process is in, and of those around them that can be seen."""
    for names, used, folder, top in _groups(root):
        for level in (folder, *(parent for parent in folder.parents if parent.is_relative_to(top))):
            for name in names:
                left = _left(level / name, level / used)
                if left is not None:
                    who = f"the limit of this container or service ({level / name})"
                    yield _leaves(left, "memory", who, "have it raised")


def _groups(root):
    """For each hierarchy that counts memory: names of limits, name of what is used, own folder, topmost in sight."""
    try:
        own = [line.split(":", 2) for line in _text(root / "proc/self/cgroup").splitlines()]
        mounts = [line.partition(" - ") for line in _text(root / "proc/self/mountinfo").splitlines()]
    except OSError:
        return
    for fields, _, system in mounts:
        kind, _, options = system.split(" ", 2)
        if kind == "cgroup2":  # "0::/a/b" is the group
            controllers, names, used = "", ("memory.max", "memory.high"), "memory.current"
        elif kind == "cgroup" and "memory" in options.split(","):  # "4:memory:/a/b" is the group
            controllers, names, used = "memory", ("memory.limit_in_bytes",), "memory.usage_in_bytes"
        else:
            continue
        shown, mounted = fields.split()[3:5]
        top = root / mounted.lstrip("/")
        for _, of, path in own:
            if controllers in of.split(","):
                # A container may see no more than its own group, and be told the group's path as it is outside.
                inside = PurePosixPath(path)
                seen = inside.is_relative_to(shown) and ".." not in inside.parts
                yield names, used, top / (inside.relative_to(shown) if seen else ""), top


def _left(limit, used):
    """Bytes that a control group's limit leaves, or None where it has none; limit, used: paths of two of its files."""
    try:
        statistics = dict(line.split() for line in _text(limit.with_name("memory.stat")).splitlines())
        # What lies around it can be out of sight, and version 1 knows of it all the same.
        most = min(int(_text(limit)), int(statistics.get("hierarchical_memory_limit", _UNLIMITED)))
        # A file's pages that nobody has used lately are given back at once.
        unused = int(statistics.get("total_inactive_file", statistics.get("inactive_file", 0)))
        return None if most >= _UNLIMITED else most - int(_text(used)) + unused
    except (OSError, ValueError):
        return None  # the file is not there, or says "max"


def _text(path):
    """What one of Linux's files says; a group's name in it may be any bytes."""
    return path.read_text(encoding="utf-8", errors="surrogateescape")
