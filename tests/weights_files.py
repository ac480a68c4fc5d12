"""Write VGG-19's convolutions into each kind of file that the course reads, laid out as the published ones are."""

import h5py
import numpy as np
import scipy.io

from nst.pretrained import CONVOLUTIONS, MEANS, WIDTHS
from nst.squeezenet import SHAPES

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

    means = np.array(means)
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
