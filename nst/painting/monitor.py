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
import textwrap
import threading
import time
from contextlib import contextmanager

import numpy as np

from nst.painting.film import Frames, milliseconds, save_gif, save_mp4, shrunk
from nst.painting.folder import Folder, remove_earlier_pictures, save_pixels
from nst.painting.together import Together
from nst.paths import OUTPUT
from nst.pictures import to_rgb
from nst.progress import in_notebook, progress_bar, say
from nst.words import checked_whole_number, is_number, kind_of


class Monitor:
    """Shows a painting and keeps it: the callback of `paint`, or of a loop of your own. See the top of this module.

    iterations: how many steps there will be, for the progress bar.
    every: print the costs and save output/<iteration>.png at every so many iterations.
    output: the folder for the files; the course's own, nst.paths.OUTPUT, when None. A folder that cannot be written to
        is reported in one sentence, and the files go to a new one elsewhere instead (nst.paths.refuges).
    preview: draw the picture and the cost curves while they change; None means in a notebook, and only there is it
        possible.
    film: make film.gif, and film.mp4 where an ffmpeg is found, at the end.
    deprocess: a function from a picture as the network takes it, (1, H, W, 3), to what is shown, (H, W, 3) uint8:
        nst_utils.to_rgb for VGG-19's pictures, nst.networks.squeezenet.deprocess for SqueezeNet's.

    Call it as monitor(iteration, costs, picture): costs is a dictionary of scalars ("total" and any others), picture
    is (1, H, W, 3), normalised for the network; arrays, tensors and variables will do. At the end of the `with`
    block, however it ends, generated_image.jpg and the film are written. An interrupt in the block ends the block
    and stays there, unless it comes before the first picture; any other exception goes on once the picture is safe.

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
        self.preview = in_notebook() and (preview is None or preview)
        self._folder = Folder(OUTPUT if output is None else output)
        self.picture = None
        self.history = []
        self._bar = None

    @property
    def folder(self):
        return self._folder.path

    def __enter__(self):
        self.picture = None
        self.history = []
        self._told_of_nan = False
        self._printed = None  # the iteration whose costs were printed last
        self._frames = Frames(self._deprocess)
        self._shown = None  # the preview's place in the notebook
        self._show_again_at = 0.0
        self._folder.make()
        self._together = Together()
        self._together.__enter__()
        self._bar = progress_bar(self.iterations, "Painting")
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
            self._folder.keep(remove_earlier_pictures)
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
                self._folder.keep(lambda folder: save_pixels(folder / f"{iteration}.png", pixels))

    def __exit__(self, kind, error, traceback):
        self._together.__exit__()
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        with _interrupts_wait():
            self._finish(kind, interrupted)
        if self.picture is None:
            return False
        if self.film and len(self._frames.kept) > 1:
            try:
                self._folder.keep(self._make_film)
            except KeyboardInterrupt:
                say("The film was interrupted and is left out.")
        return interrupted

    @property
    def done(self):
        """How far the painting has come, as a title says it: "200 steps", or "57 of 200 steps"."""
        taken = self.history[-1][0] + 1 if self.history else 0
        return f"{taken} steps" if taken >= self.iterations else f"{taken} of {self.iterations} steps"

    def show_film(self, width=320):
        """Show the film of the painting in the notebook: film.gif in small, every other picture. width: in CSS pixels.

        Of a single picture there is no film, and nothing is shown.
        """
        from IPython.display import display

        from nst.display import film

        frames = [shrunk(frame, width) for frame in self._frames.with_the_last()[::-2][::-1]]
        if len(frames) > 1:
            alt = f"A film of the painting in {len(frames)} pictures, from its first step to its last: {self.done}."
            times = [2 * time for time in milliseconds(len(frames))]
            display(film(frames, alt, times, width, quality=60))

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
            saved = self._folder.keep(lambda folder: save_pixels(folder / "generated_image.jpg", pixels))
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
        # Here, because a terminal does without all three, and they would take a second of every start.
        from IPython.display import display

        from nst.display import still
        from nst.painting.preview import compose_preview

        first, started = self._shown is None, time.monotonic()
        pixels = self._deprocess(self.picture) if self.picture is not None else np.full((3, 4, 3), 128, np.uint8)
        drawn = compose_preview(pixels, self.history, self.iterations)
        alt = f"The painting after {self.done}, beside its costs so far: {self._costs_in_words()}."
        picture = still(drawn, alt, drawn.shape[1] / 2)
        if first:
            self._shown = display(picture, display_id=True)
        else:
            self._shown.update(picture)
        # At most every two seconds and a tenth of the time; the first drawing takes long, for it loads the fonts.
        now = time.monotonic()
        self._show_again_at = now + (2.0 if first else max(2.0, 10 * (now - started)))

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
