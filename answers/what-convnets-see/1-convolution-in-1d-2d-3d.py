# %% [markdown]
# # 1. Convolution in one, two and three dimensions
#
# A convolutional network is mostly one idea, used again and again: a small **filter** slides over something large and answers, at every place, how much that place looks like the filter. In this
# notebook you build that idea for signals. Then you meet it again, unchanged, in pictures and in films.
#
# | notebook | you write | points |
# |---|---|---|
# | **1 · convolution in 1D, 2D, 3D** | `output_shape`, `convolve_1d` | 25 |
# | 2 · what a unit responds to | `receptive_field`, `strongest`, `unit_cost` | 25 |
#
# You need NumPy and about 45 minutes. Everything runs offline, on a laptop without a graphics card. Run each cell with Shift+Enter, from top to bottom. When you see `# YOUR CODE HERE`, it is your turn.

# %%
import numpy as np

from nst.checks.what_convnets_see import check
from nst.lessons import figures
from nst.lessons.predictions import predict, reveal
from nst.paths import IMAGES
from nst.quiet import tf
from nst_utils import load_image

# %config InlineBackend.figure_format = "retina"

# %% [markdown]
# ## 1.1 A filter slides
#
# Fourteen numbers: low, a step up, high, a step down, low. The filter below has five. Watch it slide.

# %% tags=["explore"]
predict("the hilltop", "?")

# %% tags=["explore"]
fourteen = np.array([1, 1, 1, 1, 2, 5, 6, 6, 6, 5, 2, 1, 1, 1], "float32")
edge = np.array([-1, -1, 0, 1, 1], "float32")
answers = np.array([fourteen[at : at + 5] @ edge for at in range(10)])
figures.sliding_filter(fourteen, edge, answers)

# %% tags=["explore"]
reveal("the hilltop")

# %% [markdown]
# At each place, five numbers of the signal meet the five of the filter. They are multiplied in pairs and added up. That is all.
#
# On the hilltop, where the signal is as high on the right as on the left, the answer is 0: the minus ones cancel the plus ones. Where it rises the answer is positive, where it falls it is negative, and the steeper, the stronger. So this filter finds **edges**.
# Another filter would find something else, and *which* filters are useful is what a network learns.
#
# Count the answers: fourteen numbers went in, ten came out. You will always want to know such things beforehand.

# %% [markdown]
# ## 1.2 Exercise: `output_shape`
#
# **Why.** A network is a chain of layers, and the shape that leaves one enters the next. Whoever can't predict shapes designs networks by trial and error.
#
# **Two choices** change how many places there are. The **stride** $s$: the filter moves on by $s$ entries at a time. The **padding** $p$: that many zeros are laid beyond *both* ends of each axis, so that
# the filter can look over the border.

# %%
steps = [(1, 0), (1, 1), (2, 0), (3, 1)]
figures.filter_positions(8, 3, {f"stride {s}, padding {p}": (s, p) for s, p in steps})

# %% [markdown]
# Each orange bar is a place where the filter fits. With stride 1 and padding 1 there are as many as entries: a filter of 3 keeps the length. In the last two cases an entry is left over, in one of them a zero of the padding: the filter does not fit there any more, and nothing is computed for it.
#
# **The formula.** An axis of length $n$, a filter of length $f$ along it:
#
# $$\left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1$$
#
# $\lfloor \cdot \rfloor$ rounds down. Read it like this: the padded axis has $n + 2p$ entries; the filter can move on by at most $n + 2p - f$ of them; that makes so many whole steps; and there is one more place than there are steps.
#
# **The shapes.** The axes of positions come first, the **channels** last: red, green and blue in a picture, or one channel in a plain signal. A filter covers a piece of the positions and *all* channels, and sums everything to one number. So the
# channels of the input disappear. But a layer has many filters, each fills one channel of the result, and so the last entry of its shape is the **number of filters**.
#
# | | input | filters | result |
# |---|---|---|---|
# | a signal | 14 × 1 | 16 of 5 × 1 | 10 × 16 |
# | a picture | 14 × 14 × 3 | 16 of 5 × 5 × 3 | 10 × 10 × 16 |
# | a volume | 14 × 14 × 14 × 1 | 16 of 5 × 5 × 5 × 1 | 10 × 10 × 10 × 16 |
#
# **Your task** (10 points, about 10 minutes): write `output_shape`, for one, two or three axes of positions. Stride and padding are the same along every axis.

# %% nbgrader={"grade": false, "grade_id": "output_shape", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_shape(input_shape, filter_shape, filters, stride=1, padding=0):
    """Predict the shape of what a convolution gives.

    Arguments:
    input_shape -- tuple of ints: the length of each axis of positions, then the channels; (14, 14, 3), for instance
    filter_shape -- tuple of ints of the same length: one filter, such as (5, 5, 3)
    filters -- how many filters there are
    stride -- how far the filter moves on at a time, along every axis
    padding -- how many zeros lie beyond each end of every axis of positions

    Returns:
    shape -- tuple of ints: the positions along each axis, then the channels

    Hint: zip(input_shape[:-1], filter_shape[:-1]) pairs the axes of positions; // rounds down.
    """
    ### BEGIN SOLUTION
    axes = zip(input_shape[:-1], filter_shape[:-1], strict=True)
    positions = [(n + 2 * padding - f) // stride + 1 for n, f in axes]
    return (*positions, filters)
    ### END SOLUTION


# %% [markdown]
# Run the check as often as you like. It compares your value with a stored one, and names what went wrong where it can.

# %% nbgrader={"grade": true, "grade_id": "test_output_shape", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(output_shape)

# %% nbgrader={"grade": true, "grade_id": "hidden_output_shape", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: the same rule, other shapes.
### BEGIN HIDDEN TESTS
from nst.checks.what_convnets_see import compare

compare(output_shape, (300, 400, 3), (3, 3, 3), 64, padding=1, expected=(300, 400, 64))
compare(output_shape, (227, 225, 3), (11, 7, 3), 96, stride=4, expected=(55, 55, 96))
compare(output_shape, (1000, 12), (21, 12), 32, stride=5, padding=3, expected=(198, 32))
compare(output_shape, (32, 112, 113, 3), (5, 7, 4, 3), 40, stride=2, padding=2, expected=(16, 55, 57, 40))
### END HIDDEN TESTS

# %% [markdown]
# **What you should remember**
# - Positions: $\lfloor (n + 2p - f) / s \rfloor + 1$ along every axis. Channels: as many as there are filters.
# - Padding counts twice, because an axis has two ends.

# %% [markdown]
# ## 1.3 Exercise: `convolve_1d`
#
# **Why.** A few lines of code, and you know what `Conv1D` does: no mystery is left.
#
# **The formula.** The signal is $x$, padded with $p$ rows of zeros at both ends; the filters are $w$. At position $i$, filter $k$ gives
#
# $$y_{ik} = \sum_{j=0}^{f-1} \sum_{c} x_{\,s \cdot i + j,\; c} \; w_{jck}$$
#
# The window that begins at entry $s \cdot i$ meets the filter, entry by entry, over all channels $c$.
#
# **A word about the name.** In mathematics, convolution turns the filter round before it slides: $x_{\,s \cdot i - j}$. What you see above, without the flip, mathematicians call *cross-correlation*. Deep learning calls it convolution all the same, and
# TensorFlow, PyTorch and this course do too. A network doesn't mind: its filters are learnt, and it would learn them the other way round. But `np.convolve` flips, so don't be surprised when its answer differs.
#
# **The shapes.** `signal` is $(n, channels)$, `kernels` is $(f, channels, filters)$, and the result is $(positions, filters)$. Your `output_shape` knows how many positions there are.
#
# **Your task** (15 points, about 15 minutes): write `convolve_1d` with NumPy. A loop over positions is fine.

# %% nbgrader={"grade": false, "grade_id": "convolve_1d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convolve_1d(signal, kernels, stride=1, padding=0):
    """Slide filters over a signal; the filters are not flipped.

    Arguments:
    signal -- array of shape (n, channels); it is not changed
    kernels -- array of shape (f, channels, filters)
    stride -- how far the filters move on at a time
    padding -- how many rows of zeros to lay beyond each end of the signal

    Returns:
    result -- array of shape (positions, filters)

    Hints:
    - np.pad(signal, ((padding, padding), (0, 0))) pads the first axis, and no other
    - for one window and all filters at once: np.tensordot(window, kernels, axes=2), or np.einsum
    """
    ### BEGIN SOLUTION
    padded = np.pad(signal, ((padding, padding), (0, 0)))
    f, _, filters = kernels.shape
    positions = (len(padded) - f) // stride + 1
    result = np.zeros((positions, filters), np.float32)
    for i in range(positions):
        window = padded[stride * i : stride * i + f]
        result[i] = np.tensordot(window, kernels, axes=2)
    return result
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_convolve_1d", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check(convolve_1d)

# %% nbgrader={"grade": true, "grade_id": "hidden_convolve_1d", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other signals, strides and paddings.
### BEGIN HIDDEN TESTS
from nst.checks.what_convnets_see import compare

random = np.random.default_rng(71)
sizes = [(14, 5, 1, 16, 1, 0), (23, 4, 3, 2, 3, 2), (9, 9, 2, 5, 2, 1), (40, 6, 4, 3, 5, 4)]
for n, f, channels, filters, stride, padding in sizes:
    signal = random.normal(size=(n, channels)).astype("float32")
    kernels = random.normal(size=(f, channels, filters)).astype("float32")
    starts = range(-padding, n + padding - f + 1, stride)
    expected = np.zeros((len(starts), filters))
    for i, start in enumerate(starts):
        for j in range(f):
            if 0 <= start + j < n:
                expected[i] += signal[start + j].astype("float64") @ kernels[j]
    given = {"stride": (stride, 1), "padding": (padding, 0)}
    options = {name: value for name, (value, default) in given.items() if value != default}
    compare(convolve_1d, signal, kernels, expected=expected, **options)
### END HIDDEN TESTS

# %% [markdown]
# **A signal with a meaning.** Below is something like an electrocardiogram, the voltage of a beating heart, drawn by a few lines of code. Each beat has a sharp spike and some gentle hills. Real recordings also drift, as the patient breathes, and hum.

# %% tags=["explore"]
predict("the drift", "?")

# %% tags=["explore"]
RATE = 100  # samples per second


def heart(seconds=8.0, beats_per_minute=66, seed=2):
    """An electrocardiogram of its own kind: (samples, 1), with drift and noise."""
    random = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    voltage = 0.45 * np.sin(2 * np.pi * 0.21 * t) + random.normal(0, 0.035, len(t))
    waves = [(-0.19, 0.13, 0.030), (-0.035, -0.12, 0.011), (0, 1.0, 0.013), (0.036, -0.24, 0.012)]
    waves += [(0.24, 0.27, 0.050)]
    beat = 0.35
    while beat < seconds:
        for delay, height, width in waves:
            voltage += height * np.exp(-0.5 * ((t - beat - delay) / width) ** 2)
        beat += 60 / beats_per_minute * random.normal(1, 0.04)
    return voltage[:, None].astype("float32")


ecg = heart()
rise = np.array([-1, -1, -1, 0, 1, 1, 1], "float32") / 3
smooth = np.ones(7, "float32") / 7
kernels = np.stack([rise, smooth], axis=1)[:, None]
result = convolve_1d(ecg, kernels, padding=3)

print("signal", ecg.shape, "  two filters", kernels.shape, "  result", result.shape)
rising, smoothed = result.T
middle = rising[1:-1]
is_peak = (middle > 0.5 * rising.max()) & (middle >= rising[:-2]) & (middle >= rising[2:])
rises = np.flatnonzero(is_peak) + 1
curves = {
    "the signal": ecg[:, 0],
    "a filter of ones: the noise is gone, and the spikes suffer": smoothed,
    "an edge filter: the drift is gone": rising,
}
figures.curves(
    curves,
    RATE,
    "Three curves over the same seconds. The signal drifts up and down, noisy, with a spike for each heartbeat. The filter of "
    "ones leaves the drift and flattens the spikes. The edge filter leaves a level line with a peak at each beat, marked.",
    marks=rises,
)
print(f"{len(rises)} steep rises; {60 * RATE / np.mean(np.diff(rises)):.0f} beats per minute")

# %% tags=["explore"]
reveal("the drift")

# %% [markdown]
# The edge filter's numbers sum to 0, so whatever is constant, or nearly so, gives nothing: the drift has gone. What is left stands out so clearly that a threshold counts the heartbeats. (The rise at the very end is none: there the filter meets the zeros of the padding.) The filter of ones does the opposite: it keeps the drift, and takes away the noise.
# Both came from one call, as two channels.
#
# **And now the case of the table:** 14 × 1, with 16 filters of 5 × 1. Here are sixteen waves, from slow to fast. Your shape rule, your convolution and TensorFlow should agree.

# %% tags=["explore"]
waves = np.stack([np.cos(np.pi * k / 16 * (np.arange(5) - 2)) for k in range(16)], axis=1)
waves = waves[:, None].astype("float32")
mine = convolve_1d(fourteen[:, None], waves)
theirs = tf.nn.conv1d(fourteen[None, :, None], waves, stride=1, padding="VALID")[0].numpy()
print("predicted", output_shape((14, 1), (5, 1), 16), "  yours", mine.shape, "  TensorFlow's", theirs.shape)
print("largest difference", np.abs(mine - theirs).max())

# %% [markdown]
# TensorFlow wants a batch axis in front, hence `[None]` and `[0]`. Its `"VALID"` means padding 0. Its `"SAME"` chooses the padding so that stride 1 keeps the length.
#
# **What you should remember**
# - Convolution: multiply a window and a filter, add up, move on.
# - A filter finds what looks like itself. If its numbers sum to 0, it ignores what is constant.
# - In deep learning nothing is flipped.

# %% [markdown]
# ## 1.4 Two dimensions: pictures
#
# In a picture the filter slides along two axes, and nothing else is new. This picture has only 14 × 14 pixels (it is a bit of a tile), and the filter 5 × 5, in three colours.

# %%
def bars(size=5, angles=8):
    """Sixteen filters of size × size × 3: edges in eight directions, from black to white and from blue to yellow."""
    y, x = np.mgrid[:size, :size] - size // 2
    round_edges = np.exp(-(x**2 + y**2) / 4.0)
    kernels = []
    for colour in ([1, 1, 1], [1, 1, -1]):
        for angle in np.arange(angles) * 2 * np.pi / angles:
            side = np.tanh(x * np.cos(angle) + y * np.sin(angle)) * round_edges
            kernels.append(side[..., None] * np.array(colour))
    kernels = np.stack(kernels, axis=-1)
    return (kernels / np.abs(kernels).sum((0, 1, 2))).astype("float32")


def conv_2d(picture, kernels, stride=1, padding=0):
    """TensorFlow's convolution of one picture (H, W, channels)."""
    padded = np.pad(picture, ((padding, padding), (padding, padding), (0, 0)))
    return tf.nn.conv2d(padded[None], kernels, stride, "VALID")[0].numpy()


tile = load_image(IMAGES / "tiles.jpg", 75)
small = tile[18:32, 18:32]
sixteen = bars()
result = conv_2d(small / np.float32(255), sixteen)
print("predicted", output_shape((14, 14, 3), (5, 5, 3), 16), "  TensorFlow's", result.shape)

# %% tags=["explore"]
figures.sliding_window(
    small,
    sixteen[..., 2],
    result[..., 2],
    "A film. A window of 5 × 5 moves over a picture of 14 × 14 pixels, row by row, and fills a map of 10 × 10 with red where "
    "the picture gets brighter downwards, and with blue where it gets darker.",
)

# %% [markdown]
# Red is a strong answer, blue one of opposite sign, white is none. A filter of 5 × 5 × 3 looks at 75 numbers to give one. Here is the whole layer, sixteen such filters, each above the channel that it makes:

# %% tags=["explore"]
predict("opposite filters", "?")

# %%
figures.filters(
    sixteen,
    result,
    small,
    "The input, and sixteen small filters above their maps. The upper eight go from dark to bright in eight directions, the "
    "lower eight from blue to yellow. Four places apart, the maps have red and blue exchanged.",
)

# %% tags=["explore"]
reveal("opposite filters")

# %% [markdown]
# In the upper row each filter looks for light on one side and dark on the other, in eight directions. In the lower one it looks for yellow against blue. Filters that are opposite, four places apart, give maps of opposite sign. The same tile gives sixteen different maps, 10 × 10 × 16 numbers in all.
#
# **Edges of a large picture.** Now two filters of 5 × 5, over a whole palace. Before you run the cell: what are the shapes with stride 1, and with stride 4 and padding 2?

# %% tags=["explore"]
predict("steps of four", "?")

# %% tags=["explore"]
palace = load_image(IMAGES / "pyramid.jpg", 300)
across_and_down = sixteen[..., [0, 2]]
for stride, padding in [(1, 0), (4, 2)]:
    edges = conv_2d(palace / np.float32(255), across_and_down, stride, padding)
    predicted = output_shape(palace.shape, (5, 5, 3), 2, stride, padding)
    print(f"stride {stride}, padding {padding}: predicted {predicted}, found {edges.shape}")
    upright, level = np.sqrt(np.abs(edges[..., 0])), np.sqrt(np.abs(edges[..., 1]))
    figures.show(
        {"the palace": palace, "upright edges": upright, "level edges": level},
        f"The palace, and two maps of its edges at stride {stride}: columns and sides of windows; ledges, roofs and the rim of "
        "the pool.",
        width=4.2,
    )

# %% tags=["explore"]
reveal("steps of four")

# %% [markdown]
# The first map has the columns and the sides of windows, the second the ledges, the roofs and the rim of the pool. With stride 4 about a sixteenth of the numbers is left, and you can still tell what it is. The bright line along the top is no edge of the palace: it is where the zeros of the padding meet the sky. That is why networks use strides, or pooling: less to compute, and the next filter sees more
# of the picture at once. How much more? That is the first exercise of the next notebook.

# %% [markdown]
# ## 1.5 Three dimensions: films
#
# Give the filter a third axis, and it slides through a volume: slices of a body in medicine, or a film, where the third axis is time. A filter of 5 × 5 × 5 sees five frames at once. So it can see something that no single frame shows: **motion**.
#
# Here are sixteen filters for sixteen directions. Each is a spot that moves through its five frames, minus its mean. (One channel, because the film is grey.)

# %% tags=["explore"]
predict("the wrong way", "?")

# %% tags=["explore"]
DIRECTIONS = np.arange(16) * 2 * np.pi / 16


def spot(frames, height, width, at, angle, speed=1.0, radius=1.1):
    """A clip (frames, height, width) of a spot that moves straight on; at: (row, column) in the middle frame."""
    t, y, x = np.mgrid[:frames, :height, :width].astype("float32")
    t -= frames // 2
    row, column = at[0] + speed * np.sin(angle) * t, at[1] + speed * np.cos(angle) * t
    return np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * radius**2))


motions = np.stack([spot(5, 5, 5, (2, 2), angle) for angle in DIRECTIONS], axis=-1)[..., None, :]
motions -= motions.mean((0, 1, 2), keepdims=True)
clip = spot(14, 14, 14, (7, 7), DIRECTIONS[2], speed=0.8)[..., None]
answer = tf.nn.conv3d(clip[None], motions, [1] * 5, "VALID")[0].numpy()
print("predicted", output_shape((14, 14, 14, 1), (5, 5, 5, 1), 16), "  TensorFlow's", answer.shape)
figures.directions(
    clip[..., 0],
    motions[..., 0, :],
    answer.max((0, 1, 2)),
    "A spot that moves to the right and down; four filters, frame by frame, each a spot that moves another way; and sixteen "
    "bars in a circle, the longest to the right and down, the shortest opposite.",
)

# %% tags=["explore"]
reveal("the wrong way")

# %% [markdown]
# On the left all frames of the clip are laid over one another, the late ones brighter: the spot moves to the right and down. On the right each bar is a filter, and its length is the strongest answer that the filter gives anywhere. The longest is the one whose spot moves as the spot in the clip does. The
# opposite filters answer less, though they see the same spot at the same places, only in the wrong order.
#
# **Many dots at once.** Forty dots, each in a direction of its own. The filters slide through the whole film, and every dot is given the colour of the filter that answers most at its place. You find the colours on the wheel: bright to the right, dark to the left, yellow down, blue up.

# %% tags=["explore"]
random = np.random.default_rng(8)
film = np.zeros((36, 72, 108), "float32")
for _ in range(40):
    at = random.uniform(0, [72, 108])
    film = np.maximum(film, spot(*film.shape, at, random.choice(DIRECTIONS)))
padded = np.pad(film, 2)[None, ..., None]
found = tf.nn.conv3d(padded, motions, [1] * 5, "VALID")[0].numpy()
predicted = output_shape((*film.shape, 1), (5, 5, 5, 1), 16, padding=2)
print("film", film.shape, "  with padding 2, predicted", predicted, "  found", found.shape)
figures.motion(  # the first and last two frames look past the ends of the film
    film[2:-2],
    found[2:-2],
    "Two films side by side. On the left forty white dots move in all directions. On the right each has the colour of its "
    "direction, which a wheel in the corner explains: bright to the right, dark to the left, yellow down, blue up.",
)

# %% [markdown]
# No dot was tracked, and no frame was compared with another by hand. A convolution did it, with the same filters at every place and at every time. Only where two dots meet is it confused for a moment.
#
# **What you should remember**
# - One, two or three axes of positions: the same sum, the same rule for shapes.
# - A filter covers all channels at once, and slides along none of them.
# - What a filter responds to is drawn in its numbers. In the first layer you can look at them. Further on you can't, and the next notebook shows you what to do instead.
#
# **Things to try**
# - `heart(beats_per_minute=110)`: is the count right? And with 0.2 in place of 0.035, which is more noise? At 66 beats, an edge filter with five ones on either side (and padding 5) helps.
# - `convolve_1d(ecg, rise[::-1, None, None], padding=3)`: what does a flipped edge filter find?
# - Let two spots cross in the clip.
#
# Save this notebook, then go on to [2-what-a-unit-responds-to](2-what-a-unit-responds-to.ipynb).
#
# **Where to read on**
# - Vincent Dumoulin, Francesco Visin: *A guide to convolution arithmetic for deep learning*, 2016, [arXiv:1603.07285](https://arxiv.org/abs/1603.07285).
