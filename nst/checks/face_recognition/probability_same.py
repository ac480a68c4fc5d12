"""probability_same(f_1, f_2, w, b, similarity="absolute")"""

from dataclasses import replace

import numpy as np

from nst.checks.calls import WRITES
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import LEARNT, cut, gradient_is_true, hold_finite, of_tensors
from nst.checks.looks import with_looks
from nst.checks.outcome import Unusable
from nst.checks.wrong_versions import composable, hard_coded, other_defaults, parts_of
from nst.quiet import tf

_CASES = cases("face-recognition", "probability_same")


def _call(function, f_1, f_2, w, b, **options):
    weights, bias = tf.Variable(w), tf.Variable(b, dtype=tf.float32)
    result = function(tf.constant(f_1), tf.constant(f_2), weights, bias, **options)
    if not (np.array_equal(weights, w) and np.array_equal(bias, np.float32(b))):
        raise Unusable(WRITES.format("w or b"))
    if isinstance(result, (tf.Tensor, np.ndarray)) and np.any(np.isnan(np.asarray(result, float))):
        raise Unusable("is NaN, not a number, for some pair.")
    return result


@composable
def _head(**wrong):
    """A probability_same with a wrong part: what is compared, weighed, added, and made of the sum."""
    parts = parts_of(
        wrong,
        similarity=lambda similarity: similarity,
        absolute=lambda f, g: tf.abs(f - g),
        chi2=lambda f, g: tf.math.divide_no_nan(tf.square(f - g), f + g),
        weigh=lambda u, w: tf.reduce_sum(u * w, axis=-1),
        shift=lambda z, b: z + b,
        squash=tf.sigmoid,
        finish=lambda p: p,
        default="absolute",
    )

    def function(f_1, f_2, w, b, similarity=parts.default):
        compare = parts.absolute if parts.similarity(similarity) == "absolute" else parts.chi2
        return parts.finish(parts.squash(parts.shift(parts.weigh(compare(f_1, f_2), w), b)))

    return function


def _chi2_over(f, g, divisor):
    return tf.math.divide_no_nan(tf.square(f - g), divisor * (f + g))


def _not_a_number(f, g):
    return tf.square(f - g) / (f + g)


_FOUR = ("f_1", 0), ("f_2", 1), ("w", 2), ("b", 3)


def _off_the_kinks(f_1, f_2, w, b):
    """Encodings made of these, none of whose numbers are 0 or equal, and weights for which no sigmoid is flat."""
    low = np.float32(f_1) + np.float32(0.3)
    high = low + np.float32(f_2) + np.float32(0.4)
    first_is_low = np.arange(low.shape[1]) % 2 == 0
    return np.where(first_is_low, low, high), np.where(first_is_low, high, low), np.float32(w) / 4, b / 4


def _gradient_at_zero(exercise, function):
    case = exercise.cases[-1]
    try:
        hold_finite(exercise.name, *of_tensors(function, case.inputs, case.options, _FOUR[:1]))
    except AssertionError:
        return (
            "right, but where both numbers are 0 the gradient of the encodings is NaN, so the encoder could not learn "
            "with this head: tf.where hides the value of 0/0, not its slope; tf.math.divide_no_nan has neither"
        )


_SIGMOID = "A probability is the sigmoid of the sum, 1 / (1 + exp(−z)). "
_WEIGHTED = "z is Σ w_k u_k + b, each u_k with its own weight. "
_BIAS = "z is Σ w_k u_k + b, the bias added once at the end. "
_ABSOLUTE = "u_k is |f_1 − f_2|, number by number. "
_CHI2 = "For chi2, u_k is (f_1 − f_2)² / (f_1 + f_2), number by number. "
_PER_PAIR = "Return one probability for each pair, shape (n,). "

_LOOKS = {
    "similarity": "Look at where you use the argument similarity.",
    "absolute": "Look at your first feature: compute it by hand for one pair of numbers.",
    "chi2": "Look at your χ² feature: compute it by hand for one pair of numbers.",
    "weigh": "Look at your sum: what is multiplied, what is summed, and over which axis?",
    "shift": "Look at where you use b.",
    "squash": "Look at what you make of the sum z.",
    "finish": "Look at what you return.",
}
_EXPERIMENT = """\
f_1, f_2, w = tf.constant([[[1.0, 6]], [[0, 2]], [[1, -1]]])
for s in ("absolute", "chi2"):  # z = 1·1 − 1·4 + 4 = 1, and for chi2 1·1 − 1·2 + 4 = 3
    print(np.round(probability_same(f_1, f_2, w[0], 4.0, similarity=s), 3))  # σ(1) = 0.731, σ(3) = 0.953"""
_BY_DEFAULT = """\
f_1, f_2, w = tf.constant([[[1.0, 6]], [[0, 2]], [[1, -1]]])
print(np.round(probability_same(f_1, f_2, w[0], 4.0), 3))  # absolute differences: σ(1·1 − 1·4 + 4) = 0.731"""
_SWAPPED = """\
f_1, f_2, w = tf.constant([[[1.0, 6]], [[0, 2]], [[1, -1]]])
print([np.round(probability_same(*pair, w[0], 4.0), 3) for pair in ((f_1, f_2), (f_2, f_1))])  # twice 0.731"""
_TWO_PAIRS = """\
f_1, f_2, w = tf.constant([[[1.0, 6], [0, 0]], [[0, 2], [0, 0]], [[1, -1], [1, -1]]])
print(np.round(probability_same(f_1, f_2, w[0], 4.0), 3))  # one for each pair: σ(1) = 0.731 and σ(4) = 0.982"""
_NEAR_ZERO = """\
f_1, f_2 = tf.constant([[0.001, 0]]), tf.constant([[0.0, 0]])
print(np.round(probability_same(f_1, f_2, tf.constant([1000.0, 1]), 0.0, similarity="chi2"), 3))  # σ(1) = 0.731"""
_NEGATIVE_SUM = """\
f_1, f_2 = tf.constant([[1.0, 0]]), tf.constant([[0.0, 0]])
print(np.round(probability_same(f_1, f_2, tf.constant([-1.0, 1]), 0.0), 3))  # σ(−1) = 0.269"""
_GRADIENT = """\
f_1, f_2, w = tf.constant([[1.0, 0]]), tf.constant([[0.0, 0]]), tf.Variable([0.0, 0])
with tf.GradientTape() as tape: p = probability_same(f_1, f_2, w, 0.0)
print(tape.gradient(p, w))  # [0.25, 0]: a step along it changes the first weight"""

_MISUNDERSTANDINGS = [
    Misunderstanding("no sigmoid", _SIGMOID + "You return z itself.", _head(squash=tf.identity)),
    Misunderstanding(
        "softmax for sigmoid",
        _SIGMOID + "Softmax makes the pairs of a batch compete with one another.",
        _head(squash=tf.nn.softmax),
        experiment=_TWO_PAIRS,
    ),
    Misunderstanding(
        "probability of different",
        _SIGMOID + "Yours is 1 − p. The signs of w and b are learnt, so leave z as it is.",
        _head(squash=lambda z: tf.sigmoid(-z)),
    ),
    Misunderstanding(
        "probability rounded", _SIGMOID + "You round it. Leave the decision to a threshold.", _head(finish=tf.round)
    ),
    Misunderstanding(
        "sigmoid before the sum",
        _SIGMOID + "You take it of each term, before you add them up.",
        _head(weigh=lambda u, w: u * w, squash=lambda z: tf.reduce_sum(tf.sigmoid(z), axis=-1)),
    ),
    Misunderstanding("bias left out", _BIAS + "Yours is left out.", _head(shift=lambda z, b: z)),
    Misunderstanding("bias subtracted", _BIAS + "You subtract it.", _head(shift=lambda z, b: z - b)),
    Misunderstanding(
        "bias in every term",
        _BIAS + "You add it to every term.",
        _head(weigh=lambda u, w: u * w, shift=lambda terms, b: tf.reduce_sum(terms + b, axis=-1)),
    ),
    Misunderstanding(
        "bias after the sigmoid",
        _BIAS + "You add it behind the sigmoid.",
        _head(shift=lambda z, b: tf.sigmoid(z) + b, squash=tf.identity),
    ),
    Misunderstanding(
        "weights ignored", _WEIGHTED + "You do not use w.", _head(weigh=lambda u, w: tf.reduce_sum(u, axis=-1))
    ),
    Misunderstanding(
        "summed before the weights",
        _WEIGHTED + "You add up the u_k first, and the weights apart.",
        _head(weigh=lambda u, w: tf.reduce_sum(u, axis=-1) * tf.reduce_sum(w)),
    ),
    Misunderstanding(
        "mean for sum", _WEIGHTED + "You take the mean.", _head(weigh=lambda u, w: tf.reduce_mean(u * w, axis=-1))
    ),
    Misunderstanding(
        "no absolute value",
        _ABSOLUTE + "Without the bars it matters which picture comes first.",
        _head(absolute=lambda f, g: f - g),
        experiment=_SWAPPED,
    ),
    Misunderstanding(
        "absolute value after the sum",
        _ABSOLUTE + "You take the bars around the weighted sum.",
        _head(absolute=lambda f, g: f - g, weigh=lambda u, w: tf.abs(tf.reduce_sum(u * w, axis=-1))),
        experiment=_NEGATIVE_SUM,
    ),
    Misunderstanding(
        "squares for absolute values", _ABSOLUTE + "You square instead.", _head(absolute=lambda f, g: (f - g) ** 2)
    ),
    Misunderstanding(
        "χ² upside down",
        _CHI2 + "You divide the sum by the square.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(f + g, tf.square(f - g))),
    ),
    Misunderstanding(
        "χ² with its denominator squared",
        _CHI2 + "You square the denominator too.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(tf.square(f - g), tf.square(f + g))),
    ),
    Misunderstanding(
        "χ² of absolute differences",
        _CHI2 + "Yours has |f_1 − f_2| on top. Square it.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(tf.abs(f - g), f + g)),
    ),
    Misunderstanding(
        "χ² halved", _CHI2 + "The ½ of other texts is not there.", _head(chi2=lambda f, g: _chi2_over(f, g, 2))
    ),
    Misunderstanding("χ² not divided", _CHI2 + "Yours is not divided.", _head(chi2=lambda f, g: tf.square(f - g))),
    Misunderstanding(
        "χ² over one encoding",
        _CHI2 + "You divide by f_1 alone.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(tf.square(f - g), f)),
    ),
    Misunderstanding(
        "χ² with a large epsilon",
        _CHI2 + "A small number in the denominator keeps 0/0 away, and 0.001 is not small. tf.math.divide_no_nan needs "
        "none.",
        _head(chi2=lambda f, g: tf.square(f - g) / (f + g + 1e-3)),
        experiment=_NEAR_ZERO,
    ),
    Misunderstanding(
        "zero over zero",
        _CHI2 + "It is 0 where both numbers are 0. There 0/0 is not a number, and it spoils the whole sum: use "
        "tf.math.divide_no_nan.",
        _head(chi2=_not_a_number),
        experiment=_NEAR_ZERO,
    ),
    Misunderstanding(
        "similarity ignored",
        'You take absolute differences whatever similarity says. With "chi2" u is another.',
        _head(similarity=lambda similarity: "absolute"),
    ),
    Misunderstanding(
        "always χ²",
        'You take chi2 whatever similarity says. With "absolute", the default, u is |f_1 − f_2|.',
        _head(similarity=lambda similarity: "chi2"),
    ),
    Misunderstanding(
        "column in place of a row",
        _PER_PAIR + "Yours is a column, (n, 1).",
        _head(finish=lambda p: tf.expand_dims(p, -1)),
    ),
    Misunderstanding(
        "summed over the pairs",
        _PER_PAIR + "You add up over the pairs as well. Sum over axis −1.",
        _head(weigh=lambda u, w: tf.reduce_sum(u * w)),
        experiment=_TWO_PAIRS,
    ),
    Misunderstanding(
        "two classes",
        _PER_PAIR + "You return the probability of both answers. The second is 1 minus the first.",
        _head(finish=lambda p: tf.stack([1 - p, p], axis=-1)),
    ),
    Misunderstanding(
        "product of matrices with a vector",
        _WEIGHTED + "@ multiplies matrices, and w is a vector, (d,). tf.linalg.matvec(u, w) takes one; or add up u * w "
        "over axis −1.",
        _head(weigh=lambda u, w: u @ w),
    ),
    Misunderstanding(
        "terms not summed",
        _WEIGHTED + "You do not add up: every number of an encoding has a probability of its own.",
        _head(weigh=lambda u, w: u * w),
    ),
    Misunderstanding("tanh for sigmoid", _SIGMOID + "You take the tanh, which is from −1 to 1.", _head(squash=tf.tanh)),
    other_defaults(_head(default="chi2"), _BY_DEFAULT, similarity="absolute"),
    hard_coded(_CASES),
    replace(
        cut(_head(finish=tf.stop_gradient)),
        look="Look for what leaves TensorFlow between the arguments and what you return.",
        experiment=_GRADIENT,
    ),
]

EXERCISE = Exercise(
    name="probability_same",
    cases=_CASES,
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[
        Property(
            "true gradients reach w, b and the encodings",
            gradient_is_true(*_FOUR, so=LEARNT, near=_off_the_kinks),
        ),
        Property("gradients are finite where both encodings are 0", _gradient_at_zero, promised=False),
    ],
    call=_call,
    look="Look at your steps in their order: features, a weighted sum, the bias, the sigmoid.",
    experiment=_EXPERIMENT,
)
