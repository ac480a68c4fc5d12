"""tv_loss(img, tv_weight)"""

from dataclasses import replace

import numpy as np

from nst.checks.calls import WRITES
from nst.checks.engine import fail
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.shared import across, call_with_weight, down, total_variation
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.hints import ABSOLUTE_DIFFERENCES, SQUARE_DIFFERENCES
from nst.checks.outcome import close, find_problem, observe
from nst.checks.probes import compiles, costs_nothing
from nst.checks.wrong_versions import hard_coded, parts_of
from nst.quiet import tf

_CASES = cases("fast-style-transfer", "tv_loss")


def _call(function, img, weight):
    return call_with_weight(function, tf.convert_to_tensor(img), weight, at=1)


def _tv(**wrong):
    """A tv_loss with a wrong part: differences of neighbours in both directions, their squares, the sums, the total."""
    parts = parts_of(
        wrong,
        across=across,
        down=down,
        square=tf.square,
        reduce=tf.reduce_sum,
        total=lambda w, across, down: w * (across + down),
    )

    def function(img, weight):
        sums = (parts.reduce(parts.square(difference(img))) for difference in (parts.across, parts.down))
        return parts.total(weight, *sums)

    return function


def _tv_of_sizes(sizes):
    """A tv_loss that takes sizes(N, H, W) of the picture's axes for its height and width."""

    def function(img, weight):
        H, W = sizes(*img.shape[:3])
        differences = img[:, :, 1:W] - img[:, :, : W - 1], img[:, 1:H] - img[:, : H - 1]
        return weight * sum(tf.reduce_sum(tf.square(difference)) for difference in differences)

    return function


def _euclidean(img, weight):
    squares = tf.square(across(img)[:, :-1]) + tf.square(down(img)[:, :, :-1])
    return weight * tf.reduce_sum(tf.sqrt(squares))


_BORDER = (
    "A difference exists between the last row (or column) and the one before it too. There are (H − 1) × W vertical "
    "and H × (W − 1) horizontal pairs: "
)
_SIZES = (
    "Your height and width do not fit the picture: a picture is (1, H, W, 3), so H is axis 1 and W is axis 2. On a "
    "square picture nobody would notice."
)

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "both-cropped",
        _BORDER + "crop each difference in its own direction only.",
        _tv(across=lambda img: across(img)[:, :-1], down=lambda img: down(img)[:, :, :-1]),
    ),
    Misunderstanding(
        "both-cropped-at-the-beginning",
        _BORDER + "crop each difference in its own direction only.",
        _tv(across=lambda img: across(img)[:, 1:], down=lambda img: down(img)[:, :, 1:]),
    ),
    Misunderstanding(
        "first-pair-skipped",
        _BORDER + "yours begin at the second pair. Python counts from 0.",
        _tv(across=lambda img: across(img)[:, :, 1:], down=lambda img: down(img)[:, 1:]),
    ),
    Misunderstanding(
        "last-pair-skipped",
        _BORDER + "yours end one pair early. The last row and the last column belong to a pair as well.",
        _tv(across=lambda img: across(img)[:, :, :-1], down=lambda img: down(img)[:, :-1]),
    ),
    Misunderstanding(
        "wraps-around",
        "tf.roll brings the last row round to the first, and these two are no neighbours. Leave out the pair that "
        "wraps around, in both directions.",
        _tv(across=lambda img: tf.roll(img, 1, axis=2) - img, down=lambda img: tf.roll(img, 1, axis=1) - img),
    ),
    Misunderstanding(
        "compared-with-black-outside",
        'The pixels of the border are compared with zeros outside the picture, as padding="SAME" adds them. Compare '
        "pixels of the picture only.",
        _tv(
            across=lambda img: across(tf.pad(img, [[0, 0], [0, 0], [0, 1], [0, 0]])),
            down=lambda img: down(tf.pad(img, [[0, 0], [0, 1], [0, 0], [0, 0]])),
        ),
    ),
    Misunderstanding(
        "only-horizontal",
        "Only horizontal neighbours are in your loss. The vertical ones count too: axis 1 is the height, axis 2 the "
        "width.",
        _tv(total=lambda w, across, down: w * across),
    ),
    Misunderstanding(
        "only-vertical",
        "Only vertical neighbours are in your loss. The horizontal ones count too: axis 1 is the height, axis 2 the "
        "width, and axis 0 counts pictures.",
        _tv(total=lambda w, across, down: w * down),
    ),
    Misunderstanding("width-from-axis-1", _SIZES, _tv_of_sizes(lambda N, H, W: (H, H))),
    Misunderstanding("sizes-swapped", _SIZES, _tv_of_sizes(lambda N, H, W: (W, H))),
    Misunderstanding("sizes-from-axes-0-and-1", _SIZES, _tv_of_sizes(lambda N, H, W: (N, H))),
    Misunderstanding(
        "euclidean",
        "This is the length of each pixel's gradient, the total variation of other texts. The formula here adds plain "
        "squares, with no root and no cropped border.",
        _euclidean,
    ),
    Misunderstanding(
        "tensorflow-total-variation",
        "tf.image.total_variation adds absolute differences, and gives one number for each picture. The formula here "
        "squares the differences and adds everything up.",
        lambda img, weight: weight * tf.image.total_variation(img),
    ),
    Misunderstanding("absolute-difference", ABSOLUTE_DIFFERENCES, _tv(square=tf.abs)),
    Misunderstanding("difference-not-squared", SQUARE_DIFFERENCES, _tv(square=lambda d: d)),
    Misunderstanding(
        "squared-twice",
        "The differences are squared twice. One square is enough: tf.square or ** 2, not both.",
        _tv(square=lambda d: tf.square(d) ** 2),
    ),
    Misunderstanding(
        "sum-squared",
        "You add the differences first and square their sum, so they cancel. Square each difference, then add.",
        _tv(square=lambda d: d, reduce=lambda d: tf.square(tf.reduce_sum(d))),
    ),
    Misunderstanding("mean-for-sum", hints.MEAN, _tv(reduce=tf.reduce_mean)),
    Misunderstanding(
        "mean-over-images",
        "Of several pictures the losses are added up, and you divide by their number.",
        lambda img, weight: weight * total_variation(img) / img.shape[0],
    ),
    Misunderstanding(
        "only-the-first-image",
        "You look at the first picture and forget the others. Of several pictures the losses are added up.",
        lambda img, weight: weight * total_variation(img[:1]),
    ),
    Misunderstanding("half", hints.HALF, lambda img, weight: weight * total_variation(img) / 2),
    Misunderstanding(
        "counted-twice",
        "Every pair counts twice in your loss, once from each side. Compare each pixel with the one after it only.",
        lambda img, weight: 2 * weight * total_variation(img),
    ),
    Misunderstanding("square-root", hints.ROOT, lambda img, weight: weight * tf.sqrt(total_variation(img))),
    Misunderstanding("square-root-of-each", hints.ROOT, _tv(square=lambda d: d, reduce=tf.norm)),
    Misunderstanding("weight-unused", hints.WEIGHT_UNUSED, lambda img, weight: total_variation(img)),
    Misunderstanding("weight-squared", hints.WEIGHT_SQUARED, lambda img, weight: total_variation(weight * img)),
    Misunderstanding(
        "weight-on-one-term",
        "Only one of the two sums is weighed. Put brackets around both: the weight multiplies all of it.",
        _tv(total=lambda w, across, down: w * across + down),
    ),
    Misunderstanding("not-a-scalar", hints.NOT_SCALAR, _tv(reduce=lambda squares: tf.reduce_sum(squares, [1, 2, 3]))),
    Misunderstanding(
        "weights-as-integer-tensors",
        hints.INTEGER_TENSOR,
        lambda img, weight: tf.constant(weight) * total_variation(img),
    ),
    hard_coded(_CASES),
    cut(_tv(reduce=lambda squares: tf.stop_gradient(tf.reduce_sum(squares)))),
]


def _border_counts(exercise, function):
    for h, w in np.ndindex(3, 4):
        img = np.zeros((1, 3, 4, 3))
        img[0, h, w, 1] = 1
        neighbours = (h > 0) + (h < 2) + (w > 0) + (w < 3)
        outcome = observe(exercise, function, (img, 2.0), {})
        if isinstance(outcome, Exception) or not close(outcome[0], np.asarray(2.0 * neighbours)):
            problem = (
                f"tv_loss of a black picture of 3 × 4 pixels with one bright one, in row {h} and column {w}, is wrong: "
                f"that pixel has {neighbours} neighbours, and each of them counts once."
            )
            fail(exercise, problem, outcome, (img, 2.0), {}, function)


def _takes_the_painted_variable(exercise, function):
    case = exercise.cases[-1]
    img, weight = case.inputs
    given = tf.Variable(img)
    on_variable = replace(exercise, call=lambda function, *inputs: function(given, weight))
    outcome = observe(on_variable, function, case.inputs, {})
    problem = find_problem(exercise, outcome, case.expected.values(), "img as the tf.Variable that is painted")
    if problem:
        fail(exercise, problem, outcome, case.inputs, {})
    if not np.array_equal(given, img):
        raise AssertionError(f"tv_loss {WRITES.format('img')}")


EXERCISE = Exercise(
    name="tv_loss",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property(hints.GRADIENT.format("img"), gradient_is_true(("img", 0))),
        Property(
            "a picture of one colour costs 0",
            costs_nothing((tf.fill([1, 4, 5, 3], 0.7), 2.0), "a picture of one colour should be 0.", ("img", 0)),
        ),
        Property("a bright pixel counts each of its neighbours once, at the border too", _border_counts),
        Property("img may be the tf.Variable that is painted, and is not written to", _takes_the_painted_variable),
        Property(
            "tf.function can compile it",
            compiles(hints.COMPILES, required=False, autograph=False),
            promised=False,
        ),
    ],
    call=_call,
)
