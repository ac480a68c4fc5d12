"""what-convnets-see in JupyterLab: films that move, formulas that are set, and the browser of layers and units."""

import base64
import io

import pytest
from PIL import Image

from tests.support.lab import formulas, photograph, pictures, run_answers, scroll_to, texts, wait_until

pytestmark = pytest.mark.slow


def shown(page, number):
    """The address of one of the browser's two pictures, which holds the picture itself."""
    return page.locator(".jp-OutputArea-output .widget-html img").nth(number).get_attribute("src")


def changed(page, number, before):
    for _ in range(300):
        if shown(page, number) != before:
            return
        page.wait_for_timeout(200)
    raise AssertionError("The picture stayed as it was.")


def test_films_move_in_the_browser(lab, tmp_path):
    with run_answers("what-convnets-see/1-convolution-in-1d-2d-3d", lab, tmp_path, {}) as page:
        assert "9 steep rises; 66 beats per minute" in "\n".join(texts(page))
        assert formulas(page) >= 5
        sources = pictures(page).evaluate_all("images => images.map(image => image.src)")
        frames = [
            getattr(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))), "n_frames", 1)
            for source in sources
        ]
        assert frames == [10, 1, 1, 50, 1, 1, 1, 1, 32]
        photograph(page, ["1.1 A filter", "1.2 Exercise", "1.4 Two", "1.5 Three"], tmp_path)
        film = pictures(page).last
        film.scroll_into_view_if_needed()
        first = film.screenshot()
        page.wait_for_timeout(700)
        assert film.screenshot() != first


def test_units_are_browsed_in_the_browser(lab, tmp_path):
    changes = {
        ("in UNITS.items()", 1): "in list(UNITS.items())[:1]",
        ("progress(UNITS.items(),", 1): "progress(list(UNITS.items())[:1],",
        ("iterations=120, schedule", 1): "iterations=5, schedule",
        ("iterations=80, schedule", 1): "iterations=3, schedule",
        ("layer, channel, 0.003))", 1): "layer, channel, 0.003), iterations=3)",
    }
    with run_answers("what-convnets-see/2-what-a-unit-responds-to", lab, tmp_path, changes) as page:
        assert formulas(page) >= 5
        scroll_to(page, "2.6 All the others")
        label = page.locator(".widget-label", has_text="the nine patches of")
        assert label.inner_text() == "conv3_3, channel 57: the nine patches of 40 × 40 pixels"
        empty = shown(page, 1)
        page.get_by_role("button", name="Paint what it likes").click()
        changed(page, 1, empty)
        wait_until(page, "document.body.innerText.includes('painted from noise')")
        page.screenshot(path=tmp_path / "units.png")

        before = shown(page, 0)
        page.locator(".widget-dropdown select").select_option("conv5_1")
        changed(page, 0, before)
        patches = "conv5_1, channel 57: the nine patches of 156 × 156 pixels"
        wait_until(page, f"document.body.innerText.includes('{patches}')")
        readout = page.locator(".widget-slider .widget-readout")
        readout.fill("105")
        readout.press("Enter")
        wait_until(page, "document.body.innerText.includes('conv5_1, channel 105')")
        empty = shown(page, 1)
        page.get_by_role("button", name="Paint what it likes").click()
        changed(page, 1, empty)
        page.wait_for_timeout(500)
        page.screenshot(path=tmp_path / "units-5.png")
        photograph(page, ["2.1 The", "2.2 Exercise", "2.3 Exercise", "2.4 Exercise", "2.5 Let"], tmp_path)
