"""nst.lessons.convnets: patches are cut where the network looks, and painting excites what it should."""

import base64
import io
import re

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from nst.lessons import convnets
from nst.paths import IMAGES
from nst.quiet import tf
from nst.weights.vgg19 import EMBEDDED
from nst_utils import LAYERS, load_image, load_vgg_model
from tests.support.forms.what_convnets_see import receptive_field, strongest, unit_cost


@pytest.fixture(scope="module")
def model():
    return load_vgg_model(EMBEDDED)


@pytest.mark.parametrize(
    ("layer", "field"),
    [
        ("conv1_1", (3, 1)),
        ("avgpool1", (6, 2)),
        ("conv2_2", (14, 2)),
        ("conv3_4", (48, 4)),
        ("conv4_4", (116, 8)),
        ("conv5_1", (156, 16)),
        ("conv5_4", (252, 16)),
    ],
)
def test_layers_below_lead_to_the_known_receptive_fields(layer, field):
    assert receptive_field(convnets.layers_below(layer)) == field


def test_every_layer_has_layers_below():
    assert convnets.layers_below("input") == []
    assert [len(convnets.layers_below(layer)) for layer in LAYERS] == list(range(len(LAYERS)))


def test_the_pictures_are_cut_into_squares_of_even_contrast():
    squares = convnets.cut_pictures(96)
    assert squares.shape[1:] == (96, 96, 3) and squares.dtype == np.uint8
    # Twice of each picture: 3 × 4 squares of 300 × 400 pixels and 2 × 2 of 200 × 267.
    assert len(squares) == len(convnets.SOURCES) * (12 + 4)
    contrast = squares.mean(-1).std((1, 2))
    assert np.quantile(contrast, 0.1) > 40 and contrast.max() < 1.1 * convnets.CONTRAST
    assert len({square.tobytes() for square in squares}) == len(squares)


def test_the_smaller_copy_of_a_picture_is_mirrored(monkeypatch):
    monkeypatch.setattr(convnets, "SOURCES", ["lake"])
    monkeypatch.setattr(convnets, "_even_contrast", lambda picture: picture)
    *_, last = convnets.cut_pictures(100)
    small = load_image(IMAGES / "lake.jpg", 200)
    left = (small.shape[1] - 200) // 2
    np.testing.assert_array_equal(last, small[:, ::-1][100:200, left + 100 : left + 200])


def test_an_even_picture_is_left_even():
    grey = np.full((40, 40, 3), 90, np.uint8)
    np.testing.assert_array_equal(convnets._even_contrast(grey), grey)


@pytest.mark.parametrize("layer", ["conv1_2", "avgpool2", "conv3_2", "conv4_1"])
def test_the_window_is_where_the_gradient_is(model, layer):
    x = tf.constant(np.random.default_rng(0).uniform(-90, 90, (1, 128, 128, 3)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        activation = model.activations(x, [layer])[layer]
        row, column = activation.shape[1] // 2, activation.shape[2] // 2 - 1
        at_one_position = tf.reduce_sum(activation[0, row, column])
    matters = np.abs(tape.gradient(at_one_position, x)[0]).sum(-1) > 0
    size, jump = receptive_field(convnets.layers_below(layer))
    top, left = convnets.window(row, size, jump), convnets.window(column, size, jump)
    assert np.flatnonzero(matters.any(1)).tolist() == list(range(top, top + size))
    assert np.flatnonzero(matters.any(0)).tolist() == list(range(left, left + size))


def test_a_patch_alone_excites_its_unit_as_much_as_in_its_picture(model):
    """The patch holds all that the unit saw, so that the padding around it makes no difference to the middle."""
    layer, channel = "conv2_2", 17
    size, jump = receptive_field(convnets.layers_below(layer))
    pictures = convnets.cut_pictures(48)[:60]
    activation = convnets.activations(model, pictures, layer)
    (place,) = strongest(convnets.whole_windows(activation, size, jump, 48)[..., channel], 1)
    picture, row, column = place
    one = convnets.patch(pictures[picture], row, column, size, jump)
    frame = np.random.default_rng(1).integers(0, 255, (48, 48, 3)).astype(np.uint8)
    top, left = convnets.window(row, size, jump), convnets.window(column, size, jump)
    frame[top : top + size, left : left + size] = one
    again = convnets.activations(model, frame[None], layer)
    assert again[0, row, column, channel] == pytest.approx(activation[place][channel], rel=1e-4)


def test_a_patch_beyond_the_border_is_grey_there():
    picture = np.full((48, 48, 3), 255, np.uint8)
    patch = convnets.patch(picture, 0, 23, 14, 2)
    assert patch.shape == (14, 14, 3)
    assert np.all(patch[6:, :8] == 255)
    np.testing.assert_array_equal(patch[0, 0], [124, 117, 104])
    np.testing.assert_array_equal(patch[7, -1], [124, 117, 104])


def test_windows_that_stick_out_count_for_nothing():
    activation = np.ones((2, 24, 24, 3), np.float32)
    kept = convnets.whole_windows(activation, 14, 2, 48)
    rows = np.flatnonzero(kept[0, :, 12, 0])
    assert rows.tolist() == [i for i in range(24) if 2 * i - 6 >= 0 and 2 * i - 6 + 14 <= 48]
    np.testing.assert_array_equal(kept[..., 0], convnets.whole_windows(activation[..., 0], 14, 2, 48))


def test_activations_do_not_depend_on_the_batch(model):
    pictures = convnets.cut_pictures(64)[:5]
    many = convnets.activations(model, pictures, "conv2_1", batch=2)
    one = convnets.activations(model, pictures[3:4], "conv2_1")
    np.testing.assert_allclose(many[3], one[0], rtol=1e-4, atol=1e-3)


def test_total_variation_is_a_mean_over_neighbours():
    picture = np.random.default_rng(2).normal(size=(1, 5, 7, 3)).astype(np.float32)
    expected = sum((np.diff(np.float64(picture), axis=axis) ** 2).mean() for axis in (1, 2))
    assert float(convnets.total_variation(tf.constant(picture))) == pytest.approx(expected, rel=1e-5)
    assert float(convnets.total_variation(tf.fill([1, 4, 4, 3], 7.0))) == 0


@pytest.mark.parametrize(("layer", "channel"), [("conv1_1", 2), ("conv2_2", 44), ("conv4_2", 85)])
def test_a_painted_picture_excites_its_channel_more_than_any_square(model, layer, channel):
    painted = convnets.maximise(unit_cost(model, layer, channel, 0.003), size=96, iterations=25)
    assert painted.shape == (96, 96, 3) and painted.dtype == np.uint8
    mine = convnets.activations(model, painted[None], layer)[..., channel].mean()
    squares = convnets.activations(model, convnets.cut_pictures(96), layer)[..., channel].mean((1, 2))
    assert mine > 1.5 * squares.max()


def test_the_same_seed_paints_the_same_and_another_another(model):
    cost = unit_cost(model, "conv1_1", 3, 0.003)
    first, again, other = (convnets.maximise(cost, size=96, iterations=3, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first.astype(int) - other).mean() > 1


def test_painting_can_start_from_a_picture(model):
    lake = load_image(IMAGES / "lake.jpg", (96, 96))
    painted = convnets.maximise(unit_cost(model, "conv1_1", 3, 0.003), size=96, iterations=1, start=lake)
    assert np.corrcoef(painted.ravel(), lake.ravel())[0, 1] > 0.8


def test_a_montage_has_three_rows_of_three():
    patches = [np.full((5, 5, 3), 20 * number, np.uint8) for number in range(9)]
    picture = convnets.montage(patches, 124)
    assert picture.shape == (124, 124, 3)
    assert [int(picture[20 + 42 * row, 20 + 42 * column, 0]) for row in range(3) for column in range(3)] == [
        20 * number for number in range(9)
    ]
    # The lines around and between them are seen beside white patches as well as beside black ones.
    for line in (0, 40, 81, 122):
        assert (picture[line : line + 2] == 190).all() and (picture[:, line : line + 2] == 190).all()


def test_the_library_cuts_at_the_receptive_field(model):
    library = convnets.Strongest(model, receptive_field, strongest)
    patches = library.patches("conv2_2", 17)
    assert [patch.shape for patch in patches] == [(14, 14, 3)] * 9
    assert library.channels("conv2_2") == 48
    assert library.patches("conv1_1", 2, count=4)[0].shape == (3, 3, 3)
    # Channel 2 of conv1_1 answers to red, and its patches are red indeed.
    red, green, blue = np.mean(library.patches("conv1_1", 2), axis=(0, 1, 2))
    assert red > 180 and green < 90 and blue < 90


def children(widget, kind):
    return [
        found
        for child in getattr(widget, "children", ())
        for found in ([child] if isinstance(child, kind) else children(child, kind))
    ]


def test_the_browser_shows_what_is_chosen(model):
    browser = convnets.browse(model, receptive_field, strongest, unit_cost, layer="conv1_1", channel=2)
    (layer,), (channel,) = children(browser, ipywidgets.Dropdown), children(browser, ipywidgets.IntSlider)
    nine, painted = children(browser, ipywidgets.HTML)
    assert 'alt="The patches that excite conv1_1, channel 2 most."' in nine.value
    (words,), (button,) = children(browser, ipywidgets.Label), children(browser, ipywidgets.Button)
    assert layer.options[0] == "conv1_1" and layer.options[-1] == "conv5_1" and channel.max == 23
    assert words.value == "conv1_1, channel 2: the nine patches of 3 × 3 pixels"
    before = nine.value
    channel.value = 3
    assert nine.value != before and "channel 3:" in words.value
    empty = painted.value
    button.click()
    assert painted.value != empty and words.value.endswith("painted from noise") and not button.disabled
    layer.value = "conv1_2"
    assert channel.max == 15 and painted.value == empty and "5 × 5" in words.value
    channel.value = 15
    layer.value = "conv1_1"
    assert channel.max == 23 and "channel 15:" in words.value


class Daylight:
    """A network of one channel that only answers to what is bright, so noise around grey leaves it silent."""

    layers = ("input", "conv1_1")

    def __init__(self, bright=80):
        self.bright = bright

    def activations(self, picture, names):
        return {"conv1_1": tf.nn.relu(tf.reduce_mean(tf.cast(picture, tf.float32), -1, keepdims=True) - self.bright)}


def browser_of(model, unit_cost=unit_cost):
    """The browser of a network's only channel, and its words and its button."""
    browser = convnets.browse(model, receptive_field, strongest, unit_cost, layer="conv1_1", channel=0)
    (button,), (words,) = children(browser, ipywidgets.Button), children(browser, ipywidgets.Label)
    return browser, words, button


def test_a_silent_channel_is_painted_from_its_strongest_patch():
    browser, words, button = browser_of(Daylight())
    button.click()
    assert words.value.endswith("silent on noise, so painted from its strongest patch")
    page = children(browser, ipywidgets.HTML)[1].value
    assert 'alt="What conv1_1, channel 0 likes, painted."' in page
    data = base64.b64decode(re.search('base64,([^"]+)', page)[1])
    painted = np.asarray(Image.open(io.BytesIO(data)))
    assert painted.mean() > 240


def test_no_patches_are_shown_that_leave_a_channel_silent(monkeypatch):
    squares = np.full((12, 64, 64, 3), 60, np.uint8)
    squares[[3, 5], 20:30, 30:40] = 255
    monkeypatch.setattr(convnets, "cut_pictures", lambda size: squares[:, :size, :size])
    patches = convnets.Strongest(Daylight(), receptive_field, strongest).patches("conv1_1", 0)
    assert [patch[1, 1].tolist() for patch in patches] == [[255, 255, 255]] * 2
    _, words, _ = browser_of(Daylight())
    assert words.value == "conv1_1, channel 0: only 2 patches of 3 × 3 pixels"
    _, words, button = browser_of(Daylight(bright=200))
    button.click()
    assert words.value == "conv1_1, channel 0: no patches of 3 × 3 pixels; silent on noise too"


def test_a_cost_that_stops_is_said_beside_the_button():
    def unwritten(*arguments):
        raise NotImplementedError("unit_cost is not written yet")

    _, words, button = browser_of(Daylight(), unwritten)
    button.click()
    assert words.value.endswith(
        "; not painted, because unit_cost stops with NotImplementedError('unit_cost is not written yet')"
    )
    assert not button.disabled
