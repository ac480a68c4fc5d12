"""Hostile, broken and noisy submissions, each of which must come out as it should: all are judged, some by nbgrader."""

import json
import socket
import threading
import time
from collections import defaultdict

import pytest

from nst.grading.judge import judge
from nst.grading.walls.sandbox import available
from nst.quiet import tf
from tests.support.submissions import LIMITS, NEURAL, Finding, all_rows, complaints, sources, write
from tests.support.submissions.classroom import VICTIM, Classroom, running

pytestmark = [pytest.mark.slow, pytest.mark.skipif(available() is not None, reason=str(available()))]

ROWS = all_rows()
#: These are about nbgrader's files, or about others in the class, and are handed in to one class together.
IN_CLASS = (13, 15, 16, 17, 18, 19, 33, 34, 47, 51)
ALONE = [number for number, row in ROWS.items() if row.alone and number not in IN_CLASS]
TOGETHER = [number for number, row in ROWS.items() if not row.alone]


def named(numbers):
    return [pytest.param(number, id=f"{number}: {ROWS[number].title}") for number in numbers]


def texts(value):
    """All texts in a notebook."""
    if isinstance(value, dict):
        return "\n".join(texts(item) for key, item in value.items() if key != "image/png")
    if isinstance(value, list):
        return "\n".join(map(texts, value))
    return value if isinstance(value, str) else ""


def finding_of(judgement, names):
    """What became of these notebooks of a judgement."""
    marks = [mark for mark in judgement.marks if mark.notebook in names]
    said = [*judgement.reasons, *judgement.repairs, *judgement.flags]
    return Finding(
        {mark.grade_id: mark.score for mark in marks},
        {mark.grade_id: mark.points for mark in marks},
        "\n".join(texts(judgement.notebooks[name]) for name in names),
        judgement.state,
        " ".join(said),
        judgement.seconds,
    )


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Row number -> Finding: rows that harm no sandbox are so many notebooks of one submission, for speed."""
    groups, findings = defaultdict(list), {}
    for number in TOGETHER:
        groups[json.dumps(ROWS[number].limits)].append(number)
    for limits, numbers in groups.items():
        folder, tests = tmp_path_factory.mktemp("together"), {}
        for number in numbers:
            row, name = ROWS[number], f"row-{number}"
            write(row.files(name=name), folder)
            tests[name] = sources(row.assignment, row.names)[row.names[0]]
        judgement = judge(folder, tests, LIMITS._replace(total_seconds=600, **json.loads(limits)))
        for number in numbers:
            finding = findings[number] = finding_of(judgement, [f"row-{number}"])
            finding.said = "\n".join(
                line for line in [*judgement.repairs, *judgement.flags] if line.startswith(f"row-{number}:")
            )
    return findings


@pytest.mark.parametrize("number", named(TOGETHER))
def test_a_submission_comes_out_as_it_should(together, number):
    assert complaints(ROWS[number], together[number]) == []


@pytest.mark.parametrize("number", named(ALONE))
def test_a_submission_that_harms_its_sandbox_comes_out_as_it_should(tmp_path, number):
    row = ROWS[number]
    with Listener() as listener:
        files = row.files(tmp_path / "outside", listener.port)
        write(files, tmp_path / "handed in")
        (tmp_path / "outside").mkdir()
        limits = LIMITS._replace(**row.limits)
        judgement = judge(tmp_path / "handed in", sources(row.assignment, row.names), limits)
    finding = finding_of(judgement, row.names)
    assert complaints(row, finding) == []
    assert len(finding.shown) < 1_000_000
    assert finding.seconds < limits.total_seconds + 60
    assert list((tmp_path / "outside").iterdir()) == []
    assert listener.heard == 0


def test_judging_again_gives_the_same(tmp_path):
    row = ROWS[50]
    write(row.files(), tmp_path)
    first, second = (judge(tmp_path, sources(row.assignment, row.names), LIMITS) for _ in range(2))
    assert first.score == second.score == (30, 30)
    assert (first.marks, first.evidence, first.notebooks) == (second.marks, second.evidence, second.notebooks)


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A class with these rows and somebody who has all right, graded by nbgrader's own commands."""
    classroom = Classroom(tmp_path_factory.mktemp("class"), NEURAL[0], NEURAL[1:], LIMITS._asdict())
    with Listener() as listener:
        for number in IN_CLASS:
            classroom.hand_in(f"row-{number}", ROWS[number].files(classroom.folder, listener.port))
        classroom.hand_in_victim(ROWS[16])
        _, classroom.log = classroom.grade()
    assert listener.heard == 0
    time.sleep(3)  # a daemon would write now
    return classroom


@pytest.mark.parametrize("number", named(IN_CLASS))
def test_a_submission_in_a_class_comes_out_as_it_should(classroom, number):
    path = classroom.folder / "judged" / f"row-{number}" / f"{classroom.assignment}.json"
    assert path.exists(), classroom.log
    record = json.loads(path.read_text(encoding="utf-8"))
    assert complaints(ROWS[number], classroom.finding(ROWS[number], f"row-{number}", record)) == []


def test_nothing_of_a_class_goes_on_running(classroom):
    assert classroom.damage() == []
    assert not running("nst-daemon")
    assert sum(classroom.points(VICTIM)[0].values()) == 10


def test_the_examiner_is_left_as_it_was(together):
    assert tf.executing_eagerly() and not tf.config.functions_run_eagerly()
    assert tf.keras.backend.floatx() == "float32"


class Listener:
    """Somebody who listens on this machine, and counts who calls."""

    def __enter__(self):
        self.heard = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def _listen(self):
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return
            self.heard += 1

    def __exit__(self, *exception):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
