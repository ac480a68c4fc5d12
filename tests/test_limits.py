"""How much memory is left, by all who limit it: the machine, control groups of containers and services, `ulimit`."""

import resource
import subprocess
import sys

import psutil
import pytest

from nst import limits
from nst.limits import Room, demand_program, rooms
from nst.painting import demand_memory, megabytes, memory
from nst.pictures import PictureError
from nst.weights import vgg19 as pretrained
from nst_utils import load_vgg_model

MOUNT_1 = "35 31 0:32 {seen} /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory"
MOUNT_2 = "30 24 0:26 {seen} /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
OTHERS = "22 28 0:21 / /proc rw - proc proc rw\n33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
NONE_1 = "9223372036854771712"

#: Of 300 MB, 200 are used, 20 of which are given back at once.
LIMIT, USED, LEFT = "300000000\n", "200000000\n", 120e6


def group(folder, version, limit=LIMIT, used=USED, **statistics):
    """The files of a control group, path -> text; statistics: more of memory.stat."""
    prefix = "total_" if version == 1 else ""
    statistics = {"anon": 1, f"{prefix}inactive_file": 20_000_000} | statistics
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if version == 1 else ("memory.max", "memory.current")
    folder = f"sys/fs/cgroup/memory{folder}" if version == 1 else f"sys/fs/cgroup{folder}"
    text = "".join(f"{name} {number}\n" for name, number in statistics.items())
    return {f"{folder}/{names[0]}": limit, f"{folder}/{names[1]}": used, f"{folder}/memory.stat": text}


def tree(root, own, mount, *groups):
    """Lay out what Linux shows of control groups. own: /proc/self/cgroup; mount: a line of /proc/self/mountinfo."""
    files = {"proc/self/cgroup": own, "proc/self/mountinfo": OTHERS + mount + "\n"}
    for more in groups:
        files |= more
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture(autouse=True)
def no_limit_of_this_machine(monkeypatch):
    """The machine that the tests run on may have limits of its own."""
    monkeypatch.setattr(limits, "_resource_limits", lambda: [])


ROOMY = "5000000000\n"
TREES = {
    "a container": ("0::/\n", MOUNT_2.format(seen="/"), group("", 2)),
    "a service": (
        "0::/system.slice/hub.service\n",
        MOUNT_2.format(seen="/"),
        group("/system.slice/hub.service", 2),
        group("/system.slice", 2, "max\n", ROOMY),
    ),
    "the slice around a service": (
        "0::/user.slice/u1.slice/app.scope\n",
        MOUNT_2.format(seen="/"),
        group("/user.slice/u1.slice/app.scope", 2, "max\n", "1000\n"),
        group("/user.slice/u1.slice", 2),
        group("/user.slice", 2, ROOMY, "300000000\n"),
    ),
    "a limit from which on it is slowed down": (
        "0::/\n",
        MOUNT_2.format(seen="/"),
        group("", 2, ROOMY, USED) | {"sys/fs/cgroup/memory.high": LIMIT},
    ),
    "a path that a container cannot see": ("0::/../../outer/box\n", MOUNT_2.format(seen="/"), group("", 2)),
    "version 1, a container": ("4:memory:/docker/ab12\n", MOUNT_1.format(seen="/docker/ab12"), group("", 1)),
    "version 1, a container that sees all": (
        "5:cpu,cpuacct:/\n4:hugetlb,memory:/docker/ab12\n0::/\n",
        MOUNT_1.format(seen="/"),
        group("/docker/ab12", 1),
        group("", 1, NONE_1, ROOMY),
    ),
    "version 1, a limit around it": (
        "4:memory:/outer/inner\n",
        MOUNT_1.format(seen="/"),
        group("/outer/inner", 1, NONE_1, "1000\n"),
        group("/outer", 1),
    ),
    "version 1, a limit around it out of sight": (
        "4:memory:/outer/inner\n",
        MOUNT_1.format(seen="/outer/inner"),
        group("", 1, NONE_1, hierarchical_memory_limit=300_000_000),
    ),
    "both versions at once": (
        "4:memory:/box\n0::/box\n",
        MOUNT_2.format(seen="/").replace("/sys/fs/cgroup ", "/sys/fs/cgroup/unified ")
        + "\n"
        + MOUNT_1.format(seen="/"),
        group("/box", 1),
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_a_control_groups_limit_counts_wherever_it_is(name, tmp_path):
    least = min(rooms(tree(tmp_path, *TREES[name])))
    assert (least.bytes, least.counted) == (LEFT, "memory")
    assert least.words.startswith("the limit of this container or service (") and least.words.endswith("leaves 0.12 GB")


def test_more_used_than_is_allowed_leaves_nothing(tmp_path):
    least = min(rooms(tree(tmp_path, "0::/\n", MOUNT_2.format(seen="/"), group("", 2, "1000\n"))))
    assert least.bytes == 0


@pytest.mark.parametrize(
    "files",
    [
        ("0::/\n", MOUNT_2.format(seen="/"), group("", 2, "max\n")),
        ("4:memory:/\n", MOUNT_1.format(seen="/"), group("", 1, NONE_1)),
        ("4:memory:/\n", MOUNT_1.format(seen="/"), group("", 1, "18446744073709551615\n")),
        ("0::/\n", MOUNT_2.format(seen="/"), group("", 2, "")),
        ("0::/\n", MOUNT_2.format(seen="/"), {"sys/fs/cgroup/memory.max": LIMIT}),
        ("0::/gone\n", MOUNT_2.format(seen="/")),
        ("2:cpu:/\n", MOUNT_1.format(seen="/"), group("", 1)),
    ],
)
def test_without_a_limit_the_machine_alone_counts(files, tmp_path):
    assert [room.words.split()[1] for room in rooms(tree(tmp_path, *files))] == ["machine"]


def test_a_system_that_is_no_linux_has_its_machine(tmp_path):
    (room,) = rooms(tmp_path)
    assert room.bytes == pytest.approx(psutil.virtual_memory().available, rel=0.2)


def test_a_machine_that_promises_no_more_than_it_has(tmp_path):
    (tmp_path / "proc/sys/vm").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9 kB\nCommitLimit:  300000 kB\nCommitted_AS:   200000 kB\n")
    (tmp_path / "proc/sys/vm/overcommit_memory").write_text("0\n")
    assert len(rooms(tmp_path)) == 1
    (tmp_path / "proc/sys/vm/overcommit_memory").write_text("2\n")
    assert min(rooms(tmp_path)).bytes == 1024 * 100_000


# ------------------------------------------------------------------------------------------------ what is made of it


def left(number, counted="memory", who="`ulimit -v`"):
    return Room(number, counted, f"{who} leaves {number / 1e9:.2f} GB", "say `ulimit -v unlimited` first")


@pytest.mark.parametrize("order", [1, -1])
def test_the_least_counts_and_is_named(order, monkeypatch):
    found = [left(9e9, who="this machine"), left(1e8, who="the limit"), left(9e9, "address space")][::order]
    monkeypatch.setattr(memory, "rooms", lambda: found)
    with pytest.raises(PictureError) as error:
        demand_memory((600, 800), load_vgg_model(pretrained.EMBEDDED))
    assert str(error.value) == (
        "Painting 600×800 pixels takes about 0.73 GB of memory and the limit leaves 0.10 GB; 155×206 would fit, or "
        "say `ulimit -v unlimited` first."
    )


@pytest.mark.parametrize("counted", ["memory", "address space", "data"])
def test_the_size_that_would_fit_fits(counted, monkeypatch):
    model = load_vgg_model(pretrained.EMBEDDED)
    monkeypatch.setattr(memory, "rooms", lambda: [left(6e8, counted)])
    with pytest.raises(PictureError, match=" would fit, or ") as error:
        demand_memory((1000, 1500), model)
    height, width = map(int, str(error.value).split("GB; ")[1].split(" would")[0].split("×"))
    demand_memory((height, width), model)
    with pytest.raises(PictureError):
        demand_memory((height * 6 // 5, width * 6 // 5), model)


def test_nothing_fits_into_nothing(monkeypatch):
    monkeypatch.setattr(memory, "rooms", lambda: [left(0)])
    with pytest.raises(PictureError, match="no size would fit; say `ulimit -v unlimited` first"):
        demand_memory((64, 64), load_vgg_model(pretrained.EMBEDDED))


def test_address_space_is_asked_for_before_it_is_used(monkeypatch):
    model = load_vgg_model(pretrained.EMBEDDED)
    enough = 1e6 * megabytes((600, 800), model) * 1.2
    monkeypatch.setattr(memory, "rooms", lambda: [left(enough)])
    demand_memory((600, 800), model)
    monkeypatch.setattr(memory, "rooms", lambda: [left(enough, "address space")])
    with pytest.raises(PictureError, match=r"takes about 1\.12 GB of address space"):
        demand_memory((600, 800), model)


def test_tensorflow_itself_has_to_fit():
    demand_program([left(9e9, counted) for counted in limits.PROGRAM])
    for counted in limits.PROGRAM:
        with pytest.raises(ValueError, match=f"TensorFlow takes about .* GB of {counted} before it paints"):
            demand_program([left(9e9), left(3e8, counted)])


@pytest.mark.skipif(sys.platform != "linux", reason="no other system keeps these limits")
@pytest.mark.parametrize("limit, counted", [("RLIMIT_AS", "address space"), ("RLIMIT_DATA", "data")])
def test_ulimit_counts_what_is_taken_already(limit, counted, monkeypatch):
    monkeypatch.undo()
    number = getattr(resource, limit)
    before, used = resource.getrlimit(number), psutil.Process().memory_info()
    taken = used.vms if counted == "address space" else used.data
    resource.setrlimit(number, (taken + 300_000_000, before[1]))
    try:
        room = next(room for room in rooms() if room.counted == counted)
        with pytest.raises(PictureError, match=f"GB of {counted} and `ulimit -.` leaves 0.[23]. GB; .* would fit"):
            demand_memory((600, 800), load_vgg_model(pretrained.EMBEDDED))
    finally:
        resource.setrlimit(number, before)
    assert room.bytes == pytest.approx(300_000_000, abs=30_000_000)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system keeps this limit")
def test_nst_paint_under_a_ulimit_says_so_in_place_of_a_crash(tmp_path, root):
    paint = f"{sys.executable} -m nst.commands.cli paint lake_small.jpg starry.jpg -o {tmp_path}/out.png"
    command = ["sh", "-c", f"ulimit -v 1500000; exec {paint}"]
    done = subprocess.run(command, cwd=root / "images", capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("TensorFlow takes about ") and done.stderr.count("\n") == 1
    assert "GB of address space before it paints, and `ulimit -v` leaves 1." in done.stderr
    assert not list(tmp_path.iterdir())
