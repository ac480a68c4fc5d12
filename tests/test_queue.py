"""Submissions judged beside each other: whoever is killed, nobody is lost or judged twice."""

import gc
import io
import logging
import os
import random
import re
import signal
import sqlite3
import sys
import threading
import time
import tracemalloc
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.converters.base import NbGraderException

from nst.commands.standings import Standings
from nst.course.release import gradebook_url, read_source
from nst.grading import gradebook
from nst.grading.autograde import JudgedAutograde
from nst.grading.judgement import Judgement, Mark
from nst.grading.queue import keeping
from nst.grading.queue.journal import Journal
from nst.grading.queue.parcel import pack
from nst.grading.queue.pool import Again, Done, Pool, SetAside, Started
from nst.grading.queue.run import JUDGED, KEPT, SHARED, Outcome, Run
from tests.support.stored import RIGHT, told_judge
from tests.support.tiny_course import ASSIGNMENT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the judge needs Linux")

JUDGE = "tests.support.stored:told_judge"


@pytest.fixture
def told(tmp_path, monkeypatch, root):
    """The folder of notes of `told_judge`, which other processes find, and which is asked in the place of the judge."""
    folder = tmp_path / "told"
    folder.mkdir()
    monkeypatch.setenv("NST_TOLD", str(folder))
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setattr(JudgedAutograde, "judge", JUDGE)
    monkeypatch.setattr(Pool, "probe", lambda *_: None)
    yield folder
    keeping.close_all()


@pytest.fixture
def course(released_tiny, tmp_path):
    return released_tiny.copy(tmp_path / "course")


def marked(text):
    """A right answer with a comment, which is another answer."""
    return f"{RIGHT['add']}  # {text}"


def parcels(course, **answers):
    """Student -> parcel."""
    scripts = sorted((course.folder / "answers" / ASSIGNMENT).glob("*.py"))
    sources = {script.stem: read_source(script) for script in scripts}
    return sources, {student: pack(course.hand_in(student, answer), sources) for student, answer in answers.items()}


def kinds(events, name):
    return [type(event) for event in events if event.name == name]


def test_who_kills_a_process_is_tried_once_more_alone_and_set_aside(course, told):
    answers = {name: marked(name) for name in "abcd"} | {"once": marked("kill once"), "ever": marked("kill")}
    answers["fault"] = marked("fault")
    sources, jobs = parcels(course, **answers)
    with Pool(2, sources, judge=JUDGE) as pool:
        running, alone = set(), {}
        events = []
        for event in pool.judge(jobs):
            events.append(event)
            running ^= {event.name}
            if isinstance(event, Started):
                alone[event.name] = len(running) == 1
            assert len(running) <= 2
        again = list(pool.judge({"e": jobs["a"]}))
    for name in "abcd":
        assert kinds(events, name) == [Started, Done]
    assert kinds(events, "once") == [Started, Again, Started, Done] and alone["once"]
    assert kinds(events, "ever") == [Started, Again, Started, SetAside] and alone["ever"]
    assert kinds(events, "fault") == [Started, SetAside]
    reasons = {event.name: event.reason for event in events if isinstance(event, SetAside)}
    assert reasons["fault"] == "This machine is out of order."
    assert reasons["ever"] == "The process that judged it has died twice, at last alone: signal 9."
    assert kinds(again, "e") == [Started, Done]


def test_no_more_is_taken_than_is_judged_and_nothing_is_left_behind(course, told, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sources, jobs = parcels(course, **{str(number): marked(str(number)) for number in range(8)})
    taken = []

    def one_by_one():
        for name, parcel in jobs.items():
            yield None
            taken.append(name)
            yield name, parcel

    done = 0
    with Pool(2, sources, judge=JUDGE) as pool:
        processes = []
        for event in pool.judge(one_by_one()):
            done += isinstance(event, Done)
            assert len(taken) - done <= 2
            processes = [lane.process.pid for lane in pool._lanes] or processes
            if done == 6:
                break
    assert not any(Path(f"/proc/{process}").exists() for process in processes)
    assert not list(tmp_path.glob("nst-judging-*"))


def test_a_process_that_cannot_start_is_the_machines_fault(course, told, monkeypatch):
    from nst.grading.faults import NotJudged

    sources, jobs = parcels(course, a=True)
    with Pool(1, sources, judge="no_such_module:judge") as pool, pytest.raises(NotJudged, match="ModuleNotFoundError"):
        list(pool.judge(jobs))


# A whole run


def grade(course, jobs=2, **settings):
    return course.grade(jobs=jobs, **settings)


def dump(course):
    """All that a run leaves: points, comments and flags of the gradebook, autograded/ and records, but for times."""
    with course.gradebook() as gradebook:
        found = {
            (submission.student.id, notebook.name, it.name): (
                getattr(it, "auto_score", None),
                getattr(it, "needs_manual_grade", None),
                getattr(it, "auto_comment", None),
            )
            for submission in gradebook.find_assignment(ASSIGNMENT).submissions
            for notebook in submission.notebooks
            for it in (*notebook.grades, *notebook.comments)
        }
    for folder in ("autograded", "judged"):
        for path in sorted((course.folder / folder).glob("*/*/*" if folder == "autograded" else "*/*.json")):
            found[str(path.relative_to(course.folder))] = path.read_text().replace(str(course.folder), "")
    return found


def test_a_class_is_judged_as_one_after_another_in_this_process(course, told, tmp_path, monkeypatch):
    for number in range(6):
        course.hand_in(f"s{number}", add=number % 2 == 0, double=None if number == 3 else number < 4)
    other = course.copy(tmp_path / "other")
    grade(course)
    asked = len(list(told.iterdir()))
    assert asked == 5, "those with the same answers are judged once"
    grade(course)
    assert len(list(told.iterdir())) == asked
    monkeypatch.setattr("nst.grading.judge.judge", told_judge)
    monkeypatch.setattr("nst.grading.probe.probe", lambda *_: None)
    grade(other, jobs=0)
    assert dump(course) == dump(other) and len(course.scores()) == 6
    told_before = len(list(told.iterdir()))
    grade(course, force=True)
    assert len(list(told.iterdir())) == told_before + asked
    assert kept(course) == []


def test_who_cannot_be_judged_is_named_and_the_others_have_their_marks(course, told, caplog):
    course.hand_in("ada")
    course.hand_in("bo", add=marked("kill"))
    course.hand_in("cy", add=marked("fault"))
    course.hand_in("di")
    with pytest.raises(NbGraderException, match=r"Not judged: 'bo' \(The process .* signal 9\), 'cy' \(This machine"):
        grade(course)
    assert {student: score for student, (score, *_) in course.scores().items()} == {"ada": 10, "di": 10}
    assert not (course.folder / "judged" / "bo").exists() and not (course.folder / "autograded" / "cy").exists()


def test_what_could_not_be_written_is_kept_and_nothing_else(course, told, monkeypatch):
    for student in ("ada", "bo", "cy"):
        course.hand_in(student, add=marked(student))
    write = gradebook.write_marks

    def refuse(book, assignment, student, *rest):
        if student == "bo":
            raise OSError(28, "No space left on device")
        return write(book, assignment, student, *rest)

    with monkeypatch.context() as full_disk:
        full_disk.setattr(gradebook, "write_marks", refuse)
        with pytest.raises(NbGraderException, match=r"Not judged: 'bo' \(This machine refused"):
            grade(course)
    assert len(kept(course)) == 1 and len(list(told.iterdir())) == 3
    grade(course)
    assert len(course.scores()) == 3 and kept(course) == [] and len(list(told.iterdir())) == 3


def kept(course):
    """The rows of the journal."""
    with closing(sqlite3.connect(course.folder / "judged" / ".journal.sqlite")) as journal:
        return journal.execute("SELECT key FROM outcome").fetchall()


def test_the_next_click_finds_the_process_of_the_last_one(course, told):
    def judged_by():
        return [note.name.partition("-")[2] for note in sorted(told.iterdir())]

    course.hand_in("ada")
    grade(course, student="ada")
    course.hand_in("ada", add=False)
    grade(course, student="ada")
    first, second = judged_by()
    assert first == second and course.scores()["ada"][0] == 5
    os.kill(int(first), signal.SIGKILL)
    course.hand_in("ada", double=False)
    grade(course, student="ada")
    course.edit("one", "# # one", "# # One")
    course.release()
    grade(course, student="ada", force=True)
    assert len(set(judged_by())) == 3, "another process where the last one was killed, and for another release"
    keeping.close_all()
    assert not any(Path(f"/proc/{process}").exists() for process in judged_by())


def test_an_interrupt_ends_calmly_and_keeps_what_is_done(course, told):
    course.hand_in("ada")
    course.hand_in("bo", add=marked("sleep"))
    seen = threading.Thread(target=lambda: interrupt_when(lambda: len(list(told.iterdir())) == 2))
    seen.start()
    with pytest.raises(KeyboardInterrupt):
        grade(course)
    seen.join()
    grade(course)
    assert {student: score for student, (score, *_) in course.scores().items()} == {"ada": 10, "bo": 5}
    assert sum("# sleep" in note.read_text() for note in told.iterdir()) == 2
    assert sum("# sleep" not in note.read_text() for note in told.iterdir()) == 1


def interrupt_when(true):
    while not true():
        time.sleep(0.05)
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGINT)


def test_a_journal_that_is_damaged_costs_time_only(course, told, caplog):
    course.hand_in("ada")
    (course.folder / "judged").mkdir()
    (course.folder / "judged" / ".journal.sqlite").write_bytes(b"no database" * 1000)
    grade(course)
    assert course.scores()["ada"][0] == 10
    assert "remove the file" in caplog.text


@pytest.mark.slow
def test_whoever_is_killed_at_whatever_moment_the_end_is_the_same(course, told, tmp_path):
    random.seed(20261128)
    answers = {f"s{number}": marked(number % 10) if number % 3 else number % 2 == 0 for number in range(18)}
    for student, answer in answers.items():
        course.hand_in(student, answer, double=student != "s4")
    whole = course.copy(tmp_path / "whole")
    grade(whole)
    times = len(list(told.iterdir()))
    kills = 0
    for who in ("coordinator", "all", "coordinator", "all", "worker", None):
        before = len(list(told.iterdir()))
        process = os.fork()
        if not process:
            os.setsid()
            logging.disable()
            try:
                grade(course)
            except BaseException:
                os._exit(1)
            os._exit(0)
        if who:
            kills += strike(process, who, told, before + random.randrange(3))
        _, status = os.waitpid(process, 0)
    assert status == 0 and kills >= 4
    assert dump(course) == dump(whole)
    judged = len(list(told.iterdir())) - times
    assert judged <= times + 2 * 6, "what was done is not done again, but for what was being judged when it was killed"
    assert not [process for process in processes() if "nst.grading.queue.apart" in process]


def strike(process, who, told, after):
    """Kill a process that grades, some of those that it has started, or all; was anybody there to be killed?"""
    while len(list(told.iterdir())) <= after:
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return False
        time.sleep(0.002)
    time.sleep(random.random() * 0.2)
    workers = [int(it) for it in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    random.shuffle(workers)
    for target in {"worker": workers[:1], "coordinator": [process], "all": [process, *workers]}[who]:
        with suppress(ProcessLookupError):
            os.kill(target, signal.SIGKILL)
    return True


def processes():
    """The command lines of this test's processes."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.environ["NST_TOLD"] in (folder / "environ").read_text(errors="replace"):
                yield (folder / "cmdline").read_text().replace("\0", " ")


def test_the_memory_of_who_writes_does_not_grow_with_the_class(course, told):
    sources, _ = parcels(course, a=True)
    folder, heard = course.submission("a"), []

    def submissions(number):
        for n in range(number):
            (folder / "long.ipynb").write_bytes(str(n).encode() * 2**18)
            yield str(n), pack(folder, sources)

    def peak(pool, number, release):
        tracemalloc.start()
        journal = Journal(course.folder / "journal", ASSIGNMENT)
        Run(pool, journal, release, "judge", heard.append).go(submissions(number))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    with Pool(2, sources, judge=JUDGE) as pool:
        peak(pool, 2, "zero")
        assert peak(pool, 30, "more") < peak(pool, 4, "few") + 2**19
    assert len([event for event in heard if isinstance(event, Outcome)]) == 36


def test_one_mark_after_another_leaves_little_behind(course):
    place = SimpleNamespace(db_url=gradebook_url(course.folder), course_id="nst")

    def write(marks):
        for _ in range(marks):
            with gradebook.transaction(place) as book:
                gradebook.write_marks(book, ASSIGNMENT, "ada", Judgement("graded", [], [], [], []), None)
        return len(gc.get_objects())

    write(3)
    gc.collect()
    gc.disable()  # which comes late, where there are many objects: until then nothing gives memory back
    try:
        few = write(0)
        assert write(10) - few < 10_000
    finally:
        gc.enable()


# What is told meanwhile


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize("stream", [Screen, io.StringIO])
def test_a_terminal_has_a_bar_and_a_file_plain_lines(stream):
    told = stream()
    standings = Standings(told)
    standings.begins(4, 2)
    for student, state, how in (("ada", "graded", JUDGED), ("b\x1b[2Jo", "partial", SHARED), ("cy", "graded", KEPT)):
        standings.started(student)
        standings.done(student, Judgement(state, [], [], [], [Mark("one", "add", 2.0, True, "", "")]), how)
    standings.failed("di", "This machine is\nout of order.")
    standings.ends("")
    standings.sum_up()
    lines = re.split("[\r\n]+", told.getvalue())
    assert "di: not judged. This machine is\\nout of order." in [line.strip().removeprefix("4/4 ") for line in lines]
    assert "b\\x1b[2Jo: partial, 2 of 2 points" in [line.strip().removeprefix("2/4 ") for line in lines]
    assert any(
        re.fullmatch(r"Submissions in this run: 4 in .* \(graded 2, not judged 1, partial 1\)\.", it) for it in lines
    )
    assert "Judged once with another that is the same: 1." in lines
    assert "Judged already by a run that was stopped: 1." in lines
    if stream is Screen:
        assert re.search(r"2 at a time, about [0-9?:]+ left", told.getvalue())
        assert "ada: graded" not in told.getvalue()
    else:
        assert "1/4 ada: graded, 2 of 2 points" in lines
        assert told.getvalue().replace("\n", "").isprintable()
