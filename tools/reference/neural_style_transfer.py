"""The reference values of neural-style-transfer: the specification in loops, and the cases."""

import math

import numpy as np

from nst.quiet import tf
from tools.reference.cases import LOOPS, case, channel_gram, quarters

PUBLISHED = {
    "J_content": 6.76559,
    "GA": [
        [6.42230511, -4.42912197, -2.09668207],
        [-4.42912197, 19.46583748, 19.56387138],
        [-2.09668207, 19.56387138, 20.6864624],
    ],
    "J_style_layer": 9.19028,
    "J": 35.34667875478276,
}
DRAWN = (
    "Published with the original exercise. Its inputs are TensorFlow 1 draws, mean 1, standard deviation 4, "
    "under tf.set_random_seed(1); the same numbers come from tf.raw_ops.RandomStandardNormal(shape, "
    "dtype=tf.float32, seed=1, seed2=k) * 4 + 1 in a fresh graph, k = 3 for the first tensor and k = 9 for "
    "the second. The expected value is the published one; loops in float64 over these inputs agree with it "
    "to float32 rounding."
)


def tensorflow_1_draw(shape, op_seed):
    """What tf.random_normal(shape, mean=1, stddev=4) gave in TensorFlow 1 under tf.set_random_seed(1); float32."""
    # Eager TensorFlow keeps one generator per pair of seeds and lets it run on; a fresh graph starts it anew.
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        draw = tf.raw_ops.RandomStandardNormal(shape=shape, dtype=tf.float32, seed=1, seed2=op_seed)
        return session.run(draw * 4.0 + 1.0)


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


def make():
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


def _agree(cases, exercise, result, specification):
    """Stop when the loops do not give the published value from the published inputs."""
    first = cases[exercise][0]
    computed = specification(*first["inputs"].values())
    np.testing.assert_allclose(computed, first["expected"][result], rtol=2e-6, err_msg=exercise)
