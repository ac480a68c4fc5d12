"""Hostile, broken and noisy submissions, each of which must come out as it should: all are judged, some by nbgrader."""

import json
import random
import socket
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from nst.grading.judge import judge
from nst.grading.walls import warm
from nst.grading.walls.sandbox import available
from nst.quiet import tf
from tests.support.submissions import LIMITS, NEURAL, Finding, all_rows, complaints, sources, write
from tests.support.submissions.classroom import VICTIM, Classroom, running

pytestmark = [pytest.mark.slow, pytest.mark.skipif(available() is not None, reason=str(available()))]

ROWS = all_rows()
#: These are about nbgrader's files, or about others in the class, and are handed in to one class together.
IN_CLASS = (13, 15, 16, 17, 18, 19, 33, 34, 47, 51)


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
def judged_side_by_side(tmp_path_factory):
    """Row number -> (Finding, what it did outside): all rows, two at a time, in random order, from one warm process.

    So those who harm what they can have innocent ones beside them.
    """
    numbers = [number for number in ROWS if number not in IN_CLASS]
    random.Random(18).shuffle(numbers)
    folders = [tmp_path_factory.mktemp(f"row-{number}") for number in numbers]
    with warm.serve() as address, _workers(address) as workers:
        found = dict(zip(numbers, workers.map(judge_row, numbers, folders), strict=True))
        assert warm.why_cold() is None
    return found


def _workers(address):
    """Two processes that judge. Not forked: this one has TensorFlow in it."""
    return ProcessPoolExecutor(2, get_context("spawn"), initializer=warm.use, initargs=[address])


def judge_row(number, folder):
    """Judge a row; (Finding, what it did outside of its sandbox: files left, calls, settings changed)."""
    row, outside = ROWS[number], folder / "outside"
    with Listener() as listener:
        write(row.files(outside, listener.port), folder / "handed in")
        outside.mkdir()
        judgement = judge(folder / "handed in", sources(row.assignment, row.names), LIMITS._replace(**row.limits))
    settings = tf.executing_eagerly(), tf.config.functions_run_eagerly(), tf.keras.backend.floatx()
    changed = [] if settings == (True, False, "float32") else [settings]
    return finding_of(judgement, row.names), [*outside.iterdir(), *["a call"] * listener.heard, *changed]


@pytest.mark.parametrize("number", named(number for number in ROWS if number not in IN_CLASS))
def test_a_submission_comes_out_as_it_should_whatever_is_beside_it(judged_side_by_side, number):
    finding, outside = judged_side_by_side[number]
    assert complaints(ROWS[number], finding) == []
    assert len(finding.shown) < 1_000_000
    assert finding.seconds < LIMITS._replace(**ROWS[number].limits).total_seconds + 60
    assert outside == []


#: An endless loop, one that kills its parent, one that crashes its process, and the right answers.
@pytest.mark.parametrize("number", named((20, 22, 50)))
def test_a_submission_comes_out_the_same_in_a_cold_sandbox(tmp_path, monkeypatch, number):
    monkeypatch.setattr(warm, "call", lambda: None)
    finding, outside = judge_row(number, tmp_path)
    assert (complaints(ROWS[number], finding), outside) == ([], [])


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
