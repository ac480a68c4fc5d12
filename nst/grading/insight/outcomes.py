"""Which unnamed outcomes are the same? Texts of exam/mistakes.py that differ in nothing but the last digits.

No text is rounded to be compared: two values on both sides of a boundary are as near as any others.
"""

import re
from collections import defaultdict

#: How far numbers of the same outcome are apart: as parts of the number, and of the largest of its result.
RELATIVE, OF_LARGEST = 1e-3, 1e-4
_MOST = 1e300
_NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]\d+)?")


def group(outcomes):
    """Lists of those keys of a dict whose outcomes are the same, in the dict's order; the largest first, else too.

    outcomes: key -> text.
    """
    alike = defaultdict(list)
    for key, text in outcomes.items():
        words, numbers = _taken_apart(text)
        alike[words].append((numbers, key))
    place, groups = {key: number for number, key in enumerate(outcomes)}, []
    for found in alike.values():
        groups += _near(found)
    for keys in groups:
        keys.sort(key=place.get)
    return sorted(groups, key=lambda keys: (-len(keys), place[keys[0]]))


def agree(text, other):
    """Are two outcomes the same?"""
    return len(group({0: text, 1: other})) == 1


def _taken_apart(text):
    """(the text without its numbers, [(number, how far another may be from it), …])."""
    numbers = []
    for result in re.split(r" \| |; ", text):
        found = [max(-_MOST, min(_MOST, float(number))) for number in _NUMBER.findall(result)]
        largest = max(map(abs, found), default=0.0)
        numbers += [(number, RELATIVE * abs(number) + OF_LARGEST * largest) for number in found]
    return _NUMBER.sub("#", text), numbers


def _near(found):
    """Lists of keys whose numbers are near those of the first of the list."""
    if not found[0][0]:
        return [[key for _, key in found]]
    lists, open_lists = [], []
    for numbers, key in sorted(found, key=lambda item: [number for number, _ in item[0]]):
        # Sorted by the first number, so a list whose first number is too far behind takes nobody any more.
        open_lists = [(first, keys) for first, keys in open_lists if numbers[0][0] - first[0][0] <= first[0][1]]
        for first, keys in open_lists:
            if all(abs(mine - theirs) <= far for (mine, _), (theirs, far) in zip(numbers, first, strict=True)):
                keys.append(key)
                break
        else:
            lists.append([key])
            open_lists.append((numbers, lists[-1]))
    return lists
