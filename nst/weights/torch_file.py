"""Read the tensors of a PyTorch file without PyTorch, and without running anything that the file asks for.

`torch.save(model.state_dict(), path)` writes two things: the tensors' numbers, one run of bytes after another, and a
*pickle* that says which run is which tensor. A pickle is a program for a small machine with a stack: "push this
string, push this number, make a tuple of the two". One of its instructions calls any Python function by its name, so
whoever unpickles a file runs what the file's author liked.

Here the program is followed step by step (see `_follow`) by a machine that knows only what a state dict needs. It makes
dicts, lists, tuples, strings and numbers. A function's name stays a name, a tensor a note of where its numbers are.
Nothing is imported, called or given attributes, and no numbers are read before you ask for them.

PyTorch has had three kinds of file, and all are read: `_open_zip`, `_open_sequence`, `_open_tar`. The instructions are
described in Python's module pickletools, the files in torch/serialization.py of https://github.com/pytorch/pytorch.
"""

import io
import math
import pickletools
import struct
import tarfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nst.weights.files import WeightsError

#: The most bytes that a pickle may have. SqueezeNet's has 7 thousand; following more would only cost time and memory.
LIMIT = 1_000_000

#: The most axes that a tensor may have.
AXES = 8

#: The first pickle of a file of PyTorch 0.1.10 to 1.5.
MAGIC = 0x1950A86A20F9469CFC6C

#: What each kind of storage holds.
DTYPES = {
    "torch.HalfStorage": "f2",
    "torch.FloatStorage": "f4",
    "torch.DoubleStorage": "f8",
    "torch.CharStorage": "i1",
    "torch.ShortStorage": "i2",
    "torch.IntStorage": "i4",
    "torch.LongStorage": "i8",
    "torch.ByteStorage": "u1",
    "torch.BoolStorage": "?",
}

#: The instructions that push what stands behind them, and those that push something fixed.
LITERALS = {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "BINSTRING", "SHORT_BINSTRING"}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


class Global(NamedTuple):
    """A function or class that the file names. It is never looked up."""

    name: str


class Storage(NamedTuple):
    """A run of `size` numbers in the file, known by its key."""

    key: str | int
    dtype: np.dtype
    size: int


class Tensor(NamedTuple):
    """Where a tensor's numbers are: offset and strides count numbers of its storage."""

    storage: Storage
    offset: int
    shape: tuple
    strides: tuple


class _Refusal(Exception):
    """Why a file can't be used: a sentence that lacks its subject, the path."""


class TorchFile:
    """A file of torch.save: `content` is what was saved, plain dicts and lists with a Tensor for each tensor.

    Raises nst.weights.WeightsError, one sentence, for a file that is damaged or that holds more than tensors.
    """

    def __init__(self, path):
        self.path = Path(path)
        beginning = _beginning(self.path)
        with self._sentences():
            if beginning.startswith(b"PK"):
                self.content, self._read = _open_zip(self.path)
            elif beginning.startswith(b"\x80"):
                self.content, self._read = _open_sequence(self.path)
            else:
                self.content, self._read = _open_tar(self.path)

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
            yield
        except _Refusal as refusal:
            raise WeightsError(f"{self.path} {refusal}") from None
        except Exception as error:  # a damaged file leads to a dozen kinds
            raise WeightsError(
                f"{self.path} is damaged: it begins like a PyTorch file but cannot be read as one "
                f"({str(error)[:200] or type(error).__name__}); get a good copy."
            ) from None


def is_torch_file(path):
    """Whether a file looks like one that torch.save has written."""
    beginning = _beginning(path)
    if beginning.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("data.pkl") for name in archive.namelist())
    return beginning.startswith(b"\x80") or beginning[257:262] == b"ustar"


def _beginning(path):
    with open(path, "rb") as file:
        return file.read(512)


# The three kinds of file. Each function returns the content, and a function that reads a storage's bytes. -----------


def _open_zip(path):
    """Since PyTorch 1.6: a zip, not compressed, of data.pkl and a file for every storage, data/0, data/1 and so on."""

    def member(name, limit):
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(name)
            # A few kilobytes of a compressed file can unpack to any size.
            if info.compress_type != zipfile.ZIP_STORED:
                raise _Refusal(f"has {name[:80]!r} compressed, which PyTorch never does; get a good copy.")
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
    content = _follow(io.BytesIO(member(pickle, LIMIT)), lambda saved: _storage(saved, order))
    whole = path.stat().st_size
    return content, lambda storage: member(f"{folder}data/{storage.key}", whole)


def _open_sequence(path):
    """PyTorch 0.1.10 to 1.5: five pickles, then for each storage how many numbers it has (int64), and its numbers."""
    storages, starts = {}, {}

    def storage(saved):
        found = _storage(saved)
        return storages.setdefault(found.key, found)

    with path.open("rb") as file:
        pickles = io.BytesIO(file.read(LIMIT))
        if _follow(pickles) != MAGIC:
            raise _Refusal("is a pickle, but not one of torch.save; save the model's state_dict() with torch.save.")
        for _ in ("the protocol's version", "how many bytes C's integers had"):
            _follow(pickles)
        content, keys = _follow(pickles, storage), _follow(pickles)
        file.seek(pickles.tell())
        for key in keys:
            (size,) = struct.unpack("<q", file.read(8))
            if type(key) is not str or size != storages[key].size:
                raise ValueError(f"a storage of {size} numbers that was announced otherwise")
            starts[key] = file.tell()
            file.seek(size * storages[key].dtype.itemsize, io.SEEK_CUR)
    return content, _bytes_at(path, starts)


def _open_tar(path):
    """Before PyTorch 0.1.10: a tar of storages, of tensors' shapes, and of a pickle where a tensor is only a number."""
    storages, starts, tensors = {}, {}, {}
    with tarfile.open(path, "r:") as tar:
        begins = {name: tar.getmember(name).offset_data for name in ("storages", "tensors", "pickle")}

    def tensor(saved):
        if type(saved) is tuple and saved:
            raise _object(saved[0])
        return tensors[int(saved)]

    with path.open("rb") as file:

        def follow_next():
            start = file.tell()
            stream = io.BytesIO(file.read(1000))
            value = _follow(stream)
            file.seek(start + stream.tell())
            return value

        file.seek(begins["storages"])
        for _ in range(follow_next()):
            key, location, kind = follow_next()
            (size,) = struct.unpack("<q", file.read(8))
            storages[key] = storage = _storage(("storage", kind, key, location, size))
            starts[key] = file.tell()
            file.seek(size * storage.dtype.itemsize, io.SEEK_CUR)
        if follow_next() != []:
            raise ValueError("storages that are views of others")
        file.seek(begins["tensors"])
        for _ in range(follow_next()):
            key, storage, _ = follow_next()
            axes = min(struct.unpack("<i4x", file.read(8))[0], AXES + 1)
            shape, strides = (struct.unpack(f"<{axes}q", file.read(8 * axes)) for _ in range(2))
            (offset,) = struct.unpack("<q", file.read(8))
            tensors[_number(key)] = _tensor(storages[_number(storage)], offset, shape, strides)
        file.seek(begins["pickle"])
        content = _follow(io.BytesIO(file.read(LIMIT)), tensor)
    return content, _bytes_at(path, starts)


def _bytes_at(path, starts):
    """A function that reads a storage's bytes; starts: storage's key -> position in the file."""

    def read(storage):
        size = min(storage.size * storage.dtype.itemsize, path.stat().st_size)  # whatever the file claims
        with path.open("rb") as file:
            file.seek(starts[storage.key])
            return file.read(size)

    return read


# What the pickle says ------------------------------------------------------------------------------------------


def _follow(stream, persistent=None):
    """What the pickle at the stream's position describes; the stream is left behind it.

    A pickle.Unpickler whose find_class lets only a few names through would still hash any key, and set aside any
    memory, that a file asks for.

    persistent: a function from a persistent id, by which a pickle names what is kept outside of it, to its value.
    """
    stack, below, memo = [], [], {}  # below: the stacks that stood when MARK began new ones
    for instruction, value, _ in pickletools.genops(stream):
        match instruction.name:
            case "PROTO":
                pass
            case name if name in LITERALS:
                stack.append(value)
            case name if name in CONSTANTS:
                stack.append(CONSTANTS[name])
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_LIST":
                stack.append([])
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(instruction.name[-1])
                stack[-count:] = [tuple(stack[-count:])]
            case "MARK":
                below.append(stack)
                stack = []
            case "TUPLE":
                items, stack = stack, below.pop()
                stack.append(tuple(items))
            case "APPEND":
                item = stack.pop()
                stack[-1].append(item)
            case "APPENDS":
                items, stack = stack, below.pop()
                stack[-1].extend(items)
            case "SETITEM":
                item, key = stack.pop(), stack.pop()
                _update(stack[-1], [(key, item)])
            case "SETITEMS":
                items, stack = stack, below.pop()
                _update(stack[-1], zip(items[::2], items[1::2], strict=True))
            case "BINPUT" | "LONG_BINPUT":
                memo[value] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(memo[value])
            case "GLOBAL":
                stack.append(Global(value.replace(" ", ".")))
            case "BINPERSID" if persistent:
                stack.append(persistent(stack.pop()))
            case "REDUCE":
                arguments, function = stack.pop(), stack.pop()
                stack.append(_call(function, arguments))
            case "NEWOBJ":
                _, kind = stack.pop(), stack.pop()
                if kind != Global("torch.nn.parameter.Parameter"):
                    raise _object(kind)
                stack.append(kind)  # the oldest PyTorch's parameter, whose tensor comes with BUILD
            case "BUILD":
                state = stack.pop()
                stack[-1] = _built(stack[-1], state)
            case "STOP":
                return stack.pop()
            case name:
                raise _Refusal(
                    f"has the instruction {name} in its pickle, which torch.save does not write by itself; save the "
                    "model's state_dict() without further arguments."
                )


def _update(found, pairs):
    for key, item in pairs:
        # Tuples within tuples would do as keys too, and some take longer to hash than you live.
        if type(key) not in (str, int):
            raise ValueError(f"a {type(key).__name__} as the key of a dict")
        found[key] = item


def _call(function, arguments):
    """What the few calls give that stand in a state dict."""
    match function, arguments:
        case Global("collections.OrderedDict"), ():
            return {}
        case Global("collections.OrderedDict"), (list(pairs),):  # Python 2 writes them all at once
            found = {}
            _update(found, pairs)
            pairs.clear()  # or a small file could have a long list copied a hundred thousand times
            return found
        case Global("torch._utils._rebuild_tensor" | "torch._utils._rebuild_tensor_v2"), (Storage(), _, _, _, *_):
            return _tensor(*arguments[:4])
        case Global("torch._utils._rebuild_parameter" | "torch.nn.parameter.Parameter"), (Tensor() as tensor, *_):
            return tensor
    name = function.name[:80] if isinstance(function, Global) else type(function).__name__
    raise _Refusal(
        f"wants to run {name!r} when it is opened, which is refused, because a state dict needs nothing but tensors; "
        "get a good copy, or save model.state_dict() on its own."
    )


def _built(found, state):
    """`found` with the attributes `state`, none of which are of use here, except for the oldest parameters' tensor."""
    match found, state:
        case ((dict() | Tensor()), _):
            return found
        case Global("torch.nn.parameter.Parameter"), (Tensor() as tensor, _, _, _, _):
            return tensor
    raise ValueError(f"attributes for a {type(found).__name__}")


def _storage(saved, order="<"):
    """The Storage of a persistent id of torch.save; order: "<" for little-endian numbers, ">" for big-endian ones."""
    match saved:
        case ("storage", Global(kind), str() | int() as key, _, int(size), *view) if view in ([], [None]):
            if kind not in DTYPES:
                raise _Refusal(
                    f"keeps its numbers as {kind[:80]}, where a type was expected that NumPy has too, such as "
                    "torch.FloatStorage; save model.float().state_dict() instead."
                )
            return Storage(key, np.dtype(order + DTYPES[kind]), _number(size))
        case ("module", kind, *_):
            raise _object(kind)
    raise ValueError("a storage described as torch.save does not")


def _tensor(storage, offset, shape, strides):
    """A Tensor that lies within its storage."""
    # Tuples, because the rest of the pickle could change a list after this.
    if type(shape) is not tuple or type(strides) is not tuple or not len(shape) == len(strides) <= AXES:
        raise ValueError("a tensor described as torch.save does not")
    for number in (offset, *shape, *strides):
        _number(number)
    size = math.prod(shape)
    last = offset + sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True))
    # A stride of 0 repeats numbers, so that the size has to be looked at as well as the last number's place.
    if size > storage.size or (size and last >= storage.size):
        raise ValueError(f"a tensor of shape {shape} that reaches beyond its storage's {storage.size} numbers")
    return Tensor(storage, offset, shape, strides)


def _number(value):
    """The value, if it is a whole number as sizes, positions and old keys are."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("no whole number where a size or position belongs")
    return value


def _object(kind):
    name = kind.name[:80] if isinstance(kind, Global) else type(kind).__name__
    return _Refusal(
        f"holds a pickled object of class {name}, where a state dict was expected; save model.state_dict() instead."
    )
