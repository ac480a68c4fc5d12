"""An encoder for tests, small enough to compute by hand, and how a function is called that should ask it."""

import copy
from dataclasses import replace

import numpy as np

from nst.checks.engine import Unusable
from nst.checks.exercise import Misunderstanding
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


def with_encoder(case):
    """A stored case of a picture, other inputs, and a kernel and a bias: these two become the model."""
    image, *others, kernel, bias = case.inputs
    return replace(case, inputs=(image.astype(np.uint8), *others, TinyEncoder(kernel, bias)))


def ask(function, *inputs, **options):
    """What the function gives; the last of its inputs is the model, and it should be asked."""
    *others, model = inputs
    if not isinstance(model, TinyEncoder):
        return function(*inputs, **options)
    # Anew for each run, as a compiled function asks a model that it knows only once.
    model = copy.copy(model)
    model.asked = 0
    elsewhere = Unusable("never asks the model that it is given.")
    try:
        result = function(*others, model, **options)
    except ValueError as error:
        if not model.asked and "incompatible with the layer" in str(error):
            raise elsewhere from error
        raise
    if result is not None and not model.asked:
        raise elsewhere
    return result


#: Of every exercise that is given a model.
GLOBAL_MODEL = Misunderstanding(
    "global-model",
    "You ask a model of your notebook, or none. Use the argument `model`: the tests bring one of their own.",
    lambda *inputs, **options: np.float32(0),
)
