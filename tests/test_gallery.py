"""Several paintings in one cell: each is shown when it is there, and one interrupt ends them all."""

import re

import numpy as np
import pytest
from IPython.core.events import EventManager, available_events

from nst.lessons.figures import Gallery
from nst.lessons.figures.gallery import Strip
from nst.lessons.knobs import painted
from nst.painting import Monitor, Together, paint, paint_scales, together
from nst.progress import NotebookBar, progress
from nst.quiet import tf
from nst_utils import to_rgb

START = np.random.default_rng(1).uniform(-20, 20, (1, 24, 32, 3)).astype(np.float32)
ALT = "A grey field, painted again and again."


def grey(picture):
    return {"total": tf.reduce_mean((picture - 50.0) ** 2)}


def interrupt_at(number):
    def callback(iteration, costs, picture):
        if iteration == number:
            raise KeyboardInterrupt

    return callback


def interrupted_at_once(picture):
    raise KeyboardInterrupt


@pytest.fixture
def shown(monkeypatch):
    """The alternative texts of the pictures that a cell shows, in order."""
    texts = []
    monkeypatch.setattr("nst.lessons.figures.gallery.display", lambda picture, display_id: texts.append(picture.alt))
    return texts


def test_pictures_are_shown_as_they_are_made(shown):
    with Gallery(3, ALT, paintings=2) as gallery:
        gallery["given"] = to_rgb(START)
        for title in ("one", "two"):
            gallery[title] = to_rgb(paint(grey, START, iterations=3))
    assert shown == [f"{ALT} The pictures: {titles}." for titles in ("given", "given; one", "given; one; two")]
    assert list(gallery.pictures) == ["given", "one", "two"]


def test_one_interrupt_ends_all_paintings_and_the_one_under_way_says_how_far_it_came(shown, capsys):
    begun = []
    with Gallery(4, ALT) as gallery:
        for title, callback in [("one", None), ("two", interrupt_at(7)), ("three", None), ("four", None)]:
            begun.append(title)
            gallery[title] = to_rgb(paint(grey, START, iterations=20, callback=callback))
    assert begun == ["one", "two"]
    assert list(gallery.pictures) == ["one", "two\nso far: 8 of 20 steps"]
    assert not np.array_equal(gallery.pictures["two\nso far: 8 of 20 steps"], to_rgb(START))
    assert capsys.readouterr().out.endswith("Interrupted with 2 of 4 pictures.\n")


def test_the_noise_that_a_painting_begins_with_is_never_shown_as_its_picture(shown):
    with Gallery(3, ALT) as gallery:
        gallery["one"] = to_rgb(paint(grey, START, iterations=3))
        gallery["two"] = to_rgb(paint(interrupted_at_once, START, iterations=3))
    assert list(gallery.pictures) == ["one"]
    with Gallery(1, ALT) as gallery:
        gallery["one"] = to_rgb(paint_scales(lambda size: interrupted_at_once, START, iterations=3))
    assert gallery.pictures == {}


def test_a_picture_painted_in_two_sizes_by_hand_comes_in_the_size_that_was_asked_for(shown):
    """As grow_texture and convnets.maximise do; the second size is not painted any more."""
    asked = []

    def larger(picture):
        asked.append(picture)
        return grey(picture)

    with Gallery(2, ALT, paintings=2) as gallery:
        small = paint(grey, START, iterations=9, callback=interrupt_at(4))
        start = tf.image.resize(small, (48, 64))
        gallery["grown"] = to_rgb(paint(larger, start, iterations=9))
        gallery["never"] = to_rgb(START)
    assert [picture.shape for picture in gallery.pictures.values()] == [(48, 64, 3)]
    assert list(gallery.pictures) == ["grown\nso far: 5 of 9 steps"]
    assert asked == []


def test_several_pictures_at_once_end_with_the_painted_one(shown):
    with Gallery(6, ALT, columns=3, paintings=2) as gallery:
        for _ in range(2):
            painting = to_rgb(paint(grey, START, iterations=9, callback=interrupt_at(4)))
            gallery.add({"content": to_rgb(START), "style": to_rgb(START), "painting": painting})
    assert shown == [f"{ALT} The pictures: content; style; painting, so far: 5 of 9 steps."]


def test_another_error_goes_on(shown):
    with pytest.raises(ZeroDivisionError), Gallery(2, ALT) as gallery:
        gallery["one"] = 1 / 0


def test_the_bar_counts_paintings_in_parts_and_never_goes_back(shown, monkeypatch):
    counted = []

    class Bar:
        def __init__(self, total, what):
            self.total, self.n = total, 0

        def update(self, more):
            assert more >= 0
            self.n += more
            counted.append(round(self.n, 2))

        def close(self):
            pass

    monkeypatch.setattr("nst.lessons.figures.gallery.progress_bar", Bar)
    with Gallery(3, ALT, paintings=2) as gallery:
        gallery["given"] = to_rgb(START)
        gallery["one"] = to_rgb(paint(grey, START, iterations=4))
        gallery["two"] = to_rgb(
            paint_scales(lambda size: grey, START, iterations=2, sizes=[(12, 16), (24, 32)], method="adam")
        )
    assert counted == sorted(counted) and counted[-1] == 2
    assert {0.25, 0.5, 0.75, 1.25, 1.5, 1.75} <= set(counted)


def test_without_a_gallery_an_interrupt_ends_the_paintings_of_its_cell_and_of_no_other(monkeypatch):
    cell = ["first"]
    monkeypatch.setattr(together, "_asked", lambda: cell[0])
    paint(grey, START, iterations=9, callback=interrupt_at(2))
    with pytest.raises(KeyboardInterrupt):
        paint(grey, START, iterations=9)
    cell[0] = "second"
    assert not np.array_equal(paint(grey, START, iterations=9), START)


def test_an_interrupt_before_the_monitor_has_a_picture_ends_the_cell(tmp_path):
    with pytest.raises(KeyboardInterrupt), Monitor(9, output=tmp_path):
        paint(interrupted_at_once, START, iterations=9)
    with Monitor(9, output=tmp_path) as monitor:
        paint(grey, START, iterations=9, callback=monitor)
    assert monitor.done == "9 steps"
    with Monitor(9, output=tmp_path) as monitor:
        for iteration in range(9):
            monitor(iteration, grey(START), START)
            interrupt_at(4)(iteration, None, None)
    assert monitor.done == "5 of 9 steps"


# -------------------------------------------------------------------------------------------------------------- knobs


def test_a_strip_keeps_the_last_pictures_and_brings_one_made_again_to_the_end(shown):
    strip = Strip("Paintings.", 2, columns=3, most=3)
    for title in ("one", "two", "one", "three\nslow", "four"):
        strip[title] = to_rgb(START)
    assert shown[2:] == [
        "Paintings. The pictures: two; one.",
        "Paintings. The pictures: two; one; three, slow.",
        "Paintings. The pictures: one; three, slow; four.",
    ]


@pytest.mark.parametrize(
    ("cost", "callback", "words", "title"),
    [
        (grey, None, "painted", "x"),
        (grey, interrupt_at(3), "interrupted; below is the picture so far", "x\nso far: 4 of 9 steps"),
        (interrupted_at_once, None, "interrupted before anything was painted", None),
        (lambda picture: 1 / 0, None, "not painted, because f stops with ZeroDivisionError('division by zero')", None),
    ],
)
def test_what_becomes_of_a_painting_from_sliders_is_said(shown, cost, callback, words, title):
    strip = Strip("Paintings.", 2, columns=3, most=3)
    assert painted(lambda: to_rgb(paint(cost, START, iterations=9, callback=callback)), "f", "x", strip) == words
    assert [name for name, _ in strip.pictures] == ([title] if title else [])
    assert not together._blocks


def test_blocks_inside_blocks_end_together():
    with Together() as outer:
        with Together() as inner:
            paint(grey, START, iterations=9, callback=interrupt_at(2))
        assert inner.stopped and outer.stopped and outer.reached == (3, 9)


# ------------------------------------------------------------------------------------------------------ progress bar


@pytest.fixture
def bundles(monkeypatch):
    """What a bar shows in a notebook, one bundle after another."""
    seen = []

    class Place:
        update = staticmethod(lambda bundle, raw: seen.append(bundle))

    def display(bundle, raw, display_id):
        seen.append(bundle)
        return Place()

    monkeypatch.setattr("IPython.display.display", display)
    return seen


def test_a_bar_in_a_notebook_is_a_line_of_text_in_the_end(bundles, capsys):
    bar = NotebookBar(total=40, desc="Painting", mininterval=0)
    bar.set_postfix_str("total <3>", refresh=False)
    bar.update(10)
    bar.close()
    bar.close()
    assert bundles[0]["text/plain"] == "Painting: 0 of 40, 0 s so far"
    assert re.fullmatch(r"Painting: 10 of 40, 0 s so far.*, total <3>", bundles[1]["text/plain"])
    assert '<progress value="10" max="40" aria-label="Painting"' in bundles[1]["text/html"]
    assert "total &lt;3&gt;" in bundles[1]["text/html"]
    assert bundles[-1]["text/plain"] == "Painting: 10 of 40 in 0 s" and "<progress" not in bundles[-1]["text/html"]
    assert capsys.readouterr() == ("", "")


def test_a_bar_counts_bytes_in_short_and_may_not_know_its_end(bundles):
    with NotebookBar(total=5e8, desc="weights", unit_scale=True, mininterval=0) as bar:
        bar.update(25e6)
    assert bundles[1]["text/plain"].startswith("weights: 25.0M of 500M, 0 s so far")
    with NotebookBar(total=None, desc="weights", mininterval=0) as bar:
        bar.update(1234)
    assert bundles[-1]["text/plain"] == "weights: 1,234 in 0 s"


def test_going_through_a_sequence_moves_the_bar(bundles, monkeypatch):
    monkeypatch.setattr("nst.progress.in_notebook", lambda: True)
    assert list(progress("abc", "Drawing")) == ["a", "b", "c"]
    assert bundles[-1]["text/plain"] == "Drawing: 3 of 3 in 0 s"


def test_an_interrupt_leaves_no_open_bar_in_its_cell(bundles, monkeypatch):
    class Shell:
        kernel = True

    shell = Shell()
    shell.events = EventManager(shell, available_events)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    going_on = progress("abc", "Drawing")  # as a traceback holds it
    next(going_on)
    next(going_on)
    shell.events.trigger("post_run_cell", None)
    assert bundles[-1]["text/plain"] == "Drawing: 1 of 3 in 0 s"
    assert shell.events.callbacks["post_run_cell"] == []
    going_on.close()
    assert len(bundles) == 2
