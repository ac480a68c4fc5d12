"""Where the packages lie that the course needs, if not in the Python environment itself: a sandbox must show them too.

PYTHONPATH, `pip install --user`, an editable install, a .pth file or a link can each put a package anywhere.
"""

import functools
import os
import re
import sys
import tomllib
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple

from nst.paths import CHECKOUT

#: The course, as pip calls it.
DISTRIBUTION = "neural-style-transfer-course"


class Outside(NamedTuple):
    """What of the needed packages lies outside. paths: their files and folders; entries: of sys.path, to find them."""

    paths: tuple
    entries: tuple


@functools.cache
def outside(roots):
    """Of the packages that the course needs, those that lie in none of these folders; an Outside.

    roots: a tuple of paths that a sandbox shows anyway. A folder that holds the course or somebody's home is never
    among the paths, even where it is a package.
    """
    paths, entries = [], []
    for package in _needed(_requirements()):
        for name in _modules(package):
            for place in _places(name):
                found = _shown([place], roots)
                paths += found
                if found and not _lies_in(place.parent, roots):
                    entries.append(str(place.parent))
        # Libraries and metadata that lie beside its modules.
        site = Path(package.locate_file(""))
        if not _lies_in(site, roots):
            paths += _shown([site / top for top in _tops(package)], roots)
            entries.append(str(site))
    order = {entry: number for number, entry in enumerate(sys.path)}
    entries = sorted(dict.fromkeys(entries), key=lambda entry: order.get(entry, len(order)))
    return Outside(tuple(dict.fromkeys(paths)), tuple(entries))


def direct():
    """Names of the modules of what the course names itself as needed, as far as this machine has them."""
    packages = filter(None, map(_installed, _requirements()))
    names = {name for package in packages for name in _modules(package)}
    return sorted(name for name in names if _places(name))


def _requirements():
    """What the course says that it needs: texts such as "numpy>=2.0"."""
    if CHECKOUT:
        return tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return metadata.requires(DISTRIBUTION) or []


def _needed(requirements):
    """The installed distributions that these require, those that they require, and so on, with optional ones."""
    seen, found, waiting = set(), [], list(requirements)
    while waiting:
        name = re.match(r"[\w.-]*", waiting.pop())[0].lower().replace("_", "-")
        package = None if name in seen else _installed(name)
        seen.add(name)
        if package:
            found.append(package)
            waiting += package.requires or ()
    return found


def _installed(requirement):
    try:
        return metadata.distribution(re.match(r"[\w.-]*", requirement)[0])
    except (metadata.PackageNotFoundError, ValueError):
        return None


def _tops(package):
    """Names of the files and folders of a distribution in the folder that it was installed into."""
    lines = (package.read_text("RECORD") or "").splitlines()
    return {re.split(r"[/,]", line.strip('"'), maxsplit=1)[0] for line in lines} - {"", "..", "__pycache__"}


def _modules(package):
    """Names under which a distribution's modules are probably imported."""
    names = {package.name.replace("-", "_"), *(package.read_text("top_level.txt") or "").split()}
    names |= {re.sub(r"\.(py|[\w.-]*so)$", "", top) for top in _tops(package)}
    return sorted(name for name in names if name.isidentifier())


def _places(name):
    """The files and folders that a module is: one, or several of a package without an __init__.py."""
    try:
        spec = util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return []
    if spec is None or spec.origin in ("built-in", "frozen"):
        return []
    if spec.submodule_search_locations is None:
        return [Path(spec.origin)]
    return [Path(place) for place in spec.submodule_search_locations]


def _shown(places, roots):
    """What must be shown so that these can be read: themselves, and where they are links, what is behind."""
    forms = [form for place in places for form in dict.fromkeys((str(place), os.path.realpath(place)))]
    home = os.path.expanduser("~")
    private = [home, os.path.realpath(home), Path(__file__).parents[3]]
    return [
        form
        for form in forms
        if os.path.exists(form)
        and not _lies_in(form, roots)
        and not any(_lies_in(folder, [form]) for folder in private)
    ]


def _lies_in(path, folders):
    return any(Path(path).is_relative_to(folder) for folder in folders)
