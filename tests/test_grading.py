"""The nbgrader round trip: release, hand in, autograde, feedback, export, validate, and the formgrader."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from nst.commands import report
from nst.course.rehearsal import Course
from nst.grading.points import by_exercise, total
from nst.grading.walls.sandbox import available
from tests.support.kernels import POINTS
from tests.support.lab import open_browser, start_lab
from tests.support.light import lighten, lighten_scripts

SCRIPTS = Path(sys.executable).parent

pytestmark = pytest.mark.slow

#: assignment -> student -> what their answers have in place of the right function, and which notebooks are missing.
WRONG = {
    "neural-style-transfer": {
        "partly-wrong": {
            "compute_content_cost": """
def compute_content_cost(a_C, a_G):
    return tf.reduce_sum((a_C - a_G) ** 2) / 2""",
            "compute_layer_style_cost": """
def compute_layer_style_cost(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    G_S = gram_matrix(tf.reshape(a_S, [n_C, n_H * n_W]))
    G_G = gram_matrix(tf.reshape(a_G, [n_C, n_H * n_W]))
    return tf.reduce_sum((G_S - G_G) ** 2) / (4 * n_C**2 * (n_H * n_W) ** 2)""",
            "total_cost": """
def total_cost(J_content, J_style, alpha=10, beta=40):
    return 35.34667875478276""",
        },
        "noisy": {
            "compute_content_cost": """
import os, sys, warnings
def compute_content_cost(a_C, a_G):
    print('computing', file=sys.stderr)
    warnings.warn('a warning')
    os.write(2, b'a native log line\\n')
    return tf.reduce_mean(tf.math.squared_difference(a_C, a_G)) / 4""",
            "gram_matrix": """
def gram_matrix(A):
    return tf.matmul(tf.transpose(A), A)""",
            "3-painting": None,
        },
    },
    "fast-style-transfer": {
        "partly-wrong": {
            "gram_matrix": """
def gram_matrix(features, normalize=True):
    N, H, W, C = features.shape
    unrolled = tf.reshape(features, [-1, C])
    gram = tf.matmul(unrolled, unrolled, transpose_a=True)
    return gram / (H * W * C) if normalize else gram""",
            "tv_loss": """
def tv_loss(img, tv_weight):
    corner = img[:, :-1, :-1]
    across, down = img[:, :-1, 1:] - corner, img[:, 1:, :-1] - corner
    return tv_weight * (tf.reduce_sum(across**2) + tf.reduce_sum(down**2))""",
        },
        "other-targets": {
            "style_transfer": """
def style_transfer(model, content, style, content_layer, content_weight, style_layers, style_weights, tv_weight,
                   init_random=False, iterations=200, callback=None, seed=0):
    wanted = model.activations(content, [content_layer])[content_layer]
    of_style = model.activations(content, style_layers)
    targets = [gram_matrix(of_style[name]) for name in style_layers]
    def cost(picture):
        feats = model.activations(picture, [content_layer] + style_layers)
        c = content_loss(content_weight, feats[content_layer], wanted)
        s = style_loss(feats, style_layers, targets, style_weights)
        t = tv_loss(picture, tv_weight)
        return {"total": c + s + t, "content": c, "style": s, "tv": t}
    start = content
    if init_random:
        start = np.random.default_rng(seed).uniform(0, 1, content.shape)
    return paint(cost, start, iterations=iterations, schedule=SCHEDULE, callback=callback)""",
            "grow_texture": """
def grow_texture(cost, sizes, paint, seed=0):
    picture = np.random.default_rng(seed).uniform(0, 1, (1, *sizes[0], 3))
    for size in sizes:
        picture = paint(cost, tf.image.resize(picture, size))
    return picture""",
        },
        "noisy": {
            "grow_texture": """
import os, sys, warnings
def grow_texture(cost, sizes, paint, seed=0):
    print('growing', file=sys.stderr)
    warnings.warn('a warning')
    os.write(2, b'a native log line\\n')
    picture = paint(cost, np.random.default_rng(seed).uniform(0, 1, (1, *sizes[0], 3)))
    for size in sizes[1:]:
        picture = paint(cost, tf.image.resize(picture, size, method="bicubic"))
    return picture""",
            "1-losses": None,
        },
    },
    "what-convnets-see": {
        "partly-wrong": {
            "convolve_1d": """
def convolve_1d(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, ((padding, padding), (0, 0)))
    starts = range(0, len(padded) - len(kernels) + 1, stride)
    return np.array([np.tensordot(padded[i : i + len(kernels)], kernels[::-1], axes=2) for i in starts])""",
            "receptive_field": """
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size += kernel - 1
        jump *= stride
    return size, jump""",
        },
        "noisy": {
            "strongest": """
import os, sys, warnings
def strongest(activation, count):
    print('searching', file=sys.stderr)
    warnings.warn('a warning')
    os.write(2, b'a native log line\\n')
    best = [(-a.max(), i, *np.unravel_index(a.argmax(), a.shape)) for i, a in enumerate(activation)]
    return [tuple(map(int, place)) for _, *place in sorted(best)[:count]]""",
            "1-convolution-in-1d-2d-3d": None,
        },
    },
    "face-recognition": {
        "partly-wrong": {
            "triplet_loss": """
def triplet_loss(y_true, y_pred, alpha=0.2):
    anchor, positive, negative = y_pred
    near, far = tf.reduce_sum(tf.square(anchor - positive)), tf.reduce_sum(tf.square(anchor - negative))
    return tf.maximum(near - far + alpha, 0)""",
            "img_to_encoding": """
def img_to_encoding(image, model):
    return model.predict(image[None].astype("float32"), verbose=0)[0]""",
            "acceptance_rates": """
def acceptance_rates(same, different, threshold):
    return np.mean(same < threshold), np.mean(different < threshold)""",
        },
        "noisy": {
            "verify": """
import os, sys, warnings
def verify(image, identity, database, model, threshold=0.7):
    print('looking', file=sys.stderr)
    warnings.warn('a warning')
    os.write(2, b'a native log line\\n')
    distance = tf.norm(img_to_encoding(image, model) - database[identity])
    return distance, bool(distance < threshold)""",
            "1-verification-and-triplets": None,
        },
    },
}

FULL = {assignment: sum(points.values()) for assignment, points in POINTS.items()}


@pytest.fixture(scope="module", params=WRONG)
def course(request, tmp_path_factory):
    """A released course with a right, a blank and some wrong submissions, all autograded.

    The right one is judged as it is. The others need nothing that is there to be looked at: they and what they are
    judged with are without it.
    """
    course = Course(tmp_path_factory.mktemp("course"), request.param, unsafe=bool(available()))
    course.submit("reference", course.notebooks("answers"))
    course.autograde("reference")
    lighten_scripts(course.folder / "answers" / course.assignment)
    blank, right = (
        {name: lighten(it) for name, it in course.notebooks(step).items()} for step in ("notebooks", "answers")
    )
    course.submit("blank", blank)
    for student, changes in WRONG[course.assignment].items():
        notebooks = copy.deepcopy(right)
        for name, source in changes.items():
            if source is None:
                del notebooks[name]
            else:
                (cell,) = [cell for notebook in notebooks.values() for cell in notebook.cells if cell.get("id") == name]
                cell.source = source.lstrip()
        course.submit(student, notebooks)
    for student in ("blank", *WRONG[course.assignment]):
        course.autograde(student)
    return course


def test_judging_again_gives_the_same(course):
    kept = course.folder / "judged" / "partly-wrong" / f"{course.assignment}.json"
    first, before = course.points("partly-wrong"), json.loads(kept.read_text())
    course.autograde("partly-wrong")
    assert course.points("partly-wrong") == first
    again = json.loads(kept.read_text())
    assert {**again, "seconds": 0} == {**before, "seconds": 0}


def test_the_reference_submission_gets_full_marks(course):
    points = course.points("reference")
    assert points == {name: (possible, possible) for name, (_, possible) in points.items()}
    assert total(points) == (FULL[course.assignment], FULL[course.assignment])


def test_a_blank_submission_gets_nothing(course):
    points = course.points("blank")
    assert {name: got for name, (got, _) in points.items() if got} == {}
    assert total(points) == (0, FULL[course.assignment])


def test_wrong_functions_lose_their_own_points_and_those_of_what_calls_them(course):
    wrong = {
        # total_cost is used by train_step and model_nn.
        "neural-style-transfer": {
            "partly-wrong": [
                "compute_content_cost",
                "compute_layer_style_cost",
                "total_cost",
                "train_step",
                "model_nn",
            ],
        },
        # A Gram matrix that mixes pictures is right for one, as the classic exercise has it. tv_loss is used by
        # style_transfer and inversion_cost, and grow_texture takes any cost.
        "fast-style-transfer": {
            "partly-wrong": [
                "gram_matrix_batch",
                "style_loss_batch",
                "tv_loss",
                "tv_loss_batch",
                "style_transfer",
                "inversion_cost",
            ],
            "other-targets": ["style_transfer", "grow_texture"],
        },
        "what-convnets-see": {"partly-wrong": ["convolve_1d", "receptive_field"]},
        # verify and who_is_it call img_to_encoding.
        "face-recognition": {
            "partly-wrong": ["triplet_loss", "img_to_encoding", "verify", "who_is_it", "acceptance_rates"],
        },
    }
    for student, lost in wrong[course.assignment].items():
        for name, (got, possible) in course.points(student).items():
            assert got == (0 if name.split("_", 1)[1] in lost else possible), (student, name)


def test_text_on_stderr_costs_nothing_and_a_missing_notebook_its_own_points_and_what_is_taken_from_it(course):
    kept = {
        "neural-style-transfer": ["compute_content_cost"],
        "fast-style-transfer": ["grow_texture"],
        "what-convnets-see": ["receptive_field", "strongest", "unit_cost"],
        "face-recognition": ["img_to_encoding", "verify", "who_is_it", "acceptance_rates", "probability_same"],
    }[course.assignment]
    possible = POINTS[course.assignment]
    expected = {name: (points if name in kept else 0, points) for name, points in possible.items()}
    assert by_exercise(course.points("noisy")) == expected


def test_feedback_names_the_misunderstandings(course):
    expected = {
        "neural-style-transfer": {
            "partly-wrong": [
                ("1-content-cost", "a half in front, and no sizes: "),
                ("2-style-cost", "reshaped, not transposed: "),
            ],
        },
        "fast-style-transfer": {
            "partly-wrong": [
                ("1-losses", "pictures mixed: "),
                ("1-losses", "both differences cropped: "),
                ("2-style-transfer", "style_transfer cannot be right yet, as your tv_loss is not"),
                ("3-inversion-and-texture", "inversion_cost cannot be right yet, as your tv_loss is not"),
            ],
            "other-targets": [
                ("2-style-transfer", "style targets taken from the content: "),
                ("3-inversion-and-texture", "bilinear: "),
            ],
            "noisy": [("2-style-transfer", "Expected your notebook 1-losses.ipynb")],
        },
        "what-convnets-see": {
            "partly-wrong": [
                ("1-convolution-in-1d-2d-3d", "kernel flipped: "),
                ("2-what-a-unit-responds-to", "jump left out of the window: "),
            ],
        },
        "face-recognition": {
            "partly-wrong": [
                ("1-verification-and-triplets", "batch summed before the hinge: "),
                ("2-who-is-at-the-door", "verify cannot be right yet, as your img_to_encoding is not"),
                ("2-who-is-at-the-door", "rates swapped: "),
            ],
        },
    }
    for student, found in expected[course.assignment].items():
        feedback = {name: re.sub(r"<[^>]+>", "", html) for name, html in course.feedback(student).items()}
        if None not in WRONG[course.assignment][student].values():
            exercised = set(course.notebooks("answers")) - {"4-better-pictures"}
            assert set(feedback) == exercised
        for notebook, words in found:
            assert words in feedback[notebook], (student, words)


def test_a_lecturer_reads_what_the_class_did_not_understand(course, monkeypatch):
    named = {
        "neural-style-transfer": [
            ("compute_content_cost", "a half in front, and no sizes"),
            ("total_cost", "a value typed in"),
        ],
        "fast-style-transfer": [("grow_texture", "bilinear"), ("gram_matrix_batch", "pictures mixed")],
        "what-convnets-see": [("convolve_1d", "kernel flipped"), ("receptive_field", "jump left out of the window")],
        "face-recognition": [("triplet_loss", "batch summed before the hinge"), ("acceptance_rates", "rates swapped")],
    }[course.assignment]
    monkeypatch.setattr(report, "CHECKOUT", course.folder)
    report.show(course.assignment)
    found = json.loads((course.folder / "judged" / f"{course.assignment}-understanding.json").read_text())
    exercises = {exercise["exercise"]: exercise for exercise in found["exercises"]}
    for exercise, name in named:
        assert [group["name"] for group in exercises[exercise]["named"]] == [name]
    for student, submission in found["submissions"].items():
        states = {seen["state"] for seen in submission["exercises"].values()}
        if student == "reference":
            assert states == {"right"}
        elif student == "blank":
            assert states == {"blank"}
        else:
            assert states & {"named", "unnamed", "waiting", "blank"}
    page = (course.folder / "judged" / f"{course.assignment}-understanding.html").read_text(encoding="utf-8")
    assert named[0][1] in page and "partly-wrong" not in page


def test_the_grader_runs_every_cell_but_the_long_paintings(course):
    folder = course.folder / "autograded" / "reference" / course.assignment
    for path in sorted(folder.glob("*.ipynb")):
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        skipped = [cell.source for cell in cells if cell.execution_count is None]
        assert skipped == [cell.source for cell in cells if "explore" in cell.metadata.get("tags", [])]
        assert skipped, path.name


def nbgrader(course, *arguments, **environment):
    environment = os.environ | environment
    command = [SCRIPTS / "nbgrader", *arguments]
    return subprocess.run(command, cwd=course.folder, env=environment, capture_output=True, text=True, timeout=300)


def test_the_commands_work_from_the_course_root_with_no_environment_activated(course):
    listed = nbgrader(course, "db", "assignment", "list")
    assert course.assignment in listed.stdout + listed.stderr
    exported = nbgrader(course, "export")
    assert exported.returncode == 0, exported.stderr
    assert "partly-wrong" in (course.folder / "grades.csv").read_text()


def test_validate_tells_a_student_what_is_wrong(course, warm_kernels):
    """Without the long paintings and what is only shown, which test_execution.py runs."""

    def said(step):
        path = sorted((course.folder / step / course.assignment).glob("2-*.ipynb"))[0]
        notebook = lighten(nbformat.read(path, as_version=4))
        short = path.with_name(f"short-{path.name}")
        nbformat.write(notebook, short)
        try:
            return nbgrader(course, "validate", str(short), JUPYTER_PATH=warm_kernels).stdout
        finally:
            short.unlink()

    good, blank = said("answers"), said("notebooks")
    assert "Success" in good, good
    assert "is not written yet" in blank and "VALIDATION FAILED" in blank.upper(), blank
    assert "Traceback" not in blank and "nst/" not in blank, blank


def test_the_formgrader_lists_the_assignment_and_its_submissions(course, tmp_path):
    with start_lab(course.folder) as url, open_browser(tmp_path) as page:
        assignments = page.request.get(f"{url}/formgrader/api/assignments").json()
        listed = {a["name"]: (a["num_submissions"], a["max_score"]) for a in assignments}
        possible = FULL[course.assignment]
        assert listed[course.assignment] == (2 + len(WRONG[course.assignment]), possible)
        page.goto(f"{url}/formgrader/manage_submissions/{course.assignment}")
        page.get_by_text("partly-wrong").first.wait_for(timeout=60_000)
        rows = page.locator("tbody tr").all_inner_texts()
        assert any("reference" in row and f"{possible} / {possible}" in row for row in rows), rows
        assert any("blank" in row and re.search(rf"\b0 / {possible}", row) for row in rows), rows


def test_a_copy_without_answers_still_checks_a_student(root, tmp_path):
    """An instructor keeps `answers/` private: nothing a student runs may need it."""
    shutil.copytree(
        root,
        tmp_path / "course",
        ignore=shutil.ignore_patterns(".venv", ".git", "answers", "output", "__pycache__", "tests"),
    )
    code = (
        "from nst.checks import fast_style_transfer, neural_style_transfer\n"
        "from nst.quiet import tf\n"
        "def gram_matrix(A): return A @ tf.transpose(A)\n"
        "neural_style_transfer.check(gram_matrix)\n"
        "def content_loss(w, F, P): return w * tf.reduce_sum((F - P) ** 2)\n"
        "fast_style_transfer.check(content_loss)\n"
        "import nst_utils; nst_utils.load_vgg_model()\n"
        "from nst.networks.squeezenet import load_squeezenet; load_squeezenet()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "course")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "19.56" in done.stdout and "content_loss: 42 " in done.stdout


def test_released_notebooks_carry_no_answers_into_the_gradebook_folder(course):
    for path in (course.folder / "autograded").rglob("*"):
        assert path.suffix != ".py"
    for path in (course.folder / "notebooks").rglob("*.ipynb"):
        assert "BEGIN SOLUTION" not in json.dumps(path.read_text())
