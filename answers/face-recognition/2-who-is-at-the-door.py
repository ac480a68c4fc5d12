# %% [markdown]
# # 2. Who is at the door
#
# You have an encoder: near for one face, far for two. Now you build the door around it, let people in and keep others out, and choose how strict it should be. At the end you meet the questions that no formula answers.
#
# It goes on where notebook 1 ends, and takes about an hour.

# %%
import time

import numpy as np

from nst.checks.face_recognition import check
from nst.lessons import face_figures as figures
from nst.lessons.predictions import predict, reveal
from nst.lessons.town import DOOR, HELD_OUT, pictures, resident
from nst.lessons.verification import pair_distances, verification_accuracy
from nst.networks.encoder import encode, load_encoder
from nst.paths import IMAGES, OUTPUT
from nst.progress import progress
from nst.quiet import tf
from nst_utils import load_image

# %config InlineBackend.figure_format = "retina"

# %% [markdown]
# Your encoder of notebook 1 is used if you have trained it there, and otherwise the one that comes with the course.

# %%
own = OUTPUT / "my-encoder.npz"
model = load_encoder(own if own.exists() else None)
print("your own encoder" if own.exists() else "the encoder that comes with the course")


def load_face(name):
    """A picture of images/faces, such as "maeve_card" or "maeve_1": (96, 96, 3) uint8."""
    return load_image(IMAGES / "faces" / f"{name.lower()}.jpg")


names = [who.name for who in DOOR]

# %% [markdown]
# ## 2.1 Exercise: `img_to_encoding`
#
# **Why.** A camera gives one picture, with whole numbers from 0 to 255. The encoder was trained on **batches** of pictures with numbers from 0 to 1. Forget the batch, and Keras complains. Forget the division by 255, and you get an encoding all the same, only a useless one, and no error message.
#
# **The formula.** $f(\text{image} / 255)$, for a batch of one picture.
#
# **The shapes.** A picture is $(96, 96, 3)$, uint8. The model takes $(n, 96, 96, 3)$, float32, and gives $(n, d)$. You return the encoding of your one picture, $(d,)$.
#
# **One more thing.** The model has batch normalisation, which behaves in two ways. In training it normalises with the mean of the batch; in use it takes the means that it has kept. Your batch is one picture, so call `model(batch, training=False)`. (That is Keras's default, too. It is better to see it.)
#
# **If you know the classic exercise:** there you get the name of a file, load the picture, and return $(1, 128)$. Here you get the picture itself, and return $(d,)$, without the batch axis: one face, one list of numbers.
#
# **Your task** (5 points, about 5 minutes): write `img_to_encoding`.

# %% nbgrader={"grade": false, "grade_id": "img_to_encoding", "locked": false, "schema_version": 3, "solution": true, "task": false}
def img_to_encoding(image, model):
    """Encode one picture.

    Arguments:
    image -- array of shape (96, 96, 3), uint8
    model -- an encoder: a float32 batch (n, 96, 96, 3), numbers from 0 to 1, becomes (n, d)

    Returns:
    encoding -- array or tensor of shape (d,)

    Hint: image[np.newaxis] is a batch of one; so is the answer, and its row 0 is your encoding.
    """
    ### BEGIN SOLUTION
    batch = image[np.newaxis].astype(np.float32) / 255
    return model(batch, training=False)[0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_img_to_encoding", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(img_to_encoding)

# %% nbgrader={"grade": true, "grade_id": "hidden_img_to_encoding", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other pictures, another encoder.
### BEGIN HIDDEN TESTS
from nst.checks.face_recognition import TinyEncoder, compare

random = np.random.default_rng(91)
for height, width, d in ((3, 5, 4), (6, 2, 7)):
    kernel = random.normal(0, 0.5, (height, width, 3, d)).astype("float32")
    bias = random.normal(0, 0.5, d).astype("float32")
    image = random.integers(0, 256, (height, width, 3)).astype("uint8")
    encoding = (image / 255).ravel() @ kernel.reshape(-1, d).astype("float64") + bias
    encoding /= np.sqrt((encoding**2).sum())
    compare(img_to_encoding, image, TinyEncoder(kernel, bias), expected=encoding)
### END HIDDEN TESTS

# %% [markdown]
# **The database** is a dictionary: a name, and the encoding of the picture on that person's card.

# %% tags=["explore"]
figures.faces([load_face(f"{name}_card") for name in names], f"The twelve cards: {', '.join(names)}.", names)
database = {}
for name in names:
    database[name] = img_to_encoding(load_face(f"{name}_card"), model)
print(f"{len(database)} encodings of {len(database['Maeve'])} numbers")

# %% [markdown]
# Note what is *not* in it: no picture. The encodings are computed once, when somebody moves in. How much does that save, when somebody rings?

# %% tags=["explore"]
predict("twelve cards again", "?")

# %% tags=["explore"]
visitor = load_face("maeve_1")


def seconds(function, times=5):
    """The shortest of some runs."""
    runs = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        runs.append(time.perf_counter() - start)
    return min(runs)


def encode_the_cards_again():
    """All twelve cards, from their pictures."""
    return {name: img_to_encoding(load_face(f"{name}_card"), model) for name in names}


once = seconds(lambda: img_to_encoding(visitor, model))
again = seconds(encode_the_cards_again)
print(f"the visitor's encoding   {once * 1000:5.0f} ms")
print(f"the twelve cards again   {again * 1000:5.0f} ms, {again / once:.0f} times as long")

# %% tags=["explore"]
reveal("twelve cards again")

# %% [markdown]
# A door for a thousand people would compute a thousand encodings at every ring, beside the visitor's, or none. **Precompute** them.
#
# **What you should remember**
# - A model answers in the units in which it was trained: numbers from 0 to 1, a batch axis, `training=False`.
# - Keep encodings, not pictures. They are shorter, faster to compare, and give away less. Less is not nothing: from encodings, faces have been reconstructed (Mai et al., 2018, [arXiv:1703.00832](https://arxiv.org/abs/1703.00832)).
#
# ## 2.2 Exercise: `verify`
#
# **Why.** "I am Maeve," says somebody, and shows Maeve's card. One distance decides.
#
# **The formula.** The distance is $\| f(\text{image}) - f(\text{card}) \|_2$, the Euclidean norm, not its square. The door opens when it is **below** the threshold. (One published solution has the sign the wrong way round: that door opens for everybody except those who live there.)
#
# **The shapes.** `image` is a picture as in 2.1; `database[identity]` is an encoding, $(d,)$. You return a number and a bool.
#
# **Your task** (10 points, about 10 minutes): write `verify`. The threshold 0.7 is the one of the classic exercise; you will choose your own in 2.4.

# %% nbgrader={"grade": false, "grade_id": "verify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def verify(image, identity, database, model, threshold=0.7):
    """Is this the person that they say they are?

    Arguments:
    image -- array of shape (96, 96, 3), uint8: the face at the door
    identity -- the name on the card, one of the database
    database -- dict from a name to an encoding of shape (d,)
    model -- the encoder
    threshold -- the door opens below this distance, a float

    Returns:
    distance -- between the face and the card
    door_open -- True or False

    Hint: np.linalg.norm or tf.norm; your img_to_encoding does the rest.
    """
    ### BEGIN SOLUTION
    distance = float(np.linalg.norm(img_to_encoding(image, model) - database[identity]))
    return distance, distance < threshold
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_verify", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(verify)

# %% nbgrader={"grade": true, "grade_id": "hidden_verify", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other faces, other cards, other thresholds.
### BEGIN HIDDEN TESTS
from nst.checks.face_recognition import TinyEncoder, compare

random = np.random.default_rng(92)
for sizes, options in (
    ([0.62, 0.35, 0.78], {}),
    ([1.3, 0.95, 0.2, 1.04, 0.8], {"threshold": 1.1}),
    ([0.9, 0.6, 0.4, 0.55], {"threshold": 0.5}),
):
    threshold = options.get("threshold", 0.7)
    kernel = random.normal(0, 0.5, (4, 3, 3, 6)).astype("float32")
    bias = random.normal(0, 0.5, 6).astype("float32")
    image = random.integers(0, 256, (4, 3, 3)).astype("uint8")
    encoding = (image / 255).ravel() @ kernel.reshape(-1, 6).astype("float64") + bias
    encoding /= np.sqrt((encoding**2).sum())
    cards = {}
    for number, size in enumerate(sizes):
        step = random.normal(size=6)
        step *= size / np.sqrt((step**2).sum())
        cards[f"person {number}"] = (encoding + step).astype("float32")
    for name, card in cards.items():
        distance = np.sqrt(((encoding - card) ** 2).sum())
        expected = (distance, distance < threshold)
        compare(verify, image, name, cards, TinyEncoder(kernel, bias), expected=expected, **options)

# A distance of exactly the threshold: white becomes the encoding (0, 1).
white, exact = np.full((1, 1, 3), 255, "uint8"), TinyEncoder([[[[0, 1], [0, 0], [0, 0]]]], [0, 0])
card = {"a": np.float32([0, 0.5])}
compare(verify, white, "a", card, exact, threshold=0.5, expected=(0.5, False))
### END HIDDEN TESTS

# %% [markdown]
# **An evening at the door.** Everybody comes home once, with their own card. On the left the card, on the right the face; ✓ and a whole line mean that the door opens, ✗ and a broken one that it stays shut.

# %% tags=["explore"]
def ring(face, identity, threshold=0.7):
    """One visit, for figures.at_the_door."""
    distance, door_open = verify(face, identity, database, model, threshold)
    answer = f"{identity}? {float(distance):.2f}"
    return load_face(f"{identity}_card"), face, answer, bool(door_open)


figures.at_the_door([ring(load_face(f"{name}_2"), name) for name in names])

# %% [markdown]
# Most get in, and perhaps not all: a strict door keeps some of its own people out. Remember them in section 2.4, when you choose how strict it should be.
#
# **A stolen card.** And now somebody else comes with Ingrid's card, which lay in the street; then five strangers with five other cards.

# %% tags=["explore"]
thieves = pictures(HELD_OUT[40:45], 1, seed=3)[:, 0]
stolen = [ring(load_face("yuki_1"), "Ingrid")]
victims = ["Emre", "Maeve", "Luis", "Tama", "Ngozi"]
stolen += [ring(face, name) for face, name in zip(thieves, victims, strict=True)]
figures.at_the_door(stolen)

# %% [markdown]
# Each card is real, and the face is not the card's. A door that only reads cards would have opened six times.
#
# **What you should remember**
# - Verification: one distance, one threshold, below it the door opens.
#
# ## 2.3 Exercise: `who_is_it`
#
# **Why.** Nobody likes to carry a card. Let the door find out by itself who stands before it: the nearest entry of the database, if it is near enough.
#
# **The rule.** Compute the distance from every entry, keep the smallest and its name. If even the smallest is larger than the threshold, this is nobody of the house: the name is `None`. (A distance of exactly the threshold is still near enough here, and in `verify` it is not; that is how the classic exercise has it.)
#
# **The shapes.** As in 2.2. You return a number, and a name or `None`.
#
# **If you know the classic exercise:** there, `who_is_it` prints "Not in the database." and returns the nearest name all the same. Here the name itself is `None`. A door listens to what a function returns, not to what it prints, and a name would open it for every stranger.
#
# **Your task** (10 points, about 10 minutes): write `who_is_it`.

# %% nbgrader={"grade": false, "grade_id": "who_is_it", "locked": false, "schema_version": 3, "solution": true, "task": false}
def who_is_it(image, database, model, threshold=0.7):
    """Whose face is this?

    Arguments:
    image -- array of shape (96, 96, 3), uint8: the face at the door
    database -- dict from a name to an encoding of shape (d,)
    model -- the encoder
    threshold -- beyond this distance it is nobody of the database, a float

    Returns:
    distance -- from the nearest entry, whether it is near enough or not
    name -- of the nearest entry, or None if it is too far

    Hint: encode the face once, before the loop over database.items().
    """
    ### BEGIN SOLUTION
    encoding = img_to_encoding(image, model)
    nearest, name = np.inf, None
    for candidate, card in database.items():
        distance = float(np.linalg.norm(encoding - card))
        if distance < nearest:
            nearest, name = distance, candidate
    return nearest, name if nearest <= threshold else None
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_who_is_it", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(who_is_it)

# %% nbgrader={"grade": true, "grade_id": "hidden_who_is_it", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other houses and other visitors.
### BEGIN HIDDEN TESTS
from nst.checks.face_recognition import TinyEncoder, compare

random = np.random.default_rng(93)
for sizes, options in (
    ([0.86, 0.63, 0.4, 0.66, 1.32, 1.09], {}),
    ([1.36, 1.2, 1.59, 1.33], {}),
    ([1.5, 0.95, 0.9, 0.97, 1.2], {"threshold": 1.0}),
    ([0.3], {"threshold": 0.2}),
):
    kernel = random.normal(0, 0.5, (2, 5, 3, 5)).astype("float32")
    bias = random.normal(0, 0.5, 5).astype("float32")
    image = random.integers(0, 256, (2, 5, 3)).astype("uint8")
    encoding = (image / 255).ravel() @ kernel.reshape(-1, 5).astype("float64") + bias
    encoding /= np.sqrt((encoding**2).sum())
    cards = {}
    for number, size in enumerate(sizes):
        step = random.normal(size=5)
        step *= size / np.sqrt((step**2).sum())
        cards[f"person {number}"] = (encoding + step).astype("float32")
    name = f"person {np.argmin(sizes)}" if min(sizes) <= options.get("threshold", 0.7) else None
    expected = (min(sizes), name)
    compare(who_is_it, image, cards, TinyEncoder(kernel, bias), expected=expected, **options)
### END HIDDEN TESTS

# %% tags=["explore"]
def look(face, threshold=0.7):
    """One visit without a card, for figures.at_the_door."""
    distance, name = who_is_it(face, database, model, threshold)
    return None, face, f"{name or 'Not in the database.'}\n{float(distance):.2f}", name is not None


visitors = [load_face(f"{name}_1") for name in names] + list(thieves[:4])
figures.at_the_door([look(face) for face in visitors], columns=8)

# %% [markdown]
# The first twelve are the residents, in the order of their cards: Emre, Kofi, Safiya, and so on. The last four are thieves of section 2.2. Check the names. One wrong name among twelve would be no surprise: recognition compares with everybody, so it has twelve occasions to go wrong where verification has one.
#
# **What you should remember**
# - Recognition is verification in a loop, and its chance of a false match grows with the database.
#
# ## 2.4 Exercise: `acceptance_rates`
#
# **Why.** Is 0.7 a good threshold? The question has no answer before you know what it costs to let a stranger in, and what it costs to keep a resident out. But you can find out how often either happens.
#
# **The formula.** Take many pairs of pictures of one person, with their distances, and many of two persons. For a threshold $\tau$ (Schroff et al., 2015, § 4):
#
# $$\text{false accept rate} = \frac{\#\{\text{pairs of two persons below } \tau\}}{\#\{\text{pairs of two persons}\}} \qquad \text{true accept rate} = \frac{\#\{\text{pairs of one person below } \tau\}}{\#\{\text{pairs of one person}\}}$$
#
# (The paper takes squared distances and lets in a pair at exactly $\tau$. Your door of 2.2 takes distances, and stays shut there.)
#
# **The shapes.** `same` is $(m,)$ and `different` is $(n,)$, NumPy arrays of distances. You return two numbers from 0 to 1.
#
# **Your task** (5 points, about 5 minutes): write `acceptance_rates`.

# %% nbgrader={"grade": false, "grade_id": "acceptance_rates", "locked": false, "schema_version": 3, "solution": true, "task": false}
def acceptance_rates(same, different, threshold):
    """How often does a door with this threshold open?

    Arguments:
    same -- array of distances, of pairs of one person
    different -- array of distances, of pairs of two persons; there may be more or fewer of them
    threshold -- the door opens below it, a float

    Returns:
    false_accept_rate -- from 0 to 1, of `different`
    true_accept_rate -- from 0 to 1, of `same`
    """
    ### BEGIN SOLUTION
    return np.mean(different < threshold), np.mean(same < threshold)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_acceptance_rates", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(acceptance_rates)

# %% nbgrader={"grade": true, "grade_id": "hidden_acceptance_rates", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other distances.
### BEGIN HIDDEN TESTS
from nst.checks.face_recognition import compare

random = np.random.default_rng(94)
for m, n, threshold in ((40, 25, 0.7), (8, 50, 1.2), (30, 30, 0.31)):
    same, different = random.uniform(0, 1.2, m), random.uniform(0.3, 2, n)
    false = sum(1 for distance in different if distance < threshold) / n
    true = sum(1 for distance in same if distance < threshold) / m
    compare(acceptance_rates, same, different, threshold, expected=(false, true))
# Distances that are the threshold stay outside.
same, different = np.array([0.5, 1, 1.5]), np.array([1, 2, 1, 0.5])
compare(acceptance_rates, same, different, 1.0, expected=(1 / 4, 1 / 3))
### END HIDDEN TESTS

# %% [markdown]
# Two hundred residents of the town who do not live behind the door, five pictures of each:

# %% tags=["explore"]
predict("a stricter door", "?")

# %% tags=["explore"]
strangers = np.stack([pictures([who], 5, seed=1)[0] for who in progress(HELD_OUT, "Drawing")])
encodings = encode(model, strangers)
same, different = pair_distances(encodings)
print("threshold   strangers in   residents in")
for threshold in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1):
    false, true = acceptance_rates(same, different, threshold)
    print(f"   {threshold:.1f}       {false:8.1%}      {true:8.1%}")

# %% tags=["explore"]
reveal("a stricter door")

# %% [markdown]
# Go through all thresholds, and you have the **ROC curve** of notebook 1. (The letters stand for *receiver operating characteristic*; the receivers were radars.) Three points of it:

# %% tags=["explore"]
thresholds = np.linspace(0, 2, 401)
rates = np.array([acceptance_rates(same, different, threshold) for threshold in thresholds])
marks = {}
for title, allowed in (("a safe", 0.001), ("a front door", 0.02), ("a garden gate", 0.1)):
    last = np.flatnonzero(rates[:, 0] <= allowed)[-1]
    marks[f"{title}: {thresholds[last]:.2f}"] = tuple(rates[last])
    limit = f"at most {allowed:.1%} of strangers"
    print(f"{title:13} {limit}: threshold {thresholds[last]:.2f}, {rates[last, 1]:.0%} in")
figures.rocs({"your door": tuple(rates.T)}, marks)

# %% [markdown]
# You can't have everything. A safe that lets in one stranger of a thousand turns most of its own people away. A garden gate may be generous. Choosing the point is not a question of machine learning: it is a decision about people, and somebody has to answer for it.
#
# The threshold that judges most pairs rightly lies higher than 0.7: in the table, it is where the two shares are farthest apart. It counts both errors as equally bad, which for a door they are not. (For FaceNet with photographs, 0.7 was the choice of the classic exercise. A threshold belongs to an encoder and to the pictures it was measured on; it can't be carried over.)
#
# **The look-alike.** With two hundred strangers and twelve cards there are many occasions. Which stranger comes nearest to which card?

# %% tags=["explore"]
cards = np.stack([img_to_encoding(load_face(f"{name}_card"), model) for name in names])
apart = np.linalg.norm(encodings[:, :, None] - cards, axis=-1)
visits = []
for place in np.argsort(apart, axis=None)[:6]:
    who, which, card = np.unravel_index(place, apart.shape)
    visits.append(ring(strangers[who, which], names[card]))
figures.at_the_door(visits)
share = np.mean(apart.min(axis=2) < 0.7)
print(f"{share:.0%} of their pictures are within 0.7 of one of the twelve cards")

# %% [markdown]
# With a card in your hand, a few strangers in a hundred would get in. Without cards, the door takes many more for *somebody* of the house: twelve comparisons instead of one. In a database of a million people, a search nearly always finds somebody who looks like you.
#
# **What you should remember**
# - Two rates, one threshold. Lower it, and both fall.
# - Report a false accept rate together with the size of the database.
#
# ## 2.5 Exercise: `probability_same`
#
# **Why.** The distance treats all numbers of an encoding alike. Perhaps some are more telling than others. Then verification is a **binary classification**: same or different, with weights to learn (Taigman et al., 2014, *DeepFace*, § 4).
#
# **The formula.** From two encodings $f^{(1)}$ and $f^{(2)}$, a feature for each of their numbers, and a logistic regression on top:
#
# $$\hat{y} = \sigma\Big( \sum_k w_k \, u_k + b \Big) \qquad u_k = |f^{(1)}_k - f^{(2)}_k| \quad \text{or} \quad u_k = \frac{(f^{(1)}_k - f^{(2)}_k)^2}{f^{(1)}_k + f^{(2)}_k}$$
#
# The second form is called the **χ² similarity**, although it grows when the two differ more. It comes from comparing histograms, and wants numbers that are not negative. A difference of 0.1 then counts more between two small numbers than between two large ones. Where both numbers are 0 there is no difference, so $u_k = 0$.
#
# $\sigma(z) = 1 / (1 + e^{-z})$ turns a sum into a probability, here that both pictures show *the same* person. So you may expect negative weights: the more they differ, the less probable.
#
# **The shapes.** `f_1` and `f_2` are $(n, d)$, for $n$ pairs; $w$ is $(d,)$, $b$ a scalar. The result is $(n,)$.
#
# **Your task** (10 points, about 10 minutes): write `probability_same` with TensorFlow, so that $w$ and $b$ can be learnt.

# %% nbgrader={"grade": false, "grade_id": "probability_same", "locked": false, "schema_version": 3, "solution": true, "task": false}
def probability_same(f_1, f_2, w, b, similarity="absolute"):
    """The probability that two encodings are of the same person.

    Arguments:
    f_1, f_2 -- float32 of shape (n, d), no number negative
    w -- weights of shape (d,)
    b -- bias, a scalar
    similarity -- "absolute" or "chi2": which of the two features

    Returns:
    probability -- tensor of shape (n,), from 0 to 1

    Hint: tf.math.divide_no_nan gives 0 for 0 / 0; tf.linalg.matvec or tf.reduce_sum; tf.sigmoid.
    """
    ### BEGIN SOLUTION
    features = tf.abs(f_1 - f_2)
    if similarity == "chi2":
        features = tf.math.divide_no_nan(tf.square(f_1 - f_2), f_1 + f_2)
    return tf.sigmoid(tf.reduce_sum(w * features, axis=-1) + b)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_probability_same", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(probability_same)

# %% nbgrader={"grade": true, "grade_id": "hidden_probability_same", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: other encodings and weights, both similarities.
### BEGIN HIDDEN TESTS
from nst.checks.face_recognition import compare

random = np.random.default_rng(95)
for n, d, similarity in ((5, 3, "absolute"), (4, 6, "chi2"), (1, 2, "chi2"), (7, 4, "absolute")):
    f_1, f_2 = np.maximum(random.normal(0.2, 0.5, (2, n, d)), 0).astype("float32")
    w, b = random.normal(0, 1.5, d).astype("float32"), float(np.float32(random.normal()))
    expected = []
    for one, other in zip(f_1.astype("float64"), f_2.astype("float64"), strict=True):
        z = b
        for x, y, weight in zip(one, other, w.astype("float64"), strict=True):
            if similarity == "absolute":
                z += weight * abs(x - y)
            elif x + y > 0:
                z += weight * (x - y) ** 2 / (x + y)
        expected.append(1 / (1 + np.exp(-z)))
    options = {"similarity": similarity} if similarity == "chi2" else {}
    compare(probability_same, f_1, f_2, w, b, expected=np.array(expected), **options)
### END HIDDEN TESTS

# %% [markdown]
# **Learn the weights.** Your encodings have negative numbers, so each is split in two, its positive part and its negative part: 128 numbers, none of them negative. The weights are learnt on pairs of one hundred residents and measured on pairs of the other hundred.

# %% tags=["explore"]
predict("weights for the distance", "?")

# %% tags=["explore"]
def split(encodings):
    """(..., d) numbers of any sign -> (..., 2 d) that are not negative."""
    return np.concatenate([np.maximum(encodings, 0), np.maximum(-encodings, 0)], axis=-1)


def draw_pairs(encodings, count, seed):
    """Two rows of encodings, and whether they are of the same resident, as half of them are."""
    random = np.random.default_rng(seed)
    people, each = encodings.shape[:2]
    who, first = random.integers(people, size=count), random.integers(each, size=count)
    second = (first + random.integers(1, each, size=count)) % each
    is_same = random.random(count) < 0.5
    other = np.where(is_same, who, (who + random.integers(1, people, size=count)) % people)
    return encodings[who, first], encodings[other, second], is_same


f_1, f_2, is_same = draw_pairs(encodings[100:], 4000, seed=0)
g_1, g_2, truth = draw_pairs(encodings[:100], 4000, seed=1)
plain = np.linalg.norm(g_1 - g_2, axis=-1)
f_1, f_2, g_1, g_2 = split(f_1), split(f_2), split(g_1), split(g_2)
for similarity in ("absolute", "chi2"):
    w, b = tf.Variable(tf.zeros(f_1.shape[1])), tf.Variable(0.0)
    optimizer = tf.keras.optimizers.Adam(0.1)
    for _ in progress(range(200), similarity):
        with tf.GradientTape() as tape:
            probability = probability_same(f_1, f_2, w, b, similarity)
            cost = tf.reduce_mean(tf.keras.losses.binary_crossentropy(is_same, probability))
        optimizer.apply_gradients(zip(tape.gradient(cost, [w, b]), [w, b], strict=True))
    answers = probability_same(g_1, g_2, w, b, similarity).numpy() > 0.5
    print(f"{similarity:9} {np.mean(answers == truth):.1%} of the pairs are judged rightly")
accuracy, threshold = verification_accuracy(plain[truth], plain[~truth])
print(f"distance  {accuracy:.1%}, with the best threshold for these very pairs")

# %% tags=["explore"]
reveal("weights for the distance")

# %% [markdown]
# The three do about equally well. That is what triplets were for: they have already made the plain distance a good judge, and there is little left for weights to learn. A head like this pays when it is trained together with the encoder, from pairs alone: Koch, Zemel and Salakhutdinov (2015) did so for the letters of many alphabets.
#
# **What you should remember**
# - Verification can be a binary classification: a logistic regression on differences of encodings.
# - Measure on people whom neither the encoder nor the head has seen.
#
# ## 2.6 The real thing: FaceNet
#
# The network of the classic exercise is OpenFace's nn4.small2, an Inception network after FaceNet. Here it is, with random weights.

# %% tags=["explore"]
from nst.networks.facenet import faceRecoModel

facenet = faceRecoModel(input_shape=(3, 96, 96))
print(f"{facenet.count_params():,} parameters, yours {model.count_params():,}")
print("takes", facenet.input_shape[1:], "and gives", facenet.output_shape[1:])

# %% [markdown]
# It takes the colours first, $(3, 96, 96)$. `load_weights_from_FaceNet` fills it with OpenFace's published weights, a folder of CSV files that does not come with this course. Your functions don't mind which encoder they get, as long as the picture fits:
#
# ```python
# from nst.networks.facenet import load_weights_from_FaceNet
#
# load_weights_from_FaceNet(facenet, folder)
#
#
# def channels_last(batch, training=False):
#     return facenet(tf.transpose(batch, (0, 3, 1, 2)), training=training)
#
#
# img_to_encoding(visitor, channels_last)
# ```
#
# FaceNet's authors trained theirs on 100 to 200 million pictures of about eight million people. Their paper does not say whether these people had been asked.
#
# ## 2.7 What goes wrong with real faces
#
# You have built this with residents who don't exist. Read this section before you ever build it with people who do.
#
# **Consent.** A face can't be changed like a password, and can't be left at home. Whoever walks past a camera has not agreed to anything. In the European Union, biometric data that serve to identify a person, such as encodings of faces, are a special category: processing them is forbidden unless one of the listed exceptions holds, explicit consent among them (GDPR, Article 9). Large collections of photographs
# that were taken from the web without asking have been withdrawn since, MS-Celeb-1M in 2019 among them. *Ask first, keep little, delete early, and offer a door with a key.*
#
# **Bias.** A single accuracy hides for whom it holds. Measure it by group. Here the residents of the town are sorted by how light their skin is, in three groups of about equal size, and strangers *within* a group try each other's cards. The encoder is the one of the course, the threshold is the same for all.

# %% tags=["explore"]
predict("one threshold for all", "?")

# %% tags=["explore"]
skin = np.array([np.mean(resident(number).skin) for number in HELD_OUT])
groups = np.array_split(np.argsort(skin), 3)
of_the_course = encode(load_encoder(), strangers)
for title, group in zip(("darker", "medium", "lighter"), groups, strict=True):
    false, true = acceptance_rates(*pair_distances(of_the_course[group]), 0.85)
    who = f"{title:8} {len(group)} residents"
    print(f"{who}: {false:6.1%} of strangers get in, {true:5.1%} of residents do")

# %% tags=["explore"]
reveal("one threshold for all")

# %% [markdown]
# One encoder, one threshold, and 16 % of strangers get in in the first group, 7.5 % in the second, 13 % in the third: the first group's door is about twice as open as the second's. The doors differ for residents too, though less: 93 %, 92 % and 96 %. Nobody wanted that. With people it is not otherwise: Buolamwini and Gebru (2018) measured commercial programs that guess a person's gender from the face. They erred on at most 0.8 % of lighter-skinned men, and on up to 34.7 % of darker-skinned women. In the tests of NIST (Grother, Ngan and Hanaoka, 2019, [NISTIR 8280](https://doi.org/10.6028/NIST.IR.8280)),
# the rates of false matches of many programs differed between groups by factors of 10 to more than 100. A false match has meant an arrest. *Report errors for every group that will meet your door, and don't open it before they are alike.*
#
# **Spoofing.** Your door knows pictures of faces, and a card has one on it. Somebody holds up the card itself:

# %% tags=["explore"]
predict("a picture of a face", "?")

# %% tags=["explore"]
figures.at_the_door([ring(load_face(f"{name}_card"), name) for name in names[:6]])

# %% tags=["explore"]
reveal("a picture of a face")

# %% [markdown]
# Distance 0.00, a warm welcome. Real systems look for signs of life: depth, motion, a blink. Each of these has been fooled in its turn. *A face is a name, not a password: let it say who somebody is, and something else prove it.*
#
# **And the question before all of these:** does this door need to know who comes through? Often a key will do.
#
# **What you should remember**
# - Consent, bias and spoofing are properties of a system, not of a formula. You can measure some of them, and you have.
# - An error rate is about people. Say about which ones.
#
# **Things to try**
# - Choose a threshold for each group, so that the false accept rates are alike. Who pays for it now?
# - Take two cards of everybody, and use the mean of their encodings. What happens to the ROC curve?
# - Let Kofi come without his glasses: `from nst.lessons.town import View, picture`, and then `picture(DOOR[1], 1, View(glasses_on=False))`. Is it still the same face?
#
# This was the last notebook of the course. All of them are listed in [the README](../../README.md#you-are-a-student).
#
# **Where to read on**
# - Yaniv Taigman, Ming Yang, Marc'Aurelio Ranzato, Lior Wolf: [*DeepFace: Closing the Gap to Human-Level Performance in Face Verification*](https://doi.org/10.1109/CVPR.2014.220), 2014.
# - Gregory Koch, Richard Zemel, Ruslan Salakhutdinov: [*Siamese Neural Networks for One-shot Image Recognition*](https://www.cs.cmu.edu/~rsalakhu/papers/oneshot1.pdf), 2015.
# - Joy Buolamwini, Timnit Gebru: [*Gender Shades: Intersectional Accuracy Disparities in Commercial Gender Classification*](https://proceedings.mlr.press/v81/buolamwini18a.html), 2018.
# - Brandon Amos, Bartosz Ludwiczuk, Mahadev Satyanarayanan: [*OpenFace: A general-purpose face recognition library with mobile applications*](http://reports-archive.adm.cs.cmu.edu/anon/2016/CMU-CS-16-118.pdf), 2016.
