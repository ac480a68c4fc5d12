"""train_step(picture, costs, optimizer)"""

from dataclasses import replace

import numpy as np

from nst.checks.by_hand import quadratic_costs
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.outcome import Unusable, close
from nst.checks.probes import compiles
from nst.checks.wrong_versions import composable, parts_of
from nst.quiet import tf


def _total(J_content, J_style):
    return 10 * J_content + 40 * J_style


def _apply(optimizer, gradient, picture):
    optimizer.apply_gradients([(gradient, picture)])


@composable
def step(**wrong):
    """A train_step with a wrong part, or a right one.

    picture: what is painted, costs: how it is asked for its costs, total: how J is made of them, lowered: what the
    gradient is of, apply: how the picture moves, after: what is done to it then, finish: the results.
    """
    parts = parts_of(
        wrong,
        picture=lambda picture: picture,
        costs=lambda costs, picture: costs(picture),
        total=_total,
        lowered=lambda J, J_content, J_style: J,
        apply=_apply,
        after=lambda picture: None,
        finish=lambda J, J_content, J_style: (J, J_content, J_style),
    )

    def function(picture, costs, optimizer):
        picture = parts.picture(picture)
        with tf.GradientTape() as tape:
            J_content, J_style = parts.costs(costs, picture)
            before = parts.total(J_content, J_style), J_content, J_style
            cost = parts.lowered(*before)
        parts.apply(optimizer, tape.gradient(cost, picture), picture)
        parts.after(picture)
        return parts.finish(*before)

    return function


def _costs_after(picture, costs, optimizer):
    step()(picture, costs, optimizer)
    J_content, J_style = costs(picture)
    return _total(J_content, J_style), J_content, J_style


def _costs_outside_the_tape(picture, costs, optimizer):
    J_content, J_style = costs(picture)
    with tf.GradientTape() as tape:
        J = _total(J_content, J_style)
    _apply(optimizer, tape.gradient(J, picture), picture)
    return J, J_content, J_style


def _apply_twice(optimizer, gradient, picture):
    _apply(optimizer, gradient, picture)
    _apply(optimizer, gradient, picture)


_NUMPY_INSIDE = (
    "A compiled step has no numbers while it is traced, only tensors. Return the costs as tensors, "
    "without .numpy(), float() or if."
)

_COMES_OUT = "# J = 10 · 6 + 40 · 14 = 620, 6 and 14; every x moves by 0.001 · (10 + 80 x), to 0.91, 1.83 and 2.75"
_TENSORS = "# three tensors should come out, and the picture at 0.91, 1.83 and 2.75"
_EXPERIMENT = (
    "picture, costs = tf.Variable([[[[1.0, 2.0, 3.0]]]]), lambda x: (tf.reduce_sum(x), tf.reduce_sum(x**2))\n"
    "print(*map(float, train_step(picture, costs, tf.keras.optimizers.SGD(0.001))), picture.numpy())\n" + _COMES_OUT
)
_ASKED = (
    "costs = lambda x: print(x.shape) or (tf.reduce_sum(x), tf.reduce_sum(x))\n"
    "train_step(tf.Variable(tf.zeros([1, 2, 4, 3])), costs, tf.keras.optimizers.SGD())\n"
    "# costs should be given the shape (1, 2, 4, 3)"
)
_CLIPPED = (
    "You clip the picture to between {} after the step, as other sources do, whose pixels lie there. Here the mean "
    "colour has been taken away, so pixels lie around 0 and may be negative: leave the step as it is."
)
_LOOK_AT_GRADIENT = "Look at the call of tape.gradient: of what do you take the gradient?"
_LOOK_AT_RETURN = "Look at your return: what was asked for, and in which order?"
_LOOK_AT_STEP = "Look at the line that moves the picture."
_LOOK_AT_TAPE = "Look at what stands inside your `with` block, and what outside."

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "the gradient of the style alone",
        "The picture moves as if only the style counted. Take the gradient of the total cost J.",
        step(lowered=lambda J, J_content, J_style: J_style),
        _LOOK_AT_GRADIENT,
    ),
    Misunderstanding(
        "the gradient of the content alone",
        "The picture moves as if only the content counted. Take the gradient of the total cost J.",
        step(lowered=lambda J, J_content, J_style: J_content),
        _LOOK_AT_GRADIENT,
    ),
    Misunderstanding(
        "costs added without weights",
        "J is the plain sum of the two costs. Let your total_cost weigh them, with its default weights.",
        step(total=lambda J_content, J_style: J_content + J_style),
        "Look at the line that makes J of the two costs.",
    ),
    Misunderstanding(
        "uphill",
        "The picture walks up the slope, and the cost grows. The optimizer subtracts the gradient by "
        "itself: hand it over as it is.",
        step(apply=lambda optimizer, gradient, picture: _apply(optimizer, -gradient, picture)),
    ),
    Misunderstanding(
        "the costs of the moved picture",
        "The costs you return are those of the moved picture. Return the ones the gradient was taken of.",
        _costs_after,
        "Look at where the costs that you return come from: before the step, or after it?",
    ),
    Misunderstanding(
        "the picture has not moved",
        "The picture is where it was. You have the gradient; now have the optimizer apply it to the picture.",
        step(apply=lambda optimizer, gradient, picture: None),
    ),
    Misunderstanding(
        "a new variable",
        "The optimizer does not know your new variable. Change the very picture you were given: it is a "
        "tf.Variable already.",
        step(picture=tf.Variable),
        "Look at what you do to picture before the tape starts.",
    ),
    Misunderstanding(
        "the picture taken out of its batch",
        "The network wants a batch, so a picture keeps its first axis: (1, n_H, n_W, 3). Hand picture to costs as it "
        "is, not picture[0].",
        step(costs=lambda costs, picture: costs(picture[0])),
        "Look at what you hand to costs.",
        _ASKED,
    ),
    Misunderstanding(
        "another axis in front of the picture",
        "The picture is a batch already: (1, n_H, n_W, 3). Hand it to costs as it is, without tf.expand_dims, [None] "
        "or np.newaxis.",
        step(costs=lambda costs, picture: costs(picture[None])),
        "Look at what you hand to costs.",
        _ASKED,
    ),
    Misunderstanding(
        "an optimizer of its own",
        "The step ignores the optimizer it was given. Use that one: it carries the learning rate, and "
        "Adam's memory of earlier steps.",
        step(apply=lambda optimizer, gradient, picture: _apply(tf.keras.optimizers.Adam(2.0), gradient, picture)),
    ),
    Misunderstanding(
        "subtracted by hand",
        "You subtract the gradient yourself, and never ask the optimizer. Have it take the step, with apply_gradients: "
        "Adam does more than subtract.",
        step(apply=lambda optimizer, gradient, picture: picture.assign_sub(optimizer.learning_rate * gradient)),
        experiment="picture, costs = tf.Variable([[[[1.0, 2.0, 3.0]]]]), lambda x: (tf.reduce_sum(x), 0.0)\n"
        "train_step(picture, costs, tf.keras.optimizers.Adam(0.1))\n"
        "print(picture.numpy())  # Adam's first step is 0.1 for every pixel: 0.9, 1.9 and 2.9",
    ),
    Misunderstanding("moved twice", "The picture has moved twice. One call is one step.", step(apply=_apply_twice)),
    Misunderstanding(
        "clipped to between 0 and 1",
        _CLIPPED.format("0 and 1"),
        step(after=lambda picture: picture.assign(tf.clip_by_value(picture, 0.0, 1.0))),
        "Look at what you do to the picture after the step.",
    ),
    Misunderstanding(
        "clipped to between 0 and 255",
        _CLIPPED.format("0 and 255"),
        step(after=lambda picture: picture.assign(tf.clip_by_value(picture, 0.0, 255.0))),
        "Look at what you do to the picture after the step.",
        "picture, costs = tf.Variable([[[[-9.0, 0.0, 9.0]]]]), lambda x: (tf.reduce_sum(x), tf.reduce_sum(x))\n"
        "train_step(picture, costs, tf.keras.optimizers.SGD(0.01))\n"
        "print(picture.numpy())  # every x moves by 0.01 · 50, to −9.5, −0.5 and 8.5",
    ),
    Misunderstanding(
        "three costs in another order",
        "The three costs are right, their order is not: J first, then J_content, then J_style.",
        step(finish=lambda J, J_content, J_style: (J_content, J_style, J)),
        _LOOK_AT_RETURN,
    ),
    Misunderstanding(
        "only the total returned",
        "You return one cost. The progress display wants all three: J, J_content and J_style.",
        step(finish=lambda J, J_content, J_style: J),
        _LOOK_AT_RETURN,
    ),
    Misunderstanding(
        "content and style swapped",
        "Content and style have changed places. costs(picture) gives J_content first, then J_style.",
        step(costs=lambda costs, picture: costs(picture)[::-1]),
        "Look at the line that unpacks costs(picture).",
    ),
    Misunderstanding(
        "costs computed outside the tape",
        "No gradient came back. The tape only sees what is computed inside its `with` block, from the "
        "variable itself: compute the costs there.",
        _costs_outside_the_tape,
        _LOOK_AT_TAPE,
    ),
    Misunderstanding(
        "numbers inside the step",
        _NUMPY_INSIDE,
        # In a wrong order as well: with right values it fails the visible check alone, which compiles it.
        step(finish=lambda J, J_content, J_style: (J_style.numpy(), J_content.numpy(), J.numpy())),
        _LOOK_AT_RETURN,
        _EXPERIMENT.replace("map(float, train_step", "map(type, train_step").replace(_COMES_OUT, _TENSORS),
    ),
]


def _call(function, picture, costs, optimizer):
    picture = tf.Variable(picture)
    # A step that a student has decorated with tf.function may not make the optimizer's variables at a later call.
    optimizer.build([picture])
    result = function(picture, costs, optimizer)
    if result is None:
        return None
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise Unusable("returns something else than the three costs J, J_content, J_style.")
    if not all(isinstance(cost, tf.Tensor) for cost in result):
        raise Unusable("returns costs that are no tensors: leave them as costs and total_cost give them.")
    return (*result, picture)


def _has_the_optimizer_move(exercise, function):
    picture, costs, given = exercise.cases[0].inputs
    moved, wanted = tf.Variable(picture), tf.Variable(picture)
    # Such as remember: whoever only reads the learning rate falls behind at the second step.
    optimizer, other = (tf.keras.optimizers.SGD(float(given.learning_rate), momentum=0.9) for _ in range(2))
    optimizer.build([moved])
    for _ in range(3):
        function(moved, costs, optimizer)
        with tf.GradientTape() as tape:
            J = _total(*costs(wanted))
        _apply(other, tape.gradient(J, wanted), wanted)
    if not close(moved.numpy() - np.array(picture), wanted.numpy() - np.array(picture)):
        raise AssertionError(
            "train_step does not move the picture as its optimizer would: after three steps with momentum it is "
            "elsewhere.\nLeave the step to the optimizer you are given, with apply_gradients: it has settings and a "
            "memory of its own."
        )


def _ready(case):
    picture, content_target, style_target, optimizer, learning_rate = case.inputs
    optimizer = getattr(tf.keras.optimizers, optimizer)(learning_rate)
    return replace(case, inputs=(picture, quadratic_costs(content_target, style_target), optimizer))


EXERCISE = Exercise(
    name="train_step",
    cases=cases("neural-style-transfer", "train_step", _ready),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property("the optimizer takes the steps, and remembers", _has_the_optimizer_move),
        Property("tf.function can compile it", compiles(f"numbers inside the step: {_NUMPY_INSIDE}")),
    ],
    call=_call,
    builds_on=("total_cost",),
    look=_LOOK_AT_STEP,
    experiment=_EXPERIMENT,
)
