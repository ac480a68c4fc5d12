"""What lies in a submission's folder. Names are listed; nothing is opened, and no link is followed."""

import heapq
import os
import re
import stat
from typing import NamedTuple

from nst.grading.faults import demand_a_sound_machine
from nst.grading.intake.reading import some

#: Files in a folder that are looked at, and how many folders deep notebooks may lie.
MAX_FILES, MAX_FOLDERS_DEEP = 1000, 3

#: What Jupyter, nbgrader, operating systems and the course itself leave beside notebooks.
HARMLESS = re.compile(
    r"\.ipynb_checkpoints|timestamp\.txt|output|__pycache__|.*\.(png|jpe?g|gif)"
    r"|\.DS_Store|\._.*|__MACOSX|Thumbs\.db|desktop\.ini",
    re.IGNORECASE,
)
ARCHIVE = re.compile(r".*\.(zip|7z|rar|tar|tgz|gz|bz2|xz)", re.IGNORECASE | re.DOTALL)


class Listing(NamedTuple):
    """What lies in a submission's folder.

    files: names of those that may be notebooks, with slashes where they lie in folders of their own. problems: file
    name -> why one of the wanted cannot be read. flags: sentences about what else is there. archives: names of files
    that somebody has to unpack.
    """

    files: list[str]
    problems: dict[str, str]
    flags: list[str]
    archives: list[str]


def list_files(folder, wanted):
    """The Listing of a folder that may hold anything.

    wanted: names of the notebooks. Where one of them is missing, folders in the folder are searched too, as archives
    are often unpacked into one; no link is followed, and only so many files are looked at.
    """
    try:
        if stat.S_ISLNK(os.lstat(folder).st_mode):
            why = "The submission's folder is a symbolic link, which is not followed."
            return Listing([], dict.fromkeys(wanted, why), [], [])
        entries = first_entries(folder, wanted, MAX_FILES + 1)
    except (OSError, ValueError) as error:
        demand_a_sound_machine("to open what was handed in", error)
        why = f"The submission's folder cannot be opened ({type(error).__name__})."
        return Listing([], dict.fromkeys(wanted, why), [], [])
    files, others, links, problems, flags = [], [], [], {}, []
    for _, other, name, is_link, is_file in entries[:MAX_FILES]:
        if is_link:
            links.append(name)
            if name in wanted:
                problems[name] = f"{name!r} is a symbolic link, which is not followed."
        elif HARMLESS.fullmatch(name):
            continue
        elif is_file and not other:
            files.append(name)
        else:
            others.append(name)
            if name in wanted:
                problems[name] = f"{name!r} is not a file."
    if not files or not set(wanted) <= {*files, *problems}:
        deeper = _deeper(folder, wanted, entries[:MAX_FILES])
        files += deeper
        others = [name for name in others if not any(file.startswith(f"{name}/") for file in deeper)]
    if links:
        flags.append(f"Symbolic links, which were not followed: {some(map(repr, links))}.")
    if others:
        flags.append(f"Ignored beside the notebooks: {some(map(repr, others))}.")
    if len(entries) > MAX_FILES:
        flags.append(f"The submission holds more than {MAX_FILES} files; the others were ignored.")
    return Listing(files, problems, flags, [name for name in others if ARCHIVE.fullmatch(name)])


def _deeper(folder, wanted, entries):
    """Names of notebooks in the folders of a folder, those nearest to its top first."""
    found, left = [], MAX_FILES
    level = [name for _, _, name, is_link, is_file in entries if not is_link and not is_file]
    for _ in range(MAX_FOLDERS_DEEP):
        below = []
        for path in level:
            if left <= 0 or HARMLESS.fullmatch(os.path.basename(path)):
                continue
            try:
                inside = first_entries(os.path.join(folder, path), wanted, left)
            except (OSError, ValueError):  # no folder, or one that nobody may open
                continue
            left -= len(inside)
            for _, other, name, is_link, is_file in inside:
                if is_link or HARMLESS.fullmatch(name):
                    continue
                if is_file and not other:
                    found.append(f"{path}/{name}")
                elif not is_file:
                    below.append(f"{path}/{name}")
        level = below
    return found


def first_entries(folder, wanted, most):
    """The first entries of a folder, always the same: (is not wanted, is no notebook, name, is a link, is a file).

    A browser may have given a notebook another ending, and an editor may have made a script of it.
    """
    alike = {name.removesuffix(".ipynb") + ending for name in wanted for ending in (".json", ".txt", ".py", "")}
    with os.scandir(folder) as entries:
        described = (
            (
                entry.name not in wanted,
                ".ipynb" not in entry.name.lower() and entry.name not in alike,
                entry.name,
                entry.is_symlink(),
                entry.is_file(follow_symlinks=False),
            )
            for entry in entries
        )
        # The same ones are left out each time, whatever the order in which the system lists them.
        return heapq.nsmallest(most, described)
