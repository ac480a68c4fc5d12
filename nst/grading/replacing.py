"""A folder that is replaced as a whole or not at all, and that tells when somebody was stopped in between.

The new one is made beside the old one under a hidden name. As long as that name is there, what belongs to the folder is
not finished: it goes with the last step, in which the new folder takes the old one's place.
"""

import hashlib
import os
import shutil
from pathlib import Path


def _beside(target, what):
    # The name's hash and not the name, which may have the most letters that a file system takes.
    return target.with_name(f".{what}-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}")


def is_unfinished(target):
    """Was somebody stopped between `begin` and `put`?"""
    return os.path.lexists(_beside(Path(target), "unfinished"))


def begin(target):
    """An empty folder that `put` will put in the target's place: its path."""
    target = Path(target)
    new, old = _beside(target, "unfinished"), _beside(target, "replaced")
    if old.exists() and not target.exists():  # stopped within `put`
        old.rename(target)
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(parents=True)
    return new


def put(target):
    """Put the new folder in the target's place."""
    target = Path(target)
    new, old = _beside(target, "unfinished"), _beside(target, "replaced")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def tidy(target):
    """Take away what somebody who was stopped after `put` has left of the old folder."""
    shutil.rmtree(_beside(Path(target), "replaced"), ignore_errors=True)


def give_up(target):
    """Leave the target as it is, and take the new folder away."""
    shutil.rmtree(_beside(Path(target), "unfinished"), ignore_errors=True)
