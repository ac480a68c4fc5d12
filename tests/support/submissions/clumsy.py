"""Rows of honest work, clumsily edited: what is right in them earns its points, and what is ambiguous is flagged."""

import json

from nst.grading.intake.skeleton import released
from tests.support.submissions import LOSSES, NEURAL, SEE, as_bytes, row, sources, wrong_answer
from tests.support.submissions.broken import graded

STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()"
MATMUL = "tf.matmul(unrolled, unrolled, transpose_a=True)"


def stub(work, exercise):
    """Put the stub back, and hand back the answer that stood there."""
    cell = work.cell(exercise)
    (source,) = sources(work.row.assignment, work.row.names).values()
    (released_cell,) = [other for other in released(source).cells if other.id == exercise]
    answer, cell.source = cell.source, released_cell.source
    return answer


@row(73, "a stub's last line left in comments, texts, helpers and below the return", LOSSES, wrong=(),
     said="a finished one comes first, then the right id, then the last: content_loss")  # fmt: skip
def leftovers(work):
    work.cell("content_loss").source += "\n    # raise NotImplementedError()"
    work.add(f"# a later experiment\n{wrong_answer('content_loss')}", where="tv_loss")
    work.cell("gram_matrix").source += "\n    raise NotImplementedError()"
    cell = work.cell("style_loss")
    cell.source = cell.source.replace('"""Compute', '"""In place of `raise NotImplementedError()`: compute', 1)
    cell = work.cell("tv_loss")
    cell.source += """


def other_norm(difference):
    raise NotImplementedError()"""


@row(74, "a constant, a class and an import in cells that keep the tag of one to explore", LOSSES, wrong=(),
     said=("HALF was found in an added cell, where it is not run or comes too late, and is run before content_loss",
           "Square, reduce was found", "is run before tv_loss"))  # fmt: skip
def to_explore(work):
    work.add("HALF = 1 / 2\nfor _ in range(10**12):\n    pass", where="content_loss", tags=["explore"])
    cell = work.cell("content_loss")
    cell.source = cell.source.replace("tf.reduce_sum(", "HALF * 2 * tf.reduce_sum(")
    work.add(
        """
        from functools import reduce
        class Square:
            def __call__(self, x):
                return reduce(tf.multiply, [x, x])
        paint(None, None, iterations=10**9)
        """,
        tags=["explore"],
        where="content_loss",
    )
    cell = work.cell("tv_loss")
    cell.source = cell.source.replace("tf.square(", "Square()(")


@row(75, "one folder too deep, the blank release beside the finished copy, and what macOS leaves", NEURAL, wrong=(),
     said="read from the file 'week 3/neural-style-transfer/1-content-cost (1).ipynb'")  # fmt: skip
def too_deep(work):
    folder, (name,) = "week 3/neural-style-transfer", work.row.names
    work.beside[f"{folder}/{name} (1).ipynb"] = as_bytes(work.notebooks.pop(name))
    blank = json.loads(work.beside[f"{folder}/{name} (1).ipynb"])
    for cell in blank["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = f"def compute_content_cost(a_C, a_G):\n{STUB}"
    work.beside[f"{folder}/{name}.ipynb"] = json.dumps(blank).encode()
    work.beside[f"__MACOSX/{folder}/._{name}.ipynb"] = b"\0\5\x16\7"


@row(76, "magics that are not there, above, in and below the answers", LOSSES, wrong=())
def absent_magics(work):
    first = work.cell("content_loss")
    first.source = f"%matplotlib widget\n%load_ext nothing.like.this\n!pip install nothing\n{first.source}"
    cell = work.cell("gram_matrix")
    cell.source = f"%%memit -r 1\n{cell.source}\n"
    cell = work.cell("style_loss")
    cell.source = f"x = %nothing 3\n?len\n%config Nothing.here = 3\n{cell.source}\n%timeit -n1 -r1 1 + 1\n%nothing"
    cell = work.cell("tv_loss")
    cell.source = f"%%writefile losses.py\n{cell.source}"


@row(77, "990 empty cells, and a picture pasted into the text", SEE, wrong=())
def many_empty(work):
    for _ in range(990):
        work.notebook.cells.append(dict(work.notebook.cells[-1], source="", metadata={}, cell_type="markdown"))
    work.add(f"![me](data:image/png;base64,{'A' * 1_200_000})", kind="markdown")


@row(78, "answers in new cells, in halves, and before their helpers", LOSSES, wrong=(),
     said=("found by their content: content_loss", "halves of a split cell", "unrolled_of was found in"))  # fmt: skip
def moved_about(work):
    work.add(stub(work, "content_loss"), where="gram_matrix")
    cell = work.cell("gram_matrix")
    cell.source = cell.source.replace(MATMUL, "unrolled_of(unrolled)")
    helper = work.add(f"def unrolled_of(unrolled):\n    return {MATMUL}")
    work.notebook.cells.remove(helper)
    work.notebook.cells.append(helper)
    answer = work.cell("style_loss")
    answer.source, half, rest = answer.source.partition("    for name, target")
    halves = work.add("pass", where="test_style_loss")
    halves.source = half + rest


@row(79, "prompts, indentation, invisible and full-width characters", LOSSES, wrong=(),
     said=("characters that Python cannot read", "'（' (U+FF08)", "'\\xa0' (U+00A0)"))  # fmt: skip
def odd_characters(work):
    cell = work.cell("content_loss")
    lines = cell.source.split("\n")
    cell.source = "\n".join([f">>> {lines[0]}", *(f"... {line}" for line in lines[1:])])
    cell = work.cell("gram_matrix")
    cell.source = "\n".join(f"    {line}" for line in cell.source.split("\n"))
    cell = work.cell("style_loss")
    cell.source = cell.source.replace("    loss = 0.0", "\u00a0\u00a0\u00a0\u00a0loss\u200b = 0.0")
    cell = work.cell("tv_loss")
    cell.source = cell.source.replace("tf.square(across)", "tf.square（across）").replace("\n", "\r\n")


@row(80, "from Colab: imports of its own above everything, form fields, and no ids", LOSSES, wrong=(),
     said=("stops with ModuleNotFoundError", "math, SCALE"))  # fmt: skip
def from_colab(work):
    work.add(
        """
        #@title Setup { display-mode: "form" }
        from google.colab import drive
        drive.mount("/content/drive")
        %cd /content/drive/MyDrive
        import math
        SCALE = 1.0 #@param {type:"number"}
        """
    )
    cell = work.cell("tv_loss")
    cell.source = "from google.colab import files\n" + cell.source.replace(
        "tv_weight * (", "math.sqrt(SCALE) * tv_weight * ("
    )
    for cell in work.notebook.cells:
        cell.metadata.clear()
        cell.metadata["id"] = cell.pop("id")


@row(81, "cells merged with their neighbours, and an answer in the test's cell", LOSSES, wrong=())
def merged(work):
    def merge(first, second):
        first.source += f"\n\n{second.source}"
        work.notebook.cells.remove(second)

    given = next(cell for cell in work.notebook.cells if cell.source.startswith("import numpy"))
    merge(given, work.cell("content_loss"))
    merge(work.cell("gram_matrix"), work.cell("test_gram_matrix"))
    merge(work.cell("style_loss"), work.cell("tv_loss"))
    test = work.cell("test_style_loss")
    test.source = f"def twice(x):\n    return 2 * x\n\n{test.source}"
    work.cell("style_loss").source = work.cell("style_loss").source.replace(
        "loss += weight", "loss += twice(0.5) * weight"
    )


@row(82, "functions by nearly the right names", LOSSES, wrong=(),
     said=("has another name than the exercise", "gram_matrix (gramMatrix)", "tv_loss (total_variation)"))  # fmt: skip
def misnamed(work):
    gram = work.cell("gram_matrix")
    gram.source = gram.source.replace("def gram_matrix", "def gramMatrix")
    total = work.cell("tv_loss")
    total.source = total.source.replace("def tv_loss", "def total_variation")


@row(83, "more than one version, finished and not", LOSSES, wrong=(),
     said=("an unfinished version stood below the finished one in the same cell", "several cells claim"))  # fmt: skip
def versions(work):
    cell = work.cell("gram_matrix")
    cell.source += f"\n\n\ndef gram_matrix(features, normalize=True):\n{STUB}"
    work.add(f"def content_loss(*inputs):\n    total = 1\n{STUB}", where="test_content_loss")
    answer = stub(work, "tv_loss")
    work.cell(
        "tv_loss"
    ).source = "def tv_loss(img, tv_weight):\n    # I wrote it above\n    raise NotImplementedError()"
    work.add(answer, where="style_loss")
    answer = stub(work, "style_loss")
    work.cell("style_loss").source = 'def style_loss(*inputs):\n    """Below."""\n    pass'
    work.add(answer, where="tv_loss")


@row(84, "answers and helpers in cells of text", LOSSES, wrong=(),
     said=("stood in cells that are not code", "gram_matrix, tv_loss", "summed was found"))  # fmt: skip
def in_text(work):
    for cell in (work.cell("gram_matrix"), work.cell("tv_loss")):
        cell.cell_type = "markdown" if "gram" in cell.source else "raw"
        for name in ("outputs", "execution_count"):
            cell.pop(name, None)
    cell = work.cell("content_loss")
    cell.source = cell.source.replace("tf.reduce_sum(", "summed(")
    work.add("def summed(x):\n    return tf.reduce_sum(x)", kind="markdown", where="content_loss")


@row(85, "cells that stop before, between and after what they define", LOSSES, wrong=(),
     said=("stops with EOFError", "stops with SystemExit", "stops with ImportError",
           "gram_matrix cannot be read as a whole"))  # fmt: skip
def stopping(work):
    cell = work.cell("content_loss")
    cell.source = f"name = input('Who are you? ')\n{cell.source}"
    cell = work.cell("gram_matrix")
    cell.source += "\n\nprint 'done'\ndef unfinished(:\n    for"
    cell = work.cell("style_loss")
    cell.source = f"exit()\n{cell.source}\nreturn style_loss"
    cell = work.cell("tv_loss")
    cell.source = (
        f"import matplotlib\nmatplotlib.use('TkAgg')\n{cell.source}\n\nimport matplotlib.pyplot as plt\nplt.show()"
    )


@row(86, "answers in unusual forms", LOSSES, wrong=())
def unusual_forms(work):
    def indented(source):
        return "\n".join(f"    {line}" for line in source.split("\n"))

    answer = stub(work, "content_loss")
    work.add(f"if __name__ == '__main__':\n{indented(answer)}", where="gram_matrix")
    cell = work.cell("gram_matrix")
    cell.source = "import functools\n\ndef counted(f):\n    @functools.wraps(f)\n    def g(*inputs, **options):\n        return f(*inputs, **options)\n    return g\n\n@counted\n" + cell.source  # fmt: skip # noqa: E501
    cell = work.cell("style_loss")
    cell.source = "from __future__ import annotations\n" + cell.source.replace(
        "(feats,", "(feats: Mapping[str, Tensor],"
    )
    cell = work.cell("tv_loss")
    cell.source = f"class Loss:\n{indented(cell.source.replace('(img', '(self, img'))}\n\ntv_loss = Loss().tv_loss"


@row(87, "a long painting below the answer", SEE, wrong=(), said="convolve_1d was stopped",
     call_seconds=2, cell_seconds=8)  # fmt: skip
def paints_long(work):
    work.cell("convolve_1d").source += "\n\nimport time\nfor _ in range(10):\n    time.sleep(10)"


@row(88, "stubs with notes, texts and empty bodies are no answers", LOSSES, wrong="blank")
def no_answers(work):
    work.cell("content_loss").source += "\n    # return tf.reduce_sum(...)"
    work.answer("gram_matrix", 'def gram_matrix(features, normalize=True):\n    """Done."""\n    pass')
    work.add('answer = """\ndef tv_loss(img, tv_weight):\n    return 0\n"""', where="test_tv_loss")


@row(89, "an old format, Windows line ends, and answers cut into test and solution", LOSSES, wrong=(),
     said="read as a notebook of format 4")  # fmt: skip
def old_format(work):
    tests = [cell for cell in work.notebook.cells if graded(cell)]
    tests[0].source = f"{work.cell('content_loss').source}\n\n{tests[0].source}"
    stub(work, "content_loss")
    cells = []
    for cell in json.loads(json.dumps(work.notebook.cells)):
        cell["source"] = cell["source"].replace("\n", "\r\n")
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "prompt_number": 1, "collapsed": False}
        cells.append(cell)
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    work.notebooks[work.row.names[0]] = old
