"""triplet_loss(y_true, y_pred, alpha=0.2)"""

from dataclasses import replace

from nst.checks.calls import call_sparing
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import LEARNT, cut, gradient_is_true, hold_finite, of_tensors
from nst.checks.outcome import as_tensors, find_problem, observe
from nst.checks.wrong_versions import hard_coded, parts_of
from nst.quiet import tf


def _three_encodings(case):
    """The three encodings come as a list, as Keras passes them."""
    y_true, y_pred = case.inputs
    return replace(case, inputs=(y_true, list(y_pred.values())))


_CASES = cases("face-recognition", "triplet_loss", _three_encodings)


def _call(function, y_true, y_pred, **options):
    given = as_tensors(y_pred)
    return call_sparing(lambda: function(y_true, given, **options), "y_pred", given)


def _loss(**wrong):
    """A triplet_loss with a wrong part: the three encodings, a distance, what one triplet costs, and all of them."""
    parts = parts_of(
        wrong,
        split=lambda y_true, y_pred: y_pred,
        distance=lambda f, g: tf.reduce_sum(tf.square(f - g), axis=-1),
        far=lambda a, p, n: (a, n),
        gap=lambda near, far, alpha: near - far + alpha,
        hinge=lambda gap, alpha: tf.maximum(gap, 0.0),
        total=tf.reduce_sum,
    )

    def function(y_true, y_pred, alpha=0.2):
        a, p, n = (parts.split(y_true, y_pred)[i] for i in range(3))
        near, far = parts.distance(a, p), parts.distance(*parts.far(a, p, n))
        return parts.total(parts.hinge(parts.gap(near, far, alpha), alpha))

    return function


def _takes_a_tuple(exercise, function):
    case = exercise.cases[-1]
    y_true, y_pred = case.inputs
    outcome = observe(exercise, function, (y_true, tuple(y_pred)), case.options)
    problem = find_problem(exercise, outcome, case.expected.values(), "y_pred as a tuple")
    if problem:
        raise AssertionError(f"{problem}\nTake the three out of it by y_pred[0], y_pred[1] and y_pred[2].")


_ENCODINGS = ("the anchors", 1, 0), ("the positives", 1, 1), ("the negatives", 1, 2)


def _slope_where_they_agree(exercise, function):
    y_true, (anchors, _, negatives) = exercise.cases[-1].inputs
    agreeing = y_true, [anchors, anchors, negatives]
    hold_finite(exercise.name, *of_tensors(function, agreeing, {"alpha": 100.0}, _ENCODINGS), LEARNT)


_SQUARES = "A distance here is the sum of the squared differences, ‖a − p‖²: "
_HINGE = "The hinge is max(…, 0) of every triplet: a triplet that is far enough apart costs nothing. "
_ALPHA = "The margin α is added inside the hinge, once for each triplet: "
_SUM_TRIPLETS = "The loss is the sum over the triplets: "

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "batch-summed-before-the-hinge",
        "You sum over the whole batch before the hinge, so easy triplets pay for hard ones. 350.026, an old key of the "
        "published inputs, is this slip. Sum over axis −1, take max(…, 0) of each triplet, then add up.",
        _loss(distance=lambda f, g: tf.reduce_sum(tf.square(f - g))),
    ),
    Misunderstanding(
        "max-of-the-sum",
        _HINGE + "You add up first and take the maximum of the sum.",
        _loss(hinge=lambda gap, alpha: gap, total=lambda gaps: tf.maximum(tf.reduce_sum(gaps), 0.0)),
    ),
    Misunderstanding(
        "no-hinge",
        _HINGE + "Yours has none, so it is rewarded for pushing easy negatives ever farther away.",
        _loss(hinge=lambda gap, alpha: gap),
    ),
    Misunderstanding(
        "square-for-hinge",
        _HINGE + "You square instead, so a triplet that is right already costs as much as a wrong one.",
        _loss(hinge=lambda gap, alpha: tf.square(gap)),
    ),
    Misunderstanding(
        "absolute-value-for-hinge",
        _HINGE + "You take the absolute value instead.",
        _loss(hinge=lambda gap, alpha: tf.abs(gap)),
    ),
    Misunderstanding(
        "minimum-for-maximum",
        _HINGE + "You take the minimum, so only those count that should not.",
        _loss(hinge=lambda gap, alpha: tf.minimum(gap, 0.0)),
    ),
    Misunderstanding(
        "hinge-per-number",
        "Your hinge looks at every number of an encoding by itself. First sum over axis −1, so that each triplet has "
        "its two distances, then take the maximum.",
        _loss(distance=lambda f, g: tf.square(f - g)),
    ),
    Misunderstanding(
        "summed-over-the-triplets-first",
        "You sum over axis 0, the triplets. A distance is a sum over the numbers of an encoding: axis −1.",
        _loss(distance=lambda f, g: tf.reduce_sum(tf.square(f - g), axis=0)),
    ),
    Misunderstanding(
        "mean-over-triplets", _SUM_TRIPLETS + "you take the mean of what they cost.", _loss(total=tf.reduce_mean)
    ),
    Misunderstanding(
        "mean-over-costly-triplets",
        _SUM_TRIPLETS + "you divide it by the number of those that cost something.",
        _loss(total=lambda costs: tf.math.divide_no_nan(tf.reduce_sum(costs), tf.reduce_sum(tf.sign(costs)))),
    ),
    Misunderstanding(
        "one-cost-per-triplet", _SUM_TRIPLETS + "you return what each of them costs.", _loss(total=tf.identity)
    ),
    Misunderstanding(
        "mean-of-squares",
        _SQUARES + "you take the mean.",
        _loss(distance=lambda f, g: tf.reduce_mean(tf.square(f - g), axis=-1)),
    ),
    Misunderstanding(
        "distances-not-squared",
        _SQUARES + "you take its square root. Leave the norm squared.",
        _loss(distance=lambda f, g: tf.norm(f - g, axis=-1)),
    ),
    Misunderstanding(
        "absolute-differences",
        _SQUARES + "you add up absolute differences.",
        _loss(distance=lambda f, g: tf.reduce_sum(tf.abs(f - g), axis=-1)),
    ),
    Misunderstanding(
        "differences-not-squared",
        _SQUARES + "you add up the differences themselves, so positive and negative ones cancel.",
        _loss(distance=lambda f, g: tf.reduce_sum(f - g, axis=-1)),
    ),
    Misunderstanding(
        "positive-and-negative-swapped",
        "The loss grows as the positive comes nearer: anchor to positive counts with plus, anchor to negative with "
        "minus. y_pred holds anchors, positives, negatives, in this order.",
        _loss(gap=lambda near, far, alpha: far - near + alpha),
    ),
    Misunderstanding(
        "positive-to-negative",
        "Both distances begin at the anchor. Yours to the negative begins at the positive.",
        _loss(far=lambda a, p, n: (p, n)),
    ),
    Misunderstanding(
        "positives-only",
        "The negatives are missing. Without them the encoder may answer the same to every face.",
        _loss(gap=lambda near, far, alpha: near + alpha),
    ),
    Misunderstanding("alpha-left-out", _ALPHA + "yours is left out.", _loss(gap=lambda near, far, alpha: near - far)),
    Misunderstanding(
        "alpha-subtracted", _ALPHA + "you subtract it.", _loss(gap=lambda near, far, alpha: near - far - alpha)
    ),
    Misunderstanding(
        "alpha-hard-coded",
        "Your loss takes 0.2 whatever alpha says. Use the argument.",
        _loss(gap=lambda near, far, alpha: near - far + 0.2),
    ),
    Misunderstanding(
        "alpha-outside-the-hinge",
        _ALPHA + "you add it after the maximum, so every triplet costs α at least.",
        _loss(gap=lambda near, far, alpha: near - far, hinge=lambda gap, alpha: tf.maximum(gap, 0.0) + alpha),
    ),
    Misunderstanding(
        "alpha-as-the-floor",
        _ALPHA + "you take max(…, α). The floor is 0.",
        _loss(gap=lambda near, far, alpha: near - far, hinge=lambda gap, alpha: tf.maximum(gap, alpha)),
    ),
    Misunderstanding(
        "y-true-used",
        "You look into y_true. Keras passes it to every loss, and here nothing is in it: the encodings are in y_pred.",
        _loss(split=lambda y_true, y_pred: y_true),
    ),
    hard_coded(_CASES),
    cut(_loss(split=lambda y_true, y_pred: [tf.stop_gradient(f) for f in y_pred])),
]

EXERCISE = Exercise(
    name="triplet_loss",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property("the three may come as a tuple", _takes_a_tuple),
        Property(
            "true gradients reach anchors, positives and negatives",
            gradient_is_true(*_ENCODINGS, so=LEARNT),
        ),
        Property("gradients are finite where anchor and positive agree", _slope_where_they_agree),
    ],
    call=_call,
)
