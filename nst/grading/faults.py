"""When the grader itself fails there is no mark: NotJudged, and what of this machine's refusals is one."""

import errno
from contextlib import contextmanager

#: What an OSError says when it is this machine that lacks something, whatever was asked of it.
MACHINE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN, errno.ENOSPC, errno.EDQUOT}
MACHINE |= {errno.EROFS, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}


class NotJudged(Exception):
    """The grader failed, for a reason that is not the student's code. The message is one sentence."""


@contextmanager
def of_the_grader(purpose):
    """What goes wrong within the block is the grader's: NotJudged, with the purpose, "to start a sandbox" say."""
    try:
        yield
    except (OSError, MemoryError, RuntimeError) as error:
        raise NotJudged(refusal(purpose, error)) from error


def demand_a_sound_machine(purpose, error):
    """Raise NotJudged where it is the machine that this OSError is about, and not a student's file."""
    if getattr(error, "errno", None) in MACHINE:
        raise NotJudged(refusal(purpose, error)) from error


def refusal(purpose, error):
    """One sentence about an exception that this machine gave the grader."""
    said = str(error) or "out of memory"
    return (
        f"Expected this machine to have what it takes {purpose}, and found {type(error).__name__} ({said}): free "
        "memory, disk, processes or open files, as that says, and judge again."
    )
