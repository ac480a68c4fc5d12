"""content_loss(content_weight, content_current, content_original)"""

from dataclasses import replace

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.shared import call_with_weight
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.hints import ABSOLUTE_DIFFERENCES, SQUARE_DIFFERENCES
from nst.checks.outcome import as_tensors
from nst.checks.probes import costs_nothing, takes_numpy
from nst.checks.wrong_versions import hard_coded, squared_distance
from nst.quiet import tf


def _ready(case):
    content_weight, F, P = case.inputs
    return replace(case, inputs=(content_weight, as_tensors(F), as_tensors(P)))


def _call(function, content_weight, F, P):
    return call_with_weight(function, content_weight, tf.convert_to_tensor(F), P, at=0)


_CASES = cases("fast-style-transfer", "content_loss", _ready)

_MISUNDERSTANDINGS = [
    Misunderstanding("mean-for-sum", hints.MEAN, lambda w, F, P: w * tf.reduce_mean(tf.square(F - P))),
    Misunderstanding("half", hints.HALF, lambda w, F, P: w * squared_distance(F, P) / 2),
    Misunderstanding("weight-unused", hints.WEIGHT_UNUSED, lambda w, F, P: squared_distance(F, P)),
    Misunderstanding("weight-squared", hints.WEIGHT_SQUARED, lambda w, F, P: squared_distance(w * F, w * P)),
    Misunderstanding("difference-not-squared", SQUARE_DIFFERENCES, lambda w, F, P: w * tf.reduce_sum(F - P)),
    Misunderstanding("absolute-difference", ABSOLUTE_DIFFERENCES, lambda w, F, P: w * tf.reduce_sum(tf.abs(F - P))),
    Misunderstanding("square-root", hints.ROOT, lambda w, F, P: w * tf.norm(F - P)),
    Misunderstanding(
        "not-subtracted",
        "Only the picture's own activation is in your loss, so nothing draws it to the content. It is the difference "
        "of the two that should become small.",
        lambda w, F, P: w * tf.reduce_sum(tf.square(F)),
    ),
    Misunderstanding(
        "formula-of-the-other-assignment",
        hints.OTHER_ASSIGNMENT,
        lambda w, F, P: w * tf.reduce_mean(tf.square(F - P)) / 4,
    ),
    Misunderstanding("not-a-scalar", hints.NOT_SCALAR, lambda w, F, P: w * tf.reduce_sum(tf.square(F - P), [1, 2, 3])),
    Misunderstanding(
        "not-summed",
        "You have the squares, one for every entry. Add them all up.",
        lambda w, F, P: w * tf.square(F - P),
    ),
    Misunderstanding(
        "weights-as-integer-tensors", hints.INTEGER_TENSOR, lambda w, F, P: tf.constant(w) * squared_distance(F, P)
    ),
    hard_coded(_CASES),
    cut(lambda w, F, P: w * squared_distance(tf.stop_gradient(F), P)),
]

_F = _CASES[1].inputs[1]

EXERCISE = Exercise(
    name="content_loss",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property(hints.GRADIENT.format("content_current"), gradient_is_true(("content_current", 1))),
        Property(
            "identical activations cost 0",
            costs_nothing(
                (3.0, _F, _F),
                "identical activations should be 0: two that agree cost nothing.",
                ("content_current", 1),
            ),
        ),
        Property("content_original may be a NumPy array, and is not written to", takes_numpy("content_original", 2)),
    ],
    call=_call,
)
