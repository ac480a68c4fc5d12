"""How pages show what was asked, what came out, and a student's code."""

import io
import re
import tokenize
from typing import NamedTuple

from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from nst.grading.intake.reading import UnreadableError, read_bytes, read_notebook
from nst.grading.report import shown

#: The longest code that is shown, and the most rows of what came out.
CHARACTERS, ROWS = 4000, 3


class _Renderer(IPythonRenderer):
    """Formulas as MathML, which browsers draw and read aloud without a script."""

    def block_math(self, body):
        return _formula(body, "block")

    def inline_math(self, body):
        return _formula(body, "inline")


def _formula(body, display):
    try:
        # Whoever has no mouse can reach a formula that is wider than the page, and move it.
        return convert(body, display=display).replace(
            "<math ", '<math tabindex="0" ' if display == "block" else "<math ", 1
        )
    except Exception:  # whatever a slip in a formula makes the converter raise: its text is readable, too
        return str(Markup("<code>{}</code>").format(body))


def asked(markdown):
    """What was asked in an exercise, written by the instructor in Markdown, as HTML."""
    return Markup(MarkdownWithMath(renderer=_Renderer()).render(markdown))


class Row(NamedTuple):
    """What came out on some inputs, and what is right."""

    inputs: str
    came: str
    right: str


def came_out(outcome, right):
    """(a sentence, or "", and Rows) of an outcome. right: see tasks.Catalogue; [] where it is not known."""
    parts = [_begin(part) for part in outcome.split(" | ")]
    known = right if len(parts) == len(right) else [("", "")] * len(parts)
    rows = [Row(on, part, _begin(value)) for part, (on, value) in zip(parts, known, strict=True) if part != "right"]
    if (len(parts) == 1 and not (rows and rows[0].right)) or not rows:
        return outcome or "What came out is not known.", []
    return "", rows[:ROWS]


def _begin(text):
    """A result without the sums that stand for the numbers which are not written down."""
    return re.sub(r"…? ~ [^;|]*", "…", text)


def code_of(path, answer):
    """The code in the cell with this grade_id of a notebook in autograded/, as HTML; "" where there is none.

    Comments and strings that stand alone are left out: they say what the course has written, or who has written the
    rest.
    """
    try:
        cells = read_notebook(read_bytes(path)).cells
    except UnreadableError:
        return ""
    source = next((cell.source for cell in cells if cell.nbgrader.get("grade_id") == answer), "")
    source = shown(source[:CHARACTERS], "\n\t")
    return Markup(highlight(bare(source), PythonLexer(), HtmlFormatter(nowrap=True)))


def bare(source):
    """Code without comments, strings that stand alone, and empty lines; as it is where Python cannot read it."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return source
    lines, gone = source.split("\n"), set()
    begins = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
    for before, token, after in zip([None, *tokens], tokens, tokens[1:], strict=False):
        (row, column), begun = token.start, before is None or before.type in begins
        if token.type == tokenize.COMMENT:
            lines[row - 1] = lines[row - 1][:column]
        elif token.type == tokenize.STRING and begun and after.type in (tokenize.NEWLINE, tokenize.COMMENT):
            gone.update(range(row, token.end[0] + 1))
    return "\n".join(line.rstrip() for number, line in enumerate(lines, 1) if number not in gone and line.strip())
