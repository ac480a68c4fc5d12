"""How a training of the encoder goes, live and as a film."""

from functools import cache

import matplotlib
import numpy as np
from IPython.display import display
from PIL import Image, ImageOps

from nst.display import film, still
from nst.lessons.figures.colours import FAINT, STYLE
from nst.lessons.figures.drawing import blank, house_style
from nst.lessons.verification import pair_distances, verification_accuracy
from nst.networks.encoder import encode
from nst.progress import in_notebook, progress, progress_bar

_MAP, _CURVE, _HEIGHT = 540, 400, 420  # of what Watch draws, in CSS pixels
_SIDE, _FRAME = 41, 3  # of a face on the map: with its frame and a pixel of room, and the frame's width


class Watch:
    """Shows how a training goes, live, and as a film afterwards: the callback of `train`, in a with block.

    A map of some residents, whose pictures lie where the encoder puts them (the two directions in which the encodings
    differ most), and beside it the verification error: how many pairs of other, held-out residents the best threshold
    still gets wrong.

    encoder: the Keras model that is trained.
    shown: (residents, pictures of each, 96, 96, 3) uint8, for the map; strangers: the same of held-out residents.
    steps: how long the training is. every: steps from one look to the next.

    Interrupting is fine: the block ends, and the encoder keeps what it has learnt. history: a list of (step,
    verification error).
    """

    def __init__(self, encoder, shown, strangers, steps, every=20):
        self.encoder, self.shown, self.strangers, self.steps, self.every = encoder, shown, strangers, steps, every
        self.history, self._maps, self._step = [], [], 0

    def __enter__(self):
        self._place = display(display_id=True) if in_notebook() else None
        self._bar = progress_bar(self.steps, "Training")
        self._look(0)
        return self

    def __call__(self, step, cost, triplets):
        """Take note of one step of the training."""
        self._bar.set_postfix_str(f"{cost / max(triplets, 1):.3f} a triplet, {triplets} triplets", refresh=False)
        self._bar.update(step - self._step)
        self._step = step
        if step % self.every == 0:
            self._look(step)

    def __exit__(self, kind, error, traceback):
        self._bar.close()
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        if interrupted:
            print(f"Interrupted after step {self._step}; the encoder keeps what it has learnt.")
        return interrupted

    def _look(self, step):
        encodings = encode(self.encoder, self.shown).reshape(-1, self.encoder.output_shape[-1])
        self._maps.append(flattened(encodings, self._maps[-1] if self._maps else None))
        accuracy, _ = verification_accuracy(*pair_distances(encode(self.encoder, self.strangers)))
        self.history.append((step, 1 - accuracy))
        if self._place is not None:
            picture = np.concatenate([self.map(step, scale=2), self._curve(len(self.history), scale=2)], 1)
            alt = f"{self._shown_in_words()} {self._error_in_words(-1)}"
            self._place.update(still(picture, alt, picture.shape[1] // 2))

    def film(self, between=2):
        """Show the training as a film. between: frames from one look to the next; the map glides."""
        frames, before = [], None
        for number in progress(range(len(self._maps)), "Drawing"):
            curve, after = self._curve(number + 1), self._laid_out(number)
            for share in np.linspace(0, 1, between + 1)[1:] if number else [1]:
                places = after if before is None else (1 - share) * before + share * after
                frames.append(np.concatenate([self._drawn(places), curve], 1))
            before = after
        alt = (
            f"A film of the training. {self._shown_in_words()} At the beginning {self._error_in_words(0)} "
            f"At the end {self._error_in_words(-1)}"
        )
        display(film(frames, alt, [110] * (len(frames) - 1) + [2500], frames[0].shape[1]))

    def _shown_in_words(self):
        residents, each = self.shown.shape[:2]
        return (
            f"On the left a map of {residents * each} faces, {each} of each of {residents} residents in a frame of one "
            "colour: the nearer, the more alike their encodings. On the right a curve, the error on held-out residents."
        )

    def _error_in_words(self, look):
        step, error = self.history[look]
        return f"step {step}: {error:.1%} of the pairs are judged wrongly."

    def map(self, step, scale=1):
        """The map of a step at which it looked: (420, 540, 4) uint8, times scale."""
        return self._drawn(self._laid_out([known for known, _ in self.history].index(step)), scale)

    def _laid_out(self, look):
        """Where the faces' middles lie on a map of 540 × 420 pixels, (n, 2), none of them over another."""
        reach = max(np.abs(places).max() for places in self._maps)
        middle = np.array([_MAP, _HEIGHT]) / 2
        return apart(middle + (middle - _SIDE / 2) * self._maps[look] / reach, _SIDE, (_MAP, _HEIGHT))

    def _drawn(self, places, scale=1):
        """The faces at these places."""
        image = Image.new("RGBA", (scale * _MAP, scale * _HEIGHT))
        frame, face = scale * _FRAME, scale * (_SIDE - 1 - 2 * _FRAME)
        colours = (255 * matplotlib.colormaps["tab20"](np.arange(len(self.shown)) % 20)[:, :3]).astype(int)
        corners = scale * (places - _SIDE / 2)
        for number, corner in enumerate(np.rint(corners).astype(int)):
            small = Image.fromarray(self.shown.reshape(-1, *self.shown.shape[2:])[number])
            small = small.resize((face, face), Image.Resampling.LANCZOS)
            colour = tuple(colours[number // self.shown.shape[1]])
            image.paste(ImageOps.expand(small, frame, colour), tuple(corner))
        return np.asarray(image)

    @house_style
    def _curve(self, looks, scale=1):
        """The verification error until one of the looks: (420, 400, 4) uint8, times scale."""
        figure = blank(_CURVE / 100, _HEIGHT / 100, dpi=100 * scale)
        axis = figure.add_axes((0.13, 0.13, 0.83, 0.76))
        steps, errors = np.array(self.history[:looks]).T
        axis.axhline(0.5, color=FAINT, linewidth=1.2)
        axis.text(self.steps, 0.495, "a coin", ha="right", va="top", fontsize=8.5)
        axis.plot(steps, errors, color=STYLE, linewidth=1.8)
        axis.plot(steps[-1:], errors[-1:], "o", color=STYLE, markersize=5, clip_on=False)
        axis.set(xlim=(0, self.steps), ylim=(0, 0.52))
        axis.set_yticks(np.arange(0, 0.6, 0.1), [f"{percent} %" for percent in range(0, 60, 10)])
        axis.set_title(f"step {steps[-1]:.0f}: {errors[-1]:.1%} of the pairs judged wrongly", fontsize=9, loc="left")
        axis.set_xlabel("steps", fontsize=8.5)
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(length=0, labelsize=8.5)
        figure.canvas.draw()
        return np.array(figure.canvas.buffer_rgba())


def flattened(encodings, before):
    """Encodings (n, d) on a plane, (n, 2): along their principal axes, turned so as to lie as they did before."""
    centred = encodings - encodings.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    flat = centred @ axes[:2].T
    if before is not None:
        # The nearest rotation or reflection (orthogonal Procrustes), or the map would flip from look to look.
        left, _, right = np.linalg.svd(flat.T @ before)
        flat = flat @ (left @ right)
    return flat


def apart(places, side, size):
    """Places (n, 2), moved so that squares around them do not overlap: each in turn to the nearest free place.

    places: the middles (x, y) of squares of `side`. size: (width, height) of the sheet that they stay on, with
    room for all of them at least twice over.
    """
    ways, taken = _ways(side // 6, *size), np.zeros((0, 2))
    low, high = side / 2, np.array(size) - side / 2
    for place in np.clip(places, low, high):
        for first in range(0, len(ways), 256):  # most find room near by
            some = place + ways[first : first + 256]
            fits = ((some >= low) & (some <= high)).all(axis=1)
            fits &= (np.abs(some[:, None] - taken) >= side).any(axis=2).all(axis=1)
            if fits.any():
                taken = np.vstack([taken, some[np.argmax(fits)]])
                break
    return taken


@cache
def _ways(step, width, height):
    """All ways (x, y) from a place to another on a sheet, in steps of so many pixels, the shortest first."""
    ways = (
        np.mgrid[-(width // step) : width // step + 1, -(height // step) : height // step + 1].reshape(2, -1).T * step
    )
    return ways[np.argsort((ways**2).sum(axis=1), kind="stable")]
