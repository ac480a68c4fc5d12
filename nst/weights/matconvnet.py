"""MatConvNet's .mat of VGG-19, and the compact copy that is read in its place from the second time on."""

import json

import numpy as np
import scipy.io

from nst.paths import whole_file
from nst.pictures import MEANS
from nst.weights import files
from nst.weights.files import ADVICE, MATCONVNET, PARTS, WIDTHS, WeightsError, checked_vgg19, reading


def read_weights(path):
    """The convolutions of a .mat file, as nst.weights.files.read_weights returns them; path: a Path."""
    weights = _from_cache(path)
    if not weights:
        weights = _read(path)
        _to_cache(path, weights)
    return weights


def _read(path):
    """Simonyan & Zisserman's release for MATLAB, by way of MatConvNet.

    `layers` is a row of structs. A convolution's struct has a field `weights`, a row of kernel and bias. It is
    the third field in the current layout (layers[0][i][0][0][2][0]) and the first in beta16's
    (layers[0][i][0][0][0][0]), so it is looked up by name. Kernels are (height, width, channels in, channels
    out), as TensorFlow has them.
    """
    with reading(path, MATCONVNET, ADVICE):
        data = scipy.io.loadmat(path, variable_names=["layers", "meta", "normalization"])
        if "layers" not in data:
            raise WeightsError(
                f"{path} holds no MatConvNet network: expected a MATLAB file with `layers`, found one without "
                f"`layers`; {ADVICE}."
            )
        names, found = [], {}
        for cell in data["layers"].ravel():
            layer = cell[0, 0]
            if "weights" not in layer.dtype.names:
                continue
            name = str(layer["name"].item())
            names.append(name)
            if name in WIDTHS:
                for part, array in zip(PARTS, layer["weights"].ravel(), strict=False):
                    found[f"{name}/{part}"] = array.ravel() if part == "bias" else array
        weights = checked_vgg19(path, found, names, WIDTHS)
        normalization = data["meta"][0, 0]["normalization"] if "meta" in data else data["normalization"]
        # Either one colour or a whole picture of it; reshaping to (pixels, 3) serves both.
        means = normalization[0, 0]["averageImage"].reshape(-1, 3).mean(axis=0, dtype=np.float64)
    if not np.allclose(means, MEANS, atol=0.01):
        raise WeightsError(
            f"{path} holds another network: expected VGG-19's mean colour {_rounded(MEANS.ravel())}, found "
            f"{_rounded(means)}; {ADVICE}."
        )
    return weights


def _rounded(means):
    return tuple(round(float(mean), 3) for mean in means)


# The compact copy ---------------------------------------------------------------------------------------------------


def _cache_paths(path):
    """In the file's own folder, or where that cannot be written to, in the user's."""
    name = f"{path.stem}.cache.npz"
    return [path.parent / name, files.USER_FOLDER / name]


def _fingerprint(path):
    """What the copy was made from; a .mat that was replaced has another size or time of change."""
    status = path.stat()
    return json.dumps([path.name, status.st_size, status.st_mtime_ns])


def _from_cache(path):
    """The convolutions of an earlier reading of `path`, or None."""
    for cache in _cache_paths(path):
        try:
            with np.load(cache, allow_pickle=False) as file:
                fresh = str(file["source"]) == _fingerprint(path)
            if fresh:
                return files.read_weights(cache)
        except Exception:  # absent, stale, cut short: whatever it is, the .mat is there to be read
            continue
    return None


def _to_cache(path, weights):
    arrays = {"source": np.array(_fingerprint(path))}
    for layer, arrays_of_layer in weights.items():
        arrays |= {f"{layer}/{part}": array for part, array in zip(PARTS, arrays_of_layer, strict=True)}
    for cache in _cache_paths(path):
        try:
            cache.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(cache) as unfinished:
                np.savez(unfinished, **arrays)
            return
        except OSError:  # without a copy the next load is slower, and nothing else
            continue
