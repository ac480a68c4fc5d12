"""What an outcome depends on, as hashes: where all three are the same, so is the outcome."""

import hashlib
import json
import platform
from functools import cache
from importlib.metadata import version

from nst.grading.walls.course import PACKAGE
from nst.paths import PRETRAINED

#: Files of the package that take part in judging: patterns. What comes before a judgement or after it does not.
_JUDGING = (
    "*.py",
    *(f"{room}/**/*" for room in ("weights", "networks", "painting", "checks", "lessons", "course")),
    *(f"grading/{part}/**/*" for part in ("exam", "intake", "walls")),
    *(f"grading/{module}.py" for module in ("judge", "judgement", "evidence", "faults")),
    *(f"grading/queue/{module}.py" for module in ("parcel", "outcome", "keys")),
)
_PACKAGES = ("tensorflow", "numpy", "keras", "scipy", "ipython", "nbformat", "nbgrader")


def release_key(sources):
    """The SHA-256 of an assignment as its sources have it, in hex: every cell of every notebook.

    sources: notebook name -> source notebook, as nst.course.release.read_source gives it.
    """
    found = {name: [notebook.cells, notebook.metadata] for name, notebook in sources.items()}
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def judge_key(limits, unsafe):
    """The SHA-256 of what judges, in hex: the course's own code and weights, versions, limits, with or without walls.

    limits: Limits. Whether a sandbox starts warm or cold does not count.
    """
    return hashlib.sha256(json.dumps([_code(), sorted(limits._asdict().items()), unsafe]).encode()).hexdigest()


@cache
def _code():
    """[[name, hash or version]] of what this process judges with: a program that is running does not change."""
    paths = {path for pattern in _JUDGING for path in PACKAGE.glob(pattern)}
    found = [[path.relative_to(PACKAGE).as_posix(), _digest(path)] for path in paths if _counts(path)]
    found += [[path.name, _digest(path)] for path in PRETRAINED.glob("*.npz")]
    return [["python", platform.python_version()], *([it, version(it)] for it in _PACKAGES), *sorted(found)]


def _counts(path):
    return path.is_file() and path.suffix not in (".pyc", ".md")


def _digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def job_key(data, release, judge):
    """The SHA-256, in hex, of a parcel together with its release and its judge."""
    return hashlib.sha256(b"".join([release.encode(), b"\n", judge.encode(), b"\n", data])).hexdigest()
