"""The repaired notebook: the released skeleton with the student's answers in it, and what was changed for that."""

import copy
import textwrap
from collections import defaultdict
from typing import NamedTuple

from nbformat import NotebookNode, v4

from nst.grading.intake.matching import is_version, match, progress
from nst.grading.intake.needs import Found, bring_up
from nst.grading.intake.reading import some
from nst.grading.intake.slips import without_leftovers
from nst.grading.intake.statements import statements


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


def assemble(skeleton, handed, elsewhere=()):
    """(Repaired, repairs, flags): the skeleton with the student's answers in it and the student's own cells where they
    stood; and sentences about what was put right, and what somebody should look at.

    elsewhere: file name and HandedNotebook of others, in which to look for what an answer needs and this one lacks.
    """
    slots, cells = skeleton.slots, handed.cells
    found = match(skeleton, cells)
    extras = _extras(skeleton, cells, found)
    ordered, pool, notes, untested = [], [], defaultdict(list), []

    def emit_student(cell, tags=()):
        role = "student" if cell.kind == "code" else "markdown"
        ordered.append((Cell(role, None, cell.source, tags, True), None, cell.statements))

    released_cells = copy.deepcopy(skeleton.notebook.cells)
    for number in range(-1, len(slots)):
        if number >= 0:
            slot, theirs = slots[number], cells[found.place[number]] if number in found.place else None
            changed = theirs is not None and theirs.text not in ("", slot.text)
            # An explore cell is there to be changed, and is not run by the grader.
            in_place = changed and (slot.role == "solution" or "explore" in slot.tags)
            source, parts = (theirs.source, theirs.statements) if in_place else (slot.source, slot.statements)
            kept = without_leftovers(parts) if slot.role == "solution" else parts
            if len(kept) < len(parts):
                source, parts = "\n".join(statement.source for statement in kept), kept
                notes["leftover"].append(slot.id)
            ordered.append((Cell(slot.role, slot.grade_id, source, slot.tags, in_place), released_cells[number], parts))
            if changed and slot.role == "test":
                pool += [Found(statement, slot.id) for statement in theirs.statements]
            elif changed and not in_place:
                emit_student(theirs)
            if number in found.renamed:
                again = _AGAIN.format(*slot.functions, found.renamed[number])
                ordered.append((Cell("student", None, again, (), True), None, statements(again)))
            untested = [] if slot.role == "test" else untested + [slot] * (slot.role == "solution" and in_place)
        for index in extras[number]:
            notes["later"] += [slot.id for slot in untested if slot.functions.keys() & cells[index].functions.keys()]
            emit_student(cells[index], ("explore",) if _is_to_explore(cells[index], slots) else ())
    pool += [Found(statement, "an added cell") for index in found.dropped for statement in cells[index].statements]
    pool += [
        Found(statement, f"the file {file!r}")
        for file, other in elsewhere
        for cell in other.cells
        for statement in cell.statements
    ]
    repaired, brought = _put_together(skeleton, ordered, pool)
    repairs, flags = _describe_changes(skeleton, handed, found)
    flags += [_SENTENCES[what].format(some(dict.fromkeys(ids))) for what, ids in notes.items() if ids]
    flags += [_SENTENCES["brought"].format(*sentence) for sentence in brought]
    return repaired, handed.repairs + repairs, handed.flags + flags


def _put_together(skeleton, ordered, pool):
    """(Repaired, [(what, where it stood, before which cell)]): the cells in order, with what they need before them.

    ordered: Cell, the released cell or None, and Statements, of each.
    """
    kept = {key: copy.deepcopy(value) for key, value in skeleton.notebook.items() if key != "cells"}
    repaired = Repaired([], NotebookNode(kept, cells=[]))
    own = [
        Found(statement, cell.grade_id or (node.id if node else "an added cell"))
        for cell, node, parts in ordered
        if cell.role != "test"
        for statement in parts
    ]
    needed, brought = bring_up([(cell, parts) for cell, _, parts in ordered], own[::-1] + pool), []
    for index, (cell, node, _) in enumerate(ordered):
        if index in needed:
            source = "\n\n".join(textwrap.dedent(found.statement.source) for found in needed[index])
            _add(repaired, Cell("student", None, f"{_BROUGHT}\n{source}", (), True), None)
            what = some(sorted({name for found in needed[index] for name in found.statement.binds}))
            where = some(sorted({found.where for found in needed[index]}))
            brought.append((what, where, cell.grade_id or "an added cell"))
        _add(repaired, cell, node)
    return repaired, brought


def _add(repaired, cell, node):
    if node is None:
        make = v4.new_markdown_cell if cell.role == "markdown" else v4.new_code_cell
        node = make(id=f"student-{len(repaired.cells):03d}")
        if cell.tags:
            node.metadata["tags"] = list(cell.tags)
    node.source = cell.source
    repaired.cells.append(cell)
    repaired.notebook.cells.append(node)


def _extras(skeleton, cells, found):
    """Number of a skeleton cell (-1: the top) -> indices of the student's own cells that stand after it."""
    at = {}
    for number, index in sorted(found.place.items()):
        at.setdefault(index, number)
    following, after = len(skeleton.slots), {}
    for index in reversed(range(len(cells))):
        following = at.get(index, following)
        after[index] = following
    extras, before = defaultdict(list), -1
    unanswered = set(skeleton.numbers("solution")) - set(found.place)
    for index, cell in enumerate(cells):
        before = at.get(index, before)
        if index in at or index in found.dropped or not cell.text:
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

    A copy keeps the tag. What an answer needs of it is run all the same.
    """
    tagged = isinstance(cell.tags, list) and "explore" in cell.tags
    return tagged or any("explore" in slot.tags and is_version(slot, cell) for slot in slots)


def _describe_changes(skeleton, handed, found):
    """(repairs, flags): what differs from the skeleton, in sentences."""
    repairs, flags = defaultdict(list), defaultdict(list)
    order = list(dict.fromkeys(found.place[number] for number in sorted(found.place)))
    for number, slot in enumerate(skeleton.slots):
        if number not in found.place:
            repairs["unanswered" if slot.role == "solution" else "missing"].append(slot.id)
            continue
        cell = handed.cells[found.place[number]]
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
        if number in found.doubled:
            flags["doubled"].append(slot.id)
        if slot.role == "solution" and cell.kind != "code" and progress(slot, cell)[0]:
            flags["as text"].append(slot.id)
        if number in found.renamed:
            flags["renamed"].append(f"{slot.id} ({found.renamed[number]})")
    if order != sorted(order):
        repairs["order"] = []
    if handed.kernel != skeleton.notebook.metadata.kernelspec.name:
        repairs["kernel"] = []
    return [[_SENTENCES[what].format(some(ids)) for what, ids in notes.items()] for notes in (repairs, flags)]


#: A function under the exercise's name, where the student's has another.
_AGAIN = "def {}(*inputs, **options):\n    return {}(*inputs, **options)"
_BROUGHT = "# The grader found this where it is not run, or not in time, and runs it here."

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
    "later": "another version stands between the answer and its tests, and is what they see, as in the notebook: {}.",
    "as text": "these answers stood in cells that are not code, and were taken all the same: {}.",
    "renamed": "the function in this answer has another name than the exercise, and was taken for it: {}.",
    "leftover": "an unfinished version stood below the finished one in the same cell, and was left out: {}.",
    "brought": "{} was found in {}, where it is not run or comes too late, and is run before {}.",
}
