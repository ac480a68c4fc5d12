"""The small networks, with batch normalisation for as long as they are trained."""

import numpy as np

from nst.networks import squeezenet
from nst.networks.squeezenet import SqueezeNet
from nst.pictures import MEANS
from nst.quiet import tf
from nst.weights import vgg19
from nst.weights.vgg19 import CONVOLUTIONS
from nst_utils import VGG
from tools.training.teachers import SQUEEZENET_LAYERS, for_squeezenet

EPSILON = 1e-3  # batch normalisation's, against a channel that never varies

#: Channels of the slim VGG-19. See pretrained-model/README.md for the measurements behind them.
WIDTHS = dict(zip(CONVOLUTIONS, [24, 16, 48, 48, 64, 64, 64, 64, 96, 96, 96, 96, 128, 128, 128, 128], strict=True))

#: What SqueezeNet's layers are to explain of VGG-19, besides the same layer of SqueezeNet.
RELATIVES = {
    "relu1": ["conv2_1", "conv2_2"],
    "fire2": ["conv3_1", "conv3_2"],
    "fire3": ["conv3_3", "conv3_4"],
}


class Normalised:
    """A network whose convolutions are each followed by batch normalisation while it is trained.

    Ioffe and Szegedy (2015). It is an affine map a channel, so `folded` makes it part of kernel and bias.
    """

    def __init__(self, shapes, rng):
        self.kernels, self.scales, self.offsets, self.means, self.variances = {}, {}, {}, {}, {}
        for name, shape in shapes.items():
            fan_in, width = int(np.prod(shape[:-1])), shape[-1]
            # Columns at right angles where there is room for them (Saxe et al., 2014).
            flat = rng.standard_normal((fan_in, width))
            flat = np.linalg.qr(flat)[0] if fan_in >= width else flat / np.sqrt(fan_in)
            self.kernels[name] = tf.Variable(flat.reshape(shape), dtype=tf.float32)
            self.scales[name] = tf.Variable(tf.ones(width))
            self.offsets[name] = tf.Variable(tf.zeros(width))
            self.means[name] = tf.Variable(tf.zeros(width), trainable=False)
            self.variances[name] = tf.Variable(tf.ones(width), trainable=False)
        self.learning = False  # True: normalise by the batch, and remember its statistics

    @property
    def trained(self):
        return [*self.kernels.values(), *self.scales.values(), *self.offsets.values()]

    @property
    def variables(self):
        return [*self.trained, *self.means.values(), *self.variances.values()]

    def _convolve(self, x, name, strides=1, padding="SAME"):
        x = tf.nn.conv2d(x, self.kernels[name], strides=strides, padding=padding)
        mean, variance = self.means[name], self.variances[name]
        if self.learning:
            x, batch_mean, batch_variance = tf.compat.v1.nn.fused_batch_norm(
                x, self.scales[name], self.offsets[name], epsilon=EPSILON, is_training=True
            )
            # Short-lived, since sixteen layers of statistics that lag behind the kernels make another network.
            mean.assign(0.9 * mean + 0.1 * tf.stop_gradient(batch_mean))
            variance.assign(0.9 * variance + 0.1 * tf.stop_gradient(batch_variance))
            return x
        factor = self.scales[name] / tf.sqrt(variance + EPSILON)
        return x * factor + (self.offsets[name] - mean * factor)

    def folded(self):
        """name -> (kernel, bias), float32: the same network without normalisation."""
        weights = {}
        for name, kernel in self.kernels.items():
            factor = (self.scales[name] / tf.sqrt(self.variances[name] + EPSILON)).numpy()
            weights[name] = kernel.numpy() * factor, self.offsets[name].numpy() - self.means[name].numpy() * factor
        return weights


class StudentVGG(Normalised, VGG):
    """The slim VGG-19."""

    file = vgg19.EMBEDDED
    style_layers = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
    content_layers = ("conv3_2", "conv4_2")

    def __init__(self, rng):
        channels = [3, *WIDTHS.values()]
        shapes = {layer: (3, 3, channels[i], width) for i, (layer, width) in enumerate(WIDTHS.items())}
        VGG.__init__(self, {layer: (np.zeros(1), np.zeros(1)) for layer in shapes}, "the slim VGG-19")
        Normalised.__init__(self, shapes, rng)
        self.targets = {layer: [f"vgg/{layer}"] for layer in shapes}

    def look(self, pictures, names):
        return self.activations(pictures - MEANS, names)


class StudentSqueezeNet(Normalised, SqueezeNet):
    """SqueezeNet 1.1 as it is."""

    file = squeezenet.EMBEDDED
    style_layers = ("relu1", "fire3", "fire4", "fire5")
    content_layers = ("fire2", "fire4")

    def __init__(self, rng):
        Normalised.__init__(self, squeezenet.SHAPES, rng)
        self.targets = {layer: [f"squeezenet/{layer}"] for layer in SQUEEZENET_LAYERS}
        for layer, relatives in RELATIVES.items():
            self.targets[layer] += [f"vgg/{relative}" for relative in relatives]

    def look(self, pictures, names):
        return self.activations(for_squeezenet(pictures), names)
