"""Write networks' weights into each kind of file that the course reads, laid out as the published ones are."""

import io
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from unittest import mock

import h5py
import numpy as np
import scipy.io

from nst.networks.squeezenet import SHAPES, TORCH_NAMES
from nst.pictures import MEANS
from nst.weights.vgg19 import CONVOLUTIONS, WIDTHS

#: How the arrays inside a Keras group were named at different times.
KERAS_NAMES = {
    "old": lambda group: (f"{group}_W_1:0", f"{group}_b_1:0"),
    "classic": lambda group: ("kernel:0", "bias:0"),
    "nested": lambda group: (f"{group}/kernel:0", f"{group}/bias:0"),
}


def random_weights(last="conv2_1", seed=0):
    """Kernels and biases of VGG-19's shapes up to the layer `last`: layer -> (kernel, bias), RGB."""
    rng = np.random.default_rng(seed)
    weights, channels = {}, 3
    for layer in CONVOLUTIONS[: CONVOLUTIONS.index(last) + 1]:
        width = WIDTHS[layer]
        kernel = rng.normal(0, (2 / (9 * channels)) ** 0.5, (3, 3, channels, width))
        weights[layer] = (kernel.astype(np.float32), rng.normal(0, 1, width).astype(np.float32))
        channels = width
    return weights


def real_weights(folder):
    """The real VGG-19's conv1_1 ... conv3_4, turned from the file's BGR into RGB."""
    with np.load(folder / "vgg19_conv1_1_to_conv3_4.npz") as file:
        weights = {
            layer: (file[f"{layer}/kernel"], file[f"{layer}/bias"])
            for layer in CONVOLUTIONS[: CONVOLUTIONS.index("conv3_4") + 1]
        }
    kernel, bias = weights["conv1_1"]
    weights["conv1_1"] = (np.ascontiguousarray(kernel[:, :, ::-1]), bias)
    return weights


def write_matconvnet(path, weights, layout="current", means=MEANS, rename=None, extra=()):
    """MatConvNet's .mat: `layers` is a row of structs, conv, relu and pool layers in turn.

    layout: "current" or "beta16", which differ in the order of the fields and in where the mean is.
    rename: layer -> name in the file. extra: (name, kernel, bias) of further layers, such as fc6.
    """
    layers = []
    convolutions = [((rename or {}).get(layer, layer), *arrays) for layer, arrays in weights.items()]
    for name, *arrays in [*convolutions, *extra]:
        cell = np.empty((1, len(arrays)), object)
        for i, array in enumerate(arrays):
            cell[0, i] = array if array.ndim == 4 else array.reshape((1, -1) if layout == "beta16" else (-1, 1))
        pad, stride = np.ones((1, 4)), np.ones((1, 2))
        if layout == "current":
            size = np.array(arrays[0].shape, float).reshape(1, -1)
            fields = {"name": name, "type": "conv", "weights": cell, "size": size, "pad": pad, "stride": stride}
            fields |= {"precious": 0.0, "dilate": 1.0, "opts": np.empty((1, 0), object)}
            relu = {"name": name.replace("conv", "relu"), "type": "relu", "leak": 0.0, "precious": 0.0}
        else:
            fields = {"weights": cell, "pad": pad, "type": "conv", "name": name, "stride": stride}
            relu = {"type": "relu", "name": name.replace("conv", "relu")}
        layers += [fields, relu]
        if name.endswith("_2"):
            layers.append({"name": f"pool{name[4:5]}", "type": "pool", "method": "max", "pad": pad, "stride": stride})
    row = np.empty((1, len(layers)), object)
    row[0, :] = layers

    means = np.ravel(means)
    if layout == "current":
        normalization = {"imageSize": np.array([[224.0, 224, 3, 10]]), "keepAspect": 1.0}
        normalization |= {"averageImage": means.reshape(1, 1, 3), "border": np.zeros((1, 2))}
        data = {"layers": row, "meta": {"normalization": normalization, "classes": {"name": "tench"}}}
    else:
        normalization = {"averageImage": np.broadcast_to(means, (224, 224, 3)), "keepAspect": 1.0}
        normalization |= {"imageSize": np.array([[224.0, 224, 3]]), "interpolation": "bilinear"}
        data = {"layers": row, "normalization": normalization, "classes": {"name": "tench"}}
    scipy.io.savemat(path, data)
    return path


def write_keras(path, weights, names="old"):
    """Keras's notop .h5: a group for every layer, the first kernel in BGR order."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"input_1", b"block1_conv1"]
        file.create_group("input_1")
        for layer, arrays in weights.items():
            group = f"block{layer[4]}_conv{layer[6]}"
            for name, array in zip(KERAS_NAMES[names](group), arrays, strict=False):
                bgr = layer == "conv1_1" and array.ndim == 4
                file[f"{group}/{name}"] = array[:, :, ::-1] if bgr else array
    return path


def write_npz(path, weights, dtype=np.float32):
    """The embedded file's format."""
    arrays = {}
    for layer, parts in weights.items():
        for part, array in zip(("kernel", "bias"), parts, strict=False):
            arrays[f"{layer}/{part}"] = np.asarray(array, dtype)
    np.savez(path, **arrays)
    return path


#: Every kind of file: name -> (suffix, writer).
KINDS = {
    "matconvnet": (".mat", write_matconvnet),
    "matconvnet-beta16": (".mat", lambda path, weights: write_matconvnet(path, weights, "beta16")),
    "keras-old": (".h5", write_keras),
    "keras-classic": (".h5", lambda path, weights: write_keras(path, weights, "classic")),
    "keras-nested": (".h5", lambda path, weights: write_keras(path, weights, "nested")),
    "npz": (".npz", write_npz),
    "npz-half": (".npz", lambda path, weights: write_npz(path, weights, np.float16)),
}


def write_all(folder, weights):
    """`weights` in a file of every kind: name -> path."""
    return {kind: write(folder / f"{kind}{suffix}", weights) for kind, (suffix, write) in KINDS.items()}


def random_squeezenet(seed=0):
    """Kernels and biases of SqueezeNet 1.1's shapes: convolution -> (kernel, bias)."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in SHAPES.items():
        kernel = rng.normal(0, (2 / np.prod(shape[:3])) ** 0.5, shape).astype(np.float32)
        weights[name] = kernel, rng.normal(0, 0.1, shape[-1]).astype(np.float32)
    return weights


def write_squeezenet_keras(path, weights):
    """The layout of the squeezenet1_1_notop.h5 that is in circulation: arrays below a group of their own."""
    with h5py.File(path, "w") as file:
        for number, (name, (kernel, bias)) in enumerate(weights.items(), 1):
            group = file.create_group(name)
            fire, part = name.split("/") if "/" in name else ("", name)
            inner = group.create_group(fire) if fire else group
            group[f"uniform{number}"] = kernel
            (inner.create_group(part) if fire else inner)[f"{part}_b"] = bias
    return path


# PyTorch's files, byte for byte as torch.save writes their pickles, without PyTorch -----------------------------


def torch_state(weights, prefix="features.", classifier=True):
    """SqueezeNet's state dict: name -> array, kernels of shape (channels out, channels in, height, width)."""
    state = OrderedDict()
    for name, (kernel, bias) in weights.items():
        state[f"{prefix}{TORCH_NAMES[name]}.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
        state[f"{prefix}{TORCH_NAMES[name]}.bias"] = bias
    if classifier:
        state["classifier.1.weight"] = np.zeros((1000, 512, 1, 1), np.float32)
        state["classifier.1.bias"] = np.zeros(1000, np.float32)
    # state_dict() gives its result this attribute, and pickle saves it.
    state._metadata = OrderedDict([("", {"version": 1})])
    return state


@dataclass(eq=False)
class TorchTensor:
    """A tensor as torch.save sees it, part of a flat array; offset and strides count numbers."""

    numbers: np.ndarray
    offset: int
    shape: tuple
    strides: tuple


@dataclass(eq=False)
class TorchParameter:
    """A parameter. age: "new", or as PyTorch wrote it in "2017"."""

    tensor: np.ndarray
    age: str = "new"


#: Stand-ins under PyTorch's names, which pickle writes down.
TORCH_MODULES = {
    "torch": "HalfStorage FloatStorage DoubleStorage ShortStorage IntStorage LongStorage BoolStorage",
    "torch._utils": "_rebuild_tensor _rebuild_tensor_v2 _rebuild_parameter",
    "torch.nn.parameter": "",
    "torchvision.models.squeezenet": "SqueezeNet",
}
STAND_INS = {}
for _module, _names in TORCH_MODULES.items():
    STAND_INS[_module] = types.ModuleType(_module)
    for _name in _names.split():
        setattr(STAND_INS[_module], _name, type(_name, (), {"__module__": _module}))
STAND_INS["torch.nn.parameter"].Parameter = TorchParameter
TorchParameter.__module__, TorchParameter.__qualname__ = "torch.nn.parameter", "Parameter"

TORCH_TYPES = {"f2": "Half", "f4": "Float", "f8": "Double", "i2": "Short", "i4": "Int", "i8": "Long", "b1": "Bool"}


class _Storage:
    def __init__(self, numbers, number):
        self.numbers, self.number = numbers, number
        self.type = TORCH_TYPES[numbers.dtype.str[1:]]

    @property
    def storage_type(self):
        return getattr(STAND_INS["torch"], f"{self.type}Storage")


class _TorchPickler(pickle.Pickler):
    """Pickles arrays as torch.save does tensors; afterwards `storages` are those that it met, in order."""

    def __init__(self, file, kind):
        super().__init__(file, protocol=2)
        self.kind, self.storages = kind, {}

    def persistent_id(self, item):
        if not isinstance(item, _Storage):
            return None
        saved = ("storage", item.storage_type, torch_key(self.kind, item.number), "cpu", item.numbers.size)
        return saved if self.kind == "zip" else (*saved, None)

    def reducer_override(self, item):
        utils = STAND_INS["torch._utils"]
        if isinstance(item, TorchParameter):
            if item.age == "new":
                return utils._rebuild_parameter, (item.tensor, True, OrderedDict())
            return TorchParameter, (item.tensor,), (True, False, OrderedDict())
        if isinstance(item, np.ndarray | TorchTensor):
            tensor = self._tensor(item)
            arguments = (self._storage(tensor), tensor.offset, tensor.shape, tensor.strides, False, OrderedDict())
            return utils._rebuild_tensor_v2, arguments
        return NotImplemented

    @staticmethod
    def _tensor(item):
        if isinstance(item, TorchTensor):
            return item
        strides = tuple(stride // item.itemsize for stride in item.strides)
        return TorchTensor(item.ravel(order="K"), 0, item.shape, strides)

    def _storage(self, tensor):
        # The array's memory is the storage's identity, as a tensor's is.
        key = tensor.numbers.__array_interface__["data"][0]
        return self.storages.setdefault(key, _Storage(tensor.numbers, len(self.storages)))


def torch_key(kind, number):
    """The key of a file's storage: its number in a zip, and what was its address in memory before."""
    return str(number if kind == "zip" else 94_000_000_000_000 + 64 * number)


def write_torch(path, content, kind="zip", order="<"):
    """What torch.save writes for `content`, in which arrays stand for tensors. kind: "zip" or "sequence"."""
    file = io.BytesIO()
    with mock.patch.dict(sys.modules, STAND_INS):
        pickler = _TorchPickler(file, kind)
        pickler.dump(content)
        storages = list(pickler.storages.values())
    writer = write_torch_zip if kind == "zip" else write_torch_sequence
    return writer(path, file.getvalue(), {torch_key(kind, s.number): s.numbers for s in storages}, order)


def write_torch_zip(path, pickled, storages, order="<", folder="archive/", compression=zipfile.ZIP_STORED):
    """PyTorch 1.6 and later. pickled: data.pkl; storages: key -> array; order None: the file doesn't tell it."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr(f"{folder}data.pkl", pickled)
        if order:
            archive.writestr(f"{folder}byteorder", {"<": "little", ">": "big"}[order])
        for key, numbers in storages.items():
            archive.writestr(f"{folder}data/{key}", numbers.astype(numbers.dtype.newbyteorder(order or "<")).tobytes())
        archive.writestr(f"{folder}version", "3\n")
    return path


def write_torch_sequence(path, pickled, storages, order="<"):
    """PyTorch 0.1.10 to 1.5. pickled: the fourth of five pickles; storages: key -> array, always little-endian."""
    sizes = {"short": 2, "int": 4, "long": 4}
    info = {"protocol_version": 1001, "little_endian": order == "<", "type_sizes": sizes}
    with path.open("wb") as file:
        for part in (0x1950A86A20F9469CFC6C, 1001, info):
            pickle.dump(part, file, protocol=2)
        file.write(pickled)
        pickle.dump(sorted(storages), file, protocol=2)
        for _, numbers in sorted(storages.items()):
            file.write(struct.pack("<q", numbers.size) + numbers.tobytes())
    return path
