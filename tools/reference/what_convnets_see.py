"""The reference values of what-convnets-see: the specification in loops, and the cases."""

import math

import numpy as np

from tools.reference.cases import BY_HAND, LOOPS, case, positions, quarters
from tools.reference.tiny_network import tiny_network, tiny_pictures

COUNTED = (
    "Sizes chosen by hand. Expected: along every axis, the positions of the filter are counted one by one in "
    "tools/reference; the last size is the number of filters."
)
WINDOWS = (
    "Layers chosen by hand. Expected: tools/reference follows two neighbouring positions back through the "
    "layers, one by one, and measures the pixels that they see."
)
UNITS = (
    "Picture and kernels: numpy.random.default_rng({seed}).integers(-6, 7, size) / 4, in the order listed. Expected: "
    "float64 loops in tools/reference over nst.checks.fast_style_transfer.TinyNetwork, from the formulas."
)


def steps(length, size, stride, padding):
    """Where a filter of `size` entries may begin along an axis, one by one: the padding reaches from -padding on."""
    starts, start = [], -padding
    while start + size <= length + padding:
        starts.append(start)
        start += stride
    return starts


def output_shape(input_shape, filter_shape, filters, stride=1, padding=0):
    """The positions along every axis but the last, counted, and the filters."""
    axes = zip(input_shape[:-1], filter_shape[:-1], strict=True)
    return [*(len(steps(length, size, stride, padding)) for length, size in axes), filters]


def convolve_1d(signal, kernels, stride=1, padding=0):
    """Products of the filter and what lies below it, added up; zeros beyond both ends; nested lists."""
    size, channels, filters = kernels.shape
    return [
        [
            math.fsum(
                float(signal[start + j, c]) * float(kernels[j, c, k])
                for j in range(size)
                for c in range(channels)
                if 0 <= start + j < len(signal)
            )
            for k in range(filters)
        ]
        for start in steps(len(signal), size, stride, padding)
    ]


def pixels_seen(layers, position):
    """The first and last pixel that a position of the last of `layers` sees, without padding."""
    first = last = position
    for size, stride in reversed(layers):
        first, last = first * stride, last * stride + size - 1
    return first, last


def receptive_field(layers):
    """(size, jump) of the last of `layers`, (kernel size, stride) each."""
    (first, last), (next_first, _) = pixels_seen(layers, 0), pixels_seen(layers, 1)
    return last - first + 1, next_first - first


def strongest(activation, count):
    """[picture, row, column] of the largest entry of a picture, for the `count` pictures with the largest."""
    places = []
    for picture in range(len(activation)):
        best = max(map(float, activation[picture].ravel()))
        rows_and_columns = positions(activation[picture])
        row, column = next(at for at in rows_and_columns if float(activation[picture][at]) == best)
        places.append((-best, picture, row, column))
    return [list(place[1:]) for place in sorted(places)[:count]]


def mean_variation(picture):
    """The mean squared difference of neighbours beside one another, plus that of those below one another."""
    across = [
        (float(picture[n, h, w, c]) - float(picture[n, h, w - 1, c])) ** 2 for n, h, w, c in positions(picture) if w
    ]
    down = [
        (float(picture[n, h, w, c]) - float(picture[n, h - 1, w, c])) ** 2 for n, h, w, c in positions(picture) if h
    ]
    return math.fsum(across) / len(across) + math.fsum(down) / len(down)


def output_shape_case(name, *inputs, **options):
    names = "input_shape", "filter_shape", "filters"
    expected = {"shape": output_shape(*inputs, **options)}
    return case(name, dict(zip(names, inputs, strict=True)), expected, COUNTED, options)


def convolve_1d_case(name, signal, kernels, provenance, **options):
    expected = {"result": convolve_1d(signal, kernels, **options)}
    return case(name, {"signal": signal, "kernels": kernels}, expected, provenance, options)


def receptive_field_case(name, layers):
    size, jump = receptive_field(layers)
    return case(name, {"layers": layers}, {"size": size, "jump": jump}, WINDOWS)


def strongest_case(name, activation, count, provenance):
    expected = {"places": strongest(activation, count)}
    return case(name, {"activation": activation, "count": count}, expected, provenance)


def unit_cost_case(name, seed, size, layer, channel, tv_weight):
    picture, kernels = tiny_pictures(seed, (1, *size, 3))
    a = tiny_network(kernels, picture)[layer][0, :, :, channel]
    unit = -math.fsum(map(float, a.ravel())) / a.size
    tv = tv_weight * mean_variation(picture)
    inputs = {"kernels": kernels, "layer": layer, "channel": channel, "tv_weight": tv_weight, "picture": picture}
    return case(name, inputs, {"unit": unit, "tv": tv, "total": unit + tv}, UNITS.format(seed=seed))


def make():
    """Everything that is stored for what-convnets-see, as {exercise: [case, ...]}, inputs as float32 arrays."""
    cases = {}
    cases["output_shape"] = [
        output_shape_case("a picture of 14 × 14 pixels and 16 filters of 5 × 5", [14, 14, 3], [5, 5, 3], 16),
        output_shape_case("a signal of 14 samples and 16 filters of 5", [14, 1], [5, 1], 16),
        output_shape_case("a volume of 14 × 14 × 14 and 16 filters of 5 × 5 × 5", [14, 14, 14, 1], [5, 5, 5, 1], 16),
        output_shape_case("a signal with stride 2, where the last sample is left over", [9, 2], [4, 2], 5, stride=2),
        output_shape_case("a picture with padding 1", [6, 7, 1], [3, 3, 1], 4, padding=1),
        output_shape_case(
            "an uneven picture with stride 3 and padding 2", [13, 8, 6], [4, 3, 6], 7, stride=3, padding=2
        ),
        output_shape_case("a clip with stride 2 and padding 1", [10, 9, 12, 2], [2, 3, 5, 2], 8, stride=2, padding=1),
    ]

    signal = np.float32([[1], [2], [4], [3], [0]])
    edge = np.float32([[[-1]], [[0]], [[1]]])
    cases["convolve_1d"] = [convolve_1d_case("five samples and one filter, computed by hand", signal, edge, BY_HAND)]
    for seed, shape, kernel_shape, name, options in (
        (51, (7, 1), (3, 1, 4), "four filters", {}),
        (52, (6, 3), (4, 3, 2), "three channels and two filters", {}),
        (53, (11, 2), (3, 2, 5), "stride 3", {"stride": 3}),
        (54, (5, 2), (4, 2, 3), "padding 2", {"padding": 2}),
        (55, (8, 3), (3, 3, 4), "stride 2 and padding 1", {"stride": 2, "padding": 1}),
    ):
        signal, kernels = quarters(seed, shape, kernel_shape)
        cases["convolve_1d"].append(convolve_1d_case(name, signal, kernels, LOOPS.format(seed=seed), **options))

    block = [[3, 1], [3, 1], [2, 2]]
    cases["receptive_field"] = [
        receptive_field_case("two convolutions, a pooling, a convolution", [*block, [3, 1]]),
        receptive_field_case("one layer of kernel size 5 and stride 3", [[5, 3]]),
        receptive_field_case("three layers with other kernels and strides", [[7, 2], [3, 2], [5, 1]]),
        receptive_field_case("a layer that skips pixels", [[1, 2], [3, 3], [4, 1], [2, 2]]),
        receptive_field_case(
            "VGG-19 as far as conv5_1", [*block, *block, *[[3, 1]] * 4, [2, 2], *[[3, 1]] * 4, [2, 2], [3, 1]]
        ),
    ]

    three = np.float32([[[0, 2, 1], [3, 0, 1]], [[5, 0, 6], [4, 0, 0]], [[1, 0, 2], [0, 4, 0]]])
    tied = np.float32([[[1, 2], [2, 0]], [[0, 1], [1, 0]], [[0, 0], [2, 2]], [[0, 3], [3, 3]], [[2, 0], [0, 1]]])
    cases["strongest"] = [
        strongest_case("three pictures of 2 × 3, by hand", three, 2, BY_HAND),
        strongest_case("five pictures with equal entries, by hand", tied, 4, BY_HAND),
    ]
    for seed, shape, count, name in (
        (56, (6, 4, 7), 3, "pictures wider than high"),
        (57, (4, 5, 3), 9, "fewer pictures than are asked for"),
    ):
        (activation,) = quarters(seed, shape)
        cases["strongest"].append(strongest_case(name, activation, count, LOOPS.format(seed=seed)))

    cases["unit_cost"] = [
        unit_cost_case("the layer in the middle", 58, (5, 4), "middle", 1, 0.25),
        unit_cost_case("the last layer, with another weight", 59, (6, 7), "far", 2, 3.0),
        unit_cost_case("the first layer, channel 0", 60, (4, 6), "near", 0, 0.5),
    ]

    # What COUNTED and BY_HAND promise.
    assert [c["expected"]["shape"] for c in cases["output_shape"][:3]] == [[10, 10, 16], [10, 16], [10, 10, 10, 16]]
    assert cases["convolve_1d"][0]["expected"]["result"] == [[3], [1], [-4]]
    assert cases["receptive_field"][0]["expected"] == {"size": 10, "jump": 2}
    assert cases["strongest"][0]["expected"]["places"] == [[1, 0, 2], [2, 1, 1]]
    return cases
