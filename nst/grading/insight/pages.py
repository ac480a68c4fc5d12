"""The pages: one to be shown to the class, on which nobody is named, and one an exercise that says who it is.

They load nothing. The only script is the search on the pages of names, which the browser knows by its hash: nothing
that comes from students can run, wherever it got to.
"""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from nst.grading.insight import showing
from nst.grading.insight.catalogue import Catalogue, catalogue
from nst.grading.insight.understanding import BLANK, NAMED, RIGHT, UNKNOWN, UNNAMED, WAITING
from nst.grading.report import templates
from nst.paths import whole_file

#: Of an exercise's outcomes without a name so many are shown with code, the largest first; the others are counted.
CARDS = 6
#: So many misunderstandings of all exercises are said first, and so many of an exercise before the rest is folded.
FIRST, ROWS = 5, 7

WORDS = {
    RIGHT: "right",
    NAMED: "a known misunderstanding",
    UNNAMED: "wrong in a way that has no name yet",
    WAITING: "waiting for another exercise",
    BLANK: "nothing written",
    UNKNOWN: "not known",
}

#: Shows the names that hold what is typed, and how many they are.
_SEARCH = """
const field = document.querySelector("input"), told = document.querySelector("output");
const names = [...document.querySelectorAll("li[data-name]")];
field.closest("form").hidden = false;
field.addEventListener("input", () => {
  const wanted = field.value.trim().toLowerCase();
  let count = 0;
  for (const item of names) {
    item.hidden = !item.textContent.toLowerCase().includes(wanted);
    count += !item.hidden;
  }
  for (const group of document.querySelectorAll("details")) {
    const hits = group.querySelector("li[data-name]:not([hidden])");
    group.hidden = Boolean(wanted) && !hits;
    if (wanted && hits) group.open = true;
  }
  told.textContent = wanted ? `${count} of ${names.length}` : "";
});
"""


@dataclass
class Course:
    """Where the pages find what they link to. place: a survey's Place; rows: student -> number of their row."""

    place: object
    assignment: str
    rows: dict[str, int]

    def row(self, student):
        """The address of a student's row in the report, from the pages of names."""
        return f"../{quote(self.assignment)}.html#s{self.rows[student]}"

    def notebook(self, student, task):
        """The address of a student's notebook as a page of feedback; "" where there is none."""
        folder = self.place.feedback
        if folder is None or not (folder / student / self.assignment / f"{task.notebook}.html").is_file():
            return ""
        parts = [folder.name, student, self.assignment, f"{task.notebook}.html"]
        return "/".join(["..", "..", *(quote(part, errors="surrogateescape") for part in parts)])

    def code(self, student, task):
        """A student's code for a task, as HTML."""
        if self.place.autograded is None or not task.answer:
            return ""
        return showing.code_of(
            self.place.autograded / student / self.assignment / f"{task.notebook}.ipynb", task.answer
        )


def write_pages(page, survey, found, sources, changes=None):
    """Write the page of an Understanding, and beside it a folder of the same name with a page for each exercise.

    page: its path. survey: the Survey with the place it was made from. sources: name -> source notebook; changes:
    Changes, or None. Raises OSError.
    """
    rows = {row.student: number for number, row in enumerate(survey.rows, 1)}
    course = Course(survey.place, survey.assignment, rows)
    known = catalogue(sources) if any(it.named or it.unnamed for it in found.exercises) else {}
    folder = page.with_suffix("")
    told = [
        _Told(exercise, known.get(exercise.task.name, Catalogue({}, [])), f"{number}-{_file(exercise)}.html", changes)
        for number, exercise in enumerate(found.exercises, 1)
    ]
    most = max((len(who) for exercise in found.exercises for _, who in exercise.named), default=1)
    shared = {"found": found, "words": WORDS, "changes": changes, "course": course, "percent": percent, "rows": ROWS}
    shared |= {"folder": quote(folder.name), "page": quote(page.name), "counted": counted, "day": day}
    folder.mkdir(parents=True, exist_ok=True)
    for item in told:
        _write(folder / item.file, "who.html.j2", shared | {"told": item, "search": Markup(_SEARCH), "hash": _hash()})
    for stale in set(folder.glob("*.html")) - {folder / item.file for item in told}:
        stale.unlink()
    first = sorted(
        ((item, group) for item in told for group in item.exercise.named), key=lambda pair: -len(pair[1].students)
    )
    _write(
        page, "class.html.j2", shared | {"exercises": told, "first": first[:FIRST], "most": most, "times": times(found)}
    )


class _Told:
    """An exercise as a page has it. file: the name of its page of names."""

    def __init__(self, exercise, known, file, changes):
        self.exercise, self.task, self.known, self.file = exercise, exercise.task, known, file
        self.id = f"e{file.partition('-')[0]}"
        self.asked = showing.asked(exercise.task.asked)
        self.left_behind = changes.left_behind(exercise) if changes else []
        self.is_compared = bool(changes) and changes.knows(exercise)

    def cards(self, course):
        """(Group, sentence, rows, the first student's code) of the outcomes that are shown."""
        for group in self.exercise.unnamed[:CARDS]:
            sentence, rows = showing.came_out(group.name, self.known.right)
            yield group, sentence, rows, course.code(group.students[0], self.task)

    @property
    def others(self):
        """How many outcomes are not shown."""
        return max(len(self.exercise.unnamed) - CARDS, 0)


def _file(exercise):
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in exercise.task.name)[:80]


def _write(path, template, values):
    pages = templates(Path(__file__).parent)
    with whole_file(path) as unfinished:
        unfinished.write_text(pages.get_template(template).render(values), encoding="utf-8")


def _hash():
    return "sha256-" + base64.b64encode(hashlib.sha256(_SEARCH.encode()).digest()).decode()


def percent(count, of):
    """`12 %`; nobody who is there is rounded away."""
    if not of:
        return "–"
    if 0 < 100 * count < of:
        return "< 1 %"
    return f"{min(round(100 * count / of), 99 if count < of else 100)} %"


def counted(count, one, many):
    """`1 submission`, `2 submissions`."""
    return f"1 {one}" if count == 1 else f"{count:,} {many}"


def day(time, rest):
    """`3 May`, and so on, as strftime has the rest; which has no day without a zero everywhere."""
    return f"{time.day} {time.strftime(rest)}"


def times(found):
    """(first, middle, last) of when they were handed in; None where nobody knows."""
    known = sorted(time for time in found.times.values() if time)
    return (known[0], known[len(known) // 2], known[-1]) if known else None
