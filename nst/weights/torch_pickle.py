"""Follow a PyTorch file's pickle without running anything that it asks for.

A *pickle* is a program for a small machine with a stack: "push this string, push this number, make a tuple of the two".
One of its instructions calls any Python function by its name, so whoever unpickles a file runs what the file's author
liked.

Here the program is followed step by step (see `follow`) by a machine that knows only what a state dict needs. It makes
dicts, lists, tuples, strings and numbers. A function's name stays a name, a tensor a note of where its numbers are.
Nothing is imported, called or given attributes. The instructions are described in Python's module pickletools.
"""

import math
import pickletools
from typing import NamedTuple

import numpy as np

from nst.weights.files import WeightsError

#: The most axes that a tensor may have.
AXES = 8

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

    key: str
    dtype: np.dtype
    size: int


class Tensor(NamedTuple):
    """Where a tensor's numbers are: offset and strides count numbers of its storage."""

    storage: Storage
    offset: int
    shape: tuple
    strides: tuple


class Refusal(WeightsError):
    """Why a file can't be used: a sentence that lacks its subject, the path."""


def follow(stream, persistent=None):
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
                raise _object(kind)
            case "BUILD":
                stack.pop()  # attributes, none of which are of use here
                if not isinstance(stack[-1], (dict, Tensor)):
                    raise ValueError(f"attributes for a {type(stack[-1]).__name__}")
            case "STOP":
                return stack.pop()
            case name:
                raise Refusal(
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
    raise Refusal(
        f"wants to run {name!r} when it is opened, which is refused, because a state dict needs nothing but tensors; "
        "get a good copy, or save model.state_dict() on its own."
    )


def storage_of(saved, order="<"):
    """The Storage of a persistent id of torch.save; order: "<" for little-endian numbers, ">" for big-endian ones."""
    match saved:
        case ("storage", Global(kind), str(key), _, int(size), *view) if view in ([], [None]):
            if kind not in DTYPES:
                raise Refusal(
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
    """The value, if it is a whole number as sizes and positions are."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("no whole number where a size or position belongs")
    return value


def _object(kind):
    name = kind.name[:80] if isinstance(kind, Global) else type(kind).__name__
    return Refusal(
        f"holds a pickled object of class {name}, where a state dict was expected; save model.state_dict() instead."
    )
