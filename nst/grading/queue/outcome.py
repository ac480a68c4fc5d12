"""A Judgement as bytes and back, between processes and machines: JSON, bounded, and looked at before it counts."""

import json
import math
import zlib
from typing import get_origin

import nbformat

from nst.grading.evidence import STATES
from nst.grading.judgement import Judgement, Mark

#: The bytes of an outcome's JSON. Each notebook may show 64 MB, each byte of which JSON may write as six.
MAX_BYTES = 2 * 2**30
_FORMAT = "nst outcome 1"
_PLAIN = ("state", "reasons", "repairs", "flags", "notebooks", "deaths", "evidence", "seconds")
_MARK = {name: get_origin(kind) or kind for name, kind in Mark.__annotations__.items()}


class OutcomeError(ValueError):
    """Bytes that are no outcome; one sentence."""


def as_bytes(judgement):
    """A Judgement as bytes."""
    found = {name: getattr(judgement, name) for name in _PLAIN}
    found |= {name: sorted(getattr(judgement, name)) for name in ("unanswered", "refused")}
    found |= {"format": _FORMAT, "marks": [mark._asdict() for mark in judgement.marks]}
    # What a flood of output comes to is small again.
    return zlib.compress(json.dumps(found).encode(), level=1)


def from_bytes(data):
    """The Judgement in such bytes, equal to the one that they were made of. Raises OutcomeError."""
    try:
        return _judgement(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error):
        raise OutcomeError("Expected an outcome as a worker writes it, and found other bytes: judge again.") from None


def _judgement(data):
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(data, MAX_BYTES)
    if not unpacking.eof:
        raise ValueError
    found = json.loads(text)
    if found.pop("format") != _FORMAT:
        raise ValueError
    for name in ("reasons", "repairs", "flags"):
        _texts(found[name])
    found["unanswered"], found["refused"] = set(_texts(found["unanswered"])), set(_texts(found["refused"]))
    found["marks"] = [_mark(mark) for mark in found["marks"]]
    found["notebooks"] = {name: _notebook(notebook) for name, notebook in found["notebooks"].items()}
    judgement = Judgement(**found)
    numbers = type(judgement.deaths) is int and math.isfinite(judgement.seconds)
    if judgement.state not in STATES or not isinstance(judgement.evidence, dict) or not numbers:
        raise ValueError
    return judgement


def _mark(found):
    mark = Mark(**{name: tuple(_texts(value)) if isinstance(value, list) else value for name, value in found.items()})
    for name, kind in _MARK.items():
        value = getattr(mark, name)
        fits = type(value) in (int, float) and math.isfinite(value) if kind is float else type(value) is kind
        if not fits:
            raise TypeError
    return mark


def _notebook(found):
    notebook = nbformat.from_dict(found)
    if not all(isinstance(cell.source, str) and isinstance(cell.metadata, dict) for cell in notebook.cells):
        raise TypeError
    return notebook


def _texts(found):
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise TypeError
    return found
