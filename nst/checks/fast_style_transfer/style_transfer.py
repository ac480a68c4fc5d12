"""style_transfer(model, content, style, …, tv_weight, init_random=False, iterations=200, callback=None, seed=0)"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from nst.checks.by_hand import TinyNetwork
from nst.checks.calls import named_costs
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.shared import at, normalised_gram, total_variation, without_rounding
from nst.checks.fast_style_transfer.transfer_probes import paints, starts, starts_from_other_noise
from nst.checks.outcome import Unusable, fresh
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import channel_products, composable, parts_of, squared_distance
from nst.quiet import tf

_ARGUMENTS = (
    "model", "content", "style", "content_layer", "content_weight", "style_layers", "style_weights", "tv_weight",
)  # fmt: skip


def _ready(case):
    kernels, *others, weights, tv_weight = case.inputs
    return replace(case, inputs=(TinyNetwork(kernels), *others, list(weights), list(weights.values()), tv_weight))


def _call(function, *inputs, **options):
    start = function(*fresh(list(inputs)), iterations=0, **options)
    if start is None:
        return None
    shape, wanted = np.shape(start), inputs[1].shape
    if shape != wanted:
        raise Unusable(f"starts from a picture of shape {shape}; the content picture has {wanted}.")
    seen = []
    picture = function(*inputs, iterations=1, callback=lambda i, costs, picture: seen.append(costs), **options)
    if len(seen) != 1:
        raise Unusable(
            f"calls callback {len(seen)} times in one iteration: pass iterations and callback on to paint as they are."
        )
    costs = named_costs(seen[0], ("content", "style", "tv", "total"), "hands to paint")
    return start, *without_rounding(costs), picture


def _grams(s, picture, gram=normalised_gram):
    return [gram(at(s, picture, layer)) for layer in s.style_layers]


def _style(s, x, grams, weights):
    return sum(w * squared_distance(gram, other) for w, gram, other in zip(weights, _grams(s, x), grams, strict=True))


def _noise(s):
    return np.random.default_rng(s.seed).uniform(0, 1, s.content.shape)


@composable
def _transfer(**wrong):
    """A style_transfer with a wrong part; s holds its arguments, then the content target and the style targets too."""
    parts = parts_of(
        wrong,
        start=lambda s: parts.random(s) if s.init_random else s.content,
        seen=lambda x: x,
        random=_noise,
        target=lambda s: at(s, s.content, s.content_layer),
        grams=lambda s: _grams(s, s.style),
        weights=lambda content, tv: (content, tv),
        content=lambda s, a: squared_distance(a, s.target),
        style=lambda s, x: _style(s, x, s.grams, s.style_weights),
        tv=lambda s, x: total_variation(x),
        total=lambda content, style, tv: content + style + tv,
        shown=lambda costs: costs,
        step=lambda start, signs: np.clip(start - 3.0 * signs, -1.5, 1.5),
    )

    def function(*arguments, init_random=False, iterations=200, callback=None, seed=0):
        s = SimpleNamespace(**dict(zip(_ARGUMENTS, arguments, strict=True)), init_random=init_random, seed=seed)
        start = np.float32(parts.start(s))
        if iterations == 0:
            return start
        s.target, s.grams = parts.target(s), parts.grams(s)
        x = tf.Variable(start)
        # One step of Adam, which is the learning rate down every slope, however steep. `paint` would compile the cost
        # first, for each of the wrong functions that a student's is held against.
        with tf.GradientTape() as tape:
            content_weight, tv_weight = parts.weights(s.content_weight, s.tv_weight)
            seen = parts.seen(x)
            content = content_weight * parts.content(s, at(s, seen, s.content_layer))
            costs = {"content": content, "style": parts.style(s, seen), "tv": tv_weight * parts.tv(s, seen)}
            total = parts.total(**costs)
        callback(0, parts.shown(costs) | {"total": total}, x)
        return parts.step(start, np.sign(tape.gradient(total, x)))

    return function


_TOTAL = "The total is not the sum of content, style and tv cost. What it leaves out is shown, and never improved."
_WEIGHTS_TWICE = "A weight counts twice: content_loss and tv_loss multiply by it already."
_START = " With init_random it is np.random.default_rng(seed).uniform(0, 1, content.shape), else the content picture."

# A layer "a" is the picture itself, a layer "bb" twice that, so that all can be reckoned by hand.
_NET = """\
class Net: activations = staticmethod(lambda x, names: {name: len(name) * tf.convert_to_tensor(x) for name in names})
a, b = np.float32([[[[1, 0, 0], [-1, 0, 0]]]]), np.ones((1, 2, 1, 3), "float32")"""
_PRINTED = _NET + '\nstyle_transfer(Net, a, b, "bb", 3, ["a", "bb"], [2, 7], 5, '
_EXPERIMENT = _PRINTED + "True, 1, print, 4)  # content 34.8, style 43.3, tv 5.6"
_FROM_THE_CONTENT = _PRINTED + "False, 1, print)  # content 0, style 101.3, tv 20"
_ALONE = _NET + '\nprint(style_transfer(Net, a, b, "bb", %s, ["a"], [%s], %s, True, 1))  # all pixels move to ±1.5'

_CLIPPED = (
    "You clip {} to 0 and 1, as for pictures that have these bounds. Normalised pixels lie between −2.1 and 2.6, and "
    "SCHEDULE tells paint where to clip: leave it to that."
)
_LOOK_WEIGHTS = "Look at where each weight goes."
_LOOK_COST = "Look inside cost: which picture, and which layer, does each number come from?"

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "content target taken from the style",
        "The content cost draws to the style picture. Its target is the activation of the content picture.",
        _transfer(target=lambda s: at(s, s.style, s.content_layer)),
        hints.LOOK_TARGETS,
    ),
    Misunderstanding(
        "content target at a style layer",
        "The content target comes from a style layer. Take both activations at content_layer.",
        _transfer(target=lambda s: at(s, s.content, s.style_layers[0])),
        hints.LOOK_TARGETS,
    ),
    Misunderstanding(
        "style targets taken from the content",
        "The style cost draws to the content picture. Its targets are Gram matrices of the style picture.",
        _transfer(grams=lambda s: _grams(s, s.content)),
        hints.LOOK_TARGETS,
    ),
    Misunderstanding(
        "style targets without a Gram matrix",
        "The style targets are activations. style_loss wants a Gram matrix for every style layer: call gram_matrix.",
        _transfer(grams=lambda s: _grams(s, s.style, gram=tf.identity)),
        hints.LOOK_TARGETS,
    ),
    Misunderstanding(
        "style targets not normalised",
        "style_loss normalises the Gram matrices of the painted picture, and your targets are not normalised. Call "
        "gram_matrix with its default.",
        _transfer(grams=lambda s: _grams(s, s.style, gram=channel_products)),
        hints.LOOK_TARGETS,
    ),
    Misunderstanding(
        "content target taken from the painted picture",
        hints.FROM_PAINTED.format("content"),
        _transfer(content=lambda s, a: squared_distance(a, a)),
        hints.LOOK_TARGETS,
    ),
    Misunderstanding(
        "style targets taken from the painted picture",
        hints.FROM_PAINTED.format("style"),
        _transfer(style=lambda s, x: _style(s, x, _grams(s, x), s.style_weights)),
        hints.LOOK_TARGETS,
    ),
    Misunderstanding(
        "total variation of the content picture",
        "The tv cost is that of the content picture, which does not change. Smooth the picture that is painted.",
        _transfer(tv=lambda s, x: total_variation(s.content)),
        _LOOK_COST,
    ),
    Misunderstanding(
        "total variation left out",
        _TOTAL,
        _transfer(total=lambda content, style, tv: content + style),
        hints.LOOK_TOTAL,
    ),
    Misunderstanding(
        "content left out", _TOTAL, _transfer(total=lambda content, style, tv: style + tv), hints.LOOK_TOTAL
    ),
    Misunderstanding(
        "style left out", _TOTAL, _transfer(total=lambda content, style, tv: content + tv), hints.LOOK_TOTAL
    ),
    Misunderstanding(
        "content without its gradient",
        hints.GRADIENT_CUT,
        _transfer(total=lambda content, style, tv: tf.stop_gradient(content) + style + tv),
        hints.LOOK_TOTAL,
        _ALONE % (3, 0, 0),
    ),
    Misunderstanding(
        "style without its gradient",
        hints.GRADIENT_CUT,
        _transfer(total=lambda content, style, tv: content + tf.stop_gradient(style) + tv),
        hints.LOOK_TOTAL,
        _ALONE % (0, 2, 0),
    ),
    Misunderstanding(
        "tv without its gradient",
        hints.GRADIENT_CUT,
        _transfer(total=lambda content, style, tv: content + style + tf.stop_gradient(tv)),
        hints.LOOK_TOTAL,
        _ALONE % (0, 0, 5),
    ),
    Misunderstanding(
        "content and style swapped",
        "Content and style cost stand under each other's names.",
        _transfer(shown=lambda costs: costs | {"content": costs["style"], "style": costs["content"]}),
        _LOOK_COST,
    ),
    Misunderstanding(
        "weights swapped", hints.WEIGHTS_SWAPPED, _transfer(weights=lambda content, tv: (tv, content)), _LOOK_WEIGHTS
    ),
    Misunderstanding(
        "style weights reversed",
        "The style weights do not meet their layers. Keep style_layers, style_targets and style_weights in one order.",
        _transfer(style=lambda s, x: _style(s, x, s.grams, s.style_weights[::-1])),
        _LOOK_WEIGHTS,
    ),
    Misunderstanding(
        "both weights twice", _WEIGHTS_TWICE, _transfer(weights=lambda content, tv: (content**2, tv**2)), _LOOK_WEIGHTS
    ),
    Misunderstanding(
        "content weight twice", _WEIGHTS_TWICE, _transfer(weights=lambda content, tv: (content**2, tv)), _LOOK_WEIGHTS
    ),
    Misunderstanding(
        "tv weight twice", _WEIGHTS_TWICE, _transfer(weights=lambda content, tv: (content, tv**2)), _LOOK_WEIGHTS
    ),
    Misunderstanding(
        "content layer typed in",
        hints.LAYER_FIXED,
        _transfer(target=lambda s: at(s, s.content, "fire2")),
        hints.LOOK_LAYERS,
    ),
    Misunderstanding(
        "style layers typed in",
        hints.LAYER_FIXED,
        _transfer(grams=lambda s: [at(s, s.style, "relu1")]),
        hints.LOOK_LAYERS,
    ),
    Misunderstanding(
        "layer not in a list",
        hints.NOT_A_LIST.format("content_layer"),
        _transfer(target=lambda s: s.model.activations(s.content, s.content_layer)[s.content_layer]),
        hints.LOOK_LAYERS,
    ),
    Misunderstanding(
        "schedule not passed on",
        "Your picture moves by another step than SCHEDULE says, or beyond its bounds. The last line was written for "
        "you: paint(cost, start, iterations=iterations, schedule=SCHEDULE, callback=callback).",
        _transfer(step=lambda start, signs: start - 2.0 * signs),
        "Look at the line that calls paint.",
        _ALONE % (3, 0, 0),
    ),
    Misunderstanding(
        "start clipped to 0 and 1",
        _CLIPPED.format("the start"),
        _transfer(start=lambda s: _noise(s) if s.init_random else np.clip(s.content, 0, 1)),
        hints.LOOK_START,
        _FROM_THE_CONTENT,
    ),
    Misunderstanding(
        "picture clipped to 0 and 1",
        _CLIPPED.format("the picture inside cost"),
        _transfer(seen=lambda x: tf.clip_by_value(x, 0, 1)),
        _LOOK_COST,
        _FROM_THE_CONTENT,
    ),
    Misunderstanding(
        "init_random not asked",
        "Your start is the content picture although init_random is true." + _START,
        _transfer(start=lambda s: s.content),
        hints.LOOK_START,
    ),
    Misunderstanding(
        "init_random the wrong way round",
        "Your start is random just where init_random is false." + _START,
        _transfer(start=lambda s: s.content if s.init_random else _noise(s)),
        hints.LOOK_START,
    ),
    Misunderstanding(
        "always random",
        "Your start is always random." + _START,
        _transfer(start=_noise),
        hints.LOOK_START,
        _FROM_THE_CONTENT,
    ),
    Misunderstanding(
        "noise around the content",
        "Your random start still shows the content picture." + _START,
        _transfer(random=lambda s: s.content + _noise(s)),
        hints.LOOK_START,
    ),
    Misunderstanding(
        "normal noise",
        "Your random start is normally distributed." + _START,
        _transfer(random=lambda s: np.random.default_rng(s.seed).normal(size=s.content.shape)),
        hints.LOOK_START,
    ),
    Misunderstanding(
        "noise around zero",
        "Your random start goes from −1 to 1." + _START,
        _transfer(random=lambda s: 2 * _noise(s) - 1),
        hints.LOOK_START,
    ),
    Misunderstanding(
        "seed not used",
        "Your random start does not listen to seed." + _START,
        _transfer(random=lambda s: np.random.default_rng(0).uniform(0, 1, s.content.shape)),
        hints.LOOK_START,
    ),
    Misunderstanding(
        "another generator",
        "Your random start comes from another generator, so nobody gets the same picture again." + _START,
        _transfer(random=lambda s: np.random.RandomState(s.seed).uniform(0, 1, s.content.shape)),
        hints.LOOK_START,
        recognises=starts_from_other_noise,
    ),
    Misunderstanding(
        "starts from the style",
        "Your start is the style picture." + _START,
        _transfer(start=lambda s: s.style),
        hints.LOOK_START,
    ),
    Misunderstanding(
        "noise of the style's shape",
        "Your random start has the shape of the style picture." + _START,
        _transfer(random=lambda s: np.random.default_rng(s.seed).uniform(0, 1, s.style.shape)),
        hints.LOOK_START,
    ),
]

EXERCISE = Exercise(
    name="style_transfer",
    cases=cases("fast-style-transfer", "style_transfer", _ready),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property("the start is the content picture by default, and a random one that of its seed", starts),
        Property("iterations and callback are passed on", paints),
        Property("no argument is written to", spoils_nothing(*_ARGUMENTS)),
    ],
    call=_call,
    builds_on=("content_loss", "gram_matrix", "style_loss", "tv_loss"),
    advice={"start": "Your start is another one." + _START},
    look="Compare your code with the recipe above, point by point.",
    experiment=_EXPERIMENT,
)
