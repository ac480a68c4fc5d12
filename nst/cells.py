"""What the cells of a notebook make and need: names, told from the source, before anything is run."""

import ast
import builtins
import re
from functools import lru_cache
from typing import NamedTuple

_SECTION = re.compile(r"^##\s+(\d+\.\d+)\b", re.MULTILINE)


class Cell(NamedTuple):
    """A code cell: its place among the code cells, its id, its source, and the section above it ("3.2", or "")."""

    place: int
    id: str
    source: str
    section: str

    @property
    def beginning(self):
        """Its first line, as it is known by."""
        line = next((line.strip() for line in self.source.splitlines() if line.strip()), "")
        return line if len(line) <= 60 else f"{line[:59]}…"

    @property
    def makes(self):
        """Names that it defines or assigns at the top level."""
        return names_of(self.source)[0]

    @property
    def needs(self):
        """Names that it reads before it has made them, or that a function in it reads and nothing in it makes."""
        return names_of(self.source)[1]


def code_cells(notebook):
    """The code cells of a notebook, the dictionary that its file holds, in order."""
    found, section = [], ""
    for cell in notebook.get("cells", ()):
        source = cell.get("source", "")
        source = source if isinstance(source, str) else "".join(source)
        if cell.get("cell_type") == "markdown":
            section = (_SECTION.findall(source) or [section])[-1]
        elif cell.get("cell_type") == "code" and source.strip():
            found.append(Cell(len(found), cell.get("id", ""), source, section))
    return found


def plain_python(source):
    """A cell as Python: magics become function calls, and the first line of a cell magic such as %%time goes."""
    from IPython.core.inputtransformer2 import TransformerManager  # here, for where there is no shell it is not needed

    if source.lstrip().startswith("%%"):
        source = "\n" + source.lstrip().partition("\n")[2]
    return TransformerManager().transform_cell(source)


@lru_cache(maxsize=1000)
def names_of(source):
    """(names that a cell makes, names that it needs), two frozensets; empty for what is no Python."""
    try:
        body = ast.parse(plain_python(source)).body
    except SyntaxError:
        return frozenset(), frozenset()
    made, needed, by_functions = set(), set(), set()
    for statement in body:
        stored, loaded = _stored(statement), _loaded(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            # It is called later, when the cell has made more.
            by_functions |= loaded
            made |= stored
            continue
        # In a loop or a `with`, the names of its head are there before they are read.
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr):
            loaded -= stored
        needed |= loaded - made
        made |= stored
    needed |= by_functions - made
    return frozenset(made), frozenset(name for name in needed if not hasattr(builtins, name))


def _stored(node):
    """Names that a statement makes where it stands, not within a function or a comprehension."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return {part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr)}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()
    return own.union(*map(_stored, ast.iter_child_nodes(node)))


def _loaded(node):
    """Names that a statement reads, functions in it included, without what is local there."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return _loaded_by_function(node)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        local = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        return _union(_loaded, ast.iter_child_nodes(node)) - local
    if isinstance(node, ast.ExceptHandler):
        return _union(_loaded, ast.iter_child_nodes(node)) - {node.name}
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return {node.target.id} | _loaded(node.value)
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else set()
    return own | _union(_loaded, ast.iter_child_nodes(node))


def _loaded_by_function(node):
    arguments = node.args
    outside = [*arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]
    outside += getattr(node, "decorator_list", [])
    body = node.body if isinstance(node.body, list) else [node.body]
    local = {argument.arg for argument in ast.walk(arguments) if isinstance(argument, ast.arg)}
    shared = {name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names}
    local |= _union(_stored, body) - shared
    return _union(_loaded, outside) | (_union(_loaded, body) - local)


def _union(function, nodes):
    return set().union(*map(function, nodes))
