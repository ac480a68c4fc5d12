"""`nst paint`: a picture for people who open no notebook."""

import os
import pty
import shutil
import signal
import subprocess
import sys
import termios

import numpy as np
import pytest
from PIL import Image

from nst.commands import paint as command
from nst.limits import Room
from nst.painting import memory, styles
from nst.paths import IMAGES
from nst.weights import vgg19 as pretrained
from nst_utils import load_image
from tests.support.weights_files import random_weights, write_npz

NST = [sys.executable, "-m", "nst.commands.cli", "paint"]
CONTENT, STYLE, OTHER = (str(IMAGES / f"{name}.jpg") for name in ("lake_small", "starry", "mosaic"))
#: Small and short, with the network that everybody has.
QUICK = ["--size", "48", "--iterations", "3", "--network", str(pretrained.EMBEDDED)]


def painted(path, *arguments, styles=(STYLE,)):
    """What the command paints within this process: (H, W, 3) int."""
    command.main([CONTENT, *styles, "-o", str(path), *QUICK, *arguments])
    return load_image(path).astype(int)


@pytest.mark.slow
def test_a_picture_is_painted_without_the_answers_from_any_folder(root, tmp_path):
    for name in ("nst", "pretrained-model", "images"):
        shutil.copytree(root / name, tmp_path / "course" / name, ignore=shutil.ignore_patterns("__pycache__", "faces"))
    for name in ("nst_utils.py", "pyproject.toml"):
        shutil.copy(root / name, tmp_path / "course" / name)
    (tmp_path / "work").mkdir()
    shutil.copy(CONTENT, tmp_path / "work" / "lake.jpg")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "course")}
    arguments = [*NST, "lake.jpg", STYLE, "-o", "new/folder/out.png", "--size", "48", "--iterations", "8", "--film"]
    done = subprocess.run(
        arguments, cwd=tmp_path / "work", env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "Painting with the small network that comes with the course; `nst weights` fetches the full one."
    assert lines[1].startswith("The picture is in new/folder/out.png, 64×48 pixels, after ")
    assert lines[2] == "Its film is in new/folder/out.gif"
    assert load_image(tmp_path / "work" / "new" / "folder" / "out.png").shape == (48, 64, 3)
    with Image.open(tmp_path / "work" / "new" / "folder" / "out.gif") as film:
        assert film.size == (64, 48)
        assert film.n_frames >= 2


def test_the_same_seed_paints_the_same_picture(tmp_path):
    first, again = painted(tmp_path / "a.png"), painted(tmp_path / "b.png")
    other = painted(tmp_path / "c.png", "--seed", "4")
    assert np.abs(first - again).mean() < 0.5
    assert np.abs(first - other).mean() > 2


def test_the_picture_has_moved_towards_the_style(tmp_path):
    content = load_image(CONTENT, size=48).astype(int)
    for method in ("lbfgs", "adam"):
        picture = painted(tmp_path / "out.jpg", "--method", method, "--iterations", "20")
        blueness = [(x[..., 2] - x[..., 0]).mean() for x in (content, picture, load_image(STYLE).astype(int))]
        assert blueness[0] + 0.2 * (blueness[2] - blueness[0]) < blueness[1], method


def test_colours_are_kept(tmp_path):
    content = load_image(CONTENT, size=48).astype(int)
    plain, kept = painted(tmp_path / "a.png"), painted(tmp_path / "b.png", "--keep-colours")

    def colours(x):
        return x[..., 0] - x[..., 2]

    assert np.abs(colours(kept) - colours(content)).mean() < 0.3 * np.abs(colours(plain) - colours(content)).mean()


def test_smooth_smooths(tmp_path):
    def roughness(x):
        return np.mean(np.diff(x, axis=0) ** 2)

    plain = painted(tmp_path / "a.png", "--iterations", "20")
    smooth = painted(tmp_path / "b.png", "--iterations", "20", "--smooth", "5")
    assert roughness(smooth) < 0.5 * roughness(plain)


def test_masks_say_where_each_style_goes(tmp_path):
    left = np.zeros((60, 80), np.uint8)
    left[:, :40] = 255
    Image.fromarray(left).save(tmp_path / "left.png")
    Image.fromarray(255 - left).save(tmp_path / "right.png")
    options = ["--size", "120", "--masks", str(tmp_path / "left.png"), str(tmp_path / "right.png")]
    first = painted(tmp_path / "a.png", *options, styles=(STYLE, OTHER))
    second = painted(tmp_path / "b.png", *options, styles=(STYLE, CONTENT))
    difference = np.abs(first - second).mean(axis=(0, 2))
    assert difference[:40].mean() < 0.5 * difference[-40:].mean()


def test_weights_and_scale_and_style_weight_change_the_picture(tmp_path):
    both = (STYLE, OTHER)
    plain = painted(tmp_path / "a.png", styles=both)
    for change in (["--weights", "5", "1"], ["--style-scale", "0.7"], ["--style-weight", "1"]):
        assert np.abs(painted(tmp_path / "b.png", *change, styles=both) - plain).mean() > 0.5, change
    alone = painted(tmp_path / "c.png")
    assert np.abs(painted(tmp_path / "d.png", "--weights", "2", "0", styles=both) - alone).mean() < 0.5


@pytest.mark.parametrize(
    "arguments, status, sentence",
    [
        ([CONTENT], 2, "the following arguments are required: style"),
        ([CONTENT, STYLE, "--size", "large"], 2, "argument --size: invalid int value: 'large'"),
        (["--weights", "1", CONTENT, STYLE], 2, "is no number; name the pictures first, before any option"),
        (["no.jpg", STYLE], 1, "There is no picture no.jpg; check the spelling and the folder."),
        ([CONTENT, STYLE, "--masks", "no.png"], 1, "There is no picture no.png; check the spelling and the folder."),
        ([CONTENT, STYLE, "-o", "out.bmp"], 1, "out.bmp should end in .png or .jpg, so that its kind is known."),
        ([CONTENT, STYLE, "-o", "/proc/no/out.png"], 1, "/proc/no/out.png cannot be written"),
        ([CONTENT, STYLE, "-o", CONTENT], 1, "is one of the pictures to paint from; give another name"),
        (
            [CONTENT, STYLE, "--weights", "1", "2"],
            1,
            "--weights should be one for each style, and there are 2 for 1 style.",
        ),
        ([CONTENT, STYLE, "--weights", "-1"], 1, "--weights should be 0 or more, and it is -1; 0 leaves it out."),
        ([CONTENT, STYLE, "--weights", "0"], 1, "One of --weights should be above 0, and all of them are 0."),
        (
            [CONTENT, STYLE, "--style-weight", "nan"],
            1,
            "--style-weight should be 0 or more, and it is nan; 0 leaves it out.",
        ),
        ([CONTENT, STYLE, "--smooth", "-2"], 1, "--smooth should be 0 or more, and it is -2; 0 leaves it out."),
        ([CONTENT, STYLE, "--style-scale", "0"], 1, "--style-scale should be from 0.1 to 2, and it is 0; 1 is usual."),
        (
            [CONTENT, STYLE, "--masks", STYLE, STYLE],
            1,
            "--masks should be one for each style, and there are 2 for 1 style.",
        ),
        ([CONTENT, STYLE, "--size", "20"], 1, "--size should be 32 or more, and it is 20; 300 is usual."),
        ([CONTENT, STYLE, "--iterations", "0"], 1, "--iterations should be 1 or more, and it is 0; 20 is usual."),
        ([CONTENT, STYLE, "--seed", "-1"], 1, "--seed should be 0 or more, and it is -1; 3 is usual."),
        ([CONTENT, STYLE, "--size", "9000"], 1, "is more than 20 million pixels; make it smaller"),
        ([CONTENT, STYLE, "--network", "no.npz"], 1, "There is no weights file no.npz"),
        ([CONTENT, __file__], 1, "is not a picture that can be read; use a JPEG or PNG file."),
    ],
)
def test_what_cannot_work_is_told_in_a_sentence(arguments, status, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        command.main(arguments)
    captured = capsys.readouterr()
    if status == 2:
        assert end.value.code == 2
        assert sentence in captured.err
        assert len(captured.err.splitlines()) == 2  # the usage, and the sentence
    else:
        assert sentence in end.value.code
        assert "\n" not in end.value.code
    assert not list(tmp_path.glob("*.*"))


def test_a_misspelt_option_is_told_before_tensorflow_is_imported(tmp_path):
    program = (
        "import sys\nfrom nst.commands.paint import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    print(end.code, 'tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, CONTENT, STYLE, "--size", "1"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout == "--size should be 32 or more, and it is 1; 300 is usual. False\n"


def test_a_picture_too_large_for_the_memory_is_refused(tmp_path, monkeypatch):
    room = Room(1e8, "memory", "this machine has 0.10 GB available", "close other programs")
    monkeypatch.setattr(memory, "rooms", lambda: [room])
    with pytest.raises(SystemExit) as end:
        painted(tmp_path / "out.png", "--size", "600")
    sentence = "Painting 600×800 pixels takes about 0.73 GB of memory and this machine has 0.10 GB available; "
    assert end.value.code.startswith(sentence)
    assert painted(tmp_path / "out.png").shape == (48, 64, 3)


def test_a_network_that_ends_early_is_told_of(tmp_path):
    path = write_npz(tmp_path / "short.npz", random_weights("conv3_1"))
    with pytest.raises(SystemExit) as end:
        painted(tmp_path / "out.png", "--network", str(path))
    assert (
        end.value.code
        == "short.npz ends at conv3_1 and painting needs conv4_1, conv5_1, conv4_2, too; leave --network out."
    )


def test_memory_that_runs_out_on_the_way_keeps_the_smaller_picture(tmp_path, monkeypatch):
    original = styles.cost_maker

    def too_large_at_full_size(*arguments, **options):
        make_cost = original(*arguments, **options)

        def make(size):
            if size == (288, 384):
                raise MemoryError
            return make_cost(size)

        return make

    monkeypatch.setattr(styles, "cost_maker", too_large_at_full_size)
    with pytest.raises(SystemExit, match="Memory ran out on the way, so this is the picture so far; give a smaller"):
        painted(tmp_path / "out.png", "--size", "288", "--iterations", "2")
    assert load_image(tmp_path / "out.png").shape == (288, 384, 3)
    with pytest.raises(SystemExit, match="There was not enough memory to paint; close other programs, or give"):
        painted(tmp_path / "none.png", "--size", "288", "--iterations", "2", "--method", "adam")
    assert not (tmp_path / "none.png").exists()


def test_an_interrupt_before_the_first_step_leaves_an_earlier_picture(tmp_path, monkeypatch, capsys):
    """The painting takes the interrupt for its own, and returns what it began with, noise."""
    earlier = (IMAGES / "mosaic.jpg").read_bytes()
    (tmp_path / "out.jpg").write_bytes(earlier)
    monkeypatch.setattr("nst.painting.loop.compiled_measure", lambda *_: signal.raise_signal(signal.SIGINT))
    with pytest.raises(SystemExit) as end:
        painted(tmp_path / "out.jpg")
    assert end.value.code == 130
    captured = capsys.readouterr()
    assert captured.out.endswith("Interrupted at iteration 0 of 3; nothing was painted yet.\n")
    assert captured.err == "Interrupted; nothing was painted yet.\n"
    assert (tmp_path / "out.jpg").read_bytes() == earlier


@pytest.mark.usefixtures("in_a_terminal")
@pytest.mark.parametrize("name, status", [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_machine_that_shuts_down_and_a_terminal_that_closes_keep_the_picture(tmp_path, monkeypatch, name, status):
    call = command._Progress.__call__

    def ended_at_the_second_step(self, iteration, costs, picture):
        call(self, iteration, costs, picture)
        if iteration == 1:
            signal.raise_signal(getattr(signal, name))

    monkeypatch.setattr(command._Progress, "__call__", ended_at_the_second_step)
    with pytest.raises(SystemExit) as end:
        painted(tmp_path / "out.png", "--iterations", "1000", "--film")
    assert end.value.code == status
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]  # the film would take long


def test_an_interrupt_between_two_sizes_keeps_the_smaller_picture(tmp_path, monkeypatch, capsys):
    original = styles.cost_maker

    def interrupted_at_full_size(*arguments, **options):
        make_cost = original(*arguments, **options)

        def make(size):
            if size == (288, 384):
                signal.raise_signal(signal.SIGINT)
            return make_cost(size)

        return make

    monkeypatch.setattr(styles, "cost_maker", interrupted_at_full_size)
    picture = painted(tmp_path / "out.png", "--size", "288", "--iterations", "2")
    assert picture.shape == (288, 384, 3)
    assert "Interrupted; the picture so far is kept." in capsys.readouterr().out


@pytest.mark.slow
def test_ctrl_c_keeps_the_picture_so_far(tmp_path):
    """In a terminal of its own, where the bar shows how far it is."""
    here, there = pty.openpty()
    termios.tcsetwinsize(there, (24, 100))
    painting = subprocess.Popen(
        [*NST, CONTENT, STYLE, "-o", "out.png", *QUICK, "--iterations", "100000"],
        cwd=tmp_path,
        stdout=there,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(there)
    seen = ""
    try:
        while "cost" not in seen:
            seen += os.read(here, 1000).decode(errors="replace")
        painting.send_signal(signal.SIGINT)
        while "The picture is in out.png" not in seen:
            seen += os.read(here, 1000).decode(errors="replace")
        _, errors = painting.communicate(timeout=60)
    finally:
        painting.kill()
        os.close(here)
    assert "Painting" in seen and "to go" in seen
    assert "the picture so far is kept" in seen
    assert errors == ""
    assert painting.returncode == 0
    assert load_image(tmp_path / "out.png").shape == (48, 64, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
