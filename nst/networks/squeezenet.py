"""SqueezeNet 1.1, the small network of the fast-style-transfer assignment.

Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size" (2016). A fire
module squeezes its input to few channels with 1×1 convolutions and expands it again, half of the channels with 1×1
and half with 3×3 convolutions.

Three kinds of weights file are read, and two conventions for pictures are behind them:

- the embedded .npz and PyTorch's .pth expect RGB from 0 to 1, less MEAN, divided by STD (see preprocess);
- Keras's .h5 holds the original Caffe weights, which expect BGR from 0 to 255, less a mean colour. conv1 is rewritten
  as it is read, so that the loaded network takes the same pictures as with the other files.
"""

from pathlib import Path

import h5py
import numpy as np

from nst.paths import PRETRAINED
from nst.pictures import MEANS, PictureError, load_image
from nst.quiet import tf
from nst.weights.files import WeightsError
from nst.weights.torch_file import Tensor, TorchFile, is_torch_file

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
    return SqueezeNet(weights, strength=1.0 if is_torch_file(path) else CAFFE_STRENGTH)


def read_weights(path):
    """Every convolution's (kernel, bias), float32, for pictures normalised as PyTorch's networks expect them.

    A kernel is (height, width, channels in, channels out). What a file is, is told from its first bytes.
    """
    path = Path(path)
    if path.is_dir():
        raise WeightsError(f"{path} is a folder where a weights file was expected; give the file's own path.")
    try:
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                weights = _checked(path, lambda name: _of_keras(file, name))
            weights["conv1"] = _from_caffe(*weights["conv1"])
            return weights
        if is_torch_file(path):
            return _checked(path, _of_torch(path))
        with np.load(path, allow_pickle=False) as file:
            return _checked(path, lambda name: [file.get(f"{name}/{part}") for part in ("kernel", "bias")])
    except WeightsError:
        raise
    except FileNotFoundError:
        raise WeightsError(f"There is no weights file {path}; check the path.") from None
    except Exception as error:  # h5py, zipfile and NumPy raise a dozen kinds for a damaged file
        raise WeightsError(
            f"{path} cannot be read as SqueezeNet's weights, an .npz, PyTorch's .pth or Keras's .h5 ({error}); get a "
            "good copy."
        ) from None


def _checked(path, arrays_of):
    """Every convolution's weights in float32; arrays_of: a function from its name to kernel and bias, or to Nones."""
    weights = {}
    for name, shape in SHAPES.items():
        kernel, bias = arrays_of(name)
        expected = f"expected a kernel of shape {shape} and {shape[-1]} biases for {name}"
        if kernel is None or bias is None:
            raise WeightsError(f"{path} holds another network than SqueezeNet 1.1: {expected}, found none.")
        if kernel.dtype.kind != "f" or bias.dtype.kind != "f":
            raise WeightsError(f"{path} holds {kernel.dtype} and {bias.dtype} for {name}, where floats were expected.")
        if kernel.shape != shape or bias.shape != shape[-1:]:
            raise WeightsError(
                f"{path} holds another network than SqueezeNet 1.1: {expected}, found {kernel.shape} and {bias.size}."
            )
        with np.errstate(over="ignore"):  # what float32 can't hold becomes infinity
            weights[name] = kernel.astype(np.float32), bias.astype(np.float32)
        if not all(np.isfinite(array).all() for array in weights[name]):
            raise WeightsError(f"{path} has NaN or infinity among the weights of {name}; get a good copy.")
    return weights


def _of_torch(path):
    """A function from a convolution's name to its kernel and bias in a state dict.

    Read are a state dict of the whole network, of its `features` alone, of the network in a DataParallel, and one that
    is kept under "state_dict" beside other things, as training scripts do.
    """
    file = TorchFile(path)
    state = file.content
    if isinstance(state, dict):
        state = state.get("state_dict", state)
    if not isinstance(state, dict):
        raise WeightsError(
            f"{path} holds a {type(state).__name__} where a state dict was expected; save model.state_dict() instead."
        )
    tensors = {
        key.removeprefix("module.").removeprefix("features."): tensor
        for key, tensor in state.items()
        if isinstance(key, str) and isinstance(tensor, Tensor)
    }

    def arrays_of(name):
        found = [tensors.get(f"{TORCH_NAMES[name]}.{part}") for part in ("weight", "bias")]
        kernel, bias = (None if tensor is None else file.array(tensor) for tensor in found)
        if kernel is not None and kernel.ndim == 4:
            kernel = kernel.transpose(2, 3, 1, 0)  # from (channels out, channels in, height, width)
        return kernel, bias

    return arrays_of


def _of_keras(file, name):
    """The two arrays of a convolution in Keras's file, told apart by their number of axes."""
    arrays = []
    if not isinstance(file.get(name), h5py.Group):
        return [None, None]
    file[name].visititems(lambda _, item: arrays.append(item[()]) if isinstance(item, h5py.Dataset) else None)
    arrays.sort(key=np.ndim, reverse=True)
    return arrays if len(arrays) == 2 else [None, None]


def _from_caffe(kernel, bias):
    """conv1 for BGR, 0-255, Caffe's mean subtracted, as the same function of PyTorch's pictures.

    The first convolution is not padded, so a change of its input's scale and mean is exactly one of its weights.
    """
    kernel = kernel[:, :, ::-1]  # BGR to RGB
    bias = bias + np.einsum("hwio,i->o", kernel, 255 * MEAN - MEANS.ravel())
    return kernel * (255 * STD)[:, None], bias.astype(np.float32)
