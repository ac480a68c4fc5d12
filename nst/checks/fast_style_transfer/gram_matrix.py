"""gram_matrix(features, normalize=True)"""

from dataclasses import replace

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.batches import asked_of_several, written_for_one
from nst.checks.fast_style_transfer.shared import normalised_gram, unbatched
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.hints import DIAGONAL_ONLY, RESHAPED
from nst.checks.outcome import Unusable
from nst.checks.probes import compiles
from nst.checks.wrong_versions import channel_products, composable, hard_coded, other_defaults, parts_of
from nst.quiet import tf


def _ready(case):
    """The case with one matrix, (C, C): the axis of the one picture may be there or not."""
    return replace(case, expected={"gram": case.expected["gram"][0]})


def _call(function, features, **options):
    try:
        return function(tf.convert_to_tensor(features), **options)
    except (UnboundLocalError, TypeError) as error:
        # The messages hold names of the student's, which no misunderstanding can know.
        if isinstance(error, UnboundLocalError):
            raise Unusable(f"stops with {options or 'the defaults'}: a variable has no value there.") from error
        if "normalize" not in str(error) or not ("missing" in str(error) or "unexpected keyword" in str(error)):
            raise
        raise Unusable(f"cannot be called with {_as_written(options)}: look at its first line.") from error


def _as_written(options):
    return ", ".join(f"{name}={value}" for name, value in options.items()) or "features alone"


def _call_for_one(function, features, **options):
    gram = _call(function, features, **options)
    with_axis = isinstance(gram, (tf.Tensor, np.ndarray)) and gram.ndim == 3 and len(gram) == 1
    return gram[0] if with_axis else gram


@composable
def _gram(**wrong):
    """A gram_matrix with a wrong part: the sums of products, whether they are divided, and by what."""
    parts = parts_of(
        wrong,
        sums=channel_products,
        divides=lambda normalize: normalize,
        divisor=lambda N, H, W, C: H * W * C,
    )

    def function(features, normalize=True):
        sums = parts.sums(features)
        return sums / parts.divisor(*features.shape) if parts.divides(normalize) else sums

    return function


def _mixed(features):
    return tf.einsum("nhwi,nhwj->ij", features, features)


def _over_positions(features):
    a = tf.reshape(features, [features.shape[0], -1, features.shape[3]])
    return tf.matmul(a, a, transpose_b=True)


def _reshaped(features):
    N, H, W, C = features.shape
    a = tf.reshape(features, [N, C, H * W])
    return tf.matmul(a, a, transpose_b=True)


def _channels_first(features):
    N, C, H, W = features.shape
    a = tf.reshape(features, [N, C, H * W])
    return tf.matmul(a, a, transpose_b=True)


def _folded(features):
    N, H, W, C = features.shape
    a = tf.reshape(tf.transpose(features, [0, 3, 1, 2]), [N * C, H * W])
    return tf.matmul(a, a, transpose_b=True)


def _undefined(features, normalize=True):
    if normalize:
        gram = normalised_gram(features)
    return gram


def _for_three_axes(features, normalize=True):
    # As another tutorial has it, with nothing to say.
    if len(features.shape) != 3:
        raise AssertionError


_DIVISOR = "Your matrix is right up to a factor. With normalize=True it is divided by H · W · C: "
_LOOK_DIVISOR = "Look at the number that you divide by."
_NOT_NORMALISED = (
    "With normalize=False the sums stay as they are, and your function has no result for that. Give `gram` its value "
    "before the if, and let only the division depend on normalize."
)
_LOOK_IF = "Look at what your function does when normalize is False."
_LOOK_PRODUCT = "Look at the shape of what you multiply, and at the axis over which the product sums."
_CASES = cases("fast-style-transfer", "gram_matrix", _ready)

_DEFAULT_EXPERIMENT = """\
a = tf.ones([1, 2, 2, 2])
print(gram_matrix(a), gram_matrix(a, normalize=True))  # twice the same: 4 over 2 · 2 · 2, which is 0.5 everywhere
print(gram_matrix(a, normalize=False))  # 4 everywhere"""

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "positions compared with positions",
        "Your matrix compares positions with positions, and has one row for each of them. Style is which channels fire "
        "together: the matrix is (C, C).",
        _gram(sums=_over_positions),
        _LOOK_PRODUCT,
    ),
    Misunderstanding(
        "reshaped, not transposed",
        RESHAPED.format("(C, H·W)") + "Reshape to (H·W, C) first, then transpose: to swap axes you transpose.",
        _gram(sums=_reshaped),
        "Look at the order in which the axes stand before your reshape, and after it.",
    ),
    Misunderstanding(
        "axes read as channels first",
        "You read the shape as N, C, H, W, as PyTorch has it. Here the channels come last: N, H, W, C.",
        _gram(sums=_channels_first),
        hints.LOOK_SHAPE,
    ),
    Misunderstanding(
        "not unrolled",
        "matmul multiplies the last two axes, here columns and channels, one row of the picture at a time. Merge "
        "height and width into one axis of positions before you multiply.",
        _gram(sums=lambda features: tf.matmul(features, features, transpose_a=True)),
        _LOOK_PRODUCT,
    ),
    Misunderstanding(
        "only the diagonal",
        DIAGONAL_ONLY,
        _gram(sums=lambda features: tf.reduce_sum(tf.square(features), [1, 2])),
        _LOOK_PRODUCT,
    ),
    Misunderstanding(
        "divided by the positions only",
        _DIVISOR + "the channels are missing.",
        _gram(divisor=lambda N, H, W, C: H * W),
        _LOOK_DIVISOR,
    ),
    Misunderstanding(
        "divided by the channels only",
        _DIVISOR + "the positions are missing.",
        _gram(divisor=lambda N, H, W, C: C),
        _LOOK_DIVISOR,
    ),
    Misunderstanding(
        "divided twice",
        _DIVISOR + "you divide the features first, so the product holds the divisor squared.",
        _gram(divisor=lambda N, H, W, C: (H * W * C) ** 2),
        _LOOK_DIVISOR,
    ),
    Misunderstanding(
        "divided by twice the entries",
        _DIVISOR + "the 2 of other texts is not there.",
        _gram(divisor=lambda N, H, W, C: 2 * H * W * C),
        _LOOK_DIVISOR,
    ),
    Misunderstanding(
        "normalize not asked",
        "You divide whatever normalize says. With normalize=False the sums stay as they are.",
        _gram(divides=lambda normalize: True),
        _LOOK_IF,
    ),
    Misunderstanding(
        "never normalised",
        "Nothing is divided. In the assignment neural-style-transfer it was so; here normalize=True, the default, "
        "divides by H · W · C.",
        _gram(divides=lambda normalize: False),
        "Look at what your function does when normalize is True.",
    ),
    Misunderstanding(
        "normalize the wrong way round",
        "It is the wrong way round: divide where normalize is True, and not where it is False.",
        _gram(divides=lambda normalize: not normalize),
        _LOOK_IF,
    ),
    other_defaults(lambda features, normalize=False: _gram()(features, normalize), _DEFAULT_EXPERIMENT, normalize=True),
    Misunderstanding(
        "no argument normalize",
        "Your function has no argument normalize. The signature was written for you with normalize=True: put it back, "
        "and divide only where it is true.",
        lambda features: normalised_gram(features),
        "Look at the first line of your function.",
        _DEFAULT_EXPERIMENT,
    ),
    Misunderstanding("undefined when not normalised", _NOT_NORMALISED, _undefined, _LOOK_IF),
    Misunderstanding(
        "nothing when not normalised",
        _NOT_NORMALISED,
        lambda features, normalize=True: normalised_gram(features) if normalize else None,
        _LOOK_IF,
    ),
    Misunderstanding(
        "axis of pictures forgotten",
        hints.UNBATCHED.format("features"),
        unbatched(lambda features: features),
        hints.LOOK_SHAPE,
    ),
    Misunderstanding(
        "made for three axes",
        "Your function insists on three axes, and there are four: (1, H, W, C). The first counts pictures: take it "
        "away with features[0], or better keep it.",
        _for_three_axes,
        "Look at what your function asks of its argument before it begins.",
    ),
    hard_coded(_CASES),
    cut(
        _gram(sums=lambda features: channel_products(tf.stop_gradient(features))),
        """\
a = tf.Variable(tf.ones([1, 2, 2, 2]))
with tf.GradientTape() as tape: total = tf.reduce_sum(gram_matrix(a))
print(tape.gradient(total, a))  # 0.5 everywhere; None says that nothing arrives""",
    ),
]

_GRADIENT = Property("a tensor comes back, and its true gradient reaches features", gradient_is_true(("features", 0)))

EXERCISE = Exercise(
    name="gram_matrix",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        _GRADIENT,
        Property(
            "tf.function can compile it",
            compiles(hints.COMPILES, required=False, autograph=False),
            promised=False,
        ),
    ],
    call=_call_for_one,
    look="Look at the shapes, line by line: which axes are merged, and which are multiplied?",
    experiment="""\
features = tf.constant([[[[1.0, 0.0], [2.0, 0.0]], [[0.0, 1.0], [1.0, 1.0]]]])  # 2 × 2 positions, 2 channels
print(gram_matrix(features, normalize=False))  # [[6, 1], [1, 2]]
print(gram_matrix(features))  # the same over 2 · 2 · 2""",
)

_MIXED = (
    "You wrote for one picture, as the classic exercise asks; the products of several come out mixed into one matrix. "
    "Keep the first axis: reshape to (N, H·W, C), so that every picture has a matrix of its own."
)
_ONE_OF_SEVERAL = (
    "You wrote for one picture, as the classic exercise asks; of several you give the matrix of the first, as [0] "
    "takes it. features holds N of them, and each has a Gram matrix."
)

BATCH = Exercise(
    name="gram_matrix",
    part="batch",
    cases=cases("fast-style-transfer", "gram_matrix batch"),
    misunderstandings=[
        Misunderstanding("pictures mixed", _MIXED, _gram(sums=_mixed)),
        Misunderstanding("pictures mixed, axis kept", _MIXED, _gram(sums=lambda features: _mixed(features)[None])),
        Misunderstanding("pictures averaged", _MIXED, _gram(sums=_mixed, divisor=lambda N, H, W, C: N * H * W * C)),
        Misunderstanding(
            "pictures taken for channels",
            "You wrote for one picture, as the classic exercise asks; of several, each channel of each is compared "
            "with all others: (N·C, N·C). Keep the first axis: reshape to (N, H·W, C), and merge N into nothing.",
            _gram(sums=_folded),
        ),
        Misunderstanding(
            "only the first picture", _ONE_OF_SEVERAL, _gram(sums=lambda features: channel_products(features[:1]))
        ),
        Misunderstanding(
            "only the first picture, axis dropped",
            _ONE_OF_SEVERAL,
            _gram(sums=lambda features: channel_products(features)[0]),
        ),
        Misunderstanding(
            "divided by the number of pictures",
            _DIVISOR + "the number of pictures N has no place there, as every picture has a matrix of its own.",
            _gram(divisor=lambda N, H, W, C: N * H * W * C),
            _LOOK_DIVISOR,
        ),
        *written_for_one(EXERCISE, _gram()),
    ],
    properties=[_GRADIENT],
    call=asked_of_several(_call, pictures=(0,)),
    look=hints.LOOK_FIRST_AXIS,
    experiment="""\
a = tf.constant([[[[1.0, 1.0]]], [[[2.0, 0.0]]]])  # two pictures of one position
print(gram_matrix(a, normalize=False))  # (2, 2, 2): [[1, 1], [1, 1]] and [[4, 0], [0, 0]]
print(gram_matrix(a))  # the same over 1 · 1 · 2""",
)
