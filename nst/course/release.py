"""From the edited sources (`answers/`) to the notebooks a student opens (`notebooks/`).

An instructor edits percent-format scripts, which can be reviewed line by line. nbgrader reads notebooks. So each script
is written out as a notebook next to it before nbgrader generates anything: nst.grading.plugin sees to that.
"""

import filecmp
import shutil
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat

from nst.lessons.take import is_stub
from nst.paths import CHECKOUT

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def read_source(script):
    """Read a percent script as a notebook whose cell ids do not change from one reading to the next."""
    notebook = jupytext.read(script, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{number:03d}").replace(".", "-")
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def write_source_notebooks(answers):
    """Write `answers/<assignment>/<name>.ipynb` for every script whose notebook is missing or older."""
    for script in sorted(Path(answers).glob("*/*.py")):
        target = script.with_suffix(".ipynb")
        if not target.exists() or target.stat().st_mtime_ns < script.stat().st_mtime_ns:
            nbformat.write(read_source(script), target)


def demand_answers(command):
    """End the program with one sentence where there is no clone with `answers/`."""
    if CHECKOUT is None or not (CHECKOUT / "answers").is_dir():
        sys.exit(
            f"{command} needs a clone of the course with the instructor's folder answers/, and there is none here."
        )


def gradebook_url(folder):
    """The address of the gradebook in a folder: in a plain one, signs of its name would mean something."""
    return f"sqlite:///{folder}/gradebook.db".replace("%", "%25").replace("?", "%3F")


def assignments(answers):
    """Names of the assignments: the folders of `answers/` that hold a script."""
    return sorted({script.parent.name for script in Path(answers).glob("*/*.py")})


def generate(root, names=None, **overrides):
    """Run nbgrader's generate_assignment for the named assignments (all by default).

    root: a Path, the course root, with `nbgrader_config.py` and `answers/`.
    overrides: settings of nbgrader's CourseDirectory to replace, such as release_directory or db_url.

    Raises RuntimeError with nbgrader's own log when an assignment could not be generated.
    """
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.update(overrides)
    api = NbGraderAPI(config=config)
    for name in names or assignments(root / "answers"):
        result = api.generate_assignment(name, force=True, create=True)
        if not result["success"]:
            raise RuntimeError(f"nbgrader could not generate {name}:\n{result.get('log')}\n{result.get('error')}")


def release(root, names=None, force=False):
    """Write `notebooks/` from `answers/`, and touch nothing else there. Returns the names of the assignments.

    Raises RuntimeError, one sentence, when a notebook in the way holds somebody's work, unless force is true.
    """
    names = names or assignments(root / "answers")
    with tempfile.TemporaryDirectory() as temporary:
        generate(root, names, release_directory=temporary)
        fresh = sorted(Path(temporary).rglob("*.ipynb"))
        targets = [root / "notebooks" / path.relative_to(temporary) for path in fresh]
        for path, target in zip(fresh, targets, strict=True):
            if not force and target.exists() and not filecmp.cmp(path, target, shallow=False) and holds_work(target):
                raise RuntimeError(
                    f"{target} holds somebody's work (a finished function, or outputs), which a release would "
                    "replace: move it away, or say `nst release --force`."
                )
        for path, target in zip(fresh, targets, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return names


def holds_work(path):
    """Has somebody run cells of this notebook, or replaced a stub?"""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count):
            return True
        if cell.metadata.get("nbgrader", {}).get("solution") and not is_stub(cell.source):
            return True
    return False


def differences(root):
    """Regenerate every assignment in a temporary folder and name the files that differ from `notebooks/`.

    Returns a list of relative paths, empty when `notebooks/` is in step with `answers/`.
    """
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary) / "notebooks"
        generate(root, release_directory=str(fresh), db_url=gradebook_url(temporary))
        committed = root / "notebooks"
        names = {
            path.relative_to(folder)
            for folder in (fresh, committed)
            for path in folder.rglob("*.ipynb")
            if ".ipynb_checkpoints" not in path.parts
        }
        return sorted(
            str(name)
            for name in names
            if not (fresh / name).exists()
            or not (committed / name).exists()
            or not filecmp.cmp(fresh / name, committed / name, shallow=False)
        )
