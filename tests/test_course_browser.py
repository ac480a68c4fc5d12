"""The course as a student meets it: JupyterLab in a real browser, the last notebook run to its end."""

import shutil

import pytest
from lab import errors, open_browser, open_notebook, pictures, run_all, start_lab, texts, wait_idle

from nst.release import write_source_notebooks

pytestmark = pytest.mark.slow


def test_the_last_notebook_paints_in_the_browser(root, tmp_path):
    folder = tmp_path / "course" / "neural-style-transfer"
    shutil.copytree(root / "answers" / "neural-style-transfer", folder, ignore=shutil.ignore_patterns("*.ipynb"))
    # tests/test_execution.py paints as long as the notebook says; here it is the clicks that count.
    script = folder / "3-painting.py"
    long = script.read_text()
    short = long.replace("Monitor(200)", "Monitor(20)").replace("200, callback=monitor", "20, callback=monitor")
    short = short.replace("num_iterations=100", "num_iterations=5")
    assert len(long) - len(short) == 4
    script.write_text(short)
    write_source_notebooks(tmp_path / "course")

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
