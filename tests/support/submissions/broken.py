"""Rows whose notebooks were cut, copied, shuffled or converted."""

import json
import random

from tests.support.submissions import FACES, SEE, as_bytes, row

BOTH = ("what-convnets-see", "1-convolution-in-1d-2d-3d", "2-what-a-unit-responds-to")
STYLE = ("neural-style-transfer", "1-content-cost", "2-style-cost")


def graded(cell):
    return cell.metadata.get("nbgrader", {}).get("grade")


@row(35, "duplicated test and solution cells", SEE, wrong=(), said="several cells claim to be one")
def duplicated(work):
    doubles = [cell for cell in work.notebook.cells if "nbgrader" in cell.metadata]
    work.notebook.cells += json.loads(json.dumps(doubles))


@row(36, "deleted test, solution and locked cells", SEE, wrong=(), lost=["convolve_1d"],
     said=("missing cells were put back", "no answer was found for convolve_1d"))  # fmt: skip
def deleted(work):
    gone = ("test_output_shape", "hidden_output_shape", "convolve_1d", "hidden_convolve_1d")
    work.notebook.cells = [c for c in work.notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in gone]
    work.notebook.cells = [cell for cell in work.notebook.cells if cell.cell_type == "code"]


@row(37, "reordered cells", SEE, wrong=(), said="put back in order")
def reordered(work):
    random.Random(4).shuffle(work.notebook.cells)


@row(38, "metadata stripped, and a notebook that holds nothing of the released one", STYLE, wrong=(),
     lost=("gram_matrix", "compute_layer_style_cost"), state="partial",
     said=("found by their content", "'2-style-cost.ipynb' holds none of the released"))  # fmt: skip
def stripped(work):
    for cell in work.notebook.cells:
        cell.metadata.clear()
        del cell["id"]
    work.notebook.metadata.clear()
    work.notebooks["2-style-cost"].cells = [work.notebook.cells[0] | {"source": "Something else entirely."}]


@row(
    39, "schema_version 99 and flipped flags", SEE, wrong=["convolve_1d"], said="settings of these cells were restored"
)
def flipped(work):
    for cell in work.notebook.cells:
        settings = cell.metadata.get("nbgrader")
        if settings:
            settings.update(schema_version=99, locked=not settings["locked"], solution=not settings["solution"])
            settings.update(grade=not settings["grade"], points=10, task=True)


@row(40, "points, cell types and checksums changed", SEE, wrong=["convolve_1d"],
     said=("the points of these test cells were changed", "type of these cells was restored"))  # fmt: skip
def raised_points(work):
    for cell in work.notebook.cells:
        if graded(cell):
            cell.metadata.nbgrader.points = 1000
            cell.metadata.nbgrader.checksum = "0" * 32
    tests = [cell for cell in work.notebook.cells if graded(cell)]
    tests[-1].cell_type = "markdown"
    for name in ("outputs", "execution_count"):
        tests[-1].pop(name, None)


@row(41, "renamed, with a byte order mark, in an old format; another one broken off", BOTH, wrong=(),
     lost=("receptive_field", "strongest", "unit_cost"), state="partial",
     said=("read from the file '1-convolution (copy)", "'2-what-a-unit-responds-to.ipynb' is damaged"))  # fmt: skip
def damaged(work):
    old = json.loads(json.dumps(work.notebooks.pop(SEE[1])))
    cells = []
    for cell in old["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "prompt_number": 1, "collapsed": False}
            cell.pop("execution_count", None)
        cells.append(cell)
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    work.beside["1-convolution (copy).ipynb"] = b"\xef\xbb\xbf" + json.dumps(old).encode()
    work.notebooks[BOTH[2]] = as_bytes(work.notebooks[BOTH[2]])[:3000]


@row(42, "a kernelspec of another language", wrong=(), said="kernel was set")
def another_kernel(work):
    work.notebook.metadata = {"kernelspec": {"name": "julia-1.10", "display_name": "Julia", "language": "julia"}}


@row(49, "the blank release notebook", FACES, wrong="blank")
def blank(work):
    pass


@row(50, "the reference solution, graded repeatedly", FACES, wrong=())
def reference(work):
    pass
