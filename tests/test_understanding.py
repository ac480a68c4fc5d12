"""What the class did not understand: counted, shown to the class without names, and compared with an earlier run."""

import csv
import io
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from urllib.parse import unquote

import pytest
from nbformat import v4

from nst.commands.report import show
from nst.course.release import read_source
from nst.grading.arrivals.attempts import FEEDBACK, Attempts
from nst.grading.evidence import Finding, Record
from nst.grading.insight import pages, sheets, showing
from nst.grading.insight.catalogue import catalogue
from nst.grading.insight.changes import Changes
from nst.grading.insight.tasks import tasks_of
from nst.grading.insight.understanding import understand
from nst.grading.survey import Place, Row, Survey
from tests.support.axe import axe_findings
from tests.support.class_of import ClassOf
from tests.support.lab import open_browser

HOSTILE = "<script>alert(1)</script>\x1b[2J\n=1+1`x`"
POSITIONS, ENTRIES = "positions compared, not channels", "entry by entry"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A class of which nobody has handed in."""
    return ClassOf(tmp_path, monkeypatch)


@pytest.fixture
def told(capsys):
    """A function that reports and gives (exit status, the last line, what stderr says)."""

    def tell(before=None):
        capsys.readouterr()
        status = show("losses", before=before)
        said = capsys.readouterr()
        return status, said.out.splitlines()[-1], said.err

    return tell


@pytest.fixture(scope="module")
def real(root):
    """The sources of an assignment of the course."""
    return {path.stem: read_source(path) for path in (root / "answers" / "neural-style-transfer").glob("*.py")}


def in_memory(folder, sources, students):
    """The Survey of an assignment. students: name -> (exercise -> names, an outcome, or None for nothing written)."""
    rows, tasks = [], tasks_of(sources)
    for number, (student, made) in enumerate(students.items()):
        findings, blank = [], []
        for task in tasks:
            mistake = made.get(task.name, True)
            blank += [task.answer] if mistake is None else []
            named, outcome = (mistake, "") if isinstance(mistake, tuple) else ((), mistake or "not written")
            for test in task.tests:
                seen = ((), "") if mistake is True else (named, outcome)
                findings.append(Finding(task.notebook, test, mistake is True, *seen))
        time = datetime(2026, 11, 13, 12) - timedelta(minutes=number)
        record = Record("graded", [], [], [], [], findings, 1.0, {}, {}, {}, blank, time.isoformat())
        rows.append(Row(student, "graded", 60.0, None, record))
    folders = (folder / name for name in ("autograded", "feedback"))
    place = Place(folder / "judged", folder / "submitted", "", *folders)
    return Survey("neural-style-transfer", rows, [], [], True, place)


def written(folder, survey, sources, before=None):
    """(the page for the class, the folder with the pages of names, the Understanding)."""
    page = folder / "judged" / "neural-style-transfer-understanding.html"
    page.parent.mkdir(exist_ok=True)
    found = understand(survey, sources)
    pages.write_pages(page, survey, found, sources, before and Changes(before, found))
    return page.read_text(encoding="utf-8"), page.with_suffix(""), found


# Exercises


@pytest.mark.parametrize(
    "assignment", ["what-convnets-see", "neural-style-transfer", "fast-style-transfer", "face-recognition"]
)
def test_every_exercise_of_the_course_has_its_answer_its_question_and_its_misunderstandings(root, assignment):
    sources = {path.stem: read_source(path) for path in (root / "answers" / assignment).glob("*.py")}
    known = catalogue(sources)
    for task in tasks_of(sources):
        assert task.tests == (f"test_{task.name}", f"hidden_{task.name}")
        assert task.name.startswith(task.answer) and task.answer
        asked = showing.asked(task.asked)
        assert asked.startswith("<p><strong>The ") and "The shapes" not in asked
        assert "$" not in asked and ("$$" in task.asked) <= ('<math tabindex="0" ' in asked)
        known_here = known[task.name]
        assert known_here.misunderstandings and known_here.right
        assert all(it.look and it.hint and it.experiment for it in known_here.misunderstandings.values())


def test_who_reports_knows_the_same_and_imports_no_tensorflow(root):
    script = root / "answers" / "neural-style-transfer" / "1-content-cost.py"
    program = "import sys; from nst.course.release import read_source; from nst.grading.insight.catalogue import *; "
    program += f"found = catalogue({{'one': read_source({str(script)!r})}}); print('tensorflow' in sys.modules); "
    program += "print(sorted(found), sum(len(it.misunderstandings) for it in found.values()))"
    said = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True).stdout
    here = catalogue({"one": read_source(script)})
    assert said.splitlines() == ["False", f"{sorted(here)} {sum(len(it.misunderstandings) for it in here.values())}"]


def test_a_formula_with_a_slip_is_shown_as_it_is_written():
    assert "<code>\\left( x &lt; 1</code>" in showing.asked("so $\\left( x < 1$ it is")


# Who is what


def test_everybody_is_counted_once_and_the_first_test_that_names_decides(real, tmp_path):
    survey = in_memory(
        tmp_path,
        real,
        {
            "ada": {},
            "bo": {"gram_matrix": (POSITIONS,), "compute_layer_style_cost": "waits for gram_matrix"},
            "cy": {"gram_matrix": (ENTRIES, POSITIONS)},
            "dee": {"gram_matrix": "(3, 3) 1.5, 2.0, 0.0 … ~ 9.0, 1.0, 2.0"},
            "eve": {"gram_matrix": "(3, 3) 1.50001, 2.0, 0.0 … ~ 9.0, 1.0, 2.0"},
            "flo": {"gram_matrix": "stopped: it took too long"},
            "gus": {"gram_matrix": None, "compute_layer_style_cost": "not written"},
            "hal": dict.fromkeys(["gram_matrix", "compute_layer_style_cost"], "no notebook"),
        },
    )
    visible_only = survey.rows[0].record.findings
    place = visible_only.index(("2-style-cost", "hidden_gram_matrix", True, (), ""))
    visible_only[place] = Finding("2-style-cost", "hidden_gram_matrix", False, (ENTRIES,), "")  # named by hidden tests
    found = understand(survey, real)
    gram, style = (
        {it.task.name: it for it in found.exercises}[it] for it in ("gram_matrix", "compute_layer_style_cost")
    )
    assert gram.counts == {"right": 0, "named": 3, "unnamed": 3, "waiting": 0, "blank": 2, "unknown": 0}
    assert gram.named == [(ENTRIES, ["ada", "cy"]), (POSITIONS, ["bo", "cy"])]
    assert [who for _, who in gram.unnamed] == [["dee", "eve"], ["flo"]]
    assert style.counts == {"right": 5, "named": 0, "unnamed": 0, "waiting": 2, "blank": 1, "unknown": 0}
    assert style.who("waiting") == ["bo", "gus"]


def test_records_from_before_names_were_kept_say_who_is_right_and_no_more(course, told):
    for student in ("ada", "bo"):
        found = course.judge(student, ["test_tv_loss"] if student == "bo" else [])
        for mark in found["marks"]:
            del mark["named"], mark["outcome"]
        course.write_record(student, json.dumps(found))
    course.judge("cy", mistakes={"test_tv_loss": ["every pixel"]})
    assert told()[0] == 0
    whole = json.loads((course.folder / "judged" / "losses-understanding.json").read_text())
    counts = whole["exercises"][0]["counts"]
    assert (counts["right"], counts["unknown"], counts["named"]) == (1, 1, 1)
    assert "1 not known" in understanding(course)


def understanding(course):
    return (course.folder / "judged" / "losses-understanding.html").read_text(encoding="utf-8")


# Pages


def test_a_class_of_five_reads_the_same_numbers_on_the_page_in_json_and_in_csv(course, told):
    course.judge("ada")
    course.judge("bo", mistakes={"test_tv_loss": ["every pixel"], "hidden_tv_loss": ["every pixel"]})
    course.judge("cy", mistakes={"test_tv_loss": ["every pixel"]})
    course.judge("dee", mistakes={"hidden_tv_loss": "hidden test 2: tv_loss has the wrong value."})
    course.judge("eve", mistakes={"test_gram_matrix": "-1.5 | right"})
    status, last, said = told()
    assert (status, said) == (0, "")
    assert last == f"What the class did not understand: {course.folder}/judged/losses-understanding.html"
    assert '<a href="losses-understanding.html">What the class did not understand</a>' in course.page()
    page = understanding(course)
    assert "5 submissions" in page and "<b>40 %</b> right" in page and "<b>80 %</b> right" in page
    assert "2 · 40 %" in page and "every pixel" in page and "hidden test 2: tv_loss has the wrong value." in page
    whole = json.loads((course.folder / "judged" / "losses-understanding.json").read_text())
    assert whole["exercises"][0]["named"] == [{"name": "every pixel", "students": 2, "who": ["bo", "cy"]}]
    assert whole["submissions"]["eve"]["exercises"]["2-style/gram_matrix"] == {
        "state": "unnamed",
        "outcome": "-1.5 | right",
    }
    with (course.folder / "judged" / "losses-understanding.csv").open(newline="", encoding="utf-8") as file:
        rows = [
            (row["exercise"], row["what"], row["name"], row["students"], row["share"]) for row in csv.DictReader(file)
        ]
    assert ("tv_loss", "named", "every pixel", "2", "0.4") in rows
    assert ("gram_matrix", "unnamed", "'-1.5 | right", "1", "0.2") in rows  # no formula for a spreadsheet
    assert ("gram_matrix", "right", "", "4", "0.8") in rows


def test_who_can_be_shown_to_the_class_is_nobody_and_every_link_leads_somewhere(real, tmp_path):
    students = {
        "ada-lovelace": {},
        "émile <b>": {"gram_matrix": (POSITIONS,)},
        "cy#1": {"gram_matrix": "1.5 | 1.5 | 1.5"},
    }
    survey = in_memory(tmp_path, real, students)
    (tmp_path / "feedback" / "cy#1" / survey.assignment).mkdir(parents=True)
    (tmp_path / "feedback" / "cy#1" / survey.assignment / "2-style-cost.html").write_text("feedback")
    hand_in(tmp_path, "cy#1", 'def gram_matrix(A):\n    """By cy#1."""\n    return 1.5  # cy#1 was here\n')
    page, folder, _ = written(tmp_path, survey, real)
    for name in ("ada-lovelace", "émile", "cy#1"):
        assert name not in page
    assert "def" in page and "1.5" in page
    (tmp_path / "judged" / f"{survey.assignment}.html").write_text('<p id="s1"><p id="s2"><p id="s3">')
    everything = [tmp_path / "judged" / "neural-style-transfer-understanding.html", *folder.iterdir()]
    assert len(everything) == 7
    links = 0
    for path in everything:
        for address in re.findall(r'href="([^"]*)"', path.read_text(encoding="utf-8")):
            file, _, place = address.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            assert target.is_file() and (not place or f'id="{place}"' in target.read_text(encoding="utf-8")), address
            links += 1
    assert links > 30
    gram = (folder / "2-gram_matrix.html").read_text(encoding="utf-8")
    assert "émile &lt;b&gt;" in gram and "cy#1</a> <a" in gram and "13 Nov 11:58" in gram


def hand_in(folder, student, source, notebook="2-style-cost", answer="gram_matrix"):
    """What judging leaves in autograded/."""
    cell = v4.new_code_cell(source, metadata={"nbgrader": {"grade_id": answer, "solution": True}})
    path = folder / "autograded" / student / "neural-style-transfer" / f"{notebook}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(v4.new_notebook(cells=[cell])), encoding="utf-8")


def test_the_first_of_a_group_is_shown_beside_what_was_asked_and_what_is_right(real, tmp_path):
    outcome = "(3, 3) 1.5, 2.0, 0.0 … ~ 9.0, 1.0, 2.0 | right | (6, 6) 1.5, 2.0, 0.0 … ~ 9.0, 1.0, 2.0"
    survey = in_memory(tmp_path, real, {"bo": {"gram_matrix": outcome}, "cy": {"gram_matrix": outcome}})
    hand_in(tmp_path, "bo", "def gram_matrix(A):\n    return tf.matmul(A, A) * BO")
    hand_in(tmp_path, "cy", "def gram_matrix(A):\n    return CY")
    page, _, _ = written(tmp_path, survey, real)
    section = page[page.index('id="e2-title"') : page.index('id="e3-title"')]
    assert "BO" in section and "CY" not in section and "2 submissions" in section
    assert "<td>the published inputs</td><td>(3, 3) 1.5, 2.0, 0.0 …</td>" in section
    assert "a matrix of 2 channels" not in section  # there it is right
    assert '<aside class="asked"' in section and "the Gram matrix is" in section


@pytest.mark.parametrize(
    ("outcome", "sentence", "rows"),
    [
        ("", "What came out is not known.", []),
        ("right | right | right", "right | right | right", []),
        ("TypeError: no", "TypeError: no", []),
        (
            "1.5 | right | (9,) 1.0, 2.0, 3.0 … ~ 9.0, 1.0, 2.0",
            "",
            [("the published inputs", "1.5", "1.0"), ("more", "(9,) 1.0, 2.0, 3.0 …", "(9,) 7.0, 2.0, 3.0 …")],
        ),
        ("1.5 | 2.5", "", [("", "1.5", ""), ("", "2.5", "")]),
    ],
)
def test_whatever_came_out_is_shown(outcome, sentence, rows):
    right = [("the published inputs", "1.0"), ("others", "2.0"), ("more", "(9,) 7.0, 2.0, 3.0 … ~ 9.0, 3.0, 2.0")]
    assert showing.came_out(outcome, right) == (sentence, rows)


def test_times_and_attempts_are_told_where_they_are_known(real, tmp_path):
    students = {"ada": {"gram_matrix": (POSITIONS,)}, "bo": {}, "cy": {}}
    survey = in_memory(tmp_path, real, students)
    survey.rows[2] = survey.rows[2].__class__("cy", "graded", 60.0, None, survey.rows[2].record._replace(handed_in="?"))
    page, _, _ = written(tmp_path, survey, real)
    assert "Handed in from 13 November 2026, 11:59 to 13 November 2026, 12:00 UTC" in page and "feedback" not in page
    for student, many in (("ada", 3), ("bo", 1)):
        log = Attempts(tmp_path / "judged" / student / f"{survey.assignment}.attempts")
        for number in range(many):
            log.note(f"arrival {number}", FEEDBACK, datetime(2026, 11, 12, 10))
    page, folder, _ = written(tmp_path, survey, real)
    assert "2 students had feedback while they were at it, 2 times on average and 3 times at most." in page
    names = (folder / "2-gram_matrix.html").read_text(encoding="utf-8")
    assert "3 attempts" in names and "1 attempt<" in names and names.count("attempt") == 2


def test_only_the_largest_groups_are_shown_with_code_and_the_others_are_counted(real, tmp_path):
    students = {f"s{number}": {"gram_matrix": f"{number + 1}.0 | 1.5 | 1.5"} for number in range(10)}
    students["s10"] = students["s9"]
    page, folder, _ = written(tmp_path, in_memory(tmp_path, real, students), real)
    assert page.count('class="card"') == pages.CARDS and "4 other outcomes" in page
    assert page.index("2 submissions") < page.index("1 submission<")
    assert (folder / "2-gram_matrix.html").read_text().count('<i class="unnamed">') == 10


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ('def f(x):\n    """By Ada.\n\n    Ada\'s."""\n\n    # Ada\n    return x  # Ada\n', "def f(x):\n    return x"),
        ('"Ada"\ny = "# not a comment"\n', 'y = "# not a comment"'),
        ("def f(:\n  x\n ))) 'never ends", "def f(:\n  x\n ))) 'never ends"),
        ("", ""),
    ],
)
def test_code_is_shown_without_what_may_say_who_wrote_it(source, bare):
    assert showing.bare(source) == bare


# Strangers


def test_nothing_of_a_student_runs_or_moves_a_cursor(real, tmp_path):
    students = {HOSTILE.replace("/", "|"): {"gram_matrix": (HOSTILE,)}, "=cmd": {"gram_matrix": HOSTILE}, "\udcff": {}}
    survey = in_memory(tmp_path, real, students)
    hand_in(tmp_path, "=cmd", f"{HOSTILE}\n</pre><script>alert(2)</script>")
    page, folder, found = written(tmp_path, survey, real)
    assert "<script" not in page and "\x1b" not in page and "alert(1)" in page
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert text.count("<script") == 1 and "\x1b" not in text
    sheets.write_csv(tmp_path / "sheet.csv", found)
    for row in csv.reader(io.StringIO((tmp_path / "sheet.csv").read_text(encoding="utf-8"))):
        assert not any(cell.startswith(tuple("=+-@\t\r\n")) for cell in row)
    sheets.write_json(tmp_path / "found.json", found)
    again = sheets.read_json(tmp_path / "found.json", survey.assignment)
    assert again.students == found.students


def test_a_page_runs_no_script_but_the_search_fits_a_telephone_and_hides_nothing(real, tmp_path):
    bad = '<img src=x onerror="document.title=1">'
    students = {f"student-{n}": {"gram_matrix": (POSITIONS,)} for n in range(30)}
    students |= {
        bad: {"gram_matrix": (bad,)},
        "b" * 90: {"gram_matrix": f"{bad} {'a' * 90}"},
        "ada": {"train_step": None},
    }
    survey = in_memory(tmp_path, real, students)
    hand_in(tmp_path, "b" * 90, f"def gram_matrix(A):\n    return '{bad}' + '{'c' * 200}'")
    earlier = understand(in_memory(tmp_path, real, {"ada": {"gram_matrix": (ENTRIES,)}}), real)
    _, folder, _ = written(tmp_path, survey, real, earlier)
    with open_browser(tmp_path) as page:
        failures = []
        page.on("requestfailed", lambda request: failures.append(request.url))
        page.on("pageerror", lambda error: failures.append(str(error)))
        for path in (folder.with_suffix(".html"), folder / "2-gram_matrix.html"):
            for width, scheme in ((390, "light"), (1200, "dark")):
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(path.as_uri())
                page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
                assert axe_findings(page) == []
        assert page.title().startswith("Who it is") and failures == []
        page.get_by_label("Search names").fill("STUDENT-2")
        assert page.get_by_text("student-29").is_visible() and not page.get_by_text("student-19").is_visible()
        assert page.locator("output").inner_text() == "11 of 33"


# Two runs


def test_two_runs_are_compared_in_numbers_and_for_those_who_are_in_both(course, told):
    course.judge("ada", mistakes={"test_tv_loss": ["every pixel"], "hidden_tv_loss": ["every pixel"]})
    course.judge("bo", mistakes={"test_tv_loss": ["every pixel"], "test_gram_matrix": ["all of it"]})
    course.judge("cy")
    told()
    before = course.folder / "before.json"
    before.write_bytes((course.folder / "judged" / "losses-understanding.json").read_bytes())
    course.judge("ada")
    course.judge("bo", mistakes={"test_tv_loss": ["every pixel"]})
    course.judge("dee", mistakes={"test_tv_loss": ["every pixel"]})
    assert told(before)[0] == 0
    page = understanding(course)
    assert (
        "Right before: 33 % of 3. Of the 3 who are in both runs, 1 got it right since, and 0 got it wrong again."
        in page
    )
    assert "2, 67 %. Of those who are in both runs, 1 no longer do it, 1 still do, and 0 do it now only." in page
    assert 'class="up" title="percentage points since then">+17<' in page
    assert "1 student did this before, 33 %; nobody does now." in page
    with (course.folder / "judged" / "losses-understanding.csv").open(newline="", encoding="utf-8") as file:
        rows = {(row["exercise"], row["what"], row["name"]): row for row in csv.DictReader(file)}
    pixel, gone = rows["tv_loss", "named", "every pixel"], rows["gram_matrix", "named", "all of it"]
    assert [pixel[name] for name in ("students", "of", *sheets.COMPARED)] == [
        "2",
        "4",
        "2",
        "3",
        "0.6667",
        "3",
        "1",
        "0",
        "1",
    ]
    assert [gone[name] for name in ("students", "students_before", "gone")] == ["0", "1", "1"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot be opened (No such file or directory)"),
        ("{}", "found something else: give the copy"),
        ('{"format": "nst understanding 1", "assignment": [], "made": 3}', "found something else"),
        ("[" * 100_000, "found something else"),
    ],
)
def test_what_cannot_be_compared_costs_the_comparison_and_nothing_else(course, told, text, sentence):
    course.judge("ada")
    before = course.folder / "before.json"
    if text is not None:
        before.write_text(text)
    status, _, said = told(before)
    assert status == 1 and sentence in said and said.count("\n") == 1
    assert "5 submissions" not in understanding(course) and "1 submission" in understanding(course)


def test_another_assignment_is_not_compared_with(course, told):
    course.judge("ada")
    told()
    path = course.folder / "judged" / "losses-understanding.json"
    path.write_text(path.read_text().replace('"losses"', '"other"'))
    assert "is about 'other', and cannot be compared with 'losses'." in told(path)[2]


# Many


def test_a_class_of_five_thousand_fits_pages_that_a_browser_opens(real, tmp_path):
    students = {}
    for number in range(5000):
        mistake = [True, (POSITIONS,), f"{number % 900}.5 | 1.0 | 1.0", None][number % 4]
        students[f"student-{number:04}"] = {"gram_matrix": mistake} if mistake is not True else {}
    page, folder, found = written(tmp_path, in_memory(tmp_path, real, students), real)
    gram = found.exercises[1]
    assert gram.counts == {"right": 1250, "named": 1250, "unnamed": 1250, "waiting": 0, "blank": 1250, "unknown": 0}
    assert len(gram.unnamed) == 225 and "1,250 · 25 %" in page
    assert len(page) < 200_000 and max(path.stat().st_size for path in folder.iterdir()) < 1_500_000
