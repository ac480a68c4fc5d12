"""Does a submission's sandbox need the loops that paint, which answer the exercises of another assignment?"""

import ast

from nst.grading.exam.setting import names, parsed


def needs_painting(notebooks):
    """Does a solution, or a test, of these instructor's notebooks call something that it has from nst.painting?"""
    imported, used = set(), set()
    for cell in (cell for notebook in notebooks for cell in notebook.cells if cell.cell_type == "code"):
        tree = parsed(cell.source)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("nst.painting"):
                imported |= {alias.asname or alias.name for alias in node.names}
        if cell.metadata.get("nbgrader"):
            for node in tree.body:
                used |= names(node)[1]
    return not imported.isdisjoint(used)
