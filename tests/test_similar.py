"""Submissions that are more alike than chance makes them: hardly one is named by mistake, and most copies are found."""

import csv
import json
import re
import shutil
import textwrap

import pytest

from nst.commands import report as command
from nst.grading.similar import answers
from nst.grading.similar.page import likenesses, write_csv, write_json, write_page
from nst.grading.similar.search import Search
from nst.grading.similar.surprise import FALSE_ALARMS, FEWEST, Pair
from nst.grading.similar.traits import of_code
from nst.paths import CHECKOUT
from tests.support.axe import axe_findings
from tests.support.lab import open_browser
from tests.support.pretend import Pretender, sources, write_class

ASSIGNMENT = "neural-style-transfer"
HOSTILE = "<script>alert(1)</script>"

MINE = '''\
def gram_matrix(A):
    """Of A."""
    n = A.shape[0]  # how many
    product = tf.linalg.matmul(A, A, transpose_b=True)
    return product / tf.cast(n, tf.float32)
'''
THEIRS = """\
def gram_matrix(A):
    # the rows
    rows = A.shape[0]

    quotient_of = tf.linalg.matmul(
        A,
        A,
        transpose_b=True,
    )
    return (
        quotient_of / tf.cast(rows, tf.float32)
    )
"""
ANOTHER = """\
def gram_matrix(A):
    n = A.shape[0]
    return tf.einsum("ik,jk->ij", A, A) / n
"""


@pytest.fixture(scope="module")
def taught():
    """The sources of the assignment."""
    return sources(CHECKOUT, ASSIGNMENT)


@pytest.fixture(scope="module", autouse=True)
def given_once(taught):
    """What the course gave is worked out once."""
    with pytest.MonkeyPatch.context() as patch:
        known = answers.given(ASSIGNMENT, taught)
        patch.setattr("nst.grading.similar.search.given", lambda *_: known)
        yield


def searched(folder, taught):
    return Search(folder / "autograded", folder / "judged", ASSIGNMENT, taught)


def written(folder, taught, seed, size, plants=()):
    """(planted pairs, Search) of a class."""
    planted = write_class(folder / "autograded", Pretender(ASSIGNMENT, taught, seed), size, plants)
    return planted, searched(folder, taught)


def named(search):
    """The pairs that are shown, by name."""
    return {(search.students[pair.first], search.students[pair.second]) for pair in search.pairs}


# What is compared


def test_names_layout_and_comments_change_nothing_of_the_code():
    names = frozenset({"tf"})
    mine, theirs, other = (set(of_code(text, names).code) for text in (MINE, THEIRS, ANOTHER))
    assert mine == theirs
    assert len(mine & other) < len(mine) / 2


def test_names_and_words_are_compared_by_themselves():
    mine, theirs = of_code(MINE), of_code(THEIRS)
    assert {"how many", "of a"} & set(mine.words) == {"how many"}  # of so few letters nothing follows
    assert "the rows" in theirs.words
    assert {"product", "n"} <= mine.names.keys()
    assert MINE[slice(*mine.names["product"][0])] == "product"


@pytest.mark.parametrize("text", ["def f(:\n  ((((", "'''", "%matplotlib inline\nx = ", "\\" * 50, "é\u200d= 1 +", ""])
def test_whatever_is_no_python_is_compared_all_the_same(text):
    traits = of_code(MINE + text)
    assert set(of_code(MINE).code) & set(traits.code)
    for places in traits.code.values():
        assert all(0 <= start < end <= len(MINE + text) for start, end in places)


# Who is named


def test_hardly_anybody_is_named_where_everybody_worked_alone(tmp_path, taught):
    expected = []
    for seed in range(4):
        _, search = written(tmp_path / str(seed), taught, seed, 40)
        expected += [pair.expected for pair in search.pairs]
    assert expected == []  # at the stated rate the twelfth part of a pair


def test_copies_are_found_in_most_disguises(tmp_path, taught):
    plants = ("as it is", "commented", "helper and typos")
    planted, search = written(tmp_path, taught, 3, 120, plants)
    assert {pair[1:] for pair in planted} <= named(search)
    assert all(pair.expected <= FALSE_ALARMS for pair in search.pairs)
    assert named(search) == {pair[1:] for pair in planted}


def test_a_group_that_shares_is_one_group(tmp_path, taught):
    pretender = Pretender(ASSIGNMENT, taught, 5)
    copied = pretender.student()
    for at in range(60):
        pretender.write(tmp_path / "autograded", f"s{at:02d}", copied if at < 4 else pretender.student())
    search = searched(tmp_path, taught)
    assert [group.members for group in search.groups] == [["s00", "s01", "s02", "s03"]]
    assert len(search.groups[0].pairs) == 6


def test_words_are_found_wherever_they_were_moved(tmp_path, taught):
    pretender = Pretender(ASSIGNMENT, taught, 9)
    said = [f"# the {word} comes out upside down" for word in ("wibble", "zonk", "frabjous", "snark")]
    for at in range(40):
        parts = pretender.student()
        if at < 2:
            name = ("gram_matrix", "total_cost")[at]
            parts[name] = "\n    ".join([parts[name].partition("\n")[0], *said, "return 0"])
        pretender.write(tmp_path / "autograded", f"s{at:02d}", parts)
    search = searched(tmp_path, taught)
    assert [group.members for group in search.groups] == [["s00", "s01"]]
    last = likenesses(search, search.pairs[0])[-1]
    assert last.title == "In different places"
    assert "“the zonk comes out upside down” was written by 2 of 40 students." in last.why


def test_files_that_are_the_same_are_named(tmp_path, taught):
    pretender = Pretender(ASSIGNMENT, taught, 11)
    for at in range(40):
        pretender.write(tmp_path / "autograded", f"s{at:02d}", pretender.student())
        digest = "same" if at < 2 else f"{at}"
        record = {"state": "graded", "evidence": {"submission": {"1-content-cost.ipynb": digest, "other.ipynb": "all"}}}
        path = tmp_path / "judged" / f"s{at:02d}" / f"{ASSIGNMENT}.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(record), encoding="utf-8")
    search = searched(tmp_path, taught)
    assert {file: len(students) for file, students in search.files.items() if len(students) > 1} == {
        ("1-content-cost.ipynb", "same"): 2
    }
    said = [sentence for likeness in likenesses(search, Pair(0, 1, 1.0, {})) for sentence in likeness.why]
    assert said[0] == "The file 1-content-cost.ipynb is the same, byte for byte, in 2 of 40 submissions."


def test_what_the_course_gave_is_no_likeness(tmp_path, taught):
    pretender = Pretender(ASSIGNMENT, taught, 7)
    worked = {
        cell.metadata.nbgrader.grade_id: re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n?", "", cell.source)
        for source in taught.values()
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    note = {"1-content-cost +text": textwrap.indent(readme[:3000], "    "), "2-style-cost +code": worked["gram_matrix"]}
    for at in range(40):
        pretender.write(tmp_path / "autograded", f"s{at:02d}", worked | note if at < 2 else pretender.student())
    assert named(searched(tmp_path, taught)) == set()


@pytest.mark.parametrize("size", [0, 1, 5, FEWEST - 1])
def test_a_small_class_is_too_small_to_tell(tmp_path, taught, size):
    pretender = Pretender(ASSIGNMENT, taught, 1)
    same = pretender.student()
    for at in range(size):
        pretender.write(tmp_path / "autograded", f"s{at}", same)
    search = searched(tmp_path, taught)
    assert not search.is_enough and search.groups == []
    write_page(tmp_path / "page.html", search)
    assert "too few to tell" in " ".join((tmp_path / "page.html").read_text("utf-8").split())


def test_whatever_lies_there_stops_nobody(tmp_path, taught):
    _, search = written(tmp_path, taught, 3, 20)
    (first, second, third), place = search.students[:3], tmp_path / "autograded"
    for student, data in (
        (first, b"[" * 100_000),
        (second, b'{"cells": [{"metadata": {"nbgrader": []}}, 3]}'),
        (third, b'{"cells": [{"metadata": {"nbgrader": {"grade_id": [1]}}, "source": 4, "id": 5}]}'),
    ):
        for path in (place / student / ASSIGNMENT).iterdir():
            path.write_bytes(data)
    (place / "a file").touch()
    (place / "nobody").mkdir()
    assert searched(tmp_path, taught).students == search.students


# What is written


@pytest.fixture(scope="module")
def shown(tmp_path_factory, taught):
    """(folder, Search) of a class with copies, of which one has a hostile name and hostile lines."""
    folder = tmp_path_factory.mktemp("similar")
    planted, _ = written(folder, taught, 3, 60, ("as it is", "helper and typos"))
    place = folder / "autograded"
    copier, odd = planted[0][1], "=1+1 <b>"
    for student in planted[0][1:]:
        path = place / student / ASSIGNMENT / "1-content-cost.ipynb"
        notebook = json.loads(path.read_text("utf-8"))
        source = f"# {HOSTILE} of the {HOSTILE}\nzigzag = '\x1b[2J and more of it'"
        notebook["cells"].append({"id": "student-099", "cell_type": "code", "metadata": {}, "source": source})
        path.write_text(json.dumps(notebook), encoding="utf-8")
    shutil.move(place / copier, place / odd)
    search = searched(folder, taught)
    for suffix, write in (("html", write_page), ("json", write_json), ("csv", write_csv)):
        write(folder / f"page.{suffix}", search)
    return folder, search, odd


def test_a_page_asks_and_shows_both(shown):
    folder, search, _ = shown
    page = (folder / "page.html").read_text("utf-8")
    assert len(search.groups) == 2
    assert "This page asks a question" in page and "No mark was touched" in page
    assert "studied together" in page and "<mark" in page
    assert not re.search("(?i)plagiari|cheat|guilty|fraud|offen[cs]e", page)
    assert re.search(r"was written by 2 of 60 students", page)


def test_what_students_wrote_is_only_text(shown):
    folder, _, odd = shown
    page = (folder / "page.html").read_text("utf-8")
    assert "<script" not in page and "\x1b" not in page
    assert "alert(1)" in page and "=1+1 &lt;b&gt;" in page
    rows = list(csv.reader((folder / "page.csv").open(newline="", encoding="utf-8")))
    assert any(cell == f"'{odd}" for row in rows for cell in row)
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_the_files_say_what_the_page_says(shown):
    folder, search, _ = shown
    found = json.loads((folder / "page.json").read_text("ascii"))
    assert [group["students"] for group in found["groups"]] == [group.members for group in search.groups]
    expected = [group["pairs"][0]["expected_by_chance"] for group in found["groups"]]
    assert expected == sorted(expected) and expected[-1] <= found["pairs_shown_by_chance"]
    rows = list(csv.DictReader((folder / "page.csv").open(newline="", encoding="utf-8")))
    assert [(row["group"], float(row["expected_by_chance"])) for row in rows] == [
        (str(at), pytest.approx(value, rel=0.01)) for at, value in enumerate(expected, 1)
    ]


def test_the_page_is_for_everybody(shown, tmp_path):
    folder, _, _ = shown
    with open_browser(tmp_path) as page:
        for theme, width in (("light", 1200), ("dark", 390)):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"file://{folder / 'page.html'}")
            assert axe_findings(page, levels=("moderate", "serious", "critical")) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_command_writes_three_files_and_nothing_else(tmp_path, taught, monkeypatch, capsys):
    shutil.copytree(CHECKOUT / "answers" / ASSIGNMENT, tmp_path / "answers" / ASSIGNMENT)
    write_class(tmp_path / "autograded", Pretender(ASSIGNMENT, taught, 2), 20, ("as it is",))
    monkeypatch.setattr(command, "CHECKOUT", tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    command.main([ASSIGNMENT, "--similar"])
    said = capsys.readouterr()
    assert "a question, and no verdict" in said.out and said.err == ""
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    new = {path.relative_to(tmp_path).as_posix() for path in after.keys() - before.keys()}
    assert new == {f"judged/{ASSIGNMENT}-similar.{suffix}" for suffix in ("html", "json", "csv")}
    assert before.items() <= after.items()
    with pytest.raises(SystemExit, match="There is no assignment 'what'"):
        command.main(["what", "--similar"])
