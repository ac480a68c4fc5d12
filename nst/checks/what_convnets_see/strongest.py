"""strongest(activation, count)"""

from dataclasses import replace

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.looks import with_looks
from nst.checks.outcome import Unusable
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import composable, parts_of, returns


@composable
def _best(**wrong):
    """A strongest with a wrong part: a picture's score, the order of scores, the place in a picture, the result."""
    parts = parts_of(
        wrong,
        score=lambda maps: maps.max((1, 2)),
        order=lambda scores: np.argsort(-scores, kind="stable"),
        where=lambda one: np.unravel_index(one.argmax(), one.shape),
        finish=lambda places, count: places[:count],
    )

    def function(activation, count):
        order = parts.order(parts.score(activation))
        return parts.finish([(int(at), *map(int, parts.where(activation[at]))) for at in order], count)

    return function


def _several_per_picture(activation, count):
    order = np.argsort(-activation.ravel(), kind="stable")[:count]
    return [tuple(map(int, np.unravel_index(at, activation.shape))) for at in order]


def _last_place(one):
    at = one.size - 1 - one.ravel()[::-1].argmax()
    return np.unravel_index(at, one.shape)


_ONE_EACH = "At most one place per picture is wanted, so that the nine patches are not nine times the same spot. "
_TIES = "Where two are equal, the {} comes first. "

_LOOKS = {
    "score": "Look at the number by which you sort the pictures.",
    "order": "Look at how you sort: which picture comes first, and which where two are equal?",
    "where": "Look at how you find row and column within a picture.",
    "finish": "Look at what you return: how many places, and in which order?",
}
_EXPERIMENT = """\
maps = np.float32([[[1, 4, 3], [0, 1, 1]], [[0, 5, 0], [0, 0, 6]], [[4, -9, 0], [0, 1, 4]], [[2, 2, 2], [2, 3, 2]]])
print(strongest(maps, 3))  # the 6, then the first 4 of pictures 0 and 2: (1, 1, 2), (0, 0, 1), (2, 0, 0)"""

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "several places of a picture",
        _ONE_EACH + "Yours come from all pictures together. Find every picture's strongest place first.",
        _several_per_picture,
    ),
    Misunderstanding(
        "weakest pictures",
        "You found the pictures that excite the unit least. np.argsort sorts from small to large.",
        _best(order=lambda scores: np.argsort(scores, kind="stable")),
    ),
    Misunderstanding(
        "strongest last",
        "The places are right and their order is not: the strongest comes first.",
        _best(finish=lambda places, count: places[:count][::-1]),
    ),
    Misunderstanding(
        "in the order of pictures",
        "The places are right and their order is not: you sort by the number of the picture, not by strength.",
        _best(finish=lambda places, count: sorted(places[:count])),
    ),
    Misunderstanding(
        "first pictures, however strong",
        "You take the first pictures, however strong. Sort the pictures by their strongest activation.",
        _best(order=lambda scores: np.arange(len(scores))),
    ),
    Misunderstanding(
        "pictures sorted by their mean",
        "You sort pictures by their mean activation. A patch is one place: a picture is as strong as its strongest "
        "place.",
        _best(score=lambda maps: maps.mean((1, 2))),
    ),
    Misunderstanding(
        "absolute values",
        "You take strongly negative activations for strong ones. Only large positive ones excite.",
        _best(
            score=lambda maps: np.abs(maps).max((1, 2)),
            where=lambda one: np.unravel_index(np.abs(one).argmax(), one.shape),
        ),
    ),
    Misunderstanding(
        "row and column swapped",
        "Row and column stand in each other's place: (picture, row, column), the row counted from the top.",
        _best(where=lambda one: np.unravel_index(one.argmax(), one.shape)[::-1]),
    ),
    Misunderstanding(
        "divided by the height",
        "np.argmax counts along the rows, so a place is row · W + column: divide by the width W, not by the height.",
        _best(where=lambda one: divmod(one.argmax(), one.shape[0])),
    ),
    Misunderstanding(
        "later place of equal ones",
        _TIES.format("one further up, then further left") + "Yours is the last of them. np.argmax gives the first.",
        _best(where=_last_place),
    ),
    Misunderstanding(
        "later picture of equal ones",
        _TIES.format("picture with the lower number") + "A sorted list turned round has it last. Sort by the negative "
        'strength, with kind="stable".',
        _best(order=lambda scores: np.argsort(scores, kind="stable")[::-1]),
    ),
    Misunderstanding(
        "count ignored",
        "You return a place of every picture. Keep the first `count` of them.",
        _best(finish=lambda places, count: places),
    ),
    Misunderstanding(
        "the strongest alone",
        "You return one place. Return a list of `count` of them.",
        _best(finish=lambda places, count: places[:1]),
    ),
    Misunderstanding(
        "places without the picture",
        "A place is (picture, row, column): without the picture nobody can cut the patch.",
        _best(finish=lambda places, count: [place[1:] for place in places[:count]]),
    ),
    returns([(1, 0, 2), (2, 1, 1)]),
]


def _call(function, activation, count):
    places = function(activation, count)
    if places is None:
        return None
    try:
        array = np.array([[int(number) for number in place] for place in places])
    except (TypeError, ValueError):
        raise Unusable("returns something else than a list of (picture, row, column).") from None
    if array.ndim != 2 or array.shape[1] != 3:
        raise Unusable("returns something else than a list of (picture, row, column).")
    if len(array) != min(count, len(activation)):
        raise Unusable(f"returns a list of {len(array)}; {count} places of {len(activation)} pictures were asked for.")
    return array


def _ready(case):
    return replace(case, expected={"places": case.expected["places"].astype(int)})


EXERCISE = Exercise(
    name="strongest",
    cases=cases("what-convnets-see", "strongest", _ready),
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[Property("activation is not written to", spoils_nothing("activation", "count"))],
    call=_call,
    look="Follow the recipe step by step on two small maps: a place in each, the order, the first few.",
    experiment=_EXPERIMENT,
)
