# %% [markdown]
# # 1. What is wrong with this picture: the losses
#
# In this assignment you paint with a small network: 720,000 weights, a file of 1.3 megabytes. You will write down, as numbers, what is still wrong with a picture: the scene
# is not that of the content picture, the manner is not that of the style picture, there is noise in it. Such a number is called a **loss**. Gradient descent on the pixels makes it small, and the painting appears.
#
# | notebook | you write | points |
# |---|---|---|
# | **1 · losses** | `content_loss`, `gram_matrix`, `style_loss`, `tv_loss` | 35 |
# | 2 · style transfer | `style_transfer` | 15 |
# | 3 · inversion and texture | `inversion_cost`, `grow_texture` | 10 |
#
# The functions and their formulas are those of assignment 3 of Stanford's course CS231n. The method is that of Gatys, Ecker and Bethge, *A Neural Algorithm of
# Artistic Style* (2015, [arXiv:1508.06576](https://arxiv.org/abs/1508.06576)). "Fast" means that the network is small. It is not the network of Johnson, Alahi and Fei-Fei (2016, [arXiv:1603.08155](https://arxiv.org/abs/1603.08155))
# that is trained on one style and then paints in a single pass.
#
# **If you come from `neural-style-transfer`**, this is new: a smaller network, pictures in batches, a loss that keeps pictures
# smooth, and two more uses of the same losses: asking a layer what it still knows, and growing a texture. The formulas are
# normalised differently; each time, you are told. **If you don't**, nothing is missing: everything is explained here.
#
# You need NumPy, a little calculus, and about an hour for this notebook. Everything runs offline, on a laptop without a graphics card. Run each cell with
# Shift+Enter, from top to bottom. When you see `# YOUR CODE HERE`, it is your turn.

# %%
import numpy as np

from nst.painting import paint
from nst.checks.fast_style_transfer import check
from nst.lessons import figures
from nst.lessons.predictions import predict, reveal
from nst.networks.squeezenet import LAYERS, deprocess, load_image, load_squeezenet, preprocess
from nst.paths import IMAGES
from nst.quiet import tf

# %config InlineBackend.figure_format = "retina"

# %% [markdown]
# ## 1.1 A small network
#
# A network that has learnt to see things compares pictures better than you can pixel by pixel. You do not train it any further. You put pictures in, and look at what
# its layers answer: their **activations**.
#
# This one is SqueezeNet 1.1 (Iandola et al., 2016, [arXiv:1602.07360](https://arxiv.org/abs/1602.07360)). Here is what its thirteen layers answer to a picture whose smaller side has 192 pixels:

# %%
model = load_squeezenet()
lake = load_image(IMAGES / "lake.jpg", 192)
picture = preprocess(lake)
activations = model.activations(picture, LAYERS)
figures.layers(activations, content=["fire2"], style=["relu1", "fire3", "fire4", "fire5"])

# %% [markdown]
# Each block's front is as high and as wide as the activation; the deeper it reaches back, the more channels. You call a layer by its name. The index is its place in
# PyTorch's version of the network; CS231n and much code elsewhere say "layer 3" for `fire2`. Blue is the layer that you will use for content, `fire2`; orange are the four for style, `relu1`, `fire3`, `fire4` and `fire5`.
#
# A **fire module** first squeezes: 1 × 1 convolutions bring its input down to a few channels. Then it expands them again, half of the new channels with 1 × 1
# and half with 3 × 3 convolutions. So `fire2` needs 11,264 weights where a plain 3 × 3 convolution from 64 to 128 channels needs 73,728, and the whole
# network needs 722,496 where VGG-19's convolutions have 20 million.
#
# **Where its weights come from.** The file that comes with the course has SqueezeNet's exact form, but it was not trained to name objects, as the original was. It was taught by the original and by VGG-19:
# shown photographs, it learnt to answer so that their answers can be read off its own. That is called **knowledge distillation**. On pictures it had never
# seen, a linear map from its `fire2` explains 78 % of the variance of the original's `fire2`, and between 63 % (`fire5`) and 97 % (`relu1`) for the four style layers; in `fire9`,
# which you will meet only to see how little it keeps, it learnt next to nothing (the table is in `pretrained-model/README.md`). If you have the original's
# weights, they fit into the same code: `load_squeezenet(path)` reads PyTorch's state dict and the Keras file.

# %% [markdown]
# **What the network takes.** Pictures of shape (1, height, width, 3), normalised as PyTorch does it: divided by 255, minus the mean colour (0.485, 0.456, 0.406), over the standard
# deviation (0.229, 0.224, 0.225), in the order red, green, blue. The original Caffe network wants blue first, values from 0 to 255, and only the mean subtracted; when you load its weights,
# they are converted for you. Three helpers do the handling:
#
# | helper | takes | gives |
# |---|---|---|
# | `load_image(path, size)` | a file | (height, width, 3), whole numbers 0-255; the smaller side has `size` pixels |
# | `preprocess(image)` | such an image | (1, height, width, 3), normalised |
# | `deprocess(picture)` | a normalised picture | an image that you can look at |

# %%
print("image     ", lake.shape, lake.dtype, "from", lake.min(), "to", lake.max())
print("picture   ", picture.shape, picture.dtype, f"from {picture.min():.2f} to {picture.max():.2f}")
figures.channels(
    model,
    picture,
    ["relu1", "fire2", "fire3"],
    "Maps of the lake. At relu1 outlines and areas of one colour, sharp; at fire2 and fire3 coarser and coarser blocks.",
)

# %% [markdown]
# Each small map is bright where its channel answers. The first layer follows edges and colours. Deeper down the maps are coarser: they keep where things
# are, and let go of the exact pixels.
#
# `model.activations(picture, names)` gives a dictionary, layer name → activation. An activation has four axes, $(N, H, W, C)$: the picture in the batch, height, width, channel. Mostly $N$ is 1.

# %% [markdown]
# ## 1.2 Exercise: `content_loss`
#
# **Why.** The painting should show the same scene as the content picture. Two pictures show the same scene, as far as a layer can tell, when their activations are alike.
#
# **The formula.** $F$ is the activation of the picture you are painting, $P$ the one of the content picture, $w_c$ a weight:
#
# $$L_{content} = w_c \sum_{h, w, c} \left(F_{hwc} - P_{hwc}\right)^2$$
#
# A plain sum: nothing is divided. In `neural-style-transfer`, $\frac{1}{4 \, n_H n_W n_C}$ stands in front, and in the paper $\frac{1}{2}$. So a weight from one course means
# something else in another. Here it also depends on the picture: a larger one has more positions, and a larger sum.
#
# **The shapes.** Both activations are $(1, H, W, C)$: one picture, as in CS231n. The result is a scalar, a tensor of shape `()`.
#
# **Your task** (5 points, about 5 minutes): write `content_loss`. For one picture it earns 4 of them; the last is for a batch, below.

# %% nbgrader={"grade": false, "grade_id": "content_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def content_loss(content_weight, content_current, content_original):
    """Compute the content loss of a generated picture.

    Arguments:
    content_weight -- a number, w_c in the formula
    content_current -- activation of the generated picture, tensor of shape (1, H, W, C)
    content_original -- activation of the content picture at that layer, tensor of the same shape

    Returns:
    loss -- a scalar tensor; of several pictures, (N, H, W, C), the losses are added up

    Hint: tf.square and tf.reduce_sum; only TensorFlow's functions can be differentiated later.
    """
    ### BEGIN SOLUTION
    return content_weight * tf.reduce_sum(tf.square(content_current - content_original))
    ### END SOLUTION


# %% [markdown]
# Run the check as often as you like. It compares your value with a stored one, and tries a few properties that the right answer has.

# %% nbgrader={"grade": true, "grade_id": "test_content_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(content_loss)

# %% nbgrader={"grade": true, "grade_id": "hidden_content_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: the same formula, other numbers.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare

random = np.random.default_rng(31)
for weight, (H, W, C) in [(0.05, (5, 3, 7)), (2.5, (2, 9, 4)), (1, (6, 6, 2))]:
    F, P = random.normal(size=(2, 1, H, W, C)).astype("float32")
    expected = weight * ((F.astype("float64") - P) ** 2).sum()
    compare(content_loss, weight, tf.constant(F), tf.constant(P), expected=expected)
### END HIDDEN TESTS

# %% [markdown]
# **A batch** (1 of the 5 points). The first axis counts pictures, and so far there was one. Of $N$ pictures, each with a content picture of its own, the losses are added up: one number comes back. Most
# right answers do this already. See whether yours does.

# %% nbgrader={"grade": true, "grade_id": "test_content_loss_batch", "locked": true, "points": 0.5, "schema_version": 3, "solution": false, "task": false}
check(content_loss, "batch")

# %% nbgrader={"grade": true, "grade_id": "hidden_content_loss_batch", "locked": true, "points": 0.5, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other batches.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare

random = np.random.default_rng(36)
for weight, shape in [(0.7, (2, 4, 3, 5)), (3, (4, 2, 5, 3))]:
    F, P = random.normal(size=(2, *shape)).astype("float32")
    expected = weight * ((F.astype("float64") - P) ** 2).sum()
    compare(content_loss, weight, tf.constant(F), tf.constant(P), expected=expected, part="batch")
### END HIDDEN TESTS

# %% [markdown]
# Now use it. How far from the lake are these three pictures: the same lake at dusk, the lake in a mirror, and a palace in the rain? Your function takes anything of the right
# shape, so you can ask the pixels themselves as well.

# %% tags=["explore"]
predict("furthest from the lake", "?")

# %% tags=["explore"]
dusk, mirrored = (0.4 * lake).astype("uint8"), lake[:, ::-1]
palace = load_image(IMAGES / "pyramid.jpg", 192)
others = {"the lake at dusk": dusk, "in a mirror": mirrored, "a palace": palace}
figures.show(
    {"the lake": lake} | others,
    "A mountain lake with a jetty; the same, dark; the same, mirrored; and a glass pyramid before a palace in the rain.",
    width=3,
)

print(f"{'content loss':18}{'of the pixels':>16}{'at fire2':>16}")
for name, image in others.items():
    other = preprocess(image)
    pixels = content_loss(1.0, tf.constant(other), tf.constant(picture))
    fire2 = content_loss(1.0, model.activations(other, ["fire2"])["fire2"], activations["fire2"])
    print(f"{name:18}{float(pixels):16,.0f}{float(fire2):16,.0f}")

# %% tags=["explore"]
reveal("furthest from the lake")

# %% [markdown]
# To the pixels, the lake at dusk is the *furthest* of the three, because every pixel has become darker. At `fire2` it is the nearest: its edges and shapes
# are where they were. The mirror image and the palace are both strange to it. That is the comparison you want. (Compare within a column only: the two columns add up different numbers of entries.)
#
# **What you should remember**
# - The content loss compares the activations of *one* layer. It asks what is where, more than how bright each pixel is.
# - It is a plain sum here. What a weight means depends on the normalisation, the layer and the size of the picture.
# - The network's weights never change. The picture will.

# %% [markdown]
# ## 1.3 Exercise: `gram_matrix`
#
# **Why.** Style is *which* colours and strokes occur in a picture, and which occur *together*, no matter where. If one channel answers to blue and another to
# short curves, a painting with short blue curves makes both large at the same positions.
#
# **The formula.** Multiply channels $i$ and $j$ at every position and add up:
#
# $$G_{ij} = \frac{1}{H \, W \, C} \sum_{h, w} F_{hwi} \, F_{hwj}$$
#
# With `normalize=False` the fraction in front is left out. The positions have disappeared, which is the point.
#
# **Sources differ in the fraction,** and numbers made with one cannot be used with another. $H W C$ is also what Johnson et al. divide by; Gatys' own code divides by $H W$.
# In `neural-style-transfer`, `gram_matrix` takes an activation that is already unrolled, divides by nothing, and the cost divides by $4 \, n_C^2 (n_H n_W)^2$ later. Here the
# matrix is divided, and the loss will divide by nothing.
#
# **Why divide so early?** A Gram matrix adds up over all positions, so that twice the height and twice the width give four times the sum. Divided, it is an average. Then a painting
# of one size can be the target for a picture of another.
#
# **The shapes.** $F$ is the activation of one picture, $(1, H, W, C)$. $G$ is $(C, C)$, or $(1, C, C)$ if you keep the axis of the picture: both are right here and in everything that follows. To unroll the
# positions, merge the axes $H$ and $W$, which are neighbours, and leave $C$ where it is. A `reshape` that changes the
# order of axes, say straight to $(C, H \cdot W)$, raises no error and mixes the channels: to swap axes you transpose, to merge neighbours you reshape.
#
# **Your task** (10 points, about 10 minutes): write `gram_matrix`. For one picture, as CS231n's TensorFlow version has it, it earns 8 of them. The last 2 are for a batch, $(N, H, W, C)$, as CS231n's PyTorch version
# has it: then every picture keeps a Gram matrix of its own, and $G$ is $(N, C, C)$. Begin with either.

# %% nbgrader={"grade": false, "grade_id": "gram_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gram_matrix(features, normalize=True):
    """Compute the Gram matrix of a picture, or of every picture in a batch.

    Arguments:
    features -- activation of one layer, tensor of shape (1, H, W, C); of a batch, (N, H, W, C)
    normalize -- whether to divide by H * W * C

    Returns:
    gram -- tensor of shape (C, C) or (1, C, C); of a batch, (N, C, C), one Gram matrix per picture

    Hints:
    - merge height and width, and no other axes: (H * W, C), or (N, H * W, C) for a batch
    - tf.matmul can transpose for you, and multiplies every picture of a batch on its own
    """
    ### BEGIN SOLUTION
    N, H, W, C = features.shape
    unrolled = tf.reshape(features, [N, H * W, C])
    gram = tf.matmul(unrolled, unrolled, transpose_a=True)
    return gram / (H * W * C) if normalize else gram
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_gram_matrix", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check(gram_matrix)

# %% nbgrader={"grade": true, "grade_id": "hidden_gram_matrix", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other shapes, normalised and not.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare

random = np.random.default_rng(33)
for H, W, C in [(5, 3, 4), (3, 6, 5), (4, 2, 7)]:
    features = random.normal(1, 2, size=(1, H, W, C)).astype("float32")
    sums = np.zeros((C, C))
    for h in range(H):
        for w in range(W):
            at = features[0, h, w].astype("float64")
            sums += np.outer(at, at)
    compare(gram_matrix, tf.constant(features), expected=sums / (H * W * C))
    compare(gram_matrix, tf.constant(features), expected=sums / (H * W * C), normalize=True)
    compare(gram_matrix, tf.constant(features), expected=sums, normalize=False)
### END HIDDEN TESTS

# %% [markdown]
# **A batch** (2 of the 10 points). A network computes many pictures at once; then axis 0 is longer than 1, and $G_{nij}$ is the matrix of picture $n$. A function that was written for one picture stops there, forgets
# all pictures but the first, or adds the products of all of them up in one matrix. The check says what yours does. If you leave these points, everything below works all the same.

# %% nbgrader={"grade": true, "grade_id": "test_gram_matrix_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(gram_matrix, "batch")

# %% nbgrader={"grade": true, "grade_id": "hidden_gram_matrix_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other batches, normalised and not.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare

random = np.random.default_rng(37)
for N, H, W, C in [(2, 3, 6, 5), (3, 4, 2, 7)]:
    features = random.normal(1, 2, size=(N, H, W, C)).astype("float32")
    sums = np.zeros((N, C, C))
    for n in range(N):
        for h in range(H):
            for w in range(W):
                at = features[n, h, w].astype("float64")
                sums[n] += np.outer(at, at)
    compare(gram_matrix, tf.constant(features), expected=sums / (H * W * C), part="batch")
    compare(gram_matrix, tf.constant(features), expected=sums, normalize=False, part="batch")
### END HIDDEN TESTS

# %% [markdown]
# Three styles: here are *your* Gram matrices at `relu1`, one row and one column per channel.

# %% tags=["explore"]
names = ["starry", "mosaic", "woodcut"]
styles = {name: load_image(IMAGES / f"{name}.jpg", 192) for name in names}
grams = {}
for name, image in styles.items():
    features = model.activations(preprocess(image), ["relu1"])["relu1"]
    grams[f"Gram matrix of {name}"] = np.log1p(np.squeeze(gram_matrix(features)))
print("an activation", features.shape, "   its Gram matrix", gram_matrix(features).shape)
figures.show(
    styles,
    "Stars over the sea in long whirling strokes; two fish laid in small stones; mountains and a red sun, cut in wood.",
    width=3.4,
)
figures.heatmaps(
    grams,
    "Three Gram matrices, each symmetric, with bright and dark rows and columns, and each with a pattern of its own.",
)

# %% [markdown]
# Each is the signature of a manner, and no two are alike. Now see what the division does. The same painting in three sizes, and the sum of all entries of its Gram matrix:

# %% tags=["explore"]
predict("three times the side", "?")

# %% tags=["explore"]
print(f"{'smaller side':14}{'normalize=False':>22}{'normalize=True':>18}")
for size in [96, 192, 288]:
    features = model.activations(preprocess(load_image(IMAGES / "starry.jpg", size)), ["relu1"])["relu1"]
    sums = [float(tf.reduce_sum(gram_matrix(features, normalize))) for normalize in (False, True)]
    print(f"{size:4} pixels   {sums[0]:22,.0f}{sums[1]:18,.0f}")

# %% tags=["explore"]
reveal("three times the side")

# %% [markdown]
# Three times the side is nine times the positions, and about eight times the sum. Divided, the three agree to within a sixth. What is left is no error: a larger picture shows the same strokes to the
# network at a larger scale.
#
# **What you should remember**
# - The Gram matrix says which channels are active together, summed over all positions. In a batch each picture has its own.
# - Divided by $H W C$ it hardly depends on the picture's size, so that paintings of other sizes can be targets.
# - Never mix numbers from sources that normalise differently.

# %% [markdown]
# ## 1.4 Exercise: `style_loss`
#
# **Why.** One layer sees one scale: `relu1` fine grain and colours, `fire5` larger forms. A style has all of them, so you compare Gram matrices at several layers, each with a weight.
#
# **The formula.** $G^{l}$ is the Gram matrix of the picture you are painting at layer $l$, $A^{l}$ the one of the painting you learn from, $w_l$ the layer's weight:
#
# $$L_{style} = \sum_{l} w_l \sum_{i, j} \left(G^{l}_{ij} - A^{l}_{ij}\right)^2$$
#
# Both are normalised by your `gram_matrix`; nothing else is divided. The painting never changes, so its Gram matrices are worked out once, before you
# begin. That is why the function takes them ready made, as **targets**.
#
# **The shapes.** `feats` is a dictionary, layer name → activation $(1, H, W, C)$, and may hold more layers than you need. Each target is $(1, C, C)$ or $(C, C)$, as your `gram_matrix` gives it, with its own layer's $C$. The result is a scalar.
#
# **Your task** (10 points, about 10 minutes): write `style_loss`, using your `gram_matrix`. For one picture it earns 8 of them; the last 2 are for a batch, below.

# %% nbgrader={"grade": false, "grade_id": "style_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def style_loss(feats, style_layers, style_targets, style_weights):
    """Compute the style loss of a generated picture over several layers.

    Arguments:
    feats -- dict from layer name to the generated picture's activation, (1, H, W, C);
             it may hold other layers too
    style_layers -- list of layer names
    style_targets -- list of the style picture's Gram matrices, (1, C, C) or (C, C) each, in that order
    style_weights -- list of numbers, w_l in the formula, in the same order

    Returns:
    loss -- a scalar tensor; of several pictures, activations (N, H, W, C), the losses are added up

    Hints:
    - zip goes through several lists side by side
    - start from zero and add each layer's part
    """
    ### BEGIN SOLUTION
    loss = 0.0
    for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        loss += weight * tf.reduce_sum(tf.square(gram_matrix(feats[name]) - target))
    return loss
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_style_loss", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check(style_loss)

# %% nbgrader={"grade": true, "grade_id": "hidden_style_loss", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other layers, other sizes, other weights.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare

random = np.random.default_rng(34)
for layers, weights in [(["fire3"], [0.5]), (["fire2", "fire5"], [300.0, 2.0]), (["fire5", "relu1", "fire3"], [1.5, 20.0, 4])]:
    shapes = {"conv1": (9, 7, 3), "relu1": (9, 7, 3), "fire2": (5, 3, 4), "fire3": (5, 3, 6), "fire5": (2, 4, 5)}
    feats = {name: random.normal(1, 2, size=(1, *shape)).astype("float32") for name, shape in shapes.items()}
    targets, expected = [], 0.0
    for name, weight in zip(layers, weights, strict=True):
        H, W, C = shapes[name]
        targets.append(random.normal(size=(1, C, C)).astype("float32"))
        unrolled = np.array([feats[name][0, :, :, c].ravel() for c in range(C)], "float64")
        expected += weight * ((unrolled @ unrolled.T / (H * W * C) - targets[-1]) ** 2).sum()
    feats = {name: tf.constant(activation) for name, activation in feats.items()}
    compare(style_loss, feats, layers, [tf.constant(target) for target in targets], weights, expected=expected)
### END HIDDEN TESTS

# %% [markdown]
# **A batch** (2 of the 10 points). Several pictures are to get *one* style: the activations are $(N, H, W, C)$, and each target is that of the one painting, as before. Every picture's Gram matrix is compared with it, and the losses are
# added up. This needs a `gram_matrix` that takes batches; with it, your function may do already.

# %% nbgrader={"grade": true, "grade_id": "test_style_loss_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(style_loss, "batch")

# %% nbgrader={"grade": true, "grade_id": "hidden_style_loss_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other batches, other layers.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare

random = np.random.default_rng(38)
for N, layers, weights in [(2, ["fire3"], [0.5]), (3, ["fire5", "relu1"], [2, 3.5])]:
    shapes = {"relu1": (5, 7, 3), "fire3": (5, 3, 4), "fire5": (2, 4, 5)}
    feats = {name: random.normal(1, 2, size=(N, *shape)).astype("float32") for name, shape in shapes.items()}
    targets, expected = [], 0.0
    for name, weight in zip(layers, weights, strict=True):
        H, W, C = shapes[name]
        targets.append(random.normal(size=(1, C, C)).astype("float32"))
        for n in range(N):
            unrolled = np.array([feats[name][n, :, :, c].ravel() for c in range(C)], "float64")
            expected += weight * ((unrolled @ unrolled.T / (H * W * C) - targets[-1]) ** 2).sum()
    feats = {name: tf.constant(activation) for name, activation in feats.items()}
    targets = [tf.constant(target) for target in targets]
    compare(style_loss, feats, layers, targets, weights, expected=expected, part="batch")
### END HIDDEN TESTS

# %% [markdown]
# Does it measure style, and not scene? Cut each of five paintings in two: a third on the left, two thirds on the right. The pieces show different things and have different sizes. If your loss sees the
# manner, the smallest number of each row is on the diagonal.

# %% tags=["explore"]
STYLE_LAYERS = ["relu1", "fire3", "fire4", "fire5"]
names = ["impressionist", "starry", "tiles", "fluid", "woodcut"]
lefts, rights = [], []
for name in names:
    painted = preprocess(load_image(IMAGES / f"{name}.jpg", 192))
    third = painted.shape[2] // 3
    left = model.activations(painted[:, :, :third], STYLE_LAYERS)
    lefts.append([gram_matrix(left[layer]) for layer in STYLE_LAYERS])
    rights.append(model.activations(painted[:, :, third:], STYLE_LAYERS))

weights = [1e-6] * 4  # a millionth for each layer: it only keeps the numbers short
losses = [[float(style_loss(right, STYLE_LAYERS, targets, weights)) for right in rights] for targets in lefts]
figures.table_of_numbers(losses, names, "Style loss of the right parts (columns) against the left thirds (rows)")

# %% [markdown]
# The weights decide which scale counts. CS231n's first set of weights is 20,000, 500, 12 and 1, and here is what it makes of the distance between the lake and `starry`:

# %% tags=["explore"]
starry = model.activations(preprocess(styles["starry"]), STYLE_LAYERS)
targets = [gram_matrix(starry[layer]) for layer in STYLE_LAYERS]
parts = {}
for layer, target, weight in zip(STYLE_LAYERS, targets, [20000, 500, 12, 1], strict=True):
    parts[f"{layer} × {weight:,}"] = float(style_loss(activations, [layer], [target], [weight]))
total = sum(parts.values())
shares = {name: 100 * part / total for name, part in parts.items()}
figures.bars(shares, "Share of each layer in the style loss", unit=" %")

# %% [markdown]
# Most of it comes from `relu1`, an eighth from `fire3`, and the other two hardly count: this set asks for the colours and the finest strokes first. In notebook 2 you can turn these four knobs yourself.
#
# **What you should remember**
# - The style loss compares Gram matrices, layer by layer. The targets come from the painting and are worked out once.
# - The pictures may have different sizes, because the Gram matrices do not.
# - The weights say which scale of the style counts.

# %% [markdown]
# ## 1.5 Exercise: `tv_loss`
#
# **Why.** Content and style are measured by layers that look at the picture in steps of two pixels and more. Gradient descent can leave specks of colour that
# hardly move them, and you see noise. Another loss asks for neighbouring pixels to be alike. It is called **total variation**, and it needs no network.
#
# **The formula.** The picture is $x$, the weight $w_t$. Every pixel is compared with its right neighbour and with the one below, if it has them:
#
# $$L_{tv} = w_t \left( \sum_{c} \sum_{i=1}^{H} \sum_{j=1}^{W-1} \left(x_{i, j+1, c} - x_{i, j, c}\right)^2 + \sum_{c} \sum_{i=1}^{H-1} \sum_{j=1}^{W} \left(x_{i+1, j, c} - x_{i, j, c}\right)^2 \right)$$
#
# Mahendran and Vedaldi (2015, [arXiv:1412.0035](https://arxiv.org/abs/1412.0035)) use such a term to keep pictures natural when they invert a network, Johnson et al. (2016, [arXiv:1603.08155](https://arxiv.org/abs/1603.08155)) when they paint. The squares are CS231n's
# form. The original total variation (Rudin, Osher and Fatemi, 1992) adds up the length of the gradient, without the square, and `tf.image.total_variation` adds up absolute differences.
#
# Look closely at where the sums end:

# %% tags=["explore"]
predict("pairs of neighbours", "?")

# %%
figures.neighbours(4, 5)

# %% tags=["explore"]
reveal("pairs of neighbours")

# %% [markdown]
# On the left is what the formula counts, for a picture of 4 × 5 pixels: $H \, (W - 1)$ horizontal pairs, blue, and $(H - 1) \, W$ vertical ones, orange; 31 altogether. The horizontal differences and the vertical
# differences have *different shapes*. It is tempting to cut both to $(H - 1) \times (W - 1)$ so that they fit. Then the last row loses its horizontal pairs and
# the last column its vertical ones (middle). If you shift the picture with `roll`, the first and the last pixel of a row become neighbours,
# and those pairs have to be cut off again (right).
#
# **The shapes.** The picture is $(1, H, W, 3)$. The result is a scalar.
#
# **Your task** (10 points, about 10 minutes): write `tv_loss`, without a loop. For one picture it earns 8 of them; the last 2 are for a batch, below. Try it on a case that you can count: in a picture of zeros, set one number to 1. With weight 1 the loss is its number of
# neighbours: 4 inside, 3 at the border, 2 in a corner.

# %% nbgrader={"grade": false, "grade_id": "tv_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tv_loss(img, tv_weight):
    """Compute the total variation loss of a picture.

    Arguments:
    img -- a picture, tensor of shape (1, H, W, 3)
    tv_weight -- a number, w_t in the formula

    Returns:
    loss -- a scalar tensor; of several pictures, (N, H, W, 3), the losses are added up

    Hint: two slices of the picture, one pixel apart, subtract all pairs of one direction at once.
    """
    ### BEGIN SOLUTION
    across = img[:, :, 1:] - img[:, :, :-1]
    down = img[:, 1:] - img[:, :-1]
    return tv_weight * (tf.reduce_sum(tf.square(across)) + tf.reduce_sum(tf.square(down)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_tv_loss", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check(tv_loss)

# %% nbgrader={"grade": true, "grade_id": "hidden_tv_loss", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: pictures of other sizes, and pixels at each border.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare

random = np.random.default_rng(35)


def one_pixel(H, W, row, column):
    img = np.zeros((1, H, W, 3), "float32")
    img[0, row, column] = random.normal(size=3)
    return img


pictures = [random.normal(size=(1, H, W, 3)).astype("float32") for H, W in [(5, 8), (7, 4), (6, 2), (3, 9)]]
pictures += [one_pixel(5, 7, row, column) for row, column in [(0, 3), (4, 6)]]
for number, img in enumerate(pictures):
    weight, expected = [0.02, 1, 3.0][number % 3], 0.0
    for i in range(img.shape[1]):
        for j in range(img.shape[2]):
            for below, right in [(i + 1, j), (i, j + 1)]:
                if below < img.shape[1] and right < img.shape[2]:
                    expected += weight * ((img[:, below, right].astype("float64") - img[:, i, j]) ** 2).sum()
    compare(tv_loss, tf.constant(img), weight, expected=expected)
### END HIDDEN TESTS

# %% [markdown]
# **A batch** (2 of the 10 points). Of several pictures, $(N, H, W, 3)$, the losses are added up. Two pictures of a batch are no neighbours. A function that takes the first axis away, with `squeeze` or `[0]`, finds out here.

# %% nbgrader={"grade": true, "grade_id": "test_tv_loss_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(tv_loss, "batch")

# %% nbgrader={"grade": true, "grade_id": "hidden_tv_loss_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other batches.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare

random = np.random.default_rng(39)
for weight, shape in [(0.4, (3, 4, 6, 3)), (2, (2, 5, 3, 3))]:
    img = random.normal(size=shape).astype("float32")
    exact = img.astype("float64")
    expected = weight * sum((np.diff(exact, axis=axis) ** 2).sum() for axis in (1, 2))
    compare(tv_loss, tf.constant(img), weight, expected=expected, part="batch")
### END HIDDEN TESTS

# %% [markdown]
# What does total variation mind in a picture? Your function works on any piece of one, so hold it over each patch of 4 × 4 pixels, first of the lake, then of the lake with noise.

# %% tags=["explore"]
def patches(picture, size=4):
    """Your tv_loss of every patch, in rows and columns."""
    _, height, width, _ = picture.shape
    return [
        [float(tv_loss(picture[:, y : y + size, x : x + size], 1.0)) for x in range(0, width, size)]
        for y in range(0, height, size)
    ]


noise = np.random.default_rng(1).normal(0, 20, lake.shape)
noisy = np.clip(lake + noise, 0, 255).astype("uint8")
pictures, maps = {}, []
for name, image in {"the lake": lake, "with noise": noisy}.items():
    whole = tf.constant(preprocess(image))
    pictures[f"{name}: tv_loss {float(tv_loss(whole, 1.0)):,.0f}"] = image
    maps.append(patches(whole))
figures.pictures_above_maps(
    pictures,
    maps,
    "tv_loss of a patch of 4 × 4 pixels",
    "The lake, and below it a map that is dark but for the jetty and the outlines of the mountains. Beside it the lake "
    "with noise, and a map that is bright nearly everywhere.",
)

# %% [markdown]
# In the lake it minds edges: the jetty, the mountains against the sky. Noise is an edge at every pixel, and multiplies the loss. So the loss can tell one from the other only
# by degree.
#
# You can watch that. Two of your losses are enough to clean a picture: stay near the noisy one, says `content_loss` of the pixels; be smooth, says `tv_loss`. `paint` changes the pixels so that the sum falls.

# %% tags=["explore"]
predict("cleaned too well", "?")

# %% tags=["explore"]
start = preprocess(noisy)
with figures.Gallery(
    4,
    "The lake with noise, and cleaned with more and more weight: less grain, then soft edges, then a blur.",
    width=3.1,
    paintings=3,
) as gallery:
    gallery["with noise"] = noisy
    for weight in [0.3, 1.0, 5.0]:

        def cost(picture, weight=weight):
            return {"total": content_loss(1.0, picture, start) + tv_loss(picture, weight)}

        gallery[f"tv_weight {weight}"] = deprocess(paint(cost, start, iterations=100, learning_rate=0.05))

# %% tags=["explore"]
reveal("cleaned too well")

# %% [markdown]
# A little weight takes half of the noise away, much takes the lake away. The square is to blame for part of it: it minds one large step more than many small ones, so it turns every edge into a ramp. In a painting the weight is
# small, so that strokes keep their edges.
#
# **What you should remember**
# - Total variation compares neighbouring pixels. It needs no network, and it is 0 only for a picture of one colour.
# - Horizontal and vertical differences have different shapes. Add up each on its own, and every pair at the border counts.
# - It removes noise and softens edges; the weight decides how much of each.

# %% [markdown]
# ## 1.6 What comes next
#
# You have three losses: one for the scene, one for the manner, and one for smoothness. In notebook 2 you add them up, and the small network paints.
#
# **Things to try**
# - `content_loss` at `relu1` and at `fire5`: which is the nearest picture there?
# - Flip a painting from left to right. What happens to its Gram matrices? Think first, then try.
# - Your own photograph: `load_image("my-photo.jpg", 192)`. Where does total variation see the most?
#
# Save this notebook, then go on to [2-style-transfer](2-style-transfer.ipynb).
