"""A network for tests, small enough to compute by hand."""

from nst.checks.engine import as_tensors
from nst.quiet import tf


class TinyNetwork:
    """A network small enough to compute by hand. Its layers "near", "middle" and "far" are matrices over the channels.

    kernels: dict from layer to kernel, "near" (3, a), "middle" (a, b) and "far" (b, c). "middle" takes every second row
    of what "near" gives, "far" every second column of what "middle" gives: `near[:, ::2] @ kernel`.
    """

    def __init__(self, kernels):
        self._kernels = as_tensors(kernels)

    def activations(self, picture, names):
        """A dict from each of `names` to its activation, as nst.networks.squeezenet.SqueezeNet gives it."""
        unknown = [name for name in names if name not in self._kernels]
        if unknown:
            raise ValueError(f"The network of this test has no layer {unknown[0]!r}, only {', '.join(self._kernels)}.")
        a, found = tf.convert_to_tensor(picture), {}
        for layer, kernel in self._kernels.items():
            if layer == "middle":
                a = a[:, ::2]
            elif layer == "far":
                a = a[:, :, ::2]
            found[layer] = a = a @ kernel
        return {name: found[name] for name in names}
