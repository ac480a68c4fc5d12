"""Where the course's files are, and how a new one appears whole or not at all.

They are found from this module's own place and never from the working directory.
"""

import os
from contextlib import contextmanager
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

#: The root of the clone this module belongs to; None where the course was installed as a wheel.
CHECKOUT = _PACKAGE.parent if (_PACKAGE.parent / "pyproject.toml").exists() else None

_DATA = CHECKOUT or _PACKAGE / "_data"

#: The course's own pictures.
IMAGES = _DATA / "images"

#: The embedded weights, and the full ones once `nst weights` has fetched them.
PRETRAINED = _DATA / "pretrained-model"

#: What you paint lands here: in the folder NST_OUTPUT names, if that is set, else in the clone's `output/`. An
#: installed course has no folder of its own to write to, so it uses `output/` in the current one.
OUTPUT = Path(os.environ.get("NST_OUTPUT") or (CHECKOUT or Path.cwd()) / "output")


@contextmanager
def whole_file(path):
    """A path to write to that becomes `path` once the block is done; a block that fails leaves no half file."""
    unfinished = path.with_name(f".unfinished-{os.getpid()}-{path.name}")
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
