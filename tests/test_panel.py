"""What a student sees of a check: a panel in a notebook, text elsewhere, and no frame of the course's."""

import re
import threading
import time
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest

from nst.checks import neural_style_transfer
from nst.checks.panel import GROUNDS, as_html
from nst.checks.printing import as_text, seen_as_text, told_as_text
from nst.checks.time_limit import TimeSpent, within
from nst.checks.verdict import RIGHT, WRONG, CheckFailed, Stop, Verdict
from nst.quiet import tf
from tests.support.kernels import run

WRONG_VERDICT = Verdict(
    exercise="gram_matrix",
    sentence="gram_matrix has the wrong value on <b>these</b> inputs.",
    values=(("gram_matrix", "1 < 2", "2 & 3"),),
    held=("right on a matrix",),
    explanation="There is no `x <y>` here.",
    look="Look at the factors.",
    causes=(("both factors transposed", "You transpose both."), ("entries squared", "You square.")),
    experiment="A = tf.constant([[1.0, 2.0]])\nprint(gram_matrix(A))  # [[5.]]",
    place=Stop("In [3], line 2", "return '<script>alert(1)</script>'"),
    raw="TypeError: <class 'int'>",
)


class Outline(HTMLParser):
    """What is open and what is inside what: text -> the titles of the details around it."""

    def __init__(self, html):
        super().__init__()
        self.around, self.found, self.tags = [], {}, set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "details":
            assert "open" not in dict(attributes)
            self.around.append("")

    def handle_endtag(self, tag):
        if tag == "details":
            self.around.pop()

    def handle_data(self, data):
        if self.around and not self.around[-1]:
            self.around[-1] = data
        self.found[data] = list(self.around)


def test_each_step_of_a_hint_is_inside_the_one_before_it():
    found = Outline(as_html(WRONG_VERDICT)).found
    first, second, third = (f"Hint {n} of 3: {what}" for n, what in enumerate(STEPS, 1))
    assert found["Look at the factors."] == [first]
    assert found["both factors transposed"] == found["entries squared"] == [first, second]
    assert found[WRONG_VERDICT.experiment] == [first, second, third]
    assert found["1 < 2"] == found["2 & 3"] == found["gram_matrix is not right yet."] == []
    assert found["TypeError: <class 'int'>"] == ["What Python says"]


STEPS = ["where to look", "what goes wrong", "see it yourself"]


def test_a_hint_of_one_step_is_not_counted():
    html = as_html(Verdict(exercise="f", sentence="Wrong.", causes=(("", "Do it by hand."),)))
    assert Outline(html).found["Do it by hand."] == ["Hint: what to do"]


def test_nothing_that_a_student_wrote_becomes_markup():
    html = as_html(WRONG_VERDICT)
    assert not {"script", "b"} & Outline(html).tags
    assert "&lt;script&gt;alert(1)" in html and "&lt;b&gt;these" in html
    assert "There is no <code>x &lt;y&gt;</code> here." in html


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ground", GROUNDS.values())
def test_the_mark_can_be_read_and_is_seen_on_light_and_dark_pages(ground):
    def contrast(a, b):
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    assert contrast("#ffffff", ground) >= 4.5
    assert min(contrast(page, ground) for page in ("#ffffff", "#111111")) >= 3


def test_the_text_says_what_the_panel_says():
    text = as_text(WRONG_VERDICT)
    for part in (
        "✗ gram_matrix is not right yet.\ngram_matrix has the wrong value on <b>these</b> inputs.\n",
        "\ngram_matrix: 1 < 2   reference: 2 & 3\n  ✓ right on a matrix\nWhere to look: ",
        "\nIt stopped at In [3], line 2: return '<script>",
        "\nWhere to look: Look at the factors.\n",
        "\nWhat goes wrong: both factors transposed: You transpose both.\n",
        "\n    A = tf.constant([[1.0, 2.0]])\n    print(",
        "\nWhat Python says: TypeError: <class 'int'>",
    ):
        assert part in text
    assert set(text.split("\n")) == {*seen_as_text(WRONG_VERDICT).split("\n"), *told_as_text(WRONG_VERDICT).split("\n")}
    assert as_text(Verdict(exercise="f", state=RIGHT, held=("right on x",))) == "✓ f is right.\n  ✓ right on x"


def test_outside_a_notebook_the_exception_has_the_steps_as_notes():
    def compute_content_cost(a_C, a_G):
        return a_C.no_such_thing

    with pytest.raises(CheckFailed) as caught:
        neural_style_transfer.check(compute_content_cost)
    assert str(caught.value).startswith("compute_content_cost stops on the published inputs, shapes (1, 4, 4, 3)")
    assert re.search(r"test_panel\.py, line \d+: return a_C\.no_such_thing$", caught.value.__notes__[0])
    assert caught.value.verdict.state == WRONG


def test_what_tensorflow_cannot_do_is_not_taken_for_a_function_that_is_not_written():
    @tf.function
    def product(B):
        return np.asarray(B) @ np.asarray(B).T

    def gram_matrix(A):
        return product(A)

    with pytest.raises(CheckFailed, match="gram_matrix stops: NotImplementedError: ") as caught:
        neural_style_transfer.check(gram_matrix)
    assert "np.asarray(B)" in caught.value.verdict.place.text


# In a kernel

GIVEN = "from nst.checks import engine\nfrom nst.checks.neural_style_transfer import check\nfrom nst.quiet import tf"
RIGHT_GRAM = "def gram_matrix(A):\n    return tf.matmul(A, A, transpose_b=True)"
WRONG_GRAM = "def gram_matrix(A):\n    return tf.matmul(A, A, transpose_a=True)"
CHECK = "check(gram_matrix)"


@pytest.fixture(scope="module")
def in_a_notebook(tmp_path_factory, warm_kernels):
    """A function from cells to the outputs of each, the notebook being saved as JPY_SESSION_NAME says it is."""

    def outputs(*cells):
        path = tmp_path_factory.mktemp("work") / "work.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (GIVEN, *cells)])
        nbformat.write(notebook, path)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JPY_SESSION_NAME", str(path))
            return [cell.outputs for cell in run(path, warm_kernels).cells[1:]]

    return outputs


def shown(outputs):
    """(the panel as text, the lines of the traceback) of a cell."""
    panels = [output.data for output in outputs if output.output_type == "display_data"]
    errors = [output.traceback for output in outputs if output.output_type == "error"]
    assert len(panels) < 2 and len(errors) < 2 and len(outputs) == len(panels) + len(errors)
    assert all("role=" in panel["text/html"] for panel in panels)
    return panels[0]["text/plain"] if panels else "", errors[0] if errors else []


#: The saved notebook has another function than the one that ran; as when a cell was edited, saved and not run.
EDIT = """
import json, os, time
path = os.environ["JPY_SESSION_NAME"]
notebook = json.load(open(path))
for cell in notebook["cells"]:
    cell["source"] = "".join(cell["source"]).replace("transpose_a", "transpose_b")
time.sleep(0.05)
json.dump(notebook, open(path, "w"))
"""


def test_a_check_in_a_notebook(in_a_notebook):
    cells = {
        "right": [RIGHT_GRAM, CHECK],
        "wrong": [WRONG_GRAM, CHECK],
        "edited": [EDIT, CHECK],
        "not read": ["def gram_matrix(A):\n    return tf.matmul(A, A, transpose_b=True", CHECK],
        "not reached": [f"undefined\n{RIGHT_GRAM}", CHECK],
        "not written": ["def gram_matrix(A):\n    # YOUR CODE HERE\n    raise NotImplementedError()", CHECK],
        "endless": ["engine.PATIENCE = 0.3\ndef gram_matrix(A):\n    while True:\n        A = A", CHECK],
        "stops": [f"engine.PATIENCE = 90\ndef gram_matrix(A):\n    return A.reshape(3, 3)\n{CHECK}"],
        "right again": [RIGHT_GRAM, CHECK],
    }
    outputs = iter(in_a_notebook(*[source for sources in cells.values() for source in sources]))
    found = {name: shown([next(outputs) for _ in sources][-1]) for name, sources in cells.items()}
    read = ["✗ gram_matrix is not right yet. Read the panel above."]

    right = found["right"][0]
    assert right.startswith("✓ gram_matrix is right.") and "transposed" not in right and found["right"][1] == []
    assert found["right again"] == found["right"]

    panel, traceback = found["wrong"]
    assert "What goes wrong: positions compared, not channels: Your matrix compares" in panel and traceback == read
    assert "judges" not in found["wrong"][0]
    assert "was changed after you last ran it, so this check judges the version that ran" in found["edited"][0]
    assert "could not read the cell of gram_matrix when you last ran it (In [8], line 2)" in found["not read"][0]
    assert "stopped before it came to the function when you last ran it" in found["not reached"][0]
    assert found["not written"] == (
        "✎ gram_matrix is not written yet.\nWrite it in its cell, where it says # YOUR CODE HERE, and run that cell; "
        "then run this check again.",
        ["✎ gram_matrix is not written yet. Read the panel above."],
    )
    panel, traceback = found["endless"]
    assert "gram_matrix was stopped after 0 seconds" in panel and re.search(r"In \[\d+\], line [34]: ", panel)
    assert traceback == read
    panel, traceback = found["stops"]
    assert "Where to look" not in panel, "the exercise's own steps are about values"
    assert re.search(r"It stopped at In \[\d+\], line 3: return A.reshape\(3, 3\)", panel) and "tf.reshape" in panel
    assert traceback == read


# A time limit


def endless():
    while True:
        pass


def endless_and_deaf():
    while True:
        try:  # noqa: SIM105, as students write it
            sum(number for number in range(300))
        except:  # noqa: E722
            pass


@pytest.mark.parametrize("function", [endless, endless_and_deaf])
def test_what_never_ends_is_stopped_and_nothing_is_left_behind(function):
    before = threading.active_count()
    with pytest.raises(TimeSpent):
        within(0.05, function)
    assert threading.active_count() == before
    time.sleep(0.25)  # nothing comes later


def test_what_ends_in_time_gives_its_result_and_its_error():
    assert within(60, max, 2, 3) == 3
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 / 0)
    assert within(None, max, 2, 3) == 3
