"""The exercises of an assignment: which tests and which answer belong together, and what was asked.

All this stands in the source notebooks. A test belongs to the answer above it, and tests that are called alike, as
`test_gram_matrix` and `hidden_gram_matrix`, are of one exercise.
"""

import re
from typing import NamedTuple

from nst.grading.evidence import tests_of

#: How a paragraph begins that says what is to be computed; the next that begins so says of which shapes.
_ASKED, _SHAPES = re.compile(r"\*\*The (?!shapes)\w"), "**The shapes"


class Task(NamedTuple):
    """An exercise. tests: grade_ids, the visible ones first. answer: the grade_id of its cell, "" where nobody knows.

    asked: the formula, rule or recipe in the notebook, in Markdown; "" where there is none.
    """

    notebook: str
    name: str
    tests: tuple[str, ...]
    answer: str = ""
    asked: str = ""

    @property
    def key(self):
        """What tells it from all others of an assignment."""
        return f"{self.notebook}/{self.name}"


def tasks_of(sources):
    """The Tasks in a dict of source notebooks, as they stand there."""
    graded, found = tests_of(sources), {}
    for notebook, source in sorted(sources.items()):
        answer, asked, text = "", "", ""
        for cell in source.cells:
            settings = cell.metadata.get("nbgrader", {})
            grade_id = settings.get("grade_id", "")
            if cell.cell_type == "markdown":
                text = _asked(cell.source) or text
            elif settings.get("solution"):
                answer, asked, text = grade_id, text, ""
            elif (notebook, grade_id) in graded:
                _add(found, Task(notebook, name_of(grade_id), (grade_id,), answer, asked))
    return list(found.values())


def tasks_in(records):
    """The Tasks that records speak of, where there are no sources."""
    found = {}
    for record in records:
        for finding in record.findings:
            _add(found, Task(finding.notebook, name_of(finding.grade_id), (finding.grade_id,)))
    return [found[key] for key in sorted(found)]


def name_of(grade_id):
    """`gram_matrix` of `test_gram_matrix` and `hidden_gram_matrix`, as the report has it."""
    return grade_id.partition("_")[2] or grade_id


def _add(found, task):
    before = found.setdefault((task.notebook, task.name), task)
    if before is not task and task.tests[0] not in before.tests:
        found[task.notebook, task.name] = before._replace(tests=before.tests + task.tests)


def _asked(text):
    """The paragraphs of a cell from the one that says what is to be computed to the one about shapes."""
    found = []
    for paragraph in text.split("\n\n"):
        if paragraph.startswith(_SHAPES):
            break
        if found or _ASKED.match(paragraph):
            found.append(paragraph)
    return "\n\n".join(found)
