"""`nst watch`: what is handed in through nbgrader's exchange, or a folder, is judged and answered as it arrives."""

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from functools import partial

import pytest
from nbformat import v4
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseFeedback

from nst.commands import watch as command
from nst.grading import watch
from nst.grading.arrivals import inbound
from nst.grading.arrivals.attempts import Allowance, Attempts
from nst.grading.queue.apart import judge_parcel
from nst.grading.queue.pool import Done, SetAside, Started
from nst.grading.records import locked, watch_lock
from tests.support.exchange import Student, open_exchange
from tests.support.stored import RIGHT, stored_judge
from tests.support.tiny_course import TinyCourse, contents

SEEN, UNSEEN, PRINTED = "a - b is no sum", "the hidden seven", "what my cell printed"


@pytest.fixture
def watched(tiny, tmp_path, monkeypatch):
    """A TinyCourse with an exchange, in which the judge only looks at answers and writes below tests what it saw."""
    return _Watched(tiny, tmp_path)


def outspoken(folder, *arguments):
    """stored_judge, with something below each cell."""
    judgement = stored_judge(folder, *arguments)
    wrong = {mark.grade_id for mark in judgement.marks if not mark.passed}
    for notebook in judgement.notebooks.values():
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name in wrong:
                said = UNSEEN if name.startswith("hidden") else SEEN
                cell.outputs = [v4.new_output("error", ename="Not passed", evalue=said, traceback=[said])]
            elif cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade"):
                cell.outputs = [v4.new_output("stream", text=PRINTED)]
    return judgement


class Here:
    """In place of a Pool: judges in this process, and fails where a test wants it to."""

    def __init__(self, watched, jobs, sources, limits, unsafe, judge):
        self.watched, self.orders = watched, (sources, limits, unsafe)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def probe(self, expected):
        pass

    def why_cold(self):
        return ""

    def judge(self, jobs):
        for name, parcel in jobs:
            self.watched.judged.append(name)
            yield Started(name)
            self.watched.meanwhile()
            if name in self.watched.failing:
                yield SetAside(name, "There is no memory left: free some, and grade again.")
            else:
                yield Done(name, judge_parcel(parcel, *self.orders, outspoken))


class _Watched:
    def __init__(self, course, folder):
        self.course, self.folder, self.root = course, folder, folder / "exchange"
        open_exchange(course, self.root)
        self.inbound = self.root / "nst" / "inbound"
        self.later, self.lines, self.judged = 0, [], []
        self.failing, self.meanwhile = set(), lambda: None

    def clock(self):
        return time.time() + self.later

    def student(self, name="ada"):
        return Student(name, self.course, self.root, self.folder / f"home of {len(list(self.folder.iterdir()))}")

    def begin(self, folder=None, hidden=False, **limits):
        """A watch as it is when it has just been started."""
        config = self.course.config()
        place = watch.place(config, self.course.assignment, folder, self.clock)
        return watch.Watch(config, place, self._tell, Allowance(**limits), hidden, pool=partial(Here, self))

    def _tell(self, *line):
        self.lines.append(line)

    def work(self, it=None, **settings):
        """Let a watch, a new one by default, do all that there is to do. The lines that it told."""
        it, before = it or self.begin(**settings), len(self.lines)
        it.run(once=True)
        return self.lines[before:]


def words(page):
    """What a page says, without its style."""
    text = re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def score(page):
    """(points, possible) at the top of a page."""
    return tuple(map(float, re.search(r"\(Score: (\S+) / (\S+)\)", words(page)).groups()))


def test_a_wrong_answer_is_told_at_once_without_hidden_tests_and_a_right_one_after_it(watched):
    ada = watched.student()
    ada.hand_in(add=False, double=True)
    it = watched.begin()
    ((student, state, details),) = watched.work(it)
    assert (student, state) == ("ada", "graded") and details.startswith("5 of 10 ") and details.endswith("attempt 1")
    pages = ada.fetch()
    assert set(pages) == {"one", "two"} and score(pages["one"]) == (0, 2) and score(pages["two"]) == (2, 2)
    assert SEEN in pages["one"] and "return a - b" in words(pages["one"])
    for page in pages.values():
        for secret in (UNSEEN, PRINTED, "hidden_", "HIDDEN"):
            assert secret not in page
        assert "Your mark counts further tests too" in words(page)
    assert watched.course.scores()["ada"][0] == 5
    ada.hand_in()
    assert watched.work(it)[0][2].endswith("attempt 2")
    assert score(ada.fetch()["one"]) == (2, 2)
    assert watched.course.scores()["ada"][0] == 10


def test_whoever_shows_hidden_tests_gives_nbgraders_own_pages(watched):
    ada = watched.student()
    ada.hand_in(add=False)
    watched.work(hidden=True)
    page = ada.fetch()["one"]
    assert score(page) == (0, 5) and UNSEEN in page
    assert watched.course.feedback("ada") == {"one": (0, 5), "two": (5, 5)}


def test_the_full_pages_take_the_place_of_the_early_ones_and_stay(watched):
    ada = watched.student()
    ada.hand_in(add=False)
    watched.work()
    assert watched.course.make_feedback()["success"]
    config = watched.course.config()
    folder = CourseDirectory(config=config, assignment_id=watched.course.assignment)
    ExchangeReleaseFeedback(coursedir=folder, config=config).start()
    assert score(ada.fetch()["one"]) == (0, 5)
    # Another watch leaves them too, and so does one that knows nothing of the one before it.
    assert watched.work() == []
    shutil.rmtree(watched.course.folder / "judged")
    assert watched.work() == [] and score(ada.fetch()["one"]) == (0, 5)


def test_points_and_comments_by_hand_are_not_released_early(watched):
    ada = watched.student()
    ada.hand_in(add=False)
    watched.work()
    watched.course.grade_by_hand("ada", "test_add", 1.5, comment="See me.")
    ada.hand_in(add=False)
    watched.work()
    page = ada.fetch()["one"]
    assert score(page) == (0, 2) and "See me." not in page


def test_after_the_last_attempt_marks_go_on_and_feedback_says_why_it_does_not(watched):
    ada = watched.student()
    it = watched.begin(attempts=2)
    ada.hand_in(add=False)
    watched.work(it)
    assert "This was attempt 1 of 2." in words(ada.fetch()["one"])
    ada.hand_in(add=False)
    watched.work(it)
    assert "This was the last attempt with feedback, number 2." in words(ada.fetch()["one"])
    ada.hand_in()
    assert watched.work(it)[0][2].endswith("all attempts are made: no feedback")
    page = words(ada.fetch()["one"])
    assert "There is no feedback on it, since you have had feedback on 2 attempts, which are all." in page
    assert "Score" not in page and SEEN not in page
    assert watched.course.scores()["ada"][0] == 10


def test_between_two_attempts_a_submission_waits_and_its_page_says_until_when(watched):
    ada = watched.student()
    it = watched.begin(minutes=15)
    ada.hand_in(add=False)
    watched.work(it)
    assert "Feedback on another version comes after" in words(ada.fetch()["one"])
    (log,) = (watched.course.folder / "judged" / "ada").glob("*.attempts")
    (first,) = Attempts(log).given
    ada.hand_in()
    assert [line[1] for line in watched.work(it)] == ["waits"]
    until = datetime.fromtimestamp(first.replace(tzinfo=UTC).timestamp() + 15 * 60, UTC)
    assert f"Its feedback comes after {until:%Y-%m-%d %H:%M} UTC, since 15 minutes" in words(ada.fetch()["one"])
    assert watched.judged == ["ada"]
    # It is there for `nst grade` all the same, and is judged when the time has come, by another watch too.
    assert "return a + b" in (watched.course.submission("ada") / "one.ipynb").read_text("utf-8")
    watched.later = 14 * 60
    assert watched.work(it) == []
    watched.later = 15 * 60 + 1
    assert [line[1] for line in watched.work(minutes=15)] == ["graded"]
    assert score(ada.fetch()["one"]) == (2, 2)


def test_of_what_is_handed_in_at_once_the_last_is_judged_and_the_others_say_so(watched):
    ada = watched.student()
    ada.hand_in(add=False)
    (first,) = ada.list()
    assert not first["has_exchange_feedback"]
    ada.hand_in()
    lines = watched.work()
    assert sorted(line[1] for line in lines) == ["graded", "passed over"] and watched.judged == ["ada"]
    assert score(ada.fetch()["one"]) == (2, 2)
    assert [info["has_exchange_feedback"] for info in ada.list()] == [True, True]
    page = (ada.home / ada.assignment / "feedback" / first["timestamp"] / "one.html").read_text("utf-8")
    assert "you handed in a newer one" in words(page)
    assert watched.work() == []


@pytest.mark.parametrize("step", ["collect", "start", "note", "_release", "tell"])
def test_whatever_moment_a_watch_is_killed_at_the_next_one_goes_on_and_counts_once(watched, monkeypatch, step):
    class Killed(BaseException):
        pass

    def kill(*arguments, **settings):
        raise Killed

    ada = watched.student()
    ada.hand_in(add=False)
    where = {
        "collect": "nst.grading.arrivals.collecting.replacing.put",
        "start": "nst.grading.arrivals.publishing.EarlyFeedback.start",
        "note": "nst.grading.arrivals.attempts.os.fsync",
        "_release": "nst.grading.arrivals.publishing.Publishing._release",
        "tell": "nst.grading.watch.Watch._outcome",
    }
    with monkeypatch.context() as patch:
        patch.setattr(where[step], kill)
        with pytest.raises(Killed):
            watched.work()
    watched.work(attempts=2)
    assert score(ada.fetch()["one"]) == (0, 2)
    ada.hand_in()
    watched.work(attempts=2)
    assert "number 2" in words(ada.fetch()["one"]) and watched.course.scores()["ada"][0] == 10
    assert watched.work(attempts=2) == []


def test_a_line_that_was_being_written_when_the_power_went_costs_no_other(tmp_path):
    path = tmp_path / "log"
    now = datetime(2026, 11, 1, 12)
    Attempts(path).note("first", "feedback", now)
    with path.open("ab") as file:
        file.write(json.dumps({"arrival": "second", "state": "feedback"}).encode()[:-9])
    log = Attempts(path)
    assert log.given == [now] and log.number("second") == 2
    log.note("second", "feedback", now)
    assert Attempts(path).given == [now, now]


def _arrive(watched, name, files=("one.ipynb",), secret="5" * 128):
    """Write a folder into the exchange by hand."""
    folder = watched.inbound / name
    folder.mkdir()
    for file in files:
        (folder / file).write_text("{}")
    (folder / "timestamp.txt").write_text(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC")
    if secret:
        (folder / "submission_secret.txt").write_text(secret)
    folder.chmod(0o777)
    return folder


NOW = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def test_names_that_nobody_can_have_are_refused_with_a_sentence(watched):
    precious = watched.course.folder / watched.course.assignment / "precious"
    precious.mkdir(parents=True)
    names = ["..", ".", "", ".hidden", "a\nb", "\x1b[2J", os.fsdecode(b"\xff")]
    for name in names:
        _arrive(watched, f"{name}+tiny+{NOW}+random")
    watched.student("bob").hand_in()
    lines = watched.work()
    refused = [details for _, state, details in lines if state == "refused"]
    assert len(refused) == len(names) and all(" is not taken. " in details for details in refused)
    assert precious.is_dir() and watched.judged == ["bob"]


def test_names_are_names_and_never_patterns(watched):
    ada = watched.student("ada")
    ada.hand_in(add=False)
    watched.work()
    pages = watched.course.folder / "early_feedback" / "ada"
    before = ada.fetch(), contents(pages)
    names = {"*", "[a-z]da", "?", "{0}", "a+b", "-rf", "Ada Lovelace", "%s", "é"}
    for number, name in enumerate(names):
        folder = _arrive(watched, f"{name}+tiny+{NOW}+random", files=(), secret=f"{number}" * 128)
        shutil.copytree(watched.course.folder / "notebooks" / "tiny", folder, dirs_exist_ok=True)
        folder.chmod(0o777)
    lines = watched.work()
    assert {line[:2] for line in lines} == {(name, "graded") for name in names}
    assert {student: score for student, (score, _, _) in watched.course.scores().items()} == dict.fromkeys(names, 0) | {
        "ada": 5
    }
    assert (ada.fetch(), contents(pages)) == before


def test_a_name_without_a_time_is_refused(watched):
    times = ("yesterday", "", "2026-99-99", "dev zero zero")
    for said in times:
        _arrive(watched, f"ada+tiny+{said}")
    lines = watched.work()
    assert len(lines) == len(times) and all(state == "refused" and "tells no time" in it for _, state, it in lines)


def _link_to_a_file(watched, folder):
    (watched.folder / "private.ipynb").write_text("private")
    (folder / "one.ipynb").unlink()
    (folder / "one.ipynb").symlink_to(watched.folder / "private.ipynb")


def _link_to_zeros(watched, folder):
    (folder / "endless.bin").symlink_to("/dev/zero")


def _link_to_a_folder(watched, folder):
    (folder / "folder").symlink_to(watched.course.folder)


def _pipe(watched, folder):
    os.mkfifo(folder / "pipe.ipynb")


def _huge(watched, folder):
    with (folder / "huge.bin").open("wb") as file:
        file.truncate(2**40)


def _deep(watched, folder):
    for _ in range(50):
        folder /= "deeper"
        folder.mkdir()


def _many(watched, folder):
    for number in range(1500):
        (folder / f"{number}.bin").touch()


def test_what_lies_in_a_submission_stops_nobody_and_brings_nothing_along(watched):
    tricks = (_link_to_a_file, _link_to_zeros, _link_to_a_folder, _pipe, _huge, _deep, _many)
    for trick in tricks:
        trick(watched, watched.student(trick.__name__).hand_in())
    bob = watched.student("bob")
    bob.hand_in()
    lines = [line for line in watched.work() if line[1] != "collected"]
    assert {line[:2] for line in lines} == {
        (trick.__name__, "partial" if trick is _link_to_a_file else "graded") for trick in tricks
    } | {("bob", "graded")}
    assert score(bob.fetch()["one"]) == (2, 2)
    for trick in tricks:
        folder = watched.course.submission(trick.__name__)
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        assert len(files) <= 1000 and sum(path.stat().st_size for path in files) < 2**20
        assert not any("private" in path.read_text("utf-8", "replace") for path in files)
    made = (watched.course.folder / "early_feedback" / "_link_to_a_file" / "tiny").glob("*.html")
    assert not any("private" in page.read_text("utf-8") for page in made)


def test_a_folder_that_is_a_link_or_a_file_is_refused(watched):
    (watched.inbound / f"ada+tiny+{NOW}+1").symlink_to(watched.course.folder)
    (watched.inbound / f"bob+tiny+{NOW}+1").write_text("")
    assert sorted(line[2] for line in watched.work()) == [
        f"'ada+tiny+{NOW}+1' is not taken. It is no folder.",
        f"'bob+tiny+{NOW}+1' is not taken. It is no folder.",
    ]


def test_a_half_copied_submission_is_taken_when_it_is_whole(watched):
    folder = _arrive(watched, f"ada+tiny+{NOW}+random", secret=None)
    folder.chmod(0o755)
    it = watched.begin()
    assert watched.work(it) == []
    shutil.copytree(watched.course.folder / "notebooks" / "tiny", folder, dirs_exist_ok=True)
    watched.later += 59
    assert watched.work(it) == []
    (folder / "submission_secret.txt").write_text("5" * 128)
    watched.later += 59
    assert watched.work(it) == []
    watched.later += 3  # as nobody opened the folder: a file system may have no such rights
    assert [line[:2] for line in watched.work(it)] == [("ada", "graded")]


def test_one_that_was_cut_off_is_judged_as_it_is_and_one_that_never_rests_is_told(watched):
    _arrive(watched, f"ada+tiny+{NOW}+random", files=(), secret=None)
    restless = _arrive(watched, f"bob+tiny+{NOW}+random", secret=None)
    it = watched.begin()
    lines = []
    for number in range(8):
        (restless / f"{number}.ipynb").touch()
        lines += watched.work(it)
        watched.later += 100
    assert [line[:2] for line in lines] == [("ada", "quarantined"), ("", "refused")]
    assert "has not stopped changing for 10 minutes" in lines[1][2]


def test_somebody_elses_submission_in_a_students_name_is_refused(watched, monkeypatch):
    _arrive(watched, f"nobody of this name+tiny+{NOW}+random")
    place = watch.place(watched.course.config(), "tiny")
    assert len(place.look()) == 1  # one account hands in for everybody, and watches
    forged = watch.place(watched.course.config(), "tiny")
    monkeypatch.setattr(inbound.os, "getuid", lambda: 12345)
    assert forged.look() == [] and "and belongs to" in forged.refusals[0]
    forged.check_owner = False
    assert len(forged.look()) == 1


def test_a_flood_of_one_student_waits_behind_the_others(watched):
    mallory, *others = [watched.student(name) for name in ("mallory", "ada", "bob", "eve")]
    for _ in range(30):
        mallory.hand_in()

    def hand_in_once():
        watched.meanwhile = lambda: None
        for student in (mallory, *others):
            student.hand_in()

    watched.meanwhile = hand_in_once
    lines = watched.work()
    served = [student for student, state, _ in lines if state == "graded"]
    assert served[0] == served[-1] == "mallory" and sorted(served[1:-1]) == ["ada", "bob", "eve"]
    assert sum(state == "passed over" for _, state, _ in lines) == 29


def test_what_the_grader_fails_with_is_tried_again_and_stops_no_other(watched):
    ada, bob = watched.student("ada"), watched.student("bob")
    ada.hand_in()
    bob.hand_in()
    it = watched.begin()
    watched.failing = {"ada"}
    lines = watched.work(it)
    assert {line[:2] for line in lines} == {("ada", "not judged"), ("bob", "graded")}
    assert any("There is no memory left" in line[2] and "in 30 s" in line[2] for line in lines)
    watched.later = 31
    assert "in 60 s" in watched.work(it)[0][2]
    watched.failing, watched.later = set(), 32
    assert watched.work(it) == [] and ada.fetch() == {}
    watched.later = 95
    assert [line[:2] for line in watched.work(it)] == [("ada", "graded")]


def test_an_exchange_that_cannot_be_written_to_costs_no_attempt(watched, monkeypatch):
    ada = watched.student()
    ada.hand_in()
    (watched.root / "nst" / "feedback").mkdir(exist_ok=True)
    it = watched.begin(attempts=1)
    with monkeypatch.context() as patch:
        patch.setattr("nbgrader.exchange.default.exchange.self_owned", lambda path: False)
        assert "You don't own the directory" in watched.work(it)[0][2]
    watched.later = 31
    watched.work(it)
    assert score(ada.fetch()["one"]) == (2, 2)


@pytest.mark.parametrize("where", ["submitted", "drop"])
def test_any_folder_can_be_watched(watched, where):
    folder = watched.course.folder / "submitted" if where == "submitted" else watched.folder / "drop"
    folder.mkdir(exist_ok=True)

    def hand_in(**answers):
        made = watched.course.hand_in("ada", **answers)
        if where == "drop":
            shutil.rmtree(folder / "ada", ignore_errors=True)
            shutil.copytree(made.parent, folder / "ada")
            shutil.rmtree(made.parent)

    def page():
        return (watched.course.folder / "early_feedback" / "ada" / "tiny" / "one.html").read_text("utf-8")

    it = watched.begin(folder, attempts=2)
    hand_in(add=False)
    assert watched.work(it) == []  # it may still be written
    watched.later += 6
    assert [line[:2] for line in watched.work(it)] == [("ada", "graded")] and score(page()) == (0, 2)
    hand_in()
    assert watched.work(it) == []
    watched.later += 6
    assert watched.work(it)[0][2].endswith("attempt 2") and score(page()) == (2, 2)
    # The same as before, again: it counts as what was handed in last, and as no attempt more.
    hand_in(add=False)
    watched.work(it)
    watched.later += 6
    assert watched.work(it)[0][2].endswith("attempt 1") and watched.course.scores()["ada"][0] == 5
    restarted = watched.begin(folder, attempts=2)
    watched.work(restarted)
    watched.later += 6
    assert watched.work(restarted) == []


def test_an_assignment_is_watched_once(watched, monkeypatch):
    monkeypatch.setattr(command, "CHECKOUT", watched.course.folder)
    course = CourseDirectory(config=watched.course.config())
    said = pytest.raises(SystemExit, match="Another `nst watch` is at work on tiny")
    with locked(watch_lock(course, "tiny")), said:
        command.main(["tiny"])


def test_what_cannot_be_watched_is_said_in_a_sentence(watched, monkeypatch):
    monkeypatch.setattr(command, "CHECKOUT", watched.course.folder)
    shutil.rmtree(watched.inbound)
    for arguments, words in (
        (["tiny"], "which cannot be read"),
        (["teeny"], "There is no assignment 'teeny'"),
        (["tiny", "--folder", "/nowhere"], "which cannot be read"),
    ):
        with pytest.raises(SystemExit, match=words):
            command.main(arguments)


def test_whoever_is_asked_to_end_finishes_what_is_in_hand_and_begins_nothing(watched):
    ada, bob = watched.student("ada"), watched.student("bob")
    ada.hand_in()
    it = watched.begin()
    watched.meanwhile = lambda: (bob.hand_in(), it.stop())
    assert [line[:2] for line in watched.work(it)] == [("ada", "graded")] and set(ada.fetch()) == {"one", "two"}
    watched.meanwhile = lambda: None
    assert [line[:2] for line in watched.work()] == [("bob", "graded")]


def test_what_is_handed_in_while_it_is_judged_never_gets_the_mark_of_the_other(watched):
    ada = watched.student("ada")
    ada.hand_in(add=False)
    it = watched.begin()

    def collect_another():
        watched.meanwhile = lambda: None
        watched.course.hand_in("ada")  # as `nbgrader collect` would, or somebody's hand

    watched.meanwhile = collect_another
    lines = watched.work(it)
    assert [line[1] for line in lines] == ["not judged"] and "Something else was handed in" in lines[0][2]
    assert "ada" not in watched.course.scores()


GRAM = """import tensorflow as tf
def gram_matrix(A):
    return tf.matmul(A, A, transpose_{side}=True)"""


@pytest.mark.slow
def test_the_command_names_a_misunderstanding_within_seconds_and_ends_calmly(tmp_path):
    """Nothing stands in for anything here: the command, the sandbox, the exchange and a check of the course."""
    (tmp_path / "course").mkdir()
    course = TinyCourse(tmp_path / "course", settings="c.JudgedAutograde.jobs = 1")
    course.edit("one", RIGHT["add"], GRAM.format(side="b"))
    course.edit(
        "one", "assert add(2, 3) == 5", "from nst.checks.neural_style_transfer import check\ncheck(gram_matrix)"
    )
    course.release()
    watched = _Watched(course, tmp_path)
    ada = watched.student("ada")
    program = f"""
        from pathlib import Path
        from nst.commands import watch
        watch.CHECKOUT = Path({str(course.folder)!r})
        watch.main(["tiny", "--attempts", "2"])
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], **pipes) as process:
        try:
            assert process.stdout.readline().startswith("Watching ")
            ada.hand_in(add=GRAM.format(side="a"))
            assert re.search(r"ada +graded +5 of 10  [0-9.]+ s  attempt 1\n", process.stdout.readline())
            page = ada.fetch()["one"]
            assert score(page) == (0, 2) and "positions compared, not channels" in words(page)
            assert "test_add" in page and "hidden_add" not in page
            ada.hand_in(add=GRAM.format(side="b"))
            assert re.search(r"ada +graded +10 of 10", process.stdout.readline())
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
            process.wait()
        finally:
            process.kill()
    assert process.returncode == 0, rest
    assert "Ending after the submission in hand" in rest and rest.endswith("waits for the next `nst watch`.\n")
    assert score(ada.fetch()["one"]) == (2, 2)
