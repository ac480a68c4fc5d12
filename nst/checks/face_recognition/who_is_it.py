"""who_is_it(image, database, model, threshold=0.7)"""

from dataclasses import replace

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.face_recognition.at_the_door import encoding_of, euclidean, is_pair, misunderstandings_of
from nst.checks.face_recognition.tiny_encoder import ask, with_encoder
from nst.checks.outcome import Unusable
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import parts_of


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


_NEAREST = "The entry with the smallest distance of all is the one: "
_STRANGER = "The name is None where even the nearest is farther than the threshold: "
_TWO = "Return two things, (distance, name): "

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "last-entry",
        _NEAREST + "yours is always the last. Do you set the minimum anew inside the loop?",
        _who(choose=lambda distances, limit: list(distances)[-1]),
    ),
    Misunderstanding(
        "first-entry",
        _NEAREST + "yours is always the first. Compare each distance with the smallest so far.",
        _who(choose=lambda distances, limit: next(iter(distances))),
    ),
    Misunderstanding(
        "name-overwritten",
        "Your distance is right, and the name is that of the last entry. Keep the name only where you keep the "
        "distance: inside the if.",
        _who(name=lambda distances, chosen, limit: list(distances)[-1]),
    ),
    Misunderstanding(
        "farthest",
        _NEAREST + "yours is the farthest.",
        _who(choose=lambda distances, limit: max(distances, key=distances.get)),
    ),
    Misunderstanding(
        "first-below-the-threshold",
        _NEAREST + "yours is the first below the threshold. Somebody nearer may follow.",
        _who(choose=lambda distances, limit: _beneath(distances, limit)[0]),
    ),
    Misunderstanding(
        "last-below-the-threshold",
        _NEAREST + "yours is the last below the threshold.",
        _who(choose=lambda distances, limit: _beneath(distances, limit)[-1]),
    ),
    Misunderstanding(
        "minimum-starts-at-the-threshold",
        _NEAREST + "you begin with the threshold, so whoever is farther is not seen. Begin with something that every "
        "distance is below, such as infinity.",
        _who(found=lambda distances, chosen, limit: min(distances[chosen], limit), known=lambda d, limit: d < limit),
    ),
    Misunderstanding("always-a-name", _STRANGER + "yours always has a name.", _who(known=lambda distance, limit: True)),
    Misunderstanding("never-a-name", _STRANGER + "yours never has a name.", _who(known=lambda distance, limit: False)),
    Misunderstanding(
        "reversed", _STRANGER + "yours has names for strangers only.", _who(known=lambda d, limit: d > limit)
    ),
    Misunderstanding(
        "text-for-none",
        _STRANGER + "yours is a text. Print what you like, and return None.",
        _who(stranger="Not in the database."),
    ),
    Misunderstanding(
        "no-distance-for-strangers",
        _TWO + "the distance of the nearest is there even where nobody is near enough.",
        _who(finish=lambda distance, name, distances: (distance if name else None, name)),
    ),
    Misunderstanding(
        "three-values",
        _TWO + "yours has three.",
        _who(finish=lambda distance, name, distances: (distance, name, bool(name))),
    ),
    Misunderstanding(
        "name-first", _TWO + "yours has the name first.", _who(finish=lambda distance, name, all: (name, distance))
    ),
    Misunderstanding(
        "place-for-name",
        _TWO + "the name is the key in the database, not where it stands.",
        _who(finish=lambda distance, name, distances: (distance, [*distances, None].index(name))),
    ),
    Misunderstanding("name-alone", _TWO + "yours is the name alone.", _who(finish=lambda d, name, distances: name)),
    Misunderstanding("distance-alone", _TWO + "yours is the distance alone.", _who(finish=lambda d, name, all: d)),
    *misunderstandings_of(_who),
]

EXERCISE = Exercise(
    name="who_is_it",
    cases=cases("face-recognition", "who_is_it", _prepared),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[Property("picture and database are not written to", spoils_nothing("image", "database", "model"))],
    call=_call,
    builds_on=("img_to_encoding",),
    words={"name": lambda place: "None" if place < 0 else f"entry {int(place) + 1} of the database"},
)
