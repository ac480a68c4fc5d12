"""The page where a student begins, and what it looks at: versions, memory, the network, folders."""

import os
import re
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import nbformat
import pytest

from nst.commands import lab, teach
from nst.course.release import write_pages
from nst.lessons import start
from nst.lessons.start import Page
from nst.limits import Room
from tests.support.kernels import NOTEBOOKS, POINTS


def rows(text):
    """(link, what you write, points) of every row of a table of notebooks."""
    found = re.findall(r"^(?:# )?\|[^|]*\| \[([\w-]+)\]\((\S+?)\) \| (.*?) \| (\S+) \|", text, re.MULTILINE)
    return [(link.removeprefix("notebooks/"), written, points) for _, link, written, points in found]


@pytest.fixture(scope="module")
def page(root):
    cells = nbformat.read(root / "notebooks" / "0-start-here.ipynb", as_version=4).cells
    return "\n".join(cell.source for cell in cells)


def test_the_page_is_in_step_with_its_source(root, tmp_path):
    write_pages(root / "answers", tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == (root / "notebooks" / "0-start-here.ipynb").read_bytes()


def test_the_readme_and_the_page_have_the_same_table(root, page):
    readme = rows((root / "README.md").read_text(encoding="utf-8"))
    assert rows(page) == readme
    assert sorted(link.removesuffix(".ipynb") for link, _, _ in readme) == sorted(NOTEBOOKS)


def test_the_table_tells_what_is_written_and_what_it_earns(page):
    points = {}
    for link, written, earned in rows(page):
        exercises = [
            name
            for written_one in re.findall(r"`(\w+)`", written)
            for name in (written_one, f"{written_one}_batch")
            if name in POINTS[link.split("/")[0]]
        ]
        assignment = link.split("/")[0]
        points.setdefault(assignment, []).extend(exercises)
        assert earned == (str(sum(POINTS[assignment][name] for name in exercises)) if exercises else "–")
    assert points == {assignment: list(exercises) for assignment, exercises in POINTS.items()}


def test_the_page_and_the_readme_say_what_is_first(root, page):
    first = rows(page)[0][0]
    assert f"**Begin with [{first.removesuffix('.ipynb')}]({first}).**" in page
    readme = (root / "README.md").read_text(encoding="utf-8")
    name = first.removesuffix(".ipynb").split("/")[1]
    assert f"Begin with [{name}](notebooks/{first})" in readme


def test_the_minutes_leave_time_for_every_exercise(root, page):
    for link, minutes in re.findall(r"\]\((\S+\.ipynb)\) \|.*\| (\d+) \|$", page, re.MULTILINE):
        text = (root / "notebooks" / link).read_text(encoding="utf-8")
        assert int(minutes) >= sum(map(int, re.findall(r"about (\d+) minutes\)", text)))


def test_all_is_well_where_the_tests_run():
    findings = [start.python(), start.packages(), start.network(), start.output()]
    assert [finding for finding in findings if not finding.fine] == []
    assert "tensorflow 2." in findings[1].found and "keras 3." in findings[1].found


def test_another_python_is_told():
    finding = start.python((3, 9, 1), ">=3.11,<3.14")
    assert not finding.fine and finding.found == "3.9.1" and ">=3.11,<3.14" in finding.advice


def test_a_package_that_is_missing_or_old_is_told():
    def installed(name):
        if name == "scipy":
            raise PackageNotFoundError(name)
        return {"numpy": "1.26.4"}.get(name, "3.1")

    finding = start.packages(["numpy>=2.0", "scipy>=1.14", "h5py>=3.0", "pytest>=8; extra == 'dev'"], installed)
    assert not finding.fine
    assert finding.found == "numpy>=2.0 is needed and 1.26.4 is there; scipy>=1.14 is missing"
    assert "Set the course up again" in finding.advice


def test_little_memory_is_told_with_who_takes_it():
    room = Room(0.5e9, "memory", "this machine has 0.50 GB available", "close other programs")
    finding = start.memory([room, room._replace(bytes=8e9)])
    assert not finding.fine and "0.50 GB free" in finding.found and "close other programs" in finding.advice
    assert start.memory([room._replace(bytes=8e9)]).fine


def test_the_network_that_will_be_loaded_is_told(monkeypatch, tmp_path):
    assert "the small one" in start.network().found
    full = tmp_path / "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
    full.write_bytes(b"weights")
    monkeypatch.setattr("nst.weights.vgg19.USER_FOLDER", tmp_path)
    assert "the full VGG-19" in start.network().found
    full.unlink()
    monkeypatch.setattr("nst.weights.vgg19.EMBEDDED", tmp_path / "gone.npz")
    assert not start.network().fine


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for ask in (start.output, start.folder):
        assert ask(tmp_path / "new").fine and not list((tmp_path / "new").iterdir())
        finding = ask(tmp_path / "file" / "output")
        assert not finding.fine and finding.advice
    assert "NST_OUTPUT" in start.output(tmp_path / "file" / "output").advice


def test_the_page_counts_what_is_wrong_and_says_it_to_everyone():
    fine, wrong = start.python(), start.python((3, 9, 1), ">=3.11")
    assert "All is well" in repr(Page([fine]))
    assert "One thing needs you" in repr(Page([fine, wrong])) and "2 things need you" in repr(Page([wrong, wrong]))
    shown = Page([fine, wrong])._repr_html_()
    assert shown.count("aria-label='needs you'") == 1 and "What to do:" in shown and "&gt;=3.11" in shown


@pytest.fixture
def started(monkeypatch):
    """What JupyterLab is started with: a list of the arguments, the folder and the settings of each start."""
    starts = []

    def start_lab(arguments):
        starts.append((arguments, os.getcwd(), os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)))

    monkeypatch.setattr("jupyterlab.labapp.main", start_lab)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    monkeypatch.chdir(os.getcwd())  # so that it is as before afterwards
    return starts


def test_the_page_opens_wherever_the_command_is_given(root, started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command, settings in ((lab, ["student", "everyone"]), (teach, ["everyone"])):
        monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
        with pytest.raises(SystemExit) as ended:
            command.main(["--no-browser"])
        arguments, folder, found = started.pop()
        assert not ended.value.code and folder == str(root)
        assert arguments == ["notebooks/0-start-here.ipynb", f"--ServerApp.root_dir={root}", "--no-browser"]
        assert [Path(place).name for place in found] == [*settings, "mine"]


def test_what_is_not_there_is_told_before_anything_starts(started, monkeypatch):
    with pytest.raises(SystemExit, match=r"^nst lab found no file 3\.ipynb in .*: give a notebook's path"):
        lab.main(["3.ipynb"])
    monkeypatch.setattr("nst.commands.lab.CHECKOUT", None)
    with pytest.raises(SystemExit, match=r"^nst teach opens the notebooks of a clone .*, and there is no clone here"):
        teach.main([])
    assert started == []
