"""A cell taken apart into its statements, without a parser: what it defines, what it uses, and what is finished.

Python's own parser would know better, but a hostile text can make it crash, and a broken line hides the whole cell from
it. Here no text takes long, nests deeply or raises.
"""

import re
from typing import NamedTuple

# Texts and comments come first, so that nothing is found inside them.
TOKEN = re.compile(
    r"""
    (?P<text>
      '''(?:[^'\\]+|\\.|'(?!''))*(?:''')?
      | \"""(?:[^"\\]+|\\.|"(?!""))*(?:\""")?
      | '(?:[^'\\\n]+|\\.)*'?
      | "(?:[^"\\\n]+|\\.)*"?)
    | (?P<comment>\#[^\n]*)
    | (?P<joined>\\\n)
    | (?P<end>\n)
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<code>[^'"\#\n\\()\[\]{}]+|\\)
    """,
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"[ \t\f]*")
_MAGIC = re.compile(r"[ \t]*[%!?][^\n]*")
# What stands at the left edge inside of brackets only where a bracket was not closed.
_FRESH = re.compile(r"(?:async +)?def +\w+|class +\w+ *[(:]|import +\w")
# Cells in another language.
_FOREIGN = re.compile(
    r"\s*%%(?:bash|sh|script|system|sx|cmd|html|HTML|javascript|js|latex|markdown|svg|SVG|perl|ruby|R|cython)\b|\s*%%!"
)
_PROMPT = re.compile(r"^(?:>>>|\.\.\.)(?: |$)|^In \[\d+\]: ?|^ *\.{3,}: ?", re.MULTILINE)
_DEF = re.compile(r"(?:async )?def (\w+)")
_CLASS = re.compile(r"class (\w+)")
_TARGET = re.compile(r"(\w+(?: ?, ?\w+)*) ?(?::[^=]*)?= ?(?!=)")
_CALL = re.compile(r"((?<![\w.])[\w.]*|[\])]) ?\(")
_RAISE = re.compile(r"raise NotImplementedError\b")
_RETURN = re.compile(r"\b(?:return|yield)\b(?! ?(?:None)?(?:$|;))")
_BLOCK = re.compile(r"(?:if|elif|else|try|except|finally|with)\b")
_GOES_ON = re.compile(r"(?:elif|else|except|finally)\b")
_WORD = re.compile(r"(?<![\w.])[^\W\d]\w*")
_LOCAL = re.compile(r"\b(\w+) ?(?:[-+*/@|&:]|//|\*\*)?=(?!=)|\bas (\w+)")
_LOOP = re.compile(r"\b(?:for|lambda) ([\w ,*=()]*)")
_TARGETS = re.compile(r"[\w ,*()]+=(?!=)")
_CALLED = re.compile(r"\w\(")
_PARAMETER = re.compile(r"[(,] ?\*{0,2}(\w+)")

#: What a constant may be made with; whatever else is called may take hours.
_CHEAP = """
array asarray arange linspace zeros ones full eye float16 float32 float64 int32 int64 uint8 bool_ default_rng
constant cast convert_to_tensor Variable function partial Adam take Path
mean std sqrt exp log prod stack concatenate reshape transpose repeat tile normal uniform load_image
range tuple list dict set frozenset int float str bool len min max sum abs round zip sorted
in and or not if else
"""
_EMPTY = frozenset(("", "pass", "...", '""', "return", "return None"))


class _Line(NamedTuple):
    """A line as Python counts them. code: without comments and with empty texts; a magic has none."""

    number: int
    indent: int
    code: str


class Statement(NamedTuple):
    """A statement at the left edge of a cell.

    source: as it was written. number: of its first line. binds: the names that it gives a meaning. functions: name ->
    whether the function is finished, of those that it defines for the cell. code: its lines without comments.
    is_definition: does running it cost next to nothing, as with imports, functions, classes and constants?
    """

    source: str
    number: int
    binds: frozenset
    functions: dict
    code: tuple
    is_definition: bool


def statements(source):
    """The statements of a cell, as Statements. Prompts that were copied with the code are not seen."""
    if _FOREIGN.match(source):
        return []
    source = without_prompts(source)
    lines = list(_lines(source))
    written = source.split("\n")
    base = next((line.indent for line in lines if line.code), 0)
    groups, decorated = [], False
    for line in lines:
        if not groups or (line.indent <= base and not decorated and not _GOES_ON.match(line.code)):
            groups.append([])
        groups[-1].append(line)
        decorated = line.code.startswith("@")
    ends = [group[0].number for group in groups[1:]] + [len(written)] * bool(groups)
    return [
        _statement(group, "\n".join(written[group[0].number : end]).rstrip())
        for group, end in zip(groups, ends, strict=True)
    ]


def without_prompts(source):
    """A text without the prompts of a terminal, where it begins with one: IPython leaves them out too."""
    begins = source.lstrip("\n")
    return _PROMPT.sub("", source) if begins.startswith(">>>") or re.match(r"In \[\d+\]:", begins) else source


def definitions(source):
    """The definitions of a cell, as a text that can be run in its place; empty where there are none."""
    return "\n".join(statement.source for statement in statements(source) if statement.is_definition)


def uses(code):
    """The names in lines of code that may be looked up outside of them; a few too many."""
    text = "\n".join(line for line in code if not line.startswith(("import ", "from ")))
    own = {name for pair in _LOCAL.findall(text) for name in pair}
    for names in _LOOP.findall(text):
        own |= set(_WORD.findall(names.partition(" in ")[0]))
    for line in code:
        if _DEF.match(line):
            own |= set(_PARAMETER.findall(line))
        targets = _TARGETS.match(line)
        if targets and not _CALLED.search(targets[0]):
            own |= set(_WORD.findall(targets[0]))
    return set(_WORD.findall(text)) - own


def _lines(source):
    position, number, depth, fresh = 0, 0, 0, True
    begin, indent, code = 0, 0, []
    while position < len(source):
        if fresh and depth and _FRESH.match(source, position):
            yield _Line(begin, indent, _spaced(code))
            depth, code = 0, []
        if fresh and not depth and not code:
            magic = _MAGIC.match(source, position)
            if magic:
                yield _Line(number, len(_SPACE.match(source, position)[0].expandtabs()), "")
                position = magic.end()
                fresh = False
                continue
        fresh = False
        token = TOKEN.match(source, position)
        kind, text, position = token.lastgroup, token[0], token.end()
        if kind not in ("end", "joined", "comment") and not code and (kind != "code" or text.strip()):
            begin = number
            indent = len(_SPACE.match(source, source.rfind("\n", 0, token.start()) + 1)[0].expandtabs())
        if kind == "text":
            code.append('""')
        elif kind in ("open", "close", "code"):
            if code or text.strip():
                code.append(text)
            depth = max(0, depth + (kind == "open") - (kind == "close"))
        elif kind in ("end", "joined"):
            if kind == "joined" or depth:
                code.append(" ") if code else None
            elif code:
                yield _Line(begin, indent, _spaced(code))
                code = []
            fresh = kind == "end"
        number += text.count("\n")
    if code:
        yield _Line(begin, indent, _spaced(code))


def _spaced(code):
    return " ".join("".join(code).split())


def _statement(lines, source):
    binds, functions, is_definition = set(), {}, bool(lines)
    inside = None  # the indentation of the function or class whose body is being passed
    for at, line in enumerate(lines):
        if inside is not None and line.indent > inside:
            continue
        inside = None
        function, made = _DEF.match(line.code), _CLASS.match(line.code)
        if function or made:
            binds.add((function or made)[1])
            inside = line.indent
            if function:
                functions[function[1]] = not _is_unfinished(lines, at)
            continue
        for piece in line.code.split(";"):
            names, plain = _bound(piece.strip())
            binds |= names
            is_definition &= plain
            if names and "= lambda" in piece:
                functions |= dict.fromkeys(names, True)
    code = tuple(line.code for line in lines if line.code)
    return Statement(source, lines[0].number, frozenset(binds), functions, code, is_definition and bool(binds))


def _bound(code):
    """(names that a line binds, whether it costs next to nothing) of one that is no function and no class."""
    if code.startswith(("import ", "from ")):
        listed = code.partition("import ")[2].strip("() ")
        names = [name.split(" as ")[-1].strip() for name in listed.split(",")]
        return {name.split(".")[0] for name in names if name}, bool(listed)
    names, at = set(), 0
    while found := _TARGET.match(code, at):
        names |= set(re.findall(r"\w+", found[1]))
        at = found.end()
    value = code[at:]
    if not names:
        return names, code in _EMPTY or code.startswith("@") or bool(_BLOCK.match(code))
    calls = [name.rpartition(".")[2] for name in _CALL.findall(value)]
    return names, value.startswith("lambda") or set(calls) <= {"", *_CHEAP.split()}


def _is_unfinished(lines, at):
    """Does the function in this line raise NotImplementedError before it can return anything, or do nothing at all?"""
    head = lines[at]
    end = at + 1
    while end < len(lines) and lines[end].indent > head.indent:
        end += 1
    within = lines[at + 1 : end]
    if not within:
        rest = head.code.rpartition(":")[2].strip()
        return rest in _EMPTY or bool(_RAISE.match(rest))
    inner, nested, written = within[0].indent, None, False
    for line in within:
        if nested is not None and line.indent > nested:
            continue
        nested = line.indent if _DEF.match(line.code) or _CLASS.match(line.code) else None
        if nested is not None:
            written = True
            continue
        if line.indent <= inner and _RAISE.match(line.code):
            return True
        if _RETURN.search(line.code):
            return False
        written |= line.code not in _EMPTY
    return not written
