"""Painting and watching it: what a student sees, what is saved, and what an interrupt or a full disk leaves behind."""

import itertools
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import imageio_ffmpeg
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from PIL import Image

from nst.painting import Monitor, Phase, paint
from nst.painting import monitor as monitoring
from nst.painting.film import Frames
from nst.painting.preview import compose_preview
from nst.quiet import tf
from nst_utils import load_vgg_model, to_rgb
from tests.support import kernels

H, W = 48, 64


@pytest.fixture(autouse=True)
def printed(capfd):
    """printed() is what went to stdout since the last call; nothing may go to stderr, nor a warning be raised.

    (nbgrader takes any text on stderr for a failed test.)
    """

    def since_last_time():
        captured = capfd.readouterr()
        assert captured.err == ""
        return captured.out

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield since_last_time
    since_last_time()


def picture_in(path):
    """The file's pixels as integers that can be subtracted."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def frames_of(path):
    """A GIF's frames and how long each is shown, in milliseconds; Pillow merges frames that are alike."""
    with Image.open(path) as gif:
        frames, durations = [], []
        for index in range(gif.n_frames):
            gif.seek(index)
            frames.append(np.asarray(gif.convert("RGB")).astype(int))
            durations.append(gif.info["duration"])
        return frames, durations


@pytest.fixture
def start():
    return np.random.default_rng(1).uniform(-20, 20, (1, H, W, 3)).astype(np.float32)


@pytest.fixture
def goal():
    """A smooth picture, mean subtracted."""
    y, x = np.mgrid[0:H, 0:W]
    return np.stack([x, y + 20, 40 - x], axis=-1)[None].astype(np.float32)


@pytest.fixture
def cost(goal):
    def quadratic(picture):
        content = tf.reduce_mean((picture - goal) ** 2)
        style = tf.reduce_mean(picture**2)
        return {"total": content + 0.01 * style, "content": content, "style": style}

    return quadratic


def record(into):
    return lambda iteration, costs, picture: into.append((iteration, costs, np.array(picture.numpy())))


# ------------------------------------------------------------------------------------------------------------- paint


def test_a_convex_cost_falls_at_every_step_to_its_minimum(cost, start, goal):
    steps = []
    painted = paint(cost, start, iterations=150, learning_rate=2.0, callback=record(steps))
    totals = [float(costs["total"]) for _, costs, _ in steps]
    assert [iteration for iteration, _, _ in steps] == list(range(150))
    assert all(later < earlier for earlier, later in itertools.pairwise(totals))
    assert totals[-1] < totals[0] / 100
    assert painted.shape == (1, H, W, 3) and painted.dtype == np.float32
    np.testing.assert_allclose(painted, goal / 1.01, atol=1.5)


def test_costs_are_those_before_the_step_and_the_picture_is_after_it(cost, start):
    steps = []
    painted = paint(cost, start, iterations=3, callback=record(steps))
    np.testing.assert_allclose(steps[0][1]["total"], cost(start)["total"], rtol=1e-5)
    np.testing.assert_allclose(steps[1][1]["total"], cost(steps[0][2])["total"], rtol=1e-5)
    np.testing.assert_array_equal(steps[-1][2], painted)
    assert list(steps[0][1]) == ["total", "content", "style"]


def adam(cost, start, rates):
    """Kingma and Ba 2015, in the form of TensorFlow 1's AdamOptimizer, in float64: one step at each learning rate."""
    picture, m, v = start.astype(np.float64), 0.0, 0.0
    for t, rate in enumerate(rates, start=1):
        with tf.GradientTape() as tape:
            variable = tf.constant(picture, tf.float32)
            tape.watch(variable)
            total = cost(variable)["total"]
        g = tape.gradient(total, variable).numpy().astype(np.float64)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        picture -= rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8)
    return picture


def test_the_steps_are_those_of_adam(cost, start):
    painted = paint(cost, start, iterations=5, learning_rate=3.0)
    np.testing.assert_allclose(painted, adam(cost, start, [3.0] * 5), atol=2e-3)


def test_the_same_painting_twice_is_the_same(cost, start):
    kept = start.copy()
    first, second = (paint(cost, start, iterations=12) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(start, kept)


def test_no_iterations_return_the_start(cost, start):
    painted = paint(cost, start, iterations=0)
    np.testing.assert_array_equal(painted, start)
    assert painted is not start


def test_the_cost_is_compiled_once_and_not_run_by_python_at_every_step(goal, start, printed):
    calls = []

    def cost(picture):
        calls.append(1)
        return {"total": tf.reduce_mean((picture - goal) ** 2)}

    paint(cost, start, iterations=10)
    assert len(calls) == 1
    assert printed() == ""


def test_a_cost_that_cannot_be_compiled_still_paints_the_same_picture(cost, start, printed):
    def with_numpy(picture):
        costs = cost(picture)
        return costs | {"content": costs["content"].numpy()}

    compiled = paint(cost, start, iterations=8)
    printed()
    steps = []
    as_it_is = paint(with_numpy, start, iterations=8, callback=record(steps))
    np.testing.assert_allclose(as_it_is, compiled, atol=1e-3)
    assert len(steps) == 8
    out = printed()
    assert "cannot be compiled" in out and "numpy" in out and out.count("\n") == 1


def test_a_mistake_in_the_cost_is_shown_as_its_author_wrote_it(start, printed):
    def unfinished(picture):
        raise NotImplementedError("compute_style_cost is not finished yet")

    with pytest.raises(NotImplementedError, match="compute_style_cost is not finished yet") as caught:
        paint(unfinished, start, iterations=2)
    assert caught.value.__cause__ is None and caught.value.__context__ is None
    assert "compiled" not in printed()


def test_the_cost_of_a_network_falls(start):
    model = load_vgg_model()
    target = model.activations(np.full((1, H, W, 3), 30, np.float32), ["conv2_1"])["conv2_1"]

    def cost(picture):
        content = tf.reduce_mean((model.activations(picture, ["conv2_1"])["conv2_1"] - target) ** 2)
        return {"total": content, "content": content}

    steps = []
    paint(cost, start, iterations=25, callback=record(steps))
    assert float(steps[-1][1]["total"]) < 0.8 * float(steps[0][1]["total"])


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda p: tf.reduce_sum(p), "should return a dictionary of scalars"),
        (lambda p: None, "a return is missing"),
        (lambda p: (tf.reduce_sum(p), 0.0, 0.0), "it returned of type tuple"),
        (lambda p: {"content": tf.reduce_sum(p)}, "\"total\" is missing, and what it has is .'content'"),
        (lambda p: {"total": p**2}, r'"total" has the shape \(1, 48, 64, 3\); sum it up'),
        (lambda p: {"total": tf.reduce_sum(p), "style": "low"}, '"style" is no real number but string'),
        (lambda p: {"total": "low"}, '"total" is no real number but string'),
        (lambda p: {"total": 3}, "does not depend on the picture"),
        (lambda p: {"total": 3.0}, "does not depend on the picture"),
        (lambda p: {"total": tf.reduce_sum(tf.constant(p.numpy()))}, "does not depend on the picture"),
    ],
)
def test_a_cost_that_cannot_work_is_told_in_one_sentence(returned, message, start):
    with pytest.raises(ValueError, match=message) as caught:
        paint(returned, start, iterations=2)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (
            np.zeros((H, W, 3)),
            r"\(1, height, width, 3\), and it has \(48, 64, 3\); .*reshape_and_normalize_image",
        ),
        (np.zeros((2, H, W, 3)), r"it has \(2, 48, 64, 3\)"),
        (np.full((1, H, W, 3), np.nan), "NaN"),
        ("images/lake.jpg", "it is of type str"),
        (None, r"it has \(\)"),
    ],
)
def test_a_start_that_is_no_picture_is_told_in_one_sentence(bad, message, cost):
    with pytest.raises(ValueError, match=message):
        paint(cost, bad, iterations=2)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"learning_rate": 0}, "learning_rate should be a number above 0, and it is 0"),
        ({"learning_rate": float("nan")}, "learning_rate should be a number above 0, and it is nan"),
        ({"learning_rate": "2"}, "learning_rate should be a number above 0, and it is '2'"),
        ({"learning_rate": None}, "learning_rate should be a number above 0, and it is None"),
        ({"learning_rate": np.ones((9, 9))}, "learning_rate should be a number above 0, and it is array"),
        ({"iterations": 2.5}, "iterations should be a whole number, 0 or more, and it is 2.5"),
        ({"iterations": "20"}, "iterations should be a whole number, 0 or more, and it is '20'"),
        ({"iterations": None}, "iterations should be a whole number, 0 or more, and it is None"),
        ({"iterations": -1}, "iterations should be a whole number, 0 or more, and it is -1"),
        ({"cost": {"total": 1.0}}, "cost should be a function of the picture, and it is of type dict"),
        ({"cost": None}, "cost should be a function of the picture, and it is None"),
        ({"callback": 20}, "callback should be a Monitor or a function .* it is of type int"),
    ],
)
def test_an_argument_that_cannot_work_is_told_in_one_sentence(bad, message, cost, start):
    with pytest.raises(ValueError, match=message) as caught:
        paint(**{"cost": cost, "start": start, **bad})
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_numbers_may_be_whole_or_come_from_numpy_and_tensorflow(cost, start):
    expected = paint(cost, start, iterations=2, learning_rate=2.0)
    for rate in (2, np.float32(2), tf.constant(2.0)):
        np.testing.assert_array_equal(paint(cost, start, iterations=np.int64(2), learning_rate=rate), expected)


def test_a_schedule_lowers_the_learning_rate_and_adam_remembers(cost, start):
    painted = paint(cost, start, iterations=6, schedule=[Phase(0, 3.0), Phase(3, 0.1)])
    np.testing.assert_allclose(painted, adam(cost, start, [3.0] * 3 + [0.1] * 3), atol=2e-3)


def test_pixels_stay_within_the_bounds_of_their_phase_and_no_longer(cost):
    start = np.linspace(-60, 60, H * W * 3, dtype=np.float32).reshape(1, H, W, 3)
    steps = []
    schedule = [Phase(0, 3.0, bounds=(-15, 20)), Phase(4, 8.0)]
    paint(cost, start, iterations=6, schedule=schedule, callback=record(steps))
    np.testing.assert_allclose(steps[0][1]["total"], cost(np.clip(start, -15, 20))["total"], rtol=1e-5)
    for _, _, picture in steps[:4]:
        assert picture.min() >= -15 and picture.max() <= 20
    assert steps[3][2].max() == 20, "some pixels lean on their bound"
    assert steps[-1][2].max() > 20


def test_bounds_may_come_late(cost):
    start = np.full((1, H, W, 3), 90.0, np.float32)
    steps = []
    paint(cost, start, iterations=4, schedule=[Phase(0, 1.0), Phase(2, 1.0, (-50, 50))], callback=record(steps))
    assert steps[1][2].min() > 80 and steps[2][2].max() <= 50


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ([], r"phases should start at 0 and then later and later, and they start at \[\]"),
        (3.0, r"schedule should be a list such as \[Phase\(0, 3.0, .* and it is 3.0"),
        ([3.0, 0.1], r"schedule should be a list such as"),
        ([(1, 3.0)], r"they start at \[1\]"),
        ([(0, 3.0), (5, 1.0), (5, 0.1)], r"they start at \[0, 5, 5\]"),
        ([(0, 3.0), (2.5, 1.0)], "The start of a phase should be a whole number, 0 or more, and it is 2.5"),
        ([(0, 3.0), (5, -1.0)], "learning_rate should be a number above 0, and it is -1.0"),
        ([(0, 3.0, 1.5)], "bounds of a phase should be a lowest and a highest value .* they are 1.5"),
        ([(0, 3.0, (1.5, -1.5))], r"they are \(1.5, -1.5\)"),
    ],
)
def test_a_schedule_that_cannot_work_is_told_in_one_sentence(schedule, message, cost, start):
    with pytest.raises(ValueError, match=message) as caught:
        paint(cost, start, iterations=2, schedule=schedule)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_a_cost_that_stops_being_finite_leaves_the_last_good_picture(start, tmp_path, printed):
    def falls_off_a_cliff(picture):
        # The pixels fall by about 2 a step; below a mean of -9 the logarithm is of a negative number.
        return {"total": tf.math.log(tf.reduce_mean(picture) + 9.0)}

    start = np.zeros_like(start)
    with Monitor(50, output=tmp_path, film=False) as monitor:
        painted = paint(falls_off_a_cliff, start, iterations=50, callback=monitor)
    out = printed()
    assert out.count("not a finite number any more at iteration 5") == 1
    assert "learning rate below 2.0" in out
    assert (painted > -9).all() and (painted < -7).all()  # four steps; the fifth one went too far
    np.testing.assert_array_equal(monitor.picture, painted)
    assert np.abs(picture_in(tmp_path / "generated_image.jpg") - to_rgb(painted)).max() <= 2


def test_a_start_without_a_finite_cost_is_told_in_one_sentence(start):
    with pytest.raises(ValueError, match=r"cost of the starting picture .* not a finite number"):
        paint(lambda p: {"total": tf.sqrt(tf.reduce_sum(p) - 1e9)}, start)


def test_an_interrupt_returns_the_picture_so_far(cost, start, printed):
    steps = []

    def interrupt_at_7(iteration, costs, picture):
        steps.append((iteration, picture.numpy()))
        if iteration == 7:
            raise KeyboardInterrupt

    painted = paint(cost, start, iterations=200, callback=interrupt_at_7)
    np.testing.assert_array_equal(painted, steps[-1][1])
    assert [iteration for iteration, _ in steps] == [*range(8), 7], "a callback that was interrupted is called again"
    assert printed() == "Interrupted at iteration 7 of 200; the picture so far is kept.\n"


def test_many_short_paintings_bring_no_warning(cost, start, caplog):
    for _ in range(12):
        paint(cost, start, iterations=1)
    assert "retracing" not in caplog.text


def test_an_interrupt_in_the_middle_of_a_step_returns_what_the_callback_was_told_of(cost, start, monkeypatch):
    steps = []
    apply = tf.keras.optimizers.Adam.apply

    def interrupted(self, *arguments):
        apply(self, *arguments)
        if len(steps) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(tf.keras.optimizers.Adam, "apply", interrupted)
    monkeypatch.setattr("nst.painting.adam._traced", lambda move, *specs: move)
    monkeypatch.setattr("nst.painting.measure._compiled", lambda measure: measure)
    painted = paint(cost, start, callback=record(steps))
    assert len(steps) == 3
    np.testing.assert_array_equal(painted, steps[-1][2])


# ----------------------------------------------------------------------------------------------------------- Monitor


def numbered(folder):
    return sorted(int(path.stem) for path in folder.glob("*.png"))


def test_the_monitor_saves_prints_and_remembers(cost, start, tmp_path, printed):
    with Monitor(50, output=tmp_path / "deep" / "er") as monitor:
        painted = paint(cost, start, iterations=50, callback=monitor)
    folder = tmp_path / "deep" / "er"
    assert {path.name for path in folder.iterdir()} == {
        "0.png", "20.png", "40.png", "generated_image.jpg", "film.gif", "film.mp4",
    }  # fmt: skip
    np.testing.assert_array_equal(monitor.picture, painted)
    assert [iteration for iteration, _ in monitor.history] == list(range(50))
    assert monitor.history[0][1] == pytest.approx({name: float(value) for name, value in cost(start).items()})

    lines = printed().splitlines()
    reports = [line for line in lines if line.startswith("iteration")]
    assert [int(line.split()[1]) for line in reports] == [0, 20, 40, 49]
    total, content, style = (f"{monitor.history[20][1][name]:.3e}" for name in ("total", "content", "style"))
    assert reports[1] == f"iteration 20   total {total}   content {content}   style {style}"
    assert f"The picture is in {folder / 'generated_image.jpg'}" in lines

    assert np.abs(picture_in(folder / "generated_image.jpg") - to_rgb(painted)).mean() < 3
    assert picture_in(folder / "20.png").shape == (H, W, 3)


def test_the_film_shows_the_whole_painting_and_holds_its_end(cost, start, tmp_path):
    with Monitor(300, output=tmp_path) as monitor:
        paint(cost, start, iterations=300, learning_rate=0.3, callback=monitor)
    frames, durations = frames_of(tmp_path / "film.gif")
    assert len(frames) == 39 and frames[0].shape == (H, W, 3)
    assert durations == [80] * 38 + [1000]
    assert np.abs(frames[0] - to_rgb(start)).mean() < 8
    assert np.abs(frames[-1] - to_rgb(monitor.picture)).mean() < 8

    count, seconds = imageio_ffmpeg.count_frames_and_secs(tmp_path / "film.mp4")
    assert count == 38 + 12
    assert seconds == pytest.approx(50 / 12, abs=0.1)
    about = next(imageio_ffmpeg.read_frames(tmp_path / "film.mp4"))
    assert about["size"] == (W, H) and about["codec"] == "h264" and about["pix_fmt"].startswith("yuv420p")


def test_the_film_takes_odd_sides_and_pictures_that_grow(tmp_path, cost):
    with Monitor(6, output=tmp_path) as monitor:
        for iteration, (height, width) in enumerate([(21, 33)] * 3 + [(41, 65)] * 3):
            monitor(iteration, {"total": 1.0}, np.full((1, height, width, 3), 9.0 * iteration))
    assert frames_of(tmp_path / "film.gif")[0][0].shape == (41, 65, 3)
    assert next(imageio_ffmpeg.read_frames(tmp_path / "film.mp4"))["size"] == (64, 40)
    assert picture_in(tmp_path / "generated_image.jpg").shape == (41, 65, 3)


def test_the_frames_in_memory_do_not_grow_with_the_number_of_iterations():
    frames = Frames(to_rgb)
    for value in range(3000):
        frames.add(np.full((1, 4, 4, 3), value / 15 - 100, np.float32))
        assert len(frames.kept) < 60
    values = [int(frame[0, 0, 0]) for frame in frames.with_the_last()]
    assert 30 < len(values) <= 60
    steps = np.diff(values[:-1])
    assert steps.max() - steps.min() <= 1, "evenly spaced, but for rounding"
    assert values[0] == 24 and values[-1] == 224  # 123.68 + value / 15 - 100 for the first and the last value


def test_a_monitor_shows_pictures_of_another_network(cost, tmp_path):
    """Where a picture is normalised in another way, `deprocess` turns it into colours, on disk and in the film."""

    def grey(picture):
        return np.full(np.shape(picture)[1:], 77, np.uint8)

    with Monitor(3, every=1, output=tmp_path, deprocess=grey) as monitor:
        paint(cost, np.zeros((1, H, W, 3)), iterations=3, callback=monitor)
    for name in ("0.png", "2.png", "generated_image.jpg"):
        assert abs(picture_in(tmp_path / name) - 77).max() <= 1
    assert all(abs(frame.astype(int) - 77).max() <= 3 for frame in frames_of(tmp_path / "film.gif")[0])


def test_large_pictures_are_filmed_at_a_moderate_size():
    frames = Frames(to_rgb)
    frames.add(np.zeros((1, 1200, 1600, 3), np.float32))
    assert frames.kept[0].shape == (480, 640, 3) and frames.kept[0].dtype == np.uint8


def test_without_ffmpeg_there_is_a_gif_and_one_line(cost, start, tmp_path, monkeypatch, printed):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "no-such-ffmpeg"))
    (tmp_path / "film.mp4").write_bytes(b"the film of an earlier painting")
    with Monitor(5, output=tmp_path) as monitor:
        paint(cost, start, iterations=5, callback=monitor)
    assert len(frames_of(tmp_path / "film.gif")[0]) >= 5
    assert not (tmp_path / "film.mp4").exists()
    assert [line for line in printed().splitlines() if "no film.mp4 without a working ffmpeg" in line]
    assert not list(tmp_path.glob(".unfinished*"))


def test_numbered_pictures_of_an_earlier_painting_go_and_other_files_stay(cost, start, tmp_path):
    Image.new("RGB", (4, 4), "red").save(tmp_path / "7777.png")
    (tmp_path / "12.png").write_bytes(b"no picture at all")
    (tmp_path / "notes.txt").write_text("keep me")
    for iterations in (60, 30):
        with Monitor(iterations, output=tmp_path, every=10, film=False) as monitor:
            paint(cost, start, iterations=iterations, callback=monitor)
    assert numbered(tmp_path) == [0, 10, 12, 20, 7777]
    assert (tmp_path / "notes.txt").read_text() == "keep me"


def test_a_run_that_never_starts_leaves_the_earlier_painting_alone(cost, start, tmp_path):
    with Monitor(30, output=tmp_path) as monitor:
        paint(cost, start, iterations=30, callback=monitor)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError), Monitor(30, output=tmp_path) as monitor:
        paint(lambda picture: None, start, callback=monitor)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert monitor.picture is None and monitor.history == []


def test_an_interrupt_in_a_loop_of_your_own_is_kept_in_the_block(cost, start, tmp_path, printed):
    picture = tf.Variable(start)
    with Monitor(100, output=tmp_path) as monitor:
        for iteration in range(100):
            costs = cost(picture)
            picture.assign(0.95 * picture)
            monitor(iteration, costs, picture)
            if iteration == 33:
                raise KeyboardInterrupt
    np.testing.assert_array_equal(monitor.picture, picture.numpy())
    assert len(monitor.history) == 34
    assert numbered(tmp_path) == [0, 20]
    assert len(frames_of(tmp_path / "film.gif")[0]) > 5
    assert picture_in(tmp_path / "generated_image.jpg").shape == (H, W, 3)
    out = printed()
    assert f"Interrupted at iteration 33; the picture so far is in {tmp_path / 'generated_image.jpg'}\n" in out
    assert "iteration  33   total" in out


def test_a_second_interrupt_while_saving_does_not_lose_the_picture(cost, start, tmp_path, monkeypatch, printed):
    save = monitoring.save_pixels

    def save_under_fire(path, pixels):
        if path.name == "generated_image.jpg":
            signal.raise_signal(signal.SIGINT)
        save(path, pixels)

    def film_under_fire(path, frames):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(monitoring, "save_pixels", save_under_fire)
    monkeypatch.setattr(monitoring, "save_gif", film_under_fire)
    with Monitor(100, output=tmp_path) as monitor:
        for iteration in range(5):
            monitor(iteration, cost(start), start)
        raise KeyboardInterrupt
    assert picture_in(tmp_path / "generated_image.jpg").shape == (H, W, 3)
    assert "The film was interrupted and is left out.\n" in printed()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not list(tmp_path.glob(".unfinished*"))


def test_another_exception_saves_the_picture_and_goes_on(cost, start, tmp_path, printed):
    with pytest.raises(ZeroDivisionError), Monitor(100, output=tmp_path) as monitor:
        for iteration in range(4):
            monitor(iteration, cost(start), start)
        _ = 1 / 0
    assert picture_in(tmp_path / "generated_image.jpg").shape == (H, W, 3)
    assert "Stopped by an error at iteration 3; the picture so far is in" in printed()


SCRIPT = """
import sys, time
import numpy as np
from nst.painting import Monitor, paint
from nst.quiet import tf

start = np.zeros((1, 48, 64, 3), np.float32)
def slow(iteration, costs, picture):
    monitor(iteration, costs, picture)
    time.sleep(0.02)
with Monitor(100_000, output=sys.argv[1]) as monitor:
    painted = paint(lambda p: {"total": tf.reduce_mean((p - 50.0) ** 2)}, start, iterations=100_000, callback=slow)
print("after the block", painted.shape, np.array_equal(painted, monitor.picture))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are sent to other processes on Linux and macOS only")
def test_control_c_in_a_terminal(tmp_path, root):
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 90
    while not (tmp_path / "20.png").exists() and script.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    script.send_signal(signal.SIGINT)
    out, err = script.communicate(timeout=60)
    assert script.returncode == 0
    assert err == ""
    assert "the picture so far is kept" in out
    assert "after the block (1, 48, 64, 3)" in out
    assert picture_in(tmp_path / "generated_image.jpg").shape == (H, W, 3)
    assert len(frames_of(tmp_path / "film.gif")[0]) > 5


@pytest.mark.parametrize("folder", ["a file in the way", "/proc/painting"])
def test_an_impossible_folder_is_told_at_the_start_and_nothing_is_lost(
    folder, cost, start, tmp_path, printed, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / folder  # which leaves an absolute path as it is
    if folder.parent == tmp_path:
        folder.write_text("not a folder")
    elif not Path("/proc/self").is_dir():
        pytest.skip("this system has no /proc, in which even root can make no folder")
    with Monitor(25, output=folder) as monitor:
        told = printed()
        paint(cost, start, iterations=25, callback=monitor)
    assert told.startswith(f"{folder} cannot be written to (") and told.count("\n") == 1
    assert str(monitor.folder) in told
    assert numbered(monitor.folder) == [0, 20]
    assert (monitor.folder / "generated_image.jpg").exists() and (monitor.folder / "film.gif").exists()
    assert f"The picture is in {monitor.folder}" in printed()


def test_a_folder_that_vanishes_on_the_way_is_told_once(cost, start, tmp_path, printed, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "painted"

    def spoil(iteration, costs, picture):
        if iteration == 25:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
        monitor(iteration, costs, picture)

    with Monitor(70, output=folder, film=False) as monitor:
        painted = paint(cost, start, iterations=70, callback=spoil)
    assert printed().count("cannot be written to") == 1
    assert numbered(monitor.folder) == [40, 60]
    assert (monitor.folder / "generated_image.jpg").exists()
    np.testing.assert_array_equal(monitor.picture, painted)


def test_a_full_disk_is_told_once_and_the_painting_goes_on(cost, start, tmp_path, monkeypatch, printed):
    def full(path, pixels):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(monitoring, "save_pixels", full)
    with Monitor(70, output=tmp_path, film=False) as monitor:
        painted = paint(cost, start, iterations=70, callback=monitor)
    out = printed()
    assert out.count("Nothing can be saved at the moment (No space left on device)") == 1
    assert "The picture is only in monitor.picture\n" in out
    np.testing.assert_array_equal(monitor.picture, painted)
    assert len(monitor.history) == 70


def test_room_that_is_made_meanwhile_is_used(cost, start, tmp_path, monkeypatch, printed):
    save = monitoring.save_pixels

    def full_for_a_while(path, pixels):
        if path.suffix == ".png":
            raise OSError(28, "No space left on device")
        save(path, pixels)

    monkeypatch.setattr(monitoring, "save_pixels", full_for_a_while)
    with Monitor(30, output=tmp_path, film=False) as monitor:
        paint(cost, start, iterations=30, callback=monitor)
    assert printed().endswith(f"The picture is in {tmp_path / 'generated_image.jpg'}\n")
    assert picture_in(tmp_path / "generated_image.jpg").shape == (H, W, 3)


def test_a_terminal_has_a_progress_bar_on_stdout(cost, start, tmp_path, printed, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with Monitor(12, output=tmp_path, film=False) as monitor:
        paint(cost, start, iterations=12, callback=monitor)
    bar = printed()
    assert "Painting: 100%" in bar and "12/12" in bar
    assert f"total {monitor.history[-1][1]['total']:.3e}" in bar


def test_the_picture_kept_is_a_copy(start, tmp_path):
    picture = start.copy()
    with Monitor(2, output=tmp_path, film=False) as monitor:
        monitor(0, {"total": 1.0}, picture)
        picture += 7
    np.testing.assert_array_equal(monitor.picture, start)


def test_a_picture_with_nan_is_never_taken(start, tmp_path, printed):
    with Monitor(5, output=tmp_path, film=False) as monitor:
        monitor(0, {"total": 2.0}, start)
        for iteration in range(1, 5):
            monitor(iteration, {"total": float("nan")}, np.full_like(start, np.nan))
    np.testing.assert_array_equal(monitor.picture, start)
    assert printed().count("NaN") == 1


def test_misuse_is_told_in_one_sentence(start):
    with pytest.raises(RuntimeError, match="works inside a with block"):
        Monitor(5)(0, {"total": 1.0}, start)


@pytest.mark.parametrize("name", ["iterations", "every"])
@pytest.mark.parametrize("value", [-1, 2.5, "20", None])
def test_a_monitor_counts_in_whole_numbers(name, value):
    message = f"{name} should be a whole number, . or more, and it is {value!r}"
    with pytest.raises(ValueError, match=message) as caught:
        Monitor(**{"iterations": np.int64(5), "every": np.int64(5), name: value})
    assert "\n" not in str(caught.value)


def test_a_monitor_cannot_print_every_zeroth_cost():
    with pytest.raises(ValueError, match="every should be a whole number, 1 or more, and it is 0"):
        Monitor(5, every=0)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (np.ones((3, 2)), r"an array of shape \(3, 2\)"),
        (tf.ones(1), r"an array of shape \(1,\)"),
        ("3.0", "of type str"),
        (None, "None"),
    ],
)
def test_a_cost_that_is_no_number_is_told_in_one_sentence_and_loses_nothing(value, found, start, tmp_path):
    message = f'every cost to be a single number, and "style" is {found}'
    with pytest.raises(ValueError, match=message) as caught, Monitor(5, output=tmp_path, film=False) as monitor:
        monitor(0, {"total": 1, "style": np.float32(2)}, start)
        monitor(1, {"total": tf.constant(1.0), "style": value}, start + 1)
    assert "\n" not in str(caught.value)
    assert monitor.history == [(0, {"total": 1.0, "style": 2.0})]
    np.testing.assert_array_equal(monitor.picture, start)
    assert (tmp_path / "generated_image.jpg").exists()


def test_a_missing_picture_is_told_in_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"expects a picture of shape .* it is None"), Monitor(5, output=tmp_path) as m:
        m(0, {"total": 1.0}, None)


def test_a_costs_argument_that_is_no_dictionary_is_told_in_one_sentence(start, tmp_path):
    message = r'a dictionary such as .*"total": J.*, and they are of type float'
    with pytest.raises(ValueError, match=message), Monitor(5, output=tmp_path) as monitor:
        monitor(0, 1.0, start)


# ----------------------------------------------------------------------------------------------------------- preview


def test_the_preview_shows_the_picture_and_a_curve_for_each_cost():
    pixels = np.full((30, 40, 3), (10, 200, 30), np.uint8)
    history = [(i, {"total": 1e9 * 0.9**i, "content": 1e3, "style": 1e6 * 0.8**i}) for i in range(50)]
    drawn = compose_preview(pixels, history, 200)
    assert drawn[0, 0, 3] == 0, "its ground is transparent"
    drawn = drawn[..., :3]
    assert (drawn == (10, 200, 30)).all(axis=-1).sum() > 0.9 * (2 * 400) * (2 * 300)
    right = drawn[:, drawn.shape[1] // 2 :]
    for colour in ("#2f77b0", "#c2552b"):
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (right == rgb).all(axis=-1).sum() > 100
    assert plt.get_fignums() == []


@pytest.mark.parametrize("shape", [(300, 40, 3), (30, 600, 3), (1, 1, 3)])
@pytest.mark.parametrize(
    "history",
    [
        [(0, {"total": 1.0})],
        [(0, {"total": -1.0, "style": 0.0}), (1, {"total": float("nan"), "style": float("inf")})],
        [(i, {f"cost {k}": 10.0**k for k in range(8)}) for i in range(3)],
        [(0, {"total": 5.0}), (1, {"other": 5.0})],
    ],
)
def test_the_preview_takes_any_picture_and_any_costs(shape, history):
    height, width, _ = compose_preview(np.zeros(shape, np.uint8), history, 0).shape
    assert 500 < height < 1000 and 800 < width < 2000


# ------------------------------------------------------------------------------------------------ in a real notebook

NOTEBOOK = """
import numpy as np, time
from nst.painting import Monitor, paint
from nst.quiet import tf

start = np.random.default_rng(0).uniform(-20, 20, (1, 48, 64, 3)).astype(np.float32)
def cost(picture):
    content = tf.reduce_mean((picture - 50.0) ** 2)
    return {"total": content, "content": content, "style": content / 3}
def slow(iteration, costs, picture):
    monitor(iteration, costs, picture)
    time.sleep(0.03)
with Monitor(200, output="painted") as monitor:
    picture = paint(cost, start, iterations=200, callback=slow)
"""


@pytest.mark.slow
def test_a_notebook_shows_one_preview_that_changes_in_place(tmp_path):
    path = tmp_path / "painting.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(NOTEBOOK.strip())]), path)
    updates = []

    class Listening(kernels.NotebookClient):
        def process_message(self, message, cell, cell_index):
            if message["msg_type"] == "update_display_data":
                updates.append(message["content"]["data"])
            return super().process_message(message, cell, cell_index)

    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(tmp_path)}}
    client = Listening(notebook, kernel_name="python3", resources=resources, timeout=120, coalesce_streams=True)
    client.execute(stderr=subprocess.DEVNULL)  # the kernel's own remarks before it can speak to a notebook

    assert kernels.outputs(notebook, "error") == []
    assert kernels.text(notebook, "stderr") == ""
    previews = [data["text/html"] for data in updates if "<img " in data["text/html"]]
    assert len(previews) >= 2
    shown = [
        output.data for output in notebook.cells[0].outputs if "<img " in output.get("data", {}).get("text/html", "")
    ]
    assert [data["text/html"] for data in shown] == previews[-1:]
    assert shown[0]["text/plain"].startswith("The painting after 200 steps, beside its costs so far: total ")
    bar = notebook.cells[0].outputs[0].data
    assert re.fullmatch(r"Painting: 200 of 200 in \d+ s", bar["text/plain"]), bar
    assert "<progress" not in bar["text/html"], "what is done is a line, not a full bar"
    kinds = [output.output_type for output in notebook.cells[0].outputs]
    assert kinds == ["display_data", "display_data", "stream"], "the bar, the preview, the costs"

    lines = kernels.text(notebook).splitlines()
    assert sum(line.startswith("iteration") for line in lines) == 11
    assert picture_in(tmp_path / "painted" / "generated_image.jpg").shape == (H, W, 3)
