"""A second release: tests come, go and change, whoever has a mark keeps it, and what fails changes nothing."""

import errno
import os
import shutil
import sqlite3
from contextlib import closing

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import PyFileConfigLoader

from nst.commands import release as command
from nst.course import gradebook as books
from nst.course import release as releasing
from nst.course.release import release, write_source_notebooks
from tests.support.tiny_course import the_same_everywhere

# nbgrader trips over a notice of SQLAlchemy's, as nbgrader_config.py says.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")

HEADER = (
    '# %% nbgrader={{"grade": {grade}, "grade_id": "{name}", "locked": {grade}, "points": {points}, '
    '"schema_version": 3, "solution": {solution}, "task": false}}'
)

SOLUTION = """def {name}(x):
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION"""


def solution(name):
    return HEADER.format(name=name, grade="false", solution="true", points=0) + "\n" + SOLUTION.format(name=name)


def a_test(name, code="assert {name}(1) == 1", points=5):
    header = HEADER.format(name=f"test_{name}", grade="true", solution="false", points=points)
    return f"{header}\n{code.format(name=name)}"


ONE = [solution("f"), a_test("f"), solution("g"), a_test("g")]


class Folder:
    """A course of one assignment, "week", with the notebook "one", and what can be seen of it."""

    def __init__(self, path):
        self.path = path

    def write(self, name, cells, assignment="week"):
        script = self.path / "answers" / assignment / f"{name}.py"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("\n\n".join(cells) + "\n", encoding="utf-8")
        return script

    def release(self, *names, **options):
        return release(self.path, list(names), **options)

    def book(self):
        return Gradebook(f"sqlite:///{self.path}/gradebook.db", "nst")

    def mark(self, student="s", **scores):
        """A submission with these scores of the grader's in it."""
        with self.book() as gradebook:
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission("week", student)
            for name, score in scores.items():
                gradebook.find_grade(name, "one", "week", student).auto_score = score
            gradebook.db.commit()

    def by_hand(self, name, score, student="s"):
        with self.book() as gradebook:
            gradebook.find_grade(name, "one", "week", student).manual_score = score
            gradebook.db.commit()

    def grades(self, student="s"):
        """Test -> (the grader's score, the most)"""
        with self.book() as gradebook:
            notebooks = gradebook.find_submission("week", student).notebooks
            return {grade.name: (grade.auto_score, grade.max_score) for book in notebooks for grade in book.grades}

    def state(self):
        """All that a release may change."""
        released = {path.relative_to(self.path): path.read_bytes() for path in self.path.glob("notebooks/**/*.*")}
        with closing(sqlite3.connect(self.path / "gradebook.db")) as connection:
            return released, sorted(connection.iterdump())


@pytest.fixture(scope="module")
def released_once(root, tmp_path_factory):
    """It takes nbgrader seconds to make a gradebook."""
    folder = Folder(tmp_path_factory.mktemp("course"))
    shutil.copy(root / "nbgrader_config.py", folder.path)
    folder.write("one", ONE)
    folder.release()
    return folder


@pytest.fixture
def folder(released_once, tmp_path):
    return Folder(shutil.copytree(released_once.path, tmp_path / "course"))


@pytest.fixture
def marked(folder):
    folder.mark(test_f=5.0, test_g=0.0)
    return folder


# ---- what works ----

CHANGES = {
    "a new test": (
        [*ONE, solution("h"), a_test("h", points=2)],
        {"test_f": (5, 5), "test_g": (0, 5), "test_h": (None, 2)},
    ),
    "a test removed": ([*ONE[:2], ONE[2]], {"test_f": (5, 5)}),
    "a test renamed": (
        [ONE[0], ONE[1].replace("test_f", "test_first"), *ONE[2:]],
        {"test_first": (5, 5), "test_g": (0, 5)},
    ),
    "renamed and rewritten": (
        [ONE[0], a_test("f", "assert f(2) == 2").replace("test_f", "test_first"), *ONE[2:]],
        {"test_first": (None, 5), "test_g": (0, 5)},
    ),
    "other points": ([ONE[0], a_test("f", points=7), *ONE[2:]], {"test_f": (5, 7), "test_g": (0, 5)}),
    "a test that is a solution now": ([*ONE[:3], solution("test_g")], {"test_f": (5, 5)}),
    "another order": ([*ONE[2:], *ONE[:2]], {"test_f": (5, 5), "test_g": (0, 5)}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_in_a_notebook_leaves_the_other_marks(marked, change):
    cells, expected = CHANGES[change]
    marked.write("one", cells)
    marked.release()
    assert marked.grades() == expected
    released = nbformat.read(marked.path / "notebooks" / "week" / "one.ipynb", as_version=4)
    ids = [cell.metadata.nbgrader.grade_id for cell in released.cells]
    assert ids == [
        line.split('"grade_id": "')[1].split('"')[0] for line in "\n".join(cells).splitlines() if "%%" in line
    ]


def test_a_release_without_a_change_changes_nothing(marked):
    before = marked.state()
    marked.release()
    assert marked.state() == before


def test_notebooks_come_and_go(marked):
    marked.write("two", [solution("h"), a_test("h")])
    marked.release()
    assert marked.grades() == {"test_f": (5, 5), "test_g": (0, 5), "test_h": (None, 5)}
    script = marked.path / "answers" / "week" / "one.py"
    script.rename(script.with_name("first.py"))
    marked.release()
    assert sorted(path.stem for path in (marked.path / "notebooks" / "week").iterdir()) == ["first", "two"]
    assert marked.grades() == {"test_f": (None, 5), "test_g": (None, 5), "test_h": (None, 5)}


def test_a_notebook_that_is_gone_stays_where_somebody_works_in_it(folder):
    mine = folder.path / "notebooks" / "week" / "mine.ipynb"
    shutil.copy(mine.with_name("one.ipynb"), mine)
    script = folder.path / "answers" / "week" / "one.py"
    script.rename(script.with_name("first.py"))
    old = mine.with_name("one.ipynb")
    old.write_text(old.read_text().replace("raise NotImplementedError()", "return x"))
    with pytest.raises(RuntimeError, match=r"one\.ipynb holds somebody's work"):
        folder.release()
    assert old.exists() and mine.exists()
    folder.release(force=True)
    assert not old.exists() and mine.exists()


def test_a_script_brought_back_is_released_though_it_is_older(folder):
    script = folder.path / "answers" / "week" / "one.py"
    script.write_text(script.read_text().replace("return x", "return +x").replace("f(1) == 1", "f(3) == 3"))
    os.utime(script, (1, 1))
    write_source_notebooks(folder.path / "answers")
    assert "f(3) == 3" in script.with_suffix(".ipynb").read_text()


def test_the_release_of_one_assignment_leaves_the_others(folder):
    broken = folder.write("b", ["# %%\ndef ("], assignment="other")
    assert folder.release("week") == ["week"]
    broken.write_bytes(b"\xff")
    assert folder.release("week") == ["week"]
    with pytest.raises(RuntimeError, match=r"Expected UTF-8 in answers/other/b\.py"):
        folder.release()


# ---- what does not work changes nothing ----


@pytest.mark.parametrize("gone", ["the test", "the notebook"])
def test_what_was_given_by_hand_is_never_lost(marked, gone):
    marked.by_hand("test_g", 3.0)
    marked.write("one" if gone == "the test" else "two", ONE[:2])
    if gone == "the notebook":
        (marked.path / "answers" / "week" / "one.py").unlink()
    before = marked.state()
    with pytest.raises(RuntimeError, match=r"the cell test_g, for which points or comments were given by hand \(s\)"):
        marked.release()
    assert marked.state() == before


BROKEN = {
    "the grade_id test_f twice": [*ONE, a_test("f")],
    "3 cells whose first line speaks of nbgrader, of which Jupytext understands 2": [
        *ONE[:2],
        ONE[2].replace("{", "", 1),
    ],
    "without a grade_id": [ONE[0].replace('"grade_id": "f", ', "")],
    "with the points 'many'": [*ONE[:1], a_test("f", points='"many"')],
    "a cell, test_f, that is no Python at its line 1": [ONE[0], a_test("f", "assert f(")],
    "no end solution statement": [ONE[0].replace("### END SOLUTION", "")],
}


@pytest.mark.parametrize("found", BROKEN)
def test_a_broken_script_is_named_with_what_to_do(marked, found):
    marked.write("one", BROKEN[found])
    before = marked.state()
    with pytest.raises(RuntimeError, match=f"^Expected .*{found}.*[.]$") as raised:
        marked.release()
    assert "\n" not in str(raised.value) and "week" in str(raised.value)
    assert marked.state() == before


def test_a_script_needs_no_kernel_and_no_header(folder):
    script = folder.write("one", ["# %% [markdown]\n# # Magic\n\n# %%\n%matplotlib inline\nx = 1", *ONE])
    assert "kernelspec" not in script.read_text()
    folder.release()
    assert nbformat.read(folder.path / "notebooks/week/one.ipynb", as_version=4).metadata.kernelspec.name == "python3"


def test_a_locked_gradebook(marked, monkeypatch):
    monkeypatch.setattr(books, "PATIENCE", 0.1)
    marked.write("one", ONE[:2])
    before = marked.state()
    with closing(sqlite3.connect(marked.path / "gradebook.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RuntimeError, match=r"gradebook\.db: database is locked; end other programs"):
            marked.release()
    assert marked.state() == before


@pytest.mark.parametrize("when", ["written meanwhile", "locked at the end"])
def test_a_gradebook_that_others_use_while_notebooks_are_generated(marked, monkeypatch, when):
    generate = releasing.generate
    monkeypatch.setattr(books, "PATIENCE", 0.1)
    marked.write("one", ONE[:2])
    before = marked.state()
    with closing(sqlite3.connect(marked.path / "gradebook.db")) as other:

        def disturbed(*args, **options):
            generate(*args, **options)
            if when == "written meanwhile":
                other.execute("UPDATE student SET email = 'new'")
                other.commit()
            else:
                other.execute("BEGIN IMMEDIATE")

        monkeypatch.setattr(releasing, "generate", disturbed)
        with pytest.raises(RuntimeError, match=r"written by another program meanwhile|database is locked"):
            marked.release()
    assert marked.state()[0] == before[0] and marked.grades() == {"test_f": (5, 5), "test_g": (0, 5)}


def test_a_gradebook_that_may_only_be_read(marked, monkeypatch):
    connect = sqlite3.connect

    def read_only(path, **options):
        mine = path.is_relative_to(marked.path)
        return connect(f"file:{path}?mode=ro", uri=True, **options) if mine else connect(path, **options)

    monkeypatch.setattr(books.sqlite3, "connect", read_only)
    with pytest.raises(RuntimeError, match="attempt to write a readonly database"):
        marked.release()


def test_a_gradebook_that_is_none(folder):
    (folder.path / "gradebook.db").write_bytes(b"not a database at all, but a text of some length")
    with pytest.raises(RuntimeError, match="file is not a database"):
        folder.release()


@pytest.mark.parametrize("call, after", [("copyfile", 1), ("replace", 1), ("replace", 2)])
def test_a_disk_that_is_full_in_the_middle(marked, monkeypatch, call, after):
    marked.write("one", ONE[:2])
    marked.write("two", [solution("h"), a_test("h")])
    before, left, module = marked.state(), [after], releasing.shutil if call == "copyfile" else releasing.os
    usual = getattr(module, call)

    def full(*args):
        if "notebooks" in str(args[1]) and not left[0]:
            left[0] = after
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[1]))
        left[0] -= "notebooks" in str(args[1])
        return usual(*args)

    monkeypatch.setattr(module, call, full)
    with pytest.raises(RuntimeError, match=r"Expected to write .* found No space left on device: make room"):
        marked.release()
    assert marked.state() == before


def test_something_in_the_place_of_the_notebooks(folder):
    shutil.rmtree(folder.path / "notebooks")
    (folder.path / "notebooks").write_text("")
    with pytest.raises(RuntimeError, match=r"Expected to write .*notebooks.*, and found (File exists|Not a directory)"):
        folder.release()


def test_the_command_says_it_in_one_line_with_exit_status_1(marked, monkeypatch, capsys):
    marked.write("one", [*ONE, a_test("f")])
    monkeypatch.setattr(command, "CHECKOUT", marked.path)
    for arguments in ([], ["--check"]):
        with pytest.raises(
            SystemExit, match=r"^Expected a script that can be released, .* the grade_id test_f twice: give"
        ):
            command.main(arguments)


def test_the_formgraders_button_does_the_same(marked):
    marked.write("one", CHANGES["a new test"][0])
    config = PyFileConfigLoader("nbgrader_config.py", path=str(marked.path)).load_config()
    made = NbGraderAPI(config=config).generate_assignment("week")
    assert made["success"], made
    assert marked.grades() == CHANGES["a new test"][1]


def test_a_course_in_a_folder_with_an_odd_name(marked):
    odd = Folder(marked.path.rename(marked.path.with_name("50% [a]?b")))
    odd.write("one", ONE[:2])
    odd.release()
    connection = sqlite3.connect(odd.path / "gradebook.db")
    with closing(connection):
        assert connection.execute("SELECT name, max_score FROM base_cell JOIN grade_cells USING (id)").fetchall() == [
            ("test_f", 5)
        ]


def test_a_test_that_is_added_in_the_third_week(tiny, judged):
    tiny.hand_in("ada")
    tiny.hand_in("bo", double=False)
    tiny.grade()
    tiny.grade_by_hand("bo", "hidden_add", 1)
    tiny.edit(
        "two", "### END HIDDEN TESTS\n", "### END HIDDEN TESTS\n\n" + a_test("more", "assert double(4) == 8", points=4)
    )
    release(tiny.folder)
    assert {name: score for name, (score, _, _) in tiny.scores().items()} == {"ada": 10, "bo": 3}
    assert {possible for _, _, possible in tiny.scores().values()} == {14}
    tiny.grade(force=True)
    assert {name: score for name, (score, _, _) in tiny.scores().items()} == {"ada": 14, "bo": 3}
    tiny.make_feedback()
    assert the_same_everywhere(tiny) == {"ada": 14, "bo": 3}
