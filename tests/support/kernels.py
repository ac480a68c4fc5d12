"""Run notebooks in a real kernel, as the tests of several modules do."""

import ast
import os
from pathlib import Path
from unittest.mock import patch

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient

_SCRIPTS = {
    f"{script.parent.name}/{script.stem}": script
    for script in sorted((Path(__file__).resolve().parents[2] / "answers").glob("*/*.py"))
}
#: Every notebook of the course, as "assignment/name"; and those with exercises.
NOTEBOOKS = list(_SCRIPTS)
GRADED = [name for name, script in _SCRIPTS.items() if '"grade": true' in script.read_text(encoding="utf-8")]

#: assignment -> exercise -> the points of its cells
POINTS = {
    "what-convnets-see": {
        "output_shape": 10,
        "convolve_1d": 15,
        "receptive_field": 10,
        "strongest": 5,
        "unit_cost": 10,
    },
    "neural-style-transfer": {
        "compute_content_cost": 10,
        "gram_matrix": 10,
        "compute_layer_style_cost": 15,
        "total_cost": 5,
        "train_step": 10,
        "model_nn": 10,
    },
    "fast-style-transfer": {
        "content_loss": 4,
        "content_loss_batch": 1,
        "gram_matrix": 8,
        "gram_matrix_batch": 2,
        "style_loss": 8,
        "style_loss_batch": 2,
        "tv_loss": 8,
        "tv_loss_batch": 2,
        "style_transfer": 15,
        "inversion_cost": 4,
        "grow_texture": 6,
    },
    "face-recognition": {
        "triplet_loss": 15,
        "choose_triplets": 15,
        "img_to_encoding": 5,
        "verify": 10,
        "who_is_it": 10,
        "acceptance_rates": 5,
        "probability_same": 10,
    },
}


def run(path, jupyter_path="", **options):
    """Run every cell of a notebook file in its own folder, going on after errors, and return the notebook.

    jupyter_path: where Jupyter looks for kernels first, as the fixture `warm_kernels` gives it.
    """
    notebook = nbformat.read(path, as_version=4)
    options = {"timeout": 600, "allow_errors": True, "kernel_name": "python3", "coalesce_streams": True} | options
    with patch.dict(os.environ, {"JUPYTER_PATH": jupyter_path}):
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
