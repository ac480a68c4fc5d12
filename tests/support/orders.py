"""Finished notebooks, with their cells in any order: what fails then says which cell to run first.

`finished` writes the notebooks as a student has them who has answered everything, with paintings and trainings of two
steps. A Bench runs their cells, in an IPython shell of a forked process for each order; no figure is drawn to its end.
"""

import json
import os
import random
import re
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

import nbformat

from nst.course.release import read_source

#: Long loops of the notebooks, made short, and large sets made small.
_SHORTER = (
    (r"\b(num_iterations|iterations|steps|epochs)=\d\d+", r"\1=2"),
    (r"\bMonitor\(\d+", "Monitor(2"),
    (r"range\(200\)", "range(2)"),
    (r"for channel in channels:", "for channel in channels[:1]:"),
    (r"\b(192|240|150|384)\b", "48"),
    (r"(?<!:)\b(256|320|200|512)\b(?!:)", "64"),
    (r"\(1, 20, 40, 60\)", "(1, 2)"),
    (r"HELD_OUT\[:100\]", "HELD_OUT[:20]"),
    (r"tqdm\(TOWN,", "tqdm(TOWN[:40],"),
)

#: How each of the sentences says which cell to run.
NAMES_A_CELL = re.compile(r"run (the notebook's first cell|the cell that begins with `)")


class Failure(NamedTuple):
    """A cell that failed: its source, the exception as `Kind: text`, and what the student reads of it."""

    source: str
    raised: str
    told: str

    @property
    def names_a_cell(self):
        """Does it say which cell to run first?"""
        return bool(NAMES_A_CELL.search(self.told))


def finished(answers, folder):
    """Write each notebook of `answers` with its solutions, without hidden tests, and short, below `folder`."""
    for script in sorted(Path(answers).glob("*/*.py")):
        notebook = read_source(script)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source = re.sub(r"(?s)### BEGIN HIDDEN TESTS.*### END HIDDEN TESTS", "", cell.source)
                cell.source = re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", cell.source)
                cell.source = "\n".join(map(_shorter, cell.source.split("\n")))
        path = Path(folder, script.parent.name, f"{script.stem}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)


def _shorter(line):
    if not line.startswith("def "):  # defaults are checked
        for long, short in _SHORTER:
            line = re.sub(long, short, line)
    return line


def code_of(path):
    """The sources of a notebook's code cells."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code" and cell.source.strip()]


def each_twice(path):
    """From top to bottom, each cell twice."""
    return [source for source in code_of(path) for _ in range(2)]


def by_chance(path, seed):
    """An order of chance in which every cell comes twice: once through all of them, then once more."""
    cells, chance = code_of(path), random.Random(f"{path.name} {seed}")
    return [*chance.sample(cells, len(cells)), *chance.sample(cells, len(cells))]


def prepare():
    """Import what notebooks import, before the first fork, and have nothing drawn that nobody will look at."""
    import numpy as np

    os.environ["MPLBACKEND"] = "agg"
    import matplotlib.pyplot as plt
    import scipy.optimize  # noqa: F401

    import nst.pictures

    load_image = nst.pictures.load_image
    # Whoever asks for a size gets it.
    nst.pictures.load_image = lambda path, size=None: load_image(path, size) if size else _small(load_image(path))
    import nst.lessons.face_figures
    import nst.painting
    from nst.lessons import town
    from nst.lessons.figures import drawing

    plt.show = lambda *arguments, **options: plt.close("all")
    drawing.progress = lambda things, what: [things[0]]  # of a film, its first frame
    town.draw = lambda who, view, rng, size: rng.integers(0, 256, (size, size, 3)).astype(np.uint8)


def _small(picture):
    # The network's input takes 300 × 400.
    return picture[::4, ::4] if min(picture.shape[:2]) > 200 and picture.shape[:2] != (300, 400) else picture


def run(path, sources, begin=None):
    """Run sources as cells of the notebook at `path`, in a forked process; a list of Failure.

    begin: called in that process before anything else.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        try:
            os.close(reading)
            with os.fdopen(writing, "w", encoding="utf-8") as file:
                if begin:
                    begin()
                json.dump(_failures(path, sources), file)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as file:
        found = file.read()
    os.waitpid(process, 0)
    return [Failure(*fields) for fields in json.loads(found)]


def _failures(path, sources):
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from nst.lessons import convnets
    from nst.quiet import tf

    convnets.SOURCES[:] = ["lake", "starry"]
    tf.config.run_functions_eagerly(True)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (the process ends with it)
    os.chdir(path.parent)
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config, colors="nocolor")
    shell.extension_manager.load_extension("nst.order")
    failures, told = [], []
    shell._showtraceback = lambda kind, error, lines: told.append("\n".join(lines))
    for source in sources:
        result = shell.run_cell(source, store_history=True)
        if not result.success:
            error = result.error_before_exec or result.error_in_exec
            panel = error.verdict.explanation if hasattr(error, "verdict") else ""
            failures.append((source, f"{type(error).__name__}: {error}", f"{told[-1]}\n{panel}"))
        import matplotlib.pyplot as plt

        plt.close("all")
    return failures
