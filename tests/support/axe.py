"""What axe-core finds wrong with a page for people who do not see it, or not well: findings as sentences.

    open_as_page(page, notebook, tmp_path, root)
    assert axe_findings(page) == []

page: a Playwright page, as `open_browser` of tests/support/lab.py gives it. axe-core comes with axe-playwright-python.
"""

from axe_playwright_python.sync_playwright import Axe
from nbconvert import HTMLExporter
from traitlets.config import PyFileConfigLoader

#: The levels that nobody should meet; "moderate" and "minor" are the other two.
GRAVE = ("serious", "critical")


def open_as_page(page, notebook, folder, root, theme="light"):
    """Open a notebook as the page that `jupyter nbconvert --to html` makes of it in the root of the clone.

    notebook: as nbformat reads it. folder: where the page is written. theme: "light" or "dark".
    """
    config = PyFileConfigLoader("jupyter_nbconvert_config.py", path=str(root)).load_config()
    text, _ = HTMLExporter(config=config, theme=theme).from_notebook_node(notebook)
    (folder / "page.html").write_text(text, encoding="utf-8")
    page.goto(f"file://{folder / 'page.html'}", wait_until="domcontentloaded")


def axe_findings(page, within=None, without=None, levels=GRAVE):
    """What axe-core finds: a list of sentences, one for each thing in the page that breaks a rule.

    within, without: CSS selectors, to look at a part of the page alone, or to leave a part out. levels: which findings
    count.
    """
    context = {"include": within or "html"} | ({"exclude": without} if without else {})
    found = Axe().run(page, context=context).response["violations"]
    return [
        f"{rule['impact']}, {rule['id']}: {rule['help']}; {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        for rule in found
        if rule["impact"] in levels
        for node in rule["nodes"]
    ]
