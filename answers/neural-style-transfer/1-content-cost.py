# %% [markdown]
# # 1. What is in a picture: the content cost
#
# By the end of this assignment you will have painted a photograph in the manner of another picture. There is no brush and no
# filter in it. You will write down, as a number, how far a picture is from what you want, and then let gradient descent change
# the pixels until that number is small.
#
# The number has two parts. This notebook writes the first: **does the picture still show the same scene?**
#
# | notebook | you write | points |
# |---|---|---|
# | **1 · content cost** | `compute_content_cost` | 10 |
# | 2 · style cost | `gram_matrix`, `compute_layer_style_cost` | 25 |
# | 3 · painting | `total_cost`, `train_step`, `model_nn` | 25 |
# | 4 · better pictures | nothing: it is yours to play with | – |
#
# The method is that of Gatys, Ecker and Bethge, *A Neural Algorithm of Artistic Style* (2015, [arXiv:1508.06576](https://arxiv.org/abs/1508.06576)). You need
# NumPy, a little calculus, and about half an hour per notebook. Everything runs offline, on a laptop without a graphics card.
#
# Run each cell with Shift+Enter, from top to bottom. When you see `# YOUR CODE HERE`, it is your turn.

# %%
import numpy as np

from nst.painting import paint
from nst.checks.neural_style_transfer import check
from nst.lessons import figures
from nst.lessons.predictions import predict, reveal
from nst.paths import IMAGES
from nst.quiet import tf
from nst_utils import generate_noise_image, load_image, load_vgg_model, reshape_and_normalize_image, to_rgb

# %config InlineBackend.figure_format = "retina"

# %% [markdown]
# ## 1.1 Two pictures
#
# One gives the scene, the other gives the manner. Both were rendered for this course; `images/` holds more of them.

# %%
content_image = load_image(IMAGES / "pyramid_small.jpg")
style_image = load_image(IMAGES / "impressionist.jpg", size=(300, 400))
figures.show(
    {"the content picture": content_image, "the style picture": style_image},
    "A glass pyramid in the court of a palace, mirrored in a pool; and a meadow of poppies with poplars, in dabs of colour.",
)

# %% [markdown]
# ## 1.2 Borrowed eyes
#
# Could you compare two pictures pixel by pixel? Think of a photograph moved four pixels to the side: nearly every pixel is
# wrong, though you would call it the same photograph. You need a comparison that sees *things*, not pixels.
#
# A network that has learnt to tell a thousand kinds of objects apart makes such a comparison for free. You do not train it
# any further. You only look at what its layers answer. Using a network for something it was not trained for is called
# **transfer learning**.
#
# The network here is VGG-19 (Simonyan and Zisserman, 2015, [arXiv:1409.1556](https://arxiv.org/abs/1409.1556)): sixteen convolutions with 3 × 3 kernels, in five
# blocks. Two changes, both from the style-transfer paper: the fully connected layers at the end are gone, and average pooling
# takes the place of max pooling, because it paints more smoothly.
#
# The full network is an 80 MB download. If you have not fetched it, you get the **embedded network** instead: the same layers under the same names,
# about a quarter as many channels, small enough to come with the course. It was taught by large networks: shown photographs, it learnt to answer so that
# their answers can be read off its own. That is called **knowledge distillation**. It paints ten times as fast as the full network, and not much worse. The line
# below says which one you have.

# %%
model = load_vgg_model()
print(model)
figures.network(model, content=["conv4_2"])

# %% [markdown]
# Each slab is one layer. The taller it is, the more rows its activation has; the wider, the more channels. (It is not drawn to scale: beside the 300 rows of the first
# block, the 19 of the last would be a thin line.) The blue one, `conv4_2`, is the layer you will use for content.
#
# The network is a dictionary of **activations**, the numbers a layer answers with. You put a picture into `model["input"]`
# and read any layer by name:

# %%
content = reshape_and_normalize_image(content_image)
model["input"].assign(content)
print("picture   ", model["input"].shape)
print("conv4_2   ", model["conv4_2"].shape)

# %% [markdown]
# `reshape_and_normalize_image` added a first axis, because networks expect a batch of pictures, and took away the mean colour of the
# pictures that VGG-19 was trained on. So an activation has four axes: (batch, height, width, channels), written
# $(m, n_H, n_W, n_C)$. Here $m$ is always 1.

# %% [markdown]
# ## 1.3 What a layer keeps
#
# Here are a few channels of four layers. Each small map is bright where its channel answers.

# %% tags=["explore"]
predict("every window", "?")

# %%
figures.channels(
    model,
    content,
    ["conv1_1", "conv2_1", "conv3_1", "conv4_2"],
    "Maps of the palace, four rows. At conv1_1 every window is there; further down the maps are coarser, and at conv4_2 only "
    "blocks and stripes tell where something is.",
)

# %% tags=["explore"]
reveal("every window")

# %% [markdown]
# Read the rows from the top. The first layer still knows every window of the palace: it answers to edges and to colours. Further
# down the maps become coarser. They keep *where the large things are* and let go of the exact pixels.
#
# You can measure this. Move the picture four pixels to the side and ask each layer how much its answer changed, in proportion to how
# large the answer was:

# %% tags=["explore"]
predict("four pixels to the side", "?")

# %%
LAYERS = ["input", "conv1_1", "conv2_1", "conv3_1", "conv4_2", "conv5_1"]


def relative_change(before, after):
    return float(tf.norm(after - before) / tf.norm(before))


moved = np.roll(content, shift=4, axis=2)
before, after = model.activations(content, LAYERS), model.activations(moved, LAYERS)
figures.bars(
    {name: 100 * relative_change(before[name], after[name]) for name in LAYERS},
    "How much a move by four pixels changes what a layer answers",
    unit=" %",
)

# %% tags=["explore"]
reveal("four pixels to the side")

# %% [markdown]
# To the pixels, the moved picture is a different one. The first layers mind even more: they answer to edges, and every edge has moved. The deep layers
# mind least. So the recipe for "the same scene" is:
# **compare activations of a layer that is deep, but not too deep.** Too shallow, and you would insist on every pixel. Too deep,
# and little is left to insist on.

# %% [markdown]
# ## 1.4 Exercise: `compute_content_cost`
#
# **Why.** You need one number that is 0 when the generated picture *G* has the content of *C*, and grows as it strays. Gradient descent
# will do the rest.
#
# **The formula.** Let $a^{(C)}$ and $a^{(G)}$ be the activations of the same layer for both pictures:
#
# $$J_{content}(C, G) = \frac{1}{4 \, n_H \, n_W \, n_C} \sum_{\text{all entries}} \left(a^{(C)} - a^{(G)}\right)^2$$
#
# The paper writes $\frac{1}{2}$ in front (its equation 1). Dividing by the number of entries as well keeps the cost in the same range whatever
# the layer's size.
#
# **The shapes.** Both activations are $(1, n_H, n_W, n_C)$. The result is a scalar, a tensor of shape `()`.
#
# **If you know this exercise from elsewhere.** Its newer edition passes *lists* of activations, and takes the last one, `a_C[-1]`. Here both arguments
# are the activations of one layer themselves.
#
# **Your task** (10 points, about 10 minutes): write `compute_content_cost`.

# %% nbgrader={"grade": false, "grade_id": "compute_content_cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compute_content_cost(a_C, a_G):
    """Compute the content cost of a generated picture.

    Arguments:
    a_C -- activations for the content picture, shape (1, n_H, n_W, n_C); a tensor or a NumPy array
    a_G -- activations for the generated picture, a tensor of the same shape

    Returns:
    J_content -- a scalar tensor

    Hints:
    - a_G.shape gives you n_H, n_W and n_C
    - tf.square and tf.reduce_sum; only TensorFlow's functions can be differentiated later
    """
    ### BEGIN SOLUTION
    _, n_H, n_W, n_C = a_G.shape
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)
    ### END SOLUTION


# %% [markdown]
# Run the check as often as you like. It compares your value with a stored one, and tries a few properties that the right answer has.

# %% nbgrader={"grade": true, "grade_id": "test_compute_content_cost", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(compute_content_cost)

# %% nbgrader={"grade": true, "grade_id": "hidden_compute_content_cost", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: the same formula, other numbers.
### BEGIN HIDDEN TESTS
from nst.checks.neural_style_transfer import compare

random = np.random.default_rng(11)
for n_H, n_W, n_C in [(5, 3, 7), (2, 9, 4), (6, 6, 1)]:
    a_C, a_G = random.normal(size=(2, 1, n_H, n_W, n_C)).astype("float32")
    expected = ((a_C - a_G) ** 2).sum() / (4 * n_H * n_W * n_C)
    compare(compute_content_cost, a_C, tf.constant(a_G), expected=expected)
### END HIDDEN TESTS

# %% [markdown]
# **What you should remember**
# - The content cost compares the activations of *one* layer for two pictures.
# - A deep layer keeps the scene and forgets the pixels. That is what you want here.
# - The network's weights never change. The picture will.

# %% [markdown]
# ## 1.5 See it work
#
# Nothing below this line is graded.
#
# Start from noise and use nothing but *your* content cost. `paint` changes the pixels so that the cost falls; you will write
# such a loop yourself in notebook 3. Which layer you compare decides what comes back. It takes about ten seconds.

# %% tags=["explore"]
predict("from a deep layer", "?")

# %% tags=["explore"]
small = reshape_and_normalize_image(load_image(IMAGES / "pyramid_small.jpg", size=(150, 200)))
start = generate_noise_image(small, noise_ratio=1.0, rng=np.random.default_rng(1))
with figures.Gallery(
    5,
    "Noise, and the palace painted back from it: from conv1_1 as it was, from conv2_1 and conv3_1 a little rougher, and from "
    "conv4_2 with curls and blotches in place of walls and clouds.",
    width=2.6,
    paintings=4,
) as gallery:
    gallery["start"] = to_rgb(start)
    for layer in ["conv1_1", "conv2_1", "conv3_1", "conv4_2"]:
        a_C = model.activations(small, [layer])[layer]

        def only_content(picture, layer=layer, a_C=a_C):
            return {"total": 1e3 * compute_content_cost(a_C, model.activations(picture, [layer])[layer])}

        gallery[f"from {layer}"] = to_rgb(paint(only_content, start, iterations=100, learning_rate=5.0))

# %% tags=["explore"]
reveal("from a deep layer")

# %% [markdown]
# From `conv1_1` nearly every pixel comes back. The deeper the layer, the less it insists: the layout stays, while colours and texture are free to become
# something else. That freedom is where style will enter.
#
# **Things to try**
# - Other layers: `print(model)` lists them. What does `conv5_1` still know?
# - Another content picture from `images/`, or one of yours: `load_image("my-photo.jpg", size=(150, 200))`.
# - `model.activations(picture, names)` takes a picture of any size. Does a larger picture keep more?
#
# Save this notebook, then go on to [2-style-cost](2-style-cost.ipynb).
