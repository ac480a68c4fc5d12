"""Definitions that an answer needs and that would not be run in time: in cells to explore, further down, in text."""

import builtins
from typing import NamedTuple

from nst.grading.intake.statements import Statement, uses

_KNOWN = frozenset(dir(builtins)) | {"get_ipython", "display", "exit", "quit", "__name__"}


class Found(NamedTuple):
    """A definition, and where it stands: words for a cell, or for a cell of another notebook."""

    statement: Statement
    where: str


def bring_up(cells, pool):
    """What must be run earlier than it stands, or at all: index of one of the cells -> the Founds to run before it.

    cells: assembling.Cells with their Statements, in the order in which they will be run. pool: Founds among which to
    look, those first that are preferred. A function that a cell defines is not called before the next test, so what it
    uses may stand below it.
    """
    bound = {}
    for index, (cell, parts) in enumerate(cells):
        for statement in parts if is_run(cell) else ():
            for name in statement.binds:
                bound.setdefault(name, index)
    offered, stars = {}, []
    for found in pool:
        if not found.statement.is_definition or not all(found.statement.functions.values()):
            continue
        for name in found.statement.binds:
            offered.setdefault(name, found)
        if "*" in found.statement.binds:
            stars.append(found)
    deadlines, until = [], len(cells)
    for index in reversed(range(len(cells))):
        until = index if cells[index][0].role == "test" else until
        deadlines.insert(0, until)

    def needed(code, deadline):
        """The Founds that lines of code need and that are not there by then."""
        missing = {name for name in uses(code) - _KNOWN if bound.get(name, len(cells)) >= deadline}
        chosen = [offered[name] for name in sorted(missing & offered.keys())]
        return chosen + stars if missing - offered.keys() else chosen

    brought = {}
    for index, (cell, parts) in enumerate(cells):
        if not is_run(cell) or not cell.from_student:
            continue
        waiting = [(found, False) for found in needed([line for s in parts for line in s.code], deadlines[index])]
        seen, ordered = set(), []
        while waiting:
            found, is_ready = waiting.pop()
            if is_ready:
                ordered.append(found)
            elif id(found) not in seen:
                seen.add(id(found))
                # What it needs comes first.
                waiting.append((found, True))
                waiting += [(other, False) for other in needed(found.statement.code, deadlines[index])]
        if ordered:
            brought[index] = ordered
            for found in ordered:
                bound |= dict.fromkeys(found.statement.binds, -1)
    return brought


def is_run(cell):
    """Is a cell of the repaired notebook run as it stands?"""
    return cell.role not in ("test", "markdown") and "explore" not in cell.tags
