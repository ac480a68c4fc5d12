"""Which cell of a student's notebook is which of the released one's, and which file is which notebook."""

from collections import defaultdict
from typing import NamedTuple

from nst.grading.intake.reading import some


class Match(NamedTuple):
    """place: number of a skeleton cell -> index of the student's; one that answers two exercises is in two places.

    dropped: indices of what has no place, as it is a stub or a copy of a locked cell. doubled: numbers of skeleton
    cells that several cells claim to be. renamed: number of a solution -> the function in it, where that has another
    name than the exercise. recognised: how many of the solutions and tests were found. finished: numbers of the
    solutions whose answers look so.
    """

    place: dict[int, int]
    dropped: set[int]
    doubled: list[int]
    renamed: dict[int, str]
    recognised: int
    finished: set[int]


def match(skeleton, cells):
    """Find the skeleton's cells, and the answers to its exercises, among those of a student; a Match."""
    place, dropped, doubled, finished = {}, set(), [], set()
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
        found = [i for i in rest if cells[i].is_for(slot) or _may_answer(slot, cells[i])]
        if not found:
            continue
        best = max(found, key=lambda i: (*progress(slot, cells[i]), cells[i].kind == "code", cells[i].is_for(slot), i))
        put(number, best)
        if progress(slot, cells[best])[0]:
            finished.add(number)
        # A version that is not finished would undo the finished one if it was run after it.
        dropped.update(i for i in found if cells[i].text in ("", slot.text, cells[best].text))
        dropped.update(i for i in found if i != best and is_unfinished(slot, cells[i]))
        begun = [i for i in found if cells[i].kind == "code" and progress(slot, cells[i])[1]]
        if max(len(begun), sum(cells[i].is_for(slot) for i in found)) > 1:
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
    renamed = _find_misnamed(skeleton, cells, place, dropped, free - dropped, finished)
    recognised = len(place.keys() & {*skeleton.numbers("solution", "test")})
    return Match(place, dropped, doubled, renamed, recognised, finished | renamed.keys())


def _find_misnamed(skeleton, cells, place, dropped, free, finished):
    """Number of a solution that was not found -> a finished function with nearly its name, or alone in its place."""
    known = {name for slot in skeleton.slots for name in slot.functions}
    renamed = {}
    for number in skeleton.numbers("solution"):
        slot = skeleton.slots[number]
        if number in finished or len(slot.functions) != 1:
            continue
        (wanted,) = slot.functions
        there = place.get(number)
        near = [
            (name, index)
            for index in sorted(free | ({there} - {None}))
            for name, done in cells[index].functions.items()
            if cells[index].kind == "code" and done and name not in known
        ]
        alike = [(name, index) for name, index in near if _folded(name) == _folded(wanted)]
        alone = [(name, index) for name, index in near if index == there and wanted not in cells[index].functions]
        if alike or len(alone) == 1:
            renamed[number], place[number] = (alike or alone)[-1]
            if there is not None:
                dropped.update({there} - set(place.values()))
    return renamed


def _folded(name):
    return name.replace("_", "").casefold()


def _may_answer(slot, cell):
    """Does a cell define what the exercise asks for? In text, only what is finished is believed to be meant so."""
    names = slot.functions.keys() & cell.functions.keys()
    return bool(names) and (cell.kind == "code" or all(cell.functions[name] for name in names))


def is_unfinished(slot, cell):
    """Does a cell define functions of the exercise, and none that is finished?"""
    names = slot.functions.keys() & cell.functions.keys()
    return bool(names) and not any(cell.functions[name] for name in names)


def choose_files(skeletons, handed):
    """Which file is read for which notebook: (name -> file name, repairs, flags).

    skeletons: name -> Skeleton. handed: file name -> HandedNotebook, of files of any name. A file belongs to the
    notebook of its name, else to the one of which it holds most. Of several, that counts in which most is finished,
    then that of the right name.
    """
    likely, chosen, repairs, flags = defaultdict(list), {}, [], []
    for file, notebook in handed.items():
        matches = {name: match(skeleton, notebook.cells) for name, skeleton in skeletons.items()}
        named = file.rpartition("/")[2].removesuffix(".ipynb")
        if named not in matches or not matches[named].recognised:
            named = max(matches, key=lambda name: matches[name].recognised)
        if matches[named].recognised:
            likely[named].append((len(matches[named].finished), is_named(file, named), -file.count("/"), file))
    for name in skeletons:
        if name not in likely:
            continue
        chosen[name] = max(likely[name])[-1]
        if chosen[name] != f"{name}.ipynb":
            repairs.append(f"{name}: read from the file {chosen[name]!r}.")
        files = sorted(file for finished, right, *_, file in likely[name] if finished or not right)
        if len(files) > 1:
            flags.append(f"{name}: several files could be it, {some(map(repr, files))}; {chosen[name]!r} was read.")
    return chosen, repairs, flags


def is_named(file, name):
    """Is it the file of this notebook, in whatever folder?"""
    return file.rpartition("/")[2] == f"{name}.ipynb"


def find_elsewhere(skeletons, name, file, handed):
    """Finished answers in other files to what is unfinished in this one, or to all where it is None: (HandedCells,
    flags)."""
    skeleton, cells, flags = skeletons[name], [], []
    given = {slot.text for other in skeletons.values() for slot in other.slots}
    of_others = {
        function
        for other in skeletons
        for slot in skeletons[other].slots
        for function in slot.functions
        if other != name
    }
    finished = match(skeleton, handed[file].cells).finished if file else ()
    for number in skeleton.numbers("solution"):
        slot = skeleton.slots[number]
        # What defines no function can't be told from anybody's cell.
        if number in finished or not slot.functions or of_others & slot.functions.keys():
            continue
        for other in sorted(handed.keys() - {file}):
            found = [
                cell
                for cell in handed[other].cells
                if cell.kind == "code" and cell.text not in given and progress(slot, cell)[0]
            ]
            if found:
                cells.append(found[-1]._replace(id=None, nbgrader={}, tags=None))
                flags.append(f"the answer to {slot.id} was found in the file {other!r}.")
                break
    return cells, flags


def progress(slot, cell):
    """How far an answer is: (finished, begun). What a comment says is neither."""
    wanted = slot.functions.keys()
    begun = wanted <= cell.functions.keys() and not cell.code <= slot.code
    return begun and all(cell.functions[name] for name in wanted), begun


def is_version(slot, cell):
    """Does a cell hold half of the skeleton's cell or more?

    A cell to explore is not run: one that has functions of its own, perhaps needed elsewhere, is not taken for it.
    """
    alike = cell.kind == slot.kind and 2 * len(slot.lines & cell.lines) >= max(1, len(slot.lines))
    return alike and ("explore" not in slot.tags or cell.functions.keys() <= slot.functions.keys())
