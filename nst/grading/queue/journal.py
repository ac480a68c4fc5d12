"""Outcomes that are not in the gradebook yet: what a run that was killed had done, the next one need not do again.

One file of SQLite's, which is whole whatever moment its writer is killed at. It is worth only the time that it saves:
where it cannot be read or written, everybody is judged, and `trouble` says so.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

_TABLE = """CREATE TABLE IF NOT EXISTS outcome (key TEXT PRIMARY KEY, assignment TEXT NOT NULL, bytes BLOB NOT NULL)"""


class Journal:
    """Key -> outcome of an assignment, both as keys.py and outcome.py have them.

    path: of the file, which is made when there is something to write. trouble: one sentence, or "".
    """

    def __init__(self, path, assignment):
        self.path, self.assignment, self.trouble = Path(path), assignment, ""

    def outcome(self, key):
        """The bytes that were kept, None where there are none."""
        if not self.path.exists():
            return None
        rows = self._do("SELECT bytes FROM outcome WHERE key = ?", key)
        return rows[0][0] if rows else None

    def keep(self, key, outcome):
        """Keep an outcome; it is on the disk when this returns."""
        self._do("INSERT OR REPLACE INTO outcome VALUES (?, ?, ?)", key, self.assignment, outcome)

    def forget(self, keys):
        """Let go of outcomes that have been written down."""
        if self.path.exists():
            for key in keys:
                self._do("DELETE FROM outcome WHERE key = ?", key)

    def forget_others(self, keys):
        """Let go of all of the assignment's outcomes but these."""
        if self.path.exists():
            others = "assignment = ? AND key NOT IN (SELECT value FROM json_each(?))"
            self._do(f"DELETE FROM outcome WHERE {others}", self.assignment, json.dumps(sorted(keys)))

    def _do(self, statement, *values):
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=20)) as file:
                file.executescript("PRAGMA auto_vacuum = FULL; PRAGMA synchronous = FULL; " + _TABLE)
                with file:
                    return file.execute(statement, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            self.trouble = (
                f"{self.path} could not be used ({error}), so a run that is stopped begins anew: make room on the "
                "disk, or remove the file."
            )
            return []
