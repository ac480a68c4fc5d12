"""VGG-19 with average pooling: a picture in, the activations of its layers out."""

import difflib
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from nst.pictures import SMALLEST_SIDE, PictureError
from nst.quiet import tf
from nst.weights.vgg19 import CONVOLUTIONS, default_weights, read_weights

#: The picture that a network holds at first, as in the classic exercise: (1, height, width, channels).
INPUT_SHAPE = (1, 300, 400, 3)


#: Five blocks of convolutions, each followed by a pooling that halves height and width.
LAYERS = ["input"]
for _block in range(1, 6):
    LAYERS += [layer for layer in CONVOLUTIONS if layer.startswith(f"conv{_block}")]
    LAYERS += [f"avgpool{_block}"]


class LayerError(KeyError):
    """No such layer, in one sentence."""

    def __str__(self):
        return self.args[0]  # KeyError itself would show the sentence in quotes


class VGG(Mapping):
    """VGG-19's convolutional layers with average pooling: a mapping from layer name to activation.

    `model["input"]` is a tf.Variable, (1, 300, 400, 3) float32, that holds the picture; `model["input"].assign(image)`
    sets it. `model["conv4_2"]` computes that layer's activation for it, (1, height, width, channels) float32, and a
    GradientTape follows the computation back to `model["input"]`. `model.activations(image, names)` does it for a
    picture of any size and for several layers at once.

    Layers: 3×3 convolutions, each with bias and ReLU, zero-padded so that the size stays ("SAME"); after each block a
    2×2 average pooling with stride 2. Simonyan & Zisserman (2015) pool with the maximum; Gatys et al. (2016) found
    that the average paints slightly better pictures.
    """

    # A network equals only itself: a Mapping would otherwise be compared by computing all its layers.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, weights, name="VGG-19"):
        """weights: dict from layer name to (kernel, bias), as `nst.weights.vgg19.read_weights` returns it."""
        self.name = name
        self._weights = {layer: (tf.constant(k), tf.constant(b)) for layer, (k, b) in weights.items()}
        # A pooling is there when the last convolution before it is.
        self.layers = ["input"]
        for before, layer in pairwise(LAYERS):
            if layer in weights or (layer.startswith("avgpool") and before in weights):
                self.layers.append(layer)
        self._input = _picture_class()(tf.zeros(INPUT_SHAPE), trainable=True, name="input")

    def __iter__(self):
        return iter(self.layers)

    def __len__(self):
        return len(self.layers)

    def __contains__(self, layer):
        return layer in self.layers

    def __getitem__(self, layer):
        if layer == "input":
            return self._input
        return self.activations(self._input, [layer])[layer]

    # There is nothing to convert for tf.function: every loop and branch is over names, not over tensors.
    @tf.autograph.experimental.do_not_convert
    def activations(self, image, names):
        """Several layers' activations from one pass through the network.

        image: (1, height, width, 3), mean subtracted, at least 32 pixels high and wide; an array, tensor or variable.
        Several pictures of one size may be stacked along the first axis.
        names: names of layers, for instance ["conv1_1", "conv4_2"].
        Returns a dict from name to activation, (1, height, width, channels) float32. Layers beyond the deepest one
        asked for are not computed.
        Raises LayerError for an unknown layer, PictureError for a picture of the wrong shape or type.
        """
        names = [names] if isinstance(names, str) else list(names)
        for name in names:
            self._check_layer(name)
        x = _checked_picture(image)
        deepest = max((self.layers.index(name) for name in names), default=-1)
        found = {}
        for layer in self.layers[: deepest + 1]:
            if layer.startswith("conv"):
                x = tf.nn.relu(self._convolve(x, layer))
            elif layer.startswith("avgpool"):
                x = tf.nn.avg_pool2d(x, ksize=2, strides=2, padding="SAME")
            if layer in names:
                found[layer] = x
        return {name: found[name] for name in names}

    def _convolve(self, x, layer):
        kernel, bias = self._weights[layer]
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, strides=1, padding="SAME"), bias)

    def _check_layer(self, name):
        if name in self.layers:
            return
        if name in LAYERS:
            raise LayerError(
                f"{self.name} has no layer {name}: its layers end at {self.layers[-1]}; choose one of those, "
                "or fetch the whole network with `make weights`."
            )
        nearest = difflib.get_close_matches(str(name), LAYERS, n=1, cutoff=0)[0]
        raise LayerError(f"There is no layer {name!r}; did you mean {nearest!r}? print(model) lists them all.")

    def __str__(self):
        lines = [f"{self.name}: {len(self.layers)} layers", f"{'layer':<10}{'activation':<22}weights"]
        height, width, channels = self._input.shape[1:]
        for layer in self.layers:
            kernel = ""
            if layer.startswith("conv"):
                channels = self._weights[layer][0].shape[-1]
                kernel = f"{tuple(self._weights[layer][0].shape)} + ({channels},)"
            elif layer.startswith("avgpool"):
                height, width = -(-height // 2), -(-width // 2)  # rounded up, as SAME padding does
            lines.append(f"{layer:<10}{f'(1, {height}, {width}, {channels})':<22}{kernel}".rstrip())
        return "\n".join(lines)

    __repr__ = __str__


@cache
def _picture_class():
    """The class of model["input"]: a tf.Variable whose `assign` says in one sentence what is wrong with a picture.

    Made on first use, because finding a variable's class takes a variable, and importing this module must not start
    TensorFlow's runtime.
    """

    class Picture(type(tf.Variable(0.0))):
        def assign(self, value, *args, **kwargs):
            value = _checked_picture(value)
            if not value.shape.is_compatible_with(self.shape):
                raise PictureError(
                    f'model["input"] holds a picture of shape {tuple(self.shape)} and was given {tuple(value.shape)}; '
                    "load it with load_image(path, size=(300, 400)), or use model.activations(image, names), which "
                    "takes any size."
                )
            return super().assign(value, *args, **kwargs)

    return Picture


def _checked_picture(image):
    """`image` as a float32 tensor (1, height, width, 3), or a PictureError."""
    if not tf.is_tensor(image):
        image = np.asarray(image)
    dtype = tf.as_dtype(image.dtype) if image.dtype != object else None
    if dtype is None or not dtype.is_floating:
        raise PictureError(
            f"The network takes a float32 picture with the mean subtracted and was given {image.dtype}; "
            "pass it through reshape_and_normalize_image first."
        )
    image = tf.cast(image, tf.float32)
    height, width = image.shape[1:3] if image.shape.rank == 4 else (0, 0)
    if image.shape.rank != 4 or image.shape[-1] != 3:
        raise PictureError(
            f"The network takes a picture of shape (1, height, width, 3) and was given {image.shape}; "
            "reshape_and_normalize_image makes one from (height, width, 3)."
        )
    # Inside tf.function a size may not be known yet; then it is None.
    if min(height or SMALLEST_SIDE, width or SMALLEST_SIDE) < SMALLEST_SIDE:
        raise PictureError(
            f"The network takes pictures of at least {SMALLEST_SIDE}×{SMALLEST_SIDE} pixels and was given "
            f"{height}×{width}; use a larger picture."
        )
    return image


def load_vgg_model(path=None):
    """The network, ready to use.

    path: a weights file: MatConvNet's imagenet-vgg-verydeep-19.mat, Keras's vgg19_…_notop.h5, or an .npz like the
    embedded one. Without a path: the full VGG-19 if `nst weights` has fetched it, else the small embedded network; one
    line says which.
    Returns a VGG. Raises nst.weights.WeightsError, one sentence, for a file that can't be used.
    """
    if path is None:
        path, notice = default_weights()
        print(notice)
    return VGG(read_weights(path), name=Path(path).name)
