"""What verify and who_is_it have in common: an encoding, a distance, a threshold."""

import numpy as np

from nst.checks.by_hand import TinyEncoder
from nst.checks.defaults import other_default
from nst.checks.exercise import Misunderstanding
from nst.checks.face_recognition.tiny_encoder import GLOBAL_MODEL
from nst.checks.outcome import close, observe


def is_pair(result):
    """Two things, as both functions should return."""
    return isinstance(result, (tuple, list)) and len(result) == 2


def encoding_of(image, model):
    """The encoding (d,) of one picture (H, W, 3) uint8."""
    return model(image[None] / 255).numpy()[0]


def euclidean(f, g):
    """The distance of two encodings (d,)."""
    return float(np.linalg.norm(f - g))


#: How experiments begin: with a model whose encodings can be read off the picture.
IMPORT = "from nst.checks.face_recognition import OnePixel  # a model whose encoding of a picture is its first pixel\n"
#: A white picture, and cards at a distance of 0.69 and of 0.71 from its encoding.
WHITE = np.full((1, 1, 3), 255, np.uint8)
ENCODER = TinyEncoder([[[[0, 1], [0, 0], [0, 0]]]], [0, 0])
NEAR, FAR = np.float32([0, 0.31]), np.float32([0, 0.29])

_EUCLIDEAN = "The distance is ‖f − g‖₂, the square root of the sum of the squared differences. "
_ONE_CARD = "An entry of the database is one encoding, (d,). "


def _cosine(f, g):
    return f @ g / (np.linalg.norm(f) * np.linalg.norm(g))


_DISTANCES = {
    "square root left out": (_EUCLIDEAN + "Yours has no square root.", lambda f, g: euclidean(f, g) ** 2),
    "sum of the differences": (
        _EUCLIDEAN + "You add up the differences, so positive and negative ones cancel.",
        lambda f, g: (f - g).sum(),
    ),
    "absolute differences": (_EUCLIDEAN + "You add up absolute differences.", lambda f, g: np.abs(f - g).sum()),
    "largest difference": (_EUCLIDEAN + "You take the largest difference alone.", lambda f, g: np.abs(f - g).max()),
    "mean for sum": (_EUCLIDEAN + "You take the mean of the squares.", lambda f, g: np.sqrt(np.square(f - g).mean())),
    "product in place of a distance": (
        _EUCLIDEAN + "You take the product f·g, which is large where they are alike.",
        lambda f, g: f @ g,
    ),
    "one minus the product": (_EUCLIDEAN + "You take 1 − f·g.", lambda f, g: 1 - f @ g),
    "cosine in place of a distance": (
        _EUCLIDEAN + "You take the cosine of their angle, which is large where they are alike.",
        _cosine,
    ),
    "one minus the cosine": (
        _EUCLIDEAN + "You take 1 minus the cosine of their angle.",
        lambda f, g: 1 - _cosine(f, g),
    ),
    "several encodings of a person": (
        _ONE_CARD + "You go through it as through a list of encodings, and compare the face with each of its numbers.",
        lambda f, g: min(euclidean(f, number) for number in g),
    ),
    "first number of the card": (
        _ONE_CARD + "You take its first number, [0], as if it were a list of encodings.",
        lambda f, g: euclidean(f, g[0]),
    ),
}


def _names_an_order(exercise, outcome, function):
    return isinstance(outcome, ValueError) and "fro" in str(outcome)


def _is_deaf(exercise, outcome, function):
    """Are all distances right, and the answers the same at every threshold?"""
    for case in exercise.cases:
        found = [observe(exercise, function, case.inputs, {"threshold": limit}) for limit in (1e-6, 1e6)]
        if any(isinstance(outcome, Exception) for outcome in found) or not all(map(np.array_equal, *found)):
            return False
        if not close(found[0][0], np.asarray(case.expected["distance"])):
            return False
    return True


def misunderstandings_of(make, trials, experiment, at_another_threshold):
    """What both functions can get wrong.

    make(distance=…, limit=…): one of them with that part wrong; trials: inputs that show another default threshold;
    experiment: shows another default; at_another_threshold: shows who does not listen to the threshold.
    """
    return [
        *(Misunderstanding(name, hint, make(distance=distance)) for name, (hint, distance) in _DISTANCES.items()),
        Misunderstanding(
            "matrix norm of a vector",
            'ord="fro" is the norm of a matrix, and f − g is a vector, (d,). Leave ord out: np.linalg.norm(f - g) is '
            "the Euclidean norm.",
            make(distance=lambda f, g: np.linalg.norm(f - g, ord="fro")),
            recognises=_names_an_order,
        ),
        Misunderstanding(
            "no batch axis",
            "A model takes a batch, and you give it a picture without the axis in front. Your img_to_encoding puts it "
            "there: call that.",
            lambda image, *others, **options: others[-1](image / 255),
            look="Look at how you ask the model.",
        ),
        other_default(make(default=5), "threshold", 0.7, trials, experiment),
        Misunderstanding(
            "threshold ignored",
            "You do not listen to `threshold`: whatever it says, your answer is the same. Compare the distance with "
            "the argument, not with a number of your own.",
            make(limit=lambda threshold: 0.7),
            experiment=at_another_threshold,
            recognises=_is_deaf,
        ),
        GLOBAL_MODEL,
    ]
