"""The names of the classic exercise: VGG-19, and pictures in and out.

What stands behind them is in nst/networks/vgg.py and nst/pictures.py, which are short and written to be read.
"""

from nst.networks.vgg import INPUT_SHAPE, LAYERS, VGG, LayerError, load_vgg_model
from nst.paths import IMAGES, OUTPUT, PRETRAINED
from nst.pictures import (
    MEANS,
    NOISE_RATIO,
    PictureError,
    generate_noise_image,
    load_image,
    reshape_and_normalize_image,
    save_image,
    to_rgb,
)

__all__ = [
    "CONFIG",
    "LAYERS",
    "VGG",
    "LayerError",
    "PictureError",
    "generate_noise_image",
    "load_image",
    "load_vgg_model",
    "reshape_and_normalize_image",
    "save_image",
    "to_rgb",
]


class CONFIG:
    """The settings of the classic exercise."""

    IMAGE_HEIGHT, IMAGE_WIDTH, COLOR_CHANNELS = INPUT_SHAPE[1:]
    NOISE_RATIO = NOISE_RATIO
    MEANS = MEANS
    OUTPUT_DIR = OUTPUT
    CONTENT_IMAGE = IMAGES / "pyramid_small.jpg"
    STYLE_IMAGE = IMAGES / "impressionist.jpg"
    VGG_MODEL = PRETRAINED / "imagenet-vgg-verydeep-19.mat"
