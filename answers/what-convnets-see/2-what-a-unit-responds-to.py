# %% [markdown]
# # 2. What a unit responds to
#
# In the first notebook you could look at a filter's numbers and see what it finds. In a deep network that works for the first layer only: further on, a filter's numbers are about other filters' answers. So you ask differently. You show the network many pictures, and see when a filter is excited. Then you turn the question
# round, and let the filter paint.
#
# A network's channel holds one filter's answers at all positions. One of these numbers, a channel at one position, is called a **unit**.
#
# You need notebook 1, a little calculus, and about an hour.

# %%
import numpy as np

from nst.painting import paint
from nst.checks.what_convnets_see import check
from nst.lessons import convnets, figures
from nst.lessons.predictions import predict, reveal
from nst.paths import IMAGES
from nst.progress import progress
from nst.quiet import tf
from nst.weights import EMBEDDED
from nst_utils import load_image, load_vgg_model, reshape_and_normalize_image, to_rgb

# %config InlineBackend.figure_format = "retina"

model = load_vgg_model(EMBEDDED)

# %% [markdown]
# ## 2.1 The network
#
# It is VGG-19 (Simonyan and Zisserman, 2015, [arXiv:1409.1556](https://arxiv.org/abs/1409.1556)), a network that was trained to tell a thousand kinds of things apart, dogs and teapots and volcanoes. You use its convolutions: five blocks of layers with filters of 3 × 3, padding 1 and stride 1, and after each block a pooling
# of 2 × 2 with stride 2.

# %%
figures.network(model, style=["conv1_1", "conv2_2", "conv3_3", "conv4_2", "conv5_1"])

# %% [markdown]
# The taller a slab, the more positions; the wider, the more channels. You will look into the five orange layers, one of each block, whose names are bold.
#
# **This is the small version** that comes with the course: as deep as VGG-19, about a quarter as wide, and taught by two networks that know ImageNet, VGG-19 and SqueezeNet, to answer as they do (`pretrained-model/README.md` tells how). Its poolings take the mean of four numbers, where the original takes the largest. The numbers of the units in this notebook belong to this file, so it is loaded
# by name. Everything else works with the full VGG-19 too.
#
# ## 2.2 Exercise: `receptive_field`
#
# **Why.** Which pixels can a unit see at all? A unit in the first layer sees 3 × 3 of them. A unit in the second sees 3 × 3 units of the first, and so a little more of the picture, and so on. What a unit can see is its **receptive field**. You need its size to cut out what excited
# a unit. It can be computed, so nobody has to guess.

# %% tags=["explore"]
predict("ten pixels or more", "?")

# %%
figures.cone([(3, 1), (3, 1), (2, 2), (3, 1)])

# %% tags=["explore"]
reveal("ten pixels or more")

# %% [markdown]
# The orange unit at the top sees ten pixels. One axis is enough, because height and width behave alike. Look at the row of the pooling, kernel 2 and stride 2: its units are two pixels apart, and everything above it moves in steps of two. So there are two numbers to keep: the **size** of the window, and the **jump**, the distance in pixels between two neighbours.
#
# **The formula.** Start with a pixel: size $r = 1$, jump $j = 1$. Each layer, with kernel size $k$ and stride $s$, adds $k - 1$ neighbours to the window, each of them $j$ pixels further. Then it makes the jump larger:
#
# $$r \leftarrow r + (k - 1) \, j \qquad \text{and then} \qquad j \leftarrow j \, s$$
#
# The order matters: a layer's own stride moves its output apart. Its kernel lies on its input.
#
# **The shapes.** `layers` is a list of pairs (kernel size, stride), from the picture on; poolings are layers too. The result is a pair of whole numbers.
#
# **Your task** (10 points, about 10 minutes): write `receptive_field`.

# %% nbgrader={"grade": false, "grade_id": "receptive_field", "locked": false, "schema_version": 3, "solution": true, "task": false}
def receptive_field(layers):
    """Compute how many pixels a unit sees, and how far its neighbour's window is from its own.

    Arguments:
    layers -- list of (kernel size, stride), from the picture to the unit's layer

    Returns:
    size -- the length of the window in pixels, along one axis
    jump -- the distance in pixels between the windows of two neighbours
    """
    ### BEGIN SOLUTION
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size, jump
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_receptive_field", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(receptive_field)

# %% nbgrader={"grade": true, "grade_id": "hidden_receptive_field", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other networks.
### BEGIN HIDDEN TESTS
from nst.checks.what_convnets_see import compare

alexnet = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)]
compare(receptive_field, alexnet, expected=(195, 32))
compare(receptive_field, [(7, 2), (3, 2), (3, 1), (3, 1), (3, 2), (3, 1)], expected=(51, 8))
compare(receptive_field, [(2, 3), (4, 2), (1, 5), (6, 1)], expected=(161, 30))
### END HIDDEN TESTS

# %% [markdown]
# Does the network obey? Ask it. Take one unit from the middle of a layer, and compute the gradient of its activation with respect to every pixel. A pixel that the unit cannot see has gradient 0.

# %% tags=["explore"]
predict("inside the window", "?")

# %% tags=["explore"]
lake = load_image(IMAGES / "lake.jpg", (192, 192))
x = tf.constant(reshape_and_normalize_image(lake))
gradients, windows = {}, []
for layer in ["conv2_2", "conv3_3", "conv4_2", "conv5_1"]:
    with tf.GradientTape() as tape:
        tape.watch(x)
        activation = model.activations(x, [layer])[layer]
        row = column = activation.shape[1] // 2
        at_one_position = tf.reduce_sum(activation[0, row, column])
    gradient = np.abs(tape.gradient(at_one_position, x)[0]).sum(-1)
    rows = np.flatnonzero(gradient.sum(1))
    size, jump = receptive_field(convnets.layers_below(layer))
    top, left = convnets.window(row, size, jump), convnets.window(column, size, jump)
    windows.append((top, left, size))
    gradients[layer] = gradient
    predicted, found = f"{size:3} pixels from row {top:3} on", f"{len(rows):3} from row {rows[0]:3} on"
    print(f"{layer}: predicted {predicted}, found {found}; jump {jump}")
figures.influence(
    lake,
    gradients,
    windows,
    "The lake with nested squares around its middle. Beside it a map for each layer, dark but for a spot in the square, bright "
    "in its middle: small for the first layers, and wider the deeper the layer.",
)

# %% tags=["explore"]
reveal("inside the window")

# %% [markdown]
# The white squares are your prediction. Nothing outside them matters, not even a little. Inside, the middle matters most: many ways through the layers lead there, and few to the corners (Luo et al., 2016, [arXiv:1701.04128](https://arxiv.org/abs/1701.04128)). By block 5, a unit sees most of this picture.
#
# **What you should remember**
# - Windows grow by addition, $(k - 1)$ jumps a layer. Jumps grow by multiplication.
# - Small filters see far if there are many layers, and further after each pooling.

# %% [markdown]
# ## 2.3 Exercise: `strongest`
#
# **Why.** To learn what a channel responds to, Zeiler and Fergus (2014, [arXiv:1311.2901](https://arxiv.org/abs/1311.2901)) put the validation pictures of ImageNet through a network, and looked at the nine places where a channel was excited most. Whatever the nine have in common is what the channel finds.
#
# **The pictures** here are the course's own, cut into squares in two sizes, one of them mirrored, and brought to about the same contrast (else the boldest picture would win everywhere). Each square counts as a picture of its own, and for each you get a map of activations. Neighbours in a map see nearly the same pixels, so if you
# just took the nine largest numbers, you would see one place nine times. The rule: **at most one place of each picture.**
#
# **The recipe**
# 1. In every picture, find the position with the largest activation. Where several are equal, take the first, reading row by row.
# 2. Sort the pictures by it, largest first. Where two are equal, the picture with the lower number comes first.
# 3. Return the first `count` as triples (picture, row, column). If there are fewer pictures, return all of them.
#
# **The shapes.** `activation` is $(n, H, W)$: one channel, $n$ pictures.
#
# **Your task** (5 points, about 10 minutes): write `strongest`.

# %% nbgrader={"grade": false, "grade_id": "strongest", "locked": false, "schema_version": 3, "solution": true, "task": false}
def strongest(activation, count):
    """Find the places that excite a channel most, at most one in each picture.

    Arguments:
    activation -- array of shape (n, H, W), one channel's activation for n pictures
    count -- how many places to return

    Returns:
    places -- list of (picture, row, column), strongest first

    Hints:
    - np.argmax of a map counts along the rows; np.unravel_index turns that number into row and column
    - np.argsort(-values, kind="stable") sorts from large to small, and keeps the order of equal ones
    """
    ### BEGIN SOLUTION
    order = np.argsort(-activation.max(axis=(1, 2)), kind="stable")
    return [
        (int(picture), *map(int, np.unravel_index(activation[picture].argmax(), activation.shape[1:])))
        for picture in order[:count]
    ]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_strongest", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(strongest)

# %% nbgrader={"grade": true, "grade_id": "hidden_strongest", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other activations, some of them equal.
### BEGIN HIDDEN TESTS
from nst.checks.what_convnets_see import compare

random = np.random.default_rng(73)
for n, H, W, count in [(12, 5, 8, 9), (7, 6, 3, 4), (3, 4, 4, 9)]:
    tied = (random.integers(-9, 5, size=(n, H, W)) / 2).astype("float32")
    best = []
    for picture in range(n):
        places = [(picture, row, column) for row in range(H) for column in range(W)]
        entries = [(-tied[place], *place) for place in places]
        best.append(min(entries))
    compare(strongest, tied, count, expected=[place[1:] for place in sorted(best)[:count]])
### END HIDDEN TESTS

# %% [markdown]
# Now cut. For each of the five layers, `convnets.Strongest` computes the activations of all squares, sets to 0 what looks over a square's border, asks *your* `strongest` for the nine places, and cuts each as large as *your* `receptive_field` says. Three channels of each layer:

# %% tags=["explore"]
predict("nine patches", "?")

# %% tags=["explore"]
UNITS = {
    "conv1_1": [2, 3, 16],
    "conv2_2": [17, 32, 44],
    "conv3_3": [26, 31, 57],
    "conv4_2": [30, 46, 85],
    "conv5_1": [39, 73, 105],
}
PATCHES = {  # for those who do not see them
    "conv1_1": "Red; bright on the left of dark; bright above dark.",
    "conv2_2": "Dark upright bars; slanting lines; red, gold and yellow on blue or white.",
    "conv3_3": "Level ripples and bands; gold beside dark or blue; small stones, a red disc, poppies.",
    "conv4_2": "Clouds and soft bands; poppies, stones and a red sun; windows in rows, and tiles.",
    "conv5_1": "Façades and a jetty; clouds, a jetty and bubbles; a meadow, roofs and water.",
}

library = convnets.Strongest(model, receptive_field, strongest)
nine = {}
for layer, channels in progress(UNITS.items(), "Looking"):
    size, _ = receptive_field(convnets.layers_below(layer))
    row = {}
    for channel in channels:
        nine[layer, channel] = convnets.montage(library.patches(layer, channel))
        row[f"{layer}, channel {channel}: {size} × {size}"] = nine[layer, channel], None
    figures.units(row, f"Nine patches for each of three channels of {layer}. {PATCHES[layer]}")

# %% tags=["explore"]
reveal("nine patches")

# %% [markdown]
# Go down row by row.
#
# - **Block 1** sees 3 × 3 pixels: a colour, or an edge in one direction.
# - **Block 2** sees 14 × 14: a dark upright bar, a slanting line, something warm on something cold.
# - **Block 3** sees 40 × 40: textures. Level ripples, gold beside something dark or blue, mosaic stones.
# - **Block 4** sees 84 × 84: clouds and soft bands; red things, small or large; windows in rows, or what looks like them on a tile.
# - **Block 5** sees 156 × 156. The first channel likes façades. But what do the nine of the second have in common, or those of the third? Keep the question.
#
# Nine patches tell you where a channel was excited, but not by *what* in the patch. And they can only show what is in your pictures. A channel that waits for something you never show it will stay a riddle.
#
# **What you should remember**
# - Nine patches that excite one channel, and what they share, are the simplest explanation of a unit.
# - From block to block: edges and colours, textures, parts of things.

# %% [markdown]
# ## 2.4 Exercise: `unit_cost`
#
# **Why.** Now the other way round. Don't look for a picture that excites the channel: *make* one. Start from noise, and change every pixel a little, in the direction that makes the channel's activation larger. Do that again, and again. The network's weights stay as they are; **the pixels are what is learnt**. It is called
# activation maximisation (Erhan et al., 2009; Simonyan et al., 2014, [arXiv:1312.6034](https://arxiv.org/abs/1312.6034)), and all painting in this course works in the same way.
#
# **The formula.** $a_{hwc}(x)$ is the layer's activation for the picture $x$, with $H \times W$ positions; $c$ is the channel. What is painted is made *small*, so the cost begins with a minus:
#
# $$J(x) = \underbrace{- \frac{1}{HW} \sum_{h, w} a_{hwc}(x)}_{\text{unit}} \; + \; \underbrace{\lambda \; TV(x)}_{\text{tv}}$$
#
# The second term is there because pixels are many and easily led: with the first alone, they find fine glittering patterns that excite the channel and mean nothing to you. $TV(x)$, the total variation, measures how much neighbouring pixels differ:
#
# $$TV(x) = \mathrm{mean}\left((x_{i,j+1} - x_{i,j})^2\right) + \mathrm{mean}\left((x_{i+1,j} - x_{i,j})^2\right)$$
#
# It is given: `convnets.total_variation(picture)`.
#
# **Where this deviates.** Simonyan et al. maximise one class score and hold the pixels near 0 with $\lambda \lVert x \rVert^2$; Erhan et al. maximise one unit with $\lVert x \rVert$ fixed. Here it is the mean over a channel, so the picture fills with what the channel likes, and $TV$ keeps it smooth (Mahendran and Vedaldi, 2015, [arXiv:1412.0035](https://arxiv.org/abs/1412.0035), who sum
# where this takes a mean).
#
# **The shapes.** `picture` is $(1, height, width, 3)$, the layer's activation is $(1, H, W, C)$. What you return is a *function* of the picture; it returns three scalars.
#
# **Your task** (10 points, about 10 minutes): write `unit_cost`.

# %% nbgrader={"grade": false, "grade_id": "unit_cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unit_cost(model, layer, channel, tv_weight):
    """Make the cost that falls as a channel is excited.

    Arguments:
    model -- the network; model.activations(picture, [layer]) gives a dict from layer name to activation
    layer -- the layer's name
    channel -- the channel's number, from 0
    tv_weight -- a float, lambda in the formula

    Returns:
    cost -- a function of a picture (1, height, width, 3) that returns {"total": ..., "unit": ..., "tv": ...}, scalars:
        unit is minus the mean activation, tv the weighted total variation, total their sum

    Hint: tf.reduce_mean and convnets.total_variation; only TensorFlow's functions can be differentiated.
    """
    ### BEGIN SOLUTION

    def cost(picture):
        activation = model.activations(picture, [layer])[layer]
        unit = -tf.reduce_mean(activation[..., channel])
        tv = tv_weight * convnets.total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_unit_cost", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(unit_cost)

# %% nbgrader={"grade": true, "grade_id": "hidden_unit_cost", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: the real network and a tiny one, other layers and channels.
### BEGIN HIDDEN TESTS
from nst.checks.what_convnets_see import SmallNetwork, compare

random = np.random.default_rng(75)
kernel, picture = random.normal(size=(3, 4)).astype("float32"), random.normal(size=(1, 5, 7, 3)).astype("float32")
unit = -(np.float64(picture) @ kernel)[..., 2].mean()
tv = 0.4 * sum((np.diff(np.float64(picture), axis=axis) ** 2).mean() for axis in (1, 2))
compare(unit_cost, SmallNetwork({"near": kernel}), "near", 2, 0.4, picture, expected=(unit, tv, unit + tv))

for layer, channel, tv_weight in [("conv1_1", 3, 0.02), ("conv2_2", 17, 0.5), ("conv3_3", 57, 0.001)]:
    picture = random.uniform(-90, 90, size=(1, 40, 36, 3)).astype("float32")
    unit = -np.float64(model.activations(picture, [layer])[layer])[..., channel].mean()
    differences = [np.diff(np.float64(picture), axis=axis) for axis in (1, 2)]
    tv = tv_weight * sum((difference**2).mean() for difference in differences)
    compare(unit_cost, model, layer, channel, tv_weight, picture, expected=(unit, tv, unit + tv))
### END HIDDEN TESTS

# %% [markdown]
# ## 2.5 Let it paint
#
# `nst.painting.paint` takes your cost and a picture to start from, and takes the steps. First ten steps, to see that it works: the total should fall, and the unit with it.

# %% tags=["explore"]
noise = np.random.default_rng(0).normal(0, 10, (1, 96, 96, 3)).astype("float32")


def report(i, costs, picture):
    if i in (0, 1, 5, 9):
        print(f"step {i:3}   " + "   ".join(f"{name} {float(value):8.3f}" for name, value in costs.items()))


paint(unit_cost(model, "conv4_2", 46, 0.003), noise, iterations=10, learning_rate=6.0, callback=report);

# %% [markdown]
# Now longer, and look in on it on the way. The channel is that of the red things.

# %% tags=["explore"]
inside = [(0, 6.0, convnets.BOUNDS)]  # no pixel gets darker than black or lighter than white
excited = []


def keep(i, costs, picture):
    excited.append(-float(costs["unit"]))
    if i + 1 in (5, 15, 40):
        gallery[f"after {i + 1} steps: {excited[-1]:.1f}"] = to_rgb(picture)


with figures.Gallery(
    5,
    "Five pictures on the way: noise, then red and orange dots, brighter and more like flowers from one to the next.",
    width=2.5,
    paintings=1,
) as gallery:
    gallery["noise"] = to_rgb(noise)
    picture = paint(unit_cost(model, "conv4_2", 46, 0.003), noise, iterations=120, schedule=inside, callback=keep)
    gallery[f"the last: {excited[-1]:.1f}"] = to_rgb(picture)

# %% [markdown]
# Nobody told it what to paint. The number is the channel's mean activation, and it grows from picture to picture. What is $\lambda$ good for? Paint once without it, and once with far too much:

# %% tags=["explore"]
predict("too much smoothness", "?")

# %% tags=["explore"]
with figures.Gallery(
    3,
    "Without λ, a glitter of extreme colours; with 0.003, red and orange flowers; with 0.03, a faint pattern on brown.",
    width=2.9,
) as gallery:
    for tv_weight in [0, 0.003, 0.03]:
        cost = unit_cost(model, "conv4_2", 46, tv_weight)
        gallery[f"λ = {tv_weight:g}"] = to_rgb(paint(cost, noise, iterations=80, schedule=inside))

# %% tags=["explore"]
reveal("too much smoothness")

# %% [markdown]
# Without $\lambda$, single pixels glitter in the most extreme colours there are. With too much of it, little more than the mean colour is left.
#
# **What people do to see more.** From here on, `convnets.maximise` holds the brush. It calls `paint` with your cost, as you did, and adds two tricks. It paints a small picture first, enlarges it and paints on, so that large forms come before small ones. And it shifts the picture at random before each step, so that no
# pattern can cling to one grid of pixels (Mordvintsev, Olah and Tyka, *Inceptionism*, and its code DeepDream, 2015).
#
# Here are the fifteen channels from above, each with its nine patches on the left and what it paints on the right. It takes about half a minute.

# %% tags=["explore"]
predict("the riddles of block 5", "?")

# %% tags=["explore"]
PAINTED = {  # for those who do not see it
    "conv1_1": "Plain red; slanting green stripes; level yellow stripes.",
    "conv2_2": "Upright stripes, blue and yellow; slanting stripes, purple; orange islands in blue.",
    "conv3_3": "Ripples in many colours; dark dots on gold; pebbles in green, pink and blue.",
    "conv4_2": "White and turquoise waves; red and orange flowers; a yellow grid of windows.",
    "conv5_1": "A wall of windows; round blue eyes with bright rims, twice.",
}
with figures.Gallery(
    15,
    "The nine patches of each channel, and what it paints. " + " ".join(f"{layer}: {PAINTED[layer]}" for layer in UNITS),
    columns=3,
    paintings=30,
) as gallery:
    for layer, channels in UNITS.items():
        for channel in channels:
            painted = convnets.maximise(unit_cost(model, layer, channel, 0.003))
            gallery[f"{layer}, channel {channel}"] = convnets.beside(nine[layer, channel], painted)

# %% tags=["explore"]
reveal("the riddles of block 5")

# %% [markdown]
# Compare left and right. In block 1 a flat colour, or stripes in one direction. In block 2 stripes again, and warm islands in a cold sea. In blocks 3 and 4 you often see what the patches share, without the rest: pebbles in other colours than the mosaic's, the red things
# without the meadow, the grid of windows without the palace.
#
# And block 5? Channels 73 and 105 paint **eyes**. The pictures have no eyes but those of two fish in a mosaic, so the nine patches could not tell you. This network was never shown a name, either: it learnt from photographs, and from networks that can tell a hundred breeds of dogs. Eyes are worth knowing to them, and so it
# learnt them too.
#
# A warning that belongs here. A painted picture shows what excites a channel *most*, not what it is *for*. Most channels answer to several things, colours look brighter than in any photograph, and other starting noise may give another picture. Evidence, not proof.
#
# ## 2.6 All the others
#
# Choose a layer and a channel. The patches appear at once or, when you change the layer, after a few seconds; painting takes a few seconds too. Some channels are silent on noise: where nothing answers, no gradient says where to go. They are painted from their strongest patch. A few answer to hardly any of the pictures, and have fewer than nine patches.

# %% tags=["explore"]
convnets.browse(model, receptive_field, strongest, unit_cost);

# %% [markdown]
# **What you should remember**
# - To see what a unit responds to, search for it (nine patches) or make it (gradient ascent on the pixels). One shows what is there, the other what is wanted.
# - Painting is optimisation: a cost, a start, a gradient for every pixel. The network only judges.
# - Cost functions have a sign. What is to grow gets a minus.
#
# **Things to try**
# - In `conv5_1`, how many channels with eyes do you find? And in `conv4_4`?
# - Two channels at once: add two costs.
# - `tv_weight` ten times as large for a channel of block 1, and of block 5.
# - Start from a picture instead of noise: `convnets.maximise(unit_cost(model, "conv5_1", 105, 0.003), start=lake)`.
#
# In the next assignment, [neural-style-transfer](../neural-style-transfer/1-content-cost.ipynb), you ask for more than one channel: the pixels shall keep the scene of one picture and take on the manner of another.
#
# **Where to read on**
# - Matthew Zeiler, Rob Fergus: *Visualizing and Understanding Convolutional Networks*, 2014, [arXiv:1311.2901](https://arxiv.org/abs/1311.2901).
# - Dumitru Erhan, Yoshua Bengio, Aaron Courville, Pascal Vincent: *Visualizing Higher-Layer Features of a Deep Network*, 2009.
# - Karen Simonyan, Andrea Vedaldi, Andrew Zisserman: *Deep Inside Convolutional Networks*, 2014, [arXiv:1312.6034](https://arxiv.org/abs/1312.6034).
# - Chris Olah, Alexander Mordvintsev, Ludwig Schubert: [*Feature Visualization*](https://doi.org/10.23915/distill.00007), Distill, 2017.
# - `nst/lessons/convnets.py` in this course: it is short, and written to be read.
