"""A class that hands in rows, graded by nbgrader's own commands, with the judge plugged in or without."""

import hashlib
import re
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import jupytext
from nbgrader.api import Gradebook, MissingEntry

from nst.course.release import generate, gradebook_url, write_source_notebooks
from nst.paths import CHECKOUT
from tests.support.submissions import Finding, Work, sources, tests, write

#: A student with everything right, who is graded after the others.
VICTIM = "victim"
NBGRADER = Path(sys.executable).parent / "nbgrader"
SCRIPT = re.compile(r"<script>alert|<[^>]*\bon(load|error|click)=|href=.javascript:|<svg[^>]*onload|<iframe", re.I)


class Classroom:
    """A course in `folder` with one assignment, and what its students hand in.

    limits: the judge's, a dict. judged: go through the judge; else the course's configuration without it.
    taught: notebook name -> source, by default the shortened ones that rows are made from.
    """

    def __init__(self, folder, assignment, names, limits=None, judged=True, taught=None):
        self.folder, self.assignment, self.names = Path(folder), assignment, names
        self.before = {}
        config = (CHECKOUT / "nbgrader_config.py").read_text(encoding="utf-8")
        if judged:
            config += f"\nc.JudgedAutograde.limits = {limits or {}!r}\n"
        else:
            config = config.replace("plugin.install()", "")
            config += f"\nc.Execute.timeout = {(limits or {}).get('cell_seconds', 60)}\n"
        (self.folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
        answers = self.folder / "answers" / assignment
        answers.mkdir(parents=True)
        for name, source in (taught or sources(assignment, names)).items():
            jupytext.write(source, answers / f"{name}.py", fmt="py:percent")
        write_source_notebooks(self.folder / "answers")  # which stock nbgrader does not do
        generate(self.folder, [assignment])

    def hand_in(self, student, files):
        """Write a submission, as the exchange would have collected it."""
        write(files, self.folder / "submitted" / student / self.assignment)

    def hand_in_victim(self, row):
        """Also somebody hands in who has all right."""
        self.hand_in(VICTIM, Work(replace(row, wrong=()), "", 0).files())
        self.before = _hashes(self.folder / "submitted" / VICTIM)

    def grade(self):
        """Autograde everybody and generate feedback; the seconds that grading took, and what was said."""
        began = time.monotonic()
        graded = self._nbgrader("autograde", self.assignment)
        seconds = time.monotonic() - began
        return seconds, graded + self._nbgrader("generate_feedback", self.assignment, "--force")

    def _nbgrader(self, *arguments):
        done = subprocess.run(
            [NBGRADER, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=1200, errors="replace"
        )
        return done.stdout + done.stderr

    def points(self, student):
        """(points, possible points, extra credit, time) of a student; {} and None where nothing was graded."""
        with Gradebook(gradebook_url(self.folder), "nst") as gradebook:
            try:
                submission = gradebook.find_submission(self.assignment, student)
            except MissingEntry:
                return {}, {}, 0, None
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            extra = sum(grade.extra_credit or 0 for grade in grades)
            points = {grade.name: grade.score for grade in grades}
            return points, {grade.name: grade.max_score for grade in grades}, extra, submission.timestamp

    def finding(self, row, student, record=None):
        """What became of a row, seen from outside when all has been graded. record: the judge's, where there is one."""
        points, possible, extra, when = self.points(student)
        html = {
            path.name: path.read_text(encoding="utf-8", errors="replace")
            for path in (self.folder / "feedback" / student / self.assignment).glob("*.html")
        }
        bodies = [text[text.find("<body") :] for text in html.values()]
        finding = Finding(points, possible, "\n".join(unescape(re.sub(r"<[^>]+>", "", text)) for text in bodies))
        if record:
            finding.state = record["state"]
            finding.said = " ".join([*record["reasons"], *record["repairs"], *record["flags"]])
        if extra:
            finding.problems.append(f"{extra:g} points of extra credit were written into the gradebook")
        if row.number == 47 and (
            when is None or abs(when - datetime.now(UTC).replace(tzinfo=None)) > timedelta(hours=3)
        ):
            finding.problems.append(f"the time of submission is {when}")
        if len(html) != len(row.names):
            finding.problems.append(f"{len(html)} pages of feedback, not {len(row.names)}")
        if any(SCRIPT.search(text) for text in bodies):
            finding.problems.append("feedback holds a script")
        if sum(map(len, html.values())) > 5_000_000 * len(row.names):
            finding.problems.append("feedback is huge")
        finding.problems += self.damage()
        return finding

    def damage(self):
        """What has become of the others, in sentences."""
        found = [f"something was executed: {path.name}" for path in self.folder.glob("trace-of-*")]
        if self.before:
            full = sum(cell.metadata.nbgrader.points for s in sources(self.assignment, self.names).values()
                       for cell in tests(s).values())  # fmt: skip
            got = sum(self.points(VICTIM)[0].values())
            if got != full:
                found.append(f"another student got {got} of {full}")
            if _hashes(self.folder / "submitted" / VICTIM) != self.before:
                found.append("another student's submission was written to")
        return found


def running(word):
    """Is there a process with this word in its command line?"""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False


def _hashes(folder):
    return {str(path): hashlib.sha256(path.read_bytes()).digest() for path in folder.rglob("*") if path.is_file()}
