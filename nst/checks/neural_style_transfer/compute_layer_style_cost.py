"""compute_layer_style_cost(a_S, a_G)"""

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
        divisor=lambda n_H, n_W, n_C: 1,
        summed=squared_distance,
        four=4,
        positions=lambda n_H, n_W: (n_H * n_W) ** 2,
        channels=lambda n_C: n_C**2,
        factor=lambda n_H, n_W, n_C: 1 / (parts.four * parts.positions(n_H, n_W) * parts.channels(n_C)),
    )

    def function(a_S, a_G):
        sizes = parts.sizes(a_S, a_G)
        grams = (parts.gram(a) / parts.divisor(*sizes) for a in parts.compared(a_S, a_G))
        return parts.factor(*sizes) * parts.summed(*grams)

    return function


def _rows_times_rows(a, shape):
    rows = tf.reshape(a, shape)
    return tf.matmul(rows, rows, transpose_b=True)


def _times_transposed(a):
    rows = tf.transpose(tf.reshape(a, [-1, a.shape[3]]))
    return rows * tf.transpose(rows)


def _torch_reshaped(a):
    _, n_C, n_H, n_W = a.shape
    return _rows_times_rows(a, [n_C, n_H * n_W])


def _torch_transposed(a):
    _, n_C, n_H, n_W = a.shape
    columns = tf.reshape(a, [n_H * n_W, n_C])
    return tf.matmul(columns, columns, transpose_a=True)


_TWICE = (
    "The sizes divide twice: once inside the Gram matrices and once more in the cost. Here the Gram "
    "matrices stay as they are, and the factor in front does all of it."
)
_MISSING_SQUARE = (
    "Your sum is right, the number below the fraction bar is not. Look at the formula again: which of the "
    "sizes there are squared?"
)
_ONE_SIDE = (
    "Both sides of the picture are squared below the fraction bar: n_H and n_W. A square binds to the "
    "one name before it, unless there are brackets."
)
_TORCH = (
    "You read the sizes in PyTorch's order, (batch, channels, height, width). TensorFlow's channels are last: (batch, "
    "n_H, n_W, n_C)."
)
_NOT_UNROLLED = (
    "Your activations go into the product as they come, with four axes, so each row of the picture is compared with "
    "itself. Unroll them first, to (n_C, n_H·n_W)."
)
_LOOK_AT_UNROLLING = "Look at what each row of your unrolled activation holds: one channel, or something else?"
_LOOK_AT_GRAM = "Look at what you hand to gram_matrix, and at what you make of it."

_WITH_AN_ARRAY = (
    'a_S, a_G = np.zeros([1, 3, 1, 2], "float32"), tf.ones([1, 3, 1, 2])\n'
    "print(float(compute_layer_style_cost(a_S, a_G)))  # four squares of 3, divided by 4 · 2² · 3² = 144: 0.25"
)
_FROM_GREY = (
    "a_S, a_G = tf.zeros([1, 1, 2, 1]), tf.ones([1, 1, 2, 1])  # one row of two positions, one channel\n"
    "print(float(compute_layer_style_cost(a_S, a_G)))  # (1 + 1)² / (4 · 1² · 2²) = 4 / 16 = 0.25"
)

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "reshaped, not transposed",
        hints.RESHAPED.format("(n_C, n_H·n_W)")
        + "Bring the channels to the front by transposing, so that each row is one channel.",
        _cost(gram=lambda a: _rows_times_rows(a, [a.shape[3], -1])),
        _LOOK_AT_UNROLLING,
    ),
    Misunderstanding(
        "positions compared, not channels",
        "Your Gram matrices compare positions with positions. Style is which channels fire together: the "
        "rows that go into gram_matrix should be channels.",
        _cost(gram=lambda a: _rows_times_rows(a, [-1, a.shape[3]])),
        _LOOK_AT_UNROLLING,
    ),
    *shared_misunderstandings(_cost, "compute_layer_style_cost", "a_S", _WITH_AN_ARRAY),
    Misunderstanding(
        "a mean for the sum",
        "A mean over the Gram matrix divides by n_C² once more. The factor in front holds that already, so "
        "add the squares up.",
        _cost(channels=lambda n_C: n_C**4),
        LOOK_AT_SUM,
    ),
    Misunderstanding(
        "no difference taken",
        "Only the picture's own Gram matrix is in your cost, so nothing draws it to the style. It is the "
        "difference of the two that should become small.",
        _cost(summed=lambda S, G: tf.reduce_sum(tf.square(G))),
        LOOK_AT_SUM,
    ),
    Misunderstanding(
        "multiplied, not subtracted",
        "You multiply the two Gram matrices. It is their difference that should become small.",
        _cost(summed=lambda S, G: tf.reduce_sum(S * G)),
        LOOK_AT_SUM,
    ),
    Misunderstanding(
        "differences not squared",
        hints.SQUARE_DIFFERENCES,
        _cost(summed=lambda S, G: tf.reduce_sum(S - G)),
        LOOK_AT_SUM,
    ),
    Misunderstanding(
        "squared after the sum",
        hints.SQUARED_AFTER_THE_SUM,
        _cost(summed=lambda S, G: tf.square(tf.reduce_sum(S - G))),
        LOOK_AT_SUM,
    ),
    Misunderstanding(
        "absolute differences",
        hints.ABSOLUTE_DIFFERENCES,
        _cost(summed=lambda S, G: tf.reduce_sum(tf.abs(S - G))),
        LOOK_AT_SUM,
    ),
    Misunderstanding(
        "compared with itself",
        COMPARED_WITH_ITSELF.format("a_S"),
        _cost(compared=lambda a_S, a_G: (a_S, a_S)),
        "Look at the two Gram matrices that you subtract: does each come from its own argument?",
    ),
    Misunderstanding(
        "normalised twice",
        _TWICE,
        _cost(divisor=lambda n_H, n_W, n_C: n_H * n_W * n_C),
        _LOOK_AT_GRAM,
    ),
    Misunderstanding(
        "normalised twice, by the positions",
        _TWICE,
        _cost(divisor=lambda n_H, n_W, n_C: n_H * n_W),
        _LOOK_AT_GRAM,
    ),
    Misunderstanding(
        "the 4 is missing",
        "Your cost is four times the reference. There is a number below the fraction bar besides the sizes.",
        _cost(four=1),
    ),
    Misunderstanding(
        "a 2 for the 4",
        "Your cost is twice the reference. If you write the factor as a square, the 2 inside it is squared too.",
        _cost(four=2),
    ),
    Misunderstanding("positions not squared", _MISSING_SQUARE, _cost(positions=lambda n_H, n_W: n_H * n_W)),
    Misunderstanding("only the width squared", _ONE_SIDE, _cost(positions=lambda n_H, n_W: n_H * n_W**2)),
    Misunderstanding(
        "only the height squared", _ONE_SIDE, _cost(positions=lambda n_H, n_W: n_H**2 * n_W), experiment=_FROM_GREY
    ),
    Misunderstanding("channels not squared", _MISSING_SQUARE, _cost(channels=lambda n_C: n_C)),
    Misunderstanding(
        "nothing squared below the fraction bar",
        _MISSING_SQUARE,
        _cost(factor=lambda n_H, n_W, n_C: 1 / (4 * n_C * n_H * n_W)),
    ),
    Misunderstanding(
        "the factor of lecture notes",
        "Lecture notes write 1/(2 · n_H · n_W · n_C) here. In this course's formula that whole factor is squared.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (2 * n_C * n_H * n_W)),
    ),
    Misunderstanding("the bare sum", NOT_NORMALISED, _cost(factor=lambda n_H, n_W, n_C: 1)),
    Misunderstanding("only the 4", NOT_NORMALISED, _cost(factor=lambda n_H, n_W, n_C: 1 / 4)),
    Misunderstanding(
        "brackets missing below the fraction bar",
        PRECEDENCE,
        _cost(factor=lambda n_H, n_W, n_C: 1 / 4 * n_C**2 * (n_H * n_W) ** 2),
    ),
    Misunderstanding(
        "no Gram matrix",
        "You compare the activations position by position: that is content. For style, compare the Gram matrices.",
        _cost(gram=lambda a: a),
        _LOOK_AT_GRAM,
    ),
    Misunderstanding(
        "not unrolled",
        _NOT_UNROLLED,
        _cost(gram=lambda a: tf.matmul(a, a, transpose_b=True)),
        _LOOK_AT_UNROLLING,
    ),
    Misunderstanding(
        "not unrolled, and transposed whole",
        _NOT_UNROLLED,
        _cost(gram=lambda a: tf.matmul(a, tf.transpose(a))),
        _LOOK_AT_UNROLLING,
    ),
    Misunderstanding("PyTorch's axes", _TORCH, _cost(gram=_torch_reshaped), _LOOK_AT_UNROLLING),
    Misunderstanding("PyTorch's axes, transposed", _TORCH, _cost(gram=_torch_transposed), _LOOK_AT_UNROLLING),
    Misunderstanding("entry by entry", ELEMENTWISE, _cost(gram=tf.square), _LOOK_AT_GRAM),
    Misunderstanding("entry by entry, transposed", ELEMENTWISE, _cost(gram=_times_transposed), _LOOK_AT_GRAM),
    hard_coded(cases("neural-style-transfer", "compute_layer_style_cost")),
    cut(
        _cost(compared=lambda a_S, a_G: (a_S, tf.stop_gradient(a_G))),
        "a_S, a_G = tf.zeros([1, 1, 1, 1]), tf.Variable([[[[2.0]]]])\n"
        "with tf.GradientTape() as tape: J = compute_layer_style_cost(a_S, a_G)\n"
        "print(tape.gradient(J, a_G))  # J is the fourth power of a_G by 4, its slope 2³ = 8, and not None",
    ),
]

EXERCISE = activation_exercise(
    "compute_layer_style_cost",
    "a_S",
    _MISUNDERSTANDINGS,
    builds_on=("gram_matrix",),
    look=LOOK_AT_FACTOR,
    experiment=(
        "a_S, a_G = (tf.constant(3 * channels, shape=[1, 3, 1, 2]) for channels in ([1.0, 0.0], [0.0, 1.0]))\n"
        "print(float(compute_layer_style_cost(a_S, a_G)))\n"
        "# The Gram matrices are [[3, 0], [0, 0]] and [[0, 0], [0, 3]]: (9 + 9) / (4 · 2² · 3²) = 0.125 should come out"
    ),
)
