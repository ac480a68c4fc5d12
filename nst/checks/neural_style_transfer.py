"""The exercises of neural-style-transfer: `check(function)`, and `compare(function, …)` for hidden tests.

No solution is written here: what is right comes from the stored reference, or from the caller of `compare`.
"""

from dataclasses import replace

import numpy as np

from nst.checks.engine import Unusable, check_function, close, compare_function, first_line
from nst.checks.exercise import Exercise, Misunderstanding, Property, load_reference
from nst.checks.probes import as_tensors, compiles, costs_nothing, gradient_arrives, takes_numpy
from nst.checks.wrong_versions import hard_coded
from nst.quiet import tf

_REFERENCE = load_reference("neural-style-transfer")


def check(function):
    """Hold one of your functions against its stored reference and its properties.

    function: compute_content_cost, gram_matrix, compute_layer_style_cost, total_cost, train_step or model_nn, under
    that name. Prints your value beside the reference; raises AssertionError with a hint where something is not right.
    """
    check_function(EXERCISES, function)


def compare(function, *inputs, expected, **options):
    """Hold a function against `expected` on inputs of your own, for hidden tests; the message never tells `expected`.

    The inputs stand in the order of the function's arguments, options by keyword. NumPy arrays of float64 become
    float32, and tensors where the exercise promises one (a_G, A). Every run gets fresh copies.

    compare(compute_content_cost, a_C, a_G, expected=number)              also compute_layer_style_cost(a_S, a_G)
    compare(gram_matrix, A, expected=array of shape (n_C, n_C))
    compare(total_cost, J_content, J_style, alpha=1, beta=2, expected=number)
    compare(train_step, picture, costs, optimizer, expected=(J, J_content, J_style, picture after the step))
    compare(model_nn, costs, start, num_iterations=3, learning_rate=0.5, expected=picture after the last step)

    For train_step, give the picture as an array and a new optimizer; `quadratic_costs` makes costs you can compute
    by hand. Raises AssertionError on a mismatch, with the hint of the misunderstanding that gives the same result.
    """
    compare_function(EXERCISES, function, *inputs, expected=expected, **options)


class QuadraticCosts:
    """costs(picture) -> (J_content, J_style), the sums of squared differences from two pictures of the same shape."""

    def __init__(self, content_target, style_target):
        self._targets = tf.constant(content_target, tf.float32), tf.constant(style_target, tf.float32)

    def __call__(self, picture):
        """(J_content, J_style), scalars."""
        content_target, style_target = self._targets
        return (
            tf.reduce_sum(tf.math.squared_difference(picture, content_target)),
            tf.reduce_sum(tf.math.squared_difference(picture, style_target)),
        )


def quadratic_costs(content_target, style_target):
    """A function that gives QuadraticCosts."""
    return QuadraticCosts(content_target, style_target)


# compute_content_cost(a_C, a_G)
#
# Not here, on purpose: the scrambled reshape. Whatever order the numbers of both activations are unrolled in, as
# long as it is the same order, the sum of squared differences is the same: the value is right. The habit bites in the
# style cost, and is named there. Nor is a batch of two probed, here or in the style cost: reshaping to
# [n_H * n_W, n_C] is right for the one picture we paint.


def _sizes(a):
    """n_H, n_W, n_C of activations (1, n_H, n_W, n_C)."""
    return a.shape[1], a.shape[2], a.shape[3]


def _squared(a, b):
    """The sum of all squared differences."""
    return tf.reduce_sum(tf.square(tf.subtract(a, b)))


def _content_half(a_C, a_G):
    return _squared(a_C, a_G) / 2


def _content_missing_quarter(a_C, a_G):
    return tf.reduce_mean(tf.square(a_C - a_G))


def _content_half_mean(a_C, a_G):
    return tf.reduce_mean(tf.square(a_C - a_G)) / 2


def _content_not_normalised(a_C, a_G):
    return _squared(a_C, a_G)


def _content_only_quarter(a_C, a_G):
    return _squared(a_C, a_G) / 4


def _content_normalised_twice(a_C, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    return tf.reduce_mean(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)


def _content_precedence(a_C, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    return 1 / 4 * n_H * n_W * n_C * _squared(a_C, a_G)


def _content_channels_forgotten(a_C, a_G):
    n_H, n_W, _ = _sizes(a_G)
    return _squared(a_C, a_G) / (4 * n_H * n_W)


def _content_a_g_from_a_c(a_C, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    a_C_unrolled = tf.reshape(a_C, [n_H * n_W, n_C])
    a_G_unrolled = tf.reshape(a_C, [n_H * n_W, n_C])
    return _squared(a_C_unrolled, a_G_unrolled) / (4 * n_H * n_W * n_C)


def _content_dimensions_from_a_c(a_C, a_G):
    # The factor is wrong as well, so that no working solution stands here.
    _, n_H, n_W, _ = a_C.get_shape().as_list()
    return _squared(a_C, a_G) / (2 * n_H * n_W)


def _content_not_squared(a_C, a_G):
    return tf.reduce_mean(a_C - a_G) / 4


def _content_absolute(a_C, a_G):
    return tf.reduce_mean(tf.abs(a_C - a_G)) / 4


_PRECEDENCE = (
    "Python reads 1/4*a*b as (1/4)*a*b, so the sizes multiply where they should divide. Put brackets around "
    "everything that belongs below the fraction bar."
)
_MISSING_SQUARE = (
    "Your sum is right, the number below the fraction bar is not. Look at the formula again: which of the "
    "sizes there are squared?"
)

CONTENT_COST = [
    Misunderstanding(
        "half-for-quarter-mean",
        "Some lecture notes and the paper write ½ in front of the sum. This course divides by 4 · n_H · n_W "
        "· n_C, so that the cost does not grow with the size of the layer.",
        _content_half,
    ),
    Misunderstanding(
        "missing-quarter",
        "Your cost is four times the reference. A mean already divides by n_H · n_W · n_C; the formula "
        "divides by one more number.",
        _content_missing_quarter,
    ),
    Misunderstanding(
        "half-mean",
        "Your cost is twice the reference: the mean of the squares is halved, the formula asks for a quarter of it.",
        _content_half_mean,
    ),
    Misunderstanding(
        "not-normalised",
        "This is the bare sum of squares. The formula has a factor in front of it that takes out the size "
        "of the layer.",
        _content_not_normalised,
    ),
    Misunderstanding(
        "only-quarter",
        "You divide by 4, and the sizes n_H, n_W and n_C are still waiting below the fraction bar.",
        _content_only_quarter,
    ),
    Misunderstanding(
        "channels-forgotten",
        "You divide by 4 · n_H · n_W. The channels count too: every one of the n_H · n_W · n_C numbers adds "
        "to the sum.",
        _content_channels_forgotten,
    ),
    Misunderstanding(
        "normalised-twice",
        "The sizes divide your sum twice. A mean has divided by them once already; one of the two is enough.",
        _content_normalised_twice,
    ),
    Misunderstanding("precedence", _PRECEDENCE, _content_precedence),
    Misunderstanding(
        "a-g-from-a-c",
        "The cost is 0 although the activations differ: you compare a_C with itself. Look where your second "
        "unrolled tensor comes from.",
        _content_a_g_from_a_c,
    ),
    Misunderstanding(
        "dimensions-from-a-c",
        "a_C is computed once and may arrive as a NumPy array, which knows no get_shape(). Take the sizes "
        "from a_G, the activations that are painted.",
        _content_dimensions_from_a_c,
    ),
    Misunderstanding(
        "difference-not-squared",
        "You add up the differences themselves, so positive and negative ones cancel. Square them before you sum.",
        _content_not_squared,
    ),
    Misunderstanding(
        "absolute-difference",
        "You add up absolute differences. The formula squares them: large differences should weigh much "
        "more than small ones.",
        _content_absolute,
    ),
    hard_coded(_REFERENCE["compute_content_cost"]),
]


# gram_matrix(A)


def _gram_over_columns(A):
    return tf.matmul(A, A, transpose_a=True)


def _gram_elementwise(A):
    return A * tf.transpose(A)


def _gram_squared_entries(A):
    return tf.square(A)


def _gram_not_transposed(A):
    return tf.matmul(A, A)


def _gram_per_position(A):
    return tf.matmul(A, A, transpose_b=True) / A.shape[1]


def _gram_per_entry(A):
    return tf.matmul(A, A, transpose_b=True) / (A.shape[0] * A.shape[1])


def _gram_einsum(A):
    return tf.einsum("bijc,bijd->bcd", A, A) / (A.shape[1] * A.shape[2])


def _gram_unpacked(A):
    _, height, width, channels = A.shape
    features = tf.reshape(A, [height * width, channels])
    return tf.matmul(features, features, transpose_a=True) / (height * width * channels)


def _gram_permuted(A):
    features = tf.reshape(tf.transpose(A, perm=[2, 0, 1]), [A.shape[2], -1])
    return tf.matmul(features, features, transpose_b=True)


def _gram_dots_only(A):
    return tf.reduce_sum(tf.square(A), axis=1)


_FOUR_D = (
    "Your Gram matrix expects a whole activation. Here A is already unrolled to (n_C, n_H·n_W), two "
    "dimensions, and nothing is divided: other tutorials put these steps inside."
)
_NORMALISED = (
    "Your matrix is right up to a factor: other sources divide by the sizes here. In this course "
    "gram_matrix divides by nothing, and the style cost takes care of the sizes."
)
_ELEMENTWISE = (
    "The star multiplies entry by entry. You need the matrix product: row i meets row j, and their products "
    "are added up."
)

GRAM_MATRIX = [
    Misunderstanding(
        "transposed-first",
        "Your matrix compares the columns of A, which are positions. We want to compare channels, which are "
        "its rows: which of the two factors is to be transposed?",
        _gram_over_columns,
    ),
    Misunderstanding("elementwise", _ELEMENTWISE, _gram_elementwise),
    Misunderstanding("entries-squared", _ELEMENTWISE, _gram_squared_entries),
    Misunderstanding(
        "not-transposed",
        "A of shape (n_C, n) cannot be multiplied by itself unless it is square. One of the two factors "
        "must lie on its side.",
        _gram_not_transposed,
    ),
    Misunderstanding(
        "diagonal-only",
        "You compare every channel with itself. The Gram matrix also compares each channel with every other one.",
        _gram_dots_only,
    ),
    Misunderstanding("normalised-by-positions", _NORMALISED, _gram_per_position),
    Misunderstanding("normalised-by-entries", _NORMALISED, _gram_per_entry),
    Misunderstanding("four-dimensional-einsum", _FOUR_D, _gram_einsum),
    Misunderstanding("four-dimensional-sizes", _FOUR_D, _gram_unpacked),
    Misunderstanding("four-dimensional-transpose", _FOUR_D, _gram_permuted),
    hard_coded(_REFERENCE["gram_matrix"]),
]


# compute_layer_style_cost(a_S, a_G)


def _channel_gram(a):
    """What another tutorial's Gram matrix gives for one picture (1, n_H, n_W, n_C): shape (n_C, n_C), not divided."""
    return tf.einsum("bhwi,bhwj->ij", a, a)


def _style_reshaped(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    a_S, a_G = tf.reshape(a_S, [n_C, n_H * n_W]), tf.reshape(a_G, [n_C, n_H * n_W])
    return _squared(a_S @ tf.transpose(a_S), a_G @ tf.transpose(a_G)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_over_positions(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    a_S, a_G = tf.reshape(a_S, [n_H * n_W, n_C]), tf.reshape(a_G, [n_H * n_W, n_C])
    return _squared(a_S @ tf.transpose(a_S), a_G @ tf.transpose(a_G)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_dimensions_from_a_s(a_S, a_G):
    # The factor is wrong as well, so that no working solution stands here.
    _, n_H, n_W, _ = a_S.get_shape().as_list()
    return _squared(_channel_gram(a_S), _channel_gram(a_G)) / (2 * n_H * n_W)


def _style_scaled(scale):
    """The right sum with a factor of its own: scale(n_H, n_W, n_C) stands in front of it."""

    def function(a_S, a_G):
        return scale(*_sizes(a_G)) * _squared(_channel_gram(a_S), _channel_gram(a_G))

    return function


def _style_not_subtracted(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    return tf.reduce_sum(tf.square(_channel_gram(a_G))) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_multiplied(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    return tf.reduce_sum(_channel_gram(a_S) * _channel_gram(a_G)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_not_squared(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    return tf.reduce_sum(_channel_gram(a_S) - _channel_gram(a_G)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_a_g_from_a_s(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    a_G = a_S
    return _squared(_channel_gram(a_S), _channel_gram(a_G)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_normalised_twice(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    n = n_H * n_W * n_C
    return _squared(_channel_gram(a_S) / n, _channel_gram(a_G) / n) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_normalised_twice_by_positions(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    n = n_H * n_W
    return _squared(_channel_gram(a_S) / n, _channel_gram(a_G) / n) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_without_gram(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    return _squared(a_S, a_G) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_elementwise(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    return _squared(tf.square(a_S), tf.square(a_G)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def _style_elementwise_transposed(a_S, a_G):
    n_H, n_W, n_C = _sizes(a_G)
    a_S = tf.transpose(tf.reshape(a_S, [n_H * n_W, n_C]))
    a_G = tf.transpose(tf.reshape(a_G, [n_H * n_W, n_C]))
    return _squared(a_S * tf.transpose(a_S), a_G * tf.transpose(a_G)) / (4 * n_C**2 * (n_H * n_W) ** 2)


_TWICE = (
    "The sizes divide twice: once inside the Gram matrices and once more in the cost. Here the Gram "
    "matrices stay as they are, and the factor in front does all of it."
)

LAYER_STYLE_COST = [
    Misunderstanding(
        "reshaped-not-transposed",
        "Reshaping straight to (n_C, n_H·n_W) reads the numbers in memory order, so a row mixes the "
        "channels. Bring the channels to the front by transposing, so that each row is one channel.",
        _style_reshaped,
    ),
    Misunderstanding(
        "gram-over-positions",
        "Your Gram matrices compare positions with positions. Style is which channels fire together: the "
        "rows that go into gram_matrix should be channels.",
        _style_over_positions,
    ),
    Misunderstanding(
        "dimensions-from-a-s",
        "a_S is computed once and may arrive as a NumPy array, which knows no get_shape(). Take the sizes "
        "from a_G, the activations that are painted.",
        _style_dimensions_from_a_s,
    ),
    Misunderstanding(
        "mean-for-sum",
        "A mean over the Gram matrix divides by n_C² once more. The factor in front holds that already, so "
        "add the squares up.",
        _style_scaled(lambda n_H, n_W, n_C: 1 / (4 * n_C**4 * (n_H * n_W) ** 2)),
    ),
    Misunderstanding(
        "not-subtracted",
        "Only the picture's own Gram matrix is in your cost, so nothing draws it to the style. It is the "
        "difference of the two that should become small.",
        _style_not_subtracted,
    ),
    Misunderstanding(
        "multiplied-not-subtracted",
        "You multiply the two Gram matrices. It is their difference that should become small.",
        _style_multiplied,
    ),
    Misunderstanding(
        "difference-not-squared",
        "You add up the differences themselves, so positive and negative ones cancel. Square them before you sum.",
        _style_not_squared,
    ),
    Misunderstanding(
        "a-g-from-a-s",
        "The cost is 0 although the activations differ: you compare a_S with itself. Look where your second "
        "unrolled tensor comes from.",
        _style_a_g_from_a_s,
    ),
    Misunderstanding("normalised-twice", _TWICE, _style_normalised_twice),
    Misunderstanding("normalised-twice-by-positions", _TWICE, _style_normalised_twice_by_positions),
    Misunderstanding(
        "missing-quarter",
        "Your cost is four times the reference. There is a number below the fraction bar beside the sizes.",
        _style_scaled(lambda n_H, n_W, n_C: 1 / (n_C**2 * (n_H * n_W) ** 2)),
    ),
    Misunderstanding(
        "half-for-quarter",
        "Your cost is twice the reference. If you write the factor as a square, the 2 inside it is squared too.",
        _style_scaled(lambda n_H, n_W, n_C: 1 / (2 * n_C**2 * (n_H * n_W) ** 2)),
    ),
    Misunderstanding(
        "square-missing-on-positions",
        _MISSING_SQUARE,
        _style_scaled(lambda n_H, n_W, n_C: 1 / (4 * n_C**2 * (n_H * n_W))),
    ),
    Misunderstanding(
        "square-missing-on-one-side",
        "Both sides of the picture are squared below the fraction bar: n_H and n_W. A square binds to the "
        "one name before it, unless there are brackets.",
        _style_scaled(lambda n_H, n_W, n_C: 1 / (4 * n_C**2 * n_H * n_W**2)),
    ),
    Misunderstanding(
        "square-missing-on-channels",
        _MISSING_SQUARE,
        _style_scaled(lambda n_H, n_W, n_C: 1 / (4 * n_C * (n_H * n_W) ** 2)),
    ),
    Misunderstanding(
        "square-missing",
        _MISSING_SQUARE,
        _style_scaled(lambda n_H, n_W, n_C: 1 / (4 * n_C * n_H * n_W)),
    ),
    Misunderstanding(
        "square-missing-outside",
        "Lecture notes write 1/(2 · n_H · n_W · n_C) here. In this course's formula that whole factor is squared.",
        _style_scaled(lambda n_H, n_W, n_C: 1 / (2 * n_C * n_H * n_W)),
    ),
    Misunderstanding(
        "not-normalised",
        "This is the bare sum of squares. The formula has a factor in front of it that takes out the size "
        "of the layer.",
        _style_scaled(lambda n_H, n_W, n_C: 1.0),
    ),
    Misunderstanding(
        "precedence",
        _PRECEDENCE,
        _style_scaled(lambda n_H, n_W, n_C: 1 / 4 * n_C**2 * (n_H * n_W) ** 2),
    ),
    Misunderstanding(
        "no-gram-matrix",
        "You compare the activations position by position: that is content. For style, compare the Gram matrices.",
        _style_without_gram,
    ),
    Misunderstanding("elementwise", _ELEMENTWISE, _style_elementwise),
    Misunderstanding("elementwise-transposed", _ELEMENTWISE, _style_elementwise_transposed),
    hard_coded(_REFERENCE["compute_layer_style_cost"]),
]


# total_cost(J_content, J_style, alpha=10, beta=40)


def _total_swapped(J_content, J_style, alpha=10, beta=40):
    return alpha * J_style + beta * J_content


# Where only something else is wrong, the costs are handed to _total_swapped the other way round.


def _total_other_defaults(J_content, J_style, alpha=40, beta=10):
    return _total_swapped(J_style, J_content, alpha, beta)


def _total_unit_defaults(J_content, J_style, alpha=1, beta=1):
    return _total_swapped(J_style, J_content, alpha, beta)


def _total_fixed_weights(J_content, J_style, alpha=10, beta=40):
    return _total_swapped(J_style, J_content)


def _total_unweighted(J_content, J_style, alpha=10, beta=40):
    return J_content + J_style


def _total_beta_forgotten(J_content, J_style, alpha=10, beta=40):
    return alpha * (J_content + J_style)


def _total_averaged(J_content, J_style, alpha=10, beta=40):
    return _total_swapped(J_style, J_content, alpha, beta) / (alpha + beta)


def _total_subtracted(J_content, J_style, alpha=10, beta=40):
    return alpha * J_content - beta * J_style


_DEFAULTS = (
    "With weights given your cost is right; without, it is not. The signature was written for you with "
    "alpha=10 and beta=40: put these defaults back."
)

TOTAL_COST = [
    Misunderstanding(
        "alpha-beta-swapped",
        "The weights sit on the wrong costs. alpha goes with the content, beta with the style.",
        _total_swapped,
    ),
    Misunderstanding("defaults-swapped", _DEFAULTS, _total_other_defaults),
    Misunderstanding("defaults-changed", _DEFAULTS, _total_unit_defaults),
    Misunderstanding(
        "weights-fixed",
        "Your cost does not listen to alpha and beta: it uses 10 and 40 whatever is passed. Use the two arguments.",
        _total_fixed_weights,
    ),
    Misunderstanding(
        "unweighted",
        "Both costs are added as they are. alpha and beta decide how much each one counts.",
        _total_unweighted,
    ),
    Misunderstanding(
        "beta-unused",
        "One weight multiplies both costs. Each cost has a weight of its own.",
        _total_beta_forgotten,
    ),
    Misunderstanding(
        "averaged",
        "You divide by alpha + beta, which makes a weighted mean. The formula adds the weighted costs and stops there.",
        _total_averaged,
    ),
    Misunderstanding(
        "subtracted",
        "The style cost is subtracted, so a worse style would lower the total. Both costs should become "
        "small: add them.",
        _total_subtracted,
    ),
    hard_coded(_REFERENCE["total_cost"]),
]


# train_step(picture, costs, optimizer)


def _weighted(J_content, J_style):
    return _total_fixed_weights(J_content, J_style)


def _costs_and_gradient(picture, costs, lowered=_weighted):
    """J, J_content, J_style, and the gradient of `lowered(J_content, J_style)` with respect to the picture."""
    with tf.GradientTape() as tape:
        J_content, J_style = costs(picture)
        cost = lowered(J_content, J_style)
    return _weighted(J_content, J_style), J_content, J_style, tape.gradient(cost, picture)


def _step_style_only(picture, costs, optimizer):
    J, J_content, J_style, gradient = _costs_and_gradient(picture, costs, lambda J_content, J_style: J_style)
    optimizer.apply_gradients([(gradient, picture)])
    return J, J_content, J_style


def _step_content_only(picture, costs, optimizer):
    J, J_content, J_style, gradient = _costs_and_gradient(picture, costs, lambda J_content, J_style: J_content)
    optimizer.apply_gradients([(gradient, picture)])
    return J, J_content, J_style


def _step_unweighted(picture, costs, optimizer):
    _, J_content, J_style, gradient = _costs_and_gradient(picture, costs, _total_unweighted)
    optimizer.apply_gradients([(gradient, picture)])
    return J_content + J_style, J_content, J_style


def _step_uphill(picture, costs, optimizer):
    *before, gradient = _costs_and_gradient(picture, costs)
    optimizer.apply_gradients([(-gradient, picture)])
    return before


def _step_costs_after(picture, costs, optimizer):
    *_, gradient = _costs_and_gradient(picture, costs)
    optimizer.apply_gradients([(gradient, picture)])
    J_content, J_style = costs(picture)
    return _weighted(J_content, J_style), J_content, J_style


def _step_not_applied(picture, costs, optimizer):
    *before, _ = _costs_and_gradient(picture, costs)
    return before


def _step_new_variable(picture, costs, optimizer):
    picture = tf.Variable(picture)
    *before, gradient = _costs_and_gradient(picture, costs)
    optimizer.apply_gradients([(gradient, picture)])
    return before


def _step_own_optimizer(picture, costs, optimizer):
    *before, gradient = _costs_and_gradient(picture, costs)
    tf.keras.optimizers.Adam(learning_rate=2.0).apply_gradients([(gradient, picture)])
    return before


def _step_applied_twice(picture, costs, optimizer):
    *before, gradient = _costs_and_gradient(picture, costs)
    optimizer.apply_gradients([(gradient, picture)])
    optimizer.apply_gradients([(gradient, picture)])
    return before


def _step_order(picture, costs, optimizer):
    J, J_content, J_style, gradient = _costs_and_gradient(picture, costs)
    optimizer.apply_gradients([(gradient, picture)])
    return J_content, J_style, J


def _step_only_total(picture, costs, optimizer):
    J, _, _, gradient = _costs_and_gradient(picture, costs)
    optimizer.apply_gradients([(gradient, picture)])
    return J


def _step_costs_swapped(picture, costs, optimizer):
    *before, gradient = _costs_and_gradient(picture, lambda p: costs(p)[::-1])
    optimizer.apply_gradients([(gradient, picture)])
    return before


def _step_outside_tape(picture, costs, optimizer):
    J_content, J_style = costs(picture)
    with tf.GradientTape() as tape:
        J = _weighted(J_content, J_style)
    optimizer.apply_gradients([(tape.gradient(J, picture), picture)])
    return J, J_content, J_style


def _step_to_numpy(picture, costs, optimizer):
    # The order is wrong as well, so that no working solution stands here.
    J, J_content, J_style, gradient = _costs_and_gradient(picture, costs)
    optimizer.apply_gradients([(gradient, picture)])
    return J_style.numpy(), J_content.numpy(), J.numpy()


_NUMPY_INSIDE = (
    "A compiled step has no numbers while it is traced, only tensors. Return the costs as tensors, "
    "without .numpy(), float() or if."
)

TRAIN_STEP = [
    Misunderstanding(
        "gradient-of-style-only",
        "The picture moves as if only the style counted. Take the gradient of the total cost J.",
        _step_style_only,
    ),
    Misunderstanding(
        "gradient-of-content-only",
        "The picture moves as if only the content counted. Take the gradient of the total cost J.",
        _step_content_only,
    ),
    Misunderstanding(
        "unweighted",
        "J is the plain sum of the two costs. Let your total_cost weigh them, with its default weights.",
        _step_unweighted,
    ),
    Misunderstanding(
        "uphill",
        "The picture walks up the slope, and the cost grows. The optimizer subtracts the gradient by "
        "itself: hand it over as it is.",
        _step_uphill,
    ),
    Misunderstanding(
        "costs-after-the-step",
        "The costs you return are those of the moved picture. Return the ones the gradient was taken of.",
        _step_costs_after,
    ),
    Misunderstanding(
        "picture-not-moved",
        "The picture is where it was. You have the gradient; now have the optimizer apply it to the picture.",
        _step_not_applied,
    ),
    Misunderstanding(
        "new-variable",
        "The optimizer does not know your new variable. Change the very picture you were given: it is a "
        "tf.Variable already.",
        _step_new_variable,
    ),
    Misunderstanding(
        "own-optimizer",
        "The step ignores the optimizer it was given. Use that one: it carries the learning rate, and "
        "Adam's memory of earlier steps.",
        _step_own_optimizer,
    ),
    Misunderstanding(
        "applied-twice",
        "The picture has moved twice. One call is one step.",
        _step_applied_twice,
    ),
    Misunderstanding(
        "order-of-results",
        "The three costs are right, their order is not: J first, then J_content, then J_style.",
        _step_order,
    ),
    Misunderstanding(
        "only-the-total",
        "You return one cost. The progress display wants all three: J, J_content and J_style.",
        _step_only_total,
    ),
    Misunderstanding(
        "content-and-style-swapped",
        "Content and style have changed places. costs(picture) gives J_content first, then J_style.",
        _step_costs_swapped,
    ),
    Misunderstanding(
        "costs-outside-the-tape",
        "No gradient came back. The tape only sees what is computed inside its `with` block, from the "
        "variable itself: compute the costs there.",
        _step_outside_tape,
    ),
    Misunderstanding("numpy-inside-the-step", _NUMPY_INSIDE, _step_to_numpy),
]


# model_nn(costs, start, num_iterations=200, learning_rate=2.0, callback=None)


def _paint(costs, start, iterations, optimizer, callback=None):
    """Descend from `start`; optimizer(i) gives the optimizer of step i. The painted variable."""
    picture = tf.Variable(start)

    def step(optimizer):
        *before, gradient = _costs_and_gradient(picture, costs)
        optimizer.apply_gradients([(gradient, picture)])
        return before

    if iterations > 40:  # many steps one by one would keep a student waiting for the hint
        step = tf.function(step)
    for i in range(iterations):
        J, J_content, J_style = step(optimizer(i))
        if callback is not None:
            callback(i, {"total": J, "content": J_content, "style": J_style}, picture)
    return picture


def _paint_with_adam(costs, start, iterations, learning_rate, callback=None, **settings):
    adam = tf.keras.optimizers.Adam(learning_rate, **settings)
    return _paint(costs, start, iterations, lambda i: adam, callback)


def _model_new_optimizer(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return _paint(costs, start, num_iterations, lambda i: tf.keras.optimizers.Adam(learning_rate), callback).numpy()


def _model_one_too_few(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return _paint_with_adam(costs, start, num_iterations - 1, learning_rate, callback).numpy()


def _model_one_too_many(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return _paint_with_adam(costs, start, num_iterations + 1, learning_rate, callback).numpy()


def _model_returns_start(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    _paint_with_adam(costs, start, num_iterations, learning_rate, callback)
    return start


def _model_returns_variable(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return _paint_with_adam(costs, start, num_iterations, learning_rate, callback)


def _model_fixed_learning_rate(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return _paint_with_adam(costs, start, num_iterations, 2.0, callback).numpy()


def _model_default_learning_rate(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return _paint_with_adam(costs, start, num_iterations, 0.001, callback).numpy()


def _model_fixed_iterations(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return _paint_with_adam(costs, start, 200, learning_rate, callback).numpy()


def _model_gradient_descent(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    sgd = tf.keras.optimizers.SGD(learning_rate)
    return _paint(costs, start, num_iterations, lambda i: sgd, callback).numpy()


def _model_other_adam(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return _paint_with_adam(costs, start, num_iterations, learning_rate, callback, beta_1=0.99, epsilon=0.1).numpy()


def _model_start_ignored(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return _paint_with_adam(costs, np.zeros_like(start), num_iterations, learning_rate, callback).numpy()


MODEL_NN = [
    Misunderstanding(
        "new-optimizer-every-step",
        "Adam remembers earlier gradients, and yours forgets them: a new optimizer is made at every step. "
        "Make one before the loop.",
        _model_new_optimizer,
    ),
    Misunderstanding(
        "start-returned",
        "You return the picture you began with. Return what the variable holds after the last step.",
        _model_returns_start,
    ),
    Misunderstanding(
        "one-step-too-few",
        "The loop ends one step early. range(n) already counts n steps, from 0 to n − 1.",
        _model_one_too_few,
    ),
    Misunderstanding(
        "one-step-too-many",
        "The loop takes one step more than num_iterations.",
        _model_one_too_many,
    ),
    Misunderstanding(
        "variable-returned",
        "You return the tf.Variable itself. Return its values as a NumPy array, so that nothing can repaint "
        "them later.",
        _model_returns_variable,
    ),
    Misunderstanding(
        "learning-rate-ignored",
        "The steps are of size 2.0 whatever learning_rate says. Pass the argument on to the optimizer.",
        _model_fixed_learning_rate,
    ),
    Misunderstanding(
        "learning-rate-not-passed",
        "The picture hardly moves: Adam runs at its own learning rate of 0.001. Pass yours on to the optimizer.",
        _model_default_learning_rate,
    ),
    Misunderstanding(
        "not-adam",
        "The picture moves as with plain gradient descent. The optimizer of this exercise is Adam.",
        _model_gradient_descent,
    ),
    Misunderstanding(
        "other-adam-settings",
        "Your Adam has other settings than the learning rate, as in another tutorial. Leave the rest at "
        "Keras's defaults.",
        _model_other_adam,
    ),
    Misunderstanding(
        "start-ignored",
        "Your picture begins at zero. Begin with the values of start.",
        _model_start_ignored,
    ),
    Misunderstanding(
        "iterations-ignored",
        "It paints 200 steps whatever num_iterations says. Let the argument decide.",
        _model_fixed_iterations,
    ),
]


# How each function is called


def _call_with_activations(function, a_first, a_G):
    # a_C and a_S are precomputed and may be NumPy arrays; a_G is always what the network says about the picture.
    return function(a_first, tf.convert_to_tensor(a_G))


def _call_with_matrix(function, A):
    return function(tf.convert_to_tensor(A))


def _call_total_cost(function, J_content, J_style, **weights):
    try:
        return function(J_content, J_style, **weights)
    except Exception as error:
        if "int32" not in str(error):
            raise
        raise Unusable(
            f"stops: {first_line(error)}\n"
            "The weights may be integers: write alpha * J_content with plain * and +, which take any numbers."
        ) from error


def _call_train_step(function, picture, costs, optimizer):
    picture = tf.Variable(picture)
    # A step that a student has decorated with tf.function may not make the optimizer's variables at a later call.
    optimizer.build([picture])
    result = function(picture, costs, optimizer)
    if result is None:
        return None
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise Unusable("returns something else than the three costs J, J_content, J_style.")
    return (*result, picture)


def _call_model_nn(function, costs, start, **options):
    try:
        result = function(costs, start, **options)
    except ValueError as error:
        if "tf.function" in str(error):
            raise Unusable(
                "paints once and not again: a step compiled for one optimizer cannot take another. Compile the step "
                "inside model_nn, and leave train_step without @tf.function."
            ) from error
        raise
    if result is not None and not isinstance(result, np.ndarray):
        raise Unusable(f"returns a {type(result).__name__}, not a NumPy array.")
    return result


# What is probed beside values


def _total_cost_of_tensors(exercise, function):
    J_content, J_style = tf.constant(2.0), tf.constant(5.0)
    with tf.GradientTape() as tape:
        tape.watch([J_content, J_style])
        J = function(J_content, J_style, alpha=3, beta=7)
    gradients = tape.gradient(J, [J_content, J_style]) if isinstance(J, tf.Tensor) else [None]
    if any(gradient is None for gradient in gradients):
        raise AssertionError(
            "total_cost of two tensors should be a scalar tensor that passes gradients to both. Multiply "
            "and add, without float() or .numpy()."
        )


def _model_nn_calls_back(exercise, function):
    (case,) = _REFERENCE["model_nn callback"]
    start, content_target, style_target = case.inputs
    numbers, costs, pictures = [], [], []

    def callback(*arguments):
        if len(arguments) != 3 or not isinstance(arguments[1], dict) or set(arguments[1]) != set(case.expected):
            raise AssertionError(
                'model_nn should call callback(i, costs, picture), costs a dict of "total", "content" and "style".'
            )
        i, current, picture = arguments
        numbers.append(int(i))
        costs.append(current)
        pictures.append(np.array(picture))

    given = start.copy()
    picture = function(quadratic_costs(content_target, style_target), given, callback=callback, **case.options)
    wanted = case.options["num_iterations"]
    if numbers != list(range(wanted)):
        raise AssertionError(
            f"model_nn should call callback after each of its {wanted} steps with i = 0 … {wanted - 1}; it came with "
            f"i = {', '.join(map(str, numbers)) or 'nothing, never'}."
        )
    for name, reference in case.expected.items():
        if not close(np.array([float(current[name]) for current in costs]), reference):
            raise AssertionError(
                f'The "{name}" costs that callback gets are off. Pass on what train_step returned, each under its name.'
            )
    if not np.array_equal(pictures[-1], picture):
        raise AssertionError(
            "callback should see the picture after the step, at the last step the one that is returned."
        )
    if not np.array_equal(given, start):
        raise AssertionError("model_nn writes into start: paint a tf.Variable of your own, your caller needs start.")


def _model_nn_defaults(exercise, function):
    start, content_target, style_target = _REFERENCE["model_nn callback"][0].inputs
    totals, pictures = [], []

    def callback(i, current, picture):
        totals.append(float(current["total"]))
        if i == 0:
            pictures.append(np.array(picture))

    function(quadratic_costs(content_target, style_target), start.copy(), callback=callback)
    # Adam's first step moves every pixel by the learning rate, whatever the gradient's size.
    step = np.max(np.abs(pictures[0] - start))
    if len(totals) != 200 or abs(step - 2.0) > 1e-3:
        raise AssertionError(
            f"By default model_nn paints 200 steps at learning rate 2.0; yours painted {len(totals)}, the first "
            f"of size {step:.3g}. Put the defaults of its signature back."
        )
    if totals[-1] >= totals[0]:
        raise AssertionError("The cost has not fallen after 200 steps. Run check(train_step) first.")


# The exercises


def _as_tensors(case):
    return replace(case, inputs=tuple(map(as_tensors, case.inputs)))


def _activation_exercise(name, argument, misunderstandings, builds_on=()):
    a = tf.constant(_REFERENCE[name][0].inputs[0])
    return Exercise(
        name=name,
        cases=[_as_tensors(case) for case in _REFERENCE[name]],
        misunderstandings=misunderstandings,
        properties=[
            Property("a scalar tensor comes back, and a gradient reaches a_G", gradient_arrives("a_G")),
            Property(
                "identical activations cost 0",
                costs_nothing((a, a), "identical activations should be 0: two that agree cost nothing."),
            ),
            Property(f"{argument} may be a NumPy array, and is not written to", takes_numpy(argument, 0)),
        ],
        call=_call_with_activations,
        builds_on=builds_on,
    )


def _train_step_case(case):
    picture, content_target, style_target, optimizer, learning_rate = case.inputs
    optimizer = getattr(tf.keras.optimizers, optimizer)(learning_rate)
    return replace(case, inputs=(picture, quadratic_costs(content_target, style_target), optimizer))


def _model_nn_case(case):
    start, content_target, style_target = case.inputs
    return replace(case, inputs=(quadratic_costs(content_target, style_target), start))


EXERCISES = {
    exercise.name: exercise
    for exercise in [
        _activation_exercise("compute_content_cost", "a_C", CONTENT_COST),
        Exercise(
            name="gram_matrix",
            cases=_REFERENCE["gram_matrix"],
            misunderstandings=GRAM_MATRIX,
            properties=[Property("a tensor comes back, and a gradient reaches A", gradient_arrives("A"))],
            call=_call_with_matrix,
        ),
        _activation_exercise("compute_layer_style_cost", "a_S", LAYER_STYLE_COST, ("gram_matrix",)),
        Exercise(
            name="total_cost",
            cases=_REFERENCE["total_cost"],
            misunderstandings=TOTAL_COST,
            properties=[Property("gradients pass through to both costs", _total_cost_of_tensors)],
            call=_call_total_cost,
        ),
        Exercise(
            name="train_step",
            cases=[_train_step_case(case) for case in _REFERENCE["train_step"]],
            misunderstandings=TRAIN_STEP,
            properties=[Property("tf.function can compile it", compiles(f"numpy-inside-the-step: {_NUMPY_INSIDE}"))],
            call=_call_train_step,
            builds_on=("total_cost",),
        ),
        Exercise(
            name="model_nn",
            cases=[_model_nn_case(case) for case in _REFERENCE["model_nn"]],
            misunderstandings=MODEL_NN,
            properties=[
                Property("callback comes after every step, start is not written to", _model_nn_calls_back),
                Property("by default 200 steps at learning rate 2.0, and the cost falls", _model_nn_defaults),
            ],
            call=_call_model_nn,
            builds_on=("total_cost", "train_step"),
        ),
    ]
}
