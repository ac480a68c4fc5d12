"""Right work, clumsily edited: which version of an answer counts, what is brought to it, and in which file it is."""

# ruff: noqa: F401, F811 (fixtures of test_repair.py)

import ast
import copy
import json
import keyword
import random

import jupytext
import nbformat
import pytest

from nst.course.release import read_source
from nst.grading.intake import reading
from nst.grading.intake.skeleton import released
from nst.grading.intake.statements import definitions, statements, uses
from tests.test_repair import (
    ASSIGNMENT,
    GRAM,
    LOSSES,
    answer,
    answers,
    at,
    code,
    find,
    hand_in,
    handed,
    places,
    sources,
)

WRONG = "def gram_matrix(features, normalize=True):\n    return 3"
HEAD = "def gram_matrix(features, normalize=True):\n"
RAISE = "raise NotImplementedError()"
BY_HAND = [f"{LOSSES} ({n}).ipynb" for n in (1, 2)] + [
    f"{LOSSES}{end}.ipynb"
    for end in ("-Copy1", " copy", " copy 2", " - Copy", " - Kopie", " - copie", " 副本", "_副本")
]


# What is finished


@pytest.mark.parametrize(
    "source",
    [
        f"{GRAM}\n    # {RAISE}",
        f"{GRAM}\n    {RAISE}",
        f'{HEAD}    """Was: {RAISE}"""\n    return 1',
        f"{HEAD}    said = '{RAISE}'\n    return said",
        f"{HEAD}    def other_norm(x):\n        {RAISE}\n    return features",
        f"{HEAD}    if normalize is None:\n        {RAISE}\n    return features",
        f"{HEAD}    if normalize:\n        return 1\n    else:\n        return 2\n    {RAISE}",
        f"{GRAM}\n\n\ndef later():\n    {RAISE}",
        f"{HEAD}    yield features\n    {RAISE}",
        "gram_matrix = lambda features, normalize=True: features",
    ],
)
def test_a_finished_answer_is_told_by_what_it_does(handed, hand_in, source):
    answer(handed, source=source)
    handed["cells"].append(code(WRONG))
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == source
    assert any("several cells claim" in flag and "gram_matrix" in flag for flag in submission.flags)


@pytest.mark.parametrize(
    "source",
    [
        f"{HEAD}    # I have written it below.\n    {RAISE}",
        f"{HEAD}    # return features\n    {RAISE}  # TODO",
        f'{HEAD}    """Mine."""\n    pass',
        f"{HEAD}    ...",
        f"{HEAD}    return None",
        f"{HEAD}    {RAISE}\n    return features",
        f"{HEAD}    raise NotImplementedError('later')",
        f"{HEAD[:-1]} {RAISE}",
        f"{HEAD}    total = 0\n    raise NotImplementedError",
    ],
)
def test_what_is_not_finished_stands_back(handed, hand_in, source):
    answer(handed, source=source)
    handed["cells"].insert(2, code(GRAM))
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == GRAM
    assert source not in places(submission)


def test_a_version_between_the_answer_and_its_test_is_what_is_tested_and_flagged(handed, hand_in):
    handed["cells"].insert(at(answer(handed), "gram_matrix") + 1, code(WRONG))
    submission = hand_in(handed)
    order = places(submission)
    assert order.index("gram_matrix") < order.index(WRONG) < order.index("test_gram_matrix")
    assert any("is what they see" in flag and "gram_matrix" in flag for flag in submission.flags)


def test_a_stub_below_the_finished_function_in_one_cell_is_left_out(handed, hand_in):
    answer(handed, source=f"import math\n\n\n{GRAM}\n\n\n{HEAD}    {RAISE}\n\n\nK = 1")
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == f"import math\n{GRAM}\nK = 1"
    assert any("left out: gram_matrix" in flag for flag in submission.flags)


@pytest.mark.parametrize("name", ["Gram_matrix", "gramMatrix", "GRAM_MATRIX"])
def test_a_function_of_nearly_the_name_is_taken_wherever_it_stands(handed, hand_in, name):
    source = GRAM.replace("gram_matrix", name)
    handed["cells"].insert(3, code(source))
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == source
    assert any(f"gram_matrix ({name})" in flag for flag in submission.flags)
    order = places(submission)
    assert f"return {name}(*inputs" in order[order.index("gram_matrix") + 1]


def test_a_helper_in_the_place_of_the_answer_is_not_taken_for_it(handed, hand_in):
    answer(handed, source="def unroll(features):\n    return features")
    handed["cells"].insert(at(handed, "test_gram_matrix"), code(GRAM))
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == GRAM
    assert "def unroll(features):\n    return features" in places(submission)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_in_a_cell_of_text_counts_where_there_is_no_other(handed, hand_in, kind):
    handed["cells"].insert(3, {"cell_type": kind, "source": GRAM, "metadata": {}})
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == GRAM
    assert any("not code" in flag and "gram_matrix" in flag for flag in submission.flags)
    assert answers(hand_in(answer(handed, source=WRONG)))["gram_matrix"] == WRONG


# What an answer needs


@pytest.mark.parametrize(
    "helper, name",
    [
        ("import math as helper", "helper"),
        ("from math import (floor,\n    ceil as helper)", "helper"),
        ("def helper(x):\n    return x", "helper"),
        ("@tf.function\ndef helper(x):\n    return x", "helper"),
        ("class helper:\n    pass", "helper"),
        ("helper = lambda x: x", "helper"),
        ("helper = 1e-5", "helper"),
        ("other, helper = np.array([1, 2]), {'a': (1,)}", "helper, other"),
        ("helper: float = 2 * 3", "helper"),
        ("try:\n    import helper\nexcept ImportError:\n    helper = None", "helper"),
    ],
)
@pytest.mark.parametrize("where", ["explore", "copy", "below", "test", "text"])
def test_what_an_answer_needs_is_brought_to_it(handed, hand_in, helper, name, where):
    answer(handed, source=GRAM.replace("/ (H", "/ helper(H"))
    (explore, *_) = [cell for cell in handed["cells"] if cell["metadata"].get("tags") == ["explore"]]
    if where == "explore":
        explore["source"] = f"{helper}\n{explore['source']}\npaint(hours=3)"
    elif where == "copy":
        handed["cells"].insert(5, code(f"{helper}\npaint(hours=3)", tags=["explore"]))
    elif where == "below":
        handed["cells"].append(code(f"{helper}\nprint('done')"))
    elif where == "test":
        find(handed, "test_gram_matrix")["source"] += f"\n{helper}"
    else:
        handed["cells"].insert(5, {"cell_type": "markdown", "source": helper, "metadata": {}})
    submission = hand_in(handed)
    order = places(submission)
    assert order[order.index("gram_matrix") - 1].partition("\n")[2] == helper
    assert any(f"{name} was found in" in flag and "is run before gram_matrix" in flag for flag in submission.flags)
    assert "hours=3" not in "".join(order)


def test_what_a_helper_needs_comes_first(handed, hand_in):
    answer(handed, source=GRAM.replace("/ (H", "/ helper(H"))
    handed["cells"].append(code("paint()\ndef helper(x):\n    return K * x\nK = math.pi\nL = 1\nimport math"))
    order = places(hand_in(handed))
    brought = order[order.index("gram_matrix") - 1]
    assert brought.split("\n")[1:] == ["import math", "", "K = math.pi", "", "def helper(x):", "    return K * x"]


def test_what_nobody_needs_or_what_is_there_anyway_is_not_brought(handed, hand_in, blank_places):
    answer(handed)
    (explore, *_) = [cell for cell in handed["cells"] if cell["metadata"].get("tags") == ["explore"]]
    explore["source"] += "\ndef unused():\n    pass\ntf = gram = unrolled = N = 3"
    submission = hand_in(handed)
    assert places(submission) == blank_places and submission.flags == []


@pytest.fixture
def blank_places(sources, hand_in):
    return places(hand_in(released(sources[ASSIGNMENT][LOSSES])))


def test_what_takes_long_is_not_brought(handed, hand_in, blank_places):
    answer(handed, source=GRAM.replace("/ (H", "/ helper * (H"))
    handed["cells"].append(code("helper = paint(hours=3)", tags=["explore"]))
    assert places(hand_in(handed)) == blank_places


def test_an_answer_and_its_helper_in_another_notebook_are_found(handed, hand_in, sources):
    other = copy.deepcopy(released(sources[ASSIGNMENT]["2-style-transfer"]))
    other.cells.append(code(GRAM.replace("/ (H", "/ helper(H")))
    other.cells.append(code("def helper(x):\n    return x"))
    for cell in handed["cells"]:
        if cell.get("id") == "gram_matrix":
            handed["cells"].remove(cell)
    submission = hand_in(handed, only=(LOSSES, "2-style-transfer"), **{"2-style-transfer": other})
    assert answers(submission)["gram_matrix"].startswith("def gram_matrix")
    assert f"{LOSSES}: the answer to gram_matrix was found in the file '2-style-transfer.ipynb'." in submission.flags
    assert any("helper was found in the file" in flag for flag in submission.flags)


def test_all_answers_in_one_file_are_told_apart(sources, hand_in):
    both = [copy.deepcopy(sources[ASSIGNMENT][name]) for name in (LOSSES, "2-style-transfer")]
    cells = [cell for notebook in both for cell in notebook.cells]
    for cell in cells:
        cell.metadata.pop("nbgrader", None)
    submission = hand_in(only=(LOSSES, "2-style-transfer"), everything={"cells": cells, "nbformat": 4, "metadata": {}})
    assert submission.state == "graded" and list(submission.notebooks) == [LOSSES, "2-style-transfer"]
    for name in submission.notebooks:
        assert all("raise NotImplementedError()" not in source for source in answers(submission, name).values())


def test_the_halves_of_a_split_cell_are_joined(handed, hand_in):
    first, half, rest = GRAM.partition("    gram = ")
    answer(handed, source=first)
    handed["cells"].insert(at(handed, "gram_matrix") + 1, code(half + rest))
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == GRAM
    assert any("split cell" in line for line in submission.repairs)


# Characters


def test_characters_that_python_cannot_read_are_replaced_in_code_alone(handed, hand_in):
    said = "print('，\u00a0“”')  # （\u200b）"
    handed["cells"].append(code(said))
    answer(handed, source=f"{HEAD}\u00a0\u3000  return\u00a0features［0］，1\n{said}")
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == f"{HEAD}    return features[0],1\n{said}"
    assert submission.notebooks[LOSSES].cells[-1].source == said
    (flag,) = submission.flags
    assert "'，' (U+FF0C)" in flag and "'\\xa0' (U+00A0)" in flag and "U+200B" not in flag


# Files


@pytest.mark.parametrize("name", BY_HAND)
def test_the_finished_copy_is_read_where_the_file_of_the_right_name_is_the_release(handed, hand_in, name):
    submission = hand_in(copy.deepcopy(handed), **{name: answer(handed)})
    assert answers(submission)["gram_matrix"] == GRAM
    assert submission.repairs == [f"{LOSSES}: read from the file {name!r}."]


def test_of_two_files_with_work_the_more_finished_is_read_and_lacks_nothing_of_the_other(handed, hand_in):
    tv = "def tv_loss(img, tv_weight):\n    return 0"
    mine = answer(answer(copy.deepcopy(handed)), "content_loss", "def content_loss(*inputs):\n    return 0")
    submission = hand_in(answer(copy.deepcopy(handed), "tv_loss", tv), **{f"{LOSSES} (1).ipynb": mine})
    assert answers(submission)["gram_matrix"] == GRAM and answers(submission)["tv_loss"] == tv
    assert f"{LOSSES}: the answer to tv_loss was found in the file '{LOSSES}.ipynb'." in submission.flags
    assert any("several files could be it" in flag and "(1).ipynb' was read" in flag for flag in submission.flags)


@pytest.mark.parametrize("ending", [".json", ".txt", "", ".ipynb.json", ".IPYNB"])
def test_a_notebook_under_another_ending_is_found(handed, hand_in, tmp_path, ending):
    (tmp_path / f"{LOSSES}{ending}").write_text(json.dumps(answer(handed)))
    assert answers(hand_in())["gram_matrix"] == GRAM


@pytest.mark.parametrize("form", ["py:percent", "export"])
def test_a_script_made_of_a_notebook_is_read(handed, hand_in, blank_places, tmp_path, form):
    notebook = nbformat.from_dict(answer(handed))
    (tmp_path / f"{LOSSES}.ipynb").unlink()
    if form == "export":
        cells = [
            f"# In[{n}]:\n\n\n{cell.source}\n" for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"
        ]
        script = "#!/usr/bin/env python\n# coding: utf-8\n\n" + "\n\n".join(cells)
    else:
        script = jupytext.writes(notebook, fmt=form)
    (tmp_path / f"{LOSSES}.py").write_text(script)
    submission = hand_in()
    assert answers(submission)["gram_matrix"] == GRAM
    assert [place for place in places(submission) if not place.startswith("import numpy")] == blank_places[1:]


def test_where_all_is_finished_a_copy_is_left_alone(sources, hand_in):
    finished = released(sources[ASSIGNMENT][LOSSES])
    for cell, source in zip(finished.cells, sources[ASSIGNMENT][LOSSES].cells, strict=True):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = source.source
    submission = hand_in(finished, **{f"{LOSSES}-Copy1.ipynb": b"\0"})
    assert submission.flags == [f"Notebooks that were not used: '{LOSSES}-Copy1.ipynb'."]
    assert list(submission.hashes) == [f"{LOSSES}.ipynb"]


@pytest.mark.parametrize("folder", ["fast-style-transfer", "week 3/work", "a/b/c"])
def test_notebooks_in_folders_are_found(handed, hand_in, tmp_path, folder):
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "__MACOSX" / folder).mkdir(parents=True)
    (tmp_path / "__MACOSX" / folder / f"{LOSSES}.ipynb").write_text("{")
    submission = hand_in(**{f"{folder}/{LOSSES}.ipynb": answer(handed)})
    assert answers(submission)["gram_matrix"] == GRAM and submission.state == "graded"
    assert submission.repairs == [f"{LOSSES}: read from the file '{folder}/{LOSSES}.ipynb'."]
    assert submission.flags == []


def test_one_notebook_of_several_may_lie_deeper(sources, hand_in, tmp_path):
    (tmp_path / "old").mkdir()
    notebooks = {name: sources[ASSIGNMENT][name] for name in (LOSSES, "2-style-transfer")}
    notebooks[f"old/{LOSSES}.ipynb"] = notebooks.pop(LOSSES)
    assert hand_in(only=(LOSSES, "2-style-transfer"), **notebooks).state == "graded"


def test_folders_are_searched_neither_for_ever_nor_through_links(handed, hand_in, tmp_path):
    outside = tmp_path.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / f"{LOSSES}.ipynb").write_text(json.dumps(answer(handed)))
    (tmp_path / "link").symlink_to(outside)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(outside)
    (tmp_path / "in" / f"{LOSSES}.ipynb").symlink_to(outside / f"{LOSSES}.ipynb")
    (tmp_path / "a/b/c/d").mkdir(parents=True)
    (tmp_path / "a/b/c/d" / f"{LOSSES}.ipynb").write_text(json.dumps(handed))
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / f"{LOSSES}-checkpoint.ipynb").write_text(json.dumps(handed))
    submission = hand_in()
    assert submission.reasons == [f"'{LOSSES}.ipynb' was not handed in."] and submission.hashes == {}


def test_an_archive_is_named_as_the_reason(hand_in):
    (reason,) = hand_in(**{"my work.ZIP": b"PK"}).reasons
    assert reason == f"'{LOSSES}.ipynb' was not handed in; 'my work.ZIP' is not opened: unpack it, and judge again."


# Bounds


def test_what_costs_nothing_is_not_counted(handed, hand_in):
    answer(handed)
    handed["cells"][1]["outputs"] = [
        {"output_type": "display_data", "data": {"image/png": "A" * 1_000_000 + "\n"}, "metadata": {}}
    ] * 66
    handed["cells"] += [code("")] * 5000
    handed["cells"].append({"cell_type": "markdown", "source": f"![](data:image/png;base64,{'A' * 2_000_000})"})
    submission = hand_in(handed)
    assert answers(submission)["gram_matrix"] == GRAM and submission.flags == []
    assert len(submission.notebooks[LOSSES].cells) < 100


def test_a_text_about_pictures_in_a_cell_stays_as_it_is(handed, hand_in):
    source = 'data = {"image/png": "AAAA"}\nother = [\'"image/png": "AAAA"\']'
    handed["cells"].append(code(source))
    assert hand_in(handed).notebooks[LOSSES].cells[-1].source == source


def test_a_file_that_is_too_long_is_not_read(handed, hand_in, monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    (reason,) = hand_in(handed).reasons
    assert "longer than" in reason


# Statements


def modules(root):
    return [path for folder in ("nst", "tools") for path in sorted((root / folder).rglob("*.py"))]


def test_statements_are_those_that_python_sees(root):
    for path in modules(root):
        source = path.read_text(encoding="utf-8")
        found = statements(source)
        body = ast.parse(source).body
        starts = [min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) - 1 for node in body]
        assert [statement.number for statement in found] == list(dict.fromkeys(starts)), path
        functions = {node.name for node in body if isinstance(node, ast.FunctionDef)}
        assert functions <= {name for statement in found for name in statement.functions}, path
        names = {name for node in body if isinstance(node, (ast.Import, ast.ImportFrom)) for name in node.names}
        bound = {(alias.asname or alias.name).split(".")[0] for alias in names}
        assert bound <= {name for statement in found for name in statement.binds}, path


def test_definitions_of_every_answer_leave_out_what_takes_long(root):
    for path in sorted((root / "answers").glob("*/*.py")):
        for cell in read_source(path).cells:
            if cell.cell_type == "code":
                kept = definitions("\n".join(line for line in cell.source.split("\n") if not line.startswith("%")))
                for node in ast.parse(kept).body:
                    assert not isinstance(node, (ast.Expr, ast.For, ast.While)), ast.unparse(node)


@pytest.mark.parametrize(
    "source, names",
    [
        ("def f(x: int, a=1, *b, c=K, **d):\n    return x + a + b + c + d", "K"),
        ("helper(1, L, axis=2)", "helper L"),
        ("for a, (b, c) in zip(L, M):\n    a + b + c", "zip L M"),
        ("a, (b, *c) = d = K\na + b + c + d", "K"),
        ("if (n := len(L)) > 3: n += M", "len L M"),
        ("with open(L) as f: f.read(M.n)", "open L M"),
        ("[a for a in L] + [lambda b: b]", "L"),
        ("'L' # M\nn = f'{n}'", ""),
        ("import a.b as c\nfrom d import e", ""),
        ("L == M", "L M"),
    ],
)
def test_names_that_are_looked_up_elsewhere(source, names):
    found = uses([line for statement in statements(source) for line in statement.code])
    assert {name for name in found if not keyword.iskeyword(name)} - {"int", "f"} == set(names.split())


@pytest.mark.parametrize("seed", range(3))
def test_no_text_makes_statements_raise(seed):
    chance = random.Random(seed)
    pieces = ["def f(", "):\n", "\n", "  ", "'", '"', "'''", "#", "\\", "(", ")", "]", "x = ", "return", "raise "]
    pieces += [
        "NotImplementedError",
        "import a",
        "%magic",
        "!ls",
        "class C:\n",
        ";",
        ",",
        "lambda",
        "\t",
        "\r",
        "é",
        "if x:\n",
    ]
    for _ in range(2000):
        text = "".join(chance.choices(pieces, k=chance.randrange(1, 30)))
        for statement in statements(text):
            assert statement.source in text
