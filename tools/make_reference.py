"""Make the reference data of the checks again: nst/checks/reference/<assignment>.json.

    python tools/make_reference.py

The published inputs are drawn as the original exercise drew them. Every other input is a NumPy draw of quarters, exact
in float32. Their outputs are computed here in float64 by plain Python loops straight from the formulas: a second,
independent specification of the exercises, on purpose without TensorFlow and without NumPy's array arithmetic.
"""

import itertools
import json
import math
import re
from pathlib import Path

import numpy as np

from nst.quiet import tf

TARGETS = Path(__file__).resolve().parent.parent / "nst" / "checks" / "reference"

PUBLISHED = {
    "J_content": 6.76559,
    "GA": [
        [6.42230511, -4.42912197, -2.09668207],
        [-4.42912197, 19.46583748, 19.56387138],
        [-2.09668207, 19.56387138, 20.6864624],
    ],
    "J_style_layer": 9.19028,
    "J": 35.34667875478276,
    "loss": 528.143,
}

DRAWN = (
    "Published with the original exercise. Its inputs are TensorFlow 1 draws, mean 1, standard deviation 4, "
    "under tf.set_random_seed(1); the same numbers come from tf.raw_ops.RandomStandardNormal(shape, "
    "dtype=tf.float32, seed=1, seed2=k) * 4 + 1 in a fresh graph, k = 3 for the first tensor and k = 9 for "
    "the second. The expected value is the published one; loops in float64 over these inputs agree with it "
    "to float32 rounding."
)
LOOPS = (
    "Inputs: numpy.random.default_rng({seed}).integers(-16, 17, size) / 4, in the order listed. Expected: "
    "float64 loops in tools/make_reference.py, from the formula."
)
BY_HAND = (
    "Inputs chosen by hand, so that the result can be computed by hand; float64 loops in tools/make_reference.py agree."
)
TARGET_GRAMS = (
    "Activations: numpy.random.default_rng({seed}).integers(-16, 17, size) / 4, for every layer of feats first its "
    "own, then those of the style picture, whose Gram matrices, rounded to float32, are the targets. Expected: float64 "
    "loops in tools/make_reference.py, from the formula."
)
PICTURES = (
    "Pictures and kernels: numpy.random.default_rng({seed}).integers(-6, 7, size) / 4, in the order listed. A random "
    "start: numpy.random.default_rng(seed).uniform(0, 1, size), rounded to float32. Expected: float64 loops in "
    "tools/make_reference.py over nst.checks.fast_style_transfer.TinyNetwork, from the formulas; the picture is the "
    "start moved by 3 against the sign of the gradient (central differences), which is Adam's first step, and clipped."
)
GROWN = (
    "Start: numpy.random.default_rng(seed).uniform(0, 1, size), rounded to float32. Expected: float64 loops in "
    "tools/make_reference.py; enlarged by Keys's cubic convolution (1981), a = -1/2, at half-pixel centres, the "
    "weights inside the picture scaled to sum 1. The sizes are such that every fraction is a multiple of 1/1024."
)
COUNTED = (
    "Sizes chosen by hand. Expected: along every axis, the positions of the filter are counted one by one in "
    "tools/make_reference.py; the last size is the number of filters."
)
WINDOWS = (
    "Layers chosen by hand. Expected: tools/make_reference.py follows two neighbouring positions back through the "
    "layers, one by one, and measures the pixels that they see."
)
UNITS = (
    "Picture and kernels: numpy.random.default_rng({seed}).integers(-6, 7, size) / 4, in the order listed. Expected: "
    "float64 loops in tools/make_reference.py over nst.checks.fast_style_transfer.TinyNetwork, from the formulas."
)
FACES = (
    "Published with the original exercise. Its inputs are tf.compat.v1.random_normal((3, 128), mean, stddev, seed=1) "
    "in a graph under tf.compat.v1.set_random_seed(1): anchors with mean 6 and standard deviation 0.1, positives with "
    "1 and 1, negatives with 3 and 4. The expected value is the published one; loops in float64 over these inputs "
    "agree with it to float32 rounding."
)
HUNDREDTHS = (
    "Encodings: numpy.random.default_rng({seed}).integers(-100, 101, size) / 100{scaled}, rounded to float32. Labels "
    "chosen by hand. Expected: float64 loops in tools/make_reference.py, from the rule; no two distances that are "
    "compared are nearer to one another than 0.001."
)
TINY_FACES = (
    "Picture: numpy.random.default_rng({seed}).integers(0, 256, size), then kernel and bias of "
    "nst.checks.face_recognition.TinyEncoder: .integers(-16, 17, size) / 4. Expected: float64 loops in "
    "tools/make_reference.py."
)
AT_A_DISTANCE = " An entry of the database is the picture's encoding and an offset chosen by hand, rounded to float32."
EXACT = (
    "Chosen by hand, so that every number is exact in float32: the encoding is (1, 0), and the entry lies 0.75 from it."
)
DISTANCES = "Distances chosen by hand. Expected: counted one by one in tools/make_reference.py."
EIGHTHS = (
    "Inputs: numpy.random.default_rng({seed}), first .integers(0, 9, size) / 8 for f_1 and f_2, then "
    ".integers(-16, 17, size) / 8 for w and b{zeros}. Expected: float64 loops in tools/make_reference.py, from the "
    "formula."
)


# The published inputs


def tensorflow_1_draw(shape, op_seed):
    """What tf.random_normal(shape, mean=1, stddev=4) gave in TensorFlow 1 under tf.set_random_seed(1); float32."""
    # Eager TensorFlow keeps one generator per pair of seeds and lets it run on; a fresh graph starts it anew.
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        draw = tf.raw_ops.RandomStandardNormal(shape=shape, dtype=tf.float32, seed=1, seed2=op_seed)
        return session.run(draw * 4.0 + 1.0)


def face_draws():
    """The three tensors of the published triplets, (3, 128) float32 each."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.set_random_seed(1)
        moments = ((6, 0.1), (1, 1), (3, 4))
        return session.run([tf.compat.v1.random_normal((3, 128), mean=m, stddev=s, seed=1) for m, s in moments])


# The specification, in loops


def content_cost(a_C, a_G):
    """1 / (4 n_H n_W n_C) times the sum of (a_C - a_G)^2, for activations of shape (1, n_H, n_W, n_C)."""
    _, n_H, n_W, n_C = a_C.shape
    total = 0.0
    for h in range(n_H):
        for w in range(n_W):
            for c in range(n_C):
                total += (float(a_C[0, h, w, c]) - float(a_G[0, h, w, c])) ** 2
    return total / (4 * n_H * n_W * n_C)


def gram(A):
    """The products of every two rows of A, shape (n_C, n), as nested lists (n_C, n_C)."""
    rows, columns = A.shape
    return [
        [math.fsum(float(A[i, k]) * float(A[j, k]) for k in range(columns)) for j in range(rows)] for i in range(rows)
    ]


def channel_gram(a):
    """The Gram matrix of the channels of a, shape (1, n_H, n_W, n_C), as nested lists (n_C, n_C)."""
    _, n_H, n_W, n_C = a.shape
    matrix = [[0.0] * n_C for _ in range(n_C)]
    for i in range(n_C):
        for j in range(n_C):
            for h in range(n_H):
                for w in range(n_W):
                    matrix[i][j] += float(a[0, h, w, i]) * float(a[0, h, w, j])
    return matrix


def layer_style_cost(a_S, a_G):
    """1 / (4 n_C^2 (n_H n_W)^2) times the sum of (G_S - G_G)^2, for activations of shape (1, n_H, n_W, n_C)."""
    _, n_H, n_W, n_C = a_G.shape
    G_S, G_G = channel_gram(a_S), channel_gram(a_G)
    total = 0.0
    for i in range(n_C):
        for j in range(n_C):
            total += (G_S[i][j] - G_G[i][j]) ** 2
    return total / (4 * n_C**2 * (n_H * n_W) ** 2)


def quadratic(picture, content_target, style_target):
    """J, J_content, J_style and dJ/dpicture of nst.checks.neural_style_transfer.quadratic_costs, on flat lists."""
    J_content = sum((p - c) ** 2 for p, c in zip(picture, content_target, strict=True))
    J_style = sum((p - s) ** 2 for p, s in zip(picture, style_target, strict=True))
    gradient = [
        10 * 2 * (p - c) + 40 * 2 * (p - s) for p, c, s in zip(picture, content_target, style_target, strict=True)
    ]
    return 10 * J_content + 40 * J_style, J_content, J_style, gradient


def descend(picture, content_target, style_target, optimizer, learning_rate, steps):
    """`steps` of gradient descent or Adam; the flat picture after them, and the three costs before every step."""
    picture = list(picture)
    costs = []
    m, v = [0.0] * len(picture), [0.0] * len(picture)
    for t in range(1, steps + 1):
        J, J_content, J_style, gradient = quadratic(picture, content_target, style_target)
        costs.append((J, J_content, J_style))
        for i, g in enumerate(gradient):
            if optimizer == "SGD":
                picture[i] -= learning_rate * g
            else:  # Kingma and Ba 2015, algorithm 1, with Keras's default settings
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g * g
                m_hat, v_hat = m[i] / (1 - 0.9**t), v[i] / (1 - 0.999**t)
                picture[i] -= learning_rate * m_hat / (math.sqrt(v_hat) + 1e-7)
    return picture, costs


# The specification of fast-style-transfer, in loops


def positions(a):
    """Every index of an array."""
    return itertools.product(*map(range, a.shape))


def content_loss(content_weight, F, P):
    """w_c times the sum of (F - P)^2, for activations of one shape."""
    return content_weight * math.fsum((float(F[at]) - float(P[at])) ** 2 for at in positions(F))


def gram_matrices(features, normalize=True):
    """One channel_gram for every picture of features, shape (N, H, W, C), over H W C; nested lists (N, C, C)."""
    _, H, W, C = features.shape
    size = H * W * C if normalize else 1
    return [[[entry / size for entry in row] for row in channel_gram(picture[None])] for picture in features]


def style_loss(feats, style_targets, style_weights):
    """The sum of w_l (G - A)^2 over layers and entries; all three are dictionaries over layers, A (1, C, C)."""
    total = 0.0
    for layer, target in style_targets.items():
        G = gram_matrices(feats[layer])
        total += style_weights[layer] * math.fsum(
            (G[n][i][j] - float(target[n, i, j])) ** 2 for n, i, j in positions(target)
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


def tiny_network(kernels, picture):
    """The activations of nst.checks.fast_style_transfer.TinyNetwork, layer name -> float64 array."""
    found, below = {}, picture
    for (layer, kernel), (down, across) in zip(kernels.items(), ((1, 1), (2, 1), (1, 2)), strict=True):
        below = below[:, ::down, ::across]
        a = np.zeros((*below.shape[:3], kernel.shape[1]))
        for n, h, w, c in positions(a):
            a[n, h, w, c] = sum(float(below[n, h, w, k]) * float(kernel[k, c]) for k in range(kernel.shape[0]))
        found[layer] = below = a
    return found


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


# The specification of what-convnets-see, in loops


def steps(length, size, stride, padding):
    """Where a filter of `size` entries may begin along an axis, one by one: the padding reaches from -padding on."""
    starts, start = [], -padding
    while start + size <= length + padding:
        starts.append(start)
        start += stride
    return starts


def output_shape(input_shape, filter_shape, filters, stride=1, padding=0):
    """The positions along every axis but the last, counted, and the filters."""
    axes = zip(input_shape[:-1], filter_shape[:-1], strict=True)
    return [*(len(steps(length, size, stride, padding)) for length, size in axes), filters]


def convolve_1d(signal, kernels, stride=1, padding=0):
    """Products of the filter and what lies below it, added up; zeros beyond both ends; nested lists."""
    size, channels, filters = kernels.shape
    return [
        [
            math.fsum(
                float(signal[start + j, c]) * float(kernels[j, c, k])
                for j in range(size)
                for c in range(channels)
                if 0 <= start + j < len(signal)
            )
            for k in range(filters)
        ]
        for start in steps(len(signal), size, stride, padding)
    ]


def pixels_seen(layers, position):
    """The first and last pixel that a position of the last of `layers` sees, without padding."""
    first = last = position
    for size, stride in reversed(layers):
        first, last = first * stride, last * stride + size - 1
    return first, last


def receptive_field(layers):
    """(size, jump) of the last of `layers`, (kernel size, stride) each."""
    (first, last), (next_first, _) = pixels_seen(layers, 0), pixels_seen(layers, 1)
    return last - first + 1, next_first - first


def strongest(activation, count):
    """[picture, row, column] of the largest entry of a picture, for the `count` pictures with the largest."""
    places = []
    for picture in range(len(activation)):
        best = max(map(float, activation[picture].ravel()))
        rows_and_columns = positions(activation[picture])
        row, column = next(at for at in rows_and_columns if float(activation[picture][at]) == best)
        places.append((-best, picture, row, column))
    return [list(place[1:]) for place in sorted(places)[:count]]


def mean_variation(picture):
    """The mean squared difference of neighbours beside one another, plus that of those below one another."""
    across = [
        (float(picture[n, h, w, c]) - float(picture[n, h, w - 1, c])) ** 2 for n, h, w, c in positions(picture) if w
    ]
    down = [
        (float(picture[n, h, w, c]) - float(picture[n, h - 1, w, c])) ** 2 for n, h, w, c in positions(picture) if h
    ]
    return math.fsum(across) / len(across) + math.fsum(down) / len(down)


# The specification of face-recognition, in loops


def squared_distance(f, g):
    """The sum of (f_k - g_k)^2."""
    return math.fsum((float(a) - float(b)) ** 2 for a, b in zip(f, g, strict=True))


def triplet_loss(anchors, positives, negatives, alpha=0.2):
    """The sum over the triplets of max(squared distance to the positive - that to the negative + alpha, 0)."""
    total = 0.0
    for a, p, n in zip(anchors, positives, negatives, strict=True):
        total += max(squared_distance(a, p) - squared_distance(a, n) + alpha, 0.0)
    return total


def choose_triplets(encodings, labels, alpha=0.2):
    """[anchor, positive, negative] of every pair with a semi-hard negative that costs something, the hardest one."""
    triplets, pictures = [], range(len(labels))
    for a, p in itertools.permutations(pictures, 2):
        if labels[a] != labels[p]:
            continue
        near = squared_distance(encodings[a], encodings[p])
        others = {n: squared_distance(encodings[a], encodings[n]) for n in pictures if labels[n] != labels[a]}
        compared = [*others.values(), near, near + alpha]
        gaps = (abs(d - e) for d, e in itertools.combinations(compared, 2))
        assert min(gaps) > 1e-3, "choose other numbers: two distances are nearly equal"
        farther = {n: d for n, d in others.items() if d > near}
        if farther:
            n = min(farther, key=farther.get)
            if farther[n] < near + alpha:
                triplets.append([a, p, n])
    return triplets


def tiny_encoding(image, kernel, bias):
    """What nst.checks.face_recognition.TinyEncoder makes of a picture (H, W, 3) uint8: a list of unit norm."""
    encoding = [
        float(bias[k]) + math.fsum(int(image[at]) / 255 * float(kernel[(*at, k)]) for at in positions(image))
        for k in range(len(bias))
    ]
    length = math.sqrt(math.fsum(number**2 for number in encoding))
    return [number / length for number in encoding]


def acceptance_rates(same, different, threshold):
    """The shares of `different` and of `same` that are below the threshold."""
    return tuple(sum(1 for d in distances if d < threshold) / len(distances) for distances in (different, same))


def probability_same(f_1, f_2, w, b, similarity="absolute"):
    """The sigmoid of b plus the sum over k of w_k times the likeness of the two k-th numbers; a list."""
    probabilities = []
    for one, other in zip(f_1, f_2, strict=True):
        z = float(b)
        for x, y, weight in zip(map(float, one), map(float, other), map(float, w), strict=True):
            chi2 = (x - y) ** 2 / (x + y) if x + y > 0 else 0.0
            z += weight * (abs(x - y) if similarity == "absolute" else chi2)
        probabilities.append(1 / (1 + math.exp(-z)))
    return probabilities


# The cases


def quarters(seed, *shapes, largest=4):
    """One float32 array per shape: random multiples of 1/4, exact in float32 and short to write."""
    rng = np.random.default_rng(seed)
    return [(rng.integers(-int(4 * largest), int(4 * largest) + 1, shape) / 4).astype(np.float32) for shape in shapes]


def case(name, inputs, expected, provenance, options=None):
    return {
        "name": name,
        "provenance": provenance,
        "inputs": inputs,
        "options": options or {},
        "expected": expected,
    }


def painting_case(name, seed, optimizer, learning_rate, steps):
    """A small picture, the two pictures its quadratic costs pull it to, and where the optimiser takes it."""
    shape = (1, 2, 4, 3)
    picture, content_target, style_target = quarters(seed, shape, shape, shape)
    after, costs = descend(
        picture.ravel().tolist(), content_target.ravel().tolist(), style_target.ravel().tolist(),
        optimizer, learning_rate, steps,
    )  # fmt: skip
    inputs = {"picture": picture, "content_target": content_target, "style_target": style_target}
    return name, inputs, np.reshape(after, shape), costs, LOOPS.format(seed=seed)


def train_step_case(name, seed, optimizer, learning_rate):
    name, inputs, after, costs, provenance = painting_case(name, seed, optimizer, learning_rate, 1)
    J, J_content, J_style = costs[0]
    expected = {"J": J, "J_content": J_content, "J_style": J_style, "picture": after}
    return case(name, inputs | {"optimizer": optimizer, "learning_rate": learning_rate}, expected, provenance)


def model_nn_case(name, seed, learning_rate, steps):
    name, inputs, after, _, provenance = painting_case(name, seed, "Adam", learning_rate, steps)
    options = {"num_iterations": steps, "learning_rate": learning_rate}
    return case(name, inputs, {"picture": after}, provenance, options)


def callback_case(name, seed, learning_rate, steps):
    name, inputs, _, costs, provenance = painting_case(name, seed, "Adam", learning_rate, steps)
    expected = dict(zip(("total", "content", "style"), map(list, zip(*costs, strict=True)), strict=True))
    options = {"num_iterations": steps, "learning_rate": learning_rate}
    return case(name, inputs, expected, provenance, options)


def make_neural_style_transfer():
    """Everything that is stored for neural-style-transfer, as {exercise: [case, ...]}, inputs as float32 arrays."""
    first, second = tensorflow_1_draw((1, 4, 4, 3), 3), tensorflow_1_draw((1, 4, 4, 3), 9)
    published = "the published inputs"
    cases = {
        "compute_content_cost": [
            case(published, {"a_C": first, "a_G": second}, {"J_content": PUBLISHED["J_content"]}, DRAWN)
        ],
        "gram_matrix": [case(published, {"A": tensorflow_1_draw((3, 2), 3)}, {"GA": PUBLISHED["GA"]}, DRAWN)],
        "compute_layer_style_cost": [
            case(published, {"a_S": first, "a_G": second}, {"J_style_layer": PUBLISHED["J_style_layer"]}, DRAWN)
        ],
    }

    uneven = "activations whose height, width and channels all differ"
    for seed, shape, name in (
        (11, (1, 3, 5, 2), uneven),
        (12, (1, 2, 3, 7), "activations with more channels than positions"),
    ):
        a, a_G = quarters(seed, shape, shape)
        provenance = LOOPS.format(seed=seed)
        cases["compute_content_cost"].append(
            case(name, {"a_C": a, "a_G": a_G}, {"J_content": content_cost(a, a_G)}, provenance)
        )
        cases["compute_layer_style_cost"].append(
            case(name, {"a_S": a, "a_G": a_G}, {"J_style_layer": layer_style_cost(a, a_G)}, provenance)
        )
    for seed, shape, name in (
        (13, (2, 5), "a matrix of 2 channels and 5 positions"),
        (14, (6, 4), "a matrix of 6 channels and 4 positions"),
    ):
        (A,) = quarters(seed, shape)
        cases["gram_matrix"].append(case(name, {"A": A}, {"GA": gram(A)}, LOOPS.format(seed=seed)))

    # The legacy generator, because the original exercise used it.
    generator = np.random.RandomState(3)
    J_content, J_style = generator.randn(), generator.randn()
    seeded = "Published with the original exercise: np.random.seed(3), then J_content, J_style = two np.random.randn()."
    by_hand = "Inputs chosen by hand. Expected: alpha * J_content + beta * J_style by hand."
    cases["total_cost"] = [
        case(
            "the published inputs, with the default weights",
            {"J_content": J_content, "J_style": J_style},
            {"J": PUBLISHED["J"]},
            seeded,
        ),
        case(
            "the weights alpha=3 and beta=7",
            {"J_content": 2.0, "J_style": 5.0},
            {"J": 41.0},
            by_hand,
            {"alpha": 3, "beta": 7},
        ),
        case(
            "the weights alpha=0.5 and beta=0",
            {"J_content": 8.0, "J_style": 3.0},
            {"J": 4.0},
            by_hand,
            {"alpha": 0.5, "beta": 0},
        ),
    ]

    cases["train_step"] = [
        train_step_case("one step of plain gradient descent", 15, "SGD", 0.002),
        train_step_case("one step of Adam", 16, "Adam", 0.25),
    ]
    cases["model_nn"] = [
        model_nn_case("four iterations at learning rate 0.5", 17, 0.5, 4),
        model_nn_case("one iteration at learning rate 0.75", 18, 0.75, 1),
    ]
    cases["model_nn callback"] = [callback_case("five iterations with a callback", 19, 0.25, 5)]

    _agree(cases, "compute_content_cost", "J_content", content_cost)
    _agree(cases, "compute_layer_style_cost", "J_style_layer", layer_style_cost)
    _agree(cases, "gram_matrix", "GA", gram)
    return cases


def content_loss_case(name, weight, F, P, provenance):
    inputs = {"content_weight": weight, "content_current": F, "content_original": P}
    return case(name, inputs, {"loss": content_loss(weight, F, P)}, provenance)


def gram_matrix_case(name, features, provenance, **options):
    return case(name, {"features": features}, {"gram": gram_matrices(features, **options)}, provenance, options)


def style_loss_case(name, seed, sizes, weights):
    """sizes: every layer's (H, W, C); weights: those of the style layers, which may be fewer and in another order."""
    shapes = [(1, *size) for size in sizes.values()]
    drawn = quarters(seed, *(shape for pair in zip(shapes, shapes, strict=True) for shape in pair))
    feats = dict(zip(sizes, drawn[::2], strict=True))
    theirs = dict(zip(sizes, drawn[1::2], strict=True))
    targets = {layer: np.float32(gram_matrices(theirs[layer])) for layer in weights}
    inputs = {"feats": feats, "style_targets": targets, "style_weights": weights}
    return case(name, inputs, {"loss": style_loss(feats, targets, weights)}, TARGET_GRAMS.format(seed=seed))


def tv_loss_case(name, img, weight, provenance):
    return case(name, {"img": img, "tv_weight": weight}, {"loss": tv_loss(img, weight)}, provenance)


KERNELS = {"near": (3, 2), "middle": (2, 4), "far": (4, 3)}


def tiny_pictures(seed, *shapes):
    """A picture of each shape, and the kernels of a tiny network."""
    drawn = quarters(seed, *shapes, *KERNELS.values(), largest=1.5)
    return *drawn[: len(shapes)], dict(zip(KERNELS, drawn[len(shapes) :], strict=True))


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
        "in tools/make_reference.py over nst.checks.fast_style_transfer.TinyNetwork, from the formulas.",
    )


def grow_texture_case(name, sizes, seed):
    return case(name, {"sizes": sizes}, {"picture": grown(sizes, seed)}, GROWN, {"seed": seed})


def make_fast_style_transfer():
    """Everything that is stored for fast-style-transfer, as {exercise: [case, ...]}, inputs as float32 arrays."""
    cases = {}
    two_numbers = np.array([[[[1, 2], [3, 4]]]], np.float32), np.array([[[[1, 0], [0, 5]]]], np.float32)
    four_positions = np.array([[[[1, 0], [2, 1], [0, 3], [1, 2]]]], np.float32)
    uneven = "activations whose height, width and channels all differ"
    many = "activations with more channels than positions"

    cases["content_loss"] = [content_loss_case("two pixels, computed by hand", 3, *two_numbers, BY_HAND)]
    for seed, shape, name, weight in ((31, (1, 3, 5, 2), uneven, 0.5), (32, (1, 2, 3, 7), many, 0.04)):
        F, P = quarters(seed, shape, shape)
        cases["content_loss"].append(content_loss_case(name, weight, F, P, LOOPS.format(seed=seed)))

    cases["gram_matrix"] = [
        gram_matrix_case("four positions of two channels, computed by hand", four_positions, BY_HAND),
        gram_matrix_case("the same four positions, normalize=False", four_positions, BY_HAND, normalize=False),
    ]
    for seed, shape, name, options in (
        (33, (1, 3, 5, 2), uneven, {}),
        (34, (1, 2, 3, 7), many, {}),
        (35, (2, 3, 2, 4), "two pictures", {}),
        (36, (2, 2, 5, 3), "two pictures, normalize=False", {"normalize": False}),
    ):
        (features,) = quarters(seed, shape)
        cases["gram_matrix"].append(gram_matrix_case(name, features, LOOPS.format(seed=seed), **options))

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
            {"relu1": (4, 3, 2), "fire2": (3, 2, 5), "fire3": (2, 3, 4), "fire4": (1, 3, 6)},
            {"fire4": 12, "relu1": 300, "fire3": 5},
        ),
    ]  # fmt: skip
    cases["style_loss agreeing"] = [case("targets that are the picture's own", agreeing, {"loss": 0.0}, BY_HAND)]

    grey = np.float32([[[[0] * 3, [1] * 3], [[3] * 3, [5] * 3]]])
    cases["tv_loss"] = [tv_loss_case("four grey pixels, computed by hand", grey, 0.5, BY_HAND)]
    for seed, shape, name, weight in (
        (39, (1, 5, 4, 3), "a picture higher than wide", 2),
        (40, (1, 4, 7, 3), "a picture wider than high", 0.05),
        (41, (2, 2, 5, 3), "two pictures", 0.25),
    ):
        (img,) = quarters(seed, shape)
        cases["tv_loss"].append(tv_loss_case(name, img, weight, LOOPS.format(seed=seed)))

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


def output_shape_case(name, *inputs, **options):
    names = "input_shape", "filter_shape", "filters"
    expected = {"shape": output_shape(*inputs, **options)}
    return case(name, dict(zip(names, inputs, strict=True)), expected, COUNTED, options)


def convolve_1d_case(name, signal, kernels, provenance, **options):
    expected = {"result": convolve_1d(signal, kernels, **options)}
    return case(name, {"signal": signal, "kernels": kernels}, expected, provenance, options)


def receptive_field_case(name, layers):
    size, jump = receptive_field(layers)
    return case(name, {"layers": layers}, {"size": size, "jump": jump}, WINDOWS)


def strongest_case(name, activation, count, provenance):
    expected = {"places": strongest(activation, count)}
    return case(name, {"activation": activation, "count": count}, expected, provenance)


def unit_cost_case(name, seed, size, layer, channel, tv_weight):
    picture, kernels = tiny_pictures(seed, (1, *size, 3))
    a = tiny_network(kernels, picture)[layer][0, :, :, channel]
    unit = -math.fsum(map(float, a.ravel())) / a.size
    tv = tv_weight * mean_variation(picture)
    inputs = {"kernels": kernels, "layer": layer, "channel": channel, "tv_weight": tv_weight, "picture": picture}
    return case(name, inputs, {"unit": unit, "tv": tv, "total": unit + tv}, UNITS.format(seed=seed))


def make_what_convnets_see():
    """Everything that is stored for what-convnets-see, as {exercise: [case, ...]}, inputs as float32 arrays."""
    cases = {}
    cases["output_shape"] = [
        output_shape_case("a picture of 14 × 14 pixels and 16 filters of 5 × 5", [14, 14, 3], [5, 5, 3], 16),
        output_shape_case("a signal of 14 samples and 16 filters of 5", [14, 1], [5, 1], 16),
        output_shape_case("a volume of 14 × 14 × 14 and 16 filters of 5 × 5 × 5", [14, 14, 14, 1], [5, 5, 5, 1], 16),
        output_shape_case("a signal with stride 2, where the last sample is left over", [9, 2], [4, 2], 5, stride=2),
        output_shape_case("a picture with padding 1", [6, 7, 1], [3, 3, 1], 4, padding=1),
        output_shape_case(
            "an uneven picture with stride 3 and padding 2", [13, 8, 6], [4, 3, 6], 7, stride=3, padding=2
        ),
        output_shape_case("a clip with stride 2 and padding 1", [10, 9, 12, 2], [2, 3, 5, 2], 8, stride=2, padding=1),
    ]

    signal = np.float32([[1], [2], [4], [3], [0]])
    edge = np.float32([[[-1]], [[0]], [[1]]])
    cases["convolve_1d"] = [convolve_1d_case("five samples and one filter, computed by hand", signal, edge, BY_HAND)]
    for seed, shape, kernel_shape, name, options in (
        (51, (7, 1), (3, 1, 4), "four filters", {}),
        (52, (6, 3), (4, 3, 2), "three channels and two filters", {}),
        (53, (11, 2), (3, 2, 5), "stride 3", {"stride": 3}),
        (54, (5, 2), (4, 2, 3), "padding 2", {"padding": 2}),
        (55, (8, 3), (3, 3, 4), "stride 2 and padding 1", {"stride": 2, "padding": 1}),
    ):
        signal, kernels = quarters(seed, shape, kernel_shape)
        cases["convolve_1d"].append(convolve_1d_case(name, signal, kernels, LOOPS.format(seed=seed), **options))

    block = [[3, 1], [3, 1], [2, 2]]
    cases["receptive_field"] = [
        receptive_field_case("two convolutions, a pooling, a convolution", [*block, [3, 1]]),
        receptive_field_case("one layer of kernel size 5 and stride 3", [[5, 3]]),
        receptive_field_case("three layers with other kernels and strides", [[7, 2], [3, 2], [5, 1]]),
        receptive_field_case("a layer that skips pixels", [[1, 2], [3, 3], [4, 1], [2, 2]]),
        receptive_field_case(
            "VGG-19 as far as conv5_1", [*block, *block, *[[3, 1]] * 4, [2, 2], *[[3, 1]] * 4, [2, 2], [3, 1]]
        ),
    ]

    three = np.float32([[[0, 2, 1], [3, 0, 1]], [[5, 0, 6], [4, 0, 0]], [[1, 0, 2], [0, 4, 0]]])
    tied = np.float32([[[1, 2], [2, 0]], [[0, 1], [1, 0]], [[0, 0], [2, 2]], [[0, 3], [3, 3]], [[2, 0], [0, 1]]])
    cases["strongest"] = [
        strongest_case("three pictures of 2 × 3, by hand", three, 2, BY_HAND),
        strongest_case("five pictures with equal entries, by hand", tied, 4, BY_HAND),
    ]
    for seed, shape, count, name in (
        (56, (6, 4, 7), 3, "pictures wider than high"),
        (57, (4, 5, 3), 9, "fewer pictures than are asked for"),
    ):
        (activation,) = quarters(seed, shape)
        cases["strongest"].append(strongest_case(name, activation, count, LOOPS.format(seed=seed)))

    cases["unit_cost"] = [
        unit_cost_case("the layer in the middle", 58, (5, 4), "middle", 1, 0.25),
        unit_cost_case("the last layer, with another weight", 59, (6, 7), "far", 2, 3),
        unit_cost_case("the first layer, channel 0", 60, (4, 6), "near", 0, 0.5),
    ]

    # What COUNTED and BY_HAND promise.
    assert [c["expected"]["shape"] for c in cases["output_shape"][:3]] == [[10, 10, 16], [10, 16], [10, 10, 10, 16]]
    assert cases["convolve_1d"][0]["expected"]["result"] == [[3], [1], [-4]]
    assert cases["receptive_field"][0]["expected"] == {"size": 10, "jump": 2}
    assert cases["strongest"][0]["expected"]["places"] == [[1, 0, 2], [2, 1, 1]]
    return cases


def triplet_loss_case(name, y_pred, provenance, expected=None, **options):
    """y_pred: anchors, positives and negatives."""
    loss = triplet_loss(*y_pred, **options) if expected is None else expected
    y_pred = dict(zip(("anchors", "positives", "negatives"), y_pred, strict=True))
    return case(name, {"y_true": None, "y_pred": y_pred}, {"loss": loss}, provenance, options)


def choose_triplets_case(name, encodings, labels, provenance, **options):
    expected = {"triplets": choose_triplets(encodings, labels, **options)}
    return case(name, {"encodings": encodings, "labels": labels}, expected, provenance, options)


def face_draw(seed, size, dimensions):
    """A picture (H, W, 3) uint8, and a tiny encoder's kernel and bias."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*size, 3)).astype(np.uint8)
    kernel, bias = (rng.integers(-16, 17, shape) / 4 for shape in ((*size, 3, dimensions), (dimensions,)))
    return image, kernel.astype(np.float32), bias.astype(np.float32)


def img_to_encoding_case(name, seed, size, dimensions):
    image, kernel, bias = face_draw(seed, size, dimensions)
    expected = {"encoding": tiny_encoding(image, kernel, bias)}
    return case(name, {"image": image, "kernel": kernel, "bias": bias}, expected, TINY_FACES.format(seed=seed))


def door_case(name, seed, offsets, identity=None, **options):
    """A case of verify, or of who_is_it where there is no identity. offsets: name -> three numbers."""
    image, kernel, bias = face_draw(seed, (2, 4), 3)
    encoding = tiny_encoding(image, kernel, bias)
    database = {
        who: np.float32([e + shift for e, shift in zip(encoding, offset, strict=True)])
        for who, offset in offsets.items()
    }
    provenance = TINY_FACES.format(seed=seed) + AT_A_DISTANCE
    return at_the_door(name, image, kernel, bias, database, identity, provenance, options)


def at_the_door(name, image, kernel, bias, database, identity, provenance, options):
    encoding, threshold = tiny_encoding(image, kernel, bias), options.get("threshold", 0.7)
    distances = {who: math.sqrt(squared_distance(encoding, entry)) for who, entry in database.items()}
    inputs = {"image": image, "identity": identity, "database": database, "kernel": kernel, "bias": bias}
    if identity:
        expected = {"distance": distances[identity], "door_open": distances[identity] < threshold}
    else:
        del inputs["identity"]
        nearest = min(distances, key=distances.get)
        expected = {"distance": distances[nearest], "name": None if distances[nearest] > threshold else nearest}
    return case(name, inputs, expected, provenance, options)


def acceptance_rates_case(name, same, different, threshold):
    false, true = acceptance_rates(same, different, threshold)
    inputs = {"same": np.float32(same), "different": np.float32(different), "threshold": threshold}
    return case(name, inputs, {"false_accept_rate": false, "true_accept_rate": true}, DISTANCES)


def probability_same_case(name, seed, pairs, dimensions, zeros=0, **options):
    """zeros: in so many of the first dimensions both encodings of the first pair are 0."""
    rng = np.random.default_rng(seed)
    f_1, f_2 = (rng.integers(0, 9, (pairs, dimensions)) / 8 for _ in range(2))
    w, b = rng.integers(-16, 17, dimensions) / 8, rng.integers(-16, 17) / 8
    f_1[0, :zeros] = f_2[0, :zeros] = 0
    inputs = {"f_1": np.float32(f_1), "f_2": np.float32(f_2), "w": np.float32(w), "b": float(b)}
    said = ", then the first pair's first numbers set to 0" if zeros else ""
    expected = {"probability": probability_same(f_1, f_2, w, b, **options)}
    return case(name, inputs, expected, EIGHTHS.format(seed=seed, zeros=said), options)


def make_face_recognition():
    """Everything that is stored for face-recognition, as {exercise: [case, ...]}, inputs as float32 arrays."""
    cases = {}
    published = face_draws()
    np.testing.assert_allclose(triplet_loss(*published), PUBLISHED["loss"], rtol=2e-6)
    by_hand = np.float32([[[1, 0], [0, 0]], [[0, 0], [0, 1]], [[0, 1], [3, 0]]])
    cases["triplet_loss"] = [
        triplet_loss_case("the published inputs", published, FACES, PUBLISHED["loss"]),
        triplet_loss_case("two triplets computed by hand, alpha=1.5", by_hand, BY_HAND, alpha=1.5),
    ]
    for seed, shape, name, options in (
        (61, (5, 3), "five triplets, some of which cost nothing", {}),
        (62, (1, 6), "one triplet alone", {}),
        (63, (7, 2), "seven triplets, alpha=4", {"alpha": 4}),
    ):
        drawn = quarters(seed, shape, shape, shape)
        cases["triplet_loss"].append(triplet_loss_case(name, drawn, LOOPS.format(seed=seed), **options))

    plane = np.float32([[0, 0.6], [0, 0], [1.6, 0.9], [0.5, 0], [0.9, 0]])
    apart = np.float32([[0, 0], [3, 0], [0, 0.5], [3, 0.5], [-4, 1]])
    cases["choose_triplets"] = [
        choose_triplets_case("five points of the plane, by hand", plane, [2, 5, 8, 5, 2], BY_HAND)
    ]
    for seed, shape, labels, unit, name, options in (
        (65, (9, 3), [4, 1, 4, 7, 1, 4, 7, 2, 1], True, "nine encodings of unit norm", {}),
        (66, (10, 4), [3, 0, 3, 9, 0, 9, 3, 5, 0, 3], False, "ten encodings of other norms, alpha=0.6", {"alpha": 0.6}),
        (67, (8, 2), [1, 0, 2, 2, 0, 1, 1, 0], False, "eight points of the plane, alpha=0.1", {"alpha": 0.1}),
    ):
        encodings = np.random.default_rng(seed).integers(-100, 101, shape) / 100
        if unit:
            encodings = np.array([row / math.sqrt(squared_distance(row, 0 * row)) for row in encodings])
        provenance = HUNDREDTHS.format(seed=seed, scaled=", each divided by its norm" if unit else "")
        cases["choose_triplets"].append(
            choose_triplets_case(name, np.float32(encodings), labels, provenance, **options)
        )
    cases["choose_triplets"].append(
        choose_triplets_case("residents so far apart that no triplet costs anything", apart, [6, 8, 6, 8, 1], BY_HAND)
    )

    cases["img_to_encoding"] = [
        img_to_encoding_case("a picture of 2 × 4 pixels", 68, (2, 4), 3),
        img_to_encoding_case("a picture of 5 × 3 pixels and encodings of 6 numbers", 69, (5, 3), 6),
    ]

    near, far = (0.3, -0.4, 0), (0.6, 0, 0.25)  # 0.5 and 0.65 away
    street = {"Emre": (-1.2, 0.5, 0), "Kofi": far, "Safiya": (0.5, -0.5, 0.25), "Maeve": near}
    exact = (
        np.full((1, 1, 3), 255, np.uint8),
        np.float32([[[[1, 0], [0, 0], [0, 0]]]]),
        np.float32([0, 0]),
        {"Yuki": np.float32([1, 0.5]), "Nia": np.float32([1, 0.75])},
    )
    cases["verify"] = [
        door_case("a resident with a card of their own", 70, street, "Kofi"),
        door_case("a stranger with a stolen card", 71, street, "Emre"),
        door_case("a distance a little above 0.7", 72, street, "Safiya"),
        door_case("a stricter door, threshold=0.4", 73, street, "Maeve", threshold=0.4),
        door_case("a laxer door, threshold=1.4", 74, street, "Emre", threshold=1.4),
        at_the_door("a distance of exactly the threshold", *exact, "Nia", EXACT, {"threshold": 0.75}),
    ]
    strangers = {"Luis": (0.9, 0, -1.2), "Yuki": (0.6, -0.4, 0.25), "Tama": (0, 1.3, 0), "Farid": (1, 1, 0)}
    cases["who_is_it"] = [
        door_case(
            "a resident, the third of five", 75,
            {"Emre": (-1.2, 0.5, 0), "Kofi": far, "Maeve": near, "Nia": (0, 0.48, 0.36), "Luis": (1, 0, 0.5)},
        ),
        door_case("a stranger", 76, {name: strangers[name] for name in ("Luis", "Tama", "Farid")}),
        door_case("a stranger a little above 0.7", 77, strangers),
        door_case("a resident a little below 0.7", 78, {"Tama": (0, 1.3, 0), "Kofi": far, "Farid": (1, 1, 0)}),
        door_case("a stricter door, threshold=0.4", 79, {"Maeve": near, "Emre": far}, threshold=0.4),
        door_case("a laxer door, threshold=1.4", 80, {"Farid": (1, 1, 0), "Tama": (0, 1.3, 0)}, threshold=1.4),
    ]  # fmt: skip

    cases["acceptance_rates"] = [
        acceptance_rates_case(
            "four pairs of one resident and five of two", [0.25, 0.5, 0.5, 1], [0.5, 0.8, 1.25, 1.25, 1.5], 0.75
        ),
        acceptance_rates_case("a door that nobody passes", [0.5, 0.75], [1, 1.25, 1.5], 0.25),
        acceptance_rates_case("a door that everybody passes", [0.5, 0.25, 0.75], [1, 1.25], 1.75),
        acceptance_rates_case(
            "distances that are the threshold", [0.5, 0.75, 1, 1, 0.25, 1.25, 1, 0.5], [1, 1.5, 0.75, 1.25, 1], 1
        ),
    ]
    cases["probability_same"] = [
        probability_same_case("four pairs", 81, 4, 3),
        probability_same_case("one pair", 82, 1, 5),
        probability_same_case('five pairs, similarity="chi2"', 83, 5, 3, similarity="chi2"),
        probability_same_case('pairs with zeros, similarity="chi2"', 84, 3, 6, zeros=2, similarity="chi2"),
    ]

    # What BY_HAND and EXACT promise.
    assert cases["triplet_loss"][1]["expected"]["loss"] == 0.5
    assert cases["choose_triplets"][0]["expected"]["triplets"] == [[1, 3, 0], [4, 0, 2]]
    assert cases["choose_triplets"][-1]["expected"]["triplets"] == []
    assert cases["verify"][-1]["expected"] == {"distance": 0.75, "door_open": False}
    return cases


ASSIGNMENTS = {
    "what-convnets-see": make_what_convnets_see,
    "neural-style-transfer": make_neural_style_transfer,
    "fast-style-transfer": make_fast_style_transfer,
    "face-recognition": make_face_recognition,
}


def _agree(cases, exercise, result, specification):
    """Stop when the loops do not give the published value from the published inputs."""
    first = cases[exercise][0]
    computed = specification(*first["inputs"].values())
    np.testing.assert_allclose(computed, first["expected"][result], rtol=2e-6, err_msg=exercise)


def as_json(cases):
    """The file's text: float32 numbers as the shortest decimals that read back as the same float32."""

    def plain(value):
        if isinstance(value, np.ndarray):
            return [plain(item) for item in value]
        if isinstance(value, np.float32):
            return float(str(value))
        return value.item() if isinstance(value, np.generic) else value

    def walk(value):
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else plain(value)

    text = json.dumps(walk(cases), indent=1, ensure_ascii=False)
    # One line for each innermost list of numbers, so that a picture reads as pixels.
    return re.sub(r"\[\s+([^][{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m.group(1)) + "]", text) + "\n"


if __name__ == "__main__":
    TARGETS.mkdir(parents=True, exist_ok=True)
    for assignment, make in ASSIGNMENTS.items():
        target = TARGETS / f"{assignment}.json"
        target.write_text(as_json(make()), encoding="utf-8")
        print(f"wrote {target} ({target.stat().st_size / 1024:.0f} KiB)")
