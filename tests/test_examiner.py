"""The examiner against students' processes, right, wrong and hostile; without a sandbox, which test_sandbox.py tries.

A process is forked from one that has imported TensorFlow, as in the sandbox. Rows are those of the list of submissions
that the grader must survive.
"""

import io
import json
import random
import socket
import time
from contextlib import contextmanager, redirect_stdout, suppress
from importlib import import_module
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nst.checks.engine import compiled
from nst.course.release import KERNEL, read_source
from nst.grading.exam import inside
from nst.grading.exam.client import RemoteNotebook, StudentGone, StudentTimeout
from nst.grading.exam.examiner import examine
from nst.grading.exam.packing import Packing, Unpacking
from nst.grading.exam.remote import Remote, RemoteCallable
from nst.grading.exam.setting import Setting
from nst.grading.exam.wire import BUFFER_BYTES, CELL_BYTES, HEADER_BYTES, Channel, WireError
from nst.grading.intake import skeleton
from nst.grading.judge import judge
from nst.grading.walls.sandbox import Limits, available
from nst.quiet import tf
from tests.support.forked import PROCESSES
from tests.support.forms import face_recognition as forms_face_recognition
from tests.support.forms import fast_style_transfer as forms_fast_style_transfer
from tests.support.forms import neural_style_transfer as forms_neural_style_transfer
from tests.support.forms import what_convnets_see as forms_what_convnets_see

RELEASED = skeleton.released


@contextmanager
def student(*cells, **limits):
    """A notebook's process in which these cells have been run."""
    mine, theirs = socket.socketpair()
    process = PROCESSES.Process(target=inside.serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    notebook = RemoteNotebook(mine, **limits)
    try:
        with suppress(StudentGone):
            for cell in cells:
                notebook.run_cell(cell)
        yield notebook
    finally:
        notebook.close()
        process.kill()
        process.join()


def texts(result, kind="stream"):
    return "".join(output["text"] for output in result.outputs if output["output_type"] == kind)


@pytest.fixture(scope="module")
def shared():
    """One process for the tests that leave it as it is."""
    with student("import numpy as np, tensorflow as tf") as notebook:
        yield notebook


# Cells


def test_a_cell_shows_what_a_notebook_shows(shared):
    result = shared.run_cell("print('one')\nimport sys\nprint('two', file=sys.stderr)\n'three'")
    assert [(o["output_type"], o.get("name"), o.get("text")) for o in result.outputs[:2]] == [
        ("stream", "stdout", "one\n"),
        ("stream", "stderr", "two\n"),
    ]
    assert result.outputs[2]["data"] == {"text/plain": "'three'"}
    assert result.error is None


def test_an_error_of_the_courses_is_not_cut_here(shared):
    """nst/tracebacks.py cuts it for a student's eyes, in a notebook; the instructor sees all of it."""
    (output,) = shared.run_cell("from nst_utils import load_image\nload_image('x.jpg')").outputs
    assert "pictures.py" in "".join(output["traceback"])


def test_a_figure_comes_as_a_picture(shared):
    result = shared.run_cell(
        "%config InlineBackend.figure_format = 'retina'\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    )
    (output,) = result.outputs
    assert output["data"]["image/png"].startswith("iVBORw0KGgo")  # the beginning of every PNG, in base64
    assert output["metadata"]["image/png"]["width"] > 300


def test_a_display_is_updated_and_outputs_are_cleared(shared):
    result = shared.run_cell(
        "from IPython.display import clear_output, display\n"
        "display('gone'); clear_output()\n"
        "place = display('first', display_id=True); place.update('last')"
    )
    assert [output["data"]["text/plain"] for output in result.outputs] == ["'last'"]


def test_an_error_has_a_traceback_without_colours(shared):
    result = shared.run_cell("def f():\n    return 1 / 0\nf()")
    assert result.error == ("ZeroDivisionError", "division by zero")
    (output,) = result.outputs
    assert output["ename"] == "ZeroDivisionError"
    assert any("return 1 / 0" in line for line in output["traceback"])
    assert "\x1b" not in "".join(output["traceback"])


def test_cells_go_on_after_a_syntax_error(shared):
    assert shared.run_cell("def broken(:").error[0] == "SyntaxError"
    assert texts(shared.run_cell("print('still here')")) == "still here\n"


def test_input_ends_at_once(shared):  # row 45
    began = time.monotonic()
    assert shared.run_cell("name = input('Who are you? ')").error[0] == "EOFError"
    assert shared.run_cell("import sys; sys.stdin.readline()").error is None
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("end", ["exit()", "quit()", "raise SystemExit", "import sys; sys.exit(3)"])
def test_exit_ends_the_cell_only(shared, end):  # row 22
    result = shared.run_cell(f"before = 1\n{end}\nprint('after')")
    assert result.error[0] == "SystemExit" and "after" not in texts(result)
    assert shared.get("before") == 1


def test_a_file_beside_the_notebook_takes_no_modules_place(tmp_path):
    (tmp_path / "colorsys.py").write_text("raise SystemError('taken')")
    with student(f"import os; os.chdir({str(tmp_path)!r})") as notebook:
        assert notebook.run_cell("import colorsys").error is None


@pytest.mark.parametrize(
    "flood",
    [
        "print('x' * 50_000_000)",
        "for _ in range(200_000):\n    print('x' * 100)",
        "import sys\nfor _ in range(200_000):\n    sys.stderr.write('x' * 100)",
        "import os\nfor _ in range(1000):\n    os.write(1, b'x' * 100_000); os.write(2, b'x' * 100_000)",
        "from IPython.display import HTML, display\nfor _ in range(1000):\n    display(HTML('x' * 100_000))",
        "raise ValueError('x' * 50_000_000)",
    ],
)
def test_a_flood_of_output_is_cut(shared, flood):  # row 29
    result = shared.run_cell(flood)
    assert len(json.dumps(result.outputs)) < 2 * CELL_BYTES
    if "print" in flood:
        assert "left out" in texts(result)


def test_all_cells_together_show_so_much_and_no_more():
    with student(output=1_000_000) as notebook:
        notebook.run_cell("from IPython.display import HTML, display")
        shown = [len(json.dumps(notebook.run_cell("display(HTML('x' * 400_000))").outputs)) for _ in range(6)]
    assert shown[0] > 400_000 and shown[-1] < 1000


def test_one_cell_shows_so_much_and_no_more():
    with student("from IPython.display import HTML, display", cell_output=10_000) as notebook:
        small = notebook.run_cell("print('x' * 5_000)\ndisplay(HTML('y' * 4_000))").outputs
        assert [output["output_type"] for output in small] == ["stream", "display_data"]
        result = notebook.run_cell("print('x' * 5_000)\ndisplay(HTML('y' * 6_000))\nprint('z')\n1 / 0")
        assert result.error[0] == "ZeroDivisionError" and notebook.alive
        assert texts(result) == "x" * 5_000 + "\n[Left out: this cell has shown too much.]\n"
        floods = ("print('é' * 6_000)", "display(HTML('x' * 1_000_000))", "for _ in range(150): display('x' * 100)")
        floods = [len(json.dumps(notebook.run_cell(flood).outputs)) for flood in floods]
        assert max(floods) < 30_000  # with nbformat's words around each of many


@pytest.mark.slow
def test_the_limits_of_a_submission_hold_for_what_its_cells_show(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(skeleton, "released", lambda source: made.append(source) or RELEASED(source))
    shows = new_code_cell("print('x' * 3_000)\ndef one():\n    return 1", id="one")
    shows.metadata["nbgrader"] = {"grade": False, "solution": True, "locked": False, "grade_id": "one"}
    tests = new_code_cell("assert one() == 1", id="test_one")
    tests.metadata["nbgrader"] = {"grade": True, "solution": False, "locked": True, "grade_id": "test_one", "points": 1}
    for settings in (shows.metadata.nbgrader, tests.metadata.nbgrader):
        settings |= {"schema_version": 3, "task": False}
    source = new_notebook(cells=[shows, tests], metadata={"kernelspec": KERNEL})
    nbformat.write(source, tmp_path / "1-one.ipynb")
    source.cells[0].source = shows.source.replace("def one", "### BEGIN SOLUTION\ndef one") + "\n### END SOLUTION"
    judgement = judge(tmp_path, {"1-one": source}, Limits(output=2_000), unsafe=bool(available()))
    assert judgement.score == (1, 1)
    (output,) = judgement.notebooks["1-one"].cells[0].outputs
    assert output.text == "[Left out: this cell has shown too much.]\n"
    assert len(made) == 1  # nbgrader takes its time to make the released notebook


def test_a_cell_that_takes_too_long_ends_the_notebook():  # row 23
    with student(cell_seconds=0.5) as notebook:
        with pytest.raises(StudentTimeout, match=r"no answer within 0\.5 seconds"):
            notebook.run_cell("while True: pass")
        assert not notebook.alive


def test_the_deadline_of_a_submission_holds_for_every_cell():
    with student() as notebook:
        notebook.deadline = time.monotonic() + 1
        began = time.monotonic()
        with pytest.raises(StudentTimeout, match="the time for this submission"):
            while True:
                notebook.run_cell("import time; time.sleep(0.3)")
        assert time.monotonic() - began < 3


# Calls

FUNCTIONS = """
import numpy as np, tensorflow as tf
from copy import deepcopy

def back(*values, **named):
    return [*values, named]

def copies(*values, **named):
    copied = deepcopy([*values, named])
    return tf.nest.map_structure(lambda x: tf.identity(x) if isinstance(x, tf.Tensor) else x, copied)

def spoil(array, variable, values, named):
    array[0] = 7
    variable.assign_add([1.0, 1.0])
    values.append(8)
    named["new"] = 9
    return values

def square(x):
    return {"square": x * x, "constant": tf.constant(3.0)}

def adder(n):
    return lambda x: x + n

def apply(function, *values):
    return function(*values)

def gradient(function, x):
    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = function(x)
    return tape.gradient(y, x)

def gradient_in_a_graph(function, x):
    return tf.function(gradient_of_variable)(function, tf.Variable(x))

def gradient_of_variable(function, x):
    with tf.GradientTape() as tape:
        y = function(x)
    return tape.gradient(y, x)

def eager():
    return tf.executing_eagerly()

def step(x, optimizer):
    optimizer.apply_gradients([(tf.ones_like(x), x)])

def asked(encoder, picture):
    encoder(picture)
    return encoder(picture)

def spoil_and_stop(values):
    values.append(2)
    raise ValueError("stopped")
"""


@pytest.fixture(scope="module")
def functions():
    """A notebook with the functions above."""
    with student(FUNCTIONS) as notebook:
        yield SimpleNamespace(notebook=notebook, **{n: notebook.function(n) for n in _names_of(FUNCTIONS)})


def _names_of(source):
    return [line.split("(")[0].removeprefix("def ") for line in source.splitlines() if line.startswith("def ")]


VALUES = [
    *(None, True, 0, -(2**63), 1.5, float("inf"), "ü\n", "\0", [], [[1], (2, "a")], {}, {"a": {1: None}}),
    *(np.float32(1.5), np.int64(-1), np.bool_(True), np.complex64(1j)),
    *(np.arange(6, dtype=np.uint8).reshape(2, 3), np.zeros((0, 3)), np.array(True), np.array(2.5, np.float16)),
    *(np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.arange(3, dtype=">i4"), np.arange(9)[::-2]),
    *(tf.constant([1.5, 2.5]), tf.constant([[True]]), tf.constant(3)),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_data_comes_back_as_it_went(functions, value):
    found, named = functions.copies(value, other=value)
    for result in (found, named["other"]):
        assert type(result) is type(value)
        if isinstance(value, (np.ndarray, np.generic, tf.Tensor)):
            assert result is not value or isinstance(value, np.bool_)
            assert result.dtype == (value.dtype if isinstance(value, tf.Tensor) else value.dtype.newbyteorder("="))
            np.testing.assert_array_equal(result, value)
        else:
            assert result == value


def test_nan_and_variables_come_back(functions):
    nan, variable, _ = functions.copies(float("nan"), tf.Variable([1.0, 2.0]))
    assert nan != nan
    assert isinstance(variable, tf.Variable) and variable.numpy().tolist() == [1, 2]


def test_a_text_of_numpy_comes_as_a_text(shared):
    shared.run_cell("name = np.array(['Emre', 'Kofi'])[1]")
    assert type(shared.get("name")) is str and shared.get("name") == "Kofi"


def test_a_shape_comes_as_the_tuple_that_it_stands_for(shared):
    shared.run_cell("def shape(): return tf.zeros([2, 3]).shape\ndef unknown(): return tf.TensorShape([None, 3])")
    assert shared.function("shape")() == (2, 3)
    assert type(shared.function("unknown")()).__name__ == "TensorShape"


def test_what_is_written_into_arguments_is_seen(functions):
    array, variable, named = np.ones(3), tf.Variable([1.0, 2.0]), {"old": 1}
    values = [array]
    result = functions.spoil(array, variable, values, named)
    assert array.tolist() == [7, 1, 1] and values[0] is array and values[1] == 8 and result is values
    assert variable.numpy().tolist() == [2, 3] and named == {"old": 1, "new": 9}


def test_what_is_written_before_an_error_is_seen_too(functions):
    values = [1]
    with pytest.raises(ValueError, match="stopped"):
        functions.spoil_and_stop(values)
    assert values == [1, 2]


def test_a_tape_sees_through_a_call(functions):
    x, y = tf.constant([1.0, 2.0]), tf.Variable([3.0, 4.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        of_x, of_y = functions.square(x), functions.square(y)
        total = tf.reduce_sum(of_x["square"]) * 5
    assert tape.gradient(total, x).numpy().tolist() == [10, 20]
    assert tape.gradient(of_y["square"], y).numpy().tolist() == [6, 8]
    assert not np.any(tape.gradient(of_y["constant"], y))


def test_no_gradient_arrives_where_the_thread_is_cut():
    with student("import tensorflow as tf\ndef cut(x):\n    return tf.constant(x.numpy())") as notebook:
        x = tf.constant(2.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = notebook.function("cut")(x)
        assert tape.gradient(y, x) is None


def test_a_function_that_comes_back_can_be_called(functions):
    add = functions.adder(2)
    assert callable(add) and not hasattr(add, "__wrapped__")
    assert add(3) == 5
    assert functions.apply(add, 4) == 6


def test_what_is_no_plain_data_has_nothing_to_read(shared):
    shared.run_cell("class Thing:\n    secret = 1\n    def __eq__(self, other): return True\nthing = Thing()")
    thing = shared.get("thing")
    assert type(thing).__name__ == "Thing" and isinstance(thing, Remote)
    assert not hasattr(thing, "secret") and not callable(thing) and thing != 1
    with pytest.raises(AttributeError):
        thing.new = 1


def test_a_function_of_the_test_is_called_back(functions):
    seen = []

    def triple(x):
        seen.append(x)
        return 3 * x

    assert functions.apply(triple, 2) == 6
    assert functions.apply(lambda inner, x: inner(x), triple, 3) == 9  # a callback that calls a callback
    assert seen == [2, 3]
    (same, _) = functions.back(triple)
    assert same is triple
    # Gradients go the other way, also where the student compiles.
    assert functions.gradient(lambda x: x * x, np.float32([1, 2])).numpy().tolist() == [2, 4]
    assert functions.gradient_in_a_graph(lambda x: x * x, np.float32([1, 2])).numpy().tolist() == [2, 4]


def test_an_error_of_a_function_of_the_test_comes_through_as_it_is(functions):
    mine = ValueError("expected value 6.76559")

    def fails(x):
        raise mine

    with pytest.raises(ValueError) as caught:
        functions.apply(fails, 1)
    assert caught.value is mine
    functions.notebook.run_cell(
        "def listen(function):\n"
        "    try:\n        function(1)\n"
        "    except Exception as error:\n        return type(error).__name__ + str(error)"
    )
    heard = functions.notebook.function("listen")(fails)
    assert "ValueError" in heard and "6.76559" not in heard


def test_a_function_is_compiled_where_it_runs(functions):
    assert functions.eager()
    assert not compiled(functions.eager, autograph=False)()
    with pytest.raises(TypeError, match="runs in another process"):
        tf.function(functions.square)(tf.constant(1.0))


def test_an_optimizer_keeps_its_memory(functions):
    local, remote = tf.Variable([1.0, 2.0]), tf.Variable([1.0, 2.0])
    mine, theirs = tf.keras.optimizers.Adam(0.1), tf.keras.optimizers.Adam(0.1)
    mine.build([local])
    theirs.build([remote])
    for _ in range(3):
        mine.apply_gradients([(tf.ones_like(local), local)])
        functions.step(remote, theirs)
    np.testing.assert_allclose(remote, local)
    assert int(theirs.iterations) == 3


def test_an_object_of_the_checks_is_made_again(functions):
    encoder = import_module("nst.checks.face_recognition").TinyEncoder(np.ones((2, 2, 3, 4)), np.zeros(4))
    encodings = functions.asked(encoder, np.ones((1, 2, 2, 3), "float32"))
    np.testing.assert_allclose(encodings, np.full((1, 4), 0.5))
    assert encoder.asked == 2


ERRORS = [
    ("raise ValueError('three\\nlines\\nhere')", ValueError, "three\nlines\nhere"),
    ("raise KeyError('conv1')", KeyError, "'conv1'"),
    ("raise NotImplementedError()", NotImplementedError, ""),
    ("b'\\xff'.decode()", UnicodeDecodeError, "invalid start byte"),
    ("raise ExceptionGroup('several', [ValueError()])", Exception, "several"),
    ("tf.matmul([[1.0]], [[1.0], [2.0]])", Exception, "Matrix size-incompatible"),
    ("raise StopIteration", Exception, ""),
    ("raise SystemExit(0)", Exception, "0"),
    ("exit()", Exception, ""),
    ("raise KeyboardInterrupt", Exception, ""),
    ("raise type('Nasty', (Exception,), {'__str__': lambda self: 1 / 0})", Exception, ""),
    ("def f(): return f()\n    f()", RecursionError, "maximum recursion depth"),
]


@pytest.mark.parametrize(("source", "kind", "text"), ERRORS, ids=[source[:30] for source, *_ in ERRORS])
def test_an_error_comes_as_its_own_kind(shared, source, kind, text):
    shared.run_cell(f"def fails():\n    {source}")
    with pytest.raises(kind) as caught:
        shared.function("fails")()
    assert text in str(caught.value)
    assert not isinstance(caught.value, (StopIteration, SystemExit))


def test_what_is_too_large_or_too_deep_is_an_error_and_no_end(shared):
    shared.run_cell(
        "def huge(): return np.zeros(30_000_000)\n"
        "def deep():\n    nest = []\n    for _ in range(100_000): nest = [nest]\n    return nest\n"
        "def bush():\n    nest = []\n    for _ in range(14): nest = [nest] * 14\n    return nest\n"
        "def circle():\n    nest = []\n    nest.append(nest)\n    return nest\n"
        "def text(): return 'x' * 10_000_000\n"
        "def number(): return 10 ** 5000\n"
    )
    for name, text in [("huge", "too large"), ("deep", "deeply"), ("bush", "too many"), ("circle", "deeply")]:
        with pytest.raises(ValueError, match=text):
            shared.function(name)()
    with pytest.raises(ValueError, match="too many"):
        shared.function("text")()
    assert (
        type(shared.function("number")()).__name__ == "int"
    )  # something that is called int, and can't be counted with
    assert shared.alive


def test_a_call_is_fast(functions):
    a = np.zeros((1, 8, 8, 3), "float32")
    times = []
    for _ in range(200):
        began = time.perf_counter()
        functions.back(a)
        times.append(time.perf_counter() - began)
    assert np.median(times) < 0.02  # well under 5 ms where nothing else runs


# Verdicts

GIVEN = """
import nbformat
import numpy as np
from nst.checks.neural_style_transfer import check
from nst.lessons.take import take
from nst.quiet import tf

SIZES = [(4, 15), (7, 3), (1, 8)]
"""

RIGHT = "def gram_matrix(A):\n    return tf.matmul(A, A, transpose_b=True)"
WRONG = "def gram_matrix(A):\n    return tf.matmul(A, A, transpose_a=True)"

VISIBLE = "check(gram_matrix)"

HIDDEN = """
# More tests run here when your work is graded.
### BEGIN HIDDEN TESTS
from nst.checks.neural_style_transfer import compare

random = np.random.default_rng(21)
for n_C, positions in SIZES:
    A = random.normal(size=(n_C, positions)).astype("float32")
    print("secret", A[0, 0])
    compare(gram_matrix, tf.constant(A), expected=np.array([[row @ other for other in A] for row in A]))
### END HIDDEN TESTS
"""


def setting_of(*tests):
    cells = [new_code_cell(GIVEN)]
    cells += [new_code_cell(RIGHT, metadata={"nbgrader": {"solution": True, "grade": False}})]
    cells += [new_code_cell(test, metadata={"nbgrader": {"grade": True, "solution": False}}) for test in tests]
    return Setting(new_notebook(cells=cells))


def verdicts(*cells, tests=(VISIBLE, HIDDEN), **limits):
    """What the tests say of a notebook with these cells; a new process takes the place of one that has ended."""
    outcomes, left = [], list(tests)
    while left:
        with student(GIVEN, *cells, **limits) as notebook:
            outcomes.append(examine(left.pop(0), notebook, setting_of(*tests)))
            while left and notebook.alive:
                outcomes.append(examine(left.pop(0), notebook, setting_of(*tests)))
    return outcomes


def test_right_work_passes_and_what_the_visible_test_prints_is_kept():
    visible, hidden = verdicts(RIGHT)
    assert visible.passed and visible.message == ""
    assert "reference:" in visible.printed and "✓" in visible.printed
    assert hidden == (True, "", "", (), "")


def test_wrong_work_fails_and_the_hint_is_there():
    visible, hidden = verdicts(WRONG)
    assert (
        not visible.passed and "positions compared, not channels: Your matrix compares the columns" in visible.message
    )
    assert not hidden.passed and hidden.printed == ""
    first, second = hidden.message.split("\n")[:2]
    assert first == "Hidden test 1 of 3: gram_matrix(tensor of shape (4, 15))"
    assert second == "gram_matrix has shape (15, 15), not (4, 4), on fresh inputs, shape (4, 15)."
    for source in ("default_rng", "compare(", "row @ other"):
        assert source not in hidden.message


def test_a_stub_and_a_missing_function_are_told_apart():
    unwritten, _ = verdicts("def gram_matrix(A):\n    raise NotImplementedError()")
    assert unwritten.message.startswith("gram_matrix is not written yet")
    for outcome in verdicts("grammatrix = 1"):
        assert not outcome.passed and "gram_matrix is not defined in your notebook." in outcome.message


MODEL = """
### BEGIN HIDDEN TESTS
from nst.checks.neural_style_transfer import compare

seen = []
painted = model_nn(lambda x: (x, x), np.zeros(3), callback=lambda i: seen.append(i))
assert seen == [0, 1], "the callback comes after each step"
assert painted.shape == (3,), f"expected is {3}"
assert np.isclose(painted[0], 42.5)
np.testing.assert_allclose(painted, [42.5, 43.5, 44.5])
### END HIDDEN TESTS
"""

MODELS = {
    "callback(0)": ("Hidden test 1 of 3: the callback comes after each step.", "[0, 1]"),
    "callback(0); callback(1)": ("Hidden test 2 of 3: it does not hold.", "expected is"),
    "callback(0); callback(1); return start": ("Hidden test 3 of 3: it does not hold.", "42.5"),
    "callback(0); callback(1); return start + 42.5": ("Hidden test 3: The test could not be completed", "43.5"),
    "callback(0); callback(1, 2)": ("Hidden tests: The test could not be completed (TypeError)", "lambda"),
    "return 1 / 0": ("Hidden tests: model_nn stops: ZeroDivisionError: division by zero", "seen"),
}


@pytest.mark.parametrize("body", MODELS)
def test_a_hidden_test_says_which_and_never_what_it_expects(body):
    message, secret = MODELS[body]
    (outcome,) = verdicts(f"def model_nn(costs, start, callback):\n    {body}\n    return np.zeros(4)", tests=[MODEL])
    assert not outcome.passed and outcome.message.startswith(message)
    assert secret not in outcome.message


def test_the_model_is_the_examiners_own_and_the_student_gets_the_same():
    given = "from nst.checks.what_convnets_see import SmallNetwork\nimport numpy as np\n"
    given += "model = SmallNetwork({'near': np.eye(3, dtype='float32')})"
    test = (
        "from nst.checks.what_convnets_see import compare\n"
        "x = np.ones((1, 2, 2, 3), 'float32')\n"
        "expected = model.activations(x, ['near'])['near'].numpy()\n"
        "found = answer(model, x)\n"
        "assert np.array_equal(found, expected)"
    )
    cells = [new_code_cell(given), new_code_cell(test, metadata={"nbgrader": {"grade": True}})]
    setting = Setting(new_notebook(cells=cells))
    answer = "def answer(model, x): return model.activations(x, ['near'])['near']"
    tamper = "SmallNetwork.activations = lambda self, x, names: {'near': 0}\n"
    for before, passes in (("model = None\n", True), (tamper, False)):
        with student(given, before + answer) as notebook:
            assert examine(test, notebook, setting).passed is passes


def test_a_test_that_takes_the_students_functions_runs_none_of_them_here(tmp_path, monkeypatch):
    """take() in the examiner would execute the student's notebook."""
    monkeypatch.chdir(tmp_path)
    taken = new_code_cell("from nst.lessons.take import take\ngram_matrix = take('1-losses', 'gram_matrix')")
    test = new_code_cell("assert gram_matrix(2) == 4", metadata={"nbgrader": {"grade": True}})
    with student("gram_matrix = lambda x: x * x") as notebook:
        assert examine(test.source, notebook, Setting(new_notebook(cells=[taken, test]))).passed


def test_a_test_with_nothing_in_it_is_the_instructors_mistake():
    with student() as notebook, pytest.raises(ValueError, match="nothing in it that could fail"):
        examine("# More tests run here when your work is graded.", notebook, setting_of())


def test_an_assertion_without_a_message_does_not_pass():
    for raised in ("AssertionError()", "AssertionError('')", "Exception()"):
        outcomes = verdicts(f"def gram_matrix(A):\n    raise {raised}", tests=["assert gram_matrix(1) == 1"])
        assert not outcomes[0].passed and outcomes[0].message
    (outcome,) = verdicts("gram_matrix = lambda A: 2", tests=["assert gram_matrix(1) == 1"])
    assert not outcome.passed and outcome.message


# Attacks. Each is a wrong function, or comes with one, and must not pass either test.

ATTACKS = {
    "2: a result emitted before the failure": (
        "def gram_matrix(A):\n"
        "    display({'application/json': 10}, raw=True); get_ipython().displayhook(10)\n"
        "    return tf.zeros_like(A)"
    ),
    "3: NaN": "gram_matrix = lambda A: tf.fill([3, 3], float('nan'))",
    "3: negative and oversized": "gram_matrix = lambda A: -10 ** 400",
    "4: an input transformer that empties cells": (
        WRONG + "\nget_ipython().input_transformers_cleanup.append(lambda lines: [])"
    ),
    "5: an AST transformer that strips assertions": (
        WRONG + "\nimport ast\n"
        "class Strip(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Strip())"
    ),
    "6: forged replies, ahead of time": (
        WRONG + "\nimport gc\n"
        "from nst.grading.exam.wire import Channel\n"
        "(channel,) = [thing for thing in gc.get_objects() if type(thing) is Channel]\n"
        "for _ in range(50):\n"
        "    channel.send({'kind': 'result', 'result': None, 'outputs': [], 'error': None, 'passed': True})"
    ),
    "6: forged replies to every call": (
        WRONG + "\nfrom nst.grading.exam.inside import Notebook\n"
        "forged = {'kind': 'result', 'result': True, 'passed': True, 'score': 1}\n"
        "Notebook.answer = lambda self, message, buffers: self.channel.send(forged)"
    ),
    "7: tracebacks replaced, output cleared": (
        WRONG + "\nshell = get_ipython()\n"
        "shell.showtraceback = lambda *args, **kwargs: None\n"
        "shell.set_custom_exc((BaseException,), lambda *args, **kwargs: None)\n"
        "from IPython.display import clear_output; clear_output()"
    ),
    "8: an object equal to everything": (
        "class Equal:\n"
        "    shape, ndim, dtype = (3, 3), 2, np.dtype('float32')\n"
        "    __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True\n"
        "    __sub__ = __rsub__ = __abs__ = __array__ = __float__ = lambda self, *others: self\n"
        "gram_matrix = lambda A: Equal()"
    ),
    "9: an array with protocols of its own": (
        "class Agreeable(np.ndarray):\n"
        "    def __array_ufunc__(self, *args, **kwargs): return True\n"
        "    def __array_function__(self, *args, **kwargs): return True\n"
        "gram_matrix = lambda A: np.zeros((3, 3)).view(Agreeable)"
    ),
    "9: a tensor with protocols of its own": (
        "class Agreeable(tf.experimental.ExtensionType):\n"
        "    value: tf.Tensor\n"
        "    def __array__(self): return np.zeros((3, 3))\n"
        "gram_matrix = lambda A: Agreeable(A)"
    ),
    "10: patched libraries": (
        WRONG + "\nimport numpy.testing\n"
        "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None\n"
        "np.allclose = np.isclose = np.array_equal = np.all = lambda *args, **kwargs: True\n"
        "tf.reduce_sum = lambda *args, **kwargs: 0\n"
        "import nst.checks\nnst.checks.close = lambda *args: True\nnst.checks.find_problem = lambda *args: ''\n"
        "import nst.checks.neural_style_transfer as checks\nchecks.check = checks.compare = lambda *args, **named: None"
    ),
    "11: overridden builtins": (
        WRONG + "\nimport builtins\n"
        "builtins.all = builtins.any = lambda values: True\nbuiltins.abs = builtins.sum = lambda *values: 0\n"
        "isinstance = issubclass = hasattr = lambda *values: True\nlen = lambda values: 3"
    ),
    "21: os._exit in a function": "import os\ngram_matrix = lambda A: os._exit(0)",
    "21: a crash in a function": "import ctypes\ngram_matrix = lambda A: ctypes.string_at(0)",
    "22: SystemExit in a function": "def gram_matrix(A):\n    raise SystemExit(0)",
    "22: exit() in a function": "gram_matrix = lambda A: exit()",
    "23: an endless loop": "def gram_matrix(A):\n    while True: pass",
    "24: a loop that nothing interrupts": (
        "import signal, time\n"
        "for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):\n    signal.signal(number, signal.SIG_IGN)\n"
        "def gram_matrix(A):\n"
        "    while True:\n"
        "        try: time.sleep(100)\n"
        "        except BaseException: pass"
    ),
    "29: a function that floods": (
        "import os\n"
        "def gram_matrix(A):\n"
        "    for _ in range(100):\n        print('x' * 1_000_000); os.write(1, b'x' * 1_000_000)\n"
        "    return 'x' * 100_000_000"
    ),
    "31: a printed score and a result file": (
        "print('score: 10/10'); open('results.json', 'w').write('{\"score\": 10}')\n" + WRONG
    ),
    "46: a table of the visible inputs": (
        "import nst.checks.neural_style_transfer as checks\n"
        "table = [(case.inputs[0], case.expected['GA']) for case in checks.EXERCISES['gram_matrix'].cases]\n"
        "def gram_matrix(A):\n"
        "    for inputs, expected in table:\n"
        "        if np.array_equal(A, inputs):\n"
        "            slope = tf.reduce_sum(A) - tf.stop_gradient(tf.reduce_sum(A))\n"
        "            return slope + tf.constant(expected, tf.float32)\n"
        "    return tf.zeros([3, 3])"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_passes(attack, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    visible, hidden = verdicts("import os\n" + ATTACKS[attack], call_seconds=1, cell_seconds=30)
    assert not visible.passed and visible.message
    assert not hidden.passed and hidden.message and hidden.printed == ""
    assert len(visible.message) < 2000 and len(hidden.message) < 2000


def test_a_malicious_pickle_stays_where_it_is(tmp_path):  # row 31
    proof = tmp_path / "executed"
    with student(
        "class Bomb:\n"
        f"    def __reduce__(self): return open, ({str(proof)!r}, 'w')\n"
        "bomb = Bomb()\nbombs = lambda: [bomb, np.array([bomb], object)]",
        "import numpy as np",
    ) as notebook:
        assert isinstance(notebook.get("bomb"), Remote)
        assert all(isinstance(found, Remote) for found in notebook.function("bombs")())
    assert not proof.exists()


def test_the_examiner_keeps_its_own_settings():  # row 48
    before = random.getstate()
    tamper = (
        "import os, random, keras\n"
        "random.seed(0); np.random.seed(0); tf.random.set_seed(0)\n"
        "tf.config.run_functions_eagerly(True)\n"
        "tf.keras.backend.set_floatx('float64'); keras.config.set_epsilon(1.0)\n"
        "np.float32 = np.float64; os.environ['KERAS_BACKEND'] = 'torch'"
    )
    visible, hidden = verdicts(tamper, RIGHT)
    assert visible.passed and hidden.passed
    assert not tf.config.functions_run_eagerly()
    assert tf.keras.backend.floatx() == "float32" and np.float32 is not np.float64
    assert random.getstate() == before


def test_after_exit_in_one_function_the_others_are_graded():  # row 22
    total = "def total_cost(J_content, J_style, alpha=10, beta=40):\n    return alpha * J_content + beta * J_style"
    with student(GIVEN, "def gram_matrix(A):\n    quit()", total) as notebook:
        setting = setting_of()
        assert "SystemExit: None" in examine(VISIBLE, notebook, setting).message
        assert examine("check(total_cost)", notebook, setting).passed


def test_a_dead_process_is_said_to_be_dead():  # row 21
    with student(GIVEN, "import os\ngram_matrix = lambda A: os._exit(0)") as notebook:
        outcome = examine(VISIBLE, notebook, setting_of())
        assert outcome.message == "This could not be tested: the process in which gram_matrix ran has ended."
        assert not notebook.alive
        assert not examine(VISIBLE, notebook, setting_of()).passed
        with pytest.raises(StudentGone):
            notebook.run_cell("1")


def test_a_death_in_a_gradient_or_in_a_callback_is_no_pass():
    setting = setting_of()
    dies_in_gradient = (
        "@tf.custom_gradient\n"
        "def dies(x):\n    return x, lambda upstream: __import__('os')._exit(0)\n"
        "def gram_matrix(A):\n    return dies(tf.matmul(A, A, transpose_b=True))"
    )
    with student(GIVEN, dies_in_gradient) as notebook:
        outcome = examine(VISIBLE, notebook, setting)
        assert not outcome.passed and "has ended" in outcome.message
    with student("import os\ndef calls(function):\n    function(lambda: os._exit(0))") as notebook:
        outcome = examine("calls(lambda inner: inner())", notebook, setting)
        assert not outcome.passed and "has ended" in outcome.message


def test_a_callback_of_an_earlier_test_cannot_be_called():
    with student("kept = []\ndef keep(function): kept.append(function)\ndef use(): return kept[0](1)") as notebook:
        called = []
        notebook.setting = None
        notebook.function("keep")(lambda x: called.append(x))
        notebook.function("use")()
        notebook.withdraw()
        with pytest.raises(ValueError, match="earlier test"):
            notebook.function("use")()
    assert called == [1]


def test_callbacks_without_end_are_bounded():
    """Whoever listens keeps what it hears, so a student's process must not talk for ever."""
    with student(
        "import numpy as np\ndef talk(function):\n    while True: function(np.zeros(900_000, np.float32))"
    ) as notebook:
        heard = []
        with pytest.raises(StudentGone, match="too much arrived"):
            notebook.function("talk")(lambda x: heard.append(x.nbytes))
    assert sum(heard) < 300 << 20


def test_a_callback_gets_no_giant():
    """What the examiner computes with must stay small: broadcasting makes much of little."""
    with (
        student("import numpy as np\ndef talk(function): return function(np.zeros(2_000_000, np.float32))") as notebook,
        pytest.raises(ValueError, match="too large"),
    ):
        notebook.function("talk")(lambda x: pytest.fail("it was called"))


# The wire: whatever arrives is a value, or a WireError


def unpack(tree, buffers=(), objects=None):
    def no_object(unpacking, description, depth):
        raise WireError("an object")

    return Unpacking([bytearray(buffer) for buffer in buffers], no_object, objects).unpack(tree)


FOUR = b"\0\0\x80?"
BAD_TREES = [
    (["array", "float32", [2], 0], [FOUR]),  # a buffer that is too short
    (["array", "float32", [-1], 0], [FOUR]),
    (["array", "float32", [2**31, 2**31, 4], 0], [FOUR]),
    (["array", "float32", [0, 2**62], 0], [b""]),
    (["tensor", "float32", [0, 2**30, 2**30, 2**30], 0], [b""]),
    (["spec", "float32", [None, 2**30, 2**30, 2**30]], []),
    (["array", "float32", [1.0], 0], [FOUR]),
    (["array", "float32", [True], 0], [FOUR]),
    (["array", "float32", [1] * 40, 0], [FOUR]),
    (["array", "float32", None, 0], [FOUR]),
    (["array", "object", [1], 0], [b"\0" * 8]),
    (["array", "O", [1], 0], [b"\0" * 8]),
    (["array", "<f4", [1], 0], [FOUR]),
    (["array", "float32,float32", [1], 0], [FOUR + FOUR]),
    (["array", ["float32"], [1], 0], [FOUR]),
    (["array", "float32", [1], 1], [FOUR]),
    (["array", "float32", [1], -1], [FOUR]),
    (["array", "float32", [1], "0"], [FOUR]),
    (["array", "float32", [1]], [FOUR]),
    (["number", "float32", [1], 0], [FOUR]),
    (["tuple", [["array", "float32", [1], 0]] * 2], [FOUR]),  # one buffer twice
    (["dict", [["a", 1], ["a", 2]]], []),
    (["dict", [[1.5, 1]]], []),
    (["dict", [[None, 1]]], []),
    (["dict", [[["list", []], 1]]], []),
    (["dict", [["a"]]], []),
    (["dict", {"a": 1}], []),
    (["list", "abc"], []),
    (["list"], []),
    (["same", 0], []),
    (["same", -1], []),
    (["same", True], []),
    (["object", []], []),
    (["spec", "float32", [-1]], []),
    (["spec", "string", [1]], []),
    (["eval", "1"], []),
    ([["list"], []], []),
    ([], []),
    ({}, []),
    (2**64, []),
]


@pytest.mark.parametrize(("tree", "buffers"), BAD_TREES, ids=[str(tree)[:60] for tree, _ in BAD_TREES])
def test_a_bad_value_is_refused(tree, buffers):
    with pytest.raises(WireError):
        unpack(tree, buffers)


def test_a_deep_or_a_wide_value_is_refused():
    deep = ["list", []]
    for _ in range(100):
        deep = ["list", [deep]]
    with pytest.raises(WireError, match="deeply"):
        unpack(deep)
    with pytest.raises(WireError, match="too many"):
        unpack(["list", [0] * 200_000])


def test_a_truth_value_is_true_or_false():
    array = unpack(["array", "bool", [3], 0], [b"\0\x01\xff"])
    assert array.tolist() == [False, True, True] and array.sum() == 2


def test_half_a_character_is_no_character():
    text = unpack("\ud800")
    assert text.encode() == b"?"


def test_an_argument_cannot_be_put_into_itself():
    objects = [[1], [2]]
    unpacking = Unpacking([], None, objects)
    unpacking.within = 1
    for number in (0, 1):
        with pytest.raises(WireError, match="put into another"):
            unpacking.unpack(["tuple", [["same", number]]])
    unpacking.within = 0
    assert unpacking.unpack(["tuple", [["same", 1]]]) == ([2],)
    with pytest.raises(WireError, match="put into another"):
        unpacking.unpack(["tuple", [["same", 1]]])


def frame(header, body=b""):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(header).to_bytes(4, "big") + header + body


def result(value, **others):
    return frame({"sizes": [], "message": {"kind": "result", "result": value, **others}})


BAD_FRAMES = {
    "an endless header": (2**32 - 1).to_bytes(4, "big") + b"{" * 100,
    "a header over the limit": (HEADER_BYTES + 1).to_bytes(4, "big"),
    "no JSON": frame(b"\x80\x04\x95"),
    "not UTF-8": frame(b'"\xff"'),
    "nested too deeply": frame(b"[" * 200_000),
    "a long number": frame(b'{"sizes": [], "message": {"kind": ' + b"9" * 100_000 + b"}}"),
    "a key that comes twice": frame(b'{"sizes": [], "sizes": [], "message": {}}'),
    "no message": frame({"sizes": []}),
    "more than a message": frame({"sizes": [], "message": {}, "more": 1}),
    "negative sizes": frame({"sizes": [-1], "message": {"kind": "result"}}),
    "sizes over the limit": frame({"sizes": [BUFFER_BYTES + 1], "message": {"kind": "result"}}),
    "sizes that are no numbers": frame({"sizes": [True], "message": {"kind": "result"}}),
    "no kind": frame({"sizes": [], "message": {}}),
    "a kind for students only": frame({"sizes": [], "message": {"kind": "cell", "source": "1"}}),
    "a kind that is a list": frame({"sizes": [], "message": {"kind": [["call"]]}}),
    "a call without arguments": frame({"sizes": [], "message": {"kind": "call", "target": 1}}),
    "a call of something else": frame(
        {
            "sizes": [],
            "message": {"kind": "call", "target": "os.system", "args": ["tuple", ["ls"]], "kwargs": ["dict", []]},
        }
    ),
    "a gradient of nothing": frame({"sizes": [], "message": {"kind": "gradient", "call": None}}),
    "an error without a name": frame({"sizes": [], "message": {"kind": "error", "type": None, "message": ""}}),
    "an error without a text": frame({"sizes": [], "message": {"kind": "error", "type": "A", "message": 1}}),
    "no result": frame({"sizes": [], "message": {"kind": "result"}}) + b"",
    "an object without a number": result(["object", {"mine": "1", "type": "A", "name": None}]),
    "an object with attributes": result(["object", {"mine": 1, "type": "A", "name": None, "__class__": "B"}]),
    "a number of ours that is no number": result(["object", {"yours": True}]),
    "an object to be made": result(["object", {"checks": "os", "name": "system", "state": None, "mine": 1}]),
    "something given": result(["object", {"given": "1/0", "name": "a", "mine": 1}]),
    "changes that are no pairs": result(1, changed=[[0]]),
    "changes of nothing": result(1, changed=[[0, 1]]),
    "half a frame, then the end": result(1)[:10],
}


@pytest.mark.parametrize("bad", BAD_FRAMES)
def test_a_bad_frame_ends_the_conversation_and_nothing_else(bad):
    for ask in (lambda n: n.get("f"), lambda n: RemoteCallable(n, 1, "f")(1), lambda n: n.run_cell("1")):
        mine, theirs = socket.socketpair()
        with mine, theirs:
            notebook = RemoteNotebook(mine, call_seconds=2, cell_seconds=2)
            theirs.sendall(BAD_FRAMES[bad])
            theirs.shutdown(socket.SHUT_WR)
            try:
                ask(notebook)
            except StudentGone:
                assert not notebook.alive
            else:
                assert bad == "no result" or "changes" in bad  # for another question than that


def test_a_process_that_answers_drop_by_drop_is_too_late():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        notebook = RemoteNotebook(mine, call_seconds=0.5)
        theirs.sendall(result(1)[:-1])
        with pytest.raises(StudentTimeout):
            notebook.get("f")


def test_a_process_that_never_listens_is_too_late():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        notebook = RemoteNotebook(mine, call_seconds=0.5)
        with pytest.raises(StudentTimeout):
            RemoteCallable(notebook, 1, "f")(np.zeros(4_000_000))


def test_random_damage_to_messages_is_refused_or_is_a_value():
    def offered(packing, value, depth):
        return {"mine": 1, "type": "A", "name": None}

    rng = random.Random(5)
    packing = Packing(offered)
    value = [np.arange(6.0).reshape(2, 3), {"a": (1, None, tf.constant([1.0])), 2: "b"}, [True, object()]]
    text = json.dumps(packing.pack(value))
    refused = 0
    for _ in range(3000):
        damaged = list(text)
        for _ in range(rng.randint(1, 3)):
            damaged[rng.randrange(len(damaged))] = rng.choice('0123456789-[]{},":. abtruefalsnd')
        mine, theirs = socket.socketpair()
        with mine, theirs:
            theirs.sendall(
                frame(
                    b'{"sizes": [48, 4], "message": {"kind": "result", "result": ' + "".join(damaged).encode() + b"}}"
                )
            )
            theirs.sendall(b"".join(packing.buffers))
            notebook = RemoteNotebook(mine, call_seconds=5)
            try:
                notebook.get("f")
            except StudentGone:
                refused += 1
    assert 100 < refused < 3000


def test_a_channel_carries_what_it_is_given():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        Channel(mine).send({"kind": "x"}, [b"abc", b""])
        assert Channel(theirs).receive() == ({"kind": "x"}, [b"abc", b""])


# Right and wrong forms get the same from far as from near

FORMS = {
    "neural_style_transfer": forms_neural_style_transfer,
    "fast_style_transfer": forms_fast_style_transfer,
    "what_convnets_see": forms_what_convnets_see,
    "face_recognition": forms_face_recognition,
}

BRING = """
import sys
sys.path += {path}
from importlib import import_module
from tools.mutation_table import handed_in

def bring(assignment, exercise, label):
    checks, forms = import_module(f"nst.checks.{{assignment}}"), import_module(f"tests.support.forms.{{assignment}}")
    for name in checks.EXERCISES:
        globals().pop(name, None)
    globals()[exercise] = handed_in(form(checks, forms, exercise, label), exercise)

def form(checks, forms, exercise, label):
    labelled = [entry[:2] for table in (forms.ACCEPTED, forms.REJECTED) for entry in table[exercise]]
    labelled += [(m.name, m.function) for m in checks.EXERCISES[exercise].misunderstandings]
    return dict(labelled)[label]
"""


def outcome_of(run, *inputs, **options):
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            run(*inputs, **options)
    except Exception as error:
        return type(error).__name__, str(error), printed.getvalue()
    return None, "", printed.getvalue()


@pytest.mark.slow
@pytest.mark.usefixtures("wrong_ones_asked_once")
@pytest.mark.parametrize("assignment", FORMS)
def test_forms_get_the_same_from_far_as_from_near(assignment, root):
    checks, forms = import_module(f"nst.checks.{assignment}"), FORMS[assignment]
    near = {}
    cell = BRING.format(path=[str(root)])
    exec(cell, near)
    tried = 0
    with student(cell) as notebook:
        for name, exercise in checks.EXERCISES.items():
            labels = [forms.ACCEPTED[name][-1][0], forms.REJECTED[name][0][0]]
            labels += [m.name for m in exercise.misunderstandings[:: len(exercise.misunderstandings) // 2]]
            case = exercise.cases[0]
            expected = tuple(case.expected.values())
            options = case.options | {"expected": expected if len(expected) > 1 else expected[0]}
            for label in labels:
                near["bring"](assignment, name, label)
                notebook.function("bring")(assignment, name, label)
                function = notebook.function(name)
                assert outcome_of(checks.check, function) == outcome_of(checks.check, near[name])
                for_far, for_near = (
                    outcome_of(checks.compare, f, *case.inputs, **options) for f in (function, near[name])
                )
                assert for_far == for_near
                tried += 1
    assert tried >= 4 * len(checks.EXERCISES)


@pytest.mark.slow
def test_a_whole_notebook_passes_with_its_solutions(root, monkeypatch):
    """The network of its given cells is the examiner's own, and the student's process makes another one like it."""
    source = read_source(root / "answers" / "what-convnets-see" / "2-what-a-unit-responds-to.py")
    setting, tests = Setting(source), 0
    with student() as notebook:
        for cell in source.cells:
            if cell.cell_type != "code" or "explore" in cell.metadata.get("tags", ()):
                continue
            if cell.metadata.get("nbgrader", {}).get("grade"):
                notebook.run_cell("model = None")
                outcome = examine(cell.source, notebook, setting)
                assert outcome.passed, outcome.message
                tests += 1
            else:
                assert notebook.run_cell(cell.source).error is None
    assert tests == 6
