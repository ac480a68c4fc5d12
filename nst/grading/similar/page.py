"""What was found of a class, for the eyes of whoever teaches it: a page, a JSON file and a CSV file."""

import csv
import json
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nst.grading.report import no_formula, shown, templates
from nst.grading.similar.surprise import FALSE_ALARMS, FEWEST
from nst.grading.similar.traits import number
from nst.paths import whole_file

#: Groups that are shown side by side; the CSV file has all of them.
MOST_GROUPS = 50
#: Characters that are shown of one text.
MOST_CHARACTERS = 6_000

#: How many others are as alike: none, one, more.
_AS_ALIKE = (
    "Of the {pairs:,} pairs that answered this, no other is as alike.",
    "Of the {pairs:,} pairs that answered this, one other is as alike.",
    "Of the {pairs:,} pairs that answered this, {others:,} others are as alike.",
)


class Side(NamedTuple):
    """A student's text, in pieces: (text, "" or how it is marked)."""

    student: str
    pieces: list[tuple[str, str]]


class Likeness(NamedTuple):
    """What two students share in one part. why: sentences."""

    title: str
    why: list[str]
    sides: tuple[Side, Side]


def write_page(path, search):
    """Write the page, which loads and runs nothing; similar.html.j2 says how it looks."""
    pages = templates(Path(__file__).parent)
    pages.filters |= {"line": shown}
    students = len(search.students)
    text = pages.get_template("similar.html.j2").render(
        assignment=search.assignment,
        students=students,
        all_pairs=students * (students - 1) // 2,
        is_enough=search.is_enough,
        fewest=FEWEST,
        one_in=round(1 / FALSE_ALARMS),
        groups=[(group, likenesses(search, group.pairs[0])) for group in search.groups[:MOST_GROUPS]],
        names=search.students,
        more=max(0, len(search.groups) - MOST_GROUPS),
        chance=chance,
        made=datetime.now(),
    )
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def write_json(path, search):
    """Write everything that was found, without the students' texts."""
    groups = [
        {
            "students": group.members,
            "pairs": [
                {
                    "students": [search.students[pair.first], search.students[pair.second]],
                    "expected_by_chance": pair.expected,
                    "bits": {name: round(bits, 2) for name, bits in pair.bits.items()},
                }
                for pair in group.pairs
            ],
        }
        for group in search.groups
    ]
    found = {
        "format": "nst similar 1",
        "assignment": search.assignment,
        "students": len(search.students),
        "enough_students": search.is_enough,
        "pairs_shown_by_chance": FALSE_ALARMS,
        "groups": groups,
    }
    with whole_file(path) as unfinished:
        unfinished.write_text(json.dumps(found, indent=1), encoding="ascii")


def write_csv(path, search):
    """A line for each pair that is shown, the most surprising group first."""
    with whole_file(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["group", "student", "other", "expected_by_chance", "alike_in"])
        for at, group in enumerate(search.groups, 1):
            for pair in group.pairs:
                students = (no_formula(search.students[who]) for who in pair[:2])
                writer.writerow([at, *students, f"{pair.expected:.3g}", ", ".join(pair.bits)])


def chance(expected):
    """A sentence on how often chance alone makes a pair so alike."""
    classes = 1 / max(expected, 1e-12)
    if classes >= 1e6:
        return "By chance alone, so alike a pair comes up less than once in a million classes like this one."
    digits = max(0, len(str(int(classes))) - 2)
    return (
        f"By chance alone, so alike a pair comes up about once in {round(classes, -digits):,.0f} classes like this one."
    )


def likenesses(search, pair):
    """The parts in which two students are alike, the most surprising first."""
    students = [search.students[at] for at in pair[:2]]
    works = [search.work(student) for student in students]
    traits = [search.traits(work) for work in works]
    found, together = [], set()
    for name in sorted(works[0].parts.keys() & works[1].parts.keys(), key=lambda name: -pair.bits.get(name, 0)):
        part, names = search.parts.get(name), search.names.get(name)
        mine, theirs = traits[0][name], traits[1][name]
        code = _seldom(part, {trait: trait for trait in mine.code.keys() & theirs.code.keys()})
        chosen = _seldom(names, {number(text): text for text in mine.names.keys() & theirs.names.keys()})
        lines = search.seldom(mine.words.keys() & theirs.words.keys())
        together.update(lines)
        if not code and not chosen and not lines:
            continue
        why = []
        if code:
            rarest = min(code.values())
            why.append(f"Of the marked code, the rarest stands in {rarest:,} of {part.size:,} answers.")
        if chosen:
            rare = sorted(chosen, key=lambda text: (chosen[text], text))[:5]
            listed = ", ".join(f"{text} ({chosen[text]:,} of {names.size:,})" for text in rare)
            why.append(f"Both chose these names: {listed}.")
        if name in pair.bits:
            others = part.as_alike(pair.bits[name]) - 1
            why.append(_AS_ALIKE[min(others, 2)].format(pairs=int(part.pairs), others=others))
        why += _written(lines, len(search.students))
        sides = [
            Side(student, _pieces(work.parts[name][0], _places(own[name], code, chosen, lines, part)))
            for student, work, own in zip(students, works, traits, strict=True)
        ]
        found.append(Likeness(_title(name), why, tuple(sides)))
    mine, theirs = ({line for part in own.values() for line in part.words} for own in traits)
    if elsewhere := search.seldom((mine & theirs) - together):
        found.append(Likeness("In different places", _written(elsewhere, len(search.students)), ()))
    same = sorted(works[0].files.items() & works[1].files.items())
    for file, digest in same:
        if (file, digest) in search.files:
            count = len(search.files[file, digest])
            why = f"The file {file} is the same, byte for byte, in {count:,} of {len(search.students):,} submissions."
            found.insert(0, Likeness(file, [why], ()))
    return found


def _written(lines, students):
    """Sentences on the rarest lines. lines: line -> how many wrote it."""
    rarest = sorted(lines.items(), key=lambda item: (item[1], item[0]))[:5]
    return [f"“{line}” was written by {count:,} of {students:,} students." for line, count in rarest]


def _title(name):
    notebook, _, kind = name.partition(" +")
    if not kind:
        return name
    return f"Code added to {notebook}" if kind == "code" else f"Text added to {notebook}"


def _seldom(part, found):
    """trait's text -> how many have it, of the traits that are not too common to say something."""
    counts = {text: part.count(trait) for trait, text in found.items()} if part else {}
    return {text: count for text, count in counts.items() if 2 <= count <= part.most}


def _places(traits, code, chosen, lines, part):
    """(start, end, is it rare?) of what is shared, in one text."""
    few = max(3, part.size // 50) if part else 3
    for trait, count in code.items():
        yield from ((start, end, count <= few) for start, end in traits.code[trait])
    for text, count in chosen.items():
        yield from ((start, end, count <= few) for start, end in traits.names[text])
    for line in lines:
        yield from ((start, end, True) for start, end in traits.words[line])


def _pieces(text, places):
    """A text cut where its marks begin and end."""
    marks = [""] * len(text)
    for start, end, is_rare in sorted(places, key=lambda place: place[2]):
        marks[start:end] = ["rare" if is_rare else "alike"] * (end - start)
    for space in re.finditer(r"\n\s*", text):
        marks[space.start() : space.end()] = [""] * len(space[0])
    pieces = []
    for letter, mark in zip(text[:MOST_CHARACTERS], marks, strict=False):
        if pieces and pieces[-1][1] == mark:
            pieces[-1][0].append(letter)
        else:
            pieces.append(([letter], mark))
    cut = [("\n…", "")] if len(text) > MOST_CHARACTERS else []
    return [("".join(letters), mark) for letters, mark in pieces] + cut
