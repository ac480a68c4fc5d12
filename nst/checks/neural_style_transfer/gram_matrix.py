"""gram_matrix(A)"""

from nst.checks import hints
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.wrong_versions import channel_products, composable, hard_coded, parts_of
from nst.quiet import tf


def _rows_with_rows(A):
    return tf.matmul(A, A, transpose_b=True)


@composable
def _gram(**wrong):
    """A gram_matrix with a wrong part: the product, or what it is divided by."""
    parts = parts_of(wrong, product=_rows_with_rows, divisor=lambda rows, columns: 1)

    def function(A):
        return parts.product(A) / parts.divisor(*A.shape)

    return function


def _sizes_unpacked(A):
    _, height, width, channels = A.shape
    features = tf.reshape(A, [height * width, channels])
    return tf.matmul(features, features, transpose_a=True) / (height * width * channels)


def _three_sizes_unpacked(A):
    height, width, channels = A.shape
    features = tf.reshape(A, [height * width, channels])
    return tf.matmul(features, features, transpose_a=True)


def _permuted(A):
    features = tf.reshape(tf.transpose(A, perm=[2, 0, 1]), [A.shape[2], -1])
    return tf.matmul(features, features, transpose_b=True)


def _three_axes_demanded(A):
    assert len(A.shape) == 3
    return _permuted(A)


ELEMENTWISE = (
    "The star multiplies entry by entry. You need the matrix product: row i meets row j, and their products "
    "are added up."
)
_OTHER_SHAPE = (
    "Your Gram matrix expects a whole activation. Here A is already unrolled to (n_C, n_H·n_W), two "
    "dimensions, and nothing is divided: other tutorials put these steps inside."
)
_NORMALISED = (
    "Your matrix is right up to a factor: other sources divide by the sizes here. In this course "
    "gram_matrix divides by nothing, and the style cost takes care of the sizes."
)
_LOOK_AT_PRODUCT = "Look at the product: which two things does it multiply, and along which axis does it add up?"
_LOOK_AT_SIZES = "Look at how many axes your code thinks A has, and read the docstring again."
_LOOK_AT_DIVISION = "Look at everything you do after the product."

_CASES = cases("neural-style-transfer", "gram_matrix")

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "positions compared, not channels",
        "Your matrix compares the columns of A, which are positions. We want to compare channels, which are "
        "its rows: which of the two factors is to be transposed?",
        _gram(product=lambda A: tf.matmul(A, A, transpose_a=True)),
    ),
    Misunderstanding("entry by entry", ELEMENTWISE, _gram(product=lambda A: A * tf.transpose(A))),
    Misunderstanding("entries squared", ELEMENTWISE, _gram(product=tf.square)),
    Misunderstanding(
        "neither factor transposed",
        "A of shape (n_C, n) cannot be multiplied by itself unless it is square. One of the two factors "
        "must lie on its side.",
        _gram(product=lambda A: tf.matmul(A, A)),
    ),
    Misunderstanding(
        "only the diagonal", hints.DIAGONAL_ONLY, _gram(product=lambda A: tf.reduce_sum(tf.square(A), axis=1))
    ),
    Misunderstanding(
        "all of it in one number",
        "You add up the whole matrix. Style is which channel fires with which, so every pair keeps its own number.",
        _gram(product=lambda A: tf.reduce_sum(_rows_with_rows(A))),
    ),
    Misunderstanding(
        "divided by the positions", _NORMALISED, _gram(divisor=lambda rows, columns: columns), _LOOK_AT_DIVISION
    ),
    Misunderstanding(
        "divided by the channels", _NORMALISED, _gram(divisor=lambda rows, columns: rows), _LOOK_AT_DIVISION
    ),
    Misunderstanding(
        "divided by all entries", _NORMALISED, _gram(divisor=lambda rows, columns: rows * columns), _LOOK_AT_DIVISION
    ),
    Misunderstanding(
        "another tutorial's Gram matrix, divided by rows",
        "This is the Gram matrix of another tutorial: there A has one row per position, and the matrix is divided by "
        "them. Here A has one row per channel, and nothing is divided.",
        _gram(product=lambda A: tf.matmul(A, A, transpose_a=True), divisor=lambda rows, columns: rows),
    ),
    Misunderstanding(
        "another tutorial's four axes",
        _OTHER_SHAPE,
        lambda A: channel_products(A) / (A.shape[1] * A.shape[2]),
        _LOOK_AT_SIZES,
    ),
    Misunderstanding("another tutorial's four sizes", _OTHER_SHAPE, _sizes_unpacked, _LOOK_AT_SIZES),
    Misunderstanding("another tutorial's three sizes", _OTHER_SHAPE, _three_sizes_unpacked, _LOOK_AT_SIZES),
    Misunderstanding("another tutorial's three axes", _OTHER_SHAPE, _permuted, _LOOK_AT_SIZES),
    Misunderstanding(
        "another tutorial's assert",
        "An assert of yours has stopped your function: it asks for something that A is not. "
        "A is already unrolled to (n_C, n_H·n_W), two dimensions: other tutorials pass a whole activation.",
        _three_axes_demanded,
        "Look at what your assert demands of A, and read the docstring again.",
    ),
    hard_coded(_CASES),
    cut(
        _gram(product=lambda A: tf.stop_gradient(_rows_with_rows(A))),
        "A = tf.Variable([[1.0, 2.0]])\n"
        "with tf.GradientTape() as tape: G = gram_matrix(A)\n"
        "print(tape.gradient(G, A))  # G is 1 + 4, and grows by twice each entry: 2 and 4, and not None",
    ),
]

EXERCISE = Exercise(
    name="gram_matrix",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[Property("a tensor comes back, and its true gradient reaches A", gradient_is_true(("A", 0)))],
    call=lambda function, A: function(tf.convert_to_tensor(A)),
    look=_LOOK_AT_PRODUCT,
    experiment=(
        "A = tf.constant([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])  # two channels, three positions\n"
        "print(gram_matrix(A))  # [[14, 2], [2, 1]]: the first row with itself gives 1 + 4 + 9"
    ),
)
