"""The course's assignments for otter-grader: the same notebooks, with the same test cells as otter's test files.

`otter run` grades one notebook at a time, in a kernel on this machine. Cells tagged `explore` are taken out, as it
cannot be told to leave them; test cells become tests, which otter runs when all cells have run; and the other notebooks
of the submission lie beside the one that is graded, since it may take functions of theirs. `otter grade` needs Docker.
"""

import json
import shutil
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

import nbformat

from bench.trust import INSIDE, KEPT, contain
from nst.course.release import read_source
from nst.grading.intake.skeleton import is_graded
from nst.paths import CHECKOUT

_TEST = """OK_FORMAT = False

from otter.test_files import test_case

name = {name!r}
points = {points!r}


@test_case(points={points!r}, hidden={hidden!r})
def test(env):
    exec({source!r}, dict(env))
"""

#: otter looks for one notebook in the folder; the others come when it has found it.
_OTHERS = (
    'import shutil\nfrom pathlib import Path\nfor other in Path("others").glob("*.ipynb"): shutil.copy(other, ".")'
)


def missing(python):
    """Why otter-grader cannot be asked, a sentence; "" where it can. python: the interpreter that is to have it."""
    asked = "import otter, nst.quiet; print(otter.__version__)"
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False, cwd=tempfile.gettempdir())
    if done.returncode:
        return (
            f"Expected {python} to have otter-grader and this course, and found neither or one of them: "
            "pip install 'neural-style-transfer-course[bench]'."
        )
    version = done.stdout.split()[-1]
    return "" if version.startswith("7.") else f"Expected otter-grader 7, and found {version}: install otter-grader 7."


def autograders(folder, assignment):
    """Write <notebook>.zip, an otter configuration, for each notebook that has tests. Returns the notebooks' names."""
    folder.mkdir(parents=True)
    names = []
    for script in sorted((CHECKOUT / "answers" / assignment).glob("*.py")):
        source = read_source(script)
        if not is_graded(source):
            continue
        names.append(script.stem)
        with zipfile.ZipFile(folder / f"{script.stem}.zip", "w") as file:
            file.writestr("otter_config.json", json.dumps({"lang": "python", "print_summary": False}))
            for cell in source.cells:
                settings = cell.metadata.get("nbgrader", {})
                if settings.get("grade"):
                    name, points = settings.grade_id, settings.points
                    hidden = name.startswith("hidden_")
                    text = _TEST.format(name=name, points=points, hidden=hidden, source=cell.source)
                    file.writestr(f"tests/{name}.py", text)
    return names


def for_otter(content):
    """A notebook as otter gets it, bytes; what is no notebook stays as it is."""
    try:
        notebook = nbformat.reads(content.decode(), as_version=4)
    except Exception:
        return content
    kept = []
    for cell in notebook.cells:
        is_test = cell.metadata.get("nbgrader", {}).get("grade")
        if not is_test and "explore" not in cell.metadata.get("tags", ()):
            kept.append(cell)
    notebook.cells = [nbformat.v4.new_code_cell(_OTHERS, id="others"), *kept]
    return json.dumps(notebook).encode()


def hand_in(folder, assignment, handed, names):
    """Write <student>/<notebook>.zip for each."""
    for one in handed:
        files = one.attempts[-1]
        for name in names:
            own = files.get(f"{name}.ipynb")
            if isinstance(own, bytes):
                target = folder / one.student / f"{name}.zip"
                target.parent.mkdir(parents=True, exist_ok=True)
                with zipfile.ZipFile(target, "w") as file:
                    file.writestr(f"{name}.ipynb", for_otter(own))
                    for other in names:
                        if other != name and isinstance(files.get(f"{other}.ipynb"), bytes):
                            file.writestr(f"others/{other}.ipynb", files[f"{other}.ipynb"])


def grade(box, python, folder, assignment, handed, log):
    """(seconds, processor seconds, student -> points) of otter, contained as stock nbgrader is."""
    shutil.rmtree(folder, ignore_errors=True)
    names = autograders(folder / "autograders", assignment)
    hand_in(folder / "submissions", assignment, handed, names)
    (folder / "results").mkdir()
    shown = [python.parent.parent]
    script = f"""cp -a {KEPT} {INSIDE} && cd {INSIDE} && for file in submissions/*/*.zip; do
        student=$(basename $(dirname $file)); name=$(basename $file .zip); mkdir -p results/$student/$name
        "{python}" -m otter run --no-logo -a autograders/$name.zip -o results/$student/$name $file </dev/null
    done >>/tmp/log 2>&1; cp -a /tmp/log results {KEPT}/"""
    before, began = box.seconds(), time.monotonic()
    contain(["sh", "-c", script], folder, network=False, before=box.wrap([]), shown=shown)
    seconds, used = time.monotonic() - began, box.seconds() - before
    if (folder / "log").exists():
        with log.open("ab") as said:
            said.write((folder / "log").read_bytes())
    return seconds, used, points(folder / "results")


def points(folder):
    """Student -> points, from the results that otter has written."""
    found = {}
    for path in sorted(Path(folder).glob("*/*/results.json")):
        tests = json.loads(path.read_text(encoding="utf-8")).get("tests", [])
        student = path.parent.parent.name
        found[student] = found.get(student, 0) + sum(test.get("score", 0) for test in tests)
    return found
