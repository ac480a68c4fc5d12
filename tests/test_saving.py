"""A painting that was made is never lost: each system call that saves it fails in turn, and what tells of it, too."""

import errno
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.commands import paint as command
from nst.painting import Monitor
from nst.paths import IMAGES, tried_file, whole_file
from tests.support.calls import Calls

CONTENT, STYLE = str(IMAGES / "lake_small.jpg"), str(IMAGES / "starry.jpg")
PAINTED = np.random.default_rng(5).integers(0, 256, (48, 64, 3), np.uint8)
EARLIER = np.zeros((40, 40, 3), np.uint8)


class Film:
    def with_the_last(self):
        return [np.full((48, 64, 3), shade, np.uint8) for shade in (20, 220)]


class Desk:
    """`nst paint` with a painting that takes no time; four folders to write to, and what becomes of the picture."""

    def __init__(self, folder, patch, capsys):
        self.asked, self.capsys = folder / "asked", capsys
        for name in ("asked", "current", "temporary", "home"):
            (folder / name).mkdir()
        patch.chdir(folder / "current")
        patch.setattr(tempfile, "tempdir", str(folder / "temporary"))
        patch.setenv("HOME", str(folder / "home"))
        patch.setattr(command, "demand_program", lambda: None)
        patch.setattr(command, "_painted", self._painted)
        self.meanwhile = lambda: None
        self.painted, self.calls = False, None

    def _painted(self, options, content, endings):
        self.painted = endings.saving = True
        self.meanwhile()
        if self.calls:
            self.calls.made.clear()
            self.calls.armed = True
        return PAINTED, Film() if options.film else None, None

    def paint(self, *options, name="out.png"):
        """(what it told, exit status)."""
        self.painted, status = False, 0
        try:
            command.main([CONTENT, STYLE, "-o", str(self.asked / name), *options])
        except SystemExit as end:
            status = end.code
        finally:
            if self.calls:
                self.calls.armed = False
        told = self.capsys.readouterr().out
        return (f"{told}{status}\n", 1) if isinstance(status, str) else (told, status)


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    return Desk(tmp_path, monkeypatch, capsys)


@pytest.fixture
def calls():
    with pytest.MonkeyPatch.context() as patch:
        yield Calls(patch)


def told_place(told, what="picture"):
    """Where the picture or the film is, says the command."""
    (place,) = re.findall(rf"(?:The|the|Its) {what} is in (.+?)(?:, 64×48| instead|\n)", told)
    return Path(place)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def is_whole(path):
    return any(np.array_equal(pixels(path), expected) for expected in (PAINTED, EARLIER))


def unfinished(folder):
    return list(folder.rglob(".unfinished*"))


@pytest.mark.parametrize(
    "error, earlier", [("ENOSPC", False), ("EROFS", True), ("ENAMETOOLONG", False), ("ENOENT", True)]
)
def test_whichever_call_fails_the_picture_is_where_the_command_says(desk, calls, tmp_path, error, earlier):
    def fail(number, name, path):
        if number == failing:
            nonlocal failed
            failed = name
            raise OSError(getattr(errno, error), os.strerror(getattr(errno, error)))

    desk.calls, calls.on = calls, fail
    failing, failed, seen = 0, None, set()
    while failing == 0 or failed:
        failing, failed = failing + 1, None
        for path in desk.asked.iterdir():
            path.unlink() if path.is_file() else shutil.rmtree(path)
        if earlier:
            Image.fromarray(EARLIER).save(desk.asked / "out.png")
        told, status = desk.paint("--film")
        place, reel = told_place(told), told_place(told, "film")
        np.testing.assert_array_equal(pixels(place), PAINTED)
        with Image.open(reel) as frames:
            assert frames.n_frames == 2
        elsewhere = place.parent != desk.asked or reel.parent != place.parent
        assert status == (1 if elsewhere else 0), told
        assert ("cannot be written" in told) == elsewhere
        assert not (desk.asked / "out.png").exists() or is_whole(desk.asked / "out.png")
        assert failed == "unlink" or not unfinished(tmp_path)
        seen.add(failed)
    assert failing > 20
    assert seen >= {"mkdir", "open", "write", "close", "fsync", "replace", "scandir", None}


def test_one_folder_after_another_refuses(desk, calls, tmp_path):
    def fail(number, name, path):
        if path.startswith(tuple(map(str, refusing))):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    desk.calls, calls.on = calls, fail
    refusing = []
    for folder in (desk.asked, *(tmp_path / name for name in ("current", "temporary", "home")), Path("/dev/shm")):
        told, status = desk.paint()
        place = told_place(told)
        assert place.is_relative_to(folder) and status == bool(refusing)
        np.testing.assert_array_equal(pixels(place), PAINTED)
        assert bool(refusing) == (f"{desk.asked / 'out.png'} cannot be written (No space left on device); the" in told)
        assert place.parent == desk.asked or stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        shutil.rmtree(place.parent)
        refusing.append(folder)
        desk.asked.mkdir(exist_ok=True)
    told, status = desk.paint()
    assert (told.split(";")[1], status) == (" nor can any other file, and the picture is lost.\n", 1)
    assert [path.name for path in tmp_path.rglob("*") if path.parent != tmp_path] == []


@pytest.mark.usefixtures("in_a_terminal")
@pytest.mark.parametrize("number, status", [("SIGINT", 0), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_while_the_picture_is_saved_waits(desk, calls, number, status):
    number = getattr(signal, number)

    def send(at, name, path):
        if at == sent_at:
            signal.raise_signal(number)

    desk.calls, calls.on = calls, send
    before, sent_at = signal.getsignal(number), 0
    desk.paint()
    assert len(calls.made) > 5
    for sent_at in range(1, len(calls.made) + 1):  # noqa: B007, `send` reads it
        told, ended = desk.paint()
        assert (told_place(told), ended) == (desk.asked / "out.png", status)
        np.testing.assert_array_equal(pixels(desk.asked / "out.png"), PAINTED)
        (desk.asked / "out.png").unlink()
    assert signal.getsignal(number) == before


def test_a_signal_that_is_ignored_stays_so(desk, monkeypatch):
    earlier = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
    try:
        desk.meanwhile = lambda: signal.raise_signal(signal.SIGHUP)
        assert desk.paint()[1] == 0
    finally:
        signal.signal(signal.SIGHUP, earlier)


def test_a_film_can_be_interrupted_once_the_picture_is_safe(desk, monkeypatch):
    monkeypatch.setattr(Film, "with_the_last", lambda self: signal.raise_signal(signal.SIGINT))
    told, status = desk.paint("--film")
    assert told.endswith("The film was interrupted and is left out.\n") and status == 1
    np.testing.assert_array_equal(pixels(told_place(told)), PAINTED)


KILLED = """
import os, signal, sys
import pytest
from pathlib import Path
from nst.paths import whole_file
from tests.support.calls import Calls

path, at = Path(sys.argv[1]), 0
while True:
    at += 1
    child = os.fork()
    if not child:
        def on(number, name, _):
            if number == at:
                os.kill(os.getpid(), signal.SIGKILL)
        calls = Calls(pytest.MonkeyPatch())
        calls.on, calls.armed = on, True
        with whole_file(path) as unfinished:
            unfinished.write_bytes(b"new" * 5000)
        os._exit(0)
    ended = os.waitpid(child, 0)[1]
    print(len(path.read_bytes()), ended, flush=True)
    if not ended:
        break
"""


def test_a_program_that_is_killed_leaves_the_earlier_file_or_the_new_one(tmp_path, root):
    path = tmp_path / "out.png"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    sizes, ends = zip(*(map(int, line.split()) for line in done.stdout.splitlines()), strict=True)
    assert ends == (signal.SIGKILL,) * (len(ends) - 1) + (0,) and len(ends) > 5
    assert set(sizes) == {3, 15000} and sorted(sizes) == list(sizes)


def test_what_a_killed_program_has_left_is_removed_after_a_while(tmp_path):
    names = (".unfinished-12-out.png", ".unfinished-12-abcd0123.png", ".unfinished-12-fresh.png", ".unfinished.png")
    for name in names:
        (tmp_path / name).write_bytes(b"half")
        if "fresh" not in name:
            os.utime(tmp_path / name, (time.time() - 7200,) * 2)
    with whole_file(tmp_path / "out.png") as unfinished:
        unfinished.write_bytes(b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [names[2], names[3], "out.png"]


# ------------------------------------------------------------------------------------- what changes while it is painted


def a_folder_in_its_place(folder):
    (folder / "out.png").mkdir()


def a_file_in_the_folders_place(folder):
    folder.rmdir()
    folder.write_text("no folder")


def a_link_to_nowhere_in_the_folders_place(folder):
    folder.rmdir()
    folder.symlink_to("/nowhere/at/all")


@pytest.mark.parametrize(
    "change", [a_folder_in_its_place, a_file_in_the_folders_place, a_link_to_nowhere_in_the_folders_place]
)
def test_what_comes_in_the_way_is_told(desk, change):
    desk.meanwhile = lambda: change(desk.asked)
    told, status = desk.paint()
    place = told_place(told)
    assert status == 1 and place != desk.asked / "out.png"
    np.testing.assert_array_equal(pixels(place), PAINTED)


def test_whichever_call_fails_a_monitor_has_the_picture(calls, tmp_path, monkeypatch, capsys):
    def fail(number, name, path):
        if number == failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.chdir(tmp_path)
    calls.on, failing, told = fail, 0, ""
    while failing <= len(calls.made):
        failing += 1
        calls.made.clear()
        calls.armed = True
        with Monitor(2, every=1, output=tmp_path / "painted", film=False) as monitor:
            for iteration in range(2):
                monitor(iteration, {"total": 1.0}, np.full((1, 40, 50, 3), 4.0 * failing - 100))
        calls.armed = False
        assert abs(pixels(monitor.folder / "generated_image.jpg").astype(int) - (4 * failing + 13)).max() <= 12
        told += capsys.readouterr().out
        assert f"The picture is in {monitor.folder / 'generated_image.jpg'}\n" in told
        shutil.rmtree(tmp_path / "painted", ignore_errors=True)
    assert failing > 20 and told.count("cannot be written to (No space left on device); the files go to") > 10


def test_a_folder_that_is_removed_meanwhile_is_made_again(desk):
    desk.meanwhile = lambda: desk.asked.rmdir()
    told, status = desk.paint()
    assert (told_place(told), status) == (desk.asked / "out.png", 0)


def test_the_current_folder_is_removed_meanwhile(desk, tmp_path, monkeypatch):
    def meanwhile():
        shutil.rmtree(tmp_path / "current")
        a_file_in_the_folders_place(desk.asked)

    desk.meanwhile = meanwhile
    told, status = desk.paint()
    assert told_place(told).is_relative_to(tmp_path / "temporary") and status == 1
    monkeypatch.chdir(tmp_path)


@pytest.mark.skipif(os.geteuid(), reason="only root can become another user, whom folders refuse")
@pytest.mark.parametrize("when", ["before", "meanwhile"])
@pytest.mark.parametrize("owned", ["a folder of another", "a file of another in a sticky folder"])
def test_a_folder_of_another_user(desk, tmp_path, owned, when):
    def take_away():
        if owned == "a folder of another":
            desk.asked.chmod(0o755)
        else:
            desk.asked.chmod(0o1777)
            (desk.asked / "out.png").write_bytes(b"")
        os.seteuid(65534)

    folder = tmp_path
    while folder != folder.parent and not os.stat(folder).st_mode & stat.S_IXOTH:
        folder.chmod(0o711)
        folder = folder.parent
    for name in ("current", "temporary", "home", "asked"):
        (tmp_path / name).chmod(0o777)
    try:
        if when == "before":
            take_away()
        else:
            desk.meanwhile = take_away
        told, status = desk.paint()
    finally:
        os.seteuid(0)
    assert status == 1 and f"{desk.asked / 'out.png'} cannot be written (" in told
    if when == "before":
        assert not desk.painted and told.endswith(", so choose another folder.\n")
    else:
        np.testing.assert_array_equal(pixels(told_place(told)), PAINTED)


def test_a_limit_on_the_size_of_files_is_known_before(desk):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, before[1]))
    try:
        told, status = desk.paint()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told.endswith(
        "cannot be written (File too large); no file may be that large there, so choose another folder.\n"
    )
    assert status == 1 and not desk.painted


# ------------------------------------------------------------------------------------------- what can be known is known


@pytest.mark.parametrize(
    "name",
    ["a" * 236 + ".png", "a" * 251 + ".png", "画" * 82 + "→.png", "e\u0301" * 80 + ".jpeg", "a.PNG"],
    ids=["240 letters", "255 letters", "Chinese", "accents", "capitals"],
)
def test_every_name_that_a_disk_takes_will_do(desk, name):
    assert desk.paint("--film", name=name)[1] == 0
    assert sorted(path.name for path in desk.asked.iterdir()) == sorted([name, Path(name).stem + ".gif"])


@pytest.mark.parametrize(
    "name", ["a" * 252 + ".png", "画" * 84 + ".png", "deep/" * 900 + "out.png"], ids=["letters", "Chinese", "deep"]
)
def test_a_name_too_long_is_told_before_the_work(desk, name):
    told, status = desk.paint(name=name)
    assert told.endswith(" cannot be written (File name too long); choose a shorter name.\n") and told.count("\n") == 1
    assert status == 1 and not desk.painted


@pytest.mark.parametrize("earlier", [False, True])
def test_whatever_fails_in_the_trial_is_told_and_nothing_is_left(calls, earlier, tmp_path):
    def fail(number, name, path):
        if number == failing:
            nonlocal failed
            failed = name
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    path, calls.on, failing, failed, seen = tmp_path / "out.png", fail, 0, None, []
    while failing == 0 or failed:
        failing, failed, refused = failing + 1, None, False
        if earlier:
            path.write_bytes(b"earlier")
        calls.made.clear()
        calls.armed = True
        try:
            with tried_file(path) as unfinished:
                unfinished.write_bytes(b"trial")
        except OSError:
            refused = True
        calls.armed = False
        seen.append(failed)
        if failed != "unlink":  # what cannot be removed cannot be replaced either
            assert refused == bool(failed), failed
            assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"earlier"] * earlier
        for file in tmp_path.iterdir():
            file.unlink()
    expected = ["open", "write", "close", "open", "fsync", "close", "lstat"]
    assert seen == [*expected, *(["rmdir", "unlink"] if earlier else ["replace", "unlink", "unlink"]), None]


def test_a_picture_to_paint_from_is_not_replaced_by_the_film(desk):
    shutil.copy(CONTENT, desk.asked / "out.gif")
    with pytest.raises(SystemExit, match=r"out\.gif is one of the pictures to paint from; give another name"):
        command.main([str(desk.asked / "out.gif"), STYLE, "-o", str(desk.asked / "out.png"), "--film"])
    assert not desk.painted


def test_a_folder_where_the_film_should_be_is_told_before(desk):
    (desk.asked / "out.gif").mkdir()
    told, status = desk.paint("--film")
    assert "out.gif is a folder; give the name of a file" in told and status == 1 and not desk.painted
    assert desk.paint()[1] == 0


def test_a_picture_too_long_for_its_kind_is_told_before(desk, tmp_path):
    long = tmp_path / "long.png"
    Image.new("RGB", (70_000, 32)).save(long)
    with pytest.raises(
        SystemExit, match=r"out\.jpg cannot hold 70000×32 pixels: JPEG has at most 65,500 in each direction; "
    ):
        command.main([str(long), STYLE, "-o", str(desk.asked / "out.jpg"), "--size", "32"])
    command.main([str(long), STYLE, "-o", str(desk.asked / "out.png"), "--size", "32"])
    assert desk.painted
