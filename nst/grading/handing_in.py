"""Who handed in what, and when: the folders of the submissions, and what is read of them beside the notebooks.

Names are names here, never patterns, and whatever stands in a student's file is read bounded and as data. nbgrader
reads some of these files on its own, so `plugin.install` puts these functions in the place of its own.
"""

import fnmatch
import hashlib
import json
import os
import re
import stat
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from nbgrader.utils import full_split, parse_utc

from nst.grading.intake.reading import UnreadableError, read_bytes

#: A time in timestamp.txt that lies longer before the collection than this is not believed.
LONGEST_WAIT = timedelta(days=60)
#: The longest timestamp.txt and submission_secret.txt that are read.
MAX_NOTE = 200
#: Notebooks of a submission that are compared with what was judged, and how deep in its folders they are looked for.
MAX_COMPARED, MAX_DEPTH = 100, 3
DOUBT = "timestamp.txt says something impossible; the time of collection counts."


class Handed(NamedTuple):
    """What was handed in.

    files: notebook file -> SHA-256, or why it cannot be read. note: the SHA-256 of timestamp.txt, "" where there is
    none. time: when, naive UTC, or None where nobody knows. doubt: a sentence about the time, or "".
    """

    files: dict[str, str]
    note: str
    time: datetime | None
    doubt: str


def students(coursedir, step, assignment):
    """Student -> the folder in which nbgrader expects their assignment, whether it is there or not, sorted.

    step: a folder of coursedir's: "submitted", say. Whatever stands in a student's place counts, other than what begins
    with a dot.
    """
    *above, own, below = _structure(coursedir, step, assignment)
    pattern = re.compile(re.escape(own).replace(re.escape("{student_id}"), "(.+)"), re.DOTALL)
    place = Path(coursedir.root, *above)
    try:
        names = sorted(entry.name for entry in os.scandir(place) if not entry.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    matches = {name: pattern.fullmatch(name) for name in names}
    return {match[1]: Path(place, name, *below) for name, match in matches.items() if match}


def _structure(coursedir, step, assignment):
    parts = list(full_split(coursedir.directory_structure))
    (number,) = [number for number, part in enumerate(parts) if "{student_id}" in part]
    filled = [part.format(nbgrader_step=step, student_id="{student_id}", assignment_id=assignment) for part in parts]
    return *filled[:number], filled[number], filled[number + 1 :]


def chosen(students, wanted):
    """The part of a dict by student that `--student` means: that student, else those that the pattern fits."""
    if wanted in students and wanted != "*":
        return {wanted: students[wanted]}
    return {student: folder for student, folder in students.items() if fnmatch.fnmatchcase(student, wanted)}


def name_trouble(student):
    """Why nobody of this name can be graded, in a sentence; "" for almost everybody."""
    kinds = {unicodedata.category(letter) for letter in student}
    if "Cs" in kinds:
        return "The name of this folder is not UTF-8, as happens to names in badly unpacked archives: rename it."
    if "Cc" in kinds:
        return "The name of this folder holds a line break or another control character: rename it."
    return ""


def submission_time(folder):
    """When a submission was handed in, and a sentence of doubt: (naive UTC datetime or None, str or "").

    timestamp.txt is among the student's files and may say anything. It is believed where it is possible: not after the
    submission came to this disk, and not long before. Otherwise the time at which it came counts.
    """
    try:
        found = os.lstat(Path(folder, "timestamp.txt"))
    except OSError:
        return None, ""
    # The time of the last change to the file's entry: no program can set it, and no archive carries it.
    collected = datetime.fromtimestamp(found.st_ctime, UTC).replace(tzinfo=None)
    said = said_time(folder)
    if said is None or not collected - LONGEST_WAIT < said <= collected + timedelta(minutes=10):
        return collected, DOUBT
    return said, ""


def said_time(folder):
    """What timestamp.txt says: a naive UTC datetime, or None where there is none or it says no time."""
    text = read_note(Path(folder, "timestamp.txt"))
    return None if text is None else read_time(text)


def read_time(text):
    """What a text says that a student may have written: a naive UTC datetime, or None where it says no time."""
    # nbgrader takes "10:00:00 +0100" for an offset of a hundred seconds, and would look up "/dev/zero" as a time zone.
    text = re.sub(r" +([+-]\d\d:?\d\d)$", r"\1", text)
    zone = text.split(" ")[2:3]
    if zone and not re.fullmatch(r"[A-Za-z]\w*([/+-]\w+)*", zone[0]):
        return None
    try:
        return parse_utc(text)
    except Exception:  # dateutil raises whatever comes up while it guesses
        return None


def read_note(path):
    """The text of a short file of a student's, without white space around it; None where it is no such file."""
    data = _note_bytes(path)
    try:
        text = (data or b"").decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return None
    return text if text and text.isprintable() else None


def _note_bytes(path):
    """At most MAX_NOTE bytes of a regular file, None where there is none. No link is followed, no pipe waited for."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            data = file.read(MAX_NOTE + 1)
    except OSError:
        return None
    return data if len(data) <= MAX_NOTE else None


def look_at(folder, record=None):
    """The Handed of a submission's folder.

    record: what `as_noted` gave when it was judged. Where the same still lies there, the time is the one of then: to
    copy a course, or to restore it from a backup, makes nobody late.
    """
    folder = Path(folder)
    files, note = _files(folder), _note_hash(folder)
    if record and (record.files, record.note) == (files, note):
        return record
    return Handed(files, note, *submission_time(folder))


def handed_in_again(folder, record, before):
    """Does something else lie in a submission's folder than was judged, or the same with a later time?

    record: the Handed of then, None where nobody knows. before: the time of then, None where nobody knows.
    """
    handed = look_at(folder, record)
    if record and handed.files != record.files:
        return True
    changed = record is None or handed.note != record.note
    return bool(changed and handed.time and before and handed.time > before)


def _files(folder):
    """Notebook file -> SHA-256, or why it cannot be read."""
    found = {}
    if folder.is_symlink():
        return found
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if Path(place) != folder and len(Path(place).relative_to(folder).parts) >= MAX_DEPTH:
            folders.clear()
        for name in sorted(name for name in names if name.lower().endswith(".ipynb")):
            if len(found) == MAX_COMPARED:
                return found
            path = Path(place, name)
            try:
                found[_printable(path.relative_to(folder))] = hashlib.sha256(read_bytes(path)).hexdigest()
            except UnreadableError as error:
                found[_printable(path.relative_to(folder))] = str(error)
    return found


def _printable(path):
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _note_hash(folder):
    path = folder / "timestamp.txt"
    if not os.path.lexists(path):
        return ""
    data = _note_bytes(path)
    return "unreadable" if data is None else hashlib.sha256(data).hexdigest()


def as_noted(handed):
    """A Handed as plain data, for the record of a judgement."""
    return handed._asdict() | {"time": handed.time and handed.time.isoformat()}


def noted(path):
    """The Handed that a record of a judgement holds; None where there is no record, or an older or a damaged one."""
    try:
        found = json.loads(read_bytes(path))["handed_in"]
        time = found["time"] and datetime.fromisoformat(found["time"])
        handed = Handed(dict(found["files"]), found["note"], time, found["doubt"])
    except (UnreadableError, ValueError, KeyError, TypeError, RecursionError):
        return None
    texts = [*handed.files, *handed.files.values(), handed.note, handed.doubt]
    sound = all(isinstance(text, str) for text in texts) and not (time and time.tzinfo)
    return handed if sound else None


def believed_time(folder, path):
    """When a submission was handed in, as its mark has it: the record's time while its timestamp.txt is the same.

    path: the record of its judgement. The notebooks are not looked at: this is asked for a whole class at a time.
    """
    record = noted(path)
    if record and record.note == _note_hash(Path(folder)):
        return record.time
    return submission_time(folder)[0]
