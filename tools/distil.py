"""Train the two small networks that come with the course: a slim VGG-19 and SqueezeNet 1.1.

Both students start from random weights and learn, from pictures alone and without a label, to see what large
networks see (knowledge distillation; Romero et al., "FitNets: Hints for Thin Deep Nets", 2015). Each of a student's
layers is read by a linear 1×1 map that predicts a teacher's layer, and the student is changed so that the best such map
leaves less of the teacher's variance unexplained. The best map is the solution of a least-squares problem, so it is
solved for at every step rather than learnt, and it is thrown away at the end.

A linear map may stretch some directions and shrink others, and then a student that explains everything would still
weigh a style differently. So a second term compares inner products: that of the features at two positions should be the
same in student and teacher, up to one factor a layer. Two networks with equal inner products have equal style costs,
because a distance of Gram matrices is made of squared inner products alone (Li et al., "Demystifying Neural Style
Transfer", 2017, equation 6).

Teachers are VGG-19, for every layer the file has, and SqueezeNet, for those it has not: fire4 and fire5 stand in for
conv4, fire6 to fire9 for conv5. Photographs are cropped, flipped, recoloured and blended with noise, since paintings
begin with noise. Now and then the students paint, and what they paint is looked at by the teachers too: pictures on
which a half-trained network is easily fooled.

    python tools/distil.py --photos FOLDER --vgg FILE --squeezenet FILE

trains on whatever device TensorFlow finds, writes a log and a checkpoint into --work, continues from there when called
again, and at the end writes both files into pretrained-model/. A VGG-19 file with all layers needs no stand-in, so
`--students vgg` trains that student from it alone. On Linux, glibc gives large blocks of memory back after every step
and asks for them again at the next; forbidding it saved two fifths of the time here:

    export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000 MALLOC_TOP_PAD_=268435456
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from nst.networks import squeezenet
from nst.networks.squeezenet import SqueezeNet
from nst.paths import PRETRAINED, whole_file
from nst.pictures import MEANS
from nst.quiet import tf
from nst.weights import files
from nst.weights.files import CONVOLUTIONS, WeightsError
from nst_utils import VGG

SIZE = 128  # of a crop, height and width
BATCH = 8
BUFFER = 1536  # crops whose teacher features are kept; each is used several times before it is replaced
FRESH = 8  # crops that replace others, after every REUSE steps
REUSE = 3
HELD_OUT = 20  # one photograph in so many is never trained on
PAINT_EVERY = 100  # steps between two paintings by a student
CANVASES = 240  # painted pictures kept
KERNEL_POSITIONS = 256  # sampled for the comparison of inner products
KERNEL_WEIGHT = 0.5  # of that comparison, beside the unexplained variance
MEMORY = 0.95  # of the running covariances that the linear maps are solved from
EPSILON = 1e-3  # batch normalisation's, against a channel that never varies
FROZEN = 0.75  # of all steps, after which batch normalisation's statistics stand still
MEAN_ACTIVATION = 1.25  # of every layer of the slim VGG-19; with alpha = 10 and beta = 40 a painting keeps the scene

#: Channels of the slim VGG-19. See pretrained-model/README.md for the measurements behind them.
WIDTHS = dict(zip(CONVOLUTIONS, [24, 16, 48, 48, 64, 64, 64, 64, 96, 96, 96, 96, 128, 128, 128, 128], strict=True))

#: SqueezeNet's layers that stand in for VGG-19's deep ones, at the same resolution.
STAND_INS = {
    "conv4_1": "fire4",
    "conv4_2": "fire4",
    "conv4_3": "fire5",
    "conv4_4": "fire5",
    "conv5_1": "fire6",
    "conv5_2": "fire7",
    "conv5_3": "fire8",
    "conv5_4": "fire9",
}

#: What SqueezeNet's layers are to explain of VGG-19, beside the same layer of SqueezeNet.
RELATIVES = {
    "relu1": ["conv2_1", "conv2_2"],
    "fire2": ["conv3_1", "conv3_2"],
    "fire3": ["conv3_3", "conv3_4"],
}


# Pictures ------------------------------------------------------------------------------------------------------


def find_photos(folder):
    """(for training, held out): lists of paths; every HELD_OUT-th in the order of their names is held out."""
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if len(paths) < HELD_OUT:
        raise SystemExit(f"{folder} should hold at least {HELD_OUT} photographs, and {len(paths)} were found in it.")
    return [path for i, path in enumerate(paths) if i % HELD_OUT], paths[::HELD_OUT]


def read_photos(paths):
    """All of them stay in memory, so large ones are made smaller."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    for picture in pictures:
        picture.thumbnail((1024, 1024))
    return [p if min(p.size) >= SIZE else p.resize([SIZE * side // min(p.size) for side in p.size]) for p in pictures]


def centre_crops(photos):
    """(n, SIZE, SIZE, 3) uint8: the middle of each photograph, at its own scale."""
    corners = [((photo.width - SIZE) // 2, (photo.height - SIZE) // 2) for photo in photos]
    return np.stack([photo.crop((x, y, x + SIZE, y + SIZE)) for photo, (x, y) in zip(photos, corners, strict=True)])


def random_crop(photos, rng):
    """(SIZE, SIZE, 3) uint8: part of a photograph, at a scale of its own, flipped, recoloured, blended with noise."""
    photo = photos[rng.integers(len(photos))]
    side = round(min(photo.size) * rng.uniform(SIZE / 2 / min(photo.size), 1) ** 0.7)
    x, y = (rng.integers(length - side + 1) for length in photo.size)
    crop = photo.resize((SIZE, SIZE), Image.Resampling.BILINEAR, box=(x, y, x + side, y + side))
    if rng.random() < 0.5:
        crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < 0.1:
        crop = crop.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if rng.random() < 0.7:
        for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            crop = change(crop).enhance(rng.uniform(0.6, 1.5))
    pixels = np.asarray(crop, np.float32)
    if rng.random() < 0.4:
        pixels = pixels * rng.uniform(0.75, 1.25, 3)
    if rng.random() < 0.25:  # as generate_noise_image does, for any share of noise
        share = rng.uniform(0, 1)
        noise = rng.uniform(-20, 20, pixels.shape) * rng.uniform(0.5, 3)
        pixels = share * (MEANS + noise) + (1 - share) * pixels
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


#: One position in so many of each layer, along height and width, is looked at: neighbours tell nearly the same.
GRID = {layer: {"1": 8, "2": 4, "3": 2}.get(layer[4], 1) for layer in CONVOLUTIONS}
GRID |= dict.fromkeys(squeezenet.FIRES, 1) | {"relu1": 4, "fire2": 2, "fire3": 2}
SQUEEZENET_LAYERS = ["relu1", *squeezenet.FIRES]


# Teachers ------------------------------------------------------------------------------------------------------


def sampled(features, every):
    """(n, height, width, channels) at one position in so many along height and width."""
    return features[:, every // 2 :: every, every // 2 :: every]


def for_squeezenet(pictures):
    return (pictures / 255 - squeezenet.MEAN) / squeezenet.STD


class Teachers:
    """The features that the students are to explain."""

    def __init__(self, vgg_path, squeezenet_path=None):
        weights = files.read_weights(vgg_path)
        if "conv3_4" not in weights:
            raise SystemExit(
                f"{vgg_path} ends at {list(weights)[-1]}, and a teacher needs conv3_4; give a longer file."
            )
        self.vgg, self.vgg_layers = VGG(weights), list(weights)
        self.missing = {layer: fire for layer, fire in STAND_INS.items() if layer not in weights}
        self.squeezenet = squeezenet_path and SqueezeNet(squeezenet.read_weights(squeezenet_path))
        if self.missing and not self.squeezenet:
            raise SystemExit(
                f"{vgg_path} ends at {self.vgg_layers[-1]}, so SqueezeNet must stand in for the layers beyond; give "
                "its file as --squeezenet, or the whole VGG-19 as --vgg."
            )

    @tf.function(autograph=False)
    def features(self, crops):
        """Teachers' layers for (n, SIZE, SIZE, 3) uint8: name -> (n, height, width, channels).

        "vgg/conv3_1" is VGG-19's layer, or its stand-in at the same positions; "squeezenet/fire4" is SqueezeNet's.
        Half precision, as they are kept.
        """
        pictures = tf.cast(crops, tf.float32)
        found = self.vgg.activations(pictures - MEANS, self.vgg_layers)
        features = {f"vgg/{layer}": sampled(x, GRID[layer]) for layer, x in found.items()}
        if self.squeezenet:
            own = self.squeezenet.activations(for_squeezenet(pictures), SQUEEZENET_LAYERS)
            features |= {f"squeezenet/{layer}": sampled(x, GRID[layer]) for layer, x in own.items()}
        if self.missing:
            # SqueezeNet does not pad: with four pixels more at the top and left its position i in fire4 lies where
            # VGG-19's position i in conv4_1 does, to half a pixel (in fire6 and conv5_1 to a quarter of a position).
            wider = tf.pad(pictures, [[0, 0], [4, 12], [4, 12], [0, 0]], "REFLECT")
            fires = self.squeezenet.activations(for_squeezenet(wider), list(set(self.missing.values())))
            for layer, fire in self.missing.items():
                side = SIZE // 8 if layer.startswith("conv4") else SIZE // 16
                features[f"vgg/{layer}"] = fires[fire][:, :side, :side]
        return {name: tf.cast(tf.minimum(x, np.finfo(np.float16).max), tf.float16) for name, x in features.items()}


# Students ------------------------------------------------------------------------------------------------------


class Normalised:
    """A network whose convolutions are each followed by batch normalisation while it is trained.

    Ioffe and Szegedy (2015). It is an affine map a channel, so `folded` makes it part of kernel and bias.
    """

    def __init__(self, shapes, rng):
        self.kernels, self.scales, self.offsets, self.means, self.variances = {}, {}, {}, {}, {}
        for name, shape in shapes.items():
            fan_in, width = int(np.prod(shape[:-1])), shape[-1]
            # Columns at right angles where there is room for them (Saxe et al., 2014).
            flat = rng.standard_normal((fan_in, width))
            flat = np.linalg.qr(flat)[0] if fan_in >= width else flat / np.sqrt(fan_in)
            self.kernels[name] = tf.Variable(flat.reshape(shape), dtype=tf.float32)
            self.scales[name] = tf.Variable(tf.ones(width))
            self.offsets[name] = tf.Variable(tf.zeros(width))
            self.means[name] = tf.Variable(tf.zeros(width), trainable=False)
            self.variances[name] = tf.Variable(tf.ones(width), trainable=False)
        self.learning = False  # True: normalise by the batch, and remember its statistics

    @property
    def trained(self):
        return [*self.kernels.values(), *self.scales.values(), *self.offsets.values()]

    @property
    def variables(self):
        return [*self.trained, *self.means.values(), *self.variances.values()]

    def _convolve(self, x, name, strides=1, padding="SAME"):
        x = tf.nn.conv2d(x, self.kernels[name], strides=strides, padding=padding)
        mean, variance = self.means[name], self.variances[name]
        if self.learning:
            x, batch_mean, batch_variance = tf.compat.v1.nn.fused_batch_norm(
                x, self.scales[name], self.offsets[name], epsilon=EPSILON, is_training=True
            )
            # Short-lived, since sixteen layers of statistics that lag behind the kernels make another network.
            mean.assign(0.9 * mean + 0.1 * tf.stop_gradient(batch_mean))
            variance.assign(0.9 * variance + 0.1 * tf.stop_gradient(batch_variance))
            return x
        factor = self.scales[name] / tf.sqrt(variance + EPSILON)
        return x * factor + (self.offsets[name] - mean * factor)

    def folded(self):
        """name -> (kernel, bias), float32: the same network without normalisation."""
        weights = {}
        for name, kernel in self.kernels.items():
            factor = (self.scales[name] / tf.sqrt(self.variances[name] + EPSILON)).numpy()
            weights[name] = kernel.numpy() * factor, self.offsets[name].numpy() - self.means[name].numpy() * factor
        return weights


class StudentVGG(Normalised, VGG):
    """The slim VGG-19."""

    file = files.EMBEDDED
    style_layers = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
    content_layers = ("conv3_2", "conv4_2")

    def __init__(self, rng):
        channels = [3, *WIDTHS.values()]
        shapes = {layer: (3, 3, channels[i], width) for i, (layer, width) in enumerate(WIDTHS.items())}
        VGG.__init__(self, {layer: (np.zeros(1), np.zeros(1)) for layer in shapes}, "the slim VGG-19")
        Normalised.__init__(self, shapes, rng)
        self.targets = {layer: [f"vgg/{layer}"] for layer in shapes}

    def look(self, pictures, names):
        return self.activations(pictures - MEANS, names)


class StudentSqueezeNet(Normalised, SqueezeNet):
    """SqueezeNet 1.1 as it is."""

    file = squeezenet.EMBEDDED
    style_layers = ("relu1", "fire3", "fire4", "fire5")
    content_layers = ("fire2", "fire4")

    def __init__(self, rng):
        Normalised.__init__(self, squeezenet.SHAPES, rng)
        self.targets = {layer: [f"squeezenet/{layer}"] for layer in SQUEEZENET_LAYERS}
        for layer, relatives in RELATIVES.items():
            self.targets[layer] += [f"vgg/{relative}" for relative in relatives]

    def look(self, pictures, names):
        return self.activations(for_squeezenet(pictures), names)


class Lesson:
    """A student, what it is to explain, and the linear maps it is read by."""

    def __init__(self, student, stand_ins=()):
        self.student, self.stand_ins = student, stand_ins
        self.pairs = [(layer, target) for layer, targets in student.targets.items() for target in targets]
        self.own, self.cross = {}, {}  # running second moments: student with itself, student with teacher
        self.optimizer = tf.keras.optimizers.Adam(1e-3, beta_2=0.99, epsilon=1e-8)
        self.optimizer.build(student.trained)

    @property
    def variables(self):
        return [*self.student.variables, *self.own.values(), *self.cross.values(), *self.optimizer.variables]

    def prepare(self, features):
        """Make room for the moments, once the teachers' widths are known."""
        found = self.student.look(tf.zeros((1, SIZE, SIZE, 3)), list(self.student.targets))
        for layer, target in self.pairs:
            width, wanted = found[layer].shape[-1] + 1, features[target].shape[-1]
            self.own.setdefault(layer, tf.Variable(tf.zeros((width, width)), trainable=False))
            self.cross[layer, target] = tf.Variable(tf.zeros((width, wanted)), trainable=False)

    def rows(self, features, layer, target):
        """A student's and a teacher's features at the same positions: (positions, channels) each.

        Without padding SqueezeNet has a position or two less at the right and bottom.
        """
        x = sampled(features, GRID[layer])
        side = min(x.shape[1], target.shape[1])
        x, t = x[:, :side, :side], target[:, :side, :side]
        return tf.reshape(x, [-1, x.shape[-1]]), tf.reshape(t, [-1, t.shape[-1]])

    def maps(self):
        """The least-squares maps, (student's channels + 1, teacher's channels), from the running moments."""
        solutions = {}
        for layer, own in self.own.items():
            ridge = 1e-4 * tf.linalg.trace(own) / own.shape[0] * tf.eye(own.shape[0])
            root = tf.linalg.cholesky(own + ridge)
            for pair in self.pairs:
                if pair[0] == layer:
                    solutions[pair] = tf.linalg.cholesky_solve(root, self.cross[pair])
        return solutions

    def weight(self, pair):
        """The layers that pictures are painted with count four times, a stand-in's word a quarter."""
        weight = 4.0 if pair[0] in self.student.style_layers + self.student.content_layers else 1.0
        return weight / 4 if pair[1] in self.stand_ins else weight

    def losses(self, crops, targets, scales, seed, learn=True):
        """Unexplained variance and mismatch of inner products, each a dict from pair to a share (0 is perfect).

        seed: two whole numbers; they choose the positions whose inner products are compared.
        """
        features = self.student.look(tf.cast(crops, tf.float32), list(self.student.targets))
        rows, known = {}, set()
        for layer, target in self.pairs:
            x, t = self.rows(features[layer], layer, tf.cast(targets[target], tf.float32))
            rows[layer, target] = tf.pad(x, [[0, 0], [0, 1]], constant_values=1.0), t
        if learn:
            for (layer, target), (x, t) in rows.items():
                x = tf.stop_gradient(x)
                count = tf.cast(tf.shape(x)[0], tf.float32)
                if layer not in known:
                    known.add(layer)
                    own = self.own[layer]
                    own.assign(MEMORY * own + (1 - MEMORY) * tf.matmul(x, x, transpose_a=True) / count)
                cross = self.cross[layer, target]
                cross.assign(MEMORY * cross + (1 - MEMORY) * tf.matmul(x, t, transpose_a=True) / count)
        maps = self.maps()
        unexplained, mismatch = {}, {}
        for pair, (x, t) in rows.items():
            residual = t - tf.matmul(x, tf.stop_gradient(maps[pair]))
            unexplained[pair] = tf.reduce_mean(tf.square(residual)) / scales[pair[1]]
            if pair[1] == self.student.targets[pair[0]][0]:
                some = tf.random.stateless_uniform([KERNEL_POSITIONS], seed, 0, tf.shape(x)[0], tf.int32)
                ours, theirs = _inner_products(tf.gather(x[:, :-1], some)), _inner_products(tf.gather(t, some))
                mismatch[pair] = tf.reduce_sum(tf.square(ours - theirs)) / tf.reduce_sum(tf.square(theirs))
        return unexplained, mismatch

    @tf.function(autograph=False)
    def step(self, crops, targets, scales, seed, rate, learning):
        self.student.learning = learning
        with tf.GradientTape() as tape:
            unexplained, mismatch = self.losses(crops, targets, scales, seed)
            loss = tf.add_n([self.weight(pair) * share for pair, share in unexplained.items()])
            loss += KERNEL_WEIGHT * tf.add_n([self.weight(pair) * share for pair, share in mismatch.items()])
        self.student.learning = False
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply(tape.gradient(loss, self.student.trained), self.student.trained)
        return loss

    @tf.function(autograph=False)
    def measure(self, crops, targets, scales, seed):
        """Like `losses`, on pictures that nothing is learnt from."""
        return self.losses(crops, targets, scales, seed, learn=False)


def _inner_products(rows):
    products = tf.matmul(rows, rows, transpose_b=True)
    return products / tf.reduce_mean(tf.linalg.diag_part(products))


# Paintings by a student ----------------------------------------------------------------------------------------


class Easel:
    """Small paintings by a student, kept at several stages."""

    def __init__(self, student):
        self.student = student
        self.canvas = tf.Variable(tf.zeros((BATCH, SIZE, SIZE, 3)))
        self.optimizer = tf.keras.optimizers.Adam(1.0)
        self.optimizer.build([self.canvas])

    @tf.function(autograph=False)
    def statistics(self, pictures, content):
        features = self.student.look(pictures, [*self.student.style_layers, content])
        grams = {}
        for layer in self.student.style_layers:
            x = tf.reshape(features[layer], [BATCH, -1, features[layer].shape[-1]])
            grams[layer] = tf.matmul(x, x, transpose_a=True) / tf.cast(tf.shape(x)[1], tf.float32)
        return features[content], grams

    @tf.function(autograph=False)
    def move(self, wanted_content, wanted_grams, content, weights, alpha):
        with tf.GradientTape() as tape:
            found, grams = self.statistics(self.canvas, content)
            cost = alpha * _relative(found, wanted_content)
            for weight, layer in zip(tf.unstack(weights), self.student.style_layers, strict=True):
                cost += weight * _relative(grams[layer], wanted_grams[layer])
        self.optimizer.apply([tape.gradient(cost, self.canvas)], [self.canvas])

    def paint(self, contents, styles, rng, steps=(4, 12, 40)):
        """(len(steps) · BATCH, SIZE, SIZE, 3) uint8: each content in a style, after so many steps of Adam."""
        contents, styles = contents.astype(np.float32), styles.astype(np.float32)
        content = str(rng.choice(self.student.content_layers))
        weights = rng.uniform(0, 1, len(self.student.style_layers)) * rng.integers(0, 2, len(self.student.style_layers))
        if not weights.any():
            weights[0] = 1
        share = rng.uniform(0, 1, (BATCH, 1, 1, 1))
        self.canvas.assign(share * (MEANS + rng.uniform(-20, 20, contents.shape)) + (1 - share) * contents)
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable))
        self.optimizer.learning_rate.assign(rng.uniform(2, 10))
        alpha = tf.constant(10 ** rng.uniform(-2, 0), tf.float32)
        wanted_content, wanted_grams = self.statistics(contents, content)[0], self.statistics(styles, content)[1]
        kept = []
        for step in range(1, max(steps) + 1):
            self.move(wanted_content, wanted_grams, content, tf.constant(weights, tf.float32), alpha)
            if step in steps:
                kept.append(np.clip(np.rint(self.canvas.numpy()), 0, 255).astype(np.uint8))
        return np.concatenate(kept)


def _relative(found, wanted):
    axes = list(range(1, found.shape.rank))
    return tf.reduce_sum(tf.reduce_sum(tf.square(found - wanted), axes) / tf.reduce_sum(tf.square(wanted), axes))


# Training ------------------------------------------------------------------------------------------------------


class School:
    """Everything a run of training needs, so that it can be saved and continued."""

    def __init__(self, options):
        self.options = options
        self.rng = np.random.default_rng(options.seed)
        self.teachers = Teachers(options.vgg, options.squeezenet)
        students = {"vgg": StudentVGG, "squeezenet": StudentSqueezeNet}
        if "squeezenet" in options.students and not self.teachers.squeezenet:
            raise SystemExit("The student SqueezeNet needs its teacher; give --squeezenet FILE, or say --students vgg.")
        stand_ins = {f"vgg/{layer}" for layer in self.teachers.missing}
        self.lessons = {name: Lesson(students[name](self.rng), stand_ins) for name in options.students}
        self.easels = {name: Easel(lesson.student) for name, lesson in self.lessons.items()}
        self.wanted = {target for lesson in self.lessons.values() for _, target in lesson.pairs}
        training, held_out = find_photos(options.photos)
        self.photos = read_photos(training)
        self.held_out = centre_crops(read_photos(held_out))
        self.held_out_features = self.look(self.held_out)
        # One scale a layer, so that the losses are shares of the variance.
        self.scales = {
            target: tf.constant(x.astype(np.float32).var(axis=(0, 1, 2)).mean())
            for target, x in self.held_out_features.items()
        }
        for lesson in self.lessons.values():
            lesson.prepare(self.held_out_features)
        self.step = 0
        self.canvases = np.zeros((0, SIZE, SIZE, 3), np.uint8)
        self.crops = np.zeros((0, SIZE, SIZE, 3), np.uint8)
        self.features = None

    def look(self, crops):
        """The teachers' features of any number of crops."""
        parts = []
        for start in range(0, len(crops), BATCH):
            found = self.teachers.features(crops[start : start + BATCH])
            parts.append({name: found[name].numpy() for name in self.wanted})
        return {name: np.concatenate([part[name] for part in parts]) for name in self.wanted}

    def new_crop(self):
        if len(self.canvases) and self.rng.random() < 0.35:
            return self.canvases[self.rng.integers(len(self.canvases))]
        return random_crop(self.photos, self.rng)

    def refill(self):
        """Replace FRESH crops of the buffer, the oldest first; at the beginning fill it."""
        if self.features is None:
            if not len(self.crops):
                self.crops = np.stack([self.new_crop() for _ in range(self.options.buffer)])
            self.features = self.look(self.crops)
            return
        fresh = np.stack([self.new_crop() for _ in range(FRESH)])
        found = self.look(fresh)
        first = self.step // REUSE * FRESH % len(self.crops)
        places = np.arange(first, first + FRESH) % len(self.crops)
        self.crops[places] = fresh
        for name, x in found.items():
            self.features[name][places] = x

    def rate(self):
        """Up for 1 % of the steps, then down by half a cosine."""
        steps = self.options.steps
        warm = max(1, steps // 100)
        if self.step < warm:
            return self.options.rate * (self.step + 1) / warm
        return self.options.rate * (0.005 + 0.995 * 0.5 * (1 + np.cos(np.pi * (self.step - warm) / (steps - warm))))

    def one_step(self):
        if self.step % REUSE == 0:
            self.refill()
        if self.step and self.step % PAINT_EVERY == 0:
            name = list(self.easels)[self.step // PAINT_EVERY % len(self.easels)]
            some = self.rng.choice(len(self.crops), 2 * BATCH, replace=False)
            painted = self.easels[name].paint(self.crops[some[:BATCH]], self.crops[some[BATCH:]], self.rng)
            self.canvases = np.concatenate([self.canvases, painted])[-CANVASES:]
        places = np.sort(self.rng.choice(len(self.crops), BATCH, replace=False))
        rate = tf.constant(self.rate(), tf.float32)
        learning = self.step < FROZEN * self.options.steps
        crops, losses = self.crops[places], []
        for lesson in self.lessons.values():
            targets = {target: self.features[target][places] for _, target in lesson.pairs}
            seed = tf.constant([self.options.seed, self.step])
            losses.append(lesson.step(crops, targets, self.scales, seed, rate, learning))
        self.step += 1
        return [float(loss) for loss in losses]

    def measure(self):
        """Unexplained variance and mismatch of every pair on the photographs held out."""
        result = {}
        for name, lesson in self.lessons.items():
            sums = {}
            starts = range(0, len(self.held_out), BATCH)
            for start in starts:
                part = slice(start, start + BATCH)
                targets = {target: self.held_out_features[target][part] for _, target in lesson.pairs}
                seed = tf.constant([self.options.seed, start])
                unexplained, mismatch = lesson.measure(self.held_out[part], targets, self.scales, seed)
                for pair, value in unexplained.items():
                    row = sums.setdefault("{} -> {}".format(*pair), [0, 0])
                    row[0] += float(value) * len(self.held_out[part]) / len(self.held_out)
                    row[1] += float(mismatch.get(pair, 0)) * len(self.held_out[part]) / len(self.held_out)
            result[name] = {pair: [round(value, 4) for value in row] for pair, row in sums.items()}
        return result

    def variables(self):
        return [variable for lesson in self.lessons.values() for variable in lesson.variables]

    def identity(self):
        """What two runs must share for one to go on from the other's checkpoint."""
        options = self.options
        return [options.students, options.seed, options.buffer, list(WIDTHS.values()), sorted(self.teachers.missing)]

    def save(self, path):
        arrays = {f"variable {i}": variable.numpy() for i, variable in enumerate(self.variables())}
        state = json.dumps([self.identity(), self.step, self.rng.bit_generator.state])
        with whole_file(path) as unfinished, unfinished.open("wb") as file:
            np.savez(file, state=state, canvases=self.canvases, crops=self.crops, **arrays)

    def load(self, path):
        with np.load(path, allow_pickle=False) as file:
            identity, step, state = json.loads(str(file["state"]))
            if identity != self.identity():
                raise SystemExit(
                    f"{path} is of another training: expected students, seed, buffer, widths and stand-ins "
                    f"{self.identity()}, found {identity}; give another --work, or delete it."
                )
            self.step, self.rng.bit_generator.state = step, state
            self.canvases, self.crops = file["canvases"], file["crops"]
            for i, variable in enumerate(self.variables()):
                variable.assign(file[f"variable {i}"])
        self.features = self.look(self.crops)


def balanced_vgg(student, pictures):
    """The slim VGG-19's weights, each layer scaled so that its mean activation on `pictures` is MEAN_ACTIVATION.

    The layers then weigh about the same in a style cost (the rescaling of Gatys et al., 2016).
    """
    weights = student.folded()
    found = VGG(weights).activations(pictures.astype(np.float32) - np.float32(MEANS), list(weights))
    before, balanced = 1.0, {}
    for layer, (kernel, bias) in weights.items():
        scale = MEAN_ACTIVATION / float(tf.reduce_mean(found[layer]))
        balanced[layer] = kernel * (scale / before), bias * scale
        before = scale
    return balanced


def balanced_squeezenet(student, pictures, teacher):
    """The student's weights, each layer scaled so that its mean square on `pictures` is the teacher's.

    Published content and style weights of the SqueezeNet exercise then mean what they mean there.
    """
    weights = student.folded()
    pictures = for_squeezenet(pictures.astype(np.float32))
    ours = SqueezeNet(weights).activations(pictures, SQUEEZENET_LAYERS)
    theirs = teacher.activations(pictures, SQUEEZENET_LAYERS)
    before, balanced = 1.0, {}
    for layer in SQUEEZENET_LAYERS:
        scale = float(tf.sqrt(tf.reduce_mean(theirs[layer] ** 2) / tf.reduce_mean(ours[layer] ** 2)))
        if layer == "relu1":
            balanced["conv1"] = tuple(array * scale for array in weights["conv1"])
        else:
            kernel, bias = weights[f"{layer}/squeeze1x1"]
            balanced[f"{layer}/squeeze1x1"] = kernel / before, bias
            for part in ("expand1x1", "expand3x3"):
                balanced[f"{layer}/{part}"] = tuple(array * scale for array in weights[f"{layer}/{part}"])
        before = scale
    return balanced


def write_weights(path, weights):
    arrays = {}
    for name, (kernel, bias) in weights.items():
        arrays[f"{name}/kernel"], arrays[f"{name}/bias"] = kernel.astype(np.float16), bias.astype(np.float16)
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, **arrays)
    print(f"{path}: {sum(array.size for array in arrays.values()):,} weights, {path.stat().st_size:,} bytes")


def export(school, folder):
    """Write every student's weights into `folder`, under the name the course looks for."""
    for name, lesson in school.lessons.items():
        if name == "vgg":
            weights = balanced_vgg(lesson.student, school.held_out)
        else:
            weights = balanced_squeezenet(lesson.student, school.held_out, school.teachers.squeezenet)
        write_weights(Path(folder) / lesson.student.file.name, weights)


def print_bounds(options):
    """What is left of each teacher's layer by its best summary in so many channels, on the photographs held out.

    The summary is a principal component analysis: no student of that width, read by a linear map, can leave less.
    """
    teachers = Teachers(options.vgg, options.squeezenet)
    crops = centre_crops(read_photos(find_photos(options.photos)[1]))
    parts = [teachers.features(crops[start : start + BATCH]) for start in range(0, len(crops), BATCH)]
    widths = [8, 12, 16, 24, 32, 48, 64, 96, 128]
    print(f"{'':20s}" + "".join(f"{width:8d}" for width in widths))
    for name in sorted(parts[0]):
        rows = np.concatenate([part[name].numpy().reshape(-1, part[name].shape[-1]) for part in parts]).astype(float)
        spread = np.linalg.eigvalsh(np.cov(rows.T))[::-1]
        left = 1 - np.cumsum(spread) / spread.sum()
        print(f"{name:20s}" + "".join(f"{left[width - 1]:8.1%}" for width in widths if width <= len(left)))


def train(options):
    """Train from scratch, or go on from the checkpoint in options.work; write the weights at the end."""
    if options.steps < 2 or options.buffer < 2 * BATCH:
        raise SystemExit(f"--steps should be 2 or more and --buffer {2 * BATCH} or more; leave them out for the usual.")
    school = School(options)
    work = Path(options.work)
    for folder in (work, options.output):
        folder.mkdir(parents=True, exist_ok=True)
    checkpoint = work / "checkpoint.npz"
    if checkpoint.exists():
        school.load(checkpoint)
        print(f"Going on from step {school.step}.", flush=True)
    began, first, losses = time.monotonic(), school.step, []
    saved = began
    while school.step < options.steps:
        losses.append(school.one_step())
        last = school.step == options.steps
        if school.step % options.log_every == 0 or last:
            seconds = (time.monotonic() - began) / (school.step - first)
            row = {"step": school.step, "seconds_per_step": round(seconds, 3), "rate": school.rate()}
            row |= {"loss": np.mean(losses, axis=0).round(4).tolist(), "held_out": school.measure()}
            losses = []
            with (work / "log.jsonl").open("a") as file:
                file.write(json.dumps(row) + "\n")
            left = seconds * (options.steps - school.step) / 60
            print(f"step {school.step}: loss {row['loss']}, {seconds:.2f} s a step, {left:.0f} minutes left")
            for name, pairs in row["held_out"].items():
                print(f"  {name}: " + ", ".join(f"{p} {u:.1%} ({m:.1%})" for p, (u, m) in pairs.items()), flush=True)
        if last or time.monotonic() - saved > 60 * options.save_minutes:
            school.save(checkpoint)
            export(school, work)
            saved = time.monotonic()
    export(school, options.output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of photographs")
    parser.add_argument("--vgg", type=Path, required=True, help="a file of VGG-19's weights; an .npz must take RGB")
    parser.add_argument("--squeezenet", type=Path, help="SqueezeNet 1.1's weights in Keras's layout")
    parser.add_argument("--students", nargs="+", choices=["vgg", "squeezenet"], default=["vgg", "squeezenet"])
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=3e-3, help="the highest learning rate (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--buffer", type=int, default=BUFFER, help="crops kept; 2.1 MB each (default: %(default)s)")
    parser.add_argument("--log-every", type=int, default=250)
    parser.add_argument("--save-minutes", type=float, default=10)
    parser.add_argument("--work", type=Path, default=Path("distil"), help="for log and checkpoint")
    parser.add_argument("--output", type=Path, default=PRETRAINED, help="for the weights (default: %(default)s)")
    parser.add_argument("--bounds", action="store_true", help="print what no student of a width can explain, and stop")
    options = parser.parse_args()
    try:
        (print_bounds if options.bounds else train)(options)
    except WeightsError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
