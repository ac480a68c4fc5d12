"""SqueezeNet 1.1, the small network of the fast-style-transfer assignment.

Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size" (2016). A fire
module squeezes its input to few channels with 1×1 convolutions and expands it again, half of the channels with 1×1
and half with 3×3 convolutions.

Three kinds of weights file are read, and two conventions for pictures are behind them:

- the embedded .npz and PyTorch's .pth expect RGB from 0 to 1, less MEAN, divided by STD (see preprocess);
- Keras's .h5 holds the original Caffe weights, which expect BGR from 0 to 255, less a mean colour. conv1 is rewritten
  as it is read, so that the loaded network takes the same pictures as with the other files.
"""

import numpy as np

from nst.paths import PRETRAINED
from nst.pictures import MEANS, PictureError, load_image
from nst.quiet import tf
from nst.weights.files import KERAS, NPZ, PARTS, TORCH, checked_convolutions, kind_of, read_keras, read_npz
from nst.weights.torch_file import read_state_dict

__all__ = ["LAYERS", "SqueezeNet", "deprocess", "load_image", "load_squeezenet", "preprocess", "read_weights"]

#: The network's thirteen outputs in PyTorch's order, which numbers them from 0 to 12.
LAYERS = ["conv1", "relu1", "pool1", "fire2", "fire3", "pool3", "fire4", "fire5", "pool5"]
LAYERS += ["fire6", "fire7", "fire8", "fire9"]

#: Channels of every fire module: squeezed, and expanded by each of the two kernel sizes.
FIRES = {
    "fire2": (16, 64),
    "fire3": (16, 64),
    "fire4": (32, 128),
    "fire5": (32, 128),
    "fire6": (48, 192),
    "fire7": (48, 192),
    "fire8": (64, 256),
    "fire9": (64, 256),
}


def _shapes():
    shapes, channels = {"conv1": (3, 3, 3, 64)}, 64
    for fire, (squeezed, expanded) in FIRES.items():
        shapes[f"{fire}/squeeze1x1"] = (1, 1, channels, squeezed)
        shapes[f"{fire}/expand1x1"] = (1, 1, squeezed, expanded)
        shapes[f"{fire}/expand3x3"] = (3, 3, squeezed, expanded)
        channels = 2 * expanded
    return shapes


#: Every convolution's kernel shape, (height, width, channels in, channels out).
SHAPES = _shapes()

#: Every convolution's name in PyTorch, where `features` numbers the layers as LAYERS are.
TORCH_NAMES = {
    name: ".".join([str(LAYERS.index(name.split("/")[0])), *name.replace("squeeze1x1", "squeeze").split("/")[1:]])
    for name in SHAPES
}

#: How much more strongly Caffe's network, and the embedded one which learnt from it, answers than PyTorch's, for which
#: CS231n's weights were found. Not measured: of 8, 12, 16, 20, 30, 45 and 57 it is the one with which all three of
#: CS231n's sets, brought into the network's units, keep the scene and take on the style.
CAFFE_STRENGTH = 20.0

#: Mean and standard deviation of red, green and blue (0-1) that PyTorch's networks expect to be taken out.
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)

#: The kinds of weights file that are read, and what to do about one that is no good.
KINDS = (NPZ, TORCH, KERAS)
ADVICE = "get a good copy"

#: The small file that comes with the course.
EMBEDDED = PRETRAINED / "squeezenet1_1-distilled.npz"


def preprocess(image):
    """A picture as the network takes it: (1, height, width, 3) float32, (image / 255 - MEAN) / STD.

    image: (height, width, 3) uint8 RGB, as load_image gives it. Raises nst.pictures.PictureError for anything else.
    """
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[-1] != 3 or image.size == 0 or image.dtype != np.uint8:
        raise PictureError(
            f"Expected a picture of shape (height, width, 3) and dtype uint8, and found {image.dtype} of shape "
            f"{image.shape}; load_image(path, size) makes one."
        )
    return ((image[None] / np.float32(255) - MEAN) / STD).astype(np.float32)


def deprocess(picture):
    """The inverse of preprocess: (height, width, 3) uint8 RGB, rounded and clipped to 0-255.

    picture: (1, height, width, 3), an array, tensor or variable. Raises nst.pictures.PictureError for another shape and
    for NaN and infinity.
    """
    picture = np.asarray(picture)
    if picture.ndim != 4 or picture.shape[0] != 1 or picture.shape[-1] != 3:
        raise PictureError(f"Expected a picture of shape (1, height, width, 3), and found {picture.shape}.")
    if picture.dtype.kind != "f":
        raise PictureError(
            f"Expected a picture that preprocess has normalised, in floating point, and found {picture.dtype}; pass it "
            "through preprocess first."
        )
    if not np.isfinite(picture).all():
        raise PictureError(
            "The picture has values that are no numbers any more (NaN or infinity); paint again with a smaller "
            "learning rate."
        )
    return np.clip(np.rint((picture[0] * STD + MEAN) * 255), 0, 255).astype(np.uint8)


class SqueezeNet:
    """SqueezeNet 1.1's feature layers; `activations(image, names)` computes several of them in one pass.

    Convolutions are zero-padded only inside the fire modules; the three poolings take the maximum of 3×3 windows with
    stride 2 and keep a last, incomplete window (PyTorch's ceil_mode), so any size from 17 pixels up will do.

    strength: how many times as strongly its layers answer as those of PyTorch's network, about. A weight found with
    PyTorch's network belongs here divided by strength**2 for a content loss, by strength**4 for a style loss.
    """

    def __init__(self, weights, strength=1.0):
        """weights: dict from convolution to (kernel, bias), as `read_weights` returns it; strength: see the class."""
        self.strength = strength
        self._weights = {name: (tf.constant(kernel), tf.constant(bias)) for name, (kernel, bias) in weights.items()}

    @tf.autograph.experimental.do_not_convert
    def activations(self, image, names):
        """A dict from each of `names` (see LAYERS) to its activation, (n, height, width, channels) float32.

        image: (n, height, width, 3) float32 RGB, normalised as `preprocess` does it.
        Raises ValueError, one sentence, for an unknown layer and for a picture of another shape or dtype.
        """
        names = [names] if isinstance(names, str) else list(names)
        unknown = [name for name in names if name not in LAYERS]
        if unknown:
            raise ValueError(f"SqueezeNet has no layer {unknown[0]!r}; its layers are {', '.join(LAYERS)}.")
        x, found = tf.convert_to_tensor(image), {}
        # Inside tf.function a size may not be known yet; then it is None.
        least = (1, 17, 17, 3)
        if (
            x.dtype != tf.float32
            or x.shape.rank != 4
            or x.shape[3] != 3
            or any(size is not None and size < small for size, small in zip(x.shape, least, strict=True))
        ):
            raise ValueError(
                "SqueezeNet takes float32 pictures of shape (n, height, width, 3), at least 17 pixels high and wide, "
                f"and was given {x.dtype.name} of shape {x.shape}."
            )
        for layer in LAYERS:
            if len(found) == len(set(names)):
                break
            if layer == "conv1":
                x = self._convolve(x, "conv1", strides=2, padding="VALID")
            elif layer == "relu1":
                x = tf.nn.relu(x)
            elif layer.startswith("pool"):
                # Activations are never negative here, so a row of zeros completes a window and wins no maximum.
                x = tf.nn.max_pool2d(tf.pad(x, [[0, 0], *_to_odd(x), [0, 0]]), ksize=3, strides=2, padding="VALID")
            else:
                squeezed = tf.nn.relu(self._convolve(x, f"{layer}/squeeze1x1"))
                x = [self._convolve(squeezed, f"{layer}/expand{size}") for size in ("1x1", "3x3")]
                x = tf.nn.relu(tf.concat(x, axis=-1))
            if layer in names:
                found[layer] = x
        return {name: found[name] for name in names}

    def _convolve(self, x, name, strides=1, padding="SAME"):
        kernel, bias = self._weights[name]
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, strides=strides, padding=padding), bias)


def _to_odd(x):
    """How much to pad height and width at their ends, so that windows of 3 with stride 2 come out even."""
    height, width = (x.shape[axis] or tf.shape(x)[axis] for axis in (1, 2))
    return [[0, 1 - height % 2], [0, 1 - width % 2]]


def load_squeezenet(path=None):
    """SqueezeNet, ready to use.

    path: a weights file: the embedded .npz, which is the default; PyTorch's state dict (torchvision's
    squeezenet1_1-….pth), for which PyTorch need not be installed; or the Keras layout of the original Caffe weights
    (squeezenet1_1_notop.h5). Nothing in a file is ever run.
    Raises nst.weights.WeightsError, one sentence, for a file that can't be used.
    """
    path = EMBEDDED if path is None else path
    weights = read_weights(path)
    return SqueezeNet(weights, strength=1.0 if kind_of(path, KINDS, ADVICE) == TORCH else CAFFE_STRENGTH)


def read_weights(path):
    """Every convolution's (kernel, bias), float32, for pictures normalised as PyTorch's networks expect them.

    A kernel is (height, width, channels in, channels out). What a file is, is told from its first bytes.
    Raises nst.weights.WeightsError, one sentence, for a file that can't be used.
    """
    kind = kind_of(path, KINDS, ADVICE)
    if kind == TORCH:
        found, names = read_state_dict(path, TORCH_NAMES)
    elif kind == KERAS:
        found, names = read_keras(path, {name: name for name in SHAPES}, ADVICE)
    else:
        found, names = read_npz(path, {f"{name}/{part}" for name in SHAPES for part in PARTS}, ADVICE)
    weights = checked_convolutions(path, found, SHAPES, "SqueezeNet 1.1", ADVICE, names)
    if kind == KERAS:
        weights["conv1"] = _from_caffe(*weights["conv1"])
    return weights


def _from_caffe(kernel, bias):
    """conv1 for BGR, 0-255, Caffe's mean subtracted, as the same function of PyTorch's pictures.

    The first convolution is not padded, so a change of its input's scale and mean is exactly one of its weights.
    """
    kernel = kernel[:, :, ::-1]  # BGR to RGB
    bias = bias + np.einsum("hwio,i->o", kernel, 255 * MEAN - MEANS.ravel())
    return kernel * (255 * STD)[:, None], bias.astype(np.float32)
