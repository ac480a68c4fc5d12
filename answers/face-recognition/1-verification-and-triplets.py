# %% [markdown]
# # 1. Verification and triplets
#
# A door should open for the people who live behind it. It has seen one picture of each of them. How can it know a face again, after one look?
#
# In this notebook you write the two functions that teach a network to do it. Then you train one, on your own computer, in about half a minute.
#
# | notebook | you write | points |
# |---|---|---|
# | **1 · verification and triplets** | `triplet_loss`, `choose_triplets` | 30 |
# | 2 · who is at the door | `img_to_encoding`, `verify`, `who_is_it`, `acceptance_rates`, `probability_same` | 40 |
#
# You need NumPy, a little TensorFlow, and about an hour. Everything runs offline, on a laptop without a graphics card. Run each cell with Shift+Enter, from top to bottom. When you see `# YOUR CODE HERE`, it is your turn.

# %%
import numpy as np

from nst.checks.face_recognition import check
from nst.lessons import face_figures as figures
from nst.lessons.predictions import predict, reveal
from nst.lessons.town import DOOR, HELD_OUT, TOWN, picture, pictures
from nst.lessons.verification import pair_distances, roc, verification_accuracy
from nst.networks.encoder import encode, save_encoder, small_encoder, train
from nst.paths import IMAGES, OUTPUT
from nst.progress import progress, progress_bar
from nst.quiet import tf
from nst_utils import load_image

# %config InlineBackend.figure_format = "retina"

# %% [markdown]
# ## 1.1 One look at each
#
# Nobody in this assignment is real. It takes place in a **synthetic town**: a resident is a list of numbers, such as the width of the head or the colour of the eyes, and a program draws their pictures (`nst/lessons/town.py`). You will see in notebook 2 why that is more than a convenience.
#
# Twelve residents live behind the door. Here are the pictures on their cards.

# %%
names = [who.name for who in DOOR]
cards = [load_image(IMAGES / "faces" / f"{name.lower()}_card.jpg") for name in names]
figures.faces(cards, f"Drawn portraits of twelve residents, from the front: {', '.join(names)}.", names)

# %% [markdown]
# And here is how six of them look when they come home: turned to the side, laughing, in dim or coloured light, in other clothes.

# %%
files = [f"{name.lower()}_{visit}.jpg" for name in names for visit in (1, 2, 3)]
visits = [load_image(IMAGES / "faces" / file) for file in files]
figures.faces(
    visits[:18],
    "Three pictures each of six residents: heads turned, mouths open, light that is dim, yellow or blue, hats and glasses.",
    columns=9,
)

# %% [markdown]
# **Two questions.** *Verification*: "I am Maeve." Is she? That compares one face with one card. *Recognition*: "Who is this?" That compares one face with every card. If verification is reliable enough, recognition is only a loop, so you begin with verification.
#
# **The difficulty** has a name: **one-shot learning**. You have a single example of each person.
#
# **Why not a classifier?** A network with a softmax over $K = 12$ residents would be the usual way to tell twelve things apart. Try it: the cell trains one on the twelve cards, until it knows all of them.

# %% tags=["explore"]
predict("twelve cards by heart", "?")

# %% tags=["explore"]
tf.keras.utils.set_random_seed(1)
encoder = small_encoder()
features = encoder.layers[-2].output
probabilities = tf.keras.layers.Dense(12, activation="softmax", name="softmax")(features)
classifier = tf.keras.Model(encoder.input, probabilities)
classifier.compile("adam", "sparse_categorical_crossentropy")
inputs = np.stack(cards) / np.float32(255)
with progress_bar(60, "Learning") as bar:
    move = tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: bar.update())
    classifier.fit(inputs, np.arange(12), epochs=60, batch_size=12, verbose=0, callbacks=[move])


def share_right(faces, who):
    """How often the classifier is right."""
    answers = classifier(np.stack(faces) / np.float32(255), training=False)
    return np.mean(np.argmax(answers, axis=1) == who)


print(f"on the cards   {share_right(cards, np.arange(12)):.0%}")
print(f"at the door    {share_right(visits, np.repeat(np.arange(12), 3)):.0%}")
stranger = picture(HELD_OUT[7], 1)
answer = classifier(stranger[None] / np.float32(255), training=False)[0]
print(f"a stranger     {names[np.argmax(answer)]}, with probability {np.max(answer):.2f}")

# %% tags=["explore"]
reveal("twelve cards by heart")

# %% [markdown]
# It knows every card by heart, and at the door it is wrong more often than right: one example does not tell which differences matter. Two more things are wrong with it. A stranger is always *somebody*, for the probabilities of the twelve must sum to 1. And when a thirteenth resident
# moves in, the last layer has the wrong shape: you would train again, at every move.
#
# **The way out.** Don't learn who people are. Learn *how much two faces differ*: a function $d(x^{(1)}, x^{(2)})$, small for two pictures of one person and large for two persons. With a **threshold** $\tau$ it decides: the same if $d < \tau$. Such a function can be learnt from *other* people, of whom you have many
# pictures, and works for whoever moves in.

# %% [markdown]
# ## 1.2 Pixels won't do
#
# The simplest difference is that of pixels: $d = \| x^{(1)} - x^{(2)} \|$. The cell compares every two pictures taken at the door. Here are three pairs of *one* resident whose pixels differ most, and three pairs of *two* residents whose pixels differ least.

# %%
owner = np.repeat(np.arange(12), 3)
rows = np.stack(visits).reshape(36, -1) / np.float32(255)
apart = np.linalg.norm(rows[:, None] - rows, axis=-1)
first, second = np.triu_indices(36, 1)
is_same = owner[first] == owner[second]
order = np.argsort(apart[first, second])
far = [k for k in order[::-1] if is_same[k]][:3]
near = [k for k in order if not is_same[k]][:3]
entries = []
for k in far + near:
    i, j = first[k], second[k]
    who = names[owner[i]] if is_same[k] else f"{names[owner[i]]}, {names[owner[j]]}"
    entries.append((visits[i], visits[j], f"{who}: {apart[i, j]:.0f}"))
figures.pairs(entries, "First three pairs of the same resident, in different light; then three of different ones, in the same light.")

# %% [markdown]
# Pixels measure light, background and pose. They hardly notice the person. To say how badly it goes, take residents of the town who live elsewhere, and many pairs of their pictures, half of them of one person.

# %% tags=["explore"]
predict("threshold of pixels", "?")

# %% tags=["explore"]
strangers = np.stack([pictures([who], 5, seed=1)[0] for who in progress(HELD_OUT[:100], "Drawing")])
pixels = pair_distances(strangers / np.float32(255))
accuracy, threshold = verification_accuracy(*pixels)
figures.distances({"distances of pixels": pixels}, {"distances of pixels": threshold})
print(f"with the best threshold, {accuracy:.1%} of the pairs are judged rightly; a coin gets 50 %")

# %% tags=["explore"]
reveal("threshold of pixels")

# %% [markdown]
# The two hills lie on top of each other, so no threshold can part them.
#
# ## 1.3 One encoder, used twice
#
# Let a network turn each picture into a short list of numbers, its **encoding** $f(x)$, and take the distance of the encodings:
#
# $$d(x^{(1)}, x^{(2)}) = \| f(x^{(1)}) - f(x^{(2)}) \|$$
#
# The same network with the same weights sees both pictures. That is a **Siamese** network (Bromley et al., 1993; for faces, Taigman et al., 2014). Below, `load_encoder()` is one that comes with the course, trained as you will train yours.

# %%
from nst.networks.encoder import load_encoder

trained = load_encoder()
figures.siamese(visits[3], visits[4], trained)

# %% [markdown]
# Each encoding has 64 numbers, and its norm is 1: encodings lie on a sphere, so distances are between 0 and 2. The network is small (about 300,000 parameters). The classic network for this task, FaceNet, waits for you in notebook 2.
#
# What should $f$ learn? Good encodings are *near* for two pictures of one person and *far* for two persons. So we compare three pictures at a time: an **anchor** $A$, a **positive** $P$, another picture of the same person, and a **negative** $N$, a picture of somebody else.

# %% [markdown]
# ## 1.4 Exercise: `triplet_loss`
#
# **Why.** Gradient descent needs a number that falls when encodings get better. Near and far mean little by themselves, but "nearer than" is clear: $P$ should be nearer to $A$ than $N$ is.
#
# **The formula.** We want $\|f(A) - f(P)\|^2$ to be smaller than $\|f(A) - f(N)\|^2$, and by at least a **margin** $\alpha$. Without the margin, an encoder that gives every picture the same encoding would be perfect. By how much each triplet falls short of that, summed over all triplets, is the loss (Schroff, Kalenichenko and Philbin, 2015, § 3.1; [arXiv:1503.03832](https://arxiv.org/abs/1503.03832)):
#
# $$L = \sum_{i} \max\Big( \|f(A^{(i)}) - f(P^{(i)})\|^2 - \|f(A^{(i)}) - f(N^{(i)})\|^2 + \alpha, \; 0 \Big)$$
#
# The $\max$ with 0 is called a **hinge**. A triplet that keeps the margin costs nothing and teaches nothing; it must not pay for another one that doesn't. So there are two sums here, and the hinge is between them: first over the numbers of an encoding (that is the norm), then the hinge, then over the triplets.
#
# The loss is a sum, not a mean: take every triplet twice, and it is twice as large.
#
# **The shapes.** $A$, $P$ and $N$ are $(t, d)$ each: $t$ triplets, encodings of length $d$. The two squared distances are $(t,)$, and the loss is a scalar.
#
# **Your task** (15 points, about 10 minutes): write `triplet_loss` with TensorFlow, so that a gradient can flow back.

# %% nbgrader={"grade": false, "grade_id": "triplet_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def triplet_loss(y_true, y_pred, alpha=0.2):
    """Compute the triplet loss.

    Arguments:
    y_true -- not used: Keras hands labels to every loss, and a triplet has none
    y_pred -- list of three tensors of shape (t, d), encodings of anchors, positives and negatives
    alpha -- the margin, a float

    Returns:
    loss -- scalar tensor, summed over the triplets

    Hint: tf.reduce_sum(..., axis=-1) sums over an encoding; tf.maximum compares entry by entry.
    """
    anchor, positive, negative = y_pred
    ### BEGIN SOLUTION
    near = tf.reduce_sum(tf.square(anchor - positive), axis=-1)
    far = tf.reduce_sum(tf.square(anchor - negative), axis=-1)
    return tf.reduce_sum(tf.maximum(near - far + alpha, 0))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_triplet_loss", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check(triplet_loss)

# %% nbgrader={"grade": true, "grade_id": "hidden_triplet_loss", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other encodings and margins.
### BEGIN HIDDEN TESTS
from nst.checks.face_recognition import compare

random = np.random.default_rng(81)
for t, d, alpha in ((7, 5, 0.2), (4, 9, 1.5), (1, 3, 0.05)):
    anchor, positive, negative = random.normal(0, 0.6, (3, t, d)).astype("float32")
    hinges = []
    for a, p, n in zip(anchor.astype("float64"), positive, negative, strict=True):
        hinges.append(max(((a - p) ** 2).sum() - ((a - n) ** 2).sum() + alpha, 0.0))
    options = {} if alpha == 0.2 else {"alpha": alpha}
    compare(triplet_loss, None, [anchor, positive, negative], expected=sum(hinges), **options)
### END HIDDEN TESTS

# %% [markdown]
# **What you should remember**
# - The triplet loss asks for an order, not for values: nearer to the positive than to the negative, by a margin.
# - The hinge belongs to each triplet. Good ones must not pay for bad ones.

# %% [markdown]
# ## 1.5 Exercise: `choose_triplets`
#
# **Why.** Of 64 pictures one can make thousands of triplets, and after a little training most of them cost nothing. Whoever takes negatives at random soon computes gradients that are mostly zeros. Which negatives teach? Here is an anchor with its positive, and of each other resident the picture that is nearest to the anchor, by squared distance. (The encoder is the trained one.)

# %%
anchor, positive = 7, 8  # Safiya, twice
door_encodings = encode(trained, np.stack(visits))
squared = np.sum((door_encodings - door_encodings[anchor]) ** 2, axis=1)
strangers_to_her = [who for who in range(12) if who != owner[anchor]]
negatives = [3 * who + np.argmin(squared[3 * who : 3 * who + 3]) for who in strangers_to_her]
line_up = [anchor, positive, *negatives]
others = [visits[k] for k in negatives]
figures.candidates(visits[anchor], visits[positive], others, squared[line_up[1:]], alpha=0.2)

# %% [markdown]
# Those on the right cost nothing: the margin is kept. To the left of the positive lie negatives that are *too* hard, nearer than the positive itself. Between the two, under the bar that says *semi-hard*, are those where the order is right and the margin is missing. Schroff et al. (§ 3.2) call these negatives **semi-hard**, and take the triplets from there.
#
# Why not simply the hardest? You will see in a moment what happens.
#
# **The rule.** For every ordered pair of two *different* pictures with the same label, an anchor $a$ and a positive $p$:
#
# - candidates are the pictures $n$ with another label for which $\|f(a) - f(p)\|^2 < \|f(a) - f(n)\|^2 < \|f(a) - f(p)\|^2 + \alpha$,
# - and of these the one nearest to the anchor becomes the negative; of two that are equally near, either will do. A pair without candidates gives no triplet.
#
# "Ordered" means that $(a, p)$ and $(p, a)$ are two pairs. Each looks for a negative of its own.
#
# **The shapes.** `encodings` is $(n, d)$ and `labels` is $(n,)$, both NumPy arrays: choosing needs no gradient. The result is three rows of equally many whole numbers. They are places in the batch: `encodings[anchors]` are the encodings of the anchors.
#
# **Your task** (15 points, about 20 minutes): write `choose_triplets`. Loops are welcome; a batch has 64 pictures. The order of the triplets does not matter.

# %% nbgrader={"grade": false, "grade_id": "choose_triplets", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose_triplets(encodings, labels, alpha=0.2):
    """Choose the hardest semi-hard negative for every anchor and positive of a batch.

    Arguments:
    encodings -- array of shape (n, d)
    labels -- array of shape (n,): who is in each picture, a whole number
    alpha -- the margin, a float

    Returns:
    anchors, positives, negatives -- three rows of equally many indices into the batch;
        all empty when none fit

    Hint: begin with the matrix of all squared distances, shape (n, n).
    """
    ### BEGIN SOLUTION
    squared = np.sum((encodings[:, None] - encodings) ** 2, axis=-1)
    triplets = []
    for a in range(len(labels)):
        for p in range(len(labels)):
            if a == p or labels[a] != labels[p]:
                continue
            near, far = squared[a, p], squared[a]
            candidates = (labels != labels[a]) & (far > near) & (far < near + alpha)
            if candidates.any():
                triplets.append((a, p, np.argmin(np.where(candidates, far, np.inf))))
    anchors, positives, negatives = np.array(triplets, int).reshape(-1, 3).T
    return anchors, positives, negatives
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_choose_triplets", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check(choose_triplets)

# %% nbgrader={"grade": true, "grade_id": "hidden_choose_triplets", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other batches and margins.
### BEGIN HIDDEN TESTS
from nst.checks.face_recognition import compare

random = np.random.default_rng(82)
for n, d, people, alpha in ((14, 3, 4, 0.2), (11, 5, 3, 1.0), (9, 2, 9, 0.3)):
    encodings = random.normal(0, 0.5, (n, d)).astype("float32")
    labels = random.permutation(np.arange(n) % people)
    expected = []
    for a, p in np.argwhere(labels[:, None] == labels):
        near = float(((encodings[a] - encodings[p]).astype("float64") ** 2).sum())
        best = None
        for k in range(n):
            far = float(((encodings[a] - encodings[k]).astype("float64") ** 2).sum())
            nearer = best is None or far < best[0]
            if labels[k] != labels[a] and near < far < near + alpha and nearer:
                best = far, k
        if a != p and best:
            expected.append((a, p, best[1]))
    expected = np.array(sorted(expected)).reshape(-1, 3)
    options = {} if alpha == 0.2 else {"alpha": alpha}
    compare(choose_triplets, encodings, labels, expected=expected, **options)
### END HIDDEN TESTS

# %% [markdown]
# Here is the same line again, with your choice framed.

# %% tags=["explore"]
triplets = choose_triplets(door_encodings[line_up], owner[line_up])
anchors, positives, chosen = map(np.asarray, triplets)
mine = chosen[(anchors == 0) & (positives == 1)]
frame = int(mine[0]) - 2 if len(mine) else None
faces_of = [visits[k] for k in line_up]
figures.candidates(faces_of[0], faces_of[1], faces_of[2:], squared[line_up[1:]], 0.2, frame)

# %% [markdown]
# **What you should remember**
# - Most triplets are too easy to teach anything. Which ones you choose matters as much as the loss.
# - Semi-hard: the order is right, the margin is not kept yet.

# %% [markdown]
# ## 1.6 Train an encoder
#
# First the pictures: 400 residents of the town, eight pictures of each. None of them lives behind the door, and none is among the strangers of section 1.2. Drawing takes about twenty seconds.

# %% tags=["explore"]
town = np.stack([pictures([who], 8, seed=0)[0] for who in progress(TOWN, "Drawing")])
print(f"{town.shape[0]} residents, {town.shape[1]} pictures of each")
figures.faces(
    [town[i, j] for i in range(3) for j in range(8)],
    "Three residents of the town, a row each: eight pictures, each in a light and a pose of its own.",
    columns=8,
)

# %% [markdown]
# Each row is a resident. `train`, in `nst/networks/encoder.py`, is short, and you can read it: a step takes sixteen residents and four pictures of each, encodes them, asks your `choose_triplets` for triplets, and follows the gradient of your `triplet_loss` with Adam. (Schroff et al. use AdaGrad, and batches of about 1,800 faces; yours is to run on a laptop.)
#
# **Three steps first**, to see that everything fits together.

# %% tags=["explore"]
for cost, count in train(small_encoder(), triplet_loss, choose_triplets, town, steps=3):
    print(f"{count:3} triplets, {cost / max(count, 1):.3f} each")

# %% [markdown]
# **And what about the hardest negatives?** The next cell takes, for each pair, the nearest negative of all, and trains for 60 steps. Look at the cost of a triplet.

# %% tags=["explore"]
predict("cost of the hardest", "?")

# %% tags=["explore"]
def hardest_of_all(encodings, labels):
    """The nearest negative of all, be it nearer than the positive or not."""
    squared = np.sum((encodings[:, None] - encodings) ** 2, axis=-1)
    same = labels[:, None] == labels
    anchors, positives = np.nonzero(same & ~np.eye(len(labels), dtype=bool))
    negatives = np.where(same, np.inf, squared).argmin(axis=1)[anchors]
    return anchors, positives, negatives


tf.keras.utils.set_random_seed(0)
collapsed = small_encoder()
with progress_bar(60, "Training") as bar:
    history = train(collapsed, triplet_loss, hardest_of_all, town, steps=60, callback=lambda *_: bar.update())
for step in (1, 20, 40, 60):
    cost, count = history[step - 1]
    print(f"step {step:2}: {cost / count:.3f} a triplet")
for title, model in (("collapsed", collapsed), ("trained", trained)):
    _, different = pair_distances(encode(model, strangers[:40]))
    print(f"mean distance of two residents, {title} encoder: {different.mean():.2f}")

# %% tags=["explore"]
reveal("cost of the hardest")

# %% [markdown]
# The cost comes to rest at about 0.2, which is $\alpha$. That is no accident. At the beginning the hardest negative is nearly always nearer than the positive. Pushing it away is difficult, and there is a cheaper way out: give *every* picture the same encoding. Then all distances are 0, and every triplet costs $\alpha$. The encoder
# has **collapsed**. Schroff et al. warn of it, and choose semi-hard negatives for that reason.
#
# **Now yours**, for 400 steps. On the left, the twelve residents of the door, five pictures each, at the places where the encoder puts them: 64 numbers do not fit on paper, so you see the two directions in which they differ most. A resident's pictures have frames of one colour. On the right, the error on pairs
# of people that it never sees in training. Press ■ when you have seen enough; the encoder keeps what it has learnt.

# %% tags=["explore"]
tf.keras.utils.set_random_seed(0)
encoder = small_encoder()
shown = np.stack([pictures([who], 5, seed=2)[0] for who in DOOR])
with figures.Watch(encoder, shown, strangers, steps=400) as watch:
    train(encoder, triplet_loss, choose_triplets, town, steps=400, callback=watch)
save_encoder(encoder, OUTPUT / "my-encoder.npz")
print("Your encoder is saved in", OUTPUT)

# %% [markdown]
# And the whole training as a film:

# %% tags=["explore"]
watch.film()

# %% [markdown]
# The residents begin in one heap, all mixed. (Faces that would hide one another are laid side by side.) Then those with frames of one colour gather. Nobody told the encoder about these twelve: it learnt on others what makes a face the same face. On the plane some heaps still overlap, as shadows of things do that stand apart.
#
# ## 1.7 Does it tell strangers apart?
#
# The same pairs as in section 1.2, of a hundred residents that the encoder has never seen.

# %% tags=["explore"]
predict("people never seen", "?")

# %% tags=["explore"]
encoded = pair_distances(encode(encoder, strangers))
panels = {"distances of pixels": pixels, "distances of your encodings": encoded}
best = {title: verification_accuracy(*pairs) for title, pairs in panels.items()}
figures.distances(panels, {title: threshold for title, (_, threshold) in best.items()})
curves = {"your encoder": roc(*encoded), "pixels": roc(*pixels)}
for title, (accuracy, threshold) in best.items():
    area = roc(*panels[title])[3]
    print(f"{title:28} {accuracy:.1%} right, threshold {threshold:.2f}, area under ROC {area:.3f}")
figures.rocs({title: (false, true) for title, (_, false, true, _) in curves.items()})

# %% tags=["explore"]
reveal("people never seen")

# %% [markdown]
# The last figure is the **ROC curve**: the threshold runs from 0 upward, and each point says how many strangers and how many residents a door with that threshold would let in. A good encoder comes near the upper left corner; the **area** under it is 1 for a perfect one and 0.5 for a coin. In notebook 2 you choose a point of
# this curve, and live with the consequences.
#
# **What you should remember**
# - One-shot learning: learn a distance from many people, then know a new person from one picture.
# - A Siamese network is one encoder, used twice.
# - Triplet loss with semi-hard negatives works. The hardest negatives collapse it.
#
# **Things to try**
# - Train with `alpha=0.05` and with `alpha=1`: `lambda y_true, y_pred: triplet_loss(y_true, y_pred, 1.0)`, and the same for `choose_triplets`.
# - Train with two pictures of each resident (`town[:, :2]`), or with fifty residents (`town[:50]`). Which hurts more?
# - Take negatives at random. How far do you get, and how many triplets cost nothing?
#
# Save this notebook, then go on to [2-who-is-at-the-door](2-who-is-at-the-door.ipynb).
#
# **Where to read on**
# - Florian Schroff, Dmitry Kalenichenko, James Philbin: *FaceNet: A Unified Embedding for Face Recognition and Clustering*, 2015, [arXiv:1503.03832](https://arxiv.org/abs/1503.03832).
# - Jane Bromley et al.: [*Signature Verification using a "Siamese" Time Delay Neural Network*](https://proceedings.neurips.cc/paper/1993/hash/288cc0ff022877bd3df94bc9360b9c5d-Abstract.html), 1993. The first twins compared signatures.
