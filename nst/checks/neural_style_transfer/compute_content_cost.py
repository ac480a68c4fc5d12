"""compute_content_cost(a_C, a_G)

Not here, on purpose: the scrambled reshape. Whatever order the numbers of both activations are unrolled in, as long as
it is the same order, the sum of squared differences is the same: the value is right. The habit bites in the style cost,
and is named there.
"""

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
from nst.checks.wrong_versions import composable, hard_coded, parts_of, squared_distance
from nst.quiet import tf


@composable
def _cost(**wrong):
    """A compute_content_cost with a wrong part: the sizes, what is compared, the sum, the factor in front of it."""
    parts = parts_of(
        wrong,
        sizes=sizes_painted,
        compared=lambda a_C, a_G: (a_C, a_G),
        summed=squared_distance,
        factor=lambda n_H, n_W, n_C: 1 / (4 * n_H * n_W * n_C),
    )

    def function(a_C, a_G):
        return parts.factor(*parts.sizes(a_C, a_G)) * parts.summed(*parts.compared(a_C, a_G))

    return function


_MISUNDERSTANDINGS = [
    Misunderstanding(
        "half-for-quarter-mean",
        "Some lecture notes and the paper write ½ in front of the sum. This course divides by 4 · n_H · n_W "
        "· n_C, so that the cost does not grow with the size of the layer.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / 2),
    ),
    Misunderstanding(
        "missing-quarter",
        "Your cost is four times the reference. A mean already divides by n_H · n_W · n_C; the formula "
        "divides by one more number.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (n_H * n_W * n_C)),
    ),
    Misunderstanding(
        "half-mean",
        "Your cost is twice the reference: the mean of the squares is halved, the formula asks for a quarter of it.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (2 * n_H * n_W * n_C)),
    ),
    Misunderstanding("not-normalised", NOT_NORMALISED, _cost(factor=lambda n_H, n_W, n_C: 1)),
    Misunderstanding(
        "only-quarter",
        "You divide by 4, and the sizes n_H, n_W and n_C are still waiting below the fraction bar.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / 4),
    ),
    Misunderstanding(
        "channels-forgotten",
        "You divide by 4 · n_H · n_W. The channels count too: every one of the n_H · n_W · n_C numbers adds "
        "to the sum.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (4 * n_H * n_W)),
    ),
    Misunderstanding(
        "normalised-twice",
        "The sizes divide your sum twice. A mean has divided by them once already; one of the two is enough.",
        _cost(factor=lambda n_H, n_W, n_C: 1 / (4 * (n_H * n_W * n_C) ** 2)),
    ),
    Misunderstanding("precedence", PRECEDENCE, _cost(factor=lambda n_H, n_W, n_C: 1 / 4 * n_H * n_W * n_C)),
    Misunderstanding("a-g-from-a-c", COMPARED_WITH_ITSELF.format("a_C"), _cost(compared=lambda a_C, a_G: (a_C, a_C))),
    Misunderstanding("dimensions-from-a-c", SIZES_FROM_NUMPY.format("a_C"), _cost(sizes=sizes_stored)),
    Misunderstanding(
        "difference-not-squared", hints.SQUARE_DIFFERENCES, _cost(summed=lambda a, b: tf.reduce_sum(a - b))
    ),
    Misunderstanding(
        "absolute-difference", hints.ABSOLUTE_DIFFERENCES, _cost(summed=lambda a, b: tf.reduce_sum(tf.abs(a - b)))
    ),
    hard_coded(cases("neural-style-transfer", "compute_content_cost")),
    cut(_cost(compared=lambda a_C, a_G: (a_C, tf.stop_gradient(a_G)))),
]

EXERCISE = activation_exercise("compute_content_cost", "a_C", _MISUNDERSTANDINGS)
