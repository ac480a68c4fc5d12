"""What a submission's sandbox holds of the course: what notebooks import, and no module that answers an exercise.

Where a notebook imports such a module, the sandbox has one of nst/grading/walls/stand_ins/ in its place, with the same
names. Files are listed one by one: of the instructor's course nothing shows through that is not listed here, compiled
modules neither.
"""

import ast
from functools import cache
from pathlib import Path, PurePosixPath

#: The folder of the package nst.
PACKAGE = Path(__file__).resolve().parent.parent.parent

_STAND_INS = Path(__file__).resolve().parent / "stand_ins"

#: What a sandbox has of the rooms below: patterns of files in the package.
_SEEN = ("*.py", "networks/**/*.py", "weights/**/*.py", "lessons/**/*.py", "checks/by_hand.py")

#: What is run there; the modules of this room that it imports come along.
_RUN = ("grading/walls/zygote.py", "grading/exam/inside.py")


@cache
def course_files(paints):
    """Path in the package, as in "painting/loop.py" -> the file that a submission's sandbox sees there.

    paints: are the loops that paint among them, or a stand-in? See exam/painting.py.
    """
    patterns = (*_SEEN, "painting/**/*.py") if paints else _SEEN
    found = {path.relative_to(PACKAGE).as_posix(): path for pattern in patterns for path in PACKAGE.glob(pattern)}
    found |= {place: PACKAGE / place for place in _imported()}
    checks = [PACKAGE / "checks", *(path.parent for path in PACKAGE.glob("checks/*/__init__.py"))]
    found |= {f"{folder.relative_to(PACKAGE).as_posix()}/__init__.py": _STAND_INS / "checks.py" for folder in checks}
    found["lessons/verification.py"] = _STAND_INS / "verification.py"
    if not paints:
        found["painting/__init__.py"] = _STAND_INS / "painting.py"
    return found


def _imported():
    """_RUN, and what it imports of the room of grading: places in the package."""
    found, waiting = set(), list(_RUN)
    while waiting:
        place = waiting.pop()
        if place in found or not (PACKAGE / place).is_file():
            continue
        found.add(place)
        waiting += [f"{folder}/__init__.py" for folder in PurePosixPath(place).parents[:-1]]
        for node in ast.walk(ast.parse((PACKAGE / place).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("nst.grading"):
                module = node.module.removeprefix("nst.").replace(".", "/")
                waiting += [f"{module}.py", *(f"{module}/{alias.name}.py" for alias in node.names)]
    return found
