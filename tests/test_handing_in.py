"""timestamp.txt may be anything: no run, no page and no other student suffers from it."""

import json
import os
import socket
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.lab import start_lab
from tests.support.tiny_course import ASSIGNMENT

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
EARLIER = NOW - timedelta(hours=5)


def _socket(path):
    with socket.socket(socket.AF_UNIX) as it:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's path is short
        try:
            it.bind(path.name)
        finally:
            os.chdir(here)


def _unreadable(path):
    path.write_text("yesterday")
    path.chmod(0)


NO_TIME = {
    "yesterday": b"yesterday",
    "UTF-16": f"{NOW} UTC".encode("utf-16"),
    "UTF-16 without a mark": f"{NOW} UTC".encode("utf-16-le"),
    "empty": b"",
    "white": b" \n\t ",
    "a megabyte": b"2" * 2**20,
    "padded": f"{NOW} UTC".encode() + b" " * 300,
    "year 0": b"0000-01-01 00:00:00 UTC",
    "year 99999": b"99999-01-01 00:00:00 UTC",
    "year 1": b"0001-01-01 00:00:00 +2300",
    "the future": f"{NOW + timedelta(days=1)} UTC".encode(),
    "long ago": f"{NOW - timedelta(days=100)} UTC".encode(),
    "NUL": f"{NOW}".encode() + b"\0 UTC",
    "not UTF-8": b"\xff\xfe\xfd",
    "two lines": f"{NOW} UTC\n{NOW} UTC".encode(),
    "a huge offset": f"{NOW} 99999999999999999999".encode(),
    "a file for a time zone": f"{NOW} /dev/zero".encode(),
    "a file beside the time zones": f"{NOW} ../../../etc/passwd".encode(),
    "pipe": os.mkfifo,
    "socket": _socket,
    "folder": lambda path: path.mkdir(),
    "link to an endless device": lambda path: path.symlink_to("/dev/zero"),
    "link to a folder": lambda path: path.symlink_to("/etc"),
    "link to a file": lambda path: path.symlink_to("/etc/hostname"),
    "link to itself": lambda path: path.symlink_to("timestamp.txt"),
    "unreadable": _unreadable,
}


def test_no_timestamp_hangs_or_ends_anything_in_any_run(tiny, judged):
    tiny.due(NOW + timedelta(hours=1))
    for kind, made in NO_TIME.items():
        path = tiny.hand_in(kind) / "timestamp.txt"
        path.write_bytes(made) if isinstance(made, bytes) else made(path)
    for run in range(3):
        tiny.grade()
        for kind in ("pipe", "link to an endless device", "year 0"):
            assert tiny.make_feedback(kind)["success"]
        api = tiny.api()
        listed = api.get_submissions(ASSIGNMENT)
        assert {it["student"]: (it["autograded"], it["score"]) for it in listed} == dict.fromkeys(NO_TIME, (True, 10))
        assert api.get_submission(ASSIGNMENT, "pipe")["score"] == 10
        assert len(api.get_students()) == len(NO_TIME) and len(api.get_student_submissions("socket")) == 1
        assert sorted(judged) == sorted(NO_TIME), f"run {run}"
    exported = tiny.export()
    for kind in NO_TIME:
        assert abs(datetime.fromisoformat(exported[kind]["timestamp"]) - NOW) < timedelta(hours=1)
        record = (tiny.folder / "judged" / kind / f"{ASSIGNMENT}.json").read_text()
        assert "timestamp.txt says something impossible" in record, kind
        folder = tiny.submission(kind)
        assert api.coursedir.get_existing_timestamp(str(folder)) is None or kind in ("the future", "long ago")
    (tiny.submission("unreadable") / "timestamp.txt").chmod(0o644)


@pytest.mark.parametrize(
    "said, meant",
    [
        ("\ufeff{:%Y-%m-%d %H:%M:%S} UTC", 0),
        ("{:%Y-%m-%d %H:%M:%S.%f} UTC\r\n", 0),
        ("{:%Y-%m-%dT%H:%M:%S}Z", 0),
        ("{:%Y-%m-%d %H:%M:%S}", 0),
        ("{:%Y-%m-%d %H:%M:%S} +0100", 1),
        ("{:%Y-%m-%d %H:%M:%S} +01:00", 1),
        ("{:%Y-%m-%dT%H:%M:%S}+01:00", 1),
        ("{:%Y-%m-%d %H:%M:%S} Etc/GMT-1", 1),
    ],
)
def test_a_good_time_is_believed_however_it_is_written(tiny, said, meant):
    tiny.hand_in("ada", said=said.format(EARLIER).encode())
    tiny.grade()
    assert tiny.export()["ada"]["timestamp"] == str(EARLIER - timedelta(hours=meant))
    assert "impossible" not in (tiny.folder / "judged" / "ada" / f"{ASSIGNMENT}.json").read_text()


def test_a_file_that_vanishes_meanwhile_is_no_trouble(tiny, monkeypatch):
    folder = tiny.hand_in("ada", when=EARLIER)
    opened = os.open

    def gone(path, *arguments, **options):
        if str(path).endswith("timestamp.txt") and folder.joinpath("timestamp.txt").exists():
            folder.joinpath("timestamp.txt").unlink()
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", gone)
    tiny.grade()
    assert tiny.scores()["ada"][0] == 10


def test_nonsense_twice_does_not_buy_the_time_of_the_first(tiny):
    tiny.hand_in("ada", add=False, said=b"yesterday")
    tiny.grade()
    first = tiny.export()["ada"]["timestamp"]
    tiny.hand_in("ada", said=b"yesterday")
    tiny.grade()
    assert tiny.export()["ada"]["timestamp"] > first


@pytest.mark.slow
def test_the_formgrader_answers_whatever_lies_there(tiny):
    for kind in ("yesterday", "UTF-16", "pipe", "link to an endless device", "folder"):
        path = tiny.hand_in(kind) / "timestamp.txt"
        path.write_bytes(NO_TIME[kind]) if isinstance(NO_TIME[kind], bytes) else NO_TIME[kind](path)
    tiny.grade()
    tiny.make_feedback("pipe")
    tiny.hand_in(os.fsdecode(b"b\xf6"))
    tiny.hand_in("a\nb")
    tiny.hand_in("new", when=EARLIER)
    with start_lab(tiny.folder) as url:

        def get(path):
            with urllib.request.urlopen(f"{url}/formgrader/{path}", timeout=60) as answer:
                return answer.read()

        submissions = {it["student"]: it["autograded"] for it in json.loads(get(f"api/submissions/{ASSIGNMENT}"))}
        assert submissions == {
            "yesterday": True,
            "UTF-16": True,
            "pipe": True,
            "link to an endless device": True,
            "folder": True,
            "new": False,
        }
        assert {it["id"] for it in json.loads(get("api/students"))} == submissions.keys()
        (assignment,) = json.loads(get("api/assignments"))
        assert (assignment["num_submissions"], assignment["average_score"]) == (6, 10)
        assert json.loads(get("api/student_submissions/pipe"))[0]["score"] == 10
        for page in ("manage_submissions/tiny", "gradebook/tiny", "gradebook/tiny/one", "manage_students/pipe"):
            assert b"</body>" in get(page)
