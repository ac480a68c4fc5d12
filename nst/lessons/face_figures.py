"""The figures of face-recognition, drawn by code, and the film of a training. Nothing here is graded."""

import io
import sys

import matplotlib.pyplot as plt
import numpy as np
import tqdm
import tqdm.notebook
from IPython import get_ipython
from IPython.display import Image as NotebookImage
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from PIL import Image, ImageOps

from nst.lessons.figures import CONTENT, INK, PALE, PICTURE, STYLE, display_film
from nst.lessons.verification import pair_distances, verification_accuracy
from nst.networks.encoder import encode

SAME, DIFFERENT = CONTENT, STYLE
_GREY = "#8b8579"
_MAP, _CURVE, _HEIGHT = 540, 400, 420  # of what Watch draws, in CSS pixels


def faces(pictures, titles=None, columns=12, size=1.0):
    """Show faces in rows.

    Parameters
    ----------
    pictures : list of arrays (96, 96, 3) of uint8
    titles : list of str, optional
        One above each face.
    columns : int
        Faces in a row.
    size : float
        Inches of a face.
    """
    rows = -(-len(pictures) // columns)
    columns = min(columns, len(pictures))
    figure, axes = plt.subplots(
        rows, columns, figsize=(size * columns, (size + (0.25 if titles else 0.0)) * rows), squeeze=False
    )
    for axis in axes.flat:
        axis.axis("off")
    for number, (axis, picture) in enumerate(zip(axes.flat, pictures, strict=False)):
        axis.imshow(picture)
        if titles:
            axis.set_title(titles[number], fontsize=9.5, color=INK, pad=3)
    figure.tight_layout(pad=0.15, h_pad=0.4)
    plt.show()


def pairs(entries):
    """Show pairs of faces, each with a caption below.

    Parameters
    ----------
    entries : list of (picture, picture, str)
        Pictures are arrays (96, 96, 3) of uint8.
    """
    figure, axes = plt.subplots(1, len(entries), figsize=(2.05 * len(entries), 1.45), squeeze=False)
    for axis, (first, second, caption) in zip(axes[0], entries, strict=True):
        gap = np.full((len(first), 3, 3), 255, np.uint8)
        axis.imshow(np.concatenate([first, gap, second], axis=1))
        axis.set_title(caption, y=-0.32, fontsize=9.5, color=INK)
        axis.axis("off")
    figure.tight_layout(pad=0.3)
    plt.show()


def siamese(first, second, encoder):
    """Draw how two pictures become a distance: one encoder, used twice.

    Parameters
    ----------
    first, second : arrays (96, 96, 3) of uint8
    encoder : Keras model
        Its encodings are drawn as they are, a bar for each number.
    """
    figure, axis = plt.subplots(figsize=(10.5, 3.1))
    axis.set_xlim(0, 10.5)
    axis.set_ylim(0, 3.1)
    encodings = encode(encoder, np.stack([first, second]))
    arrow = {"arrowstyle": "-|>", "mutation_scale": 13, "color": _GREY, "linewidth": 1.2}
    for middle, picture, encoding in zip((2.35, 0.75), (first, second), encodings, strict=True):
        axis.add_artist(AnnotationBbox(OffsetImage(picture, zoom=0.95), (0.8, middle), frameon=False))
        axis.add_patch(FancyArrowPatch((1.5, middle), (2.25, middle), **arrow))
        axis.add_patch(
            FancyBboxPatch((2.4, middle - 0.42), 1.7, 0.84, boxstyle="round,pad=0.06", facecolor=PALE, edgecolor="none")
        )
        axis.text(3.25, middle, "the encoder $f$", ha="center", va="center", fontsize=11, color=INK)
        axis.add_patch(FancyArrowPatch((4.3, middle), (4.85, middle), **arrow))
        x = np.linspace(5, 7.7, len(encoding))
        bars = 0.55 * encoding / np.abs(encodings).max()
        axis.bar(x, bars, bottom=middle, width=(x[1] - x[0]) * 0.75, color=np.where(bars > 0, CONTENT, STYLE))
        axis.add_patch(FancyArrowPatch((7.9, middle), (8.55, 1.55 + 0.12 * np.sign(middle - 1.5)), **arrow))
    axis.annotate("", (3.25, 1.27), (3.25, 1.83), arrowprops={"arrowstyle": "-", "color": _GREY, "linestyle": ":"})
    axis.text(3.4, 1.55, "the same weights", va="center", fontsize=9.5, color=_GREY)
    distance = np.linalg.norm(encodings[0] - encodings[1])
    axis.text(9.5, 1.66, r"$\| f(x^{(1)}) - f(x^{(2)}) \|$", ha="center", va="bottom", fontsize=12, color=INK)
    axis.text(9.5, 1.48, f"{distance:.2f}", ha="center", va="top", fontsize=15, color=INK, fontweight="bold")
    axis.axis("off")
    figure.tight_layout(pad=0.1)
    plt.show()


def candidates(anchor, positive, negatives, distances, alpha, chosen=None):
    """Draw a triplet's candidates on a line of squared distances from the anchor.

    Parameters
    ----------
    anchor, positive : arrays (96, 96, 3) of uint8
    negatives : list of such arrays
    distances : sequence of float
        Squared distances from the anchor: the positive's, then those of the negatives.
    alpha : float
        The margin.
    chosen : int, optional
        Which negative is chosen, to be framed.
    """
    near, *far = distances
    figure, axis = plt.subplots(figsize=(12, 3.5))
    right = max(max(far), near + alpha) * 1.04 + 0.02
    zones = [
        (0, near, "#f6e3db", "too hard: nearer than the positive"),
        (near, near + alpha, "#dcebdc", "semi-hard"),
        (near + alpha, right, "white", "too easy: costs nothing"),
    ]
    for start, end, colour, text in zones:
        axis.axvspan(start, end, color=colour, linewidth=0)
        axis.text((start + end) / 2, 2.55, text, ha="center", va="center", fontsize=10, color=INK)
    axis.axhline(0, color=INK, linewidth=1)
    level = {index: 0.6 + 0.8 * (rank % 2) for rank, index in enumerate(np.argsort(far))}
    shown = [(positive, near, -0.78, CONTENT)]
    for index, (face, x) in enumerate(zip(negatives, far, strict=True)):
        shown.append((face, x, level[index], PICTURE if index == chosen else "white"))
    for face, x, height, frame in shown:
        axis.plot([x, x], [0, height], color=_GREY, linewidth=0.8)
        axis.plot(x, 0, "o", color=CONTENT if height < 0 else STYLE, markersize=5, zorder=4)
        box = {"edgecolor": frame, "linewidth": 0.5 if frame == "white" else 3.5, "boxstyle": "square,pad=0.02"}
        axis.add_artist(AnnotationBbox(OffsetImage(face, zoom=0.5), (x, height), pad=0.0, bboxprops=box, zorder=5))
    axis.text(near + 0.05 * right, -0.78, "the positive", va="center", fontsize=10, color=INK)
    axis.add_artist(AnnotationBbox(OffsetImage(anchor, zoom=0.8), (-0.075 * right, 0), frameon=False))
    axis.text(-0.075 * right, -0.95, "the anchor", ha="center", va="top", fontsize=10, color=INK)
    axis.set_xlim(-0.14 * right, right)
    axis.set_ylim(-1.5, 2.85)
    axis.set_yticks([])
    axis.set_xticks(np.arange(0, right, 0.2))
    axis.set_xlabel("squared distance from the anchor", fontsize=9.5, color=INK)
    axis.tick_params(labelsize=8.5, length=0)
    axis.spines[:].set_visible(False)
    figure.tight_layout(pad=0.3)
    plt.show()


def distances(panels, thresholds=None):
    """Draw how distances of pairs are distributed, same resident and different ones, a panel for each way to measure.

    Parameters
    ----------
    panels : dict
        Title → (distances of the same resident, distances of different ones).
    thresholds : dict, optional
        Title → threshold to mark in that panel.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(5.6 * len(panels), 2.6), squeeze=False)
    for axis, (title, (same, different)) in zip(axes[0], panels.items(), strict=True):
        edges = np.linspace(0, max(np.max(same), np.max(different)) * 1.02, 60)
        for values, colour, name in ((same, SAME, "the same resident"), (different, DIFFERENT, "different ones")):
            axis.hist(values, edges, color=colour, alpha=0.65, label=name)
        if thresholds and title in thresholds:
            axis.axvline(thresholds[title], color=INK, linewidth=1.2, linestyle="--")
            axis.text(
                thresholds[title], 1.0, f" {thresholds[title]:.2f}", transform=axis.get_xaxis_transform(), fontsize=9
            )
        axis.set_title(title, fontsize=11, color=INK, loc="left", pad=12)
        axis.set_xlabel("distance of a pair", fontsize=9, color=INK)
        axis.set_yticks([])
        axis.spines[["left", "top", "right"]].set_visible(False)
        axis.tick_params(length=0, labelsize=9)
    axes[0, 0].legend(frameon=False, fontsize=9.5)
    figure.tight_layout(pad=0.4, w_pad=2)
    plt.show()


def rocs(curves, marks=None):
    """Draw ROC curves: how many strangers get in, how many residents do.

    Parameters
    ----------
    curves : dict
        Title → (false accept rates, true accept rates), arrays from 0 to 1.
    marks : dict, optional
        Text → (false accept rate, true accept rate) of a point to mark.
    """
    figure, axis = plt.subplots(figsize=(5.4, 4.6))
    axis.plot([0, 1], [0, 1], color=PALE, linewidth=1.2)
    axis.text(0.62, 0.585, "a coin", rotation=40, fontsize=9, color=_GREY)
    for (title, (false, true)), colour in zip(curves.items(), (CONTENT, STYLE, PICTURE, "#7a5195"), strict=False):
        axis.plot(false, true, color=colour, linewidth=2, label=title, clip_on=False)
    for text, (false, true) in (marks or {}).items():
        axis.plot(false, true, "o", color=INK, markersize=6, zorder=4, clip_on=False)
        axis.annotate(text, (false, true), (12, -4), textcoords="offset points", fontsize=9.5, color=INK, va="top")
    axis.set_xlabel("false accept rate: strangers who get in", fontsize=9.5, color=INK)
    axis.set_ylabel("true accept rate: residents who get in", fontsize=9.5, color=INK)
    axis.set_xlim(-0.01, 1)
    axis.set_ylim(0, 1.01)
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(length=0, labelsize=9)
    axis.legend(frameon=False, fontsize=10, loc="lower right")
    figure.tight_layout(pad=0.3)
    plt.show()


def at_the_door(visits, columns=6):
    """Show visits: the card that is shown, the face at the door, and the answer below.

    Parameters
    ----------
    visits : list of (picture or None, picture, str, bool)
        Card (None where nobody shows one), face, answer, and whether the door opens.
    columns : int
        Visits in a row.
    """
    rows = -(-len(visits) // columns)
    columns = min(columns, len(visits))
    inches = 1.45 if all(card is None for card, *_ in visits) else 2.05
    figure, axes = plt.subplots(rows, columns, figsize=(inches * columns, 1.72 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, (card, face, answer, opens) in zip(axes.flat, visits, strict=False):
        height, width = face.shape[:2]
        sheet, left = face, 0
        if card is not None:  # a smaller picture, as on a card
            left = width + 6
            sheet = np.full((height, left + width, 3), 255, np.uint8)
            sheet[:, left:] = face
            small = np.asarray(Image.fromarray(card).resize((round(width * 0.66), round(height * 0.66))))
            top, beside = (height - len(small)) // 2, (width - small.shape[1]) // 2
            sheet[top - 5 : top + len(small) + 5, beside - 5 : beside + small.shape[1] + 5] = 222
            sheet[top : top + len(small), beside : beside + small.shape[1]] = small
        axis.imshow(sheet)
        colour = PICTURE if opens else "#b4452f"
        ends = [left, left + width - 1]
        axis.plot(ends, [height + 1, height + 1], color=colour, linewidth=4, solid_capstyle="butt", clip_on=False)
        axis.text(sheet.shape[1] / 2, height + 9, answer, ha="center", va="top", fontsize=9, color=INK)
    figure.tight_layout(pad=0.3, h_pad=0.6)
    plt.show()


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
        notebook = getattr(get_ipython(), "kernel", None) is not None
        self._place = display(display_id=True) if notebook else None
        bar = tqdm.notebook.tqdm if notebook else tqdm.tqdm
        self._bar = bar(
            total=self.steps, desc="Training", file=sys.stdout, disable=False if notebook else None, dynamic_ncols=True
        )
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
        self._maps.append(_flattened(encodings, self._maps[-1] if self._maps else None))
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
        axis.text(self.steps, 0.495, "a coin", ha="right", va="top", fontsize=8, color=_GREY)
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


def _flattened(encodings, before):
    """Encodings (n, d) on a plane, (n, 2): along their principal axes, turned so as to lie as they did before."""
    centred = encodings - encodings.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    flat = centred @ axes[:2].T
    if before is not None:
        # The nearest rotation or reflection (orthogonal Procrustes), or the map would flip from look to look.
        left, _, right = np.linalg.svd(flat.T @ before)
        flat = flat @ (left @ right)
    return flat
