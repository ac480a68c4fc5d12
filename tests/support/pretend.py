"""A class on paper in which everybody answered alone but for planted copies, as the judge leaves it in autograded/.

Every student picks a form of each exercise from tests/support/forms, the usual ones more often, and writes it in a
way of their own: names, order, layout, comments, lines too many. Nothing is run. `PLANTS` says how copies are
disguised.
"""

import importlib
import inspect
import json
import random
import re
import textwrap
from pathlib import Path

from nst.course.release import read_source
from nst.grading.intake.skeleton import Skeleton, is_graded

_NAMES = """
x y z a b c d m n k A1 A2 B out res result cost loss total val value tmp temp temp1 temp2 first second left
right flat flattened unrolled reshaped G GA GS GG S C gram gram_a gram_b diff difference squared sq norm factor
scale coef n_h n_w n_c h w ch height width channels H W size total_size num denominator grads grad g imgs image
vec v1 v2 dist d1 d2
"""
_VERBS = """
compute calculate get find take now first then finally here we use sum reshape flatten make
"""
_THINGS = (
    """
gram matrix|shape|dimensions|cost|style cost|difference|squares|loss|sum|height and width|tensor|transpose|activations
content|generated image|style image|channels|batch|gradient|mean|formula|factor in front|normalisation|layers|distance
""".strip()
    .replace("\n", "|")
    .split("|")
)
_ENDS = ["", "", "", "", " first", " here", " of both", " like in the formula", " again", " (see above)", " as before"]
_SWAPS = [
    (r"tf\.square\(([\w. -]+)\)", r"(\1) ** 2"),
    (r"tf\.reduce_sum\(", "tf.math.reduce_sum("),
    (r"\b4 \*", "4.0 *"),
    (r"\b2 \*", "2. *"),
    (r"tf\.subtract\((\w+), (\w+)\)", r"\1 - \2"),
    (r"tf\.matmul", "tf.linalg.matmul"),
    (r"np\.sum\(", "np.add.reduce("),
    (r"(\w+)\.get_shape\(\)\.as_list\(\)", r"\1.shape"),
    (r"tf\.transpose\((\w+)\)", r"tf.transpose(\1, perm=[1, 0])"),
    (r"\.shape\b", ".get_shape()"),
    (r" for i in range", " for idx in range"),
    (r"np\.sqrt\(", "np.power("),
]
_HELPERS = [
    "def show_shape({0}):\n    print({0}.shape)",
    "{0} = np.random.randn(3, 4)\nprint({0})",
    "for {0} in range(3):\n    print({0})",
    "def my_{0}({1}):\n    return np.asarray({1}).mean()",
    "{0} = tf.ones((1, 4, 4, 3))\n{1} = tf.reduce_sum({0})\nprint({1})",
]
_ODD = """
wierd transposition strangley beacuse permutate twiddle gymnastics octopus zigzag pancake juggling marmalade
confuzing untangle squidgy paralel seperate recieve rubric flamingo bagpipe trombone
"""

#: How a copy is disguised.
PLANTS = ("as it is", "renamed", "moved", "commented", "one notebook", "one exercise", "mistake", "helper and typos")


def forms(assignment):
    """grade_id -> (right forms, wrong forms), as texts."""
    module = importlib.import_module(f"tests.support.forms.{assignment.replace('-', '_')}")
    return {
        name: (_texts(name, found), _texts(name, module.REJECTED.get(name, [])))
        for name, found in module.ACCEPTED.items()
    }


def _texts(name, found):
    texts = []
    for _, form, *_ in found:
        try:
            text = textwrap.dedent(inspect.getsource(form))
        except (OSError, TypeError):
            continue
        if text.startswith("def ") and "<locals>" not in form.__qualname__:
            text = re.sub(r"(?m)^ *#.*\n", "", text)
            texts.append(re.sub(r"^def \w+", f"def {name}", text).rstrip())
    return texts


class Pretender:
    """Writes a class. sources: name -> source notebook. full: whole notebooks, and not only what students wrote."""

    def __init__(self, assignment, sources, seed, full=False):
        self.assignment, self.rng = assignment, random.Random(seed)
        self.places, self.skeletons, self.full = {}, {}, full
        for name, source in sources.items():
            if is_graded(source):
                self.skeletons[name] = Skeleton(source).notebook
                for cell in self.skeletons[name].cells:
                    if cell.metadata.get("nbgrader", {}).get("solution"):
                        self.places[cell.metadata.nbgrader.grade_id] = name
        self.forms = {name: texts for name, texts in forms(assignment).items() if name in self.places and texts[0]}
        for right, wrong in self.forms.values():
            self.rng.shuffle(right)
            self.rng.shuffle(wrong)

    def student(self):
        """part -> text, of somebody who answers alone; "<notebook> +code" and "+text" are added cells."""
        rng, parts = self.rng, {}
        habits = [swap for swap in _SWAPS if rng.random() < 0.3]
        talks = rng.choice((0, 0, 0.1, 0.25, 0.5))
        for name, (right, wrong) in self.forms.items():
            texts = wrong if wrong and rng.random() < 0.15 else right
            text = rng.choices(texts, [1 / (1 + rank) ** 0.6 for rank in range(len(texts))])[0]
            parts[name] = self.by_hand(text, habits, talks)
        for notebook in self.skeletons:
            if rng.random() < 0.2:
                parts[f"{notebook} +code"] = rng.choice(_HELPERS).format(*rng.sample(_NAMES.split(), 2))
            if rng.random() < 0.15:
                parts[f"{notebook} +text"] = "\n".join(self.remark() for _ in range(rng.randint(1, 4)))
        return parts

    def remark(self):
        """A comment as people write them."""
        rng = self.rng
        ranks = [1 / (1 + rank) for rank in range(len(_THINGS))]
        thing = rng.choices(_THINGS, ranks)[0]
        if rng.random() < 0.25:
            thing = f"{self.word()} {thing}"
        return f"{rng.choice(_VERBS.split())} the {thing}{rng.choice(_ENDS)}"

    def word(self):
        """One of 8,000 words that no course uses, some of them often."""
        rank, word = int(8000 ** self.rng.random()), ""
        while rank:
            rank, at = divmod(rank, 20)
            word += ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu")[at % 10] + "nr"[at // 10]
        return word

    def by_hand(self, text, habits, talks):
        """A form in somebody's own hand."""
        rng = self.rng
        text = self.renamed(text, 0.35)
        for pattern, by in habits:
            text = re.sub(pattern, by, text)
        text = self.moved(text, 0.25)
        if rng.random() < 0.35:
            name = rng.choice(_NAMES.split())
            text = re.sub(r"(?m)^    return ((?:(?!\n).)+)\Z", rf"    {name} = \1\n    return {name}", text)
        lines = []
        for at, line in enumerate(text.split("\n")):
            plain = re.match(r"    \w", line) and not line.startswith("    return")
            if at and plain and rng.random() < talks:
                lines.append(f"    # {self.remark()}")
            lines.append(line + (f"  # {self.remark()}" if plain and rng.random() < talks / 3 else ""))
            target = re.match(r"    (\w+) = [^(\[{]*$|    (\w+) = .*\)$", line)
            if target and rng.random() < 0.05:
                lines.append(f"    print({target[1] or target[2]}.shape)")
        return "\n".join(lines)

    def renamed(self, text, share):
        """With some of its own names replaced."""
        own = sorted({name for names in re.findall(r"(?m)^ +(\w+(?:, \w+)*) = ", text) for name in names.split(", ")})
        for name in own:
            if self.rng.random() < share and name != "_":
                text = re.sub(rf"(?<![\w.]){name}\b(?!=)", self.rng.choice(_NAMES.split()), text)
        return text

    def moved(self, text, share):
        """With neighbouring lines exchanged, where neither needs the other."""
        lines = text.split("\n")
        for at in range(1, len(lines) - 1):
            first, second = (re.match(r"    (\w+) = (.*)", line) for line in lines[at : at + 2])
            if (
                first
                and second
                and first[1] not in second[2]
                and second[1] not in first[2]
                and self.rng.random() < share
            ):
                lines[at], lines[at + 1] = lines[at + 1], lines[at]
        return "\n".join(lines)

    def copied(self, parts, plant):
        """(the one who was copied from, the copy): what a plant makes of two students who worked alone."""
        rng, other = self.rng, self.student()
        answers = [name for name in parts if name in self.forms]
        notebook = rng.choice(sorted({self.places[name] for name in answers}))
        if plant == "as it is":
            return parts, dict(parts)
        if plant in ("renamed", "moved", "commented"):
            # Comments are what whoever disguises a copy writes anew.
            bare = {name: re.sub(r"(?m)^ *#.*\n| *# .*$", "", parts[name]) for name in answers}
            if plant == "commented":
                return parts, {name: self.by_hand(parts[name], [], 0.3) for name in answers}
            if plant == "moved":
                return parts, {name: self.moved(self.laid_out(text), 1) for name, text in bare.items()}
            return parts, {name: self.laid_out(self.renamed(text, 1)) for name, text in bare.items()}
        if plant == "one notebook":
            return parts, other | {name: parts[name] for name in answers if self.places[name] == notebook}
        if plant == "helper and typos":
            odd = rng.sample(_ODD.split(), 6)
            helper = (
                f"def my_{odd[0]}(x, {odd[1]}=3):\n    # {odd[2]} of the {odd[3]} first\n    return [x[::{odd[1]}]] * 2"
            )
            note = f"i {odd[4]} the axes and the {odd[5]} comes out\nbut why is it {odd[2]} here?"
            both = {f"{notebook} +code": helper, f"{notebook} +text": note}
            return parts | both, other | both
        name = max(answers, key=lambda name: len(parts[name]))
        if plant == "mistake":
            name = rng.choice([name for name in answers if self.forms[name][1]])
            parts = parts | {name: self.by_hand(self.forms[name][1][-1], [], 0)}
        odd = rng.sample(_ODD.split(), 4)
        head, _, body = parts[name].partition("\n")
        said = f"    # {odd[0]} the {odd[1]} in front\n    # so that no {odd[2]} is {odd[3]}\n"
        parts = parts | {name: f"{head}\n{said}{body}"}
        return parts, other | {name: parts[name]}

    def laid_out(self, text):
        """The same code in another layout."""
        text = re.sub(r", (?=\w+[\],)])", ",", text)
        return re.sub(r"(?m)^    return (.+)\Z", r"    return (\n        \1\n    )", text)

    def write(self, folder, student, parts):
        """Write the notebooks of a student as the judge does."""
        place = Path(folder) / student / self.assignment
        place.mkdir(parents=True)
        for notebook, skeleton in self.skeletons.items():
            cells = []
            for cell in skeleton.cells:
                name = cell.metadata.get("nbgrader", {}).get("grade_id")
                is_answer = name in self.forms
                if is_answer or self.full:
                    made = {"outputs": [], "execution_count": None} if cell.cell_type == "code" else {}
                    source = parts.get(name, cell.source) if is_answer else cell.source
                    kept = {"id": cell["id"], "cell_type": cell.cell_type, "metadata": dict(cell.metadata)}
                    cells.append(kept | made | {"source": source})
            for kind, cell_type in (("+code", "code"), ("+text", "markdown")):
                if source := parts.get(f"{notebook} {kind}"):
                    added = {"id": f"student-{len(cells):03d}", "cell_type": cell_type, "metadata": {}}
                    cells.append(added | {"source": source})
            text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
            (place / f"{notebook}.ipynb").write_text(text, encoding="utf-8")


def sources(root, assignment):
    """name -> source notebook, of an assignment of the course."""
    return {script.stem: read_source(script) for script in sorted((root / "answers" / assignment).glob("*.py"))}


def write_class(folder, pretender, size, plants=()):
    """Write a class of this many students; the planted pairs: (plant, name, name)."""
    students, planted = [pretender.student() for _ in range(size - 2 * len(plants))], []
    for plant in plants:
        pair = pretender.copied(pretender.student(), plant)
        planted.append((plant, len(students), len(students) + 1))
        students += pair
    order = list(range(size))
    pretender.rng.shuffle(order)
    names = [f"student{order[at]:04d}" for at in range(size)]
    for name, parts in zip(names, students, strict=True):
        pretender.write(folder, name, parts)
    return [(plant, *sorted((names[first], names[second]))) for plant, first, second in planted]
