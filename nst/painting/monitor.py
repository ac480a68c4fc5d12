"""Watching a painting, and keeping it: a progress bar, the costs, a live preview, the pictures on the way, a film.

    with Monitor(200) as monitor:
        picture = paint(cost, start, iterations=200, callback=monitor)

A loop of your own uses the monitor in the same way:

    with Monitor(200) as monitor:
        for iteration in range(200):
            costs = your_step(picture)
            monitor(iteration, costs, picture)
"""

import signal
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tqdm
import tqdm.notebook
from IPython import get_ipython
from IPython.display import Image as NotebookImage
from IPython.display import display
from PIL import Image, PngImagePlugin

from nst.painting.film import Frames, save_gif, save_mp4
from nst.painting.preview import compose_preview
from nst.paths import OUTPUT, whole_file
from nst.pictures import to_rgb
from nst.words import checked_whole_number, is_number, kind_of, say


class Monitor:
    """Shows a painting and keeps it: the callback of `paint`, or of a loop of your own. See the top of this module.

    iterations: how many steps there will be, for the progress bar.
    every: print the costs and save output/<iteration>.png at every so many iterations.
    output: the folder for the files; the course's own, nst.paths.OUTPUT, when None. A folder that cannot be written to
        is reported in one sentence, and the files go to a new temporary folder instead.
    preview: draw the picture and the cost curves while they change; None means in a notebook, and only there is it
        possible.
    film: make film.gif, and film.mp4 where an ffmpeg is found, at the end.
    deprocess: a function from a picture as the network takes it, (1, H, W, 3), to what is shown, (H, W, 3) uint8:
        nst_utils.to_rgb for VGG-19's pictures, nst.networks.squeezenet.deprocess for SqueezeNet's.

    Call it as monitor(iteration, costs, picture): costs is a dictionary of scalars ("total" and any others), picture
    is (1, H, W, 3), normalised for the network; arrays, tensors and variables will do. At the end of the `with`
    block, however it ends, generated_image.jpg and the film are written. An interrupt in the block stays in the
    block; any other exception goes on once the picture is safe.

    At its first picture a painting removes the numbered pictures that an earlier Monitor left in the folder, so that
    what you find there is one painting. Those of another origin stay, unless this painting has the same number.

    picture: the last picture, (1, H, W, 3) float32; None before the first. One with NaN in it is never taken.
    history: a list of (iteration, dictionary of floats).
    folder: where the files are.
    """

    def __init__(self, iterations, *, every=20, output=None, preview=None, film=True, deprocess=to_rgb):
        self.iterations = checked_whole_number("iterations", iterations, least=0, advice="200 is a good start")
        self.every = checked_whole_number("every", every, least=1, advice="20 suits 200 iterations")
        self.film = film
        self._deprocess = deprocess
        self.preview = _in_notebook() and (preview is None or preview)
        self.folder = Path(OUTPUT if output is None else output)
        self.picture = None
        self.history = []
        self._bar = None

    def __enter__(self):
        self.picture = None
        self.history = []
        self._told_of_nan = False
        self._printed = None  # the iteration whose costs were printed last
        self._disk_gave_up = False
        self._frames = Frames(self._deprocess)
        self._shown = None  # the preview's place in the notebook
        self._show_again_at = 0.0
        self._keep(_try_folder)
        progress_bar = tqdm.notebook.tqdm if _in_notebook() else tqdm.tqdm
        # disable=None: no bar where stdout is a file or a pipe, which would only fill with control characters.
        disable = False if _in_notebook() else None
        self._bar = progress_bar(
            total=self.iterations, desc="Painting", file=sys.stdout, disable=disable, dynamic_ncols=True
        )
        return self

    def __call__(self, iteration, costs, picture):
        """Take note of one step. iteration: counts from 0; costs and picture: see the class."""
        if self._bar is None:
            raise RuntimeError("A Monitor works inside a with block: `with Monitor(200) as monitor: ...`.")
        if not isinstance(costs, dict) or not costs:
            raise ValueError(
                f'The monitor expects the costs as a dictionary such as {{"total": J}}, and they are {kind_of(costs)}.'
            )
        for name, value in costs.items():
            if not is_number(value):
                found = f"an array of shape {np.shape(value)}" if np.ndim(value) else kind_of(value)
                raise ValueError(
                    f'The monitor expects every cost to be a single number, and "{name}" is {found}; give its sum or '
                    "leave it out."
                )
        if picture is None:
            raise ValueError(
                "The monitor expects a picture of shape (1, height, width, 3), and it is None; call it as "
                "monitor(iteration, costs, picture), and look for a missing return."
            )
        if not self.history:
            self._keep(_remove_earlier_pictures)
        self.history.append((int(iteration), {name: float(value) for name, value in costs.items()}))
        self._take(iteration, picture)
        self._bar.set_postfix_str(self._costs_in_words(names=1), refresh=False)
        self._bar.update(iteration + 1 - self._bar.n)
        if self.preview and time.monotonic() >= self._show_again_at:
            self._show()  # before the first line of costs, so that all of them stand together below the preview
        if iteration % self.every == 0:
            self._print_costs()
            if self.picture is not None:
                pixels = self._deprocess(self.picture)
                self._keep(lambda folder: _save_pixels(folder / f"{iteration}.png", pixels))

    def __exit__(self, kind, error, traceback):
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        with _interrupts_wait():
            self._finish(kind, interrupted)
        if self.film and len(self._frames.kept) > 1:
            try:
                self._keep(self._make_film)
            except KeyboardInterrupt:
                say("The film was interrupted and is left out.")
        return interrupted

    def _take(self, iteration, picture):
        picture = np.array(np.asarray(picture), dtype=np.float32)  # a copy: a variable moves on
        if np.isfinite(picture).all():
            self._frames.add(picture)  # first, because it checks the shape
            self.picture = picture
        elif not self._told_of_nan:
            self._told_of_nan = True
            say(f"The picture of iteration {iteration} has NaN or infinity in it; an earlier one is kept.")

    def _finish(self, kind, interrupted):
        """Bring the last picture to safety, show it and close the bar."""
        saved = False
        if self.picture is not None:
            pixels = self._deprocess(self.picture)
            saved = self._keep(lambda folder: _save_pixels(folder / "generated_image.jpg", pixels))
        if self.history and self._printed != self.history[-1][0]:
            self._print_costs()
        if self.history and self.preview:
            self._show()
        self._bar.close()
        self._bar = None
        if self.picture is None:
            return
        reached = f"iteration {self.history[-1][0]}"
        where = f"is in {self.folder / 'generated_image.jpg'}" if saved else "is only in monitor.picture"
        if interrupted:
            say(f"Interrupted at {reached}; the picture so far {where}")
        elif kind is not None:
            say(f"Stopped by an error at {reached}; the picture so far {where}")
        else:
            say(f"The picture {where}")

    def _costs_in_words(self, names=None):
        costs = self.history[-1][1]
        return "   ".join(f"{name} {costs[name]:.3e}" for name in list(costs)[:names])

    def _print_costs(self):
        iteration = self.history[-1][0]
        self._printed = iteration
        say(f"iteration {iteration:{len(str(self.iterations))}d}   {self._costs_in_words()}")

    def _show(self):
        first, started = self._shown is None, time.monotonic()
        pixels = self._deprocess(self.picture) if self.picture is not None else np.full((3, 4, 3), 255, np.uint8)
        png, width, height = compose_preview(pixels, self.history, self.iterations)
        image = NotebookImage(png, format="png", width=width, height=height)
        if first:
            self._shown = display(image, display_id=True)
        else:
            self._shown.update(image)
        # At most every two seconds and a tenth of the time; the first drawing takes long, for it loads the fonts.
        now = time.monotonic()
        self._show_again_at = now + (2.0 if first else max(2.0, 10 * (now - started)))

    def _keep(self, write):
        """Call write(folder). A disk that refuses is reported once and stops nothing. True where it was written."""
        if self._disk_gave_up:
            return False
        try:
            write(self.folder)
            return True
        except OSError as error:
            try:
                self._move_to_temporary_folder(error)
                write(self.folder)
                return True
            except OSError as error:
                self._disk_gave_up = True
                say(f"Nothing can be saved any more ({error.strerror or error}); monitor.picture has the picture.")
                return False

    def _move_to_temporary_folder(self, error):
        refused, self.folder = self.folder, Path(tempfile.mkdtemp(prefix="painting-"))
        why = error.strerror or error
        say(f"{refused} cannot be written to ({why}); the files go to {self.folder} instead.")

    def _make_film(self, folder):
        frames = self._frames.with_the_last()
        save_gif(folder / "film.gif", frames)
        try:
            save_mp4(folder / "film.mp4", frames)
            say(f"The film is in {folder / 'film.gif'} and film.mp4")
        except Exception as error:
            # An ffmpeg can be missing, too old or without a codec; whatever it is, the GIF is there.
            (folder / "film.mp4").unlink(missing_ok=True)
            reason = textwrap.shorten(str(error) or type(error).__name__, 60, placeholder=" …")
            say(f"The film is in {folder / 'film.gif'} (no film.mp4 without a working ffmpeg: {reason})")


def _in_notebook():
    """True in a Jupyter kernel, False in a terminal, IPython's own included."""
    return getattr(get_ipython(), "kernel", None) is not None


@contextmanager
def _interrupts_wait():
    """Ignore interrupts for the moment that the block takes, so that a second Ctrl-C cannot lose the picture."""
    if threading.current_thread() is not threading.main_thread():
        yield  # interrupts come to the main thread alone
        return
    handler = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler or signal.default_int_handler)


# ---------------------------------------------------------------------------------------------------------- files

_MARK = "nst.painting.Monitor"  # as in pictures of earlier versions


def _try_folder(folder):
    """Make the folder and write into it; OSError where that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"painting")


def _remove_earlier_pictures(folder):
    """Remove <number>.png that a Monitor wrote, known by the mark inside, and no other file."""
    for path in folder.glob("*.png"):
        if path.stem.isdecimal():
            try:
                with Image.open(path) as image:
                    ours = image.info.get("Software") == _MARK
            except OSError:
                continue  # whatever it is, it is not ours
            if ours:
                path.unlink()


def _save_pixels(path, pixels):
    """pixels: (H, W, 3) uint8."""
    mark = PngImagePlugin.PngInfo()
    mark.add_text("Software", _MARK)
    options = {"pnginfo": mark} if path.suffix == ".png" else {"quality": 95}
    with whole_file(path) as unfinished:
        Image.fromarray(pixels).save(unfinished, **options)
