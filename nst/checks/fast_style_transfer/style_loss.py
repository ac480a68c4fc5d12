"""style_loss(feats, style_layers, style_targets, style_weights)"""

from dataclasses import replace
from functools import partial

from nst.checks.calls import call_sparing
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.batches import asked_of_several, written_for_one
from nst.checks.fast_style_transfer.shared import call_with_weight, normalised_gram, off_by_a_factor
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.hints import ABSOLUTE_DIFFERENCES, SQUARE_DIFFERENCES
from nst.checks.outcome import as_tensors
from nst.checks.probes import costs_nothing, takes_numpy
from nst.checks.wrong_versions import channel_products, composable, hard_coded, parts_of
from nst.quiet import tf


def _ready(case):
    feats, targets, weights = case.inputs
    layers, grams = list(targets), as_tensors(list(targets.values()))
    return replace(case, inputs=(as_tensors(feats), layers, grams, list(weights.values())))


def _call(function, feats, style_layers, style_targets, style_weights):
    """The style loss; targets are (1, C, C), and (C, C) for whoever cannot take these.

    In the notebook they come from the student's own gram_matrix, in the one form or the other.
    """
    try:
        loss = _asked(function, feats, style_layers, style_targets, style_weights)
        problem = None if isinstance(loss, tf.Tensor) and loss.shape == () else loss
    except Exception as error:
        loss, problem = None, error
    if problem is not None:
        try:
            other = _asked(function, feats, style_layers, [target[0] for target in style_targets], style_weights)
        except Exception:
            other = None
        if isinstance(other, tf.Tensor) and other.shape == ():
            return other
    if isinstance(problem, Exception):
        raise problem
    return loss


def _asked(function, feats, style_layers, style_targets, style_weights):
    feats = {name: tf.convert_to_tensor(a) for name, a in feats.items()}

    def call():
        return call_with_weight(function, feats, style_layers, style_targets, style_weights, at=3)

    return call_sparing(call, "feats", feats)


def _with_either_target(probe):
    """The probe, of a function that is called as `_call` does it."""
    return lambda exercise, function: probe(exercise, partial(_call, function))


@composable
def _style(**wrong):
    """A style_loss with a wrong part: finding activations and targets, a layer's loss and weight, their total.

    A layer's loss is made of the Gram matrix, the target, their difference, its square, the sum, a root and a scale.
    """
    parts = parts_of(
        wrong,
        found=lambda feats, layers: [feats[name] for name in layers],
        targets=lambda targets, layers: targets,
        gram=normalised_gram,
        target=lambda target: target,
        pictures=lambda grams: grams,
        square=tf.square,
        reduce=tf.reduce_sum,
        root=lambda loss: loss,
        scale=lambda loss, N, H, W, C: loss,
        weigh=lambda weight, loss: weight * loss,
        total=sum,
    )

    def layer_loss(a, target, weight):
        squares = parts.square(parts.pictures(parts.gram(a)) - parts.target(target))
        return parts.weigh(weight, parts.scale(parts.root(parts.reduce(squares)), *a.shape))

    def function(feats, layers, targets, weights):
        of_layers = zip(parts.found(feats, layers), parts.targets(targets, layers), weights, strict=False)
        return parts.total([layer_loss(*of_layer) for of_layer in of_layers])

    return function


def _gram_of_64_channels(features):
    a = tf.reshape(features, [1, -1, 64])
    return tf.matmul(a, a, transpose_a=True) / tf.size(a, out_type=tf.float32)


def _each(squares):
    return tf.reduce_sum(squares, [1, 2])


_FEATS_BY_NAME = (
    "feats is a dictionary over layer names, and may hold other layers too, in another order. Look every activation up "
    "under its name from style_layers."
)
_LOOK_LOOP = "Look at what your loop does with the loss of each layer, and where it ends."
_LOOK_FEATS = "Look at how you find the activation of each layer."
_LOOK_GRAM = "Look at what stands on each side of the minus sign: is it a Gram matrix?"

_CASES = cases("fast-style-transfer", "style_loss", _ready)

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "only the last layer",
        "Only the last style layer is in your loss: the earlier ones were overwritten. Add up with +=.",
        _style(total=lambda losses: losses[-1]),
        _LOOK_LOOP,
    ),
    Misunderstanding(
        "only the first layer",
        "Only the first style layer is in your loss: the return stands inside the loop and ends it. Move it out.",
        _style(total=lambda losses: losses[0]),
        _LOOK_LOOP,
    ),
    Misunderstanding("not a single number", hints.NOT_SCALAR, _style(reduce=_each), hints.LOOK_SUM),
    Misunderstanding(
        "activations by position", _FEATS_BY_NAME, _style(found=lambda feats, layers: feats.values()), _LOOK_FEATS
    ),
    Misunderstanding(
        "activations by number",
        _FEATS_BY_NAME,
        _style(found=lambda feats, layers: [feats[i] for i in range(len(layers))]),
        _LOOK_FEATS,
    ),
    Misunderstanding(
        "targets by name",
        "style_targets and style_weights are lists, in the order of style_layers. Take them by position, or let zip "
        "walk along all three.",
        _style(targets=lambda targets, layers: [targets[name] for name in layers]),
        "Look at how you find the target of each layer.",
    ),
    Misunderstanding(
        "no Gram matrix",
        "You compare an activation with a Gram matrix. Take the Gram matrix of the activation first.",
        _style(gram=lambda a: a),
        _LOOK_GRAM,
    ),
    Misunderstanding(
        "target made into a Gram matrix",
        "The style targets are Gram matrices already: only the activations of feats need gram_matrix.",
        _style(target=normalised_gram),
        _LOOK_GRAM,
    ),
    Misunderstanding(
        "channels counted beforehand",
        "You count on 64 channels, and layers differ in their number. Let gram_matrix take the sizes from the "
        "activation.",
        _style(gram=_gram_of_64_channels),
        "Look for a number in your code that belongs to one layer only.",
    ),
    Misunderstanding(
        "not normalised",
        "The targets are divided by H · W · C, your Gram matrices are not. Call gram_matrix with its default.",
        _style(gram=channel_products),
        "Look at your call of gram_matrix.",
    ),
    Misunderstanding(
        "weights not used",
        "Every layer counts alike. Multiply the loss of each layer by its weight.",
        _style(weigh=lambda weight, loss: loss),
        hints.LOOK_WEIGHT,
    ),
    Misunderstanding(
        "weights squared",
        "The weights are squared with the differences. Multiply the sum of each layer by its weight, once.",
        _style(weigh=lambda weight, loss: weight**2 * loss),
        hints.LOOK_WEIGHT,
    ),
    Misunderstanding(
        "weights as integer tensors",
        hints.INTEGER_TENSOR,
        _style(weigh=lambda weight, loss: tf.constant(weight) * loss),
        hints.LOOK_WEIGHT,
    ),
    Misunderstanding("mean instead of the sum", hints.MEAN, _style(reduce=tf.reduce_mean), hints.LOOK_SUM),
    Misunderstanding(
        "half of the loss", hints.HALF, _style(scale=lambda loss, N, H, W, C: loss / 2), hints.LOOK_RETURN
    ),
    Misunderstanding(
        "averaged over the layers",
        "You divide by the number of layers. The weights decide how much each layer counts: add the layers up.",
        _style(total=lambda losses: sum(losses) / len(losses)),
        hints.LOOK_RETURN,
    ),
    Misunderstanding("square root of each layer", hints.ROOT, _style(root=tf.sqrt), hints.LOOK_RETURN),
    Misunderstanding("differences not squared", SQUARE_DIFFERENCES, _style(square=lambda d: d), hints.LOOK_SQUARE),
    Misunderstanding("absolute differences", ABSOLUTE_DIFFERENCES, _style(square=tf.abs), hints.LOOK_SQUARE),
    Misunderstanding(
        "formula of the other assignment",
        hints.OTHER_ASSIGNMENT,
        _style(scale=lambda loss, N, H, W, C: loss / (2 * C) ** 2),
        "Hold what stands in front of your sum against the formula above.",
    ),
    Misunderstanding(
        "formula of the other assignment on bare sums",
        hints.OTHER_ASSIGNMENT,
        _style(gram=channel_products, scale=lambda loss, N, H, W, C: loss / (2 * H * W * C) ** 2),
        "Hold what stands in front of your sum against the formula above.",
    ),
    hard_coded(_CASES),
    cut(
        _style(gram=lambda a: normalised_gram(tf.stop_gradient(a))),
        """\
a = tf.Variable([[[[1.0, 2.0]]]])
with tf.GradientTape() as tape: loss = style_loss({"a": a}, ["a"], [tf.zeros([1, 2, 2])], [4])
print(tape.gradient(loss, a))  # 20 and 40; None says that nothing arrives""",
    ),
    Misunderstanding(
        "a constant factor",
        hints.FACTOR,
        _style(scale=lambda loss, N, H, W, C: 3 * loss),
        hints.LOOK_RETURN,
        recognises=off_by_a_factor,
    ),
]

(_AGREEING,) = cases("fast-style-transfer", "style_loss agreeing", _ready)

_GRADIENT = Property(hints.GRADIENT.format("feats"), _with_either_target(gradient_is_true(("feats", 0))))

EXERCISE = Exercise(
    name="style_loss",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        _GRADIENT,
        Property(
            "targets that are the picture's own cost 0",
            _with_either_target(
                costs_nothing(
                    _AGREEING.inputs, "a picture whose Gram matrices are the targets should be 0.", ("feats", 0)
                )
            ),
            own_inputs=True,
        ),
        Property("style_targets may be NumPy arrays, and no list is written to", takes_numpy("style_targets", 2)),
    ],
    call=_call,
    builds_on=("gram_matrix",),
    look="Look at the lines inside your loop, and at the one after it.",
    experiment="""\
feats = {"a": tf.constant([[[[1.0, 2.0]]]]), "b": tf.constant([[[[2.0]]]])}  # Gram: [[0.5, 1], [1, 2]] and [[4]]
targets = [tf.constant([[[2.0]]]), tf.constant([[[0.5, 1.0], [1.0, 1.0]]])]  # of b, then of a
print(style_loss(feats, ["b", "a"], targets, [10, 3]))  # 10 · (4 − 2)² + 3 · (2 − 1)² = 43""",
)


def _mixed_gram(features):
    return tf.reduce_sum(normalised_gram(features), axis=0)


def _alone(value):
    return {name: a[:1] for name, a in value.items()}


BATCH = Exercise(
    name="style_loss",
    part="batch",
    cases=cases("fast-style-transfer", "style_loss batch", _ready),
    misunderstandings=[
        Misunderstanding(
            "pictures mixed",
            "With two pictures you compare a matrix in which theirs are mixed. Each picture has a Gram matrix of its "
            "own, and each of these is compared with the target.",
            _style(gram=_mixed_gram),
            "Look at the shape that your gram_matrix gives for two pictures.",
        ),
        Misunderstanding("only the first picture", hints.FIRST_ONLY, _style(pictures=lambda grams: grams[:1])),
        Misunderstanding("averaged over the pictures", hints.AVERAGED, _style(scale=lambda loss, N, H, W, C: loss / N)),
        Misunderstanding("one number for each picture", hints.ONE_EACH, _style(reduce=_each)),
        *written_for_one(EXERCISE, _style()),
    ],
    properties=[_GRADIENT],
    call=asked_of_several(_call, pictures=(0,), alone=_alone),
    builds_on=("gram_matrix",),
    look=hints.LOOK_FIRST_AXIS,
    experiment="""\
feats = {"a": tf.constant([[[[1.0]]], [[[3.0]]]])}  # two pictures, Gram matrices [[1]] and [[9]]
print(style_loss(feats, ["a"], [tf.constant([[[2.0]]])], [10]))  # 10 · ((1 − 2)² + (9 − 2)²) = 500, of shape ()""",
)
