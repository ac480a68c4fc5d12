"""Every released notebook, run before anything is written in it: only NotImplementedError, and no log lines."""

import shutil
from functools import cache

import pytest

from tests.support.kernels import NOTEBOOKS, outputs, run, shorten, text

pytestmark = pytest.mark.slow

TRIPLETS = "face-recognition/1-verification-and-triplets"
UNFINISHED_COSTS = {"1-content-cost": ["compute_content_cost"], "2-style-cost": ["compute_layer_style_cost"]}


@pytest.fixture(scope="module")
def unanswered(root, tmp_path_factory):
    """A function from "assignment/name" to the released notebook, run once from top to bottom."""
    folder = tmp_path_factory.mktemp("released")
    shutil.copytree(root / "notebooks", folder, dirs_exist_ok=True)
    shorten(folder / f"{TRIPLETS}.ipynb", {("tqdm(TOWN,", 1): "tqdm(TOWN[:20],"})
    return cache(lambda notebook: run(folder / f"{notebook}.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_blank_notebook_raises_only_not_implemented(unanswered, notebook):
    errors = outputs(unanswered(notebook), "error")
    assert errors, "a blank notebook should not pass"
    assert [(cell.source, output.ename) for cell, output in errors if output.ename != "NotImplementedError"] == []
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
