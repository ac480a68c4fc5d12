"""The reference values of face-recognition: the specification in loops, and the cases."""

import itertools
import math

import numpy as np

from nst.quiet import tf
from tools.reference.cases import BY_HAND, LOOPS, case, positions, quarters

PUBLISHED = 528.143  # the loss of the original exercise
FACES = (
    "Published with the original exercise. Its inputs are tf.compat.v1.random_normal((3, 128), mean, stddev, seed=1) "
    "in a graph under tf.compat.v1.set_random_seed(1): anchors with mean 6 and standard deviation 0.1, positives with "
    "1 and 1, negatives with 3 and 4. The expected value is the published one; loops in float64 over these inputs "
    "agree with it to float32 rounding."
)
HUNDREDTHS = (
    "Encodings: numpy.random.default_rng({seed}).integers(-100, 101, size) / 100{scaled}, rounded to float32. Labels "
    "chosen by hand. Expected: float64 loops in tools/reference, from the rule; no two distances that are "
    "compared are nearer to one another than 0.001."
)
TINY_FACES = (
    "Picture: numpy.random.default_rng({seed}).integers(0, 256, size), then kernel and bias of "
    "nst.checks.face_recognition.TinyEncoder: .integers(-16, 17, size) / 4. Expected: float64 loops in "
    "tools/reference."
)
AT_A_DISTANCE = " An entry of the database is the picture's encoding and an offset chosen by hand, rounded to float32."
EXACT = (
    "Chosen by hand, so that every number is exact in float32: the encoding is (1, 0), and the entry lies 0.75 from it."
)
DISTANCES = "Distances chosen by hand. Expected: counted one by one in tools/reference."
EIGHTHS = (
    "Inputs: numpy.random.default_rng({seed}), first .integers(0, 9, size) / 8 for f_1 and f_2, then "
    ".integers(-16, 17, size) / 8 for w and b{zeros}. Expected: float64 loops in tools/reference, from the "
    "formula."
)


def face_draws():
    """The three tensors of the published triplets, (3, 128) float32 each."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.set_random_seed(1)
        moments = ((6, 0.1), (1, 1), (3, 4))
        return session.run([tf.compat.v1.random_normal((3, 128), mean=m, stddev=s, seed=1) for m, s in moments])


def squared_distance(f, g):
    """The sum of (f_k - g_k)^2."""
    return math.fsum((float(a) - float(b)) ** 2 for a, b in zip(f, g, strict=True))


def triplet_loss(anchors, positives, negatives, alpha=0.2):
    """The sum over the triplets of max(squared distance to the positive - that to the negative + alpha, 0)."""
    total = 0.0
    for a, p, n in zip(anchors, positives, negatives, strict=True):
        total += max(squared_distance(a, p) - squared_distance(a, n) + alpha, 0.0)
    return total


def choose_triplets(encodings, labels, alpha=0.2):
    """[anchor, positive, negative] of every pair with a semi-hard negative that costs something, the hardest one."""
    triplets, pictures = [], range(len(labels))
    for a, p in itertools.permutations(pictures, 2):
        if labels[a] != labels[p]:
            continue
        near = squared_distance(encodings[a], encodings[p])
        others = {n: squared_distance(encodings[a], encodings[n]) for n in pictures if labels[n] != labels[a]}
        compared = [*others.values(), near, near + alpha]
        gaps = (abs(d - e) for d, e in itertools.combinations(compared, 2))
        assert min(gaps) > 1e-3, "choose other numbers: two distances are nearly equal"
        farther = {n: d for n, d in others.items() if d > near}
        if farther:
            n = min(farther, key=farther.get)
            if farther[n] < near + alpha:
                triplets.append([a, p, n])
    return triplets


def tiny_encoding(image, kernel, bias):
    """What nst.checks.face_recognition.TinyEncoder makes of a picture (H, W, 3) uint8: a list of unit norm."""
    encoding = [
        float(bias[k]) + math.fsum(int(image[at]) / 255 * float(kernel[(*at, k)]) for at in positions(image))
        for k in range(len(bias))
    ]
    length = math.sqrt(math.fsum(number**2 for number in encoding))
    return [number / length for number in encoding]


def acceptance_rates(same, different, threshold):
    """The shares of `different` and of `same` that are below the threshold."""
    return tuple(sum(1 for d in distances if d < threshold) / len(distances) for distances in (different, same))


def probability_same(f_1, f_2, w, b, similarity="absolute"):
    """The sigmoid of b plus the sum over k of w_k times the likeness of the two k-th numbers; a list."""
    probabilities = []
    for one, other in zip(f_1, f_2, strict=True):
        z = float(b)
        for x, y, weight in zip(map(float, one), map(float, other), map(float, w), strict=True):
            chi2 = (x - y) ** 2 / (x + y) if x + y > 0 else 0.0
            z += weight * (abs(x - y) if similarity == "absolute" else chi2)
        probabilities.append(1 / (1 + math.exp(-z)))
    return probabilities


def triplet_loss_case(name, y_pred, provenance, expected=None, **options):
    """y_pred: anchors, positives and negatives."""
    loss = triplet_loss(*y_pred, **options) if expected is None else expected
    y_pred = dict(zip(("anchors", "positives", "negatives"), y_pred, strict=True))
    return case(name, {"y_true": None, "y_pred": y_pred}, {"loss": loss}, provenance, options)


def choose_triplets_case(name, encodings, labels, provenance, **options):
    expected = {"triplets": choose_triplets(encodings, labels, **options)}
    return case(name, {"encodings": encodings, "labels": labels}, expected, provenance, options)


def face_draw(seed, size, dimensions):
    """A picture (H, W, 3) uint8, and a tiny encoder's kernel and bias."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*size, 3)).astype(np.uint8)
    kernel, bias = (rng.integers(-16, 17, shape) / 4 for shape in ((*size, 3, dimensions), (dimensions,)))
    return image, kernel.astype(np.float32), bias.astype(np.float32)


def img_to_encoding_case(name, seed, size, dimensions):
    image, kernel, bias = face_draw(seed, size, dimensions)
    expected = {"encoding": tiny_encoding(image, kernel, bias)}
    return case(name, {"image": image, "kernel": kernel, "bias": bias}, expected, TINY_FACES.format(seed=seed))


def door_case(name, seed, offsets, identity=None, **options):
    """A case of verify, or of who_is_it where there is no identity. offsets: name -> three numbers."""
    image, kernel, bias = face_draw(seed, (2, 4), 3)
    encoding = tiny_encoding(image, kernel, bias)
    database = {
        who: np.float32([e + shift for e, shift in zip(encoding, offset, strict=True)])
        for who, offset in offsets.items()
    }
    provenance = TINY_FACES.format(seed=seed) + AT_A_DISTANCE
    return at_the_door(name, image, kernel, bias, database, identity, provenance, options)


def at_the_door(name, image, kernel, bias, database, identity, provenance, options):
    encoding, threshold = tiny_encoding(image, kernel, bias), options.get("threshold", 0.7)
    distances = {who: math.sqrt(squared_distance(encoding, entry)) for who, entry in database.items()}
    inputs = {"image": image, "identity": identity, "database": database, "kernel": kernel, "bias": bias}
    if identity:
        expected = {"distance": distances[identity], "door_open": distances[identity] < threshold}
    else:
        del inputs["identity"]
        nearest = min(distances, key=distances.get)
        expected = {"distance": distances[nearest], "name": None if distances[nearest] > threshold else nearest}
    return case(name, inputs, expected, provenance, options)


def acceptance_rates_case(name, same, different, threshold):
    false, true = acceptance_rates(same, different, threshold)
    inputs = {"same": np.float32(same), "different": np.float32(different), "threshold": threshold}
    return case(name, inputs, {"false_accept_rate": false, "true_accept_rate": true}, DISTANCES)


def probability_same_case(name, seed, pairs, dimensions, zeros=0, **options):
    """zeros: in so many of the first dimensions both encodings of the first pair are 0."""
    rng = np.random.default_rng(seed)
    f_1, f_2 = (rng.integers(0, 9, (pairs, dimensions)) / 8 for _ in range(2))
    w, b = rng.integers(-16, 17, dimensions) / 8, rng.integers(-16, 17) / 8
    f_1[0, :zeros] = f_2[0, :zeros] = 0
    inputs = {"f_1": np.float32(f_1), "f_2": np.float32(f_2), "w": np.float32(w), "b": float(b)}
    said = ", then the first pair's first numbers set to 0" if zeros else ""
    expected = {"probability": probability_same(f_1, f_2, w, b, **options)}
    return case(name, inputs, expected, EIGHTHS.format(seed=seed, zeros=said), options)


def make():
    """Everything that is stored for face-recognition, as {exercise: [case, ...]}, inputs as float32 arrays."""
    cases = {}
    published = face_draws()
    np.testing.assert_allclose(triplet_loss(*published), PUBLISHED, rtol=2e-6)
    by_hand = np.float32([[[1, 0], [0, 0]], [[0, 0], [0, 1]], [[0, 1], [3, 0]]])
    cases["triplet_loss"] = [
        triplet_loss_case("the published inputs", published, FACES, PUBLISHED),
        triplet_loss_case("two triplets computed by hand, alpha=1.5", by_hand, BY_HAND, alpha=1.5),
    ]
    for seed, shape, name, options in (
        (61, (5, 3), "five triplets, some of which cost nothing", {}),
        (62, (1, 6), "one triplet alone", {}),
        (63, (7, 2), "seven triplets, alpha=4", {"alpha": 4.0}),
    ):
        drawn = quarters(seed, shape, shape, shape)
        cases["triplet_loss"].append(triplet_loss_case(name, drawn, LOOPS.format(seed=seed), **options))

    plane = np.float32([[0, 0.6], [0, 0], [1.6, 0.9], [0.5, 0], [0.9, 0]])
    apart = np.float32([[0, 0], [3, 0], [0, 0.5], [3, 0.5], [-4, 1]])
    cases["choose_triplets"] = [
        choose_triplets_case("five points of the plane, by hand", plane, [2, 5, 8, 5, 2], BY_HAND)
    ]
    for seed, shape, labels, unit, name, options in (
        (65, (9, 3), [4, 1, 4, 7, 1, 4, 7, 2, 1], True, "nine encodings of unit norm", {}),
        (66, (10, 4), [3, 0, 3, 9, 0, 9, 3, 5, 0, 3], False, "ten encodings of other norms, alpha=0.6", {"alpha": 0.6}),
        (67, (8, 2), [1, 0, 2, 2, 0, 1, 1, 0], False, "eight points of the plane, alpha=0.1", {"alpha": 0.1}),
    ):
        encodings = np.random.default_rng(seed).integers(-100, 101, shape) / 100
        if unit:
            encodings = np.array([row / math.sqrt(squared_distance(row, 0 * row)) for row in encodings])
        provenance = HUNDREDTHS.format(seed=seed, scaled=", each divided by its norm" if unit else "")
        cases["choose_triplets"].append(
            choose_triplets_case(name, np.float32(encodings), labels, provenance, **options)
        )
    cases["choose_triplets"].append(
        choose_triplets_case("residents so far apart that no triplet costs anything", apart, [6, 8, 6, 8, 1], BY_HAND)
    )

    cases["img_to_encoding"] = [
        img_to_encoding_case("a picture of 2 × 4 pixels", 68, (2, 4), 3),
        img_to_encoding_case("a picture of 5 × 3 pixels and encodings of 6 numbers", 69, (5, 3), 6),
    ]

    near, far = (0.3, -0.4, 0), (0.6, 0, 0.25)  # 0.5 and 0.65 away
    street = {"Emre": (-1.2, 0.5, 0), "Kofi": far, "Safiya": (0.5, -0.5, 0.25), "Maeve": near}
    exact = (
        np.full((1, 1, 3), 255, np.uint8),
        np.float32([[[[1, 0], [0, 0], [0, 0]]]]),
        np.float32([0, 0]),
        {"Yuki": np.float32([1, 0.5]), "Nia": np.float32([1, 0.75])},
    )
    cases["verify"] = [
        door_case("a resident with a card of their own", 70, street, "Kofi"),
        door_case("a stranger with a stolen card", 71, street, "Emre"),
        door_case("a distance a little above 0.7", 72, street, "Safiya"),
        door_case("a stricter door, threshold=0.4", 73, street, "Maeve", threshold=0.4),
        door_case("a laxer door, threshold=1.4", 74, street, "Emre", threshold=1.4),
        at_the_door("a distance of exactly the threshold", *exact, "Nia", EXACT, {"threshold": 0.75}),
    ]
    strangers = {"Luis": (0.9, 0, -1.2), "Yuki": (0.6, -0.4, 0.25), "Tama": (0, 1.3, 0), "Farid": (1, 1, 0)}
    cases["who_is_it"] = [
        door_case(
            "a resident, the third of five", 75,
            {"Emre": (-1.2, 0.5, 0), "Kofi": far, "Maeve": near, "Nia": (0, 0.48, 0.36), "Luis": (1, 0, 0.5)},
        ),
        door_case("a stranger", 76, {name: strangers[name] for name in ("Luis", "Tama", "Farid")}),
        door_case("a stranger a little above 0.7", 77, strangers),
        door_case("a resident a little below 0.7", 78, {"Tama": (0, 1.3, 0), "Kofi": far, "Farid": (1, 1, 0)}),
        door_case("a stricter door, threshold=0.4", 79, {"Maeve": near, "Emre": far}, threshold=0.4),
        door_case("a laxer door, threshold=1.4", 80, {"Farid": (1, 1, 0), "Tama": (0, 1.3, 0)}, threshold=1.4),
        door_case("a resident, the second of two who are near", 87, {"Emre": far, "Maeve": near, "Luis": (1, 0, 0.5)}),
    ]  # fmt: skip

    cases["acceptance_rates"] = [
        acceptance_rates_case(
            "four pairs of one resident and five of two", [0.25, 0.5, 0.5, 1], [0.5, 0.8, 1.25, 1.25, 1.5], 0.75
        ),
        acceptance_rates_case("a door that nobody passes", [0.5, 0.75], [1, 1.25, 1.5], 0.25),
        acceptance_rates_case("a door that everybody passes", [0.5, 0.25, 0.75], [1, 1.25], 1.75),
        acceptance_rates_case(
            "distances that are the threshold", [0.5, 0.75, 1, 1, 0.25, 1.25, 1, 0.5], [1, 1.5, 0.75, 1.25, 1], 1.0
        ),
    ]
    cases["probability_same"] = [
        probability_same_case("four pairs", 81, 4, 3),
        probability_same_case('one pair, similarity="absolute"', 82, 1, 5, similarity="absolute"),
        probability_same_case('five pairs, similarity="chi2"', 83, 5, 3, similarity="chi2"),
        probability_same_case('pairs with zeros, similarity="chi2"', 84, 3, 6, zeros=2, similarity="chi2"),
    ]

    # What BY_HAND and EXACT promise.
    assert cases["triplet_loss"][1]["expected"]["loss"] == 0.5
    assert cases["choose_triplets"][0]["expected"]["triplets"] == [[1, 3, 0], [4, 0, 2]]
    assert cases["choose_triplets"][-1]["expected"]["triplets"] == []
    assert cases["verify"][-1]["expected"] == {"distance": 0.75, "door_open": False}
    return cases
