"""The numbers of the page as JSON, which can be read again to be compared, and as CSV.

README.md in the room above says what stands in which field and column.
"""

import csv
import json
import os
from datetime import datetime

from nst.grading.evidence import MAX_BYTES
from nst.grading.insight.tasks import Task
from nst.grading.insight.understanding import NAMED, RIGHT, STATES, UNNAMED, Exercise, Seen, Understanding
from nst.grading.report import no_formula
from nst.paths import whole_file

FORMAT = "nst understanding 1"
COLUMNS = ("assignment", "notebook", "exercise", "what", "name", "students", "of", "share")
#: More columns where two runs are compared: of the earlier run; and of those students who are in both, how many did it
#: before and not now, now and not before, and both times.
COMPARED = ("students_before", "of_before", "share_before", "in_both", "gone", "new", "stayed")


class EarlierError(Exception):
    """A file of an earlier run that cannot be compared with; one sentence."""


def write_json(path, found):
    """Write an Understanding."""
    exercises = [
        {
            "notebook": exercise.task.notebook,
            "exercise": exercise.task.name,
            "students": exercise.of,
            "counts": exercise.counts,
            "named": [{"name": name, "students": len(who), "who": who} for name, who in exercise.named],
            "unnamed": [{"outcome": name, "students": len(who), "who": who} for name, who in exercise.unnamed],
        }
        for exercise in found.exercises
    ]
    submissions = {
        student: {
            "handed_in": time and time.isoformat(),
            "attempts": found.attempts.get(student),
            "exercises": {exercise.task.key: _plain(exercise.seen[student]) for exercise in found.exercises},
        }
        for student, time in found.times.items()
    }
    whole = {"format": FORMAT, "assignment": found.assignment, "made": found.made.isoformat(timespec="seconds")}
    text = json.dumps(whole | {"exercises": exercises, "submissions": submissions}, indent=1)
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="ascii")


def _plain(seen):
    more = {"named": list(seen.named)} if seen.named else {"outcome": seen.outcome} if seen.outcome else {}
    return {"state": seen.state} | more


def read_json(path, assignment):
    """The Understanding of an assignment that `write_json` has written. Raises EarlierError."""
    try:
        if os.path.getsize(path) > 8 * MAX_BYTES:
            raise ValueError
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        if found["format"] != FORMAT:
            raise ValueError
        earlier = _understanding(found)
    except OSError as error:
        raise EarlierError(
            f"{path} cannot be opened ({error.strerror}), so there is nothing to compare with."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise EarlierError(
            f"Expected in {path} what `nst report` writes into judged/<assignment>-understanding.json, and found "
            "something else: give the copy that you kept of that file."
        ) from None
    if earlier.assignment != assignment:
        raise EarlierError(f"{path} is about {earlier.assignment!r}, and cannot be compared with {assignment!r}.")
    return earlier


def _understanding(found):
    exercises, times = {}, {}
    for student, submission in found["submissions"].items():
        times[student] = submission["handed_in"] and datetime.fromisoformat(submission["handed_in"])
        for key, seen in submission["exercises"].items():
            notebook, _, name = key.rpartition("/")
            exercise = exercises.setdefault(key, Exercise(Task(notebook, name, ())))
            exercise.seen[student] = _seen(seen)
    return Understanding(
        found["assignment"], datetime.fromisoformat(found["made"]), list(exercises.values()), times, {}
    )


def _seen(found):
    named, outcome = tuple(found.get("named", ())), found.get("outcome", "")
    if found["state"] not in STATES or not all(isinstance(text, str) for text in (*named, outcome)):
        raise ValueError
    return Seen(found["state"], named, outcome)


def write_csv(path, found, changes=None):
    """A line for each exercise and what may have become of it: no student is named. changes: see changes.py."""
    with whole_file(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS + (COMPARED if changes else ()))
        for exercise in found.exercises:
            for what, name, count in _lines(exercise, changes):
                texts = map(no_formula, (found.assignment, exercise.task.notebook, exercise.task.name, what, name))
                more = changes.row(exercise.task.key, what, name) if changes else ()
                writer.writerow([*texts, count, exercise.of, _share(count, exercise.of), *more])


def _lines(exercise, changes):
    """(what, name, students) of an exercise; misunderstandings that nobody makes any more too."""
    yield RIGHT, "", exercise.counts[RIGHT]
    for name, students in exercise.named:
        yield NAMED, name, len(students)
    for name in changes.left_behind(exercise) if changes else ():
        yield NAMED, name, 0
    for outcome, students in exercise.unnamed:
        yield UNNAMED, outcome, len(students)
    for state in STATES:
        if state not in (RIGHT, NAMED, UNNAMED):
            yield state, "", exercise.counts[state]


def _share(count, of):
    return round(count / of, 4) if of else ""
