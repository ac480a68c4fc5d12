"""verify(image, identity, database, model, threshold=0.7)"""

import numpy as np

from nst.checks.defaults import default_holds
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.face_recognition.at_the_door import (
    ENCODER,
    FAR,
    IMPORT,
    NEAR,
    WHITE,
    encoding_of,
    euclidean,
    is_pair,
    misunderstandings_of,
)
from nst.checks.face_recognition.tiny_encoder import ask, with_encoder
from nst.checks.looks import with_looks
from nst.checks.outcome import Unusable
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import composable, parts_of


def _call(function, *inputs, **options):
    result = ask(function, *inputs, **options)
    if not is_pair(result):
        return result
    distance, door = result
    if _truth(distance) and not _truth(door):
        raise Unusable("returns the door first; expected were distance, then door_open.")
    if not _truth(door):
        kind = "a text" if isinstance(door, str) else "something else"
        raise Unusable(f"returns {kind} for door_open; expected was True or False.")
    return distance, int(door)


def _truth(value):
    return np.shape(value) == () and np.asarray(value).dtype == bool


@composable
def _verify(**wrong):
    """A verify with a wrong part: the entry of the database, the distance, the threshold, the door, the result."""
    parts = parts_of(
        wrong,
        entry=lambda database, identity, encoding: database[identity],
        distance=euclidean,
        limit=lambda threshold: threshold,
        default=0.7,
        opens=lambda distance, limit: distance < limit,
        finish=lambda distance, door: (distance, door),
    )

    def function(image, identity, database, model, threshold=parts.default):
        encoding = encoding_of(image, model)
        distance = parts.distance(encoding, parts.entry(database, identity, encoding))
        return parts.finish(distance, bool(parts.opens(distance, parts.limit(threshold))))

    return function


_BELOW = "The door opens where the distance is below the threshold, and only there. "
_DOOR = "Return the distance and whether the door opens, (distance, door_open). "
_IDENTITY = "The card says who somebody claims to be: compare with database[identity]. "

_LOOKS = {
    "entry": "Look at which entry of the database you compare with.",
    "distance": "Look at your distance: compute it by hand for two short encodings.",
    "limit": "Look at what you compare the distance with.",
    "opens": "Look at the comparison that decides about the door.",
    "finish": "Look at what you return: how many things, and in which order?",
}
_EXPERIMENT = (
    IMPORT
    + """\
red, cards = np.uint8([[[255, 0, 0]]]), dict(zip("EMT", np.float32([[1, 0, 0], [0.7, 0.4, 0], [0, 0, 0]])))
print([verify(red, name, cards, OnePixel()) for name in cards])  # 0.0 True, 0.5 True, 1.0 False"""
)
_AT_HALF = (
    IMPORT
    + """\
red, cards = np.uint8([[[255, 0, 0]]]), {"Emre": np.float32([0.5, 0, 0])}
print(verify(red, "Emre", cards, OnePixel(), threshold=0.5))  # 0.5 False: the distance is not below the threshold"""
)
_BY_DEFAULT = (
    IMPORT
    + """\
red, cards = np.uint8([[[255, 0, 0]]]), dict(zip("EM", np.float32([[0.31, 0, 0], [0.29, 0, 0]])))
print([verify(red, name, cards, OnePixel()) for name in cards])  # 0.69 True, 0.71 False"""
)
_TRIALS = [(WHITE, "Nia", {"Nia": card}, ENCODER) for card in (NEAR, FAR)]

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "door reversed",
        _BELOW + "Yours opens where it is above. A small distance means the same face.",
        _verify(opens=lambda distance, limit: distance > limit),
    ),
    Misunderstanding("always shut", _BELOW + "Yours never opens.", _verify(opens=lambda distance, limit: False)),
    Misunderstanding(
        "always open",
        _BELOW + "Yours always opens. Unit-norm encodings are never farther apart than 2: no distance reaches a "
        "threshold such as 5.",
        _verify(opens=lambda distance, limit: True),
    ),
    Misunderstanding(
        "open at exactly the threshold",
        _BELOW + "A distance of exactly the threshold leaves it shut.",
        _verify(opens=lambda distance, limit: distance <= limit),
        experiment=_AT_HALF,
    ),
    Misunderstanding(
        "first entry of the database",
        _IDENTITY + "You compare with the first entry, whoever it is.",
        _verify(entry=lambda database, identity, encoding: next(iter(database.values()))),
    ),
    Misunderstanding(
        "nearest of all cards",
        _IDENTITY + "You compare with whoever is nearest, so any resident's card will do.",
        _verify(
            entry=lambda database, identity, encoding: min(database.values(), key=lambda e: euclidean(e, encoding))
        ),
    ),
    Misunderstanding("door alone", _DOOR + "Yours is the door alone.", _verify(finish=lambda distance, door: door)),
    Misunderstanding(
        "distance alone", _DOOR + "Yours is the distance alone.", _verify(finish=lambda distance, door: distance)
    ),
    Misunderstanding(
        "door first", _DOOR + "Yours has the door first.", _verify(finish=lambda distance, door: (door, distance))
    ),
    Misunderstanding(
        "text for the door",
        _DOOR + "The door is True or False, not a text.",
        _verify(finish=lambda distance, door: (distance, "welcome" if door else "go away")),
    ),
    *misunderstandings_of(_verify, _TRIALS, _BY_DEFAULT, _AT_HALF),
]

EXERCISE = Exercise(
    name="verify",
    cases=cases("face-recognition", "verify", with_encoder),
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[
        Property("picture and database are not written to", spoils_nothing("image", "identity", "database", "model")),
        default_holds("threshold", 0.7, _TRIALS),
    ],
    call=_call,
    builds_on=("img_to_encoding",),
    words={"door_open": lambda opens: str(bool(opens))},
    look="Look at your three steps: an encoding, a distance, a comparison.",
    experiment=_EXPERIMENT,
)
