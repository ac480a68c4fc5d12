"""From the edited sources (`answers/`) to the notebooks a student opens (`notebooks/`).

An instructor edits percent-format scripts, which can be reviewed line by line. nbgrader reads notebooks. So each script
is written out as a notebook next to it before nbgrader generates anything: nst.grading.plugin sees to that.
"""

import filecmp
import os
import re
import shutil
import sys
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import jupytext
import nbformat

from nst.course.checking import demand_sound
from nst.course.gradebook import make_room, working_copy
from nst.lessons.definitions import is_stub
from nst.paths import CHECKOUT, whole_file

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def read_source(script):
    """Read a percent script as a notebook whose cell ids do not change from one reading to the next."""
    notebook = jupytext.read(script, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{number:03d}").replace(".", "-")
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def write_source_notebooks(answers, assignment=None):
    """Write `answers/<assignment>/<name>.ipynb` for every script whose notebook is missing or another.

    assignment: only of this one.
    """
    for script in sorted(Path(answers).glob("*/*.py")):
        if assignment in (None, script.parent.name):
            target = script.with_suffix(".ipynb")
            content = (nbformat.writes(read_source(script)) + "\n").encode()
            # By what it holds: a script that was brought back from somewhere may be older than what it was replaced by.
            if not target.exists() or target.read_bytes() != content:
                with whole_file(target) as unfinished:
                    unfinished.write_bytes(content)


def write_pages(answers, folder):
    """Write `folder/<name>.ipynb` for every script `answers/<name>.py`: a page that belongs to no assignment.

    nbgrader knows assignments only, and so nothing of these.
    """
    for script in sorted(Path(answers).glob("*.py")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{script.stem}.ipynb").write_bytes((nbformat.writes(read_source(script)) + "\n").encode())


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

    Raises RuntimeError, one sentence, when an assignment could not be generated.
    """
    from nbgrader.apps import NbGraderAPI

    config = _config(root)
    config.CourseDirectory.update(overrides)
    api = NbGraderAPI(config=config)
    for name in names or assignments(root / "answers"):
        scripts = sorted((root / "answers" / name).glob("*.py"))
        for script in scripts:
            demand_sound(script)
        sources = {script.stem: read_source(script) for script in scripts}
        make_room(api.coursedir.db_url, api.coursedir.course_id, name, sources)
        result = api.generate_assignment(name, force=True, create=True)
        if not result["success"]:
            said = f"{result.get('log')}\n{result.get('error')}"
            # The last exception in the log is the one that counts; nbgrader's own, that there was one, comes after it.
            causes = re.findall(r"^\s*[\w.]*?(\w+(?:Error|Exception|Entry): .+)$", said, re.MULTILINE)
            causes = [cause for cause in causes if not cause.startswith("NbGraderException")] or causes
            raise RuntimeError(
                f"Expected nbgrader to generate {name} from answers/{name}/, and found "
                f"{(causes or ['no reason'])[-1].rstrip('.')}; mend that, or see its whole log with `nbgrader "
                f"generate_assignment {name}`. Nothing has been released."
            )


def _config(root):
    from traitlets.config import PyFileConfigLoader

    return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()


def release(root, names=None, force=False):
    """Write `notebooks/` from `answers/`, and touch nothing else there. Returns the names of the assignments.

    names: only these assignments, and no page that belongs to none.
    All notebooks and the gradebook change, or none. A notebook that was released and has no script any more goes.
    Raises RuntimeError, one sentence, when a script is broken, when a notebook in the way holds somebody's work, unless
    force is true, or when something cannot be written.
    """
    from nbgrader.coursedir import CourseDirectory

    pages, names = not names, names or assignments(root / "answers")
    course = CourseDirectory(config=_config(root))
    try:
        with tempfile.TemporaryDirectory() as temporary, ExitStack() as undo:
            fresh = Path(temporary, "notebooks")
            with working_copy(course.db_url, temporary) as copy:
                before = _released(copy, course.course_id, names)
                generate(root, names, release_directory=str(fresh), db_url=copy)
                if pages:
                    write_pages(root / "answers", fresh)
                paths = {path.relative_to(fresh): path for path in sorted(fresh.rglob("*.ipynb"))}
                paths = {root / "notebooks" / name: paths.get(name) for name in sorted({*paths, *before})}
                changed = {target: path for target, path in paths.items() if _differs(target, path)}
                for target in changed:
                    if not force and target.is_file() and holds_work(target):
                        raise RuntimeError(
                            f"{target} holds somebody's work (a finished function, or outputs), which a release would "
                            "replace: move it away, or say `nst release --force`."
                        )
                undo.enter_context(_replaced(changed))
    except OSError as error:
        raise RuntimeError(
            f"Expected to write {error.filename or root / 'notebooks'}, and found {error.strerror or error}: make "
            "room, or give yourself the right to write, then release again. Nothing has been released."
        ) from error
    return names


def _released(url, course, names):
    """What the gradebook says was released before of these assignments: paths in `notebooks/`."""
    from nbgrader.api import Gradebook, MissingEntry

    found = set()
    with Gradebook(url, course) as gradebook:
        for name in names:
            with suppress(MissingEntry):
                notebooks = gradebook.find_assignment(name).notebooks
                found |= {Path(name, f"{notebook.name}.ipynb") for notebook in notebooks}
    return found


@contextmanager
def _replaced(sources):
    """Replace files, given as a dict from each to the one that takes its place, or None, unless the block fails."""
    with ExitStack() as stack:
        staged, aside = {}, {}
        for target, source in sources.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            if source:
                staged[target] = stack.enter_context(_beside(target, "unfinished"))
                shutil.copyfile(source, staged[target])
        try:
            for target in sources:
                if target.exists():
                    aside[target] = stack.enter_context(_beside(target, "replaced"))
                    os.replace(target, aside[target])
                if target in staged:
                    os.replace(staged.pop(target), target)
                    aside.setdefault(target, None)
            yield
        except BaseException:
            for target, old in aside.items():
                os.replace(old, target) if old else target.unlink()
            raise


@contextmanager
def _beside(target, word):
    """A path beside this one, where nothing is left at the end."""
    path = target.with_name(f".{word}-{os.getpid()}-{target.name}")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _differs(target, path):
    if path is None:
        return target.exists()
    return not (target.is_file() and filecmp.cmp(path, target, shallow=False))


def holds_work(path):
    """Has somebody run cells of this notebook, or replaced a stub? Of one that cannot be read it is assumed."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (ValueError, AttributeError, UnicodeError):
        return True
    for cell in cells:
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
        write_pages(root / "answers", fresh)
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
