"""What a student opens: in step with the answers, and free of solutions, hidden tests and outputs."""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from traitlets.config import PyFileConfigLoader

from nst.course.release import differences, holds_work, read_source, release
from tests.support.kernels import GRADED, NOTEBOOKS, POINTS, calls

#: assignment -> exercise -> points


@pytest.fixture(scope="module")
def released(root):
    return {name: nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4) for name in NOTEBOOKS}


@pytest.fixture(scope="module")
def sources(root):
    return {name: read_source(root / "answers" / f"{name}.py") for name in NOTEBOOKS}


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_notebooks_are_in_step_with_the_answers(root):
    assert differences(root) == []


@pytest.mark.parametrize("notebook", ["neural-style-transfer/3-painting", "fast-style-transfer/1-losses"])
def test_a_change_in_the_answers_is_noticed(root, tmp_path, notebook):
    for name in (f"{top}/{Path(notebook).parent}" for top in ("answers", "notebooks")):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("*.ipynb_checkpoints"))
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    source = tmp_path / "answers" / f"{notebook}.py"
    source.write_text(source.read_text().replace("**What you should remember**", "**What you should forget**", 1))
    assert differences(tmp_path) == [f"{notebook}.ipynb"]


def test_a_release_keeps_what_people_put_into_notebooks(root, tmp_path):
    for name in ("answers", "notebooks"):
        shutil.copytree(root / name, tmp_path / name)
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    assignment = "neural-style-transfer"
    folder = tmp_path / "notebooks" / assignment
    (folder / "my-photo.jpg").write_bytes(b"a photo")
    path = folder / "2-style-cost.ipynb"
    path.write_text(path.read_text().replace("raise NotImplementedError()", "return A @ tf.transpose(A)"))
    worked_in = path.read_bytes()
    with pytest.raises(RuntimeError, match=r"2-style-cost\.ipynb holds somebody's work .* move it away, or say"):
        release(tmp_path)
    assert path.read_bytes() == worked_in
    assert release(tmp_path, force=True) == sorted(POINTS)
    assert path.read_bytes() == (root / "notebooks" / assignment / "2-style-cost.ipynb").read_bytes()
    assert (folder / "my-photo.jpg").read_bytes() == b"a photo"


@pytest.mark.parametrize(
    "answer", ["return A  # raise NotImplementedError()", "return A\n    raise NotImplementedError()"]
)
def test_finished_work_is_seen_whatever_is_left_of_the_stub(root, tmp_path, answer):
    path = tmp_path / "2-style-cost.ipynb"
    shutil.copy(root / "notebooks" / "neural-style-transfer" / path.name, path)
    assert not holds_work(path)
    path.write_text(path.read_text().replace("raise NotImplementedError()", answer.replace("\n", "\\n"), 1))
    assert holds_work(path)


def test_reading_the_settings_writes_nothing_and_nbgrader_releases_from_a_fresh_copy(root, tmp_path):
    shutil.copytree(root / "answers", tmp_path / "answers", ignore=shutil.ignore_patterns("*.ipynb*"))
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    before = sorted(tmp_path.rglob("*"))
    PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path)).load_config()
    assert sorted(tmp_path.rglob("*")) == before
    command = [Path(sys.executable).parent / "nbgrader", "generate_assignment", "neural-style-transfer"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    made, committed = (
        sorted((top / "notebooks" / "neural-style-transfer").glob("*.ipynb")) for top in (tmp_path, root)
    )
    assert [path.read_bytes() for path in made] == [path.read_bytes() for path in committed] != []


def test_nbgraders_commands_start_without_tensorflow(root):
    code = "import sys; from nst.grading import plugin; plugin.install(); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_only_notebooks_are_released(root):
    files = [path for path in (root / "notebooks").rglob("*") if path.is_file()]
    assert [path for path in files if path.suffix != ".ipynb" and ".ipynb_checkpoints" not in path.parts] == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_solution_and_no_hidden_test_is_released(released, sources, name):
    kept_back = r"### BEGIN (SOLUTION|HIDDEN TESTS)\n.*?### END \1"
    stub = ["# YOUR CODE HERE", "raise NotImplementedError()"]
    given = [line.strip() for cell in code(released[name]) for line in cell.source.splitlines()]
    rest = [
        line.strip()
        for cell in code(sources[name])
        for line in re.sub(kept_back, "", cell.source, flags=re.DOTALL).splitlines()
    ]
    assert not [line for line in given if "BEGIN" in line or "END SOLUTION" in line]
    assert Counter(line for line in given if line and line not in stub) == Counter(filter(None, rest))
    assert any(re.search(kept_back, cell.source, re.DOTALL) for cell in code(sources[name])) == (name in GRADED)


@pytest.mark.parametrize("assignment", POINTS)
def test_every_graded_function_is_a_stub_that_raises_only_not_implemented(released, assignment):
    stubs = {}
    for name, notebook in released.items():
        for cell in code(notebook):
            if name.startswith(f"{assignment}/") and cell.metadata.get("nbgrader", {}).get("solution"):
                (function,) = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
                stubs[function.name] = [ast.unparse(node) for node in ast.walk(function) if isinstance(node, ast.Raise)]
                assert ast.get_docstring(function), function.name
    # What is asked of a batch has points of its own, and is asked of the same function.
    assert set(stubs) == {exercise.removesuffix("_batch") for exercise in POINTS[assignment]}
    for name, raised in stubs.items():
        assert raised and set(raised) == {"raise NotImplementedError()"}, name


def test_no_outputs_are_committed(released):
    for notebook in released.values():
        for cell in code(notebook):
            assert cell.outputs == [] and cell.execution_count is None


def test_the_points(released):
    points = {assignment: {} for assignment in POINTS}
    for name, notebook in released.items():
        of_assignment = points[name.partition("/")[0]]
        for cell in code(notebook):
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("grade"):
                assert settings["locked"] and not settings["solution"]
                exercise = settings["grade_id"].split("_", 1)[1]
                of_assignment[exercise] = of_assignment.get(exercise, 0) + settings["points"]
    assert points == POINTS
    assert [sum(of_assignment.values()) for of_assignment in points.values()] == [50, 60, 60, 70]


def test_cell_ids_are_unique_and_stay_the_same(root, sources):
    for name, notebook in sources.items():
        ids = [cell["id"] for cell in notebook.cells]
        assert len(set(ids)) == len(ids)
        again = read_source(root / "answers" / f"{name}.py")
        assert ids == [cell["id"] for cell in again.cells]


def test_only_ungraded_cells_may_be_skipped_by_the_grader(sources):
    for notebook in sources.values():
        cells = code(notebook)
        for cell in cells:
            tags = cell.metadata.get("tags", [])
            assert set(tags) <= {"explore"}
            assert not (tags and cell.metadata.get("nbgrader"))
        assert any(cell.metadata.get("tags") for cell in cells)


def test_long_runs_are_not_the_graders(sources):
    long = {"paint", "painting.paint", "Monitor", "interact", "paint_set", "variant", "from_noise"}
    long |= {"grow_texture", "model_nn", "paint_scales", "paint_with"}
    found = set()
    for notebook in sources.values():
        for cell in code(notebook):
            painting = {name for name in calls(cell.source) if name in long or "interact" in name}
            if painting and not cell.metadata.get("nbgrader"):
                assert cell.metadata.get("tags") == ["explore"], cell.source
                found |= painting
    assert {"Monitor", "paint_set", "variant", "from_noise", "grow_texture", "model_nn", "paint_with"} <= found
