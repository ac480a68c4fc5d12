"""Every notebook, run in a real kernel: the answers pass, the released ones raise only NotImplementedError."""

import re
import shutil

import pytest
from kernels import outputs, run, text

from nst.release import write_source_notebooks

ASSIGNMENT = "neural-style-transfer"
NAMES = ["1-content-cost", "2-style-cost", "3-painting"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def answered(root, tmp_path_factory):
    """The answers run from top to bottom, long paintings included: a dict from name to executed notebook."""
    folder = tmp_path_factory.mktemp("answers")
    shutil.copytree(root / "answers" / ASSIGNMENT, folder / ASSIGNMENT, ignore=shutil.ignore_patterns("*.ipynb"))
    write_source_notebooks(folder)
    return {name: run(folder / ASSIGNMENT / f"{name}.ipynb") for name in NAMES}


@pytest.fixture(scope="module")
def unanswered(root, tmp_path_factory):
    """The released notebooks run from top to bottom, as a student might before writing anything."""
    folder = tmp_path_factory.mktemp("released")
    shutil.copytree(root / "notebooks" / ASSIGNMENT, folder, dirs_exist_ok=True)
    return {name: run(folder / f"{name}.ipynb") for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_run_without_an_error(answered, name):
    assert [(cell.source, output.evalue) for cell, output in outputs(answered[name], "error")] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_student_sees_no_log_lines(answered, unanswered, name):
    assert text(answered[name], "stderr") == ""
    assert text(unanswered[name], "stderr") == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_notebook_raises_only_not_implemented(unanswered, name):
    errors = outputs(unanswered[name], "error")
    assert errors, "a blank notebook should not pass"
    assert [(cell.source, output.ename) for cell, output in errors if output.ename != "NotImplementedError"] == []


def test_a_blank_notebook_says_what_is_unfinished(unanswered):
    said = text(unanswered["3-painting"])
    for name, where in [("compute_content_cost", "1-content-cost"), ("compute_layer_style_cost", "2-style-cost")]:
        assert f"{name} is not finished in {where}.ipynb yet" in said


@pytest.mark.parametrize(
    "name, function, published",
    [
        ("1-content-cost", "compute_content_cost", "6.76559"),
        ("2-style-cost", "gram_matrix", "19.56387"),
        ("2-style-cost", "compute_layer_style_cost", "9.19028"),
        ("3-painting", "total_cost", "35.34667875478276"),
    ],
)
def test_the_check_cells_print_the_published_value_twice(answered, name, function, published):
    (cell,) = [cell for cell in answered[name].cells if cell.source == f"check({function})"]
    said = "".join(output.text for output in cell.outputs)
    assert len(re.findall(re.escape(published[:7]), said)) >= 2, said


def test_painting_shows_pictures_and_lowers_the_cost(answered):
    said = text(answered["3-painting"])
    smoke = [float(cost) for cost in re.findall(r"iteration \d: total cost (\S+)", said)]
    assert len(smoke) == 3 and smoke == sorted(smoke, reverse=True)
    first, last = (float(re.search(rf"iteration +{i} +total (\S+)", said)[1]) for i in (0, 199))
    assert last < first / 10
    pictures = [output for _, output in outputs(answered["3-painting"], "display_data") if "image/png" in output.data]
    assert len(pictures) >= 5
