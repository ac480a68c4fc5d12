# %% [markdown]
# # 3. What a layer knows: inversion and texture
#
# Your losses can paint. They can also answer questions. Take away the style, start from noise, and ask for nothing but the activation of one layer: what comes back is **what that layer knows** about the
# picture. Take away the content instead, and what comes back is what the Gram matrices know about the painting: a **texture**, with no scene in it.

# %%
import numpy as np

from nst.checks.fast_style_transfer import check
from nst.lessons import figures
from nst.lessons.predictions import predict, reveal
from nst.lessons.take import take
from nst.networks.squeezenet import deprocess, load_image, load_squeezenet, preprocess
from nst.painting import paint
from nst.paths import IMAGES
from nst.quiet import tf

# %config InlineBackend.figure_format = "retina"
model = load_squeezenet()

# %% [markdown]
# Fetch what you wrote in the first two notebooks. If something is not finished, or not right yet, the cell tells you which.

# %%
content_loss, gram_matrix, style_loss, tv_loss = take(
    "1-losses", "content_loss", "gram_matrix", "style_loss", "tv_loss"
)
style_transfer = take("2-style-transfer", "style_transfer")

# %% [markdown]
# ## 3.1 Two weights set to zero
#
# Both experiments are style transfer from noise with a weight of 0. CS231n does them with the set *Starry Night*, and so can you. (The divisions bring the published weights into the units of the network you have
# loaded; notebook 2, section 2.3, says why.)

# %% tags=["explore"]
predict("what fire2 holds", "?")

# %% tags=["explore"]
STYLE_LAYERS = ["relu1", "fire3", "fire4", "fire5"]
CONTENT_WEIGHT = 6e-2 / model.strength**2
STYLE_WEIGHTS = [weight / model.strength**4 for weight in (300000, 1000, 15, 3)]

lake_image = load_image(IMAGES / "lake.jpg", 192)
starry_image = load_image(IMAGES / "starry.jpg", 192)
lake, starry = preprocess(lake_image), preprocess(starry_image)


def from_noise(content_weight, style_weights):
    return style_transfer(
        model, lake, starry, "fire2", content_weight, STYLE_LAYERS, style_weights, tv_weight=2e-2, init_random=True
    )


with figures.Gallery(
    4,
    "The lake, and the lake painted back from fire2, a little paler and speckled; a starry night, and a texture of its "
    "strokes and colours, speckled too.",
    width=3.4,
    paintings=2,
) as gallery:
    gallery["the lake"] = lake_image
    gallery["from fire2 alone"] = deprocess(from_noise(CONTENT_WEIGHT, [0, 0, 0, 0]))
    gallery["the style"] = starry_image
    gallery["a texture"] = deprocess(from_noise(0, STYLE_WEIGHTS))

# %% tags=["explore"]
reveal("what fire2 holds")

# %% [markdown]
# Both work, and both are speckled. The learning rate of 3.0, which was fine with the content picture to start from, is rough on noise. For the rest of this notebook the steps are a tenth as large, half as large after the drop, and the bounds
# are wide enough for every colour from black to white.

# %%
# from this iteration on: learning rate, bounds of a pixel
GENTLE = [(0, 0.3, (-2.2, 2.7)), (180, 0.05, (-2.2, 2.7))]

# %% [markdown]
# ## 3.2 Exercise: `inversion_cost`
#
# **Why.** You want to see through one layer's eyes. Many different pictures may give it the same activation. Gradient descent finds one of them, and whatever is missing from it, the layer did not keep. Mahendran and Vedaldi
# (2015, [arXiv:1412.0035](https://arxiv.org/abs/1412.0035)) did this first, and called it inversion.
#
# **The formula.** With $\Phi$ for the layer, $x_0$ for the picture that is asked about and $x$ for the one that is being painted:
#
# $$L(x) = L_{content}\big(\Phi(x), \Phi(x_0)\big) + L_{tv}(x)$$
#
# **The shapes.** `picture` and `x` are normalised pictures of one size, $(1, H, W, 3)$. What you return is a *function* of $x$; it returns three scalars.
#
# **Your task** (4 points, about 5 minutes): write `inversion_cost`.

# %% nbgrader={"grade": false, "grade_id": "inversion_cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inversion_cost(model, picture, layer, content_weight, tv_weight):
    """Make the cost that asks for the activation of one layer.

    Arguments:
    model -- the network; model.activations(picture, [names]) gives a dict from layer name to activation
    picture -- the picture whose activation is wanted, (1, H, W, 3), normalised
    layer -- the layer's name
    content_weight, tv_weight -- weights of the content loss and of the total variation

    Returns:
    cost -- a function of a picture x: a dict of scalars, {"total": ..., "content": ..., "tv": ...}

    Hint: what never changes is computed once, outside cost.
    """
    ### BEGIN SOLUTION
    wanted = model.activations(picture, [layer])[layer]

    def cost(x):
        of_content = content_loss(content_weight, model.activations(x, [layer])[layer], wanted)
        of_tv = tv_loss(x, tv_weight)
        return {"total": of_content + of_tv, "content": of_content, "tv": of_tv}

    return cost
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_inversion_cost", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(inversion_cost)

# %% nbgrader={"grade": true, "grade_id": "hidden_inversion_cost", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other pictures, other layers, other weights.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import TinyNetwork, compare

random = np.random.default_rng(43)
tiny = TinyNetwork({name: random.normal(size=(3, 3)).astype("float32") for name in ("near", "middle")})
# Weights with which content and tv count alike.
for network, layer, content_weight, tv_weight in [
    (model, "relu1", 0.005, 20.0),
    (model, "fire3", 0.003, 5.0),
    (tiny, "middle", 2.5, 1.5),
]:
    picture, x = random.normal(size=(2, 1, 33, 40, 3)).astype("float32")
    a, wanted = network.activations(x, [layer])[layer], network.activations(picture, [layer])[layer]
    of_content = content_weight * np.sum((np.float64(a) - np.float64(wanted)) ** 2)
    of_tv = tv_weight * (np.sum(np.diff(np.float64(x), axis=1) ** 2) + np.sum(np.diff(np.float64(x), axis=2) ** 2))
    expected = (of_content, of_tv, of_content + of_tv)
    compare(inversion_cost, network, picture, layer, content_weight, tv_weight, x, expected=expected)
### END HIDDEN TESTS

# %% [markdown]
# ## 3.3 What is lost with depth
#
# Six layers, from near the picture to the last, all from the same noise. About half a minute.

# %% tags=["explore"]
predict("fading colours", "?")

# %% tags=["explore"]
start = np.random.default_rng(0).uniform(0, 1, lake.shape)
with figures.Gallery(
    7,
    "The lake, and painted back from relu1, fire2 and fire3: nearly the same picture each time. From fire5, paler and rough; "
    "from fire7, grey with coloured specks, mountains and jetty still in their places; from fire9, little more than the jetty.",
    width=3.4,
    columns=4,
    paintings=6,
) as inverted:
    inverted["the lake"] = lake_image
    for layer in ["relu1", "fire2", "fire3", "fire5", "fire7", "fire9"]:
        cost = inversion_cost(model, lake, layer, CONTENT_WEIGHT, 2e-2)
        inverted[f"from {layer}"] = deprocess(paint(cost, start, schedule=GENTLE))

# %% tags=["explore"]
reveal("fading colours")

# %% [markdown]
# From `relu1` everything is back, from `fire2` and `fire3` nearly everything, though `fire2` holds four times fewer positions than `relu1`. From `fire5` the colours have paled, and smooth water has become rough: the layer knows that
# something is there, and not exactly what. From `fire7` you still find the jetty and the line of the mountains; from `fire9` not much more than where something was.
#
# How far is each picture from the lake, pixel by pixel?

# %% tags=["explore"]
errors = {
    title: float(np.sqrt(np.mean((image.astype(float) - lake_image) ** 2)))
    for title, image in list(inverted.pictures.items())[1:]
}
figures.bars(errors, "Distance from the lake, in grey levels of 0 to 255")

# %% [markdown]
# This is why `fire2` is a good content layer: it holds the scene, and already leaves a little room. (The deepest layers of the network that comes with the course learnt less than the original's; with the original's weights, more
# of the scene comes back from `fire7` and `fire9`.)
#
# **What you should remember**
# - Inversion shows what a layer keeps: paint until its activation is the same, and look at what came back.
# - With depth, exact colours and positions are lost before things are.
#
# ## 3.4 A texture from noise
#
# Now the other half. The Gram matrices know which strokes and colours occur together, and not where. So if you ask for nothing else, strokes and colours come back, and the scene does not. This is texture synthesis as Gatys, Ecker
# and Bethge did it first (2015, [arXiv:1505.07376](https://arxiv.org/abs/1505.07376)). The cost is given; it is the twin of yours:

# %%
def texture_cost(model, texture, style_layers, style_weights, tv_weight):
    """Make the cost that asks for the Gram matrices of a texture; see inversion_cost."""
    of_texture = model.activations(texture, style_layers)
    targets = [gram_matrix(of_texture[name]) for name in style_layers]

    def cost(x):
        of_style = style_loss(model.activations(x, style_layers), style_layers, targets, style_weights)
        of_tv = tv_loss(x, tv_weight)
        return {"total": of_style + of_tv, "style": of_style, "tv": of_tv}

    return cost


# %% [markdown]
# How much of a painting is in its first layer, and what do the deeper ones add? In the published weights `relu1` outweighs the others by far, so for this question each layer gets the weight with which noise costs a million there. Eight paintings, less than a minute.

# %% tags=["explore"]
predict("the window of fire5", "?")

# %% tags=["explore"]
noise = np.random.default_rng(0).uniform(0, 1, (1, 192, 256, 3)).astype("float32")


def even_weights(texture):
    """For each of STYLE_LAYERS the weight with which the noise has a style loss of a million."""
    of_texture, of_noise = model.activations(texture, STYLE_LAYERS), model.activations(noise, STYLE_LAYERS)
    targets = {name: gram_matrix(of_texture[name]) for name in STYLE_LAYERS}
    return [1e6 / float(style_loss(of_noise, [name], [targets[name]], [1.0])) for name in STYLE_LAYERS]


with figures.Gallery(
    10,
    "Dabs of colour and poured paint, and beside each of them four textures grown from noise: of relu1 only colours and grain, with "
    "each further layer larger strokes and patches.",
    width=2.6,
    columns=5,
    paintings=8,
) as gallery:
    for name in ["impressionist", "fluid"]:
        image = load_image(IMAGES / f"{name}.jpg", 192)
        weights = even_weights(preprocess(image))
        gallery[name] = image
        for depth in range(1, 5):
            cost = texture_cost(model, preprocess(image), STYLE_LAYERS[:depth], weights[:depth], 2e-2)
            title = "relu1" if depth == 1 else f"… and {STYLE_LAYERS[depth - 1]}"
            gallery[title] = deprocess(paint(cost, noise, schedule=GENTLE))

# %% tags=["explore"]
reveal("the window of fire5")

# %% [markdown]
# `relu1` has the colours and the grain, `fire3` adds strokes, and the deeper layers gather them into larger patches; you see it best in the upper row. But even with all four, nothing in the texture is much larger than a quarter of the picture. Why? A number in
# `fire5` looks at a window of 63 × 63 pixels, and nobody here looks at more. (You can work that out: the window is 3 pixels in `conv1`; each 3 × 3 kernel after it adds two steps, and a step is 2 pixels long after `conv1`, and doubles
# with each pooling.)
#
# ## 3.5 Exercise: `grow_texture`
#
# **Why.** You want a texture that is larger than the painting, for a poster, say. You could lay copies side by side, but you would see the **tiles**: the same spot again and again, with seams between. You could paint on
# a large canvas of noise, but the large forms would be missing: the windows of the network stay as small as they are.
#
# **The idea.** Begin *small*. On a canvas of 96 × 128 pixels a window of 63 pixels is half as wide as everything, so the large forms come right. Enlarge the result, smoothly, and paint on: now the network adds what has become
# visible, the middle-sized strokes; and after the next enlargement the fine ones. Nothing is ever repeated. The Gram matrices are normalised, so **the same cost serves every size**.
#
# **The recipe.** Start from uniform noise between 0 and 1 of the first size. For each size: paint, from what you have. Before the next size, enlarge the picture with
# `tf.image.resize(picture, size, method="bicubic")`. Return the last painting.
#
# **The shapes.** `sizes` is a list of pairs (height, width). Pictures are $(1, H, W, 3)$.
#
# **Your task** (6 points, about 10 minutes): write `grow_texture`.

# %% nbgrader={"grade": false, "grade_id": "grow_texture", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grow_texture(cost, sizes, paint, seed=0):
    """Paint a texture small, enlarge it, paint on, and so forth.

    Arguments:
    cost -- what is asked of the picture; hand it to paint as it is
    sizes -- list of (height, width), from small to large
    paint -- function: paint(cost, start) returns the painted picture, of the size of start
    seed -- for the same noise again: np.random.default_rng(seed).uniform(0, 1, shape)

    Returns:
    picture -- (1, H, W, 3), of the last size
    """
    ### BEGIN SOLUTION
    start = np.random.default_rng(seed).uniform(0, 1, (1, *sizes[0], 3))
    picture = paint(cost, start)
    for size in sizes[1:]:
        picture = paint(cost, tf.image.resize(picture, size, method="bicubic"))
    return picture
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_grow_texture", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(grow_texture)

# %% nbgrader={"grade": true, "grade_id": "hidden_grow_texture", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other sizes, other paints.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare


def darken(cost, start):
    return np.asarray(start) * 0.5 - cost


for seed, sizes in [(3, [(5, 9)]), (4, [(6, 4), (12, 16)]), (5, [(3, 5), (6, 10), (24, 20)])]:
    expected = np.random.default_rng(seed).uniform(0, 1, (1, *sizes[0], 3)).astype("float32")
    for size in sizes:
        expected = darken(0.2, tf.image.resize(expected, size, method="bicubic"))
    compare(grow_texture, 0.2, sizes, darken, seed=seed, expected=expected)
### END HIDDEN TESTS

# %% [markdown]
# ## 3.6 See it grow
#
# Three ways to a texture of 384 × 512 pixels: tiles of a small one, one large canvas, and grown. The large canvases take about half a minute each.

# %% tags=["explore"]
predict("tiles, canvas, grown", "?")

# %% tags=["explore"]
def gently(cost, start):
    return paint(cost, start, schedule=GENTLE)


fluid_image = load_image(IMAGES / "fluid.jpg", 192)
fluid = preprocess(fluid_image)
cost = texture_cost(model, fluid, STYLE_LAYERS, even_weights(fluid), 2e-2)
with figures.Gallery(
    4,
    "Poured paint; four copies of one texture of it, two by two, in which every spot comes four times; a large texture without "
    "seams, its strokes all of one size; and a grown one, with broad bands and fine lines in them.",
    width=6,
    columns=2,
    paintings=5,
) as gallery:
    gallery["the style"] = fluid_image
    gallery["tiles"] = np.tile(deprocess(grow_texture(cost, [(192, 256)], gently)), (2, 2, 1))
    gallery["one large canvas"] = deprocess(grow_texture(cost, [(384, 512)], gently))
    gallery["grown"] = deprocess(grow_texture(cost, [(96, 128), (192, 256), (384, 512)], gently))

# %% tags=["explore"]
reveal("tiles, canvas, grown")

# %% [markdown]
# In the tiles you find every spot four times. The large canvas has no seams, and its strokes are all of one size. The grown one has both: bands that run across the picture, and fine lines inside them. And it took only a third more time than
# the large canvas alone, because the small sizes are quick.
#
# Painting from coarse to fine helps with style transfer as well: it is how large pictures are made (Gatys et al., 2017, [arXiv:1611.07865](https://arxiv.org/abs/1611.07865)).
#
# **What you should remember**
# - A texture is what remains of a picture when you keep the Gram matrices and forget the positions.
# - A layer sees through a window of fixed size. On a small canvas it sees large forms, on a large one fine strokes.
# - Grow a picture, and the same cost gives you both.
#
# **Things to try**
# - `sizes=[(48, 64), (96, 128), (192, 256)]`: larger forms still. How few pixels can a painting begin with?
# - A texture from two paintings: add two costs.
# - Invert a *painting* from `fire2`, then use it as the content picture in notebook 2.
#
# The last assignment, [face-recognition](../face-recognition/1-verification-and-triplets.ipynb), leaves painting: you teach a network to know a face again after one look.
#
# **Where to read on**
# - Aravindh Mahendran, Andrea Vedaldi: *Understanding Deep Image Representations by Inverting Them*, 2015, [arXiv:1412.0035](https://arxiv.org/abs/1412.0035).
# - Leon Gatys, Alexander Ecker, Matthias Bethge: *Texture Synthesis Using Convolutional Neural Networks*, 2015, [arXiv:1505.07376](https://arxiv.org/abs/1505.07376).
# - Leon Gatys, Alexander Ecker, Matthias Bethge, Aaron Hertzmann, Eli Shechtman: *Controlling Perceptual Factors in Neural Style Transfer*, 2017, [arXiv:1611.07865](https://arxiv.org/abs/1611.07865).
# - Forrest Iandola et al.: *SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size*, 2016, [arXiv:1602.07360](https://arxiv.org/abs/1602.07360).
# - `nst/networks/squeezenet.py` and `nst/painting/loop.py` in this course: both are short, and both are written to be read.
