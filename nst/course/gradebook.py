"""What a release does to the gradebook: cells come and go there as they do in answers/, and other marks stay.

nbgrader refuses as soon as there is a submission. Here a new test gets a place without a score in each of them, one
that has another name keeps its scores, and one that is gone takes them along; but never what was given by hand.
"""

import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from nst.paths import whole_file

#: Seconds for which a gradebook that is written by somebody else is waited for.
PATIENCE = 5


@contextmanager
def working_copy(url, folder):
    """The URL of a copy of the gradebook, in this folder; once the block is done, the gradebook becomes like it.

    A block that fails leaves the gradebook as it was. Raises RuntimeError, one sentence, where it can't be written, or
    was written by others meanwhile. One that is no file of SQLite's is no copy, and is written at once.
    """
    from sqlalchemy.engine import URL, make_url

    known = make_url(url)
    if known.get_backend_name() != "sqlite" or not known.database:
        yield url
        return
    path, copy = Path(known.database), Path(folder, "gradebook.db")
    fresh = URL.create("sqlite", database=str(copy)).render_as_string()
    if not path.exists():
        yield fresh
        with whole_file(path) as unfinished:
            unfinished.write_bytes(copy.read_bytes())
        return
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as original:
        with _told(path):
            original.execute("BEGIN IMMEDIATE")  # may it be written, and does nobody else?
            original.rollback()
            before = _version(original)
            with closing(sqlite3.connect(copy)) as made:
                original.backup(made)
        yield fresh
        with _told(path), closing(sqlite3.connect(copy)) as made:
            if _version(original) != before:
                raise sqlite3.OperationalError("was written by another program meanwhile")
            made.backup(original, progress=_impatient())


@contextmanager
def _told(path):
    try:
        yield
    except sqlite3.Error as error:
        raise RuntimeError(
            f"Expected a gradebook that can be written, and found of {path}: {error}; end other programs that use it, "
            "or make room, or give yourself the right to write, then release again. Nothing has been released."
        ) from None


def _version(connection):
    return connection.execute("PRAGMA data_version").fetchone()


def _impatient():
    end = time.monotonic() + PATIENCE

    def progress(status, remaining, total):  # without it, sqlite3 waits for ever
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > end:
            raise sqlite3.OperationalError("database is locked")

    return progress


def make_room(url, course, assignment, sources):
    """Let the cells of an assignment in the gradebook be those of its sources, where there are submissions already.

    sources: notebook name -> the source notebook. Raises RuntimeError, one sentence, where somebody has given points or
    comments by hand for a cell that is gone.
    """
    from nbgrader.api import Gradebook, MissingEntry

    with Gradebook(url, course) as gradebook, suppress(MissingEntry):
        known = gradebook.find_assignment(assignment)
        if not known.submissions:
            return
        gone = [notebook for notebook in known.notebooks if notebook.name not in sources]
        for notebook in gone:
            _demand_nothing_by_hand(assignment, notebook, notebook._base_cells)
        for notebook in known.notebooks:
            if notebook not in gone:
                _rename_tests(gradebook, notebook, sources[notebook.name])
                _remove_cells(gradebook, assignment, notebook, sources[notebook.name])
        for name in [notebook.name for notebook in gone]:
            gradebook.remove_notebook(name, assignment)
        for name, source in sources.items():
            _add_cells(gradebook, gradebook.update_or_create_notebook(name, assignment), source)
        gradebook.db.commit()


def _kinds(source):
    """(nbgrader's class for its kind, grade_id) -> cell, of those of a source notebook that a gradebook knows."""
    from nbgrader import utils
    from nbgrader.api import GradeCell, SolutionCell, TaskCell

    tests = {GradeCell: utils.is_grade, SolutionCell: utils.is_solution, TaskCell: utils.is_task}
    return {
        (kind, cell.metadata.nbgrader.grade_id): cell
        for cell in source.cells
        for kind, is_so in tests.items()
        if is_so(cell)
    }


def _rename_tests(gradebook, notebook, source):
    """A test that is the same but for its name keeps what was given for it."""
    from nbgrader.api import GradeCell

    stored, known = (
        {cell.name: cell for cell in notebook.source_cells},
        {cell.name: cell for cell in notebook.grade_cells},
    )
    wanted = {name: cell.source for (kind, name), cell in _kinds(source).items() if kind is GradeCell}
    for name in wanted.keys() - known.keys():
        same = [old for old in known.keys() - wanted.keys() if old in stored and stored[old].source == wanted[name]]
        if same and name not in stored:
            known.pop(same[0]).name = stored.pop(same[0]).name = name
    gradebook.db.commit()


def _remove_cells(gradebook, assignment, notebook, source):
    wanted = _kinds(source)
    gone = [cell for cell in notebook._base_cells if (type(cell), cell.name) not in wanted]
    _demand_nothing_by_hand(assignment, notebook, gone)
    for cell in gone:
        for hanging in [*(cell.grades or ()), *(cell.comments or ()), cell]:
            gradebook.db.delete(hanging)
    ids = {cell.metadata.nbgrader.grade_id for cell in source.cells if "nbgrader" in cell.metadata}
    for cell in notebook.source_cells:
        if cell.name not in ids:
            gradebook.db.delete(cell)
    gradebook.db.commit()


def _add_cells(gradebook, notebook, source):
    from nbgrader import utils
    from nbgrader.api import Comment, Grade, SolutionCell, SourceCell, SubmittedNotebook

    there = {submission.assignment_id for submission in notebook.submissions}
    for submission in notebook.assignment.submissions:
        if submission.id not in there:
            gradebook.db.add(SubmittedNotebook(notebook=notebook, assignment=submission))
    known = {(type(cell), cell.name) for cell in notebook._base_cells}
    for (kind, name), cell in _kinds(source).items():
        if (kind, name) in known:
            continue
        points = (
            {}
            if kind is SolutionCell
            else {"max_score": float(cell.metadata.nbgrader.points), "cell_type": cell.cell_type}
        )
        made = kind(name=name, notebook=notebook, **points)
        gradebook.db.add(made)
        gradebook.db.flush()
        for submission in notebook.submissions:
            if kind is not SolutionCell:
                gradebook.db.add(Grade(cell_id=made.id, notebook=submission))
            if not utils.is_grade(cell) or kind is SolutionCell:
                gradebook.db.add(Comment(cell_id=made.id, notebook=submission))
    known = {cell.name for cell in notebook.source_cells}
    for cell in source.cells:
        if utils.is_locked(cell) or utils.is_solution(cell) or utils.is_grade(cell) or utils.is_task(cell):
            name = cell.metadata.nbgrader.grade_id
            if name not in known:
                gradebook.db.add(SourceCell(name=name, notebook=notebook, cell_type=cell.cell_type))


def _demand_nothing_by_hand(assignment, notebook, cells):
    for cell in cells:
        by_hand = [grade for grade in cell.grades or () if grade.manual_score is not None or grade.extra_credit]
        by_hand += [comment for comment in cell.comments or () if comment.manual_comment]
        if by_hand:
            students = ", ".join(sorted({given.student.id for given in by_hand}))
            raise RuntimeError(
                f"Expected in answers/{assignment}/{notebook.name}.py the cell {cell.name}, for which points or "
                f"comments were given by hand ({students}), and found it gone, or of another kind: put it back under "
                "that name, or take back in the formgrader what was given for it, then release again. Nothing has been "
                "released."
            )
