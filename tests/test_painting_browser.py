"""Paintings in JupyterLab, in a real browser: live preview, interrupt button, a reload, and what is left afterwards."""

import io
import re

import nbformat
import numpy as np
import pytest
from PIL import Image

from tests.support.lab import (
    errors,
    interrupt,
    open_browser,
    open_notebook,
    pictures,
    run_all,
    texts,
    wait_idle,
    wait_until,
)

CELL = """
import time
import numpy as np
from nst.lessons import figures
from nst.painting import Monitor, paint
from nst.quiet import tf
from nst_utils import load_image, reshape_and_normalize_image, to_rgb
from nst.paths import IMAGES

content = reshape_and_normalize_image(load_image(IMAGES / "lake_small.jpg"))
start = np.random.default_rng(0).uniform(-20, 20, content.shape).astype(np.float32)

def cost(picture):
    content_cost = tf.reduce_mean((picture - content) ** 2)
    style_cost = tf.reduce_mean(tf.abs(picture[:, 1:] - picture[:, :-1]))
    return {"total": 1e4 * content_cost + style_cost, "content": content_cost, "style": style_cost}

with Monitor(100_000, every=100, output="painted", film=False) as monitor:
    picture = paint(cost, start, iterations=100_000, learning_rate=0.3, callback=monitor)
"""

SEVERAL = """
with figures.Gallery(3, "A lake, painted three times.") as gallery:
    for title, iterations in [("short", 5), ("long", 100_000), ("never", 100_000)]:
        gallery[title] = to_rgb(paint(cost, start, iterations=iterations, learning_rate=0.3))
"""

RELOADED = """
import time
from pathlib import Path
import numpy as np
from nst.painting import Monitor, paint
from nst.quiet import tf

def wait_for_the_page(iteration, costs, picture):
    monitor(iteration, costs, picture)
    while iteration == 50 and not Path("back").exists():
        time.sleep(0.1)

start = np.zeros((1, 75, 100, 3), np.float32)
with Monitor(100, every=20, output="painted", film=False) as monitor:
    paint(lambda x: {"total": tf.reduce_mean((x - 50) ** 2)}, start, iterations=100, callback=wait_for_the_page)
"""

KERNEL = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext.session?.kernel"

SLIDERS = """
import ipywidgets
import numpy as np
from nst.lessons.knobs import knobs

def grey(level):
    return np.full((30, 40, 3), level, np.uint8)

knobs(grey, "A grey field.", settings=lambda level: f"level {level}", level=ipywidgets.IntSlider(50, 0, 255))
"""

pytestmark = pytest.mark.slow


def write_notebook(folder, *cells):
    folder.mkdir()
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    nbformat.write(notebook, folder / "long.ipynb")


def test_the_interrupt_button_ends_the_cell_and_keeps_its_pictures(lab, tmp_path):
    root, url = lab
    folder = root / tmp_path.name
    on_it_goes = "print('and on it goes', picture.shape, np.array_equal(picture, monitor.picture))"
    write_notebook(folder, CELL, on_it_goes, SEVERAL)

    with open_browser(tmp_path) as page:
        open_notebook(page, url, f"{tmp_path.name}/long.ipynb")
        run_all(page)

        # The preview changes in place while the cell runs.
        pictures(page).first.wait_for(timeout=60_000)
        first = pictures(page).first.get_attribute("src")
        wait_until(page, "document.querySelector('.jp-OutputArea-output img').src !== argument", first)
        assert pictures(page).count() == 1
        page.screenshot(path=tmp_path / "running.png")

        interrupt(page)

        # Then three paintings in one cell: the first is there, the second under way.
        gallery = page.locator("img[alt*='painted three times']")
        gallery.wait_for(timeout=60_000)
        page.wait_for_timeout(1500)
        interrupt(page)
        wait_idle(page, timeout=60)
        page.screenshot(path=tmp_path / "interrupted.png")

        assert errors(page) == []
        first_cell, second_cell, third_cell = texts(page)
        assert "Interrupted at iteration" in first_cell
        assert "the picture so far is kept" in first_cell
        assert "and on it goes (1, 300, 400, 3) True" in second_cell

        assert "Interrupted with 2 of 3 pictures." in third_cell and third_cell.count("Interrupted at") == 1
        assert re.search(r"The pictures: short; long, so far: \d+ of 100000 steps\.$", gallery.get_attribute("alt"))
        assert pictures(page).count() == 2
        shown = page.evaluate("() => document.querySelector('.jp-OutputArea-output img').naturalWidth")
        assert shown > 1500, "the preview is drawn at twice its size, for sharp screens"

    saved = np.asarray(Image.open(io.BytesIO((folder / "painted" / "generated_image.jpg").read_bytes())))
    assert saved.shape == (300, 400, 3)
    assert saved.std() > 5


def test_a_page_that_is_loaded_again_shows_the_picture_when_it_is_done(lab, tmp_path):
    root, url = lab
    folder = root / tmp_path.name
    write_notebook(folder, RELOADED, "print('and on it goes', monitor.picture.shape)")
    with open_browser(tmp_path) as page:
        page.on("dialog", lambda dialog: dialog.accept())  # the notebook is not saved
        open_notebook(page, url, f"{tmp_path.name}/long.ipynb")
        run_all(page)
        pictures(page).first.wait_for(timeout=60_000)
        page.reload()
        wait_until(page, f"{KERNEL}?.connectionStatus === 'connected'", timeout=60)
        assert pictures(page).count() == 0
        (folder / "back").touch()
        wait_until(page, "document.body.innerText.includes('and on it goes (1, 75, 100, 3)')", timeout=60)
        page.screenshot(path=tmp_path / "reloaded.png")
        assert errors(page) == []
        preview = page.locator("img[alt^='The painting after 100 steps']")
        assert preview.count() == pictures(page).count() == 1
        assert page.get_by_text(re.compile(r"^Painting: 100 of 100 in \d+ s$")).count() == 1
        assert "iteration  60   total" in texts(page)[0]

        # And where the painting ends while no page is there.
        (folder / "back").unlink()
        run_all(page)
        wait_until(page, "document.querySelector('.jp-CodeCell .jp-InputPrompt').textContent.includes('*')")
        page.locator("img[alt^='The painting after']").wait_for(timeout=60_000)
        page.goto("about:blank")
        (folder / "painted" / "generated_image.jpg").unlink()
        (folder / "back").touch()
        while not (folder / "painted" / "generated_image.jpg").exists():
            page.wait_for_timeout(100)
        page.wait_for_timeout(1000)
        open_notebook(page, url, f"{tmp_path.name}/long.ipynb")
        preview.wait_for(timeout=60_000)
        assert pictures(page).count() == 1 and errors(page) == []
        page.evaluate(f"() => {KERNEL}.shutdown()")


def test_what_sliders_painted_is_there_when_the_notebook_is_opened_again(lab, tmp_path):
    root, url = lab
    write_notebook(root / tmp_path.name, SLIDERS)
    with open_browser(tmp_path) as page:
        open_notebook(page, url, f"{tmp_path.name}/long.ipynb")
        run_all(page)
        readout = page.locator(".widget-slider .widget-readout")
        readout.fill("200")
        readout.press("Enter")
        page.get_by_role("button", name="Paint", exact=True).click()
        strip = page.locator("img[alt='A grey field. The pictures: level 50; level 200.']")
        strip.wait_for(timeout=30_000)
        page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save() }")
        page.evaluate(f"async () => {{ await {KERNEL}.shutdown() }}")
        open_notebook(page, url, f"{tmp_path.name}/long.ipynb")
        strip.wait_for(timeout=30_000)
        page.get_by_text("Sliders and buttons are here when you run this cell.").wait_for(timeout=30_000)
        page.screenshot(path=tmp_path / "opened-again.png")
        assert "model not found" not in page.inner_text("body")
        page.evaluate(f"() => {KERNEL}.shutdown()")
