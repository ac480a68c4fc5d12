"""convolve_1d(signal, kernels, stride=1, padding=0)"""

import numpy as np

from nst.checks.engine import fail
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.looks import with_looks
from nst.checks.outcome import find_problem, observe
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import composable, is_right, other_defaults, parts_of, returns
from nst.quiet import tf


@composable
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
        defaults=(1, 0),
    )

    def function(signal, kernels, stride=parts.defaults[0], padding=parts.defaults[1]):
        x, kernels = parts.pad(signal, padding), parts.prepare(kernels)
        f = len(kernels)
        return parts.finish(
            [parts.combine(parts.window(x, at, f, stride), kernels) for at in parts.starts(len(x), f, stride)]
        )

    return function


def _in_pytorchs_order(signal, kernels, stride=1, padding=0):
    result = _convolution()(signal.T, kernels.transpose(2, 1, 0), stride, padding)
    return np.transpose(result)


_ZEROS = "Beyond both ends there are zeros, `padding` of them at each. "
_STEPS = "The filter moves on by `stride` entries at a time, from the first. "
_FILTERS_APART = "Every filter gives a channel of its own, so the result is (positions, filters). "

_LOOKS = {
    "pad": "Look at how you pad: where do the zeros lie, and how many?",
    "prepare": "Look at what you do to the kernels before they meet the signal.",
    "starts": "Look at where your windows begin: the first, the step, the last.",
    "window": "Look at which entries of the signal are in a window.",
    "combine": "Look at what becomes of one window and the kernels: what is multiplied, and what is summed?",
    "finish": "Look at the shape of your result.",
}
_EXPERIMENT = """\
signal, kernels = np.float32([[1, 0], [0, 1], [2, 0], [1, 1]]), np.float32([[[1, 0], [2, 0]], [[3, 5], [4, 0]]])
print(convolve_1d(signal, kernels, stride=2, padding=1))  # [3 5], [8 10], [3 0]"""
_EVERY_STEP = """\
signal, kernels = np.float32([[1], [2], [4], [3], [0]]), np.float32([[[-1]], [[0]], [[1]]])
print(convolve_1d(signal, kernels).T)  # 4 − 1, 3 − 2 and 0 − 4: [[3 1 −4]]"""


def _is_right_in_pytorchs_order(exercise, outcome, function):
    """Is it right where the channels come first: (channels, n) and (filters, channels, f)?"""

    def channels_first(signal, kernels, **options):
        return np.transpose(function(signal.T, kernels.transpose(2, 1, 0), **options))

    return all(is_right(case, observe(exercise, channels_first, case.inputs, case.options)) for case in exercise.cases)


def _pads_channels(exercise, outcome, function):
    """Is it right without padding, while sizes do not fit with it?"""
    if not isinstance(outcome, (ValueError, IndexError, tf.errors.InvalidArgumentError)):
        return False
    found = [(case, observe(exercise, function, case.inputs, case.options)) for case in exercise.cases]
    return all(isinstance(o, Exception) if case.options.get("padding") else is_right(case, o) for case, o in found)


_MISUNDERSTANDINGS = [
    Misunderstanding(
        "kernel flipped",
        "You flip the kernel, as mathematics and np.convolve do. Deep learning leaves it as it is: its convolution is "
        "strictly a cross-correlation. The first entry of a kernel meets the first of the window.",
        _convolution(prepare=lambda kernels: kernels[::-1]),
    ),
    Misunderstanding(
        "kernel flipped everywhere",
        "You flip the kernel along every axis, so filters and channels change places. Leave it as it is.",
        _convolution(prepare=lambda kernels: kernels[::-1, ::-1, ::-1]),
    ),
    Misunderstanding(
        "stride ignored",
        _STEPS + "Yours always moves on by 1.",
        _convolution(starts=lambda n, f, s: range(0, n - f + 1)),
    ),
    Misunderstanding(
        "stride in the number of positions only",
        _STEPS + "You have as many positions as with the stride, and your windows still move on by 1: begin at "
        "stride * i.",
        _convolution(starts=lambda n, f, s: range((n - f) // s + 1)),
    ),
    Misunderstanding(
        "stride in the signal",
        _STEPS + "Yours drops entries of the signal first, so the filter never sees them. Inside a window nothing is "
        "left out.",
        _convolution(
            starts=lambda n, f, s: range(0, n - s * (f - 1), s), window=lambda x, at, f, s: x[at : at + s * f : s][:f]
        ),
    ),
    Misunderstanding(
        "stride inside the window, dilation",
        "You spread the filter out: its entries meet every stride-th of the signal. That is dilation. The stride moves "
        "the whole filter.",
        _convolution(
            starts=lambda n, f, s: range(n - s * (f - 1)), window=lambda x, at, f, s: x[at : at + s * f : s][:f]
        ),
    ),
    Misunderstanding(
        "first position skipped",
        _STEPS + "Yours skips the position at the very beginning.",
        _convolution(starts=lambda n, f, s: range(s - 1, n - f + 1, s)),
    ),
    Misunderstanding(
        "last position missing",
        "The last position is missing: a filter of f entries fits at n − f too. range stops one before its end.",
        _convolution(starts=lambda n, f, s: range(0, n - f, s)),
    ),
    Misunderstanding(
        "padding ignored",
        _ZEROS + "Yours has none.",
        _convolution(pad=lambda signal, padding: signal),
    ),
    Misunderstanding(
        "padding at the beginning",
        _ZEROS + "Yours has them at the beginning alone.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding, 0), (0, 0)))),
    ),
    Misunderstanding(
        "padding at the end",
        _ZEROS + "Yours has them at the end alone.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((0, padding), (0, 0)))),
    ),
    Misunderstanding(
        "padding halved",
        _ZEROS + "You share them between both ends.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding // 2, padding - padding // 2), (0, 0)))),
    ),
    Misunderstanding(
        "padding on the channels too",
        "np.pad with a single number pads the axis of channels too. Say both axes: ((padding, padding), (0, 0)).",
        _convolution(pad=np.pad),
        recognises=_pads_channels,
    ),
    Misunderstanding(
        "zeros in front of the channels",
        "np.pad with a single number pads the axis of channels too, and you read its zeros in place of the first "
        "channels. Say both axes: ((padding, padding), (0, 0)).",
        _convolution(pad=lambda signal, padding: np.pad(signal, padding)[:, : signal.shape[1]]),
    ),
    Misunderstanding(
        "edges repeated",
        _ZEROS + "Yours repeats the first and the last entry.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding, padding), (0, 0)), mode="edge")),
    ),
    Misunderstanding(
        "edges mirrored",
        _ZEROS + "Yours mirrors the signal there.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding, padding), (0, 0)), mode="reflect")),
    ),
    Misunderstanding(
        "signal goes round in a circle",
        _ZEROS + "Yours goes on with the other end of the signal.",
        _convolution(pad=lambda signal, padding: np.pad(signal, ((padding, padding), (0, 0)), mode="wrap")),
    ),
    Misunderstanding(
        "first channel only",
        "You look at the first channel of the signal. A filter has an entry for every channel: add them all up.",
        _convolution(combine=lambda window, kernels: window[:, 0] @ kernels[:, 0]),
    ),
    Misunderstanding(
        "last channel only",
        "Only the last channel is in your sums: the others were overwritten. Add up with +=.",
        _convolution(combine=lambda window, kernels: window[:, -1] @ kernels[:, -1]),
    ),
    Misunderstanding(
        "channels averaged",
        "You take a mean over channels. A convolution is a plain sum, over the window and over the channels.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->k", window, kernels) / window.shape[1]),
    ),
    Misunderstanding(
        "window averaged",
        "You take a mean over the window. A convolution is a plain sum of products.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->k", window, kernels) / window.size),
    ),
    Misunderstanding(
        "channels kept",
        "Your channels stay apart. A filter adds up over all channels of its window, to one number.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->ck", window, kernels)),
    ),
    Misunderstanding(
        "filters summed",
        _FILTERS_APART + "You add the filters up.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->", window, kernels)),
    ),
    Misunderstanding(
        "filters summed to one channel",
        _FILTERS_APART + "You add the filters up.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->", window, kernels)[None]),
    ),
    Misunderstanding(
        "first filter only",
        _FILTERS_APART + "Yours has that of the first filter alone.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->k", window, kernels)[:1]),
    ),
    Misunderstanding(
        "filters first, on its side",
        "Your result lies on its side: it is (positions, filters), with the channels last as in the signal.",
        _convolution(finish=lambda sums: np.stack(sums, axis=1)),
    ),
    Misunderstanding(
        "batch in front",
        "Your result has an axis too many in front. There is no batch here: it is (positions, filters).",
        _convolution(finish=lambda sums: np.stack(sums)[None]),
    ),
    Misunderstanding(
        "products not summed",
        "You have the products. Add up those of a window.",
        _convolution(combine=lambda window, kernels: np.einsum("jc,jck->jck", window, kernels)),
    ),
    Misunderstanding(
        "channels first, as in PyTorch",
        "You take the signal for (channels, n) and the kernels for (filters, channels, f), as PyTorch has them. Here "
        "the signal is (n, channels) and the kernels are (f, channels, filters).",
        _in_pytorchs_order,
        look="Look at how you unpack the two shapes.",
        recognises=_is_right_in_pytorchs_order,
    ),
    other_defaults(_convolution(defaults=(2, 1)), _EVERY_STEP, stride=1, padding=0),
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
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[
        Property("tf.nn.conv1d gives the same", _agrees_with_tensorflow, own_inputs=True),
        Property("signal and kernels are not written to", spoils_nothing("signal or kernels", "signal or kernels")),
    ],
    look="Take one window, and follow your code with a pencil: what is multiplied, and what is summed?",
    experiment=_EXPERIMENT,
)
