"""Whatever reads what a command prints, or reads it no more: the work is done, and no traceback is seen."""

import io
import os
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from nst.commands import streams
from nst.painting import Monitor
from nst.paths import IMAGES
from nst.progress import progress_bar, say
from nst.quiet import held_back_stderr
from nst_utils import load_image

NST = [sys.executable, "-m", "nst.commands.cli"]
PICTURES = [str(IMAGES / f"{name}.jpg") for name in ("lake_small", "starry")]
#: `nst paint` with a painting that takes no time, and so without TensorFlow.
PROGRAM = """
import os
from nst.commands import cli, paint

def painted(options, content, endings):
    print("Painting \\xd7 times.", flush=True)
    os.system("true 3>&1")  # complains where stdout is closed
    return content, None, None

paint._painted = painted
cli.main()
"""
PAINT = [sys.executable, "-c", PROGRAM, "paint", *PICTURES, "--size", "40"]


def run(command, folder, stdout=subprocess.PIPE, shell="", environment=None):
    """(status, stdout, stderr); shell: what a shell would write behind the command, such as `>&-`."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {shell}', "sh", *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(IMAGES.parent)} | (environment or {}),
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.fixture
def closed_pipe():
    """What a command writes to in `nst ... | true`."""
    here, there = os.pipe()
    os.close(here)
    yield there
    os.close(there)


@pytest.mark.parametrize(
    "command", [NST, [*NST, "paint", "--help"], [*NST, "report", "--help"]], ids=["nst", "paint", "report"]
)
def test_nobody_reads_on(command, tmp_path, closed_pipe):
    assert run(command, tmp_path, closed_pipe) == (141, None, "")


def test_nobody_reads_on_and_the_command_fails(tmp_path, closed_pipe):
    status, _, errors = run([*NST, "report", "no-such-assignment"], tmp_path, closed_pipe)
    assert (status, errors.count("\n")) == (1, 1) and errors.startswith("There is no assignment 'no-such-assignment'")
    status, _, errors = run([*NST, "pant"], tmp_path, closed_pipe)
    assert (status, errors) == (1, "\nnst knows no command 'pant'; the commands are listed above.\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_the_picture_is_painted_though_nobody_reads_on(tmp_path, closed_pipe, unbuffered):
    got = run([*PAINT, "-o", "out.png"], tmp_path, closed_pipe, environment={"PYTHONUNBUFFERED": unbuffered})
    assert got == (141, None, "")
    assert load_image(tmp_path / "out.png").shape == (40, 53, 3)


@pytest.mark.parametrize("shell", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_the_picture_is_painted_where_streams_are_closed(tmp_path, shell):
    status, told, errors = run([*PAINT, "-o", "out.png"], tmp_path, shell=shell)
    assert (status, errors) == (0, "")
    assert told.decode().count("\n") == (2 if shell == "2>&-" else 0)
    assert load_image(tmp_path / "out.png").shape == (40, 53, 3)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no disk that is always full")
def test_the_picture_is_painted_where_the_disk_of_stdout_is_full(tmp_path):
    status, _, errors = run([*PAINT, "-o", "out.png"], tmp_path, shell=">/dev/full")
    assert status == 1
    assert errors == "What this command had to say could not be written (No space left on device); its work is done.\n"
    assert load_image(tmp_path / "out.png").shape == (40, 53, 3)


ASCII = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"}
C = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.parametrize(
    "environment, name, spelt",
    [
        (ASCII, "画→.png", r"\u753b\u2192.png"),
        (C, "画→.png", r"\udce7\udc94\udcbb\udce2\udc86\udc92.png"),
        ({"LC_ALL": "C.UTF-8"}, os.fsdecode(b"caf\xe9.png"), r"caf\udce9.png"),
    ],
    ids=["an ASCII stdout", "the C locale", "a name that is not UTF-8"],
)
def test_letters_that_cannot_be_shown_are_spelt(tmp_path, environment, name, spelt):
    status, told, errors = run([*PAINT, "-o", name], tmp_path, environment=environment)
    assert (status, errors) == (0, "")
    times = "×" if environment["LC_ALL"] == "C.UTF-8" and environment is not ASCII else r"\xd7"
    first, last = told.decode().splitlines()
    assert first == f"Painting {times} times." and last.startswith(f"The picture is in {spelt}, 53{times}40 pixels, ")
    assert os.listdir(tmp_path) == [name]
    status, _, errors = run([*PAINT, "-o", f"{name}/out.png"], tmp_path, environment=environment)
    assert status == 1 and errors.startswith(f"{spelt}/out.png cannot be written (") and errors.count("\n") == 1


def test_ctrl_c_ends_any_command_without_a_traceback(tmp_path):
    program = "import signal\nfrom nst.commands import cli, paint\npaint.main = lambda _: signal.raise_signal(2)\n"
    got = run([sys.executable, "-c", f"{program}cli.main()", "paint"], tmp_path)
    assert got == (130, b"", "Interrupted.\n")


@pytest.mark.slow
def test_a_real_painting_that_nobody_reads_of(tmp_path, closed_pipe):
    command = [*NST, "paint", *PICTURES, "-o", "画.png", "--size", "48", "--iterations", "2"]
    assert run(command, tmp_path, closed_pipe, environment=ASCII) == (141, None, "")
    assert load_image(tmp_path / "画.png").shape == (48, 64, 3)


# ----------------------------------------------------------------------------------------- painting in your own program


class Gone(io.RawIOBase):
    """A stdout that refuses everything."""

    def writable(self):
        return True

    def write(self, data):
        raise BrokenPipeError(32, "Broken pipe")


def test_a_monitor_keeps_the_picture_though_nobody_reads_on(tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("no folder")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Gone(), encoding="utf-8", write_through=True))
    with Monitor(2, every=1, output=tmp_path / "taken") as monitor:
        for iteration in range(2):
            monitor(iteration, {"total": 1.0}, np.zeros((1, 40, 50, 3)))
    assert monitor.folder.is_relative_to(tmp_path)
    assert {path.name for path in monitor.folder.iterdir()} >= {"0.png", "1.png", "generated_image.jpg", "film.gif"}


def test_tensorflow_can_be_imported_though_no_folder_takes_a_temporary_file(monkeypatch, capfd):
    def refused():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    with held_back_stderr():
        os.write(2, b"chatter\n")
    assert capfd.readouterr().err == "chatter\n"


@pytest.mark.parametrize("error, shown", [(ImportError, "chatter\n"), (KeyboardInterrupt, "")])
def test_what_is_held_back_is_shown_where_it_explains_something(error, shown, capfd):
    with pytest.raises(error), held_back_stderr():
        os.write(2, b"chatter\n")
        raise error
    assert capfd.readouterr().err == shown


@pytest.mark.parametrize("stdout", [None, io.StringIO()])
def test_a_program_without_a_stdout_of_its_own(stdout, monkeypatch, capfd):
    monkeypatch.setattr(sys, "stdout", stdout)
    with progress_bar(2, "Painting") as bar:
        bar.update(1)
        say("画×")
    assert capfd.readouterr().err == ""
    assert stdout is None or stdout.getvalue() == "画×\n"


def test_a_line_that_stdout_cannot_show_is_spelt(monkeypatch):
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding="ascii"))
    say("画×")
    assert shown.getvalue() == b"\\u753b\\xd7\n"


def test_a_stream_that_somebody_has_put_in_place_is_left_alone(capsys):
    before = sys.stdout, sys.stderr
    streams.make_patient()
    assert (sys.stdout, sys.stderr) == before
    streams.demand_told()
