"""How an error is told in a notebook: the lines of the student's own code where it stopped, and one sentence.

Whatever passed through the course's code, TensorFlow or NumPy is cut to that. What happened in the student's own code
alone stays as IPython tells it. `%tb` in a new cell shows every step of the last error, `%xmode Verbose` those of all
errors to come, and with the environment variable NST_TRACEBACKS=full nothing is cut.
"""

import linecache
import os
import re
import sys
import sysconfig
import textwrap
from pathlib import Path
from typing import NamedTuple

#: Each is asked in turn, as `explain(error, function)`, for a sentence on an error, and gives None where it knows none.
#: Rooms above add theirs.
EXPLAINED_BY = []

_COURSE = Path(__file__).resolve().parent
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_IN_USER_CODE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)')


class Line(NamedTuple):
    """A line of the student's code that was being run: where it stands, the function that it is in, what it says.

    frame, position: the frame and the number of the instruction, None where TensorFlow's compiler has lost them.
    """

    file: str
    number: int
    function: str
    text: str
    frame: object = None
    position: int | None = None


def owner(file):
    """Whose code a file is: "course", "library" or "student"; a cell is the student's."""
    if "__autograph_generated_file" in file or file.startswith(("<frozen ", "<__array_function__")):
        return "library"
    path = Path(file)
    if path.is_relative_to(_COURSE) or path == _COURSE.parent / "nst_utils.py":
        return "course"
    if "site-packages" in path.parts or file.startswith(_LIBRARIES):
        return "library"
    return "student"


def steps(error):
    """Every step from where it was called to where it stopped: a list of (owner, Line)."""
    found, traceback = [], error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append((code.co_filename, traceback.tb_lineno, code.co_qualname, traceback.tb_frame, traceback.tb_lasti))
        traceback = traceback.tb_next
    text = text_of(error)
    if text.startswith("in user code:"):  # what tf.function has compiled has its steps in the message
        found += [
            (step["file"], int(step["line"]), step["function"], None, None) for step in _IN_USER_CODE.finditer(text)
        ]
    return [
        (owner(file), Line(file, number, function, linecache.getline(file, number).strip(), frame, position))
        for file, number, function, frame, position in found
    ]


def own_lines(error):
    """The lines of the student's code on the way to where it stopped, that one last."""
    return [line for whose, line in steps(error) if whose == "student"]


def message(error):
    """What an error says, without what TensorFlow wraps around it: one line, most often."""
    text = text_of(error)
    if text.startswith("in user code:"):
        text = re.split(r"\n {4}\w+: ?", text)[-1]
    elif text.startswith("Graph execution error"):
        text = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("[[")][-1]
    text = re.sub(r"\x1b\[[\d;]*m|^Exception encountered when calling \S+\n\n", "", text)  # Keras' wrapping
    text = re.sub(r"\{\{(function_)?node [^}]*\}\} ", "", text.split(" [Op:")[0])
    return re.split(r"\n\s*(?:;|If you are looking for numpy|Arguments received by )| for '\{\{node ", text)[0].strip()


def raw(error):
    """`TypeError: what it says`, on one line, without what TensorFlow wraps around it."""
    text = f"{type(error).__name__}: {' '.join(message(error).split())}"
    return textwrap.shorten(text.rstrip(": "), 300, placeholder=" …")


def of_course(error):
    """Has the course's code raised it? Then what it says is a sentence already."""
    (whose, line), *_ = reversed(steps(error) or [("", Line("", 0, "", ""))])
    return whose == "course" and line.text.startswith("raise")


def not_written(error):
    """The name of the function that the student has not written yet, and that was called; None for another error.

    A cell that is no function's is "<module>".
    """
    if not isinstance(error, NotImplementedError):
        return None
    lines = own_lines(error)
    if not lines or message(error) or not lines[-1].text.startswith("raise"):
        return None
    return lines[-1].function.partition(".")[0]


def sentence(error, function=None):
    """What to say of an error in one sentence or a few; None where nobody knows more than it says itself.

    function: the student's that was called, where that is known.
    """
    name, lines = not_written(error), own_lines(error)
    if name == "<module>":
        return "This cell is not written yet: write your code where it says # YOUR CODE HERE, then run it again."
    if name and lines[0].file == lines[-1].file:
        return f"{name} is not written yet: write it where it says # YOUR CODE HERE, then run this cell again."
    if name:
        return (
            f"{name} is not written yet: write it in its cell (where it says # YOUR CODE HERE), run that cell, then "
            "this one."
        )
    if isinstance(error, KeyboardInterrupt):
        return "You stopped this cell here. What its earlier lines have made is still there."
    return next(filter(None, (explain(error, function) for explain in EXPLAINED_BY)), None)


def told(error, cell_of=lambda file: None):
    """An error as the student reads it: a list of lines; None where it is the student's own affair.

    cell_of: gives the name of a file's cell, "cell In[3]" say, and None for what is no cell.
    """
    went, lines = steps(error), own_lines(error)
    if not lines:
        return None
    shown = list({line[:2]: line for line in lines}.values())  # a lambda stands in the line that calls it, say
    rows = [_row(line, lines[0].file, cell_of) for line in ([shown[0], *shown[-2:]] if len(shown) > 3 else shown)]
    if of_course(error):
        return [*rows, *_wrapped(message(error))]
    said = sentence(error)
    if not_written(error):
        return [*(rows[:-1] or rows), *_wrapped(said)]  # it stopped at the line that says so
    if isinstance(error, KeyboardInterrupt):
        return [*rows, *_wrapped(said)]
    of_name = said and isinstance(error, NameError)
    if not of_name and went[-1][0] == "student" and all(whose != "course" for whose, _ in went):
        return None
    return [*rows, *_wrapped(said or "(%tb in a new cell shows every step.)"), *_wrapped(raw(error))]


def _wrapped(text):
    """Lines that no browser breaks within a word; paths stay whole."""
    return textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)


def _row(line, first, cell_of):
    where = f"line {line.number}"
    if not line.function.endswith(">"):  # <module>, <lambda>
        where += f", in {line.function}"
    if line.file != first:
        where += f" ({cell_of(line.file) or line.file.strip('<>')})"
    return f"→ {where}:  {line.text}"


def install():
    """Have the IPython shell that this process runs in, if there is one, tell errors so."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if shell is None or os.environ.get("NST_TRACEBACKS") == "full":
        return
    formatter = shell.InteractiveTB
    if getattr(formatter, "cut_to_own_lines", False):
        return  # by an earlier import
    formatter.cut_to_own_lines, everything = True, formatter.structured_traceback
    with_sentence = _with_sentence(everything)

    def structured_traceback(kind, error, *arguments, **options):
        # %tb asks when the error is over.
        if formatter.mode != "Context" or sys.exc_info()[1] is not error:
            return everything(kind, error, *arguments, **options)

        def cell_of(file):
            found = shell.compile.format_code_name(file)
            return found and f"cell {found[1]}"

        rows = told(error, cell_of)
        return with_sentence(kind, error, *arguments, **options) if rows is None else rows

    formatter.structured_traceback = structured_traceback
    shell.SyntaxTB.structured_traceback = _with_sentence(shell.SyntaxTB.structured_traceback)


def _with_sentence(everything):
    """IPython's own way of telling an error, and below it the sentence, if there is one."""

    def structured_traceback(kind, error, *arguments, **options):
        said = sentence(error)
        return [*everything(kind, error, *arguments, **options), *(["", *_wrapped(said)] if said else [])]

    return structured_traceback


def text_of(error):
    """str(error), "" where its class cannot tell."""
    try:
        return str(error)
    except Exception:  # the student's own
        return ""
