"""What verify and who_is_it have in common: an encoding, a distance, a threshold."""

import numpy as np

from nst.checks.exercise import Misunderstanding
from nst.checks.face_recognition.tiny_encoder import GLOBAL_MODEL


def is_pair(result):
    """Two things, as both functions should return."""
    return isinstance(result, (tuple, list)) and len(result) == 2


def encoding_of(image, model):
    """The encoding (d,) of one picture (H, W, 3) uint8."""
    return model(image[None] / 255).numpy()[0]


def euclidean(f, g):
    """The distance of two encodings (d,)."""
    return float(np.linalg.norm(f - g))


_EUCLIDEAN = "The distance is ‖f − g‖₂, the square root of the sum of the squared differences: "
_DEFAULT = "Where no threshold is given, it is 0.7: "


def misunderstandings_of(make):
    """What both functions can get wrong; make(distance=…, default=…, limit=…): one of them with that part wrong."""
    distances = {
        "squared": ("yours has no square root.", lambda f, g: euclidean(f, g) ** 2),
        "sum-of-differences": (
            "you add up the differences, so positive and negative ones cancel.",
            lambda f, g: (f - g).sum(),
        ),
        "absolute-differences": ("you add up absolute differences.", lambda f, g: np.abs(f - g).sum()),
        "mean-for-sum": ("you take the mean of the squares.", lambda f, g: np.sqrt(np.square(f - g).mean())),
        "dot-product": ("you take the product f·g, which is large where they are alike.", lambda f, g: f @ g),
        "one-minus-dot-product": ("you take 1 − f·g.", lambda f, g: 1 - f @ g),
    }
    return [
        *(Misunderstanding(n, _EUCLIDEAN + hint, make(distance=distance)) for n, (hint, distance) in distances.items()),
        Misunderstanding("default-too-high", _DEFAULT + "yours is higher, and lets strangers in.", make(default=5)),
        Misunderstanding("default-too-low", _DEFAULT + "yours is lower, and keeps residents out.", make(default=0.1)),
        Misunderstanding(
            "threshold-ignored",
            "Your door is at 0.7 whatever threshold says. Use the argument.",
            make(limit=lambda threshold: 0.7),
        ),
        GLOBAL_MODEL,
    ]
