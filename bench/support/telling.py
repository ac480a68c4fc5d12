"""What bench/grading.py has found, as a table, a plot and one line."""

import math
import statistics

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

GRADERS = {"stock": "stock nbgrader 0.9.6", "otter": "otter-grader 7", "judge 1": "judge, 1 job",
           "judge 2": "judge, 2 jobs"}  # fmt: skip
COLOURS = {"stock": "#7a828c", "otter": "#c5a13a", "judge 1": "#e7a36f", "judge 2": "#d9601a"}


def each(row, grader, what):
    """Seconds ("seconds") or processor seconds ("cpu") of one submission; None where it was not measured."""
    one = row.get(grader)
    return one[what] / one["submissions"] if one and one["submissions"] else None


def mean(found, grader, what):
    """The same over the mix, in which each assignment counts alike; None unless all were measured."""
    all_of_them = [each(row, grader, what) for row in found.get("mix", {}).values()]
    return statistics.mean(all_of_them) if all_of_them and None not in all_of_them else None


def over(one, other):
    """one / other, rounded; None where one of them is not there."""
    return round(one / other, 3) if one is not None and other else None


def exponent(rows):
    """The slope of log(time between first and last) over log(submissions between them): 1 is linear."""
    points = [(math.log(row["graded"] - 1), math.log(row["span"])) for row in rows if row["graded"] > 1]
    if len(points) < 2:
        return None
    return round(statistics.linear_regression(*zip(*points, strict=True)).slope, 3)


def last_line(found):
    """What there is to say in one line: a dict; None for what was not measured.

    speedup: submissions a minute of the judge with 2 jobs over stock nbgrader's. cpu_ratio: processor seconds of the
    judge over stock nbgrader's. latency_s: the median of neural-style-transfer's, or of all. growth_exponent: 1 is
    linear.
    """
    rows, latency = found.get("mix", {}), found.get("latency", {})
    seconds = latency.get("neural-style-transfer") or [s for many in latency.values() for s in many]
    growth, memory = found.get("growth", []), found.get("memory", {})
    tolls = [found[part] for part in ("kills", "queue") if "kills" in found.get(part, {})]
    result = {
        "speedup": over(mean(found, "stock", "seconds"), mean(found, "judge 2", "seconds")),
        "speedup_by_assignment": {
            name: over(each(row, "stock", "seconds"), each(row, "judge 2", "seconds")) for name, row in rows.items()
        },
        "speedup_1_job": over(mean(found, "stock", "seconds"), mean(found, "judge 1", "seconds")),
        "latency_s": round(statistics.median(seconds), 2) if seconds else None,
        "latency_worst_s": round(max(max(many) for many in latency.values()), 2) if latency else None,
        "cpu_ratio": over(mean(found, "judge 2", "cpu"), mean(found, "stock", "cpu")),
        "growth_exponent": exponent(growth),
        "coordinator_growth_mb": _rise(growth),
        "job_mb": memory["2"]["others"] - memory["1"]["others"] if "2" in memory else None,
        "coordinator_mb": memory["2"]["coordinator"] if "2" in memory else None,
        "kills": sum(sum(toll["kills"].values()) for toll in tolls) if tolls else None,
        **{name: sum(toll[name] for toll in tolls) if tolls else None for name in ("lost", "twice", "changed")},
        "queue_per_s": round((growth[-1]["graded"] - 1) / growth[-1]["span"], 2) if growth else None,
        "queue_postgresql_per_s": found.get("queue", {}).get("per_s"),
    }
    return result | ({"failed": found["failed"]} if found.get("failed") else {})


def _rise(growth):
    """MB that the coordinator has grown by, from a tenth of its largest class to the end."""
    memory = growth[-1]["memory"] if growth else []
    return round(max(memory) - memory[len(memory) // 10], 1) if len(memory) > 9 else None


def table(found):
    """All of it in Markdown."""
    lines = ["| seconds each (of a processor) | " + " | ".join(GRADERS.values()) + " | times stock |",
             "|---|" + "---:|" * (len(GRADERS) + 1)]  # fmt: skip
    for name, row in found.get("mix", {}).items():
        lines.append(_line(name, lambda grader, what, row=row: each(row, grader, what)))
    if found.get("mix"):
        lines.append(_line("**the mix**", lambda grader, what: mean(found, grader, what)))
        counts = {
            grader: [sum(row[grader][what] for row in found["mix"].values() if grader in row)
                     for what in ("submissions", "graded")]
            for grader in GRADERS
        }  # fmt: skip
        told = [f"{GRADERS[grader]} {graded} of {many}" for grader, (many, graded) in counts.items() if many]
        lines += ["", f"Graded: {', '.join(told)}. Processor seconds are counted {found.get('counted')}."]
    if found.get("otter"):
        lines.append(f"otter-grader: {found['otter']}")
    line = last_line(found)
    lines += ["", "| | |", "|---|---:|"]
    lines += [f"| {name} | {value} |" for name, value in line.items() if not isinstance(value, dict)]
    for name, seconds in found.get("latency", {}).items():
        lines.append(f"| one submission, {name} | {statistics.median(seconds):.2f} s, at worst {max(seconds):.2f} |")
    for row in found.get("growth", []):
        lines.append(f"| {row['size']} tiny submissions | {row['seconds']:.1f} s, {row['graded']} graded |")
    for part in ("kills", "queue"):
        for name, count in found.get(part, {}).get("kills", {}).items():
            lines.append(f"| killed: {name} | {count} |")
    for name, reason in found.get("failed", {}).items():
        lines.append(f"| **{name} failed** | {reason} |")
    return "\n".join(lines) + "\n"


def _line(name, measured):
    cells = []
    for grader in GRADERS:
        seconds, used = measured(grader, "seconds"), measured(grader, "cpu")
        cells.append("–" if seconds is None else f"{seconds:.2f} ({used:.2f})")
    times = over(measured("stock", "seconds"), measured("judge 2", "seconds"))
    return f"| {name} | " + " | ".join(cells) + f" | {'–' if times is None else f'{times:.1f}'} |"


def save_plot(path, found):
    """A panel for each thing that was measured; False where nothing was."""
    panels = (("mix", _draw_mix), ("latency", _draw_latency), ("growth", _draw_growth), ("growth", _draw_memory))
    there = [draw for name, draw in panels if found.get(name)]
    if not there:
        return False
    figure = Figure(figsize=(11, 3.6 * -(-len(there) // 2)), layout="constrained")
    places = figure.subplots(-(-len(there) // 2), min(2, len(there)), squeeze=False).flatten()
    for axes in places[len(there) :]:
        axes.set_axis_off()
    for axes, draw in zip(places, there, strict=False):
        draw(axes, found)
        axes.spines[["top", "right"]].set_visible(False)
    FigureCanvasAgg(figure).print_png(str(path))
    return True


def _draw_mix(axes, found):
    rows = found["mix"]
    for number, (grader, label) in enumerate(GRADERS.items()):
        values = [each(row, grader, "seconds") for row in rows.values()]
        places = [place + 0.2 * number - 0.3 for place, value in enumerate(values) if value is not None]
        values = [value for value in values if value is not None]
        if values:
            bars = axes.bar(places, values, width=0.19, color=COLOURS[grader], label=label)
            axes.bar_label(bars, fmt="%.2g", fontsize=7, padding=1)
    axes.set_yscale("log")
    axes.set_xticks(range(len(rows)), [name.replace("-", "-\n", 1) for name in rows], fontsize=8)
    axes.set(title="seconds a submission, start included", ylim=(None, axes.get_ylim()[1] * 3))
    axes.legend(frameon=False, fontsize=7, ncols=2, loc="upper center")


def _draw_latency(axes, found):
    for place, seconds in enumerate(found["latency"].values()):
        axes.plot([place] * len(seconds), seconds, "o", color=COLOURS["judge 2"], alpha=0.5)
        axes.plot([place - 0.2, place + 0.2], [statistics.median(seconds)] * 2, color="#20242a")
    axes.set_xticks(
        range(len(found["latency"])), [name.replace("-", "-\n", 1) for name in found["latency"]], fontsize=8
    )
    axes.set(title="one submission, warm: seconds (line: median)", ylim=(0, None))


def _draw_growth(axes, found):
    rows = [row for row in found["growth"] if row["graded"] > 1]
    sizes, spans = [row["graded"] - 1 for row in rows], [row["span"] for row in rows]
    axes.loglog(sizes, spans, "o-", color=COLOURS["judge 2"], label=f"exponent {exponent(rows)}")
    axes.loglog(sizes, [spans[-1] * size / sizes[-1] for size in sizes], ":", color="#7a828c", label="linear")
    axes.set(title="tiny submissions, 2 jobs: seconds", xlabel="submissions after the first")
    axes.legend(frameon=False, fontsize=8)


def _draw_memory(axes, found):
    row = found["growth"][-1]
    times = [row["seconds"] * (place + 1) / len(row["memory"]) for place in range(len(row["memory"]))]
    axes.plot(times, row["memory"], color="#20242a")
    axes.set(title=f"MB of the coordinator, {row['size']} submissions", xlabel="seconds")
    axes.set_ylim(0, 1.2 * max(row["memory"]))
