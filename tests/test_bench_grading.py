"""bench/grading.py tells what it has measured, counts what is easily missed, and notices what kills could do."""

import json
import math
import subprocess
import sys
import time
import zipfile

import nbformat
import pytest

from bench.support import courses, kills, otter
from bench.support.meter import Box, Watch, run
from bench.support.telling import exponent, last_line, save_plot, table
from nst.course.release import read_source
from nst.paths import CHECKOUT

SEE = "what-convnets-see"
PROMISED = {"speedup", "speedup_by_assignment", "latency_s", "cpu_ratio", "growth_exponent", "lost", "twice", "changed",
            "queue_per_s"}  # fmt: skip


def measured(submissions, seconds, cpu):
    return {"submissions": submissions, "graded": submissions, "seconds": seconds, "cpu": cpu}


FOUND = {
    "failed": {"memory": "RuntimeError: none"},
    "counted": "by control group",
    "mix": {
        SEE: {"stock": measured(2, 40, 36), "judge 1": measured(10, 16, 12), "judge 2": measured(10, 8, 13)},
        "neural-style-transfer": {
            "stock": measured(4, 100, 96),
            "otter": measured(1, 20, 18),
            "judge 1": measured(10, 24, 18),
            "judge 2": measured(10, 12, 20),
        },
    },
    "latency": {SEE: [0.5, 2.0], "neural-style-transfer": [1.0, 1.2, 1.1]},
    "growth": [
        {"size": 11, "graded": 11, "seconds": 8.0, "span": 2.0, "memory": [100.0]},
        {"size": 101, "graded": 101, "seconds": 26.0, "span": 20.0, "memory": [100.0] * 11 + [104.0] * 10},
    ],
    "kills": {"kills": {"a worker": 3, "the coordinator": 2}, "lost": 0, "twice": 1, "changed": 0},
    "queue": {
        "size": 9,
        "per_s": 4.0,
        "kills": {"a connection to the database": 4},
        "lost": 1,
        "twice": 0,
        "changed": 0,
    },
}


def test_the_last_line_has_what_was_measured():
    line = last_line(FOUND)
    assert set(line) >= PROMISED
    assert line["speedup_by_assignment"] == {SEE: 25.0, "neural-style-transfer": 20.833}
    assert line["speedup"] == 22.5  # 20 and 25 seconds each, over 0.8 and 1.2
    assert line["cpu_ratio"] == round((1.3 + 2.0) / (18 + 24), 3)
    assert (line["latency_s"], line["latency_worst_s"]) == (1.1, 2.0)
    assert (line["growth_exponent"], line["queue_per_s"], line["coordinator_growth_mb"]) == (1.0, 5.0, 4.0)
    assert (line["kills"], line["lost"], line["twice"], line["changed"]) == (9, 1, 1, 0)
    assert line["failed"] == FOUND["failed"]
    assert json.loads(json.dumps(line)) == line


def test_what_was_not_measured_is_no_number():
    line = last_line({"failed": {}})
    assert set(line) >= PROMISED
    assert line.pop("speedup_by_assignment") == {}
    assert set(line.values()) == {None}
    half = {"mix": {SEE: {"stock": measured(1, 2, 3)}}}
    assert last_line(half)["speedup"] is None


def test_table_and_plot_show_every_part_and_what_failed(tmp_path):
    text = table(FOUND)
    assert "| neural-style-transfer | 25.00 (24.00) | 20.00 (18.00) | 2.40 (1.80) | 1.20 (2.00) | 20.8 |" in text
    assert f"| {SEE} | 20.00 (18.00) | – |" in text
    assert "| **memory failed** | RuntimeError: none |" in text
    assert "| killed: a connection to the database | 4 |" in text
    assert save_plot(tmp_path / "plot.png", FOUND)
    assert (tmp_path / "plot.png").stat().st_size > 10_000
    assert not save_plot(tmp_path / "none.png", {"failed": {}})


@pytest.mark.parametrize("power", [1, 2])
def test_growth_is_the_slope_in_logarithms(power):
    rows = [{"graded": size + 1, "span": 0.3 * size**power} for size in (9, 99, 999)]
    assert math.isclose(exponent(rows), power)


def test_what_a_daemon_uses_is_counted_and_it_is_ended(tmp_path):
    burn = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    daemon = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {burn!r}], start_new_session=True)"
    with Box() as box:
        if not box.group:
            pytest.skip("no control group can be made here")
        before = box.seconds()
        run(box, [sys.executable, "-c", daemon], tmp_path, tmp_path / "log")
        while box.processes():
            time.sleep(0.02)
        assert box.seconds() - before > 0.4
        sleep = [sys.executable, "-c", "print(1, flush=True); import time; time.sleep(60)"]
        sleeper = subprocess.Popen(box.wrap(sleep), stdout=subprocess.PIPE)
        assert sleeper.stdout.read(1) == b"1"
        with Watch(box, sleeper.pid, every=0.02) as watch:
            time.sleep(0.2)
        assert 1 < watch.first[0][1] < 500
    assert sleeper.wait(10) == -9
    assert not box.group.exists()


GRADES = """
import json, pathlib, sys, time
started = pathlib.Path("started"); started.write_text(started.read_text() + "x" if started.exists() else "x")
runs = len(started.read_text())
for number in range(6):
    path = pathlib.Path("judged", str(number), "tiny.json")
    if {again} or not path.exists():
        time.sleep(0.05)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new"); new.write_text({what}); new.rename(path)
"""


@pytest.mark.parametrize(
    ("again", "what", "harm"),
    [("False", "'7'", set()), ("runs > 1", "'7'", {"twice"}), ("False", "str(max(runs, 1))", {"changed"})],
    ids=["as it should be", "judges again", "another grade"],
)
def test_harm_done_by_kills_is_noticed(tmp_path, monkeypatch, again, what, harm):
    def read(folder, _):
        return {path.parent.name: path.read_text() for path in (folder / "judged").glob("*/tiny.json")}

    monkeypatch.setattr(kills, "grades", read)
    (tmp_path / "gradebook.db").write_text("released")
    command = [sys.executable, "-c", GRADES.format(again=again, what=what)]
    with Box() as box:
        grading = kills.Grading(command, tmp_path, box, tmp_path / "log")
        grading.targets = {"the coordinator": grading.targets["the coordinator"]}
        undisturbed = kills.uninterrupted(grading, "tiny")
        assert len(undisturbed[0]) == 6
        (tmp_path / "started").unlink()
        toll = kills.kill_at_random(grading, "tiny", undisturbed, 4, seed=2)
    assert sum(toll.kills.values()) == 4
    assert toll.lost == set()
    assert {name for name in ("twice", "changed") if getattr(toll, name)} == harm


def test_who_never_gets_a_grade_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(kills, "grades", lambda folder, _: {} if (folder / "started").exists() else {"ada": 1})
    (tmp_path / "gradebook.db").write_text("released")
    with Box() as box:
        grading = kills.Grading([sys.executable, "-c", ""], tmp_path, box, tmp_path / "log")
        (tmp_path / "started").write_text("x")
        toll = kills.kill_at_random(grading, "tiny", ({"ada": 1}, 0.01, 0.01), 1, seed=1)
    assert {student for _, student in toll.lost} == {"ada"}


def test_a_class_for_stock_nbgrader_holds_nothing_that_stops_it():
    made = courses.a_class(SEE, 30, seed=1)
    assert len(made) == 30
    rows = {handed.row for handed in made if handed.kind in ("broken", "hostile")}
    assert rows
    assert rows.isdisjoint(courses.STOPS_STOCK)


def test_otter_gets_the_same_tests(tmp_path):
    names = otter.autograders(tmp_path / "autograders", SEE)
    assert len(names) == 2
    for name in names:
        source = read_source(CHECKOUT / "answers" / SEE / f"{name}.py")
        cells = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells
                 if cell.metadata.get("nbgrader", {}).get("grade")}  # fmt: skip
        with zipfile.ZipFile(tmp_path / "autograders" / f"{name}.zip") as file:
            tests = {path[6:-3]: file.read(path).decode() for path in file.namelist() if path.startswith("tests/")}
        assert set(tests) == set(cells)
        for grade_id, text in tests.items():
            assert repr(cells[grade_id].source) in text
            assert f"hidden={grade_id.startswith('hidden_')}" in text
        kept = nbformat.reads(otter.for_otter(nbformat.writes(source).encode()).decode(), as_version=4)
        assert not any(cell.metadata.get("nbgrader", {}).get("grade") for cell in kept.cells)
        assert len(kept.cells) > len(source.cells) / 2
    assert otter.for_otter(b"{") == b"{"
