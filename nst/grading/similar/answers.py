"""What the students of a class wrote, from the notebooks that the judge put in order, and what the course gave them."""

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

from nst.grading.evidence import read_record
from nst.grading.intake import assembling
from nst.grading.intake.reading import UnreadableError, read_bytes
from nst.grading.intake.skeleton import Skeleton, is_graded
from nst.grading.intake.statements import statements
from nst.grading.similar.traits import of_code, plain
from nst.paths import CHECKOUT

#: The most values in a notebook that is read; one of the course's has a few thousand.
MAX_VALUES = 500_000
_FENCED = re.compile(r"```\w*\n(.*?)```", re.DOTALL)


class Work(NamedTuple):
    """What a student wrote: part -> (text, is it code?). files: notebook -> the SHA-256 of the file handed in.

    A part is an exercise, under its grade_id, or what was added to a notebook, under the notebook's name and "+code" or
    "+text". Answers that were left as they were released are not in it.
    """

    parts: dict[str, tuple[str, bool]]
    files: dict[str, str]


class Given(NamedTuple):
    """What the course gave everybody: it is nobody's own.

    names: those that mean the same with everybody. stubs: grade_id -> texts that are no answer of a student's own: what
    was released, and the worked solution. notebooks: grade_id -> its notebook's name. code: traits of all code.
    chosen: names that the course chose where a student may choose. prose: all texts, as `plain` makes them.
    """

    names: frozenset
    stubs: dict[str, tuple[str, ...]]
    notebooks: dict[str, str]
    code: frozenset
    chosen: frozenset
    prose: str

    def says(self, line):
        """Is this a line of the course's own?"""
        return f" {line} " in self.prose


def given(assignment, sources):
    """The Given of an assignment. sources: name -> source notebook."""
    names, stubs, notebooks, codes, proses = set(), {}, {}, [], []
    for name, source in sources.items():
        cells = [(cell, cell.metadata.get("nbgrader", {})) for cell in source.cells]
        for cell, settings in cells:
            (codes if cell.cell_type == "code" else proses).append(cell.source)
            if cell.cell_type == "code" and not settings.get("solution"):
                names.update(name for statement in statements(cell.source) for name in statement.binds)
            elif settings.get("solution"):
                stubs[settings["grade_id"]] = (_worked(cell.source),)
                notebooks[settings["grade_id"]] = name
        if is_graded(source):
            for slot in Skeleton(source).slots:
                if slot.role == "solution":
                    codes.append(slot.source)
                    stubs[slot.grade_id] += (slot.text,)
    # Panels show hints and lines to try, and anybody may copy them.
    checks = Path(__file__).resolve().parents[2] / "checks"
    codes += [
        script.read_text(encoding="utf-8")
        for script in (*checks.glob("*.py"), *(checks / assignment.replace("-", "_")).glob("*.py"))
    ]
    # The judge, too, writes lines into notebooks.
    codes.append(Path(assembling.__file__).read_text(encoding="utf-8"))
    codes += [code for prose in proses for code in _FENCED.findall(prose)]
    readme = CHECKOUT / "README.md" if CHECKOUT else None
    proses += [readme.read_text(encoding="utf-8")] if readme and readme.exists() else []
    fixed = frozenset(names)
    code, chosen = set(), set()
    for text in codes:
        traits = of_code(text, fixed, everywhere=True)
        code.update(traits.code)
        chosen.update(traits.names)
    prose = f" {plain(' '.join(codes + proses))} "
    return Given(fixed, stubs, notebooks, frozenset(code), frozenset(chosen), prose)


def students(folder, assignment):
    """Names of those whose work on the assignment lies in the folder autograded/, sorted."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    return sorted(name for name in names if (Path(folder) / name / assignment).is_dir())


def work(folder, records, student, assignment, known):
    """The Work of a student; what cannot be read is left out.

    folder: autograded/. records: judged/. known: the Given.
    """
    parts, place = {}, Path(folder, student, assignment)
    for path in sorted(place.glob("*.ipynb")):
        for cell in _cells(path):
            _sort_in(parts, path.stem, cell, known)
    try:
        record = read_record(Path(records, student, f"{assignment}.json"))
    except UnreadableError:
        record = None
    return Work({name: part for name, part in parts.items() if part[0].strip()}, record.submission if record else {})


def _sort_in(parts, notebook, cell, known):
    source, grade_id = cell.get("source"), cell["metadata"].get("nbgrader", {}).get("grade_id")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    if isinstance(grade_id, str) and grade_id in known.stubs:
        if _text(source) not in known.stubs[grade_id]:
            parts[grade_id] = (source, True)
    # The judge gives the cells that a student added such names.
    elif str(cell.get("id")).startswith("student-"):
        is_code = cell.get("cell_type") == "code"
        name = f"{notebook} {'+code' if is_code else '+text'}"
        before = parts[name][0] + "\n\n" if name in parts else ""
        parts[name] = (before + source, is_code)


def _cells(path):
    """The cells in a notebook that the judge wrote, of whatever a student put in; none where it is no notebook."""
    try:
        data = read_bytes(path)
        if sum(map(data.count, (b",", b"[", b"{"))) > MAX_VALUES:
            return []
        cells = json.loads(data)["cells"]
        return [cell for cell in cells if isinstance(cell["metadata"].get("nbgrader", {}), dict)]
    except (UnreadableError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return []


def _text(source):
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))


def _worked(source):
    return _text(re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n?", "", source))
