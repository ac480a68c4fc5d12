"""What becomes of a notebook that a student has handed in, whatever happened to it on the way."""

import copy
import json
import os
import random
import time

import nbformat
import pytest

from nst.course.release import read_source
from nst.grading.intake.skeleton import released, skeleton_of
from nst.grading.intake.submission import take_in
from tests.support.kernels import GRADED, NOTEBOOKS

ASSIGNMENT, LOSSES = "fast-style-transfer", "1-losses"
GRAM = """def gram_matrix(features, normalize=True):
    N, H, W, C = features.shape
    unrolled = tf.reshape(features, [N, H * W, C])
    gram = tf.matmul(unrolled, unrolled, transpose_a=True)
    return gram / (H * W * C) if normalize else gram"""


@pytest.fixture(scope="module")
def sources(root):
    """Assignment -> notebook name -> source notebook."""
    read = {}
    for path in NOTEBOOKS:
        assignment, _, name = path.partition("/")
        read.setdefault(assignment, {})[name] = read_source(root / "answers" / f"{path}.py")
    return read


@pytest.fixture
def handed(sources):
    """Notebook 1-losses as a student got it, as JSON, to be changed and handed in."""
    return json.loads(json.dumps(released(sources[ASSIGNMENT][LOSSES])))


@pytest.fixture
def hand_in(tmp_path, sources):
    """hand_in(notebook, ...) takes in a folder with files: name -> JSON object, text or bytes."""

    def hand_in(notebook=None, assignment=ASSIGNMENT, only=(LOSSES,), **files):
        files = ({LOSSES: notebook} if notebook is not None else {}) | files
        for name, content in files.items():
            if not isinstance(content, str | bytes):
                content = json.dumps(content)
            name = name if "." in name else f"{name}.ipynb"
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        wanted = {name: source for name, source in sources[assignment].items() if name in only or not only}
        submission = take_in(tmp_path, wanted)
        assert take_in(tmp_path, wanted) == submission
        for repaired in submission.notebooks.values():
            check_form(repaired)
        return submission

    return hand_in


def check_form(repaired):
    nbformat.validate(repaired.notebook)
    nbformat.writes(repaired.notebook).encode("utf-8")
    assert [node.source for node in repaired.notebook.cells] == [cell.source for cell in repaired.cells]
    assert len({node.id for node in repaired.notebook.cells}) == len(repaired.cells)
    assert not [node for node in repaired.notebook.cells if node.get("outputs")]


def find(notebook, grade_id):
    """The cell with this grade_id of a notebook as JSON."""
    settings = [cell.get("metadata", {}).get("nbgrader", {}) for cell in notebook["cells"]]
    (cell,) = [cell for cell, its in zip(notebook["cells"], settings, strict=True) if its.get("grade_id") == grade_id]
    return cell


def at(notebook, cell_id):
    return [cell.get("id") for cell in notebook["cells"]].index(cell_id)


def code(source, **metadata):
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def answer(notebook, grade_id="gram_matrix", source=GRAM):
    """Hand back the notebook with one finished answer."""
    find(notebook, grade_id)["source"] = source
    return notebook


def answers(submission, name=LOSSES):
    """grade_id -> source of the solution cells."""
    return {cell.grade_id: cell.source for cell in submission.notebooks[name].cells if cell.role == "solution"}


def graded(assignment):
    """Notebooks of an assignment that have exercises, as "assignment/name"."""
    return [path for path in GRADED if path.startswith(f"{assignment}/")]


def places(submission, name=LOSSES):
    """What the cells that are run are: grade_id, or the source of given and added ones."""
    cells = submission.notebooks[name].cells
    return [cell.grade_id or cell.source for cell in cells if cell.role != "markdown" and "explore" not in cell.tags]


@pytest.fixture
def blank(handed, hand_in):
    """What the released notebook gives when it is handed in unchanged."""
    return hand_in(handed).notebooks[LOSSES].cells


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_the_skeleton_is_what_was_released(root, sources, path):
    assignment, _, name = path.partition("/")
    file = root / "notebooks" / f"{path}.ipynb"
    if not file.exists():
        pytest.skip(f"{path} is not released yet")
    assert nbformat.writes(released(sources[assignment][name])) + "\n" == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("assignment", sorted({path.partition("/")[0] for path in NOTEBOOKS}))
def test_a_blank_notebook_comes_back_as_it_is(sources, hand_in, assignment):
    skeletons = {name: released(source) for name, source in sources[assignment].items()}
    submission = hand_in(assignment=assignment, only=(), **skeletons)
    assert (submission.state, submission.reasons, submission.repairs, submission.flags) == ("graded", [], [], [])
    assert [f"{assignment}/{name}" for name in submission.notebooks] == graded(assignment)
    for name, repaired in submission.notebooks.items():
        assert repaired.notebook == skeletons[name]
        assert not any(cell.from_student for cell in repaired.cells)


@pytest.mark.parametrize("assignment", sorted({path.partition("/")[0] for path in NOTEBOOKS}))
def test_every_right_answer_arrives_and_no_hidden_test(sources, hand_in, assignment):
    submission = hand_in(assignment=assignment, only=(), **sources[assignment])
    assert submission.state == "graded"
    assert [f"{assignment}/{name}" for name in submission.notebooks] == graded(assignment)
    for name in submission.notebooks:
        source = sources[assignment][name]
        wanted = {cell["id"]: cell.source for cell in source.cells if cell.metadata.get("nbgrader", {}).get("solution")}
        assert answers(submission, name) == wanted
        assert "BEGIN HIDDEN TESTS" not in nbformat.writes(submission.notebooks[name].notebook)
        assert "BEGIN HIDDEN TESTS" not in str(submission.notebooks[name].cells)


def test_tags_on_test_cells_are_ignored_and_flagged(handed, hand_in, blank):  # row 1
    for cell in handed["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]
    submission = hand_in(handed)
    assert submission.notebooks[LOSSES].cells == blank
    assert any("test_gram_matrix, hidden_gram_matrix" in flag and "tagged" in flag for flag in submission.flags)


@pytest.mark.parametrize(
    "name", ["numpy.py", "tensorflow.py", "nst_utils.py", "ipykernel_launcher.py", "sitecustomize.py", "data.zip"]
)
def test_files_beside_a_notebook_are_flagged(handed, hand_in, name):  # rows 12, 13
    submission = hand_in(handed, **{name: b"raise SystemExit"})
    assert submission.state == "graded"
    assert submission.flags == [f"Ignored beside the notebooks: {name!r}."]


def test_a_folder_beside_a_notebook_is_flagged(handed, hand_in, tmp_path):  # row 12
    (tmp_path / "nst").mkdir()
    (tmp_path / "nst" / "__init__.py").touch()
    assert hand_in(handed).flags == ["Ignored beside the notebooks: 'nst'."]


def test_what_jupyter_and_the_course_leave_behind_is_no_flag(handed, hand_in, tmp_path):  # row 47
    for folder in (".ipynb_checkpoints", "output", "__pycache__"):
        (tmp_path / folder).mkdir()
    files = {
        "timestamp.txt": b"1970-01-01 00:00:00 UTC",
        "my-photo.JPG": b"",
        ".DS_Store": b"",
        f"._{LOSSES}.ipynb": b"",
    }
    submission = hand_in(handed, **files)
    assert (submission.state, submission.repairs, submission.flags) == ("graded", [], [])


def test_links_are_not_followed(handed, hand_in, tmp_path):  # row 34
    secret = tmp_path.parent / "secret.ipynb"
    secret.write_text(json.dumps(answer(handed)))
    (tmp_path / f"{LOSSES}.ipynb").symlink_to(secret)
    (tmp_path / "data").symlink_to("/")
    submission = hand_in()
    assert (submission.state, submission.hashes) == ("quarantined", {})
    assert submission.reasons == [f"'{LOSSES}.ipynb' is a symbolic link, which is not followed."]
    assert submission.flags == [f"Symbolic links, which were not followed: '{LOSSES}.ipynb', 'data'."]


def test_a_folder_that_is_a_link_or_not_there_is_quarantined(sources, tmp_path):  # row 34
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "file").touch()
    for name, why in [("link", "symbolic link"), ("none", "FileNotFound"), ("file", "NotADirectory"), ("\0", "Value")]:
        submission = take_in(tmp_path / name, sources[ASSIGNMENT])
        assert submission.state == "quarantined" and len(submission.reasons) == 1 and why in submission.reasons[0]


def test_what_is_no_file_is_not_waited_for(hand_in, tmp_path):
    os.mkfifo(tmp_path / f"{LOSSES}.ipynb")
    submission = hand_in()
    assert submission.reasons == [f"'{LOSSES}.ipynb' is not a file."]


def test_a_duplicated_answer_is_resolved_and_flagged(handed, hand_in):  # row 35
    handed["cells"].insert(at(handed, "gram_matrix") + 1, copy.deepcopy(find(handed, "gram_matrix")))
    first, second = [cell for cell in handed["cells"] if cell["id"] == "gram_matrix"]
    first["source"], second["id"] = GRAM, "other"
    submission = hand_in(handed)  # the second is the stub
    assert answers(submission)["gram_matrix"] == GRAM
    assert any(flag.endswith("gram_matrix.") for flag in submission.flags)
    second["source"] = GRAM.replace("gram", "g").replace("def g_matrix", "def gram_matrix")
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == second["source"]
    assert places(submission).index(GRAM) < places(submission).index("gram_matrix")


def test_a_duplicated_test_cell_is_dropped_and_flagged(handed, hand_in, blank):  # row 35
    copied = copy.deepcopy(find(handed, "test_gram_matrix"))
    handed["cells"].insert(3, copied | {"id": "another", "source": "check = print"})
    submission = hand_in(handed)
    assert submission.notebooks[LOSSES].cells == blank
    assert any(flag.endswith("test_gram_matrix.") for flag in submission.flags)


@pytest.mark.parametrize("role", ["solution", "locked"])
def test_deleted_cells_are_put_back(handed, hand_in, blank, role):  # row 36
    kept = [cell for cell in handed["cells"] if not cell["metadata"].get("nbgrader", {}).get(role)]
    submission = hand_in(handed | {"cells": kept})
    assert submission.notebooks[LOSSES].cells == blank
    assert (submission.state, len(submission.repairs), submission.flags) == ("graded", 1, [])
    assert "content_loss" in submission.repairs[0]


def test_reordered_cells_are_put_in_order(handed, hand_in):  # row 37
    in_order = hand_in(answer(handed)).notebooks[LOSSES].cells
    handed["cells"].reverse()
    submission = hand_in(handed)
    assert submission.notebooks[LOSSES].cells == in_order
    assert submission.repairs == [f"{LOSSES}: the cells were put back in order."]


@pytest.mark.parametrize("assignment", sorted({path.partition("/")[0] for path in NOTEBOOKS}))
def test_answers_are_found_without_metadata(sources, hand_in, assignment):  # row 38
    stripped = {}
    for name, source in sources[assignment].items():
        skeleton = released(source)
        for cell, solved in zip(skeleton.cells, source.cells, strict=True):
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = solved.source
        cells = [{key: cell[key] for key in ("cell_type", "source")} for cell in skeleton.cells]
        stripped[name] = {"cells": cells, "nbformat": 4, "nbformat_minor": 2}
    submission = hand_in(assignment=assignment, only=(), **stripped)
    assert (submission.state, submission.flags) == ("graded", [])
    assert [f"{assignment}/{name}" for name in submission.notebooks] == graded(assignment)
    for name in submission.notebooks:
        source = sources[assignment][name]
        wanted = {cell["id"]: cell.source for cell in source.cells if cell.metadata.get("nbgrader", {}).get("solution")}
        assert answers(submission, name) == wanted
        assert [cell.role for cell in submission.notebooks[name].cells].count("student") == 0


def test_another_notebook_is_quarantined(hand_in):  # row 38
    submission = hand_in({"cells": [code("print('My thesis')")], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert submission.state == "quarantined"
    assert submission.reasons == [f"'{LOSSES}.ipynb' holds none of the released notebook's exercises."]


def test_settings_are_restored(handed, hand_in, blank):  # rows 39, 40
    for cell in handed["cells"]:
        settings = cell["metadata"].get("nbgrader", {})
        settings |= {"schema_version": 99, "checksum": "0"}
        for name in ("grade", "solution", "locked", "task"):
            settings[name] = not settings.get(name)
    find(handed, "test_tv_loss")["metadata"]["nbgrader"]["points"] = 1000
    find(handed, "hidden_tv_loss")["cell_type"] = "markdown"
    find(handed, "gram_matrix")["cell_type"] = "raw"
    submission = hand_in(handed)
    assert submission.state == "graded"
    assert submission.notebooks[LOSSES].cells == blank
    assert [flag for flag in submission.flags if "points" in flag and "test_tv_loss" in flag]
    assert [line for line in submission.repairs if line.endswith("gram_matrix, hidden_tv_loss.")]
    node = submission.notebooks[LOSSES].notebook.cells[at(handed, "test_tv_loss")]
    assert (node.metadata.nbgrader.points, node.metadata.nbgrader.schema_version) == (5, 3)


def test_an_edited_test_cell_is_restored_and_flagged(handed, hand_in, blank):
    find(handed, "test_gram_matrix")["source"] = "pass"
    submission = hand_in(handed)
    assert submission.notebooks[LOSSES].cells == blank
    assert [flag for flag in submission.flags if "text" in flag and "test_gram_matrix" in flag]


@pytest.mark.parametrize(
    "content, why",
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"not JSON", "at line 1"),
        (b'{"cells": [\n{"cell_type": "code"', "at line 2"),
        (b"[" * 100_000, "nested"),
        (b'{"cells": ' + b"[" * 200 + b"]" * 200 + b"}", "nested"),
        (b"[]", "not a notebook"),
        (b"NaN", "not a notebook"),
        (b'"cells"', "not a notebook"),
        (b"{}", "no cells"),
        (b'{"cells": {"a": 1}, "worksheets": [3, {"cells": 1}]}', "no cells"),
        (b'{"cells": [' + b'{"source": "x"},' * 1001 + b'{"source": "x"}]}', "1002 cells"),
        (b'{"cells": [' + b"{}," * 3_000_000 + b"1]}", "5,000,000 values"),
        (b'{"cells": [{"cell_type": "code", "source": "' + b"x" * 1_000_001 + b'"}]}', "1,000,000 characters"),
        (b"\0" * 2**26 + b"1", "64 MB"),
        (b"\xff\xfe\x00", "at line 1"),
    ],
)
def test_what_is_no_notebook_is_quarantined_in_a_sentence(hand_in, content, why):  # row 41
    submission = hand_in(content)
    (reason,) = submission.reasons
    assert submission.state == "quarantined"
    assert reason.startswith(f"'{LOSSES}.ipynb' ") and why in reason and len(reason) < 150


def test_one_broken_notebook_leaves_the_others(hand_in, sources):  # row 41
    notebooks = sources[ASSIGNMENT] | {LOSSES: "{"}
    submission = hand_in(only=(), **notebooks)
    assert submission.state == "partial"
    assert list(submission.notebooks) == ["2-style-transfer", "3-inversion-and-texture"]
    submission = hand_in(only=(), **sources[ASSIGNMENT])
    assert submission.state == "graded"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_read(handed, hand_in, encoding):  # row 41
    handed["cells"].insert(0, code("# élève ∇"))
    submission = hand_in(json.dumps(answer(handed), ensure_ascii=False).encode(encoding))
    assert answers(submission)["gram_matrix"] == GRAM
    assert submission.notebooks[LOSSES].cells[0].source == "# élève ∇"
    assert len(submission.repairs) == 1


def test_text_of_an_unknown_encoding_costs_only_its_letters(handed, hand_in):
    handed["cells"].insert(0, code("# élève"))
    submission = hand_in(json.dumps(answer(handed), ensure_ascii=False).encode("latin-1", "replace"))
    assert answers(submission)["gram_matrix"] == GRAM


def test_an_old_format_is_read(sources, hand_in):  # row 41
    notebook = released(sources[ASSIGNMENT][LOSSES])
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "gram_matrix":
            cell.source = GRAM
    submission = hand_in(nbformat.writes(notebook, version=3))
    assert answers(submission)["gram_matrix"] == GRAM
    assert submission.notebooks[LOSSES].notebook.nbformat == 4


@pytest.mark.parametrize("name", ["1-losses (2).ipynb", "1-losses_final.ipynb", "1-LOSSES.IPYNB", "x.ipynb.txt"])
def test_a_renamed_notebook_is_found_by_its_content(handed, hand_in, name):  # row 41
    submission = hand_in(**{name: answer(handed)})
    assert answers(submission)["gram_matrix"] == GRAM
    assert submission.repairs == [f"{LOSSES}: read from the file {name!r}."] and submission.flags == []


def test_of_several_files_one_is_chosen_always_the_same(handed, hand_in):  # row 41
    better = answer(copy.deepcopy(handed), "tv_loss", "def tv_loss(img, tv_weight):\n    return 0")
    submission = hand_in(**{"a.ipynb": answer(better), "b.ipynb": answer(handed), "c.ipynb": b"{"})
    assert set(submission.hashes) == {"a.ipynb", "b.ipynb", "c.ipynb"}
    assert answers(submission)["tv_loss"].endswith("return 0")
    assert any("'a.ipynb', 'b.ipynb'; 'a.ipynb' was read" in flag for flag in submission.flags)
    submission = hand_in(**{"b.ipynb": better})
    assert submission.repairs == [f"{LOSSES}: read from the file 'b.ipynb'."]
    submission = hand_in(answer(handed, "tv_loss", "def tv_loss(img, tv_weight):\n    return 1"))
    assert answers(submission)["tv_loss"].endswith("return 1")
    assert submission.flags[:2] == [
        f"{LOSSES}: several files could be it, '1-losses.ipynb', 'a.ipynb', 'b.ipynb'; '1-losses.ipynb' was read.",
        "Notebooks that were not used: 'a.ipynb', 'b.ipynb', 'c.ipynb'.",
    ]


def test_notebooks_under_each_others_names_are_told_apart(hand_in, sources):
    notebooks = dict(sources[ASSIGNMENT])
    notebooks[LOSSES], notebooks["2-style-transfer"] = notebooks["2-style-transfer"], notebooks[LOSSES]
    submission = hand_in(only=(), **notebooks)
    assert submission.state == "graded"
    assert "tf.matmul" in answers(submission)["gram_matrix"]


@pytest.mark.parametrize("metadata", [{}, {"kernelspec": {"name": "julia", "display_name": "", "language": 3}}])
def test_the_kernel_is_the_courses(handed, hand_in, metadata):  # row 42
    submission = hand_in(handed | {"metadata": metadata})
    notebook = submission.notebooks[LOSSES].notebook
    assert notebook.metadata.kernelspec.name == "python3" and notebook.metadata.language_info.name == "python"
    assert submission.repairs == [f"{LOSSES}: the kernel was set to the course's."]


def test_a_syntax_error_elsewhere_leaves_the_answers_alone(handed, hand_in):  # row 44
    answer(handed, "tv_loss", "def tv_loss(img, tv_weight:\n    return")
    del find(handed, "tv_loss")["id"], find(handed, "tv_loss")["metadata"]
    handed["cells"].insert(9, code("def (:"))
    submission = hand_in(answer(handed))
    assert answers(submission)["gram_matrix"] == GRAM
    assert answers(submission)["tv_loss"].startswith("def tv_loss(img, tv_weight:")
    assert "def (:" in places(submission)


def test_an_answer_in_an_added_cell_takes_the_place_of_the_stub(handed, hand_in):
    handed["cells"].insert(at(handed, "hidden_gram_matrix") + 1, code(f"%%time\nEPSILON = 0\n{GRAM}"))
    handed["cells"].insert(at(handed, "hidden_gram_matrix") + 1, code("def unroll(features):\n    pass"))
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == f"%%time\nEPSILON = 0\n{GRAM}"
    order = places(submission)
    assert order.index("def unroll(features):\n    pass") == order.index("gram_matrix") - 1
    assert submission.flags == []


def test_added_cells_stay_where_they_stood(handed, hand_in):
    helper = "def unroll(features):\n    return tf.reshape(features, [-1, 3])"
    handed["cells"].insert(at(handed, "gram_matrix"), code(helper))
    handed["cells"].insert(0, {"cell_type": "markdown", "source": ["My ", "notes"], "metadata": {}})
    handed["cells"].append(code("last = 1"))
    submission = hand_in(handed)
    cells, order = submission.notebooks[LOSSES].cells, places(submission)
    assert cells[0] == ("markdown", None, "My notes", (), True)
    assert cells[-1] == ("student", None, "last = 1", (), True)
    assert order[order.index(helper) + 1] == "gram_matrix"


def test_a_solution_cell_goes_back_to_its_place_with_what_stood_before_it(handed, hand_in):
    handed["cells"].append(code("def unroll(features):\n    pass"))
    handed["cells"].append(handed["cells"].pop(at(answer(handed), "gram_matrix")))
    order = places(hand_in(handed))
    assert order.index("gram_matrix") == order.index("def unroll(features):\n    pass") + 1
    assert order.index("gram_matrix") == order.index("test_gram_matrix") - 1


def test_an_answer_in_an_unusual_form_is_not_undone_by_the_stub(handed, hand_in):
    handed["cells"][at(handed, "gram_matrix")] = code("if True:\n    gram_matrix = partial(g, 1)")
    order = places(hand_in(handed))
    assert order.index("gram_matrix") < order.index("if True:\n    gram_matrix = partial(g, 1)")
    assert order.index("test_gram_matrix") > order.index("if True:\n    gram_matrix = partial(g, 1)")


def test_two_answers_in_one_cell_serve_both_exercises(handed, hand_in):
    both = GRAM + "\n\ndef tv_loss(img, tv_weight):\n    return 0"
    answer(handed, "tv_loss", both)
    submission = hand_in(handed)
    assert answers(submission)["tv_loss"] == answers(submission)["gram_matrix"] == both
    assert f"{LOSSES}: these answers were found by their content: gram_matrix." in submission.repairs


@pytest.mark.parametrize(
    "text",
    [
        f'"""\n{GRAM}\n"""',
        f"old = r'''it's\n{GRAM}\n'''",
        "# def gram_matrix(features):",
        'print("""def")\nclass Layer:\n    def gram_matrix(self):\n        pass',
    ],
)
def test_a_definition_in_a_text_or_a_class_is_no_answer(handed, hand_in, text):
    answer(handed)
    del find(handed, "gram_matrix")["id"], find(handed, "gram_matrix")["metadata"]
    handed["cells"].append(code(text))
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == GRAM
    assert submission.notebooks[LOSSES].cells[-1].source == text


@pytest.mark.parametrize(
    "form", ["gram_matrix = lambda f: f", "  def gram_matrix(f):\n    return f", "async def gram_matrix(f): pass"]
)
def test_other_forms_of_definition_are_found(handed, hand_in, form):
    handed["cells"][at(handed, "gram_matrix")] = code(form)
    assert answers(hand_in(handed))["gram_matrix"] == form


def test_a_renamed_function_is_found_by_the_words_of_the_exercise(handed, hand_in):
    cell = find(handed, "gram_matrix")
    source = cell["source"].replace("def gram_matrix", "def my_gram").replace("raise NotImplementedError()", "return 1")
    handed["cells"][at(handed, "gram_matrix")] = code(source)
    assert answers(hand_in(handed))["gram_matrix"] == source


def test_an_emptied_answer_is_the_stub(handed, hand_in, blank):
    assert hand_in(answer(handed, source=" \n")).notebooks[LOSSES].cells == blank


def test_a_changed_given_cell_runs_after_the_released_one(handed, hand_in):
    given = handed["cells"][1]["source"]
    handed["cells"][1]["source"] = given + "\nimport math"
    submission = hand_in(handed)
    assert places(submission)[:2] == [given, given + "\nimport math"]
    assert [cell.role for cell in submission.notebooks[LOSSES].cells][1:3] == ["given", "student"]
    assert len(submission.repairs) == 1 and "cell-001" in submission.repairs[0]


def test_cells_to_explore_are_the_students_and_stay_marked(handed, hand_in, blank):
    (first, *_) = [cell for cell in handed["cells"] if cell["metadata"].get("tags") == ["explore"]]
    again = copy.deepcopy(first)  # as copying and pasting does it
    again["id"], again["source"] = "again", again["source"] + "\nmore = 1"
    first["source"] += "\nprint('mine')"
    handed["cells"].insert(at(handed, first["id"]) + 1, again)
    handed["cells"].append(code("paint('a cat')", tags=["explore"]))
    handed["cells"].append(code("def helper():\n    pass", tags=["explore", "skip-execution"]))
    submission = hand_in(handed)
    cells = submission.notebooks[LOSSES].cells
    explore = [cell for cell in cells if "explore" in cell.tags]
    assert [cell.source for cell in explore[:2]] == [first["source"], again["source"]]
    assert all(cell.from_student for cell in explore[:2])
    assert len(cells) == len(blank) + 3 and submission.repairs == []
    assert cells[-2:] == [
        ("student", None, "paint('a cat')", ("explore",), True),
        ("student", None, "def helper():\n    pass", ("explore",), True),
    ]


def test_a_function_beside_a_copied_line_is_not_left_out(handed, hand_in):
    (first, *_) = [cell for cell in handed["cells"] if cell["metadata"].get("tags") == ["explore"]]
    handed["cells"].insert(2, code(f"def helper():\n    pass\n\n{first['source']}"))
    submission = hand_in(handed)
    (cell,) = [cell for cell in submission.notebooks[LOSSES].cells if cell.source.startswith("def helper")]
    assert (cell.role, cell.tags) == ("student", ())


def test_windows_line_ends_are_no_change(handed, hand_in, blank):
    for cell in handed["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    submission = hand_in(handed)
    assert submission.notebooks[LOSSES].cells == blank and submission.repairs == []


def test_odd_characters_and_names_stay_out_of_the_way(handed, hand_in, tmp_path):
    handed["cells"].append(code("'\ud800 \0'"))
    (tmp_path / os.fsdecode(b"\xff<script>\n.ipynb")).write_text("{}")
    submission = hand_in(handed)
    assert submission.notebooks[LOSSES].cells[-1].source == "'? \0'"
    "".join(submission.flags).encode()
    assert "\n" not in "".join(submission.flags)


def test_fifty_megabytes_of_outputs_are_no_problem(handed, hand_in):
    answer(handed)
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 50_000_000}, "metadata": {}}
    handed["cells"][1]["outputs"] = [picture]
    assert answers(hand_in(handed))["gram_matrix"] == GRAM


def test_the_same_folder_with_many_files_gives_the_same(handed, hand_in, tmp_path):
    for number in range(1500):
        (tmp_path / f"{number}.txt").touch()
    submission = hand_in(handed)
    assert submission.state == "graded" and len(submission.flags) == 2
    assert all(len(flag) < 300 for flag in submission.flags)


@pytest.mark.parametrize(
    "text",
    [
        "x = " * 200_000,
        "if x:\n def f():\n" * 20_000,
        "'''" * 300_000,
        "'\\" * 400_000,
        '"' * 900_001,
        "def " * 200_000,
        "(" * 900_000,
    ],
)
def test_no_text_takes_long(handed, hand_in, text):
    answer(handed)
    handed["cells"].append(code(text))
    start = time.perf_counter()
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == GRAM
    assert time.perf_counter() - start < 20


# Whatever may be in the JSON: anything in place of anything.

ODD = [
    None,
    True,
    -1,
    0,
    99,
    1e400,
    "",
    "a",
    "gram_matrix",
    "test_tv_loss",
    "explore",
    [],
    {},
    [[]],
    {"source": []},
    "\ud800",
]
ODD += ["code", "markdown", "def gram_matrix(", [None, "x = 1\n", 3], {"nbgrader": {"grade_id": ["gram_matrix"]}}]


def spoil(value, chance):
    """Change one thing in a random place: replace, remove, repeat, move, rename or nest it."""
    parents = [value]
    for parent in parents:  # grows meanwhile
        children = parent.values() if isinstance(parent, dict) else parent
        parents += [child for child in children if isinstance(child, dict | list) and child]
    parent = chance.choice(parents)
    key = chance.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
    action = chance.randrange(6)
    if action == 0:
        parent[key] = copy.deepcopy(chance.choice(ODD))
    elif action == 1:
        del parent[key]
    elif action == 2:
        parent[key] = copy.deepcopy(
            parent[chance.choice(list(parent))] if isinstance(parent, dict) else chance.choice(parent)
        )
    elif action == 3:
        parent[key] = [parent[key]]
    elif action == 4 and isinstance(parent, list):
        parent.insert(chance.randrange(len(parent)), copy.deepcopy(parent[key]))
    elif action == 4:
        parent[chance.choice(["source", "input", "cells", "tags", "nbgrader", "id", "worksheets"])] = parent.pop(key)
    elif isinstance(parent, list):
        chance.shuffle(parent)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_in_a_notebook_makes_it_raise(sources, handed, hand_in, seed):
    chance = random.Random(seed)
    text = json.dumps(answer(handed))
    taken = 0
    for _ in range(50):
        notebook = json.loads(text)
        for _ in range(chance.choice([1, 3, 30])):
            if notebook:
                spoil(notebook, chance)
        data = json.dumps(notebook).encode()
        if chance.random() < 0.1:  # breaks off, or is damaged
            data = data[: chance.randrange(len(data))] + chance.choice([b"", b'"', b"\xff", b"}]}"])
        submission = hand_in(data)
        assert submission.state in ("graded", "quarantined") and bool(submission.notebooks) != bool(submission.reasons)
        taken += len(submission.notebooks)
        for repaired in submission.notebooks.values():
            roles = [cell.role for cell in repaired.cells if cell.role in ("given", "solution", "test")]
            assert roles == [
                slot.role
                for slot in skeleton_of(sources[ASSIGNMENT][LOSSES]).slots
                if slot.role in ("given", "solution", "test")
            ]
            tests = [cell for cell in repaired.cells if cell.role == "test"]
            assert tests == [cell for cell in tests if not cell.from_student]
    assert taken > 25
