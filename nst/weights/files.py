"""Weights from files: what kind a file is, the arrays in it, and one check for every network.

A file is refused in one sentence, a WeightsError: what was expected, what was found, what to do. Of every array that a
network needs, `checked` looks whether it is there, at its shape and type, and whether its numbers are finite. Two of
the layouts have modules of their own, matconvnet.py and torch_file.py.
"""

import os
import zipfile
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from nst import disk

#: Kinds of file, as they are called in sentences.
NPZ, KERAS, MATCONVNET, TORCH = "an .npz", "Keras's .h5", "MatConvNet's .mat", "PyTorch's .pth"

#: What a convolution's two arrays are called.
PARTS = ("kernel", "bias")


class WeightsError(ValueError):
    """A weights file that can't be used, in one sentence."""


# What any network's file is -----------------------------------------------------------------------------------------


def kind_of(path, kinds, advice):
    """Which of `kinds` (NPZ, KERAS, MATCONVNET, TORCH) a file is, told from its first bytes: it may have any name.

    advice: what to do about a file that is no good, the end of a sentence.
    Raises WeightsError for a file that is missing, empty, a folder, a web page, or of another kind.
    """
    path = Path(path)
    if os.path.isdir(path):
        raise WeightsError(f"{path} is a folder where a weights file was expected; give the file's own path.")
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for, for ever
            raise WeightsError(f"{path} is no plain file, where a weights file was expected; give the path of one.")
        with path.open("rb") as file:
            beginning = file.read(512)
    except FileNotFoundError:
        raise WeightsError(f"There is no weights file {path}; check the path, or {advice}.") from None
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be opened ({error.strerror or error}); {disk.when_reading(error)}."
        ) from None
    if not beginning:
        raise WeightsError(f"{path} is empty, where a weights file was expected; delete it, and {advice}.")
    if is_web_page(beginning):
        raise WeightsError(
            f"{path} is a web page, not weights: a server sent an error message under that name; delete it, and "
            f"{advice}."
        )
    kind = None
    if beginning.startswith(b"MATLAB 5.0"):
        kind = MATCONVNET
    elif beginning.startswith(b"\x89HDF\r\n\x1a\n"):
        kind = KERAS
    elif beginning.startswith(b"\x80") or beginning[257:262] == b"ustar":
        kind = TORCH
    elif beginning.startswith(b"PK\x03\x04"):
        with reading(path, "a zip, as an .npz and PyTorch's files are,", advice), zipfile.ZipFile(path) as archive:
            kind = TORCH if any(name.endswith("data.pkl") for name in archive.namelist()) else NPZ
    if kind not in kinds:
        raise WeightsError(
            f"{path} is no weights file for this network: expected {' or '.join(kinds)}, found "
            f"{kind or f'a file that begins with {beginning[:8]!r}'}; {advice}."
        )
    return kind


def is_web_page(beginning):
    return beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


@contextmanager
def reading(path, kind, advice):
    """Whatever goes wrong within becomes the sentence that a file is damaged, unless it is not the file's fault."""
    try:
        yield
    except (WeightsError, MemoryError, ImportError):
        raise
    except BlockingIOError:
        raise WeightsError(
            f"{path} is locked: something else has it open, or it lies on a network disk that knows no locks; close it "
            "there, or set the environment variable HDF5_USE_FILE_LOCKING to FALSE."
        ) from None
    except Exception as error:  # the libraries raise a dozen kinds for a damaged file, struct.error to KeyError
        detail = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        if isinstance(error, OSError) and disk.is_fault_of_disk(error):
            raise WeightsError(f"{path} cannot be read ({detail}); {disk.when_reading(error)}.") from None
        raise WeightsError(
            f"{path} is damaged: it begins like {kind} but cannot be read to its end ({detail}); delete it, and "
            f"{advice}."
        ) from None


# Layouts. Each function returns the arrays by name, and the names of all that is in the file. -----------------------


def read_npz(path, wanted, advice):
    """The arrays called `wanted` of an .npz. Python objects, which would be run as they are read, are refused."""
    found = {}
    with reading(path, NPZ, advice), np.load(path, allow_pickle=False) as file:
        for name in file.files:
            if name in wanted:
                try:
                    found[name] = np.asarray(file[name])
                except ValueError as error:
                    if "pickle" not in str(error):
                        raise
                    raise WeightsError(
                        f"{path} holds Python objects under {name}, where an array of numbers was expected; such a "
                        f"file can run code when opened and is refused, so {advice}."
                    ) from None
        return found, file.files


def read_keras(path, groups, advice):
    """Kernels and biases of Keras's .h5; groups: convolution -> the group that holds its two arrays.

    The two are named differently from version to version, and some lie in groups within the group; but the kernel has
    more axes.
    """
    found = {}
    with reading(path, KERAS, advice), h5py.File(path, "r") as file:
        for layer, group in groups.items():
            arrays = _arrays_below(file[group]) if isinstance(file.get(group), h5py.Group) else []
            found |= {f"{layer}/{part}": array for part, array in zip(PARTS, arrays, strict=False)}
        return found, list(file)


def _arrays_below(group):
    """The arrays of an HDF5 group and of the groups in it, those of most axes first."""
    arrays = []

    def collect(_, item):
        if isinstance(item, h5py.Dataset):
            arrays.append(np.asarray(item[()]))

    group.visititems(collect)
    return sorted(arrays, key=np.ndim, reverse=True)


# The one check ------------------------------------------------------------------------------------------------------


def checked(path, found, shapes, network, advice, names=(), variances=()):
    """The arrays that `shapes` names, in its order, as float32.

    found: name -> array. shapes: name -> the shape expected. network: what was expected, for the sentences.
    names: of all that is in the file, for the sentence about a missing array. variances: names of arrays in which no
    number may be negative. Raises WeightsError for the first fault.
    """
    missing = [name for name in shapes if name not in found]
    if missing:
        raise WeightsError(
            f"{path} holds another network: expected {network} with {_shortened(shapes)}, found no "
            f"{_shortened(missing)} among {_shortened(names) or 'nothing at all'}; {advice}."
        )
    arrays = {}
    for name, shape in shapes.items():
        array = found[name]
        if array.shape != shape or array.dtype.kind != "f":
            raise WeightsError(
                f"{path} holds another network: expected {network} with floating-point numbers of shape {shape} for "
                f"{name}, found {array.dtype} of shape {array.shape}; {advice}."
            )
        with np.errstate(over="ignore"):  # what float32 can't hold becomes infinity
            arrays[name] = np.array(array, np.float32, order="C")
        if not np.isfinite(arrays[name]).all():
            raise WeightsError(f"{path} has NaN or infinity among the numbers of {name}; {advice}.")
        if name in variances and (arrays[name] < 0).any():
            raise WeightsError(f"{path} has a negative number in {name}, where variances were expected; {advice}.")
    return arrays


def checked_convolutions(path, found, kernels, network, advice, names):
    """(kernel, bias) of each convolution; kernels: convolution -> its kernel's shape, channels out last."""
    shapes = {
        f"{layer}/{part}": shape if part == "kernel" else shape[-1:]
        for layer, shape in kernels.items()
        for part in PARTS
    }
    arrays = checked(path, found, shapes, network, advice, names)
    return {layer: tuple(arrays[f"{layer}/{part}"] for part in PARTS) for layer in kernels}


def _shortened(names):
    names = [str(name)[:60] for name in names]
    return ", ".join(names if len(names) <= 6 else [*names[:3], "…", *names[-2:]])
