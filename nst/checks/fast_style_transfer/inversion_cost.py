"""inversion_cost(model, picture, layer, content_weight, tv_weight)"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from nst.checks.by_hand import TinyNetwork
from nst.checks.calls import costs_of_picture
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.shared import at, normalised_gram, total_variation, without_rounding
from nst.checks.gradients import hold_gradient
from nst.checks.hints import COSTS_FOR_THE_FUNCTION
from nst.checks.outcome import fresh
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import composable, parts_of, squared_distance
from nst.quiet import tf

_ARGUMENTS = ("model", "picture", "layer", "content_weight", "tv_weight")


def _ready(case):
    kernels, *others = case.inputs
    return replace(case, inputs=(TinyNetwork(kernels), *others))


def _call(function, *inputs):
    costs = costs_of_picture(function, *inputs, names=("content", "tv", "total"), picture="the picture x")
    return None if costs is None else without_rounding(costs)


@composable
def _inversion(**wrong):
    """An inversion_cost with a wrong part; s holds its arguments, wanted is the target of the activation a."""
    parts = parts_of(
        wrong,
        layer=lambda s: s.layer,
        at=at,
        wanted=lambda wanted, a: wanted,
        weights=lambda content, tv: (content, tv),
        tv=lambda s, x: total_variation(x),
        total=lambda content, tv: content + tv,
        shown=lambda costs: costs,
        finish=lambda cost, s: cost,
    )

    def function(*arguments):
        s = SimpleNamespace(**dict(zip(_ARGUMENTS, arguments, strict=True)))
        of_picture = parts.at(s, s.picture, parts.layer(s))

        def cost(x):
            a = parts.at(s, x, parts.layer(s))
            content_weight, tv_weight = parts.weights(s.content_weight, s.tv_weight)
            content = content_weight * squared_distance(a, parts.wanted(of_picture, a))
            costs = {"content": content, "tv": tv_weight * parts.tv(s, x)}
            return parts.shown(costs) | {"total": parts.total(**costs)}

        return parts.finish(cost, s)

    return function


_TOTAL_CUT = (
    "Your total is a plain number, or nothing in it is computed from x. Compute from the argument of cost, and add the "
    "costs as your losses give them: float(), .numpy(), tf.constant and tf.stop_gradient cut the thread."
)
_TOTAL = "The total is the content cost and the tv cost, added. One of them is missing in yours."

# A layer "a" is the picture itself, a layer "bb" twice that, so that all can be reckoned by hand.
_EXPERIMENT = """\
class Net: activations = staticmethod(lambda x, names: {name: len(name) * tf.convert_to_tensor(x) for name in names})
cost = inversion_cost(Net, np.zeros((1, 1, 2, 3), "float32"), "bb", 2, 5)
print(cost(tf.constant([[[[3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]])))  # content 2 · 6² = 72, tv 5 · 3² = 45, total 117"""

_LOOK_WEIGHTS = "Look at where each weight goes."
_LOOK_COST = "Look inside cost: which picture, and which layer, does each number come from?"

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "target taken from x",
        hints.FROM_PAINTED.format("content"),
        _inversion(wanted=lambda wanted, a: a),
        hints.LOOK_TARGETS,
    ),
    Misunderstanding(
        "another layer",
        "The activations come from the first layer whatever `layer` says. Take both from `layer`.",
        _inversion(layer=lambda s: "near"),
        hints.LOOK_LAYERS,
    ),
    Misunderstanding("layer typed in", hints.LAYER_FIXED, _inversion(layer=lambda s: "fire2"), hints.LOOK_LAYERS),
    Misunderstanding(
        "layer not in a list",
        hints.NOT_A_LIST.format("layer"),
        _inversion(at=lambda s, x, layer: s.model.activations(x, layer)[layer]),
        hints.LOOK_LAYERS,
    ),
    Misunderstanding(
        "pixels compared",
        "You compare pixels. The question of this exercise is what a layer still knows: compare the activations at "
        "`layer`.",
        _inversion(at=lambda s, x, layer: x),
        _LOOK_COST,
    ),
    Misunderstanding(
        "compares Gram matrices",
        "You compare Gram matrices, which forget where things are. Inversion compares the activations themselves.",
        _inversion(at=lambda s, x, layer: normalised_gram(at(s, x, layer))),
        _LOOK_COST,
    ),
    Misunderstanding(
        "total variation of the picture",
        "The tv cost is that of the picture you invert, which does not change. Smooth x, the one that is painted.",
        _inversion(tv=lambda s, x: total_variation(s.picture)),
        _LOOK_COST,
    ),
    Misunderstanding(
        "total without a gradient",
        _TOTAL_CUT,
        _inversion(total=lambda content, tv: (content + tv).numpy()),
        hints.LOOK_TOTAL,
    ),
    Misunderstanding(
        "content without its gradient",
        hints.GRADIENT_CUT,
        _inversion(total=lambda content, tv: tf.stop_gradient(content) + tv),
        hints.LOOK_TOTAL,
    ),
    Misunderstanding(
        "tv without its gradient",
        hints.GRADIENT_CUT,
        _inversion(total=lambda content, tv: content + tf.stop_gradient(tv)),
        hints.LOOK_TOTAL,
    ),
    Misunderstanding(
        "total variation left out", _TOTAL, _inversion(total=lambda content, tv: content), hints.LOOK_TOTAL
    ),
    Misunderstanding("content left out", _TOTAL, _inversion(total=lambda content, tv: tv), hints.LOOK_TOTAL),
    Misunderstanding(
        "content and tv swapped",
        "Content and tv cost stand under each other's names.",
        _inversion(shown=lambda costs: {"content": costs["tv"], "tv": costs["content"]}),
        _LOOK_COST,
    ),
    Misunderstanding(
        "weights swapped", hints.WEIGHTS_SWAPPED, _inversion(weights=lambda content, tv: (tv, content)), _LOOK_WEIGHTS
    ),
    Misunderstanding(
        "weights not used",
        "The costs do not listen to content_weight and tv_weight. Pass them on to content_loss and tv_loss.",
        _inversion(weights=lambda content, tv: (1, 1)),
        _LOOK_WEIGHTS,
    ),
    Misunderstanding(
        "costs instead of a function",
        COSTS_FOR_THE_FUNCTION,
        _inversion(finish=lambda cost, s: cost(tf.constant(s.picture))),
        "Look at your last line: what is it that you return?",
    ),
]


def _total_is_followed(exercise, function):
    for case in exercise.cases:
        *arguments, x = fresh(list(case.inputs))
        cost = function(*arguments)
        try:
            hold_gradient("The total", lambda x, cost=cost: cost(x)["total"], [("x", x)])
        except AssertionError as error:
            raise AssertionError(_cut(cost, x) or str(error)) from None


def _cut(cost, x):
    """Which part of the total painting does not follow, with its hint; "" where it is something else."""
    x = tf.constant(x)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        costs = cost(x)
    total, content, tv = (
        tape.gradient(costs[name], x) if isinstance(costs[name], tf.Tensor) else None
        for name in ("total", "content", "tv")
    )
    if total is None:
        return _lost("no gradient", "total without a gradient")
    for alone, gradient, cut in (("tv", tv, "content"), ("the content cost", content, "tv")):
        if gradient is not None and np.allclose(total, gradient):
            return _lost(f"only the gradient of {alone}", f"{cut} without its gradient")
    return ""


def _lost(what_arrives, name):
    (hint,) = (m.hint for m in _MISUNDERSTANDINGS if m.name == name)
    return f"The total has the right value, but {what_arrives} reaches x, and painting follows it.\n{name}: {hint}"


EXERCISE = Exercise(
    name="inversion_cost",
    cases=cases("fast-style-transfer", "inversion_cost", _ready),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property("the true gradient of the total reaches x", _total_is_followed),
        Property("no argument is written to", spoils_nothing(*_ARGUMENTS, "x")),
    ],
    call=_call,
    builds_on=("content_loss", "tv_loss"),
    look="Look inside cost: what changes from step to step, and what never does?",
    experiment=_EXPERIMENT,
)
