"""The fast ways of painting: L-BFGS, sizes from coarse to fine, XLA, and a painting that is stopped and resumed."""

import itertools

import numpy as np
import pytest
import scipy.optimize

from nst.painting import Monitor, Phase, paint, paint_scales, scales
from nst.quiet import tf
from nst_utils import load_vgg_model

H, W = 48, 64


@pytest.fixture
def start():
    return np.random.default_rng(1).uniform(-20, 20, (1, H, W, 3)).astype(np.float32)


def goal(height, width):
    """A smooth picture, the same one in every size."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    y, x = y * H / height, x * W / width
    return np.stack([x, y + 20, 40 - x], axis=-1)[None].astype(np.float32)


def bowl(size=(H, W)):
    """A cost that is lowest at `goal`, steep in green and flat in blue: no step length suits all colours."""
    wanted, steepness = goal(*size), np.array([1.0, 20.0, 0.05], np.float32)

    def cost(picture):
        content = tf.reduce_mean(steepness * (picture - wanted) ** 2)
        return {"total": content, "content": content}

    return cost


@pytest.fixture(scope="module")
def make_style_cost():
    """A function of a size that returns the style cost of one layer for `goal`: a cost of the fourth degree."""
    model = load_vgg_model()

    def gram(picture):
        activation = tf.reshape(model.activations(picture, ["conv2_1"])["conv2_1"], [-1, 48])
        return tf.matmul(activation, activation, transpose_a=True) / activation.shape[0]

    def make_cost(size):
        target = gram(goal(*size))
        return lambda picture: {"total": tf.reduce_sum((gram(picture) - target) ** 2)}

    return make_cost


@pytest.fixture(scope="module")
def style_cost(make_style_cost):
    return make_style_cost((H, W))


def record(into):
    return lambda iteration, costs, picture: into.append((iteration, float(costs["total"]), picture.numpy()))


# ------------------------------------------------------------------------------------------------------------ L-BFGS


def test_lbfgs_finds_the_lowest_picture_of_a_bowl(start):
    painted = paint(bowl(), start, iterations=60, method="lbfgs")
    assert painted.shape == start.shape and painted.dtype == np.float32
    np.testing.assert_allclose(painted, goal(H, W), atol=0.1)


def test_lbfgs_needs_a_third_of_adams_steps(style_cost, start):
    adam, lbfgs = [], []
    paint(style_cost, start, iterations=120, callback=record(adam))
    paint(style_cost, start, iterations=40, method="lbfgs", callback=record(lbfgs))
    assert min(total for _, total, _ in lbfgs) < min(total for _, total, _ in adam)


def test_lbfgs_gets_as_low_as_scipys(style_cost, start):
    """The same method in double precision, from a library that many have looked at."""
    # SciPy's first step has length 1: in these units that is a step as long as ours.
    unit = 2.0 * np.sqrt(start.size)

    def evaluate(z):
        picture = tf.Variable((z * unit).reshape(start.shape).astype(np.float32))
        with tf.GradientTape() as tape:
            total = style_cost(picture)["total"]
        return float(total), tape.gradient(total, picture).numpy().ravel().astype(np.float64) * unit

    begin, method = start.ravel() / unit, {"method": "L-BFGS-B", "options": {"maxfun": 40, "ftol": 0, "gtol": 0}}
    before, steepness = evaluate(begin)[0], np.linalg.norm(evaluate(begin)[1])
    found = scipy.optimize.minimize(lambda z: [part / steepness for part in evaluate(z)], begin, jac=True, **method)
    ours = []
    paint(style_cost, start, iterations=40, method="lbfgs", callback=record(ours))
    assert ours[-1][1] < 1.5 * found.fun * steepness < 0.01 * before


@pytest.mark.parametrize("factor", [1e-14, 1e14])
def test_lbfgs_does_not_mind_how_large_the_costs_are(factor, start):
    cost = bowl()
    painted = paint(lambda p: {"total": factor * cost(p)["total"]}, start, iterations=60, method="lbfgs")
    np.testing.assert_allclose(painted, goal(H, W), atol=0.1)


def test_lbfgs_shows_the_costs_of_the_very_picture_and_they_only_fall(style_cost, start):
    steps = []
    painted = paint(style_cost, start, iterations=25, method="lbfgs", callback=record(steps))
    numbers, totals = [step[0] for step in steps], [step[1] for step in steps]
    assert all(earlier < later for earlier, later in itertools.pairwise(numbers)) and numbers[-1] == 24
    assert all(earlier >= later for earlier, later in itertools.pairwise(totals))
    np.testing.assert_array_equal(steps[-1][2], painted)
    for _, total, picture in (steps[0], steps[-1]):
        np.testing.assert_allclose(style_cost(tf.constant(picture))["total"], total, rtol=1e-4)


@pytest.mark.parametrize("number", [1, 2, 7])
def test_lbfgs_evaluates_the_cost_as_often_as_it_is_told_to(number, style_cost, start):
    counter = tf.Variable(0)

    def counted(picture):
        with tf.control_dependencies([counter.assign_add(1)]):
            return {"total": tf.identity(style_cost(picture)["total"])}

    paint(counted, start, iterations=number, method="lbfgs")
    assert counter.numpy() == number


def test_lbfgs_keeps_to_the_bounds_of_each_phase(start):
    steps = []
    schedule = [Phase(0, 2.0, bounds=(-15, 20)), Phase(10, 2.0)]
    paint(bowl(), start * 3, iterations=30, method="lbfgs", schedule=schedule, callback=record(steps))
    bounded = [picture for number, _, picture in steps if number < 10]
    assert bounded and all(picture.min() >= -15 and picture.max() <= 20 for picture in bounded)
    assert bounded[-1].max() == 20, "some pixels lean on their bound"
    assert steps[-1][2].max() > 50


def test_lbfgs_stops_early_where_nothing_falls_any_more(start):
    steps = []
    painted = paint(bowl(), goal(H, W), iterations=50, method="lbfgs", callback=record(steps))
    np.testing.assert_allclose(painted, goal(H, W), atol=1e-3)
    assert len(steps) < 5


def test_lbfgs_returns_the_picture_so_far_when_interrupted(style_cost, start, capsys):
    steps = []

    def interrupt(iteration, costs, picture):
        steps.append(picture.numpy())
        if len(steps) == 4:
            raise KeyboardInterrupt

    painted = paint(style_cost, start, iterations=60, method="lbfgs", callback=interrupt)
    np.testing.assert_array_equal(painted, steps[-1])
    assert "of 60; the picture so far is kept." in capsys.readouterr().out


@pytest.mark.parametrize("method", ["adam", "lbfgs"])
def test_an_interrupt_before_the_callback_took_note_leaves_it_no_picture_behind(method, style_cost, start):
    noted = []

    def interrupt(iteration, costs, picture):
        if len(noted) == 4:
            noted.append(None)
            raise KeyboardInterrupt
        noted.append(picture.numpy())

    painted = paint(style_cost, start, iterations=60, method=method, callback=interrupt)
    np.testing.assert_array_equal(painted, noted[-1])


def test_lbfgs_paints_with_a_cost_that_cannot_be_compiled(start, capsys):
    cost = bowl()
    painted = paint(lambda p: cost(p) | {"content": cost(p)["total"].numpy()}, start, iterations=40, method="lbfgs")
    np.testing.assert_allclose(painted, goal(H, W), atol=1)
    assert "cannot be compiled" in capsys.readouterr().out


def test_lbfgs_keeps_the_lowest_picture_of_a_cost_that_stops_being_finite(start, capsys):
    def falls_off_a_cliff(picture):
        return {"total": tf.math.log(tf.reduce_mean(picture) + 9.0)}

    painted = paint(falls_off_a_cliff, np.zeros_like(start), iterations=50, method="lbfgs")
    assert "not a finite number any more" in capsys.readouterr().out
    assert -9 < painted.mean() < -1
    with pytest.raises(ValueError, match=r"cost of the starting picture .* not a finite number"):
        paint(falls_off_a_cliff, start * 0 - 10, iterations=5, method="lbfgs")


def test_a_method_that_is_not_there_is_told_in_one_sentence(start):
    with pytest.raises(ValueError, match='method should be "adam" or "lbfgs", and it is \'sgd\''):
        paint(bowl(), start, method="sgd")


# ---------------------------------------------------------------------------------------------------- coarse to fine


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((60, 80), [(60, 80)]),
        ((150, 200), [(150, 200)]),
        ((301, 400), [(150, 200), (301, 400)]),
        ((1000, 1500), [(125, 188), (250, 375), (500, 750), (1000, 1500)]),
    ],
)
def test_sizes_double_from_the_smallest_that_the_network_can_see(size, expected):
    assert scales(size) == expected


def test_coarse_to_fine_paints_every_size_once_and_counts_through(start, tmp_path):
    made, steps = [], []

    def make_cost(size):
        made.append(size)
        return bowl(size)

    painted = paint_scales(
        make_cost, start, iterations=[12, 8, 4], sizes=[(12, 16), (24, 32), (H, W)], callback=record(steps)
    )
    assert made == [(12, 16), (24, 32), (H, W)]
    numbers = [number for number, _, _ in steps]
    assert numbers == sorted(set(numbers)) and numbers[-1] == 23
    shapes = [picture.shape[1:3] for _, _, picture in steps]
    assert shapes[0] == (12, 16) and shapes[-1] == (H, W)
    assert painted.shape == start.shape
    np.testing.assert_array_equal(painted, steps[-1][2])


def test_coarse_to_fine_is_nearer_after_the_same_few_full_steps(make_style_cost):
    size, half = (2 * H, 2 * W), (H, W)
    start = np.random.default_rng(2).uniform(-20, 20, (1, *size, 3)).astype(np.float32)
    cost = make_style_cost(size)
    at_once = paint(cost, start, iterations=6, method="lbfgs")
    in_two = paint_scales(make_style_cost, start, iterations=[15, 6], sizes=[half, size])
    assert cost(tf.constant(in_two))["total"] < cost(tf.constant(at_once))["total"]


def test_an_interrupt_at_a_coarse_size_returns_a_picture_of_full_size(start, tmp_path, capsys):
    with Monitor(40, output=tmp_path, film=True, every=5) as monitor:

        def interrupt(iteration, costs, picture):
            monitor(iteration, costs, picture)
            if iteration >= 5:
                raise KeyboardInterrupt

        painted = paint_scales(bowl, start, iterations=20, sizes=[(24, 32), (H, W)], callback=interrupt)
    assert painted.shape == start.shape
    assert "of 20; the picture so far is kept." in capsys.readouterr().out
    assert (tmp_path / "generated_image.jpg").exists() and (tmp_path / "film.gif").exists()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"sizes": [(24, 32)]}, r"ends with the start's, \(48, 64\)"),
        ({"iterations": [5, 5, 5], "sizes": [(24, 32), (H, W)]}, r"one number or 2, one a size, and it is \[5, 5, 5\]"),
        ({"iterations": -1}, "iterations should be a whole number, 0 or more, and it is -1"),
        ({"bounds": (2, 1)}, "bounds of a phase"),
        ({"make_cost": lambda size: {"total": 1.0}}, "cost should be a function of the picture"),
    ],
)
def test_sizes_that_cannot_work_are_told_in_one_sentence(bad, message, start):
    with pytest.raises(ValueError, match=message):
        paint_scales(**{"make_cost": bowl, "start": start, **bad})


# --------------------------------------------------------------------------------------------------- stop and resume


def stop_at(number):
    def callback(iteration, costs, picture):
        if iteration >= number:
            raise KeyboardInterrupt

    return callback


def test_adam_stopped_and_resumed_paints_the_same_picture_as_in_one_go(style_cost, start, tmp_path, capsys):
    schedule = [Phase(0, 3.0, bounds=(-60, 60)), Phase(8, 0.5)]
    whole = paint(style_cost, start, iterations=14, schedule=schedule)
    for number in (4, 9):
        paint(style_cost, start, iterations=14, schedule=schedule, saved=tmp_path / "a.npz", callback=stop_at(number))
    steps = []
    resumed = paint(
        style_cost, start, iterations=14, schedule=schedule, saved=tmp_path / "a.npz", callback=record(steps)
    )
    assert "Going on from iteration 10" in capsys.readouterr().out
    assert [number for number, _, _ in steps] == [10, 11, 12, 13]
    np.testing.assert_array_equal(resumed, whole)


def test_a_finished_painting_is_there_at_once_and_can_be_taken_further(style_cost, start, tmp_path):
    whole = paint(style_cost, start, iterations=9)
    first = paint(style_cost, start, iterations=5, saved=tmp_path / "a.npz")
    steps = []
    again = paint(style_cost, start, iterations=5, saved=tmp_path / "a.npz", callback=record(steps))
    np.testing.assert_array_equal(again, first)
    assert steps == []
    np.testing.assert_array_equal(paint(style_cost, start, iterations=9, saved=tmp_path / "a.npz"), whole)


def test_lbfgs_goes_on_from_where_it_stopped(style_cost, start, tmp_path):
    paint(style_cost, start, iterations=30, method="lbfgs", saved=tmp_path / "l.npz", callback=stop_at(12))
    steps = []
    painted = paint(style_cost, start, iterations=30, method="lbfgs", saved=tmp_path / "l.npz", callback=record(steps))
    stopped = float(style_cost(tf.constant(np.load(tmp_path / "l.npz")["picture"]))["total"])
    assert steps[0][0] >= 13 and steps[-1][0] == 29
    assert float(style_cost(tf.constant(painted))["total"]) <= stopped < float(style_cost(tf.constant(start))["total"])


@pytest.mark.parametrize("number", [3, 14])
def test_a_painting_of_two_sizes_goes_on_at_the_size_where_it_stopped(number, start, tmp_path):
    sizes, made = [(24, 32), (H, W)], []

    def make_cost(size):
        made.append(size)
        return bowl(size)

    options = {"iterations": 10, "sizes": sizes, "method": "adam", "saved": tmp_path / "s.npz"}
    whole = paint_scales(bowl, start, **(options | {"saved": None}))
    paint_scales(bowl, start, callback=stop_at(number), **options)
    resumed = paint_scales(make_cost, start, **options)
    np.testing.assert_array_equal(resumed, whole)
    assert made == (sizes if number < 10 else sizes[1:])


def test_a_state_is_plain_arrays(start, tmp_path):
    paint(bowl(), start, iterations=2, saved=tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert file["picture"].shape == start.shape and file["iteration"] == 2


def test_the_state_of_another_painting_is_refused(start, tmp_path):
    paint(bowl(), start, iterations=2, saved=tmp_path / "a.npz")
    for other in ({"start": start + 1}, {"method": "lbfgs"}, {"start": start[:, 1:]}):
        with pytest.raises(ValueError, match=r"a\.npz holds another painting .*; delete it to begin anew"):
            paint(**{"cost": bowl(), "start": start, "iterations": 2, "saved": tmp_path / "a.npz", **other})
    (tmp_path / "b.npz").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"b\.npz should be the saved state of a painting, and it is not"):
        paint(bowl(), start, iterations=2, saved=tmp_path / "b.npz")


def test_a_state_that_cannot_be_written_stops_no_painting(start, tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    told = []

    def listen(*_):
        told.append(capsys.readouterr().out)

    painted = paint(bowl(), start, iterations=3, saved=tmp_path / "file" / "a.npz", callback=listen)
    np.testing.assert_array_equal(painted, paint(bowl(), start, iterations=3))
    assert told[0].startswith("The state of the painting cannot be saved (") and told[1:] == ["", ""]
    assert capsys.readouterr().out == ""


# --------------------------------------------------------------------------------------------------------------- XLA


def test_with_xla_the_picture_is_the_same(start):
    compiled = paint(bowl(), start, iterations=5, xla=True)
    np.testing.assert_allclose(compiled, paint(bowl(), start, iterations=5), atol=1e-3)


def test_what_xla_cannot_compile_is_painted_without_it(start, capsys):
    cost = bowl()

    def with_text(picture):
        return cost(picture) | {"content": tf.strings.to_number(tf.strings.as_string(cost(picture)["content"]))}

    painted = paint(with_text, start, iterations=5, xla=True)
    np.testing.assert_allclose(painted, paint(cost, start, iterations=5), atol=1e-3)
    assert "XLA cannot compile this cost" in capsys.readouterr().out
