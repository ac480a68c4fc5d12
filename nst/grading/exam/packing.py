"""Values as they cross the wire: what wire.py says of a value, in both directions."""

import math

import numpy as np

from nst.grading.exam.wire import BUFFER_BYTES, DEPTH, VALUES, Unsendable, WireError
from nst.quiet import tf

#: Numbers have no dimensions to speak of, so this is about arrays; float128 and the like are sent as float64.
DTYPES = {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}


class Packing:
    """Values on their way out.

    name_object: what is made of an object that is no plain data: a dict. objects: those of the call that this is an
    answer to; None where this is the call, and they are to be numbered.
    buffers: the bytes that follow the JSON text. objects: lists, dicts, arrays, tensors, variables and what name_object
    named, in the order in which Unpacking meets them. tensors: float tensors that are sent, in order.
    """

    def __init__(self, name_object, objects=None):
        self._name_object = name_object
        self._numbering = objects is None
        self.objects = [] if objects is None else objects
        self._numbers = {id(value): n for n, value in enumerate(self.objects)}
        self.buffers, self.tensors = [], []
        self._size = self._values = 0

    def pack(self, value, depth=0):
        """The tree for a value. Raises Unsendable."""
        self._values += 1
        if depth > DEPTH or self._values > VALUES:
            raise Unsendable("is nested too deeply" if depth > DEPTH else "holds too many values")
        kind = type(value)
        if value is None or kind is bool or kind is float or kind is str:
            return value
        if kind is int and -(2**63) <= value < 2**64:
            return value
        if id(value) in self._numbers:
            return ["same", self._numbers[id(value)]]
        if type(value) is np.str_:
            return str(value)  # NumPy's text, as np.array(names)[0] gives it
        if isinstance(value, tf.TensorShape) and value.is_fully_defined():
            value = tuple(value)  # which is what it stands for
        if isinstance(value, (list, tuple, dict)):
            return self._collection(value, depth + 1)
        if isinstance(value, tf.TensorSpec):
            return ["spec", value.dtype.name, value.shape.as_list()]
        return self._array(value) or self._object(value, depth)

    def _number(self, value):
        if self._numbering:
            self._numbers[id(value)] = len(self.objects)
            self.objects.append(value)

    def _object(self, value, depth):
        tree = ["object", self._name_object(self, value, depth)]
        self._number(value)
        return tree

    def _collection(self, value, depth):
        if isinstance(value, tuple):
            return ["tuple", [self.pack(item, depth) for item in value]]
        if isinstance(value, list):
            self._number(value)
            return ["list", [self.pack(item, depth) for item in value]]
        if not all(type(key) in (str, int) for key in value):
            return self._object(value, depth)
        self._number(value)
        return ["dict", [[key, self.pack(item, depth)] for key, item in value.items()]]

    def _array(self, value):
        """The tree for an array, number, tensor or variable, or None where it is not of numbers known by now."""
        kind = next((kind for kind, class_ in _ARRAYS if isinstance(value, class_)), None)
        if kind is None:
            return None
        try:
            array = np.asarray(value.numpy() if kind in ("tensor", "variable") else value)
        except (NotImplementedError, AttributeError, ValueError):  # a symbolic tensor, in a graph
            return None
        if array.dtype.kind == "f" and array.dtype.name not in DTYPES:
            array = array.astype(np.float64)
        dtype = array.dtype.name
        if dtype not in DTYPES:
            return None
        if kind != "number":
            self._number(value)
        if kind == "tensor" and dtype.startswith("float"):
            self.tensors.append(value)
        self._size += array.nbytes
        if self._size > BUFFER_BYTES:
            raise Unsendable("is too large")
        self.buffers.append(np.ascontiguousarray(array, DTYPES[dtype]).tobytes())
        return [kind, dtype, list(array.shape), len(self.buffers) - 1]


_ARRAYS = (("array", np.ndarray), ("number", np.generic), ("tensor", tf.Tensor), ("variable", tf.Variable))


class Unpacking:
    """Values on their way in. make_object: what is made of an ["object", {...}].

    objects, tensors: as in Packing, in the same order. replaced: tensors that take the place of `tensors`.
    within: the number of the list or dictionary whose new contents are being unpacked.
    Raises WireError for whatever breaks the rules.
    """

    def __init__(self, buffers, make_object, objects=None, replaced=()):
        self._buffers = list(buffers)
        self._make_object = make_object
        self._numbering = objects is None
        self.objects = [] if objects is None else objects
        self.tensors = []
        self.within = None
        self._replaced = iter(replaced)
        self._placed = set()
        self._values = 0

    def unpack(self, tree, depth=0):
        """The value of a tree."""
        self._values += 1
        if depth > DEPTH or self._values > VALUES:
            raise WireError("a value is nested too deeply, or holds too many values")
        if tree is None or type(tree) in (bool, float):
            return tree
        if type(tree) is str:
            return tree.encode("utf-8", "replace").decode()
        if type(tree) is int and -(2**63) <= tree < 2**64:
            return tree
        if type(tree) is not list or not tree or type(tree[0]) is not str:
            raise WireError("a value has no kind")
        unpack, length = _KINDS.get(tree[0], (None, 0))
        if len(tree) != length:
            raise WireError("a value has a kind that does not exist, or is incomplete")
        return unpack(self, depth + 1, *tree[1:])

    def _number(self, value):
        if self._numbering:
            self.objects.append(value)
        return value

    def _list(self, depth, items):
        if type(items) is not list:
            raise WireError("the values of a list are missing")
        values = self._number([])
        values += [self.unpack(item, depth) for item in items]
        return values

    def _tuple(self, depth, items):
        if type(items) is not list:
            raise WireError("the values of a tuple are missing")
        return tuple(self.unpack(item, depth) for item in items)

    def _dict(self, depth, items):
        if type(items) is not list or not all(type(item) is list and len(item) == 2 for item in items):
            raise WireError("the entries of a dictionary are missing")
        values = self._number({})
        for key, item in items:
            if type(key) not in (str, int):
                raise WireError("a key is neither text nor number")
            key = self.unpack(key, depth)
            if key in values:
                raise WireError("a key comes twice")
            values[key] = self.unpack(item, depth)
        return values

    def _same(self, depth, number):
        if type(number) is not int or not 0 <= number < len(self.objects):
            raise WireError("an object is not known")
        if self.within is not None and isinstance(self.objects[number], (list, dict)):
            # Whatever else is put into an old list could put it into itself, and recursion would never end.
            if number <= self.within or number in self._placed:
                raise WireError("an argument is put into another one")
            self._placed.add(number)
        return self.objects[number]

    def _object(self, depth, description):
        if type(description) is not dict:
            raise WireError("an object is described by something else than a dictionary")
        return self._number(self._make_object(self, description, depth))

    def _spec(self, depth, dtype, shape):
        return tf.TensorSpec(_checked_shape(shape, unknown=True), _checked_dtype(dtype))

    def _array(self, depth, dtype, shape, number):
        return self._number(self._numbers(dtype, shape, number))

    def _scalar(self, depth, dtype, shape, number):
        if shape != []:
            raise WireError("a number has dimensions")
        return self._numbers(dtype, shape, number)[()]

    def _variable(self, depth, dtype, shape, number):
        return self._number(tf.Variable(self._numbers(dtype, shape, number)))

    def _tensor(self, depth, dtype, shape, number):
        tensor = tf.constant(self._numbers(dtype, shape, number))
        if dtype.startswith("float"):
            self.tensors.append(tensor)
            tensor = next(self._replaced, tensor)
        return self._number(tensor)

    def _numbers(self, dtype, shape, number):
        dtype, shape = _checked_dtype(dtype), _checked_shape(shape)
        if type(number) is not int or not 0 <= number < len(self._buffers) or self._buffers[number] is None:
            raise WireError("a buffer is not there")
        # Each is used once, or one buffer could become a thousand arrays.
        buffer, self._buffers[number] = self._buffers[number], None
        if math.prod(shape) * dtype.itemsize != len(buffer):
            raise WireError("a buffer does not have the size of its array")
        if dtype.kind == "b":
            return (np.frombuffer(buffer, np.uint8) != 0).reshape(shape)
        return np.frombuffer(buffer, dtype).reshape(shape)


#: How each kind is unpacked, and the length of its list.
_KINDS = {
    "list": (Unpacking._list, 2),
    "tuple": (Unpacking._tuple, 2),
    "dict": (Unpacking._dict, 2),
    "same": (Unpacking._same, 2),
    "object": (Unpacking._object, 2),
    "spec": (Unpacking._spec, 3),
    "array": (Unpacking._array, 4),
    "number": (Unpacking._scalar, 4),
    "tensor": (Unpacking._tensor, 4),
    "variable": (Unpacking._variable, 4),
}


def _checked_dtype(name):
    if type(name) is not str or name not in DTYPES:
        raise WireError("a dtype does not exist here")
    return DTYPES[name]


def _checked_shape(shape, unknown=False):
    if unknown and shape is None:
        return None
    if type(shape) is not list or len(shape) > DEPTH:
        raise WireError("a shape is not a list of sizes")
    if not all((type(n) is int and 0 <= n < 2**31) or (unknown and n is None) for n in shape):
        raise WireError("a shape has sizes that cannot be")
    # Also where an axis is empty: a product of sizes that overflows is no matter for NumPy and TensorFlow to settle.
    if math.prod(n or 1 for n in shape) > BUFFER_BYTES:
        raise WireError("a shape is too large")
    return tuple(shape)
