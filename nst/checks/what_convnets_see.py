"""The exercises of what-convnets-see: `check(function)`, and `compare(function, …)` for hidden tests.

No solution is written here: what is right comes from the stored reference, or from the caller of `compare`. What the
wrong functions share is no function before one of its parts is wrong.
"""

import math
from dataclasses import replace

import numpy as np

from nst.checks.engine import Unusable, check_function, compare_function, find_problem, fresh, observe
from nst.checks.exercise import Exercise, Misunderstanding, Property, load_reference
from nst.checks.tiny_network import TinyNetwork
from nst.checks.wrong_versions import parts_of, returns
from nst.quiet import tf

_REFERENCE = load_reference("what-convnets-see")


def check(function):
    """Hold one of your functions against its stored reference and its properties.

    function: output_shape, convolve_1d, receptive_field, strongest or unit_cost, under that name. Prints your value
    beside the reference; raises AssertionError with a hint where something is not right.
    """
    check_function(EXERCISES, function)


def compare(function, *inputs, expected, **options):
    """Hold a function against `expected` on inputs of your own, for hidden tests; the message never tells `expected`.

    The inputs stand in the order of the function's arguments, options by keyword. NumPy arrays of float64 become
    float32. Every run gets fresh copies.

    compare(output_shape, input_shape, filter_shape, filters, stride=2, padding=1, expected=tuple of ints)
    compare(convolve_1d, signal, kernels, stride=2, padding=1, expected=array of shape (positions, filters))
    compare(receptive_field, layers, expected=(size, jump))
    compare(strongest, activation, count, expected=list of (picture, row, column))
    compare(unit_cost, model, layer, channel, tv_weight, picture, expected=(unit, tv, total))

    The function that unit_cost returns is run on picture, and held to its gradient too; a `SmallNetwork` makes a model
    you can compute by hand. Raises AssertionError on a mismatch, with the hint of the misunderstanding that gives the
    same result.
    """
    compare_function(EXERCISES, function, *inputs, expected=expected, **options)


class SmallNetwork(TinyNetwork):
    """A TinyNetwork that takes a single name for a list of one, and holds a picture of its own, as nst_utils' VGG does.

    kernels: see TinyNetwork.
    """

    def activations(self, picture, names):
        """A dict from each of `names`, or the one name, to its activation for the picture."""
        return super().activations(picture, [names] if isinstance(names, str) else names)

    def __getitem__(self, layer):
        """The activation of the picture that the model holds, which is grey."""
        return self.activations(tf.ones([1, 4, 4, 3]), [layer])[layer]


# output_shape(input_shape, filter_shape, filters, stride=1, padding=0)


def _shape(**wrong):
    """An output_shape with a wrong part: axes that the filter slides along, positions on an axis, what comes last."""
    parts = parts_of(
        wrong,
        axes=lambda input_shape, filter_shape: zip(input_shape[:-1], filter_shape[:-1], strict=True),
        positions=lambda n, f, s, p: (n + 2 * p - f) // s + 1,
        last=lambda input_shape, filters: (filters,),
        finish=lambda positions, last: positions + last,
    )

    def function(input_shape, filter_shape, filters, stride=1, padding=0):
        axes = parts.axes(input_shape, filter_shape)
        positions = tuple(parts.positions(n, f, stride, padding) for n, f in axes)
        return parts.finish(positions, parts.last(input_shape, filters))

    return function


_ROUND_DOWN = "A filter that does not fit any more is left out, so the division rounds down: "
_LAST_IS_FILTERS = "The last entry of the result is the number of filters: every filter gives one channel. "

OUTPUT_SHAPE = [
    Misunderstanding(
        "padding-once",
        "The padding counts once in your rule. It is laid on both ends of every axis, so each axis grows by 2p.",
        _shape(positions=lambda n, f, s, p: (n + p - f) // s + 1),
    ),
    Misunderstanding(
        "no-plus-one",
        "You count steps. There is one position more than there are steps between positions: add 1 at the end.",
        _shape(positions=lambda n, f, s, p: (n + 2 * p - f) // s),
    ),
    Misunderstanding(
        "plus-one-divided",
        "Your + 1 stands under the fraction, so the stride divides it too. Divide first, then add 1.",
        _shape(positions=lambda n, f, s, p: (n + 2 * p - f + 1) // s),
    ),
    Misunderstanding(
        "rounded-up",
        _ROUND_DOWN + "yours rounds up, and the last filter would stick out.",
        _shape(positions=lambda n, f, s, p: math.ceil((n + 2 * p - f) / s) + 1),
    ),
    Misunderstanding(
        "not-rounded",
        "A number of positions is a whole number. " + _ROUND_DOWN + "write // for /.",
        _shape(positions=lambda n, f, s, p: (n + 2 * p - f) / s + 1),
    ),
    Misunderstanding(
        "stride-ignored",
        "Your shape does not listen to the stride. The filter moves on by s entries at a time, so divide by s.",
        _shape(positions=lambda n, f, s, p: n + 2 * p - f + 1),
    ),
    Misunderstanding(
        "padding-ignored",
        "Your shape does not listen to the padding. It makes every axis longer by p at each end before the filter "
        "slides.",
        _shape(positions=lambda n, f, s, p: (n - f) // s + 1),
    ),
    Misunderstanding(
        "stride-before-padding",
        "You add the padding to the result. The padding belongs to the input: the filter slides over it as well, in "
        "steps of s. Pad first, then divide.",
        _shape(positions=lambda n, f, s, p: (n - f) // s + 1 + 2 * p),
    ),
    Misunderstanding(
        "filter-size-ignored",
        "Your shape is that of SAME padding, n over s, whatever the filter. Here the padding is a number, and the "
        "filter's size f counts.",
        _shape(positions=lambda n, f, s, p: math.ceil(n / s)),
    ),
    Misunderstanding(
        "filter-subtracted-twice",
        "You take off f at both ends. A filter as long as the axis still has one position: take off f once.",
        _shape(positions=lambda n, f, s, p: (n + 2 * p - 2 * f) // s + 1),
    ),
    Misunderstanding(
        "channels-kept",
        _LAST_IS_FILTERS + "The channels of the input are summed up by each of them.",
        _shape(last=lambda input_shape, filters: (input_shape[-1],)),
    ),
    Misunderstanding(
        "channels-times-filters",
        _LAST_IS_FILTERS + "It adds up over all channels of the input, so these do not multiply.",
        _shape(last=lambda input_shape, filters: (input_shape[-1] * filters,)),
    ),
    Misunderstanding(
        "filters-forgotten",
        _LAST_IS_FILTERS + "Yours has the positions alone.",
        _shape(last=lambda input_shape, filters: ()),
    ),
    Misunderstanding(
        "one-filter",
        _LAST_IS_FILTERS + "Yours is always 1.",
        _shape(last=lambda input_shape, filters: (1,)),
    ),
    Misunderstanding(
        "channels-and-filters",
        _LAST_IS_FILTERS + "Yours keeps the channels of the input beside it.",
        _shape(last=lambda input_shape, filters: (input_shape[-1], filters)),
    ),
    Misunderstanding(
        "slid-over-channels",
        "You let the filter slide along the channels too. It has all of them at once, so only the axes of positions "
        "have a number of positions.",
        _shape(axes=lambda input_shape, filter_shape: zip(input_shape, filter_shape, strict=True)),
    ),
    Misunderstanding(
        "filters-first",
        "The number of filters comes last, as TensorFlow has it. Yours comes first, which is PyTorch's order.",
        _shape(finish=lambda positions, last: last + positions),
    ),
    Misunderstanding(
        "first-axis-for-all",
        "Every axis has the length of the first in your result. Axes may differ: apply the rule to each.",
        _shape(finish=lambda positions, last: positions[:1] * len(positions) + last),
    ),
    returns((10, 10, 16)),
]


def _call_output_shape(function, *inputs, **options):
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


# convolve_1d(signal, kernels, stride=1, padding=0)


def _convolution(**wrong):
    """A convolve_1d with a wrong part: padding, filters, where windows start, what they hold and give, the result."""
    parts = parts_of(
        wrong,
        pad=lambda signal, padding: np.pad(signal, ((padding, padding), (0, 0))),
        prepare=lambda kernels: kernels,
        starts=lambda n, f, s: range(0, n - f + 1, s),
        window=lambda x, at, f, s: x[at : at + f],
        combine=lambda window, kernels: np.einsum("jc,jck->k", window, kernels),
        finish=np.stack,
    )

    def function(signal, kernels, stride=1, padding=0):
        x, kernels = parts.pad(signal, padding), parts.prepare(kernels)
        f = len(kernels)
        return parts.finish(
            [parts.combine(parts.window(x, at, f, stride), kernels) for at in parts.starts(len(x), f, stride)]
        )

    return function


_ZEROS = "Beyond both ends there are zeros, `padding` of them at each: "
_STEPS = "The filter moves on by `stride` entries at a time, from the first: "
_FILTERS_APART = "Every filter gives a channel of its own, so the result is (positions, filters). "

CONVOLVE_1D = [
    Misunderstanding(
        "kernel-flipped",
        "You flip the kernel, as mathematics and np.convolve do. Deep learning leaves it as it is: its convolution is "
        "strictly a cross-correlation. The first entry of a kernel meets the first of the window.",
        _convolution(prepare=lambda kernels: kernels[::-1]),
    ),
    Misunderstanding(
        "kernel-flipped-everywhere",
        "You flip the kernel along every axis, so filters and channels change places. Leave it as it is.",
        _convolution(prepare=lambda kernels: kernels[::-1, ::-1, ::-1]),
    ),
    Misunderstanding(
        "stride-ignored",
        _STEPS + "yours always by 1.",
        _convolution(starts=lambda n, f, s: range(0, n - f + 1)),
    ),
    Misunderstanding(
        "stride-in-the-signal",
        _STEPS + "yours drops entries of the signal first, so the filter never sees them. Inside a window nothing is "
        "left out.",
        _convolution(
            starts=lambda n, f, s: range(0, n - s * (f - 1), s), window=lambda x, at, f, s: x[at : at + s * f : s][:f]
        ),
    ),
    Misunderstanding(
        "stride-inside-the-window",
        "You spread the filter out: its entries meet every stride-th of the signal. That is dilation. The stride moves "
        "the whole filter.",
        _convolution(
            starts=lambda n, f, s: range(n - s * (f - 1)), window=lambda x, at, f, s: x[at : at + s * f : s][:f]
        ),
    ),
    Misunderstanding(
        "stride-from-the-second",
        _STEPS + "yours skips the position at the very beginning.",
        _convolution(starts=lambda n, f, s: range(s - 1, n - f + 1, s)),
    ),
    Misunderstanding(
        "last-position-missing",
        "The last position is missing: a filter of f entries fits at n − f too. range stops one before its end.",
        _convolution(starts=lambda n, f, s: range(0, n - f, s)),
    ),
    Misunderstanding(
        "padding-ignored",
        _ZEROS + "yours has none.",
        _convolution(pad=lambda signal, padding: signal),
    ),
    Misunderstanding(
        "padding-at-the-beginning",
        _ZEROS + "yours has them at the beginning alone.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding, 0), (0, 0)))),
    ),
    Misunderstanding(
        "padding-at-the-end",
        _ZEROS + "yours has them at the end alone.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((0, padding), (0, 0)))),
    ),
    Misunderstanding(
        "padding-halved",
        _ZEROS + "you share them between both ends.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding // 2, padding - padding // 2), (0, 0)))),
    ),
    Misunderstanding(
        "padding-on-channels",
        "np.pad with a single number pads the axis of channels too. Say both axes: ((padding, padding), (0, 0)).",
        _convolution(pad=np.pad),
    ),
    Misunderstanding(
        "edge-repeated",
        _ZEROS + "yours repeats the first and the last entry.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding, padding), (0, 0)), mode="edge")),
    ),
    Misunderstanding(
        "edge-mirrored",
        _ZEROS + "yours mirrors the signal there.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding, padding), (0, 0)), mode="reflect")),
    ),
    Misunderstanding(
        "wraps-around",
        _ZEROS + "yours goes on with the other end of the signal.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding, padding), (0, 0)), mode="wrap")),
    ),
    Misunderstanding(
        "first-channel-only",
        "You look at the first channel of the signal. A filter has an entry for every channel: add them all up.",
        _convolution(combine=lambda window, kernels: window[:, 0] @ kernels[:, 0]),
    ),
    Misunderstanding(
        "last-channel-only",
        "Only the last channel is in your sums: the others were overwritten. Add up with +=.",
        _convolution(combine=lambda window, kernels: window[:, -1] @ kernels[:, -1]),
    ),
    Misunderstanding(
        "channels-averaged",
        "You take a mean over channels. A convolution is a plain sum, over the window and over the channels.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->k", window, kernels) / window.shape[1]),
    ),
    Misunderstanding(
        "averaged",
        "You take a mean over the window. A convolution is a plain sum of products.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->k", window, kernels) / window.size),
    ),
    Misunderstanding(
        "channels-kept",
        "Your channels stay apart. A filter adds up over all channels of its window, to one number.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->ck", window, kernels)),
    ),
    Misunderstanding(
        "filters-summed",
        _FILTERS_APART + "You add the filters up.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->", window, kernels)),
    ),
    Misunderstanding(
        "filters-summed-and-kept",
        _FILTERS_APART + "You add the filters up.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->", window, kernels)[None]),
    ),
    Misunderstanding(
        "first-filter-only",
        _FILTERS_APART + "Yours has that of the first filter alone.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->k", window, kernels)[:1]),
    ),
    Misunderstanding(
        "filters-first",
        "Your result lies on its side: it is (positions, filters), with the channels last as in the signal.",
        _convolution(finish=lambda sums: np.stack(sums, axis=1)),
    ),
    Misunderstanding(
        "not-summed",
        "You have the products. Add up those of a window.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->jck", window, kernels)),
    ),
    returns(np.array([[3.0], [1.0], [-4.0]], np.float32)),
]


# receptive_field(layers)


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


_WINDOW = "A layer of kernel size k adds k − 1 neighbours, each `jump` pixels further: "
_JUMP = "jump is the product of all strides, the last layer's too: "

RECEPTIVE_FIELD = [
    Misunderstanding(
        "product-of-kernels",
        "You multiply kernel sizes. Windows overlap, so they grow by addition: each layer adds (k − 1) · jump.",
        _field(finish=lambda size, jump, layers: (math.prod(k for k, _ in layers), jump)),
    ),
    Misunderstanding(
        "sum-of-kernels",
        "You add up kernel sizes. Each layer adds (k − 1) · jump to what there was.",
        _field(finish=lambda size, jump, layers: (sum(k for k, _ in layers), jump)),
    ),
    Misunderstanding(
        "strides-ignored",
        _WINDOW + "you leave the jump out. After a stride, neighbours are further apart.",
        _field(grow=lambda size, k, s, jump, before: size + k - 1),
    ),
    Misunderstanding(
        "own-stride-too-early",
        "You multiply the jump by a layer's stride before its window grows. A stride moves the layer's output; its "
        "kernel still lies on the input. Grow first, then multiply.",
        _field(grow=lambda size, k, s, jump, before: size + (k - 1) * jump * s),
    ),
    Misunderstanding(
        "later-strides-used",
        "Strides of later layers make your early windows larger. A layer only knows the strides below it.",
        _field(finish=lambda size, jump, layers: (1 + sum((k - 1) * jump for k, _ in layers), jump)),
    ),
    Misunderstanding(
        "only-the-stride-before",
        "Your jump knows the stride of the layer before, and forgets the earlier ones. Strides multiply.",
        _field(grow=lambda size, k, s, jump, before: size + (k - 1) * before),
    ),
    Misunderstanding(
        "kernel-not-less-one",
        _WINDOW + "you add k. The pixel in the middle was there already.",
        _field(grow=lambda size, k, s, jump, before: size + k * jump),
    ),
    Misunderstanding(
        "starts-at-zero",
        "Your size is one too small. Without any layer a position sees one pixel: begin with 1.",
        _field(start=0),
    ),
    Misunderstanding(
        "one-side-only",
        _WINDOW + "you count those on one side of the middle alone.",
        _field(grow=lambda size, k, s, jump, before: size + k // 2 * jump),
    ),
    Misunderstanding(
        "even-kernels-as-odd",
        _WINDOW + "you count the same number on both sides of the middle, but an even kernel has no middle.",
        _field(grow=lambda size, k, s, jump, before: size + k // 2 * 2 * jump),
    ),
    Misunderstanding(
        "from-the-last-layer",
        "You go through the layers from the last to the first, with a rule that begins at the picture.",
        _field(order=lambda layers: layers[::-1]),
    ),
    Misunderstanding(
        "strides-added",
        _JUMP + "you add them up.",
        _field(step=lambda jump, s: jump + s),
    ),
    Misunderstanding(
        "extra-strides-added",
        _JUMP + "you add them up.",
        _field(step=lambda jump, s: jump + s - 1),
    ),
    Misunderstanding(
        "last-stride-as-jump",
        _JUMP + "yours is the last one alone.",
        _field(finish=lambda size, jump, layers: (size, layers[-1][1])),
    ),
    Misunderstanding(
        "own-stride-left-out",
        _JUMP + "you leave that one out.",
        _field(finish=lambda size, jump, layers: (size, math.prod(s for _, s in layers[:-1]))),
    ),
    Misunderstanding(
        "kernels-and-strides-swapped",
        "You take a layer's stride for its kernel size. Every layer is (kernel size, stride).",
        _field(order=lambda layers: [(s, k) for k, s in layers]),
    ),
    Misunderstanding(
        "size-and-jump-swapped",
        "Size and jump stand in each other's place: return size, jump.",
        _field(finish=lambda size, jump, layers: (jump, size)),
    ),
    Misunderstanding(
        "size-only",
        "You return the size alone. Return the pair size, jump.",
        _field(finish=lambda size, jump, layers: size),
    ),
    returns(10, 2),
]


# strongest(activation, count)


def _best(**wrong):
    """A strongest with a wrong part: a picture's score, the order of scores, the place in a picture, the result."""
    parts = parts_of(
        wrong,
        score=lambda maps: maps.max((1, 2)),
        order=lambda scores: np.argsort(-scores, kind="stable"),
        where=lambda one: np.unravel_index(one.argmax(), one.shape),
        finish=lambda places, count: places[:count],
    )

    def function(activation, count):
        order = parts.order(parts.score(activation))
        return parts.finish([(int(at), *map(int, parts.where(activation[at]))) for at in order], count)

    return function


def _several_per_picture(activation, count):
    order = np.argsort(-activation.ravel(), kind="stable")[:count]
    return [tuple(map(int, np.unravel_index(at, activation.shape))) for at in order]


def _last_place(one):
    at = one.size - 1 - one.ravel()[::-1].argmax()
    return np.unravel_index(at, one.shape)


_ONE_EACH = "At most one place per picture is wanted, so that the nine patches are not nine times the same spot: "
_TIES = "Where two are equal, the {} comes first: "

STRONGEST = [
    Misunderstanding(
        "several-per-picture",
        _ONE_EACH + "yours come from all pictures together. Find every picture's strongest place first.",
        _several_per_picture,
    ),
    Misunderstanding(
        "weakest",
        "You found the pictures that excite the unit least. np.argsort sorts from small to large.",
        _best(order=lambda scores: np.argsort(scores, kind="stable")),
    ),
    Misunderstanding(
        "strongest-last",
        "The places are right and their order is not: the strongest comes first.",
        _best(finish=lambda places, count: places[:count][::-1]),
    ),
    Misunderstanding(
        "in-the-order-of-pictures",
        "The places are right and their order is not: you sort by the number of the picture, not by strength.",
        _best(finish=lambda places, count: sorted(places[:count])),
    ),
    Misunderstanding(
        "first-pictures",
        "You take the first pictures, however strong. Sort the pictures by their strongest activation.",
        _best(order=lambda scores: np.arange(len(scores))),
    ),
    Misunderstanding(
        "mean-of-the-picture",
        "You sort pictures by their mean activation. A patch is one place: a picture is as strong as its strongest "
        "place.",
        _best(score=lambda maps: maps.mean((1, 2))),
    ),
    Misunderstanding(
        "absolute-values",
        "You take strongly negative activations for strong ones. Only large positive ones excite.",
        _best(
            score=lambda maps: np.abs(maps).max((1, 2)),
            where=lambda one: np.unravel_index(np.abs(one).argmax(), one.shape),
        ),
    ),
    Misunderstanding(
        "row-and-column-swapped",
        "Row and column stand in each other's place: (picture, row, column), the row counted from the top.",
        _best(where=lambda one: np.unravel_index(one.argmax(), one.shape)[::-1]),
    ),
    Misunderstanding(
        "divided-by-height",
        "np.argmax counts along the rows, so a place is row · W + column: divide by the width W, not by the height.",
        _best(where=lambda one: divmod(one.argmax(), one.shape[0])),
    ),
    Misunderstanding(
        "later-place-of-equal-ones",
        _TIES.format("one further up, then further left") + "yours is the last of them. np.argmax gives the first.",
        _best(where=_last_place),
    ),
    Misunderstanding(
        "later-picture-of-equal-ones",
        _TIES.format("picture with the lower number") + "a sorted list turned round has it last. Sort by the negative "
        'strength, with kind="stable".',
        _best(order=lambda scores: np.argsort(scores, kind="stable")[::-1]),
    ),
    Misunderstanding(
        "count-ignored",
        "You return a place of every picture. Keep the first `count` of them.",
        _best(finish=lambda places, count: places),
    ),
    Misunderstanding(
        "only-the-strongest",
        "You return one place. Return a list of `count` of them.",
        _best(finish=lambda places, count: places[:1]),
    ),
    Misunderstanding(
        "without-the-picture",
        "A place is (picture, row, column): without the picture nobody can cut the patch.",
        _best(finish=lambda places, count: [place[1:] for place in places[:count]]),
    ),
    returns([(1, 0, 2), (2, 1, 1)]),
]


def _call_strongest(function, activation, count):
    places = function(activation, count)
    if places is None:
        return None
    try:
        array = np.array([[int(number) for number in place] for place in places])
    except (TypeError, ValueError):
        raise Unusable("returns something else than a list of (picture, row, column).") from None
    if array.ndim != 2 or array.shape[1] != 3:
        raise Unusable("returns something else than a list of (picture, row, column).")
    if len(array) != min(count, len(activation)):
        raise Unusable(f"returns a list of {len(array)}; {count} places of {len(activation)} pictures were asked for.")
    return array


# unit_cost(model, layer, channel, tv_weight)


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

UNIT_COST = [
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
        "You return costs of one picture. Return the function `cost`, without calling it: painting calls it again and "
        "again.",
        _unit(finish=lambda cost: cost(tf.ones([1, 4, 4, 3]))),
    ),
]


def _call_unit_cost(function, *inputs):
    *arguments, picture = inputs
    cost = function(*arguments)
    if cost is None:
        return None
    if not callable(cost):
        raise Unusable(f"returns something else than a function of the picture: a {type(cost).__name__}.")
    costs = cost(tf.Variable(picture))
    if costs is None:
        raise Unusable("returns a function that returns nothing: did you forget the `return` inside cost?")
    if not isinstance(costs, dict):
        raise Unusable('gives something else than a dictionary of "unit", "tv" and "total".')
    missing = [name for name in ("unit", "tv", "total") if name not in costs]
    if missing:
        raise Unusable(f'gives costs without "{missing[0]}"; they should be "unit", "tv" and "total".')
    return costs["unit"], costs["tv"], costs["total"]


# What is probed beside values


def _agrees_with_tensorflow(exercise, function):
    random = np.random.default_rng(61)
    for (n, channels), (f, filters), stride in (((14, 1), (5, 16), 1), ((50, 4), (7, 3), 4)):
        signal, kernels = random.normal(size=(n, channels)), random.normal(size=(f, channels, filters))
        signal, kernels = signal.astype(np.float32), kernels.astype(np.float32)
        theirs = tf.nn.conv1d(signal[None], kernels, stride, "VALID")[0].numpy()
        outcome = observe(exercise, function, (signal, kernels), {"stride": stride})
        problem = find_problem(exercise, outcome, [theirs], f"a signal of {n} samples, held against tf.nn.conv1d")
        if problem:
            raise AssertionError(problem)


def _writes_nothing(name):
    def probe(exercise, function):
        case = exercise.cases[0]
        given = fresh(list(case.inputs))
        exercise.call(function, *given, **case.options)
        for old, new in zip(case.inputs, given, strict=True):
            if not np.array_equal(old, new):
                raise AssertionError(f"{exercise.name} writes into {name}: your caller needs it as it is.")

    return probe


def _no_layer_is_one_pixel(exercise, function):
    outcome = observe(exercise, function, ([],), {})
    if isinstance(outcome, Exception) or [int(value) for value in outcome] != [1, 1]:
        raise AssertionError(
            "receptive_field([]) should be (1, 1): without any layer a position is a pixel, and its neighbour the next."
        )


def _unit_gradient(exercise, function):
    *arguments, picture = fresh(list(exercise.cases[0].inputs))
    picture = tf.Variable(picture)
    cost = function(*arguments)
    for name in ("unit", "tv", "total"):
        with tf.GradientTape() as tape:
            value = cost(picture)[name]
        if not isinstance(value, tf.Tensor) or tape.gradient(value, picture) is None:
            raise AssertionError(
                f'"{name}" has the right value, but no gradient reaches the picture, so it could not be painted. '
                "Compute from the argument of cost, with TensorFlow's operations."
            )


# The exercises


def _whole(numbers):
    return tuple(map(int, numbers))


def _output_shape_case(case):
    input_shape, filter_shape, filters = case.inputs
    expected = {"shape": case.expected["shape"].astype(int)}
    return replace(case, inputs=(_whole(input_shape), _whole(filter_shape), filters), expected=expected)


def _receptive_field_case(case):
    return replace(case, inputs=([_whole(layer) for layer in case.inputs[0]],))


def _strongest_case(case):
    return replace(case, expected={"places": case.expected["places"].astype(int)})


def _unit_cost_case(case):
    kernels, *others = case.inputs
    return replace(case, inputs=(SmallNetwork(kernels), *others))


def _cases(name, prepare=lambda case: case):
    return list(map(prepare, _REFERENCE[name]))


EXERCISES = {
    exercise.name: exercise
    for exercise in [
        Exercise(
            name="output_shape",
            cases=_cases("output_shape", _output_shape_case),
            misunderstandings=OUTPUT_SHAPE,
            properties=[],
            call=_call_output_shape,
        ),
        Exercise(
            name="convolve_1d",
            cases=_cases("convolve_1d"),
            misunderstandings=CONVOLVE_1D,
            properties=[
                Property("tf.nn.conv1d gives the same", _agrees_with_tensorflow),
                Property("signal and kernels are not written to", _writes_nothing("signal or kernels")),
            ],
        ),
        Exercise(
            name="receptive_field",
            cases=_cases("receptive_field", _receptive_field_case),
            misunderstandings=RECEPTIVE_FIELD,
            properties=[Property("without any layer a position sees one pixel", _no_layer_is_one_pixel)],
        ),
        Exercise(
            name="strongest",
            cases=_cases("strongest", _strongest_case),
            misunderstandings=STRONGEST,
            properties=[Property("activation is not written to", _writes_nothing("activation"))],
            call=_call_strongest,
        ),
        Exercise(
            name="unit_cost",
            cases=_cases("unit_cost", _unit_cost_case),
            misunderstandings=UNIT_COST,
            properties=[Property("gradients reach the picture from both costs", _unit_gradient, needed=True)],
            call=_call_unit_cost,
        ),
    ]
}
