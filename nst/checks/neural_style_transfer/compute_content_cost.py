"""compute_content_cost(a_C, a_G)

Not here, on purpose: the scrambled reshape. Whatever order the numbers of both activations are unrolled in, as long as
it is the same order, the sum of squared differences is the same: the value is right. The habit bites in the style cost,
and is named there. So do PyTorch's axes, whose product is the same.
"""

from nst.checks import hints
from nst.checks.exercise import Misunderstanding, cases
from nst.checks.gradients import cut
from nst.checks.neural_style_transfer.activations import (
    COMPARED_WITH_ITSELF,
    LOOK_AT_FACTOR,
    LOOK_AT_SUM,
    NOT_NORMALISED,
    PRECEDENCE,
    activation_exercise,
    shared_misunderstandings,
    sizes_painted,
)
from nst.checks.wrong_versions import composable, hard_coded, parts_of, squared_distance
from nst.quiet import tf


@composable
def _cost(**wrong):
    """A compute_content_cost with a wrong part: the sizes, what is compared, the sum, the factor or a part of it."""
    parts = parts_of(
        wrong,
        sizes=sizes_painted,
        compared=lambda a_C, a_G: (a_C, a_G),
        summed=squared_distance,
        four=4,
        positions=lambda n_H, n_W: n_H * n_W,
        channels=lambda n_C: n_C,
        factor=lambda n_H, n_W, n_C: 1 / (parts.four * parts.positions(n_H, n_W) * parts.channels(n_C)),
    )

    def function(a_C, a_G):
        return parts.factor(*parts.sizes(a_C, a_G)) * parts.summed(*parts.compared(a_C, a_G))

    return function


_WITH_AN_ARRAY = (
    'a_C, a_G = np.zeros([1, 2, 1, 3], "float32"), tf.fill([1, 2, 1, 3], 2.0)\n'
    "print(float(compute_content_cost(a_C, a_G)))  # 1.0: an array is as good as a tensor"
)
_WITH_BOTH_SIGNS = (
    "a_C, a_G = tf.zeros([1, 1, 1, 2]), tf.constant([[[[1.0, -1.0]]]])\n"
    "print(float(compute_content_cost(a_C, a_G)))  # (1 + 1) / (4 · 1 · 1 · 2) = 0.25"
)

_SHAPE = "a_G = tf.ones([1, 2, 1, 3])\nprint(compute_content_cost(0 * a_G, a_G).shape)  # (), as one number has"

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "a half in front, and no sizes",
        "Some lecture notes and the paper write ½ in front of the sum. This course divides by 4 · n_H · n_W "
        "· n_C, so that the cost does not grow with the size of the layer.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / 2),
    ),
    Misunderstanding(
        "the 4 is missing",
        "Your cost is four times the reference. A mean already divides by n_H · n_W · n_C; the formula "
        "divides by one more number.",
        _cost(four=1),
    ),
    Misunderstanding(
        "half of the mean",
        "Your cost is twice the reference: the mean of the squares is halved, the formula asks for a quarter of it.",
        _cost(four=2),
    ),
    Misunderstanding("the bare sum", NOT_NORMALISED, _cost(factor=lambda n_H, n_W, n_C: 1)),
    Misunderstanding(
        "only the 4",
        "You divide by 4, and the sizes n_H, n_W and n_C are still waiting below the fraction bar.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / 4),
    ),
    Misunderstanding(
        "channels forgotten",
        "You divide by the positions alone. The channels count too: every one of the n_H · n_W · n_C numbers adds "
        "to the sum.",
        _cost(channels=lambda n_C: 1),
    ),
    Misunderstanding(
        "positions forgotten",
        "You divide by the channels alone. The positions count too: every one of the n_H · n_W · n_C numbers adds "
        "to the sum.",
        _cost(positions=lambda n_H, n_W: 1),
    ),
    Misunderstanding(
        "normalised twice",
        "The sizes divide your sum twice. A mean has divided by them once already; one of the two is enough.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (4 * (n_H * n_W * n_C) ** 2)),
    ),
    Misunderstanding(
        "brackets missing below the fraction bar",
        PRECEDENCE,
        _cost(factor=lambda n_H, n_W, n_C: 1 / 4 * n_H * n_W * n_C),
    ),
    Misunderstanding(
        "compared with itself",
        COMPARED_WITH_ITSELF.format("a_C"),
        _cost(compared=lambda a_C, a_G: (a_C, a_C)),
        "Look at the two tensors that you subtract: does each come from its own argument?",
    ),
    *shared_misunderstandings(_cost, "compute_content_cost", "a_C", _WITH_AN_ARRAY),
    Misunderstanding(
        "differences not squared",
        hints.SQUARE_DIFFERENCES,
        _cost(summed=lambda a, b: tf.reduce_sum(a - b)),
        LOOK_AT_SUM,
        _WITH_BOTH_SIGNS,
    ),
    Misunderstanding(
        "squared after the sum",
        hints.SQUARED_AFTER_THE_SUM,
        _cost(summed=lambda a, b: tf.square(tf.reduce_sum(a - b))),
        LOOK_AT_SUM,
        _WITH_BOTH_SIGNS,
    ),
    Misunderstanding(
        "absolute differences",
        hints.ABSOLUTE_DIFFERENCES,
        _cost(summed=lambda a, b: tf.reduce_sum(tf.abs(a - b))),
        LOOK_AT_SUM,
    ),
    Misunderstanding(
        "the root of the sum",
        "You take the length of the difference, which is the root of the sum of squares. The formula has no root.",
        _cost(summed=lambda a, b: tf.norm(a - b)),
        LOOK_AT_SUM,
    ),
    Misunderstanding(
        "one cost for each picture",
        "You sum over some axes and keep the batch, so that a list of one cost comes back. Sum over all axes: leave "
        "axis out.",
        _cost(summed=lambda a, b: tf.reduce_sum(tf.square(a - b), axis=[1, 2, 3])),
        LOOK_AT_SUM,
        _SHAPE,
    ),
    Misunderstanding(
        "squares not added up",
        "You return a square for each entry. The formula adds them all up to one number.",
        _cost(summed=lambda a, b: tf.square(a - b)),
        LOOK_AT_SUM,
        _SHAPE,
    ),
    hard_coded(cases("neural-style-transfer", "compute_content_cost")),
    cut(
        _cost(compared=lambda a_C, a_G: (a_C, tf.stop_gradient(a_G))),
        "a_C, a_G = tf.zeros([1, 1, 2, 1]), tf.Variable([[[[2.0], [4.0]]]])\n"
        "with tf.GradientTape() as tape: J = compute_content_cost(a_C, a_G)\n"
        "print(tape.gradient(J, a_G))  # a quarter of a_G, 0.5 and 1, and not None",
    ),
]

EXERCISE = activation_exercise(
    "compute_content_cost",
    "a_C",
    _MISUNDERSTANDINGS,
    look=LOOK_AT_FACTOR,
    experiment=(
        "a_C, a_G = tf.zeros([1, 2, 1, 3]), tf.fill([1, 2, 1, 3], 2.0)\n"
        "print(float(compute_content_cost(a_C, a_G)))  # six squares of 4, divided by 4 · 2 · 1 · 3: 24 / 24 = 1.0"
    ),
)
