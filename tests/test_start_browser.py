"""`nst lab` as a student meets it, and `nst teach` as an instructor does: real servers, a real browser."""

import shutil
import subprocess

import pytest

from tests.support.lab import errors, open_browser, start_lab, wait_idle, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def handed_out(root, tmp_path_factory):
    """The copy of the course that students get, without answers, tests, tools and bench."""
    folder = tmp_path_factory.mktemp("course")
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True)
    for name in files.stdout.splitlines():
        if name.split("/")[0] not in ("answers", "tests", "tools", "bench") and (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, folder / name)
    return folder


def tools(page):
    """The commands of nbgrader that can be chosen, in menus or in the palette."""
    return page.evaluate("() => window.jupyterapp.commands.listCommands().filter(id => id.startsWith('nbgrader:'))")


def open_start(page, url):
    """Follow the address that the command opens, with all settings as they are at a first start."""
    page.goto(f"{url}/lab/tree/notebooks/0-start-here.ipynb", wait_until="domcontentloaded")
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook").wait_for(timeout=60_000)
    session = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext"
    wait_until(page, f"{session}?.session?.kernel?.status === 'idle'", timeout=60)
    page.wait_for_timeout(2000)  # by then JupyterLab has asked its question about news, where it asks it


def test_a_student_starts_at_the_page_that_looks_whether_all_is_there(handed_out, tmp_path, warm_kernels):
    lab = ("nst.commands.cli", "lab")
    with (
        start_lab(handed_out, jupyter_path=warm_kernels, program=lab, settings={}, pythonpath=handed_out) as url,
        open_browser(tmp_path) as page,
    ):
        open_start(page, url)
        assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
        assert tools(page) == []
        assert page.get_by_role("menuitem", name="Nbgrader").count() == 0
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        table = page.locator(".jp-OutputArea-output table")
        table.wait_for(timeout=60_000)
        wait_idle(page)
        assert errors(page) == []
        said = table.inner_text()
        assert "tensorflow 2." in said and "the small one that comes with the course" in said
        assert str(handed_out / "output") not in said and "What to do" not in said
        for theme in ("Light", "Dark"):
            change = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
            page.evaluate(change, f"JupyterLab {theme}")
            page.wait_for_timeout(1000)
            page.screenshot(path=tmp_path / f"start-{theme.lower()}.png")
        page.get_by_role("link", name="1-convolution-in-1d-2d-3d", exact=True).first.click()
        page.locator('.lm-TabBar-tabLabel:text("1-convolution-in-1d-2d-3d.ipynb")').wait_for(timeout=60_000)
        # Nothing is written in it yet, and Validate says so.
        page.get_by_role("button", name="Validate").locator("visible=true").click()
        dialog = page.locator(".jp-Dialog", has_text="output_shape")
        dialog.wait_for(timeout=180_000)
        page.screenshot(path=tmp_path / "validate.png")


def test_an_instructor_has_all_tools(handed_out, tmp_path, warm_kernels):
    with (
        start_lab(
            handed_out,
            jupyter_path=warm_kernels,
            program=("nst.commands.cli", "teach"),
            settings={},
            pythonpath=handed_out,
        ) as url,
        open_browser(tmp_path) as page,
    ):
        open_start(page, url)
        assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
        assert {"open-formgrader", "open-course-list", "open-create-assignment"} <= {
            tool.removeprefix("nbgrader:") for tool in tools(page)
        }
        page.get_by_role("menuitem", name="Nbgrader").click()
        for tool in ("Formgrader", "Course List"):
            assert page.get_by_role("menuitem", name=tool).count() == 1
