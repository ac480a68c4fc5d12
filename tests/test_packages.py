"""Where the sandbox looks for packages that the course needs and that lie outside of its Python environment."""

import importlib.util
import os
import sys
from importlib.machinery import ModuleSpec

import pytest

from nst.grading.walls import packages


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Make a package in a folder: a function of the folder's name, the package's, and its RECORD."""
    monkeypatch.setattr(packages, "_requirements", lambda: ["fake-one>=1", "not_installed"])

    def make(folder, name, record, requires=()):
        info = tmp_path / folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        required = "".join(f"Requires-Dist: {other}\n" for other in requires)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{required}")
        (info / "RECORD").write_text("\n".join(f"{path},," for path in [*record, f"{info.name}/METADATA"]))
        for path in record:
            (tmp_path / folder / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / path).write_text("")
        return tmp_path / folder

    return make


def outside(*roots):
    importlib.invalidate_caches()
    return packages.outside.__wrapped__(tuple(map(str, roots)))


def test_a_package_with_its_libraries_and_what_it_needs(place, monkeypatch):
    one = place("a", "fake_one", ["fake_one/__init__.py", "fake_one.libs/lib.so", "../../bin/fake"], ["fake-two (>2)"])
    two = place("b", "fake_two", ["fake_two.py"])
    (one / "secret.txt").write_text("")
    monkeypatch.setattr(sys, "path", [*sys.path, str(two), str(one)])
    found = outside()
    assert set(found.paths) == {
        *(str(one / name) for name in ("fake_one", "fake_one.libs", "fake_one-1.0.dist-info")),
        *(str(two / name) for name in ("fake_two.py", "fake_two-1.0.dist-info")),
    }
    assert found.entries == (str(two), str(one))
    assert outside(one).entries == (str(two),)
    assert outside(one, two) == packages.Outside((), ())


def test_an_editable_install_in_an_environment(place, monkeypatch, tmp_path):
    site = place("site", "fake_one", ["__editable___fake_one_finder.py"])
    source = tmp_path / "project" / "src" / "fake_one" / "__init__.py"
    source.parent.mkdir(parents=True)
    source.write_text("")
    (tmp_path / "project" / "gradebook.db").write_text("")

    class Finder:
        def find_spec(self, name, path=None, target=None):
            return importlib.util.spec_from_file_location(name, source) if name == "fake_one" else None

    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert outside(site) == packages.Outside((str(source.parent),), (str(source.parents[1]),))


def test_a_link_in_an_environment_to_somewhere_else(place, monkeypatch, tmp_path):
    site = place("site", "fake_one", [])
    elsewhere = tmp_path / "elsewhere" / "fake_one"
    elsewhere.mkdir(parents=True)
    (elsewhere / "__init__.py").write_text("")
    os.symlink(elsewhere, site / "fake_one")
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    assert outside(site) == packages.Outside((str(elsewhere),), ())


def test_a_folder_that_holds_somebodys_home_is_not_shown(place, monkeypatch, tmp_path):
    site = place("site", "fake_one", [])
    home = tmp_path / "home" / "me"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    spec = ModuleSpec("fake_one", None, is_package=True)
    spec.submodule_search_locations = [str(home.parent)]
    monkeypatch.setattr(packages.util, "find_spec", lambda name: spec if name == "fake_one" else None)
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    assert outside(site) == packages.Outside((), ())
