"""The source notebook around a test: what its given cells define, and whose it is."""

import ast
import builtins
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

from nst.quiet import tf

_BUILT_IN = frozenset(dir(builtins))


class _Statement(NamedTuple):
    """A statement of a given cell. source; its names: those it binds, and those it uses."""

    source: str
    binds: frozenset
    uses: frozenset
    plain: bool


class Setting:
    """What the given cells of a source notebook define: the names that a test cell of it may use.

    notebook: the instructor's, with solutions and hidden tests. What the given cells import or compute without the
    student's code is the examiner's own, and made here from the instructor's source; everything else is the student's.
    """

    def __init__(self, notebook):
        self._statements, self._ends = [], {}
        for cell in notebook.cells:
            if cell.cell_type != "code" or "explore" in cell.metadata.get("tags", ()):
                continue
            grader = cell.metadata.get("nbgrader", {})
            if grader.get("grade"):
                self._ends[cell.source] = len(self._statements)
                continue
            self._statements += _read(cell.source, bool(grader.get("solution")))
        self._made, self._origins = {}, {}

    def own(self, name, test):
        """A list of the examiner's own value of this name, as a test cell sees it; empty where it has none."""
        number = self._binding(name, self._ends.get(test, len(self._statements)))
        if number is None or not self._is_own(number):
            return []
        value = self._make(number)[name]
        if not _is_plain(value):
            self._origins[id(value)] = self._slice(number), name, value
        return [value]

    def origin(self, value):
        """(source, name): the statements of the given cells that make this value, or None."""
        found = self._origins.get(id(value))
        return found[:2] if found else None

    def _binding(self, name, before):
        """The number of the last statement before another that binds a name."""
        return next((i for i in reversed(range(before)) if name in self._statements[i].binds), None)

    def _needs(self, number):
        """name -> number of the statement that binds it, of those that a statement needs."""
        return {name: self._binding(name, number) for name in sorted(self._statements[number].uses - _BUILT_IN)}

    def _is_own(self, number):
        if not self._statements[number].plain:
            return False
        return all(needed is not None and self._is_own(needed) for needed in self._needs(number).values())

    def _make(self, number):
        if number not in self._made:
            namespace = {"__name__": "__main__"}
            for name, needed in self._needs(number).items():
                namespace[name] = self._make(needed)[name]
            exec(self._statements[number].source, namespace)
            self._made[number] = namespace
        return self._made[number]

    def _slice(self, number):
        """The statement and all that it needs, in order."""
        wanted, waiting = set(), [number]
        while waiting:
            number = waiting.pop()
            if number not in wanted:
                wanted.add(number)
                waiting += self._needs(number).values()
        return "\n".join(self._statements[i].source for i in sorted(wanted))


@lru_cache(maxsize=1024)
def parsed(source):
    """A cell of the instructor's as a syntax tree, which nobody writes into; magics become function calls."""
    return ast.parse(TransformerManager().transform_cell(source))


def uses(source):
    """The names that a cell looks up; see names."""
    return frozenset().union(*(statement.uses for statement in _read(source)))


def wanted(source):
    """The names that a cell looks up and does not bind itself, in order."""
    binds = frozenset().union(*(statement.binds for statement in _read(source)))
    return sorted(uses(source) - binds - _BUILT_IN)


@lru_cache(maxsize=1024)
def _read(source, solution=False):
    """The statements of a cell of the instructor's."""
    return tuple(_statement(node, solution) for node in parsed(source).body)


def _statement(node, solution):
    binds, uses = names(node)
    plain = isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef, ast.ClassDef)) and not solution
    if isinstance(node, ast.ImportFrom) and node.module == "nst.lessons.take":
        plain = False  # `take` gives the student's functions
    return _Statement(ast.unparse(node), frozenset(binds), frozenset(uses), plain)


def names(node):
    """The names that a statement binds in its module, and those that it looks up there; a few too many of these."""
    binds, uses, inner = set(), set(), set()
    for part in ast.walk(node):
        if isinstance(part, (ast.Import, ast.ImportFrom)):
            binds |= {(alias.asname or alias.name).split(".")[0] for alias in part.names}
        elif isinstance(part, ast.Name):
            (uses if isinstance(part.ctx, ast.Load) else binds).add(part.id)
        elif isinstance(part, ast.arg):
            inner.add(part.arg)
        elif isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            binds.add(part.name)
        elif isinstance(part, ast.comprehension):
            inner |= {name.id for name in ast.walk(part.target) if isinstance(name, ast.Name)}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        inner |= binds
        binds = {node.name}
    return binds - (inner - binds), uses - inner


def _is_plain(value):
    return value is None or isinstance(value, (bool, int, float, str, list, tuple, dict, np.ndarray, tf.Tensor))
