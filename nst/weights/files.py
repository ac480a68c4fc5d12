"""Where the network's weights come from: the embedded file, or the full VGG-19 once you have fetched it.

Four kinds of file hold VGG-19's convolutions, and `read_weights` returns the same from each:

- MatConvNet's imagenet-vgg-verydeep-19.mat, in the current layout and in that of beta16 (RGB);
- Keras's vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5 (BGR, turned into RGB here);
- an .npz with the arrays `conv1_1/kernel`, `conv1_1/bias` and so on (RGB), like the embedded one.

All of them expect colours from 0 to 255 with the mean (123.68, 116.779, 103.939) subtracted. The weights are those of
Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015), CC BY 4.0.
"""

import json
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import pooch

from nst.paths import PRETRAINED, whole_file
from nst.pictures import MEANS

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
USER_FOLDER = Path(pooch.os_cache("nst"))


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

HELP = "`make weights`, or nst.weights.fetch() in a notebook, fetches a good copy of the full VGG-19."


class WeightsError(ValueError):
    """A weights file that can't be used, in one sentence."""


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


# Reading -------------------------------------------------------------------------------------------------------


def read_weights(path):
    """The convolutions of a weights file: a dict from layer name to (kernel, bias).

    kernel: (3, 3, channels in, channels out) float32, first kernel in RGB order; bias: (channels out,) float32.
    A file may stop early (conv1_1 … conv3_4, say), but must not have gaps. What a file is, is told from its first
    bytes, so it may have any name. A .mat file is read once; after that a copy of its convolutions is.
    Raises WeightsError, one sentence, for a file that can't be used.
    """
    path = Path(path)
    if path.is_dir():
        raise WeightsError(f"{path} is a folder where a weights file was expected; give the file's own path.")
    try:
        with path.open("rb") as file:
            beginning = file.read(512)
    except FileNotFoundError:
        raise WeightsError(f"There is no weights file {path}; check the path, or let it be fetched: {HELP}") from None
    except OSError as error:
        raise WeightsError(f"{path} cannot be opened ({error.strerror or error}); check its permissions.") from None

    if not beginning:
        raise WeightsError(f"{path} is empty; delete it. {HELP}")
    if is_web_page(beginning):
        raise WeightsError(
            f"{path} is a web page, not weights: a server sent an error message under that name; delete it. {HELP}"
        )
    if beginning.startswith(b"MATLAB 5.0"):
        return _from_cache(path) or _read(_read_matconvnet, path, "a MATLAB file", _to_cache)
    if beginning.startswith(b"\x89HDF\r\n\x1a\n"):
        return _read(_read_keras, path, "an HDF5 file")
    if beginning.startswith(b"PK\x03\x04"):
        return _read(_read_npz, path, "an .npz file")
    raise WeightsError(
        f"{path} is no weights file: expected MatConvNet's .mat, Keras's .h5 or an .npz, found a file that begins "
        f"with {beginning[:8]!r}. {HELP}"
    )


def is_web_page(beginning):
    return beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _read(reader, path, kind, afterwards=None):
    """What `reader` returns for `path`; a failure becomes a sentence."""
    try:
        weights = reader(path)
    except (WeightsError, MemoryError):
        raise
    except Exception as error:  # the three libraries raise a dozen kinds for a damaged file, struct.error to KeyError
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsError(
            f"{path} is damaged: it begins like {kind} but cannot be read to its end ({detail}); delete it. {HELP}"
        ) from None
    if afterwards:
        afterwards(path, weights)
    return weights


def _read_matconvnet(path):
    """Simonyan & Zisserman's release for MATLAB, by way of MatConvNet.

    `layers` is a row of structs. A convolution's struct has a field `weights`, a row of kernel and bias. It is
    the third field in the current layout (layers[0][i][0][0][2][0]) and the first in beta16's
    (layers[0][i][0][0][0][0]), so it is looked up by name. Kernels are (height, width, channels in, channels
    out), as TensorFlow has them.
    """
    import scipy.io  # here, for it takes a third of a second and few have such a file

    data = scipy.io.loadmat(path, variable_names=["layers", "meta", "normalization"])
    if "layers" not in data:
        raise WeightsError(
            f"{path} is a MATLAB file without `layers`, so it holds no MatConvNet network of the kind expected. {HELP}"
        )
    names, found = [], {}
    for cell in data["layers"].ravel():
        layer = cell[0, 0]
        if "weights" not in layer.dtype.names:
            continue
        name = str(layer["name"].item())
        names.append(name)
        if name in WIDTHS:
            found[name] = [np.array(array, np.float32, order="C") for array in layer["weights"].ravel()]
    weights = _checked(path, found, names, WIDTHS)

    normalization = data["meta"][0, 0]["normalization"] if "meta" in data else data["normalization"]
    # Either one colour or a whole picture of it; reshaping to (pixels, 3) serves both.
    means = normalization[0, 0]["averageImage"].reshape(-1, 3).mean(axis=0)
    if not np.allclose(means, MEANS, atol=0.01):
        raise WeightsError(
            f"{path} holds another network: expected VGG-19's mean colour {_rounded(MEANS.ravel())}, found "
            f"{_rounded(means)}. {HELP}"
        )
    return weights


def _rounded(means):
    return tuple(round(float(mean), 3) for mean in means)


def _read_keras(path):
    """Keras's file: a group `block1_conv1` for conv1_1 with two arrays, named differently from version to version."""
    with h5py.File(path, "r") as file:
        names, found = list(file), {}
        for layer in CONVOLUTIONS:
            block, index = layer.removeprefix("conv").split("_")
            group = file.get(f"block{block}_conv{index}")
            if group is None:
                continue
            arrays = sorted(_arrays_below(group), key=np.ndim, reverse=True)  # the kernel has more axes, so it is first
            found[layer] = [array.astype(np.float32) for array in arrays]
    if "conv1_1" in found and found["conv1_1"][0].ndim == 4:
        found["conv1_1"][0] = np.ascontiguousarray(found["conv1_1"][0][:, :, ::-1])  # BGR to RGB
    return _checked(path, found, names, WIDTHS)


def _arrays_below(group):
    """The arrays of an HDF5 group and of the groups in it."""
    arrays = []

    def collect(_, item):
        if isinstance(item, h5py.Dataset):
            arrays.append(item[()])

    group.visititems(collect)
    return arrays


def _read_npz(path):
    """The embedded file's format: `conv1_1/kernel` and `conv1_1/bias`, RGB, half or single precision."""
    with np.load(path, allow_pickle=False) as file:
        found = {}
        for layer in CONVOLUTIONS:
            keys = [f"{layer}/{part}" for part in ("kernel", "bias") if f"{layer}/{part}" in file.files]
            if keys:
                found[layer] = [_numbers(path, key, file) for key in keys]
        return _checked(path, found, file.files)


def _numbers(path, key, file):
    try:
        array = file[key]
    except ValueError as error:
        if "pickle" not in str(error):
            raise
        raise WeightsError(
            f"{path} holds Python objects under {key}, where an array of numbers was expected; such a file can run "
            f"code when opened and is refused. {HELP}"
        ) from None
    if array.dtype.kind != "f":
        raise WeightsError(
            f"{path} holds {array.dtype} under {key}, where floating-point numbers were expected. {HELP}"
        )
    return array.astype(np.float32)


def _checked(path, found, names, widths=None):
    """`found` in the network's order as (kernel, bias) pairs, or a WeightsError if it is not VGG-19.

    found: layer -> list of arrays; names: every name in the file, for the message; widths: layer -> channels out, or
    None where any width will do.
    """
    present = [layer for layer in CONVOLUTIONS if layer in found]
    if not present or present != CONVOLUTIONS[: len(present)]:
        missing = next(layer for layer in CONVOLUTIONS if layer not in found)
        raise WeightsError(
            f"{path} holds another network: expected VGG-19's convolutions conv1_1 … conv5_4, found no {missing} "
            f"among {_shortened(names)}. {HELP}"
        )
    weights, channels = {}, 3
    for layer in present:
        if len(found[layer]) != 2:
            raise WeightsError(
                f"{path} should have a kernel and a bias for {layer} and has {len(found[layer])} array(s). {HELP}"
            )
        kernel, bias = found[layer]
        width = widths[layer] if widths else kernel.shape[-1] if kernel.ndim else 0
        if kernel.shape != (3, 3, channels, width) or bias.size != width:
            raise WeightsError(
                f"{path} holds another network: expected a kernel of shape (3, 3, {channels}, {width}) and {width} "
                f"biases for {layer}, found {kernel.shape} and {bias.size}. {HELP}"
            )
        if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
            raise WeightsError(f"{path} has NaN or infinity among the weights of {layer}; delete it. {HELP}")
        weights[layer] = (kernel, bias.reshape(-1))
        channels = width
    return weights


def _shortened(names):
    names = list(names)
    return ", ".join(names) if len(names) <= 8 else ", ".join([*names[:4], "…", *names[-3:]])


# The compact copy of a .mat file -------------------------------------------------------------------------------


def _cache_paths(path):
    """Beside the file, or where that cannot be written, in the user's own folder."""
    name = f"{path.stem}.cache.npz"
    return [path.parent / name, USER_FOLDER / name]


def _fingerprint(path):
    """What the copy was made from; a .mat that was replaced has another size or time of change."""
    status = path.stat()
    return json.dumps([path.name, status.st_size, status.st_mtime_ns])


def _from_cache(path):
    """The convolutions of an earlier reading of `path`, or None."""
    for cache in _cache_paths(path):
        try:
            with np.load(cache, allow_pickle=False) as file:
                if str(file["source"]) == _fingerprint(path):
                    return _read_npz(cache)
        except Exception:  # absent, stale, cut short: whatever it is, the .mat is there to be read
            continue
    return None


def _to_cache(path, weights):
    arrays = {"source": np.array(_fingerprint(path))}
    for layer, (kernel, bias) in weights.items():
        arrays[f"{layer}/kernel"], arrays[f"{layer}/bias"] = kernel, bias
    for cache in _cache_paths(path):
        try:
            cache.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(cache) as unfinished:
                np.savez(unfinished, **arrays)
            return
        except OSError:  # without a copy the next load is slower, and nothing else
            continue
