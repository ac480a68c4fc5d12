"""unit_cost(model, layer, channel, tv_weight)"""

from dataclasses import replace

from nst.checks import hints
from nst.checks.by_hand import SmallNetwork
from nst.checks.calls import costs_of_picture
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import cut, hold_gradient
from nst.checks.looks import with_looks
from nst.checks.outcome import fresh
from nst.checks.wrong_versions import composable, parts_of
from nst.quiet import tf


def _variation(x, reduce):
    return reduce(tf.square(x[:, :, 1:] - x[:, :, :-1])) + reduce(tf.square(x[:, 1:] - x[:, :-1]))


@composable
def _unit(**wrong):
    """A unit_cost with a wrong part; w is tv_weight."""
    parts = parts_of(
        wrong,
        at=lambda model, x, layer: model.activations(x, [layer])[layer],
        of_channel=lambda a, channel: a[..., channel],
        reduce=tf.reduce_mean,
        unit=lambda strength, w: -strength,
        tv=lambda x, w: w * _variation(x, tf.reduce_mean),
        total=lambda unit, tv, w: unit + tv,
        finish=lambda cost: cost,
    )

    def function(model, layer, channel, tv_weight):
        def cost(x):
            a = parts.of_channel(parts.at(model, x, layer), channel)
            unit, tv = parts.unit(parts.reduce(a), tv_weight), parts.tv(x, tv_weight)
            return {"unit": unit, "tv": tv, "total": parts.total(unit, tv, tv_weight)}

        return parts.finish(cost)

    return function


def _swapped(cost):
    def function(x):
        costs = cost(x)
        return costs | {"unit": costs["tv"], "tv": costs["unit"]}

    return function


def _mean_by_pytorchs_sizes(a, channel):
    _, _, height, width = a.shape
    return tf.reduce_sum(a[..., channel]) / (height * width)


_MINUS = "What is painted is made small, and the activation should become large. "
_LAST_AXIS = "An activation is (1, H, W, C), and the channel is its last axis: a[..., channel]. "
_UNIT_TOTAL = "The total is unit + tv. "

_LOOKS = {
    "at": "Look at where the activation comes from: of which picture, and of which layer?",
    "of_channel": "Look at how you take one channel out of the activation.",
    "reduce": "Look at what you make of the channel's numbers.",
    "unit": "Look at the sign and the factor of your first cost.",
    "tv": "Look at your second cost: which variation, and which weight?",
    "total": "Look at how you put the two costs together.",
    "finish": "Look at what you return.",
}
_EXPERIMENT = """\
from nst.checks.what_convnets_see import SmallNetwork  # its layer "near" is picture @ kernel: here channel 1 is red
model, x = SmallNetwork({"near": np.eye(3, 4, 1, "float32")}), tf.constant([[[[5.0], [2]], [[-1], [2]]]]) * [1.0, 0, 0]
print(unit_cost(model, "near", 1, 0.1)(x))  # unit −(5 + 2 − 1 + 2) / 4 = −2, tv 0.1 · (3 + 6) = 0.9, total −1.1"""
_TWO_LAYERS = """\
from nst.checks.what_convnets_see import SmallNetwork  # of two layers; the second doubles what the first gives
model = SmallNetwork({"near": np.eye(3, dtype="float32"), "middle": 2 * np.eye(3, dtype="float32")})
print(float(unit_cost(model, "middle", 0, 0.1)(tf.ones([1, 2, 2, 3]))["unit"]))  # −2.0"""
_GRADIENT = """\
from nst.checks.what_convnets_see import SmallNetwork  # its layer "near" is picture @ kernel
x, model = tf.Variable(tf.ones([1, 1, 1, 3])), SmallNetwork({"near": np.float32([[1], [2], [3]])})
with tf.GradientTape() as tape: print(tape.gradient(unit_cost(model, "near", 0, 0.1)(x)["unit"], x))  # −1, −2, −3"""

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "minus left out",
        _MINUS + "Put a minus before its mean, or the picture will be what the unit likes least.",
        _unit(unit=lambda strength, w: strength),
    ),
    Misunderstanding(
        "minus left out of unit alone",
        'Your total is right. "unit" should be what is added to it, minus the mean activation, so that the curves tell '
        "the truth.",
        _unit(unit=lambda strength, w: strength, total=lambda unit, tv, w: tv - unit),
    ),
    Misunderstanding(
        "sum for mean",
        "You add up over all positions, so a larger picture costs more. Take the mean.",
        _unit(reduce=tf.reduce_sum),
    ),
    Misunderstanding(
        "max for mean",
        "You take the strongest position. Then one spot of the picture is painted, and the rest stays noise: take the "
        "mean over all positions.",
        _unit(reduce=tf.reduce_max),
    ),
    Misunderstanding(
        "axis of the batch left on",
        "Your unit has the axis of the batch left, (1,). A cost is one number, a scalar: take the mean over all axes.",
        _unit(reduce=lambda a: tf.reduce_mean(a, axis=[1, 2])),
    ),
    Misunderstanding(
        "activation squared",
        "You take the mean of squares, which weak and negative answers raise too. Take the mean of the activation.",
        _unit(reduce=lambda a: tf.reduce_mean(tf.square(a))),
    ),
    Misunderstanding(
        "absolute values",
        "You take absolute values, so a negative answer counts as a strong one. Take the mean as it is.",
        _unit(reduce=lambda a: tf.reduce_mean(tf.abs(a))),
    ),
    Misunderstanding(
        "mean over all channels",
        "You take the mean over all channels, so every unit of the layer gets the same picture. Choose the channel.",
        _unit(of_channel=lambda a, channel: a),
    ),
    Misunderstanding(
        "always the first channel",
        "You always look at the first channel. Use the argument `channel`.",
        _unit(of_channel=lambda a, channel: a[..., 0]),
    ),
    Misunderstanding(
        "channel taken for a row, as in PyTorch",
        _LAST_AXIS + "Yours is a row of the picture.",
        _unit(of_channel=lambda a, channel: a[:, channel]),
    ),
    Misunderstanding(
        "sizes in PyTorch's order",
        "You take H and W from the places where PyTorch has them. An activation is (1, H, W, C) here, so you divide by "
        "W · C in place of H · W.",
        _unit(reduce=lambda a: a, of_channel=_mean_by_pytorchs_sizes),
    ),
    Misunderstanding(
        "channel taken for a column",
        _LAST_AXIS + "Yours is a column of the picture.",
        _unit(of_channel=lambda a, channel: a[:, :, channel]),
    ),
    Misunderstanding(
        "channel taken for a picture",
        _LAST_AXIS + "Your a[channel] is a picture of the batch, and there is only one.",
        _unit(of_channel=lambda a, channel: a[channel]),
    ),
    Misunderstanding(
        "first layer whatever was asked",
        "Your activation comes from the first layer whatever is asked for. Use the argument `layer`.",
        _unit(at=lambda model, x, layer: model.activations(x, ["near"])["near"]),
        experiment=_TWO_LAYERS,
    ),
    Misunderstanding(
        "activation of the model's own picture",
        'model[layer] is the activation of the picture in model["input"], which is not the one that is painted. Use '
        "model.activations(picture, [layer]).",
        _unit(at=lambda model, x, layer: model[layer]),
    ),
    Misunderstanding("tv left out", _UNIT_TOTAL + "Yours has no tv.", _unit(total=lambda unit, tv, w: unit)),
    Misunderstanding("unit left out", _UNIT_TOTAL + "Yours has no unit.", _unit(total=lambda unit, tv, w: tv)),
    Misunderstanding(
        "tv subtracted",
        _UNIT_TOTAL + "You subtract the total variation, so noise is rewarded.",
        _unit(total=lambda unit, tv, w: unit - tv),
    ),
    Misunderstanding(
        "tv weight unused",
        "The costs do not listen to tv_weight. Multiply the total variation by it.",
        _unit(tv=lambda x, w: _variation(x, tf.reduce_mean)),
    ),
    Misunderstanding(
        "tv weight twice",
        _UNIT_TOTAL + "Your tv is weighted already, and you multiply by tv_weight again.",
        _unit(total=lambda unit, tv, w: unit + w * tv),
    ),
    Misunderstanding(
        "tv not weighted where shown",
        'Your total is right. "tv" should be what is added to it, the weighted total variation.',
        _unit(tv=lambda x, w: _variation(x, tf.reduce_mean), total=lambda unit, tv, w: unit + w * tv),
    ),
    Misunderstanding(
        "everything weighted",
        "tv_weight weighs the activation too. Only the total variation has a weight.",
        _unit(unit=lambda strength, w: -w * strength),
    ),
    Misunderstanding(
        "total variation summed",
        "Your total variation is a sum. That of nst.lessons.convnets.total_variation is a mean, so that the picture's "
        "size does not matter.",
        _unit(tv=lambda x, w: w * _variation(x, tf.reduce_sum)),
    ),
    Misunderstanding(
        "TensorFlow's total variation",
        "tf.image.total_variation adds up absolute differences. Use nst.lessons.convnets.total_variation, the mean of "
        "squares.",
        _unit(tv=lambda x, w: w * tf.reduce_sum(tf.image.total_variation(x))),
    ),
    Misunderstanding(
        "unit and tv swapped",
        "The two costs stand under each other's names: unit is minus the mean activation, tv the weighted variation.",
        _unit(finish=_swapped),
    ),
    Misunderstanding(
        "costs in place of the function",
        hints.COSTS_FOR_THE_FUNCTION,
        _unit(finish=lambda cost: cost(tf.ones([1, 4, 4, 3]))),
    ),
    replace(
        cut(_unit(reduce=lambda a: tf.stop_gradient(tf.reduce_mean(a)))),
        look="Look for what leaves TensorFlow between the picture and the costs.",
        experiment=_GRADIENT,
    ),
]


_COSTS = ("unit", "tv", "total")


def _call(function, *inputs):
    return costs_of_picture(function, *inputs, names=_COSTS, picture="the picture")


def _gradients_are_true(exercise, function):
    for case in exercise.cases:
        *arguments, picture = fresh(list(case.inputs))
        cost = function(*arguments)
        for name in _COSTS:
            hold_gradient(f'"{name}"', lambda x, cost=cost, name=name: cost(x)[name], [("the picture", picture)])


def _ready(case):
    kernels, *others = case.inputs
    return replace(case, inputs=(SmallNetwork(kernels), *others))


EXERCISE = Exercise(
    name="unit_cost",
    cases=cases("what-convnets-see", "unit_cost", _ready),
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[Property("true gradients reach the picture from both costs", _gradients_are_true)],
    call=_call,
    look="Look at your three costs one after another: unit, tv, total.",
    experiment=_EXPERIMENT,
)
