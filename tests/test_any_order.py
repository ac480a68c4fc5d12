"""Cells run twice, or in any order: what fails says which cell to run first."""

import json
import shutil
import subprocess
import sys

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nst import order
from nst.cells import code_cells, names_of
from tests.support import orders
from tests.support.kernels import outputs, run

CELLS = [
    ("markdown", "# 1. A notebook"),
    ("code", "import math\n\nfirst = math.sqrt(4)"),
    ("markdown", "## 1.1 A picture"),
    ("code", "# A comment that is longer than sixty characters, so that it is cut somewhere\nsize = 3"),
    ("code", "picture = [first] * size"),
    ("markdown", "Something.\n\n## 1.2 Your turn\n\nMore."),
    ("code", "def half(numbers):\n    return [number / (2 * first) for number in numbers]"),
    ("code", "halves = half(picture)"),
    ("code", "picture = len(picture)"),
]


def write(cells, name="notebook.ipynb"):
    """Write a notebook of (kind, source) into the current folder."""
    new = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    nbformat.write(nbformat.v4.new_notebook(cells=[new[kind](source) for kind, source in cells]), name)


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A shell in a folder with a notebook; `shell.run(place)` runs a cell of it and returns what a student reads."""
    monkeypatch.chdir(tmp_path)
    write(CELLS)
    write([("code", "other = 1")], "another.ipynb")
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(order, "_watching", None)
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config, colors="nocolor")
    order.load_ipython_extension(shell)
    sources = [source for kind, source in CELLS if kind == "code"]
    told = []
    shell._showtraceback = lambda kind, error, lines: told.append("\n".join(lines))

    def run(cell):
        """What a student reads when a cell is run: one of the notebook by its place, or another's source."""
        told.clear()
        shell.run_cell(sources[cell] if isinstance(cell, int) else cell)
        return "".join(told)

    shell.run = run
    return shell


def test_a_missing_name_is_told_with_the_cell_that_makes_it(shell):
    assert shell.run(2).endswith(
        "`first` is not there yet: run the notebook's first cell first, the one that begins with `import math`."
    )
    shell.run(0)
    assert (
        "`size` is not there yet: run the cell that begins with `# A comment that is longer than sixty characters, so "
        "that i…`, in section 1.1, first."
    ) in shell.run(2)
    shell.run(1)
    assert shell.run(2) == ""
    assert "`half` is not there yet: run the cell that begins with `def half(numbers):`, in section 1.2" in shell.run(4)


def test_a_check_whose_function_misses_a_name_says_which_cell_makes_it(shell, tmp_path):
    cells = [
        "from nst.checks.neural_style_transfer import check",
        "share = 1.0",
        "def total_cost(J_content, J_style, alpha=10, beta=40):\n    return share * (10 * J_content + 40 * J_style)",
        "check(total_cost)",
    ]
    write([("code", cell) for cell in cells])
    results = [shell.run_cell(cell) for cell in (cells[0], *cells[2:])]
    assert "run the cell that begins with `share = 1.0`" in results[-1].error_in_exec.verdict.explanation


def test_a_name_that_a_function_misses_is_told_too(shell):
    shell.run(3)
    assert "`first` is not there yet: run the notebook's first cell" in shell.run("half([1, 2])")


def test_what_a_later_cell_has_made_of_a_name_is_told_below_the_error(shell):
    for cell in (0, 1, 2, 3, 5):
        shell.run(cell)
    said = shell.run(4)
    assert "TypeError: 'int' object is not iterable" in said
    assert said.endswith(
        "`picture` is what the cell that begins with `picture = len(picture)` has made of it, and this cell needs it "
        "as it was before: run the cell that begins with `picture = [first] * size`, in section 1.1, again, then this "
        "one."
    )
    shell.run(2)
    assert shell.run(4) == ""


def test_a_cell_that_changes_what_it_needs_says_so_when_it_is_run_twice(shell):
    for cell in (0, 1, 2, 5):
        assert shell.run(cell) == ""
    assert "This cell has changed `picture` already when it ran before: run the cell that begins with" in shell.run(5)


def test_what_a_cell_has_half_made_is_told(shell):
    shell.run(0)
    assert "NameError" in shell.run("table = {}\ntable[size] = first")
    assert "table" in shell.user_ns
    cells = [("code", "table = {}\ntable[size] = first"), ("markdown", "## 1.3 Look"), ("code", "table[3]")]
    write(cells)
    said = shell.run("table[3]")
    assert "KeyError" in said and said.endswith(
        "`table` may be half made, as the cell that makes it stopped with an error: run the cell that begins with "
        "`table = {}` again, then this one."
    )
    shell.run(1)
    shell.run("table = {}\ntable[size] = first")
    assert shell.run("table[3]") == ""


@pytest.mark.parametrize("mistake", ["tpyo", "def f():\n    print(x)\n    x = 1\nf()", "1 / 0"])
def test_a_mistake_of_another_kind_is_told_as_ever(shell, mistake):
    for cell in (0, 1, 2):
        shell.run(cell)
    said = shell.run(mistake)
    assert "Error" in said and "run the" not in said


def test_what_a_cell_of_the_student_s_own_has_made_is_meant(shell):
    for cell in (0, 1, 3):
        shell.run(cell)
    shell.run("picture = None")
    said = shell.run(4)
    assert "TypeError" in said and "run the" not in said


def test_the_student_s_own_change_of_a_cell_is_known_by_its_function(shell):
    for cell in (0, 1, 2):
        shell.run(cell)
    shell.run("def half(numbers):\n    return numbers / 0")
    said = shell.run(4)
    assert "TypeError" in said and "run the" not in said, "it is the last version of this very cell"


def test_the_notebook_that_the_server_names_is_read(shell, monkeypatch, tmp_path):
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "another.ipynb"))
    shell.run("other = 1")
    del shell.user_ns["other"]
    shell.run("other")
    (tmp_path / "notebook.ipynb").write_text("{ damaged")
    assert "`other` is not there yet" not in shell.run("first")
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "moved.ipynb"))
    assert "not there yet" not in shell.run("first")


@pytest.mark.parametrize(
    "source, makes, needs",
    [
        ("a = b + 1", "a", "b"),
        ("a = a + 1", "a", "a"),
        ("a += 1", "a", "a"),
        ("a = 1\nb = a", "a b", ""),
        ("import a.b as c, d.e\nfrom f import g", "c d g", ""),
        ("for i, (j, k) in a: print(i, j, b)", "i j k", "a b"),
        ("with a(b) as c:\n    d = c", "c d", "a b"),
        ("[x * a for x in b if x]", "", "a b"),
        ("def f(x, y=a, *z, w=b):\n    v = c\n    return x + y + v + d", "f", "a b c d"),
        ("f = lambda x: x + a", "f", "a"),
        ("class C(a):\n    pass", "C", "a"),
        ("%time a = b", "", ""),
        ("%%time\na = b", "a", "b"),
        ("%config x = 1\na = b", "a", "b"),
        ("if (n := len(a)) > 3: b = n", "n b", "a"),
        ("a.b = c\nd[e] = f", "", "a c d e f"),
        ("try:\n    a = b\nexcept c as d:\n    print(d)", "a", "b c"),
        ("def f(", "", ""),
    ],
)
def test_names_that_a_cell_makes_and_needs(source, makes, needs):
    made, needed = names_of(source)
    assert (made, needed - {"get_ipython"}) == (set(makes.split()), set(needs.split()))


def test_every_name_that_a_notebook_needs_is_made_above(root, tmp_path):
    orders.finished(root / "answers", tmp_path)
    for path in sorted(tmp_path.glob("*/*.ipynb")):
        cells = code_cells(json.loads(path.read_text(encoding="utf-8")))
        made = {"get_ipython", "__name__"}
        for cell in cells:
            assert cell.needs - made == set(), f"{path.name}: {cell.beginning}"
            made |= cell.makes


@pytest.mark.slow
def test_a_real_kernel_says_so_before_it_has_run_any_cell(root, tmp_path, warm_kernels, monkeypatch):
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    shutil.copy(root / "nst" / "commands" / "jupyter" / "ipython_kernel_config.py", profile)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    cells = [nbformat.v4.new_code_cell(source) for source in ("import math\nroot = math.sqrt(2)", "root + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebook.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=cells[::-1]), tmp_path / "backwards.txt")
    (_, error), *others = outputs(run(tmp_path / "backwards.txt", warm_kernels), "error")
    assert others == [] and "`root` is not there yet: run the notebook's first cell" in "\n".join(error.traceback)


@pytest.mark.slow
def test_cells_in_any_order_say_which_one_to_run_first(root):
    """Two notebooks, an order each; tools/any_order.py goes through all of them for as long as you like."""
    # In a process of its own: a fork of one that has computed with TensorFlow waits for ever.
    for notebook, seed in (("neural-style-transfer/2-style-cost", "1"), ("face-recognition/2-who-is-at-the-door", "2")):
        command = [sys.executable, "tools/any_order.py", "--orders", "1", "--first", seed, notebook]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=400)
        assert done.returncode == 0, done.stdout
        assert f"{notebook}, each cell twice: 0 fail" in done.stdout
        assert f"{notebook}, order {seed}: 0 fail" not in done.stdout, "some cells need others"
