"""A mistake as a student meets it in JupyterLab: the panel, its hints by keyboard, and Validate."""

import nbformat
import pytest

from nst.checks.panel import as_html
from nst.checks.printing import as_text
from tests.support.axe import axe_findings, open_as_page
from tests.support.lab import errors, open_browser, open_notebook, run_all, wait_idle, wait_until
from tests.test_panel import CHECK, GIVEN, WRONG_GRAM, WRONG_VERDICT

pytestmark = pytest.mark.slow


def saved(path, cells):
    """A notebook at this path, of these cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def closed(panel):
    """Titles of what can be opened now."""
    return panel.locator("details:not([open]) > summary:visible").all_inner_texts()


def test_a_mistake_and_its_hint_step_by_step_with_the_keyboard(lab, tmp_path):
    folder, url = lab
    saved(folder / "mistake.ipynb", list(map(nbformat.v4.new_code_cell, (GIVEN, WRONG_GRAM, CHECK))))
    with open_browser(tmp_path, width=1000, height=700) as page:
        open_notebook(page, url, "mistake.ipynb")
        run_all(page)
        wait_idle(page)
        panel = page.get_by_role("group", name="Check of gram_matrix")
        panel.wait_for()
        assert panel.get_by_role("heading", name="gram_matrix is not right yet.").count() == 1
        assert errors(page) == ["✗ gram_matrix is not right yet. Read the panel above."]

        hint, steps = "which of the two factors is to be transposed?", 0
        assert hint not in panel.inner_text()
        while titles := [title for title in closed(panel) if title.startswith("Hint")]:
            assert len(titles) == 1, "one step at a time"
            steps += 1
            panel.get_by_text(titles[0]).focus()
            page.keyboard.press("Enter" if steps % 2 else "Space")
            wait_until(page, f"document.querySelectorAll('details[open]').length === {steps}")
        assert steps and hint in panel.inner_text()
        page.keyboard.press("Enter")  # closes it again: the notebook has not taken the key for its own
        wait_until(page, f"document.querySelectorAll('details[open]').length === {steps - 1}")
        page.screenshot(path=tmp_path / "hint.png")

        # Mended and saved, but only the check is run again.
        page.locator(".jp-CodeCell .cm-content").nth(1).click()
        page.keyboard.press("Control+End")
        page.keyboard.type("  # mended")
        page.keyboard.press("Control+s")
        page.locator(".jp-CodeCell .cm-content").nth(2).click()
        wait_until(page, "!window.jupyterapp.shell.currentWidget.context.model.dirty")
        page.keyboard.press("Control+Enter")
        page.get_by_text("The cell of gram_matrix was changed after you last ran it").wait_for()


def test_a_panel_that_is_not_trusted_can_be_read_and_opened(lab, tmp_path):
    """JupyterLab takes out of a stranger's outputs what it does not know."""
    folder, url = lab
    data = {"text/html": as_html(WRONG_VERDICT), "text/plain": as_text(WRONG_VERDICT)}
    output = nbformat.v4.new_output("display_data", data=data)
    saved(folder / "stranger.ipynb", [nbformat.v4.new_code_cell(CHECK, outputs=[output])])
    with open_browser(tmp_path, width=1000, height=700) as page:
        open_notebook(page, url, "stranger.ipynb")
        panel = page.locator(".jp-OutputArea-output")
        for title in ("Hint 1 of 3: where to look", "Hint 2 of 3: what goes wrong", "Hint 3 of 3: see it yourself"):
            panel.get_by_text(title).click()
        said = panel.inner_text()
        page.screenshot(path=tmp_path / "stranger.png")
    for part in (
        "✗ gram_matrix is not right yet.",
        "<b>these</b>",
        "1 < 2",
        "You transpose both.",
        "print(gram_matrix(A))",
    ):
        assert part in said


def test_validate_says_what_is_wrong_in_a_few_lines(lab, root, tmp_path):
    folder, url = lab
    cells = nbformat.read(root / "notebooks" / "neural-style-transfer" / "2-style-cost.ipynb", as_version=4).cells
    wanted = {"gram_matrix", "test_gram_matrix"}
    answer, test = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") in wanted]
    answer.source = WRONG_GRAM
    saved(folder / "validated.ipynb", [nbformat.v4.new_code_cell(GIVEN), answer, test])
    with open_browser(tmp_path, width=1000, height=900) as page:
        open_notebook(page, url, "validated.ipynb")
        page.get_by_role("button", name="Validate").click()
        dialog = page.locator(".jp-Dialog")
        dialog.get_by_text("gram_matrix is not right yet").wait_for(timeout=120_000)
        said = dialog.inner_text()
        page.screenshot(path=tmp_path / "validate.png")
    assert "What goes wrong: " in said and "which of the two factors" in " ".join(said.split())
    assert "/nst/" not in said and "Traceback" not in said
    assert len(said.splitlines()) < 30


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_kept_from_reading_a_panel(root, tmp_path, theme):
    output = nbformat.v4.new_output("display_data", data={"text/html": as_html(WRONG_VERDICT)})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CHECK, outputs=[output])])
    with open_browser(tmp_path) as page:
        open_as_page(page, notebook, tmp_path, root, theme)
        page.evaluate("() => document.querySelectorAll('details').forEach(step => step.open = true)")
        assert axe_findings(page, within=".jp-OutputArea-output") == []
