"""JupyterLab in a real browser, for tests: a server of its own, Chromium, and what a student clicks.

    with start_lab(folder) as url, open_browser(tmp_path) as page:
        open_notebook(page, url, "painting.ipynb")
        run_all(page)
        wait_idle(page, timeout=60)
        assert errors(page) == []

`run_answers` does all this with a notebook of the course, on the server of the fixture `lab`. A server keeps its
settings in a temporary folder, so nothing of the user's own Jupyter is read or changed. `open_browser` skips the test
where there is no Chromium.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import sync_playwright

from nst.course.release import write_source_notebooks
from tests.support.kernels import shorten

ROOT = Path(__file__).resolve().parents[2]

_SETTINGS = {
    # Otherwise a pop-up asks about news at the first start.
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    # Cells out of sight are in the page too, so that their outputs can be asserted on.
    "notebook-extension/tracker": {"windowingMode": "none"},
    # The page after a reload is the file, not somebody's last arrangement of it.
    "docmanager-extension/plugin": {"autosave": False},
}


@contextmanager
def start_lab(root_dir, *, config=None, jupyter_path="", program=("jupyterlab",), settings=_SETTINGS, pythonpath=ROOT):
    """Run a JupyterLab server on root_dir; yields its address, such as http://127.0.0.1:40123.

    config: a jupyter_server_config.py or nbgrader_config.py to use, if any.
    jupyter_path: where it looks for kernels first, as the fixture `warm_kernels` gives it.
    program: the module that starts the server, with its first arguments; settings: of JupyterLab's extensions;
    pythonpath: where nst is.
    """
    with tempfile.TemporaryDirectory(prefix="lab-") as home:
        home = Path(home)
        for name, values in settings.items():
            path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        if config is not None:
            (home / "config").mkdir()
            shutil.copy(config, home / "config")
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "JUPYTER_PATH": jupyter_path,
            "IPYTHONDIR": str(home / "ipython"),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(pythonpath), os.environ.get("PYTHONPATH")))),
        }
        port = _free_port()
        log = home / "server.log"
        command = [
            sys.executable,
            "-m",
            *program,
            "--no-browser",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
            "--LanguageServerManager.autodetect=False",
        ]
        # The extension of this checkout, whether it is installed or not.
        command += [f"--LabApp.extra_labextensions_path={home / 'extensions'}"]
        shutil.copytree(ROOT / "lab", home / "extensions" / "neural-style-transfer-course")
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
        command += ["--LabApp.expose_app_in_browser=True"]
        if program == ("jupyterlab",):  # the course's own commands know their folder
            command += [f"--ServerApp.root_dir={Path(root_dir).resolve()}"]
        with open(log, "wb") as output:
            server = subprocess.Popen(command, env=environment, cwd=root_dir, stdout=output, stderr=output)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/api/status", server, log)
            yield url
        finally:
            server.terminate()  # it ends its kernels, then itself
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address, server, log, seconds=60):
    without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            without_proxy.open(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start; it said:\n{log.read_text(errors='replace')[-3000:]}")


@contextmanager
def open_browser(tmp_path, *, width=1500, height=1000):
    """A page of a headless Chromium with a profile of its own in tmp_path; skips the test where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    quiet += ["--disable-component-update", "--disable-sync", "--no-proxy-server"]
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            Path(tmp_path) / "chromium",
            executable_path=chromium,
            headless=True,
            args=quiet,
            viewport={"width": width, "height": height},
        )
        try:
            yield context.pages[0] if context.pages else context.new_page()
        finally:
            context.close()


def open_notebook(page, url, path, *, timeout=60):
    """Open the notebook at `path`, relative to the server's folder, and wait until its kernel is ready."""
    page.goto(f"{url}/lab/tree/{quote(path)}?reset", wait_until="domcontentloaded", timeout=timeout * 1000)
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook").wait_for(timeout=timeout * 1000)
    # The round indicator says idle already while there is no kernel yet, and a cell run then is silently dropped.
    wait_until(page, f"{_KERNEL_IDLE} || document.querySelector('.jp-Dialog')", timeout=timeout)
    # A notebook whose metadata names no kernel brings up a question, which would swallow every click from here on.
    assert page.locator(".jp-Dialog").count() == 0, page.locator(".jp-Dialog").first.inner_text()


def run_all(page):
    """Run > Run All Cells; returns once the first cell has been sent to the kernel."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    wait_until(page, f"{_PROMPTS}.some(prompt => /\\[(\\*|\\d+)\\]/.test(prompt))")


def interrupt(page):
    """Click the toolbar's square: interrupt the kernel."""
    page.locator('[data-command="notebook:interrupt-kernel"]').first.click()


def wait_idle(page, *, timeout=120):
    """Wait until no cell is running or waiting, and the kernel is idle; timeout in seconds."""
    wait_until(page, f"!{_PROMPTS}.some(prompt => prompt.includes('[*]')) && {_KERNEL_IDLE}", timeout=timeout)


def wait_until(page, condition, argument=None, *, timeout=30):
    """Wait until a JavaScript expression is true; in it, `argument` is the argument; timeout in seconds.

    It is asked five times a second. Playwright by itself asks before each frame, which keeps a processor busy.
    """
    page.wait_for_function(f"argument => {condition}", arg=argument, polling=200, timeout=timeout * 1000)


@contextmanager
def run_answers(notebook, lab, tmp_path, changes, *, timeout=400):
    """Run the answers to a notebook to their end; yields the page. Nothing may be red on it, before and after.

    tests/test_execution.py paints as long as the notebooks say; in a browser it is the clicks that count.

    notebook: such as "fast-style-transfer/1-losses"; lab: the fixture; changes: what to shorten, as kernels.shorten
    wants it.
    """
    folder, url = lab
    answers = folder / tmp_path.name
    assignment = notebook.split("/")[0]
    shutil.copytree(ROOT / "answers" / assignment, answers / assignment, ignore=shutil.ignore_patterns("*.ipynb"))
    shorten(answers / f"{notebook}.py", changes)
    write_source_notebooks(answers)
    with open_browser(tmp_path) as page:
        open_notebook(page, url, f"{tmp_path.name}/{notebook}.ipynb")
        run_all(page)
        wait_idle(page, timeout=timeout)
        page.wait_for_timeout(1000)
        assert errors(page) == []
        yield page
        assert errors(page) == []
        page.evaluate(f"() => {_SESSION}.shutdown()")


def photograph(page, sections, folder):
    """Screenshots of sections, each known by the beginning of its heading, for a person to look at."""
    for number, section in enumerate(sections):
        scroll_to(page, section)
        page.screenshot(path=folder / f"section-{number}.png")


def scroll_to(page, section):
    """Bring the section with this heading to the top of the page."""
    page.locator("h2", has_text=section).evaluate("heading => heading.scrollIntoView()")
    # Chromium has drawn it when a second frame begins.
    page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


_PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(node => node.textContent)"
_SESSION = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext"
_KERNEL_IDLE = f"{_SESSION}?.session?.kernel?.status === 'idle'"


def errors(page):
    """What a student would see in red: the texts of stderr and of exceptions in all cells."""
    return [text for kind in ("stderr", "error") for text in _outputs(page, kind).all_inner_texts()]


def texts(page):
    """What the cells printed to stdout, one text for each output."""
    return _outputs(page, "stdout").all_inner_texts()


def panel(page, exercise):
    """The panel that an exercise's check shows; the first, where it is checked in parts."""
    return page.get_by_role("group", name=f"Check of {exercise}").first


def _outputs(page, kind):
    return page.locator(f'.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.{kind}"]')


def formulas(page):
    """How many formulas are set; one that MathJax could not read would stand there as it was written."""
    assert page.locator("mjx-merror").count() == 0
    return page.locator("mjx-container").count()


def pictures(page):
    """The pictures among the outputs, as a Playwright locator of <img>."""
    return page.locator(".jp-OutputArea-output img")
