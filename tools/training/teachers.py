"""The large networks, and which of their features the small ones are to explain."""

import numpy as np

from nst.networks import squeezenet
from nst.networks.squeezenet import SqueezeNet
from nst.pictures import MEANS
from nst.quiet import tf
from nst.weights import vgg19
from nst.weights.vgg19 import CONVOLUTIONS
from nst_utils import VGG
from tools.training import settings

#: SqueezeNet's layers that stand in for VGG-19's deep ones, at the same resolution.
STAND_INS = {
    "conv4_1": "fire4",
    "conv4_2": "fire4",
    "conv4_3": "fire5",
    "conv4_4": "fire5",
    "conv5_1": "fire6",
    "conv5_2": "fire7",
    "conv5_3": "fire8",
    "conv5_4": "fire9",
}

#: One position in so many of each layer, along height and width, is looked at: neighbours tell nearly the same.
GRID = {layer: {"1": 8, "2": 4, "3": 2}.get(layer[4], 1) for layer in CONVOLUTIONS}
GRID |= dict.fromkeys(squeezenet.FIRES, 1) | {"relu1": 4, "fire2": 2, "fire3": 2}
SQUEEZENET_LAYERS = ["relu1", *squeezenet.FIRES]


def sampled(features, every):
    """(n, height, width, channels) at one position in so many along height and width."""
    return features[:, every // 2 :: every, every // 2 :: every]


def for_squeezenet(pictures):
    return (pictures / 255 - squeezenet.MEAN) / squeezenet.STD


class Teachers:
    """The features that the students are to explain."""

    def __init__(self, vgg_path, squeezenet_path=None):
        weights = vgg19.read_weights(vgg_path)
        if "conv3_4" not in weights:
            raise SystemExit(
                f"{vgg_path} ends at {list(weights)[-1]}, and a teacher needs conv3_4; give a longer file."
            )
        self.vgg, self.vgg_layers = VGG(weights), list(weights)
        self.missing = {layer: fire for layer, fire in STAND_INS.items() if layer not in weights}
        self.squeezenet = squeezenet_path and SqueezeNet(squeezenet.read_weights(squeezenet_path))
        if self.missing and not self.squeezenet:
            raise SystemExit(
                f"{vgg_path} ends at {self.vgg_layers[-1]}, so SqueezeNet must stand in for the layers beyond; give "
                "its file as --squeezenet, or the whole VGG-19 as --vgg."
            )

    @tf.function(autograph=False)
    def features(self, crops):
        """Teachers' layers for (n, SIZE, SIZE, 3) uint8: name -> (n, height, width, channels).

        "vgg/conv3_1" is VGG-19's layer, or its stand-in at the same positions; "squeezenet/fire4" is SqueezeNet's.
        Half precision, as they are kept.
        """
        pictures = tf.cast(crops, tf.float32)
        found = self.vgg.activations(pictures - MEANS, self.vgg_layers)
        features = {f"vgg/{layer}": sampled(x, GRID[layer]) for layer, x in found.items()}
        if self.squeezenet:
            own = self.squeezenet.activations(for_squeezenet(pictures), SQUEEZENET_LAYERS)
            features |= {f"squeezenet/{layer}": sampled(x, GRID[layer]) for layer, x in own.items()}
        if self.missing:
            # SqueezeNet does not pad: with four pixels more at the top and left its position i in fire4 lies where
            # VGG-19's position i in conv4_1 does, to half a pixel (in fire6 and conv5_1 to a quarter of a position).
            wider = tf.pad(pictures, [[0, 0], [4, 12], [4, 12], [0, 0]], "REFLECT")
            fires = self.squeezenet.activations(for_squeezenet(wider), list(set(self.missing.values())))
            for layer, fire in self.missing.items():
                side = settings.SIZE // 8 if layer.startswith("conv4") else settings.SIZE // 16
                features[f"vgg/{layer}"] = fires[fire][:, :side, :side]
        return {name: tf.cast(tf.minimum(x, np.finfo(np.float16).max), tf.float16) for name, x in features.items()}
