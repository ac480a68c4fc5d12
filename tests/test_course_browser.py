"""The course as a student meets it: JupyterLab in a real browser, a notebook that paints run to its end."""

import pytest

from tests.support.lab import formulas, panel, photograph, pictures, run_answers, texts, wait_idle

pytestmark = pytest.mark.slow


def test_the_last_notebook_paints_in_the_browser(lab, tmp_path):
    changes = {
        ("Monitor(200)", 1): "Monitor(20)",
        ("200, callback=monitor", 1): "20, callback=monitor",
        ("num_iterations=100", 1): "num_iterations=5",
        ('"pyramid_small.jpg")', 1): '"pyramid_small.jpg", size=(75, 100))',
        ("size=(240, 320)", 2): "size=(60, 80)",
        ("size=(150, 200)", 3): "size=(75, 100)",
        ("IntSlider, 60", 1): "IntSlider, 10",
    }
    with run_answers("neural-style-transfer/3-painting", lab, tmp_path, changes) as page:
        said = "\n".join(texts(page))
        assert "35.34667875478276" in panel(page, "total_cost").inner_text()
        assert "iteration 19" in said
        assert pictures(page).count() >= 7

        # Turn the knobs: another short painting, beside the one of the settings that they begin with.
        strip = page.locator("img[alt^='The palace, painted with the settings']")
        assert "conv4_2, 5 layers, rate 2, 10 steps, noise 0.6." in strip.get_attribute("alt")
        page.locator(".widget-dropdown select").first.select_option("tiles")
        paint = page.get_by_role("button", name="Paint", exact=True)
        # JupyterLab hides what is far out of sight.
        paint.evaluate("button => button.closest('.jp-Cell').scrollIntoView()")
        paint.click()
        both = "img[alt*='The pictures: starry, ratio 4'][alt*='; tiles, ratio 4']"
        page.locator(both).wait_for(timeout=120_000)
        wait_idle(page)
        page.screenshot(path=tmp_path / "sliders.png")
        photograph(page, ["3.6 Paint"], tmp_path)


def test_the_small_network_paints_in_the_browser(lab, tmp_path):
    changes = {
        ("iterations=200, callback=None", 1): "iterations=2, callback=None",
        ("Monitor(200", 1): "Monitor(12",
        ("callback=monitor", 1): "iterations=12, callback=monitor",
        ('"image_size": 192', 3): '"image_size": 96',
        ('"pyramid.jpg", 128', 1): '"pyramid.jpg", 64',
        ("for content_factor in [1 / 8, 1, 8]:", 1): "for content_factor in [1]:",
        ('["relu1", "fire2", "fire5", "fire9"]', 1): '["relu1", "fire2"]',
    }
    with run_answers("fast-style-transfer/2-style-transfer", lab, tmp_path, changes) as page:
        said = "\n".join(texts(page))
        assert "right on a random start" in panel(page, "style_transfer").inner_text()
        assert "iteration 11 " in said
        # The Monitor's preview and picture, two sets more, nine weights, layers of style, of content, your own.
        assert pictures(page).count() == 2 + 1 + 1 + 1 + 1 + 1
        assert pictures(page).evaluate_all("images => images.every(image => image.naturalWidth > 300)")
        assert formulas(page) >= 5
        photograph(page, ["2.1 The loop", "2.4 Paint", "2.5 What the weights do", "2.7 Your own"], tmp_path)
