"""The course as a student meets it: JupyterLab in a real browser, a notebook that paints run to its end."""

import shutil

import pytest
from kernels import shorten
from lab import errors, open_browser, open_notebook, pictures, run_all, start_lab, texts, wait_idle

from nst.release import write_source_notebooks

pytestmark = pytest.mark.slow


def answers(root, folder, notebook, changes):
    """The answers of the notebook's assignment in a folder of their own, with that notebook shortened.

    tests/test_execution.py paints as long as the notebooks say; here it is the clicks that count.
    """
    assignment = notebook.partition("/")[0]
    shutil.copytree(root / "answers" / assignment, folder / assignment, ignore=shutil.ignore_patterns("*.ipynb"))
    shorten(folder / f"{notebook}.py", changes)
    write_source_notebooks(folder)
    return folder / assignment


def test_the_last_notebook_paints_in_the_browser(root, tmp_path):
    changes = {
        ("Monitor(200)", 1): "Monitor(20)",
        ("200, callback=monitor", 1): "20, callback=monitor",
        ("num_iterations=100", 1): "num_iterations=5",
    }
    folder = answers(root, tmp_path / "course", "neural-style-transfer/3-painting", changes)
    with start_lab(folder) as url, open_browser(tmp_path) as page:
        open_notebook(page, url, "3-painting.ipynb")
        run_all(page)
        wait_idle(page, timeout=400)
        page.wait_for_timeout(1000)
        assert errors(page) == []
        said = "\n".join(texts(page))
        assert "35.34667875478276" in said
        assert "iteration 19" in said
        assert pictures(page).count() >= 7

        # Turn the knobs: a short painting from the sliders.
        before = pictures(page).count()
        paint = page.get_by_role("button", name="Paint", exact=True)
        # JupyterLab hides what is far out of sight.
        paint.evaluate("button => button.closest('.jp-Cell').scrollIntoView()")
        paint.click()
        page.wait_for_function(
            "before => document.querySelectorAll('.jp-OutputArea-output img').length > before",
            arg=before,
            timeout=120_000,
        )
        wait_idle(page)
        assert errors(page) == []
        page.screenshot(path=tmp_path / "sliders.png")
        page.locator("h2", has_text="3.6 Paint").evaluate("heading => heading.scrollIntoView()")
        page.wait_for_timeout(500)
        page.screenshot(path=tmp_path / "painted.png")


def test_the_small_network_paints_in_the_browser(root, tmp_path):
    changes = {("iterations=200, callback=None", 1): "iterations=12, callback=None", ("Monitor(200", 1): "Monitor(12"}
    folder = answers(root, tmp_path / "course", "fast-style-transfer/2-style-transfer", changes)
    with start_lab(folder) as url, open_browser(tmp_path) as page:
        open_notebook(page, url, "2-style-transfer.ipynb")
        run_all(page)
        wait_idle(page, timeout=400)
        page.wait_for_timeout(1000)
        assert errors(page) == []
        said = "\n".join(texts(page))
        assert "right on a random start" in said
        assert "iteration 11 " in said
        # The Monitor's preview, then three published sets, nine weights, layers of style, layers of content, your own.
        assert pictures(page).count() == 1 + 3 + 3 + 1 + 1 + 1
        assert pictures(page).evaluate_all("images => images.every(image => image.naturalWidth > 300)")
        # A formula that MathJax could not read stands there as it was written.
        assert page.locator("mjx-container").count() >= 5
        assert page.locator("mjx-merror").count() == 0
        for number, section in enumerate(["2.1 The loop", "2.4 Paint", "2.5 What the weights do", "2.7 Your own"]):
            page.locator("h2", has_text=section).evaluate("heading => heading.scrollIntoView()")
            page.wait_for_timeout(500)
            page.screenshot(path=tmp_path / f"section-{number}.png")
