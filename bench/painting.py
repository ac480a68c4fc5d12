"""How fast painting is, against the classic loop, against the machine's own limit, and as pictures grow.

(a) Seconds to the cost that the textbook loop (Adam, learning rate 2.0, 200 iterations, tf.function) ends at, for that
    loop and for `nst.painting.paint_scales`, in turn: the same costs, the same start, compiling and the targets of
    every size included. On the embedded network with all its layers and, where ../shared/data is, on the real VGG-19 to
    conv3_4. PyTorch runs the textbook loop as well, where it is installed.
(b) Seconds per iteration at 300 × 400 on VGG-19's full widths to conv5_1, with and without XLA, against a floor of the
    same minutes: the floating-point operations over the rate of a float32 matrix product. Weights are random, for their
    values do not matter.
(c) Peak memory, and how the time of a step grows from 0.1 to 1.5 megapixels, each size in a process of its own; and
    seconds from the start of `nst paint` to its file.

Prints a table, saves a plot and the pictures of (a) into output/, and ends with one line of JSON. A quarter of an hour
for all of it; --parts and --size make it less. Run it on a machine that does nothing else.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from nst.painting import paint, paint_scales, scales
from nst.paths import CHECKOUT, IMAGES, OUTPUT
from nst.quiet import tf
from nst.weights.vgg19 import EMBEDDED, read_weights
from nst_utils import VGG, generate_noise_image, load_image, reshape_and_normalize_image, to_rgb

# The tests know how to make weights of every shape, and to read the real ones beside the clone.
from tests.support.weights_files import random_weights, real_weights

CONTENT_LAYER = "conv4_2"
STYLE_LAYERS = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
PAIRS = [("pyramid_small", "impressionist"), ("lake_small", "starry"), ("pyramid_small", "mosaic")]
ALPHA, BETA = 10, 40
ROUNDS = 8
MEGAPIXELS = [0.1, 0.3, 0.75, 1.5]


# ------------------------------------------------------------------------------------------------------ (a) the race


def cost_maker(model, content_layer, style_layers, pair):
    """The classic costs of a pair of pictures, for `paint_scales`: a function of a size."""

    def gram_matrix(activation):
        unrolled = tf.reshape(activation, [-1, activation.shape[-1]])
        return tf.matmul(unrolled, unrolled, transpose_a=True)

    def make_cost(size):
        content, style = (reshape_and_normalize_image(load_image(IMAGES / f"{n}.jpg", size=size)) for n in pair)
        a_C = model.activations(content, [content_layer])[content_layer]
        grams = {layer: gram_matrix(a_S) for layer, a_S in model.activations(style, style_layers).items()}

        def cost(picture):
            a_G = model.activations(picture, [content_layer, *style_layers])
            J_content = tf.reduce_sum((a_C - a_G[content_layer]) ** 2) / (4 * np.prod(a_C.shape))
            J_style = 0.0
            for layer, gram in grams.items():
                entries = 2 * float(np.prod(a_G[layer].shape))
                J_style += tf.reduce_sum((gram_matrix(a_G[layer]) - gram) ** 2) / entries**2 / len(grams)
            return {"total": ALPHA * J_content + BETA * J_style}

        return cost

    return make_cost


def textbook(make_cost, start, iterations):
    """The classic loop: (picture, a list of (seconds, cost)), each cost that of the picture before the step."""
    began, curve = time.perf_counter(), []
    cost, picture = make_cost(start.shape[1:3]), tf.Variable(start)
    optimizer = tf.keras.optimizers.Adam(2.0)
    optimizer.build([picture])

    @tf.function(autograph=False)
    def step():
        with tf.GradientTape() as tape:
            total = cost(picture)["total"]
        optimizer.apply_gradients([(tape.gradient(total, picture), picture)])
        return total

    for _ in range(iterations):
        total = float(step())
        curve.append((time.perf_counter() - began, total))
    seconds = curve[-1][0]
    return picture.numpy(), [*curve, (seconds, float(cost(picture)["total"]))]


class _ReachedError(Exception):
    pass


def fast(make_cost, start, target):
    """`paint_scales` until it is at `target`: (picture, a list of (seconds, cost)) of its steps in full size."""
    began, curve, last = time.perf_counter(), [], None

    def callback(_, costs, picture):
        nonlocal last
        if picture.shape == start.shape:
            last = picture.numpy()
            curve.append((time.perf_counter() - began, float(costs["total"])))
            if curve[-1][1] <= target:
                raise _ReachedError

    coarser = len(scales(start.shape[1:3])) - 1
    with suppress(_ReachedError):
        paint_scales(make_cost, start, iterations=[30] * coarser + [150], callback=callback)
    return last, curve


def torch_seconds(weights, content_layer, style_layers, pair, size, iterations):
    """Seconds of the textbook loop in PyTorch; None where that is not installed."""
    try:
        import torch
        from torch.nn import functional
    except ImportError:
        return None
    kernels = {n: (torch.tensor(k.transpose(3, 2, 0, 1).copy()), torch.tensor(b)) for n, (k, b) in weights.items()}
    wanted = [content_layer, *style_layers]

    def activations(x):
        found = {}
        for layer, (kernel, bias) in kernels.items():
            if layer.endswith("_1") and layer != "conv1_1":
                x = functional.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)
            x = found[layer] = functional.relu(functional.conv2d(x, kernel, bias, padding=1))
            if all(name in found for name in wanted):
                return found

    def gram_matrix(activation):
        unrolled = activation.flatten(2)[0]
        return unrolled @ unrolled.T

    began = time.perf_counter()
    content, style = (reshape_and_normalize_image(load_image(IMAGES / f"{n}.jpg", size=size)) for n in pair)
    with torch.no_grad():
        a_C = activations(torch.tensor(content.transpose(0, 3, 1, 2).copy()))[content_layer]
        found = activations(torch.tensor(style.transpose(0, 3, 1, 2).copy()))
        grams = {layer: gram_matrix(found[layer]) for layer in style_layers}
    start = generate_noise_image(content, rng=np.random.default_rng(3))
    picture = torch.tensor(start.transpose(0, 3, 1, 2).copy(), requires_grad=True)
    optimizer = torch.optim.Adam([picture], lr=2.0)
    for _ in range(iterations):
        optimizer.zero_grad()
        a_G = activations(picture)
        total = ALPHA * ((a_C - a_G[content_layer]) ** 2).sum() / (4 * a_C.numel())
        for layer, gram in grams.items():
            entries = 2 * float(a_G[layer].numel())
            total = total + BETA * ((gram_matrix(a_G[layer]) - gram) ** 2).sum() / entries**2 / len(grams)
        total.backward()
        optimizer.step()
    return time.perf_counter() - began


def race(size, iterations, pairs, repeats):
    """Part (a): a list of dicts, one a network and pair; seconds are the medians of `repeats`, curves the last ones."""
    embedded = read_weights(EMBEDDED)
    networks = {"embedded": (embedded, CONTENT_LAYER, STYLE_LAYERS)}
    if (CHECKOUT.parent / "shared" / "data").is_dir():
        real = real_weights(CHECKOUT.parent / "shared" / "data")
        networks["real to conv3_4"] = real, "conv3_2", STYLE_LAYERS[:3]
    rows = []
    for name, (weights, content_layer, style_layers) in networks.items():
        model = VGG(weights, name)
        for pair in pairs:
            make_cost = cost_maker(model, content_layer, style_layers, pair)
            content = reshape_and_normalize_image(load_image(IMAGES / f"{pair[0]}.jpg", size=size))
            start = generate_noise_image(content, rng=np.random.default_rng(3))
            seconds = []
            for _ in range(repeats):
                busy = [time.process_time()]
                classic, classic_curve = textbook(make_cost, start, iterations)
                busy.append(time.process_time())
                target = classic_curve[-1][1]
                quick, quick_curve = fast(make_cost, start, target)
                busy.append(time.process_time())
                reached = quick_curve[-1][1] <= target
                seconds.append([classic_curve[-1][0], quick_curve[-1][0] if reached else np.inf, *np.diff(busy)])
            classic_s, quick_s, classic_cpu, quick_cpu = np.median(seconds, axis=0).tolist()
            row = {
                "network": name,
                "pair": " + ".join(pair),
                "curves": {"textbook": classic_curve, "fast": quick_curve},
                "textbook": classic_s,
                "fast": quick_s,
                "cpu_ratio": quick_cpu / classic_cpu,
                "torch": torch_seconds(weights, content_layer, style_layers, pair, size, iterations),
            }
            rows.append(row)
            pictures = [load_image(IMAGES / f"{n}.jpg", size=size) for n in pair] + [to_rgb(classic), to_rgb(quick)]
            row["pictures"] = np.concatenate(pictures, axis=1)
            in_torch = "" if row["torch"] is None else f"   PyTorch {row['torch']:.1f} s"
            print(
                f"{name:17s}{row['pair']:32s}textbook {row['textbook']:7.1f} s   fast {row['fast']:6.1f} s   "
                f"ratio {row['fast'] / row['textbook']:.3f}, of processor time {row['cpu_ratio']:.3f}{in_torch}",
                flush=True,
            )
    return rows


# ----------------------------------------------------------------------------------------------------- (b) the floor


def make_step(model):
    """One iteration of the classic painting: forward to conv5_1, five Gram matrices, gradient, Adam."""
    picture = tf.Variable(np.random.default_rng(1).uniform(-60, 60, (1, 300, 400, 3)).astype("float32"))
    optimizer = tf.keras.optimizers.Adam(2.0)
    optimizer.build([picture])

    def step():
        with tf.GradientTape() as tape:
            activations = model.activations(picture, [CONTENT_LAYER, *STYLE_LAYERS])
            cost = tf.reduce_mean(activations[CONTENT_LAYER] ** 2)
            for layer in STYLE_LAYERS:
                unrolled = tf.reshape(activations[layer], [-1, activations[layer].shape[-1]])
                cost += tf.reduce_mean(tf.matmul(unrolled, unrolled, transpose_a=True) ** 2)
        optimizer.apply_gradients([(tape.gradient(cost, picture), picture)])

    return step


def median_seconds(steps, rounds=ROUNDS):
    """A dict from name to the median seconds of a step, all steps timed in turn."""
    seconds = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(rounds):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - began)
    return {name: float(np.median(times)) for name, times in seconds.items()}


def operations(weights, height, width):
    """Floating-point operations of a step to conv5_1: every product twice, forward and back to the picture."""
    total = 0
    for layer, (kernel, _) in weights.items():
        if layer.endswith("_1") and layer != "conv1_1":
            height, width = -(-height // 2), -(-width // 2)
        total += 2 * 2 * kernel.size * height * width
        if layer in STYLE_LAYERS:
            total += 2 * 2 * kernel.shape[-1] ** 2 * height * width
        if layer == STYLE_LAYERS[-1]:
            return total


def floor(rounds):
    """Part (b): a dict of seconds, and the best way's ratio to the floor."""
    weights, side = random_weights("conv5_4"), 2048
    step, square = make_step(VGG(weights, "full width")), tf.random.stateless_normal((side, side), (1, 2))
    embedded = make_step(VGG(read_weights(EMBEDDED), "embedded"))
    ways = {
        "full width": tf.function(step),
        "full width, XLA": tf.function(step, jit_compile=True),
        "embedded": tf.function(embedded),
        "matrix product": lambda: tf.matmul(square, square).numpy(),
    }
    median = median_seconds(ways, rounds)
    rate = 2 * side**3 / median["matrix product"]
    median["floor"] = operations(weights, 300, 400) / rate
    for name in ("full width", "full width, XLA", "embedded", "floor"):
        print(f"{name:17s}{median[name]:8.3f} s per iteration   {median[name] / median['floor']:6.2f} of the floor")
    print(f"a float32 matrix product of {side} × {side}: {rate / 1e9:.0f} GFLOP/s", flush=True)
    return median


# ------------------------------------------------------------------------------------------------ (c) larger pictures


def paint_one(height, width):
    """In a process of its own: print the seconds of a step and the process's peak memory."""
    size, seconds = (height, width), []
    make_cost = cost_maker(VGG(read_weights(EMBEDDED), "embedded"), CONTENT_LAYER, STYLE_LAYERS, PAIRS[0])
    content = reshape_and_normalize_image(load_image(IMAGES / "pyramid_small.jpg", size=size))
    start = generate_noise_image(content, rng=np.random.default_rng(3))
    # Adam takes one evaluation a step, so that its steps are all alike.
    paint(make_cost(size), start, iterations=8, callback=lambda *_: seconds.append(time.perf_counter()))
    print(json.dumps({"seconds": float(np.median(np.diff(seconds))), "peak_mb": peak_megabytes()}))


def peak_megabytes():
    """The most memory that this process has had resident."""
    try:
        # Linux's ru_maxrss would begin with what the process had that started this one.
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**10
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def growth():
    """Part (c): a list of dicts, one a size."""
    rows = []
    for megapixels in MEGAPIXELS:
        height, width = round(1000 * (megapixels * 3 / 4) ** 0.5), round(1000 * (megapixels * 4 / 3) ** 0.5)
        command = [sys.executable, __file__, "--one", str(height), str(width)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        row = json.loads(output.splitlines()[-1]) | {"pixels": height * width}
        rows.append(row)
        print(
            f"{height:5d} × {width:4d}     {row['seconds']:8.3f} s per iteration   peak {row['peak_mb']:6.0f} MB",
            flush=True,
        )
    return rows


def first_picture():
    """Seconds from the start of `nst paint` to its file; None where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first.png"
        pictures = [str(IMAGES / f"{name}.jpg") for name in PAIRS[0]]
        began = time.perf_counter()
        command = [str(Path(sys.executable).with_name("nst")), "paint", *pictures, "-o", str(path)]
        done = subprocess.run(command, capture_output=True)
        seconds = time.perf_counter() - began
        return seconds if done.returncode == 0 and path.exists() else None


# ---------------------------------------------------------------------------------------------------------- together


def save_plot(path, rows, sizes):
    """The curves of (a), a panel each, and the growth of (c)."""
    panels = [*rows, *([None] if sizes else [])]
    if not panels:
        return
    columns = min(4, len(panels))
    lines = -(-len(panels) // columns)
    figure = Figure(figsize=(4 * columns, 3 * lines), layout="constrained")
    places = figure.subplots(lines, columns, squeeze=False).flatten()
    for axes in places[len(panels) :]:
        axes.set_axis_off()
    for axes, row in zip(places, panels, strict=False):
        if row is None:
            axes.loglog([s["pixels"] / 1e6 for s in sizes], [s["seconds"] for s in sizes], "o-", color="#20242a")
            axes.set(title="seconds a step", xlabel="megapixels")
            continue
        for (name, curve), colour in zip(row["curves"].items(), ("#7a828c", "#d9601a"), strict=True):
            axes.semilogy(*zip(*curve, strict=True), label=name, color=colour)
        axes.axhline(row["curves"]["textbook"][-1][1], color="#c5cad0", linewidth=0.8)
        axes.set_title(f"{row['network']}\n{row['pair']}", fontsize=9)
        axes.set(xlabel="seconds", ylabel="total cost")
        axes.legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    FigureCanvasAgg(figure).print_png(str(path))
    print(f"Plot: {path}")


def main():
    """Measure what --parts says, print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="abc", help="which to run (default: %(default)s)")
    parser.add_argument("--size", type=int, nargs=2, default=(300, 400), metavar=("HEIGHT", "WIDTH"), help="of (a)")
    parser.add_argument("--iterations", type=int, default=200, help="of the textbook loop (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=len(PAIRS), help="how many, from the first (default: all)")
    parser.add_argument("--repeats", type=int, default=1, help="of (a), for medians (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of (b) (default: %(default)s)")
    parser.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        paint_one(*options.one)
        return

    result, rows, sizes = {}, [], []
    if "a" in options.parts:
        rows = race(tuple(options.size), options.iterations, PAIRS[: options.pairs], options.repeats)
        result["time_ratio"] = [round(row["fast"] / row["textbook"], 3) for row in rows]
        result["cpu_ratio"] = [round(row["cpu_ratio"], 3) for row in rows]  # what other programs disturb less
        result["textbook_s"] = [round(row["textbook"], 1) for row in rows]
        OUTPUT.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.concatenate([row["pictures"] for row in rows])).save(OUTPUT / "bench-painting-pictures.png")
        print(f"Content, style, textbook, fast: {OUTPUT / 'bench-painting-pictures.png'}")
    if "b" in options.parts:
        median = floor(options.rounds)
        best = min(median["full width"], median["full width, XLA"])
        result["floor_ratio"] = round(best / median["floor"], 3)
        result["full_over_embedded"] = round(median["full width"] / median["embedded"], 3)
    if "c" in options.parts:
        sizes = growth()
        logs = np.log([[row["pixels"], row["seconds"]] for row in sizes])
        result["growth_exponent"] = round(float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0]), 3)
        result["peak_mb"] = round(sizes[-1]["peak_mb"])
        seconds = first_picture()
        result["first_picture_s"] = seconds and round(seconds, 1)
    save_plot(OUTPUT / "bench-painting.png", rows, sizes)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
