"""Which cell of a student's notebook is which of the released one's, and which file is which notebook."""

from collections import defaultdict
from typing import NamedTuple

from nst.grading.intake.reading import some


class Match(NamedTuple):
    """place: number of a skeleton cell -> index of the student's; one that answers two exercises is in two places.

    dropped: indices of what has no place, as it is a stub or a copy of a locked cell. doubled: numbers of skeleton
    cells that several cells claim to be. recognised: how many of the solutions and tests were found. finished: how many
    answers look so.
    """

    place: dict[int, int]
    dropped: set[int]
    doubled: list[int]
    recognised: int
    finished: int


def match(skeleton, cells):
    """Find the skeleton's cells, and the answers to its exercises, among those of a student; a Match."""
    place, dropped, doubled, finished = {}, set(), [], 0
    free = set(range(len(cells)))

    def put(number, index):
        place[number] = index
        free.discard(index)

    same_text = defaultdict(list)
    for index, cell in enumerate(cells):
        same_text[cell.kind, cell.text].append(index)
    for number in skeleton.numbers("given", "markdown"):
        slot = skeleton.slots[number]
        same = [index for index in same_text[slot.kind, slot.text] if index in free]
        if same:
            put(number, max(same, key=lambda index: (cells[index].is_for(slot), -index)))

    rest = sorted(free)
    for number in skeleton.numbers("solution"):
        slot = skeleton.slots[number]
        found = [
            i
            for i in rest
            if cells[i].is_for(slot) or (cells[i].kind == "code" and slot.functions & cells[i].functions)
        ]
        if not found:
            continue
        best = max(found, key=lambda i: (*_progress(slot, cells[i]), cells[i].is_for(slot), i))
        put(number, best)
        finished += _progress(slot, cells[best])[0]
        dropped.update(i for i in found if cells[i].text in ("", slot.text, cells[best].text))
        claims = [i for i in found if cells[i].is_for(slot)], [i for i in found if _progress(slot, cells[i])[1]]
        if max(map(len, claims)) > 1:
            doubled.append(number)

    for number in skeleton.numbers("test"):
        slot = skeleton.slots[number]
        found = [i for i in sorted(free) if cells[i].is_for(slot) or cells[i].text == slot.text]
        if found:
            put(number, max(found, key=lambda i: (cells[i].is_for(slot), cells[i].text == slot.text, -i)))
            dropped.update(found)
            if sum(cells[i].is_for(slot) for i in found) > 1:
                doubled.append(number)

    dropped -= set(place.values())
    for number in skeleton.numbers("solution") + skeleton.numbers("given", "markdown"):
        slot = skeleton.slots[number]
        rest = [i for i in sorted(free - dropped) if cells[i].is_for(slot) or is_version(slot, cells[i])]
        if number not in place and rest:
            put(number, max(rest, key=lambda i: (is_version(slot, cells[i]), cells[i].is_for(slot), -i)))
    recognised = len(place.keys() & {*skeleton.numbers("solution", "test")})
    return Match(place, dropped, doubled, recognised, finished)


def find_renamed(skeletons, handed, chosen):
    """Choose files of other names for the notebooks that are missing, by what is in them.

    skeletons: name -> Skeleton. handed: file name -> HandedNotebook. chosen: name -> file name, which is added to.
    Returns (repairs, flags), sentences that say which.
    """
    repairs, flags = [], []
    likely = defaultdict(list)
    for file in sorted(set(handed) - set(chosen.values())):
        matches = {name: match(skeleton, handed[file].cells) for name, skeleton in skeletons.items()}
        name = max(matches, key=lambda name: matches[name].recognised)
        if matches[name].recognised:
            likely[name].append((matches[name].finished, file))
    for name in skeletons:
        if name in likely and name not in chosen:
            files = [file for _, file in likely[name]]
            chosen[name] = max(likely[name])[1]
            repairs.append(f"{name}: read from the file {chosen[name]!r}.")
            if len(files) > 1:
                flags.append(f"{name}: several files could be it, {some(map(repr, files))}; {chosen[name]!r} was read.")
    return repairs, flags


def _progress(slot, cell):
    """How far an answer is: (finished, begun)."""
    begun = cell.text not in ("", slot.text) and slot.functions <= cell.functions
    return begun and "raise NotImplementedError()" not in cell.source, begun


def is_version(slot, cell):
    """Does a cell hold half of the skeleton's cell or more?

    A cell to explore is not run: one that has functions of its own, perhaps needed elsewhere, is not taken for it.
    """
    alike = cell.kind == slot.kind and 2 * len(slot.lines & cell.lines) >= max(1, len(slot.lines))
    return alike and ("explore" not in slot.tags or cell.functions <= slot.functions)
