"""Make the small network that comes with the course.

VGG-19's layers at a quarter of its widths, as pretrained-model/vgg19-quarter.npz. It has not been trained to recognise
anything. Its kernels are set from the course's own pictures, layer by layer from the picture upwards:

- The first convolution of each block (and conv1_2) gets a dictionary of what the layer below shows: 3×3 patches are
  whitened, so that common and rare directions count the same, and grouped by spherical k-means; each group's mean is a
  kernel. In conv1_1 that gives edges and colour contrasts. (Coates & Ng, "Learning Feature Representations with
  K-means", 2012.)
- The other convolutions get random orthogonal kernels, which mix what came before and lose as little as possible.
  (Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014.)
- Each channel's bias makes it silent at the same share of positions, and its kernel is scaled so that its mean
  activation over all pictures and positions is the same. So every layer and every channel weighs the same in a style
  cost. (The rescaling of Gatys et al., "Image Style Transfer Using Convolutional Neural Networks", 2016.)

The same pictures give the same file, up to rounding that differs between processors.
"""

import argparse
from pathlib import Path

import numpy as np

from nst.paths import IMAGES
from nst.pretrained import EMBEDDED, WIDTHS
from nst.quiet import tf
from nst_utils import LAYERS, load_image, reshape_and_normalize_image

SEED = 19
SIZE = (300, 400)  # of the pictures, height and width
DICTIONARIES = {"conv1_1", "conv1_2", "conv2_1", "conv3_1", "conv4_1", "conv5_1"}
PATCHES = 5000  # looked at for a dictionary
ROUNDS = 10  # of k-means
NOISE = 0.04  # directions weaker than this share of a patch's variance are not whitened: they are mostly noise
SILENT = 0.3  # share of positions where a channel is zero
MEAN_ACTIVATION = 2.5  # with alpha = 10 and beta = 40 the painting keeps the scene and takes the style


def course_pictures():
    """All pictures of images/ that are not small copies: (pictures, 300, 400, 3) float32, mean subtracted."""
    paths = sorted(path for path in IMAGES.glob("*.jpg") if not path.stem.endswith("_small"))
    return np.concatenate([reshape_and_normalize_image(load_image(path, size=SIZE)) for path in paths])


def orthogonal_kernels(channels, width, rng):
    """(3, 3, channels, width): unit kernels at right angles to each other."""
    columns, _ = np.linalg.qr(rng.standard_normal((9 * channels, width)))
    return columns.reshape(3, 3, channels, width)


def dictionary_kernels(activations, width, rng):
    """(3, 3, channels, width): the centres of `width` groups of similar patches of (n, h, w, channels) activations."""
    n, height, breadth, channels = activations.shape
    places = n * (height - 2) * (breadth - 2)
    places = rng.choice(places, min(PATCHES, places), replace=False)
    picture, row, column = np.unravel_index(places, (n, height - 2, breadth - 2))
    patches = [activations[picture, row + i, column + j] for i in range(3) for j in range(3)]
    patches = np.stack(patches, axis=1).reshape(len(places), 9 * channels).astype(np.float64)
    patches -= patches.mean(axis=0)

    # The inverse of the covariance's triangular root whitens as well as that of its symmetric root would.
    covariance = patches.T @ patches / len(patches)
    noise = NOISE * np.trace(covariance)
    whiten = np.linalg.inv(np.linalg.cholesky(covariance + noise * np.eye(9 * channels))).T
    patches = patches @ whiten
    lengths = np.linalg.norm(patches, axis=1)
    patches = patches[lengths > np.quantile(lengths, 0.3)]  # flat patches resemble nothing in particular

    centres = patches[rng.choice(len(patches), width, replace=False)]
    for _ in range(ROUNDS):
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        similarity = patches @ centres.T
        nearest = similarity.argmax(axis=1)
        share = np.zeros_like(similarity)
        share[np.arange(len(patches)), nearest] = similarity[np.arange(len(patches)), nearest]
        centres = centres + share.T @ patches
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return (whiten @ centres.T).reshape(3, 3, channels, width)


def normalised(activations, kernel):
    """Scale `kernel` and find its bias; returns (kernel, bias) as float16."""
    response = tf.nn.conv2d(activations, kernel.astype(np.float32), strides=1, padding="SAME").numpy()
    response = response.reshape(-1, kernel.shape[-1]).astype(np.float64)
    bias = -np.quantile(response, SILENT, axis=0)
    scale = MEAN_ACTIVATION / np.maximum(response + bias, 0).mean(axis=0)
    return (kernel * scale).astype(np.float16), (bias * scale).astype(np.float16)


def make_weights():
    """The arrays of the file: `conv1_1/kernel`, `conv1_1/bias`, ..."""
    rng = np.random.default_rng(SEED)
    activations, arrays = course_pictures(), {}
    for layer in LAYERS[1:]:
        if layer.startswith("avgpool"):
            activations = tf.nn.avg_pool2d(activations, ksize=2, strides=2, padding="SAME").numpy()
            continue
        channels, width = activations.shape[-1], WIDTHS[layer] // 4
        if layer in DICTIONARIES:
            kernel = dictionary_kernels(activations, width, rng)
        else:
            kernel = orthogonal_kernels(channels, width, rng)
        kernel, bias = normalised(activations, kernel)
        arrays[f"{layer}/kernel"], arrays[f"{layer}/bias"] = kernel, bias
        # The next layer is fitted to what this one gives when read back from half precision.
        response = tf.nn.conv2d(activations, kernel.astype(np.float32), strides=1, padding="SAME")
        activations = tf.nn.relu(response + bias.astype(np.float32)).numpy()
    return arrays


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?", type=Path, default=EMBEDDED, help="where to (default: %(default)s)")
    path = parser.parse_args().path
    arrays = make_weights()
    np.savez(path, **arrays)
    count = sum(array.size for array in arrays.values())
    print(f"{path}: {count:,} weights, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
