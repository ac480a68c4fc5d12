"""Every path, link and command that the README and the notebooks name is alive."""

import re
import runpy
import subprocess
import sys
from itertools import pairwise

import nbformat
import pytest

from nst.commands.cli import COMMANDS, main

PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/grading-on-many-machines.md",
    "docs/grade-on-submit.md",
    "docs/other-homes.md",
    "images/ATTRIBUTION.md",
    "nst/grading/README.md",
    "output/README.md",
    "pretrained-model/README.md",
]


def notebooks(root):
    return sorted((root / "notebooks").glob("*/*.ipynb"))


def links(markdown):
    return re.findall(r"\]\(([^)\s]+)\)", markdown)


def test_links_lead_somewhere(root):
    pages = {root / page: (root / page).read_text() for page in PAGES}
    for path in notebooks(root):
        cells = nbformat.read(path, as_version=4).cells
        pages[path] = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    found = [(page, link) for page, text in pages.items() for link in links(text)]
    assert len(found) > 10
    for page, link in found:
        if link.startswith(("https://", "http://")):
            continue
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), f"{page.name}: {link}"
        if heading:
            text = pages[page] if target == page else target.read_text(encoding="utf-8")
            headings = [
                re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-")
                for h in re.findall(r"^#+ (.*)$", text, re.M)
            ]
            assert heading in headings, f"{page.name}: {link}"


def prose(path):
    """The Markdown of a notebook."""
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")


def test_papers_are_linked(root):
    found = 0
    for path in notebooks(root):
        linked = re.findall(r"\[arXiv:([\d.]+)\]\(https://arxiv\.org/abs/([\d.]+)\)", prose(path))
        assert all(number == address for number, address in linked), path.name
        assert len(linked) == len(re.findall(r"arXiv:\d", prose(path))), f"{path.name}: an arXiv number without a link"
        found += len(linked)
    assert found > 20


def test_each_notebook_leads_to_the_next(root):
    by_assignment = {}
    for path in notebooks(root):
        by_assignment.setdefault(path.parent, []).append(path)
    for paths in by_assignment.values():
        for path, following in pairwise(paths):
            last = prose(path)[-1500:]
            assert f"[{following.stem}]({following.name})" in last, f"{path.name} does not lead to {following.name}"


def test_pictures_in_prose_say_what_they_show(root):
    pages = [(root / page).read_text(encoding="utf-8") for page in PAGES] + [prose(path) for path in notebooks(root)]
    alts = [alt for page in pages for alt in re.findall(r"!\[([^\]]*)\]\(", page)]
    assert len(alts) >= 4 and all(len(alt.split()) >= 5 for alt in alts), alts


def test_paths_named_in_prose_exist(root):
    made_at_run_time = {"generated_image.jpg", "imagenet-vgg-verydeep-19.cache.npz"}
    made_at_run_time |= {"submitted/", "autograded/", "judged/", "feedback/", "early_feedback/"}
    for page in PAGES:
        for name in re.findall(
            r"`([\w./-]+(?:/|\.py|\.md|\.yml|\.toml|\.lock|\.npz|\.jpg))`", (root / page).read_text()
        ):
            candidates = [root / name, (root / page).parent / name, root / "nst" / name]
            assert name in made_at_run_time or any(path.exists() for path in candidates), f"{page}: {name}"


def test_pictures_and_modules_named_in_notebooks_exist(root):
    for path in notebooks(root):
        cells = nbformat.read(path, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        text = "\n".join(cell.source for cell in cells)
        for picture in re.findall(r'"(\w+\.jpg)"', code):
            assert (root / "images" / picture).exists(), f"{path.name}: {picture}"
        for file in re.findall(r"`((?:nst|pretrained-model)/[\w/.-]*\.(?:py|md))`", text):
            assert (root / file).exists(), f"{path.name}: {file}"
        for other in re.findall(r"`(\d-[\w-]+)`", text) + re.findall(r'take\("([\w-]+)"', code):
            assert path.with_name(f"{other}.ipynb").exists(), f"{path.name}: {other}"


def test_sections_and_assignments_named_in_notebooks_exist(root):
    assignments = {path.parent.name for path in notebooks(root)}
    for path in notebooks(root):
        text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        for number in re.findall(r"[Ss]ection (\d\.\d)", text):
            (other,) = path.parent.glob(f"{number[0]}-*.ipynb")
            headings = [
                cell.source for cell in nbformat.read(other, as_version=4).cells if cell.cell_type == "markdown"
            ]
            assert re.search(rf"^## {re.escape(number)} ", "\n".join(headings), re.M), f"{path.name}: {number}"
        for name in re.findall(r"`(\w+(?:-\w+)*-transfer)`", text):
            exists = name in assignments or path.with_name(f"{name}.ipynb").exists()
            assert exists, f"{path.name}: {name}"


def test_make_targets_named_in_prose_exist(root):
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.MULTILINE))
    named = {
        name for page in PAGES for name in re.findall(r"(?:^|`)make ([a-z]+)", (root / page).read_text(), re.MULTILINE)
    }
    assert {"demo", "test", "lab", "release"} <= named <= targets


@pytest.mark.parametrize("command", [[], *([name, "--help"] for name in COMMANDS)])
def test_every_subcommand_explains_itself(command, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["nst", *command])
    with pytest.raises(SystemExit) as ended:
        sys.exit(main())
    assert not ended.value.code
    assert "usage: nst" in capsys.readouterr().out


def test_an_unknown_subcommand_gets_one_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "nst.commands.cli", "pant"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "nst knows no command 'pant'; the commands are listed above."


def test_the_gallery_script_explains_itself(root, monkeypatch):
    script = str(root / "tools" / "gallery.py")
    monkeypatch.setattr(sys, "argv", [script, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(script, run_name="__main__")
    assert not ended.value.code


def test_what_the_tour_of_the_judge_names_is_there(root):
    folder = root / "nst" / "grading"
    named = re.findall(r"`([\w/]+\.py): ([\w.]+)`", (folder / "README.md").read_text(encoding="utf-8"))
    assert len(named) > 20
    for file, name in named:
        source = (folder / file).read_text(encoding="utf-8")
        for part in name.split("."):
            assert re.search(rf"^\s*(def|class) {part}\b|^{part}\b.*=", source, re.MULTILINE), f"{file}: {name}"
