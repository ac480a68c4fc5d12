"""Everything a run of training needs, so that it can be saved and continued."""

import json

import numpy as np

from nst.paths import whole_file
from nst.quiet import tf
from tools.training import settings
from tools.training.easel import Easel
from tools.training.lesson import Lesson
from tools.training.photographs import centre_crops, find_photos, random_crop, read_photos
from tools.training.students import WIDTHS, StudentSqueezeNet, StudentVGG
from tools.training.teachers import Teachers

FRESH = 8  # crops that replace others, after every REUSE steps
REUSE = 3
PAINT_EVERY = 100  # steps between two paintings by a student
CANVASES = 240  # painted pictures kept
FROZEN = 0.75  # of all steps, after which batch normalisation's statistics stand still


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
        self.canvases = np.zeros((0, settings.SIZE, settings.SIZE, 3), np.uint8)
        self.crops = np.zeros((0, settings.SIZE, settings.SIZE, 3), np.uint8)
        self.features = None

    def look(self, crops):
        """The teachers' features of any number of crops."""
        parts = []
        for start in range(0, len(crops), settings.BATCH):
            found = self.teachers.features(crops[start : start + settings.BATCH])
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
            some = self.rng.choice(len(self.crops), 2 * settings.BATCH, replace=False)
            painted = self.easels[name].paint(
                self.crops[some[: settings.BATCH]], self.crops[some[settings.BATCH :]], self.rng
            )
            self.canvases = np.concatenate([self.canvases, painted])[-CANVASES:]
        places = np.sort(self.rng.choice(len(self.crops), settings.BATCH, replace=False))
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
            starts = range(0, len(self.held_out), settings.BATCH)
            for start in starts:
                part = slice(start, start + settings.BATCH)
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
