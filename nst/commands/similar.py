"""`nst report --similar`: which submissions are more alike than chance makes them."""

import sys

from nst.grading.report import shown
from nst.grading.similar.page import write_csv, write_json, write_page
from nst.grading.similar.search import Search
from nst.grading.similar.surprise import FEWEST


def show(assignment, autograded, judged, sources):
    """Compare what the judge put in order, and write judged/<assignment>-similar.html, .json and .csv.

    autograded, judged: these folders. sources: name -> source notebook.

    Returns the exit status: 0, or 1 where a file could not be written.
    """
    search = Search(autograded, judged, assignment, sources)
    print(shown(summary(search)))
    for suffix, write in (("html", write_page), ("json", write_json), ("csv", write_csv)):
        path = judged / f"{assignment}-similar.{suffix}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, search)
        except OSError as error:
            print(
                shown(f"{path} is as it was, as it could not be written ({error.strerror}): make room for it."),
                file=sys.stderr,
            )
            return 1
        if suffix == "html":
            print(shown(f"Side by side: {path}"))
    return 0


def summary(search):
    """What was found, in a sentence or two."""
    students, groups = len(search.students), len(search.groups)
    if not search.is_enough:
        return f"Too few to tell what is rare: there are {students} judged submissions, and {FEWEST} are needed."
    if not groups:
        return f"Of {students} submissions, no two are more alike than chance makes them."
    return (
        f"Groups of submissions that are more alike than chance makes them: {groups}. That is a question, and no "
        "verdict; no mark was touched."
    )
