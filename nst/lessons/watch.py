"""How a training of the encoder goes, live and as a film."""

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image as NotebookImage
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageOps

from nst.lessons.figures.colours import GREY, INK, PALE, STYLE
from nst.lessons.figures.films import display_film
from nst.lessons.verification import pair_distances, verification_accuracy
from nst.networks.encoder import encode
from nst.progress import in_notebook, progress_bar

_MAP, _CURVE, _HEIGHT = 540, 400, 420  # of what Watch draws, in CSS pixels


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
            file = io.BytesIO()
            Image.fromarray(picture).save(file, "PNG", compress_level=2)
            self._place.update(NotebookImage(file.getvalue(), format="png", width=picture.shape[1] // 2))

    def film(self, between=2):
        """Show the training as a film. between: frames from one look to the next; the map glides."""
        frames = []
        for number, after in enumerate(self._maps):
            curve = self._curve(number + 1)
            before = self._maps[max(number - 1, 0)]
            for share in np.linspace(0, 1, between + 1)[1:] if number else [1]:
                frames.append(np.concatenate([self._drawn((1 - share) * before + share * after), curve], 1))
        display_film(frames, [110] * (len(frames) - 1) + [2500], frames[0].shape[1])

    def map(self, step, scale=1):
        """The map of a step at which it looked: (420, 540, 3) uint8, times scale."""
        return self._drawn(self._maps[[known for known, _ in self.history].index(step)], scale)

    def _drawn(self, places, scale=1):
        """The faces at these places."""
        width, height, face, frame = (scale * length for length in (_MAP, _HEIGHT, 38, 3))
        image = Image.new("RGB", (width, height), "white")
        reach = max(np.abs(places).max() for places in self._maps)
        room = np.array([width, height]) / 2 - face / 2 - 2 * frame
        colours = (255 * plt.cm.tab20(np.arange(len(self.shown)) % 20)[:, :3]).astype(int)
        for number, (x, y) in enumerate((np.array([width, height]) / 2 + room * places / reach).astype(int)):
            small = Image.fromarray(self.shown.reshape(-1, *self.shown.shape[2:])[number])
            small = small.resize((face, face), Image.Resampling.LANCZOS)
            colour = tuple(colours[number // self.shown.shape[1]])
            image.paste(ImageOps.expand(small, frame, colour), (x - face // 2 - frame, y - face // 2 - frame))
        return np.asarray(image)

    def _curve(self, looks, scale=1):
        """The verification error until one of the looks: (420, 400, 3) uint8, times scale."""
        figure = Figure(figsize=(_CURVE / 100, _HEIGHT / 100), dpi=100 * scale)
        canvas, axis = FigureCanvasAgg(figure), figure.add_axes((0.13, 0.13, 0.83, 0.76))
        steps, errors = np.array(self.history[:looks]).T
        axis.axhline(0.5, color=PALE, linewidth=1.2)
        axis.text(self.steps, 0.495, "a coin", ha="right", va="top", fontsize=8, color=GREY)
        axis.plot(steps, errors, color=STYLE, linewidth=1.8)
        axis.plot(steps[-1:], errors[-1:], "o", color=STYLE, markersize=5, clip_on=False)
        axis.set(xlim=(0, self.steps), ylim=(0, 0.52))
        axis.set_yticks(np.arange(0, 0.6, 0.1), [f"{percent} %" for percent in range(0, 60, 10)])
        axis.set_title(
            f"step {steps[-1]:.0f}: {errors[-1]:.1%} of the pairs judged wrongly", fontsize=9, color=INK, loc="left"
        )
        axis.set_xlabel("steps", fontsize=8.5, color=INK)
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(length=0, labelsize=8)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3]


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
