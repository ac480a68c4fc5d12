"""img_to_encoding(image, model)"""

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.face_recognition.tiny_encoder import GLOBAL_MODEL, ask, with_encoder
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import parts_of


def _encoding(**wrong):
    """An img_to_encoding with a wrong part: scaling, the batch, how the model is asked, what is taken of the answer."""
    parts = parts_of(
        wrong,
        scale=lambda image: image / 255,
        batch=lambda picture: picture[None],
        ask=lambda model, batch: model(batch, training=False),
        finish=lambda encodings: np.asarray(encodings)[0],
    )

    def function(image, model):
        return parts.finish(parts.ask(model, parts.batch(parts.scale(image))))

    return function


_FROM_0_TO_1 = "The encoder learnt from pictures from 0 to 1: divide by 255, and do nothing else to the picture. "
_BATCH = "A model takes a batch: put an axis in front, image[None], so that one picture is (1, H, W, 3). "
_ONE = "Return the encoding of the one picture, (d,): "

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "not-divided", _FROM_0_TO_1 + "Yours is still from 0 to 255.", _encoding(scale=lambda image: image)
    ),
    Misunderstanding(
        "divided-twice", _FROM_0_TO_1 + "You divide twice.", _encoding(scale=lambda image: image / 255 / 255)
    ),
    Misunderstanding(
        "divided-by-256", _FROM_0_TO_1 + "You divide by 256, so white is not 1.", _encoding(scale=lambda x: x / 256)
    ),
    Misunderstanding(
        "divided-without-remainder",
        _FROM_0_TO_1 + "Yours is 0 nearly everywhere: // and uint8 cut off what is behind the point.",
        _encoding(scale=lambda image: image // 255),
    ),
    Misunderstanding(
        "minus-one-to-one", _FROM_0_TO_1 + "Yours is from −1 to 1.", _encoding(scale=lambda x: x / 127.5 - 1)
    ),
    Misunderstanding(
        "divided-by-its-largest",
        _FROM_0_TO_1 + "You divide by the picture's own largest number.",
        _encoding(scale=lambda image: image / image.max()),
    ),
    Misunderstanding(
        "standardised",
        _FROM_0_TO_1 + "You subtract the picture's mean and divide by its standard deviation.",
        _encoding(scale=lambda image: (image - image.mean()) / image.std()),
    ),
    Misunderstanding(
        "imagenet-normalisation",
        _FROM_0_TO_1 + "ImageNet's mean and standard deviation belong to the networks of other assignments.",
        _encoding(scale=lambda x: (x / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])),
    ),
    Misunderstanding(
        "colours-reversed",
        "You turn the colours round, blue first, as OpenCV has them. Here they are red, green, blue already.",
        _encoding(scale=lambda image: image[..., ::-1] / 255),
    ),
    Misunderstanding(
        "channels-first",
        "You put the colours first, as the published FaceNet wants them. This encoder takes them last: leave the axes "
        "as they are.",
        _encoding(scale=lambda image: image.transpose(2, 0, 1) / 255),
    ),
    Misunderstanding(
        "rows-and-columns-swapped",
        "You swap the rows and columns of the picture. Leave its axes as they are.",
        _encoding(scale=lambda image: image.transpose(1, 0, 2) / 255),
    ),
    Misunderstanding("no-batch-axis", _BATCH + "Yours has none.", _encoding(batch=lambda picture: picture)),
    Misunderstanding(
        "batch-axis-left-on", _ONE + "yours has the batch's axis in front. Take row 0.", _encoding(finish=np.asarray)
    ),
    Misunderstanding(
        "first-number-only",
        _ONE + "yours is its first number.",
        _encoding(finish=lambda encodings: np.asarray(encodings)[0, 0]),
    ),
    Misunderstanding(
        "divided-by-its-sum",
        _ONE + "as the model gives it. You divide it by its sum.",
        _encoding(finish=lambda encodings: np.asarray(encodings)[0] / np.sum(encodings)),
    ),
    Misunderstanding(
        "training-mode",
        "With training=True the batch normalisation looks at this one picture instead of what it has learnt. Say "
        "training=False.",
        _encoding(ask=lambda model, batch: model(batch, training=True)),
    ),
    GLOBAL_MODEL,
]

EXERCISE = Exercise(
    name="img_to_encoding",
    cases=cases("face-recognition", "img_to_encoding", with_encoder),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[Property("the picture is not written to", spoils_nothing("image", "model"))],
    call=ask,
)
