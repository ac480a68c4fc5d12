"""tv_loss(img, tv_weight)"""

from dataclasses import replace

import numpy as np

from nst.checks.calls import WRITES
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.batches import asked_of_several, written_for_one
from nst.checks.fast_style_transfer.shared import (
    across,
    along,
    call_with_weight,
    down,
    in_sizes,
    off_by_a_factor,
    unbatched,
)
from nst.checks.findings import fail
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.hints import ABSOLUTE_DIFFERENCES, SQUARE_DIFFERENCES
from nst.checks.outcome import close, find_problem, observe
from nst.checks.probes import compiles, costs_nothing
from nst.checks.wrong_versions import composable, hard_coded, parts_of
from nst.quiet import tf

_CASES = cases("fast-style-transfer", "tv_loss")


def _call(function, img, weight):
    return call_with_weight(function, tf.convert_to_tensor(img), weight, at=1)


@composable
def _tv(**wrong):
    """A tv_loss with a wrong part: differences of neighbours in both directions, their squares, the sums, the total.

    pictures: of all pictures of a batch, those that are looked at.
    """
    parts = parts_of(
        wrong,
        pictures=lambda img: img,
        across=across,
        down=down,
        square=tf.square,
        reduce=tf.reduce_sum,
        root=lambda loss: loss,
        total=lambda across, down: across + down,
        scale=lambda loss, N: loss,
        weigh=lambda w, loss: w * loss,
    )

    def function(img, weight):
        seen = parts.pictures(img)
        a, d = (parts.reduce(parts.square(difference(seen))) for difference in (parts.across, parts.down))
        return parts.weigh(weight, parts.scale(parts.root(parts.total(a, d)), img.shape[0]))

    return function


def _euclidean(img, weight):
    squares = tf.square(across(img)[:, :-1]) + tf.square(down(img)[:, :, :-1])
    return weight * tf.reduce_sum(tf.sqrt(squares))


def _added_before_the_sum(img, weight):
    return weight * tf.reduce_sum(tf.square(across(img)) + tf.square(down(img)))


def _each(squares):
    return tf.reduce_sum(squares, [1, 2, 3])


def _is_tensorflows(exercise, outcome, function):
    """Is it TensorFlow's total variation of the first picture, up to a factor?"""
    cases = [
        replace(
            case, expected={"loss": case.inputs[1] * float(tf.image.total_variation(tf.constant(case.inputs[0]))[0])}
        )
        for case in exercise.cases
    ]

    def first(function, *inputs):
        return tf.reshape(_call(function, *inputs), [-1])[0]

    return off_by_a_factor(replace(exercise, cases=cases, call=first), outcome, function)


_BORDER = (
    "A difference exists between the last row (or column) and the one before it too. There are (H − 1) × W vertical "
    "and H × (W − 1) horizontal pairs: "
)
_SIZES = (
    "Your height and width do not fit the picture: a picture is (1, H, W, 3), so H is axis 1 and W is axis 2. On a "
    "square picture nobody would notice."
)
_TENSORFLOWS = (
    "tf.image.total_variation adds absolute differences, and gives one number for each picture. The formula here "
    "squares the differences and adds everything up."
)
_ONE_SIDED = "Only one of the two sums is weighed. Put brackets around both: the weight multiplies all of it."
_LOOK_SLICES = "Look at where each of your slices begins and ends, on both axes."
_LOOK_AXES = "Look at which axis of the picture each of your slices runs along."

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "both differences cropped",
        _BORDER + "crop each difference in its own direction only.",
        _tv(across=lambda img: across(img)[:, :-1], down=lambda img: down(img)[:, :, :-1]),
        _LOOK_SLICES,
    ),
    Misunderstanding(
        "both differences cropped at the beginning",
        _BORDER + "crop each difference in its own direction only.",
        _tv(across=lambda img: across(img)[:, 1:], down=lambda img: down(img)[:, :, 1:]),
        _LOOK_SLICES,
    ),
    Misunderstanding(
        "first pair skipped",
        _BORDER + "yours begin at the second pair. Python counts from 0.",
        _tv(across=lambda img: across(img)[:, :, 1:], down=lambda img: down(img)[:, 1:]),
        _LOOK_SLICES,
    ),
    Misunderstanding(
        "last pair skipped",
        _BORDER + "yours end one pair early. The last row and the last column belong to a pair as well.",
        _tv(across=lambda img: across(img)[:, :, :-1], down=lambda img: down(img)[:, :-1]),
        _LOOK_SLICES,
    ),
    Misunderstanding(
        "squares added before they are summed",
        "You add horizontal and vertical squares to each other before the sum. The two have different shapes, "
        "(H, W − 1) and (H − 1, W), so no pixel of one belongs to one of the other: sum each on its own.",
        _added_before_the_sum,
        "Look at the shapes of the two things that you add.",
    ),
    Misunderstanding(
        "rolled, not cropped",
        "tf.roll brings the last row round to the first, and these two are no neighbours. Leave out the pair that "
        "wraps around, in both directions.",
        _tv(across=lambda img: tf.roll(img, 1, axis=2) - img, down=lambda img: tf.roll(img, 1, axis=1) - img),
        "Look at what the pixels of the first row and column are compared with.",
    ),
    Misunderstanding(
        "compared with black outside",
        'The pixels of the border are compared with zeros outside the picture, as padding="SAME" adds them. Compare '
        "pixels of the picture only.",
        _tv(
            across=lambda img: across(tf.pad(img, [[0, 0], [0, 0], [0, 1], [0, 0]])),
            down=lambda img: down(tf.pad(img, [[0, 0], [0, 1], [0, 0], [0, 0]])),
        ),
        "Look at what the pixels of the last row and column are compared with.",
    ),
    Misunderstanding(
        "only horizontal neighbours",
        "Only horizontal neighbours are in your loss. The vertical ones count too: axis 1 is the height, axis 2 the "
        "width.",
        _tv(total=lambda across, down: across),
        _LOOK_AXES,
    ),
    Misunderstanding(
        "only vertical neighbours",
        "Only vertical neighbours are in your loss. The horizontal ones count too: axis 1 is the height, axis 2 the "
        "width, and axis 0 counts pictures.",
        _tv(total=lambda across, down: down),
        _LOOK_AXES,
    ),
    Misunderstanding(
        "axes read as channels first",
        "You compare along axes 2 and 3, which are the height and the width in PyTorch. Here the channels come last: "
        "the height is axis 1, the width axis 2, and colours are no neighbours.",
        _tv(across=along(3), down=along(2)),
        _LOOK_AXES,
    ),
    Misunderstanding(
        "sizes read as channels first", _SIZES, _tv(**in_sizes(lambda N, H, W, C: (W, C))), hints.LOOK_SHAPE
    ),
    Misunderstanding("width taken from axis 1", _SIZES, _tv(**in_sizes(lambda N, H, W, C: (H, H))), hints.LOOK_SHAPE),
    Misunderstanding("height and width swapped", _SIZES, _tv(**in_sizes(lambda N, H, W, C: (W, H))), hints.LOOK_SHAPE),
    Misunderstanding(
        "sizes taken from axes 0 and 1", _SIZES, _tv(**in_sizes(lambda N, H, W, C: (N, H))), hints.LOOK_SHAPE
    ),
    Misunderstanding(
        "axis of pictures forgotten", hints.UNBATCHED.format("img"), unbatched(lambda img, w: img), hints.LOOK_SHAPE
    ),
    Misunderstanding(
        "length of the gradient",
        "This is the length of each pixel's gradient, the total variation of other texts. The formula here adds plain "
        "squares, with no root and no cropped border.",
        _euclidean,
        hints.LOOK_SQUARE,
    ),
    Misunderstanding(
        "total variation of TensorFlow",
        _TENSORFLOWS,
        lambda img, weight: weight * tf.image.total_variation(img),
        "Hold the function that you call against the formula: what does its documentation add up?",
        recognises=_is_tensorflows,
    ),
    Misunderstanding("absolute differences", ABSOLUTE_DIFFERENCES, _tv(square=tf.abs), hints.LOOK_SQUARE),
    Misunderstanding("differences not squared", SQUARE_DIFFERENCES, _tv(square=lambda d: d), hints.LOOK_SQUARE),
    Misunderstanding(
        "squared twice",
        "The differences are squared twice. One square is enough: tf.square or ** 2, not both.",
        _tv(square=lambda d: tf.square(d) ** 2),
        hints.LOOK_SQUARE,
    ),
    Misunderstanding(
        "sum squared",
        "You add the differences first and square their sum, so they cancel. Square each difference, then add.",
        _tv(square=lambda d: d, reduce=lambda d: tf.square(tf.reduce_sum(d))),
        hints.LOOK_SQUARE,
    ),
    Misunderstanding("mean instead of the sum", hints.MEAN, _tv(reduce=tf.reduce_mean), hints.LOOK_SUM),
    Misunderstanding("half of the loss", hints.HALF, _tv(scale=lambda loss, N: loss / 2), hints.LOOK_RETURN),
    Misunderstanding(
        "every pair counted twice",
        "Every pair counts twice in your loss, once from each side. Compare each pixel with the one after it only.",
        _tv(scale=lambda loss, N: 2 * loss),
        _LOOK_SLICES,
    ),
    Misunderstanding("square root at the end", hints.ROOT, _tv(root=tf.sqrt), hints.LOOK_RETURN),
    Misunderstanding("square root of each sum", hints.ROOT, _tv(square=lambda d: d, reduce=tf.norm), hints.LOOK_SQUARE),
    Misunderstanding("weight not used", hints.WEIGHT_UNUSED, _tv(weigh=lambda w, loss: loss), hints.LOOK_WEIGHT),
    Misunderstanding("weight squared", hints.WEIGHT_SQUARED, _tv(weigh=lambda w, loss: w**2 * loss), hints.LOOK_WEIGHT),
    Misunderstanding(
        "weight on the horizontal sum only",
        _ONE_SIDED,
        lambda img, weight: _tv(total=lambda across, down: weight * across + down)(img, 1.0),
        hints.LOOK_WEIGHT,
    ),
    Misunderstanding(
        "weight on the vertical sum only",
        _ONE_SIDED,
        lambda img, weight: _tv(total=lambda across, down: across + weight * down)(img, 1.0),
        hints.LOOK_WEIGHT,
    ),
    Misunderstanding("not a single number", hints.NOT_SCALAR, _tv(reduce=_each), hints.LOOK_SUM),
    Misunderstanding(
        "weight as an integer tensor",
        hints.INTEGER_TENSOR,
        _tv(weigh=lambda w, loss: tf.constant(w) * loss),
        hints.LOOK_WEIGHT,
    ),
    hard_coded(_CASES),
    cut(
        _tv(reduce=lambda squares: tf.stop_gradient(tf.reduce_sum(squares))),
        """\
img = tf.Variable([[[[0.0], [1.0]]]])
with tf.GradientTape() as tape: loss = tv_loss(img, 3)
print(tape.gradient(loss, img))  # −6 and 6; None says that nothing arrives""",
    ),
    Misunderstanding(
        "a constant factor",
        hints.FACTOR,
        _tv(scale=lambda loss, N: 3 * loss),
        hints.LOOK_RETURN,
        recognises=off_by_a_factor,
    ),
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


_GRADIENT = Property(hints.GRADIENT.format("img"), gradient_is_true(("img", 0)))

EXERCISE = Exercise(
    name="tv_loss",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        _GRADIENT,
        Property(
            "a picture of one colour costs 0",
            costs_nothing((tf.fill([1, 4, 5, 3], 0.7), 2.0), "a picture of one colour should be 0.", ("img", 0)),
            own_inputs=True,
        ),
        Property(
            "a bright pixel counts each of its neighbours once, at the border too", _border_counts, own_inputs=True
        ),
        Property("img may be the tf.Variable that is painted, and is not written to", _takes_the_painted_variable),
        Property(
            "tf.function can compile it",
            compiles(hints.COMPILES, required=False, autograph=False),
            promised=False,
        ),
    ],
    call=_call,
    look=_LOOK_SLICES,
    experiment="""\
img = tf.reshape([1.0, 0.0, 0.0, 0.0, 0.0, 2.0], [1, 2, 3, 1])  # two rows: 1 0 0 and 0 0 2
print(tv_loss(img, 2))  # across 1 + 4, down 1 + 4, times 2: 20, of shape ()""",
)

BATCH = Exercise(
    name="tv_loss",
    part="batch",
    cases=cases("fast-style-transfer", "tv_loss batch"),
    misunderstandings=[
        Misunderstanding("only the first picture", hints.FIRST_ONLY, _tv(pictures=lambda img: img[:1])),
        Misunderstanding("averaged over the pictures", hints.AVERAGED, _tv(scale=lambda loss, N: loss / N)),
        Misunderstanding("one number for each picture", hints.ONE_EACH, _tv(reduce=_each)),
        Misunderstanding(
            "squeezed",
            "You wrote for one picture, as the classic exercise asks. tf.squeeze takes that axis away only while there "
            "is one; with two, your slices run along axes 0 and 1, and compare one picture with the other.",
            _tv(across=along(1), down=along(0)),
        ),
        *written_for_one(EXERCISE, _tv()),
    ],
    properties=[_GRADIENT],
    call=asked_of_several(_call, pictures=(0,)),
    look=hints.LOOK_FIRST_AXIS,
    experiment="""\
img = tf.reshape([1.0, 0.0, 1.0, 3.0], [2, 1, 2, 1])  # two pictures of two pixels: 1 0 and 1 3
print(tv_loss(img, 3))  # 3 · (1² + 2²) = 15, of shape ()""",
)
