"""Where the course's files are, and how a new one appears whole or not at all.

They are found from this module's own place and never from the working directory.
"""

import errno
import os
import re
import secrets
import stat
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from nst import disk

_PACKAGE = Path(__file__).resolve().parent

#: The root of the clone this module belongs to; None where the course was installed as a wheel.
CHECKOUT = _PACKAGE.parent if (_PACKAGE.parent / "pyproject.toml").exists() else None

_DATA = CHECKOUT or _PACKAGE / "_data"

#: The course's own pictures.
IMAGES = _DATA / "images"

#: The embedded weights, and the full ones once `nst weights` has fetched them.
PRETRAINED = _DATA / "pretrained-model"


def _output():
    if named := os.environ.get("NST_OUTPUT"):
        return Path(named)
    own = (CHECKOUT or Path.cwd()) / "output"
    if os.access(own if own.exists() else own.parent, os.W_OK):
        return own
    with suppress(RuntimeError):  # nobody has told where home is
        return Path.home() / "nst-output"
    return own


#: What you paint lands here: in the folder NST_OUTPUT names, if that is set, else in the clone's `output/`. An
#: installed course has no folder of its own to write to, so it uses `output/` in the current one. Where that can only
#: be read, as on some hubs, it is `nst-output` in your home folder: one notebook finds there what another has left.
OUTPUT = _output()

_UNFINISHED = re.compile(r"\.unfinished-\d+-")
_LEFT_OVER = 3600  # seconds: a file that nobody has written to for so long was left by a program that was killed


@contextmanager
def whole_file(path):
    """A path to write to that becomes `path` once the block is done; a block that fails leaves no half file.

    What is written is on the disk before it takes the place of an earlier `path`. Unfinished files that a killed
    program has left in the folder are removed. Raises OSError, and whatever the block raises.
    """
    unfinished = _unfinished(path)
    try:
        yield unfinished
        _bring_to_disk(unfinished)
        os.replace(unfinished, path)
    except BaseException:
        _remove(unfinished)
        raise
    _remove_leftovers(unfinished.parent)


@contextmanager
def tried_file(path):
    """As whole_file, and nothing is left of it: an OSError that whole_file would raise is raised here."""
    unfinished = _unfinished(path)
    try:
        yield unfinished
        _bring_to_disk(unfinished)
        try:
            earlier = os.lstat(path)
        except FileNotFoundError:
            os.replace(unfinished, path)
            os.unlink(path)
        else:
            _demand_replaceable(path, earlier)
    finally:
        _remove(unfinished)


def saved_somewhere(path, write):
    """Call write(path); where that raises OSError, with a file in one of the `refuges`, until one takes it.

    Returns the path that was written, or None where all refuse; and the OSError of `path`, or None.
    """
    try:
        write(path)
        return path, None
    except OSError as error:
        refused = error
    for folder in refuges(path.parent):
        with suppress(OSError):
            write(folder / f"painting{path.suffix}")
            return folder / f"painting{path.suffix}", refused
    return None, refused


def refuges(beside):
    """New folders, one after another, for what cannot be written where it should be.

    They are made in the folder `beside`, the current one, that for temporary files, your home, and in memory, where
    Linux has a folder for it.
    """
    for place in (lambda: beside, Path.cwd, tempfile.gettempdir, Path.home, lambda: "/dev/shm"):
        try:
            folder = Path(tempfile.mkdtemp(prefix="painting-", dir=place()))
        except (OSError, RuntimeError):  # RuntimeError: nobody has told where home is
            continue
        yield folder
        with suppress(OSError):
            folder.rmdir()  # the next one is asked for, so this one was refused, too


def refusal(path, error):
    """One sentence: that `path` cannot be written, the OSError why, and what to do."""
    return f"{path} cannot be written ({error.strerror or error}); {disk.when_writing(error)}."


def _unfinished(path):
    """A new name beside `path`, short whatever that one is called, and with its ending, which some writers go by."""
    ending = path.suffix if len(os.fsencode(path.suffix)) <= 16 else ""
    return path.with_name(f".unfinished-{os.getpid()}-{secrets.token_hex(4)}{ending}")


def _bring_to_disk(path):
    """Have what was written to `path` on the disk: some tell only then that it is full, or fails."""
    descriptor = os.open(path, os.O_RDWR)  # Windows would not do it for a file opened to be read
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):  # a file system that has no such thing
            raise
    finally:
        os.close(descriptor)


def _demand_replaceable(path, status):
    """Raise OSError where another file cannot take the place of `path`; status: its os.lstat."""
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with suppress(NotADirectoryError):
        # Nobody can remove a file in this way. Asked to, the system says first whether it could be removed at all,
        # which it could not if it is another's in a folder such as /tmp.
        os.rmdir(path)


def _remove(path):
    with suppress(OSError):
        os.unlink(path)


def _remove_leftovers(folder):
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _UNFINISHED.match(entry.name) and time.time() - entry.stat(follow_symlinks=False).st_mtime > _LEFT_OVER:
                _remove(entry.path)
