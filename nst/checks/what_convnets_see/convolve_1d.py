"""convolve_1d(signal, kernels, stride=1, padding=0)"""

import numpy as np

from nst.checks.engine import fail
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.outcome import find_problem, observe
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import parts_of, returns
from nst.quiet import tf


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

_MISUNDERSTANDINGS = [
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


def _agrees_with_tensorflow(exercise, function):
    random = np.random.default_rng(61)
    for (n, channels), (f, filters), stride in (((14, 1), (5, 16), 1), ((50, 4), (7, 3), 4)):
        signal, kernels = random.normal(size=(n, channels)), random.normal(size=(f, channels, filters))
        signal, kernels = signal.astype(np.float32), kernels.astype(np.float32)
        theirs = tf.nn.conv1d(signal[None], kernels, stride, "VALID")[0].numpy()
        outcome = observe(exercise, function, (signal, kernels), {"stride": stride})
        problem = find_problem(exercise, outcome, [theirs], f"a signal of {n} samples, held against tf.nn.conv1d")
        if problem:
            fail(exercise, problem, outcome, (signal, kernels), {"stride": stride}, function)


EXERCISE = Exercise(
    name="convolve_1d",
    cases=cases("what-convnets-see", "convolve_1d"),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property("tf.nn.conv1d gives the same", _agrees_with_tensorflow),
        Property("signal and kernels are not written to", spoils_nothing("signal or kernels", "signal or kernels")),
    ],
)
