"""Grading on many machines: a real PostgreSQL, real workers' processes, and what is cut, killed or told twice."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from tests.support import postgres

pytest.importorskip("procrastinate", reason="the extra [queue] is not installed")
pytestmark = pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed")

import psycopg  # noqa: E402

from nst.grading.queue.outcome import as_bytes, from_bytes  # noqa: E402
from nst.grading.queue.pool import Again, Done, SetAside, Started  # noqa: E402
from nst.grading.queue.postgres import Database, QueueError, prepare  # noqa: E402
from tests.support import queues  # noqa: E402
from tests.support.stand_in_worker import outcome_of  # noqa: E402


@pytest.fixture(scope="module")
def server():
    with queues.server() as root:
        yield root


@pytest.fixture
def queue(server, request):
    made = queues.Queue(server, re.sub(r"\W", "", request.node.name)[:50].lower())
    yield made
    made.admin.close()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch):
    """Who has fallen silent is looked for five times a second."""
    monkeypatch.setattr("nst.grading.queue.postgres_pool.ROUND", 0.2)


@pytest.fixture
def workers(queue, tmp_path):
    """start(pool, …) starts a worker whose judge notes what it judges; they are ended at the end."""
    processes = []

    def start(pool, **settings):
        processes.append(queue.start(pool.queue, judged=tmp_path / "judged", **settings))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.join()


@pytest.fixture
def judged(tmp_path):
    """How often each parcel was judged."""
    return lambda: Counter((tmp_path / "judged").read_text().split()) if (tmp_path / "judged").exists() else Counter()


def until(condition, seconds=30):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def told(events):
    """Key -> what was in the outcome."""
    done = [event for event in events if isinstance(event, Done)]
    assert len({event.name for event in done}) == len(done), "told twice"
    return {event.name: from_bytes(event.outcome).flags[0].encode() for event in done}


def test_what_is_put_in_comes_out_and_a_second_time_without_a_worker(queue, workers, judged):
    jobs = queues.jobs_of(*(f"s{number}" for number in range(12)))
    with queue.pool() as pool:
        worker = workers(pool, jobs=2)
        assert told(pool.judge(jobs)) == jobs
        worker.kill()
        asked = iter([None, *list(jobs.items())[:5], None])  # as `nst watch` does, when nothing comes
        assert told(pool.judge(asked)) == dict(list(jobs.items())[:5])
    assert set(judged().values()) == {1}
    assert queue.rows("SELECT count(*) FROM nst_parcel WHERE data IS NOT NULL") == [(0,)]
    assert queue.rows("SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_judging_anew_forgets_what_was_told(queue, workers, judged):
    jobs = queues.jobs_of("a")
    for anew in (False, False, True):
        with queue.pool(anew=anew) as pool:
            workers(pool)
            assert told(pool.judge(jobs)) == jobs
    assert judged() == {"a": 2}


def test_who_grades_may_be_killed_and_finds_what_was_done_meanwhile(queue, workers, judged):
    jobs = queues.jobs_of(*(f"s{number}" for number in range(10)))
    with queue.pool() as pool:
        worker = workers(pool, seconds=0.05)
        for event in pool.judge(jobs):
            if isinstance(event, Done):
                break  # and nobody asks the queue any more
    until(lambda: sum(judged().values()) == 10)
    worker.terminate()
    worker.join()
    with queue.pool() as pool:
        assert told(pool.judge(jobs)) == jobs
    assert set(judged().values()) == {1}


def test_two_who_grade_the_same_have_it_judged_once(queue, workers, judged):
    jobs = queues.jobs_of("a", "b", "c")
    with queue.pool() as one, queue.pool() as other:
        first, second = one.judge(jobs), other.judge(jobs)
        workers(one, seconds=0.3)
        events = [next(first)], [next(second)]
        events[0].extend(first), events[1].extend(second)
    assert told(events[0]) == told(events[1]) == jobs
    assert judged() == {"a": 1, "b": 1, "c": 1}


def test_connections_that_are_cut_lose_nothing_and_double_nothing(queue, workers):
    jobs = queues.jobs_of(*(f"s{number}" for number in range(30)))
    with queue.pool() as pool:
        for _ in range(2):
            workers(pool, seconds=0.1, jobs=2)
        cut, events = 0, []
        for event in pool.judge(jobs):
            events.append(event)
            if isinstance(event, Done) and len(events) % 7 == 0:
                cut += queue.cut()
    assert told(events) == jobs
    assert cut > 10
    assert queue.rows("SELECT count(*) FROM nst_other_outcome") == [(0,)]


def test_a_killed_workers_job_is_given_to_another(queue, workers, judged):
    jobs = queues.jobs_of("a", "b")
    with queue.pool() as pool:
        first, events = workers(pool, seconds=60), []
        for event in pool.judge(jobs):
            events.append(event)
            if isinstance(event, Started) and first.is_alive():
                first.kill()
                first.join()
                workers(pool)
                ((number,),) = queue.rows("SELECT worker_id FROM procrastinate_jobs WHERE status = 'doing'")
                queue.let_time_pass(number)
    assert told(events) == jobs
    assert isinstance(events[0], Started) and first.exitcode == -signal.SIGKILL
    assert judged() == {"a": 1, "b": 1}


def test_what_kills_its_worker_twice_is_set_aside_until_the_next_run(queue, workers, judged):
    jobs = queues.jobs_of("kill", "a")
    with queue.pool() as pool:
        events, killed = [], set()
        running = [workers(pool)]
        for event in pool.judge(jobs):
            events.append(event)
            if isinstance(event, Started) and jobs[event.name] == b"kill":
                running[-1].join()
                ((number,),) = queue.rows("SELECT worker_id FROM procrastinate_jobs WHERE status = 'doing'")
                queue.let_time_pass(number)
                killed.add(number)
                running.append(workers(pool))
        assert len(killed) == 2
        (aside,) = [event for event in events if isinstance(event, SetAside)]
        assert jobs[aside.name] == b"kill" and "no sign of life" in aside.reason
        assert list(told(events).values()) == [b"a"]
        # As if what kills had been mended; in truth it would have another key.
        assert told(pool.judge({aside.name: b"good"})) == {aside.name: b"good"}


def test_a_machine_that_cannot_judge_ends_before_it_spoils_more(queue, workers, tmp_path):
    jobs = queues.jobs_of("fault", "fault2", "a")
    with queue.pool() as pool:
        worker, events = workers(pool, said=tmp_path / "said"), []
        for event in pool.judge(jobs):
            events.append(event)
            if isinstance(event, Again) and len([it for it in events if isinstance(it, Again)]) == 2:
                assert event.reason == "There are no walls here."
                worker.join()
                assert worker.exitcode == 1
                workers(pool)
    assert "This machine is not fit." in (tmp_path / "said").read_text()
    aside = {jobs[event.name]: event.reason for event in events if isinstance(event, SetAside)}
    assert aside == {b"fault": "There are no walls here.", b"fault2": "There are no walls here."}
    assert list(told(events).values()) == [b"a"]


def test_a_worker_that_is_asked_to_end_does_what_it_has_in_hand(queue, workers, judged, tmp_path):
    jobs = queues.jobs_of("a", "b")
    with queue.pool() as pool:
        worker, events = workers(pool, seconds=1, said=tmp_path / "said"), []
        for event in pool.judge(jobs):
            events.append(event)
            if isinstance(event, Started) and worker.is_alive():
                os.kill(worker.pid, signal.SIGTERM)
                worker.join()
                assert worker.exitcode == 0
                assert judged() == {"a": 1}
                workers(pool)
    assert told(events) == jobs
    assert "ends when what it has in hand is judged" in (tmp_path / "said").read_text()
    assert not any(isinstance(event, Again) for event in events)


def test_another_version_of_the_course_is_left_to_others(queue, workers, tmp_path, monkeypatch):
    monkeypatch.setattr("nst.grading.queue.postgres_pool.LONELY", 0.5)
    lonely, jobs = [], queues.jobs_of("a")

    def heard(words):
        return (tmp_path / "said").exists() and words in (tmp_path / "said").read_text()

    with queue.pool(tell=lonely.append) as pool:
        other = queue.start("another", said=tmp_path / "said")
        waits = threading.Thread(target=lambda: (until(lambda: heard("another version") and lonely), workers(pool)))
        waits.start()
        assert told(pool.judge(jobs)) == jobs
        waits.join()
        other.kill()
        other.join()
    assert len(lonely) == 1 and "No worker has taken anything" in lonely[0]


def test_of_two_outcomes_the_first_counts_and_the_second_is_told(queue):
    (key, other), parcels = queues.jobs_of("a", "b"), queues.jobs_of("a", "b")
    with Database(queue.url) as owner, Database(queue.worker) as worker:
        for it, parcel in parcels.items():
            owner.ask("INSERT INTO nst_parcel (key, data) VALUES (%s, %s)", it, parcel)

        def tell(it, outcome):
            return worker.ask("SELECT nst_tell_outcome(%s, %s, 'lab 7')", it, outcome)[0][0]

        first = outcome_of(b"a")
        assert [tell(key, first), tell(key, first)] == ["kept", "kept"]
        assert {tell(key, outcome_of(b"%d" % number)) for number in range(9)} == {"another is there"}
        with queue.pool() as pool:
            assert told(pool.judge({key: b"a"})) == {key: b"a"}  # what differs is a time or an output: no fault
            wrong = from_bytes(first)
            wrong.state = "partial"
            tell(other, as_bytes(wrong))
            tell(other, first)
            events, judging = [], pool.judge(parcels)
            with pytest.raises(QueueError, match="'lab lab 7' and 'lab lab 7' have judged one submission"):
                events.extend(judging)
            with pytest.raises(QueueError, match="in two ways"):
                for event in pool.judge(parcels):
                    events.append(event)
    assert [event.outcome for event in events if event.name == key] == [first, first]
    assert queue.rows("SELECT count(*) FROM nst_other_outcome WHERE key = %s", key) == [(4,)]


def test_an_outcome_that_is_none_is_no_mark(queue, workers):
    jobs = queues.jobs_of("nonsense", "a")
    with queue.pool() as pool:
        workers(pool)
        events = []
        with pytest.raises(QueueError, match=r"'lab .*' has told is no outcome"):
            for event in pool.judge(jobs):
                events.append(event)
        assert list(told(events).values()) == [b"a"]
        assert [jobs[event.name] for event in events if isinstance(event, SetAside)] == [b"nonsense"]
        (key,) = [key for key, parcel in jobs.items() if parcel == b"nonsense"]
        assert told(pool.judge({key: b"mended"})) == {key: b"mended"}


def test_a_worker_has_no_rights_but_to_take_and_to_tell(queue):
    (key,) = queues.jobs_of("a")
    queue.admin.execute("CREATE TABLE public.grade (score real)")
    queue.admin.execute("ALTER TABLE public.grade OWNER TO grader")
    with Database(queue.url) as owner, Database(queue.worker) as worker:
        owner.ask("INSERT INTO nst_parcel (key, data) VALUES (%s, 'a')", key)
        worker.ask("SELECT nst_tell_outcome(%s, 'first', '')", key)
        tables = queue.rows(
            "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE tableowner = 'grader'"
        )
        assert len(tables) > 8
        forbidden = [
            statement.format(table)
            for (table,) in tables
            for statement in ("SELECT * FROM {}", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES", "TRUNCATE {}")
        ]
        forbidden += [
            "UPDATE nst_outcome SET data = 'second'",
            "SELECT procrastinate_cancel_job_v1(1, true, true)",
            "SELECT procrastinate_defer_jobs_v1(NULL)",
            "CREATE TABLE nst_queue.mine ()",
            "CREATE TABLE public.mine ()",
            "CREATE FUNCTION nst_queue.now() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "ALTER FUNCTION nst_queue.nst_tell_outcome(text, bytea, text) SECURITY INVOKER",
            "SET ROLE grader",
        ]
        for statement in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                worker.ask(statement)
        # A table of its own that has the name of one of the queue's is not taken for it.
        worker.ask("CREATE TEMPORARY TABLE nst_outcome (key text, data bytea, worker text)")
        assert worker.ask("SELECT nst_tell_outcome(%s, 'second', '')", key) == [("another is there",)]
        with pytest.raises(psycopg.Error, match="violates foreign key"):
            worker.ask("SELECT nst_tell_outcome(%s, 'x', '')", "0" * 64)
    assert queue.rows("SELECT convert_from(data, 'utf8') FROM nst_outcome") == [("first",)]


def test_who_cannot_use_the_queue_is_told_why(server, queue):
    cases = {
        queue.stranger: "make it a member of nst_worker",
        queue.worker.replace("lab:lab", "lab:secret"): "password authentication failed",
        "postgresql://lab:secret@[127.0.0.1/x": "signs such as @ and /",
        "sqlite:///secret": "postgresql://user@host/database",
    }
    for url, words in cases.items():
        with pytest.raises(QueueError, match=re.escape(words)) as told_so:
            Database(url)
        assert "secret" not in str(told_so.value)
        assert str(told_so.value).count(". ") == 0 and str(told_so.value).endswith(".")
    empty = queues.Queue(server, "empty", ready=False)
    with pytest.raises(QueueError, match="not prepared yet: say `nst worker --prepare`"):
        Database(empty.url)
    with pytest.raises(QueueError, match="cannot be prepared"):
        prepare(empty.worker)
    empty.admin.close()
    prepare(queue.url)  # a second time changes nothing
    Database(queue.worker).close()
    queue.admin.execute("UPDATE nst_prepared SET by = 'procrastinate 2.0.0, format 1'")
    with pytest.raises(QueueError, match=r"prepared by procrastinate 2\.0\.0, .* `DROP SCHEMA nst_queue CASCADE`"):
        Database(queue.worker)


_COMMAND = """
import sys
from pathlib import Path
import nst.commands.worker, nst.course.release
nst.commands.worker.CHECKOUT = nst.course.release.CHECKOUT = Path(sys.argv[1])
nst.commands.worker.main(sys.argv[2:])
"""


def book_of(course):
    """Everything that the gradebook has of marks, as a list of rows."""
    with course.gradebook() as gradebook:
        return sorted(
            (submission.student.id, notebook.name, it.name, *(getattr(it, name, None) for name in _OF_A_MARK))
            for submission in gradebook.find_assignment(course.assignment).submissions
            for notebook in submission.notebooks
            for it in [*notebook.grades, *notebook.comments]
        )


_OF_A_MARK = ("auto_score", "manual_score", "extra_credit", "needs_manual_grade", "auto_comment", "manual_comment")


@pytest.mark.slow
def test_two_workers_one_killed_and_a_gradebook_in_postgresql_give_what_one_machine_gives(
    queue, released_tiny, tmp_path, monkeypatch, capsys
):
    from nst.commands import grade
    from tests.support import tiny_course

    here, there = released_tiny.copy(tmp_path / "here"), released_tiny.copy(tmp_path / "there")
    answers = {"ada": (True, True), "bo": (False, True), "cy": (None, "raise SystemExit"), "di": (True, "def double(")}
    answers |= {"ed": (True, True)}  # as ada's
    for course in (here, there):
        for student, (add, double) in answers.items():
            course.hand_in(student, add, double)
    here.grade(jobs=2)

    config = there.folder / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {queue.url!r}\n")
    where = tiny_course.gradebook_url
    monkeypatch.setattr(tiny_course, "gradebook_url", lambda at: queue.url if at == there.folder else where(at))
    (there.folder / "gradebook.db").unlink()
    there.release()
    monkeypatch.setenv("NST_QUEUE", queue.worker)
    processes = []

    def start():
        command = [sys.executable, "-c", _COMMAND, str(there.folder), "--jobs", "1"]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        until(lambda: queue.rows("SELECT count(*) FROM procrastinate_workers") == [(len(processes),)], 120)

    def kill_the_first():
        ((first,),) = queue.rows("SELECT min(id) FROM procrastinate_workers")
        has = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %s"
        until(lambda: queue.rows(has, first) == [(1,)], 60)
        processes[0].kill()
        assert queue.rows(has, first) == [(1,)], "it was quicker than its killer"
        queue.let_time_pass(first)

    try:
        start()
        start()
        killer = threading.Thread(target=kill_the_first)
        killer.start()
        monkeypatch.setenv("NST_QUEUE", queue.url)
        for module in ("nst.commands.grade", "nst.commands.report", "nst.course.release"):
            monkeypatch.setattr(f"{module}.CHECKOUT", there.folder)
        with pytest.raises(SystemExit) as ended:
            grade.main([there.assignment, "--queue"])
        killer.join()
        assert ended.value.code in (0, None), ended.value.code
        processes[1].terminate()
        assert processes[1].wait(60) == 0
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert processes[0].returncode == -signal.SIGKILL
    assert book_of(there) == book_of(here) and len(book_of(here)) == 5 * 6
    assert there.scores() == here.scores()
    assert not (there.folder / "gradebook.db").exists()
    assert "ada" in capsys.readouterr().out
    assert queue.rows("SELECT count(*) FROM nst_outcome") == [(4,)]
