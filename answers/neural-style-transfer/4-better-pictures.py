# %% [markdown]
# # 4. Better pictures
#
# You can paint. This notebook makes it quicker, and gives you what people ask for next: the content picture's own colours, finer strokes, two manners in one picture,
# one manner for the sky and another for the water, less grain, more pixels.
#
# There is nothing to write here, no points, and you need not hand it in. Everything below works with **your** two cost functions, just as you wrote them. Each feature is a few
# lines around them. Change whatever you like.

# %%
import numpy as np

from nst.lessons import figures
from nst.lessons.predictions import predict, reveal
from nst.lessons.take import take
from nst.painting import Monitor, Style, cost_maker, demand_memory, keep_colours, match_colours, megabytes, scales
from nst.painting import paint, paint_scales
from nst.paths import IMAGES, OUTPUT
from nst_utils import PictureError, generate_noise_image, load_image, load_vgg_model, reshape_and_normalize_image, to_rgb

# %config InlineBackend.figure_format = "retina"

# %% [markdown]
# ## 4.1 Your costs, and some pictures
#
# Fetch what you wrote in the first two notebooks. If one is not finished, or not right yet, the cell tells you which.

# %%
compute_content_cost = take("1-content-cost", "compute_content_cost")
compute_layer_style_cost = take("2-style-cost", "compute_layer_style_cost")

model = load_vgg_model()
lake, pyramid = (load_image(IMAGES / f"{name}.jpg", size=(240, 320)) for name in ("lake_small", "pyramid_small"))
fluid, impressionist, mosaic, starry = (
    load_image(IMAGES / f"{name}.jpg") for name in ("fluid", "impressionist", "mosaic", "starry")
)
figures.show(
    {"fluid": fluid, "impressionist": impressionist, "mosaic": mosaic, "starry": starry},
    "Four styles: ribbons of poured paint, a meadow in dabs of colour, two fish laid in small stones, a whirling night sky.",
    width=3.2,
)

# %% [markdown]
# `cost_maker` puts a content picture, styles and your two functions together. It does what `make_costs` and `total_cost` did in `3-painting`, with the same layers and the same
# $\alpha = 10$ and $\beta = 40$. What is new: it returns a function of a *size*, so that a picture can be painted in several sizes. You will see in a moment why.


# %%
def start_for(content):
    return generate_noise_image(reshape_and_normalize_image(content), rng=np.random.default_rng(3))


def paint_with(content, *styles, **options):
    make_cost = cost_maker(model, content, styles, compute_content_cost, compute_layer_style_cost, **options)
    return to_rgb(paint_scales(make_cost, start_for(content), iterations=20))


# %% [markdown]
# ## 4.2 A method that knows the curve
#
# Adam sees the slope under its feet, and takes a step of about the same length whatever the slope. **L-BFGS** compares the last ten slopes with one another. Where the slope changed a lot from one step to the next, the cost
# curves, and a long step would overshoot. Where it hardly changed, the way is straight, and a long step is safe. So it learns how the cost curves, and takes a step of the right length in every direction.
# (Liu and Nocedal, 1989. In `nst/painting/lbfgs.py` it takes a hundred lines.)
#
# Here are both, with the same costs, from the same start; Adam twice, with the learning rate of the other notebooks, and with the best of nine that were tried for this very picture. Each evaluation computes the cost and its gradient once, and that is where nearly all the time goes.

# %% tags=["explore"]
predict("a fair race", "?")

# %% tags=["explore"]
small = load_image(IMAGES / "lake_small.jpg", size=(150, 200))
cost = cost_maker(model, small, [Style(starry)], compute_content_cost, compute_layer_style_cost)((150, 200))
falls = {}
runs = {"Adam, rate 2": {"learning_rate": 2.0}, "Adam, rate 16": {"learning_rate": 16.0}, "L-BFGS": {"method": "lbfgs"}}
with figures.Gallery(
    4,
    "The lake, and the same painting three times after 40 evaluations: with Adam at a rate of 2 still full of noise, with Adam at 16 "
    "and with L-BFGS clean, its strokes in place.",
    paintings=3,
) as gallery:
    gallery["content"] = small
    for name, settings in runs.items():
        fall = falls[name] = []

        def note(evaluation, costs, picture, fall=fall):
            fall.append((evaluation, float(costs["total"])))

        picture = paint(cost, start_for(small), iterations=40, callback=note, **settings)
        gallery[name] = to_rgb(picture)
    figures.falling(falls, "Total cost, from the same start")

# %% tags=["explore"]
reveal("a fair race")

# %% [markdown]
# Adam gets there too. With a rate of 2 it needs 141 evaluations for what L-BFGS does in 40; with a rate of 16 it needs 49, and is nearly as quick. But somebody had to find the 16: with 24, the cost leaps up again after a hundred evaluations. What L-BFGS saves you is the search. (Where a step of L-BFGS goes too far, it tries a shorter one. The curve leaves such trials out.)
#
# Why does anybody train networks with Adam, then? Because every step of a training sees other data, and so another cost. Slopes of different costs say nothing about a curve. Your cost stays the same from the first step to the last.
#
# ## 4.3 From coarse to fine
#
# A picture half as high and half as wide has a quarter of the pixels, and a step takes a quarter of the time. So settle the large forms where a step is cheap: paint small, enlarge, paint on. `paint_scales` does that.
#
# On the left, 25 evaluations at full size. On the right, 20 at half the size and 20 at full size. Both take the same time.

# %% tags=["explore"]
predict("where coarse shows", "?")

# %% tags=["explore"]
print("sizes from coarse to fine:", scales((240, 320)))
make_cost = cost_maker(model, pyramid, [Style(fluid)], compute_content_cost, compute_layer_style_cost)
with figures.Gallery(
    3,
    "The palace; painted at once, in short strokes everywhere; and from coarse to fine, with long bands in sky and water.",
    paintings=2,
) as gallery:
    gallery["content"] = pyramid
    gallery["at once"] = to_rgb(paint(make_cost((240, 320)), start_for(pyramid), method="lbfgs", iterations=25))
    gallery["from coarse to fine"] = to_rgb(paint_scales(make_cost, start_for(pyramid), iterations=20))

# %% tags=["explore"]
reveal("where coarse shows")

# %% [markdown]
# Look at the sky, and at the water in front. A kernel is 3 × 3 pixels in any size. In the small picture it covers twice as much of the scene, so the layers see long bands there as easily as they see short strokes later.
#
# From here on, every picture is painted with L-BFGS from coarse to fine. Each takes a few seconds with the embedded network.
#
# ## 4.4 Keep the colours
#
# A style brings its colours along. What if you want the brushwork, and your own blue sky? There are two ways (Gatys, Bethge, Hertzmann and Shechtman, 2016).
#
# **Afterwards**: take the brightness of each pixel from the painting, and its colour from the content picture. `keep_colours` does that.
#
# **Before**: change the colours of the style picture, so that they have the mean and the covariance of the content picture's. Every colour $x$ becomes $A x + b$, with one matrix $A$ for all of them. `match_colours` does that. Then you paint with the changed style.

# %% tags=["explore"]
matched = match_colours(fluid, lake)
figures.show(
    {"content": lake, "style": fluid, "style, colours matched": matched},
    "The lake in autumn; poured paint in strong colours; and the same paint in the colours of the lake.",
    width=4.2,
)
with figures.Gallery(
    3,
    "The lake in ribbons of strong colours; the same strokes in the lake's own colours, put back; and painted with ribbons of its "
    "colours.",
    paintings=2,
) as gallery:
    gallery["painted"] = painted = paint_with(lake, Style(fluid))
    gallery["colours of the content put back"] = keep_colours(painted, lake)
    gallery["painted with matched colours"] = paint_with(lake, Style(matched))

# %% [markdown]
# The first way keeps every colour where it was, so edges of colour and strokes need not fall together. In the second, strokes have colours of their own, though only those that the content picture has.
#
# ## 4.5 The size of the strokes
#
# VGG-19's kernels see forms of a few pixels to a few dozen. So the size of the *style picture* decides how large its forms become in yours. A `Style` has a `scale`: at 1 the style picture is as large as your painting, at 0.5 half as high and wide.

# %% tags=["explore"]
predict("larger stones", "?")

# %% tags=["explore"]
with figures.Gallery(3, "The palace laid in stones: the larger the style picture, the larger the stones.") as gallery:
    for scale in (0.5, 1, 2):
        gallery[f"scale {scale:g}"] = paint_with(pyramid, Style(mosaic, scale=scale))

# %% tags=["explore"]
reveal("larger stones")

# %% [markdown]
# The stones grow with the scale, and the palace does not. Make them too large, and no layer sees a whole stone any more: the style falls apart.
#
# ## 4.6 Several styles
#
# A style is a Gram matrix to each layer, and costs can be added. So you can ask for some of each, with weights $w_k$:
#
# $$J_{style}(G) = \frac{\sum_k w_k \, J_{style}(S_k, G)}{\sum_k w_k}$$
#
# This is not like laying two pictures over each other. The lowest style cost is where the Gram matrix is the weighted mean of theirs.

# %% tags=["explore"]
with figures.Gallery(
    3,
    "The lake in blends of two styles: first mostly short strokes of the starry night, then both, then mostly ribbons of paint.",
) as gallery:
    for first, second in [(8, 1), (1, 1), (1, 8)]:
        styles = [Style(starry, weight=first), Style(fluid, weight=second)]
        gallery[f"starry {first} : fluid {second}"] = paint_with(lake, *styles)

# %% [markdown]
# ## 4.7 This here, that there
#
# Or keep them apart. A **mask** is a picture of numbers from 0 to 1 that says where a style goes. It multiplies the activations, position by position, before they come to your `compute_layer_style_cost`. Where it is 0, nothing gets into the Gram matrix, so
# that style has no say there (Gatys et al., 2017, which calls it spatial control).
#
# Below, the mask of the water is a soft step along the shore. Soft, because a hard one shows as a seam. Mountains and sky get the rest.

# %% tags=["explore"]
rows = np.linspace(0, 1, 240)
water = np.tile(1 / (1 + np.exp((0.49 - rows) / 0.015))[:, None], (1, 320))
with figures.Gallery(
    3,
    "The lake; a mask, black above the shore and white below; and the painting, strokes in the sky, small stones in the water.",
    paintings=1,
) as gallery:
    gallery["content"] = lake
    gallery["mask of the mosaic"] = water
    gallery["starry above, mosaic below"] = paint_with(lake, Style(starry, mask=1 - water), Style(mosaic, mask=water))

# %% [markdown]
# A mask can come from anywhere: from a formula, as here, from the picture itself, or from a painting program. `load_image("mask.png")` will do, white where the style goes. It need not have the size of the picture.
#
# ## 4.8 Less grain
#
# Some paintings come out grainy: the network hardly minds it if neighbouring pixels differ. So say that you do. **Total variation** adds up the squared differences of neighbours (Mahendran and Vedaldi, 2015):
#
# $$J_{smooth}(x) = \mathrm{mean}\left((x_{i+1,j} - x_{i,j})^2\right) + \mathrm{mean}\left((x_{i,j+1} - x_{i,j})^2\right)$$
#
# The paper has a sum. The mean, here, does not grow with the size of the picture. It is added to the total cost with the weight `tv_weight`.

# %% tags=["explore"]
with figures.Gallery(
    3, "The lake in dabs of colour: grainy without the new cost, smoother with some of it, flat patches with much."
) as gallery:
    for weight in (0, 0.003, 0.03):
        gallery[f"tv_weight {weight:g}"] = paint_with(lake, Style(impressionist), tv_weight=weight)

# %% [markdown]
# Too much of it takes the strokes away with the grain. (These weights suit the embedded network. The costs of the full one are many million times as large, as section 3.6 says, and the weight must be so too.)
#
# ## 4.9 Larger
#
# Time and memory both grow with the number of pixels. For a gradient, TensorFlow must remember the activations of all layers at once. L-BFGS remembers its last ten steps as well. How much is that for a megapixel, beside the program itself, and does your machine have it?

# %% tags=["explore"]
predict("memory for a megapixel", "?")

# %%
print(f"a million pixels take about {megabytes((1000, 1000), model):,.0f} MB")
try:
    demand_memory((30_000, 40_000), model)
except PictureError as error:
    print(error)

# %% tags=["explore"]
reveal("memory for a megapixel")

# %% [markdown]
# Ask before you paint. When memory runs out in the middle of a painting, the system ends the program, and the picture is gone.
#
# Six times as many pixels as above, then. There are now three sizes, and the first two together take a third of the time of the last. The style picture has 300 × 400 pixels. Enlarged to the painting's size, its strokes would be soft. At scale 0.5 they keep
# their own size, and there is room for more of them. It takes about half a minute.

# %% tags=["explore"]
large = load_image(IMAGES / "lake.jpg")
size = large.shape[:2]
demand_memory(size, model)
styles = [Style(starry, scale=0.5)]
make_cost = cost_maker(model, large, styles, compute_content_cost, compute_layer_style_cost, tv_weight=0.01)
with Monitor(20 * len(scales(size)), output=OUTPUT / "better-picture") as monitor:
    large_painting = to_rgb(paint_scales(make_cost, start_for(large), iterations=20, callback=monitor))
figures.show({f"600 × 800 pixels, {monitor.done}": large_painting}, "The lake in fine strokes of the starry night, large.", width=9)

# %% [markdown]
# The teeth in the curves are the places where a new size begins. (The smoothness in them is already multiplied by its weight; content and style are not yet.)
#
# ## 4.10 Without a notebook
#
# All of this is in one command, for when you just want a picture. In a terminal, in the folder of the course:
#
# ```
# .venv/bin/nst paint images/lake.jpg images/starry.jpg -o night.png
# .venv/bin/nst paint images/lake.jpg images/fluid.jpg -o bands.png --keep-colours
# .venv/bin/nst paint images/lake.jpg images/starry.jpg -o large.png --size 600 --style-scale 0.5 --smooth 1
# .venv/bin/nst paint images/lake.jpg images/starry.jpg images/fluid.jpg -o both.png --weights 8 1
# ```
#
# `nst paint --help` lists the rest: masks, the weight of the style, a film of the painting.
#
# **What you should remember**
# - The cost says what you want, the method says how to get there. You changed the method and not a line of your costs.
# - A cost that stays the same from step to step lets you learn its curvature. That is what L-BFGS does, and why nobody has to find a learning rate for it.
# - Coarse to fine: settle what is large where it is cheap.
# - Whatever you can say as a number, you can ask for: colours, several styles, places, smoothness.
#
# The next assignment, [fast-style-transfer](../fast-style-transfer/1-losses.ipynb), paints with a network so small that a picture takes seconds.
#
# **Where to read on**
# - Leon Gatys, Alexander Ecker, Matthias Bethge: [*Image Style Transfer Using Convolutional Neural Networks*](https://doi.org/10.1109/CVPR.2016.265), CVPR 2016. The paper of this assignment, two years on, with L-BFGS.
# - Leon Gatys, Matthias Bethge, Aaron Hertzmann, Eli Shechtman: *Preserving Color in Neural Artistic Style Transfer*, 2016, [arXiv:1606.05897](https://arxiv.org/abs/1606.05897).
# - Leon Gatys, Alexander Ecker, Matthias Bethge, Aaron Hertzmann, Eli Shechtman: *Controlling Perceptual Factors in Neural Style Transfer*, CVPR 2017, [arXiv:1611.07865](https://arxiv.org/abs/1611.07865). Masks, scales and coarse to fine.
# - Richard Byrd, Peihuang Lu, Jorge Nocedal, Ciyou Zhu: [*A Limited Memory Algorithm for Bound Constrained Optimization*](https://doi.org/10.1137/0916069), SIAM Journal on Scientific Computing, 1995.
# - Aravindh Mahendran, Andrea Vedaldi: *Understanding Deep Image Representations by Inverting Them*, CVPR 2015, [arXiv:1412.0035](https://arxiv.org/abs/1412.0035). Total variation.
# - `nst/painting/styles.py`, `nst/painting/loop.py` and `nst/painting/lbfgs.py` in this course.
