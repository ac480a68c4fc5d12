"""The folder that a painting's files go to; where a disk refuses, another takes its place."""

from pathlib import Path

from PIL import Image, PngImagePlugin

from nst.paths import refuges, tried_file, whole_file
from nst.progress import say

_MARK = "nst.painting.Monitor"  # as in pictures of earlier versions


class Folder:
    """A folder for pictures and films. One that refuses is told of once, and one of nst.paths.refuges takes its place.

    path: where it is now. Nothing here raises OSError: a full disk stops no painting.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._gave_up = False

    def make(self):
        """Make the folder, and see that the picture can be written there."""
        self._gave_up = False
        self.keep(_try_folder)

    def keep(self, write):
        """Call write(path), and again with other folders where that raises OSError. True where it was written."""
        try:
            write(self.path)
            return True
        except OSError as error:
            why = error.strerror or error
        for folder in refuges(self.path):
            try:
                write(folder)
            except OSError:
                continue
            refused, self.path = self.path, folder
            say(f"{refused} cannot be written to ({why}); the files go to {folder} instead.")
            return True
        if not self._gave_up:  # told once; room may be made before the last picture comes
            self._gave_up = True
            say(f"Nothing can be saved at the moment ({why}); monitor.picture has the picture.")
        return False


def _try_folder(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with tried_file(folder / "generated_image.jpg") as unfinished:
        unfinished.write_bytes(b"painting")


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
