"""What axe-core finds wrong with a page for people who do not see it, or not well: findings as sentences.

    assert axe_findings(page) == []

page: a Playwright page, as `open_browser` of tests/support/lab.py gives it. axe-core comes with axe-playwright-python.
"""

from axe_playwright_python.sync_playwright import Axe

#: The levels that nobody should meet; "moderate" and "minor" are the other two.
GRAVE = ("serious", "critical")


def axe_findings(page, within=None, levels=GRAVE):
    """What axe-core finds: a list of sentences, one for each thing in the page that breaks a rule.

    within: a CSS selector, to look at a part of the page alone. levels: which findings count.
    """
    found = Axe().run(page, context=within).response["violations"]
    return [
        f"{rule['impact']}, {rule['id']}: {rule['help']}; {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        for rule in found
        if rule["impact"] in levels
        for node in rule["nodes"]
    ]
