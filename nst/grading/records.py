"""Where the record of a judgement is kept, and how it is written: whole or not at all."""

import json
from contextlib import contextmanager
from pathlib import Path

from nst.paths import whole_file

try:
    import fcntl
except ImportError:  # Windows, where nothing but --unsafe judges, and nobody watches
    fcntl = None


def record_path(coursedir, assignment, student):
    """The path of a judgement's record: judged/<student>/<assignment>.json."""
    return _judged(coursedir) / student / f"{assignment}.json"


def journal_path(coursedir):
    """The path of what has been judged and is not written down yet: see queue/journal.py."""
    return _judged(coursedir) / ".journal.sqlite"


def _judged(coursedir):
    return Path(coursedir.root, coursedir.config.JudgedAutograde.get("judged_directory", "judged"))


@contextmanager
def one_writer(coursedir):
    """Nobody else writes marks down meanwhile: `nst watch` and `nst grade` may be at work at the same time.

    It waits for whoever does. The lock of a process that was killed is gone with it.
    """
    with locked(_judged(coursedir) / ".writing.lock"):
        yield


@contextmanager
def locked(path, wait=True):
    """Hold the lock that a file stands for. Raises BlockingIOError where somebody has it and nobody waits."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def watch_lock(coursedir, assignment):
    """The path of the lock of whoever watches an assignment."""
    return _judged(coursedir) / f".watch-{assignment}.lock"


def write_record(path, record):
    """Write a dict of plain data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as unfinished:
        unfinished.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
