"""How many lines a student sees of a check that fails: ten usual mistakes, each in a kernel, as in a notebook.

    python tools/mistakes.py              # a table, and the median
    python tools/mistakes.py ten.ipynb    # and the executed notebook, to look at

Counted is what is there before anything is opened: the lines of a panel without its hints, printed ones, a traceback's.
"""

import re
import statistics
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from nbclient import NotebookClient

IMPORTS = """
import numpy as np
from nst.checks import face_recognition, fast_style_transfer, neural_style_transfer, what_convnets_see
from nst.quiet import tf
"""

#: What it is, the assignment, and the function.
MISTAKES = [
    ("not written yet", "neural_style_transfer", "def gram_matrix(A):\n    raise NotImplementedError()"),
    ("no return", "neural_style_transfer", "def gram_matrix(A):\n    GA = tf.matmul(A, A, transpose_b=True)"),
    ("the wrong factor on its side", "neural_style_transfer", "def gram_matrix(A):\n    return tf.transpose(A) @ A"),
    (
        "reshaped, not transposed",
        "neural_style_transfer",
        """def gram_matrix(A):
    return tf.matmul(A, A, transpose_b=True)


def compute_layer_style_cost(a_S, a_G):
    m, n_H, n_W, n_C = a_G.shape
    a_S = tf.reshape(a_S, [n_C, n_H * n_W])
    a_G = tf.reshape(a_G, [n_C, n_H * n_W])
    GS = tf.matmul(a_S, a_S, transpose_b=True)
    GG = tf.matmul(a_G, a_G, transpose_b=True)
    return tf.reduce_sum((GS - GG) ** 2) / (4 * n_C**2 * (n_H * n_W) ** 2)""",
    ),
    (
        "a method that tensors do not have",
        "neural_style_transfer",
        """def compute_content_cost(a_C, a_G):
    m, n_H, n_W, n_C = a_G.get_shape().as_list()
    difference = a_C.reshape(n_H * n_W, n_C) - a_G.reshape(n_H * n_W, n_C)
    return tf.reduce_sum(difference**2) / (4 * n_H * n_W * n_C)""",
    ),
    (
        "the gradient cut",
        "neural_style_transfer",
        """def compute_content_cost(a_C, a_G):
    m, n_H, n_W, n_C = a_G.shape
    return tf.constant(np.sum((np.array(a_C) - np.array(a_G)) ** 2) / (4 * n_H * n_W * n_C), tf.float32)""",
    ),
    (
        "one weight for both costs",
        "neural_style_transfer",
        """def total_cost(J_content, J_style, alpha=10, beta=40):
    return alpha * (J_content + J_style)""",
    ),
    (
        "differences not squared",
        "fast_style_transfer",
        """def tv_loss(img, tv_weight):
    rows = tf.reduce_sum(img[:, 1:] - img[:, :-1])
    columns = tf.reduce_sum(img[:, :, 1:] - img[:, :, :-1])
    return tv_weight * (rows + columns)""",
    ),
    (
        "a name that is not there",
        "face_recognition",
        """def triplet_loss(y_true, y_pred, alpha=0.2):
    anchor, positive, negative = y_pred
    near = tf.reduce_sum(tf.square(anchor - positive), axis=-1)
    far = tf.reduce_sum(tf.square(anchor - negativ), axis=-1)
    return tf.reduce_sum(tf.maximum(near - far + alpha, 0.0))""",
    ),
    (
        "not rounded down",
        "what_convnets_see",
        """def output_shape(input_shape, filter_shape, filters, stride=1, padding=0):
    axes = zip(input_shape[:-1], filter_shape[:-1])
    return (*[(n + 2 * padding - f) / stride + 1 for n, f in axes], filters)""",
    ),
]


def notebook():
    """A notebook of the mistakes, each function with its check below it."""
    cells = [nbformat.v4.new_code_cell(IMPORTS)]
    for _, assignment, function in MISTAKES:
        name = re.findall(r"(?m)^def (\w+)", function)[-1]
        cells += [nbformat.v4.new_code_cell(function), nbformat.v4.new_code_cell(f"{assignment}.check({name})")]
    return nbformat.v4.new_notebook(cells=cells)


class _Visible(HTMLParser):
    """The lines of a panel, its hints closed."""

    def __init__(self):
        super().__init__()
        self.lines, self._closed, self._summary, self._row = [""], 0, False, False

    def handle_starttag(self, tag, attributes):
        """A block begins a line; what stands in <details> is not seen, but for its outermost <summary>."""
        self._closed += tag == "details"
        self._summary = tag == "summary" or self._summary
        self._row = tag == "tr" or self._row
        if (tag in ("p", "tr", "li", "summary", "pre") and not (self._row and tag == "pre")) or tag == "br":
            self.lines.append("")
        self.lines[-1] += " " * (tag == "td")

    def handle_endtag(self, tag):
        """See handle_starttag."""
        self._closed -= tag == "details"
        self._summary = self._summary and tag != "summary"
        self._row = self._row and tag != "tr"

    def handle_data(self, data):
        """Take what is seen."""
        if not self._closed or (self._closed == 1 and self._summary):
            first, *others = data.split("\n")
            self.lines[-1] += first
            self.lines += others


def seen(outputs):
    """The lines that a student sees of a cell's outputs."""
    lines = []
    for output in outputs:
        if output.output_type == "error":
            text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback))
        elif output.output_type == "stream":
            text = output.text
        elif "text/html" in output.data:
            parser = _Visible()
            parser.feed(output.data["text/html"])
            text = "\n".join(filter(str.strip, parser.lines))
        else:
            text = output.data["text/plain"]
        lines += text.rstrip("\n").split("\n")
    return lines


def main(path=None):
    """Run the mistakes, print how many lines each shows, and how many of those are frames of the course."""
    executed = notebook()
    NotebookClient(executed, timeout=300, allow_errors=True, kernel_name="python3").execute()
    counts = []
    for (what, _, _), cell in zip(MISTAKES, executed.cells[2::2], strict=True):
        lines = seen(cell.outputs)
        frames = sum("/nst/" in line or "site-packages" in line for line in lines)
        counts.append(len(lines))
        print(f"{len(lines):4} lines, {frames:2} of them name files of the course or of libraries: {what}")
    print(f"{statistics.median(counts):4.0f} lines, the median of {len(counts)}")
    if path:
        nbformat.write(executed, Path(path))


if __name__ == "__main__":
    main(*sys.argv[1:])
