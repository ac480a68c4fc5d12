"""A later notebook takes functions from an earlier one, or says clearly why it cannot."""

import inspect
import sys

import nbformat
import numpy as np
import pytest

from nst.lessons.take import take


def write(folder, *cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    nbformat.write(notebook, folder / "1-first.ipynb")


def test_functions_come_with_their_helpers_imports_and_constants(tmp_path):
    write(
        tmp_path,
        "import math\nSCALE = 3",
        "def helper(x):\n    return math.floor(x) * SCALE",
        "def graded(x):\n    return helper(x) + 1",
        "def other():\n    return 'other'",
    )
    graded, other = take("1-first", "graded", "other", folder=tmp_path)
    assert graded(2.7) == 7
    assert other() == "other"


def test_what_a_function_itself_took_comes_along(tmp_path, monkeypatch, capsys):
    write(tmp_path, "def first():\n    return 20")
    middle = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source)
            for source in (
                "from nst.lessons.take import take",
                'first = take("1-first", "first")',
                "def second():\n    return first() + 1",
            )
        ]
    )
    nbformat.write(middle, tmp_path / "2-second.ipynb")
    monkeypatch.chdir(tmp_path.parent)  # the notebooks find each other wherever you are
    assert take("2-second", "second", folder=tmp_path)() == 21

    write(tmp_path, "def first():\n    raise NotImplementedError()")
    capsys.readouterr()
    second = take("2-second", "second", folder=tmp_path)
    assert capsys.readouterr().out == "", "the same line would come twice where both notebooks are taken from"
    with pytest.raises(NotImplementedError, match=r"first is not finished in 1-first\.ipynb yet"):
        second()


def test_nothing_else_of_the_notebook_runs(tmp_path):
    write(tmp_path, "raise RuntimeError()", "%matplotlib inline\nbroken", "def f():\n    return 1", "x = undefined / 0")
    assert take("1-first", "f", folder=tmp_path)() == 1


def test_imports_beside_a_magic_are_taken(tmp_path):
    write(tmp_path, "%config InlineBackend.figure_format = 'retina'\nimport math", "def f(x): return math.floor(x)")
    assert take("1-first", "f", folder=tmp_path)(2.5) == 2


def test_an_import_that_this_machine_lacks_is_told_and_left_out(tmp_path, capsys):
    write(tmp_path, "from google.colab import drive\nimport math", "def f(x): return math.floor(x)")
    assert take("1-first", "f", folder=tmp_path)(2.5) == 2
    assert capsys.readouterr().out == "1-first.ipynb, cell 1: No module named 'google.colab'. It is left out.\n"


def test_what_python_can_read_of_a_broken_cell_is_taken(tmp_path):
    cell = "import math\n\n@abs_of\n@abs_of\ndef f(x):\n    return math.floor(x)\n\nprint 1\n\ndef g(:\n    return 3"
    write(tmp_path, "def abs_of(f):\n    return lambda x: f(abs(x))", cell)
    assert take("1-first", "f", folder=tmp_path)(-2.5) == 2
    with pytest.raises(NotImplementedError, match=r"A syntax error there hides what is in cell 2"):
        take("1-first", "g", folder=tmp_path)()


def test_a_traceback_and_tf_function_find_the_source(tmp_path):
    write(tmp_path, "def f(x):\n    return x / 0")
    f = take("1-first", "f", folder=tmp_path)
    assert inspect.getsource(f) == "def f(x):\n    return x / 0\n"
    with pytest.raises(ZeroDivisionError) as error:
        f(1)
    assert str(error.traceback[-1].statement).strip() == "return x / 0"


def test_the_last_definition_wins_as_it_does_in_the_notebook(tmp_path):
    write(tmp_path, "def f():\n    return 1", "def f():\n    return 2")
    assert take("1-first", "f", folder=tmp_path)() == 2


@pytest.mark.parametrize("cell", ["def f():\n    '''Task.'''\n    raise NotImplementedError()", "g = 1"])
def test_an_unfinished_function_is_named_at_once_and_when_called(tmp_path, cell, capsys):
    write(tmp_path, cell)
    f = take("1-first", "f", folder=tmp_path)
    sentence = "f is not finished in 1-first.ipynb yet: finish it there, save that notebook, then run this cell again."
    assert capsys.readouterr().out == sentence + "\n"
    with pytest.raises(NotImplementedError, match=sentence):
        f(1, 2)


def test_a_given_function_meets_the_stand_in_too(tmp_path):
    write(tmp_path, "def f():\n    raise NotImplementedError()", "def given():\n    return f()")
    given = take("1-first", "given", folder=tmp_path)
    with pytest.raises(NotImplementedError, match="f is not finished"):
        given()


def test_a_missing_notebook_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Expected your notebook 1-first\.ipynb"):
        take("1-first", "f", folder=tmp_path)


def test_a_stub_line_left_below_the_return_is_no_stub(tmp_path):
    write(tmp_path, "def f():\n    return 5\n    raise NotImplementedError()")
    assert take("1-first", "f", folder=tmp_path)() == 5


def test_a_stub_line_below_branches_that_return_or_in_a_helper_is_no_stub(tmp_path):
    write(tmp_path, "def f(x):\n    if x:\n        return 5\n    raise NotImplementedError()")
    assert take("1-first", "f", folder=tmp_path)(True) == 5
    write(tmp_path, "def f():\n    def g():\n        return 1\n    # return 5\n    raise NotImplementedError()")
    with pytest.raises(NotImplementedError, match="f is not finished"):
        take("1-first", "f", folder=tmp_path)()


def test_cell_magics_lambdas_and_plain_numbers_are_taken(tmp_path):
    write(
        tmp_path, "n, m = 2, 3\nscale = 2 * 5", "%%time\ndef f(x):\n    return n * m * scale * x", "g = lambda x: x + n"
    )
    f, g = take("1-first", "f", "g", folder=tmp_path)
    assert f(1) == 60 and g(1) == 3


def test_a_syntax_error_is_pointed_at(tmp_path, capsys):
    write(tmp_path, "x = 1", "def f(:\n    return 1")
    take("1-first", "f", folder=tmp_path)
    assert "A syntax error there hides what is in cell 2." in capsys.readouterr().out


def test_functions_under_if_try_and_with_are_taken(tmp_path, capsys):
    write(
        tmp_path,
        "import contextlib, sys\ntry:\n    import google.colab\n    IN_COLAB = True\nexcept ImportError:\n"
        "    print('never')\n    IN_COLAB = False",
        "if IN_COLAB:\n    def f():\n        return 1\nelif sys.version_info > (3,):\n    def f():\n        return 2",
        "if __name__ == '__main__':\n    def g():\n        return IN_COLAB\n    print('never')",
        "if undefined.here or input():\n    import math\n    with contextlib.suppress():\n        def h():\n"
        "            return math.floor(2.5)\nelse:\n    def h():\n        return 0",
        "try:\n    def j():\n        raise NotImplementedError()\nfinally:\n    print('never')",
    )
    f, g, h = take("1-first", "f", "g", "h", folder=tmp_path)
    assert (f(), g(), h()) == (2, False, 2)
    assert capsys.readouterr().out.startswith("j is not finished in 1-first.ipynb yet")


def test_annotated_constants_and_other_names_are_taken(tmp_path, capsys):
    cells = (
        "import math\nSCALE: int = 3\nfloor = math.floor\nmine = undefined\nrate: float",
        "def f(x): return floor(x) * SCALE",
    )
    write(tmp_path, *cells)
    assert take("1-first", "f", folder=tmp_path)(2.5) == 6
    assert capsys.readouterr().out == ""


def test_a_function_that_needs_what_is_not_run_is_left_out_with_a_word(tmp_path, capsys):
    write(tmp_path, "weights = sum([1, 2])", "def f(x, w=weights):\n    return w", "def g():\n    return 1")
    f, g = take("1-first", "f", "g", folder=tmp_path)
    assert g() == 1
    assert "1-first.ipynb, cell 2: name 'weights' is not defined" in capsys.readouterr().out
    with pytest.raises(NotImplementedError):
        f(1)


CHECK = "from nst.checks.neural_style_transfer import check\nfrom nst.quiet import tf"
COST = (
    "def compute_content_cost(a_C, a_G):\n    _, h, w, c = a_G.shape\n"
    "    return {} * tf.reduce_sum(tf.square(a_C - a_G)) / (4 * h * w * c)"
)


def test_a_right_function_is_taken_in_silence(tmp_path, capsys):
    write(tmp_path, CHECK, COST.format(1), "check(compute_content_cost)")
    assert take("1-first", "compute_content_cost", folder=tmp_path).__name__ == "compute_content_cost"
    assert capsys.readouterr().out == ""


def test_a_wrong_function_is_named_and_taken_only_if_you_insist(tmp_path, capsys):
    write(tmp_path, CHECK, COST.format(2))
    cost = take("1-first", "compute_content_cost", folder=tmp_path)
    sentence = capsys.readouterr().out.strip()
    assert sentence.startswith(
        "compute_content_cost in 1-first.ipynb is not right yet: compute_content_cost has the wrong"
    )
    assert "even_if_wrong=True" in sentence and "\n" not in sentence
    with pytest.raises(NotImplementedError) as error:
        cost(1, 2)
    assert str(error.value) == sentence

    insisted = take("1-first", "compute_content_cost", folder=tmp_path, even_if_wrong=True)
    assert capsys.readouterr().out == ""
    assert float(insisted(np.float32([[[[3.0]]]]), np.float32([[[[1.0]]]]))) == 2


def test_a_function_that_stops_is_told_with_what_it_means(tmp_path, capsys):
    write(tmp_path, CHECK, "def compute_content_cost(a_C, a_G):\n    return tf.reduce_summ(a_C - a_G)")
    take("1-first", "compute_content_cost", folder=tmp_path)
    (said,) = capsys.readouterr().out.splitlines()
    assert "compute_content_cost stops on" in said and "did you mean `tf.reduce_sum`?" in said


def test_a_given_function_is_told_which_of_yours_is_wrong(tmp_path, capsys):
    write(
        tmp_path,
        CHECK,
        COST.format(2),
        "def both(a):\n    return once(a)",
        "def once(a):\n    return sum(compute_content_cost(a, a) for _ in a)",
    )
    both = take("1-first", "both", folder=tmp_path)
    assert capsys.readouterr().out.startswith("compute_content_cost in 1-first.ipynb is not right yet")
    with pytest.raises(NotImplementedError, match="is not right yet"):
        both([1])


def test_who_insisted_in_the_notebook_between_has_insisted(tmp_path, capsys):
    write(tmp_path, CHECK, COST.format(2))
    line = 'compute_content_cost = take("1-first", "compute_content_cost", even_if_wrong=True)'
    cells = [CHECK, "from nst.lessons.take import take", line, "def second(a):\n    return compute_content_cost(a, a)"]
    middle = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    nbformat.write(middle, tmp_path / "2-second.ipynb")
    second = take("2-second", "second", folder=tmp_path, even_if_wrong=True)
    assert float(second(np.ones((1, 1, 1, 1), np.float32))) == 0
    assert capsys.readouterr().out == ""


def test_where_nothing_is_checked_a_wrong_function_is_taken(tmp_path, capsys, root, monkeypatch):
    """As where a submission is judged: the tests there run outside of the student's process."""
    monkeypatch.syspath_prepend(root / "nst" / "grading" / "walls" / "stand_ins")
    write(tmp_path, "from checks import check\nfrom nst.quiet import tf", COST.format(2))
    try:
        cost = take("1-first", "compute_content_cost", folder=tmp_path)
    finally:
        sys.modules.pop("checks", None)
    assert cost.__name__ == "compute_content_cost" and capsys.readouterr().out == ""


def test_a_notebook_that_the_disk_does_not_give_is_told_with_the_cause(tmp_path):
    (tmp_path / "1-first.ipynb").symlink_to(tmp_path / "1-first.ipynb")
    with pytest.raises(ValueError, match=r"^1-first\.ipynb cannot be read \(.*\): links there lead in a circle"):
        take("1-first", "f", folder=tmp_path)
    (tmp_path / "2-second.ipynb").mkdir()
    with pytest.raises(ValueError, match=r"^2-second\.ipynb cannot be read \(Is a directory\)"):
        take("2-second", "f", folder=tmp_path)
    (tmp_path / "3-third.ipynb").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"^3-third\.ipynb is damaged"):
        take("3-third", "f", folder=tmp_path)


def test_a_damaged_notebook_gets_one_sentence(tmp_path):
    (tmp_path / "1-first.ipynb").write_text("{ not json")
    with pytest.raises(ValueError, match=r"^1-first\.ipynb is damaged and cannot be read .*restore it"):
        take("1-first", "f", folder=tmp_path)
