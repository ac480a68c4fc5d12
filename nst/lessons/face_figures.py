"""The figures of face-recognition, drawn by code. Nothing here is graded."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from PIL import Image

from nst.lessons.figures.colours import CONTENT, GREY, INK, PALE, PICTURE, STYLE
from nst.lessons.watch import Watch
from nst.networks.encoder import encode

__all__ = ["Watch", "at_the_door", "candidates", "distances", "faces", "pairs", "rocs", "siamese"]


def faces(pictures, titles=None, columns=12, size=1.0):
    """Show faces in rows.

    pictures: (96, 96, 3) uint8 each. titles: one above each face, if any. columns: faces in a row. size: inches of a
    face.
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

    entries: (picture, picture, caption) each; pictures are (96, 96, 3) uint8.
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

    first, second: (96, 96, 3) uint8. encoder: a Keras model, whose encodings are drawn as they are, a bar for each
    number.
    """
    figure, axis = plt.subplots(figsize=(10.5, 3.1))
    axis.set_xlim(0, 10.5)
    axis.set_ylim(0, 3.1)
    encodings = encode(encoder, np.stack([first, second]))
    arrow = {"arrowstyle": "-|>", "mutation_scale": 13, "color": GREY, "linewidth": 1.2}
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
    axis.annotate("", (3.25, 1.27), (3.25, 1.83), arrowprops={"arrowstyle": "-", "color": GREY, "linestyle": ":"})
    axis.text(3.4, 1.55, "the same weights", va="center", fontsize=9.5, color=GREY)
    distance = np.linalg.norm(encodings[0] - encodings[1])
    axis.text(9.5, 1.66, r"$\| f(x^{(1)}) - f(x^{(2)}) \|$", ha="center", va="bottom", fontsize=12, color=INK)
    axis.text(9.5, 1.48, f"{distance:.2f}", ha="center", va="top", fontsize=15, color=INK, fontweight="bold")
    axis.axis("off")
    figure.tight_layout(pad=0.1)
    plt.show()


def candidates(anchor, positive, negatives, distances, alpha, chosen=None):
    """Draw a triplet's candidates on a line of squared distances from the anchor.

    anchor, positive: (96, 96, 3) uint8. negatives: a list of such. distances: squared distances from the anchor, the
    positive's first, then those of the negatives. alpha: the margin. chosen: which negative is chosen, to be framed.
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
        axis.plot([x, x], [0, height], color=GREY, linewidth=0.8)
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

    panels: title -> (distances of the same resident, distances of different ones). thresholds: title -> threshold to
    mark in that panel.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(5.6 * len(panels), 2.6), squeeze=False)
    for axis, (title, (same, different)) in zip(axes[0], panels.items(), strict=True):
        edges = np.linspace(0, max(np.max(same), np.max(different)) * 1.02, 60)
        for values, colour, name in ((same, CONTENT, "the same resident"), (different, STYLE, "different ones")):
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

    curves: title -> (false accept rates, true accept rates), arrays from 0 to 1. marks: text -> (false accept rate,
    true accept rate) of a point to mark.
    """
    figure, axis = plt.subplots(figsize=(5.4, 4.6))
    axis.plot([0, 1], [0, 1], color=PALE, linewidth=1.2)
    axis.text(0.62, 0.585, "a coin", rotation=40, fontsize=9, color=GREY)
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

    visits: (card, face, answer, whether the door opens) each; the card is None where nobody shows one, the answer a
    text. columns: visits in a row.
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
