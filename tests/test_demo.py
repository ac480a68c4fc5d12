"""`nst demo`, the first thing anybody runs."""

import shutil

import pytest

from nst.commands import demo
from nst.paths import CHECKOUT, OUTPUT
from tests.support.light import lighten_scripts


@pytest.mark.slow
def test_the_demo_paints_and_grades(tmp_path, monkeypatch, capsys):
    """It grades the assignment without what is there to be looked at, for which test_grading.py waits."""
    answers = tmp_path / "answers" / demo.ASSIGNMENT
    shutil.copytree(CHECKOUT / "answers" / demo.ASSIGNMENT, answers)
    shutil.copy(CHECKOUT / "nbgrader_config.py", tmp_path)
    lighten_scripts(answers)
    monkeypatch.setattr("nst.course.rehearsal.CHECKOUT", tmp_path)
    painted = OUTPUT / "generated_image.jpg"
    painted.unlink(missing_ok=True)
    demo.main(["--iterations", "3"])
    said = capsys.readouterr().out
    assert f"Painted picture         {painted}" in said
    assert painted.exists()
    assert "Reference submission    60 of 60 points" in said
    assert "Blank submission        0 of 60 points" in said


def test_no_iterations_get_one_sentence():
    with pytest.raises(SystemExit, match=r"^--iterations should be 1 or more, and it is 0; 200 is usual\.$"):
        demo.main(["--iterations", "0"])
