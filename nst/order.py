"""Cells run in another order than they stand in: which one to run first.

A notebook is read from top to bottom, but its cells can be run in any order, and twice. What then fails does so with
the name of a Python object, where a student needs the name of a cell. `watch` notes which cell has made what;
`advice` says, of an exception, which cell to run first.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import CodeType, FunctionType

from nst import tracebacks
from nst.cells import code_cells, names_of

_watching = None  # the one Watch of this kernel


def install():
    """Watch the kernel that this process is, if it is one."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if getattr(shell, "kernel", None) is not None:
        load_ipython_extension(shell)


def load_ipython_extension(shell):
    """What `%load_ext nst.order` does: watch from now on, and have errors end with the advice."""
    global _watching
    if _watching is not None:
        return
    _watching = Watch(shell)
    told = shell.InteractiveTB.structured_traceback

    def structured_traceback(kind, error, *arguments, **options):
        rows, said = told(kind, error, *arguments, **options), advice(error)
        return rows if not said or any(said in row for row in rows) else [*rows, "", said]

    shell.InteractiveTB.structured_traceback = structured_traceback


def advice(error):
    """Which cell to run first, in whole sentences, where that is what an exception comes from; otherwise None.

    error: what the cell that is running, or ran last, raised.
    """
    return None if _watching is None else _watching.advice(error)


def explain(error, function=None):
    """As `advice`, for a name that is not there yet; None for any other error, which has other causes, too.

    function: as all that is in `tracebacks.EXPLAINED_BY` takes it; the cells tell enough.
    """
    return advice(error) if is_of_a_missing_name(error) else None


def is_of_a_missing_name(error):
    """Whether it is a NameError; one that says that a local variable has no value yet is another matter."""
    return isinstance(error, NameError) and not isinstance(error, UnboundLocalError)


class Watch:
    """Which cell has made which name."""

    def __init__(self, shell):
        self._shell = shell
        self._seen = []  # (id, source) of every cell that was run
        self._maker = {}  # name -> its last maker, as in _seen
        self._stopped = set()  # names of collections whose last maker stopped with an error
        self._before = {}
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def _begin(self, info):
        self._seen.append((getattr(info, "cell_id", None), info.raw_cell or ""))
        self._before = dict(self._shell.user_ns)

    def _end(self, result):
        missing = object()
        if not self._seen:  # the cell that began to watch
            self._seen.append((getattr(result.info, "cell_id", None), result.info.raw_cell or ""))
        for name in names_of(self._seen[-1][1])[0]:
            value = self._shell.user_ns.get(name, missing)
            if value is not missing and (result.success or value is not self._before.get(name, missing)):
                self._maker[name] = self._seen[-1]
                half_made = not result.success and isinstance(value, list | dict | set)
                (self._stopped.add if half_made else self._stopped.discard)(name)
        self._before = {}

    def advice(self, error):
        cells = self._cells()
        while error is not None:
            if is_of_a_missing_name(error):
                return self._where_missing(error, cells)
            error = error.__cause__ or error.__context__
        return self._where_changed(cells)

    def _where_missing(self, error, cells):
        name = getattr(error, "name", None)
        if not name or name in self._shell.user_ns:
            return None
        here = _find(self._seen[-1], cells) if self._seen else None
        makers = [cell for cell in cells if name in cell.makes and cell is not here]
        if not makers:
            return None
        above = [cell for cell in makers if here and cell.place < here.place]
        return _missing(name, (above or makers[:1])[-1])

    def _where_changed(self, cells):
        here = _find(self._seen[-1], cells) if self._seen else None
        if here is None:
            return None
        expected = {name: cell for cell in cells[: here.place] for name in cell.makes}
        strayed = []
        for name in self._read(here):
            wanted = expected.get(name)
            maker = _find(self._maker[name], cells) if name in self._maker else None
            # What the student's own cell has made is meant to be so.
            if wanted and maker and (maker is not wanted or name in self._stopped):
                strayed.append((wanted.place, name, maker))
        if not strayed:
            return None
        _, name, maker = min(strayed, key=lambda found: found[:2])
        return _changed(name, expected[name], maker, here)

    def _read(self, here):
        """Names that a cell reads, itself and through the notebook's functions."""
        user_ns = self._shell.user_ns
        found, waiting = set(), set(here.needs | names_of(self._seen[-1][1])[1])
        while waiting:
            name = waiting.pop()
            found.add(name)
            value = user_ns.get(name)
            value = getattr(value, "__wrapped__", value)
            if isinstance(value, FunctionType) and value.__globals__ is user_ns:
                waiting |= _globals_of(value.__code__) - found
        return found

    def _cells(self):
        """The code cells of the notebook that is open: the one in this folder that has the cells that were run."""
        sources = {source.strip() for _, source in self._seen}
        best = []
        for path in _candidates(self._shell):
            with suppress(OSError, ValueError, AttributeError):
                cells = code_cells(json.loads(Path(path).read_text(encoding="utf-8")))
                if len(sources & {cell.source.strip() for cell in cells}) > len(
                    sources & {cell.source.strip() for cell in best}
                ):
                    best = cells
        return best


def _candidates(shell):
    """Files that may be the open notebook: the one that the server or VS Code names, otherwise all in this folder."""
    for named in (os.environ.get("JPY_SESSION_NAME"), shell.user_ns.get("__vsc_ipynb_file__")):
        if named and Path(named).suffix == ".ipynb" and Path(named).is_file():
            return [named]
    return sorted(Path.cwd().glob("*.ipynb"))


def _find(ran, cells):
    """The cell of the notebook that was run: by its id, by its text, or, where it was edited, by the function in it."""
    cell_id, source = ran
    by_id = [cell for cell in cells if cell_id and cell.id == cell_id]
    by_text = [cell for cell in cells if cell.source.strip() == source.strip()]
    made = names_of(source)[0]
    by_function = [cell for cell in cells if made and f"def {min(made)}(" in cell.source and cell.makes == made]
    return next(iter(by_id or by_text or by_function), None)


def _globals_of(code):
    inner = [_globals_of(part) for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*inner)


def _missing(name, maker):
    if maker.place == 0:
        return (
            f"`{name}` is not there yet: run the notebook's first cell first, the one that begins with "
            f"`{maker.beginning}`."
        )
    if not maker.section:
        return f"`{name}` is not there yet: run the cell that begins with `{maker.beginning}` first."
    return (
        f"`{name}` is not there yet: run the cell that begins with `{maker.beginning}`, in section {maker.section}, "
        "first. (Run → Run All Above Selected Cell runs everything that this cell needs.)"
    )


def _changed(name, wanted, maker, here):
    again = f"run the cell that begins with `{wanted.beginning}` again, then this one"
    if wanted.section:
        again = f"run the cell that begins with `{wanted.beginning}`, in section {wanted.section}, again, then this one"
    if maker is wanted:
        return f"`{name}` may be half made, as the cell that makes it stopped with an error: {again}."
    if maker is here:
        return f"This cell has changed `{name}` already when it ran before: {again}."
    return (
        f"`{name}` is what the cell that begins with `{maker.beginning}` has made of it, and this cell needs it as it "
        f"was before: {again}."
    )


tracebacks.EXPLAINED_BY.insert(0, explain)
