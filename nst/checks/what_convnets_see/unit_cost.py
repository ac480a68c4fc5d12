"""unit_cost(model, layer, channel, tv_weight)"""

from dataclasses import replace

from nst.checks import hints
from nst.checks.by_hand import SmallNetwork
from nst.checks.calls import costs_of_picture
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import cut, hold_gradient
from nst.checks.outcome import fresh
from nst.checks.wrong_versions import parts_of
from nst.quiet import tf


def _variation(x, reduce):
    return reduce(tf.square(x[:, :, 1:] - x[:, :, :-1])) + reduce(tf.square(x[:, 1:] - x[:, :-1]))


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


_MINUS = "What is painted is made small, and the activation should become large: "
_LAST_AXIS = "An activation is (1, H, W, C), and the channel is its last axis: a[..., channel]. "
_UNIT_TOTAL = "The total is unit + tv: "

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "sign-wrong",
        _MINUS + "put a minus before its mean, or the picture will be what the unit likes least.",
        _unit(unit=lambda strength, w: strength),
    ),
    Misunderstanding(
        "sign-wrong-in-unit-only",
        'Your total is right. "unit" should be what is added to it, minus the mean activation, so that the curves tell '
        "the truth.",
        _unit(unit=lambda strength, w: strength, total=lambda unit, tv, w: tv - unit),
    ),
    Misunderstanding(
        "sum-for-mean",
        "You add up over all positions, so a larger picture costs more. Take the mean.",
        _unit(reduce=tf.reduce_sum),
    ),
    Misunderstanding(
        "max-for-mean",
        "You take the strongest position. Then one spot of the picture is painted, and the rest stays noise: take the "
        "mean over all positions.",
        _unit(reduce=tf.reduce_max),
    ),
    Misunderstanding(
        "squared",
        "You take the mean of squares, which weak and negative answers raise too. Take the mean of the activation.",
        _unit(reduce=lambda a: tf.reduce_mean(tf.square(a))),
    ),
    Misunderstanding(
        "absolute",
        "You take absolute values, so a negative answer counts as a strong one. Take the mean as it is.",
        _unit(reduce=lambda a: tf.reduce_mean(tf.abs(a))),
    ),
    Misunderstanding(
        "all-channels",
        "You take the mean over all channels, so every unit of the layer gets the same picture. Choose the channel.",
        _unit(of_channel=lambda a, channel: a),
    ),
    Misunderstanding(
        "first-channel",
        "You always look at the first channel. Use the argument `channel`.",
        _unit(of_channel=lambda a, channel: a[..., 0]),
    ),
    Misunderstanding(
        "channel-as-row",
        _LAST_AXIS + "Yours is a row of the picture.",
        _unit(of_channel=lambda a, channel: a[:, channel]),
    ),
    Misunderstanding(
        "channel-as-column",
        _LAST_AXIS + "Yours is a column of the picture.",
        _unit(of_channel=lambda a, channel: a[:, :, channel]),
    ),
    Misunderstanding(
        "channel-as-picture",
        _LAST_AXIS + "a[channel] is a picture of the batch, and there is only one.",
        _unit(of_channel=lambda a, channel: a[channel]),
    ),
    Misunderstanding(
        "another-layer",
        "The activation comes from the first layer whatever `layer` says.",
        _unit(at=lambda model, x, layer: model.activations(x, ["near"])["near"]),
    ),
    Misunderstanding(
        "activation-of-the-models-picture",
        'model[layer] is the activation of the picture in model["input"], which is not the one that is painted. Use '
        "model.activations(picture, [layer]).",
        _unit(at=lambda model, x, layer: model[layer]),
    ),
    Misunderstanding("tv-left-out", _UNIT_TOTAL + "yours has no tv.", _unit(total=lambda unit, tv, w: unit)),
    Misunderstanding("unit-left-out", _UNIT_TOTAL + "yours has no unit.", _unit(total=lambda unit, tv, w: tv)),
    Misunderstanding(
        "tv-subtracted",
        _UNIT_TOTAL + "you subtract the total variation, so noise is rewarded.",
        _unit(total=lambda unit, tv, w: unit - tv),
    ),
    Misunderstanding(
        "tv-weight-unused",
        "The costs do not listen to tv_weight. Multiply the total variation by it.",
        _unit(tv=lambda x, w: _variation(x, tf.reduce_mean)),
    ),
    Misunderstanding(
        "tv-weight-twice",
        _UNIT_TOTAL + "tv is weighted already, and you multiply by tv_weight again.",
        _unit(total=lambda unit, tv, w: unit + w * tv),
    ),
    Misunderstanding(
        "tv-not-weighted-where-shown",
        'Your total is right. "tv" should be what is added to it, the weighted total variation.',
        _unit(tv=lambda x, w: _variation(x, tf.reduce_mean), total=lambda unit, tv, w: unit + w * tv),
    ),
    Misunderstanding(
        "everything-weighted",
        "tv_weight weighs the activation too. Only the total variation has a weight.",
        _unit(unit=lambda strength, w: -w * strength),
    ),
    Misunderstanding(
        "tv-summed",
        "Your total variation is a sum. That of nst.lessons.convnets.total_variation is a mean, so that the picture's "
        "size does not matter.",
        _unit(tv=lambda x, w: w * _variation(x, tf.reduce_sum)),
    ),
    Misunderstanding(
        "tensorflows-total-variation",
        "tf.image.total_variation adds up absolute differences. Use nst.lessons.convnets.total_variation, the mean of "
        "squares.",
        _unit(tv=lambda x, w: w * tf.reduce_sum(tf.image.total_variation(x))),
    ),
    Misunderstanding(
        "unit-and-tv-swapped",
        "The two costs stand under each other's names.",
        _unit(finish=_swapped),
    ),
    Misunderstanding(
        "costs-for-the-function",
        hints.COSTS_FOR_THE_FUNCTION,
        _unit(finish=lambda cost: cost(tf.ones([1, 4, 4, 3]))),
    ),
    cut(_unit(reduce=lambda a: tf.stop_gradient(tf.reduce_mean(a)))),
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
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[Property("true gradients reach the picture from both costs", _gradients_are_true)],
    call=_call,
)
