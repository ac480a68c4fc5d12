"""Courses in folders of their own, in which a class has handed in, and what grading leaves there."""

import json
import sys
import time
from pathlib import Path

from nbgrader.api import Gradebook

from bench.support.meter import run
from bench.trust import INSIDE, KEPT, contain
from nst.course.release import gradebook_url, read_source
from nst.paths import CHECKOUT
from tests.support.class_of_forms import submissions
from tests.support.submissions import write
from tests.support.submissions.classroom import NBGRADER, Classroom
from tests.support.tiny_course import RIGHT, WRONG, TinyCourse

TINY = "tiny"
NST = [sys.executable, "-P", str(Path(__file__).with_name("nst_in.py"))]

#: Rows at which stock nbgrader gives up the whole class or what it is at for good; bench/trust.py tells of them.
#: They would cost it nothing, or everything, and say nothing of how long grading takes.
STOPS_STOCK = (31, 33, 34, 35, 36, 38, 39, 41, 71, 72, 75, None)


def a_class(assignment, students, seed):
    """Handed, for each student, of a class without identical ones: those are judged once, and would flatter."""
    shares = {"answers": 84, "blank": 5, "broken": 5, "hostile": 4, "copied": 2}
    made, spare = [], submissions(assignment, 4 * students, seed, shares=shares)
    for handed in spare:
        if handed.kind not in ("broken", "hostile") or handed.row not in STOPS_STOCK:
            made.append(handed)
        if len(made) == students:
            return made
    raise ValueError(f"a class of {students} was asked for, and {len(made)} are there")


def course(folder, assignment, judged):
    """A Classroom with one of the course's assignments, whole, and stock nbgrader or the judge to grade it."""
    folder.mkdir(parents=True)
    taught = {script.stem: read_source(script) for script in sorted((CHECKOUT / "answers" / assignment).glob("*.py"))}
    classroom = Classroom(folder, assignment, tuple(taught), {"cell_seconds": 120}, judged, taught)
    if not judged:
        with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write("c.Execute.skip_cells_with_tag = 'explore'\n")
    return classroom


def hand_in(folder, assignment, handed):
    """Write what these students hand in, in place of what others did."""
    for one in handed:
        write(one.attempts[-1], folder / "submitted" / one.student / assignment)


def grade_with_stock(box, classroom, log):
    """(seconds, processor seconds, how many got a grade) of stock nbgrader, contained as bench/trust.py contains it."""
    script = f'cp -a {KEPT} {INSIDE} && cd {INSIDE} && "{NBGRADER}" autograde "{classroom.assignment}" --create'
    script += f' >/tmp/log 2>&1; cp gradebook.db /tmp/log "{KEPT}"'
    before, began = box.seconds(), time.monotonic()
    contain(["sh", "-c", script], classroom.folder, network=False, before=box.wrap([]))
    seconds, used = time.monotonic() - began, box.seconds() - before
    with log.open("ab") as said:
        said.write((classroom.folder / "log").read_bytes() if (classroom.folder / "log").exists() else b"no log\n")
    return seconds, used, len(grades(classroom.folder, classroom.assignment))


def grade_with_judge(box, folder, assignment, jobs, log):
    """(seconds, processor seconds, how many were judged) of `nst grade`."""
    seconds, used, _ = run(box, grading(folder, assignment, jobs), folder, log)
    return seconds, used, len(written(folder, assignment))


def grading(folder, assignment, jobs):
    """The command that grades, with so many submissions at a time."""
    return [*NST, folder, "grade", assignment, "--jobs", str(jobs)]


def written(folder, assignment):
    """The times at which the records of an assignment were written, in order."""
    return sorted(path.stat().st_mtime for path in (folder / "judged").glob(f"*/{assignment}.json"))


def grades(folder, assignment):
    """Student -> what the gradebook and the record say: points and comments, by notebook and cell, and why."""
    found = {}
    if not (folder / "gradebook.db").exists():
        return found
    with Gradebook(gradebook_url(folder), "nst") as book:
        for submission in book.find_assignment(assignment).submissions:
            cells = [
                (notebook.name, grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            ]
            comments = [
                (notebook.name, comment.name, comment.auto_comment, comment.manual_comment)
                for notebook in submission.notebooks
                for comment in notebook.comments
            ]
            record = folder / "judged" / submission.student.id / f"{assignment}.json"
            told = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
            said = {name: told.get(name) for name in ("state", "marks", "reasons", "repairs", "flags")}
            if any(cell[2] is not None for cell in cells):
                found[submission.student.id] = (sorted(cells, key=str), sorted(comments, key=str), said)
    return found


def tiny_class(folder, students):
    """A TinyCourse in which so many have handed in, all different: most right, some wrong, a few blank or broken."""
    folder.mkdir(parents=True)
    tiny = TinyCourse(folder)
    for number in range(students):
        add = f"{(WRONG if number % 7 == 3 else RIGHT)['add']}  # {number}"
        double = None if number % 50 == 11 else RIGHT["double"] + f"  # {number}"
        target = tiny.hand_in(f"student-{number:04}", add, double)
        if number % 50 == 29:
            (target / "one.ipynb").write_text("{", encoding="utf-8")
    return tiny
