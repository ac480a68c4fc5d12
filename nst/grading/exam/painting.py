"""Does a submission's sandbox need the loops that paint, which answer the exercises of another assignment?"""

import ast
from functools import lru_cache

from nst.grading.exam.setting import parsed, uses


def needs_painting(notebooks):
    """Does a solution, or a test, of these instructor's notebooks call something that it has from nst.painting?"""
    cells = [cell for notebook in notebooks for cell in notebook.cells if cell.cell_type == "code"]
    imported = set().union(*(_imported(cell.source) for cell in cells))
    used = set().union(*(uses(cell.source) for cell in cells if cell.metadata.get("nbgrader")))
    return not imported.isdisjoint(used)


@lru_cache(maxsize=1024)
def _imported(source):
    """The names that a cell has from nst.painting."""
    imports = [node for node in ast.walk(parsed(source)) if isinstance(node, ast.ImportFrom)]
    aliases = [alias for node in imports if node.module.startswith("nst.painting") for alias in node.names]
    return frozenset(alias.asname or alias.name for alias in aliases)
