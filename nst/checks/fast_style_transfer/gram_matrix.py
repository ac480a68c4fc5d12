"""gram_matrix(features, normalize=True)"""

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.shared import normalised_gram
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.hints import DIAGONAL_ONLY, RESHAPED
from nst.checks.outcome import Unusable
from nst.checks.probes import compiles
from nst.checks.wrong_versions import channel_products, hard_coded, parts_of
from nst.quiet import tf

_CASES = cases("fast-style-transfer", "gram_matrix")


def _call(function, features, **options):
    try:
        gram = function(tf.convert_to_tensor(features), **options)
    except UnboundLocalError as error:
        # The message holds the name of the student's variable, which no misunderstanding can know.
        raise Unusable(f"stops with {options or 'the defaults'}: a variable has no value there.") from error
    # The original exercise drops the axis of a single picture.
    single = isinstance(gram, (tf.Tensor, np.ndarray)) and gram.ndim == 2 and len(features) == 1
    return gram[None] if single else gram


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


def _undefined(features, normalize=True):
    if normalize:
        gram = normalised_gram(features)
    return gram


_MIXED = (
    "With several pictures, theirs come out mixed into one matrix. Keep the first axis: reshape to (N, H·W, C), and "
    "let every picture have a Gram matrix of its own."
)
_DIVISOR = "Your matrix is right up to a factor. With normalize=True it is divided by H · W · C: "
_NOT_NORMALISED = (
    "With normalize=False the sums stay as they are, and your function has no result for that. Give `gram` its value "
    "before the if, and let only the division depend on normalize."
)

_MISUNDERSTANDINGS = [
    Misunderstanding("images-mixed", _MIXED, _gram(sums=_mixed)),
    Misunderstanding("images-mixed-and-kept", _MIXED, _gram(sums=lambda features: _mixed(features)[None])),
    Misunderstanding("images-averaged", _MIXED, _gram(sums=_mixed, divisor=lambda N, H, W, C: N * H * W * C)),
    Misunderstanding(
        "only-the-first-image",
        "You look at the first picture and forget the others. features holds N of them, and each has a Gram matrix.",
        _gram(sums=lambda features: channel_products(features[:1])),
    ),
    Misunderstanding(
        "over-positions",
        "Your matrix compares positions with positions, and has one row for each of them. Style is which channels fire "
        "together: the matrix is (C, C).",
        _gram(sums=_over_positions),
    ),
    Misunderstanding(
        "reshaped-not-transposed",
        RESHAPED.format("(C, H·W)") + "Reshape to (H·W, C) first, then transpose: to swap axes you transpose.",
        _gram(sums=_reshaped),
    ),
    Misunderstanding(
        "not-unrolled",
        "matmul multiplies the last two axes, here columns and channels, one row of the picture at a time. Merge "
        "height and width into one axis of positions before you multiply.",
        _gram(sums=lambda features: tf.matmul(features, features, transpose_a=True)),
    ),
    Misunderstanding(
        "diagonal-only", DIAGONAL_ONLY, _gram(sums=lambda features: tf.reduce_sum(tf.square(features), [1, 2]))
    ),
    Misunderstanding(
        "divided-by-positions", _DIVISOR + "the channels are missing.", _gram(divisor=lambda N, H, W, C: H * W)
    ),
    Misunderstanding(
        "divided-by-channels", _DIVISOR + "the positions are missing.", _gram(divisor=lambda N, H, W, C: C)
    ),
    Misunderstanding(
        "divided-by-the-number-of-images",
        _DIVISOR + "the number of pictures N has no place there, as every picture has a matrix of its own.",
        _gram(divisor=lambda N, H, W, C: N * H * W * C),
    ),
    Misunderstanding(
        "divided-twice",
        _DIVISOR + "you divide the features first, so the product holds the divisor squared.",
        _gram(divisor=lambda N, H, W, C: (H * W * C) ** 2),
    ),
    Misunderstanding(
        "divided-by-twice-the-entries",
        _DIVISOR + "the 2 of other texts is not there.",
        _gram(divisor=lambda N, H, W, C: 2 * H * W * C),
    ),
    Misunderstanding(
        "normalize-ignored",
        "You divide whatever normalize says. With normalize=False the sums stay as they are.",
        _gram(divides=lambda normalize: True),
    ),
    Misunderstanding(
        "never-normalised",
        "Nothing is divided. In the assignment neural-style-transfer it was so; here normalize=True, the default, "
        "divides by H · W · C.",
        _gram(divides=lambda normalize: False),
    ),
    Misunderstanding(
        "normalize-reversed",
        "It is the wrong way round: divide where normalize is True, and not where it is False.",
        _gram(divides=lambda normalize: not normalize),
    ),
    Misunderstanding("undefined-when-not-normalised", _NOT_NORMALISED, _undefined),
    Misunderstanding(
        "nothing-when-not-normalised",
        _NOT_NORMALISED,
        lambda features, normalize=True: normalised_gram(features) if normalize else None,
    ),
    hard_coded(_CASES),
    cut(_gram(sums=lambda features: channel_products(tf.stop_gradient(features)))),
]

EXERCISE = Exercise(
    name="gram_matrix",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property("a tensor comes back, and its true gradient reaches features", gradient_is_true(("features", 0))),
        Property(
            "tf.function can compile it",
            compiles(hints.COMPILES, required=False, autograph=False),
            promised=False,
        ),
    ],
    call=_call,
)
