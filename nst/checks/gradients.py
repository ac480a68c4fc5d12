"""Whether a gradient is finite and true. No value shows it, and painting and training follow nothing else.

Along a direction that nobody can guess, the gradient promises how much the value changes; the values themselves say how
much it does. Both are the student's own, so no formula is needed here, and any right form will do.

Measured in float32 on forms that the tests accept, at 200 random points and directions each (30 through networks), with
shapes and weights at random too. Promise and change differ by at most 0.00004 of the change for content costs and Gram
matrices, 0.006 for style_loss with weights from 0.1 to 300, 0.01 for the layer's style cost and total_cost, 0.02 for
probability_same, a sigmoid, and 0.03 for triplet_loss, whose hinges are kinks; through networks, each ReLU a kink, by
0.012 in SqueezeNet and 0.03 in VGG-19. CLOSE is what is allowed. Wrong gradients, such as twice or half the right one,
the wrong sign, or one without a part that counts, are off by more than a tenth.
"""

import zlib

import numpy as np

from nst.checks.exercise import Misunderstanding
from nst.checks.outcome import as_tensors, fresh
from nst.quiet import tf

#: Steps of the differences, as parts of a typical entry. The shorter ones are for where a longer one crosses a kink.
STEPS = 1e-2, 1e-3, 1e-4
#: How far promise and change may be apart, relative to the larger of the two.
CLOSE = 0.03

#: What comes of it where no gradient arrives: ends the sentence "…, so …".
PAINTED = "the picture could not be painted"
LEARNT = "nothing could be learnt from it"


def gradient_is_true(*arguments, so=PAINTED, near=lambda *inputs: inputs):
    """A probe of the gradient with respect to some of the inputs, in every case of the exercise.

    arguments: pairs of a name and the place of an input, or of an entry of an input: ("a_G", 1), ("the anchors", 1, 0).
    An input may be a dictionary of arrays. near: makes of the inputs others, at which the formula has no kink.
    """

    def probe(exercise, function):
        for case in exercise.cases:
            value, given = of_tensors(function, near(*case.inputs), case.options, arguments)
            hold_gradient(exercise.name, value, given, so)

    return probe


def of_tensors(function, inputs, options, arguments):
    """The function as one of some tensors alone, and where to take it: (value, [(name, array), …]).

    arguments: see gradient_is_true. A dictionary has a name for each of its arrays.
    """
    inputs, given = as_tensors(fresh(list(inputs))), []
    for name, *path in arguments:
        found = inputs
        for place in path:
            found = found[place]
        entries = [(f'{name}["{key}"]', (*path, key), a) for key, a in found.items()] if isinstance(found, dict) else []
        given += entries or [(name, path, found)]

    def value(*tensors):
        changed = fresh(inputs)
        for (_, path, _), tensor in zip(given, tensors, strict=True):
            changed = _with(changed, path, tensor)
        return function(*changed, **options)

    return value, [(name, np.float32(array)) for name, _, array in given]


def hold_gradient(title, value, arguments, so=PAINTED):
    """AssertionError where the gradient of value(*tensors) is missing, not finite, or not the slope of the value.

    title: what has the value; arguments: pairs of a name and an array, of float32; so: see PAINTED.
    """
    names, arrays = zip(*arguments, strict=True)
    random = np.random.default_rng(zlib.crc32(b"".join(array.tobytes() for array in arrays)))
    tensors, weights, gradients = _differentiated(title, value, arguments, so, random)
    for at, (name, array, gradient) in enumerate(zip(names, arrays, gradients, strict=True)):

        def moved(array, at=at):
            result = value(*tensors[:at], tf.constant(array), *tensors[at + 1 :])
            return float(np.sum(weights * np.float64(result)))

        if not _is_slope(gradient, moved, array, random):
            raise AssertionError(_untrue(title, name, so) if np.any(gradient) else _missing(title, name, so))


def hold_finite(title, value, arguments, so=PAINTED):
    """AssertionError where the gradient of value(*tensors) is not finite; see hold_gradient."""
    _differentiated(title, value, arguments, so, np.random.default_rng(0))


def _differentiated(title, value, arguments, so, random):
    """(tensors, weights, gradients): the arguments, the sum that is made of the result, and its gradients, finite."""
    tensors = [tf.constant(array) for _, array in arguments]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        result = value(*tensors)
    if not isinstance(result, tf.Tensor):
        raise AssertionError(_missing(title, arguments[0][0], so))
    # Each number of a result has a weight of its own, so that none can stand in for another, nor make up for it.
    weights = random.uniform(0.5, 1.5, size=result.shape)
    gradients = tape.gradient(result, tensors, tf.constant(weights, result.dtype), tf.UnconnectedGradients.ZERO)
    gradients = [np.float64(tf.convert_to_tensor(gradient)) for gradient in gradients]
    for (name, _), gradient in zip(arguments, gradients, strict=True):
        if not np.all(np.isfinite(gradient)):
            raise AssertionError(_not_finite(title, name, so))
    return tensors, weights, gradients


def _is_slope(gradient, value, point, random):
    """Does `value` change along a random direction as `gradient` promises, at `point`?"""
    size = np.sqrt(np.mean(np.square(point))) or 1.0
    # Uphill, so that the change is not small by accident and drowned in rounding; anywhere where no slope is promised.
    signs = np.where(gradient, np.sign(gradient), random.choice([-1.0, 1.0], size=point.shape))
    direction = size * signs * np.abs(random.normal(size=point.shape))
    for step in STEPS:
        before, after = np.float32(point - step * direction), np.float32(point + step * direction)
        promise = np.sum(gradient * (np.float64(after) - before))
        change = value(after) - value(before)
        if abs(change - promise) <= CLOSE * max(abs(change), abs(promise)):
            return True
    return False


def cut(function, experiment=""):
    """The misunderstanding of a function that is right but for its gradient, of which there is none.

    experiment: lines that print a gradient, see Misunderstanding.
    """
    return Misunderstanding(*_CUT, function, look=_LOOK, experiment=experiment)


_LOOK = "Follow the numbers from the argument to what you return: where do they leave TensorFlow?"
_CUT = (
    "gradient cut",
    "Compute with TensorFlow's operations all the way from the argument to what you return: NumPy, .numpy(), float(), "
    "tf.constant, tf.Variable and tf.stop_gradient cut the thread.",
)


def _missing(title, name, so):
    return f"{title} has the right value, but no gradient reaches {name}, so {so}.\n" + ": ".join(_CUT)


def _not_finite(title, name, so):
    return (
        f"{title} has the right value, but the gradient that reaches {name} is not finite (NaN or infinity), so {so}.\n"
        "Look for a root, a logarithm or a quotient of something that can be 0: its slope is infinite there, and "
        "neither squaring afterwards nor tf.where makes that good."
    )


def _untrue(title, name, so):
    return (
        f"{title} has the right value, but the gradient that reaches {name} is not its slope, so {so}.\n"
        f"Compute all of the value from {name} with TensorFlow's operations, leave nothing out of the tape's sight, "
        "and do not change the gradient."
    )


def _with(value, path, new):
    """A copy of lists and dictionaries in which something new stands at a path."""
    if not path:
        return new
    place, *rest = path
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[place] = _with(value[place], rest, new)
    return changed
