"""What the formgrader's lists say of a mark: its points after the penalty for being late, as they are exported.

nbgrader's own lists show them before. The page on which somebody gives points by hand is about single cells and stays
as it is.
"""

from functools import wraps

from nbgrader.api import Assignment, SubmittedAssignment
from nbgrader.apps.api import NbGraderAPI
from sqlalchemy import select


def _of_submission(entry, taken):
    entry["score"] -= taken.get((entry["name"], entry["student"]), 0.0)


def _of_student(entry, taken):
    entry["score"] -= sum(points for (_, student), points in taken.items() if student == entry["id"])


def _of_assignment(entry, taken):
    if entry["num_submissions"]:
        points = sum(points for (assignment, _), points in taken.items() if assignment == entry["name"])
        entry["average_score"] -= points / entry["num_submissions"]


#: Methods of NbGraderAPI that give a dict or a list of dicts: name -> (nbgrader's own, what is done to each dict).
LISTS = {
    name: (getattr(NbGraderAPI, name), change)
    for name, change in {
        "get_submission": _of_submission,
        "get_submissions": _of_submission,
        "get_student": _of_student,
        "get_students": _of_student,
        "get_assignment": _of_assignment,
    }.items()
}


def _taken(api):
    """(assignment, student) -> points that a penalty takes from a submission, of those from which it takes any."""
    handed = SubmittedAssignment
    wanted = select(Assignment.name, handed.student_id, handed.score, handed.late_submission_penalty)
    with api.gradebook as gradebook:
        found = gradebook.db.execute(wanted.join(Assignment, handed.assignment_id == Assignment.id)).all()
    return {(name, student): min(score, penalty) for name, student, score, penalty in found if min(score, penalty) > 0}


def _after_penalties(original, change):
    @wraps(original)
    def method(self, *arguments, **options):
        found = original(self, *arguments, **options)
        entries = [entry for entry in (found if isinstance(found, list) else [found]) if entry]
        taken = _taken(self) if entries else {}
        for entry in entries if taken else ():
            change(entry, taken)
        return found

    return method


def install():
    """Make nbgrader's API, which the formgrader asks, say points after penalties."""
    for name, (original, change) in LISTS.items():
        setattr(NbGraderAPI, name, _after_penalties(original, change))
