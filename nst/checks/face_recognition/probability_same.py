"""probability_same(f_1, f_2, w, b, similarity="absolute")"""

import numpy as np

from nst.checks.calls import WRITES
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import LEARNT, cut, gradient_is_true, hold_finite, of_tensors
from nst.checks.outcome import Unusable
from nst.checks.wrong_versions import hard_coded, parts_of
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
    )

    def function(f_1, f_2, w, b, similarity="absolute"):
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


_SIGMOID = "A probability is the sigmoid of the sum, 1 / (1 + exp(−z)): "
_WEIGHTED = "z is Σ w_k u_k + b, each u_k with its own weight: "
_BIAS = "z is Σ w_k u_k + b, the bias added once at the end: "
_ABSOLUTE = "u_k is |f_1 − f_2|, number by number: "
_CHI2 = "For chi2, u_k is (f_1 − f_2)² / (f_1 + f_2), number by number: "
_PER_PAIR = "Return one probability for each pair, shape (n,): "

_MISUNDERSTANDINGS = [
    Misunderstanding("no-sigmoid", _SIGMOID + "you return z itself.", _head(squash=tf.identity)),
    Misunderstanding(
        "softmax-for-sigmoid",
        _SIGMOID + "softmax makes the pairs of a batch compete with one another.",
        _head(squash=tf.nn.softmax),
    ),
    Misunderstanding(
        "probability-of-different",
        _SIGMOID + "yours is 1 − p. The signs of w and b are learnt, so leave z as it is.",
        _head(squash=lambda z: tf.sigmoid(-z)),
    ),
    Misunderstanding("rounded", _SIGMOID + "you round it. Leave the decision to a threshold.", _head(finish=tf.round)),
    Misunderstanding(
        "sigmoid-before-the-sum",
        _SIGMOID + "you take it of each term, before you add them up.",
        _head(weigh=lambda u, w: u * w, squash=lambda z: tf.reduce_sum(tf.sigmoid(z), axis=-1)),
    ),
    Misunderstanding("bias-left-out", _BIAS + "yours is left out.", _head(shift=lambda z, b: z)),
    Misunderstanding("bias-subtracted", _BIAS + "you subtract it.", _head(shift=lambda z, b: z - b)),
    Misunderstanding(
        "bias-in-every-term",
        _BIAS + "you add it to every term.",
        _head(weigh=lambda u, w: u * w, shift=lambda terms, b: tf.reduce_sum(terms + b, axis=-1)),
    ),
    Misunderstanding(
        "bias-after-the-sigmoid",
        _BIAS + "you add it behind the sigmoid.",
        _head(shift=lambda z, b: tf.sigmoid(z) + b, squash=tf.identity),
    ),
    Misunderstanding(
        "weights-ignored", _WEIGHTED + "w is not used.", _head(weigh=lambda u, w: tf.reduce_sum(u, axis=-1))
    ),
    Misunderstanding(
        "summed-before-the-weights",
        _WEIGHTED + "you add up the u_k first, and the weights apart.",
        _head(weigh=lambda u, w: tf.reduce_sum(u, axis=-1) * tf.reduce_sum(w)),
    ),
    Misunderstanding(
        "mean-for-sum", _WEIGHTED + "you take the mean.", _head(weigh=lambda u, w: tf.reduce_mean(u * w, axis=-1))
    ),
    Misunderstanding(
        "no-absolute-value",
        _ABSOLUTE + "without the bars it matters which picture comes first.",
        _head(absolute=lambda f, g: f - g),
    ),
    Misunderstanding(
        "absolute-after-the-sum",
        _ABSOLUTE + "you take the bars around the weighted sum.",
        _head(absolute=lambda f, g: f - g, weigh=lambda u, w: tf.abs(tf.reduce_sum(u * w, axis=-1))),
    ),
    Misunderstanding("squared-for-absolute", _ABSOLUTE + "you square.", _head(absolute=lambda f, g: (f - g) ** 2)),
    Misunderstanding(
        "chi2-upside-down",
        _CHI2 + "you divide the sum by the square.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(f + g, tf.square(f - g))),
    ),
    Misunderstanding(
        "chi2-denominator-squared",
        _CHI2 + "you square the denominator too.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(tf.square(f - g), tf.square(f + g))),
    ),
    Misunderstanding(
        "chi2-of-absolute-differences",
        _CHI2 + "yours has |f_1 − f_2| on top. Square it.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(tf.abs(f - g), f + g)),
    ),
    Misunderstanding(
        "chi2-halved", _CHI2 + "the ½ of other texts is not there.", _head(chi2=lambda f, g: _chi2_over(f, g, 2))
    ),
    Misunderstanding("chi2-not-divided", _CHI2 + "yours is not divided.", _head(chi2=lambda f, g: tf.square(f - g))),
    Misunderstanding(
        "chi2-over-one-encoding",
        _CHI2 + "you divide by f_1 alone.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(tf.square(f - g), f)),
    ),
    Misunderstanding(
        "chi2-with-a-large-epsilon",
        _CHI2 + "a small number in the denominator keeps 0/0 away, and 0.001 is not small. tf.math.divide_no_nan needs "
        "none.",
        _head(chi2=lambda f, g: tf.square(f - g) / (f + g + 1e-3)),
    ),
    Misunderstanding(
        "zero-over-zero",
        _CHI2 + "and 0 where both numbers are 0. There 0/0 is not a number, and it spoils the whole sum: use "
        "tf.math.divide_no_nan.",
        _head(chi2=_not_a_number),
    ),
    Misunderstanding(
        "similarity-ignored",
        'You take absolute differences whatever similarity says. With "chi2" u is another.',
        _head(similarity=lambda similarity: "absolute"),
    ),
    Misunderstanding(
        "always-chi2",
        'You take chi2 whatever similarity says. With "absolute", the default, u is |f_1 − f_2|.',
        _head(similarity=lambda similarity: "chi2"),
    ),
    Misunderstanding("column", _PER_PAIR + "yours is a column, (n, 1).", _head(finish=lambda p: tf.expand_dims(p, -1))),
    Misunderstanding(
        "summed-over-the-pairs",
        _PER_PAIR + "you add up over the pairs as well. Sum over axis −1.",
        _head(weigh=lambda u, w: tf.reduce_sum(u * w)),
    ),
    hard_coded(_CASES),
    cut(_head(finish=tf.stop_gradient)),
]

EXERCISE = Exercise(
    name="probability_same",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property(
            "true gradients reach w, b and the encodings",
            gradient_is_true(*_FOUR, so=LEARNT, near=_off_the_kinks),
        ),
        Property("gradients are finite where both encodings are 0", _gradient_at_zero, promised=False),
    ],
    call=_call,
)
