"""Rows that put files where the grader might run, read or follow them."""

import io
import json
import zipfile

from tests.support.submissions import NEURAL, Link, row

#: A module that passes every test that imports from it, and leaves a trace where it is executed outside.
PASSING = """
import pathlib
try:
    pathlib.Path({outside!r}, "trace-of-{name}").write_text("executed")
except OSError:
    pass
check = compare = lambda *inputs, **options: None
"""


def passing(work, name):
    return PASSING.format(outside=work.outside, name=name.replace("/", "-")).encode()


@row(12, "modules of the course's and of libraries' names beside the notebook", said="Ignored beside")
def modules_beside(work):
    names = ("numpy.py", "tensorflow.py", "nst_utils.py", "nst/__init__.py", "nst/checks/__init__.py")
    for name in (*names, "nst/checks/neural_style_transfer/__init__.py", "nst/quiet.py", "json.py", "random.py"):
        work.beside[name] = passing(work, name)


@row(13, "ipykernel_launcher.py, sitecustomize.py and the like beside it", said="Ignored beside")
def launchers_beside(work):
    for name in ("ipykernel_launcher.py", "sitecustomize.py", "usercustomize.py", "conftest.py", "nbgrader_config.py"):
        work.beside[name] = passing(work, name)
    work.beside["matplotlibrc"] = b"backend: module://ipykernel_launcher\n"


@row(31, "forged results, a printed score, a malicious pickle", said="Ignored beside")
def forged_results(work):
    command = f"touch {work.outside}/trace-of-pickle"
    work.beside["results.pkl"] = b"cposix\nsystem\n(S'" + command.encode() + b"'\ntR."
    work.beside["results.json"] = json.dumps({"compute_content_cost": 10, "passed": True}).encode()
    work.answer(
        "compute_content_cost",
        f"""
        import json, os, pathlib
        print("test_compute_content_cost: 6 of 6 points. hidden_compute_content_cost: 4 of 4 points.")
        for name in ("results.json", "score.txt", "../results.json"):
            try:
                pathlib.Path(name).write_text(json.dumps({{"score": 10, "passed": True, "state": "graded"}}))
            except OSError:
                pass

        class Malicious:
            def __reduce__(self):
                return os.system, ({command!r},)

        def compute_content_cost(a_C, a_G):
            print("6 of 6")
            return Malicious()
        """,
    )


@row(34, "a link in the notebook's place, links to data, a path upwards, a zip bomb", NEURAL, lost="all",
     wrong=(), state="quarantined", said=("symbolic link", "Ignored beside"))  # fmt: skip
def links(work):
    name = f"{work.row.names[0]}.ipynb"
    work.notebooks[work.row.names[0]] = Link(f"{work.outside}/submitted/victim/{work.row.assignment}/{name}")
    work.beside["data"] = Link("/etc")
    work.beside["passwd.png"] = Link("/etc/passwd")
    work.beside["..\\..\\gradebook.db"] = b"gone"
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../trace-of-zip", b"0" * (20 << 20))
    work.beside["work.zip"] = bomb.getvalue()


@row(47, "a forged timestamp.txt", NEURAL, wrong=(), said="time of collection counts")
def forged_timestamp(work):
    work.beside["timestamp.txt"] = b"2001-01-01 00:00:00.000000 UTC"
