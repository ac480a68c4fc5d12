"""Definitions that an answer needs and that would not be run in time: in cells to explore, further down, in text."""

import builtins
from typing import NamedTuple

from nst.grading.intake.statements import Statement, statements, uses

_KNOWN = frozenset(dir(builtins)) | {"get_ipython", "display", "exit", "quit", "__name__"}


class Found(NamedTuple):
    """A definition, and where it stands: the words for a cell, or for a cell of another notebook."""

    statement: Statement
    where: str


def bring_up(cells, pool):
    """What must be run earlier than it stands, or at all: index of one of the cells -> the Founds to run before it.

    cells: assembling.Cells, in the order in which they will be run. pool: Founds among which to look, the nearest
    first. A function that a cell defines is not called before the next test, so what it uses may stand below it.
    """
    found_in = [statements(cell.source) if is_run(cell) else [] for cell in cells]
    bound = {}
    for index, found in enumerate(found_in):
        for statement in found:
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
    brought, deadlines, until = {}, [], len(cells)
    for index in reversed(range(len(cells))):
        until = index if cells[index].role == "test" else until
        deadlines.append(until)
    deadlines.reverse()
    for index, cell in enumerate(cells):
        if not found_in[index] or not cell.from_student:
            continue
        wanted = [uses([line for statement in found_in[index] for line in statement.code])]
        for names in wanted:  # grows meanwhile
            missing = {name for name in names - _KNOWN if bound.get(name, len(cells)) >= deadlines[index]}
            chosen = [offered[name] for name in sorted(missing & offered.keys())]
            if missing - offered.keys():
                chosen += stars
            for found in chosen:
                if found not in brought.get(index, ()):
                    brought.setdefault(index, []).insert(0, found)
                    wanted.append(uses(found.statement.code))
                    bound |= dict.fromkeys(found.statement.binds, -1)
    return brought


def is_run(cell):
    """Is a cell of the repaired notebook run as it stands?"""
    return cell.role not in ("test", "markdown") and "explore" not in cell.tags
