"""System calls that change a disk, counted one by one, so that each of them can fail, or be the last one."""

import builtins
import io
import os

#: What saving a file may call, besides opening, writing and closing it.
NAMES = ("open", "close", "fsync", "replace", "unlink", "mkdir", "rmdir", "scandir", "stat", "lstat")


class Calls:
    """Once `armed`, calls `on(number, name, path)` before each; it may raise. made: a list of the names so far.

    patch: a pytest.MonkeyPatch.
    """

    def __init__(self, patch):
        self.armed, self.made, self.on = False, [], lambda number, name, path: None
        for name in NAMES:
            patch.setattr(os, name, self._counted(name, getattr(os, name)))
        self._original = open
        for module in (builtins, io):
            patch.setattr(module, "open", self._open)

    def take(self, name, path):
        if self.armed:
            self.made.append(name)
            self.on(len(self.made), name, os.fspath(path) if isinstance(path, (str, os.PathLike)) else "")

    def _counted(self, name, function):
        def call(path, *arguments, **options):
            self.take(name, path)
            return function(path, *arguments, **options)

        return call

    def _open(self, path, mode="r", *arguments, **options):
        if not self.armed or "w" not in mode:
            return self._original(path, mode, *arguments, **options)
        self.take("open", path)
        file = _File(path, mode.replace("b", ""))
        file.calls = self
        return (io.BufferedRandom if "+" in mode else io.BufferedWriter)(file)


class _File(io.FileIO):
    def write(self, data):
        self.calls.take("write", self.name)
        return super().write(data)

    def close(self):
        if not self.closed:
            super().close()  # a close that fails has closed
            self.calls.take("close", self.name)
