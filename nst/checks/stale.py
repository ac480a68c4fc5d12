"""Whether the kernel has another version of a function than the one that a student is looking at.

A cell that Python cannot read leaves the version before it in place, and so does one that was edited and not run. Of
the first the kernel knows; of the second only the notebook's file, once it was saved.
"""

import ast
import inspect
import json
import os
import re
import sys
import time
from pathlib import Path

#: number of a cell -> when it was begun, of the cells that ran since this module is there
_BEGUN = {}


def stale_notice(function):
    """One sentence where `function` is not what its cell says now; "" where it is, or where nothing tells."""
    shell = _shell()
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if shell is None or code is None:
        return ""
    name = code.co_name
    found = shell.compile.format_code_name(code.co_filename)
    if not found or not name.isidentifier():
        return ""
    ran = int(re.sub(r"\D", "", found[1]))
    return _not_read(shell, name, ran) or _not_run(shell, name, ran)


def _not_read(shell, name, ran):
    """The sentence about a cell that was run later, defines the function, and did not come to it."""
    cells = shell.user_ns.get("In", [])
    for number in range(len(cells) - 1, ran, -1):
        if not _defines(cells[number], name):
            continue
        try:
            ast.parse(shell.transform_cell(cells[number]))
        except SyntaxError as error:
            return (
                f"Python could not read the cell of {name} when you last ran it (In [{number}], line {error.lineno}), "
                f"so this check judges the version before it, from In [{ran}]: mend that line, run the cell, then "
                "this check again."
            )
        return (
            f"The cell of {name} stopped before it came to the function when you last ran it (In [{number}]), so this "
            f"check judges the version before it, from In [{ran}]: mend that cell, run it, then this check again."
        )
    return ""


def _not_run(shell, name, ran):
    """The sentence about a cell that was edited since, as the notebook's file says."""
    path = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    begun = _BEGUN.get(ran)
    if not path or begun is None:
        return ""
    try:
        path = Path(path)
        if path.stat().st_mtime <= begun:
            return ""
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""  # a notebook that is gone, or no notebook
    saved = [source.strip() for source in sources if _defines(source, name)]
    cell = shell.user_ns.get("In", [])[ran].strip()
    if not saved or cell in saved:
        return ""
    return (
        f"The cell of {name} was changed after you last ran it, so this check judges the version that ran, In [{ran}]: "
        "run the cell, then this check again."
    )


def _defines(source, name):
    return re.search(rf"(?m)^(async )?def {re.escape(name)}\b", source) is not None


def _shell():
    ipython = sys.modules.get("IPython")
    return ipython and ipython.get_ipython()


def watch_cells():
    """Remember from now on when each cell of the notebook that this process runs is begun, if it is one."""
    shell = _shell()
    if shell is not None and not _BEGUN:
        _BEGUN[shell.execution_count] = time.time()
        shell.events.register("pre_run_cell", lambda info: _BEGUN.__setitem__(shell.execution_count, time.time()))


watch_cells()
