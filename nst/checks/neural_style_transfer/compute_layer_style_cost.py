"""compute_layer_style_cost(a_S, a_G)"""

from nst.checks import hints
from nst.checks.exercise import Misunderstanding, cases
from nst.checks.gradients import cut
from nst.checks.neural_style_transfer.activations import (
    COMPARED_WITH_ITSELF,
    NOT_NORMALISED,
    PRECEDENCE,
    SIZES_FROM_NUMPY,
    activation_exercise,
    sizes_painted,
    sizes_stored,
)
from nst.checks.neural_style_transfer.gram_matrix import ELEMENTWISE
from nst.checks.wrong_versions import channel_products, composable, hard_coded, parts_of, squared_distance
from nst.quiet import tf


@composable
def _cost(**wrong):
    """A compute_layer_style_cost with a wrong part: sizes, what is compared, a Gram matrix, the sum, its factor."""
    parts = parts_of(
        wrong,
        sizes=sizes_painted,
        compared=lambda a_S, a_G: (a_S, a_G),
        gram=channel_products,
        summed=squared_distance,
        factor=lambda n_H, n_W, n_C: 1 / (4 * n_C**2 * (n_H * n_W) ** 2),
    )

    def function(a_S, a_G):
        factor = parts.factor(*parts.sizes(a_S, a_G))
        return factor * parts.summed(*map(parts.gram, parts.compared(a_S, a_G)))

    return function


def _rows_times_rows(a, shape):
    rows = tf.reshape(a, shape)
    return tf.matmul(rows, rows, transpose_b=True)


def _times_transposed(a):
    rows = tf.transpose(tf.reshape(a, [-1, a.shape[3]]))
    return rows * tf.transpose(rows)


_TWICE = (
    "The sizes divide twice: once inside the Gram matrices and once more in the cost. Here the Gram "
    "matrices stay as they are, and the factor in front does all of it."
)
_MISSING_SQUARE = (
    "Your sum is right, the number below the fraction bar is not. Look at the formula again: which of the "
    "sizes there are squared?"
)

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "reshaped-not-transposed",
        hints.RESHAPED.format("(n_C, n_H·n_W)")
        + "Bring the channels to the front by transposing, so that each row is one channel.",
        _cost(gram=lambda a: _rows_times_rows(a, [a.shape[3], -1])),
    ),
    Misunderstanding(
        "gram-over-positions",
        "Your Gram matrices compare positions with positions. Style is which channels fire together: the "
        "rows that go into gram_matrix should be channels.",
        _cost(gram=lambda a: _rows_times_rows(a, [-1, a.shape[3]])),
    ),
    Misunderstanding("dimensions-from-a-s", SIZES_FROM_NUMPY.format("a_S"), _cost(sizes=sizes_stored)),
    Misunderstanding(
        "mean-for-sum",
        "A mean over the Gram matrix divides by n_C² once more. The factor in front holds that already, so "
        "add the squares up.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (4 * n_C**4 * (n_H * n_W) ** 2)),
    ),
    Misunderstanding(
        "not-subtracted",
        "Only the picture's own Gram matrix is in your cost, so nothing draws it to the style. It is the "
        "difference of the two that should become small.",
        _cost(summed=lambda S, G: tf.reduce_sum(tf.square(G))),
    ),
    Misunderstanding(
        "multiplied-not-subtracted",
        "You multiply the two Gram matrices. It is their difference that should become small.",
        _cost(summed=lambda S, G: tf.reduce_sum(S * G)),
    ),
    Misunderstanding(
        "difference-not-squared", hints.SQUARE_DIFFERENCES, _cost(summed=lambda S, G: tf.reduce_sum(S - G))
    ),
    Misunderstanding("a-g-from-a-s", COMPARED_WITH_ITSELF.format("a_S"), _cost(compared=lambda a_S, a_G: (a_S, a_S))),
    Misunderstanding(
        "normalised-twice",
        _TWICE,
        _cost(gram=lambda a: channel_products(a) / (a.shape[1] * a.shape[2] * a.shape[3])),
    ),
    Misunderstanding(
        "normalised-twice-by-positions",
        _TWICE,
        _cost(gram=lambda a: channel_products(a) / (a.shape[1] * a.shape[2])),
    ),
    Misunderstanding(
        "missing-quarter",
        "Your cost is four times the reference. There is a number below the fraction bar besides the sizes.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (n_C**2 * (n_H * n_W) ** 2)),
    ),
    Misunderstanding(
        "half-for-quarter",
        "Your cost is twice the reference. If you write the factor as a square, the 2 inside it is squared too.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (2 * n_C**2 * (n_H * n_W) ** 2)),
    ),
    Misunderstanding(
        "square-missing-on-positions",
        _MISSING_SQUARE,
        _cost(factor=lambda n_H, n_W, n_C: 1 / (4 * n_C**2 * (n_H * n_W))),
    ),
    Misunderstanding(
        "square-missing-on-one-side",
        "Both sides of the picture are squared below the fraction bar: n_H and n_W. A square binds to the "
        "one name before it, unless there are brackets.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (4 * n_C**2 * n_H * n_W**2)),
    ),
    Misunderstanding(
        "square-missing-on-channels",
        _MISSING_SQUARE,
        _cost(factor=lambda n_H, n_W, n_C: 1 / (4 * n_C * (n_H * n_W) ** 2)),
    ),
    Misunderstanding(
        "square-missing",
        _MISSING_SQUARE,
        _cost(factor=lambda n_H, n_W, n_C: 1 / (4 * n_C * n_H * n_W)),
    ),
    Misunderstanding(
        "square-missing-outside",
        "Lecture notes write 1/(2 · n_H · n_W · n_C) here. In this course's formula that whole factor is squared.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (2 * n_C * n_H * n_W)),
    ),
    Misunderstanding("not-normalised", NOT_NORMALISED, _cost(factor=lambda n_H, n_W, n_C: 1)),
    Misunderstanding("precedence", PRECEDENCE, _cost(factor=lambda n_H, n_W, n_C: 1 / 4 * n_C**2 * (n_H * n_W) ** 2)),
    Misunderstanding(
        "no-gram-matrix",
        "You compare the activations position by position: that is content. For style, compare the Gram matrices.",
        _cost(gram=lambda a: a),
    ),
    Misunderstanding("elementwise", ELEMENTWISE, _cost(gram=tf.square)),
    Misunderstanding("elementwise-transposed", ELEMENTWISE, _cost(gram=_times_transposed)),
    hard_coded(cases("neural-style-transfer", "compute_layer_style_cost")),
    cut(_cost(compared=lambda a_S, a_G: (a_S, tf.stop_gradient(a_G)))),
]

EXERCISE = activation_exercise("compute_layer_style_cost", "a_S", _MISUNDERSTANDINGS, builds_on=("gram_matrix",))
