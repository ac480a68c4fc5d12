"""style_transfer(model, content, style, …, tv_weight, init_random=False, iterations=200, callback=None, seed=0)"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from nst.checks.by_hand import TinyNetwork
from nst.checks.calls import named_costs
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.fast_style_transfer import hints
from nst.checks.fast_style_transfer.shared import at, normalised_gram, total_variation, without_rounding
from nst.checks.outcome import Unusable, fresh
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import channel_products, parts_of, squared_distance
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


def _transfer(**wrong):
    """A style_transfer with a wrong part; s holds its arguments, then the content target and the style targets too."""
    parts = parts_of(
        wrong,
        start=lambda s: parts.random(s) if s.init_random else s.content,
        random=_noise,
        target=lambda s: at(s, s.content, s.content_layer),
        grams=lambda s: _grams(s, s.style),
        weights=lambda content, tv: (content, tv),
        content=lambda s, a: squared_distance(a, s.target),
        style=lambda s, x: _style(s, x, s.grams, s.style_weights),
        tv=lambda s, x: total_variation(x),
        total=lambda content, style, tv: content + style + tv,
        shown=lambda costs: costs,
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
            content = content_weight * parts.content(s, at(s, x, s.content_layer))
            costs = {"content": content, "style": parts.style(s, x), "tv": tv_weight * parts.tv(s, x)}
            total = parts.total(**costs)
        callback(0, parts.shown(costs) | {"total": total}, x)
        return np.clip(start - 3.0 * np.sign(tape.gradient(total, x)), -1.5, 1.5)

    return function


_TOTAL = "The total is not the sum of content, style and tv cost. What it leaves out is shown, and never improved."
_WEIGHTS_TWICE = "A weight counts twice: content_loss and tv_loss multiply by it already."
_START = " With init_random it is np.random.default_rng(seed).uniform(0, 1, content.shape), else the content picture."

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "content-target-from-style",
        "The content cost draws to the style picture. Its target is the activation of the content picture.",
        _transfer(target=lambda s: at(s, s.style, s.content_layer)),
    ),
    Misunderstanding(
        "content-target-at-a-style-layer",
        "The content target comes from a style layer. Take both activations at content_layer.",
        _transfer(target=lambda s: at(s, s.content, s.style_layers[0])),
    ),
    Misunderstanding(
        "style-targets-from-content",
        "The style cost draws to the content picture. Its targets are Gram matrices of the style picture.",
        _transfer(grams=lambda s: _grams(s, s.content)),
    ),
    Misunderstanding(
        "style-targets-without-gram",
        "The style targets are activations. style_loss wants a Gram matrix for every style layer: call gram_matrix.",
        _transfer(grams=lambda s: _grams(s, s.style, gram=tf.identity)),
    ),
    Misunderstanding(
        "style-targets-not-normalised",
        "style_loss normalises the Gram matrices of the painted picture, and your targets are not normalised. Call "
        "gram_matrix with its default.",
        _transfer(grams=lambda s: _grams(s, s.style, gram=channel_products)),
    ),
    Misunderstanding(
        "content-target-from-the-painted-picture",
        hints.FROM_PAINTED.format("content"),
        _transfer(content=lambda s, a: squared_distance(a, a)),
    ),
    Misunderstanding(
        "style-targets-from-the-painted-picture",
        hints.FROM_PAINTED.format("style"),
        _transfer(style=lambda s, x: _style(s, x, _grams(s, x), s.style_weights)),
    ),
    Misunderstanding(
        "tv-of-the-content",
        "The tv cost is that of the content picture, which does not change. Smooth the picture that is painted.",
        _transfer(tv=lambda s, x: total_variation(s.content)),
    ),
    Misunderstanding("tv-left-out", _TOTAL, _transfer(total=lambda content, style, tv: content + style)),
    Misunderstanding("content-left-out", _TOTAL, _transfer(total=lambda content, style, tv: style + tv)),
    Misunderstanding("style-left-out", _TOTAL, _transfer(total=lambda content, style, tv: content + tv)),
    Misunderstanding(
        "content-without-its-gradient",
        hints.GRADIENT_CUT,
        _transfer(total=lambda content, style, tv: tf.stop_gradient(content) + style + tv),
    ),
    Misunderstanding(
        "style-without-its-gradient",
        hints.GRADIENT_CUT,
        _transfer(total=lambda content, style, tv: content + tf.stop_gradient(style) + tv),
    ),
    Misunderstanding(
        "tv-without-its-gradient",
        hints.GRADIENT_CUT,
        _transfer(total=lambda content, style, tv: content + style + tf.stop_gradient(tv)),
    ),
    Misunderstanding(
        "content-and-style-swapped",
        "Content and style cost stand under each other's names.",
        _transfer(shown=lambda costs: costs | {"content": costs["style"], "style": costs["content"]}),
    ),
    Misunderstanding("weights-swapped", hints.WEIGHTS_SWAPPED, _transfer(weights=lambda content, tv: (tv, content))),
    Misunderstanding(
        "style-weights-reversed",
        "The style weights do not meet their layers. Keep style_layers, style_targets and style_weights in one order.",
        _transfer(style=lambda s, x: _style(s, x, s.grams, s.style_weights[::-1])),
    ),
    Misunderstanding("weights-twice", _WEIGHTS_TWICE, _transfer(weights=lambda content, tv: (content**2, tv**2))),
    Misunderstanding("content-weight-twice", _WEIGHTS_TWICE, _transfer(weights=lambda content, tv: (content**2, tv))),
    Misunderstanding("tv-weight-twice", _WEIGHTS_TWICE, _transfer(weights=lambda content, tv: (content, tv**2))),
    Misunderstanding(
        "content-layer-hard-coded", hints.LAYER_FIXED, _transfer(target=lambda s: at(s, s.content, "fire2"))
    ),
    Misunderstanding(
        "style-layers-hard-coded", hints.LAYER_FIXED, _transfer(grams=lambda s: [at(s, s.style, "relu1")])
    ),
    Misunderstanding(
        "layer-not-in-a-list",
        hints.NOT_A_LIST.format("content_layer"),
        _transfer(target=lambda s: s.model.activations(s.content, s.content_layer)[s.content_layer]),
    ),
    Misunderstanding(
        "init-random-ignored",
        "Your start is the content picture although init_random is true." + _START,
        _transfer(start=lambda s: s.content),
    ),
    Misunderstanding(
        "init-random-reversed",
        "Your start is random just where init_random is false." + _START,
        _transfer(start=lambda s: s.content if s.init_random else _noise(s)),
    ),
    Misunderstanding("always-random", "Your start is always random." + _START, _transfer(start=_noise)),
    Misunderstanding(
        "noise-around-the-content",
        "Your random start still shows the content picture." + _START,
        _transfer(random=lambda s: s.content + _noise(s)),
    ),
    Misunderstanding(
        "normal-noise",
        "Your random start is normally distributed." + _START,
        _transfer(random=lambda s: np.random.default_rng(s.seed).normal(size=s.content.shape)),
    ),
    Misunderstanding(
        "noise-around-zero",
        "Your random start goes from −1 to 1." + _START,
        _transfer(random=lambda s: 2 * _noise(s) - 1),
    ),
    Misunderstanding(
        "seed-ignored",
        "Your random start does not listen to seed." + _START,
        _transfer(random=lambda s: np.random.default_rng(0).uniform(0, 1, s.content.shape)),
    ),
    Misunderstanding(
        "older-generator",
        "Your random start comes from another generator, so nobody gets the same picture again." + _START,
        _transfer(random=lambda s: np.random.RandomState(s.seed).uniform(0, 1, s.content.shape)),
    ),
    Misunderstanding(
        "starts-from-the-style", "Your start is the style picture." + _START, _transfer(start=lambda s: s.style)
    ),
    Misunderstanding(
        "noise-of-the-style-shape",
        "Your random start has the shape of the style picture." + _START,
        _transfer(random=lambda s: np.random.default_rng(s.seed).uniform(0, 1, s.style.shape)),
    ),
]


def _starts(exercise, function):
    case = exercise.cases[-1]

    def start(seed):
        return np.array(function(*fresh(list(case.inputs)), init_random=True, iterations=0, seed=seed))

    by_default = np.array(function(*fresh(list(case.inputs)), iterations=0))
    if not np.array_equal(by_default, np.float32(case.inputs[1])):
        raise AssertionError(
            "Unless init_random is asked for, the start should be the content picture.\n"
            "The signature was written for you with init_random=False and seed=0: put these defaults back."
        )
    unseeded = np.array(function(*fresh(list(case.inputs)), iterations=0, init_random=True))
    first, second = start(1), start(2)
    if np.array_equal(first, second) or not np.array_equal(first, start(1)) or not np.array_equal(unseeded, start(0)):
        raise AssertionError(
            "The random start should be the same for the same seed, and another for another seed; by default the seed "
            "is 0.\nMake it with np.random.default_rng(seed), anew in every call."
        )


def _paints(exercise, function):
    case = exercise.cases[0]
    inputs = fresh(list(case.inputs))
    numbers, pictures = [], []

    def callback(i, costs, picture):
        numbers.append(int(i))
        pictures.append(np.array(picture))

    picture = function(*inputs, iterations=3, callback=callback, **case.options)
    if numbers != [0, 1, 2] or not np.array_equal(pictures[-1], picture):
        raise AssertionError(
            f"style_transfer should paint 3 iterations when iterations=3, call callback after each of them, and return "
            f"what paint returns; callback came {len(numbers)} times.\n"
            "Pass iterations and callback on to paint as they are."
        )
    if np.max(np.abs(pictures)) > 1.5:
        raise AssertionError("Until iteration 180 the pixels stay within ±1.5: pass SCHEDULE on to paint.")


EXERCISE = Exercise(
    name="style_transfer",
    cases=cases("fast-style-transfer", "style_transfer", _ready),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property("the start is the content picture by default, and a random one that of its seed", _starts),
        Property("iterations and callback are passed on", _paints),
        Property("no argument is written to", spoils_nothing(*_ARGUMENTS)),
    ],
    call=_call,
    builds_on=("content_loss", "gram_matrix", "style_loss", "tv_loss"),
    advice={"start": "Your start is another one." + _START},
)
