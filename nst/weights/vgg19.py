"""VGG-19's weights: the embedded file, or the full network's once you have fetched it.

Four kinds of file hold VGG-19's convolutions, and `read_weights` returns the same from each:

- MatConvNet's imagenet-vgg-verydeep-19.mat, in the current layout and in that of beta16 (RGB);
- Keras's vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5 (BGR, turned into RGB here);
- an .npz with the arrays `conv1_1/kernel`, `conv1_1/bias` and so on (RGB), like the embedded one.

All of them expect colours from 0 to 255 with the mean (123.68, 116.779, 103.939) subtracted. The weights are those of
Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015), CC BY 4.0.
"""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import platformdirs

from nst.paths import PRETRAINED
from nst.weights.files import KERAS, MATCONVNET, NPZ, PARTS, checked_convolutions, kind_of, read_keras, read_npz

#: VGG-19's convolutions from the picture upwards, each with its number of output channels.
WIDTHS = {
    f"conv{block}_{index}": width
    for block, (count, width) in enumerate([(2, 64), (2, 128), (4, 256), (4, 512), (4, 512)], start=1)
    for index in range(1, count + 1)
}
CONVOLUTIONS = list(WIDTHS)

#: The small network that comes with the course.
EMBEDDED = PRETRAINED / "vgg19-distilled.npz"

#: Where files go when the course's own folder cannot be written to, as on a shared hub.
USER_FOLDER = platformdirs.user_cache_path("nst")


class Source(NamedTuple):
    """A published file: its name, address, size in bytes (None where it is not published) and MD5."""

    file: str
    url: str
    size: int | None
    md5: str


SOURCES = {
    "vgg19": Source(
        "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/"
        "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        80_134_624,
        "253f8cb515780f3b799900260a226db6",
    ),
    "vgg19-matconvnet": Source(
        "imagenet-vgg-verydeep-19.mat",
        "https://www.vlfeat.org/matconvnet/models/imagenet-vgg-verydeep-19.mat",
        None,
        "106118b7cf60435e6d8e04f6a6dc3657",
    ),
    "vgg19-matconvnet-beta16": Source(
        "imagenet-vgg-verydeep-19-beta16.mat",
        "https://www.vlfeat.org/matconvnet/models/beta16/imagenet-vgg-verydeep-19.mat",
        None,
        "8ee3263992981a1d26e73b3ca028a123",
    ),
}

#: What to do about a file of VGG-19 that is no good.
ADVICE = "get a good copy with `make weights`, or with nst.weights.fetch() in a notebook"


def default_weights():
    """The file that `load_vgg_model()` takes, and the line that says so: (path, notice).

    It is the full VGG-19 where `nst weights` has put it, in the course's folder or in yours, else the embedded network.
    """
    for folder in (PRETRAINED, USER_FOLDER):
        for source in SOURCES.values():
            path = folder / source.file
            if path.is_file():
                return path, (
                    f"Using the full VGG-19 ({path.name}); load_vgg_model(nst.weights.EMBEDDED) takes the small "
                    "network that comes with the course."
                )
    return EMBEDDED, (
        f"Using the small network that comes with the course ({EMBEDDED.name}); nst.weights.fetch() gets the full "
        "VGG-19 (80 MB), which paints a little better."
    )


def read_weights(path):
    """The convolutions of a weights file of VGG-19: a dict from layer name to (kernel, bias).

    kernel: (3, 3, channels in, channels out) float32, first kernel in RGB order; bias: (channels out,) float32.
    A file may stop early (conv1_1 … conv3_4, say), but must not have gaps. A .mat file is read once; after that a copy
    of its convolutions is.
    Raises WeightsError, one sentence, for a file that can't be used.
    """
    path = Path(path)
    kind = kind_of(path, (MATCONVNET, KERAS, NPZ), ADVICE)
    if kind == MATCONVNET:
        from nst.weights import matconvnet  # here, for SciPy takes a third of a second and few have such a file

        for copy in matconvnet.fresh_copies(path, USER_FOLDER):
            with suppress(Exception):  # cut short, or something else: the .mat is there to be read
                return read_weights(copy)
        found, names = matconvnet.read(path, WIDTHS, ADVICE)
        weights = checked_vgg19(path, found, names, WIDTHS)
        matconvnet.keep_copy(path, USER_FOLDER, weights)
        return weights
    if kind == KERAS:
        found, names = read_keras(path, {layer: f"block{layer[4]}_{layer[:4]}{layer[6]}" for layer in WIDTHS}, ADVICE)
        if np.ndim(found.get("conv1_1/kernel")) == 4:
            found["conv1_1/kernel"] = found["conv1_1/kernel"][:, :, ::-1]  # BGR to RGB
        return checked_vgg19(path, found, names, WIDTHS)
    found, names = read_npz(path, {f"{layer}/{part}" for layer in WIDTHS for part in PARTS}, ADVICE)
    return checked_vgg19(path, found, names)


def checked_vgg19(path, found, names, widths=None):
    """(kernel, bias) of each convolution as far as a file goes; widths: layer -> channels out, None where any will do.

    found: conv1_1/kernel, conv1_1/bias … -> array; names: of all that is in the file.
    """
    last = max((i for i, layer in enumerate(CONVOLUTIONS) for part in PARTS if f"{layer}/{part}" in found), default=0)
    kernels, channels = {}, 3
    for layer in CONVOLUTIONS[: last + 1]:
        kernel = found.get(f"{layer}/kernel")
        width = widths[layer] if widths else kernel.shape[-1] if np.ndim(kernel) else 0
        kernels[layer] = (3, 3, channels, width)
        channels = width
    return checked_convolutions(path, found, kernels, "VGG-19", ADVICE, names)
