# %% [markdown]
# # 2. Style transfer in seconds
#
# You have three losses. Each says what one person would complain about: the one who knows the place, the one who knows the painter, and the one who hates noise. In this
# notebook you let all three look over your shoulder while you paint. With the small network a painting takes seconds, so you can afford to ask "what if?" many times.

# %%
import numpy as np

from nst.checks.fast_style_transfer import check
from nst.lessons import figures
from nst.lessons.predictions import predict, reveal
from nst.lessons.take import take
from nst.networks.squeezenet import deprocess, load_image, load_squeezenet, preprocess
from nst.painting import Monitor, paint
from nst.paths import IMAGES, OUTPUT
from nst.quiet import tf

# %config InlineBackend.figure_format = "retina"
model = load_squeezenet()

# %% [markdown]
# Fetch the functions that you wrote in the first notebook. If one is not finished, or not right yet, the cell tells you which.

# %%
content_loss, gram_matrix, style_loss, tv_loss = take(
    "1-losses", "content_loss", "gram_matrix", "style_loss", "tv_loss"
)

# %% [markdown]
# ## 2.1 The loop, and its schedule
#
# Painting is gradient descent on the pixels. The network's weights stay as they are; the picture changes, a step at a time, so that a cost falls:
#
# $$L = L_{content} + L_{style} + L_{tv}$$
#
# Each loss has its weight inside already, so nothing stands in front. The loop is given: `paint(cost, start, ...)` from `nst/painting/loop.py`, the same that serves the other assignments. It asks your function
# `cost` for the losses of the picture, follows the gradient with Adam (Kingma and Ba, 2015, [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)), and tells a `callback` how it went.
#
# Two settings come from CS231n's recipe, and both change on the way:

# %%
# from this iteration on: learning rate, bounds of a pixel
SCHEDULE = [(0, 3.0, (-1.5, 1.5)), (180, 0.1)]

# %% [markdown]
# Normalised pixels lie between −2.1 and 2.6. With a **learning rate** of 3.0 a single step can move a pixel across most of that. That is fast, and it is rough. So for the first 180 steps
# the pixels are **clipped** to ±1.5, or they would fly away. Then the rate drops to 0.1, the bounds are lifted, and twenty small steps settle what the large ones stirred up. (Two details differ from CS231n's code: it clips for ten steps
# more, and starts Adam afresh at the drop, where it keeps its memory here. You would not see the difference.)

# %% [markdown]
# ## 2.2 Exercise: `style_transfer`
#
# **Why.** This is where the pieces become a painting. You will use it in every cell below.
#
# **The recipe**
# 1. *Targets.* They never change, so work them out once: the activation of the content picture at `content_layer`, and the Gram matrices of the style picture at each of `style_layers`.
# 2. *The cost* of the picture that is being painted: its activations at all the layers you need, from **one** pass through the network; then your three losses, and their sum.
# 3. *The start.* The content picture itself. Or, if `init_random` is true, uniform noise between 0 and 1 of the same shape: `np.random.default_rng(seed).uniform(0, 1, shape)`.
# 4. *The loop.* Given.
#
# **The shapes.** Both pictures are normalised, $(1, H, W, 3)$, and may have different sizes. What comes back has the size of the content picture.
#
# **Your task** (15 points, about 15 minutes): complete `style_transfer`.

# %% nbgrader={"grade": false, "grade_id": "style_transfer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def style_transfer(model, content, style, content_layer, content_weight, style_layers, style_weights,
                   tv_weight, init_random=False, iterations=200, callback=None, seed=0):
    """Paint the content picture in the manner of the style picture.

    Arguments:
    model -- the network; model.activations(picture, [names]) gives a dict from layer name to activation
    content -- content picture, (1, H, W, 3), normalised
    style -- style picture, (1, H', W', 3), normalised
    content_layer, content_weight -- a layer's name and its weight
    style_layers, style_weights -- a list of names and a list of their weights
    tv_weight -- weight of the total variation
    init_random -- start from noise instead of the content picture
    iterations, callback, seed -- how many steps; who is told of each; for the same noise again

    Returns:
    the painting, array of shape (1, H, W, 3)
    """
    # 1. The targets: one activation, and a list of Gram matrices.
    ### BEGIN SOLUTION
    content_target = model.activations(content, [content_layer])[content_layer]
    style_feats = model.activations(style, style_layers)
    style_targets = [gram_matrix(style_feats[name]) for name in style_layers]
    ### END SOLUTION

    def cost(picture):
        # 2. The four numbers: {"total": ..., "content": ..., "style": ..., "tv": ...}
        ### BEGIN SOLUTION
        feats = model.activations(picture, [content_layer, *style_layers])
        of_content = content_loss(content_weight, feats[content_layer], content_target)
        of_style = style_loss(feats, style_layers, style_targets, style_weights)
        of_tv = tv_loss(picture, tv_weight)
        return {"total": of_content + of_style + of_tv, "content": of_content, "style": of_style, "tv": of_tv}
        ### END SOLUTION

    # 3. The start.
    ### BEGIN SOLUTION
    start = np.random.default_rng(seed).uniform(0, 1, content.shape) if init_random else content
    ### END SOLUTION

    # 4. The loop.
    return paint(cost, start, iterations=iterations, schedule=SCHEDULE, callback=callback)


# %% [markdown]
# The check paints with a toy network, so it takes a moment only. If one of your losses is wrong, it says which one to repair first.

# %% nbgrader={"grade": true, "grade_id": "test_style_transfer", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check(style_transfer)

# %% nbgrader={"grade": true, "grade_id": "hidden_style_transfer", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other pictures, other layers, other weights.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import TinyNetwork, compare

random = np.random.default_rng(41)


def squares(a, b):
    return tf.reduce_sum((a - b) ** 2)


def gram(a):
    return tf.einsum("nhwi,nhwj->nij", a, a) / np.prod(a.shape[1:])


def right_cost(model, content, style, content_layer, content_weight, style_layers, style_weights, tv_weight):
    wanted = model.activations(content, [content_layer])[content_layer]
    targets = {name: gram(a) for name, a in model.activations(style, style_layers).items()}

    def cost(x):
        a = model.activations(x, [content_layer, *style_layers])
        of_content = content_weight * squares(a[content_layer], wanted)
        of_style = sum(w * squares(gram(a[name]), targets[name]) for name, w in zip(style_layers, style_weights, strict=True))
        of_tv = tv_weight * (squares(x[:, 1:], x[:, :-1]) + squares(x[:, :, 1:], x[:, :, :-1]))
        return {"content": of_content, "style": of_style, "tv": of_tv, "total": of_content + of_style + of_tv}

    return cost


tiny = TinyNetwork({name: random.normal(size=(3, 3)).astype("float32") for name in ("near", "middle", "far")})
for network, sizes, layer, weight, names, weights, init_random in [
    (tiny, ((7, 6), (5, 9)), "middle", 1.8, ["far", "near"], [0.9, 1.2], True),
    (model, ((33, 48), (40, 32)), "fire2", 0.7, ["relu1", "fire3"], [1.5, 0.5], False),
]:
    content, style = (random.uniform(-1.4, 1.4, (1, *size, 3)).astype("float32") for size in sizes)
    cost = right_cost(network, content, style, layer, weight, names, weights, 0.6)
    start = np.random.default_rng(7).uniform(0, 1, content.shape).astype("float32") if init_random else content
    one_step = paint(cost, start, iterations=1, schedule=[(0, 3.0, (-1.5, 1.5))])
    compare(
        style_transfer, network, content, style, layer, weight, names, weights, 0.6, init_random=init_random, seed=7,
        expected=(start, *[float(number) for number in cost(tf.constant(start)).values()], one_step),
    )
### END HIDDEN TESTS

# %% [markdown]
# **What you should remember**
# - Targets are computed once; the cost is computed at every step.
# - The start decides where gradient descent begins. From the content picture it never loses the scene altogether.
#
# Nothing below this line is graded. This is what it was for.

# %% [markdown]
# ## 2.3 Whose weights are these?
#
# CS231n publishes three sets of weights, named after the paintings they were found for. Here they are, as published. Layer 3 is `fire2`; layers 1, 4, 6 and 7 are `relu1`, `fire3`, `fire4` and `fire5`.

# %%
LAYERS = {"content_layer": "fire2", "style_layers": ["relu1", "fire3", "fire4", "fire5"]}
SETS = {
    "Composition VII": {
        "image_size": 192, "style_size": 512,
        "content_weight": 5e-2, "style_weights": [20000, 500, 12, 1], "tv_weight": 5e-2,
    },
    "The Scream": {
        "image_size": 192, "style_size": 224,
        "content_weight": 3e-2, "style_weights": [200000, 800, 12, 1], "tv_weight": 2e-2,
    },
    "Starry Night": {
        "image_size": 192, "style_size": 192,
        "content_weight": 6e-2, "style_weights": [300000, 1000, 15, 3], "tv_weight": 2e-2,
    },
}

# %% [markdown]
# One thing has to be said before you use them. A weight belongs to the network it was found with. These belong to PyTorch's SqueezeNet. The one you have loaded was taught by Caffe's, which has the same form and was trained on pictures
# with values up to 255, and its layers answer much more strongly. Suppose every activation is $s$ times as large:
#
# - the content loss, a sum of squares, is $s^2$ times as large;
# - a Gram matrix is $s^2$ times as large, and the style loss, its square, $s^4$ times;
# - total variation looks at the pixels, and stays.
#
# So with the published weights as they are, style would outweigh everything. Divide the weights by the same powers, and the balance is restored. `model.strength` is $s$. For PyTorch's own weights it is 1. For Caffe's, and for the network of the course, we
# have set it to 20, by eye: of 8, 12, 16, 20, 30, 45 and 57 it is the one with which all three sets keep the scene and take on the manner.

# %%
def for_this_network(content_weight, style_weights, **others):
    """Published weights in the units of the network you have loaded."""
    s = model.strength
    return {"content_weight": content_weight / s**2, "style_weights": [w / s**4 for w in style_weights], **others}


def paint_set(name, content_file, style_file, **options):
    """Paint with one of the published sets; a dictionary of three images: content, style, painting."""
    weights = for_this_network(**SETS[name])
    content = load_image(IMAGES / content_file, weights.pop("image_size"))
    style = load_image(IMAGES / style_file, weights.pop("style_size"))
    painted = style_transfer(model, preprocess(content), preprocess(style), **LAYERS, **weights, **options)
    return {"content": content, "style": style, name: deprocess(painted)}


print(f"strength {model.strength:g}, so Composition VII becomes")
for name, value in for_this_network(**SETS["Composition VII"]).items():
    print(f"{name:16}{value}")

# %% [markdown]
# A few steps first. Before any long run, see that a short one works.

# %% tags=["explore"]
predict("the first six steps", "?")

# %% tags=["explore"]
def report(iteration, costs, picture):
    print(f"iteration {iteration}   " + "   ".join(f"{name} {float(cost):,.0f}" for name, cost in costs.items()))


paint_set("Composition VII", "pyramid.jpg", "fluid.jpg", iterations=6, callback=report);

# %% tags=["explore"]
reveal("the first six steps")

# %% [markdown]
# The total leaps up and bounces for a while, because steps of 3 throw the pixels from bound to bound; then it falls. The content loss begins near 0: you start from the content picture, and only the clipping to ±1.5 has changed it. It will stay
# *higher* than it was, and the style loss will end far lower. That is the bargain.
#
# ## 2.4 Paint
#
# Two hundred iterations, about six seconds on a laptop. `Monitor` is the callback: it shows the picture and the costs while they change. Press ■ when you have seen enough; the picture so far is kept.

# %% tags=["explore"]
predict("iteration 180", "?")

# %% tags=["explore"]
with Monitor(200, output=OUTPUT / "fast-style-transfer", deprocess=deprocess) as monitor:
    composition = paint_set("Composition VII", "pyramid.jpg", "fluid.jpg", callback=monitor)

composition[f"Composition VII, {monitor.done}"] = composition.pop("Composition VII")
figures.show(
    composition,
    "The palace, folded ribbons of poured paint, and your painting: the palace in broad strokes of that paint.",
    width=4,
)

# %% tags=["explore"]
reveal("iteration 180")

# %% [markdown]
# Look at the right end of the curves: at 180 the learning rate drops, and all of them fall once more. Now the other two sets:

# %% tags=["explore"]
with figures.Gallery(
    6,
    "Content, style and painting, twice: the lake as a woodcut, in fine black lines; and the lake under a sky of long, whirling "
    "strokes.",
    width=4,
    columns=3,
    paintings=2,
) as gallery:
    gallery.add(paint_set("The Scream", "lake.jpg", "woodcut.jpg"))
    gallery.add(paint_set("Starry Night", "lake.jpg", "starry.jpg"))

# %% [markdown]
# The sets differ in what they ask for. *Composition VII* looks at the style enlarged (to 512 pixels, so its strokes are broad) and weighs `relu1` least. *The Scream* puts ten times as much on `relu1`: the finest lines and the
# colours come through first. *Starry Night* adds weight in the deeper layers. A set that suits one painting may not suit another: swap the files and see.

# %% [markdown]
# ## 2.5 What the weights do
#
# Nine small paintings: the weight of content grows from left to right, that of style from top to bottom. In the middle are the weights of *Composition VII*. The picture is two thirds as large as above; the content loss is a sum, so
# it counts less than it did there, and the style comes out more. About half a minute.

# %% tags=["explore"]
predict("both times eight", "?")

# %% tags=["explore"]
base = LAYERS | for_this_network(**SETS["Composition VII"])
base.pop("image_size"), base.pop("style_size")
small_content = preprocess(load_image(IMAGES / "pyramid.jpg", 128))
small_style = preprocess(load_image(IMAGES / "fluid.jpg", 341))


def variant(**changes):
    """A small painting with some of the settings changed."""
    return deprocess(style_transfer(model, small_content, small_style, **(base | changes)))


with figures.Gallery(
    9,
    "The palace nine times: from left to right the content counts for more, and the palace emerges from the strokes; from top to "
    "bottom the style does, and it drowns in them.",
    width=3.4,
    columns=3,
) as gallery:
    for style_factor in [1 / 8, 1, 8]:
        for content_factor in [1 / 8, 1, 8]:
            gallery[f"content × {content_factor:g}, style × {style_factor:g}"] = variant(
                content_weight=base["content_weight"] * content_factor,
                style_weights=[weight * style_factor for weight in base["style_weights"]],
            )

# %% tags=["explore"]
reveal("both times eight")

# %% [markdown]
# Along the diagonal from top left to bottom right the two grow together, and the pictures are alike: mostly their *ratio* counts. Top right is nearly the content picture, bottom left nearly pure style. Total variation stays the same
# in all nine, so where the other two are small, top left, it smooths the most.

# %% [markdown]
# ## 2.6 What the layers do
#
# First one style layer at a time, and at the end all four. So that the comparison is fair, each layer alone gets the weight with which its style loss at the start is as large as that of the four together.

# %% tags=["explore"]
predict("style of the first layer", "?")

# %% tags=["explore"]
def start_losses(layers):
    """Style loss of the content picture at each of the layers, with weight 1."""
    feats, of_style = model.activations(small_content, layers), model.activations(small_style, layers)
    return [float(style_loss(feats, [name], [gram_matrix(of_style[name])], [1.0])) for name in layers]


names = base["style_layers"]
alone = start_losses(names)
together = sum(weight * loss for weight, loss in zip(base["style_weights"], alone, strict=True))
with figures.Gallery(
    5,
    "The palace with the style of one layer each: colours and grain from relu1, short strokes from fire3, bends and patches "
    "from fire4 and fire5; and of all four, which have it all.",
    width=2.6,
) as gallery:
    for name, loss in zip(names, alone, strict=True):
        gallery[f"style from {name}"] = variant(style_layers=[name], style_weights=[together / loss])
    gallery["from all four"] = variant()

# %% tags=["explore"]
reveal("style of the first layer")

# %% [markdown]
# `relu1` knows colours and grain. `fire3` knows short strokes, `fire4` and `fire5` know bends and patches, and care less which colour they have. The four together have all of it.
#
# Now the content layer, with the same style. Each gets the weight with which noise would cost as much as it does at `fire2`.

# %% tags=["explore"]
noise = np.random.default_rng(0).uniform(0, 1, small_content.shape).astype("float32")
names = ["relu1", "fire2", "fire5", "fire9"]
feats, of_noise = model.activations(small_content, names), model.activations(noise, names)
of_noise = {name: float(content_loss(1.0, of_noise[name], feats[name])) for name in names}
with figures.Gallery(
    4,
    "The palace, held at four layers: at relu1 every edge is in its place, and the deeper the layer, the more strokes move.",
    width=3.1,
) as gallery:
    for name in names:
        weight = base["content_weight"] * of_noise["fire2"] / of_noise[name]
        gallery[f"content at {name}"] = variant(content_layer=name, content_weight=weight)

# %% [markdown]
# At `relu1` every edge is held where it was, and style can only tint. The deeper the layer, the more the strokes may move. Notebook 3 shows you what each layer still knows.

# %% [markdown]
# ## 2.7 Your own picture
#
# Put a photograph beside this notebook, or take another one from `images/`, and name it below. Twice the size takes four times as long.

# %% tags=["explore"]
with figures.Gallery(
    3, "The content picture, the style picture, and the content painted in that style.", width=4, paintings=1
) as gallery:
    gallery.add(paint_set("Starry Night", "lake.jpg", "mosaic.jpg"))

# %% [markdown]
# **What you should remember**
# - Style transfer is one sum: content, style, smoothness. Everything else is where to look and how much to weigh.
# - Weights belong to a network, a size and a normalisation. Carried elsewhere, they mean something else.
# - A learning rate that is too large can be tamed by bounds, and by a drop at the end.
#
# **Things to try**
# - `paint_set("Composition VII", "pyramid.jpg", "fluid.jpg", init_random=True)`: what is different when the scene has no head start?
# - `tv_weight` a hundred times as large, and 0.
# - `SETS["From afar"] = SETS["Composition VII"] | {"style_size": 128}`, and paint with this set: the same style, seen from far away.
#
# Save this notebook, then go on to [3-inversion-and-texture](3-inversion-and-texture.ipynb).
