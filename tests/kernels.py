"""Run notebooks in a real kernel, as the tests of several modules do."""

import ast
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient

_SCRIPTS = {
    f"{script.parent.name}/{script.stem}": script
    for script in sorted((Path(__file__).resolve().parent.parent / "answers").glob("*/*.py"))
}
#: Every notebook of the course, as "assignment/name"; and those with exercises.
NOTEBOOKS = list(_SCRIPTS)
GRADED = [name for name, script in _SCRIPTS.items() if '"grade": true' in script.read_text(encoding="utf-8")]


def run(path, **options):
    """Run every cell of a notebook file in its own folder, going on after errors, and return the notebook."""
    notebook = nbformat.read(path, as_version=4)
    options = {"timeout": 600, "allow_errors": True, "kernel_name": "python3", "coalesce_streams": True} | options
    NotebookClient(notebook, resources={"metadata": {"path": str(Path(path).parent)}}, **options).execute()
    return notebook


def outputs(notebook, kind):
    """All outputs of a kind ("error", "stream", "display_data", ...) in order, with the cell they belong to."""
    return [
        (cell, output)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == kind
    ]


def text(notebook, name="stdout"):
    """Everything the notebook wrote to a stream."""
    return "".join(output.text for _, output in outputs(notebook, "stream") if output.name == name)


def calls(source):
    """Names of the functions that a cell calls when it is run, as `figures.show`; not those inside a function of it."""
    found, waiting = set(), list(ast.parse(TransformerManager().transform_cell(source)).body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Call):
            found.add(ast.unparse(node.func))
    return found


def shorten(script, changes):
    """Replace texts in a script, so that it paints for less long; each must be there as often as you say.

    changes: dict from (text, how often) to what takes its place.
    """
    source = script.read_text()
    for (long, times), short in changes.items():
        assert source.count(long) == times, f"{script.name} says {long!r} {source.count(long)} times, not {times}"
        source = source.replace(long, short)
    script.write_text(source)
