"""How well an encoder tells faces apart: distances of pairs, the ROC curve, the best threshold."""

import numpy as np


def pair_distances(encodings, count=4000, seed=0):
    """Distances of pairs of pictures that seed chooses: (same resident, different ones), (count,) each.

    encodings: (residents, pictures of each, ...), anything whose Euclidean distance is meant; pictures themselves too.
    """
    encodings = np.asarray(encodings, np.float32)
    people, each = encodings.shape[:2]
    random = np.random.default_rng(seed)
    who, first = random.integers(people, size=count), random.integers(each, size=count)
    others, second = (who + random.integers(1, people, size=count)) % people, random.integers(each, size=count)
    same = (first + random.integers(1, each, size=count)) % each

    def distances(i, j):
        pairs = zip(who, first, i, j, strict=True)
        return np.array([np.linalg.norm(encodings[a, b] - encodings[c, d]) for a, b, c, d in pairs])

    return distances(who, same), distances(others, second)


def roc(same, different):
    """A ROC curve: thresholds, how often strangers are let in, how often residents are (n,) each, and the area below.

    same, different: distances as pair_distances gives them. The door opens below a threshold.
    """
    thresholds = np.append(np.unique(np.concatenate([same, different])), np.inf)
    false = np.searchsorted(np.sort(different), thresholds) / len(different)
    true = np.searchsorted(np.sort(same), thresholds) / len(same)
    return thresholds, false, true, float(np.trapezoid(true, false))


def verification_accuracy(same, different):
    """The share of pairs that the best threshold tells apart, half of them of the same resident, and that threshold."""
    thresholds, false, true, _ = roc(same, different)
    best = np.argmax(true - false)
    return float((true[best] + 1 - false[best]) / 2), float(thresholds[best])
