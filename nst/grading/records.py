"""Where the record of a judgement is kept, and how it is written: whole or not at all."""

import json
from pathlib import Path

from nst.paths import whole_file


def record_path(coursedir, assignment, student):
    """The path of a judgement's record: judged/<student>/<assignment>.json."""
    return _judged(coursedir) / student / f"{assignment}.json"


def journal_path(coursedir):
    """The path of what has been judged and is not written down yet: see queue/journal.py."""
    return _judged(coursedir) / ".journal.sqlite"


def _judged(coursedir):
    return Path(coursedir.root, coursedir.config.JudgedAutograde.get("judged_directory", "judged"))


def write_record(path, record):
    """Write a dict of plain data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as unfinished:
        unfinished.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
