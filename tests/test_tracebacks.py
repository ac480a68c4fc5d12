"""What a student reads where an error passes through the course's code or TensorFlow, in a real kernel."""

import io
import os
import re
import sys

import nbformat
import pytest
from nbgrader.validator import Validator

from nst import tracebacks
from tests.support.kernels import run

#: cell -> how the error appears: the lines, "…" standing for anything; "IPython" where it tells it in its own way.
CELLS = {
    "import numpy as np\nfrom nst.quiet import tf": None,
    'from nst_utils import load_image\nphoto = load_image("x.jpg")': [
        '→ line 2:  photo = load_image("x.jpg")',
        "There is no picture x.jpg; check the spelling and the folder.",
    ],
    "def gram_matrix(A):\n    # YOUR CODE HERE\n    raise NotImplementedError()": None,
    "gram_matrix(tf.ones([2, 3]))": [
        "→ line 1:  gram_matrix(tf.ones([2, 3]))",
        "gram_matrix is not written yet: write it in its cell (where it says # YOUR CODE HERE), run that cell, then "
        "this one.",
    ],
    "def half(x):\n    raise NotImplementedError()\nhalf(1)": [
        "→ line 3:  half(1)",
        "half is not written yet: write it where it says # YOUR CODE HERE, then run this cell again.",
    ],
    "# YOUR CODE HERE\nraise NotImplementedError()": [
        "→ line 2:  raise NotImplementedError()",
        "This cell is not written yet: write your code where it says # YOUR CODE HERE, then run it again.",
    ],
    "from nst.painting import paint\n\n"
    "def cost(picture):\n    return {'total': tf.reduce_sum(gram_matrix(picture))}\n\n"
    "paint(cost, np.zeros((1, 4, 4, 3)))": [
        "→ line 6:  paint(cost, np.zeros((1, 4, 4, 3)))",
        "→ line 4, in cost:  return {'total': tf.reduce_sum(gram_matrix(picture))}",
        "gram_matrix is not written yet: …",
    ],
    "tf.function(gram_matrix)(tf.ones([2, 3]))": [
        "→ line 1:  tf.function(gram_matrix)(tf.ones([2, 3]))",
        "gram_matrix is not written yet: …",
    ],
    "paint(lambda picture: {'total': tf.reduce_summ(picture)}, np.zeros((1, 4, 4, 3)))": [
        "→ line 1:  paint(…)",
        "There is no `tf.reduce_summ`; did you mean `tf.reduce_sum`?",
        "AttributeError: module 'tensorflow' has no attribute 'reduce_summ'",
    ],
    "paint(cost, np.zeros((1, 4, 4)))": ["→ line 1:  paint(…)", "start should have the shape (1, height, width, 3), …"],
    "def product(a):\n    return tf.matmul(a, a)": None,
    "product(tf.ones([2, 3]))": [
        "→ line 1:  product(tf.ones([2, 3]))",
        "→ line 2, in product (cell In[12]):  return tf.matmul(a, a)",
        "A matrix product needs as many columns in the first matrix as rows in the second, …",
        "InvalidArgumentError: Matrix size-incompatible: …",
    ],
    "tf.nn.max_pool2d(tf.ones([2, 3]), 2, 2, 'SOME')": [
        "→ line 1:  tf.nn.max_pool2d(…)",
        "(%tb in a new cell shows every step.)",
        "…Error: …",
    ],
    "from nst_utils import load_vgg_model\nload_vgg_model('nowhere.mat')": [
        "→ line 2:  load_vgg_model('nowhere.mat')",
        "…nowhere.mat…",
    ],
    "load_vgg_model()['conv9']": ["→ line 1:  load_vgg_model()['conv9']", "There is no layer 'conv9'; …"],
    "from nst.lessons.take import take\ngram_matrix = take('1-losses', 'gram_matrix')": [
        "→ line 2:  gram_matrix = take('1-losses', 'gram_matrix')",
        "Expected your notebook 1-losses.ipynb in …",
    ],
    "import os, signal, threading, time\n"
    "threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()\ntime.sleep(60)": [
        "→ line 3:  time.sleep(60)",
        "You stopped this cell here. What its earlier lines have made is still there.",
    ],
    "gram_matrx(3)": [
        "→ line 1:  gram_matrx(3)",
        "There is no `gram_matrx` here; did you mean `gram_matrix`?",
        "NameError: name 'gram_matrx' is not defined",
    ],
    "1 / 0": "IPython",
    "def unfinished(:": "IPython",
    "if True\n    1": "IPython",
    "print((1, 2)": "IPython",
    'load_image("y.jpg")': ["→ line 1:  load_image(…)", "…"],
    "%tb": "everything",
    "%xmode Verbose": None,
    'load_image("z.jpg")': "everything",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory, warm_kernels):
    """cell -> the lines of its error, without colours."""
    path = tmp_path_factory.mktemp("errors") / "errors.ipynb"
    # The catalogue comes with the checks, which every notebook with exercises imports.
    cells = ["from nst.checks.neural_style_transfer import check", *CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells))), path)
    return {
        cell.source: re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output.traceback)).splitlines()
        for cell in run(path, warm_kernels).cells
        for output in cell.outputs
        if output.output_type == "error"
    }


@pytest.mark.slow
def test_an_error_is_the_students_own_lines_and_a_sentence(told):
    for cell, lines in CELLS.items():
        found = told.get(cell)
        if lines is None:
            assert found is None, (cell, found)
        elif lines == "IPython":
            assert 3 <= len(found) <= 10 and "course's" not in str(found), found
        elif lines == "everything":
            assert any("pictures.py" in line for line in found), found
        else:
            pattern = " ".join(map(re.escape, lines)).replace("…", ".*")
            assert re.fullmatch(pattern, " ".join(found)), (cell, found)
            assert len(found) <= 6 and all(len(line) <= 100 for line in found if line[0] != "→"), found
            assert not re.search(r"nst/|site-packages|ipykernel", "\n".join(found)), found


@pytest.mark.slow
def test_what_ipython_tells_of_the_students_own_code_ends_with_the_sentence(told):
    assert any(line.startswith("Something is divided by 0 in `1 / 0`") for line in told["1 / 0"][-2:])
    assert told["if True\n    1"][-1] == "A colon is missing at the end of this line."
    assert any(line.startswith("The cell ends before something in it does") for line in told["print((1, 2)"][-2:])


@pytest.mark.slow
def test_an_author_may_have_everything(tmp_path, warm_kernels, monkeypatch):
    monkeypatch.setenv("NST_TRACEBACKS", "full")
    path = tmp_path / "errors.ipynb"
    cell = nbformat.v4.new_code_cell('from nst_utils import load_image\nload_image("x.jpg")')
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    (output,) = run(path, warm_kernels).cells[0].outputs
    assert "pictures.py" in "\n".join(output.traceback)


@pytest.mark.slow
def test_validate_says_the_sentence_alone(tmp_path, warm_kernels, monkeypatch):
    path = tmp_path / "errors.ipynb"
    source = 'from nst_utils import load_image\nphoto = load_image("x.jpg")'
    marked = {"grade": True, "grade_id": "test", "points": 1, "solution": False, "locked": True, "schema_version": 3}
    cell = nbformat.v4.new_code_cell(source, metadata={"nbgrader": marked | {"task": False, "cell_type": "code"}})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    monkeypatch.setenv("JUPYTER_PATH", warm_kernels)
    validator = Validator()
    validator.stream = io.StringIO()
    validator.validate_and_print(str(path))
    said = validator.stream.getvalue()
    assert "There is no picture x.jpg; check the spelling and the folder." in said
    assert "pictures.py" not in said and len(said.splitlines()) < 15, said


def test_without_a_shell_nothing_is_installed():
    """As where a submission is judged, whose shell comes after the course's modules."""
    before = dict(vars(sys))
    tracebacks.install()
    assert vars(sys) == before


def test_a_file_of_the_course_is_the_courses_wherever_it_is_installed(root):
    assert tracebacks.owner(str(root / "nst" / "pictures.py")) == "course"
    assert tracebacks.owner(str(root / "nst_utils.py")) == "course"
    assert tracebacks.owner(os.__file__) == tracebacks.owner(pytest.__file__) == "library"
    assert tracebacks.owner("<1-losses.ipynb, cell 3>") == tracebacks.owner("/tmp/ipykernel_1/2.py") == "student"
