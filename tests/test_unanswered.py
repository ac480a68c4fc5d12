"""Every released notebook, run before anything is written in it: only NotImplementedError, and no log lines."""

import re
import shutil
from functools import cache

import pytest

from tests.support.kernels import NOTEBOOKS, outputs, run, shorten, text

pytestmark = pytest.mark.slow

#: It runs in a kernel that has imported nothing yet, as a student's, and so tells what the imports would say.
COLD = "neural-style-transfer/1-content-cost"
#: Fewer residents are drawn, and the given training is shorter.
SHORTER = {
    "face-recognition/1-verification-and-triplets": {
        ("progress(TOWN,", 1): "progress(TOWN[:16],",
        ("HELD_OUT[:100]", 1): "HELD_OUT[:5]",
        ("epochs=60", 1): "epochs=1",
    },
    "face-recognition/2-who-is-at-the-door": {
        ("(HELD_OUT, ", 1): "(HELD_OUT[:5], ",
        ("in HELD_OUT]", 1): "in HELD_OUT[:5]]",
        ("encodings[100:]", 1): "encodings[2:]",
        ("encodings[:100]", 1): "encodings[:3]",
    },
}
UNFINISHED_COSTS = {"1-content-cost": ["compute_content_cost"], "2-style-cost": ["compute_layer_style_cost"]}


@pytest.fixture(scope="module")
def unanswered(root, tmp_path_factory, warm_kernels):
    """A function from "assignment/name" to the released notebook, run once from top to bottom."""
    folder = tmp_path_factory.mktemp("released")
    shutil.copytree(root / "notebooks", folder, dirs_exist_ok=True)
    for notebook, changes in SHORTER.items():
        shorten(folder / f"{notebook}.ipynb", changes)

    @cache
    def unanswered(notebook):
        return run(folder / f"{notebook}.ipynb", "" if notebook == COLD else warm_kernels)

    return unanswered


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_blank_notebook_raises_only_not_implemented(unanswered, notebook):
    errors = outputs(unanswered(notebook), "error")
    assert errors, "a blank notebook should not pass"
    unwritten = ("NotImplementedError", "NotWritten")
    assert [(cell.source, output.ename) for cell, output in errors if output.ename not in unwritten] == []
    assert text(unanswered(notebook), "stderr") == ""


@pytest.mark.parametrize(
    "notebook, unfinished",
    [
        ("neural-style-transfer/3-painting", UNFINISHED_COSTS),
        ("neural-style-transfer/4-better-pictures", UNFINISHED_COSTS),
        (
            "fast-style-transfer/2-style-transfer",
            {"1-losses": ["content_loss", "gram_matrix", "style_loss", "tv_loss"]},
        ),
        (
            "fast-style-transfer/3-inversion-and-texture",
            {
                "1-losses": ["content_loss", "gram_matrix", "style_loss", "tv_loss"],
                "2-style-transfer": ["style_transfer"],
            },
        ),
    ],
)
def test_a_blank_notebook_says_what_is_unfinished(unanswered, notebook, unfinished):
    said = text(unanswered(notebook))
    for where, functions in unfinished.items():
        for function in functions:
            assert f"{function} is not finished in {where}.ipynb yet" in said


def test_whatever_imports_tensorflow_does_it_quietly(root):
    """So that no notebook starts with TensorFlow's log lines: a warm kernel would not show them."""
    sources = [*root.glob("answers/*/*.py"), root / "nst_utils.py", *root.glob("nst/**/*.py")]
    grading = root / "nst" / "grading"
    loud = [
        path
        for path in sources
        if re.search(r"^\s*(import|from) (tensorflow|keras)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
        and grading not in path.parents
    ]
    assert loud == [root / "nst" / "quiet.py"]
