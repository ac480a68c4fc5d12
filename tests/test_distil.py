"""tools/training/distil.py at a small size: crops of 64 × 64, teachers with random weights, a handful of steps."""

import argparse
import json

import numpy as np
import pytest
from PIL import Image

from nst.networks import squeezenet
from nst.pictures import MEANS
from nst.quiet import tf
from nst.weights.vgg19 import CONVOLUTIONS
from nst_utils import VGG, load_vgg_model
from tests.support.weights_files import random_squeezenet, random_weights, write_npz, write_squeezenet_keras
from tools.training import distil, easel, settings
from tools.training import school as school_module
from tools.training.distil import print_bounds
from tools.training.export import MEAN_ACTIVATION, balanced_squeezenet, balanced_vgg
from tools.training.lesson import Lesson
from tools.training.photographs import centre_crops, find_photos, random_crop, read_photos
from tools.training.school import School
from tools.training.students import StudentVGG
from tools.training.teachers import GRID, SQUEEZENET_LAYERS, for_squeezenet, sampled

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def small():
    """Smaller crops, and a short painting at every second step.

    TensorFlow's graphs cost more than a handful of steps: only the training that runs from beginning to end makes them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SIZE", 64)
        patch.setattr(school_module, "PAINT_EVERY", 2)
        patch.setattr(easel, "STAGES", (1, 2, 4))
        tf.config.run_functions_eagerly(True)
        yield
        tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    """Photographs and teachers, as the command line would name them."""
    folder = tmp_path_factory.mktemp("distil")
    (folder / "photos").mkdir()
    rng = np.random.default_rng(0)
    for i in range(21):
        small = rng.integers(0, 256, (6, 8, 3)).astype(np.uint8)
        Image.fromarray(small).resize((80 + i, 70), Image.Resampling.BICUBIC).save(folder / "photos" / f"{i:02}.png")
    return argparse.Namespace(
        photos=folder / "photos",
        vgg=write_npz(folder / "vgg.npz", random_weights("conv3_4")),
        squeezenet=write_squeezenet_keras(folder / "squeezenet.h5", random_squeezenet()),
        students=["vgg", "squeezenet"],
        steps=6,
        rate=3e-3,
        seed=1,
        buffer=24,
        log_every=3,
        save_minutes=60,
        work=folder / "work",
        output=folder / "output",
    )


@pytest.fixture(scope="module")
def school(options):
    return School(options)


def changed(options, **values):
    return argparse.Namespace(**(vars(options) | values))


def test_every_twentieth_photograph_is_held_out(options):
    training, held_out = find_photos(options.photos)
    assert [path.name for path in held_out] == ["00.png", "20.png"]
    assert len(training) == 19 and not set(training) & set(held_out)


def test_too_few_photographs(tmp_path):
    with pytest.raises(SystemExit, match="at least 20 photographs, and 0 were found"):
        find_photos(tmp_path)


def test_teachers_that_are_missing(options):
    with pytest.raises(SystemExit, match="ends at conv3_4, so SqueezeNet must stand in"):
        School(changed(options, squeezenet=None, students=["vgg"]))
    whole = write_npz(options.photos.parent / "whole.npz", random_weights("conv5_4"))
    with pytest.raises(SystemExit, match="The student SqueezeNet needs its teacher"):
        School(changed(options, vgg=whole, squeezenet=None))
    alone = School(changed(options, vgg=whole, squeezenet=None, students=["vgg"]))
    assert alone.wanted == {f"vgg/{layer}" for layer in CONVOLUTIONS}


@pytest.mark.parametrize("size", [(50, 70), (64, 64), (3000, 40)])
def test_photographs_are_brought_to_a_usable_size(tmp_path, size):
    path = tmp_path / "photo.png"
    Image.new("RGB", size).save(path)
    (photo,) = read_photos([path])
    assert min(photo.size) >= 64
    assert centre_crops([photo]).shape == (1, 64, 64, 3)


def test_crops_differ_and_come_back_with_the_seed(school):
    crops = [random_crop(school.photos, np.random.default_rng(seed)) for seed in (5, 6, 5)]
    assert crops[0].shape == (64, 64, 3) and crops[0].dtype == np.uint8
    assert not np.array_equal(crops[0], crops[1])
    np.testing.assert_array_equal(crops[0], crops[2])


@pytest.mark.parametrize("row, column", [(24, 24), (40, 16), (20, 37)])
def test_squeezenet_stands_in_at_the_same_place(school, row, column):
    """A spot changes conv4's and conv5's stand-ins around the place where VGG-19 itself would change."""
    plain = np.full((1, 64, 64, 3), 120, np.uint8)
    spotted = plain.copy()
    spotted[0, row - 1 : row + 2, column - 1 : column + 2] = 255
    before, after = (school.teachers.features(x) for x in (plain, spotted))
    for layer, stride in (("conv3_1", 4), ("conv4_1", 8), ("conv5_1", 16)):
        one, other = (x[f"vgg/{layer}"].numpy().astype(float)[0] for x in (before, after))
        change = np.square(other - one).sum(axis=-1)
        step = stride * 2 if layer == "conv3_1" else stride  # of conv3_1 every second position is sampled
        first = (stride - 1) / 2 + (stride if layer == "conv3_1" else 0)
        places = first + step * np.arange(len(change))
        centre = change.sum(axis=1) @ places / change.sum(), change.sum(axis=0) @ places / change.sum()
        np.testing.assert_allclose(centre, (row, column), atol=0.45 * step, err_msg=layer)


def test_folded_weights_are_the_same_network(school):
    lesson = school.lessons["vgg"]
    pictures = school.held_out.astype(np.float32)
    lesson.student.learning = True
    for _ in range(10):
        lesson.student.look(pictures, ["conv5_4"])
    lesson.student.learning = False
    names = list(lesson.student.targets)
    expected = lesson.student.look(pictures, names)
    found = VGG(lesson.student.folded()).activations(pictures - np.float32(MEANS), names)
    for name in names:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-3, atol=1e-3, err_msg=name)


def test_balancing_scales_layers_and_nothing_else(school):
    student = school.lessons["vgg"].student
    pictures = school.held_out.astype(np.float32)
    balanced = VGG(balanced_vgg(student, school.held_out))
    names = list(student.targets)
    found, before = balanced.activations(pictures - np.float32(MEANS), names), student.look(pictures, names)
    for name in names:
        np.testing.assert_allclose(np.mean(found[name]), MEAN_ACTIVATION, rtol=1e-3)
        factor = MEAN_ACTIVATION / np.mean(before[name])
        np.testing.assert_allclose(found[name], before[name] * factor, rtol=1e-2, atol=1e-2, err_msg=name)

    small = squeezenet.SqueezeNet(
        balanced_squeezenet(school.lessons["squeezenet"].student, school.held_out, school.teachers.squeezenet)
    )
    ours = small.activations(for_squeezenet(pictures), SQUEEZENET_LAYERS)
    theirs = school.teachers.squeezenet.activations(for_squeezenet(pictures), SQUEEZENET_LAYERS)
    for name in SQUEEZENET_LAYERS:
        np.testing.assert_allclose(np.mean(ours[name] ** 2), np.mean(theirs[name] ** 2), rtol=1e-2, err_msg=name)


def test_a_turned_copy_of_the_student_leaves_nothing_unexplained():
    """The measure itself: an orthogonal map of the student's features is explained, and has its inner products."""
    rng = np.random.default_rng(3)
    lesson = Lesson(StudentVGG(rng))
    crops = rng.integers(0, 256, (8, 64, 64, 3)).astype(np.uint8)
    own = lesson.student.look(crops.astype(np.float32), list(lesson.student.targets))
    turned, scrambled = {}, {}
    for layer, x in own.items():
        rotation = np.linalg.qr(rng.standard_normal((x.shape[-1], x.shape[-1])))[0].astype(np.float32)
        features = sampled(x, GRID[layer]) @ rotation
        turned[f"vgg/{layer}"] = features
        scrambled[f"vgg/{layer}"] = tf.reverse(features, axis=[1])
    scales = {name: tf.constant(np.var(x, axis=(0, 1, 2)).mean()) for name, x in turned.items()}
    seed = tf.constant([0, 0])
    for targets, explained in ((turned, True), (scrambled, False)):
        lesson.prepare({name: x.numpy() for name, x in targets.items()})
        unexplained, mismatch = lesson.losses(crops, targets, scales, seed)
        for (layer, _), share in unexplained.items():
            if explained:
                assert share < 0.01 and mismatch[layer, f"vgg/{layer}"] < 1e-4, layer
            elif layer < "conv4":  # deeper, eight crops of 64 × 64 have too few positions to tell
                assert share > 0.3, layer


def test_bounds_fall_with_the_width(options, capsys):
    print_bounds(options)
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()[1:]}
    bounds = [float(share.rstrip("%")) for share in rows["vgg/conv2_1"]]
    assert len(bounds) == 9 and bounds == sorted(bounds, reverse=True) and abs(bounds[-1]) < 0.1


def test_training_explains_more_and_can_be_continued(options, capsys):
    straight = changed(options, work=options.work / "straight", output=options.work / "straight-out")
    tf.config.run_functions_eagerly(False)
    distil.train(straight)
    tf.config.run_functions_eagerly(True)
    rows = [json.loads(line) for line in (straight.work / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [3, 6]
    assert set(rows[-1]["held_out"]) == {"vgg", "squeezenet"}
    for name in ("vgg", "squeezenet"):
        before, after = (sum(share for share, _ in row["held_out"][name].values()) for row in rows)
        assert after < 0.9 * before, name

    # What comes out is what the course loads.
    network = load_vgg_model(straight.output / "vgg19-distilled.npz")
    assert network.layers[-1] == "avgpool5"
    squeezenet.load_squeezenet(straight.output / "squeezenet1_1-distilled.npz")

    # Stopped in the middle and called again, it arrives at the same weights. Without graphs, whose rounding is another.
    straight = changed(options, work=options.work / "eager", output=options.work / "eager-out")
    distil.train(straight)
    broken = changed(straight, work=options.work / "broken", output=options.work / "broken-out")
    one_step = School.one_step

    def stop_at_three(school):
        if school.step == 3 and not (broken.work / "checkpoint.npz").exists():
            school.save(broken.work / "checkpoint.npz")
            raise KeyboardInterrupt
        return one_step(school)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(School, "one_step", stop_at_three)
        with pytest.raises(KeyboardInterrupt):
            distil.train(broken)
        distil.train(broken)
    assert "Going on from step 3." in capsys.readouterr().out
    with pytest.raises(SystemExit, match="is of another training"):
        distil.train(changed(broken, seed=2))
    for name in ("vgg19-distilled.npz", "squeezenet1_1-distilled.npz"):
        with np.load(straight.output / name) as one, np.load(broken.output / name) as other:
            for key in one.files:
                scale = np.abs(one[key].astype(float)).max()
                np.testing.assert_allclose(other[key], one[key], atol=0.02 * scale, err_msg=f"{name} {key}")
