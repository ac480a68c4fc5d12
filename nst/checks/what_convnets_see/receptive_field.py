"""receptive_field(layers)"""

import math
from dataclasses import replace

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.looks import with_looks
from nst.checks.outcome import observe
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import composable, parts_of, returns


@composable
def _field(**wrong):
    """A receptive_field with a wrong part: where it starts, how a layer changes size and jump, what is returned."""
    parts = parts_of(
        wrong,
        order=lambda layers: layers,
        start=1,
        grow=lambda size, k, s, jump, before: size + (k - 1) * jump,
        step=lambda jump, s: jump * s,
        finish=lambda size, jump, layers: (size, jump),
    )

    def function(layers):
        size, jump, before = parts.start, 1, 1
        for k, s in parts.order(layers):
            size, jump, before = parts.grow(size, k, s, jump, before), parts.step(jump, s), s
        return parts.finish(size, jump, layers)

    return function


_WINDOW = "A layer of kernel size k adds k − 1 neighbours, each `jump` pixels further. "
_JUMP = "jump is the product of all strides, the last layer's too. "

_LOOKS = {
    "order": "Look at how you go through the layers, and how you unpack one.",
    "start": "Look at the numbers that you begin with.",
    "grow": "Look at the line that makes the size larger, and at the jump that it uses.",
    "step": "Look at the line that makes the jump larger.",
    "finish": "Look at what you return, and where it comes from.",
}
_EXPERIMENT = """\
# size 1, then + 1·1 = 2 and jump 3, then + 4·3 = 14 and jump 6, then + 2·6 = 26 and jump 12
print(receptive_field([(2, 3), (5, 2), (3, 2)]))  # (26, 12)"""

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "product of the kernel sizes",
        "You multiply kernel sizes. Windows overlap, so they grow by addition: each layer adds (k − 1) · jump.",
        _field(finish=lambda size, jump, layers: (math.prod(k for k, _ in layers), jump)),
    ),
    Misunderstanding(
        "sum of the kernel sizes",
        "You add up kernel sizes. Each layer adds (k − 1) · jump to what there was.",
        _field(finish=lambda size, jump, layers: (sum(k for k, _ in layers), jump)),
    ),
    Misunderstanding(
        "jump left out of the window",
        _WINDOW + "You leave the jump out. After a stride, neighbours are further apart.",
        _field(grow=lambda size, k, s, jump, before: size + k - 1),
    ),
    Misunderstanding(
        "own stride used too early",
        "You multiply the jump by a layer's stride before its window grows. A stride moves the layer's output; its "
        "kernel still lies on the input. Grow first, then multiply.",
        _field(grow=lambda size, k, s, jump, before: size + (k - 1) * jump * s),
    ),
    Misunderstanding(
        "strides of later layers used",
        "Strides of later layers make your early windows larger. A layer only knows the strides below it.",
        _field(finish=lambda size, jump, layers: (1 + sum((k - 1) * jump for k, _ in layers), jump)),
    ),
    Misunderstanding(
        "only the stride of the layer before",
        "Your jump knows the stride of the layer before, and forgets the earlier ones. Strides multiply.",
        _field(grow=lambda size, k, s, jump, before: size + (k - 1) * before),
    ),
    Misunderstanding(
        "whole kernel added",
        _WINDOW + "You add k. The pixel in the middle was there already.",
        _field(grow=lambda size, k, s, jump, before: size + k * jump),
    ),
    Misunderstanding(
        "size begins at zero",
        "Your size is one too small. Without any layer a position sees one pixel: begin with 1.",
        _field(start=0),
    ),
    Misunderstanding(
        "neighbours on one side only",
        _WINDOW + "You count those on one side of the middle alone.",
        _field(grow=lambda size, k, s, jump, before: size + k // 2 * jump),
    ),
    Misunderstanding(
        "even kernels taken as odd",
        _WINDOW + "You count the same number on both sides of the middle, but an even kernel has no middle.",
        _field(grow=lambda size, k, s, jump, before: size + k // 2 * 2 * jump),
    ),
    Misunderstanding(
        "begun at the last layer",
        "You go through the layers from the last to the first, with a rule that begins at the picture.",
        _field(order=lambda layers: layers[::-1]),
    ),
    Misunderstanding(
        "strides added",
        _JUMP + "You add them up.",
        _field(step=lambda jump, s: jump + s),
    ),
    Misunderstanding(
        "strides less one added",
        _JUMP + "You add up how much each is above 1.",
        _field(step=lambda jump, s: jump + s - 1),
    ),
    Misunderstanding(
        "last stride as jump",
        _JUMP + "Yours is the last one alone.",
        _field(finish=lambda size, jump, layers: (size, layers[-1][1])),
    ),
    Misunderstanding(
        "stride of the last layer left out",
        _JUMP + "You leave that one out.",
        _field(finish=lambda size, jump, layers: (size, math.prod(s for _, s in layers[:-1]))),
    ),
    Misunderstanding(
        "kernels and strides swapped",
        "You take a layer's stride for its kernel size. Every layer is (kernel size, stride).",
        _field(order=lambda layers: [(s, k) for k, s in layers]),
    ),
    Misunderstanding(
        "size and jump swapped",
        "Size and jump stand in each other's place: return size, jump.",
        _field(finish=lambda size, jump, layers: (jump, size)),
    ),
    Misunderstanding(
        "size alone",
        "You return the size alone. Return the pair size, jump.",
        _field(finish=lambda size, jump, layers: size),
    ),
    returns(10, 2),
]


def _no_layer_is_one_pixel(exercise, function):
    outcome = observe(exercise, function, ([],), {})
    if isinstance(outcome, Exception) or [int(value) for value in outcome] != [1, 1]:
        raise AssertionError(
            "receptive_field([]) should be (1, 1): without any layer a position is a pixel, and its neighbour the next."
        )


def _ready(case):
    return replace(case, inputs=([tuple(map(int, layer)) for layer in case.inputs[0]],))


EXERCISE = Exercise(
    name="receptive_field",
    cases=cases("what-convnets-see", "receptive_field", _ready),
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[
        Property("without any layer a position sees one pixel", _no_layer_is_one_pixel, own_inputs=True),
        Property("the list of layers is not written to", spoils_nothing("layers")),
    ],
    look="Take two layers, and follow size and jump with a pencil, line by line.",
    experiment=_EXPERIMENT,
)
