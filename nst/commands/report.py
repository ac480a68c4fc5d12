"""`nst report`: what became of every submission."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from nst.commands import similar
from nst.course.release import assignments, read_source
from nst.grading.insight import sheets
from nst.grading.insight.changes import Changes
from nst.grading.insight.pages import write_pages
from nst.grading.insight.understanding import understand
from nst.grading.report import as_text, shown, write_csv, write_page
from nst.grading.survey import Place, UnknownAssignmentError, survey
from nst.paths import CHECKOUT


def main(arguments=None):
    """`nst report`: print what became of every submission, and write judged/<assignment>.html and .csv.

    What the class did not understand comes beside it: judged/<assignment>-understanding.html, .json and .csv.
    """
    parser = argparse.ArgumentParser(prog="nst report", description=main.__doc__)
    parser.add_argument("assignment", help="such as neural-style-transfer")
    parser.add_argument(
        "--compare",
        metavar="BEFORE.json",
        help="a copy of judged/<assignment>-understanding.json that you kept, before a lecture say",
    )
    parser.add_argument(
        "--similar",
        action="store_true",
        help="in place of all that, ask which submissions are more alike than chance makes them, and write "
        "judged/<assignment>-similar.html, .json and .csv",
    )
    chosen = parser.parse_args(arguments)
    status = show_similar(chosen.assignment) if chosen.similar else show(chosen.assignment, before=chosen.compare)
    if status:
        sys.exit(status)


def show(assignment, troubles=None, before=None):
    """Print the report of an assignment, and write it into judged/ as a page and a CSV file.

    troubles: student -> a sentence, of those whom the judge has just failed to judge. before: path of what an earlier
    run has written of what the class did not understand, to be compared with.

    Returns the exit status: 0, or 1 where something could not be read or written, which stderr says. The rest comes
    all the same; a file that could not be written whole stays as it was. Exits where there is no such assignment.
    """
    root = CHECKOUT or Path.cwd()
    place, answers = _place(root), root / "answers"
    known = assignments(answers)
    sources, problems = _sources(answers / assignment) if assignment in known else ({}, [])
    try:
        found = survey(place, assignment, sources, troubles or {}, known)
    except UnknownAssignmentError as error:
        sys.exit(shown(str(error)))
    problems += found.problems
    beside = _understanding(found, sources, before, problems)
    links = [(title, name) for title, name, _ in beside if title]
    files = [("Everything in detail", f"{assignment}.html", partial(write_page, survey=found, beside=links))]
    if found.has_points:
        files.append(("For a learning platform", f"{assignment}.csv", partial(write_csv, survey=found)))
    files += beside
    written = [
        f"{title}: {place.judged / name}"
        for title, name, write in files
        if _is_written(place.judged / name, write, problems) and title
    ]
    problems += _say("\n".join([as_text(found), "", *map(shown, written)]), sys.stdout)
    if problems:
        _say("\n".join(map(shown, problems)), sys.stderr)
    return 1 if problems else 0


def show_similar(assignment):
    """Write which submissions are more alike than chance makes them; the exit status.

    Exits where there is no such assignment, or its sources cannot be read: what the course gave would look like a copy.
    """
    root = CHECKOUT or Path.cwd()
    known = assignments(root / "answers")
    if assignment not in known:
        sys.exit(shown(f"There is no assignment {assignment!r} in answers/; there are: {', '.join(known)}."))
    sources, problems = _sources(root / "answers" / assignment)
    if problems:
        sys.exit(shown(f"{problems[0]} Mend that first: what the course gave must be left out."))
    place = _place(root)
    return similar.show(assignment, place.autograded, place.judged, sources)


def _place(root):
    """Where the course keeps things, as nbgrader_config.py says, which nbgrader's own commands read."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config, PyFileConfigLoader

    name = "nbgrader_config.py"
    config = PyFileConfigLoader(name, path=str(root)).load_config() if (root / name).exists() else Config()
    course = CourseDirectory(config=config, root=str(root))
    judged = config.get("JudgedAutograde", {}).get("judged_directory", "judged")
    folders = (course.submitted_directory, course.autograded_directory, course.feedback_directory)
    submitted, autograded, feedback = (root / folder for folder in folders)
    return Place(root / judged, submitted, course.db_url, autograded, feedback)


def _sources(folder):
    """(name -> source notebook, problems) of an assignment in answers/."""
    try:
        return {script.stem: read_source(script) for script in sorted(folder.iterdir()) if script.suffix == ".py"}, []
    except Exception as error:  # whatever is wrong with a script that is being edited: the report does without
        return {}, [f"{folder} could not be read ({type(error).__name__}), so nobody knows whether tests have changed."]


def _understanding(found, sources, before, problems):
    """(title, name, how to write it) of the files about what the class did not understand; none without a record."""
    if not any(row.record for row in found.rows):
        return []
    understood, changes = understand(found, sources), None
    try:
        changes = before and Changes(sheets.read_json(before, found.assignment), understood)
    except sheets.EarlierError as error:
        problems.append(str(error))
    write = partial(write_pages, survey=found, found=understood, sources=sources, changes=changes)
    name = f"{found.assignment}-understanding"
    return [
        ("What the class did not understand", f"{name}.html", write),
        ("", f"{name}.json", partial(sheets.write_json, found=understood)),
        ("", f"{name}.csv", partial(sheets.write_csv, found=understood, changes=changes)),
    ]


def _is_written(path, write, problems):
    """Write a file whole, or say why not and leave it as it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
    except OSError as error:
        problems.append(f"{path} is as it was, as it could not be written ({error.strerror}): make room for it.")
        return False
    return True


def _say(text, stream):
    """Print; problems. Whoever closes the stream has read enough."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        # What is left in the stream would go wrong once more at the end of the program.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return [] if isinstance(error, BrokenPipeError) else [f"The report could not be printed ({error.strerror})."]
    return []
