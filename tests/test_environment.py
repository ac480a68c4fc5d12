"""The files that say what the course needs agree with each other and with what is installed."""

import re
import tomllib
from importlib.metadata import metadata, version

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name


@pytest.fixture(scope="module")
def declared(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())
    lines = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
        *project["build-system"]["requires"],
    ]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


@pytest.fixture(scope="module")
def locked(root):
    lines = (root / "requirements.lock").read_text().splitlines()
    return {canonicalize_name(name): pin for name, pin in (line.split("==") for line in lines)}


def test_conda_and_pip_ask_for_the_same(root, declared):
    dependencies = yaml.safe_load((root / "environment.yml").read_text())["dependencies"]
    (by_pip,) = [entry["pip"] for entry in dependencies if isinstance(entry, dict)]
    lines = [line for line in dependencies + by_pip if isinstance(line, str) and line not in ("pip", "--editable .")]
    conda = {canonicalize_name(Requirement(line).name): Requirement(line).specifier for line in lines}
    python = tomllib.loads((root / "pyproject.toml").read_text())["project"]["requires-python"]
    assert str(conda.pop("python")) == str(Requirement(f"python{python}").specifier)
    assert conda == {name: requirement.specifier for name, requirement in declared.items()}


def test_every_conda_dependency_says_what_it_is_for(root):
    text = (root / "environment.yml").read_text()
    wanted = re.findall(r"^ +- (?!python>|pip|--)(\S+)(.*)$", text, flags=re.MULTILINE)
    assert len(wanted) > 15
    assert [name for name, comment in wanted if name != "conda-forge" and not re.match(r"  # \w", comment)] == []


def test_the_lock_pins_every_declared_dependency_within_its_range(root, declared, locked):
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    tested = {canonicalize_name(Requirement(line).name): Requirement(line) for line in extras["queue"]}
    for name, requirement in (declared | tested).items():
        assert locked[name] in requirement.specifier, f"{name} {locked[name]} is not in {requirement.specifier}"


def test_the_tests_run_with_the_locked_versions(declared, locked):
    assert {name: version(name) for name in declared} == {name: locked[name] for name in declared}


def test_every_locked_version_installs_on_every_python_the_course_allows(locked):
    for name in locked:
        allowed = SpecifierSet(metadata(name)["Requires-Python"] or "")
        assert all(python in allowed for python in ("3.11.0", "3.12.0", "3.13.0")), f"{name} needs Python {allowed}"


def test_the_lock_names_no_index(root):
    assert not re.search(r"https?:|--index|--find-links|file:|@", (root / "requirements.lock").read_text())
