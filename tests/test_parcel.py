"""A submission, and what judging it came to, as bytes: nothing is lost on the way, and nothing comes along."""

import json
import os
import zlib

import pytest

from nst.course.release import read_source
from nst.grading.intake.reading import MAX_BYTES
from nst.grading.intake.submission import take_in
from nst.grading.judgement import Judgement, Mark
from nst.grading.queue import parcel
from nst.grading.queue.keys import job_key, judge_key, release_key
from nst.grading.queue.outcome import OutcomeError, as_bytes, from_bytes
from nst.grading.queue.parcel import ParcelError, pack, unpack
from nst.grading.walls.sandbox import Limits
from tests.support.stored import stored_judge
from tests.support.submissions import Work, all_rows, sources, write
from tests.support.tiny_course import ASSIGNMENT

ROWS = all_rows()


def one_file(folder):
    folder.rmdir()
    folder.write_text("no folder")


def a_link(folder):
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


def links_pipes_and_odd_names(folder):
    (folder / "one.ipynb").rename(folder / "two.txt")
    (folder / "one.ipynb").symlink_to("/etc/passwd")
    (folder / "two.ipynb").unlink()
    os.mkfifo(folder / "two.ipynb")
    os.mkfifo(folder / "a pipe")
    (folder / "in\nlines\t*?[1]'\"\\").write_text("x")
    (folder / os.fsdecode(b"not \xff UTF-8.ipynb")).write_text("{")
    (folder / ("ü" * 120 + ".ipynb")).write_text("{}")
    (folder / "round").symlink_to(".")


def deep_folders(folder):
    for number, names in enumerate(["a", "a/b", "a/b/c", "a/b/c/d", "output/x", ".ipynb_checkpoints", ".hidden"]):
        (folder / names).mkdir(parents=True)
        (folder / names / "two.ipynb").write_bytes((folder / "one.ipynb").read_bytes() + b" " * number)
        (folder / names / "link.ipynb").symlink_to("two.ipynb")


def thousands_of_files(folder):
    for number in range(1500):
        (folder / f"{number:04}.ipynb").write_text("{}")
    (folder / "deep").mkdir()
    for number in range(1200):
        (folder / "deep" / f"{number}.py").write_text("# %%\n")
    (folder / "deep" / "one.ipynb").write_bytes((folder / "one.ipynb").read_bytes())
    (folder / "one.ipynb").unlink()


def closed_ones(folder):
    (folder / "one.ipynb").chmod(0)
    (folder / "shut").mkdir()
    (folder / "shut").chmod(0)


def scripts_and_others(folder):
    (folder / "one.ipynb").rename(folder / "one.py")
    (folder / "two.ipynb").rename(folder / "TWO.IPYNB.json")
    (folder / "one.zip").write_bytes(b"PK")
    (folder / "submission_secret.txt").write_text("abc")
    (folder / "thesis.txt").write_text("private")


def too_long(folder):
    os.truncate(folder / "two.ipynb", MAX_BYTES + 1)
    with open(folder / "film.mp4", "w") as film:
        film.truncate(2**36)


FOLDERS = {
    make.__name__: make
    for make in (
        one_file,
        a_link,
        links_pipes_and_odd_names,
        deep_folders,
        thousands_of_files,
        closed_ones,
        scripts_and_others,
        too_long,
    )
}


@pytest.fixture
def assignment(released_tiny):
    scripts = sorted((released_tiny.folder / "answers" / ASSIGNMENT).glob("*.py"))
    return {script.stem: read_source(script) for script in scripts}


def said(submission):
    return vars(submission)


@pytest.mark.parametrize("kind", ["as it should be", "nothing", *FOLDERS])
def test_what_comes_out_is_taken_in_as_what_went_in(released_tiny, assignment, tmp_path, kind):
    folder, other = tmp_path / "in", tmp_path / "out"
    if kind != "nothing":
        released_tiny.copy(tmp_path / "course").hand_in("ada", double=False).rename(folder)
    if kind == "one_file":
        for path in folder.iterdir():
            path.unlink()
    if kind in FOLDERS:
        FOLDERS[kind](folder)
    data = pack(folder, assignment)
    assert data == pack(folder, assignment) and b"private" not in data
    unpack(data, other)
    assert said(take_in(other, assignment)) == said(take_in(folder, assignment))
    assert pack(other, assignment) == data


@pytest.mark.parametrize("number", ROWS)
def test_the_suites_submissions_come_out_as_they_went_in(tmp_path, number):
    row = ROWS[number]
    work = Work(row, tmp_path, 1)
    row.make(work)
    write(work.files(), tmp_path / "in")
    asked = sources(row.assignment, row.names)
    unpack(pack(tmp_path / "in", asked), tmp_path / "out")
    assert said(take_in(tmp_path / "out", asked)) == said(take_in(tmp_path / "in", asked))


def test_who_handed_in_and_when_is_not_in_it(released_tiny, assignment, tmp_path):
    course = released_tiny.copy(tmp_path / "course")
    folders = [course.hand_in(student, said=student.encode()) for student in ("grace", "bob")]
    for folder in folders:
        (folder / "submission_secret.txt").write_text(f"secret of {folder.parent.name}")
    first, second = (pack(folder, assignment) for folder in folders)
    assert first == second and b"grace" not in first and b"secret of" not in first
    (folders[0] / "one.ipynb").write_bytes((folders[0] / "one.ipynb").read_bytes() + b" ")
    assert pack(folders[0], assignment) != first


def test_a_parcel_is_bounded(assignment, tmp_path, monkeypatch):
    monkeypatch.setattr(parcel, "MAX_CONTENT", 2**20)
    for number in range(40):
        (tmp_path / f"{number}.ipynb").write_bytes(b"x" * 2**17)
    (tmp_path / "huge.ipynb").write_bytes(b"x" * 2**22)
    data = pack(tmp_path, assignment)
    assert len(data) < 2**20 + 2**16
    unpack(data, tmp_path / "out")
    assert (tmp_path / "out" / "huge.ipynb").stat().st_size in (0, MAX_BYTES + 1)


def hostile(entries, content=b"", form="nst parcel 1"):
    return json.dumps({"format": form, "entries": entries}).encode() + b"\n" + content


TOP = ["", "folder", 0]
HOSTILE = {
    "nothing at all": b"",
    "no list": b"[]\n",
    "another format": hostile([TOP], form="nst parcel 2"),
    "no top": hostile([["x", "file", 0]]),
    "no entries": hostile([]) + b"x",
    "above": hostile([TOP, ["../x", "file", 1]], b"x"),
    "above and below": hostile([TOP, ["..", "folder", 0], ["../x", "file", 1]], b"x"),
    "from the root": hostile([TOP, ["/tmp/x", "file", 1]], b"x"),
    "through a link": hostile([TOP, ["a", "link", 0], ["a/x", "file", 1]], b"x"),
    "through a file": hostile([TOP, ["a", "file", 0], ["a/x", "file", 1]], b"x"),
    "twice": hostile([TOP, ["a", "link", 0], ["a", "file", 1]], b"x"),
    "the top twice": hostile([TOP, TOP]),
    "a dot": hostile([TOP, [".", "folder", 0], ["./x", "file", 1]], b"x"),
    "a zero": hostile([TOP, ["a\0b", "file", 1]], b"x"),
    "half a letter": hostile([TOP, ["\ud800", "file", 1]], b"x"),
    "a name too long": hostile([TOP, ["x" * 256, "file", 1]], b"x"),
    "a device": hostile([TOP, ["a", "device", 0]]),
    "a size below nothing": hostile([TOP, ["a", "file", -1], ["b", "file", 2]], b"x"),
    "a size that is none": hostile([TOP, ["a", "file", True]], b"x"),
    "more than there is": hostile([TOP, ["a", "file", 5]], b"x"),
    "less than there is": hostile([TOP, ["a", "file", 0]], b"x"),
    "too many": hostile([TOP, *([str(number), "file", 0] for number in range(5000))]),
    "nested": b"[" * 100_000 + b"\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_bytes_that_are_no_parcel_make_nothing(tmp_path, kind):
    with pytest.raises(ParcelError, match="found other bytes"):
        unpack(HOSTILE[kind], tmp_path / "a" / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_machine_is_no_submission(assignment, tmp_path, monkeypatch):
    from nst.grading.faults import NotJudged

    def refused(*args, **options):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(NotJudged, match="Too many open files"):
        pack(tmp_path, assignment)


# What it came to


@pytest.mark.parametrize("answers", [(True, False), (True, None), (None, None), ("odd \ud800 \x00 ü", True)])
def test_an_outcome_comes_back_as_it_was(released_tiny, assignment, tmp_path, answers):
    course = released_tiny.copy(tmp_path / "course")
    folder = course.hand_in("ada") if "odd" in str(answers[0]) else course.hand_in("ada", *answers)
    judgement = stored_judge(folder, assignment)
    if "odd" in str(answers[0]):
        judgement.flags.append(answers[0])
        judgement.marks[0] = judgement.marks[0]._replace(message=answers[0], printed="\r\n\t")
    judgement.seconds, judgement.deaths = 1.25, 2
    data = as_bytes(judgement)
    again = from_bytes(data)
    assert again == judgement and as_bytes(again) == data
    assert type(again.marks[0]) is Mark and again.notebooks["one"].cells[0].cell_type == "markdown"


def test_bytes_that_are_no_outcome_are_refused():
    whole = json.loads(zlib.decompress(as_bytes(Judgement("graded", [], [], [], [Mark("a", "b", 1.0, True, "", "")]))))
    damaged = {
        "state": "excellent",
        "flags": "one",
        "unanswered": [1],
        "marks": [["a", "b", 1, True, "", ""]],
        "notebooks": {"one": []},
        "evidence": [],
        "deaths": "2",
        "seconds": float("nan"),
        "format": "nst outcome 2",
        "further": 1,
    }
    wrong = [whole | {name: value} for name, value in damaged.items()]
    for change in ({"points": "1"}, {"points": float("inf")}, {"passed": 1}, {"message": None}, {"further": 1}):
        wrong.append(whole | {"marks": [whole["marks"][0] | change]})
    wrong += [{name: value for name, value in whole.items() if name != left_out} for left_out in ("state", "marks")]
    texts = [json.dumps(value).encode() for value in (*wrong, [], 1)] + [b"", b"\xff", b"[" * 100_000]
    for data in [*map(zlib.compress, texts), b"", b"x", zlib.compress(json.dumps(whole).encode())[:-5]]:
        with pytest.raises(OutcomeError):
            from_bytes(data)


# What it depends on


def test_a_key_tells_submission_release_and_judge_apart(assignment):
    limits = Limits()
    release, judge = release_key(assignment), judge_key(limits, unsafe=False)
    again = release_key(json_again(assignment)), judge_key(Limits(), unsafe=False)
    assert (release, judge) == again
    assert judge != judge_key(limits._replace(cell_seconds=7), unsafe=False)
    assert judge != judge_key(limits, unsafe=True)
    changed = json_again(assignment)
    changed["one"].cells[0].source += "a word of prose, which the student's page shows"
    assert release_key(changed) != release
    keys = {job_key(data, *rest) for data in (b"a", b"b") for rest in ((release, judge), (judge, release))}
    assert len(keys) == 4 and all(len(key) == 64 for key in keys)


def json_again(assignment):
    import nbformat

    return {name: nbformat.from_dict(json.loads(json.dumps(notebook))) for name, notebook in assignment.items()}
