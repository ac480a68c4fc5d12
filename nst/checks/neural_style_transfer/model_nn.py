"""model_nn(costs, start, num_iterations=200, learning_rate=2.0, callback=None)"""

from dataclasses import replace

import numpy as np

from nst.checks.by_hand import quadratic_costs
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.neural_style_transfer.train_step import step
from nst.checks.outcome import Unusable, close
from nst.checks.wrong_versions import composable, parts_of
from nst.quiet import tf


@composable
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


def _no_variable(paints):
    """A model_nn that paints `paints(start)`, which is no variable."""

    def function(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
        picture, optimizer = paints(start), tf.keras.optimizers.Adam(learning_rate)
        for _ in range(num_iterations):
            step()(picture, costs, optimizer)
        return np.array(picture)

    return function


_NO_VARIABLE = (
    "Your steps are taken on {}, which nobody can change or follow. Make a tf.Variable of start, once, and paint that."
)
_COSTS = "costs = lambda x: (tf.reduce_sum(x), tf.reduce_sum(x**2))\n"
_LOOK_AT_ADAM = "Look at the line that makes the optimizer: where does it stand, and what is it given?"
_LOOK_AT_RETURN = "Look at your return."
_LOOK_AT_LOOP = "Look at the line with `for` or `while`: how often does it go round?"
_LOOK_AT_START = "Look at what you make the tf.Variable of."

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "a new optimizer at every step",
        "Adam remembers earlier gradients, and yours forgets them: a new optimizer is made at every step. "
        "Make one before the loop.",
        _model(of_step=lambda optimizer, anew: anew()),
        _LOOK_AT_ADAM,
        "costs = lambda x: (tf.reduce_sum(x**2), 0 * tf.reduce_sum(x))  # lowest at 0\n"
        'print(model_nn(costs, np.ones([1, 1, 1, 3], "float32"), num_iterations=2, learning_rate=1.0))\n'
        "# the second step remembers the slope of the first: about −0.67 should come out",
    ),
    Misunderstanding(
        "the start returned",
        "You return the picture you began with. Return what the variable holds after the last step.",
        _model(finish=lambda picture, start: start),
        _LOOK_AT_RETURN,
    ),
    Misunderstanding(
        "one step too few",
        "The loop ends one step early. range(n) already counts n steps, from 0 to n − 1.",
        _model(iterations=lambda n: n - 1),
        _LOOK_AT_LOOP,
    ),
    Misunderstanding(
        "one step too many",
        "The loop takes one step more than num_iterations.",
        _model(iterations=lambda n: n + 1),
        _LOOK_AT_LOOP,
    ),
    Misunderstanding(
        "the variable returned",
        "You return the tf.Variable itself. Return its values as a NumPy array, so that nothing can repaint "
        "them later.",
        _model(finish=lambda picture, start: picture),
        _LOOK_AT_RETURN,
    ),
    Misunderstanding(
        "the learning rate ignored",
        "The steps are of size 2.0 whatever learning_rate says. Pass the argument on to the optimizer.",
        _model(rate=lambda learning_rate: 2.0),
        _LOOK_AT_ADAM,
    ),
    Misunderstanding(
        "the learning rate not passed on",
        "The picture hardly moves: Adam runs at its own learning rate of 0.001. Pass yours on to the optimizer.",
        _model(rate=lambda learning_rate: 0.001),
        _LOOK_AT_ADAM,
    ),
    Misunderstanding(
        "another optimizer than Adam",
        "The picture moves as with plain gradient descent. The optimizer of this exercise is Adam.",
        _model(optimizer=tf.keras.optimizers.SGD),
        _LOOK_AT_ADAM,
    ),
    Misunderstanding(
        "Adam with settings of another tutorial",
        "Your Adam has other settings than the learning rate, as in another tutorial. Leave the rest at "
        "Keras's defaults.",
        _model(optimizer=lambda learning_rate: tf.keras.optimizers.Adam(learning_rate, beta_1=0.99, epsilon=0.1)),
        _LOOK_AT_ADAM,
        "costs = lambda x: (0.001 * tf.reduce_sum(x), 0.0)  # a gentle slope\n"
        'print(model_nn(costs, np.ones([1, 1, 1, 3], "float32"), num_iterations=3, learning_rate=0.1))\n'
        "# Adam moves by 0.1 a step however gentle the slope: 0.7 should come out",
    ),
    Misunderstanding(
        "the start ignored",
        "Your picture begins at zero. Begin with the values of start.",
        _model(start=np.zeros_like),
        _LOOK_AT_START,
    ),
    Misunderstanding(
        "the picture taken out of its batch",
        "The network wants a batch, so a picture keeps its first axis: (1, n_H, n_W, 3). Make the variable of start as "
        "it is, not of start[0].",
        _model(start=lambda start: start[0]),
        _LOOK_AT_START,
    ),
    Misunderstanding(
        "an array painted", _NO_VARIABLE.format("a NumPy array"), _no_variable(lambda start: start), _LOOK_AT_START
    ),
    Misunderstanding("a tensor painted", _NO_VARIABLE.format("a tensor"), _no_variable(tf.constant), _LOOK_AT_START),
    Misunderstanding(
        "always 200 steps",
        "It paints 200 steps whatever num_iterations says. Let the argument decide.",
        # No part of pairs: painting so long, each of them would take half a second.
        _model.__wrapped__(iterations=lambda n: 200),
        _LOOK_AT_LOOP,
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
        Property("callback comes after every step, start is not written to", _calls_back, own_inputs=True),
        Property("by default 200 steps at learning rate 2.0, and the cost falls", _has_its_defaults, own_inputs=True),
    ],
    call=_call,
    builds_on=("total_cost", "train_step"),
    look="Read your lines beside the four steps of the recipe, one by one.",
    experiment=_COSTS + "print(model_nn(costs, np.float32([[[[1, 2, 3]]]]), num_iterations=3, learning_rate=0.1))\n"
    "# Adam moves each pixel down by 0.1 a step, about: 0.7, 1.7 and 2.7 should come out",
)
