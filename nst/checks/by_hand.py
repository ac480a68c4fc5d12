"""What the tests give to a function: an encoder, networks and costs that are small enough to compute by hand.

A student's process has this module too, where a submission is judged, so nothing in it answers an exercise.
"""

from nst.quiet import tf


class TinyEncoder:
    """An encoder small enough to compute by hand, which is called like a Keras model.

    kernel: (H, W, 3, d), bias: (d,). Pictures (n, H, W, 3) from 0 to 1 have the encodings
    `einsum("nhwc,hwcd->nd", pictures, kernel) + bias`, each divided by its norm: (n, d) of unit norm.
    asked: how often it was called.
    """

    def __init__(self, kernel, bias):
        self._kernel, self._bias = tf.constant(kernel, tf.float32), tf.constant(bias, tf.float32)
        self.input_shape = (None, *self._kernel.shape[:3])
        self.asked = 0

    def __call__(self, pictures, training=False):
        """The encodings, a tensor; with training=True those of a batch normalisation: less the batch's mean."""
        self.asked += 1
        pictures = tf.cast(tf.convert_to_tensor(pictures), tf.float32)
        if len(pictures.shape) != 4 or pictures.shape[1:] != self._kernel.shape[:3]:
            # As Keras says it.
            raise ValueError(
                "Input 0 of layer 'tiny_encoder' is incompatible with the layer: expected "
                f"shape={self.input_shape}, found shape={tuple(pictures.shape)}"
            )
        if training:
            pictures = pictures - tf.reduce_mean(pictures, [0, 1, 2])
        encodings = tf.einsum("nhwc,hwcd->nd", pictures, self._kernel) + self._bias
        return encodings / tf.norm(encodings, axis=1, keepdims=True)

    def predict(self, pictures, batch_size=None, verbose="auto"):
        """The encodings, an array."""
        return self(pictures).numpy()

    def predict_on_batch(self, pictures):
        """The encodings, an array."""
        return self(pictures).numpy()


class OnePixel(TinyEncoder):
    """An encoder whose encoding of a picture is one of its pixels: three numbers, as they arrive.

    row, column: which pixel. With it you see what a function makes of a picture before it asks the encoder.
    """

    def __init__(self, row=0, column=0):
        self._row, self._column = row, column
        self.input_shape = (None, None, None, 3)
        self.asked = 0

    def __call__(self, pictures, training=False):
        """The pixels (n, 3), a tensor; with training=True less the batch's mean, as a batch normalisation has it."""
        self.asked += 1
        pictures = tf.cast(tf.convert_to_tensor(pictures), tf.float32)
        if len(pictures.shape) != 4 or pictures.shape[3] != 3:
            raise ValueError(
                "Input 0 of layer 'one_pixel' is incompatible with the layer: expected "
                f"shape={self.input_shape}, found shape={tuple(pictures.shape)}"
            )
        if training:
            pictures = pictures - tf.reduce_mean(pictures, [0, 1, 2])
        return pictures[:, self._row, self._column]


class TinyNetwork:
    """A network small enough to compute by hand. Its layers "near", "middle" and "far" are matrices over the channels.

    kernels: dict from layer to kernel, "near" (3, a), "middle" (a, b) and "far" (b, c). "middle" takes every second row
    of what "near" gives, "far" every second column of what "middle" gives: `near[:, ::2] @ kernel`.
    """

    def __init__(self, kernels):
        self._kernels = {layer: tf.convert_to_tensor(kernel) for layer, kernel in kernels.items()}

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


class QuadraticCosts:
    """costs(picture) -> (J_content, J_style), the sums of squared differences from two pictures of the same shape."""

    def __init__(self, content_target, style_target):
        self._targets = tf.constant(content_target, tf.float32), tf.constant(style_target, tf.float32)

    def __call__(self, picture):
        """(J_content, J_style), scalars. ValueError for a picture of another shape, as a network raises one."""
        wanted, found = tuple(self._targets[0].shape), tuple(picture.shape)
        if found != wanted:
            raise ValueError(f"The costs are of a picture of shape {wanted}, but this one has shape {found}.")
        return tuple(tf.reduce_sum(tf.math.squared_difference(picture, target)) for target in self._targets)


def quadratic_costs(content_target, style_target):
    """A function that gives QuadraticCosts."""
    return QuadraticCosts(content_target, style_target)
