"""The reference solution's four losses against NumPy in float64, on random shapes and on the course's pictures.

`pytest tests/test_losses_numpy.py -s` prints the largest relative error of each.
"""

import numpy as np
import pytest

from nst.course.release import write_source_notebooks
from nst.lessons.take import take
from nst.networks.squeezenet import load_image, load_squeezenet, preprocess
from nst.paths import IMAGES

LOSSES = ["content_loss", "gram_matrix", "style_loss", "tv_loss"]
STYLE_LAYERS = ["relu1", "fire3", "fire4", "fire5"]
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def losses(root):
    """The four functions, as the answers have them."""
    write_source_notebooks(root / "answers")
    taken = take("1-losses", *LOSSES, folder=root / "answers" / "fast-style-transfer")
    return dict(zip(LOSSES, taken, strict=True))


def numpy_content_loss(weight, F, P):
    return weight * np.sum((np.float64(F) - P) ** 2)


def numpy_gram_matrix(features, normalize=True):
    N, H, W, C = features.shape
    unrolled = np.float64(features).reshape(N, H * W, C)
    return np.stack([a.T @ a for a in unrolled]) / (H * W * C if normalize else 1)


def numpy_style_loss(feats, layers, targets, weights):
    return sum(
        w * np.sum((numpy_gram_matrix(np.asarray(feats[layer])) - np.float64(target)) ** 2)
        for layer, target, w in zip(layers, targets, weights, strict=True)
    )


def numpy_tv_loss(img, weight):
    return weight * sum(np.sum(np.diff(np.float64(img), axis=axis) ** 2) for axis in (1, 2))


def relative_error(result, expected):
    """The largest difference, over the largest number that is expected."""
    result, expected = np.float64(result), np.asarray(expected)
    assert result.shape == expected.shape
    return np.max(np.abs(result - expected)) / np.max(np.abs(expected))


def report(where, errors):
    """Print the largest error of each function, and hold it against TOLERANCE."""
    for name in LOSSES:
        print(f"\n{name:13} {max(errors[name]):.1e} at most, {len(errors[name])} times, on {where}", end="")
        assert max(errors[name]) <= TOLERANCE


def test_losses_agree_with_numpy_on_200_random_shapes(losses):
    rng = np.random.default_rng(301)
    errors = {name: [] for name in LOSSES}

    def draw(N, H, W, C):
        return rng.normal(rng.uniform(-1, 1), rng.uniform(0.1, 5), (N, H, W, C)).astype(np.float32)

    def compare(name, numpy_loss, *inputs, **options):
        errors[name].append(relative_error(losses[name](*inputs, **options), numpy_loss(*inputs, **options)))

    shapes = set()
    while len(shapes) < 200:
        N, H, W, C = (int(size) for size in rng.integers(1, (4, 25, 25, 33)))
        shapes.add((N, H, W, C))
        weight = float(10 ** rng.uniform(-2, 5))
        features = draw(N, H, W, C)
        for normalize in (True, False):
            compare("gram_matrix", numpy_gram_matrix, features, normalize=normalize)
        compare("content_loss", numpy_content_loss, weight, features[:1], draw(1, H, W, C))
        layers = [f"layer {i}" for i in range(rng.integers(1, 5))]
        feats = {layer: draw(1, H + i, W, C + 2 * i) for i, layer in enumerate(layers)}
        chosen = list(rng.permutation(layers)[: rng.integers(1, 5)])
        targets = [np.float32(numpy_gram_matrix(draw(1, W, H, feats[layer].shape[3]))) for layer in chosen]
        weights = [float(10 ** rng.uniform(-2, 5)) for _ in chosen]
        compare("style_loss", numpy_style_loss, feats, chosen, targets, weights)
        if H + W > 2:  # a picture of one pixel has no neighbours
            compare("tv_loss", numpy_tv_loss, draw(N, H, W, 3), weight)
    assert sum(len({H, W, C}) == 3 for _, H, W, C in shapes) > 100
    report("random shapes", errors)


def test_losses_agree_with_numpy_on_crops_of_the_pictures(losses):
    rng = np.random.default_rng(302)
    network = load_squeezenet()
    errors = {name: [] for name in LOSSES}

    def crop(path):
        image = load_image(path, 192)
        height, width = (int(side) for side in rng.integers(48, 160, 2))
        top, left = (
            int(rng.integers(0, whole - side)) for whole, side in zip(image.shape, (height, width), strict=False)
        )
        return preprocess(image[top : top + height, left : left + width])

    paths = sorted(IMAGES.glob("*.jpg"))
    assert len(paths) >= 10
    for content_path, style_path in zip(paths, paths[1:] + paths[:1], strict=True):
        content, style = crop(content_path), crop(style_path)
        picture = np.float32(content + rng.normal(0, 0.3, content.shape))
        feats, of_content, of_style = (
            {name: a.numpy() for name, a in network.activations(x, ["fire2", *STYLE_LAYERS]).items()}
            for x in (picture, content, style)
        )
        targets = [losses["gram_matrix"](of_style[name]) for name in STYLE_LAYERS]
        for name, target in zip(STYLE_LAYERS, targets, strict=True):
            errors["gram_matrix"].append(relative_error(target, numpy_gram_matrix(of_style[name])))
        cases = {
            "content_loss": (numpy_content_loss, 6e-2, feats["fire2"], of_content["fire2"]),
            "style_loss": (numpy_style_loss, feats, STYLE_LAYERS, targets, [300000, 1000, 15, 3]),
            "tv_loss": (numpy_tv_loss, picture, 2e-2),
        }
        for name, (numpy_loss, *inputs) in cases.items():
            errors[name].append(relative_error(losses[name](*inputs), numpy_loss(*inputs)))
    report("crops of the pictures", errors)
