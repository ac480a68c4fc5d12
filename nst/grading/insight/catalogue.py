"""What the checks know of an exercise: its misunderstandings with the steps of their hints, and what is right.

To import checks is to import TensorFlow, which takes seconds and half a gigabyte. Who only reports has it done in a
process of its own, which is gone when it has answered.
"""

import importlib
import json
import re
import subprocess
import sys
from typing import NamedTuple

_CHECKS = re.compile(r"^from (nst\.checks\.\w+) import .*\bcheck\b", re.MULTILINE)


class Known(NamedTuple):
    """What the checks know of a misunderstanding: where to look, what goes wrong, and lines that show it."""

    look: str
    hint: str
    experiment: str


class Catalogue(NamedTuple):
    """What the checks know of an exercise.

    misunderstandings: name -> Known. right: (what the published inputs of a case are, what is right on them).
    """

    misunderstandings: dict[str, Known]
    right: list[tuple[str, str]]


def catalogue(sources):
    """The name of an exercise -> its Catalogue, of the checks that source notebooks import.

    Checks that cannot be imported are left out, and stderr says why.
    """
    cells = [cell.source for source in sources.values() for cell in source.cells if cell.cell_type == "code"]
    modules = sorted(set(_CHECKS.findall("\n".join(cells))))
    if not modules:
        return {}
    if "tensorflow" in sys.modules:
        told = _told(modules)
    else:
        command = [sys.executable, "-P", "-m", "nst.grading.insight.catalogue", *modules]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout
        told = json.loads(said.splitlines()[-1]) if said else {}
    return {
        name: Catalogue({it: Known(*known) for it, known in misunderstandings.items()}, [tuple(case) for case in right])
        for name, (misunderstandings, right) in told.items()
    }


def _told(modules):
    """The name of an exercise -> what makes its Catalogue, as plain data."""
    from nst.grading.exam.mistakes import expected

    found = {}
    for module in modules:
        try:
            exercises = importlib.import_module(module).EXERCISES
        except (ImportError, AttributeError):
            continue
        for name, exercise in exercises.items():
            known = {
                it.name: (it.look or exercise.look, it.hint, it.experiment or exercise.experiment)
                for it in exercise.misunderstandings
            }
            found[name] = known, [(case.name, expected(case)) for case in exercise.cases]
    return found


if __name__ == "__main__":
    print(json.dumps(_told(sys.argv[1:])))
