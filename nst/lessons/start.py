"""What `0-start-here` asks of this machine before anything else: is all there that the notebooks need?

Each question is a function that returns a Finding: whether all is well, what was found, and what to do where it is not.
Nothing here needs TensorFlow, which may be what is missing.
"""

import html
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import NamedTuple

from IPython.display import display
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from nst import disk, paths
from nst.limits import gigabytes, rooms

_COURSE = "neural-style-transfer-course"

#: Bytes that the hungriest notebook takes, measured as the most that its kernel ever held.
NEEDED = 2.0e9


class Finding(NamedTuple):
    """What was asked, whether all is well, what was found, and what to do (empty where nothing is)."""

    question: str
    fine: bool
    found: str
    advice: str = ""


def look():
    """Ask all questions, and show the answers: as a table in a notebook, as lines elsewhere."""
    findings = [python(), packages(), memory(), network(), output(), folder()]
    display(Page(findings))


def python(running=sys.version_info, allowed=None):
    """Is this a Python that the course is made for? allowed: such as ">=3.11"; by default, what the course says."""
    allowed = allowed or _metadata("Requires-Python")
    found = ".".join(map(str, running[:3]))
    if allowed is None or found in SpecifierSet(allowed):  # of a course that is not installed `packages` tells
        return Finding("Python", True, found)
    return Finding("Python", False, found, f"The course needs Python {allowed}: set it up again with one of those.")


def packages(wanted=None, installed=version):
    """Are the packages there, in versions that the course works with?

    wanted: requirements, such as "numpy>=2.0"; by default, what the course says. installed: gives the version of a
    package or raises PackageNotFoundError.
    """
    try:
        wanted = requires(_COURSE) if wanted is None else wanted
    except PackageNotFoundError:
        return Finding("Packages", False, "The course itself is not installed for this Python.", _SET_UP)
    versions, wrong = {}, []
    wanted = [*wanted, "keras"]  # comes with TensorFlow, and nothing else says in which version
    for requirement in map(Requirement, wanted):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            versions[requirement.name] = installed(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement} is missing")
            continue
        if not requirement.specifier.contains(versions[requirement.name], prereleases=True):
            wrong.append(f"{requirement} is needed and {versions[requirement.name]} is there")
    if wrong:
        return Finding("Packages", False, "; ".join(wrong), _SET_UP)
    shown = [f"{name} {versions[name]}" for name in _SHOWN if name in versions]
    return Finding("Packages", True, f"{', '.join(shown)}, and {len(versions) - len(shown)} more")


def memory(found=None):
    """Is there room for the hungriest notebook? found: as from nst.limits.rooms()."""
    tightest = min(rooms() if found is None else found, key=lambda room: room.bytes)
    free = gigabytes(tightest.bytes)
    if tightest.bytes >= NEEDED:
        return Finding("Memory", True, f"{free} free; a notebook takes up to {gigabytes(NEEDED)}")
    return Finding(
        "Memory",
        False,
        f"{free} free, and a notebook takes up to {gigabytes(NEEDED)}: {tightest.words}.",
        f"To get more, {tightest.advice}, and shut down notebooks that you have finished (Kernel → Shut Down Kernel).",
    )


def network():
    """Which VGG-19 will load_vgg_model() take, and is its file there?"""
    from nst.weights.vgg19 import EMBEDDED, default_weights

    path, _ = default_weights()
    if not path.is_file():
        return Finding("Network", False, f"{path} is not there.", "Fetch the course again: that file belongs to it.")
    if path == EMBEDDED:
        return Finding("Network", True, "the small one that comes with the course; every exercise works with it")
    return Finding("Network", True, f"the full VGG-19 ({path.name}): it paints better, and takes ten times as long")


def output(where=None):
    """Can paintings be saved where the notebooks put them?"""
    advice = (
        "Paintings go to a new folder elsewhere, and the notebook says where. To choose one, set the environment "
        "variable NST_OUTPUT to a folder of yours and start Jupyter again."
    )
    return _written("Paintings", paths.OUTPUT if where is None else where, advice)


def folder(where=None):
    """Can this folder's notebooks be saved, with what you write into them?"""
    advice = "What you write there would be lost: copy the whole course into a folder of yours, and open it from there."
    return _written("Your notebooks", Path.cwd() if where is None else where, advice)


def _written(question, where, advice):
    try:
        where.mkdir(parents=True, exist_ok=True)
        with paths.tried_file(where / ".tried") as unfinished:
            unfinished.write_bytes(b"course")
    except OSError as error:
        why = error.strerror or error
        return Finding(question, False, f"{where} cannot be written to ({why}): {disk.when_writing(error)}.", advice)
    return Finding(question, True, f"are saved in {where}")


def _metadata(field):
    from importlib.metadata import metadata

    try:
        return metadata(_COURSE)[field]
    except PackageNotFoundError:
        return None


_SHOWN = ("tensorflow", "keras", "numpy", "jupyterlab")

_SET_UP = (
    "Set the course up again, as the README says under Start here, and choose its Python for this notebook "
    "(Kernel → Change Kernel)."
)


class Page:
    """Findings as a notebook shows them, and as a terminal does."""

    def __init__(self, findings):
        self.findings = findings

    def __repr__(self):
        lines = []
        for finding in self.findings:
            lines.append(f"{_sign(finding)} {finding.question}: {finding.found}")
            lines += [f"    {finding.advice}"] if finding.advice else []
        return "\n".join([*lines, "", self._summary()])

    def _repr_html_(self):
        rows = "".join(
            f"<tr><td><span role='img' aria-label='{'fine' if finding.fine else 'needs you'}'>{_sign(finding)}</span>"
            f"</td><th scope='row' style='text-align: left'>"
            f"{html.escape(finding.question)}</th><td style='text-align: left'>{html.escape(finding.found)}"
            + (f"<br><b>What to do:</b> {html.escape(finding.advice)}" if finding.advice else "")
            + "</td></tr>"
            for finding in self.findings
        )
        return f"<table>{rows}</table><p>{html.escape(self._summary())}</p>"

    def _summary(self):
        wrong = sum(not finding.fine for finding in self.findings)
        if not wrong:
            return "All is well: begin."
        return "One thing needs you, marked ✗." if wrong == 1 else f"{wrong} things need you, marked ✗."


def _sign(finding):
    return "✓" if finding.fine else "✗"
