"""Where the course's files are, found from this module's own place and never from the working directory."""

import os
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
