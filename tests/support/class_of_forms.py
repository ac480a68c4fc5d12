"""A class that hands in: real notebooks of a real assignment, filled in from tests/support/forms and /submissions.

    class_of_forms(folder, "neural-style-transfer", students=200, seed=1)

writes submitted/<student>/<assignment>/ below `folder` and returns one Handed for each student, which says what the
answers are made of. The same seed hands in the same, byte for byte. Nothing is run for it, and nothing in it runs into
a time limit, so `nst grade` takes for each no longer than for any other submission of the assignment.

As in a class, a few mistakes are made by many: wrong answers are drawn from forms that must be rejected, and from slips
of the pen in the course's own solution. Some of them have a name among the misunderstandings, some have none.
"""

import json
import random
import textwrap
from bisect import bisect
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate, count
from unittest.mock import patch

import nbformat

from nst.course.release import read_source
from nst.grading.intake.skeleton import released
from nst.paths import CHECKOUT
from tests.support.restyled import renamed, with_docstring
from tests.support.slips import slips
from tests.support.standalone import texts_of_forms
from tests.support.submissions import Work, all_rows, sources, write

#: What is handed in, and how many of a hundred: answers, the release as it is, a notebook that is damaged or was
#: handled clumsily, an attack on the grader, somebody else's answers under other names, the very files of another.
SHARES = {"answers": 83, "blank": 4, "broken": 5, "hostile": 3, "copied": 3, "identical": 2}

#: Rows of tests/support/submissions, by kind and assignment, that run into no limit; None is an upload that broke off.
ROWS = {
    "broken": {
        "neural-style-transfer": (33, 38, 42, 71, 72, 75, None),
        "what-convnets-see": (35, 36, 37, 39, 40, 41, 44, 45, 77, None),
        "fast-style-transfer": (43, 73, 74, 76, 78, 79, 80, 81, 82, 83, 84, 85, 88, 89, None),
        "face-recognition": (49, None),
    },
    "hostile": {
        "neural-style-transfer": (2, 4, 5, 6, 7, 8, 10, 12, 13, 14, 31, 47, 48, 51, 91),
        "what-convnets-see": (1, 3, 9, 11, 21, 22, 32, 46, 53, 65, 66),
        "fast-style-transfer": (52, 55, 56, 64, 67, 97),
        "face-recognition": (96,),
    },
}

#: When it is due, UTC; who hands in late has this much or more written into timestamp.txt.
DUE = datetime(2026, 11, 13, 23, 59)

_NAMES = """
    abel ada akira amal amara anders anouk aria arjun astrid ayo bela bo camila carl chen chiara dai dalia daan elif
    emil esra eva farid fatou finn freya gael greta hana hugo ida ines ivo jana jin joao jonas kaan kai kofi lars lea
    leila lin lola luca mai malik mara mateo maya mehmet mia milo mina nadia nam nico nils noor nora olga oskar otto
    paola pavel priya quentin rafa rania rosa ruth sami sara selin sofia sven tala tariq theo tomas uma vera viktor
    wen yara yusuf zara zoe
"""
_FAMILIES = """
    abadi adeyemi ali andersen arslan bakker bauer becker berg bianchi castro chen cohen costa demir diallo dubois
    eriksen ferrari fischer garcia gomez haddad hansen horvat ibrahim ito jansen kaya kim klein kovacs kowalski kumar
    larsen le lopez mensah meyer moreau nakamura nguyen novak okafor oliveira park patel pereira popescu rossi sato
    schmidt silva singh smit sorensen suzuki tanaka tran vargas visser wagner wang weber yilmaz zhang
"""


@dataclass
class Handed:
    """What one student has handed in.

    kind: of SHARES. answers: exercise -> (kind, label), where kind is "right", "rejected", "slip" or "blank"; empty
    where a row was handed in. row: its number, None for an upload that broke off. of: whose answers or files these
    are. late: after DUE.
    attempts: file name -> content, for each time that it was handed in; the last is what lies in `submitted/`.
    """

    student: str
    kind: str
    answers: dict = field(default_factory=dict)
    row: int | None = None
    of: str | None = None
    late: bool = False
    attempts: list = field(default_factory=list)


def class_of_forms(folder, assignment, students=200, seed=1, right=0.7, shares=SHARES):
    """Hand in for a class; a list of Handed, in the order of the students' names.

    right: how often an exercise is answered rightly, on average; another value and the same seed are the same students
    before or after a lecture.
    """
    made = [*submissions(assignment, students, seed, right, shares)]
    for handed in made:
        write(handed.attempts[-1], folder / "submitted" / handed.student / assignment)
    return sorted(made, key=lambda handed: handed.student)


def submissions(assignment, students, seed=1, right=0.7, shares=SHARES):
    """One Handed after another, without writing anything."""
    dice, before = random.Random(f"{assignment} {seed}"), []
    mistakes = _mistakes(assignment, seed)
    for student in _students(students, dice):
        # What a student is like is drawn from dice of their own, and so does not depend on what others are like.
        own = random.Random(f"{assignment} {seed} {student}")
        (kind,) = dice.choices(list(shares), list(shares.values()))
        others = [handed for handed in before if handed.kind == "answers"]
        if kind in ("copied", "identical") and not others:
            kind = "answers"
        handed = Handed(student, kind, late=own.random() < 0.08)
        if kind == "copied":
            _copy(handed, assignment, dice.choice(others))
        elif kind == "identical":
            other = dice.choice(others)
            handed.of, handed.answers, handed.late = other.student, other.answers, other.late
            handed.attempts = [other.attempts[-1]]
        else:
            _answer(handed, assignment, mistakes, right, own)
        if kind != "identical":
            at = DUE + (1 if handed.late else -1) * timedelta(minutes=own.randrange(1, 3000), seconds=own.random() * 60)
            for files in handed.attempts:
                files.setdefault("timestamp.txt", f"{at:%Y-%m-%d %H:%M:%S.%f} UTC".encode())
        before.append(handed)
        yield handed


def _students(many, dice):
    """Ids that look like a university's, all different."""
    found = set()
    while len(found) < many:
        number = dice.choice(["", "", dice.randrange(2, 99)])
        found.add(f"{dice.choice(_NAMES.split())}-{dice.choice(_FAMILIES.split())}{number}")
    return dice.sample(sorted(found), many)


def _answer(handed, assignment, mistakes, right, dice):
    skill = min(1, max(0, dice.gauss(right, 0.2)))
    texts = {}
    for exercise in mistakes:
        # All is drawn whatever is used, so that the same student gets no worse where `right` is higher.
        chance, well, badly = dice.random(), dice.choice(_right_answers(assignment)[exercise]), dice.random()
        kind, label, text = ("right", *well) if chance < skill else _one_of(mistakes[exercise], badly)
        if handed.kind == "blank":
            kind, label, text = "blank", "", None
        handed.answers[exercise], texts[exercise] = (kind, label), text
    files = _files(assignment, texts, dice)
    if handed.kind in ROWS:
        files = _spoil(handed, files, dice.choice(ROWS[handed.kind][assignment]))
    handed.attempts.append(files)
    if handed.kind == "answers" and dice.random() < 0.1:  # an earlier one, of which less was done
        unfinished = {exercise: text if dice.random() < 0.5 else None for exercise, text in texts.items()}
        handed.attempts.insert(0, _files(assignment, unfinished, dice))


def _spoil(handed, files, number):
    """The files with a row's in the place of those of the same notebooks. number: None for an upload that broke off."""
    handed.row, handed.answers = number, {}
    if number is None:
        last = max(files)
        return files | {last: files[last][: len(files[last]) // 2]}
    row = all_rows()[number]
    sources(row.assignment, row.names)  # they are read once, which takes ids of cells too
    work = Work(row, "/nonexistent", 9, {name: _sources(row.assignment)[name] for name in row.names})
    ids = map("cell-of-{}".format, count())
    with patch.object(nbformat.v4.nbbase, "random_cell_id", lambda: next(ids)):
        row.make(work)
    return {name: content for name, content in files.items() if name[:-6] not in row.names} | work.files()


def _copy(handed, assignment, other):
    """Somebody else's answers, with the names in them changed, and all layout."""
    handed.of, handed.answers, files = other.student, other.answers, {}
    for name, content in other.attempts[-1].items():
        if name.endswith(".ipynb"):
            notebook = nbformat.reads(content.decode(), as_version=4)
            for cell in notebook.cells:
                if cell.metadata.get("nbgrader", {}).get("solution"):
                    cell.source = renamed(cell.source)
            files[name] = json.dumps(notebook).encode()
    handed.attempts = [files]


def _files(assignment, texts, dice):
    """Notebooks with these answers. texts: exercise -> text, or None for what the release has."""
    files = {}
    for name, source in _sources(assignment).items():
        notebook = released(source)
        for number, cell in enumerate(notebook.cells):
            exercise = cell.metadata.get("nbgrader", {}).get("grade_id")
            if texts.get(exercise):
                cell.source = with_docstring(texts[exercise], cell.source)
            if cell.cell_type == "code":
                cell.execution_count = number + 1
        if dice.random() < 0.2:
            own = nbformat.v4.new_code_cell("# notes to myself\n1 + 1", id="my-notes")
            notebook.cells.insert(len(notebook.cells) // 2, own)
        files[f"{name}.ipynb"] = json.dumps(notebook).encode()
    return files


@lru_cache
def _sources(assignment):
    """Notebook name -> the instructor's notebook, of all that have exercises."""
    scripts = sorted((CHECKOUT / "answers" / assignment).glob("*.py"))
    sources = {script.stem: read_source(script) for script in scripts}
    return {name: source for name, source in sources.items() if solutions(source)}


def solutions(source):
    """Exercise -> the text of its solution, without the marks around it."""
    found = {}
    for cell in source.cells:
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("solution"):
            lines = [line for line in cell.source.splitlines() if "### BEGIN" not in line and "### END" not in line]
            found[settings.grade_id] = textwrap.dedent("\n".join(lines))
    return found


def _exercises(assignment):
    return {name: text for source in _sources(assignment).values() for name, text in solutions(source).items()}


@lru_cache
def _right_answers(assignment):
    """Exercise -> [(label, text)]."""
    forms = texts_of_forms(assignment, "ACCEPTED")
    return {name: [("the course's own", text), *forms[name]] for name, text in _exercises(assignment).items()}


def _mistakes(assignment, seed):
    """Exercise -> [(kind, label, text)], the most usual of this class first."""
    dice, forms, found = random.Random(f"mistakes {seed}"), texts_of_forms(assignment, "REJECTED"), {}
    for name, text in _exercises(assignment).items():
        # What is right for one picture and wrong for several is worth some of the points.
        wrong = [("rejected", *form) for form in (*forms[name], *forms.get(f"{name}_batch", ()))]
        wrong += [("slip", *slip) for slip in slips(text)]
        found[name] = [*dice.sample(wrong, len(wrong)), ("blank", "", None)]
    return found


def _one_of(mistakes, at):
    """One mistake; the second half as often as the first, the third a third as often. at: from 0 to 1, which."""
    weights = list(accumulate(1 / (place + 1) for place in range(len(mistakes))))
    return mistakes[bisect(weights, at * weights[-1])]
