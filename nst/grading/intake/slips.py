"""Slips that hide right work from Python and can be put right without guessing: characters, split cells, leftovers."""

import re

from nst.grading.intake.statements import TOKEN

#: What word processors, chat programs and input methods put in the place of what Python reads. Outside of texts and
#: comments each of them is a SyntaxError, so nothing else can be meant.
_SPACES = dict.fromkeys("\u00a0\u1680\u2007\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " ")
_NOTHING = dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
_WIDE = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum()}
_QUOTES = dict.fromkeys("“”„", '"') | dict.fromkeys("‘’‚", "'") | {"、": ",", "。": "."}
_MENDED = {ord(wrong): right for wrong, right in (_SPACES | _NOTHING | _WIDE | _QUOTES).items()}
_WRONG = re.compile("[" + "".join(map(re.escape, map(chr, _MENDED))) + "]")


def without_odd_characters(source):
    """(a cell's text, the characters in it that were replaced), outside of texts and comments."""
    found = set()

    def mended(match):
        if match.lastgroup in ("text", "comment"):
            return match[0]
        found.update(_WRONG.findall(match[0]))
        return match[0].translate(_MENDED)

    if _WRONG.search(source):
        source = TOKEN.sub(mended, source)
    return source, found


def without_leftovers(found):
    """A cell's statements without the stubs of functions that are finished in the same cell."""
    finished = {name for statement in found for name, done in statement.functions.items() if done}
    return [
        statement
        for statement in found
        if any(statement.functions.values()) or not statement.functions or not statement.functions.keys() <= finished
    ]


def goes_on(before, cell):
    """Does a code cell hold the rest of the function with which the cell before it breaks off?

    Its lines are indented, and one of them returns: nothing can return outside of a function.
    """
    first = next((line for line in cell.source.split("\n") if line.strip()), "")
    return (
        first[:1].isspace()
        and bool(before.statements)
        and bool(before.statements[-1].functions)
        and any(re.match(r"return\b", line) for statement in cell.statements for line in statement.code[:1])
    )
