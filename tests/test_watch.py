"""`nst watch`: what is handed in through nbgrader's exchange, or a folder, is judged and answered as it arrives."""

import html
import json
import os
import re
import shutil
import time
from datetime import UTC, datetime

import pytest
from nbformat import v4
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseFeedback

from nst.grading import watch
from nst.grading.arrivals import inbound
from nst.grading.arrivals.attempts import Allowance, Attempts
from tests.support.exchange import Student, open_exchange
from tests.support.tiny_course import stored_judge

SEEN, UNSEEN, PRINTED = "a - b is no sum", "the hidden seven", "what my cell printed"


@pytest.fixture
def watched(tiny, tmp_path, monkeypatch):
    """A TinyCourse with an exchange, in which the judge only looks at answers and writes below tests what it saw."""
    monkeypatch.setattr("nst.grading.judge.judge", _outspoken(tiny.judged))
    return _Watched(tiny, tmp_path)


@pytest.fixture
def tiny(tiny, judged):
    """The tiny course, which remembers whom the judge has judged."""
    tiny.judged = judged
    return tiny


def _outspoken(names):
    def judge(folder, *arguments):
        names.append(folder.parent.name)
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

    return judge


class _Watched:
    def __init__(self, course, folder):
        self.course, self.folder, self.root = course, folder, folder / "exchange"
        open_exchange(course, self.root)
        self.inbound = self.root / "nst" / "inbound"
        self.later, self.lines = 0, []

    def clock(self):
        return time.time() + self.later

    def student(self, name="ada"):
        return Student(name, self.course, self.root, self.folder / f"home of {len(list(self.folder.iterdir()))}")

    def begin(self, folder=None, hidden=False, **limits):
        """A watch as it is when it has just been started."""
        config = self.course.config()
        place = watch.place(config, [self.course.assignment], folder, self.clock)
        return watch.Watch(config, place, self._tell, Allowance(**limits), hidden, clock=self.clock)

    def _tell(self, arrival, state, details):
        self.lines.append((arrival.student if arrival else "", state, details))

    def work(self, it=None, **settings):
        """Let a watch, a new one by default, do all that there is to do. The lines that it told."""
        it, before = it or self.begin(**settings), len(self.lines)
        while it.step():
            pass
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
    assert watched.course.judged == ["ada"]
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
    assert sorted(line[1] for line in lines) == ["graded", "passed over"] and watched.course.judged == ["ada"]
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


@pytest.mark.parametrize(
    "name",
    ["..", ".", "", ".hidden", "a\nb", "\x1b[2J", os.fsdecode(b"\xff")],
)
def test_names_that_nobody_can_have_are_refused_with_a_sentence(watched, name):
    precious = watched.course.folder / watched.course.assignment / "precious"
    precious.mkdir(parents=True)
    _arrive(watched, f"{name}+tiny+{NOW}+random")
    bob = watched.student("bob")
    bob.hand_in()
    lines = watched.work()
    assert sorted(line[1] for line in lines) == ["graded", "refused"]
    assert "is not taken. " in lines[0][2] and precious.is_dir() and watched.course.judged == ["bob"]


@pytest.mark.parametrize("name", ["*", "[a-z]da", "?", "{0}", "a+b", "-rf", "Ada Lovelace", "%s", "é"])
def test_names_are_names_and_never_patterns(watched, name):
    ada = watched.student("ada")
    ada.hand_in(add=False)
    watched.work()
    before = ada.fetch()["one"]
    folder = _arrive(watched, f"{name}+tiny+{NOW}+random", files=())
    shutil.copytree(watched.course.folder / "notebooks" / "tiny", folder, dirs_exist_ok=True)
    folder.chmod(0o777)
    ((student, state, _),) = watched.work()
    assert (student, state) == (name, "graded")
    assert watched.course.scores()[name][0] == 0 and watched.course.scores()["ada"][0] == 5
    assert ada.fetch()["one"] == before


@pytest.mark.parametrize("time", ["yesterday", "", "2026-99-99", "/dev/zero"[1:].replace("/", " ")])
def test_a_name_without_a_time_is_refused(watched, time):
    _arrive(watched, f"ada+tiny+{time}")
    ((_, state, sentence),) = watched.work()
    assert state == "refused" and "tells no time" in sentence


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


@pytest.mark.parametrize("trick", [_link_to_a_file, _link_to_zeros, _link_to_a_folder, _pipe, _huge, _deep, _many])
def test_what_lies_in_a_submission_stops_nobody_and_brings_nothing_along(watched, trick):
    mallory, bob = watched.student("mallory"), watched.student("bob")
    trick(watched, mallory.hand_in())
    bob.hand_in()
    lines = watched.work()
    assert {(student, state) for student, state, _ in lines if state != "collected"} >= {("bob", "graded")}
    assert {student for student, state, _ in lines if state in ("graded", "partial")} == {"mallory", "bob"}
    assert score(bob.fetch()["one"]) == (2, 2)
    submitted = watched.course.submission("mallory")
    files = [path for path in submitted.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) <= 1000 and sum(path.stat().st_size for path in files) < 2**20
    assert not any("private" in path.read_text("utf-8", "replace") for path in files)
    assert all("private" not in page for page in mallory.fetch().values())


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
    for number in range(70):
        (restless / f"{number}.ipynb").touch()
        lines += watched.work(it)
        watched.later += 10
    assert [line[:2] for line in lines] == [("ada", "quarantined"), ("", "refused")]
    assert "has not stopped changing for 10 minutes" in lines[1][2]


def test_somebody_elses_submission_in_a_students_name_is_refused(watched, monkeypatch):
    _arrive(watched, f"nobody of this name+tiny+{NOW}+random")
    place = watch.place(watched.course.config(), ["tiny"])
    assert len(place.look()) == 1  # one account hands in for everybody, and watches
    forged = watch.place(watched.course.config(), ["tiny"])
    monkeypatch.setattr(inbound.os, "getuid", lambda: 12345)
    assert forged.look() == [] and "and belongs to" in forged.refusals[0]
    forged.check_owner = False
    assert len(forged.look()) == 1


def test_a_flood_of_one_student_waits_behind_the_others(watched):
    mallory = watched.student("mallory")
    for _ in range(30):
        mallory.hand_in()
    others = [watched.student(name) for name in ("ada", "bob", "eve")]
    it = watched.begin()
    it.step()
    for other in others:
        mallory.hand_in()
        other.hand_in()
    for _ in others:
        it.step()
    assert watched.course.judged[:4] == ["mallory", "ada", "bob", "eve"]
    watched.work(it)
    assert watched.course.judged == ["mallory", "ada", "bob", "eve", "mallory"]


def test_what_the_grader_fails_with_is_tried_again_and_stops_no_other(watched, monkeypatch):
    ada, bob = watched.student("ada"), watched.student("bob")
    ada.hand_in()
    bob.hand_in()

    from nst.grading import judge
    from nst.grading.faults import NotJudged

    sound = judge.judge

    def failing(folder, *arguments):
        if folder.parent.name == "ada":
            raise NotJudged("There is no memory left: free some, and grade again.")
        return sound(folder, *arguments)

    it = watched.begin()
    with monkeypatch.context() as patch:
        patch.setattr("nst.grading.judge.judge", failing)
        lines = watched.work(it)
        assert {line[:2] for line in lines} == {("ada", "not judged"), ("bob", "graded")}
        assert any("There is no memory left" in line[2] and "in 30 s" in line[2] for line in lines)
        watched.later = 31
        assert "in 60 s" in watched.work(it)[0][2]
    watched.later = 32
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


def test_a_course_is_watched_once(watched):
    records = watch.records(watched.course.config())
    taken = pytest.raises(watch.AlreadyWatchedError, match="Another `nst watch` is at work on this course")
    with watch.only_one(records), taken, watch.only_one(records):
        pass
    with watch.only_one(records):
        pass


def test_what_cannot_be_watched_is_said_in_a_sentence(watched, monkeypatch):
    import nst.commands.watch as command

    monkeypatch.setattr(command, "CHECKOUT", watched.course.folder)
    shutil.rmtree(watched.inbound)
    for arguments, words in (
        (["tiny"], "which cannot be read"),
        (["teeny"], "There is no assignment 'teeny'"),
        (["tiny", "--folder", "/nowhere"], "which cannot be read"),
    ):
        with pytest.raises(SystemExit, match=words):
            command.main(arguments)
