"""Pictures that come one after another: a cell that paints several shows each as soon as it is there."""

import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nst.display import checked_alt, still
from nst.lessons.figures.colours import INK
from nst.painting import Together
from nst.progress import progress_bar, say

_SHOWN, _DRAWN = 76, 114  # pixels of an inch, as it is shown and as it is drawn: a painting has no fine letters


class Gallery:
    """Pictures side by side that appear as they are made, with a progress bar, in a with block.

        with figures.Gallery(3, "A palace, painted with stones of three sizes.") as gallery:
            for scale in (0.5, 1, 2):
                gallery[f"scale {scale:g}"] = paint_with(palace, Style(mosaic, scale=scale))

    An interrupt ends the block, and what was finished stays. The painting under way comes last, and its title says how
    far it came; before its first step there is none, and the noise that it would begin with is not shown.

    count: how many pictures there will be. alt: what they show, for those who do not see it. width: inches per picture.
    columns: pictures in a row; all of them when None. paintings: how many paintings it takes, if not one a picture.
    what: what goes on, beside the bar.

    pictures: title -> picture, (H, W, 3) uint8, so far.
    """

    def __init__(self, count, alt, *, width=4.2, columns=None, paintings=None, what="Painting"):
        self.count, self.what, self.paintings = count, what, paintings
        self._strip = Strip(alt, width, columns or count, count)
        self._block = Together(self._move)

    @property
    def pictures(self):
        return dict(self._strip.pictures)

    def __enter__(self):
        self._bar = progress_bar(self.count if self.paintings is None else self.paintings, self.what)
        self._block.__enter__()
        return self

    def add(self, pictures):
        """Several pictures, (title -> picture), of which the last was painted just now."""
        *others, (title, picture) = pictures.items()
        for other in others:
            self._strip.pictures.append(other)
        self[title] = picture

    def __setitem__(self, title, picture):
        self._strip.pictures.append((self._block.titled(title), picture))
        self._strip.show()
        self._block.painted = False
        if self._block.stopped:
            raise KeyboardInterrupt
        self._move(0 if self.paintings is None else 1)

    def __exit__(self, kind, error, traceback):
        self._block.__exit__()
        self._bar.close()
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        if interrupted:
            say(f"Interrupted with {len(self._strip.pictures)} of {self.count} pictures.")
        return interrupted

    def _move(self, share):
        """Move the bar: `share` of the painting under way is done."""
        before = len(self._strip.pictures) if self.paintings is None else self._block.begun - 1
        self._bar.update(min(before + share, self._bar.total) - self._bar.n)


class Strip:
    """Pictures side by side, in one output that grows: strip["a title"] = picture.

    It is an output like any other, so it is there wherever the notebook is read, long after the kernel has gone.

    alt: what they show. width: inches per picture. columns: pictures in a row. most: of more, the last ones are shown.

    pictures: a list of (title, picture), so far.
    """

    def __init__(self, alt, width, columns, most):
        self.alt, self.width, self.columns, self.most = checked_alt(alt), width, columns, most
        self.pictures = []
        self._place = None

    def __setitem__(self, title, picture):
        """One more picture at the end; what is made again under the same title comes there alone."""
        self.pictures = [(other, made) for other, made in self.pictures if other != title]
        self.pictures.append((title, picture))
        self.show()

    def show(self):
        """Show the last of the pictures, in the place of what was shown before."""
        shown = self.pictures[-self.most :]
        pixels = _drawn(shown, min(self.columns, len(shown)), self.width)
        titles = "; ".join(title.replace("\n", ", ") for title, _ in shown)
        picture = still(pixels, f"{self.alt} The pictures: {titles}.", pixels.shape[1] * _SHOWN / _DRAWN)
        if self._place is None:
            self._place = display(picture, display_id=True)
        else:
            self._place.update(picture)


def _drawn(pictures, columns, width, gap=0.08):
    """The pictures in rows: (H, W, 4) uint8. The gap, in inches, is between them and their titles.

    It is drawn anew for each picture that comes, so nothing is drawn twice to find a layout.
    """
    rows = -(-len(pictures) // columns)
    lines = 1 + max(title.count("\n") for title, _ in pictures)
    shapes = [np.shape(picture) for _, picture in pictures]
    heights = [max(width * h / w for h, w, *_ in shapes[columns * row : columns * (row + 1)]) for row in range(rows)]
    title = 0.17 * lines + gap
    across, down = (width + gap) * columns, sum(heights) + (title + gap) * rows
    figure = Figure(figsize=(across, down), facecolor="none", dpi=_DRAWN)
    canvas = FigureCanvasAgg(figure)
    for number, (words, picture) in enumerate(pictures):
        row, column = divmod(number, columns)
        bottom = down - sum(heights[: row + 1]) - (title + gap) * row - title
        place = ((width + gap) * column / across, bottom / down, width / across, heights[row] / down)
        axis = figure.add_axes(place, anchor="N")
        axis.imshow(picture, cmap="gray")
        axis.set_title(words, fontsize=11 if lines == 1 else 9.5, color=INK, pad=3)
        axis.axis("off")
    canvas.draw()
    return np.array(canvas.buffer_rgba())
