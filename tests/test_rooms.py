"""The house keeps its plan: a room imports from itself and from the rooms below, and nothing from outside."""

import ast

#: The rooms of nst/ from the ground up, the modules that lie in none being the ground.
ROOMS = ("", "weights", "networks", "painting", "checks", "lessons", "course", "grading", "commands")

#: What a notebook may import of the course. Notebooks are handed out for years, so what is in here stays where it is.
DOORS = {
    "nst_utils",
    "nst.checks.face_recognition",
    "nst.checks.fast_style_transfer",
    "nst.checks.neural_style_transfer",
    "nst.checks.what_convnets_see",
    "nst.lessons",
    "nst.lessons.knobs",
    "nst.lessons.predictions",
    "nst.lessons.take",
    "nst.lessons.town",
    "nst.lessons.verification",
    "nst.networks.encoder",
    "nst.networks.facenet",
    "nst.networks.squeezenet",
    "nst.painting",
    "nst.paths",
    "nst.progress",
    "nst.quiet",
    "nst.weights",
}


def floor(module):
    """The number of the room that a module of nst lies in."""
    room = module.split(".")[1:2]
    return ROOMS.index(room[0]) if room and room[0] in ROOMS else 0


def modules(root):
    """Module name -> its text, of everything in nst/."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path.read_text("utf-8")
        for path in (root / "nst").rglob("*.py")
    }


def imported(text):
    """Names of the modules that a text of Python imports, wherever in it; `from a import b` gives a and a.b."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are spelt out, so that a search for a module finds who uses it"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_module_imports_upward(root):
    named = modules(root)
    arrows = [(module, other) for module, text in named.items() for other in imported(text) if other in named]
    assert [f"{module} imports {other}" for module, other in arrows if floor(other) > floor(module)] == []
    for room in ROOMS[1:]:  # the test sees arrows between rooms, not only within them
        assert any(floor(module) > floor(other) == ROOMS.index(room) for module, other in arrows) or room == ROOMS[-1]


def test_every_folder_is_a_room(root):
    assert {path.parent.name for path in (root / "nst").glob("*/*.py")} == set(ROOMS[1:])


def test_the_package_leans_on_nothing_that_leans_on_it(root):
    for module, text in modules(root).items():
        outside = {name.partition(".")[0] for name in imported(text)}
        assert outside.isdisjoint({"nst_utils", "tests", "tools", "bench"}), module


def test_every_module_says_what_it_is_for(root):
    silent = [module for module, text in modules(root).items() if not ast.get_docstring(ast.parse(text))]
    assert silent == []


def test_notebooks_enter_by_few_doors(root):
    used = set()
    for script in root.glob("answers/**/*.py"):
        lines = script.read_text(encoding="utf-8").splitlines()
        used |= {line.split()[1] for line in lines if line.lstrip().startswith(("from nst", "import nst"))}
    assert used == DOORS
