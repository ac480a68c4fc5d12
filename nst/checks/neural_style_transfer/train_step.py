"""train_step(picture, costs, optimizer)"""

from dataclasses import replace

import numpy as np

from nst.checks.by_hand import quadratic_costs
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.outcome import Unusable, close
from nst.checks.probes import compiles
from nst.checks.wrong_versions import parts_of
from nst.quiet import tf


def _total(J_content, J_style):
    return 10 * J_content + 40 * J_style


def _apply(optimizer, gradient, picture):
    optimizer.apply_gradients([(gradient, picture)])


def step(**wrong):
    """A train_step with a wrong part, or a right one: the picture, the costs, J, what is lowered, how, the results."""
    parts = parts_of(
        wrong,
        picture=lambda picture: picture,
        costs=lambda costs, picture: costs(picture),
        total=_total,
        lowered=lambda J, J_content, J_style: J,
        apply=_apply,
        finish=lambda J, J_content, J_style: (J, J_content, J_style),
    )

    def function(picture, costs, optimizer):
        picture = parts.picture(picture)
        with tf.GradientTape() as tape:
            J_content, J_style = parts.costs(costs, picture)
            before = parts.total(J_content, J_style), J_content, J_style
            cost = parts.lowered(*before)
        parts.apply(optimizer, tape.gradient(cost, picture), picture)
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

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "gradient-of-style-only",
        "The picture moves as if only the style counted. Take the gradient of the total cost J.",
        step(lowered=lambda J, J_content, J_style: J_style),
    ),
    Misunderstanding(
        "gradient-of-content-only",
        "The picture moves as if only the content counted. Take the gradient of the total cost J.",
        step(lowered=lambda J, J_content, J_style: J_content),
    ),
    Misunderstanding(
        "unweighted",
        "J is the plain sum of the two costs. Let your total_cost weigh them, with its default weights.",
        step(total=lambda J_content, J_style: J_content + J_style),
    ),
    Misunderstanding(
        "uphill",
        "The picture walks up the slope, and the cost grows. The optimizer subtracts the gradient by "
        "itself: hand it over as it is.",
        step(apply=lambda optimizer, gradient, picture: _apply(optimizer, -gradient, picture)),
    ),
    Misunderstanding(
        "costs-after-the-step",
        "The costs you return are those of the moved picture. Return the ones the gradient was taken of.",
        _costs_after,
    ),
    Misunderstanding(
        "picture-not-moved",
        "The picture is where it was. You have the gradient; now have the optimizer apply it to the picture.",
        step(apply=lambda optimizer, gradient, picture: None),
    ),
    Misunderstanding(
        "new-variable",
        "The optimizer does not know your new variable. Change the very picture you were given: it is a "
        "tf.Variable already.",
        step(picture=tf.Variable),
    ),
    Misunderstanding(
        "own-optimizer",
        "The step ignores the optimizer it was given. Use that one: it carries the learning rate, and "
        "Adam's memory of earlier steps.",
        step(apply=lambda optimizer, gradient, picture: _apply(tf.keras.optimizers.Adam(2.0), gradient, picture)),
    ),
    Misunderstanding(
        "subtracted-by-hand",
        "You subtract the gradient yourself, and never ask the optimizer. Have it take the step, with apply_gradients: "
        "Adam does more than subtract.",
        step(apply=lambda optimizer, gradient, picture: picture.assign_sub(optimizer.learning_rate * gradient)),
    ),
    Misunderstanding("applied-twice", "The picture has moved twice. One call is one step.", step(apply=_apply_twice)),
    Misunderstanding(
        "order-of-results",
        "The three costs are right, their order is not: J first, then J_content, then J_style.",
        step(finish=lambda J, J_content, J_style: (J_content, J_style, J)),
    ),
    Misunderstanding(
        "only-the-total",
        "You return one cost. The progress display wants all three: J, J_content and J_style.",
        step(finish=lambda J, J_content, J_style: J),
    ),
    Misunderstanding(
        "content-and-style-swapped",
        "Content and style have changed places. costs(picture) gives J_content first, then J_style.",
        step(costs=lambda costs, picture: costs(picture)[::-1]),
    ),
    Misunderstanding(
        "costs-outside-the-tape",
        "No gradient came back. The tape only sees what is computed inside its `with` block, from the "
        "variable itself: compute the costs there.",
        _costs_outside_the_tape,
    ),
    Misunderstanding(
        "numpy-inside-the-step",
        _NUMPY_INSIDE,
        # In a wrong order as well: with right values it fails the visible check alone, which compiles it.
        step(finish=lambda J, J_content, J_style: (J_style.numpy(), J_content.numpy(), J.numpy())),
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
        Property("tf.function can compile it", compiles(f"numpy-inside-the-step: {_NUMPY_INSIDE}")),
    ],
    call=_call,
    builds_on=("total_cost",),
)
