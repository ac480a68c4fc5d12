"""A painting in JupyterLab, in a real browser: live preview, interrupt button, and what is left afterwards."""

import io

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
import numpy as np
from nst.painting import Monitor, paint
from nst.quiet import tf
from nst_utils import load_image, reshape_and_normalize_image
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

pytestmark = pytest.mark.slow


def test_the_interrupt_button_keeps_the_picture(lab, tmp_path):
    root, url = lab
    folder = root / tmp_path.name
    folder.mkdir()
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [
        nbformat.v4.new_code_cell(CELL.strip()),
        nbformat.v4.new_code_cell("print('and on it goes', picture.shape, np.array_equal(picture, monitor.picture))"),
    ]
    nbformat.write(notebook, folder / "long.ipynb")

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
        wait_idle(page, timeout=60)
        page.screenshot(path=tmp_path / "interrupted.png")

        assert errors(page) == []
        first_cell, second_cell = texts(page)
        assert "Interrupted at iteration" in first_cell
        assert "the picture so far is kept" in first_cell
        assert "and on it goes (1, 300, 400, 3) True" in second_cell

        assert pictures(page).count() == 1
        shown = page.evaluate("() => document.querySelector('.jp-OutputArea-output img').naturalWidth")
        assert shown > 1500, "the preview is drawn at twice its size, for sharp screens"

    saved = np.asarray(Image.open(io.BytesIO((folder / "painted" / "generated_image.jpg").read_bytes())))
    assert saved.shape == (300, 400, 3)
    assert saved.std() > 5
