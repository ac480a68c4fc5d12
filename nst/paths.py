"""Where the course's files are, found from this module's own place and never from the working directory."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent

#: True in a clone of the repository, False where the course was installed as a wheel.
IN_CHECKOUT = (_CHECKOUT / "pyproject.toml").exists()

_DATA = _CHECKOUT if IN_CHECKOUT else _PACKAGE / "_data"

#: The course's own pictures.
IMAGES = _DATA / "images"

#: The embedded weights, and the full ones once `nst weights` has fetched them.
PRETRAINED = _DATA / "pretrained-model"

#: What you paint lands here. An installed course has no folder of its own to write to, so it uses the current one.
OUTPUT = _CHECKOUT / "output" if IN_CHECKOUT else Path.cwd() / "output"
