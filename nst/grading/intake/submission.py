"""A student's notebooks as they should stand: the released skeleton with the student's answers in it.

Nothing in a submission is believed. The released notebook says which cells there are, in which order and with which
settings; the student's file is only searched for answers, and for cells that the student added.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from nst.grading.intake.assembling import Repaired, assemble
from nst.grading.intake.listing import list_files
from nst.grading.intake.matching import choose_files, find_elsewhere, is_named, match
from nst.grading.intake.reading import HandedNotebook, UnreadableError, read_bytes, read_notebook, read_script, some
from nst.grading.intake.skeleton import is_graded, skeleton_of

#: Files of other names that are opened where a notebook is missing or not finished.
MAX_SEARCHED = 10


@dataclass
class Submission:
    """What was taken in of a submission; reasons, repairs and flags are sentences for the instructor.

    released: name -> the notebook that students got, of all that are graded, sorted by name. notebooks: name ->
    Repaired, in the same order, without those that are missing or cannot be read. state: "graded",
    "partial" when there is such a one, "quarantined" when no other is left; the reasons say which and why.
    repairs: what was put right. flags: what somebody should look at. hashes: file name -> SHA-256 of what was read.
    """

    released: dict[str, NotebookNode] = field(default_factory=dict)
    notebooks: dict[str, Repaired] = field(default_factory=dict)
    state: str = "graded"
    reasons: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)


def take_in(folder, sources):
    """Put the notebooks of a submission in order; a Submission.

    folder: what a student handed in for one assignment. It is only read.
    sources: a dict from notebook name to the source notebook with solutions and hidden tests, as
        nst.course.release.read_source gives it. Files of those that are not graded are the student's alone, and are
        neither missed nor opened.

    The same folder always gives the same, and nothing that a student can put there makes this raise.
    """
    skeletons = {name: skeleton_of(sources[name]) for name in sorted(sources) if is_graded(sources[name])}
    submission = Submission({name: skeleton.notebook for name, skeleton in skeletons.items()})
    folder = Path(folder)
    files, problems, submission.flags, archives = list_files(folder, [f"{name}.ipynb" for name in skeletons])
    ungraded = sources.keys() - skeletons.keys()
    files = [file for file in files if not any(is_named(file, name) for name in ungraded)]
    handed = {}

    def read(files):
        for file in files:
            try:
                data = read_bytes(folder / file)
                name = file.encode("utf-8", "backslashreplace").decode("utf-8")
                submission.hashes[name] = hashlib.sha256(data).hexdigest()
                handed[file] = (read_script if file.endswith(".py") else read_notebook)(data)
            except UnreadableError as error:
                problems[file] = f"{file!r} {error}."

    right = [file for file in files if any(is_named(file, name) for name in skeletons)]
    read(right[: len(skeletons) + MAX_SEARCHED])
    if not _is_complete(skeletons, handed):
        read([file for file in files if file not in right][:MAX_SEARCHED])
    chosen, repairs, flags = choose_files(skeletons, handed)
    submission.repairs += repairs
    submission.flags += flags
    for name, skeleton in skeletons.items():
        file = chosen.get(name)
        found, elsewhere = find_elsewhere(skeletons, name, file, handed)
        if file or found:
            notebook = handed[file] if file else HandedNotebook([], skeleton.notebook.metadata.kernelspec.name, [], [])
            notebook = notebook._replace(cells=notebook.cells + found, flags=notebook.flags + elsewhere)
            others = [(other, handed[other]) for other in sorted(handed) if other != file]
            submission.notebooks[name], repairs, flags = assemble(skeleton, notebook, others)
            submission.repairs += [f"{name}: {sentence}" for sentence in repairs]
            submission.flags += [f"{name}: {sentence}" for sentence in flags]
        elif f"{name}.ipynb" in handed:
            submission.reasons.append(f"'{name}.ipynb' holds none of the released notebook's exercises.")
        elif archives and f"{name}.ipynb" not in problems:
            reason = f"'{name}.ipynb' was not handed in; {archives[0]!r} is not opened: unpack it, and judge again."
            submission.reasons.append(reason)
        else:
            submission.reasons.append(problems.get(f"{name}.ipynb", f"'{name}.ipynb' was not handed in."))
    submission.reasons = list(dict.fromkeys(submission.reasons))
    unused = [file for file in files if file not in chosen.values()]
    if unused:
        submission.flags.append(f"Notebooks that were not used: {some(map(repr, unused))}.")
        submission.flags += [problem for file, problem in problems.items() if problem not in submission.reasons]
    if submission.reasons:
        submission.state = "partial" if submission.notebooks else "quarantined"
    return submission


def _is_complete(skeletons, handed):
    """Is every exercise finished in the file of the right name?"""
    return all(
        f"{name}.ipynb" in handed
        and match(skeleton, handed[f"{name}.ipynb"].cells).finished >= {*skeleton.numbers("solution")}
        for name, skeleton in skeletons.items()
    )
