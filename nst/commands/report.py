"""`nst report`: what became of every submission."""

import argparse
import os
import sys
from pathlib import Path

from nst.commands import similar
from nst.course.release import assignments, read_source
from nst.grading.report import as_text, shown, write_csv, write_page
from nst.grading.survey import Place, UnknownAssignmentError, survey
from nst.paths import CHECKOUT


def main(arguments=None):
    """`nst report`: print what became of every submission, and write judged/<assignment>.html and .csv."""
    parser = argparse.ArgumentParser(prog="nst report", description=main.__doc__)
    parser.add_argument("assignment", help="such as neural-style-transfer")
    parser.add_argument(
        "--similar",
        action="store_true",
        help="in place of that, write judged/<assignment>-similar.html: which submissions are more alike than chance "
        "makes them; a question, and no verdict",
    )
    given = parser.parse_args(arguments)
    status = show_similar(given.assignment) if given.similar else show(given.assignment)
    if status:
        sys.exit(status)


def show(assignment, troubles=None):
    """Print the report of an assignment, and write it into judged/ as a page and a CSV file.

    troubles: student -> a sentence, of those whom the judge has just failed to judge.

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
    page, sheet = (place.judged / f"{assignment}.{suffix}" for suffix in ("html", "csv"))
    written = []
    for title, path, write in (
        ("Everything in detail", page, write_page),
        ("For a learning platform", sheet, write_csv),
    ):
        if (found.has_points or path == page) and _is_written(path, write, found, problems):
            written.append(f"{title}: {path}")
    problems += _say("\n".join([as_text(found), "", *map(shown, written)]), sys.stdout)
    if problems:
        _say("\n".join(map(shown, problems)), sys.stderr)
    return 1 if problems else 0


def show_similar(assignment):
    """Write the page of submissions that are more alike than chance makes them; the exit status.

    Exits where there is no such assignment, or its sources cannot be read: what the course gave would look like a copy.
    """
    root = CHECKOUT or Path.cwd()
    known = assignments(root / "answers")
    if assignment not in known:
        sys.exit(shown(f"There is no assignment {assignment!r} in answers/; there are: {', '.join(known)}."))
    sources, problems = _sources(root / "answers" / assignment)
    if problems:
        sys.exit(shown(f"{problems[0]} Mend that first: what the course gave must be left out."))
    course, _ = _course(root)
    return similar.show(assignment, course, sources, _place(root).judged)


def _course(root):
    """(nbgrader's CourseDirectory, the whole configuration), as nbgrader_config.py says."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config, PyFileConfigLoader

    name = "nbgrader_config.py"
    config = PyFileConfigLoader(name, path=str(root)).load_config() if (root / name).exists() else Config()
    return CourseDirectory(config=config, root=str(root)), config


def _place(root):
    """Where the course keeps things, as nbgrader's own commands read it."""
    course, config = _course(root)
    judged = config.get("JudgedAutograde", {}).get("judged_directory", "judged")
    return Place(root / judged, root / course.submitted_directory, course.db_url)


def _sources(folder):
    """(name -> source notebook, problems) of an assignment in answers/."""
    try:
        return {script.stem: read_source(script) for script in sorted(folder.iterdir()) if script.suffix == ".py"}, []
    except Exception as error:  # whatever is wrong with a script that is being edited: the report does without
        return {}, [f"{folder} could not be read ({type(error).__name__}), so nobody knows whether tests have changed."]


def _is_written(path, write, found, problems):
    """Write a file whole, or say why not and leave it as it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, found)
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
