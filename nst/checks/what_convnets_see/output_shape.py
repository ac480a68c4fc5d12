"""output_shape(input_shape, filter_shape, filters, stride=1, padding=0)"""

import math
from dataclasses import replace

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, cases
from nst.checks.looks import with_looks
from nst.checks.outcome import Unusable, observe
from nst.checks.wrong_versions import composable, is_right, other_defaults, parts_of, returns
from nst.quiet import tf


@composable
def _shape(**wrong):
    """An output_shape with a wrong part: axes that the filter slides along, positions on an axis, what comes last.

    Positions are counted on the axis' length with its padding; `positions` stands for both steps.
    """
    parts = parts_of(
        wrong,
        axes=lambda input_shape, filter_shape: zip(input_shape[:-1], filter_shape[:-1], strict=True),
        length=lambda n, p: n + 2 * p,
        count=lambda n, f, s: (n - f) // s + 1,
        positions=None,
        last=lambda input_shape, filters: (filters,),
        finish=lambda positions, last: positions + last,
        defaults=(1, 0),
    )

    def function(input_shape, filter_shape, filters, stride=parts.defaults[0], padding=parts.defaults[1]):
        axes = parts.axes(input_shape, filter_shape)
        positions = parts.positions or (lambda n, f, s, p: parts.count(parts.length(n, p), f, s))
        positions = tuple(positions(n, f, stride, padding) for n, f in axes)
        return parts.finish(positions, parts.last(input_shape, filters))

    return function


_ROUND_DOWN = "A filter that does not fit any more is left out, so the division rounds down. "
_LAST_IS_FILTERS = "The last entry of the result is the number of filters: every filter gives one channel. "

_LOOKS = {
    "axes": "Look at which axes the filter slides along.",
    "length": "Look at how long an axis is with its padding.",
    "count": "Look at how you count the positions on one axis, and try it on a short one with a pencil.",
    "positions": "Look at your rule for one axis, and try it on a short one with a pencil.",
    "last": "Look at the last entry of your result.",
    "finish": "Look at the order of the entries in your result.",
}
_EXPERIMENT = """\
# (7 + 2 − 4) // 2 + 1 = 3 positions down, (8 + 2 − 2) // 2 + 1 = 5 across
print(output_shape((7, 8, 3), (4, 2, 3), 6, stride=2, padding=1))  # (3, 5, 6)"""
_BY_DEFAULT = """\
# stride 1 and padding 0: 9 − 4 + 1 = 6 positions
print(output_shape((9, 3), (4, 3), 5))  # (6, 5)"""


def _is_right_in_pytorchs_order(exercise, outcome, function):
    """Is it right where the channels come first, before the positions or before the filter's sizes?"""

    def channels_first(*inputs, **options):
        input_shape, filter_shape, filters = inputs
        shape = function(*(shape[-1:] + shape[:-1] for shape in (input_shape, filter_shape)), filters, **options)
        return [*shape[1:], shape[0]] if shape[0] == filters else shape

    return all(is_right(case, observe(exercise, channels_first, case.inputs, case.options)) for case in exercise.cases)


_MISUNDERSTANDINGS = [
    Misunderstanding(
        "padding once",
        "The padding counts once in your rule. It is laid on both ends of every axis, so each axis grows by 2p.",
        _shape(length=lambda n, p: n + p),
    ),
    Misunderstanding(
        "plus one left out",
        "You count steps. There is one position more than there are steps between positions: add 1 at the end.",
        _shape(count=lambda n, f, s: (n - f) // s),
    ),
    Misunderstanding(
        "plus one divided",
        "Your + 1 stands under the fraction, so the stride divides it too. Divide first, then add 1.",
        _shape(count=lambda n, f, s: (n - f + 1) // s),
    ),
    Misunderstanding(
        "rounded up",
        _ROUND_DOWN + "Yours rounds up, and the last filter would stick out.",
        _shape(count=lambda n, f, s: math.ceil((n - f) / s) + 1),
    ),
    Misunderstanding(
        "not rounded",
        "A number of positions is a whole number. " + _ROUND_DOWN + "Write // for /.",
        _shape(count=lambda n, f, s: (n - f) / s + 1),
    ),
    Misunderstanding(
        "stride ignored",
        "Your shape does not listen to the stride. The filter moves on by s entries at a time, so divide by s.",
        _shape(count=lambda n, f, s: n - f + 1),
    ),
    Misunderstanding(
        "padding ignored",
        "Your shape does not listen to the padding. It makes every axis longer by p at each end before the filter "
        "slides.",
        _shape(length=lambda n, p: n),
    ),
    Misunderstanding(
        "padding added to the result",
        "You add the padding to the result. The padding belongs to the input: the filter slides over it as well, in "
        "steps of s. Pad first, then divide.",
        _shape(positions=lambda n, f, s, p: (n - f) // s + 1 + 2 * p),
    ),
    Misunderstanding(
        "filter size ignored",
        "Your shape is that of SAME padding, n over s, whatever the filter. Here the padding is a number, and the "
        "filter's size f counts.",
        _shape(positions=lambda n, f, s, p: math.ceil(n / s)),
    ),
    Misunderstanding(
        "filter subtracted twice",
        "You take off f at both ends. A filter as long as the axis still has one position: take off f once.",
        _shape(count=lambda n, f, s: (n - 2 * f) // s + 1),
    ),
    Misunderstanding(
        "channels kept",
        _LAST_IS_FILTERS + "The channels of the input are summed up by each of them.",
        _shape(last=lambda input_shape, filters: (input_shape[-1],)),
    ),
    Misunderstanding(
        "channels times filters",
        _LAST_IS_FILTERS + "It adds up over all channels of the input, so these do not multiply.",
        _shape(last=lambda input_shape, filters: (input_shape[-1] * filters,)),
    ),
    Misunderstanding(
        "filters left out",
        _LAST_IS_FILTERS + "Yours has the positions alone.",
        _shape(last=lambda input_shape, filters: ()),
    ),
    Misunderstanding(
        "always one filter",
        _LAST_IS_FILTERS + "Yours is always 1.",
        _shape(last=lambda input_shape, filters: (1,)),
    ),
    Misunderstanding(
        "channels kept beside the filters",
        _LAST_IS_FILTERS + "Yours keeps the channels of the input as well.",
        _shape(last=lambda input_shape, filters: (input_shape[-1], filters)),
    ),
    Misunderstanding(
        "slid over channels",
        "You let the filter slide along the channels too. It has all of them at once, so only the axes of positions "
        "have a number of positions.",
        _shape(axes=lambda input_shape, filter_shape: zip(input_shape, filter_shape, strict=True)),
    ),
    Misunderstanding(
        "filters first, as in PyTorch",
        "The number of filters comes last, as TensorFlow has it. Yours comes first, which is PyTorch's order.",
        _shape(finish=lambda positions, last: last + positions),
    ),
    Misunderstanding(
        "first axis for all",
        "Every axis has the length of the first in your result. Axes may differ: apply the rule to each.",
        _shape(finish=lambda positions, last: positions[:1] * len(positions) + last),
    ),
    Misunderstanding(
        "channels first, as in PyTorch",
        "You take the first entry for the channels, as PyTorch has them. In TensorFlow the channels come last: the "
        "axes of positions are input_shape[:-1].",
        _shape(axes=lambda input_shape, filter_shape: zip(input_shape[1:], filter_shape[1:], strict=True)),
        recognises=_is_right_in_pytorchs_order,
    ),
    Misunderstanding(
        "batch in front",
        "Your result has an entry too many in front. There is no batch here: begin with the positions.",
        _shape(finish=lambda positions, last: (1, *positions, *last)),
    ),
    other_defaults(_shape(defaults=(2, 1)), _BY_DEFAULT, stride=1, padding=0),
    returns((10, 10, 16)),
]


def _call(function, *inputs, **options):
    shape = function(*inputs, **options)
    if shape is None:
        return None
    if not isinstance(shape, (tuple, list, np.ndarray, tf.TensorShape)):
        raise Unusable(f"returns {_kind(shape)}; expected was a tuple of whole numbers.")
    shape = [size.item() if isinstance(size, (np.generic, np.ndarray)) and size.ndim == 0 else size for size in shape]
    if not all(isinstance(size, int) for size in shape):
        raise Unusable(f"returns {_in_words(shape)}; expected was a tuple of whole numbers.")
    if len(shape) != len(inputs[0]):
        raise Unusable(
            f"returns {_in_words(shape)}; expected was one size for every axis of positions, then one for the channels."
        )
    return np.array(shape)


def _kind(value):
    return f"something of the type {type(value).__name__}"


def _in_words(sizes):
    return f"({', '.join(str(size) for size in sizes)}{',' * (len(sizes) == 1)})"


def _ready(case):
    input_shape, filter_shape, filters = case.inputs
    shapes = (tuple(map(int, shape)) for shape in (input_shape, filter_shape))
    return replace(case, inputs=(*shapes, filters), expected={"shape": case.expected["shape"].astype(int)})


EXERCISE = Exercise(
    name="output_shape",
    cases=cases("what-convnets-see", "output_shape", _ready),
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    call=_call,
    look="Look at your rule for one axis, and at what comes last.",
    experiment=_EXPERIMENT,
)
