"""A submission as bytes, to be judged in another process or on another machine.

A parcel holds what intake/submission.py reads of a folder: names, and the bytes of the notebooks that it would open.
All else is there by its name only; so are timestamp.txt and submission_secret.txt, by which nobody is judged. Two
submissions of the same notebooks are the same parcel, whoever handed them in and when.

Where a parcel is opened nobody believes it: whatever it says, nothing is written outside of the one folder.
"""

import json
import os
import stat
from pathlib import Path

from nst.grading.faults import demand_a_sound_machine
from nst.grading.intake.listing import HARMLESS, MAX_FILES, MAX_FOLDERS_DEEP, first_entries
from nst.grading.intake.matching import is_named
from nst.grading.intake.reading import MAX_BYTES, UnreadableError, read_bytes
from nst.grading.intake.skeleton import is_graded
from nst.grading.intake.submission import MAX_SEARCHED

#: The bytes of a parcel's files together. A notebook beyond it arrives as one that is too long to be read.
MAX_CONTENT = 512 * 2**20
#: The bytes of the list of what is in it, which is a line of JSON, and how many names it has.
MAX_HEAD, MAX_ENTRIES = 16 * 2**20, 2 * MAX_FILES + 2
_KINDS = ("folder", "closed folder", "link", "nothing", "file", "long", "closed")
_FORMAT = "nst parcel 1"


class ParcelError(ValueError):
    """Bytes that are no parcel; one sentence."""


def pack(folder, sources):
    """The submission in a folder, which may hold anything, as bytes: the same for the same files.

    sources: as for `take_in`, which gives the same for the folder that `unpack` makes. Raises NotJudged where the
    machine refuses to have the folder read.
    """
    folder = Path(folder)
    graded = sorted(name for name in sources if is_graded(sources[name]))
    found, readable = _everything(folder, [f"{name}.ipynb" for name in graded])
    readable = [path for path in readable if not any(is_named(path, name) for name in sources.keys() - set(graded))]
    right = [path for path in readable if any(is_named(path, name) for name in graded)]
    other = [path for path in readable if path not in set(right)]
    contents, left = {}, MAX_CONTENT
    for path in right[: len(graded) + MAX_SEARCHED] + other[:MAX_SEARCHED]:
        found[path], contents[path] = _content(folder / path, left)
        left -= len(contents[path])
    head = {"format": _FORMAT, "entries": [[path, kind, len(contents.get(path, b""))] for path, kind in found.items()]}
    return b"".join([json.dumps(head).encode(), b"\n", *(contents.get(path, b"") for path in found)])


def _everything(folder, wanted):
    """Path -> kind of all that a submission's folder has for those who look for the wanted files, and which of the
    paths may be read. The path of the folder itself is ""."""
    try:
        if stat.S_ISLNK(os.lstat(folder).st_mode):
            return {"": "link"}, []
        inside = first_entries(folder, wanted, MAX_FILES + 1)
    except (OSError, ValueError) as error:
        demand_a_sound_machine("to open what was handed in", error)
        kinds = {FileNotFoundError: "nothing", NotADirectoryError: "file"}
        return {"": kinds.get(type(error), "closed folder")}, []
    found, readable, left = {"": "folder"}, [], MAX_FILES
    level = _note(found, readable, "", inside)
    for _ in range(MAX_FOLDERS_DEEP):
        below = []
        for path in level:
            if left <= 0 or HARMLESS.fullmatch(path.rpartition("/")[2]):
                continue
            try:
                inside = first_entries(folder / path, wanted, left)
            except (OSError, ValueError):  # no folder, or one that nobody may open
                continue
            left -= len(inside)
            below += _note(found, readable, f"{path}/", inside)
        level = below
    return found, readable


def _note(found, readable, above, inside):
    """Add what lies in one folder to `found` and `readable`; the paths of those in it that may be folders."""
    folders = []
    for number, (_, other, name, is_link, is_file) in enumerate(inside):
        path = above + name
        found[path] = "link" if is_link else "file" if is_file else "folder"
        if number < MAX_FILES and not is_link:
            if is_file and not other and not HARMLESS.fullmatch(name):
                readable.append(path)
            elif not is_file:
                folders.append(path)
    return folders


def _content(path, left):
    """("file", bytes) of a file that may be read, or ("long" or "closed", nothing)."""
    try:
        if os.lstat(path).st_size > min(left, MAX_BYTES):
            return "long", b""
        data = read_bytes(path)
    except (OSError, UnreadableError):
        return "closed", b""
    return ("file", data) if len(data) <= left else ("long", b"")


def unpack(data, folder):
    """Make the submission in a parcel again.

    folder: its path, at which nothing is yet. Raises ParcelError for what is no parcel; what was made until then
    stays, and lies in the folder.
    """
    listed, content = _open(data)
    folder, at = Path(folder), 0
    for path, kind, size in listed:
        place = folder / path if path else folder
        if kind in ("folder", "closed folder"):
            place.mkdir(mode=0o700 if kind == "folder" else 0)
        elif kind == "link":
            place.symlink_to("nowhere")
        elif kind != "nothing":
            _write(place, kind, content[at : at + size])
        at += size


def _open(data):
    """([(path, kind, bytes)], the bytes of all files) of a parcel. Raises ParcelError."""
    end = data.find(b"\n", 0, MAX_HEAD)
    content = memoryview(data)[end + 1 :]
    try:
        head = json.loads(data[: max(end, 0)])
        listed = head["entries"]
        sound = head["format"] == _FORMAT and len(listed) <= MAX_ENTRIES and sum(it[2] for it in listed) == len(content)
        _demand_own_places(listed)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        sound = False
    if not sound or len(content) > MAX_CONTENT:
        raise ParcelError("Expected a submission as `nst grade` packs it, and found other bytes: pack it again.")
    return listed, content


def _demand_own_places(listed):
    """Raise ValueError or TypeError unless each path is a new one in the folder or in one of the parcel's own."""
    folders, seen = {None}, set()
    for path, kind, size in listed:
        above, _, name = path.rpartition("/")
        above = above if path else None
        new = path not in seen and len(os.fsencode(name)) <= 255
        if kind not in _KINDS or type(size) is not int or size < 0 or above not in folders or not new:
            raise ValueError(path)
        if path and (name in ("", ".", "..") or "\0" in name):
            raise ValueError(path)
        seen.add(path)
        if kind == "folder":
            folders.add(path)


def _write(path, kind, content):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        if kind == "long":
            file.truncate(MAX_BYTES + 1)  # a hole, which takes no room
        file.write(content)
    if kind == "closed":
        path.chmod(0)
