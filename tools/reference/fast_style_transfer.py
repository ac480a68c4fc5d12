"""The reference values of fast-style-transfer: the specification in loops, and the cases."""

import itertools
import math

import numpy as np

from tools.reference.cases import BY_HAND, LOOPS, case, channel_gram, positions, quarters
from tools.reference.tiny_network import tiny_network, tiny_pictures

TARGET_GRAMS = (
    "Activations: numpy.random.default_rng({seed}).integers(-16, 17, size) / 4, for every layer of feats first its "
    "own, then those of the style picture, whose Gram matrices, rounded to float32, are the targets. Expected: float64 "
    "loops in tools/reference, from the formula."
)
PICTURES = (
    "Pictures and kernels: numpy.random.default_rng({seed}).integers(-6, 7, size) / 4, in the order listed. A random "
    "start: numpy.random.default_rng(seed).uniform(0, 1, size), rounded to float32. Expected: float64 loops in "
    "tools/reference over nst.checks.fast_style_transfer.TinyNetwork, from the formulas; the picture is the "
    "start moved by 3 against the sign of the gradient (central differences), which is Adam's first step, and clipped."
)
GROWN = (
    "Start: numpy.random.default_rng(seed).uniform(0, 1, size), rounded to float32. Expected: float64 loops in "
    "tools/reference; enlarged by Keys's cubic convolution (1981), a = -1/2, at half-pixel centres, the "
    "weights inside the picture scaled to sum 1. The sizes are such that every fraction is a multiple of 1/1024."
)


def content_loss(content_weight, F, P):
    """w_c times the sum of (F - P)^2, for activations of one shape."""
    return content_weight * math.fsum((float(F[at]) - float(P[at])) ** 2 for at in positions(F))


def gram_matrices(features, normalize=True):
    """One channel_gram for every picture of features, shape (N, H, W, C), over H W C; nested lists (N, C, C)."""
    _, H, W, C = features.shape
    size = H * W * C if normalize else 1
    return [[[entry / size for entry in row] for row in channel_gram(picture[None])] for picture in features]


def style_loss(feats, style_targets, style_weights):
    """The sum of w_l (G - A)^2 over layers, pictures and entries; all are dictionaries over layers, A (1, C, C)."""
    total = 0.0
    for layer, target in style_targets.items():
        for G in gram_matrices(feats[layer]):
            total += style_weights[layer] * math.fsum(
                (G[i][j] - float(target[0, i, j])) ** 2 for _, i, j in positions(target)
            )
    return total


def tv_loss(img, tv_weight):
    """w_t times the sum of the squared differences of all neighbours beside and below one another."""
    _, H, W, _ = img.shape
    total = 0.0
    for n, h, w, c in positions(img):
        if w + 1 < W:
            total += (float(img[n, h, w + 1, c]) - float(img[n, h, w, c])) ** 2
        if h + 1 < H:
            total += (float(img[n, h + 1, w, c]) - float(img[n, h, w, c])) ** 2
    return tv_weight * total


def transfer_costs(picture, kernels, content, style, content_layer, content_weight, style_weights, tv_weight):
    """content, style, tv and total of a picture, as style_transfer defines them."""
    feats = tiny_network(kernels, picture)
    targets = {layer: np.array(gram_matrices(tiny_network(kernels, style)[layer])) for layer in style_weights}
    J_content = content_loss(content_weight, feats[content_layer], tiny_network(kernels, content)[content_layer])
    J_style = style_loss(feats, targets, style_weights)
    J_tv = tv_loss(picture, tv_weight)
    return J_content, J_style, J_tv, J_content + J_style + J_tv


def first_step(total, start):
    """Where Adam's first step, of 3.0, takes the start, clipped to ±1.5: Adam divides a slope by its size."""
    picture = np.array(start, np.float64)
    for at in positions(picture):
        slope = []
        for shift in (1e-4, -1e-4):
            shifted = np.array(start, np.float64)
            shifted[at] += shift
            slope.append(total(shifted))
        difference = slope[0] - slope[1]
        assert abs(difference) > 1e-5, "choose other numbers: the sign of this slope is not certain"
        picture[at] = min(1.5, max(-1.5, picture[at] - math.copysign(3.0, difference)))
    return picture


def cubic_weights(length, new_length, new_index):
    """index -> weight of the pixels of a row of `length` that make up pixel new_index of a row of new_length."""
    centre = (new_index + 0.5) * length / new_length - 0.5
    weights = {}
    for index in range(math.floor(centre) - 1, math.floor(centre) + 3):
        d = abs(centre - index)
        weight = 1.5 * d**3 - 2.5 * d**2 + 1 if d <= 1 else -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
        if 0 <= index < length:
            weights[index] = weight
    total = sum(weights.values())
    return {index: weight / total for index, weight in weights.items()}


def enlarged(picture, size):
    """Bicubic interpolation of a picture (1, H, W, 3) at another (height, width)."""
    larger = np.zeros((1, *size, 3))
    for _, h, w, c in positions(larger):
        rows, columns = cubic_weights(picture.shape[1], size[0], h), cubic_weights(picture.shape[2], size[1], w)
        larger[0, h, w, c] = sum(
            rows[i] * columns[j] * float(picture[0, i, j, c]) for i, j in itertools.product(rows, columns)
        )
    return larger


def painted(picture):
    """What nst.checks.fast_style_transfer.grow_texture.square_and_add gives with the constant cost 1/4."""
    result = np.zeros(picture.shape)
    for at in positions(picture):
        result[at] = float(picture[at]) ** 2 + 0.25
    return result


def grown(sizes, seed):
    """The last picture of grow_texture, painted by `painted`."""
    picture = painted(random_start((1, *sizes[0], 3), seed))
    for size in sizes[1:]:
        picture = painted(enlarged(picture, size))
    return picture


def random_start(shape, seed):
    """Uniform in [0, 1), as float32."""
    return np.random.default_rng(seed).uniform(0, 1, shape).astype(np.float32)


def content_loss_case(name, weight, F, P, provenance):
    inputs = {"content_weight": weight, "content_current": F, "content_original": P}
    return case(name, inputs, {"loss": content_loss(weight, F, P)}, provenance)


def gram_matrix_case(name, features, provenance, **options):
    return case(name, {"features": features}, {"gram": gram_matrices(features, **options)}, provenance, options)


def style_loss_case(name, seed, sizes, weights, pictures=1):
    """sizes: every layer's (H, W, C); weights: those of the style layers, which may be fewer and in another order.

    pictures: how many are painted; the style picture is always one.
    """
    shapes = [shape for size in sizes.values() for shape in ((pictures, *size), (1, *size))]
    drawn = quarters(seed, *shapes)
    feats = dict(zip(sizes, drawn[::2], strict=True))
    theirs = dict(zip(sizes, drawn[1::2], strict=True))
    targets = {layer: np.float32(gram_matrices(theirs[layer])) for layer in weights}
    inputs = {"feats": feats, "style_targets": targets, "style_weights": weights}
    return case(name, inputs, {"loss": style_loss(feats, targets, weights)}, TARGET_GRAMS.format(seed=seed))


def tv_loss_case(name, img, weight, provenance):
    return case(name, {"img": img, "tv_weight": weight}, {"loss": tv_loss(img, weight)}, provenance)


def style_transfer_case(name, draw, weights, content_layer, content_size, style_size, **options):
    content, style, kernels = tiny_pictures(draw, (1, *content_size, 3), (1, *style_size, 3))
    content_weight, style_weights, tv_weight = weights
    arguments = kernels, content, style, content_layer, content_weight, style_weights, tv_weight
    names = "kernels", "content", "style", "content_layer", "content_weight", "style_weights", "tv_weight"
    start = random_start(content.shape, options["seed"]) if options.get("init_random") else content
    costs = transfer_costs(start, *arguments)
    picture = first_step(lambda shifted: transfer_costs(shifted, *arguments)[-1], start)
    results = "start", "content", "style", "tv", "total", "picture"
    expected = dict(zip(results, (start, *costs, picture), strict=True))
    return case(name, dict(zip(names, arguments, strict=True)), expected, PICTURES.format(seed=draw), options)


def inversion_cost_case(name, seed, size, layer, content_weight, tv_weight):
    picture, x, kernels = tiny_pictures(seed, (1, *size, 3), (1, *size, 3))
    content = content_loss(content_weight, tiny_network(kernels, x)[layer], tiny_network(kernels, picture)[layer])
    tv = tv_loss(x, tv_weight)
    inputs = {
        "kernels": kernels, "picture": picture, "layer": layer,
        "content_weight": content_weight, "tv_weight": tv_weight, "x": x,
    }  # fmt: skip
    expected = {"content": content, "tv": tv, "total": content + tv}
    return case(
        name,
        inputs,
        expected,
        PICTURES.partition(" A random")[0].format(seed=seed) + " Expected: float64 loops "
        "in tools/reference over nst.checks.fast_style_transfer.TinyNetwork, from the formulas.",
    )


def grow_texture_case(name, sizes, seed):
    return case(name, {"sizes": sizes}, {"picture": grown(sizes, seed)}, GROWN, {"seed": seed})


def make():
    """Everything that is stored for fast-style-transfer, as {exercise: [case, ...]}, inputs as float32 arrays."""
    cases = {}
    # No axis but the first has length 1, so that squeezing takes that one away and no other.
    pixels = (
        np.array([[[[1, 2], [3, 4]], [[0, 1], [2, 2]]]], np.float32),
        np.array([[[[1, 0], [0, 4]], [[0, 1], [3, 2]]]], np.float32),
    )
    four_positions = np.array([[[[1, 0], [2, 1]], [[0, 3], [1, 2]]]], np.float32)
    uneven = "activations whose height, width and channels all differ"
    many = "activations with more channels than positions"

    cases["content_loss"] = [content_loss_case("four positions, computed by hand", 3, *pixels, BY_HAND)]
    for seed, shape, name, weight in ((31, (1, 3, 5, 2), uneven, 0.5), (32, (1, 2, 3, 7), many, 0.04)):
        F, P = quarters(seed, shape, shape)
        cases["content_loss"].append(content_loss_case(name, weight, F, P, LOOPS.format(seed=seed)))
    cases["content_loss batch"] = []
    for seed, shape, name, weight in ((46, (2, 3, 2, 4), "two pictures", 0.5), (47, (3, 2, 4, 3), "three pictures", 2)):
        F, P = quarters(seed, shape, shape)
        cases["content_loss batch"].append(content_loss_case(name, weight, F, P, LOOPS.format(seed=seed)))

    cases["gram_matrix"] = [
        gram_matrix_case("four positions of two channels, computed by hand", four_positions, BY_HAND),
        gram_matrix_case("the same four positions, normalize=False", four_positions, BY_HAND, normalize=False),
    ]
    cases["gram_matrix batch"] = []
    for exercise, seed, shape, name, options in (
        ("gram_matrix", 33, (1, 3, 5, 2), uneven, {}),
        ("gram_matrix", 34, (1, 2, 3, 7), f"{many}, normalize=True", {"normalize": True}),
        ("gram_matrix batch", 35, (2, 3, 2, 4), "two pictures", {}),
        ("gram_matrix batch", 36, (3, 2, 5, 3), "three pictures, normalize=False", {"normalize": False}),
    ):
        (features,) = quarters(seed, shape)
        cases[exercise].append(gram_matrix_case(name, features, LOOPS.format(seed=seed), **options))

    target = np.array([[[0.25, 0], [0, 1.75]]], np.float32)
    feats, targets, weights = {"fire3": four_positions}, {"fire3": target}, {"fire3": 4}
    by_hand = {"feats": feats, "style_targets": targets, "style_weights": weights}
    agreeing = {
        "feats": feats,
        "style_targets": {"fire3": np.float32(gram_matrices(four_positions))},
        "style_weights": weights,
    }
    cases["style_loss"] = [
        case("one layer, computed by hand", by_hand, {"loss": style_loss(feats, targets, weights)}, BY_HAND),
        style_loss_case(
            "two style layers among three", 37, {"conv1": (3, 4, 2), "relu1": (2, 5, 3), "fire3": (3, 2, 6)},
            {"relu1": 0.5, "fire3": 3.0},
        ),
        style_loss_case(
            "three style layers in another order than feats", 38,
            {"relu1": (4, 3, 2), "fire2": (3, 2, 5), "fire3": (2, 3, 4), "fire4": (2, 3, 6)},
            {"fire4": 12, "relu1": 300, "fire3": 5},
        ),
    ]  # fmt: skip
    sizes, few = {"relu1": (3, 4, 2), "fire3": (2, 3, 5)}, {"relu1": 2, "fire3": 0.5}
    cases["style_loss batch"] = [style_loss_case("two pictures and one style", 48, sizes, few, pictures=2)]
    cases["style_loss agreeing"] = [case("targets that are the picture's own", agreeing, {"loss": 0.0}, BY_HAND)]

    grey = np.float32([[[[0] * 3, [1] * 3], [[3] * 3, [5] * 3]]])
    cases["tv_loss"] = [tv_loss_case("four grey pixels, computed by hand", grey, 0.5, BY_HAND)]
    cases["tv_loss batch"] = []
    for exercise, seed, shape, name, weight in (
        ("tv_loss", 39, (1, 5, 4, 3), "a picture higher than wide", 2),
        ("tv_loss", 40, (1, 4, 7, 3), "a picture wider than high", 0.05),
        ("tv_loss batch", 41, (2, 2, 5, 3), "two pictures", 0.25),
        ("tv_loss batch", 49, (3, 4, 3, 3), "three pictures", 2),
    ):
        (img,) = quarters(seed, shape)
        cases[exercise].append(tv_loss_case(name, img, weight, LOOPS.format(seed=seed)))

    cases["style_transfer"] = [
        style_transfer_case(
            "a content start", 42, (0.5, {"near": 20, "far": 3}, 0.75), "middle", (4, 5), (5, 3),
            init_random=False, seed=0,
        ),
        style_transfer_case(
            "a random start", 43, (2.0, {"far": 0.5, "middle": 7, "near": 40}, 1.5), "far", (5, 4), (3, 6),
            init_random=True, seed=3,
        ),
    ]  # fmt: skip
    cases["inversion_cost"] = [
        inversion_cost_case("the layer in the middle", 44, (4, 5), "middle", 0.5, 3),
        inversion_cost_case("the first layer, with other weights", 45, (5, 3), "near", 2, 0.25),
    ]
    cases["grow_texture"] = [
        grow_texture_case("two sizes", [[3, 5], [6, 10]], 0),
        grow_texture_case("three sizes, each side at its own pace", [[3, 2], [4, 4], [8, 16]], 5),
        grow_texture_case("a single size", [[4, 3]], 6),
    ]

    # What BY_HAND promises.
    assert cases["content_loss"][0]["expected"]["loss"] == 42
    assert cases["gram_matrix"][0]["expected"]["gram"] == [[[0.75, 0.5], [0.5, 1.75]]]
    assert cases["gram_matrix"][1]["expected"]["gram"] == [[[6, 4], [4, 14]]]
    assert cases["style_loss"][0]["expected"]["loss"] == 3
    assert cases["tv_loss"][0]["expected"]["loss"] == 45
    return cases
