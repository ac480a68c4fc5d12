"""Where a network's numbers come from: files of many layouts, read with care, and the full VGG-19, fetched."""

from nst.weights.download import fetch
from nst.weights.files import WeightsError
from nst.weights.vgg19 import EMBEDDED

__all__ = ["EMBEDDED", "WeightsError", "fetch"]
