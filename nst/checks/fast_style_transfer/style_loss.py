"""style_loss(feats, style_layers, style_targets, style_weights)"""

from dataclasses import replace

from nst.checks.calls import call_sparing
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.shared import call_with_weight, normalised_gram
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.hints import ABSOLUTE_DIFFERENCES, SQUARE_DIFFERENCES
from nst.checks.outcome import as_tensors
from nst.checks.probes import costs_nothing, takes_numpy
from nst.checks.wrong_versions import channel_products, hard_coded, parts_of, squared_distance
from nst.quiet import tf


def _ready(case):
    feats, targets, weights = case.inputs
    layers, grams = list(targets), as_tensors(list(targets.values()))
    return replace(case, inputs=(as_tensors(feats), layers, grams, list(weights.values())))


def _call(function, feats, style_layers, style_targets, style_weights):
    feats = {name: tf.convert_to_tensor(a) for name, a in feats.items()}

    def call():
        return call_with_weight(function, feats, style_layers, style_targets, style_weights, at=3)

    return call_sparing(call, "feats", feats)


def _style(**wrong):
    """A style_loss with a wrong part: finding activations and targets, a layer's loss and weight, their total."""
    parts = parts_of(
        wrong,
        found=lambda feats, layers: [feats[name] for name in layers],
        targets=lambda targets, layers: targets,
        gram=normalised_gram,
        target=lambda target: target,
        loss=squared_distance,
        scale=lambda loss, N, H, W, C: loss,
        weigh=lambda weight, loss: weight * loss,
        total=sum,
    )

    def layer_loss(a, target, weight):
        return parts.weigh(weight, parts.scale(parts.loss(parts.gram(a), parts.target(target)), *a.shape))

    def function(feats, layers, targets, weights):
        of_layers = zip(parts.found(feats, layers), parts.targets(targets, layers), weights, strict=False)
        return parts.total([layer_loss(*of_layer) for of_layer in of_layers])

    return function


def _gram_of_64_channels(features):
    a = tf.reshape(features, [1, -1, 64])
    return tf.matmul(a, a, transpose_a=True) / tf.size(a, out_type=tf.float32)


_FEATS_BY_NAME = (
    "feats is a dictionary over layer names, and may hold other layers too, in another order. Look every activation up "
    "under its name from style_layers."
)

_CASES = cases("fast-style-transfer", "style_loss", _ready)

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "only-the-last-layer",
        "Only the last style layer is in your loss: the earlier ones were overwritten. Add up with +=.",
        _style(total=lambda losses: losses[-1]),
    ),
    Misunderstanding(
        "only-the-first-layer",
        "Only the first style layer is in your loss: the return stands inside the loop and ends it. Move it out.",
        _style(total=lambda losses: losses[0]),
    ),
    Misunderstanding(
        "not-a-scalar",
        hints.NOT_SCALAR,
        _style(loss=lambda gram, target: tf.reduce_sum(tf.square(gram - target), [1, 2])),
    ),
    Misunderstanding("feats-by-position", _FEATS_BY_NAME, _style(found=lambda feats, layers: feats.values())),
    Misunderstanding(
        "feats-by-number", _FEATS_BY_NAME, _style(found=lambda feats, layers: [feats[i] for i in range(len(layers))])
    ),
    Misunderstanding(
        "targets-by-name",
        "style_targets and style_weights are lists, in the order of style_layers. Take them by position, or let zip "
        "walk along all three.",
        _style(targets=lambda targets, layers: [targets[name] for name in layers]),
    ),
    Misunderstanding(
        "no-gram-matrix",
        "You compare an activation with a Gram matrix. Take the Gram matrix of the activation first.",
        _style(gram=lambda a: a),
    ),
    Misunderstanding(
        "gram-of-the-target",
        "The style targets are Gram matrices already: only the activations of feats need gram_matrix.",
        _style(target=normalised_gram),
    ),
    Misunderstanding(
        "channels-hard-coded",
        "You count on 64 channels, and layers differ in their number. Let gram_matrix take the sizes from the "
        "activation.",
        _style(gram=_gram_of_64_channels),
    ),
    Misunderstanding(
        "not-normalised",
        "The targets are divided by H · W · C, your Gram matrices are not. Call gram_matrix with its default.",
        _style(gram=channel_products),
    ),
    Misunderstanding(
        "weights-unused",
        "Every layer counts alike. Multiply the loss of each layer by its weight.",
        _style(weigh=lambda weight, loss: loss),
    ),
    Misunderstanding(
        "weights-squared",
        "The weights are squared with the differences. Multiply the sum of each layer by its weight, once.",
        _style(weigh=lambda weight, loss: weight**2 * loss),
    ),
    Misunderstanding(
        "weights-as-integer-tensors",
        hints.INTEGER_TENSOR,
        _style(weigh=lambda weight, loss: tf.constant(weight) * loss),
    ),
    Misunderstanding(
        "mean-for-sum", hints.MEAN, _style(loss=lambda gram, target: tf.reduce_mean(tf.square(gram - target)))
    ),
    Misunderstanding("half", hints.HALF, _style(scale=lambda loss, N, H, W, C: loss / 2)),
    Misunderstanding(
        "averaged-over-layers",
        "You divide by the number of layers. The weights decide how much each layer counts: add the layers up.",
        _style(total=lambda losses: sum(losses) / len(losses)),
    ),
    Misunderstanding("square-root", hints.ROOT, _style(loss=lambda gram, target: tf.norm(gram - target))),
    Misunderstanding(
        "difference-not-squared", SQUARE_DIFFERENCES, _style(loss=lambda gram, target: tf.reduce_sum(gram - target))
    ),
    Misunderstanding(
        "absolute-difference",
        ABSOLUTE_DIFFERENCES,
        _style(loss=lambda gram, target: tf.reduce_sum(tf.abs(gram - target))),
    ),
    Misunderstanding(
        "formula-of-the-other-assignment",
        hints.OTHER_ASSIGNMENT,
        _style(scale=lambda loss, N, H, W, C: loss / (2 * C) ** 2),
    ),
    Misunderstanding(
        "formula-of-the-other-assignment-on-bare-sums",
        hints.OTHER_ASSIGNMENT,
        _style(gram=channel_products, scale=lambda loss, N, H, W, C: loss / (2 * H * W * C) ** 2),
    ),
    hard_coded(_CASES),
    cut(_style(gram=lambda a: normalised_gram(tf.stop_gradient(a)))),
]

(_AGREEING,) = cases("fast-style-transfer", "style_loss agreeing", _ready)

EXERCISE = Exercise(
    name="style_loss",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property(hints.GRADIENT.format("feats"), gradient_is_true(("feats", 0))),
        Property(
            "targets that are the picture's own cost 0",
            costs_nothing(_AGREEING.inputs, "a picture whose Gram matrices are the targets should be 0.", ("feats", 0)),
        ),
        Property("style_targets may be NumPy arrays, and no list is written to", takes_numpy("style_targets", 2)),
    ],
    call=_call,
    builds_on=("gram_matrix",),
)
