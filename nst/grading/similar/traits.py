"""What an answer is compared by: traits that stay where names and layout change, and those that somebody wrote by hand.

Pygments takes the text apart, which has no grammar that a hostile text could overflow, and which reads a broken line as
well as a whole one. Nothing is run or parsed further.
"""

import re
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Error, Keyword, Literal, Name, String, Text

#: Tokens in a passage, and of how many passages in a row one is kept (Schleimer, Wilkerson and Aiken, "Winnowing",
#: 2003): whatever two answers share of LENGTH + WINDOW - 1 tokens or more has a passage in both.
LENGTH, WINDOW = 7, 4
#: Tokens that a line needs to say something.
SHORTEST_LINE = 5
#: Characters of a cell that are looked at; an answer of the course has 2,000.
MAX_CHARACTERS = 20_000
_SPACES = re.compile(r"[\W_]+")
# Pygments' pattern of "%05d" takes the square of their number to give up on zeros.
_ZEROS = re.compile("0{30,}")
_LEXER = PythonLexer()


class Traits(NamedTuple):
    """What a text is compared by, each with the places (start, end) where it stands.

    code: number -> places, of passages and lines without names and layout. names: name -> places, of those that a
    student may choose. words: line -> places, of comments, texts and prose, in small letters.
    """

    code: dict[int, list[tuple[int, int]]]
    names: dict[str, list[tuple[int, int]]]
    words: dict[str, list[tuple[int, int]]]


class _Token(NamedTuple):
    text: str
    start: int
    end: int


def of_code(source, known=frozenset(), everywhere=False):
    """The Traits of Python's code, or of what wants to be it.

    known: names that the course gives, which stay as they are. everywhere: keep every passage of the whole text, as is
    needed of what the course gives itself; of a student's text of any length it would take long.
    """
    source = source if everywhere else source[:MAX_CHARACTERS]
    source, found = _ZEROS.sub(lambda zeros: "9" * len(zeros[0]), source), Traits({}, {}, {})
    lines = _lines(source, known, found)
    tokens = [token for line in lines for token in line]
    for line in lines:
        if len(line) >= SHORTEST_LINE:
            trait = number("line", *(token.text for token in line))
            found.code.setdefault(trait, []).append((line[0].start, line[-1].end))
    passages = [
        (number(*(token.text for token in tokens[at : at + LENGTH])), at) for at in range(len(tokens) - LENGTH + 1)
    ]
    for trait, at in passages if everywhere else _winnowed(passages):
        found.code.setdefault(trait, []).append((tokens[at].start, tokens[at + LENGTH - 1].end))
    return found


def of_prose(source):
    """The Traits of Markdown: its lines."""
    found = Traits({}, {}, {})
    for line in re.finditer(r"[^\n]+", source[:MAX_CHARACTERS]):
        _hear(found.words, line[0], line.start())
    return found


def plain(text):
    """The words of a text, in small letters and with single spaces."""
    return _SPACES.sub(" ", text.lower()).strip()


def _winnowed(passages):
    """The smallest number of each window, so that equal passages are kept in both of two texts."""
    kept = {}
    for at in range(max(1, len(passages) - WINDOW + 1)):
        window = passages[at : at + WINDOW]
        if window:
            trait, place = min(window, key=lambda passage: (passage[0], -passage[1]))
            kept[place] = trait
    return [(trait, place) for place, trait in kept.items()]


def _lines(source, known, found):
    """The statements, each a list of tokens; names and words go into `found`."""
    raw = [(start, kind, text) for start, kind, text in _LEXER.get_tokens_unprocessed(source)]
    lines, depth, at = [[]], 0, 0
    significant = [token for token in raw if not _is_layout(token)]
    own = {text for before, (_, _, text) in pairwise(significant) if before[2] == "def"}
    place = 0
    while at < len(raw):
        start, kind, text = raw[at]
        if kind in String:
            at, literal = _literal(raw, at)
            if kind not in String.Doc:
                lines[-1].append(_Token("text", start, start + len(literal)))
            for line in re.finditer(r"[^\n]+", literal):
                _hear(found.words, line[0], start + line.start())
            while place < len(significant) and significant[place][0] < start + len(literal):
                place += 1
            continue
        at += 1
        if kind in Comment:
            _hear(found.words, text, start)
            continue
        if _is_layout((start, kind, text)):
            if "\n" in text and not depth and lines[-1]:
                lines.append([])
            continue
        before = significant[place - 1][2] if place else ""
        after = significant[place + 1][2] if place + 1 < len(significant) else ""
        place += 1
        depth = max(0, depth + (text in "([{") - (text in ")]}"))
        if kind in Name and not _is_known(kind, text, before, after, depth, known, own):
            found.names.setdefault(text, []).append((start, start + len(text)))
            text = "name"
        elif kind in Literal.Number:
            text = _figure(text)
        elif kind in Keyword or kind in Error or kind in Text:
            text = text.strip()
        # Formatters put round brackets and last commas where a line is long.
        if text not in ("(", ")") and not (text == "," and after in (")", "]", "}")):
            lines[-1].append(_Token(text, start, start + len(raw[at - 1][2])))
    return [line for line in lines if line]


def _is_layout(token):
    _, kind, text = token
    return kind in Comment or (kind in Text and not text.strip()) or text == "\\\n"


def _literal(raw, at):
    """(index behind it, text) of the literal that begins here."""
    parts = []
    while at < len(raw) and raw[at][1] in String:
        parts.append(raw[at][2])
        at += 1
    return at, "".join(parts)


def _is_known(kind, text, before, after, depth, known, own):
    """Does a name mean the same with everybody? One that is a student's own can be changed at will."""
    if text in own:
        return False
    is_option = depth and after == "=" and before in ("(", ",")
    return before == "." or after == "(" or text in known or is_option or kind in Name.Builtin or kind in Name.Namespace


def _figure(text):
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


def _hear(words, text, start):
    """Add a line that says something: two words or more."""
    line = plain(text)
    if " " in line and len(line) >= 8:
        words.setdefault(line, []).append((start, start + len(text)))


def number(*parts):
    """A trait as a number, the same in every run."""
    # Python's own hash is another in every run.
    return int.from_bytes(
        blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True
    )
