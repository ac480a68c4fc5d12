"""The course as a student meets it: JupyterLab in a real browser, a notebook that paints run to its end."""

import pytest

from tests.support.lab import formulas, photograph, pictures, run_answers, texts, wait_idle

pytestmark = pytest.mark.slow


def test_the_last_notebook_paints_in_the_browser(tmp_path):
    changes = {
        ("Monitor(200)", 1): "Monitor(20)",
        ("200, callback=monitor", 1): "20, callback=monitor",
        ("num_iterations=100", 1): "num_iterations=5",
    }
    with run_answers("neural-style-transfer/3-painting", tmp_path, changes) as page:
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
        page.screenshot(path=tmp_path / "sliders.png")
        photograph(page, ["3.6 Paint"], tmp_path)


def test_the_small_network_paints_in_the_browser(tmp_path):
    changes = {("iterations=200, callback=None", 1): "iterations=12, callback=None", ("Monitor(200", 1): "Monitor(12"}
    with run_answers("fast-style-transfer/2-style-transfer", tmp_path, changes) as page:
        said = "\n".join(texts(page))
        assert "right on a random start" in said
        assert "iteration 11 " in said
        # The Monitor's preview, then three published sets, nine weights, layers of style, layers of content, your own.
        assert pictures(page).count() == 1 + 3 + 3 + 1 + 1 + 1
        assert pictures(page).evaluate_all("images => images.every(image => image.naturalWidth > 300)")
        assert formulas(page) >= 5
        photograph(page, ["2.1 The loop", "2.4 Paint", "2.5 What the weights do", "2.7 Your own"], tmp_path)
