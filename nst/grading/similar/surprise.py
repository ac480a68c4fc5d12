"""How often would two submissions be so alike if everybody had answered every exercise on their own?

The class itself says how alike answers to one exercise are by nature: of all pairs in it that answered it, so many
share things as rare as these. A pair is surprising where that happens in several exercises at once, which should have
nothing to do with each other, or where words are shared that hardly anybody else wrote. For each pair there is a number
of bits, and the distribution that it would have if exercises and words were independent: that of a sum, a convolution.
Times the number of pairs it is what to expect by chance in the class; a pair is shown where that is FALSE_ALARMS or
less. So one agreement alone is never enough: some pair must be the one that is most alike in one exercise.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

#: Pairs shown by chance in a class where nobody copied, at most, on average.
FALSE_ALARMS = 0.02
#: Below this many students rare things cannot be told from others.
FEWEST = 12
#: What more have than this share of those who answered, or than this many, is common. The second keeps time in
#: proportion to the class.
COMMON, MOST = 0.12, 120
#: Steps of a bit, and the most bits, of a distribution.
STEP, MOST_BITS = 8, 200


class Pair(NamedTuple):
    """Two students, by number, first the smaller; expected: how many pairs so alike are expected by chance.

    bits: part -> how surprising it is there, of parts where the two are alike.
    """

    first: int
    second: int
    expected: float
    bits: dict[str, float]


class Part:
    """Who has which traits in one part. traits: student's number -> an array of the numbers of traits.

    Those in it have answered this part, with or without a trait of their own. students: how many there are.
    """

    def __init__(self, traits, students):
        self.size, self.traits = len(traits), traits
        owners = np.repeat(np.fromiter(traits, int, self.size), [len(found) for found in traits.values()])
        found = np.concatenate([*traits.values(), np.empty(0, np.int64)])
        self.kinds, columns, self.counts = np.unique(found, return_inverse=True, return_counts=True)
        self.most = max(2, min(MOST, int(COMMON * self.size)))
        kept = (self.counts[columns] >= 2) & (self.counts[columns] <= self.most)
        owners, columns = owners[kept], columns[kept]
        shape = students, len(self.kinds)
        self.has = csr_matrix((np.ones(len(owners)), (owners, columns)), shape=shape)
        self.students = students

    @property
    def pairs(self):
        """How many pairs have answered it."""
        return self.size * (self.size - 1) / 2

    def count(self, trait):
        """How many have a trait."""
        at = np.searchsorted(self.kinds, trait)
        return int(self.counts[at]) if at < len(self.kinds) and self.kinds[at] == trait else 0

    def as_alike(self, bits):
        """How many pairs share as much as one that is so surprising."""
        return round(self.pairs / 2**bits)

    def alike(self, weights):
        """(keys, sums): first * students + second of all pairs that share something, and the sum of the weights.

        The keys are sorted.
        """
        if not self.has.nnz:
            return np.empty(0, np.int64), np.empty(0)
        product = coo_matrix((self.has.multiply(weights)).tocsr() @ self.has.T)
        above = (product.row < product.col) & (product.data > 0)
        keys, sums = product.row[above].astype(np.int64) * self.students + product.col[above], product.data[above]
        order = np.argsort(keys)
        return keys[order], sums[order]


def surprising(parts, names, words, students):
    """The Pairs that are more alike than chance makes them, the most surprising first.

    parts, names: part -> Part, of its code and of the names chosen in it. words: kind -> Part, of what was written by
    hand, each kind of which comes more or less often by chance. students: how many there are.
    """
    if students < FEWEST:
        return []
    all_pairs = students * (students - 1) / 2
    found, chances = {}, np.ones(1)
    for name, part in parts.items():
        # Names come along with a form: the two count as one, of which each says half.
        keys, bits = _both(_ranked(part, part.pairs), _ranked(names[name], part.pairs))
        if len(keys):
            bits = _rank(bits, part.pairs)
            found[name] = keys, bits
            chances = np.convolve(chances, _distribution(bits, part.pairs))[: MOST_BITS * STEP]
    rates, spoken = np.zeros(MOST_BITS * STEP), np.zeros(students)
    for name, part in words.items():
        weights, more = _of_words(part, all_pairs)
        found[name] = part.alike(weights)
        rates[: len(more)] += more
        spoken += np.diff(part.has.indptr)
    return _judged(found, chances, rates, spoken, all_pairs, students)


def _ranked(part, pairs):
    """(keys, bits) of the pairs that are alike in a Part."""
    keys, sums = part.alike(np.log2(part.size / np.maximum(part.counts, 1)))
    return keys, _rank(sums, pairs)


def _both(one, other):
    """(keys, bits) of the pairs in either: the sum."""
    keys = np.union1d(one[0], other[0])
    bits = np.zeros(len(keys))
    for some, theirs in (one, other):
        bits[np.searchsorted(keys, some)] += theirs
    return keys, bits


def _rank(sums, pairs):
    """Bits of each pair: how few of all pairs have as much."""
    rounded = np.round(sums, 6)
    ordered = np.sort(rounded)
    as_much = len(ordered) - np.searchsorted(ordered, rounded)
    return np.log2(pairs / np.maximum(as_much, 1))


def _steps(bits):
    return np.minimum((np.asarray(bits) * STEP).astype(int), MOST_BITS * STEP - 1)


def _distribution(bits, pairs):
    """Chance of each number of steps, for any two that answered."""
    counts = np.bincount(_steps(bits)).astype(float) / pairs
    counts[0] += max(0.0, 1 - counts.sum())
    return counts


def _of_words(words, all_pairs):
    """(weight of each trait in bits, rate of each number of steps): of what two who write as much as most share.

    A trait is worth as much as it is seldom that two share one which is as rare.
    """
    counts = words.counts
    chance = np.where((counts >= 2) & (counts <= words.most), counts * (counts - 1) / 2 / all_pairs, 0)
    order = np.argsort(counts, kind="stable")
    # All of one count weigh the same.
    ends = np.searchsorted(counts[order], counts, side="right")
    rarer = np.concatenate([[0], np.cumsum(chance[order])])[ends]
    weights = np.maximum(0, -np.log2(np.maximum(rarer, 1e-12)))
    weights[chance == 0] = 0
    steps = _steps(weights)
    rates = np.bincount(steps, weights=chance, minlength=1) if len(steps) else np.zeros(1)
    return weights, rates


def _compound(rates, factor):
    """The distribution of a sum of things that come independently at these rates (Panjer's recursion)."""
    rates = rates * factor
    chances = np.zeros(MOST_BITS * STEP)
    chances[0] = np.exp(-rates[1:].sum())
    at = np.flatnonzero(rates)
    at = at[at > 0]
    moments = at * rates[at]
    for number in range(1, len(chances)):
        reach = at <= number
        chances[number] = (moments[reach] * chances[number - at[reach]]).sum() / number
    return chances


def _judged(found, chances, rates, spoken, all_pairs, students):
    keys = np.unique(np.concatenate([keys for keys, _ in found.values()]))
    steps = np.zeros(len(keys), int)
    for some, bits in found.values():
        steps[np.searchsorted(keys, some)] += _steps(bits)
    # Whoever writes much shares more; the rates are those of two who write as much as most.
    usual = max(spoken[spoken > 0].mean() if (spoken > 0).any() else 1, 1e-9)
    factor = np.maximum(1, spoken[keys // students] * spoken[keys % students] / usual**2)
    # In classes of a quarter more each, of which the upper end counts: each takes a distribution of its own.
    classes = np.ceil(np.log(factor) / np.log(1.25)).astype(int)
    expected = np.full(len(keys), np.inf)
    for number in np.unique(classes):
        both = np.convolve(chances, _compound(rates, 1.25**number))[: MOST_BITS * STEP]
        tail = np.append(np.cumsum(both[::-1])[::-1], 0)
        here = classes == number
        expected[here] = all_pairs * tail[np.minimum(steps[here], len(tail) - 2)]
    shown = np.flatnonzero(expected <= FALSE_ALARMS)
    pairs = [
        Pair(int(keys[at] // students), int(keys[at] % students), float(expected[at]), _bits(found, keys[at]))
        for at in shown
    ]
    return sorted(pairs, key=lambda pair: (pair.expected, pair.first, pair.second))


def _bits(found, key):
    """part -> bits, of the parts in which a pair is alike; the keys of a part are sorted."""
    at = {name: np.searchsorted(keys, key) for name, (keys, _) in found.items()}
    return {
        name: float(bits[at[name]])
        for name, (keys, bits) in found.items()
        if at[name] < len(keys) and keys[at[name]] == key
    }
