"""A submission taken from where a student can write to where the course keeps it, submitted/, as nbgrader collects it.

nbgrader's own collecting copies whatever a link leads to, be it /dev/zero, and takes the old submission away before the
new one is there. Here no link is followed, what is copied is bounded, and the new one takes the old one's place as a
whole. Names are names, never patterns.
"""

import fnmatch
import heapq
import os
import stat
from pathlib import Path

from nst.grading import replacing

#: Entries of a folder that are taken, and how many folders deep.
MAX_ENTRIES, MAX_DEPTH = 1000, 8
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def collect(folder, target, coursedir):
    """Copy a submission's folder into the target's place.

    coursedir: nbgrader's CourseDirectory, whose ignore, include, max_file_size and max_dir_size count, and groupshared.

    Returns a sentence about what was left behind, or "". Raises OSError; then the target is as it was.
    """
    target = Path(target)
    new = replacing.begin(target)
    try:
        copy = _Copy(coursedir)
        place = os.open(folder, _READ | os.O_DIRECTORY)
        try:
            copy.folder(place, new, 0)
        finally:
            os.close(place)
        replacing.put(target)
    except BaseException:
        replacing.give_up(target)
        raise
    if not copy.left:
        return ""
    return f"{copy.left} of its files were left behind, being too large, too many or none that can be copied."


class _Copy:
    """left: how many entries were not taken."""

    def __init__(self, coursedir):
        self.ignore, self.include = coursedir.ignore, coursedir.include
        self.most, self.bytes = 1000 * coursedir.max_file_size, 1000 * coursedir.max_dir_size
        self.group = 0o660 if coursedir.groupshared else 0
        self.left = 0

    def folder(self, place, into, depth):
        """Copy what lies in an open folder. Notebooks come first, so that nothing else takes their room."""
        with os.scandir(place) as entries:
            counted = _Counted(entry.name for entry in entries)
            names = heapq.nsmallest(MAX_ENTRIES, counted, key=lambda name: (not _comes_first(name), name))
        self.left += counted.count - len(names)
        for name in names:
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in self.ignore):
                continue
            try:
                self.left += not self._entry(place, name, into / name, depth)
            except (OSError, ValueError):  # closed to us, or gone while it was looked at
                self.left += 1
        if self.group:
            into.chmod(0o2770 | stat.S_IMODE(into.stat().st_mode))

    def _entry(self, place, name, target, depth):
        """Copy one entry of an open folder. Was it taken?"""
        kind = os.stat(name, dir_fd=place, follow_symlinks=False).st_mode
        if stat.S_ISLNK(kind):
            target.symlink_to(
                os.readlink(name, dir_fd=place)
            )  # the judge says that it was one, and follows none either
            return True
        if stat.S_ISDIR(kind) and depth < MAX_DEPTH:
            below = os.open(name, _READ | os.O_DIRECTORY, dir_fd=place)
            try:
                target.mkdir()
                self.folder(below, target, depth + 1)
            finally:
                os.close(below)
            return True
        return stat.S_ISREG(kind) and self._file(place, name, target)

    def _file(self, place, name, target):
        if self.include and not any(fnmatch.fnmatchcase(name, pattern) for pattern in self.include):
            return True
        with open(os.open(name, _READ, dir_fd=place), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_size > min(self.most, self.bytes):
                return False
            data = file.read(found.st_size)
        self.bytes -= len(data)
        target.write_bytes(data)
        target.chmod(0o644 | self.group)
        os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))
        return True


def _comes_first(name):
    return name.endswith(".ipynb") or name in ("timestamp.txt", "submission_secret.txt")


class _Counted:
    """An iterable that counts what has been taken from it."""

    def __init__(self, values):
        self.values, self.count = values, 0

    def __iter__(self):
        for value in self.values:
            self.count += 1
            yield value
