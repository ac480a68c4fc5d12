# %% [markdown]
# # 3. Painting
#
# You have a number for the scene and a number for the manner. Add them up, and you have a number for the picture you want. In this notebook
# you make it small, one step at a time, and the picture appears.

# %%
import numpy as np

from nst.checks.neural_style_transfer import check
from nst.lessons import figures
from nst.lessons.predictions import predict, reveal
from nst.lessons.take import take
from nst.painting import Monitor, paint
from nst.paths import IMAGES, OUTPUT
from nst.quiet import tf
from nst_utils import generate_noise_image, load_image, load_vgg_model, reshape_and_normalize_image, to_rgb

# %config InlineBackend.figure_format = "retina"

# %% [markdown]
# ## 3.1 Exercise: `total_cost`
#
# **Why.** One number can be minimised; two cannot. $\alpha$ and $\beta$ say how much you care for the scene and how much for the manner.
#
# **The formula.** The paper's equation 7:
#
# $$J = \alpha \, J_{content} + \beta \, J_{style}$$
#
# The paper's ratios $\alpha / \beta$ are a thousandth and less. They cannot be compared with yours, because its content cost is a plain sum and yours is divided by
# the number of entries. Here $\alpha = 10$ and $\beta = 40$ take on the manner and keep the scene in view.
#
# **The shapes.** Scalars in, a scalar out.
#
# **Your task** (5 points, about 2 minutes): write `total_cost`.

# %% nbgrader={"grade": false, "grade_id": "total_cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def total_cost(J_content, J_style, alpha=10, beta=40):
    """Compute the total cost.

    Arguments:
    J_content -- content cost, a scalar
    J_style -- style cost, a scalar
    alpha -- weight of the content cost
    beta -- weight of the style cost

    Returns:
    J -- the total cost, a scalar
    """
    ### BEGIN SOLUTION
    return alpha * J_content + beta * J_style
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_total_cost", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(total_cost)

# %% nbgrader={"grade": true, "grade_id": "hidden_total_cost", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other costs, other weights.
### BEGIN HIDDEN TESTS
from nst.checks.neural_style_transfer import compare

random = np.random.default_rng(31)
for J_content, J_style, alpha, beta in random.uniform(0.5, 20, size=(3, 4)):
    compare(total_cost, J_content, J_style, expected=10 * J_content + 40 * J_style)
    compare(total_cost, J_content, J_style, alpha=alpha, beta=beta, expected=alpha * J_content + beta * J_style)
### END HIDDEN TESTS

# %% [markdown]
# **What you should remember**
# - Only the ratio $\alpha / \beta$ changes the picture you end up with. More $\alpha$: more of the scene. More $\beta$: more of the manner.

# %% [markdown]
# ## 3.2 How a picture is painted
#
# When you train a network, the pictures stay and the weights change. Here it is the other way round: the weights stay and **the picture changes**. The
# pixels are the parameters.

# %%
figures.painting_loop()

# %% [markdown]
# One iteration goes once around this loop. TensorFlow's `GradientTape` watches the computation from the picture to $J$, and then
# tells you the gradient of $J$ with respect to every pixel. An optimiser, Adam (Kingma and Ba, 2015, [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)), takes the step.
#
# ## 3.3 Exercise: `train_step`
#
# **Why.** This is the whole of gradient descent. Everything else is repetition.
#
# **The formula.** With $J(x) = $ `total_cost`$(J_{content}(x), J_{style}(x))$ for the picture $x$: compute $\nabla_x J$, and hand it to the optimiser.
#
# **The shapes.** The picture is a `tf.Variable` of shape $(1, n_H, n_W, 3)$, and so is the gradient. The three costs are scalars.
#
# **If you know this exercise from elsewhere.** Some sources paint pixels from 0 to 1 and clip the picture to that range after each step. Here the mean colour has been
# taken away, so pixels lie around 0, many of them negative, and nothing is clipped.
#
# **Your task** (10 points, about 10 minutes): write `train_step`. `costs` is a function: `costs(picture)` returns the pair $(J_{content}, J_{style})$.

# %% nbgrader={"grade": false, "grade_id": "train_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_step(picture, costs, optimizer):
    """Change the picture by one step of gradient descent.

    Arguments:
    picture -- tf.Variable of shape (1, n_H, n_W, 3); it is changed in place
    costs -- function from a picture to the pair (J_content, J_style)
    optimizer -- a Keras optimizer

    Returns:
    J, J_content, J_style -- the costs of the picture as it was before the step, scalar tensors

    Hints:
    - compute the costs inside `with tf.GradientTape() as tape:`
    - tape.gradient(..., picture), then optimizer.apply_gradients([(gradient, variable)])
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        J_content, J_style = costs(picture)
        J = total_cost(J_content, J_style)
    gradient = tape.gradient(J, picture)
    optimizer.apply_gradients([(gradient, picture)])
    return J, J_content, J_style
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_train_step", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(train_step)

# %% nbgrader={"grade": true, "grade_id": "hidden_train_step", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other costs, another optimizer.
### BEGIN HIDDEN TESTS
from nst.checks.neural_style_transfer import compare, quadratic_costs

random = np.random.default_rng(33)
for shape, is_adam in [((1, 4, 6, 3), False), ((1, 7, 5, 3), True)]:
    start, scene, manner = random.uniform(-50, 50, size=(3, *shape)).astype("float32")
    J_content, J_style = ((start - scene) ** 2).sum(), ((start - manner) ** 2).sum()
    gradient = 20 * (start - scene) + 80 * (start - manner)
    # Adam's first step moves every pixel by the learning rate.
    optimizer = tf.keras.optimizers.Adam(3.0) if is_adam else tf.keras.optimizers.SGD(0.004)
    after = start - (3.0 * np.sign(gradient) if is_adam else 0.004 * gradient)
    expected = (10 * J_content + 40 * J_style, J_content, J_style, after)
    compare(train_step, tf.Variable(start), quadratic_costs(scene, manner), optimizer, expected=expected)
### END HIDDEN TESTS

# %% [markdown]
# **What you should remember**
# - `GradientTape` records a computation; `tape.gradient` runs it backwards.
# - The variable of this gradient descent is the picture.

# %% [markdown]
# ## 3.4 Exercise: `model_nn`
#
# **Why.** One step barely changes anything. Two hundred make a picture.
#
# **The recipe**
# 1. Make a `tf.Variable` from the start picture, and a `tf.keras.optimizers.Adam` with the given learning rate. Make each of them **once**: Adam remembers its last steps.
# 2. For each iteration *i*, from 0: take a `train_step`.
# 3. If there is a `callback`, tell it how it went: `callback(i, {"total": J, "content": J_content, "style": J_style}, picture)`. This is where the progress
#    bar, the preview and the film come from; they are given.
# 4. Return the picture as a NumPy array.
#
# TensorFlow runs Python line by line. Wrapped in `tf.function`, a step is compiled once into a graph and runs about twice as fast. The skeleton
# does that for you.
#
# **The shapes.** `start` and the result are arrays of shape $(1, n_H, n_W, 3)$.
#
# **Your task** (10 points, about 10 minutes): complete `model_nn`.

# %% nbgrader={"grade": false, "grade_id": "model_nn", "locked": false, "schema_version": 3, "solution": true, "task": false}
def model_nn(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    """Paint a picture.

    Arguments:
    costs -- function from a picture to the pair (J_content, J_style)
    start -- the picture to start from, array of shape (1, n_H, n_W, 3); it is not changed
    num_iterations -- how many steps to take
    learning_rate -- how far Adam moves a pixel in one step, about
    callback -- if given, called after each step as callback(i, dict_of_costs, picture); see step 3 above

    Returns:
    generated_image -- array of shape (1, n_H, n_W, 3)
    """
    ### BEGIN SOLUTION
    picture = tf.Variable(start)
    optimizer = tf.keras.optimizers.Adam(learning_rate)
    ### END SOLUTION

    @tf.function
    def step():
        return train_step(picture, costs, optimizer)

    ### BEGIN SOLUTION
    for i in range(num_iterations):
        J, J_content, J_style = step()
        if callback is not None:
            callback(i, {"total": J, "content": J_content, "style": J_style}, picture)
    return picture.numpy()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_model_nn", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(model_nn)

# %% nbgrader={"grade": true, "grade_id": "hidden_model_nn", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: another picture, other numbers of iterations.
### BEGIN HIDDEN TESTS
from nst.checks.neural_style_transfer import compare, quadratic_costs

random = np.random.default_rng(35)
start, scene, manner = random.uniform(-50, 50, size=(3, 1, 5, 4, 3)).astype("float32")
untouched = start.copy()
bowl = quadratic_costs(scene, manner)


def adam(steps, rate):
    """Every picture on Adam's way from start, the last one too."""
    m = v = 0
    pictures = [start.astype("float64")]
    for t in range(1, steps + 1):
        gradient = 20 * (pictures[-1] - scene) + 80 * (pictures[-1] - manner)
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        pictures.append(pictures[-1] - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7))
    return pictures


# With steps this long the gradients turn round on the way, so every optimizer goes a way of its own.
compare(model_nn, bowl, start, num_iterations=9, learning_rate=12.0, expected=adam(9, 12.0)[-1])

seen = []
painted = model_nn(bowl, start, num_iterations=7, learning_rate=20.0, callback=lambda i, costs, _: seen.append((i, costs)))
way = adam(7, 20.0)
assert isinstance(painted, np.ndarray) and painted.shape == start.shape, "model_nn returns a NumPy array of the start's shape"
assert [i for i, _ in seen] == list(range(7)), "the callback comes once after each step, counting from 0"
assert np.array_equal(start, untouched), "the start picture stays as it is"
for (_, costs), picture in zip(seen, way, strict=False):
    content, style = ((picture - scene) ** 2).sum(), ((picture - manner) ** 2).sum()
    right = {"total": 10 * content + 40 * style, "content": content, "style": style}
    assert all(np.isclose(costs[name], right[name], rtol=1e-3) for name in right), "the costs are those before the step"
assert np.allclose(painted, way[-1], atol=0.02), "seven steps of Adam lead elsewhere"
### END HIDDEN TESTS

# %% [markdown]
# **What you should remember**
# - Painting is optimisation: start somewhere, follow the gradient, stop when you like it.
# - The optimiser has a memory, so you make it once.

# %% [markdown]
# ## 3.5 Put it together
#
# Nothing below this line is graded. This is what it was all for.
#
# First fetch the functions you wrote in the first two notebooks. If one is not finished, or not right yet, the cell tells you which.

# %% tags=["explore"]
compute_content_cost = take("1-content-cost", "compute_content_cost")
compute_style_cost = take("2-style-cost", "compute_style_cost")

CONTENT_LAYER = "conv4_2"
STYLE_LAYERS = [("conv1_1", 0.2), ("conv2_1", 0.2), ("conv3_1", 0.2), ("conv4_1", 0.2), ("conv5_1", 0.2)]

model = load_vgg_model()

# %% [markdown]
# Now the `costs` function for one pair of pictures. The activations of the content and style pictures never change, so they are computed once. Those of the
# picture you paint are computed at every step, all of them in a single pass through the network.

# %% tags=["explore"]
def make_costs(content, style, content_layer=CONTENT_LAYER, style_layers=STYLE_LAYERS):
    """Return the function costs(picture) -> (J_content, J_style) for this pair of normalised pictures."""
    names = [name for name, _ in style_layers]
    a_C = model.activations(content, [content_layer])[content_layer]
    a_S = model.activations(style, names)

    def costs(picture):
        a_G = model.activations(picture, [content_layer, *names])
        return compute_content_cost(a_C, a_G[content_layer]), compute_style_cost(a_S, a_G, style_layers)

    return costs


content_image = load_image(IMAGES / "pyramid_small.jpg")
style_image = load_image(IMAGES / "impressionist.jpg", size=content_image.shape[:2])
content = reshape_and_normalize_image(content_image)
style = reshape_and_normalize_image(style_image)
costs = make_costs(content, style)

# %% [markdown]
# The start is a mixture: 60 % noise and 40 % content picture. The noise leaves the style free to grow; the content gives the scene a head start. (The paper
# starts from noise alone, which takes more iterations.)

# %% tags=["explore"]
start = generate_noise_image(content, rng=np.random.default_rng(3))
figures.show(
    {"content": content_image, "style": style_image, "start": to_rgb(start)},
    "The palace; the meadow in dabs of colour; and the start, the palace pale behind grains of noise.",
    width=3.6,
)

# %% [markdown]
# Three steps first. Before any long run, see that a short one works: the total cost should fall.

# %% tags=["explore"]
def report(i, costs, picture):
    print(f"iteration {i}: total cost {float(costs['total']):.4e}")


model_nn(costs, start, num_iterations=3, callback=report);

# %% [markdown]
# ## 3.6 Paint
#
# Two hundred iterations. With the embedded network this takes about half a minute on a laptop; with the full network, about four minutes.
# `Monitor` is the callback: it shows the picture and the costs while they change, and keeps a picture every 20 iterations in `output/`.
#
# If you have seen enough, press ■ in the toolbar. **The picture so far is kept.** So it is in every cell that paints: one ■ ends the whole cell, what is finished stays, and the painting under way says how far it came.
# If you load the page again by mistake, the painting goes on, and its picture comes when it is done.

# %% tags=["explore"]
predict("the first twenty steps", "?")

# %% tags=["explore"]
with Monitor(200) as monitor:
    model_nn(costs, start, num_iterations=200, callback=monitor)

generated_image = to_rgb(monitor.picture)
figures.show(
    {"content": content_image, "style": style_image, f"generated, {monitor.done}": generated_image},
    "The palace; the meadow in dabs of colour; and your painting, the palace in such dabs.",
    width=4.2,
)
monitor.show_film()

# %% tags=["explore"]
reveal("the first twenty steps")

# %% [markdown]
# The moving picture is the film of your run. You find it in `output/`, beside `generated_image.jpg`.
#
# Other people report costs in the billions for the same 200 iterations. That is no mistake of theirs or yours: the first eight layers of the full VGG-19
# answer about twenty to two hundred times as strongly as those of the embedded network, and the style cost grows with their fourth power. Only compare costs made with the same network.

# %% [markdown]
# **Only the ratio counts**, says section 3.1. Is that so? Here is a small painting twice, the second time with both weights doubled. It takes about ten seconds.

# %% tags=["explore"]
predict("both weights doubled", "?")

# %% tags=["explore"]
small = [reshape_and_normalize_image(load_image(IMAGES / name, size=(150, 200))) for name in ("pyramid_small.jpg", "impressionist.jpg")]
small_costs = make_costs(*small)
small_start = generate_noise_image(small[0], rng=np.random.default_rng(5))


def weighed(alpha, beta):
    """The cost of a small painting with these weights."""
    return lambda picture: {"total": total_cost(*small_costs(picture), alpha, beta)}


with figures.Gallery(2, "The palace painted twice, in the same strokes: nobody could tell which weights made which.", width=4.2) as gallery:
    for factor in (1, 2):
        painted = paint(weighed(10 * factor, 40 * factor), small_start, iterations=60)
        gallery[f"α = {10 * factor}, β = {40 * factor}"] = to_rgb(painted)

# %% tags=["explore"]
reveal("both weights doubled")

# %% [markdown]
# ## 3.7 Your own picture
#
# Put a photograph of yours beside this notebook, or take another one from `images/`, and name it below. Any size works: `size=(height, width)` crops and scales it. Time
# and memory grow with the number of pixels.

# %% tags=["explore"]
my_content = load_image(IMAGES / "lake_small.jpg", size=(240, 320))
my_style = load_image(IMAGES / "starry.jpg", size=(240, 320))

x = reshape_and_normalize_image(my_content)
my_costs = make_costs(x, reshape_and_normalize_image(my_style))
with Monitor(100, output=OUTPUT / "my-picture") as my_monitor:
    model_nn(my_costs, generate_noise_image(x, rng=np.random.default_rng(4)), num_iterations=100, callback=my_monitor)
figures.show(
    {"content": my_content, "style": my_style, f"generated, {my_monitor.done}": to_rgb(my_monitor.picture)},
    "Your content picture, your style picture, and the content painted in that style.",
    width=4.2,
)

# %% [markdown]
# ## 3.8 Turn the knobs
#
# Every choice above was somebody's choice. Change one at a time, press *Paint*, and watch. The pictures are small here, so each run takes a few seconds. The last eight stay below the sliders, each with its settings.
#
# - **style over content**: $\beta / \alpha$, 4 so far.
# - **depth of content**: from `conv1_1` (every pixel) to `conv5_1` (hardly anything).
# - **style layers**: only the first one gives grain and colour; more give larger forms.
# - **learning rate**: too small, and nothing happens; too large, and the picture never settles.
# - **noise**: how much of the start is noise.

# %% tags=["explore"]
predict("knob of depth", "?")

# %% tags=["explore"]
import ipywidgets

from nst.lessons.knobs import knobs

ALL_STYLE_LAYERS = [name for name, _ in STYLE_LAYERS]
small_content = reshape_and_normalize_image(load_image(IMAGES / "pyramid_small.jpg", size=(150, 200)))


def paint_small(style, ratio, content_layer, depth, learning_rate, iterations, noise):
    chosen = [(name, 1 / depth) for name in ALL_STYLE_LAYERS[:depth]]
    small_style = reshape_and_normalize_image(load_image(IMAGES / f"{style}.jpg", size=(150, 200)))
    pair = make_costs(small_content, small_style, content_layer, chosen)

    def cost(picture):
        J_content, J_style = pair(picture)
        J = total_cost(J_content, J_style, alpha=10, beta=10 * ratio)
        return {"total": J, "content": J_content, "style": J_style}

    start = generate_noise_image(small_content, noise_ratio=noise, rng=np.random.default_rng(5))
    return to_rgb(paint(cost, start, iterations=iterations, learning_rate=learning_rate))


def settings(style, ratio, content_layer, depth, learning_rate, iterations, noise):
    return f"{style}, ratio {ratio:g}, {content_layer}\n{depth} layers, rate {learning_rate:g}\n{iterations} steps, noise {noise:g}"


def knob(kind, value, name, **options):
    wide = {"style": {"description_width": "140px"}, "layout": {"width": "460px"}}
    return kind(value=value, description=name, **wide, **options)


STYLES = ["fluid", "impressionist", "mosaic", "starry", "tiles", "woodcut"]
CONTENT_LAYERS = ["conv1_1", "conv2_1", "conv3_1", "conv4_2", "conv5_1"]

knobs(
    paint_small,
    "The palace, painted with the settings that stand above each picture.",
    settings=settings,
    style=knob(ipywidgets.Dropdown, "starry", "style", options=STYLES),
    ratio=knob(ipywidgets.FloatLogSlider, 4, "style over content", base=2, min=-4, max=12, step=1),
    content_layer=knob(ipywidgets.Dropdown, "conv4_2", "content layer", options=CONTENT_LAYERS),
    depth=knob(ipywidgets.IntSlider, 5, "style layers", min=1, max=5),
    learning_rate=knob(ipywidgets.FloatLogSlider, 2, "learning rate", base=2, min=-4, max=6, step=1),
    iterations=knob(ipywidgets.IntSlider, 60, "iterations", min=10, max=300, step=10),
    noise=knob(ipywidgets.FloatSlider, 0.6, "noise", min=0, max=1, step=0.1),
);

# %% tags=["explore"]
reveal("knob of depth")

# %% [markdown]
# **What you should remember**
# - Neural style transfer optimises the pixels of a picture; the network only judges.
# - The content cost compares activations of a deep layer; the style cost compares Gram matrices of several layers.
# - There is no single right picture. $\alpha$, $\beta$, the layers and the start are yours to choose.
#
# **Where to go on**
# - [4-better-pictures](4-better-pictures.ipynb) paints quicker and larger with the functions you wrote, keeps your colours, and blends styles. Save this notebook, then go on to it: there is nothing to write there.
#
# **Where to read on**
# - Leon Gatys, Alexander Ecker, Matthias Bethge: *A Neural Algorithm of Artistic Style*, 2015, [arXiv:1508.06576](https://arxiv.org/abs/1508.06576).
# - Karen Simonyan, Andrew Zisserman: *Very Deep Convolutional Networks for Large-Scale Image Recognition*, 2015, [arXiv:1409.1556](https://arxiv.org/abs/1409.1556).
# - `nst_utils.py` and `nst/painting/loop.py` in this course: both are short, and both are written to be read.
