"""content_loss(content_weight, content_current, content_original)"""

from dataclasses import replace

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.batches import asked_of_several, written_for_one
from nst.checks.fast_style_transfer.shared import call_with_weight, off_by_a_factor, unbatched
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.hints import ABSOLUTE_DIFFERENCES, SQUARE_DIFFERENCES
from nst.checks.outcome import as_tensors
from nst.checks.probes import costs_nothing, takes_numpy
from nst.checks.wrong_versions import composable, hard_coded, parts_of
from nst.quiet import tf


def _ready(case):
    content_weight, F, P = case.inputs
    return replace(case, inputs=(content_weight, as_tensors(F), as_tensors(P)))


def _call(function, content_weight, F, P):
    return call_with_weight(function, content_weight, tf.convert_to_tensor(F), P, at=0)


@composable
def _content(**wrong):
    """A content_loss with a wrong part: what is compared, the difference, its square, the sum, its factor, the weight.

    pictures: of all pictures of a batch, those that are looked at.
    """
    parts = parts_of(
        wrong,
        pictures=lambda a: a,
        difference=lambda F, P: F - P,
        square=tf.square,
        reduce=tf.reduce_sum,
        root=lambda loss: loss,
        scale=lambda loss: loss,
        shared=lambda loss, N: loss,
        weigh=lambda w, loss: w * loss,
    )

    def function(w, F, P):
        squares = parts.square(parts.difference(parts.pictures(F), parts.pictures(P)))
        return parts.weigh(w, parts.shared(parts.scale(parts.root(parts.reduce(squares))), F.shape[0]))

    return function


def _each(squares):
    return tf.reduce_sum(squares, [1, 2, 3])


_CASES = cases("fast-style-transfer", "content_loss", _ready)

_GRADIENT_EXPERIMENT = """\
F = tf.Variable([[[[1.0], [2.0]]]])
with tf.GradientTape() as tape: loss = content_loss(3.0, F, tf.zeros([1, 1, 2, 1]))
print(tape.gradient(loss, F))  # 2 · 3 · F, which is 6 and 12; None says that nothing arrives"""

_MISUNDERSTANDINGS = [
    Misunderstanding("mean instead of the sum", hints.MEAN, _content(reduce=tf.reduce_mean), hints.LOOK_SUM),
    Misunderstanding("half of the loss", hints.HALF, _content(scale=lambda loss: loss / 2), hints.LOOK_RETURN),
    Misunderstanding("weight not used", hints.WEIGHT_UNUSED, _content(weigh=lambda w, loss: loss), hints.LOOK_WEIGHT),
    Misunderstanding(
        "weight squared", hints.WEIGHT_SQUARED, _content(weigh=lambda w, loss: w**2 * loss), hints.LOOK_WEIGHT
    ),
    Misunderstanding("differences not squared", SQUARE_DIFFERENCES, _content(square=lambda d: d), hints.LOOK_SQUARE),
    Misunderstanding("absolute differences", ABSOLUTE_DIFFERENCES, _content(square=tf.abs), hints.LOOK_SQUARE),
    Misunderstanding("square root at the end", hints.ROOT, _content(root=tf.sqrt), hints.LOOK_RETURN),
    Misunderstanding(
        "content not subtracted",
        "Only the picture's own activation is in your loss, so nothing draws it to the content. It is the difference "
        "of the two that should become small.",
        _content(difference=lambda F, P: F),
        "Look at which of the arguments your loss depends on.",
    ),
    Misunderstanding(
        "formula of the other assignment",
        hints.OTHER_ASSIGNMENT,
        _content(reduce=tf.reduce_mean, scale=lambda loss: loss / 4),
        "Hold what stands in front of your sum against the formula above.",
    ),
    Misunderstanding("not a single number", hints.NOT_SCALAR, _content(reduce=_each), hints.LOOK_SUM),
    Misunderstanding(
        "squares not added up",
        "You have the squares, one for every entry. Add them all up.",
        _content(reduce=lambda squares: squares),
        hints.LOOK_SUM,
    ),
    Misunderstanding(
        "weight as an integer tensor",
        hints.INTEGER_TENSOR,
        _content(weigh=lambda w, loss: tf.constant(w) * loss),
        hints.LOOK_WEIGHT,
    ),
    Misunderstanding(
        "axis of pictures forgotten",
        hints.UNBATCHED.format("content_current"),
        unbatched(lambda w, F, P: F),
        hints.LOOK_SHAPE,
    ),
    hard_coded(_CASES),
    cut(_content(difference=lambda F, P: tf.stop_gradient(F) - P), _GRADIENT_EXPERIMENT),
    Misunderstanding(
        "a constant factor",
        hints.FACTOR,
        _content(scale=lambda loss: 3 * loss),
        hints.LOOK_RETURN,
        recognises=off_by_a_factor,
    ),
]

_F = _CASES[1].inputs[1]
_TAKES_NUMPY = Property(
    "content_original may be a NumPy array, and is not written to", takes_numpy("content_original", 2)
)

_SAME_COSTS_NOTHING = Property(
    "identical activations cost 0",
    costs_nothing(
        (3.0, _F, _F), "identical activations should be 0: two that agree cost nothing.", ("content_current", 1)
    ),
    own_inputs=True,
)

EXERCISE = Exercise(
    name="content_loss",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property(hints.GRADIENT.format("content_current"), gradient_is_true(("content_current", 1))),
        _SAME_COSTS_NOTHING,
        _TAKES_NUMPY,
    ],
    call=_call,
    look=hints.LOOK_RETURN,
    experiment="""\
F, P = tf.constant([[[[1.0], [2.0]]]]), tf.constant([[[[1.0], [4.0]]]])
print(content_loss(3, F, P))  # 3 · (0² + 2²) = 12, of shape ()""",
)

BATCH = Exercise(
    name="content_loss",
    part="batch",
    cases=cases("fast-style-transfer", "content_loss batch", _ready),
    misunderstandings=[
        Misunderstanding("only the first picture", hints.FIRST_ONLY, _content(pictures=lambda a: a[:1])),
        Misunderstanding("averaged over the pictures", hints.AVERAGED, _content(shared=lambda loss, N: loss / N)),
        Misunderstanding("one number for each picture", hints.ONE_EACH, _content(reduce=_each)),
        *written_for_one(EXERCISE, _content()),
    ],
    properties=[
        Property(hints.GRADIENT.format("content_current"), gradient_is_true(("content_current", 1))),
        _SAME_COSTS_NOTHING,
    ],
    call=asked_of_several(_call, pictures=(1, 2)),
    look=hints.LOOK_FIRST_AXIS,
    experiment="""\
F = tf.constant([[[[1.0]]], [[[2.0]]]])  # two pictures of one pixel
print(content_loss(3, F, tf.zeros([2, 1, 1, 1])))  # 3 · (1² + 2²) = 15, of shape ()""",
)
