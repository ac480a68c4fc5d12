"""nbgrader's gradebook: does it know the tests as they are; and how a submission's marks get into it, all at once."""

from contextlib import contextmanager
from itertools import zip_longest

from nbgrader.api import Base, Gradebook, InvalidEntry, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import scoped_session, sessionmaker

from nst.grading.intake.reading import some

#: What a database says -> what to do about it.
REMEDIES = {
    "locked": "another program is using it; end that, or wait for it, and grade again",
    "readonly": "it cannot be written to; give yourself the right, and grade again",
    "unable to open": "it cannot be opened; give yourself the right to write there, and grade again",
    "full": "there is no room left on the disk; make some, and grade again",
    "no such": "another version of nbgrader made it; keep a copy of it, run `nbgrader db upgrade`, and grade again",
    "not a database": "it is no gradebook; put it aside, and take the last copy that you have",
    "malformed": "it is damaged; put it aside, and take the last copy that you have",
}


class GradebookError(Exception):
    """The gradebook could not be used; one sentence."""


#: Address -> the engine of a database, one for as long as this process lives: what SQLAlchemy has worked out for each
#: waits for the garbage collector, some 2,000 objects a submission where each has another.
_engines = {}


class _Gradebook(Gradebook):
    """nbgrader's, on the one engine of its database."""

    @property
    def engine(self):
        return self._engine

    @engine.setter
    def engine(self, made):
        self._engine = _engines.setdefault(made.url, made)


@contextmanager
def told_in_a_sentence():
    """What goes wrong with the database within becomes a GradebookError."""
    try:
        yield
    except (SQLAlchemyError, InvalidEntry) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        remedy = next((remedy for words, remedy in REMEDIES.items() if words in reason), "look into what it says")
        raise GradebookError(f"The gradebook answers {reason!r}: {remedy}.") from error


@contextmanager
def transaction(coursedir):
    """A Gradebook whose changes are kept together when the block ends, or not at all when something goes wrong.

    nbgrader's own methods each make their change final. Here they do so within one transaction of the database.
    """
    with told_in_a_sentence(), _Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        gradebook.db.remove()
        with gradebook.engine.connect() as connection, connection.begin():
            session = sessionmaker(bind=connection, join_transaction_mode="rollback_only", autoflush=True)
            gradebook.db = scoped_session(session)
            yield gradebook
            gradebook.db.flush()


def misfits(coursedir, assignment, sources):
    """What the gradebook does not know of an assignment as its sources have it, in words; "" where they fit.

    Also tries whether it can be written to. Raises GradebookError.
    """
    wanted, expected = cells(sources), set(sources)
    with told_in_a_sentence(), _Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            notebooks = gradebook.find_assignment(assignment).notebooks
        except MissingEntry:
            return f"the assignment {assignment!r}"
        names = {notebook.name for notebook in notebooks}
        known = {}
        for notebook in notebooks:
            graded = [("test", cell) for cell in notebook.grade_cells] + [
                ("task", cell) for cell in notebook.task_cells
            ]
            known |= {(notebook.name, it.name, kind): (it.max_score, it.cell_type) for kind, it in graded}
            known |= {(notebook.name, cell.name, "answer"): () for cell in notebook.solution_cells}
        for table in Base.metadata.sorted_tables:  # a gradebook of another version lacks columns
            gradebook.db.execute(select(table).limit(1))
        gradebook.db.execute(text("UPDATE course SET id = id"))
        gradebook.db.rollback()
    differing = [f"the notebook {name!r}" for name in sorted(expected ^ names)]
    for notebook, name, kind in sorted(wanted.keys() | known.keys(), key=str):
        if notebook in expected & names and wanted.get((notebook, name, kind)) != known.get((notebook, name, kind)):
            differing.append(f"{name!r} in {notebook!r}")
    return some(list(dict.fromkeys(differing)))


def cells(sources):
    """What the gradebook should know: (notebook, grade_id, "test", "task" or "answer") -> (points, cell type), or ()
    for an answer."""
    found = {}
    for name, source in sources.items():
        for cell in source.cells:
            settings = cell.metadata.get("nbgrader", {})
            for kind, key in (("test", "grade"), ("task", "task")):
                if settings.get(key):
                    found[name, settings["grade_id"], kind] = float(settings["points"]), cell.cell_type
            if settings.get("solution"):
                found[name, settings["grade_id"], "answer"] = ()
    return found


def knows_student(coursedir, student):
    """Is there such a student in the gradebook? Raises GradebookError."""
    with told_in_a_sentence(), _Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        return bool([it for it in gradebook.students if it.id == student])


def write_marks(gradebook, assignment, student, judgement, submitted):
    """Write a Judgement's marks and comments, as nbgrader's SaveAutoGrades does.

    submitted: when it was handed in, a naive UTC datetime; None leaves the time that is there.
    """
    gradebook.update_or_create_student(student)
    when = {"timestamp": submitted} if submitted else {}
    submission = gradebook.update_or_create_submission(assignment, student, **when)
    scores = {(mark.notebook, mark.grade_id): mark.score for mark in judgement.marks}
    for notebook in submission.notebooks:
        refused = notebook.name in judgement.refused
        blank = set() if refused else judgement.unanswered | _unwritten(judgement.notebooks.get(notebook.name))
        for grade in notebook.grades:
            # None is for somebody to grade by hand; and whoever has given points by hand is asked to look again.
            nothing = 0.0 if refused or grade.name in blank else None
            grade.auto_score = scores.get((notebook.name, grade.name), nothing)
            grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        for comment in notebook.comments:
            comment.auto_comment = "No response." if comment.name in blank else None
    gradebook.db.flush()
    return submission


def _unwritten(notebook):
    """grade_ids of answers in Markdown, in a notebook of a Judgement, below which nothing of the student's stands."""
    cells = notebook.cells if notebook else []
    return {
        cell.metadata.nbgrader.grade_id
        for cell, following in zip_longest(cells, cells[1:])
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution")
        if not (following and following.cell_type == "markdown" and following.get("id", "").startswith("student-"))
    }


def assign_penalties(gradebook, submission, notebooks, parent):
    """Take off for lateness what the course's plugin says, as nbgrader's AssignLatePenalties does within a notebook.

    notebooks: names of those that were judged. parent: whose configuration and log count.
    """
    assigner = AssignLatePenalties(parent=parent)
    assigner.init_plugin()
    gradebook.db.expire_all()  # scores are sums that the database makes
    # Of an assignment that is never due, more time makes nbgrader stumble.
    late = submission.total_seconds_late if submission.assignment.duedate else 0
    if late:
        parent.log.warning("%s is %s seconds late", submission, late)
    for notebook in submission.notebooks:
        if notebook.name in notebooks:
            score = notebook.score
            penalty = assigner.plugin_inst.late_submission_penalty(submission.student.id, score, late) if late else None
            if penalty is not None:
                parent.log.warning("Late submission penalty: %s", penalty)
                penalty = assigner._check_late_penalty(notebook, penalty)
            notebook.late_submission_penalty = penalty
    gradebook.db.flush()
