"""What the neural-style-transfer notebooks need beside your own functions: the network, and pictures in and out.

Pictures come in two forms. On disk and on screen a picture is (height, width, 3), uint8, RGB. For the network it is
(1, height, width, 3), float32, with the mean colour of the network's training pictures subtracted.
`reshape_and_normalize_image` goes one way, `to_rgb` the other.
"""

import difflib
import operator
import os
import textwrap
import warnings
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from nst import pretrained
from nst.files import whole_file
from nst.paths import IMAGES, OUTPUT, PRETRAINED
from nst.quiet import tf


class CONFIG:
    """The settings of the classic exercise."""

    IMAGE_WIDTH = 400
    IMAGE_HEIGHT = 300
    COLOR_CHANNELS = 3
    NOISE_RATIO = 0.6
    #: Mean red, green and blue of the pictures VGG-19 was trained on (0-255).
    MEANS = np.array(pretrained.MEANS, np.float32).reshape(1, 1, 1, 3)
    OUTPUT_DIR = OUTPUT
    CONTENT_IMAGE = IMAGES / "pyramid_small.jpg"
    STYLE_IMAGE = IMAGES / "impressionist.jpg"
    VGG_MODEL = PRETRAINED / "imagenet-vgg-verydeep-19.mat"


#: Five blocks of convolutions, each followed by a pooling that halves height and width.
LAYERS = ["input"]
for _block in range(1, 6):
    LAYERS += [layer for layer in pretrained.CONVOLUTIONS if layer.startswith(f"conv{_block}")]
    LAYERS += [f"avgpool{_block}"]

#: The network halves a picture five times, so this is the smallest that leaves it one pixel at the end.
SMALLEST_SIDE = 32

#: Painting takes memory in proportion to the picture; beyond this no ordinary machine has enough.
MOST_PIXELS = 20_000_000


class LayerError(KeyError):
    """No such layer, in one sentence."""

    def __str__(self):
        return self.args[0]  # KeyError itself would show the sentence in quotes


class PictureError(ValueError):
    """A picture that can't be used, in one sentence."""


# The network ---------------------------------------------------------------------------------------------------


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
        """weights: dict from layer name to (kernel, bias), as `nst.pretrained.read_weights` returns it."""
        self.name = name
        self._weights = {layer: (tf.constant(k), tf.constant(b)) for layer, (k, b) in weights.items()}
        # A pooling is there when the last convolution before it is.
        self.layers = ["input"]
        for before, layer in pairwise(LAYERS):
            if layer in weights or (layer.startswith("avgpool") and before in weights):
                self.layers.append(layer)
        shape = (1, CONFIG.IMAGE_HEIGHT, CONFIG.IMAGE_WIDTH, CONFIG.COLOR_CHANNELS)
        self._input = _picture_class()(tf.zeros(shape), trainable=True, name="input")

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
    Returns a VGG. Raises nst.pretrained.WeightsError, one sentence, for a file that can't be used.
    """
    if path is None:
        path, notice = pretrained.default_weights()
        print(notice)
    return VGG(pretrained.read_weights(path), name=Path(path).name)


# Pictures ------------------------------------------------------------------------------------------------------


def load_image(path, size=None):
    """Read a picture file as (height, width, 3) uint8 RGB.

    size: (height, width) crops the picture about its centre to that shape and resizes it; a single number resizes it
    until its smaller side has that many pixels, and crops nothing; None keeps it as it is.
    In any case the result has at most 20 million pixels.
    Grey and palette pictures become RGB, transparency is laid over white, 16 bits become 8, of an animation the first
    frame is taken, and a photo taken sideways is turned upright as its EXIF note says.
    Raises PictureError, one sentence, for a file that is missing, damaged, no picture, too small or absurdly large,
    and for a size that cannot be.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise PictureError(
            f"load_image expects the path of a picture file and was given a {type(path).__name__}; "
            'write it as in load_image("images/lake_small.jpg").'
        )
    path = Path(path)
    if os.path.isdir(path):
        raise PictureError(f"{path} is a folder; give the path of one picture in it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as file:
                if size is None and file.width * file.height > MOST_PIXELS:
                    raise PictureError(
                        f"{path} is {file.width}×{file.height} pixels, more than {MOST_PIXELS // 10**6} million; "
                        "give size=(height, width), for instance size=(300, 400), to load it smaller."
                    )
                picture = _as_rgb(ImageOps.exif_transpose(file))
    except PictureError:
        raise
    except FileNotFoundError:
        raise PictureError(f"There is no picture {path}; check the spelling and the folder.") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise PictureError(
            f"{path} has more than {Image.MAX_IMAGE_PIXELS // 10**6} million pixels; make it smaller first "
            "(400×300 is plenty for painting)."
        ) from None
    except UnidentifiedImageError:
        raise PictureError(f"{path} is not a picture that can be read; use a JPEG or PNG file.") from None
    except (OSError, ValueError, SyntaxError) as error:  # Pillow raises SyntaxError for a broken PNG
        raise PictureError(f"{path} cannot be read ({error}); save it again as JPEG or PNG.") from None
    if min(picture.size) < SMALLEST_SIDE:
        raise PictureError(
            f"{path} is {picture.width}×{picture.height} pixels and the network needs at least {SMALLEST_SIDE} in "
            "each direction; use a larger picture."
        )
    if size is not None:
        height, width = _checked_size(size, picture)
        picture = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    return np.array(picture, np.uint8)


def _checked_size(size, picture):
    """(height, width) that `size` asks for; a single number is the smaller side, and `picture` gives the other."""
    try:
        sides = [operator.index(side) for side in ([size] if np.ndim(size) == 0 else size)]
    except (TypeError, ValueError):
        sides = []
    if len(sides) == 1 and np.ndim(size) == 0:
        if not SMALLEST_SIDE <= sides[0] <= MOST_PIXELS:
            raise PictureError(
                f"size={size} cannot be a picture's smaller side: it should be a number from {SMALLEST_SIDE} up, such "
                "as 300."
            )
        scale = sides[0] / min(picture.size)
        sides = [round(side * scale) for side in (picture.height, picture.width)]
    if len(sides) != 2:
        raise PictureError(
            "size should be a pair of whole numbers, (height, width), such as (300, 400), or one number for the "
            f"smaller side, and it is {textwrap.shorten(repr(size), 60, placeholder=' …')}."
        )
    height, width = sides
    if min(height, width) < SMALLEST_SIDE:
        raise PictureError(
            f"size=({height}, {width}) is too small: the network needs at least {SMALLEST_SIDE} pixels in each "
            "direction."
        )
    if height * width > MOST_PIXELS:
        raise PictureError(
            f"size=({height}, {width}) is more than {MOST_PIXELS // 10**6} million pixels; make it smaller "
            "(300×400 is plenty for painting)."
        )
    return height, width


def _as_rgb(picture):
    """A Pillow picture of any mode as RGB; ValueError for NaN and infinity."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        # Pillow would clip grey values above 255; these files go up to 65535, and floating-point ones often to 1.
        values = np.asarray(picture, np.float64)
        if not np.isfinite(values).all():
            raise ValueError("it has values that are no numbers, NaN or infinity")
        largest = values.max(initial=0)
        if picture.mode.startswith("I;16") or largest > 255:
            values = values / 257
        elif largest <= 1:
            values = values * 255
        picture = Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def reshape_and_normalize_image(image):
    """A picture as the network takes it: (1, height, width, 3) float32, the mean colour subtracted.

    image: (height, width, 3) or (1, height, width, 3), RGB, 0-255.
    Raises PictureError for another shape, for values between 0 and 1 instead of 0 and 255, and for negative values,
    NaN and infinity.
    """
    image = np.asarray(image)
    if image.ndim not in (3, 4) or image.shape[-1] != 3 or (image.ndim == 4 and image.shape[0] != 1):
        raise PictureError(
            f"Expected a picture of shape (height, width, 3) and found {image.shape}; load_image(path) makes one."
        )
    if image.size == 0:
        raise PictureError(
            f"Expected a picture and found an empty array of shape {image.shape}; look at how it was cut."
        )
    colours = image.reshape(1, *image.shape[-3:]).astype(np.float32)
    if not np.isfinite(colours).all():
        raise PictureError("Expected colours between 0 and 255 and found NaN or infinity; load the picture again.")
    if colours.min() < 0:
        raise PictureError(
            f"Expected colours between 0 and 255 and found {colours.min():g}; if the picture is normalised already, "
            "use it as it is, else clip it with np.clip(picture, 0, 255)."
        )
    if image.dtype.kind == "f" and 0 < colours.max() <= 1:
        raise PictureError("Expected colours between 0 and 255 and found 0 to 1; multiply the picture by 255.")
    return colours - CONFIG.MEANS


def to_rgb(image):
    """The inverse of reshape_and_normalize_image: (height, width, 3) uint8 RGB, rounded and clipped to 0-255.

    image: (1, height, width, 3) or (height, width, 3) with the mean colour subtracted; array, tensor or variable.
    uint8 is taken as RGB already. Raises PictureError for another shape or for NaN and infinity.
    """
    image = np.asarray(image)
    if image.ndim == 4 and image.shape[0] == 1:
        image = image[0]
    if image.ndim != 3 or image.shape[-1] != 3:
        raise PictureError(f"Expected a picture of shape (1, height, width, 3) and found {image.shape}.")
    if image.dtype == np.uint8:
        return image
    if not np.isfinite(image).all():
        raise PictureError(
            "The picture has values that are no numbers any more (NaN or infinity); paint again with a smaller "
            "learning rate."
        )
    return np.clip(np.rint(image + CONFIG.MEANS[0]), 0, 255).astype(np.uint8)


def generate_noise_image(content_image, noise_ratio=CONFIG.NOISE_RATIO, rng=None):
    """The picture that painting starts from: noise mixed with the content picture.

    content_image: (1, height, width, 3), mean subtracted.
    noise_ratio: 0 gives the content picture, 1 gives noise alone, uniform between -20 and 20.
    rng: a numpy Generator, for the same noise again; None for fresh noise.
    Returns float32 of content_image's shape.
    """
    content_image = np.asarray(content_image, np.float32)
    if content_image.ndim != 4 or content_image.shape[-1] != 3:
        raise PictureError(
            f"Expected a picture of shape (1, height, width, 3) and found {content_image.shape}; "
            "pass it through reshape_and_normalize_image first."
        )
    if not 0 <= noise_ratio <= 1:
        raise ValueError(f"noise_ratio is a share between 0 and 1, and {noise_ratio} is not; 0.6 is usual.")
    noise = np.random.default_rng(rng).uniform(-20, 20, content_image.shape).astype(np.float32)
    return np.float32(noise_ratio) * noise + np.float32(1 - noise_ratio) * content_image


def save_image(path, image):
    """Write a picture to a .png or .jpg file; the folder is made if need be.

    image: (1, height, width, 3) with the mean colour subtracted, as the network takes it.
    The file appears whole or not at all. Raises PictureError, one sentence, when it can't be written.
    """
    path = Path(path)
    kinds = {".png": {"format": "PNG"}, ".jpg": {"format": "JPEG", "quality": 95}}
    kinds[".jpeg"] = kinds[".jpg"]
    if path.suffix.lower() not in kinds:
        raise PictureError(f"{path} should end in .png or .jpg, so that its kind is known.")
    picture = Image.fromarray(to_rgb(image))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            picture.save(unfinished, **kinds[path.suffix.lower()])
    except OSError as error:
        raise PictureError(f"{path} cannot be written ({error.strerror or error}); choose another folder.") from None
