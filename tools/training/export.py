"""The files that come out: each layer scaled, and batch normalisation folded in."""

from pathlib import Path

import numpy as np

from nst.networks.squeezenet import SqueezeNet
from nst.paths import whole_file
from nst.pictures import MEANS
from nst.quiet import tf
from nst_utils import VGG
from tools.training.teachers import SQUEEZENET_LAYERS, for_squeezenet

MEAN_ACTIVATION = 1.25  # of every layer of the slim VGG-19; with alpha = 10 and beta = 40 a painting keeps the scene


def balanced_vgg(student, pictures):
    """The slim VGG-19's weights, each layer scaled so that its mean activation on `pictures` is MEAN_ACTIVATION.

    The layers then weigh about the same in a style cost (the rescaling of Gatys et al., 2016).
    """
    weights = student.folded()
    found = VGG(weights).activations(pictures.astype(np.float32) - np.float32(MEANS), list(weights))
    before, balanced = 1.0, {}
    for layer, (kernel, bias) in weights.items():
        scale = MEAN_ACTIVATION / float(tf.reduce_mean(found[layer]))
        balanced[layer] = kernel * (scale / before), bias * scale
        before = scale
    return balanced


def balanced_squeezenet(student, pictures, teacher):
    """The student's weights, each layer scaled so that its mean square on `pictures` is the teacher's.

    Published content and style weights of the SqueezeNet exercise then mean what they mean there.
    """
    weights = student.folded()
    pictures = for_squeezenet(pictures.astype(np.float32))
    ours = SqueezeNet(weights).activations(pictures, SQUEEZENET_LAYERS)
    theirs = teacher.activations(pictures, SQUEEZENET_LAYERS)
    before, balanced = 1.0, {}
    for layer in SQUEEZENET_LAYERS:
        scale = float(tf.sqrt(tf.reduce_mean(theirs[layer] ** 2) / tf.reduce_mean(ours[layer] ** 2)))
        if layer == "relu1":
            balanced["conv1"] = tuple(array * scale for array in weights["conv1"])
        else:
            kernel, bias = weights[f"{layer}/squeeze1x1"]
            balanced[f"{layer}/squeeze1x1"] = kernel / before, bias
            for part in ("expand1x1", "expand3x3"):
                balanced[f"{layer}/{part}"] = tuple(array * scale for array in weights[f"{layer}/{part}"])
        before = scale
    return balanced


def write_weights(path, weights):
    arrays = {}
    for name, (kernel, bias) in weights.items():
        arrays[f"{name}/kernel"], arrays[f"{name}/bias"] = kernel.astype(np.float16), bias.astype(np.float16)
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, **arrays)
    print(f"{path}: {sum(array.size for array in arrays.values()):,} weights, {path.stat().st_size:,} bytes")


def export(school, folder):
    """Write every student's weights into `folder`, under the name the course looks for."""
    for name, lesson in school.lessons.items():
        if name == "vgg":
            weights = balanced_vgg(lesson.student, school.held_out)
        else:
            weights = balanced_squeezenet(lesson.student, school.held_out, school.teachers.squeezenet)
        write_weights(Path(folder) / lesson.student.file.name, weights)
