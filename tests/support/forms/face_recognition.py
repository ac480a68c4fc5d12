"""What students hand in for face-recognition: forms that are right and must be accepted, and forms that are not.

ACCEPTED: function name -> list of (label, function). REJECTED: the same, with a piece of the message that must come.
Written from scratch. The one under the exercise's own name is the plainest.
"""

import itertools
import math

import numpy as np

from nst.quiet import tf

# triplet_loss


def triplet_loss(y_true, y_pred, alpha=0.2):
    anchor, positive, negative = y_pred[0], y_pred[1], y_pred[2]
    pos_dist = tf.reduce_sum(tf.square(tf.subtract(anchor, positive)), axis=-1)
    neg_dist = tf.reduce_sum(tf.square(tf.subtract(anchor, negative)), axis=-1)
    basic_loss = tf.add(tf.subtract(pos_dist, neg_dist), alpha)
    return tf.reduce_sum(tf.maximum(basic_loss, 0.0))


def loss_with_relu(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    return tf.reduce_sum(tf.nn.relu(tf.reduce_sum((a - p) ** 2 - (a - n) ** 2, axis=1) + alpha))


def loss_with_norms(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    return tf.reduce_sum(tf.maximum(tf.norm(a - p, axis=1) ** 2 - tf.norm(a - n, axis=1) ** 2 + alpha, 0))


def loss_with_norms_and_epsilon(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    near, far = (tf.sqrt(tf.reduce_sum(tf.square(a - other), axis=1) + 1e-12) for other in (p, n))
    return tf.reduce_sum(tf.nn.relu(near**2 - far**2 + alpha))


def loss_with_einsum(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    near = tf.einsum("td,td->t", a - p, a - p)
    far = tf.einsum("td,td->t", a - n, a - n)
    return tf.math.reduce_sum(tf.clip_by_value(near - far + alpha, 0, np.inf))


def loss_in_a_loop(y_true, y_pred, alpha=0.2):
    loss = 0.0
    for a, p, n in zip(*y_pred, strict=True):
        loss = loss + tf.maximum(tf.reduce_sum((a - p) ** 2) - tf.reduce_sum((a - n) ** 2) + alpha, 0.0)
    return loss


def loss_with_where(y_true, y_pred, alpha=0.2):
    a, p, n = (tf.cast(f, tf.float64) for f in y_pred)
    gap = tf.reduce_sum(tf.math.squared_difference(a, p), 1) - tf.reduce_sum(tf.math.squared_difference(a, n), 1)
    return tf.reduce_sum(tf.where(gap > -alpha, gap + alpha, tf.zeros_like(gap)))


def loss_as_a_mean(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    d = a.shape[-1]
    gap = d * (tf.reduce_mean((a - p) ** 2, -1) - tf.reduce_mean((a - n) ** 2, -1)) + alpha
    return tf.reduce_mean(tf.maximum(0.0, gap)) * len(a)


def loss_masked(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    gap = tf.reduce_sum((n - p) * (2 * a - n - p), axis=-1) + alpha
    return tf.reduce_sum(tf.boolean_mask(gap, gap > 0))


def loss_with_the_margin_first(y_true, y_pred, alpha=0.2):
    anchor, positive, negative = y_pred[0], y_pred[1], y_pred[2]
    near = tf.reduce_sum(tf.square(tf.subtract(anchor, positive)), axis=1)
    far = tf.reduce_sum(tf.square(tf.subtract(anchor, negative)), axis=1)
    return tf.reduce_sum(tf.maximum(0.0, tf.add(alpha, near - far)))


# choose_triplets


def choose_triplets(encodings, labels, alpha=0.2):
    distances = np.sum((encodings[:, None] - encodings[None]) ** 2, axis=-1)
    anchors, positives, negatives = [], [], []
    for a in range(len(labels)):
        for p in range(len(labels)):
            if p == a or labels[p] != labels[a]:
                continue
            farther = [n for n in range(len(labels)) if labels[n] != labels[a] and distances[a, n] > distances[a, p]]
            if not farther:
                continue
            n = min(farther, key=lambda i: distances[a, i])
            if distances[a, n] < distances[a, p] + alpha:
                anchors.append(a)
                positives.append(p)
                negatives.append(n)
    return anchors, positives, negatives


def choose_with_masks(encodings, labels, alpha=0.2):
    squares = np.sum(encodings**2, axis=1)
    distances = squares[:, None] + squares - 2 * encodings @ encodings.T
    same = labels[:, None] == labels[None]
    rows = []
    for a, p in np.argwhere(same & ~np.eye(len(labels), dtype=bool)):
        masked = np.where(same[a] | (distances[a] <= distances[a, p]), np.inf, distances[a])
        n = masked.argmin()
        if masked[n] < distances[a, p] + alpha:
            rows.append((a, p, n))
    return np.array(rows, dtype=int).reshape(-1, 3).T


def choose_without_loops(encodings, labels, alpha=0.2):
    distances = np.square(encodings[:, None] - encodings).sum(-1)
    same = labels[:, None] == labels
    a, p = np.nonzero(same & ~np.eye(len(labels), dtype=bool))
    allowed = ~same[a] & (distances[a] > distances[a, p][:, None])
    n = np.where(allowed, distances[a], np.inf).argmin(axis=1)
    keep = allowed.any(axis=1) & (distances[a, n] - distances[a, p] < alpha)
    return a[keep], p[keep], n[keep]


def choose_from_the_sorted(encodings, labels, alpha=0.2):
    triplets = []
    for a, p in itertools.permutations(range(len(labels)), 2):
        if labels[a] == labels[p]:
            near = np.linalg.norm(encodings[a] - encodings[p])
            for n in np.argsort(np.linalg.norm(encodings - encodings[a], axis=1)):
                far = np.linalg.norm(encodings[a] - encodings[n])
                if labels[n] != labels[a] and far > near:
                    if far**2 - near**2 < alpha:
                        triplets.append([a, p, n])
                    break
    return [[triplet[i] for triplet in triplets] for i in range(3)]


def choose_with_the_cost_in_the_condition(encodings, labels, alpha=0.2):
    """The nearest of those that are farther and cost something is the nearest of all that are farther, if it costs."""
    anchors, positives, negatives = [], [], []
    for a, (f, label) in enumerate(zip(encodings, labels, strict=True)):
        d = ((encodings - f) ** 2).sum(1)
        for p in np.flatnonzero(labels == label):
            costly = np.flatnonzero((labels != label) & (d > d[p]) & (d < d[p] + alpha))
            if p != a and len(costly):
                anchors.append(a), positives.append(p), negatives.append(costly[d[costly].argmin()])
    return np.array(anchors, int), np.array(positives, int), np.array(negatives, int)


def choose_in_tensorflow(encodings, labels, alpha=0.2):
    f = tf.constant(encodings)
    d = tf.reduce_sum((f[:, None] - f[None]) ** 2, -1).numpy()
    return [tf.constant(row, tf.int32) for row in choose_by(d, labels, alpha)]


def choose_by(d, labels, alpha):
    found = {}
    for a, p, n in itertools.permutations(range(len(labels)), 3):
        costly = labels[a] == labels[p] != labels[n] and d[a, p] < d[a, n] < d[a, p] + alpha
        if costly and ((a, p) not in found or d[a, n] < d[a, found[a, p]]):
            found[a, p] = n
    return [a for a, _ in found], [p for _, p in found], list(found.values())


def choose_backwards(encodings, labels, alpha=0.2):
    return np.array(choose_triplets(encodings, labels, alpha), int)[:, ::-1]


# img_to_encoding


def img_to_encoding(image, model):
    return model(image[np.newaxis] / 255, training=False)[0]


def encoding_predicted(image, model):
    img = np.around(np.array(image) / 255.0, decimals=12)
    return model.predict_on_batch(np.array([img]))[0]


def encoding_with_predict(image, model):
    x = np.expand_dims(image.astype("float32") / 255.0, axis=0)
    return model.predict(x, verbose=0)[0]


def encoding_converted(image, model):
    return tf.squeeze(model(tf.image.convert_image_dtype(image, tf.float32)[None]), axis=0)


def encoding_scaled_in_tensorflow(image, model):
    x = tf.cast(tf.convert_to_tensor(image), tf.float32) * (1 / 255)
    return tf.reshape(model(tf.expand_dims(x, 0)), [-1])


def encoding_as_an_array(image, model):
    (encoding,) = model(tf.stack([image / np.float32(255)])).numpy()
    return encoding


def encoding_of_a_batch_of_two(image, model):
    return np.asarray(model(np.stack([image, image]) / 255)).mean(axis=0)


def encoding_normalised_again(image, model):
    encoding = model(image.reshape(1, *image.shape) / 255, training=False).numpy()[0, :]
    return encoding / np.linalg.norm(encoding)


def encoding_of_the_classic_exercise(image, model):
    img = np.around(np.array(image) / 255.0, decimals=12)
    x_train = np.expand_dims(img, axis=0)
    embedding = model.predict_on_batch(x_train)
    return (embedding / np.linalg.norm(embedding, ord=2))[0]


@tf.function
def encoding_compiled(image, model):
    return model(tf.cast(image, tf.float32)[tf.newaxis] / 255)[0]


# verify


def verify(image, identity, database, model, threshold=0.7):
    distance = np.linalg.norm(img_to_encoding(image, model) - database[identity])
    return distance, distance < threshold


def verify_with_if(image, identity, database, model, threshold=0.7):
    dist = float(np.sqrt(np.sum(np.square(np.array(img_to_encoding(image, model)) - database[identity]))))
    door_open = False
    if dist < threshold:
        door_open = True
    return dist, door_open


def verify_in_tensorflow(image, identity, database, model, threshold=0.7):
    distance = tf.norm(img_to_encoding(image, model) - database[identity])
    return distance, distance < threshold


def verify_with_dist(image, identity, database, model, threshold=0.7):
    distance = math.dist(np.array(img_to_encoding(image, model)), database[identity])
    return [distance, not distance >= threshold]


def verify_squared(image, identity, database, model, threshold=0.7):
    difference = database.get(identity) - img_to_encoding(image, model)
    squared = float(tf.tensordot(difference, difference, 1))
    return squared**0.5, squared < threshold**2


def verify_in_a_loop(image, identity, database, model, threshold=0.7):
    total = 0.0
    for one, other in zip(img_to_encoding(image, model), database[identity], strict=True):
        total += (one - other) ** 2
    distance = math.sqrt(total)
    return (distance, True) if distance < threshold else (distance, False)


def verify_by_itself(image, identity, database, model, threshold=0.7):
    encoding = model.predict_on_batch(np.stack([image / 255.0]))
    distance = np.linalg.norm(encoding - database[identity])
    return distance, np.less(distance, threshold)


def verify_of_the_classic_exercise(image, identity, database, model, threshold=0.7):
    encoding = img_to_encoding(image, model)
    dist = np.linalg.norm(tf.subtract(database[identity], encoding))
    door_open = True if dist < threshold else False  # noqa: SIM210
    return dist, door_open


def verify_with_the_norm_of_a_row(image, identity, database, model, threshold=0.7):
    """The difference is a matrix of one row, and so its Frobenius norm is the Euclidean one."""
    distance = np.linalg.norm(model.predict_on_batch(image[None] / 255.0) - database[identity], ord="fro")
    return distance, bool(distance < threshold)


# who_is_it


def who_is_it(image, database, model, threshold=0.7):
    encoding = img_to_encoding(image, model)
    min_dist, identity = np.inf, None
    for name, entry in database.items():
        dist = np.linalg.norm(encoding - entry)
        if dist < min_dist:
            min_dist, identity = dist, name
    if min_dist > threshold:
        identity = None
    return min_dist, identity


def who_with_a_hundred(image, database, model, threshold=0.7):
    min_dist = 100
    for name in database:
        dist = np.linalg.norm(img_to_encoding(image, model) - database[name])
        if min_dist > dist:
            min_dist = dist
            identity = name
    if min_dist > threshold:
        return min_dist, None
    return min_dist, identity


def who_with_min(image, database, model, threshold=0.7):
    encoding = np.asarray(img_to_encoding(image, model))
    distances = {name: math.dist(encoding, entry) for name, entry in database.items()}
    name = min(distances, key=distances.get)
    return distances[name], None if distances[name] > threshold else name


def who_with_argmin(image, database, model, threshold=0.7):
    names = np.array(list(database))
    distances = np.linalg.norm(np.stack(list(database.values())) - img_to_encoding(image, model), axis=1)
    nearest = distances.argmin()
    return distances[nearest], names[nearest] if distances[nearest] <= threshold else None


def who_with_pairs(image, database, model, threshold=0.7):
    encoding = img_to_encoding(image, model)
    distance, name = min((float(tf.norm(encoding - entry)), name) for name, entry in database.items())
    return [distance, name if distance < threshold else None]


def who_sorted(image, database, model, threshold=0.7):
    encoding = img_to_encoding(image, model)
    nearest = sorted(database, key=lambda name: np.sum((database[name] - encoding) ** 2))[0]
    distance = np.sqrt(np.sum((database[nearest] - encoding) ** 2))
    return (distance, None) if distance > threshold else (distance, nearest)


def who_in_tensorflow(image, database, model, threshold=0.7):
    entries = tf.stack(list(database.values()))
    distances = tf.sqrt(tf.reduce_sum((entries - img_to_encoding(image, model)) ** 2, axis=1))
    name = list(database)[int(tf.argmin(distances))]
    distance = tf.reduce_min(distances)
    return distance, name if distance < threshold else None


def who_of_the_classic_exercise_with_none(image, database, model, threshold=0.7):
    encoding = img_to_encoding(image, model)
    min_dist = 100
    for name, db_enc in database.items():
        dist = np.linalg.norm(encoding - db_enc, ord=2)
        if dist < min_dist:
            min_dist = dist
            identity = name
    if min_dist > threshold:
        identity = None
    return min_dist, identity


def who_with_the_norm_of_a_row(image, database, model, threshold=0.7):
    row = model.predict_on_batch(np.expand_dims(image / 255.0, 0))
    distances = {name: np.linalg.norm(row - entry, ord="fro") for name, entry in database.items()}
    name = min(distances, key=distances.get)
    return distances[name], name if distances[name] <= threshold else None


# acceptance_rates


def acceptance_rates(same, different, threshold):
    return np.mean(different < threshold), np.mean(same < threshold)


def rates_counted(same, different, threshold):
    false = sum(1 for distance in different if distance < threshold)
    true = len([distance for distance in same if distance < threshold])
    return false / len(different), true / len(same)


def rates_without_the_others(same, different, threshold):
    return [1 - np.count_nonzero(pairs >= threshold) / pairs.size for pairs in (different, same)]


def rates_searched(same, different, threshold):
    return tuple(np.searchsorted(np.sort(pairs), threshold) / pairs.shape[0] for pairs in (different, same))


def rates_in_tensorflow(same, different, threshold):
    def rate(distances):
        return tf.reduce_mean(tf.cast(tf.constant(distances) < threshold, tf.float32))

    return rate(different), rate(same)


def rates_with_less(same, different, threshold):
    return [float(tf.reduce_mean(tf.cast(tf.less(d, threshold), tf.float64))) for d in (different, same)]


def rates_with_where(same, different, threshold):
    return np.where(different < threshold, 1.0, 0.0).mean(), np.sum(same < threshold) / len(same)


# probability_same


def probability_same(f_1, f_2, w, b, similarity="absolute"):
    u = tf.abs(f_1 - f_2)
    if similarity == "chi2":
        u = tf.math.divide_no_nan((f_1 - f_2) ** 2, f_1 + f_2)
    return tf.sigmoid(tf.reduce_sum(w * u, axis=-1) + b)


def probability_with_matvec(f_1, f_2, w, b, similarity="absolute"):
    difference = tf.subtract(f_1, f_2)
    u = {"absolute": tf.abs(difference), "chi2": tf.square(difference) / tf.maximum(f_1 + f_2, 1e-9)}[similarity]
    return tf.nn.sigmoid(tf.linalg.matvec(u, w) + b)


def probability_with_where(f_1, f_2, w, b, similarity="absolute"):
    total = f_1 + f_2
    u = tf.abs(f_1 - f_2)
    if similarity == "chi2":
        u = tf.where(total > 0, u**2 / tf.where(total > 0, total, 1.0), 0.0)
    return 1 / (1 + tf.exp(-(tf.einsum("nk,k->n", u, w) + b)))


def probability_with_one_where(f_1, f_2, w, b, similarity="absolute"):
    u = tf.abs(f_1 - f_2)
    if similarity == "chi2":
        u = tf.where(f_1 + f_2 == 0, 0.0, u**2 / (f_1 + f_2))
    return tf.keras.activations.sigmoid(tf.tensordot(u, w, axes=1) + b)


def probability_with_matmul(f_1, f_2, w, b, similarity="absolute"):
    u = tf.math.abs(f_1 - f_2)
    if similarity == "chi2":
        u = u * u / (f_1 + f_2 + 1e-8)
    z = tf.matmul(u, tf.reshape(w, [-1, 1])) + b
    return tf.squeeze(tf.sigmoid(z), axis=1)


def probability_in_a_loop(f_1, f_2, w, b, similarity="absolute"):
    probabilities = []
    for one, other in zip(tf.unstack(f_1), tf.unstack(f_2), strict=True):
        u = tf.maximum(one, other) - tf.minimum(one, other)
        if similarity != "absolute":
            u = tf.math.multiply_no_nan(u, tf.math.divide_no_nan(u, one + other))
        probabilities.append(tf.sigmoid(tf.reduce_sum(u * w) + b))
    return tf.stack(probabilities)


def probability_with_tanh(f_1, f_2, w, b, similarity="absolute"):
    u = tf.sqrt(tf.square(f_1 - f_2) + 1e-14)
    if similarity == "chi2":
        u = tf.math.divide_no_nan(u**2, f_1 + f_2)
    return (1 + tf.tanh((u @ w[:, None] + b)[:, 0] / 2)) / 2


ACCEPTED = {
    "triplet_loss": [
        ("step by step", triplet_loss),
        ("relu", loss_with_relu),
        ("tf.norm", loss_with_norms),
        ("a root with an epsilon", loss_with_norms_and_epsilon),
        ("einsum, clipped", loss_with_einsum),
        ("a loop over the triplets", loss_in_a_loop),
        ("tf.where in float64", loss_with_where),
        ("means and sizes", loss_as_a_mean),
        ("one product, masked", loss_masked),
        ("the margin first", loss_with_the_margin_first),
    ],
    "choose_triplets": [
        ("three loops", choose_triplets),
        ("masks and argmin", choose_with_masks),
        ("no loops", choose_without_loops),
        ("argsort and break", choose_from_the_sorted),
        ("the cost in the condition", choose_with_the_cost_in_the_condition),
        ("tensors", choose_in_tensorflow),
        ("another order", choose_backwards),
    ],
    "img_to_encoding": [
        ("newaxis", img_to_encoding),
        ("predict_on_batch, rounded to 12 digits", encoding_predicted),
        ("predict", encoding_with_predict),
        ("convert_image_dtype and squeeze", encoding_converted),
        ("times 1/255", encoding_scaled_in_tensorflow),
        ("an array", encoding_as_an_array),
        ("a batch of two", encoding_of_a_batch_of_two),
        ("normalised again", encoding_normalised_again),
        ("the classic exercise, row 0", encoding_of_the_classic_exercise),
        ("tf.function", encoding_compiled),
    ],
    "verify": [
        ("np.linalg.norm", verify),
        ("if", verify_with_if),
        ("tf.norm, a tensor for the door", verify_in_tensorflow),
        ("math.dist, a list", verify_with_dist),
        ("squares compared", verify_squared),
        ("a loop", verify_in_a_loop),
        ("without img_to_encoding", verify_by_itself),
        ("the classic exercise", verify_of_the_classic_exercise),
        ("the Frobenius norm of a row", verify_with_the_norm_of_a_row),
    ],
    "who_is_it": [
        ("a loop from infinity", who_is_it),
        ("a loop from 100", who_with_a_hundred),
        ("min with a key", who_with_min),
        ("argmin, NumPy's text", who_with_argmin),
        ("min of pairs, shut at the threshold", who_with_pairs),
        ("sorted", who_sorted),
        ("TensorFlow", who_in_tensorflow),
        ("the classic exercise, with None", who_of_the_classic_exercise_with_none),
        ("the Frobenius norm of a row", who_with_the_norm_of_a_row),
    ],
    "acceptance_rates": [
        ("np.mean", acceptance_rates),
        ("counted", rates_counted),
        ("one minus the others", rates_without_the_others),
        ("searchsorted", rates_searched),
        ("TensorFlow", rates_in_tensorflow),
        ("np.where", rates_with_where),
        ("tf.less", rates_with_less),
    ],
    "probability_same": [
        ("divide_no_nan", probability_same),
        ("a dictionary and matvec", probability_with_matvec),
        ("where twice, einsum", probability_with_where),
        ("where once, tensordot", probability_with_one_where),
        ("matmul, a small epsilon", probability_with_matmul),
        ("a loop over the pairs", probability_in_a_loop),
        ("tanh", probability_with_tanh),
    ],
}


# Wrong in ways that no misunderstanding of the list has


def loss_in_numpy(y_true, y_pred, alpha=0.2):
    a, p, n = map(np.asarray, y_pred)
    return np.maximum(((a - p) ** 2).sum(-1) - ((a - n) ** 2).sum(-1) + alpha, 0).sum()


def loss_as_float(y_true, y_pred, alpha=0.2):
    return float(triplet_loss(y_true, y_pred, alpha))


def loss_stopped(y_true, y_pred, alpha=0.2):
    return triplet_loss(y_true, [y_pred[0], y_pred[1], tf.stop_gradient(y_pred[2])], alpha)


def loss_of_a_list(y_true, y_pred, alpha=0.2):
    anchors, positives, negatives = y_pred.copy()
    return triplet_loss(y_true, [anchors, positives, negatives], alpha)


def loss_kept_as_a_row(y_true, y_pred, alpha=0.2):
    return tf.reshape(triplet_loss(y_true, y_pred, alpha), [1])


def loss_halved(y_true, y_pred, alpha=0.2):
    return triplet_loss(y_true, y_pred, alpha) / 2


def loss_without_alpha(y_true, y_pred):
    return triplet_loss(y_true, y_pred)


def loss_with_another_margin(y_true, y_pred, alpha=0.3):
    return triplet_loss(y_true, y_pred, alpha)


def loss_with_a_large_margin(y_true, y_pred, alpha=1.0):
    return loss_with_the_margin_first(y_true, y_pred, alpha)


def loss_without_default(y_true, y_pred, alpha):
    return triplet_loss(y_true, y_pred, alpha)


def loss_with_none_for_default(y_true, y_pred, alpha=None):
    return triplet_loss(y_true, y_pred, alpha)


def loss_with_a_typo(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    return tf.reduce_sum(tf.maximium(tf.reduce_sum((a - p) ** 2 - (a - n) ** 2, axis=-1) + alpha, 0.0))


def loss_that_does_not_call_get_shape(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    d = a.get_shape.as_list()[-1]
    return tf.reduce_sum(tf.maximum(d * tf.reduce_mean((a - p) ** 2 - (a - n) ** 2, -1) + alpha, 0.0))


def loss_of_a_transposed_tensor(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    near, far = (tf.linalg.diag_part((a - other) @ (a - other).T) for other in (p, n))
    return tf.reduce_sum(tf.maximum(near - far + alpha, 0.0))


def loss_that_asserts_a_size(y_true, y_pred, alpha=0.2):
    assert y_pred[0].shape == (3, 128)
    return triplet_loss(y_true, y_pred, alpha)


def loss_of_a_row_of_encodings(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred[:, 0:128], y_pred[:, 128:256], y_pred[:, 256:384]
    return triplet_loss(y_true, [a, p, n], alpha)


def loss_of_a_first_edition(y_true, y_pred, alpha=0.2):
    """As it was before 2018: no axis, then the maximum of the mean."""
    a, p, n = y_pred
    gap = tf.add(tf.subtract(tf.reduce_sum(tf.square(a - p), axis=-1), tf.reduce_sum(tf.square(a - n), axis=-1)), alpha)
    return tf.maximum(tf.reduce_mean(gap), 0.0)


def loss_with_two_slips(y_true, y_pred, alpha=0.2):
    a, p, n = y_pred
    near, far = (tf.reduce_mean(tf.square(a - other), axis=-1) for other in (p, n))
    return tf.reduce_mean(tf.maximum(near - far + alpha, 0.0))


def choose_with_another_margin(encodings, labels, alpha=0.25):
    return choose_triplets(encodings, labels, alpha)


def choose_without_default(encodings, labels, alpha):
    return choose_triplets(encodings, labels, alpha)


def choose_with_two_slips(encodings, labels, alpha=0.2):
    """Each pair once, and distances that are not squared."""
    d = np.sqrt(np.square(encodings[:, None] - encodings).sum(-1))
    found = [row for row in zip(*choose_by(d, labels, alpha), strict=True) if row[0] < row[1]]
    return np.array(found, int).reshape(-1, 3).T


def choose_at_random(encodings, labels, alpha=0.2):
    anchors, positives, _ = choose_triplets(encodings, labels, alpha)
    strangers = [np.flatnonzero(labels != labels[a]) for a in anchors]
    random = np.random.default_rng(5)
    return anchors, positives, [random.choice(others) for others in strangers]


def choose_as_floats(encodings, labels, alpha=0.2):
    return np.array(choose_triplets(encodings, labels, alpha), np.float64)


def choose_two_rows(encodings, labels, alpha=0.2):
    return choose_triplets(encodings, labels, alpha)[:2]


def choose_unevenly(encodings, labels, alpha=0.2):
    anchors, positives, negatives = choose_triplets(encodings, labels, alpha)
    return anchors, positives, [*negatives, 0]


def choose_twice(encodings, labels, alpha=0.2):
    return [2 * row for row in choose_triplets(encodings, labels, alpha)]


def choose_in_place(encodings, labels, alpha=0.2):
    chosen = choose_triplets(encodings, labels, alpha)
    encodings /= np.linalg.norm(encodings, axis=1, keepdims=True) + 1
    return chosen


def encoding_as_list(image, model):
    return np.asarray(img_to_encoding(image, model)).tolist()


def encoding_in_place(image, model):
    encoding = img_to_encoding(image, model)
    image[...] = 0
    return encoding


def encoding_divided_in_place(image, model):
    image /= 255
    return model(image[None])[0]


def encoding_of_the_upside_down(image, model):
    return img_to_encoding(image[::-1], model)


def encoding_of_a_file(image_path, model):
    img = tf.keras.preprocessing.image.load_img(image_path, target_size=(160, 160))
    return encoding_of_the_classic_exercise(np.array(img), model)


def encoding_read_by_opencv(image_path, model):
    return img_to_encoding(cv2.imread(image_path, 1)[..., ::-1], model)  # noqa: F821


def encoding_of_the_old_classic_exercise(image, model):
    img = np.around(np.transpose(image[..., ::-1], (2, 0, 1)) / 255.0, decimals=12)
    return model.predict_on_batch(np.array([img]))[0]


def encoding_with_its_row(image, model):
    return model.predict_on_batch(np.expand_dims(image / 255.0, axis=0))


def encoding_without_a_batch(image, model):
    return model.predict(image / 255.0)[0]


def encoding_of_a_forgotten_model(image, model):
    return FRmodel.predict_on_batch(np.stack([image / 255.0]))[0]  # noqa: F821


def encoding_with_two_slips(image, model):
    """Not divided, and the batch axis left on."""
    return model.predict_on_batch(np.stack([image]))


OF_THE_NOTEBOOK = tf.keras.Sequential(
    [tf.keras.Input((96, 96, 3)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(3, kernel_initializer="ones")]
)


def encoding_of_a_global_model(image, model):
    return img_to_encoding(image, OF_THE_NOTEBOOK)


def verify_with_a_global_model(image, identity, database, model, threshold=0.7):
    return verify(image, identity, database, OF_THE_NOTEBOOK, threshold)


def verify_with_a_number(image, identity, database, model, threshold=0.7):
    distance, door_open = verify(image, identity, database, model, threshold)
    return distance, int(door_open)


def verify_with_three(image, identity, database, model, threshold=0.7):
    return *verify(image, identity, database, model, threshold), identity


def verify_takes_the_card_away(image, identity, database, model, threshold=0.7):
    result = verify(image, identity, database, model, threshold)
    del database[identity]
    return result


def verify_by_place(image, identity, database, model, threshold=0.7):
    return verify(image, 0, database, model, threshold)


def verify_far(image, identity, database, model, threshold=0.7):
    distance, _ = verify(image, identity, database, model, threshold)
    return distance + 1, distance + 1 < threshold


def verify_as_lists(image, identity, database, model, threshold=0.7):
    distance, door_open = verify(image, identity, database, model, threshold)
    return [distance], door_open


def verify_with_another_threshold(image, identity, database, model, threshold=0.72):
    return verify(image, identity, database, model, threshold)


def verify_a_little_stricter(image, identity, database, model, threshold=0.67):
    return verify(image, identity, database, model, threshold)


def verify_without_default(image, identity, database, model, threshold):
    return verify(image, identity, database, model, threshold)


def verify_with_a_threshold_of_its_own(image, identity, database, model, threshold=0.7):
    distance, _ = verify(image, identity, database, model)
    return distance, bool(distance < 0.8)


def verify_with_the_norm_of_a_matrix(image, identity, database, model, threshold=0.7):
    distance = np.linalg.norm(img_to_encoding(image, model) - database[identity], ord="fro")
    return distance, distance < threshold


def verify_with_tensorflows_norm_of_a_matrix(image, identity, database, model, threshold=0.7):
    distance = tf.norm(img_to_encoding(image, model) - database[identity], ord="fro")
    return distance, distance < threshold


def verify_with_several_encodings(image, identity, database, model, threshold=0.7):
    encoding = img_to_encoding(image, model)
    distance = min(np.linalg.norm(encoding - entry) for entry in database[identity])
    return distance, distance < threshold


def verify_with_the_first_encoding(image, identity, database, model, threshold=0.7):
    distance = np.linalg.norm(img_to_encoding(image, model) - database[identity][0])
    return distance, distance < threshold


def verify_with_the_cosine(image, identity, database, model, threshold=0.7):
    f, g = np.array(img_to_encoding(image, model)), database[identity]
    distance = 1 - np.dot(f, g) / np.linalg.norm(f) / np.linalg.norm(g)
    return distance, distance < threshold


def verify_without_a_batch(image, identity, database, model, threshold=0.7):
    distance = np.linalg.norm(model(image / 255) - database[identity])
    return distance, distance < threshold


def verify_that_asserts_a_shape(image, identity, database, model, threshold=0.7):
    encoding = img_to_encoding(image, model)
    assert encoding.shape == (1, 128)
    return verify(image, identity, database, model, threshold)


def verify_of_a_forgotten_model(image, identity, database, model, threshold=0.7):
    return verify(image, identity, database, FRmodel, threshold)  # noqa: F821


def verify_that_only_prints(image, identity, database, model, threshold=0.7):
    verify_of_the_classic_exercise(image, identity, database, model, threshold)


def verify_with_two_slips(image, identity, database, model, threshold=0.7):
    """Reversed, and squared."""
    distance = float(np.sum((img_to_encoding(image, model) - database[identity]) ** 2))
    return distance, distance > threshold


def who_of_the_classic_exercise(image, database, model):
    encoding = img_to_encoding(image, model)
    min_dist = 100
    for name, db_enc in database.items():
        dist = np.linalg.norm(encoding - db_enc)
        if dist < min_dist:
            min_dist = dist
            identity = name
    if min_dist > 0.7:
        print("Not in the database.")
    else:
        print("it's " + str(identity) + ", the distance is " + str(min_dist))
    return min_dist, identity


def who_of_the_classic_exercise_with_a_threshold(image, database, model, threshold=0.7):
    return who_of_the_classic_exercise(image, database, model)


def who_with_another_threshold(image, database, model, threshold=0.72):
    return who_is_it(image, database, model, threshold)


def who_half_as_lax(image, database, model, threshold=0.5):
    return who_is_it(image, database, model, threshold)


def who_without_default(image, database, model, threshold):
    return who_is_it(image, database, model, threshold)


def who_with_the_if_outside_the_loop(image, database, model, threshold=0.7):
    encoding, min_dist, identity = img_to_encoding(image, model), 100, None
    for name in database:
        dist = np.linalg.norm(encoding - database[name])
    if dist < min_dist:
        min_dist, identity = dist, name
    return min_dist, identity if min_dist <= threshold else None


def who_decides_inside_the_loop(image, database, model, threshold=0.7):
    encoding, min_dist = img_to_encoding(image, model), 100
    for name in database:
        dist = np.linalg.norm(encoding - database[name])
        if dist < min_dist:
            min_dist, identity = dist, name
        if min_dist > threshold:
            return min_dist, None
    return min_dist, identity


def who_begins_at_the_threshold(image, database, model, threshold=0.7):
    encoding, min_dist = img_to_encoding(image, model), threshold
    for name, entry in database.items():
        dist = np.linalg.norm(encoding - entry)
        if dist < min_dist:
            min_dist, identity = dist, name
    return min_dist, identity


def who_begins_at_zero(image, database, model, threshold=0.7):
    encoding, min_dist = img_to_encoding(image, model), 0
    for name, entry in database.items():
        dist = np.linalg.norm(encoding - entry)
        if dist < min_dist:
            min_dist, identity = dist, name
    return min_dist, identity if min_dist <= threshold else None


def who_begins_at_one(image, database, model, threshold=0.7):
    encoding, min_dist, identity = img_to_encoding(image, model), 1, None
    for name, entry in database.items():
        dist = np.linalg.norm(encoding - entry)
        if dist < min_dist:
            min_dist, identity = dist, name
    return min_dist, identity if min_dist <= threshold else None


def who_with_the_norm_of_a_matrix(image, database, model, threshold=0.7):
    distances = {
        name: np.linalg.norm(img_to_encoding(image, model) - entry, ord="fro") for name, entry in database.items()
    }
    name = min(distances, key=distances.get)
    return distances[name], name if distances[name] <= threshold else None


def who_with_several_encodings(image, database, model, threshold=0.7):
    encoding, nearest, identity = img_to_encoding(image, model), np.inf, None
    for name, entries in database.items():
        for entry in entries:
            distance = np.linalg.norm(encoding - entry)
            if distance < nearest:
                nearest, identity = distance, name
    return nearest, identity if nearest <= threshold else None


def who_with_two_slips(image, database, model, threshold=0.7):
    """Squared distances, and always a name."""
    encoding = img_to_encoding(image, model)
    distances = {name: float(np.sum((encoding - entry) ** 2)) for name, entry in database.items()}
    name = min(distances, key=distances.get)
    return distances[name], name


def who_with_a_global_model(image, database, model, threshold=0.7):
    return who_is_it(image, database, OF_THE_NOTEBOOK, threshold)


def who_without_a_name_at_all(image, database, model, threshold=0.7):
    distance, name = who_is_it(image, database, model, threshold)
    return distance, name or False


def who_in_capitals(image, database, model, threshold=0.7):
    distance, name = who_is_it(image, database, model, threshold)
    return distance, name and name.upper()


def who_takes_out(image, database, model, threshold=0.7):
    distance, name = who_is_it(image, database, model, threshold)
    database.pop(name, None)
    return distance, name


def who_as_dictionary(image, database, model, threshold=0.7):
    return dict(zip(("distance", "name"), who_is_it(image, database, model, threshold), strict=True))


def who_in_a_loop_that_returns(image, database, model, threshold=0.7):
    for name, entry in database.items():
        distance = np.linalg.norm(img_to_encoding(image, model) - entry)
        if distance < threshold:
            return distance, name


def rates_as_array(same, different, threshold):
    return np.array(acceptance_rates(same, different, threshold))


def rates_not_averaged(same, different, threshold):
    return different < threshold, same < threshold


def rates_sorted_in_place(same, different, threshold):
    same.sort()
    different[::-1].sort()
    return acceptance_rates(same, different, threshold)


def rates_as_text(same, different, threshold):
    return tuple(f"{rate:.0%}" for rate in acceptance_rates(same, different, threshold))


def rates_squared(same, different, threshold):
    return acceptance_rates(same**2, different**2, threshold)


def rates_of_tensors(same, different, threshold):
    return np.mean(different.numpy() < threshold), np.mean(same.numpy() < threshold)


def rates_with_two_slips(same, different, threshold):
    """Swapped, and at the threshold too."""
    return np.mean(same <= threshold), np.mean(different <= threshold)


def rates_of_lists(same, different, threshold):
    return sum(list(different) < threshold) / len(different), sum(list(same) < threshold) / len(same)


def probability_of_another_similarity(f_1, f_2, w, b, similarity="chi2"):
    return probability_same(f_1, f_2, w, b, similarity)


def probability_without_default(f_1, f_2, w, b, similarity):
    return probability_same(f_1, f_2, w, b, similarity)


def probability_with_a_typo(f_1, f_2, w, b, similarity="absolute"):
    return tf.sigmod(tf.reduce_sum(w * tf.abs(f_1 - f_2), axis=-1) + b)


def probability_of_transposed_weights(f_1, f_2, w, b, similarity="absolute"):
    return tf.sigmoid(tf.abs(f_1 - f_2) @ w.T + b)


def probability_of_a_product(f_1, f_2, w, b, similarity="absolute"):
    return tf.sigmoid(tf.abs(f_1 - f_2) @ w + b)


def probability_with_two_slips(f_1, f_2, w, b, similarity="absolute"):
    """No sigmoid, and no bias."""
    u = tf.abs(f_1 - f_2)
    if similarity == "chi2":
        u = tf.math.divide_no_nan(u * u, f_1 + f_2)
    return tf.reduce_sum(w * u, axis=-1)


def probability_in_numpy(f_1, f_2, w, b, similarity="absolute"):
    return probability_same(f_1, f_2, w, b, similarity).numpy()


def probability_of_a_frozen_bias(f_1, f_2, w, b, similarity="absolute"):
    return probability_same(f_1, f_2, w, float(b), similarity)


def probability_of_frozen_weights(f_1, f_2, w, b, similarity="absolute"):
    return probability_same(f_1, f_2, tf.constant(w.numpy()) if hasattr(w, "numpy") else w, b, similarity)


def probability_of_one_side(f_1, f_2, w, b, similarity="absolute"):
    return probability_same(f_1, tf.stop_gradient(f_2), w, b, similarity)


def probability_not_summed(f_1, f_2, w, b, similarity="absolute"):
    return tf.sigmoid(tf.abs(f_1 - f_2) * w + b)


def probability_of_two(f_1, f_2, w, b, similarity="absolute"):
    p = probability_same(f_1, f_2, w, b, similarity)
    return tf.stack([1 - p, p], axis=-1)


def probability_with_another_name(f_1, f_2, w, b, similarity="absolute"):
    if similarity not in ("absolute", "chi-squared"):
        raise ValueError(f"unknown similarity {similarity}")
    return probability_same(f_1, f_2, w, b, similarity)


REJECTED = {
    "triplet_loss": [
        ("NumPy", loss_in_numpy, "no gradient reaches the anchors"),
        ("float()", loss_as_float, "no gradient reaches the anchors"),
        ("stop_gradient", loss_stopped, "no gradient reaches the negatives"),
        ("a method of lists", loss_of_a_list, "stops on y_pred as a tuple"),
        ("shape (1,)", loss_kept_as_a_row, "has shape (1,), not () as a scalar has"),
        ("half", loss_halved, "has the wrong value on the published inputs"),
        ("no alpha", loss_without_alpha, "alpha"),
        ("another margin by default", loss_with_another_margin, "These are the defaults of the signature"),
        ("a large margin by default", loss_with_a_large_margin, "These are the defaults of the signature"),
        ("no default", loss_without_default, "These are the defaults of the signature"),
        ("None for a default", loss_with_none_for_default, "These are the defaults of the signature"),
        ("a typo", loss_with_a_typo, "maximium"),
        ("get_shape not called", loss_that_does_not_call_get_shape, "as_list"),
        ("a tensor's T", loss_of_a_transposed_tensor, "'T'"),
        ("asserts a size", loss_that_asserts_a_size, "stops on two triplets computed by hand"),
        ("one tensor cut in three", loss_of_a_row_of_encodings, "You cut y_pred as one tensor"),
        ("maximum of the mean", loss_of_a_first_edition, "You take the mean over the triplets, and then the maximum"),
        ("mean of squares, mean of triplets", loss_with_two_slips, "You take the mean of what they cost"),
    ],
    "choose_triplets": [
        ("random negatives", choose_at_random, "follow the rule with a pencil"),
        ("floats", choose_as_floats, "rows of float64; expected were whole numbers"),
        ("two rows", choose_two_rows, "expected were three rows of indices, equally long"),
        ("uneven rows", choose_unevenly, "something else than three rows of equally many indices"),
        ("a number", lambda *inputs, **options: 3, "something else than three rows"),
        ("every triplet twice", choose_twice, "Yours have every triplet twice"),
        ("writes", choose_in_place, "writes into encodings"),
        ("another margin by default", choose_with_another_margin, "These are the defaults of the signature"),
        ("no default", choose_without_default, "These are the defaults of the signature"),
        ("each pair once, roots", choose_with_two_slips, "You take (i, j) and leave out (j, i)"),
    ],
    "img_to_encoding": [
        ("a list", encoding_as_list, "expected was a tensor of real numbers"),
        ("writes", encoding_in_place, "writes into image"),
        ("divides in place", encoding_divided_in_place, "image /= 255 divides in place"),
        ("upside down", encoding_of_the_upside_down, "has the wrong value on a picture of 2 × 4 pixels"),
        ("a global model of Keras", encoding_of_a_global_model, "You ask a model of your notebook"),
        ("a constant", lambda image, model: np.float32([1, 0, 0]), "never asks the model that it is given"),
        ("a file", encoding_of_a_file, "The classic exercise gives the name of a file here"),
        ("OpenCV", encoding_read_by_opencv, "The classic exercise gives the name of a file here"),
        ("colours first", encoding_of_the_old_classic_exercise, "You put the colours first"),
        ("its row", encoding_with_its_row, "as in the classic exercise. Take row 0"),
        ("no batch", encoding_without_a_batch, "put an axis in front"),
        ("a forgotten model", encoding_of_a_forgotten_model, "You ask a model of your notebook"),
        ("not divided, its row", encoding_with_two_slips, "Yours is still from 0 to 255"),
    ],
    "verify": [
        ("a global model of Keras", verify_with_a_global_model, "You ask a model of your notebook"),
        ("0 and 1", verify_with_a_number, "returns something else for door_open; expected was True or False"),
        ("three values", verify_with_three, "returns a tuple of 3; expected were distance, door_open"),
        ("deletes the entry", verify_takes_the_card_away, "writes into database"),
        ("looks up a place", verify_by_place, "stops on a resident with a card of their own"),
        ("too far", verify_far, "distance of verify has the wrong value on a resident with a card of their own"),
        ("a list for the distance", verify_as_lists, "returns a list of 1 for distance"),
        ("another threshold by default", verify_with_another_threshold, "These are the defaults of the signature"),
        ("a little stricter by default", verify_a_little_stricter, "These are the defaults of the signature"),
        ("no default", verify_without_default, "These are the defaults of the signature"),
        ("a threshold of its own", verify_with_a_threshold_of_its_own, "You do not listen to `threshold`"),
        ("the norm of a matrix", verify_with_the_norm_of_a_matrix, "is the norm of a matrix, and f − g is a vector"),
        ("TensorFlow's norm of a matrix", verify_with_tensorflows_norm_of_a_matrix, "f − g is a vector"),
        ("several encodings", verify_with_several_encodings, "as through a list of encodings"),
        ("the first encoding", verify_with_the_first_encoding, "as if it were a list of encodings"),
        ("the cosine", verify_with_the_cosine, "1 minus the cosine"),
        ("no batch", verify_without_a_batch, "you give it a picture without the axis in front"),
        ("asserts a shape", verify_that_asserts_a_shape, "stops on a resident with a card of their own"),
        ("a forgotten model", verify_of_a_forgotten_model, "You ask a model of your notebook"),
        ("only prints", verify_that_only_prints, "did you forget `return`"),
        ("reversed, squared", verify_with_two_slips, "Yours has no square root"),
    ],
    "who_is_it": [
        ("a global model of Keras", who_with_a_global_model, "You ask a model of your notebook"),
        ("False for None", who_without_a_name_at_all, "returns something else for name; expected was a name"),
        ("capitals", who_in_capitals, "returns a text that is no name in the database for name"),
        ("deletes the entry", who_takes_out, "writes into database"),
        ("a dictionary", who_as_dictionary, "returns a dict; expected were distance, name"),
        ("returns from the loop", who_in_a_loop_that_returns, "You return from inside the loop"),
        ("the classic exercise", who_of_the_classic_exercise_with_a_threshold, "The classic exercise prints"),
        ("the classic exercise, no threshold", who_of_the_classic_exercise, "The classic exercise prints"),
        ("another threshold by default", who_with_another_threshold, "These are the defaults of the signature"),
        ("half as lax by default", who_half_as_lax, "These are the defaults of the signature"),
        ("no default", who_without_default, "These are the defaults of the signature"),
        ("if outside the loop", who_with_the_if_outside_the_loop, "Does your if stand inside the loop"),
        ("decides inside the loop", who_decides_inside_the_loop, "You decide inside the loop"),
        ("begins at the threshold", who_begins_at_the_threshold, "You begin with the threshold"),
        ("begins at zero", who_begins_at_zero, "You begin with 0"),
        ("begins at one", who_begins_at_one, "You begin with 1"),
        ("the norm of a matrix", who_with_the_norm_of_a_matrix, "f − g is a vector"),
        ("several encodings", who_with_several_encodings, "as through a list of encodings"),
        ("squared, always a name", who_with_two_slips, "Yours has no square root"),
    ],
    "acceptance_rates": [
        ("an array", rates_as_array, "returns a ndarray; expected were false_accept_rate, true_accept_rate"),
        ("not averaged", rates_not_averaged, "for false_accept_rate; expected was a tensor of real numbers"),
        ("sorts in place", rates_sorted_in_place, "writes into different"),
        ("texts", rates_as_text, "returns a str for false_accept_rate"),
        ("squared distances", rates_squared, "false_accept_rate of acceptance_rates has the wrong value"),
        ("arrays taken for tensors", rates_of_tensors, "numpy"),
        ("swapped, at the threshold", rates_with_two_slips, "The two rates have changed places"),
        ("lists compared", rates_of_lists, "stops on four pairs"),
    ],
    "probability_same": [
        ("NumPy", probability_in_numpy, "no gradient reaches f_1"),
        ("a frozen bias", probability_of_a_frozen_bias, "no gradient reaches b"),
        ("frozen weights", probability_of_frozen_weights, "no gradient reaches w"),
        ("one side stopped", probability_of_one_side, "no gradient reaches f_2"),
        ("not summed", probability_not_summed, "has shape (4, 3), not (4,), on four pairs"),
        ("two classes", probability_of_two, "has shape (4, 2), not (4,), on four pairs"),
        ("another name", probability_with_another_name, "stops on five pairs"),
        ("another similarity by default", probability_of_another_similarity, "These are the defaults of the signature"),
        ("no default", probability_without_default, "These are the defaults of the signature"),
        ("a typo", probability_with_a_typo, "sigmod"),
        ("transposed weights", probability_of_transposed_weights, "'T'"),
        ("a product with a vector", probability_of_a_product, "@ multiplies matrices, and w is a vector"),
        ("no sigmoid, no bias", probability_with_two_slips, "You return z itself"),
    ],
}
