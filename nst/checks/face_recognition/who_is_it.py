"""who_is_it(image, database, model, threshold=0.7)"""

from dataclasses import replace

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
from nst.checks.outcome import Unusable, close, find_problem, observe
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import composable, parts_of


def _call(function, image, database, model, **options):
    names = list(database)
    result = ask(function, image, database, model, **options)
    if not is_pair(result):
        return result
    distance, name = result
    if isinstance(distance, str):
        raise Unusable("returns the name first; expected were distance, then name.")
    if name is not None and (not isinstance(name, str) or name not in names):
        kind = "a text that is no name in the database" if isinstance(name, str) else "something else"
        raise Unusable(f"returns {kind} for name; expected was a name in the database, or None.")
    return distance, place(name, names)


def place(name, names):
    """Where a name stands among the names of the database, -1 for None: results are compared as numbers."""
    return -1 if name is None else list(names).index(name)


def _prepared(case):
    case = with_encoder(case)
    _, database, _ = case.inputs
    return replace(case, expected=case.expected | {"name": place(case.expected["name"], database)})


@composable
def _who(**wrong):
    """A who_is_it with a wrong part: the distance, which entry it is, the threshold, who is known, the result."""
    parts = parts_of(
        wrong,
        distance=euclidean,
        choose=lambda distances, limit: min(distances, key=distances.get),
        found=lambda distances, chosen, limit: distances[chosen],
        name=lambda distances, chosen, limit: chosen,
        default=0.7,
        limit=lambda threshold: threshold,
        known=lambda distance, limit: distance <= limit,
        stranger=None,
        finish=lambda distance, name, distances: (distance, name),
    )

    def function(image, database, model, threshold=parts.default):
        encoding, limit = encoding_of(image, model), parts.limit(threshold)
        distances = {name: parts.distance(encoding, entry) for name, entry in database.items()}
        chosen = parts.choose(distances, limit)
        distance, name = parts.found(distances, chosen, limit), parts.name(distances, chosen, limit)
        return parts.finish(distance, name if parts.known(distance, limit) else parts.stranger, distances)

    return function


def _beneath(distances, limit):
    """The entries below the threshold, or the nearest where there is none."""
    below = [name for name, distance in distances.items() if distance < limit]
    return below or [min(distances, key=distances.get)]


def _first_if_too_far(distances, limit):
    """The nearest, or the first entry where that is farther than the threshold already."""
    first = next(iter(distances))
    return first if distances[first] > limit else min(distances, key=distances.get)


_NEAREST = "The entry with the smallest distance of all is the one. "
_STRANGER = "The name is None where even the nearest is farther than the threshold. "
_TWO = "Return two things, (distance, name). "
_INFINITY = "Begin with something that every distance is below, such as infinity. "

_LOOKS = {
    "distance": "Look at your distance: compute it by hand for two short encodings.",
    "choose": "Look at the loop: what happens once before it, and what at every entry?",
    "found": "Look at where your smallest distance begins.",
    "name": "Look at where you keep the name.",
    "limit": "Look at what you compare the smallest distance with.",
    "known": "Look at what you do after the loop: who has a name, and who is None?",
    "stranger": "Look at what you return for somebody who is not in the database.",
    "finish": "Look at what you return: how many things, and in which order?",
}
_EXPERIMENT = (
    IMPORT
    + """\
cards = dict(zip("EMT", np.float32([[0.4, 0, 0], [0.7, 0.4, 0], [1, 0.65, 0]])))
print([who_is_it(np.uint8([[rgb]]), cards, OnePixel()) for rgb in ([255, 0, 0], [0, 0, 255])])  # 0.5 M, 1.08 None"""
)
_AT_HALF = (
    IMPORT
    + """\
cards = {"Emre": np.float32([0.4, 0, 0])}
print(who_is_it(np.uint8([[[255, 0, 0]]]), cards, OnePixel(), threshold=0.5))  # 0.6 and None"""
)
_BY_DEFAULT = (
    IMPORT
    + """\
houses = [{"Emre": np.float32([0.31, 0, 0])}, {"Maeve": np.float32([0.29, 0, 0])}]
print([who_is_it(np.uint8([[[255, 0, 0]]]), cards, OnePixel()) for cards in houses])  # 0.69 Emre, 0.71 None"""
)
_FAR_FIRST = (
    IMPORT
    + """\
cards = dict(zip("TM", np.float32([[0, 0, 0], [0.7, 0.4, 0]])))
print(who_is_it(np.uint8([[[255, 0, 0]]]), cards, OnePixel()))  # 0.5 and M"""
)
_TRIALS = [(WHITE, {"Nia": card}, ENCODER) for card in (NEAR, FAR)]


def _begins_too_low(exercise, outcome, function):
    """Is there no name to return even for a resident?"""
    return isinstance(outcome, UnboundLocalError) and not _names_residents(exercise, function)


def _begins_at_the_threshold(exercise, outcome, function):
    """Is there no name to return for a stranger alone?"""
    return isinstance(outcome, UnboundLocalError) and _names_residents(exercise, function)


def _always_names(exercise, outcome, function):
    """Where nobody gives a threshold, is every distance right, and has every stranger a name?"""
    told = [case for case in exercise.cases if not case.options]
    found = [observe(exercise, function, case.inputs, {}) for case in told]
    if any(isinstance(outcome, Exception) for outcome in found):
        return False
    pairs = [(case.expected, *outcome) for case, outcome in zip(told, found, strict=True)]
    strangers = [place for expected, _, place in pairs if expected["name"] < 0]
    return (
        bool(strangers)
        and min(strangers) >= 0
        and all(close(distance, np.asarray(expected["distance"])) for expected, distance, _ in pairs)
    )


def _names_residents(exercise, function):
    resident = exercise.cases[0]
    outcome = observe(exercise, function, resident.inputs, resident.options)
    return not find_problem(exercise, outcome, resident.expected.values(), resident.name)


_MISUNDERSTANDINGS = [
    Misunderstanding(
        "always the last entry",
        _NEAREST
        + "Yours is always the last. Does your if stand inside the loop, and do you set the minimum only once, "
        "before it?",
        _who(choose=lambda distances, limit: list(distances)[-1]),
    ),
    Misunderstanding(
        "always the first entry",
        _NEAREST + "Yours is always the first. Compare each distance with the smallest so far.",
        _who(choose=lambda distances, limit: next(iter(distances))),
    ),
    Misunderstanding(
        "name overwritten",
        "Your distance is right, and the name is that of the last entry. Keep the name only where you keep the "
        "distance: inside the if.",
        _who(name=lambda distances, chosen, limit: list(distances)[-1]),
    ),
    Misunderstanding(
        "farthest entry",
        _NEAREST + "Yours is the farthest.",
        _who(choose=lambda distances, limit: max(distances, key=distances.get)),
    ),
    Misunderstanding(
        "first below the threshold",
        _NEAREST + "Yours is the first below the threshold. Somebody nearer may follow.",
        _who(choose=lambda distances, limit: _beneath(distances, limit)[0]),
    ),
    Misunderstanding(
        "last below the threshold",
        _NEAREST + "Yours is the last below the threshold.",
        _who(choose=lambda distances, limit: _beneath(distances, limit)[-1]),
    ),
    Misunderstanding(
        "returned inside the loop",
        "You return from inside the loop, at the first entry that is near enough. Go through all of them first: "
        "somebody nearer may follow, and a stranger has a distance too.",
        _who(
            choose=lambda distances, limit: _beneath(distances, limit)[0],
            finish=lambda distance, name, distances: (distance, name) if name else None,
        ),
    ),
    Misunderstanding(
        "stranger decided inside the loop",
        "You decide inside the loop that it is nobody, as soon as one entry is too far. Somebody nearer may follow: "
        "compare with the threshold after the loop.",
        _who(choose=_first_if_too_far),
        experiment=_FAR_FIRST,
    ),
    Misunderstanding(
        "minimum begins at the threshold",
        _INFINITY
        + "You begin with the threshold, or with another number, and whoever is farther than that is not seen.",
        _who(found=lambda distances, chosen, limit: min(distances[chosen], limit), known=lambda d, limit: d < limit),
        recognises=_begins_at_the_threshold,
    ),
    Misunderstanding(
        "minimum begins at zero",
        _INFINITY + "You begin with 0, or with another number that is too small, so nobody is ever nearer.",
        _who(found=lambda distances, chosen, limit: 0.0, known=lambda distance, limit: False),
        recognises=_begins_too_low,
    ),
    Misunderstanding(
        "minimum begins at one",
        _INFINITY + "You begin with 1, so whoever is farther than that is not seen.",
        _who(
            found=lambda distances, chosen, limit: min(distances[chosen], 1.0),
            known=lambda distance, limit: distance <= limit and distance < 1,
        ),
    ),
    Misunderstanding(
        "classic form, always a name",
        'The classic exercise prints "Not in the database." and still returns the nearest name. Here the name is None '
        "where even the nearest is farther than the threshold: return None in its place.",
        _who(known=lambda distance, limit: True),
        recognises=_always_names,
    ),
    Misunderstanding("never a name", _STRANGER + "Yours never has a name.", _who(known=lambda distance, limit: False)),
    Misunderstanding(
        "names for strangers only",
        _STRANGER + "Yours has names for strangers only.",
        _who(known=lambda d, limit: d > limit),
    ),
    Misunderstanding(
        "text in place of None",
        _STRANGER + "Yours is a text. Print what you like, and return None.",
        # No part of a pair: of whoever gives no name to residents either, nothing but the text would show.
        lambda *inputs, **options: _who(stranger="Not in the database.")(*inputs, **options),
        look=_LOOKS["stranger"],
    ),
    Misunderstanding(
        "no distance for strangers",
        _TWO + "The distance of the nearest is there even where nobody is near enough.",
        _who(finish=lambda distance, name, distances: (distance if name else None, name)),
    ),
    Misunderstanding(
        "three values",
        _TWO + "Yours has three.",
        _who(finish=lambda distance, name, distances: (distance, name, bool(name))),
    ),
    Misunderstanding(
        "name first", _TWO + "Yours has the name first.", _who(finish=lambda distance, name, all: (name, distance))
    ),
    Misunderstanding(
        "place in place of a name",
        _TWO + "The name is the key in the database, not where it stands.",
        _who(finish=lambda distance, name, distances: (distance, [*distances, None].index(name))),
    ),
    Misunderstanding("name alone", _TWO + "Yours is the name alone.", _who(finish=lambda d, name, distances: name)),
    Misunderstanding("distance alone", _TWO + "Yours is the distance alone.", _who(finish=lambda d, name, all: d)),
    *misunderstandings_of(_who, _TRIALS, _BY_DEFAULT, _AT_HALF),
]

EXERCISE = Exercise(
    name="who_is_it",
    cases=cases("face-recognition", "who_is_it", _prepared),
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[
        Property("picture and database are not written to", spoils_nothing("image", "database", "model")),
        default_holds("threshold", 0.7, _TRIALS),
    ],
    call=_call,
    builds_on=("img_to_encoding",),
    words={"name": lambda place: "None" if place < 0 else f"entry {int(place) + 1} of the database"},
    look="Look at the loop: what happens once before it, what at every entry, and what after it?",
    experiment=_EXPERIMENT,
)
