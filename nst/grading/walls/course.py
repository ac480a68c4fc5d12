"""What a submission's sandbox holds of the course: what notebooks import, and no module that answers an exercise.

Where a notebook imports such a module, the sandbox has one of nst/grading/walls/stand_ins/ in its place, with the same
names. Files are listed one by one: of the instructor's course nothing shows through that is not listed here, compiled
modules neither.
"""

from functools import cache
from pathlib import Path

#: The folder of the package nst.
PACKAGE = Path(__file__).resolve().parent.parent.parent

_STAND_INS = Path(__file__).resolve().parent / "stand_ins"

#: Whole rooms, and what is needed of the others: patterns of files in the package.
_SEEN = (
    "*.py",
    "networks/**/*.py",
    "weights/**/*.py",
    "lessons/**/*.py",
    "checks/by_hand.py",
    "grading/__init__.py",
    "grading/exam/*.py",
    "grading/walls/__init__.py",
    "grading/walls/zygote.py",
)

#: The examiner's end, which has no business at the student's.
_OUTSIDE = {f"grading/exam/{name}.py" for name in ("client", "examiner", "needs", "setting")}


@cache
def course_files(paints):
    """Path in the package, as in "painting/loop.py" -> the file that a submission's sandbox sees there.

    paints: are the loops that paint among them, or a stand-in? See exam/needs.py.
    """
    patterns = (*_SEEN, "painting/**/*.py") if paints else _SEEN
    found = {path.relative_to(PACKAGE).as_posix(): path for pattern in patterns for path in PACKAGE.glob(pattern)}
    found = {place: path for place, path in found.items() if place not in _OUTSIDE}
    checks = [PACKAGE / "checks", *(path.parent for path in PACKAGE.glob("checks/*/__init__.py"))]
    found |= {f"{folder.relative_to(PACKAGE).as_posix()}/__init__.py": _STAND_INS / "checks.py" for folder in checks}
    found["lessons/verification.py"] = _STAND_INS / "verification.py"
    if not paints:
        found["painting/__init__.py"] = _STAND_INS / "painting.py"
    return found
