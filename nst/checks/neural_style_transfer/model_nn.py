"""model_nn(costs, start, num_iterations=200, learning_rate=2.0, callback=None)"""

from dataclasses import replace

import numpy as np

from nst.checks.by_hand import quadratic_costs
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.neural_style_transfer.train_step import step
from nst.checks.outcome import Unusable, close
from nst.checks.wrong_versions import parts_of
from nst.quiet import tf


def _model(**wrong):
    """A model_nn with a wrong part: the start, the steps, the learning rate, the optimizer (anew?), the result."""
    parts = parts_of(
        wrong,
        start=lambda start: start,
        iterations=lambda n: n,
        rate=lambda learning_rate: learning_rate,
        optimizer=tf.keras.optimizers.Adam,
        of_step=lambda optimizer, anew: optimizer,
        finish=lambda picture, start: picture.numpy(),
    )

    def function(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
        def optimizer():
            return parts.optimizer(parts.rate(learning_rate))

        def train_step(optimizer):
            return step()(picture, costs, optimizer)

        picture, iterations, one = tf.Variable(parts.start(start)), parts.iterations(num_iterations), optimizer()
        if iterations > 40:  # many steps one by one would keep a student waiting for the hint
            train_step = tf.function(train_step)
        for i in range(iterations):
            J, J_content, J_style = train_step(parts.of_step(one, optimizer))
            if callback is not None:
                callback(i, {"total": J, "content": J_content, "style": J_style}, picture)
        return parts.finish(picture, start)

    return function


_MISUNDERSTANDINGS = [
    Misunderstanding(
        "new-optimizer-every-step",
        "Adam remembers earlier gradients, and yours forgets them: a new optimizer is made at every step. "
        "Make one before the loop.",
        _model(of_step=lambda optimizer, anew: anew()),
    ),
    Misunderstanding(
        "start-returned",
        "You return the picture you began with. Return what the variable holds after the last step.",
        _model(finish=lambda picture, start: start),
    ),
    Misunderstanding(
        "one-step-too-few",
        "The loop ends one step early. range(n) already counts n steps, from 0 to n − 1.",
        _model(iterations=lambda n: n - 1),
    ),
    Misunderstanding(
        "one-step-too-many", "The loop takes one step more than num_iterations.", _model(iterations=lambda n: n + 1)
    ),
    Misunderstanding(
        "variable-returned",
        "You return the tf.Variable itself. Return its values as a NumPy array, so that nothing can repaint "
        "them later.",
        _model(finish=lambda picture, start: picture),
    ),
    Misunderstanding(
        "learning-rate-ignored",
        "The steps are of size 2.0 whatever learning_rate says. Pass the argument on to the optimizer.",
        _model(rate=lambda learning_rate: 2.0),
    ),
    Misunderstanding(
        "learning-rate-not-passed",
        "The picture hardly moves: Adam runs at its own learning rate of 0.001. Pass yours on to the optimizer.",
        _model(rate=lambda learning_rate: 0.001),
    ),
    Misunderstanding(
        "not-adam",
        "The picture moves as with plain gradient descent. The optimizer of this exercise is Adam.",
        _model(optimizer=tf.keras.optimizers.SGD),
    ),
    Misunderstanding(
        "other-adam-settings",
        "Your Adam has other settings than the learning rate, as in another tutorial. Leave the rest at "
        "Keras's defaults.",
        _model(optimizer=lambda learning_rate: tf.keras.optimizers.Adam(learning_rate, beta_1=0.99, epsilon=0.1)),
    ),
    Misunderstanding(
        "start-ignored",
        "Your picture begins at zero. Begin with the values of start.",
        _model(start=np.zeros_like),
    ),
    Misunderstanding(
        "iterations-ignored",
        "It paints 200 steps whatever num_iterations says. Let the argument decide.",
        _model(iterations=lambda n: 200),
    ),
]


def _call(function, costs, start, **options):
    try:
        result = function(costs, start, **options)
    except ValueError as error:
        if "tf.function" in str(error):
            raise Unusable(
                "paints once and not again: a step compiled for one optimizer cannot take another. Compile the step "
                "inside model_nn, and leave train_step without @tf.function."
            ) from error
        raise
    if result is not None and not isinstance(result, np.ndarray):
        raise Unusable(f"returns a {type(result).__name__}, not a NumPy array.")
    return result


def _ready(case):
    start, content_target, style_target = case.inputs
    return replace(case, inputs=(quadratic_costs(content_target, style_target), start))


(_WITH_CALLBACK,) = cases("neural-style-transfer", "model_nn callback", _ready)


def _calls_back(exercise, function):
    case = _WITH_CALLBACK
    costs, start = case.inputs
    numbers, shown, pictures = [], [], []

    def callback(*arguments):
        if len(arguments) != 3 or not isinstance(arguments[1], dict) or set(arguments[1]) != set(case.expected):
            raise AssertionError(
                'model_nn should call callback(i, costs, picture), costs a dict of "total", "content" and "style".'
            )
        i, current, picture = arguments
        numbers.append(int(i))
        shown.append(current)
        pictures.append(np.array(picture))

    given = start.copy()
    picture = function(costs, given, callback=callback, **case.options)
    wanted = case.options["num_iterations"]
    if numbers != list(range(wanted)):
        raise AssertionError(
            f"model_nn should call callback after each of its {wanted} steps with i = 0 … {wanted - 1}; it came with "
            f"i = {', '.join(map(str, numbers)) or 'nothing, never'}."
        )
    for name, reference in case.expected.items():
        if not close(np.array([float(current[name]) for current in shown]), reference):
            raise AssertionError(
                f'The "{name}" costs that callback gets are off. Pass on what train_step returned, each under its name.'
            )
    if not np.array_equal(pictures[-1], picture):
        raise AssertionError(
            "callback should see the picture after the step, at the last step the one that is returned."
        )
    if not np.array_equal(given, start):
        raise AssertionError("model_nn writes into start: paint a tf.Variable of your own, your caller needs start.")


def _has_its_defaults(exercise, function):
    costs, start = _WITH_CALLBACK.inputs
    totals, pictures = [], []

    def callback(i, current, picture):
        totals.append(float(current["total"]))
        if i == 0:
            pictures.append(np.array(picture))

    function(costs, start.copy(), callback=callback)
    # Adam's first step moves every pixel by the learning rate, whatever the gradient's size.
    step = np.max(np.abs(pictures[0] - start))
    if len(totals) != 200 or abs(step - 2.0) > 1e-3:
        raise AssertionError(
            f"By default model_nn paints 200 steps at learning rate 2.0; yours painted {len(totals)}, the first "
            f"of size {step:.3g}. Put the defaults of its signature back."
        )
    if totals[-1] >= totals[0]:
        raise AssertionError("The cost has not fallen after 200 steps. Run check(train_step) first.")


EXERCISE = Exercise(
    name="model_nn",
    cases=cases("neural-style-transfer", "model_nn", _ready),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property("callback comes after every step, start is not written to", _calls_back),
        Property("by default 200 steps at learning rate 2.0, and the cost falls", _has_its_defaults),
    ],
    call=_call,
    builds_on=("total_cost", "train_step"),
)
