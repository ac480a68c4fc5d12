"""Whoever follows the text word for word can: what it names exists, and what it proposes to try runs."""

import ast
import builtins
import re
from importlib import import_module

import pytest

from nst.course.release import read_source
from tests.support.kernels import NOTEBOOKS

# In a sentence these stand for what the reader has.
_STAND_FOR_SOMETHING = {"shape", "path", "names", "picture", "View"}


def cells_of(root, notebook):
    return read_source(root / "answers" / f"{notebook}.py").cells


def names_known(cells):
    """Every name that a cell of the notebook defines or imports, the arguments of its functions included."""
    known = set(dir(builtins))
    for cell in cells:
        if cell.cell_type != "code":
            continue
        source = "\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                known |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                known.add(node.name)
            elif isinstance(node, ast.arg):
                known.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                known.add(node.id)
    return known


def code_in(cells):
    """The pieces of Python that the text of a notebook names: those that call something or reach into a module."""
    for cell in cells:
        if cell.cell_type != "markdown":
            continue
        for piece in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", cell.source):
            try:
                tree = ast.parse(piece.replace("...", "Ellipsis"))
            except SyntaxError:
                continue
            if any(isinstance(node, ast.Call | ast.Attribute) for node in ast.walk(tree)):
                yield piece, tree


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_name_in_the_text_is_one_that_the_notebook_has(root, notebook):
    cells = cells_of(root, notebook)
    known = names_known(cells)
    strange = [
        piece
        for piece, tree in code_in(cells)
        if not re.fullmatch(r"[\w./-]+\.(py|md|jpg|png|gif|ipynb|npz)|nst\.[\w.]+", piece)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in known | _STAND_FOR_SOMETHING
    ]
    assert strange == []


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_function_of_a_library_in_text_and_hints_exists(root, notebook):
    modules = {"tf": "tensorflow", "np": "numpy"}
    text = "\n".join(cell.source for cell in cells_of(root, notebook))
    missing = []
    for short, path in re.findall(r"\b(tf|np)((?:\.[A-Za-z_]\w*)+)", text):
        found = import_module(modules[short])
        for part in path.strip(".").split("."):
            if not hasattr(found, part):
                missing.append(short + path)
                break
            found = getattr(found, part)
    assert missing == []


def test_every_command_in_the_text_is_one_that_nst_has(root):
    from nst.commands.cli import COMMANDS

    said = {
        command
        for notebook in NOTEBOOKS
        for cell in cells_of(root, notebook)
        for command in re.findall(r"\bnst (\w+)[ `]", cell.source)
    }
    assert "paint" in said and said <= set(COMMANDS)
