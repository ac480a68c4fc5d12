"""gram_matrix(A)"""

from nst.checks import hints
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.wrong_versions import channel_products, hard_coded
from nst.quiet import tf


def _sizes_unpacked(A):
    _, height, width, channels = A.shape
    features = tf.reshape(A, [height * width, channels])
    return tf.matmul(features, features, transpose_a=True) / (height * width * channels)


def _permuted(A):
    features = tf.reshape(tf.transpose(A, perm=[2, 0, 1]), [A.shape[2], -1])
    return tf.matmul(features, features, transpose_b=True)


ELEMENTWISE = (
    "The star multiplies entry by entry. You need the matrix product: row i meets row j, and their products "
    "are added up."
)
_FOUR_D = (
    "Your Gram matrix expects a whole activation. Here A is already unrolled to (n_C, n_H·n_W), two "
    "dimensions, and nothing is divided: other tutorials put these steps inside."
)
_NORMALISED = (
    "Your matrix is right up to a factor: other sources divide by the sizes here. In this course "
    "gram_matrix divides by nothing, and the style cost takes care of the sizes."
)

_CASES = cases("neural-style-transfer", "gram_matrix")

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "transposed-first",
        "Your matrix compares the columns of A, which are positions. We want to compare channels, which are "
        "its rows: which of the two factors is to be transposed?",
        lambda A: tf.matmul(A, A, transpose_a=True),
    ),
    Misunderstanding("elementwise", ELEMENTWISE, lambda A: A * tf.transpose(A)),
    Misunderstanding("entries-squared", ELEMENTWISE, tf.square),
    Misunderstanding(
        "not-transposed",
        "A of shape (n_C, n) cannot be multiplied by itself unless it is square. One of the two factors "
        "must lie on its side.",
        lambda A: tf.matmul(A, A),
    ),
    Misunderstanding("diagonal-only", hints.DIAGONAL_ONLY, lambda A: tf.reduce_sum(tf.square(A), axis=1)),
    Misunderstanding("normalised-by-positions", _NORMALISED, lambda A: tf.matmul(A, A, transpose_b=True) / A.shape[1]),
    Misunderstanding(
        "normalised-by-entries", _NORMALISED, lambda A: tf.matmul(A, A, transpose_b=True) / (A.shape[0] * A.shape[1])
    ),
    Misunderstanding("four-dimensional-einsum", _FOUR_D, lambda A: channel_products(A) / (A.shape[1] * A.shape[2])),
    Misunderstanding("four-dimensional-sizes", _FOUR_D, _sizes_unpacked),
    Misunderstanding("four-dimensional-transpose", _FOUR_D, _permuted),
    hard_coded(_CASES),
    cut(lambda A: tf.stop_gradient(tf.matmul(A, A, transpose_b=True))),
]

EXERCISE = Exercise(
    name="gram_matrix",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[Property("a tensor comes back, and its true gradient reaches A", gradient_is_true(("A", 0)))],
    call=lambda function, A: function(tf.convert_to_tensor(A)),
)
