"""The folder that a painting's files go to; where a disk refuses, another takes its place."""

import tempfile
from pathlib import Path

from PIL import Image, PngImagePlugin

from nst.paths import whole_file
from nst.progress import say

_MARK = "nst.painting.Monitor"  # as in pictures of earlier versions


class Folder:
    """A folder for pictures and films. One that refuses is told of once, and a temporary one takes its place.

    path: where it is now. Nothing here raises OSError: a full disk stops no painting.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._gave_up = False

    def make(self):
        """Make the folder, and see that it can be written to."""
        self._gave_up = False
        self.keep(_try_folder)

    def keep(self, write):
        """Call write(path), and again with another folder where that raises OSError. True where it was written."""
        if self._gave_up:
            return False
        try:
            write(self.path)
            return True
        except OSError as error:
            try:
                self._move_to_temporary_folder(error)
                write(self.path)
                return True
            except OSError as error:
                self._gave_up = True
                say(f"Nothing can be saved any more ({error.strerror or error}); monitor.picture has the picture.")
                return False

    def _move_to_temporary_folder(self, error):
        refused, self.path = self.path, Path(tempfile.mkdtemp(prefix="painting-"))
        why = error.strerror or error
        say(f"{refused} cannot be written to ({why}); the files go to {self.path} instead.")


def _try_folder(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"painting")


def remove_earlier_pictures(folder):
    """Remove <number>.png that `save_pixels` wrote, known by the mark inside, and no other file."""
    for path in folder.glob("*.png"):
        if path.stem.isdecimal():
            try:
                with Image.open(path) as image:
                    ours = image.info.get("Software") == _MARK
            except OSError:
                continue  # whatever it is, it is not ours
            if ours:
                path.unlink()


def save_pixels(path, pixels):
    """Write the picture, (H, W, 3) uint8, whole or not at all: a PNG file with our mark inside, or a JPEG file."""
    mark = PngImagePlugin.PngInfo()
    mark.add_text("Software", _MARK)
    options = {"pnginfo": mark} if path.suffix == ".png" else {"quality": 95}
    with whole_file(path) as unfinished:
        Image.fromarray(pixels).save(unfinished, **options)
