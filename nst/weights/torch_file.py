"""Read the tensors of a PyTorch file without PyTorch, and without running anything that the file asks for.

`torch.save(model.state_dict(), path)` writes two things: the tensors' numbers, one run of bytes after another, and a
pickle that says which run is which tensor. torch_pickle.py follows the pickle; here are the files around it. No numbers
are read before you ask for them.

PyTorch has had three kinds of file. Two are read, the zip that it writes since 1.6 (`_open_zip`) and the sequence of
pickles of 0.1.10 to 1.5 (`_open_sequence`), because state dicts of both kinds are in use; the tar of before 0.1.10 is
told apart and refused, because no file of today is one, and PyTorch can save an old one again.
The files are described in torch/serialization.py of https://github.com/pytorch/pytorch.
"""

import io
import struct
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from nst.weights.files import TORCH, WeightsError, reading
from nst.weights.torch_pickle import Refusal, Tensor, follow, storage_of

#: The most bytes that a pickle may have. SqueezeNet's has 7 thousand; following more would only cost time and memory.
LIMIT = 1_000_000

#: The first pickle of a file of PyTorch 0.1.10 to 1.5.
MAGIC = 0x1950A86A20F9469CFC6C


class TorchFile:
    """A file of torch.save: `content` is what was saved, plain dicts and lists with a Tensor for each tensor.

    Raises nst.weights.WeightsError, one sentence, for a file that is damaged or that holds more than tensors.
    """

    def __init__(self, path):
        self.path = Path(path)
        with self._sentences():
            with self.path.open("rb") as file:
                beginning = file.read(512)
            if beginning[257:262] == b"ustar":
                raise Refusal(
                    "is a tar, as PyTorch wrote it before 0.1.10 (2017), where one of its later formats was expected; "
                    "get a later copy, or open this one with PyTorch and save its state dict again."
                )
            self.content, self._read = (_open_zip if beginning.startswith(b"PK") else _open_sequence)(self.path)

    def array(self, tensor):
        """The numbers of a Tensor of this file: a new array of its shape, in the file's precision."""
        offset, shape, dtype = tensor.offset, tensor.shape, tensor.storage.dtype
        with self._sentences():
            data = self._read(tensor.storage)
            if len(data) != tensor.storage.size * dtype.itemsize:
                raise ValueError(f"{len(data)} bytes for {tensor.storage.size} numbers")
            strides = [stride * dtype.itemsize for stride in tensor.strides]
            view = np.lib.stride_tricks.as_strided(np.frombuffer(data, dtype)[offset:], shape, strides)
            return view.astype(dtype.newbyteorder("="))

    @contextmanager
    def _sentences(self):
        try:
            with reading(self.path, TORCH, "get a good copy"):
                yield
        except Refusal as refusal:
            raise WeightsError(f"{self.path} {refusal}") from None


def read_state_dict(path, layers):
    """Kernels and biases in a state dict, by name, and the names of all tensors in it.

    layers: convolution -> its name in PyTorch. Kernels become (height, width, channels in, channels out).
    Read are a state dict of the whole network, of its `features` alone, of the network in a DataParallel, and one that
    is kept under "state_dict" among other things, as training scripts do.
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
    found = {}
    for layer, name in layers.items():
        if f"{name}.weight" in tensors:
            kernel = file.array(tensors[f"{name}.weight"])
            found[f"{layer}/kernel"] = kernel.transpose(2, 3, 1, 0) if kernel.ndim == 4 else kernel
        if f"{name}.bias" in tensors:
            found[f"{layer}/bias"] = file.array(tensors[f"{name}.bias"])
    return found, list(tensors)


# The two kinds of file. Each function returns the content, and a function that reads a storage's bytes. -----------


def _open_zip(path):
    """Since PyTorch 1.6: a zip, not compressed, of data.pkl and a file for every storage, data/0, data/1 and so on."""

    def member(name, limit):
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(name)
            # A few kilobytes of a compressed file can unpack to any size.
            if info.compress_type != zipfile.ZIP_STORED:
                raise Refusal(f"has {name[:80]!r} compressed, which PyTorch never does; get a good copy.")
            if info.file_size > limit:
                raise ValueError(f"it says that {name[:80]!r} has {info.file_size} bytes, more than {limit}")
            return archive.read(info)

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    pickle = next(name for name in names if name.endswith("data.pkl"))
    folder = pickle.removesuffix("data.pkl")
    order = "<"
    if f"{folder}byteorder" in names:
        order = {b"little": "<", b"big": ">"}[member(f"{folder}byteorder", 10)]
    content = follow(io.BytesIO(member(pickle, LIMIT)), lambda saved: storage_of(saved, order))
    whole = path.stat().st_size
    return content, lambda storage: member(f"{folder}data/{storage.key}", whole)


def _open_sequence(path):
    """PyTorch 0.1.10 to 1.5: five pickles, then for each storage how many numbers it has (int64), and its numbers."""
    storages, starts = {}, {}

    def storage(saved):
        found = storage_of(saved)
        return storages.setdefault(found.key, found)

    with path.open("rb") as file:
        pickles = io.BytesIO(file.read(LIMIT))
        if follow(pickles) != MAGIC:
            raise Refusal("is a pickle, but not one of torch.save; save the model's state_dict() with torch.save.")
        for _ in ("the protocol's version", "how many bytes C's integers had"):
            follow(pickles)
        content, keys = follow(pickles, storage), follow(pickles)
        file.seek(pickles.tell())
        for key in keys:
            (size,) = struct.unpack("<q", file.read(8))
            if type(key) is not str or size != storages[key].size:
                raise ValueError(f"a storage of {size} numbers that was announced otherwise")
            starts[key] = file.tell()
            file.seek(size * storages[key].dtype.itemsize, io.SEEK_CUR)
    return content, _bytes_at(path, starts)


def _bytes_at(path, starts):
    """A function that reads a storage's bytes; starts: storage's key -> position in the file."""

    def read(storage):
        size = min(storage.size * storage.dtype.itemsize, path.stat().st_size)  # whatever the file claims
        with path.open("rb") as file:
            file.seek(starts[storage.key])
            return file.read(size)

    return read
