"""The solutions and the hidden tests in answers/, taken from their notebooks."""

import io
from contextlib import redirect_stdout
from functools import partial

from nst.course.release import read_source, write_source_notebooks
from nst.lessons.take import take
from nst.paths import CHECKOUT

ASSIGNMENT = "neural-style-transfer"


def reference_solution(model):
    """The functions make_costs, model_nn and total_cost as the answers have them, working on `model`."""
    write_source_notebooks(CHECKOUT / "answers")
    answers = CHECKOUT / "answers" / ASSIGNMENT
    # The tests hold the answers right.
    taken = partial(take, folder=answers, even_if_wrong=True)
    make_costs, model_nn, total_cost = taken("3-painting", "make_costs", "model_nn", "total_cost")
    make_costs.__globals__.update(
        model=model,
        compute_content_cost=taken("1-content-cost", "compute_content_cost"),
        compute_style_cost=taken("2-style-cost", "compute_style_cost"),
    )
    return make_costs, model_nn, total_cost


def hidden_tests(assignment):
    """exercise -> a function that runs the exercise's hidden tests, in this process, on a function that it is given.

    The tests see what their notebook's first code cell defines, its imports and its network. What fails is raised.
    """
    return {
        name: _hidden_test(name, notebook, cell.source)
        for script in sorted((CHECKOUT / "answers" / assignment).glob("*.py"))
        for notebook, cell, name in _hidden_cells(script)
    }


def _hidden_cells(script):
    """(what the first code cell defines, cell, exercise) of each cell of hidden tests."""
    first, *others = [cell for cell in read_source(script).cells if cell.cell_type == "code"]
    notebook = {}
    with redirect_stdout(io.StringIO()):
        # Without IPython's magics.
        exec("\n".join(line for line in first.source.splitlines() if not line.startswith("%")), notebook)
    for cell in others:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id.startswith("hidden_"):
            yield notebook, cell, grade_id.removeprefix("hidden_")


def _hidden_test(name, notebook, source):
    code = compile(source, f"<hidden_{name}>", "exec")
    # What is asked of a batch is a part of the exercise on the same function.
    return lambda function: exec(code, notebook | {name.removesuffix("_batch"): function})
