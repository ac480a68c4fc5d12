"""Run notebooks in a real kernel, as the tests of several modules do."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient


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
