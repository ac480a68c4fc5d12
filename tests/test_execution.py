"""Every notebook with its answers, run in a real kernel: no errors, no log lines, the published values, pictures."""

import ast
import base64
import io
import re
import shutil
from functools import cache

import nbformat
import pytest
from nbconvert import HTMLExporter
from PIL import Image

from nst.course.release import write_source_notebooks
from tests.support.axe import axe_findings, open_as_page
from tests.support.kernels import NOTEBOOKS, calls, outputs, run, shorten, text
from tests.support.lab import open_browser

pytestmark = pytest.mark.slow

CONTENT = "neural-style-transfer/1-content-cost"
STYLE = "neural-style-transfer/2-style-cost"
PAINTING = "neural-style-transfer/3-painting"
BETTER = "neural-style-transfer/4-better-pictures"
LOSSES = "fast-style-transfer/1-losses"
TRANSFER = "fast-style-transfer/2-style-transfer"
INVERSION = "fast-style-transfer/3-inversion-and-texture"
TRIPLETS = "face-recognition/1-verification-and-triplets"
DOOR = "face-recognition/2-who-is-at-the-door"
CONVOLUTION = "what-convnets-see/1-convolution-in-1d-2d-3d"
UNITS = "what-convnets-see/2-what-a-unit-responds-to"

# In an assignment one long painting is enough: the first, under the Monitor. A tenth of a training shows enough.
# Smaller pictures show what larger ones do.
SHORTER = {
    CONVOLUTION: {("(36, 72, 108)", 1): "(12, 36, 54)", ("[72, 108]", 1): "[36, 54]"},
    UNITS: {
        ("library = ", 1): 'convnets.SOURCES[:] = ["lake", "starry"]; library = ',
        ("for channel in channels:", 2): "for channel in channels[:1]:",
        ("iterations=120,", 1): "iterations=40,",
        ("iterations=80,", 1): "iterations=5,",
        ("unit_cost(model, layer, channel, 0.003))", 1): "unit_cost(model, layer, channel, 0.003), iterations=5)",
    },
    CONTENT: {("iterations=100,", 1): "iterations=3,"},
    STYLE: {("iterations=150,", 1): "iterations=3,"},
    PAINTING: {
        ('"pyramid_small.jpg")', 1): '"pyramid_small.jpg", 150)',
        ("size=(240, 320)", 2): "size=(120, 160)",
        ("Monitor(200)", 1): "Monitor(100)",
        ("num_iterations=200, callback=monitor", 1): "num_iterations=100, callback=monitor",
        ("Monitor(100, output", 1): "Monitor(5, output",
        ("num_iterations=100, callback=my_monitor", 1): "num_iterations=5, callback=my_monitor",
        ("IntSlider, 60", 1): "IntSlider, 10",
    },
    BETTER: {
        ("(240, 320)", 3): "(120, 160)",
        ("np.linspace(0, 1, 240)", 1): "np.linspace(0, 1, 120)",
        ("(1, 320))", 1): "(1, 160))",
        ("(150, 200)", 2): "(90, 120)",
        ('"lake.jpg")', 1): '"lake.jpg", 200)',
        ('method="lbfgs", iterations=25', 1): 'method="lbfgs", iterations=3',
        ("start_for(pyramid), iterations=20)", 1): "start_for(pyramid), iterations=3)",
        ("start_for(content), iterations=20)", 1): "start_for(content), iterations=3)",
        ("start_for(large), iterations=20,", 1): "start_for(large), iterations=2,",
        ("figures.falling(falls,", 1): "print(falls); figures.falling(falls,",
    },
    LOSSES: {("size=4)", 1): "size=16)", ("iterations=100,", 1): "iterations=5,"},
    TRANSFER: {
        ("**(base | changes)))", 1): "**(base | changes), iterations=5))",
        ("iterations=200, callback=None", 1): "iterations=10, callback=None",
        ('"fluid.jpg", callback=monitor)', 1): '"fluid.jpg", callback=monitor, iterations=200)',
    },
    INVERSION: {
        ('.jpg", 192)', 4): '.jpg", 96)',
        ("(192, 256", 3): "(96, 128",
        ("(384, 512)", 2): "(192, 256)",
        ("noise, schedule=GENTLE)", 1): "noise, schedule=GENTLE, iterations=5)",
        ("return paint(cost, start, schedule=GENTLE)", 1): "return paint(cost, start, schedule=GENTLE, iterations=5)",
        ("schedule=GENTLE)", 1): "schedule=GENTLE, iterations=20)",
        ("figures.bars(errors,", 1): "print(errors); figures.bars(errors,",
    },
    DOOR: {
        ("(HELD_OUT, ", 1): "(HELD_OUT[:40], ",
        ("in HELD_OUT]", 1): "in HELD_OUT[:40]]",
        ("encodings[100:], 4000", 1): "encodings[30:], 400",
        ("encodings[:100], 4000", 1): "encodings[:30], 400",
        ("range(200)", 1): "range(20)",
    },
    TRIPLETS: {
        ("progress(TOWN,", 1): "progress(TOWN[:40],",
        ("HELD_OUT[:100]", 1): "HELD_OUT[:30]",
        ("epochs=60", 1): "epochs=3",
        ("steps=400", 2): "steps=60",
    },
}


#: What the texts propose to try, word for word: it is run at the end of its notebook.
PROPOSED = {
    CONVOLUTION: ["heart(beats_per_minute=110)", "convolve_1d(ecg, rise[::-1, None, None], padding=3)"],
    UNITS: ['convnets.maximise(unit_cost(model, "conv5_1", 105, 0.003), start=lake)'],
    TRANSFER: [
        'paint_set("Composition VII", "pyramid.jpg", "fluid.jpg", init_random=True)',
        'SETS["From afar"] = SETS["Composition VII"] | {"style_size": 128}',
    ],
    TRIPLETS: ["lambda y_true, y_pred: triplet_loss(y_true, y_pred, 1.0)", "town[:, :2]", "town[:50]"],
    DOOR: ["from nst.lessons.town import View, picture", "picture(DOOR[1], 1, View(glasses_on=False))"],
}


@pytest.fixture(scope="module")
def answered(root, tmp_path_factory, warm_kernels):
    """A function from "assignment/name" to the executed notebook; each is run once, from top to bottom."""
    folder = tmp_path_factory.mktemp("answers")
    shutil.copytree(root / "answers", folder, ignore=shutil.ignore_patterns("*.ipynb"), dirs_exist_ok=True)
    for notebook, changes in SHORTER.items():
        shorten(folder / f"{notebook}.py", changes)
    write_source_notebooks(folder)
    for notebook, pieces in PROPOSED.items():
        cells = nbformat.read(folder / f"{notebook}.ipynb", as_version=4)
        assert all(f"`{piece}`" in "".join(cell.source for cell in cells.cells) for piece in pieces), notebook
        cells.cells.append(nbformat.v4.new_code_cell("\n".join([*pieces, "None"])))
        nbformat.write(cells, folder / f"{notebook}.ipynb")
    return cache(lambda notebook: run(folder / f"{notebook}.ipynb", warm_kernels))


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_answers_run_without_an_error_or_a_log_line(answered, notebook):
    assert [(cell.source, output.evalue) for cell, output in outputs(answered(notebook), "error")] == []
    assert text(answered(notebook), "stderr") == ""


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_figure_and_every_painting_appears(answered, notebook):
    cells = [cell for cell in answered(notebook).cells if cell.cell_type == "code"]
    showing = [cell for cell in cells if re.search(r"figures\.|Monitor", " ".join(calls(cell.source)))]
    assert showing
    for cell in showing:
        shown = "".join(str(output.get("data", {})) for output in cell.outputs)
        assert "<img " in shown or "image/png" in shown, cell.source


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_picture_says_what_it_shows(answered, notebook):
    pages = [str(output.data.get("text/html", "")) for _, output in outputs(answered(notebook), "display_data")]
    pictures = re.findall(r"<img [^>]*>", "".join(pages))
    assert pictures
    for tag in pictures:
        (alt,) = re.findall(r' alt="([^"]+)"', tag)
        assert len(alt.split()) >= 5, alt


def test_axe_finds_nothing_grave_on_their_pages(answered, root, tmp_path):
    found = {}
    with open_browser(tmp_path) as page:
        for number, notebook in enumerate(NOTEBOOKS):
            open_as_page(page, answered(notebook), tmp_path, root, ("light", "dark")[number % 2])
            # The colours of code are alike everywhere; to measure those of one notebook takes as long as all the rest.
            found[notebook] = axe_findings(page, without=".highlight")
        for theme in ("light", "dark"):
            open_as_page(page, answered(CONTENT), tmp_path, root, theme)
            found[theme] = axe_findings(page, within=".highlight")
    assert not any(found.values()), found


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_an_executed_notebook_is_small_and_says_nothing_that_only_a_running_one_can(answered, notebook):
    assert len(nbformat.writes(answered(notebook)).encode()) < 3e6
    bundles = [
        output.data for kind in ("display_data", "execute_result") for _, output in outputs(answered(notebook), kind)
    ]
    for data in bundles:
        # What GitHub, VS Code and a page made by nbconvert show; where there are no widgets, it is the text.
        assert set(data) <= {"text/html", "text/plain", "application/vnd.jupyter.widget-view+json"}
        plain = data["text/plain"]
        # A class with what it was made of, as `VBox(children=…)`, an address, or a bar, as `Painting: 0 %`.
        assert not re.search(r"\b[A-Z]\w+\(|object at|^\w+: *\d+ ?%", plain), plain
        assert "<progress" not in data.get("text/html", ""), "a bar that ended is a line of text"
    assert not re.search(r"\d%\|", text(answered(notebook)))


@pytest.mark.parametrize("notebook", [PAINTING, UNITS])
def test_what_sliders_made_is_in_a_page_without_widgets(answered, notebook):
    """As nbconvert makes one of a notebook that JupyterLab saved, which leaves the state of widgets out."""
    saved = nbformat.from_dict({**answered(notebook), "metadata": {}})
    page, _ = HTMLExporter().from_notebook_node(saved)
    what = {PAINTING: "starry, ratio 4, conv4_2", UNITS: "conv3_3, channel 57"}[notebook]
    assert re.search(rf'<img [^>]*alt="[^"]*The pictures: {what}', page)
    for leftover in (
        "IPython.core.display",
        "No description has been provided",
        "Painting: 0",
        "interactive(",
        "VBox(",
    ):
        assert leftover not in page


def test_a_film_moves_in_the_notebook_as_it_is_saved(answered):
    pages = [output.data.get("text/html", "") for _, output in outputs(answered(PAINTING), "display_data")]
    (film,) = re.findall(r'<img src="data:image/webp;base64,([^"]+)" alt="A film of the painting', "".join(pages))
    assert Image.open(io.BytesIO(base64.b64decode(film))).n_frames > 10


@pytest.mark.parametrize(
    "notebook, function, published",
    [
        ("neural-style-transfer/1-content-cost", "compute_content_cost", "6.76559"),
        ("neural-style-transfer/2-style-cost", "gram_matrix", "19.56387"),
        ("neural-style-transfer/2-style-cost", "compute_layer_style_cost", "9.19028"),
        ("neural-style-transfer/3-painting", "total_cost", "35.34667875478276"),
        (TRIPLETS, "triplet_loss", "528.143"),
    ],
)
def test_the_check_cells_print_the_published_value_twice(answered, notebook, function, published):
    (cell,) = [cell for cell in answered(notebook).cells if cell.source == f"check({function})"]
    said = "".join(output.data["text/plain"] for output in cell.outputs)
    assert len(re.findall(re.escape(published[:7]), said)) >= 2, said


def test_painting_lowers_the_cost(answered):
    said = text(answered(PAINTING))
    smoke = [float(cost) for cost in re.findall(r"iteration \d: total cost (\S+)", said)]
    assert len(smoke) == 3 and smoke == sorted(smoke, reverse=True)
    first, last = (float(re.search(rf"iteration +{i} +total (\S+)", said)[1]) for i in (0, 99))
    assert last < first / 10


def test_lbfgs_needs_no_learning_rate_to_be_as_quick_as_adam_with_its_best(answered):
    (line,) = re.findall(r"\{'Adam, rate 2'.*\}", text(answered(BETTER)))
    last = {name: points[-1][1] for name, points in ast.literal_eval(line).items()}
    assert last["L-BFGS"] < last["Adam, rate 16"] < last["Adam, rate 2"] / 1.5


def test_the_small_network_paints_as_its_notebook_says(answered):
    said = text(answered(TRANSFER))
    smoke = [int(total.replace(",", "")) for total in re.findall(r"iteration \d +total ([\d,]+) ", said)]
    assert len(smoke) == 6 and max(smoke) == smoke[1] and smoke[5] < smoke[1]

    def costs(iteration):
        (line,) = re.findall(rf"iteration +{iteration} +(total \S+e.*)", said)
        return {name: float(number) for name, number in re.findall(r"(\w+) +(\S+)", line)}

    first, drop, last = costs(0), costs(180), costs(199)
    assert set(last) == {"total", "content", "style", "tv"}
    assert last["total"] < first["total"] / 2 and last["style"] < first["style"] / 3
    assert last["content"] > first["content"]
    assert all(last[name] < drop[name] for name in last)


def test_the_first_layer_gives_a_picture_back_and_deeper_ones_do_not(answered):
    distances = dict(re.findall(r"'from (\w+)': ([\d.]+)", text(answered(INVERSION))))
    nearest, *others = (float(distances[layer]) for layer in ("relu1", "fire2", "fire3", "fire5", "fire7", "fire9"))
    assert all(nearest < other / 2 for other in others)


def test_a_short_training_beats_pixels_and_the_hardest_negatives_collapse(answered):
    said = text(answered(TRIPLETS))
    right = {what: float(percent) for what, percent in re.findall(r"distances of ([\w ]+?) +([\d.]+)% right", said)}
    assert right["your encodings"] > right["pixels"] + 10
    assert [float(cost) for cost in re.findall(r"step [46]0: ([\d.]+) a triplet", said)] == pytest.approx(
        [0.2, 0.2], abs=0.01
    )
