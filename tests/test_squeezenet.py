"""SqueezeNet 1.1: its layers, its weights files, and what it says of files it can't use."""

import numpy as np
import pytest

from nst.networks import squeezenet
from nst.networks.squeezenet import (
    CAFFE_STRENGTH,
    LAYERS,
    SHAPES,
    SqueezeNet,
    deprocess,
    load_image,
    load_squeezenet,
    preprocess,
    read_weights,
)
from nst.pictures import MEANS
from nst.quiet import tf
from nst.weights.files import WeightsError
from nst_utils import PictureError
from tests.support.weights_files import (
    random_squeezenet,
    random_weights,
    torch_state,
    write_keras,
    write_npz,
    write_squeezenet_keras,
    write_torch,
    write_torch_zip,
)


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
        (
            deprocess,
            np.zeros((1, 20, 20, 3), np.uint8),
            "in floating point, and found uint8; pass it through preprocess",
        ),
        (deprocess, np.zeros((1, 20, 20, 3), complex), "in floating point, and found complex128"),
    ],
)
def test_what_is_no_picture_is_told_in_one_sentence(function, bad, says):
    with pytest.raises(PictureError, match=says) as caught:
        function(bad)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_one_layer_may_be_named_without_a_list_and_many_by_a_generator():
    picture = np.zeros((1, 40, 40, 3), np.float32)
    assert list(load_squeezenet().activations(picture, "fire2")) == ["fire2"]
    assert list(load_squeezenet().activations(picture, (name for name in ("relu1", "fire2")))) == ["relu1", "fire2"]


def test_unknown_layer():
    with pytest.raises(ValueError, match=r"^SqueezeNet has no layer 'fire1'"):
        load_squeezenet().activations(np.zeros((1, 64, 64, 3), np.float32), ["fire1"])


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((1, 16, 40, 3), np.float32),
        np.zeros((1, 0, 40, 3), np.float32),
        np.zeros((0, 40, 40, 3), np.float32),
        np.zeros((40, 40, 3), np.float32),
        np.zeros((1, 40, 40, 3), np.uint8),
    ],
)
def test_a_picture_it_cannot_take(picture):
    with pytest.raises(ValueError, match=r"^SqueezeNet takes float32 pictures"):
        load_squeezenet().activations(picture, ["relu1"])


def caffe_picture(image):
    """BGR from 0 to 255, less the mean colour."""
    return (image[None] - np.array(MEANS))[..., ::-1].astype(np.float32)


def pytorch_picture(image):
    """RGB from 0 to 1, less the mean colour, over the standard deviation."""
    return ((image[None] / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).astype(np.float32)


def write_squeezenet_torch(path, weights):
    return write_torch(path, torch_state(weights))


@pytest.mark.parametrize(
    ("write", "trained_on"), [(write_squeezenet_keras, caffe_picture), (write_squeezenet_torch, pytorch_picture)]
)
def test_a_file_gives_the_function_it_was_trained_as(weights, tmp_path, root, write, trained_on):
    """A network sees in preprocess's picture what it saw in those that it was trained on, whose convention it keeps."""
    photograph = load_image(root / "images" / "lake_small.jpg")
    model = load_squeezenet(write(tmp_path / "weights", weights))
    found = model.activations(preprocess(photograph), LAYERS)
    expected = SqueezeNet(weights).activations(trained_on(photograph), LAYERS)
    for layer in LAYERS:
        np.testing.assert_allclose(found[layer], expected[layer], rtol=0, atol=1e-4 * np.abs(expected[layer]).max())


@pytest.mark.parametrize("kind", ["zip", "sequence"])
def test_state_dict_of_every_age(weights, tmp_path, kind):
    found = read_weights(write_torch(tmp_path / "squeezenet1_1-b8a52dc0.pth", torch_state(weights), kind))
    assert list(found) == list(SHAPES)
    for name, arrays in weights.items():
        for array, expected in zip(found[name], arrays, strict=True):
            assert array.dtype == np.float32
            np.testing.assert_array_equal(array, expected)


def test_names_are_torchvisions(weights):
    """fire2 is layer 3 in PyTorch, which counts from conv1 = 0."""
    names = list(torch_state(weights))
    assert names[:4] == ["features.0.weight", "features.0.bias", "features.3.squeeze.weight", "features.3.squeeze.bias"]
    assert names[4:8:2] == ["features.3.expand1x1.weight", "features.3.expand3x3.weight"]
    fires = [int(name.split(".")[1]) for name in names if name.endswith("squeeze.bias")]
    assert fires == [3, 4, 6, 7, 9, 10, 11, 12]


@pytest.mark.parametrize(
    "content_of",
    [
        lambda w: torch_state(w, prefix="", classifier=False),
        lambda w: torch_state(w, prefix="module.features."),
        lambda w: {"epoch": 90, "arch": "squeezenet1_1", "state_dict": torch_state(w), "optimizer": {"state": {0: []}}},
        lambda w: {"state_dict": torch_state(w, prefix="module.features."), "best_prec1": 58.1},
        lambda w: {name: array.astype(np.float64) for name, array in torch_state(w).items()},
        lambda w: {name: np.asfortranarray(array) for name, array in torch_state(w).items()},
    ],
    ids=["features", "DataParallel", "checkpoint", "DataParallel's checkpoint", "double", "strides"],
)
def test_state_dict_in_other_guises(weights, tmp_path, content_of):
    found = read_weights(write_torch(tmp_path / "weights.pth", content_of(weights)))
    for name, (kernel, bias) in weights.items():
        np.testing.assert_array_equal(found[name][0], kernel)
        np.testing.assert_array_equal(found[name][1], bias)


def squeezenet_1_0(weights):
    return torch_state(weights) | {"features.0.weight": np.zeros((96, 3, 7, 7), np.float32)}


def without_fire9(weights):
    return {name: array for name, array in torch_state(weights).items() if "features.12" not in name}


@pytest.mark.parametrize(
    ("content_of", "sentence"),
    [
        (
            squeezenet_1_0,
            r"another network: .* for conv1/kernel, found float32 of shape \(7, 7, 3, 96\); get a good copy\.$",
        ),
        (
            without_fire9,
            r"another network: .* found no fire9/squeeze1x1/kernel, .* among 0\.weight, .*; get a good copy\.$",
        ),
        (lambda w: {}, "found no conv1/kernel, conv1/bias, .* among nothing at all; get a good copy"),
        (lambda w: {"state_dict": [1, 2]}, "holds a list where a state dict was expected; save model.state_dict()"),
        (lambda w: list(torch_state(w).values()), "holds a list where a state dict was expected"),
        (lambda w: np.zeros(3, np.float32), "holds a Tensor where a state dict was expected"),
        (lambda w: torch_state(w) | {"features.0.weight": 0.5}, "found no conv1/kernel among 0.bias, "),
        (lambda w: torch_state(w) | {"features.0.bias": np.zeros(64, int)}, "for conv1/bias, found int64 of shape"),
        (
            lambda w: torch_state(w) | {"features.0.bias": np.full(64, 1e300)},
            "NaN or infinity among the numbers of conv1/bias",
        ),
    ],
)
def test_state_dict_of_something_else(weights, tmp_path, content_of, sentence):
    with pytest.raises(WeightsError, match=sentence):
        read_weights(write_torch(tmp_path / "weights.pth", content_of(weights)))


def test_a_pickled_network_is_told_what_to_save_instead(tmp_path):
    path = write_torch_zip(tmp_path / "model.pth", b"\x80\x02ctorchvision.models.squeezenet\nSqueezeNet\n)\x81}b.", {})
    with pytest.raises(
        WeightsError, match=r"class torchvision\.models\.squeezenet\.SqueezeNet, .* model\.state_dict\(\)"
    ):
        load_squeezenet(path)


@pytest.mark.parametrize("size", [(224, 224), (157, 202)])
@pytest.mark.parametrize("zipped", [True, False])
def test_activations_are_pytorchs(tmp_path, size, zipped):
    torch = pytest.importorskip("torch", reason="PyTorch is no part of the course; install it to compare with it")
    nn = torch.nn

    class Fire(nn.Module):
        def __init__(self, channels, squeezed, expanded):
            super().__init__()
            self.squeeze = nn.Conv2d(channels, squeezed, 1)
            self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
            self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

        def forward(self, x):
            x = torch.relu(self.squeeze(x))
            return torch.relu(torch.cat([self.expand1x1(x), self.expand3x3(x)], dim=1))

    torch.manual_seed(0)
    layers, channels = [], 64
    for layer in LAYERS:
        if layer.startswith("fire"):
            squeezed, expanded = squeezenet.FIRES[layer]
            layers.append(Fire(channels, squeezed, expanded))
            channels = 2 * expanded
        else:
            layers.append(
                {"c": nn.Conv2d(3, 64, 3, stride=2), "r": nn.ReLU(), "p": nn.MaxPool2d(3, 2, ceil_mode=True)}[layer[0]]
            )
    network = nn.ModuleDict({"features": nn.Sequential(*layers)})
    path = tmp_path / "squeezenet.pth"
    torch.save(network.state_dict(), path, _use_new_zipfile_serialization=zipped)

    picture = np.random.default_rng(0).standard_normal((1, *size, 3)).astype(np.float32)
    found = load_squeezenet(path).activations(picture, LAYERS)
    x = torch.from_numpy(picture.transpose(0, 3, 1, 2))
    for name, layer in zip(LAYERS, layers, strict=True):
        x = layer(x)
        expected = x.detach().numpy().transpose(0, 2, 3, 1)
        np.testing.assert_allclose(found[name], expected, rtol=0, atol=1e-5 * np.abs(expected).max())


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
        (lambda w: w.pop("fire5/expand3x3"), "found no fire5/expand3x3/kernel, fire5/expand3x3/bias among conv1"),
        (
            lambda w: w.update({"conv1": (w["conv1"][0][:, :, :2], w["conv1"][1])}),
            r"found float32 of shape \(3, 3, 2, 64\)",
        ),
        (lambda w: w.update({"conv1": (w["conv1"][0] * np.nan, w["conv1"][1])}), "NaN or infinity among .* conv1"),
    ],
)
def test_a_file_that_is_no_squeezenet(weights, tmp_path, spoil, sentence):
    spoilt = dict(weights)
    spoil(spoilt)
    with pytest.raises(WeightsError, match=sentence):
        read_weights(write_npz(tmp_path / "weights.npz", spoilt))


def test_another_network_in_keras_layout(tmp_path):
    with pytest.raises(
        WeightsError,
        match=r"holds another network: expected SqueezeNet 1\.1 with conv1/kernel, .* found no .* among block1",
    ):
        read_weights(write_keras(tmp_path / "vgg.h5", random_weights()))


def test_weights_found_with_pytorchs_network_are_brought_into_each_networks_units(weights, tmp_path):
    assert load_squeezenet(write_torch(tmp_path / "squeezenet.pth", torch_state(weights))).strength == 1
    assert load_squeezenet(write_squeezenet_keras(tmp_path / "squeezenet.h5", weights)).strength == CAFFE_STRENGTH
    assert load_squeezenet().strength == CAFFE_STRENGTH


def test_a_missing_or_damaged_file(tmp_path):
    with pytest.raises(WeightsError, match="is a folder"):
        read_weights(tmp_path)
    with pytest.raises(WeightsError, match="There is no weights file"):
        read_weights(tmp_path / "none.npz")
    files = [("cut.h5", b"\x89HDF\r\n\x1a\n", "is damaged: it begins like Keras's .h5")]
    files += [("cut.pth", b"PK\x03\x04", "is damaged: it begins like a zip"), ("empty.npz", b"", "is empty")]
    kinds = "an .npz or PyTorch's .pth or Keras's .h5"
    files += [
        ("text.npz", b"hello", f"is no weights file for this network: expected {kinds}, found a file that begins")
    ]
    files += [("vgg.mat", b"MATLAB 5.0 MAT-file", f"expected {kinds}, found MatConvNet's .mat")]
    for name, content, sentence in files:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(WeightsError, match=sentence):
            read_weights(tmp_path / name)
