"""`nst demo`, the first thing anybody runs."""

import os
import subprocess
import sys

import pytest

NST = [sys.executable, "-m", "nst.commands.cli"]


@pytest.mark.slow
def test_the_demo_paints_and_grades(tmp_path):
    environment = os.environ | {"NST_OUTPUT": str(tmp_path / "painted")}
    done = subprocess.run(
        [*NST, "demo", "--iterations", "3"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert f"Painted picture         {tmp_path / 'painted' / 'generated_image.jpg'}" in done.stdout
    assert (tmp_path / "painted" / "generated_image.jpg").exists()
    assert "Reference submission    60 of 60 points" in done.stdout
    assert "Blank submission        0 of 60 points" in done.stdout


def test_no_iterations_get_one_sentence():
    done = subprocess.run([*NST, "demo", "--iterations", "0"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stderr.strip() == "--iterations should be 1 or more, and it is 0; 200 is usual."
