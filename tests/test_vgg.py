"""VGG-19 as a mapping of layers, by the classic exercise's names."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.signal

from nst.quiet import tf
from nst_utils import CONFIG, VGG, LayerError, PictureError, load_image, load_vgg_model, reshape_and_normalize_image
from tests.support.weights_files import random_weights


def assert_sentence(error):
    sentence = str(error)
    assert "\n" not in sentence and sentence.endswith("."), sentence


@pytest.fixture(scope="module")
def model():
    return load_vgg_model()


@pytest.fixture(scope="module")
def content():
    return reshape_and_normalize_image(load_image(CONFIG.CONTENT_IMAGE, size=(300, 400)))


def test_layers_are_vgg19s(model):
    assert " ".join(model) == (
        "input conv1_1 conv1_2 avgpool1 conv2_1 conv2_2 avgpool2 conv3_1 conv3_2 conv3_3 conv3_4 avgpool3 "
        "conv4_1 conv4_2 conv4_3 conv4_4 avgpool4 conv5_1 conv5_2 conv5_3 conv5_4 avgpool5"
    )
    assert len(model) == 22 and "conv4_2" in model and "fc6" not in model


def test_printing_lists_every_layer_with_its_shape(model):
    lines = str(model).splitlines()
    for layer in model:
        line = next(line for line in lines if line.split()[0] == layer)
        assert str(tuple(model[layer].shape)) in line


def test_input_holds_the_picture(model, content):
    assert isinstance(model["input"], tf.Variable)
    assert model["input"].shape == (1, 300, 400, 3) and model["input"].dtype == tf.float32
    model["input"].assign(content)
    assert np.array_equal(model["input"].numpy(), content)
    once = model["conv2_1"].numpy()
    np.testing.assert_allclose(once, model.activations(content, ["conv2_1"])["conv2_1"], rtol=1e-5)
    model["input"].assign(-content)
    assert not np.allclose(model["conv2_1"], once)


def test_activations_are_convolution_bias_relu_and_average_pooling():
    """Against SciPy, for a small random network and a picture of odd size."""
    rng = np.random.default_rng(0)
    weights = random_weights("conv2_1")
    small = {
        "conv1_1": (weights["conv1_1"][0][..., :4], weights["conv1_1"][1][:4]),
        "conv1_2": (weights["conv1_2"][0][:, :, :4, :5], weights["conv1_2"][1][:5]),
    }
    picture = rng.normal(0, 50, (1, 33, 38, 3)).astype(np.float32)
    found = VGG(small).activations(picture, ["conv1_1", "conv1_2", "avgpool1"])

    x = picture[0].astype(np.float64)
    for layer, (kernel, bias) in small.items():
        sums = [
            sum(scipy.signal.correlate2d(x[..., i], kernel[:, :, i, o], "same") for i in range(kernel.shape[2]))
            for o in range(kernel.shape[3])
        ]
        x = np.maximum(np.stack(sums, axis=-1) + bias, 0)
        assert (x > 0).any() and (x == 0).any()
        np.testing.assert_allclose(found[layer][0], x, atol=1e-3)
    pooled = [[x[r : r + 2, c : c + 2].mean(axis=(0, 1)) for c in range(0, 38, 2)] for r in range(0, 33, 2)]
    np.testing.assert_allclose(found["avgpool1"][0], pooled, atol=1e-3)


@pytest.mark.parametrize("size", [(32, 32), (37, 61), (64, 32)])
def test_activations_of_any_size(model, size):
    shapes = {k: v.shape for k, v in model.activations(np.zeros((1, *size, 3), np.float32), model).items()}
    height, width = size
    for block in range(1, 6):
        assert shapes[f"conv{block}_1"][1:3] == (height, width)
        height, width = (height + 1) // 2, (width + 1) // 2
        assert shapes[f"avgpool{block}"][1:3] == (height, width)


def test_activations_come_in_the_order_asked_for_and_include_the_input(model, content):
    found = model.activations(content, ["conv3_1", "input", "avgpool1"])
    assert list(found) == ["conv3_1", "input", "avgpool1"]
    assert np.array_equal(found["input"], content)
    assert model.activations(content, []) == {}


def test_nothing_beyond_the_deepest_layer_is_computed(model, content, monkeypatch):
    convolutions = []
    conv2d = tf.nn.conv2d
    monkeypatch.setattr(tf.nn, "conv2d", lambda *args, **kwargs: convolutions.append(1) or conv2d(*args, **kwargs))
    model.activations(content, ["conv1_1", "conv2_1"])
    assert len(convolutions) == 3
    model.activations(content, ["input"])
    assert len(convolutions) == 3


def test_gradients_flow_back_to_the_picture(model, content):
    model["input"].assign(content)
    with tf.GradientTape() as tape:
        cost = tf.reduce_sum(tf.square(model["conv2_2"]))
    gradient = tape.gradient(cost, model["input"])
    assert gradient.shape == (1, 300, 400, 3)
    assert float(tf.reduce_max(tf.abs(gradient))) > 0

    # A nudge along the gradient changes the cost by what the gradient says.
    direction = gradient / tf.norm(gradient)
    costs = []
    for nudge in (-0.5, 0.5):
        model["input"].assign(content + nudge * direction)
        costs.append(float(tf.reduce_sum(tf.square(model["conv2_2"]))))
    assert costs[1] - costs[0] == pytest.approx(float(tf.norm(gradient)), rel=0.05)


def test_works_with_a_keras_optimizer_and_inside_tf_function(model, content):
    model["input"].assign(content)
    optimizer = tf.keras.optimizers.Adam(2.0)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            cost = tf.reduce_mean(tf.square(model["conv3_1"]))
        optimizer.apply_gradients([(tape.gradient(cost, model["input"]), model["input"])])
        return cost

    costs = [float(step()) for _ in range(4)]
    assert costs == sorted(costs, reverse=True) and costs[-1] < costs[0]
    assert not np.allclose(model["input"], content)

    @tf.function
    def assign(picture):
        model["input"].assign(picture)
        return model["conv1_1"]

    expected = model.activations(content, ["conv1_1"])["conv1_1"]
    np.testing.assert_allclose(assign(content), expected, rtol=1e-4, atol=1e-3)


def test_tf_function_takes_pictures_of_unknown_size(model):
    traced = tf.function(
        lambda picture: model.activations(picture, ["conv2_1"])["conv2_1"],
        input_signature=[tf.TensorSpec((1, None, None, 3))],
    )
    for size in ((32, 40), (50, 33)):
        assert traced(tf.zeros((1, *size, 3))).shape[1:3] == ((size[0] + 1) // 2, (size[1] + 1) // 2)


@pytest.mark.parametrize(
    ("typed", "meant"), [("conv4_22", "conv4_2"), ("Conv1_1", "conv1_1"), ("maxpool3", "avgpool3"), ("inputs", "input")]
)
def test_unknown_layer_names_the_nearest(model, content, typed, meant):
    for ask in (lambda: model[typed], lambda: model.activations(content, ["conv1_1", typed])):
        with pytest.raises(LayerError, match=f"did you mean '{meant}'") as caught:
            ask()
        assert isinstance(caught.value, KeyError)
        assert_sentence(caught.value)
    assert model.get(typed) is None


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (np.zeros((300, 400, 3), np.float32), r"given \(300, 400, 3\)"),
        (np.zeros((1, 400, 300, 3), np.float32), r"shape \(1, 300, 400, 3\) and was given \(1, 400, 300, 3\)"),
        (np.zeros((1, 300, 400, 4), np.float32), r"given \(1, 300, 400, 4\)"),
        (np.zeros((1, 300, 400, 3), np.uint8), "given uint8; pass it through reshape_and_normalize_image"),
        (np.zeros((1, 20, 400, 3), np.float32), "at least 32×32 pixels and was given 20×400"),
    ],
)
def test_wrong_picture_is_refused_in_a_sentence(model, picture, says):
    kept = model["input"].numpy()
    with pytest.raises(PictureError, match=says) as caught:
        model["input"].assign(picture)
    assert_sentence(caught.value)
    assert np.array_equal(model["input"].numpy(), kept)


def test_input_takes_what_numpy_and_tensorflow_make_by_default(model, content):
    for picture in (content.astype(np.float64), tf.constant(content), tf.Variable(content)):
        model["input"].assign(tf.zeros_like(model["input"]))
        model["input"].assign(picture)
        assert np.array_equal(model["input"].numpy(), content)


def test_a_network_equals_only_itself(model):
    assert model == model and model != load_vgg_model()
    assert hash(model)


def test_importing_starts_no_tensorflow_runtime(root):
    """A grader forks from a process that has imported this module; that works only before the first operation."""
    program = (
        "import nst_utils; from tensorflow.python.eager import context; "
        "print(context.context()._context_handle is None)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
    assert done.stderr == ""
