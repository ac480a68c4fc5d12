"""Points: added up, and as nbgrader's gradebook has them.

Every number that a report shows comes from the gradebook, for it is where marks, penalties and changes by hand come
together, and what `nbgrader export`, feedback and the formgrader read. It is only read here.
"""

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

#: Seconds that a gradebook is waited for which another program has locked.
PATIENCE = 5


def total(points):
    """Sum of a `points` dict: (points, points possible)."""
    return tuple(sum(column) for column in zip(*points.values(), strict=True))


def by_exercise(points):
    """A `points` dict summed by exercise: `test_total_cost` and `hidden_total_cost` become `total_cost`."""
    exercises = defaultdict(dict)
    for name, score in points.items():
        exercises[name.partition("_")[2] or name][name] = score
    return {exercise: total(cells) for exercise, cells in exercises.items()}


class GradebookError(Exception):
    """A gradebook that cannot be read; one sentence."""


class Grade(NamedTuple):
    """What the gradebook holds of one graded cell of a submission.

    auto: the judge's points; manual, extra: those given by hand; each None where there are none. score: what they come
    to; possible: the most there is without extra. waiting: somebody should look at it.
    """

    notebook: str
    name: str
    auto: float | None
    manual: float | None
    extra: float | None
    score: float
    possible: float
    waiting: bool

    @property
    def given(self):
        """Has anybody given points yet, the judge or a hand?"""
        return self.auto is not None or self.manual is not None

    @property
    def by_hand(self):
        """What hands have added to, or taken from, the judge's points."""
        return self.score - (self.auto or 0.0)


class Standing(NamedTuple):
    """What a submission is worth. points: as `nbgrader export` has them; penalty: what was taken off for being late."""

    points: float
    penalty: float
    grades: list[Grade]


class Book(NamedTuple):
    """A gradebook's pages on one assignment.

    assignments: names of all that it knows. students: id -> Standing, or None of those who have handed in nothing.
    of: the points possible. cells: (notebook, grade_id) -> points possible.
    """

    assignments: list[str]
    students: dict[str, Standing | None]
    of: float
    cells: dict[tuple[str, str], float]


def read_book(url, assignment):
    """The Book of an assignment, from the gradebook with this URL. Raises GradebookError."""
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    url = make_url(url)
    place, options = url.render_as_string(), {}
    if url.drivername.startswith("sqlite"):
        place, options = url.database, {"connect_args": {"timeout": PATIENCE}}
        if not Path(place or "").is_file():
            raise GradebookError(f"There is no gradebook {place}; `nst release` makes one.")
    engine = create_engine(url, **options)
    try:
        # Not through nbgrader's Gradebook: it makes what is missing, and so needs to write even where one only reads.
        with engine.connect() as connection:
            return _read(connection, assignment)
    except (SQLAlchemyError, UnicodeError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise GradebookError(
            f"The gradebook {place} could not be read ({reason}): close what is writing into it, bring it up to date "
            "with `nbgrader db upgrade` if it is old, or put back your copy of it."
        ) from None
    finally:
        engine.dispose()


def _read(connection, assignment):
    from nbgrader import api
    from sqlalchemy import select

    handed, notebook, grade = api.SubmittedAssignment, api.SubmittedNotebook, api.Grade
    assignments = connection.scalars(select(api.Assignment.name).order_by(api.Assignment.name)).all()
    students = dict.fromkeys(connection.scalars(select(api.Student.id)).all())
    # The expressions are nbgrader's own, so that the numbers are.
    ours = api.Assignment.name == assignment
    of = connection.scalar(select(api.Assignment.max_score).where(ours))
    cells = {
        (name, grade_id): possible
        for kind in (api.GradeCell, api.TaskCell)
        for name, grade_id, possible in connection.execute(
            select(api.Notebook.name, kind.name, kind.max_score)
            .join(kind, kind.notebook_id == api.Notebook.id)
            .join(api.Assignment, api.Notebook.assignment_id == api.Assignment.id)
            .where(ours)
        )
    }
    grades = defaultdict(list)
    columns = (grade.auto_score, grade.manual_score, grade.extra_credit, grade.score, grade.max_score)
    for student, *values in connection.execute(
        select(handed.student_id, api.Notebook.name, api.BaseCell.name, *columns, grade.needs_manual_grade)
        .join(api.Assignment, handed.assignment_id == api.Assignment.id)
        .join(notebook, notebook.assignment_id == handed.id)
        .join(api.Notebook, notebook.notebook_id == api.Notebook.id)
        .join(grade, grade.notebook_id == notebook.id)
        .join(api.BaseCell, grade.cell_id == api.BaseCell.id)
        .where(ours)
        .order_by(api.Notebook.name, api.BaseCell.name)
    ):
        grades[student].append(Grade(*values))
    for student, score, penalty in connection.execute(
        select(handed.student_id, handed.score, handed.late_submission_penalty)
        .join(api.Assignment, handed.assignment_id == api.Assignment.id)
        .where(ours)
    ):
        students[student] = Standing(max(0.0, score - penalty), penalty, grades[student])
    return Book(list(assignments), students, of or 0.0, cells)
