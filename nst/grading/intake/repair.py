"""A student's notebooks as they should stand: the released skeleton with the student's answers in it.

Nothing in a submission is believed. The released notebook says which cells there are, in which order and with which
settings; the student's file is only searched for answers, and for cells that the student added. Files are read as data:
nothing in them is run or unpacked, and no link is followed.
"""

import copy
import hashlib
import heapq
import json
import os
import re
import stat
import textwrap
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from nbformat import NotebookNode, v4

#: The longest notebook file that is read; one full of pictures has 10 to 50 megabytes.
MAX_BYTES = 64 * 2**20
#: How many commas and opening brackets a file may have: that bounds the memory which its JSON takes.
MAX_VALUES = 5_000_000
MAX_DEPTH = 100
MAX_CELLS = 1000
#: Characters in all cells of a notebook together; a released notebook has 20,000.
MAX_SOURCE = 1_000_000
#: Files in a folder that are looked at; files searched for a missing notebook; names listed in a sentence.
MAX_FILES, MAX_SEARCHED, MAX_NAMED = 1000, 10, 12

#: What Jupyter, nbgrader, operating systems and the course itself leave beside notebooks.
HARMLESS = re.compile(
    r"\.ipynb_checkpoints|timestamp\.txt|output|__pycache__|.*\.(png|jpe?g|gif)"
    r"|\.DS_Store|\._.*|__MACOSX|Thumbs\.db|desktop\.ini",
    re.IGNORECASE,
)

# Functions that a cell defines. Texts and comments come first, so that nothing is found inside them. Python's own
# parser would know better, but a hostile text can make it crash; no text makes this expression slow.
_DEFINITION = re.compile(
    r"""
    '''(?:[^'\\]+|\\.|'(?!''))*(?:''')?
    | \"""(?:[^"\\]+|\\.|"(?!""))*(?:\""")?
    | '(?:[^'\\\n]+|\\.)*'?
    | "(?:[^"\\\n]+|\\.)*"?
    | \#[^\n]*
    | ^(?:async[ ]+)?def[ ]+(?P<def>\w+)
    | ^(?P<lambda>\w+)[ ]*=[ ]*lambda\b
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


class Cell(NamedTuple):
    """A cell in its place.

    role: "given", "solution" or "test" for the skeleton's code, "student" for code that the student added, "markdown".
    source: of a test cell the released text, so without the hidden tests. tags: the skeleton's, and "explore" on a
    student's copy of such a cell. from_student: is the source the student's?
    """

    role: str
    grade_id: str | None
    source: str
    tags: tuple = ()
    from_student: bool = False


class Repaired(NamedTuple):
    """A notebook put in order: its cells, and the same cells, one by one, as a notebook without outputs."""

    cells: list[Cell]
    notebook: NotebookNode


@dataclass
class Submission:
    """What was taken in of a submission; reasons, repairs and flags are sentences for the instructor.

    notebooks: name -> Repaired, sorted by name, without those that are missing or cannot be read. state: "graded",
    "partial" when there is such a one, "quarantined" when no other is left; the reasons say which and why.
    repairs: what was put right. flags: what somebody should look at. hashes: file name -> SHA-256 of what was read.
    """

    notebooks: dict[str, Repaired] = field(default_factory=dict)
    state: str = "graded"
    reasons: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)


def take_in(folder, sources):
    """Put the notebooks of a submission in order.

    Parameters
    ----------
    folder : path
        What a student handed in for one assignment. It is only read.
    sources : dict
        Notebook name -> source notebook with solutions and hidden tests, as nst.course.release.read_source gives it.
        Files of those that are not graded are the student's alone, and are neither missed nor opened.

    Returns
    -------
    Submission. The same folder always gives the same one, and nothing that a student can put there makes this raise.
    """
    submission = Submission()
    skeletons = {name: _Skeleton(sources[name]) for name in sorted(sources) if is_graded(sources[name])}
    folder = Path(folder)
    files, problems = _list_files(folder, [f"{name}.ipynb" for name in skeletons], submission)
    files = [file for file in files if file not in {f"{name}.ipynb" for name in sources.keys() - skeletons.keys()}]
    handed = {}

    def read(file):
        try:
            handed[file] = _read(folder / file, file, submission)
        except _UnreadableError as error:
            problems[file] = f"{file!r} {error}."

    for name in skeletons:
        if f"{name}.ipynb" in files:
            read(f"{name}.ipynb")
    chosen = {
        name: f"{name}.ipynb"
        for name, skeleton in skeletons.items()
        if f"{name}.ipynb" in handed and skeleton.match(handed[f"{name}.ipynb"].cells).recognised
    }
    if len(chosen) < len(skeletons):
        for file in [file for file in files if file not in handed and file not in problems][:MAX_SEARCHED]:
            read(file)
        _find_renamed(skeletons, handed, chosen, submission)
    for name, skeleton in skeletons.items():
        if name in chosen:
            submission.notebooks[name] = _repair(name, skeleton, handed[chosen[name]], submission)
        elif f"{name}.ipynb" in handed:
            submission.reasons.append(f"'{name}.ipynb' holds none of the released notebook's exercises.")
        else:
            submission.reasons.append(problems.get(f"{name}.ipynb", f"'{name}.ipynb' was not handed in."))
    submission.reasons = list(dict.fromkeys(submission.reasons))
    unused = [file for file in files if file not in chosen.values()]
    if unused:
        submission.flags.append(f"Notebooks that were not used: {_some(map(repr, unused))}.")
        submission.flags += [problem for file, problem in problems.items() if problem not in submission.reasons]
    if submission.reasons:
        submission.state = "partial" if submission.notebooks else "quarantined"
    return submission


def is_graded(source):
    """Has this notebook an exercise or a test? One without is there to play with."""
    settings = [cell.metadata.get("nbgrader", {}) for cell in source.cells]
    return any(its.get("solution") or its.get("grade") for its in settings)


def released(source):
    """The notebook that students get of a source notebook: without solutions, hidden tests and outputs."""
    from nbgrader import preprocessors as nbgrader

    notebook = copy.deepcopy(source)
    steps = ["LockCells", "ClearSolutions", "ClearOutput", "ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums"]
    for step in steps:
        notebook, _ = getattr(nbgrader, step)().preprocess(notebook, {})
    return notebook


# Reading what was handed in


class _UnreadableError(Exception):
    """A file that is not a notebook; the message follows the file's name."""


class _HandedCell(NamedTuple):
    """What is used of a cell that was handed in. text: its source without white space that does not matter."""

    kind: str
    source: str
    text: str
    lines: frozenset
    functions: frozenset
    id: Any
    nbgrader: dict
    tags: Any

    def is_for(self, slot):
        """Does it carry the id of this cell of the skeleton?"""
        grade_id = self.nbgrader.get("grade_id")
        return grade_id == slot.grade_id if grade_id and slot.grade_id else self.id == slot.id


class _HandedNotebook(NamedTuple):
    cells: list[_HandedCell]
    kernel: Any
    repairs: list[str]


def _list_files(folder, wanted, submission):
    """Names of files in the folder that may be notebooks, and file name -> why one of the wanted is none.

    Flags what else is there.
    """
    files, others, links, problems = [], [], [], {}
    try:
        if stat.S_ISLNK(os.lstat(folder).st_mode):
            return [], dict.fromkeys(wanted, "The submission's folder is a symbolic link, which is not followed.")
        with os.scandir(folder) as entries:
            # The same ones are left out each time, whatever the order in which the system lists them.
            entries = heapq.nsmallest(
                MAX_FILES + 1,
                ((e.name not in wanted, ".ipynb" not in e.name.lower(), e.name, *_kind(e)) for e in entries),
            )
    except (OSError, ValueError) as error:
        return [], dict.fromkeys(wanted, f"The submission's folder cannot be opened ({type(error).__name__}).")
    for _, other, name, is_link, is_file in entries[:MAX_FILES]:
        if is_link:
            links.append(name)
            if name in wanted:
                problems[name] = f"{name!r} is a symbolic link, which is not followed."
        elif HARMLESS.fullmatch(name):
            continue
        elif is_file and not other:
            files.append(name)
        else:
            others.append(name)
            if name in wanted:
                problems[name] = f"{name!r} is not a file."
    if links:
        submission.flags.append(f"Symbolic links, which were not followed: {_some(map(repr, links))}.")
    if others:
        submission.flags.append(f"Ignored beside the notebooks: {_some(map(repr, others))}.")
    if len(entries) > MAX_FILES:
        submission.flags.append(f"The submission holds more than {MAX_FILES} files; the others were ignored.")
    return files, problems


def _kind(entry):
    return entry.is_symlink(), entry.is_file(follow_symlinks=False)


def _read(path, file, submission):
    """Read a notebook file that may hold anything. Raises _UnreadableError."""
    repairs = []
    data = _read_bytes(path)
    submission.hashes[file.encode("utf-8", "backslashreplace").decode("utf-8")] = hashlib.sha256(data).hexdigest()
    notebook = _parse(data, repairs)
    sheets = [notebook, *_listed(notebook.get("worksheets"))]
    cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _listed(sheet.get("cells"))]
    if not cells:
        raise _UnreadableError("has no cells")
    if len(cells) > MAX_CELLS:
        raise _UnreadableError(f"has {len(cells)} cells; at most {MAX_CELLS} are read")
    handed, length = [], 0
    for cell in cells:
        source = _source(cell)
        length += len(source or "")
        if length > MAX_SOURCE:
            raise _UnreadableError(f"has more than {MAX_SOURCE:,} characters in its cells, the most that is read")
        if source is not None:
            handed.append(_handed_cell(cell, source))
    if len(handed) < len(cells):
        repairs.append(f"left out, as they are no cells: {len(cells) - len(handed)}.")
    if notebook.get("nbformat") != 4:
        repairs.append("read as a notebook of format 4, which it was not.")
    metadata = notebook.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return _HandedNotebook(handed, kernel.get("name") if isinstance(kernel, dict) else None, repairs)


def _read_bytes(path):
    # Without waiting: a named pipe would keep its reader waiting for ever.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _UnreadableError(f"cannot be opened ({type(error).__name__})") from None
    if len(data) > MAX_BYTES:
        raise _UnreadableError(f"is longer than {MAX_BYTES // 2**20} MB: its outputs have to be cleared")
    return data


def _parse(data, repairs):
    """The JSON object in the data, of any encoding that JSON allows. Numbers become floats."""
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        repairs.append("characters that are not UTF-8 were replaced.")
    if encoding != "utf-8":
        repairs.append(f"read as {encoding}.")
    if not text.strip():
        raise _UnreadableError("is empty")
    if sum(map(text.count, ",[{")) > MAX_VALUES:
        raise _UnreadableError(f"holds more than {MAX_VALUES:,} values: its outputs have to be cleared")
    try:
        notebook = json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        raise _UnreadableError(f"is damaged: its JSON is invalid or breaks off at line {error.lineno}") from None
    except RecursionError:
        raise _UnreadableError("is nested too deeply") from None
    if not isinstance(notebook, dict):
        raise _UnreadableError("is not a notebook")
    level = [notebook]
    for _ in range(MAX_DEPTH):  # Python's own limit depends on who calls
        nested = [value for value in level if isinstance(value, dict | list)]
        level = [item for value in nested for item in (value.values() if isinstance(value, dict) else value)]
    if level:
        raise _UnreadableError("is nested too deeply")
    return notebook


def _listed(value):
    return value if isinstance(value, list) else []


def _source(cell):
    """The text of a cell, which stands under "input" in an old notebook; None where there is none."""
    source = cell.get("source", cell.get("input")) if isinstance(cell, dict) else None
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return _printable(re.sub(r"\r\n?", "\n", source)) if isinstance(source, str) else None


def _printable(text):
    """Without halves of surrogate pairs, which no file and no socket takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _handed_cell(cell, source):
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    settings = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    kind = "code" if cell.get("cell_type") == "code" else "markdown"
    return _HandedCell(kind, source, *_look(source), cell.get("id"), settings, metadata.get("tags"))


def _look(source):
    """What cells are compared by: (text, lines that say something, names of the functions defined)."""
    lines = [line.rstrip() for line in source.strip().split("\n")]
    found = _DEFINITION.finditer(textwrap.dedent(source.expandtabs()))
    names = frozenset(match["def"] or match["lambda"] for match in found) - {None}
    return "\n".join(lines), frozenset(line.strip() for line in lines if len(line.strip()) > 7), names


# Which cell is which


class _Slot(NamedTuple):
    """A cell of the skeleton, and what it is compared by."""

    role: str
    kind: str
    source: str
    text: str
    lines: frozenset
    functions: frozenset
    id: str
    grade_id: str | None
    tags: tuple


class _Match(NamedTuple):
    """place: number of a skeleton cell -> index of the student's; one that answers two exercises is in two places.

    dropped: indices of what has no place, as it is a stub or a copy of a locked cell. doubled: numbers of skeleton
    cells that several cells claim to be. recognised: how many of the solutions and tests were found. finished: how many
    answers look so.
    """

    place: dict[int, int]
    dropped: set[int]
    doubled: list[int]
    recognised: int
    finished: int


class _Skeleton:
    """The released notebook of a source, and its cells."""

    def __init__(self, source):
        self.notebook = released(source)
        self.slots = [_slot(cell) for cell in self.notebook.cells]

    def numbers(self, *roles):
        return [number for number, slot in enumerate(self.slots) if slot.role in roles]

    def match(self, cells):
        """Find the skeleton's cells, and the answers to its exercises, among those of a student."""
        place, dropped, doubled, finished = {}, set(), [], 0
        free = set(range(len(cells)))

        def put(number, index):
            place[number] = index
            free.discard(index)

        same_text = defaultdict(list)
        for index, cell in enumerate(cells):
            same_text[cell.kind, cell.text].append(index)
        for number in self.numbers("given", "markdown"):
            slot = self.slots[number]
            same = [index for index in same_text[slot.kind, slot.text] if index in free]
            if same:
                put(number, max(same, key=lambda index: (cells[index].is_for(slot), -index)))

        rest = sorted(free)
        for number in self.numbers("solution"):
            slot = self.slots[number]
            found = [
                i
                for i in rest
                if cells[i].is_for(slot) or (cells[i].kind == "code" and slot.functions & cells[i].functions)
            ]
            if not found:
                continue
            best = max(found, key=lambda i: (*_progress(slot, cells[i]), cells[i].is_for(slot), i))
            put(number, best)
            finished += _progress(slot, cells[best])[0]
            dropped.update(i for i in found if cells[i].text in ("", slot.text, cells[best].text))
            claims = [i for i in found if cells[i].is_for(slot)], [i for i in found if _progress(slot, cells[i])[1]]
            if max(map(len, claims)) > 1:
                doubled.append(number)

        for number in self.numbers("test"):
            slot = self.slots[number]
            found = [i for i in sorted(free) if cells[i].is_for(slot) or cells[i].text == slot.text]
            if found:
                put(number, max(found, key=lambda i: (cells[i].is_for(slot), cells[i].text == slot.text, -i)))
                dropped.update(found)
                if sum(cells[i].is_for(slot) for i in found) > 1:
                    doubled.append(number)

        dropped -= set(place.values())
        for number in self.numbers("solution") + self.numbers("given", "markdown"):
            slot = self.slots[number]
            rest = [i for i in sorted(free - dropped) if cells[i].is_for(slot) or _is_version(slot, cells[i])]
            if number not in place and rest:
                put(number, max(rest, key=lambda i: (_is_version(slot, cells[i]), cells[i].is_for(slot), -i)))
        recognised = len(place.keys() & {*self.numbers("solution", "test")})
        return _Match(place, dropped, doubled, recognised, finished)


def _slot(cell):
    settings = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code":
        role = "markdown"
    elif settings.get("solution"):
        role = "solution"
    else:
        role = "test" if settings.get("grade") else "given"
    tags = tuple(cell.metadata.get("tags", ()))
    look = _look(cell.source)
    return _Slot(role, cell.cell_type, cell.source, *look, cell["id"], settings.get("grade_id"), tags)


def _progress(slot, cell):
    """How far an answer is: (finished, begun)."""
    begun = cell.text not in ("", slot.text) and slot.functions <= cell.functions
    return begun and "raise NotImplementedError()" not in cell.source, begun


def _is_version(slot, cell):
    """Does a cell hold half of the skeleton's cell or more?

    A cell to explore is not run: one that has functions of its own, perhaps needed elsewhere, is not taken for it.
    """
    alike = cell.kind == slot.kind and 2 * len(slot.lines & cell.lines) >= max(1, len(slot.lines))
    return alike and ("explore" not in slot.tags or cell.functions <= slot.functions)


def _find_renamed(skeletons, handed, chosen, submission):
    """Choose files of other names for the notebooks that are missing, by what is in them."""
    likely = defaultdict(list)
    for file in sorted(set(handed) - set(chosen.values())):
        matches = {name: skeleton.match(handed[file].cells) for name, skeleton in skeletons.items()}
        name = max(matches, key=lambda name: matches[name].recognised)
        if matches[name].recognised:
            likely[name].append((matches[name].finished, file))
    for name in skeletons:
        if name in likely and name not in chosen:
            files = [file for _, file in likely[name]]
            chosen[name] = max(likely[name])[1]
            submission.repairs.append(f"{name}: read from the file {chosen[name]!r}.")
            if len(files) > 1:
                submission.flags.append(
                    f"{name}: several files could be it, {_some(map(repr, files))}; {chosen[name]!r} was read."
                )


# Putting it together


def _repair(name, skeleton, handed, submission):
    """The skeleton with the student's answers in it and the student's own cells where they stood."""
    slots, cells = skeleton.slots, handed.cells
    match = skeleton.match(cells)
    extras = _extras(skeleton, cells, match)
    repaired = Repaired([], copy.deepcopy(skeleton.notebook))
    released_cells, repaired.notebook.cells = repaired.notebook.cells, []

    def emit(cell, node=None):
        if node is None:
            make = v4.new_markdown_cell if cell.role == "markdown" else v4.new_code_cell
            node = make(id=f"student-{len(repaired.cells):03d}")
            if cell.tags:
                node.metadata["tags"] = list(cell.tags)
        node.source = cell.source
        repaired.cells.append(cell)
        repaired.notebook.cells.append(node)

    def emit_student(cell, tags=()):
        emit(Cell("student" if cell.kind == "code" else "markdown", None, cell.source, tags, True))

    for number in range(-1, len(slots)):
        if number >= 0:
            slot, theirs = slots[number], cells[match.place[number]] if number in match.place else None
            changed = theirs is not None and theirs.text not in ("", slot.text)
            # An explore cell is there to be changed, and is not run by the grader.
            in_place = changed and (slot.role == "solution" or "explore" in slot.tags)
            source = theirs.source if in_place else slot.source
            emit(Cell(slot.role, slot.grade_id, source, slot.tags, in_place), released_cells[number])
            if changed and not in_place and slot.role != "test":
                emit_student(theirs)
        for index in extras[number]:
            emit_student(cells[index], ("explore",) if _is_to_explore(cells[index], slots) else ())
    repairs, flags = _describe_changes(skeleton, handed, match)
    submission.repairs += [f"{name}: {sentence}" for sentence in handed.repairs + repairs]
    submission.flags += [f"{name}: {sentence}" for sentence in flags]
    return repaired


def _extras(skeleton, cells, match):
    """Number of a skeleton cell (-1: the top) -> indices of the student's own cells that stand after it."""
    at = {}
    for number, index in sorted(match.place.items()):
        at.setdefault(index, number)
    following, after = len(skeleton.slots), {}
    for index in reversed(range(len(cells))):
        following = at.get(index, following)
        after[index] = following
    extras, before = defaultdict(list), -1
    unanswered = set(skeleton.numbers("solution")) - set(match.place)
    for index, cell in enumerate(cells):
        before = at.get(index, before)
        if index in at or index in match.dropped or not cell.text:
            continue
        # Where the student moved cells, before the next one: helpers must come before the answer that needs them.
        number = min(before, after[index] - 1)
        # Where the solution cell is gone, the stub that is put back must not undo what stands in its place.
        while number + 1 < after[index] and number + 1 in unanswered:
            number += 1
        extras[number].append(index)
    return extras


def _is_to_explore(cell, slots):
    """Is an added cell one that the grader need not run: a copy of a cell to explore, with another picture perhaps?

    A copy keeps the tag. A function in it may be needed elsewhere, so the tag alone is not enough then.
    """
    tagged = isinstance(cell.tags, list) and "explore" in cell.tags and not cell.functions
    return tagged or any("explore" in slot.tags and _is_version(slot, cell) for slot in slots)


def _describe_changes(skeleton, handed, match):
    """(repairs, flags): what differs from the skeleton, in sentences."""
    repairs, flags = defaultdict(list), defaultdict(list)
    order = list(dict.fromkeys(match.place[number] for number in sorted(match.place)))
    for number, slot in enumerate(skeleton.slots):
        if number not in match.place:
            repairs["unanswered" if slot.role == "solution" else "missing"].append(slot.id)
            continue
        cell = handed.cells[match.place[number]]
        settings = skeleton.notebook.cells[number].metadata.get("nbgrader", {})
        differing = {key for key in settings if key not in cell.nbgrader or cell.nbgrader[key] != settings[key]}
        if cell.kind != slot.kind:
            repairs["type"].append(slot.id)
        if slot.role == "solution" and not cell.is_for(slot):
            repairs["found"].append(slot.id)
        elif differing - {"points"}:
            repairs["settings"].append(slot.id)
        if slot.role in ("given", "markdown") and cell.text != slot.text and "explore" not in slot.tags:
            repairs["changed"].append(slot.id)
        if slot.role == "test":
            if cell.tags:
                flags["tags"].append(slot.id)
            if cell.text != slot.text:
                flags["text"].append(slot.id)
            if cell.nbgrader and "points" in differing:
                flags["points"].append(slot.id)
        if number in match.doubled:
            flags["doubled"].append(slot.id)
    if order != sorted(order):
        repairs["order"] = []
    if handed.kernel != skeleton.notebook.metadata.kernelspec.name:
        repairs["kernel"] = []
    return [[_SENTENCES[what].format(_some(ids)) for what, ids in notes.items()] for notes in (repairs, flags)]


_SENTENCES = {
    "unanswered": "no answer was found for {}, so the released stub stands there.",
    "missing": "missing cells were put back: {}.",
    "type": "the type of these cells was restored: {}.",
    "found": "these answers were found by their content: {}.",
    "settings": "nbgrader's settings of these cells were restored: {}.",
    "changed": "these given cells were changed; the released ones come first, the student's after them: {}.",
    "order": "the cells were put back in order.",
    "kernel": "the kernel was set to the course's.",
    "tags": "these test cells were tagged, which was ignored: {}.",
    "text": "the text of these test cells was changed, and the released one put back: {}.",
    "points": "the points of these test cells were changed, and restored: {}.",
    "doubled": "several cells claim to be one; a finished one comes first, then the right id, then the last: {}.",
}


def _some(names):
    """The first few names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
