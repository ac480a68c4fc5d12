"""img_to_encoding(image, model)"""

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.face_recognition.tiny_encoder import GLOBAL_MODEL, ask, with_encoder
from nst.checks.looks import with_looks
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import composable, parts_of
from nst.quiet import tf


@composable
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
_ONE = "Return the encoding of the one picture, (d,). "

_LOOKS = {
    "scale": "Look at what you do to the picture before you ask the model.",
    "batch": "Look at the shape of what you give to the model.",
    "ask": "Look at how you call the model.",
    "finish": "Look at the shape of what you return.",
}
_EXPERIMENT = """\
from nst.checks.face_recognition import OnePixel  # a model whose encoding of a picture is its first pixel
print(img_to_encoding(np.uint8([[[0, 51, 102]]]), OnePixel()))  # 0, 0.2 and 0.4"""
_LAST_OF_THE_FIRST_ROW = """\
from nst.checks.face_recognition import OnePixel  # a model whose encoding of a picture is one of its pixels
print(img_to_encoding(np.uint8([[[0, 0, 0], [255, 0, 0]], [[0, 0, 0], [0, 0, 0]]]), OnePixel(0, 1)))  # 1, 0 and 0"""


def _divided_in_place(image):
    image /= 255
    return image


def _opens_a_file(exercise, outcome, function):
    """Is the exception one of those that functions raise which should open a file, and are given an array?"""
    signs = ("path should be path-like", "imread", "cv2", "attribute 'read'", "expected str, bytes or os.PathLike")
    return isinstance(outcome, Exception) and any(sign in str(outcome) for sign in signs)


_MISUNDERSTANDINGS = [
    Misunderstanding(
        "picture not divided", _FROM_0_TO_1 + "Yours is still from 0 to 255.", _encoding(scale=lambda image: image)
    ),
    Misunderstanding(
        "picture divided twice", _FROM_0_TO_1 + "You divide twice.", _encoding(scale=lambda image: image / 255 / 255)
    ),
    Misunderstanding(
        "picture divided by 256",
        _FROM_0_TO_1 + "You divide by 256, so white is not 1.",
        _encoding(scale=lambda x: x / 256),
    ),
    Misunderstanding(
        "divided without remainder",
        _FROM_0_TO_1 + "Yours is 0 nearly everywhere: // and uint8 cut off what is behind the point.",
        _encoding(scale=lambda image: image // 255),
    ),
    Misunderstanding(
        "divided in place",
        "image /= 255 divides in place, and uint8 has no room for what is behind the point. Write image / 255, which "
        "makes a new array and leaves your caller's as it is.",
        _encoding(scale=_divided_in_place),
    ),
    Misunderstanding(
        "from minus one to one", _FROM_0_TO_1 + "Yours is from −1 to 1.", _encoding(scale=lambda x: x / 127.5 - 1)
    ),
    Misunderstanding(
        "divided by the picture's largest number",
        _FROM_0_TO_1 + "You divide by the picture's own largest number.",
        _encoding(scale=lambda image: image / image.max()),
    ),
    Misunderstanding(
        "picture standardised",
        _FROM_0_TO_1 + "You subtract the picture's mean and divide by its standard deviation.",
        _encoding(scale=lambda image: (image - image.mean()) / image.std()),
    ),
    Misunderstanding(
        "normalised as for ImageNet",
        _FROM_0_TO_1 + "ImageNet's mean and standard deviation belong to the networks of other assignments.",
        _encoding(scale=lambda x: (x / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])),
    ),
    Misunderstanding(
        "colours reversed",
        "You turn the colours round, blue first, as OpenCV has them. Here they are red, green, blue already.",
        _encoding(scale=lambda image: image[..., ::-1] / 255),
    ),
    Misunderstanding(
        "channels first",
        "You put the colours first, as the published FaceNet wants them. This encoder takes them last: leave the axes "
        "as they are.",
        _encoding(scale=lambda image: image.transpose(2, 0, 1) / 255),
    ),
    Misunderstanding(
        "rows and columns swapped",
        "You swap the rows and columns of the picture. Leave its axes as they are.",
        _encoding(scale=lambda image: image.transpose(1, 0, 2) / 255),
        experiment=_LAST_OF_THE_FIRST_ROW,
    ),
    Misunderstanding("no batch axis", _BATCH + "Yours has none.", _encoding(batch=lambda picture: picture)),
    Misunderstanding(
        "picture unrolled",
        _BATCH + "You unroll the picture. The model takes it as it is, rows, columns and colours.",
        _encoding(batch=lambda picture: picture.reshape(1, -1)),
    ),
    Misunderstanding(
        "classic form, batch axis left on",
        _ONE + "Yours has the batch's axis in front, as in the classic exercise. Take row 0.",
        _encoding(finish=np.asarray),
    ),
    Misunderstanding(
        "first number alone",
        _ONE + "Yours is its first number.",
        _encoding(finish=lambda encodings: np.asarray(encodings)[0, 0]),
    ),
    Misunderstanding(
        "encoding divided by its sum",
        _ONE + "You divide it by its sum. Leave it as the model gives it.",
        _encoding(finish=lambda encodings: np.asarray(encodings)[0] / np.sum(encodings)),
    ),
    Misunderstanding(
        "training mode",
        "With training=True the batch normalisation looks at this one picture instead of what it has learnt. Say "
        "training=False.",
        _encoding(ask=lambda model, batch: model(batch, training=True)),
    ),
    Misunderstanding(
        "picture taken for a file",
        "The classic exercise gives the name of a file here, and loads it. Here `image` is the picture already, an "
        "array: begin with the division by 255.",
        lambda image, model: tf.keras.utils.load_img(image),
        look="Look at what you take `image` for.",
        recognises=_opens_a_file,
    ),
    GLOBAL_MODEL,
]

EXERCISE = Exercise(
    name="img_to_encoding",
    cases=cases("face-recognition", "img_to_encoding", with_encoder),
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[Property("the picture is not written to", spoils_nothing("image", "model"))],
    call=ask,
    look="Look at what you do to the picture, and at what you do with the model's answer.",
    experiment=_EXPERIMENT,
)
