"""What a painting can ask for: several styles, masks, scale, smoothness, colours, and memory known beforehand."""

import json

import numpy as np
import pytest
from PIL import Image, ImageOps

from nst.commands.costs import content_cost, layer_style_cost
from nst.painting import (
    Phase,
    Style,
    cost_maker,
    demand_memory,
    keep_colours,
    match_colours,
    megabytes,
    paint,
    paint_scales,
)
from nst.painting.styles import CONTENT_LAYER, STYLE_LAYERS
from nst.paths import IMAGES
from nst.quiet import tf
from nst.weights import vgg19 as pretrained
from nst_utils import VGG, PictureError, load_image, load_vgg_model, reshape_and_normalize_image
from tests.support.weights_files import random_weights

H, W = 48, 64
SHALLOW = [("conv1_1", 1.0)]


@pytest.fixture(scope="module")
def model():
    return load_vgg_model(pretrained.EMBEDDED)


@pytest.fixture(scope="module")
def content():
    return load_image(IMAGES / "lake_small.jpg", size=(H, W))


@pytest.fixture(scope="module")
def starry():
    return load_image(IMAGES / "starry.jpg")


@pytest.fixture(scope="module")
def mosaic():
    return load_image(IMAGES / "mosaic.jpg")


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(7).uniform(-100, 100, (1, H, W, 3)).astype(np.float32)


def activation(model, picture, layer):
    """(positions, channels) float64."""
    found = model.activations(picture, [layer])[layer].numpy()[0].astype(float)
    return found.reshape(-1, found.shape[-1])


def fitted(picture, height, width):
    return reshape_and_normalize_image(
        ImageOps.fit(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS)
    )


def gram_cost(F_S, F_G):
    """Gatys et al. (2016), equation 4, in NumPy."""
    positions, channels = F_G.shape
    return np.sum((F_G.T @ F_G - F_S.T @ F_S) ** 2) / (4 * channels**2 * positions**2)


def style_part(model, content, styles, picture, **options):
    options = {"style_layers": SHALLOW} | options
    cost = cost_maker(model, content, styles, content_cost, layer_style_cost, **options)(picture.shape[1:3])
    return float(cost(tf.constant(picture))["style"])


# Values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, function", [("compute_content_cost", content_cost), ("compute_layer_style_cost", layer_style_cost)]
)
def test_the_cost_functions_have_the_numbers_of_the_classic_exercise(root, name, function):
    cases = json.loads((root / "nst/checks/reference/neural-style-transfer.json").read_text())[name]
    for case in cases:
        inputs = [np.array(value, np.float32) for value in case["inputs"].values()]
        (expected,) = case["expected"].values()
        assert float(function(*inputs)) == pytest.approx(expected, rel=1e-5), case["name"]


def test_one_style_costs_what_the_notebook_has(model, content, starry, picture):
    cost = cost_maker(model, content, [Style(starry)], content_cost, layer_style_cost)((H, W))(tf.constant(picture))
    style = fitted(starry, H, W)
    J_style = sum(
        0.2 * gram_cost(activation(model, style, layer), activation(model, picture, layer)) for layer, _ in STYLE_LAYERS
    )
    a_C, a_G = (activation(model, x, CONTENT_LAYER) for x in (reshape_and_normalize_image(content), picture))
    J_content = np.sum((a_C - a_G) ** 2) / (4 * a_G.size)
    assert float(cost["content"]) == pytest.approx(J_content, rel=1e-4)
    assert float(cost["style"]) == pytest.approx(J_style, rel=1e-4)
    assert float(cost["total"]) == pytest.approx(10 * J_content + 40 * J_style, rel=1e-4)
    assert set(cost) == {"total", "content", "style"}


def test_styles_are_blended_by_weight(model, content, starry, mosaic, picture):
    alone = [style_part(model, content, [Style(style)], picture) for style in (starry, mosaic)]
    both = style_part(model, content, [Style(starry, weight=6), Style(mosaic, weight=2)], picture)
    assert both == pytest.approx(0.75 * alone[0] + 0.25 * alone[1], rel=1e-4)


@pytest.mark.parametrize("kind", ["share", "uint8", "picture", "bool"])
def test_a_mask_multiplies_the_activations(model, content, starry, picture, kind):
    mask = np.zeros((H, W))
    mask[:, :20] = 1.0 if kind == "bool" else 0.6
    given = {
        "share": mask,
        "uint8": np.uint8(255 * mask),
        "picture": np.dstack([np.uint8(255 * mask)] * 3),
        "bool": mask > 0,
    }[kind]
    m = mask.reshape(-1, 1)
    F_S, F_G = activation(model, fitted(starry, H, W), "conv1_1"), activation(model, picture, "conv1_1")
    expected = gram_cost(F_S * np.sqrt(np.mean(m**2)), F_G * m) / np.mean(m**2)
    assert style_part(model, content, [Style(starry, mask=given)], picture) == pytest.approx(expected, rel=1e-4)


def test_a_style_in_a_part_of_the_painting_pulls_there_as_one_alone_does_and_nowhere_else(model, content, starry):
    half = np.random.default_rng(2).uniform(-100, 100, (1, H, W, 3)).astype(np.float32)
    picture = tf.Variable(np.concatenate([half, half], axis=2))  # the two halves have the same Gram matrices
    left = np.zeros((1, 2))
    left[0, 0] = 1

    def gradient(*styles):
        make_cost = cost_maker(
            model, content, styles, content_cost, layer_style_cost, style_layers=[("conv1_1", 0.5), ("conv2_1", 0.5)]
        )
        with tf.GradientTape() as tape:
            cost = make_cost((H, 2 * W))(picture)["style"]
        return tape.gradient(cost, picture).numpy()

    everywhere = gradient(Style(starry))
    masked = gradient(Style(starry, mask=np.repeat(left, W, axis=1)))
    inside, outside = np.s_[:, 8:-8, 8 : W - 8], np.s_[:, :, W + 8 :]
    assert np.linalg.norm(masked[inside]) == pytest.approx(np.linalg.norm(everywhere[inside]), rel=0.05)
    assert np.abs(masked[outside]).max() == 0
    both = gradient(Style(starry, mask=np.repeat(left, W, axis=1)), Style(starry, mask=np.repeat(1 - left, W, axis=1)))
    assert np.allclose(both[inside], masked[inside], rtol=1e-3, atol=1e-3 * np.abs(masked).max())


def test_a_mask_of_any_size_is_stretched_over_the_painting(model, content, starry, picture):
    costs = []
    for height, width in ((12, 16), (H, W), (3 * H, 3 * W)):
        mask = np.zeros((height, width), np.uint8)
        mask[:, : width // 2] = 255
        costs.append(style_part(model, content, [Style(starry, mask=mask)], picture))
    assert costs == pytest.approx([costs[1]] * 3, rel=0.1)


def test_half_the_scale_is_the_style_picture_at_half_the_size(model, content, starry, picture):
    small = activation(model, fitted(starry, H // 2 + 8, W // 2 + 8), "conv1_1")  # 32 × 40
    F_G = activation(model, picture[:, :H, :W], "conv1_1")
    scale = (H // 2 + 8) / H
    # 32 rows and 43 columns; every Gram matrix is that of the small picture, in as many positions as the painting has.
    found = style_part(model, content, [Style(starry, scale=scale)], picture)
    positions = len(small)
    G_S = small.T @ small / positions * len(F_G)
    expected = np.sum((F_G.T @ F_G - G_S) ** 2) / (4 * F_G.shape[1] ** 2 * len(F_G) ** 2)
    assert found == pytest.approx(expected, rel=0.03)


def test_twice_the_size_at_half_the_scale_repeats_each_position_four_times(model, content, starry):
    picture = np.random.default_rng(1).uniform(-100, 100, (1, 96, 128, 3)).astype(np.float32)
    small, F_G = activation(model, fitted(starry, 48, 64), "conv1_1"), activation(model, picture, "conv1_1")
    expected = np.sum((F_G.T @ F_G - 4 * small.T @ small) ** 2) / (4 * F_G.shape[1] ** 2 * len(F_G) ** 2)
    assert style_part(model, content, [Style(starry, scale=0.5)], picture) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("scale", [0.01, 0.7, 1.9])
def test_any_scale_gives_activations_of_equal_shapes(model, content, starry, picture, scale):
    assert np.isfinite(style_part(model, content, [Style(starry, scale=scale)], picture, style_layers=STYLE_LAYERS))


def test_smoothness_is_total_variation(model, content, starry, picture):
    cost = cost_maker(model, content, [Style(starry)], content_cost, layer_style_cost, tv_weight=3.0)((H, W))
    costs = {name: float(value) for name, value in cost(tf.constant(picture)).items()}
    x = picture[0].astype(float)
    expected = np.mean((x[1:] - x[:-1]) ** 2) + np.mean((x[:, 1:] - x[:, :-1]) ** 2)
    assert costs["smoothness"] == pytest.approx(3 * expected, rel=1e-4)
    assert costs["total"] == pytest.approx(10 * costs["content"] + 40 * costs["style"] + 3 * expected, rel=1e-4)


# With painting ----------------------------------------------------------------------------------------------------


def test_a_students_cost_functions_paint_with_masks_and_scales(model, content, starry, mosaic, picture):
    """As students write them: dimensions from either activation, unrolled and transposed, equal shapes required."""
    shapes = []

    def compute_content_cost(a_C, a_G):
        _, n_H, n_W, n_C = a_C.shape
        return 1 / (4 * n_H * n_W * n_C) * tf.reduce_sum(tf.square(tf.subtract(a_C, a_G)))

    def compute_layer_style_cost(a_S, a_G):
        _, n_H, n_W, n_C = a_S.shape
        shapes.append((a_S.shape, a_G.shape))
        a_S = tf.transpose(tf.reshape(a_S, [n_H * n_W, n_C]))
        a_G = tf.transpose(tf.reshape(a_G, [n_H * n_W, n_C]))
        GS, GG = tf.matmul(a_S, tf.transpose(a_S)), tf.matmul(a_G, tf.transpose(a_G))
        return tf.reduce_sum(tf.square(GS - GG)) / (4 * n_C**2 * (n_H * n_W) ** 2)

    mask = np.zeros((10, 10))
    mask[:5] = 1
    two = [Style(starry, scale=0.7, mask=mask), Style(mosaic, scale=1.5, mask=1 - mask)]
    theirs = cost_maker(model, content, two, compute_content_cost, compute_layer_style_cost)
    ours = cost_maker(model, content, two, content_cost, layer_style_cost)
    first = [float(make_cost((H, W))(tf.constant(picture))["total"]) for make_cost in (theirs, ours)]
    assert first[0] == pytest.approx(first[1], rel=1e-4)

    sizes = [(H * 3 // 4, W * 3 // 4), (H, W)]
    painted = paint_scales(theirs, picture, iterations=8, sizes=sizes)
    assert painted.shape == picture.shape
    assert float(theirs((H, W))(tf.constant(painted))["total"]) < first[0] / 2
    assert all(a_S == a_G for a_S, a_G in shapes)


def test_the_fixed_pictures_go_through_the_network_once_a_size(model, content, starry, mosaic, picture):
    class Counted:
        passes = 0

        def activations(self, image, names):
            self.passes += 1
            return model.activations(image, names)

    counted = Counted()
    make_cost = cost_maker(counted, content, [Style(starry), Style(mosaic)], content_cost, layer_style_cost)
    assert counted.passes == 0
    cost = make_cost((H, W))
    assert counted.passes == 3
    for _ in range(4):
        cost(tf.constant(picture))
    assert counted.passes == 7


def test_the_content_alone_is_painted_where_the_style_weighs_nothing(model, content, starry):
    make_cost = cost_maker(model, content, [Style(starry)], content_cost, layer_style_cost, beta=0.0)
    x = reshape_and_normalize_image(content)
    painted = paint(make_cost((H, W)), x, iterations=1, schedule=[Phase(0, 0.5)])
    assert np.allclose(painted, x, atol=0.6)
    assert float(make_cost((H, W))(tf.constant(x))["total"]) == 0


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"styles": []}, "styles should be a list such as [Style(picture)], and it is []."),
        ({"styles": Style(np.zeros((40, 40, 3), np.uint8))}, "styles should be a list such as [Style(picture)]"),
        ({"styles": [np.zeros((40, 40, 3), np.uint8)]}, "number 1 is no Style"),
        ({"weight": -1.0}, "The weight of style 1 should be a number from 0 up, and it is -1.0."),
        ({"weight": 0.0}, "One of the styles should have a weight above 0"),
        ({"scale": 0}, "The scale of style 1 should be a number above 0, and it is 0."),
        ({"scale": np.nan}, "The scale of style 1 should be a number above 0, and it is nan."),
        ({"scale": "2"}, "The scale of style 1 should be a number above 0, and it is '2'."),
        (
            {"mask": np.full((4, 4), 2.0)},
            "The mask of style 1 should be an array (height, width) of numbers from 0 to 1",
        ),
        ({"mask": np.zeros((4, 4, 2))}, "The mask of style 1 should be an array (height, width)"),
        ({"mask": np.full((4, 4), np.nan)}, "The mask of style 1 should be an array (height, width)"),
        ({"mask": "sky.png"}, "The mask of style 1 should be an array (height, width)"),
        ({"mask": np.zeros((4, 4))}, "The mask of style 1 is black everywhere"),
        (
            {"picture": np.zeros((40, 40), np.uint8)},
            "Expected a picture of shape (height, width, 3) and found (40, 40)",
        ),
        ({"tv_weight": -0.1}, "tv_weight should be a number from 0 up, and it is -0.1."),
        (
            {"content": np.zeros((40, 40), np.uint8)},
            "Expected a picture of shape (height, width, 3) and found (40, 40)",
        ),
    ],
)
def test_what_cannot_work_is_told_in_a_sentence(model, content, starry, change, sentence):
    style = Style(starry)._replace(**{key: change[key] for key in change if key in Style._fields})
    with pytest.raises(ValueError) as error:
        cost_maker(
            model,
            change.get("content", content),
            change.get("styles", [style]),
            content_cost,
            layer_style_cost,
            tv_weight=change.get("tv_weight", 0.0),
        )
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


# Colours ----------------------------------------------------------------------------------------------------------

BRIGHTNESS = np.array([0.299, 0.587, 0.114])


def test_the_colours_are_the_contents_and_the_brightness_the_paintings():
    rng = np.random.default_rng(5)
    painted, content = (rng.integers(90, 160, (20, 30, 3), dtype=np.uint8) for _ in range(2))
    mixed = keep_colours(painted, content).astype(float)
    assert np.allclose(mixed @ BRIGHTNESS, painted @ BRIGHTNESS, atol=1)
    # What brightness does not change: differences of colours.
    for a, b in ((0, 1), (1, 2)):
        difference = content[..., a].astype(float) - content[..., b]
        assert np.allclose(mixed[..., a] - mixed[..., b], difference, atol=2)


def test_a_painting_of_another_size_takes_the_colours_too(content, starry):
    assert keep_colours(starry, content).shape == starry.shape
    assert np.abs(keep_colours(content, content).astype(int) - content).max() <= 1


def test_a_matched_style_has_the_contents_mean_and_covariance():
    rng = np.random.default_rng(6)
    mixing = rng.normal(size=(3, 3))
    style = np.clip(128 + rng.normal(size=(60, 70, 3)) @ mixing * 20, 0, 255).astype(np.uint8)
    content = np.clip([100, 140, 120] + rng.normal(size=(50, 40, 3)) * [8, 14, 20], 0, 255).astype(np.uint8)
    matched = match_colours(style, content).reshape(-1, 3)
    assert np.allclose(matched.mean(axis=0), content.reshape(-1, 3).mean(axis=0), atol=1)
    assert np.allclose(np.cov(matched.T), np.cov(content.reshape(-1, 3).T), atol=15)


def test_a_grey_style_does_not_get_coloured_noise():
    rng = np.random.default_rng(8)
    grey = np.repeat(rng.integers(0, 256, (60, 70, 1)), 3, axis=2) + rng.integers(-1, 2, (60, 70, 3))
    content = rng.integers(0, 256, (50, 40, 3), dtype=np.uint8)
    matched = match_colours(np.clip(grey, 0, 255).astype(np.uint8), content).astype(float)
    assert np.std(matched[..., 0] - matched[..., 1]) < 20 < np.std(content[..., 0].astype(float) - content[..., 1])


# Memory -----------------------------------------------------------------------------------------------------------


def test_memory_grows_with_the_picture_the_network_and_the_styles(model):
    small, large = megabytes((300, 400), model), megabytes((1000, 1500), model)
    assert 150 < small < 400
    assert 1500 < large < 3000
    full = VGG(random_weights("conv5_1"))
    assert 4000 < megabytes((1000, 1500), full) < 8000
    assert megabytes((300, 400), model, styles=3) > small


def test_too_large_a_picture_is_refused_with_both_numbers_and_a_size_that_fits(model):
    demand_memory((64, 64), model)
    with pytest.raises(PictureError) as error:
        demand_memory((100_000, 200_000), model)
    sentence = str(error.value)
    assert sentence.startswith("Painting 100000×200000 pixels takes about ")
    assert "GB available; " in sentence
    height, width = map(int, sentence.split("GB available; ")[1].split(" ")[0].split("×"))
    assert height * 2 == pytest.approx(width, abs=2)
    demand_memory((height, width), model)
