"""Notebooks without what is there to be looked at, for tests of how they are graded: drawing takes most of the time."""

import ast

import jupytext

from nst.course.release import read_source
from nst.grading.exam.setting import parsed


def lighten(notebook):
    """The notebook, changed: no cells to explore, and in given cells only what other cells may use."""
    notebook.cells = [cell for cell in notebook.cells if "explore" not in cell.metadata.get("tags", ())]
    for cell in notebook.cells:
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            used = [node for node in parsed(cell.source).body if not isinstance(node, ast.Expr)]
            cell.source = "\n".join(map(ast.unparse, used))
    return notebook


def lighten_scripts(folder):
    """Lighten an assignment's scripts, in place."""
    for script in folder.glob("*.py"):
        jupytext.write(lighten(read_source(script)), script, fmt="py:percent")
