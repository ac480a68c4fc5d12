"""triplet_loss(y_true, y_pred, alpha=0.2)"""

from dataclasses import replace

from nst.checks.calls import call_sparing
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import LEARNT, cut, gradient_is_true, hold_finite, of_tensors
from nst.checks.looks import with_looks
from nst.checks.outcome import as_tensors, find_problem, observe
from nst.checks.wrong_versions import composable, hard_coded, other_defaults, parts_of
from nst.quiet import tf


def _three_encodings(case):
    """The three encodings come as a list, as Keras passes them."""
    y_true, y_pred = case.inputs
    return replace(case, inputs=(y_true, list(y_pred.values())))


_CASES = cases("face-recognition", "triplet_loss", _three_encodings)


def _call(function, y_true, y_pred, **options):
    given = as_tensors(y_pred)
    return call_sparing(lambda: function(y_true, given, **options), "y_pred", given)


@composable
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
        default=0.2,
    )

    def function(y_true, y_pred, alpha=parts.default):
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


_SQUARES = "A distance here is the sum of the squared differences, ‖a − p‖². "
_HINGE = "The hinge is max(…, 0) of every triplet: a triplet that is far enough apart costs nothing. "
_ALPHA = "The margin α is added inside the hinge, once for each triplet. "
_SUM_TRIPLETS = "The loss is the sum over the triplets. "

_LOOKS = {
    "split": "Look at where your three encodings come from.",
    "distance": "Look at your two distances: what is squared, what is summed, and over which axis?",
    "far": "Look at your two distances: between which two encodings is each of them?",
    "gap": "Look at what goes into the maximum: which terms, and with which signs?",
    "hinge": "Look at the line with the maximum: what goes in, and what comes out?",
    "total": "Look at the last step: what becomes of the costs of the single triplets?",
}
#: The first triplet costs 4 − 13 + 10, the second 1 − 16 + 10 and so nothing, the third 1 − 4 + 10.
_EXPERIMENT = """\
a, p, n = tf.constant([[[2.0, 0], [0, 0], [0, 0]], [[0, 0], [0, 1], [1, 0]], [[0, 3], [4, 0], [0, 2]]])
print(np.round(triplet_loss(None, [a, p, n], alpha=10.0), 3))  # 1 + 0 + 7 = 8.0"""

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "batch summed before the hinge",
        "You sum over the whole batch before the hinge, so easy triplets pay for hard ones. Sum over axis −1, take "
        "max(…, 0) of each triplet, then add up.",
        _loss(distance=lambda f, g: tf.reduce_sum(tf.square(f - g))),
    ),
    Misunderstanding(
        "maximum of the sum",
        _HINGE + "You add up first and take the maximum of the sum.",
        _loss(hinge=lambda gap, alpha: gap, total=lambda gaps: tf.maximum(tf.reduce_sum(gaps), 0.0)),
    ),
    Misunderstanding(
        "maximum of the mean",
        "You take the mean over the triplets, and then the maximum of that one number. Take max(…, 0) of each "
        "triplet first, then add up.",
        _loss(hinge=lambda gap, alpha: gap, total=lambda gaps: tf.maximum(tf.reduce_mean(gaps), 0.0)),
    ),
    Misunderstanding(
        "no hinge",
        _HINGE + "Yours has none, so it is rewarded for pushing easy negatives ever farther away.",
        _loss(hinge=lambda gap, alpha: gap),
    ),
    Misunderstanding(
        "square for hinge",
        _HINGE + "You square instead, so a triplet that is right already costs as much as a wrong one.",
        _loss(hinge=lambda gap, alpha: tf.square(gap)),
    ),
    Misunderstanding(
        "absolute value for hinge",
        _HINGE + "You take the absolute value instead.",
        _loss(hinge=lambda gap, alpha: tf.abs(gap)),
    ),
    Misunderstanding(
        "minimum for maximum",
        _HINGE + "You take the minimum, so only those count that should not.",
        _loss(hinge=lambda gap, alpha: tf.minimum(gap, 0.0)),
    ),
    Misunderstanding(
        "softplus for hinge",
        _HINGE + "You take the soft hinge log(1 + exp(…)) of other texts, which is never 0.",
        _loss(hinge=lambda gap, alpha: tf.math.softplus(gap)),
    ),
    Misunderstanding(
        "hinge of every number",
        "Your hinge looks at every number of an encoding by itself. First sum over axis −1, so that each triplet "
        "has its two distances, then take the maximum.",
        _loss(distance=lambda f, g: tf.square(f - g)),
    ),
    Misunderstanding(
        "summed over the triplets first",
        "You sum over axis 0, the triplets. A distance is a sum over the numbers of an encoding: axis −1.",
        _loss(distance=lambda f, g: tf.reduce_sum(tf.square(f - g), axis=0)),
    ),
    Misunderstanding(
        "mean over the triplets", _SUM_TRIPLETS + "You take the mean of what they cost.", _loss(total=tf.reduce_mean)
    ),
    Misunderstanding(
        "mean over the costly triplets",
        _SUM_TRIPLETS + "You divide it by the number of those that cost something.",
        _loss(total=lambda costs: tf.math.divide_no_nan(tf.reduce_sum(costs), tf.reduce_sum(tf.sign(costs)))),
    ),
    Misunderstanding(
        "half of the sum", _SUM_TRIPLETS + "You halve it.", _loss(total=lambda costs: tf.reduce_sum(costs) / 2)
    ),
    Misunderstanding(
        "one cost for each triplet", _SUM_TRIPLETS + "You return what each of them costs.", _loss(total=tf.identity)
    ),
    Misunderstanding(
        "a row of one number",
        "You return a row with the sum in it, (1,). A loss is one number, a scalar: leave out keepdims and reshape.",
        _loss(total=lambda costs: tf.reduce_sum(costs, keepdims=True)),
    ),
    Misunderstanding(
        "mean of the squares",
        _SQUARES + "You take the mean.",
        _loss(distance=lambda f, g: tf.reduce_mean(tf.square(f - g), axis=-1)),
    ),
    Misunderstanding(
        "distances not squared",
        _SQUARES + "You take its square root. Leave the norm squared.",
        _loss(distance=lambda f, g: tf.norm(f - g, axis=-1)),
    ),
    Misunderstanding(
        "absolute differences",
        _SQUARES + "You add up absolute differences.",
        _loss(distance=lambda f, g: tf.reduce_sum(tf.abs(f - g), axis=-1)),
    ),
    Misunderstanding(
        "differences not squared",
        _SQUARES + "You add up the differences themselves, so positive and negative ones cancel.",
        _loss(distance=lambda f, g: tf.reduce_sum(f - g, axis=-1)),
    ),
    Misunderstanding(
        "positive and negative swapped",
        "The loss grows as the positive comes nearer: anchor to positive counts with plus, anchor to negative with "
        "minus. y_pred holds anchors, positives, negatives, in this order.",
        _loss(gap=lambda near, far, alpha: far - near + alpha),
    ),
    Misunderstanding(
        "from positive to negative",
        "Both distances begin at the anchor. Yours to the negative begins at the positive.",
        _loss(far=lambda a, p, n: (p, n)),
    ),
    Misunderstanding(
        "negatives missing",
        "The negatives are missing. Without them the encoder may answer the same to every face.",
        _loss(gap=lambda near, far, alpha: near + alpha),
    ),
    Misunderstanding("margin left out", _ALPHA + "Yours is left out.", _loss(gap=lambda near, far, alpha: near - far)),
    Misunderstanding(
        "margin subtracted", _ALPHA + "You subtract it.", _loss(gap=lambda near, far, alpha: near - far - alpha)
    ),
    Misunderstanding(
        "margin written as a number",
        "Yours takes 0.2 whatever alpha says. Use the argument.",
        _loss(gap=lambda near, far, alpha: near - far + 0.2),
    ),
    Misunderstanding(
        "margin outside the hinge",
        _ALPHA + "You add it after the maximum, so every triplet costs α at least.",
        _loss(gap=lambda near, far, alpha: near - far, hinge=lambda gap, alpha: tf.maximum(gap, 0.0) + alpha),
    ),
    Misunderstanding(
        "margin as the floor",
        _ALPHA + "You take max(…, α). The floor is 0.",
        _loss(gap=lambda near, far, alpha: near - far, hinge=lambda gap, alpha: tf.maximum(gap, alpha)),
    ),
    Misunderstanding(
        "margin added to the sum",
        _ALPHA + "You add it once, to the sum over all triplets.",
        _loss(gap=lambda near, far, alpha: near - far, total=lambda costs: tf.reduce_sum(costs) + 0.2),
    ),
    Misunderstanding(
        "y_true looked into",
        "You look into y_true. Keras passes it to every loss, and here nothing is in it: the encodings are in y_pred.",
        _loss(split=lambda y_true, y_pred: y_true),
    ),
    Misunderstanding(
        "one tensor cut in three",
        "You cut y_pred as one tensor, y_pred[:, …]. It is a list of three tensors: anchors, positives and "
        "negatives are y_pred[0], y_pred[1] and y_pred[2].",
        _loss(split=lambda y_true, y_pred: [y_pred[:, i * 128 : (i + 1) * 128] for i in range(3)]),
    ),
    other_defaults(
        _loss(default=0.3),
        "same = tf.zeros([1, 2])\nprint(np.round(triplet_loss(None, [same, same, same]), 3))  # 0 − 0 + 0.2 = 0.2",
        alpha=0.2,
    ),
    hard_coded(_CASES),
    replace(
        cut(_loss(split=lambda y_true, y_pred: [tf.stop_gradient(f) for f in y_pred])),
        look="Look for what leaves TensorFlow between y_pred and what you return.",
        experiment="""\
a = tf.Variable([[2.0, 0.0]])
with tf.GradientTape() as tape: loss = triplet_loss(None, [a, tf.zeros([1, 2]), tf.ones([1, 2])])
print(tape.gradient(loss, a))  # [[2. 2.]]: a step along it moves the anchor""",
    ),
]

EXERCISE = Exercise(
    name="triplet_loss",
    cases=_CASES,
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[
        Property("the three may come as a tuple", _takes_a_tuple),
        Property(
            "true gradients reach anchors, positives and negatives",
            gradient_is_true(*_ENCODINGS, so=LEARNT),
        ),
        Property("gradients are finite where anchor and positive agree", _slope_where_they_agree),
    ],
    call=_call,
    look="Look at the order of your steps: two distances, the hinge, the sum over the triplets.",
    experiment=_EXPERIMENT,
)
