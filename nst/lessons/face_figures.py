"""The figures of face-recognition, drawn by code. Nothing here is graded."""

import textwrap

import numpy as np
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from PIL import Image

from nst.lessons.figures.colours import CONTENT, FAINT, INK, PICTURE, SLATE, STYLE, WHITE
from nst.lessons.figures.drawing import grid, house_style, show_figure
from nst.lessons.watch import Watch, apart
from nst.networks.encoder import encode

__all__ = ["Watch", "at_the_door", "candidates", "distances", "faces", "pairs", "rocs", "siamese"]

_FACE = 70  # room for a face in `candidates`, in hundredths of an inch


@house_style
def faces(pictures, alt, titles=None, columns=12, size=1.0):
    """Show faces in rows.

    pictures: (96, 96, 3) uint8 each. alt: what they show. titles: one above each face, if any. columns: faces in a
    row. size: inches of a face.
    """
    rows = -(-len(pictures) // columns)
    columns = min(columns, len(pictures))
    figure, axes = grid(size * columns, (size + (0.25 if titles else 0.0)) * rows, rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for number, (axis, picture) in enumerate(zip(axes.flat, pictures, strict=False)):
        axis.imshow(picture)
        if titles:
            axis.set_title(titles[number], fontsize=9.5, pad=3)
    figure.tight_layout(pad=0.15, h_pad=0.4)
    show_figure(figure, alt)


@house_style
def pairs(entries, alt):
    """Show pairs of faces, each with a caption below.

    entries: (picture, picture, caption) each; pictures are (96, 96, 3) uint8. alt: what they show; the captions are
    added to it.
    """
    figure, axes = grid(2.05 * len(entries), 1.45, 1, len(entries), squeeze=False)
    for axis, (first, second, caption) in zip(axes[0], entries, strict=True):
        gap = np.zeros((len(first), 3, 4), np.uint8)
        axis.imshow(np.concatenate([_opaque(first), gap, _opaque(second)], axis=1))
        axis.set_title(caption, y=-0.32, fontsize=9.5)
        axis.axis("off")
    figure.tight_layout(pad=0.3)
    captions = "; ".join(" ".join(caption.split()) for _, _, caption in entries)
    show_figure(figure, f"{alt} Their captions: {captions}.")


def _opaque(picture):
    """A picture (H, W, 3) with alpha, (H, W, 4) uint8."""
    return np.concatenate([picture, np.full((*picture.shape[:2], 1), 255, np.uint8)], axis=2)


@house_style
def siamese(first, second, encoder):
    """Draw how two pictures become a distance: one encoder, used twice.

    first, second: (96, 96, 3) uint8. encoder: a Keras model, whose encodings are drawn as they are, a bar for each
    number.
    """
    figure, axis = grid(10.5, 3.1)
    axis.set_xlim(0, 10.5)
    axis.set_ylim(0, 3.1)
    encodings = encode(encoder, np.stack([first, second]))
    arrow = {"arrowstyle": "-|>", "mutation_scale": 13, "color": INK, "linewidth": 1.2}
    for middle, picture, encoding in zip((2.35, 0.75), (first, second), encodings, strict=True):
        axis.add_artist(AnnotationBbox(OffsetImage(picture, zoom=0.95), (0.8, middle), frameon=False))
        axis.add_patch(FancyArrowPatch((1.5, middle), (2.25, middle), **arrow))
        axis.add_patch(
            FancyBboxPatch((2.4, middle - 0.42), 1.7, 0.84, boxstyle="round,pad=0.06", facecolor="none", edgecolor=INK)
        )
        axis.text(3.25, middle, "the encoder $f$", ha="center", va="center", fontsize=11)
        axis.add_patch(FancyArrowPatch((4.3, middle), (4.85, middle), **arrow))
        x = np.linspace(5, 7.7, len(encoding))
        bars = 0.55 * encoding / np.abs(encodings).max()
        axis.bar(x, bars, bottom=middle, width=(x[1] - x[0]) * 0.75, color=np.where(bars > 0, CONTENT, STYLE))
        axis.add_patch(FancyArrowPatch((7.9, middle), (8.55, 1.55 + 0.12 * np.sign(middle - 1.5)), **arrow))
    axis.annotate("", (3.25, 1.27), (3.25, 1.83), arrowprops={"arrowstyle": "-", "color": INK, "linestyle": ":"})
    axis.text(3.4, 1.55, "the same weights", va="center", fontsize=9.5)
    distance = np.linalg.norm(encodings[0] - encodings[1])
    axis.text(9.5, 1.66, r"$\| f(x^{(1)}) - f(x^{(2)}) \|$", ha="center", va="bottom", fontsize=12)
    axis.text(9.5, 1.48, f"{distance:.2f}", ha="center", va="top", fontsize=15, fontweight="bold")
    axis.axis("off")
    figure.tight_layout(pad=0.1)
    show_figure(
        figure,
        "Two pictures of a face go through one encoder, used twice with the same weights. It makes "
        f"{len(encodings[0])} numbers of each, drawn as bars. The distance between the two is {distance:.2f}.",
    )


@house_style
def candidates(anchor, positive, negatives, distances, alpha, chosen=None):
    """Draw a triplet's candidates on a line of squared distances from the anchor.

    anchor, positive: (96, 96, 3) uint8. negatives: a list of such. distances: squared distances from the anchor, the
    positive's first, then those of the negatives. alpha: the margin. chosen: which negative is chosen, to be framed.
    """
    near, *far = (float(distance) for distance in distances)
    figure, axis = grid(12, 4.2)
    right = max(max(far), near + alpha) * 1.04 + 0.02
    zones = {
        "too hard: nearer than the positive": (0, near, STYLE),
        "semi-hard": (near, near + alpha, PICTURE),
        "too easy: costs nothing": (near + alpha, right, SLATE),
    }
    for text, (start, end, colour) in zones.items():
        ends = [start + 0.004 * right, end - 0.004 * right]
        axis.plot(ends, [3.2, 3.2], color=colour, linewidth=5, solid_capstyle="butt")
        axis.text((start + end) / 2, 3.5, text, ha="center", va="center", fontsize=10)
    for end in (near, near + alpha):
        axis.plot([end, end], [0, 3.2], color=INK, linewidth=0.8, linestyle=":")
    axis.axhline(0, color=INK, linewidth=1)

    # Places of faces in hundredths of an inch, so that they can be laid beside one another; then back to the axes'.
    across, up = 1190 / (1.14 * right), 420 / 5.1
    order = np.argsort(far)
    places = np.array([[far[index] * across, _FACE / 2] for index in order])
    places = apart(places, _FACE, (1.0 * right * across, 2.8 * up)) / [across, up] + [0, 0.28]
    shown = [(positive, near, (near, -0.8), CONTENT)]
    for index, place in zip(order, places, strict=True):
        shown.append((negatives[index], far[index], tuple(place), PICTURE if index == chosen else WHITE))
    for face, x, place, frame in shown:
        axis.plot([x, place[0]], [0, place[1]], color=INK, linewidth=0.8, zorder=1)
        axis.plot(x, 0, "o", color=CONTENT if place[1] < 0 else STYLE, markersize=5, zorder=4)
        box = {"edgecolor": frame, "linewidth": 0.5 if frame == WHITE else 3.5, "boxstyle": "square,pad=0.02"}
        axis.add_artist(AnnotationBbox(OffsetImage(face, zoom=0.46), place, pad=0.0, bboxprops=box, zorder=5))
        if frame == PICTURE:
            label = {"facecolor": PICTURE, "edgecolor": "none", "pad": 1.5}
            axis.text(place[0], place[1] - 0.3, "chosen", ha="center", color=WHITE, fontsize=8.5, bbox=label, zorder=7)
    axis.text(near + 0.05 * right, -0.8, "the positive", va="center", fontsize=10)
    axis.add_artist(AnnotationBbox(OffsetImage(anchor, zoom=0.8), (-0.075 * right, 0), frameon=False))
    axis.text(-0.075 * right, -0.95, "the anchor", ha="center", va="top", fontsize=10)
    axis.set_xlim(-0.14 * right, right)
    axis.set_ylim(-1.5, 3.6)
    axis.set_yticks([])
    axis.set_xticks(np.arange(0, right, 0.2))
    axis.set_xlabel("squared distance from the anchor", fontsize=9.5)
    axis.tick_params(labelsize=9, length=0)
    axis.spines[:].set_visible(False)
    figure.tight_layout(pad=0.3)
    sentences = [f"Faces on a line of squared distances from the anchor. The positive lies at {near:.2f}."]
    for text, (start, end, _) in zones.items():
        inside = ", ".join(f"{x:.2f}" for x in sorted(far) if start <= x < end) or "nobody"
        sentences.append(f"“{text}” from {start:.2f} to {end:.2f}: {inside}.")
    if chosen is not None:
        sentences.append(f"The negative at {far[chosen]:.2f} is framed and marked as chosen.")
    show_figure(figure, " ".join(sentences))


@house_style
def distances(panels, thresholds=None):
    """Draw how distances of pairs are distributed, same resident and different ones, a panel for each way to measure.

    panels: title -> (distances of the same resident, distances of different ones). thresholds: title -> threshold to
    mark in that panel.
    """
    figure, axes = grid(5.6 * len(panels), 2.6, 1, len(panels), squeeze=False)
    sentences = []
    for axis, (title, both) in zip(axes[0], panels.items(), strict=True):
        same, different = (np.asarray(distances, float) for distances in both)
        edges = np.linspace(0, max(np.max(same), np.max(different)) * 1.02, 60)
        axis.hist(same, edges, color=CONTENT, alpha=0.7, label="the same resident")
        axis.hist(different, edges, histtype="step", linewidth=1.8, color=STYLE, label="different ones")
        sentences.append(
            f"{title}: half of the pairs of the same resident are nearer than {np.median(same):.3g}, half of those of "
            f"different ones nearer than {np.median(different):.3g}."
        )
        if thresholds and title in thresholds:
            threshold = thresholds[title]
            axis.axvline(threshold, color=INK, linewidth=1.2, linestyle="--")
            axis.text(threshold, 1.0, f" {threshold:.2f}", transform=axis.get_xaxis_transform(), fontsize=9.5)
            beyond, before = np.mean(same >= threshold), np.mean(different < threshold)
            sentences.append(
                f"{beyond:.0%} of the first lie past the mark at {threshold:.2f}, {before:.0%} of the second before."
            )
        axis.set_title(title, fontsize=11, loc="left", pad=12)
        axis.set_xlabel("distance of a pair", fontsize=9.5)
        axis.set_yticks([])
        axis.spines[["left", "top", "right"]].set_visible(False)
        axis.tick_params(length=0, labelsize=9.5)
    axes[0, 0].legend(frameon=False, fontsize=9.5)
    figure.tight_layout(pad=0.4, w_pad=2)
    show_figure(
        figure, f"Distances of pairs as two hills, of the same resident and of different ones. {' '.join(sentences)}"
    )


@house_style
def rocs(curves, marks=None):
    """Draw ROC curves: how many strangers get in, how many residents do.

    curves: title -> (false accept rates, true accept rates), arrays from 0 to 1. marks: text -> (false accept rate,
    true accept rate) of a point to mark.
    """
    figure, axis = grid(5.4, 4.6)
    axis.plot([0, 1], [0, 1], color=FAINT, linewidth=1.2)
    axis.text(0.62, 0.585, "a coin", rotation=40, fontsize=9.5)
    sentences = []
    styles = zip((CONTENT, STYLE, PICTURE, SLATE), ("-", "--", "-.", ":"), strict=True)
    for (title, (false, true)), (colour, line) in zip(curves.items(), styles, strict=False):
        axis.plot(false, true, color=colour, linewidth=2, linestyle=line, label=title, clip_on=False)
        in_ten = np.interp(0.1, false, true)
        sentences.append(f"{title}: {in_ten:.0%} of residents get in where 10% of strangers do.")
    for text, (false, true) in (marks or {}).items():
        axis.plot(false, true, "o", color=INK, markersize=6, zorder=4, clip_on=False)
        axis.annotate(text, (false, true), (12, -4), textcoords="offset points", fontsize=9.5, va="top")
        sentences.append(f"{text}: {false:.1%} of strangers get in, {true:.0%} of residents.")
    axis.set_xlabel("false accept rate: strangers who get in", fontsize=9.5)
    axis.set_ylabel("true accept rate: residents who get in", fontsize=9.5)
    axis.set_xlim(-0.01, 1)
    axis.set_ylim(0, 1.01)
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(length=0, labelsize=9.5)
    axis.legend(frameon=False, fontsize=10, loc="lower right")
    figure.tight_layout(pad=0.3)
    show_figure(figure, f"ROC curves, above the diagonal of a coin. {' '.join(sentences)}")


@house_style
def at_the_door(visits, columns=6):
    """Show visits: the card that is shown, the face at the door, and the answer below, marked ✓ where the door opens.

    visits: (card, face, answer, whether the door opens) each; the card is None where nobody shows one, the answer a
    text. columns: visits in a row.
    """
    rows = -(-len(visits) // columns)
    columns = min(columns, len(visits))
    inches = 1.45 if all(card is None for card, *_ in visits) else 2.05
    # Room for an answer below its picture: some fifteen letters an inch.
    answers = [_wrapped(f"{'✓' if opens else '✗'} {answer}", round(14 * inches)) for _, _, answer, opens in visits]
    lines = max(answer.count("\n") + 1 for answer in answers)
    figure, axes = grid(inches * columns, (1.55 + 0.16 * lines) * rows, rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    sentences = []
    for axis, shown, (card, face, answer, opens) in zip(axes.flat, answers, visits, strict=False):
        height, width = face.shape[:2]
        sheet, left = _opaque(face), 0
        if card is not None:  # a smaller picture, as on a card
            left = width + 6
            sheet = np.zeros((height, left + width, 4), np.uint8)
            sheet[:, left:] = _opaque(face)
            small = np.asarray(Image.fromarray(card).resize((round(width * 0.66), round(height * 0.66))))
            top, beside = (height - len(small)) // 2, (width - small.shape[1]) // 2
            sheet[top - 5 : top + len(small) + 5, beside - 5 : beside + small.shape[1] + 5] = (222, 222, 222, 255)
            sheet[top : top + len(small), beside : beside + small.shape[1]] = _opaque(small)
        axis.imshow(sheet)
        # An open door is a whole line, a shut one has a gap, and the mark says it too.
        colour, line = (PICTURE, "-") if opens else (STYLE, (0, (2, 1)))
        ends = [left, left + width - 1]
        axis.plot(ends, [height + 1, height + 1], color=colour, linewidth=4, linestyle=line, clip_on=False)
        axis.text(sheet.shape[1] / 2, height + 9, shown, ha="center", va="top", fontsize=9.5)
        sentences.append(f"“{' '.join(answer.split())}”, and the door {'opens' if opens else 'stays shut'}.")
    figure.tight_layout(pad=0.3, h_pad=0.6)
    cards = "" if all(card is None for card, *_ in visits) else ", beside the card that they show"
    show_figure(figure, f"Visits, {len(visits)} in all: a face at the door{cards}. {' '.join(sentences)}")


def _wrapped(text, letters):
    """The lines of a text, each broken where it has more letters than that."""
    return "\n".join(textwrap.fill(line, letters) for line in text.splitlines())
