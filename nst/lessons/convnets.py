"""What a unit of a convolutional network responds to: the machinery around the functions that you write.

A unit is one channel at one position; its channel holds the same filter at every position. Two ways to ask a channel
what it responds to are prepared here, both for nst_utils' VGG:

- look for the patches of pictures that excite it most (Zeiler and Fergus, "Visualizing and Understanding Convolutional
  Networks", 2014): `cut_pictures`, `activations`, `whole_windows`, `patch`;
- paint a picture that excites it (Erhan et al., "Visualizing Higher-Layer Features of a Deep Network", 2009; Simonyan,
  Vedaldi and Zisserman, "Deep Inside Convolutional Networks", 2014): `total_variation`, `maximise`.

`Strongest` asks in the first way for any layer, and `browse` puts both into widgets.
"""

import ipywidgets
import numpy as np
from PIL import Image

from nst.display import still
from nst.lessons.figures.gallery import Strip
from nst.lessons.knobs import painted, show_widgets
from nst.networks.vgg import LAYERS
from nst.painting import Phase, Together, paint
from nst.paths import IMAGES
from nst.pictures import MEANS, load_image, to_rgb
from nst.quiet import tf

#: The pictures that are cut: all of the course's own but for the small copies of two of them.
SOURCES = ["fluid", "impressionist", "lake", "mosaic", "pyramid", "starry", "tiles", "woodcut"]

#: Standard deviation of the grey levels, 0-255, that every cut is brought to, or as near as MOST_CHANGE allows.
CONTRAST, MOST_CHANGE = 62.0, 2.2

#: No colour has a value outside these once the mean colour is subtracted.
BOUNDS = (float(-MEANS.max()), float(255 - MEANS.min()))


def layers_below(layer):
    """Every layer of VGG-19 from the picture to `layer`, as a list of (kernel size, stride) of ints."""
    return [(3, 1) if name.startswith("conv") else (2, 2) for name in LAYERS[1 : LAYERS.index(layer) + 1]]


# The strongest patches


def cut_pictures(size):
    """The course's pictures cut into squares of `size` pixels that do not overlap: (n, size, size, 3) uint8.

    Every picture is cut twice: at a height of at least 300 pixels, and mirrored at two thirds of that. Pictures full
    of contrast excite every unit, so all squares are brought to about the same contrast.
    """
    squares = []
    height = max(300, 3 * size)
    for name in SOURCES:
        for picture in (
            load_image(IMAGES / f"{name}.jpg", height),
            load_image(IMAGES / f"{name}.jpg", height * 2 // 3)[:, ::-1],
        ):
            rows, columns = picture.shape[0] // size, picture.shape[1] // size
            top, left = (picture.shape[0] - rows * size) // 2, (picture.shape[1] - columns * size) // 2
            for row in range(top, top + rows * size, size):
                for column in range(left, left + columns * size, size):
                    squares.append(_even_contrast(picture[row : row + size, column : column + size]))
    return np.stack(squares)


def _even_contrast(picture):
    colour = picture.mean((0, 1))
    change = CONTRAST / max(1.0, picture.mean(2).std())
    change = np.clip(change, 1 / MOST_CHANGE, MOST_CHANGE)
    return np.clip(np.rint(colour + change * (picture - colour)), 0, 255).astype(np.uint8)


def activations(model, pictures, layer, batch=16):
    """A layer's activation for many pictures: (n, H, W, C) float32.

    pictures: (n, height, width, 3) uint8, as cut_pictures gives them.
    """
    parts = []
    for first in range(0, len(pictures), batch):
        normalised = np.float32(pictures[first : first + batch]) - MEANS
        parts.append(model.activations(normalised, [layer])[layer].numpy())
    return np.concatenate(parts)


def window(index, size, jump):
    """The first pixel of the window that position `index` of a layer sees; it has `size` pixels. May lie outside.

    size, jump: the layer's receptive field and the distance between two neighbours of the layer, in pixels. The
    window of position 0 has its middle where the first `jump` pixels have theirs, because the network pads both sides
    alike.
    """
    return index * jump - (size - jump) // 2


def whole_windows(activation, size, jump, side):
    """The activation with 0 wherever the window sticks out of the picture.

    At the border of a picture the network sees the padding, and answers to that edge rather than to the picture.

    activation: (n, H, W, C) or (n, H, W), of square pictures of `side` pixels; size, jump: see window.
    """
    first = window(np.arange(activation.shape[1]), size, jump)
    inside = ((first >= 0) & (first + size <= side)).astype(activation.dtype)
    mask = inside[:, None] * inside
    return activation * (mask if activation.ndim == 3 else mask[..., None])


def patch(picture, row, column, size, jump):
    """The pixels that the unit at (row, column) sees, (size, size, 3) uint8; grey where it looks past the border.

    picture: (height, width, 3) uint8; size, jump: see window.
    """
    padded = np.full((picture.shape[0] + 2 * size, picture.shape[1] + 2 * size, 3), np.rint(MEANS[0, 0]), np.uint8)
    padded[size:-size, size:-size] = picture
    top, left = window(row, size, jump) + size, window(column, size, jump) + size
    return padded[top : top + size, left : left + size]


# The painted picture


def total_variation(picture):
    """How much neighbouring pixels differ: the mean squared difference of those beside, plus that of those below.

    picture: tensor (1, H, W, 3). Returns a scalar tensor. Mahendran and Vedaldi, "Understanding Deep Image
    Representations by Inverting Them" (2015), smooth their pictures in this way, and add up where this takes a mean.
    """
    across = picture[:, :, 1:] - picture[:, :, :-1]
    down = picture[:, 1:] - picture[:, :-1]
    return tf.reduce_mean(tf.square(across)) + tf.reduce_mean(tf.square(down))


def maximise(cost, size=128, iterations=40, learning_rate=6.0, start=None, seed=0):
    """Paint a picture of size × size pixels with a low cost: (size, size, 3) uint8.

    cost: as nst.painting.paint takes it; size: 96 or more.
    iterations: steps at each of two sizes. The picture is painted small, enlarged and painted on, so that large forms
        come first.
    start: the picture to begin with, (height, width, 3) uint8, which is made smaller; faint noise when None.
    """
    small = 3 * size // 8
    if start is None:
        picture = np.random.default_rng(seed).normal(0, 10, (1, small, small, 3))
    else:
        picture = np.float32(start[None]) - MEANS
    generator = tf.random.Generator.from_seed(seed)
    with Together():  # an interrupt in the small size is one in the large size, too
        for side in (small, size):
            picture = tf.image.resize(picture, (side, side), method="bicubic", antialias=True)
            schedule = [Phase(0, learning_rate, BOUNDS)]
            picture = paint(_shifted(cost, side // 8, generator), picture, iterations=iterations, schedule=schedule)
    return to_rgb(picture)


def _shifted(cost, most, generator):
    """The cost of the picture shifted at random around its border, by up to `most` pixels and anew at every step.

    It leaves no room for patterns that fit only one grid of pixels (Mordvintsev, Olah and Tyka, "Inceptionism", 2015).
    """

    def cost_of_shifted(picture):
        return cost(tf.roll(picture, generator.uniform([2], -most, most + 1, tf.int32), [1, 2]))

    return cost_of_shifted


# Looking at many units


def montage(patches, side=180):
    """Nine patches as one picture, three rows of three on grey: (side, side, 3) uint8."""
    picture = np.full((side, side, 3), 190, np.uint8)
    lines = [place * (side - 2) // 3 for place in range(4)]  # two pixels wide
    for number, one in enumerate(patches[:9]):
        row, column = divmod(number, 3)
        cell = picture[lines[row] + 2 : lines[row + 1], lines[column] + 2 : lines[column + 1]]
        # Few pixels are shown as the squares they are.
        filter = Image.Resampling.NEAREST if len(one) < 16 else Image.Resampling.LANCZOS
        cell[:] = Image.fromarray(one).resize((cell.shape[1], cell.shape[0]), filter)
    return picture


def beside(nine, painted):
    """The nine patches of a montage and the picture painted for the same channel, side by side on grey, as high."""
    side = len(nine)
    enlarged = np.asarray(Image.fromarray(painted).resize((side, side), Image.Resampling.BICUBIC))
    return np.concatenate([nine, np.full((side, side // 40, 3), 190, np.uint8), enlarged], axis=1)


class Strongest:
    """The patches of the course's pictures that excite the channels of a network most.

    receptive_field, strongest: your functions. A layer's activation is computed once and kept until another layer is
    asked for.
    """

    def __init__(self, model, receptive_field, strongest):
        self._model, self._receptive_field, self._strongest = model, receptive_field, strongest
        self._layer = None

    def patches(self, layer, channel, count=9):
        """The patches that excite the channel most, strongest first: a list of (size, size, 3) uint8.

        They are fewer than `count` where the channel is silent on the other pictures.
        """
        self._look_at(layer)
        activation = self._activation[..., channel]
        places = [place for place in self._strongest(activation, count) if activation[tuple(place)] > 0]
        return [patch(self._pictures[picture], row, column, *self._field) for picture, row, column in places]

    def channels(self, layer):
        """How many channels the layer has."""
        self._look_at(layer)
        return self._activation.shape[-1]

    def _look_at(self, layer):
        if layer == self._layer:
            return
        size, jump = self._receptive_field(layers_below(layer))
        # A few windows more than one fit into every square, and never less than 48 pixels are worth a square.
        side = (size + 48) // 16 * 16
        self._pictures, self._field = cut_pictures(side), (size, jump)
        self._activation = whole_windows(activations(self._model, self._pictures, layer), size, jump, side)
        self._layer = layer


#: In the place of a picture that is not painted: a grey that is calm on a light page and on a dark one.
_NOT_YET = np.full((360, 360, 3), 128, np.uint8)


def browse(model, receptive_field, strongest, unit_cost, layer="conv3_3", channel=57):
    """Widgets to look at any channel: its nine patches, and on a button the picture that is painted for it.

    receptive_field, strongest, unit_cost: your functions. The last six channels that you have painted stay below, in a
    strip that is still there when the widgets are gone. Returns the box of the widgets.
    """
    library = Strongest(model, receptive_field, strongest)
    seen = LAYERS[: LAYERS.index("conv5_1") + 1]  # further on, windows become larger than the pictures
    layers = [name for name in model.layers if name.startswith("conv") and name in seen]
    wide = {"style": {"description_width": "60px"}, "layout": ipywidgets.Layout(width="420px")}
    choice = ipywidgets.Dropdown(options=layers, value=layer, description="layer", **wide)
    slider = ipywidgets.IntSlider(channel, 0, library.channels(layer) - 1, description="channel", **wide)
    slider.continuous_update = False
    button = ipywidgets.Button(description="Paint what it likes", button_style="primary")
    nine, painted_picture = ipywidgets.HTML(), ipywidgets.HTML()  # a widget for pictures has no alternative text
    words = ipywidgets.Label()
    strip = Strip("Channels: nine patches that excite each most, and where it was painted, what it likes.", 4.2, 3, 6)

    def show(*_):
        found = library.patches(choice.value, slider.value)
        name = f"{choice.value}, channel {slider.value}"
        nine.value = still(montage(found, 360), f"The patches that excite {name} most.").to_html()
        painted_picture.value = still(_NOT_YET, "Nothing is painted yet; the button paints it.").to_html()
        size, _ = receptive_field(layers_below(choice.value))
        many = {9: "the nine patches", 1: "only 1 patch", 0: "no patches"}.get(len(found), f"only {len(found)} patches")
        words.value = f"{name}: {many} of {size} × {size} pixels"

    def change_layer(*_):
        slider.max = library.channels(choice.value) - 1  # a value beyond it is brought down
        show()

    def paint_it(*_):
        button.disabled, before, how = True, words.value, []
        words.value = "Painting …"

        def both():
            picture, said = paint_for(unit_cost(model, choice.value, slider.value, 0.003))
            how.append(said)
            large = Image.fromarray(picture).resize((360, 360), Image.Resampling.BICUBIC)
            name = f"{choice.value}, channel {slider.value}"
            painted_picture.value = still(np.asarray(large), f"What {name} likes, painted.").to_html()
            return beside(montage(library.patches(choice.value, slider.value), 360), picture)

        said = painted(both, "unit_cost", f"{choice.value}, channel {slider.value}", strip)
        words.value, button.disabled = f"{before}; {how[0] if said == 'painted' else said}", False

    def paint_for(cost):
        picture, patches = maximise(cost), library.patches(choice.value, slider.value)
        if float(cost(tf.constant(picture[None] - MEANS))["unit"]) < 0:
            return picture, "painted from noise"
        if not patches:
            return picture, "silent on noise too"
        return maximise(cost, start=patches[0]), "silent on noise, so painted from its strongest patch"

    choice.observe(change_layer, "value")
    slider.observe(show, "value")
    button.on_click(paint_it)
    show()
    pictures = ipywidgets.HBox([nine, painted_picture], layout=ipywidgets.Layout(grid_gap="12px"))
    box = ipywidgets.VBox([choice, slider, button, words, pictures])
    show_widgets(box)
    strip[f"{layer}, channel {channel}"] = beside(montage(library.patches(layer, channel), 360), _NOT_YET)
    return box
