"""What stands in a file that was handed in: what may hold anything becomes cells.

Files are read as data: nothing in them is run or unpacked, and no link is followed. What is read is bounded.
"""

import json
import os
import re
from typing import Any, NamedTuple

from nst.grading.faults import demand_a_sound_machine
from nst.grading.intake.slips import goes_on, without_odd_characters
from nst.grading.intake.statements import statements

#: The longest notebook file that is read, and the most that may be left of it without the pictures in its outputs.
MAX_BYTES, MAX_REST = 256 * 2**20, 64 * 2**20
#: How many commas and opening brackets a file may have: that bounds the memory which its JSON takes.
MAX_VALUES = 5_000_000
MAX_DEPTH = 100
#: How many cells may have something in them.
MAX_CELLS = 1000
#: Characters in all cells of a notebook together, pictures in text left out; a released notebook has 20,000.
MAX_SOURCE = 1_000_000
# Pictures, which are half or more of a long file: each is emptied before the file is parsed. In a cell's source these
# quotes would have backslashes.
_PICTURE = re.compile(rb'("image/\w+"\s*:\s*)"[A-Za-z0-9+/=\\n]*+"')
_PICTURES = re.compile(rb'("image/\w+"\s*:\s*)\[(?:\s*"[A-Za-z0-9+/=\\n]*+",?)*+\s*\]')
_DATA = re.compile(r"(data:\w+/[\w.+-]+;base64,)[A-Za-z0-9+/=]{1000,}+")
#: Names listed in a sentence.
MAX_NAMED = 12


class UnreadableError(Exception):
    """A file that is not a notebook; the message follows the file's name."""


class HandedCell(NamedTuple):
    """What is used of a cell that was handed in: what it is compared by (see `look`), and what it calls itself."""

    kind: str
    source: str
    text: str
    lines: frozenset
    statements: tuple
    functions: dict
    code: frozenset
    id: Any
    nbgrader: dict
    tags: Any

    def is_for(self, slot):
        """Does it carry the id of this cell of the skeleton?"""
        grade_id = self.nbgrader.get("grade_id")
        return grade_id == slot.grade_id if grade_id and slot.grade_id else self.id == slot.id

    def with_source(self, source):
        """The same cell with another text."""
        return HandedCell(self.kind, source, *look(source), *self[-3:])


class HandedNotebook(NamedTuple):
    """What is used of a notebook that was handed in. kernel: its name. repairs, flags: sentences on how it was read."""

    cells: list[HandedCell]
    kernel: Any
    repairs: list[str]
    flags: list[str]


def read_bytes(path):
    """The bytes of a file. Raises UnreadableError."""
    # Without waiting: a named pipe would keep its reader waiting for ever.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        demand_a_sound_machine("to open what was handed in", error)
        raise UnreadableError(f"cannot be opened ({type(error).__name__})") from None
    if len(data) > MAX_BYTES:
        raise UnreadableError(f"is longer than {MAX_BYTES // 2**20} MB: its outputs have to be cleared")
    return data


def read_notebook(data):
    """The HandedNotebook in the bytes of a file that may hold anything. Raises UnreadableError."""
    repairs = []
    data = _PICTURES.sub(rb'\1""', _PICTURE.sub(rb'\1""', data))
    if len(data) > MAX_REST:
        limit = f"{MAX_REST // 2**20} MB without its pictures"
        raise UnreadableError(f"is longer than {limit}: its outputs have to be cleared")
    notebook = _parse(data, repairs)
    sheets = [notebook, *_listed(notebook.get("worksheets"))]
    cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _listed(sheet.get("cells"))]
    if not cells:
        raise UnreadableError("has no cells")
    filled = sum(bool((_source(cell) or "").strip()) for cell in cells)
    if filled > MAX_CELLS:
        raise UnreadableError(f"has {filled} cells with something in them; at most {MAX_CELLS} are read")
    handed, sources, length, odd, split = [], 0, 0, set(), False
    for cell in cells:
        source = _source(cell)
        sources += source is not None
        if source is not None and not source.strip() and len(handed) >= MAX_CELLS:
            continue
        if source and cell.get("cell_type") != "code":
            source = _DATA.sub(r"\1", source)
        length += len(source or "")
        if length > MAX_SOURCE:
            raise UnreadableError(f"has more than {MAX_SOURCE:,} characters in its cells, the most that is read")
        if source is None:
            continue
        if cell.get("cell_type") == "code":
            source, replaced = without_odd_characters(source)
            odd |= replaced
        handed.append(_handed_cell(cell, source))
        if len(handed) > 1 and handed[-1].kind == handed[-2].kind == "code" and goes_on(*handed[-2:]):
            rest, split = handed.pop().source, True
            handed[-1] = handed[-1].with_source(f"{handed[-1].source.rstrip()}\n{rest}")
    repairs += ["the halves of a split cell were joined."] * split
    if sources < len(cells):
        repairs.append(f"left out, as they are no cells: {len(cells) - sources}.")
    if notebook.get("nbformat") != 4:
        repairs.append("read as a notebook of format 4, which it was not.")
    metadata = notebook.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    kernel = kernel.get("name") if isinstance(kernel, dict) else None
    named = some(f"{character!r} (U+{ord(character):04X})" for character in sorted(odd))
    flags = [f"characters that Python cannot read stood in the code and were replaced: {named}."] if odd else []
    return HandedNotebook(handed, kernel, repairs, flags)


def read_script(data):
    """The HandedNotebook in a script that Jupyter or an editor has made of a notebook. Raises UnreadableError."""
    _, *parts = re.split(r"^# (?:%%|In ?\[[\d ]*\]:)(.*)$", data.decode("utf-8", "replace"), flags=re.MULTILINE)
    cells = [
        {"cell_type": "markdown" if "[markdown]" in title else "code", "source": source.strip("\r\n")}
        for title, source in zip(parts[::2], parts[1::2], strict=True)
    ]
    return read_notebook(json.dumps({"cells": cells, "nbformat": 4}).encode())


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
        raise UnreadableError("is empty")
    if sum(map(text.count, ",[{")) > MAX_VALUES:
        raise UnreadableError(f"holds more than {MAX_VALUES:,} values: its outputs have to be cleared")
    try:
        notebook = json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"is damaged: its JSON is invalid or breaks off at line {error.lineno}") from None
    except RecursionError:
        raise UnreadableError("is nested too deeply") from None
    if not isinstance(notebook, dict):
        raise UnreadableError("is not a notebook")
    level = [notebook]
    for _ in range(MAX_DEPTH):  # Python's own limit depends on who calls
        nested = [value for value in level if isinstance(value, dict | list)]
        level = [item for value in nested for item in (value.values() if isinstance(value, dict) else value)]
    if level:
        raise UnreadableError("is nested too deeply")
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
    return HandedCell(kind, source, *look(source), cell.get("id"), settings, metadata.get("tags"))


def look(source):
    """What cells are compared by: (text, lines, statements, functions, code).

    text: the source without white space that does not matter. lines: those that say something. functions: name ->
    whether it is finished, of those that the cell defines. code: what is written there but for comments.
    """
    lines = [line.rstrip() for line in source.strip().split("\n")]
    found = tuple(statements(source))
    functions = {}
    for statement in found:
        for name, done in statement.functions.items():
            functions[name] = functions.get(name, False) or done
    said = frozenset(line.strip() for line in lines if len(line.strip()) > 7)
    code = frozenset(line for statement in found for line in statement.code)
    return "\n".join(lines), said, found, functions, code


def some(names):
    """The first few names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
