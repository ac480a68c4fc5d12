"""What a student runs, where there is no make, no bash, no fork and no UTF-8, and on a disk that can only be read."""

import ast
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import PurePosixPath

import pytest

from tests.support import windows


def tracked(root):
    """The names of all files of the course; where there is no git, of those that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    return [name.decode() for name in listed.stdout.split(b"\0") if name]


def test_every_file_of_the_course_can_be_checked_out_on_windows(root):
    names = tracked(root)
    assert len(names) > 300
    assert [(name, windows.refused_name(name)) for name in names if windows.refused_name(name)] == []
    # Windows allows 260 characters, and a student's folder takes some.
    assert [name for name in names if len(name) > 120] == []


def test_no_two_files_differ_by_capitals_alone(root):
    names = tracked(root)
    places = {place for name in names for place in (name, *map(str, PurePosixPath(name).parents))}
    assert [name for name, times in Counter(map(str.casefold, places)).items() if times > 1] == []


@pytest.mark.parametrize("name", ["a?.py", "CON", "folder/nul.txt", "dot.", "a:b", "tab\t"])
def test_names_that_windows_refuses_are_known(name):
    assert windows.refused_name(name)


def test_nothing_that_a_student_runs_leaves_an_encoding_open(root):
    """What Python takes where none is named is another on Windows."""
    modules = [path for path in root.glob("nst/**/*.py") if "grading" not in path.parts]
    for path in [root / "nst_utils.py", *modules]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                mode = [part.value for part in node.args if isinstance(part, ast.Constant)] or ["r"]
                opens_text = name == "open" and isinstance(node.func, ast.Name) and "b" not in str(mode[-1])
                if opens_text or name in ("read_text", "write_text"):
                    named = {keyword.arg for keyword in node.keywords}
                    assert "encoding" in named, f"{path.name}, line {node.lineno}"


def run(arguments, **options):
    environment = os.environ | windows.ENVIRONMENT | options.pop("environment", {})
    return subprocess.run(
        [sys.executable, *map(str, arguments)], env=environment, capture_output=True, timeout=300, **options
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", ["lab --help", "weights --help", "paint --help"])
def test_the_commands_speak_in_a_terminal_of_1252(root, command):
    done = run([root / "tests/support/windows.py", *command.split()])
    assert done.returncode == 0, done.stderr.decode("cp1252")
    assert "usage: nst" in done.stdout.decode("cp1252")


@pytest.mark.slow
def test_a_picture_is_painted_by_windows_rules(root, tmp_path):
    content, style = root / "images" / "lake_small.jpg", root / "images" / "starry.jpg"
    arguments = ["paint", content, style, "-o", "Bild ä.png", "--size", "32", "--film"]
    done = run([root / "tests/support/windows.py", *arguments], cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode("cp1252")
    assert (tmp_path / "Bild ä.png").stat().st_size > 1000


@pytest.mark.slow
def test_notebooks_run_by_windows_rules(root):
    """Those that write files: the Monitor's pictures and a trained network."""
    # In a process of its own: a fork of one that has computed with TensorFlow waits for ever.
    notebooks = ["neural-style-transfer/3-painting", "face-recognition/1-verification-and-triplets"]
    command = [sys.executable, "tools/any_order.py", "--windows", *notebooks]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout
    assert all(f"{notebook}, by Windows's rules: 0 fail" in done.stdout for notebook in notebooks)


PAINT = """
import numpy as np
from nst.networks.encoder import load_encoder, save_encoder, small_encoder
from nst.painting import Monitor, paint
from nst.paths import OUTPUT
from nst.quiet import tf

with Monitor(2, output=OUTPUT / "my-picture") as monitor:
    start = np.ones((1, 32, 32, 3), np.float32)
    paint(lambda picture: {"total": tf.reduce_sum(picture**2)}, start, iterations=2, callback=monitor)
save_encoder(small_encoder(), OUTPUT / "my-encoder.npz")
load_encoder(OUTPUT / "my-encoder.npz")
"""


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="no bubblewrap, which shows a disk as one that can only be read"
)
def test_in_a_course_that_can_only_be_read_what_is_made_goes_home_and_is_told(root, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    inside = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", home, home]
    inside += ["--ro-bind", root, root]  # also where it lies in /tmp
    environment = os.environ | {"HOME": str(home), "NST_OUTPUT": "", "PYTHONPATH": str(root)}
    done = subprocess.run(
        [*inside, sys.executable, "-c", PAINT], cwd=root, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert f"The picture is in {home / 'nst-output' / 'my-picture'}" in done.stdout
    assert (home / "nst-output" / "my-encoder.npz").exists()
    assert not list(root.glob("painting-*")), "nothing was left in the course"
