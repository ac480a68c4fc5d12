"""FaceNet, the network of the face-recognition assignment, and the reader of its published weights.

Schroff, Kalenichenko & Philbin, "FaceNet: A Unified Embedding for Face Recognition and Clustering" (2015), as
OpenFace's nn4.small2 (Amos, Ludwiczuk & Satyanarayanan 2016; models/openface/nn4.small2.def.lua, Apache-2.0), in the
form of the Keras port on which the classic exercise is built. Three things about that port are good to know:

- It leaves out OpenFace's two local response normalisations. With the published weights they change what the block
  inception_3b answers by 0.03 %.
- In three pooling branches (3b, 4a, 5a) it takes the average of 3×3 windows, where OpenFace took their L2 norm. No
  parameter depends on that, but the published weights learnt from norms: the activations that reach the batch
  normalisation of 3b's pooling branch have, on 150 photographs, 0.27 times the standard deviation that is stored
  there; with norms, 0.96 times. `faceRecoModel(pooling="l2")` has norms.
- It divides by the square root of variance + 1e-3 after conv1 and + 1e-5 elsewhere. Here it is 1e-5 throughout, as in
  OpenFace.
"""

import gzip
import io
import math
import tarfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from nst import disk
from nst.quiet import tf
from nst.weights.files import WeightsError, checked

keras = tf.keras

#: All of FaceNet's numbers: 3,733,968 that training changes, and 9,312 moving means and variances.
PARAMETERS = 3_743_280

#: What the published folder holds of it: two files for a convolution, four for a batch normalisation.
FILES = 224

#: The most bytes that a number may take in a CSV file, comma and all, and that an archive may unpack to. The published
#: numbers take 18 on average, 70 MB together.
WIDEST_NUMBER = 32
LARGEST_ARCHIVE = 128 * 1024**2


class Block(NamedTuple):
    """An inception block: channels of its branches, which are concatenated in this order. None: no such branch."""

    wide3: tuple[int, int]  # 1×1, then 3×3 convolution
    wide5: tuple[int, int] | None  # 1×1, then 5×5 convolution
    pool: str  # "max": the maximum of 3×3 windows, stride 2; "mean": the mean (or L2 norm), stride 3
    pooled: int | None  # a 1×1 convolution after the pooling; None: the pooling alone
    direct: int | None  # a 1×1 convolution
    stride: int = 1  # of the 3×3 and the 5×5 convolution


#: The port calls them inception_block_1a, 1b, 1c, 2a, 2b, 3a and 3b; layers and files have OpenFace's names.
BLOCKS = {
    "inception_3a": Block((96, 128), (16, 32), "max", 32, 64),
    "inception_3b": Block((96, 128), (32, 64), "mean", 64, 64),
    "inception_3c": Block((128, 256), (32, 64), "max", None, None, stride=2),
    "inception_4a": Block((96, 192), (32, 64), "mean", 128, 256),
    "inception_4e": Block((160, 256), (64, 128), "max", None, None, stride=2),
    "inception_5a": Block((96, 384), None, "mean", 96, 256),
    "inception_5b": Block((96, 384), None, "max", 96, 256),
}


def faceRecoModel(input_shape=(3, 96, 96), pooling="average"):
    """FaceNet with random weights, a Keras model: (n, 3, 96, 96) float32 RGB from 0 to 1 -> (n, 128) of unit norm.

    input_shape: (3, 96, 96), the one size that nn4.small2 takes; the colours come first.
    pooling: "average", as in the classic exercise, or "l2", which the published weights learnt with (see above).

    `model.count_params()` is 3,743,280, which counts the 9,312 moving means and variances of the batch normalisations;
    without them there are 3,733,968, the number in OpenFace's own file.
    Raises ValueError, one sentence, for another shape or pooling.
    """
    if tuple(input_shape) != (3, 96, 96):
        raise ValueError(f"FaceNet takes pictures of shape (3, 96, 96), colours first, and was given {input_shape}.")
    if pooling not in ("average", "l2"):
        raise ValueError(f'FaceNet\'s pooling is "average" or "l2", and was given {pooling!r}.')
    picture = keras.Input(input_shape)
    # TensorFlow convolves on a CPU only with the channels last.
    x = keras.layers.Permute((2, 3, 1))(picture)
    x = _max_pool(_pad(_convolve(x, "conv1", 64, size=7, stride=2), 1, 1))
    x = _convolve(x, "conv2", 64)
    x = _max_pool(_pad(_convolve(x, "conv3", 192, size=3), 1, 1))
    for name, block in BLOCKS.items():
        x = _inception(x, name, block, pooling)
    x = keras.layers.Flatten()(_mean_pool(x))
    x = keras.layers.Dense(128, name="dense_layer")(x)
    return keras.Model(picture, keras.layers.UnitNormalization()(x), name="FaceRecoModel")


def _inception(x, name, block, pooling):
    branches = []
    for size, channels in ((3, block.wide3), (5, block.wide5)):
        if channels:
            squeezed = _convolve(x, f"{name}_{size}x{size}_conv1", channels[0])
            branches.append(
                _convolve(squeezed, f"{name}_{size}x{size}_conv2", channels[1], size=size, stride=block.stride)
            )
    pooled = _max_pool(x) if block.pool == "max" else _mean_pool(x) if pooling == "average" else _l2_pool(x)
    if block.pooled:
        pooled = _convolve(pooled, f"{name}_pool_conv", block.pooled)
    # As Torch's DepthConcat does: what is smaller lies in the middle, and nearer to the start where that can't be.
    rest = branches[0].shape[1] - pooled.shape[1]
    branches.append(_pad(pooled, rest // 2, rest - rest // 2))
    if block.direct:
        branches.append(_convolve(x, f"{name}_1x1_conv", block.direct))
    return keras.layers.Concatenate(name=name)(branches)


def _convolve(x, name, channels, size=1, stride=1):
    """Convolution with zero padding, batch normalisation, ReLU."""
    # TensorFlow's own "same" padding is lopsided where the stride is 2.
    x = _pad(x, size // 2, size // 2) if size > 1 else x
    x = keras.layers.Conv2D(channels, size, strides=stride, data_format="channels_last", name=name)(x)
    x = keras.layers.BatchNormalization(epsilon=1e-5, name=name.replace("conv", "bn"))(x)
    return keras.layers.ReLU()(x)


def _pad(x, before, after):
    return keras.layers.ZeroPadding2D(((before, after), (before, after)), data_format="channels_last")(x)


def _max_pool(x):
    return keras.layers.MaxPooling2D(3, strides=2, data_format="channels_last")(x)


def _mean_pool(x):
    return keras.layers.AveragePooling2D(3, strides=3, data_format="channels_last")(x)


def _l2_pool(x):
    # The square root's slope at 0 is infinite, and whole windows of zeros are common after a ReLU.
    return 3 * keras.ops.sqrt(keras.ops.maximum(_mean_pool(keras.ops.square(x)), 1e-12))


def load_weights_from_FaceNet(model, path, missing_ok=False):
    """Fill a model of faceRecoModel() with OpenFace's published weights; returns the names of missing files.

    path: the folder of CSV files, or a .tar.gz of it. Each file is one line of numbers in Torch's order: conv1_w.csv is
    (channels out, channels in, height, width), dense_w.csv (128, 736); of a batch normalisation there are weight _w,
    bias _b, moving mean _m and moving variance _v. 224 files are needed. The published folder has two more,
    inception_5a_3x3_conv2_m and _v, which repeat inception_5a_3x3_bn1's and are passed over like all other files.
    missing_ok: load what is there; the weights of missing files stay as they are.

    An archive is read in memory, and its links are not followed. The model is changed only when every file is good.
    Raises nst.weights.WeightsError, one sentence, for files that can't be used, and ValueError for another model.
    """
    path = Path(path)
    places = _places(model)
    texts = _read(path, {name: WIDEST_NUMBER * math.prod(place.shape) for name, place in places.items()})
    missing = sorted(places.keys() - texts.keys())
    if not texts:
        raise WeightsError(f"{path} holds none of FaceNet's {FILES} CSV files, such as conv1_w.csv; check the path.")
    if missing and not missing_ok:
        raise WeightsError(
            f"{path} holds {len(texts)} of FaceNet's {FILES} CSV files, and these are missing: {', '.join(missing)}; "
            "get the whole folder, or load the others with missing_ok=True."
        )
    found = {name: _array(f"{name} in {path}", text, places[name].shape) for name, text in texts.items()}
    shapes = {name: tuple(places[name].shape) for name in found}
    variances = [name for name in found if name.endswith("_v.csv")]
    for name, array in checked(path, found, shapes, "FaceNet", "get a good copy", found, variances).items():
        places[name].assign(array)
    return missing


def _places(model):
    """The variable that each CSV file fills, by the file's name."""
    places = {}
    for layer in model.layers:
        # Keras keeps kernel and bias, or gamma, beta, moving mean and variance, in this order.
        for letter, variable in zip("wbmv", layer.weights, strict=False):
            places[f"{layer.name.removesuffix('_layer')}_{letter}.csv"] = variable
    if len(places) != FILES or model.count_params() != PARAMETERS:
        raise ValueError(
            f"FaceNet's weights fit a model that faceRecoModel() returns, of {PARAMETERS:,} parameters; "
            f"{model.name!r} has {model.count_params():,}."
        )
    return places


def _read(path, limits):
    """The text of each file that limits names, as bytes; limits: the most bytes of each."""
    texts = {}
    try:
        for name, size, read in _folder(path) if path.is_dir() else _archive(path):
            if name not in limits:
                continue
            if name in texts:
                raise WeightsError(f"{path} holds {name} twice; get a good copy.")
            if size > limits[name]:
                raise WeightsError(
                    f"{name} in {path} has {size:,} bytes, and at most {limits[name]:,} were expected; get a good copy."
                )
            texts[name] = read()
    except WeightsError:
        raise
    except FileNotFoundError:
        raise WeightsError(f"There is no folder or file {path}; check the path.") from None
    except Exception as error:  # gzip, zlib and tarfile raise half a dozen kinds for a damaged file
        if isinstance(error, OSError) and disk.is_fault_of_disk(error):
            raise WeightsError(f"{path} cannot be read ({error.strerror}); {disk.when_reading(error)}.") from None
        raise WeightsError(
            f"{path} cannot be read as a folder of CSV files or a .tar.gz of one ({error}); get a good copy."
        ) from None
    return texts


def _folder(path):
    for file in path.iterdir():
        if file.is_file():
            yield file.name, file.stat().st_size, file.read_bytes


def _archive(path):
    with gzip.open(path) as file:
        content = file.read(LARGEST_ARCHIVE + 1)
    if len(content) > LARGEST_ARCHIVE:
        raise WeightsError(
            f"{path} unpacks to more than {LARGEST_ARCHIVE:,} bytes, and FaceNet takes 70 million; get a good copy."
        )
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in archive:
            if member.isreg():
                yield PurePosixPath(member.name).name, member.size, archive.extractfile(member).read


def _array(name, text, shape):
    """A CSV file's numbers in a variable's shape; name: the file's, for the errors."""
    lines = [line.split(b",") for line in text.splitlines()]
    found, expected = sum(map(len, lines)), math.prod(shape)
    if len(lines) != 1 or found != expected:
        raise WeightsError(
            f"{name} should hold {expected:,} numbers in 1 line, and holds {found:,} in {len(lines):,}; get a good "
            "copy."
        )
    try:
        array = np.array([float(word) for word in lines[0]])
    except ValueError as error:
        raise WeightsError(
            f"{name} should hold {expected:,} numbers, and one of them is something else ({str(error)[:60]}); get a "
            "good copy."
        ) from None
    # From Torch's order of axes to Keras's.
    if len(shape) == 4:
        return array.reshape(shape[3], shape[2], *shape[:2]).transpose(2, 3, 1, 0)
    return array.reshape(shape[::-1]).T
