"""choose_triplets(encodings, labels, alpha=0.2)"""

from dataclasses import replace

import numpy as np

from nst.checks.defaults import default_holds, other_default
from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.looks import with_looks
from nst.checks.outcome import Unusable
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import composable, parts_of, returns


def _call(function, *inputs, **options):
    rows = function(*inputs, **options)
    if rows is None:
        return None
    try:
        rows = np.array([np.asarray(row) for row in rows])
    except (TypeError, ValueError):
        raise Unusable("returns something else than three rows of equally many indices.") from None
    if rows.ndim != 2 or len(rows) != 3:
        raise Unusable(
            f"returns something of shape {rows.shape}; expected were three rows of indices, equally long: anchors, "
            "positives, negatives."
        )
    if rows.size and rows.dtype.kind not in "iu":
        raise Unusable(f"returns rows of {rows.dtype}; expected were whole numbers, the indices.")
    return rows.shape[1], in_order(rows.T)


def in_order(triplets):
    """Triplets (anchor, positive, negative) in one order, whatever theirs was: (n, 3) int."""
    return np.array(sorted(tuple(map(int, triplet)) for triplet in triplets), int).reshape(-1, 3)


def _prepared(case):
    encodings, labels = case.inputs
    triplets = in_order(case.expected["triplets"])
    return replace(
        case, inputs=(encodings, labels.astype(int)), expected={"count": len(triplets), "triplets": triplets}
    )


def _squares(encodings):
    return np.square(encodings[:, None] - encodings).sum(-1)


def _same_label(d, labels, a):
    return np.flatnonzero((labels == labels[a]) & (np.arange(len(labels)) != a))


@composable
def _chooser(**wrong):
    """A choose_triplets with a wrong part: distances, pairs, who may be a negative, which is it, is it kept."""
    parts = parts_of(
        wrong,
        labels=lambda labels: labels,
        distances=_squares,
        positives=_same_label,
        others=lambda labels, a: labels != labels[a],
        candidates=lambda to, others, near, alpha: others & (to > near),
        choose=lambda to, candidates: [min(candidates, key=to.__getitem__)],
        otherwise=lambda to, others: [],
        keep=lambda near, far, alpha: far < near + alpha,
        order=lambda a, p, n: (a, p, n),
        rows=lambda triplets, labels: np.array(triplets, int).reshape(-1, 3).T,
        default=0.2,
    )

    def function(encodings, labels, alpha=parts.default):
        triplets, d, labels = [], parts.distances(encodings), parts.labels(labels)
        for a in range(len(labels)):
            for p in parts.positives(d, labels, a):
                others = parts.others(labels, a)
                candidates = np.flatnonzero(parts.candidates(d[a], others, d[a, p], alpha))
                chosen = parts.choose(d[a], candidates) if len(candidates) else parts.otherwise(d[a], others)
                triplets += [parts.order(a, p, n) for n in chosen if parts.keep(d[a, p], d[a, n], alpha)]
        return parts.rows(triplets, labels)

    return function


_SEMI_HARD = (
    "The negative is the nearest picture of another resident among those that are farther from the anchor than the "
    "positive is. "
)
_EVERY_PAIR = "Every ordered pair of two pictures of a resident is an (anchor, positive). "
_COSTS = "A triplet is kept if it costs something, ‖a − n‖² < ‖a − p‖² + α. "
_SQUARED = "Distances are squared Euclidean ones, ‖f − g‖². "
_ROWS = "Return three rows of indices: anchors, positives, negatives. "
_PENCIL = (
    "Take one anchor and one positive, write down the squared distances from the anchor to all pictures of other "
    "residents, and follow the rule with a pencil."
)

_LOOKS = {
    "labels": "Look at how you find out whose picture it is.",
    "distances": "Look at your distances: compute one of them by hand.",
    "positives": "Look at your loop over the positives: which pairs go in, and which are left out?",
    "others": "Look at who may be a negative.",
    "candidates": "Look at your condition for a candidate: it compares with the positive, from below and from above.",
    "choose": "Look at which of the candidates becomes the negative.",
    "otherwise": "Look at what becomes of a pair without candidates.",
    "keep": "Look at where α stands in your condition.",
    "order": "Look at the order in which you note anchor, positive and negative.",
    "rows": "Look at the last step: what you return, and its shape.",
}
_EXPERIMENT = """\
street = np.float32([[0], [1], [2], [3], [4]])
print(*choose_triplets(street, np.array([0, 1, 0, 1, 1]), alpha=6.0))  # [0 3 4] [2 1 3] [3 0 2], in columns"""
_TWO_NEGATIVES = """\
street = np.float32([[0], [2], [3], [4]])
print(*choose_triplets(street, np.array([0, 0, 1, 1]), alpha=20.0))  # [0 2 3] [1 3 2] [2 0 1], in columns"""
_IN_THE_PLANE = """\
corners = np.float32([[0, 0], [0, 1], [1, 1]])
print(*choose_triplets(corners, np.array([0, 0, 1]), alpha=0.8))  # [] [] []: 2 is not below 1 + 0.8"""
_FAR_APART = """\
rows = choose_triplets(np.float32([[0], [1], [9]]), np.array([0, 0, 1]))
print(len(rows), [len(row) for row in rows])  # 3 [0, 0, 0]"""
_BY_DEFAULT = """\
street = np.float32([[0], [0.5], [-0.74], [10], [10.5], [9.4]])
print(*choose_triplets(street, np.array([0, 0, 1, 2, 2, 3])))  # [3] [4] [5]: 0.55 is not below 0.25 + 0.2, 0.36 is"""
#: Squared distances of 0.09 to the positive and, to the negative, of nearly 0.28 and 0.30.
_TRIALS = [(np.float32([[0], [0.3], [negative]]), np.array([0, 0, 1])) for negative in (-0.529, -0.5478)]

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "hardest of all",
        _SEMI_HARD + "You allow nearer ones too: the hardest of all can make an encoder collapse.",
        _chooser(candidates=lambda to, others, near, alpha: others),
    ),
    Misunderstanding(
        "hardest of all, then dropped",
        _SEMI_HARD + "You take the nearest of all, and drop the pair when that one is nearer. Look only among the "
        "farther ones.",
        _chooser(
            candidates=lambda to, others, near, alpha: others,
            keep=lambda near, far, alpha: near < far < near + alpha,
        ),
    ),
    Misunderstanding(
        "negatives nearer than the positive",
        _SEMI_HARD + "Yours are nearer than it.",
        _chooser(candidates=lambda to, others, near, alpha: others & (to < near)),
    ),
    Misunderstanding(
        "farthest negative",
        _SEMI_HARD + "You take the farthest, which teaches least.",
        _chooser(choose=lambda to, candidates: [max(candidates, key=to.__getitem__)]),
    ),
    Misunderstanding(
        "first negative that is farther",
        _SEMI_HARD + "You take the first that is farther.",
        _chooser(choose=lambda to, candidates: [candidates[0]]),
    ),
    Misunderstanding(
        "first picture of another resident",
        _SEMI_HARD + "You take the first picture of another resident, wherever it is.",
        _chooser(candidates=lambda to, others, near, alpha: others, choose=lambda to, candidates: [candidates[0]]),
    ),
    Misunderstanding(
        "every negative that costs",
        _SEMI_HARD + "You keep all those that cost something. A pair has one negative.",
        _chooser(choose=lambda to, candidates: candidates),
        experiment=_TWO_NEGATIVES,
    ),
    Misunderstanding(
        "negatives beyond the margin",
        _SEMI_HARD + "Yours are farther by α as well, so they cost nothing and teach nothing.",
        _chooser(
            candidates=lambda to, others, near, alpha: others & (to > near + alpha),
            keep=lambda near, far, alpha: True,
        ),
    ),
    Misunderstanding(
        "farthest negative where none is farther",
        "A pair without a negative farther than its positive gives no triplet. You take the farthest there is, as some "
        "libraries do.",
        _chooser(otherwise=lambda to, others: np.flatnonzero(others)[[to[others].argmax()]]),
    ),
    Misunderstanding(
        "hinge forgotten",
        _COSTS + "You keep those too that cost nothing.",
        _chooser(keep=lambda near, far, alpha: True),
    ),
    Misunderstanding(
        "only triplets that cost nothing",
        _COSTS + "You keep the others.",
        _chooser(keep=lambda near, far, alpha: far >= near + alpha),
    ),
    Misunderstanding(
        "margin left out",
        _COSTS + "You keep none at all. Without + α on the positive's side nothing can be farther than it and cost "
        "something.",
        _chooser(keep=lambda near, far, alpha: far < near),
    ),
    Misunderstanding(
        "margin written as a number",
        _COSTS + "Yours takes 0.2 whatever alpha says.",
        _chooser(keep=lambda near, far, alpha: far < near + 0.2),
    ),
    Misunderstanding(
        "distances not squared",
        _SQUARED + "You take the square root, so the margin α is another.",
        _chooser(distances=lambda f: np.sqrt(_squares(f))),
    ),
    Misunderstanding(
        "absolute differences",
        _SQUARED + "You add up absolute differences.",
        _chooser(distances=lambda f: np.abs(f[:, None] - f).sum(-1)),
    ),
    Misunderstanding(
        "mean of the squares",
        _SQUARED + "You take the mean of the squares, so the margin α is another.",
        _chooser(distances=lambda f: _squares(f) / f.shape[1]),
        experiment=_IN_THE_PLANE,
    ),
    Misunderstanding(
        "product in place of a distance",
        _SQUARED + "You compare products, which are large where encodings are alike.",
        _chooser(distances=lambda f: f @ f.T),
    ),
    Misunderstanding(
        "unit norm taken for granted",
        _SQUARED + "You take 2 − 2 f·g, which is that only where encodings have unit norm. In general it is "
        "‖f‖² + ‖g‖² − 2 f·g.",
        _chooser(distances=lambda f: 2 - 2 * f @ f.T),
    ),
    Misunderstanding(
        "encodings normalised",
        "You divide the encodings by their norms. Take them as they are: the encoder has done what it does.",
        _chooser(distances=lambda f: _squares(f / np.linalg.norm(f, axis=1, keepdims=True))),
    ),
    Misunderstanding(
        "anchor as its own positive",
        _EVERY_PAIR + "Yours also pair a picture with itself.",
        _chooser(positives=lambda d, labels, a: np.flatnonzero(labels == labels[a])),
    ),
    Misunderstanding(
        "each pair once",
        _EVERY_PAIR + "You take (i, j) and leave out (j, i), where the anchor is another.",
        _chooser(positives=lambda d, labels, a: [p for p in _same_label(d, labels, a) if p > a]),
    ),
    Misunderstanding(
        "hardest positive only",
        _EVERY_PAIR + "You keep the farthest positive of each anchor alone.",
        _chooser(positives=lambda d, labels, a: sorted(_same_label(d, labels, a), key=d[a].__getitem__)[-1:]),
    ),
    Misunderstanding(
        "nearest positive only",
        _EVERY_PAIR + "You keep the nearest positive of each anchor alone.",
        _chooser(positives=lambda d, labels, a: sorted(_same_label(d, labels, a), key=d[a].__getitem__)[:1]),
    ),
    Misunderstanding(
        "first positive only",
        _EVERY_PAIR + "You stop after the first positive of each anchor.",
        _chooser(positives=lambda d, labels, a: _same_label(d, labels, a)[:1]),
    ),
    Misunderstanding(
        "positives of any label",
        _EVERY_PAIR + "Yours take any picture for the positive. It shows the anchor's resident.",
        _chooser(positives=lambda d, labels, a: [p for p in range(len(labels)) if p != a]),
    ),
    Misunderstanding(
        "negatives of any label",
        _SEMI_HARD + "Yours may show the anchor's own resident.",
        _chooser(others=lambda labels, a: np.arange(len(labels)) != a),
    ),
    Misunderstanding(
        "labels taken as sorted",
        "You take it that the pictures of a resident stand side by side, equally many of each. Look at the labels: "
        "they come in any order.",
        _chooser(labels=lambda labels: np.arange(len(labels)) // (len(labels) // len(set(labels.tolist())))),
    ),
    Misunderstanding(
        "anchor and positive swapped",
        "Anchors and positives have changed places: the negative's distance is measured from the anchor, and the "
        "anchors are the first row.",
        _chooser(order=lambda a, p, n: (p, a, n)),
    ),
    Misunderstanding(
        "negatives before positives",
        _ROWS + "Yours has the negatives in the second row.",
        _chooser(order=lambda a, p, n: (a, n, p)),
    ),
    Misunderstanding(
        "labels in place of indices",
        _ROWS + "You return whom the pictures show: return where they stand in the batch.",
        _chooser(rows=lambda triplets, labels: labels[np.array(triplets, int).reshape(-1, 3).T]),
    ),
    Misunderstanding(
        "every triplet twice",
        _ROWS + "Yours have every triplet twice.",
        _chooser(rows=lambda triplets, labels: np.array(triplets + triplets, int).reshape(-1, 3).T),
    ),
    Misunderstanding(
        "one row for each triplet",
        _ROWS + "Yours has one row for each triplet: turn it round, with np.transpose or zip(*triplets).",
        _chooser(rows=lambda triplets, labels: triplets),
    ),
    Misunderstanding(
        "no rows where there is no triplet",
        "Where no triplet is left, return three empty rows. zip(*triplets) and np.transpose(triplets) have none then.",
        _chooser(rows=lambda triplets, labels: list(zip(*triplets, strict=True))),
        experiment=_FAR_APART,
    ),
    other_default(_chooser(default=0.4), "alpha", 0.2, _TRIALS, _BY_DEFAULT),
    returns([[1, 4], [3, 0], [0, 2]]),
]

EXERCISE = Exercise(
    name="choose_triplets",
    cases=cases("face-recognition", "choose_triplets", _prepared),
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[
        Property("encodings and labels are not written to", spoils_nothing("encodings", "labels")),
        default_holds("alpha", 0.2, _TRIALS),
    ],
    call=_call,
    advice={"count": _PENCIL, "triplets": _PENCIL},
    look="Take one anchor and one positive, and follow your code with a pencil.",
    experiment=_EXPERIMENT,
)
