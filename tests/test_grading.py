"""The nbgrader round trip: release, hand in, autograde, feedback, export, validate, and the formgrader."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lab import open_browser, start_lab

from nst.course import Course, by_exercise, total

ASSIGNMENT = "neural-style-transfer"
SCRIPTS = Path(sys.executable).parent

pytestmark = pytest.mark.slow


def answer(notebooks, function, source):
    """Replace the solution cell of a function in a dict of notebooks."""
    cells = [cell for notebook in notebooks.values() for cell in notebook.cells if cell.get("id") == function]
    assert len(cells) == 1
    cells[0].source = source


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A released course with four submissions, all autograded."""
    course = Course(tmp_path_factory.mktemp("course"), ASSIGNMENT)
    course.submit("reference", course.notebooks("answers"))
    course.submit("blank", course.notebooks("notebooks"))

    wrong = course.notebooks("answers")
    answer(
        wrong,
        "compute_content_cost",
        "def compute_content_cost(a_C, a_G):\n    return tf.reduce_sum((a_C - a_G) ** 2) / 2",
    )
    answer(
        wrong,
        "compute_layer_style_cost",
        "def compute_layer_style_cost(a_S, a_G):\n"
        "    _, n_H, n_W, n_C = a_G.shape\n"
        "    G_S = gram_matrix(tf.reshape(a_S, [n_C, n_H * n_W]))\n"
        "    G_G = gram_matrix(tf.reshape(a_G, [n_C, n_H * n_W]))\n"
        "    return tf.reduce_sum((G_S - G_G) ** 2) / (4 * n_C**2 * (n_H * n_W) ** 2)",
    )
    answer(wrong, "total_cost", "def total_cost(J_content, J_style, alpha=10, beta=40):\n    return 35.34667875478276")
    course.submit("partly-wrong", wrong)

    noisy = course.notebooks("answers")
    answer(
        noisy,
        "compute_content_cost",
        "import os, sys, warnings\n"
        "def compute_content_cost(a_C, a_G):\n"
        "    print('computing', file=sys.stderr)\n"
        "    warnings.warn('a warning')\n"
        "    os.write(2, b'a native log line\\n')\n"
        "    return tf.reduce_mean(tf.math.squared_difference(a_C, a_G)) / 4",
    )
    answer(noisy, "gram_matrix", "def gram_matrix(A):\n    return tf.matmul(tf.transpose(A), A)")
    # A notebook may be missing, and the rest still counts.
    del noisy["3-painting"]
    course.submit("noisy", noisy)

    for student in ("reference", "blank", "partly-wrong", "noisy"):
        course.autograde(student)
    return course


def test_the_reference_submission_gets_full_marks(course):
    points = course.points("reference")
    assert points == {name: (possible, possible) for name, (_, possible) in points.items()}
    assert total(points) == (60, 60)


def test_a_blank_submission_gets_nothing(course):
    points = course.points("blank")
    assert {name: got for name, (got, _) in points.items() if got} == {}
    assert total(points) == (0, 60)


def test_wrong_functions_lose_their_own_points_and_no_others(course):
    assert course.points("partly-wrong") == {
        "test_compute_content_cost": (0, 6),
        "hidden_compute_content_cost": (0, 4),
        "test_gram_matrix": (6, 6),
        "hidden_gram_matrix": (4, 4),
        "test_compute_layer_style_cost": (0, 9),
        "hidden_compute_layer_style_cost": (0, 6),
        "test_total_cost": (0, 3),
        "hidden_total_cost": (0, 2),
        # total_cost is used by the two below.
        "test_train_step": (0, 6),
        "hidden_train_step": (0, 4),
        "test_model_nn": (0, 6),
        "hidden_model_nn": (0, 4),
    }


def test_text_on_stderr_costs_nothing_and_a_missing_notebook_only_its_own_points(course):
    exercises = by_exercise(course.points("noisy"))
    assert exercises["compute_content_cost"] == (10, 10)
    assert exercises["gram_matrix"] == (0, 10)
    assert [exercises[name][0] for name in ("total_cost", "train_step", "model_nn")] == [0, 0, 0]


def test_feedback_names_the_misunderstandings(course):
    feedback = {name: re.sub(r"<[^>]+>", "", html) for name, html in course.feedback("partly-wrong").items()}
    assert set(feedback) == {"1-content-cost", "2-style-cost", "3-painting"}
    assert "half-for-quarter-mean: " in feedback["1-content-cost"]
    assert "reshaped-not-transposed: " in feedback["2-style-cost"]


def nbgrader(course, *arguments):
    return subprocess.run(
        [SCRIPTS / "nbgrader", *arguments], cwd=course.folder, capture_output=True, text=True, timeout=300
    )


def test_the_commands_work_from_the_course_root_with_no_environment_activated(course):
    listed = nbgrader(course, "db", "assignment", "list")
    assert ASSIGNMENT in listed.stdout + listed.stderr
    exported = nbgrader(course, "export")
    assert exported.returncode == 0, exported.stderr
    assert "partly-wrong" in (course.folder / "grades.csv").read_text()


def test_validate_tells_a_student_what_is_wrong(course):
    good = course.folder / "answers" / ASSIGNMENT / "2-style-cost.ipynb"
    blank = course.folder / "notebooks" / ASSIGNMENT / "2-style-cost.ipynb"
    said = nbgrader(course, "validate", str(good)).stdout
    assert "Success" in said, said
    said = nbgrader(course, "validate", str(blank)).stdout
    assert "NotImplementedError" in said and "VALIDATION FAILED" in said.upper(), said


def test_the_formgrader_lists_the_assignment_and_its_submissions(course, tmp_path):
    with start_lab(course.folder) as url, open_browser(tmp_path) as page:
        assignments = page.request.get(f"{url}/formgrader/api/assignments").json()
        assert [(a["name"], a["num_submissions"], a["max_score"]) for a in assignments] == [(ASSIGNMENT, 4, 60)]
        page.goto(f"{url}/formgrader/manage_submissions/{ASSIGNMENT}")
        page.get_by_text("partly-wrong").first.wait_for(timeout=60_000)
        rows = page.locator("tbody tr").all_inner_texts()
        assert any("reference" in row and "60 / 60" in row for row in rows), rows
        assert any("blank" in row and "0 / 60" in row for row in rows), rows


def test_a_copy_without_answers_still_checks_a_student(root, tmp_path):
    """An instructor keeps `answers/` private: nothing a student runs may need it."""
    shutil.copytree(
        root,
        tmp_path / "course",
        ignore=shutil.ignore_patterns(".venv", ".git", "answers", "output", "__pycache__", "tests"),
    )
    code = (
        "from nst.checks.neural_style_transfer import check\n"
        "from nst.quiet import tf\n"
        "def gram_matrix(A): return A @ tf.transpose(A)\n"
        "check(gram_matrix)\n"
        "import nst_utils; nst_utils.load_vgg_model()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "course")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "19.56" in done.stdout


def test_released_notebooks_carry_no_answers_into_the_gradebook_folder(course):
    for path in (course.folder / "autograded").rglob("*"):
        assert path.suffix != ".py"
    for path in (course.folder / "notebooks").rglob("*.ipynb"):
        assert "BEGIN SOLUTION" not in json.dumps(path.read_text())
