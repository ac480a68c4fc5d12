"""SqueezeNet 1.1: its layers, its weights files, and what it says of files it can't use."""

import numpy as np
import pytest
from weights_files import random_squeezenet, random_weights, write_keras, write_squeezenet_keras

from nst import squeezenet
from nst.pretrained import MEANS, WeightsError
from nst.quiet import tf
from nst.squeezenet import (
    LAYERS,
    SHAPES,
    SqueezeNet,
    deprocess,
    load_image,
    load_squeezenet,
    preprocess,
    read_weights,
)
from nst_utils import PictureError


@pytest.fixture(scope="module")
def weights():
    return random_squeezenet()


def test_it_is_the_published_architecture(weights):
    assert sum(kernel.size + bias.size for kernel, bias in weights.values()) == 722_496
    found = SqueezeNet(weights).activations(np.zeros((1, 224, 224, 3), np.float32), LAYERS)
    assert list(found) == LAYERS and len(LAYERS) == 13
    # The sizes that PyTorch's squeezenet1_1 gives for 224 × 224.
    shapes = [(111, 64), (111, 64), (55, 64), (55, 128), (55, 128), (27, 128), (27, 256), (27, 256), (13, 256)]
    shapes += [(13, 384), (13, 384), (13, 512), (13, 512)]
    assert [tuple(x.shape) for x in found.values()] == [(1, side, side, width) for side, width in shapes]


@pytest.mark.parametrize("size", [(17, 17), (40, 31), (128, 128), (33, 50)])
def test_pooling_keeps_a_last_incomplete_window(weights, size):
    picture = np.random.default_rng(0).standard_normal((1, *size, 3)).astype(np.float32)
    found = SqueezeNet(weights).activations(picture, ["relu1", "pool1"])
    before, pooled = (found[name].numpy()[0] for name in ("relu1", "pool1"))
    expected = [-(-(side - 3) // 2) + 1 for side in before.shape[:2]]
    assert list(pooled.shape[:2]) == expected
    for i in range(expected[0]):
        for j in range(expected[1]):
            window = before[2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
            np.testing.assert_array_equal(pooled[i, j], window.max(axis=(0, 1)))


def test_a_fire_module_against_numpy(weights):
    picture = np.random.default_rng(1).standard_normal((1, 40, 31, 3)).astype(np.float32)
    found = SqueezeNet(weights).activations(picture, ["pool1", "fire2"])
    x = found["pool1"].numpy()[0]
    (squeeze, b), (one, b1), (three, b3) = (weights[f"fire2/{n}"] for n in ("squeeze1x1", "expand1x1", "expand3x3"))
    squeezed = np.maximum(x @ squeeze[0, 0] + b, 0)
    padded = np.pad(squeezed, [(1, 1), (1, 1), (0, 0)])
    height, width = squeezed.shape[:2]
    wide = sum(padded[i : i + height, j : j + width] @ three[i, j] for i in range(3) for j in range(3)) + b3
    expected = np.maximum(np.concatenate([squeezed @ one[0, 0] + b1, wide], axis=-1), 0)
    np.testing.assert_allclose(found["fire2"].numpy()[0], expected, rtol=1e-4, atol=1e-5)


def test_nothing_beyond_the_deepest_layer_is_computed(weights):
    some = {name: arrays for name, arrays in weights.items() if name == "conv1" or name.startswith("fire2")}
    found = SqueezeNet(some).activations(np.zeros((2, 64, 64, 3), np.float32), ["fire2"])
    assert found["fire2"].shape == (2, 15, 15, 128)


def test_preprocessing_is_pytorchs_and_comes_back(root):
    """torchvision's ToTensor and Normalize, by hand for one pixel, and a whole photograph there and back."""
    image = load_image(root / "images" / "lake_small.jpg", size=96)
    assert image.shape == (96, 128, 3) and image.dtype == np.uint8
    picture = preprocess(image)
    assert picture.shape == (1, 96, 128, 3) and picture.dtype == np.float32
    red, green, blue = image[5, 7].tolist()
    by_hand = [(red / 255 - 0.485) / 0.229, (green / 255 - 0.456) / 0.224, (blue / 255 - 0.406) / 0.225]
    np.testing.assert_allclose(picture[0, 5, 7], by_hand, rtol=1e-5)
    np.testing.assert_array_equal(deprocess(picture), image)
    np.testing.assert_array_equal(deprocess(tf.Variable(picture)), image)
    assert (deprocess(np.full((1, 4, 5, 3), 9.0)) == 255).all() and (deprocess(np.full((1, 4, 5, 3), -9.0)) == 0).all()


@pytest.mark.parametrize(
    ("function", "bad", "says"),
    [
        (preprocess, np.zeros((20, 20), np.uint8), "dtype uint8, and found uint8 of shape"),
        (preprocess, np.zeros((20, 20, 3)), "found float64 of shape"),
        (deprocess, np.zeros((20, 20, 3)), r"Expected a picture of shape \(1, height, width, 3\), and found"),
        (deprocess, np.full((1, 20, 20, 3), np.nan), "NaN or infinity"),
    ],
)
def test_what_is_no_picture_is_told_in_one_sentence(function, bad, says):
    with pytest.raises(PictureError, match=says) as caught:
        function(bad)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_unknown_layer():
    with pytest.raises(ValueError, match=r"^SqueezeNet has no layer 'fire1'"):
        load_squeezenet().activations(np.zeros((1, 64, 64, 3), np.float32), ["fire1"])


@pytest.mark.parametrize(
    "picture",
    [np.zeros((1, 16, 40, 3), np.float32), np.zeros((40, 40, 3), np.float32), np.zeros((1, 40, 40, 3), np.uint8)],
)
def test_a_picture_it_cannot_take(picture):
    with pytest.raises(ValueError, match=r"^SqueezeNet takes float32 pictures"):
        load_squeezenet().activations(picture, ["relu1"])


def test_keras_file_gives_the_function_it_was_trained_as(weights, tmp_path):
    """Keras's file expects BGR, 0-255, Caffe's mean; the loaded network gives the same for PyTorch's preprocessing."""
    path = write_squeezenet_keras(tmp_path / "weights.h5", weights)
    rgb = np.random.default_rng(2).integers(0, 256, (1, 50, 60, 3)).astype(np.float32)
    caffe = (rgb - np.float32(MEANS))[..., ::-1]
    kernel, bias = weights["conv1"]
    expected = tf.nn.relu(tf.nn.conv2d(caffe, kernel, strides=2, padding="VALID") + bias)
    found = load_squeezenet(path).activations((rgb / 255 - squeezenet.MEAN) / squeezenet.STD, ["relu1"])["relu1"]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * float(tf.reduce_max(expected)))


def test_real_weights_see_a_photograph(real_data, root):
    from nst_utils import load_image

    model = load_squeezenet(real_data / "squeezenet1_1_notop.h5")
    picture = load_image(root / "images" / "lake_small.jpg")[None] / np.float32(255)
    found = model.activations((picture - squeezenet.MEAN) / squeezenet.STD, LAYERS)
    flat = model.activations((np.full_like(picture, 0.5) - squeezenet.MEAN) / squeezenet.STD, LAYERS)
    for layer in LAYERS[1:]:
        assert np.isfinite(found[layer]).all()
        assert np.std(found[layer]) > 0.2 * np.std(flat[layer])
    # Trained on this preprocessing, most of its last features are silent and some are sure.
    assert np.mean(found["fire9"].numpy() == 0) > 0.6


def test_embedded_file_is_small_and_whole():
    assert squeezenet.EMBEDDED.stat().st_size < 1.5e6
    with np.load(squeezenet.EMBEDDED, allow_pickle=False) as file:
        assert all(file[key].dtype == np.float16 for key in file.files)
    weights = read_weights(squeezenet.EMBEDDED)
    assert {name: kernel.shape for name, (kernel, _) in weights.items()} == SHAPES
    assert all(kernel.dtype == bias.dtype == np.float32 for kernel, bias in weights.values())


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda w: w.pop("fire5/expand3x3"), "expected a kernel of shape .* for fire5/expand3x3, found none"),
        (lambda w: w.update({"conv1": (w["conv1"][0][:, :, :2], w["conv1"][1])}), r"found \(3, 3, 2, 64\)"),
        (lambda w: w.update({"conv1": (w["conv1"][0] * np.nan, w["conv1"][1])}), "NaN or infinity among .* conv1"),
    ],
)
def test_a_file_that_is_no_squeezenet(weights, tmp_path, spoil, sentence):
    from weights_files import write_npz

    spoilt = dict(weights)
    spoil(spoilt)
    with pytest.raises(WeightsError, match=sentence):
        read_weights(write_npz(tmp_path / "weights.npz", spoilt))


def test_another_network_in_keras_layout(tmp_path):
    with pytest.raises(WeightsError, match=r"holds another network than SqueezeNet 1\.1"):
        read_weights(write_keras(tmp_path / "vgg.h5", random_weights()))


def test_a_missing_or_damaged_file(tmp_path):
    with pytest.raises(WeightsError, match="is a folder"):
        read_weights(tmp_path)
    with pytest.raises(WeightsError, match="There is no weights file"):
        read_weights(tmp_path / "none.npz")
    for name, content in (("cut.h5", b"\x89HDF\r\n\x1a\n"), ("text.npz", b"hello"), ("empty.npz", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(WeightsError, match="cannot be read as SqueezeNet's weights"):
            read_weights(tmp_path / name)
