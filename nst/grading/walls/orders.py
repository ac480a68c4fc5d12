"""What the first process in a sandbox is told: limits, environment, and the files that it needs at once."""

import functools
import sys
from pathlib import Path


def rlimits(limits, unsafe):
    """The limits that the kernel is to keep: a dict from name to value."""
    chosen = {
        "RLIMIT_DATA": limits.memory,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_CORE": 1,  # 0 would still call the crash handler that a system may have
        "RLIMIT_NOFILE": 1024,
        "RLIMIT_MSGQUEUE": 0,
    }
    # Outside a sandbox it would count whatever else this user runs.
    return chosen if unsafe else chosen | {"RLIMIT_NPROC": limits.processes}


def environment(base):
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
def font_lists():
    """matplotlib's list of fonts, which takes seconds to make: a dict from file name to bytes."""
    import matplotlib.font_manager  # makes the list, where there is none

    return {path.name: path.read_bytes() for path in Path(matplotlib.get_cachedir()).glob("fontlist-v*.json")}
