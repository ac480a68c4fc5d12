"""face-recognition in JupyterLab: an encoder learns in front of you, and the film of it moves."""

import pytest

from tests.support.axe import axe_findings
from tests.support.lab import formulas, panel, photograph, pictures, run_answers

pytestmark = pytest.mark.slow


def test_an_encoder_learns_in_the_browser(lab, tmp_path):
    changes = {
        ("progress(TOWN,", 1): "progress(TOWN[:20],",
        ("HELD_OUT[:100]", 1): "HELD_OUT[:12]",
        ("epochs=60", 1): "epochs=2",
        ("(1, 20, 40, 60)", 1): "(1, 2)",
        ("steps=60", 1): "steps=4",
        ("steps=400", 2): "steps=40",
    }
    with run_answers("face-recognition/1-verification-and-triplets", lab, tmp_path, changes) as page:
        assert panel(page, "triplet_loss").inner_text().count("528.143") == 2
        assert formulas(page) >= 5
        # Cards, visits, pairs, hills, twins, candidates twice, the town, the map, its film, hills again, ROC curves.
        assert pictures(page).count() == 12
        assert pictures(page).evaluate_all("images => images.every(image => image.alt.length > 40)")
        assert axe_findings(page, within=".jp-OutputArea") == []
        film = pictures(page).nth(9)
        film.scroll_into_view_if_needed()
        first = film.screenshot()
        for _ in range(50):  # it rests on its last frame
            if film.screenshot() != first:
                break
            page.wait_for_timeout(100)
        else:
            raise AssertionError("The film stands still.")
        photograph(page, ["1.1 One look", "1.2 Pixels", "1.3 One", "1.5 Exercise", "1.6 Train", "1.7 Does"], tmp_path)
