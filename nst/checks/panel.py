"""How a verdict is shown: in a notebook as a small panel, elsewhere as text.

The panel has no style sheet and no script, so that it is the same in JupyterLab, in a page made of the notebook, and,
unstyled, where styles are taken out. Its ground is the page's and its words have the page's colour, in a light theme
and a dark one alike; the mark brings a ground of its own. Hints are opened one by one, by mouse or by keyboard.
"""

import re
import sys
from html import escape

from nst.checks.printing import as_text, seen_as_text
from nst.checks.verdict import RIGHT, UNWRITTEN, WRONG

#: The mark's ground. White on them stands out by 5 to 1 and more, they on white as much, on #111 by 3 and more.
GROUNDS = {RIGHT: "#2e7d32", WRONG: "#c62828", UNWRITTEN: "#616161"}
_GREY = "rgba(128, 128, 128, .45)"

_BOX = f"border: 1px solid {_GREY}; border-radius: 4px; padding: .5em 1em; margin: .3em 0; max-width: 56em; "
_MARK = "color: #fff; border-radius: 3px; padding: 0 .4em; "
_LINE = "margin: .4em 0 0 0; "
_CELL = "text-align: left; vertical-align: top; padding: .1em 1.5em .1em 0; border: none; color: inherit; "
_CODE = (
    "margin: .3em 0; padding: .4em .7em; background: rgba(128, 128, 128, .12); color: inherit; border-radius: 3px; "
    "overflow-x: auto; white-space: pre-wrap; "
)
_PLAIN = "margin: 0; padding: 0; background: none; color: inherit; white-space: pre; "
_STEP = "margin: .5em 0 0 0; "
_SUMMARY = "cursor: pointer; "


def show(verdict):
    """Show a verdict: a panel in a notebook; elsewhere print what was seen, as an exception will say the rest."""
    ipython = sys.modules.get("IPython")
    if ipython and ipython.get_ipython():
        ipython.display.display({"text/html": as_html(verdict), "text/plain": as_text(verdict)}, raw=True)
    else:
        print(seen_as_text(verdict))


def as_html(verdict):
    """The panel, as HTML; all that a student may have written is escaped."""
    ground = GROUNDS[verdict.state]
    mark = f'<span aria-hidden="true" style="{_MARK}background: {ground}">{verdict.title[0]}</span>'
    parts = [
        f'<p role="heading" aria-level="3" style="margin: 0">{mark} <strong>{escape(verdict.title[2:])}</strong></p>',
        _paragraph(verdict.stale),
        _paragraph(verdict.sentence),
        _paragraph(verdict.explanation),
        _stopped(verdict.place),
        _table(verdict.values),
        _held(verdict),
        _hint(verdict),
        _paragraph(verdict.offer),
        _details("What Python says", _code(verdict.raw)) if verdict.raw else "",
    ]
    box = f"{_BOX}border-left: 4px solid {ground}"
    # JupyterLab takes Enter and the arrows for its own where nothing says otherwise.
    return (
        f'<div role="group" aria-label="{escape(f"Check of {verdict.exercise}")}" data-lm-suppress-shortcuts="true" '
        f'style="{box}">{"".join(parts)}</div>'
    )


def _paragraph(text):
    return f'<p style="{_LINE}">{_lines(text)}</p>' if text else ""


def _lines(text):
    """Text as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", "<br>".join(map(escape, text.splitlines())))


def _code(text, style=_CODE):
    return f'<pre style="{style}"><code style="color: inherit; background: none">{escape(text)}</code></pre>'


def _stopped(place):
    return f'<p style="{_LINE}">It stopped at {escape(place.where)}:</p>{_code(place.text)}' if place else ""


def _table(values):
    if not values:
        return ""
    head = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in ("", "yours", "reference"))
    head = head.replace("<th", "<td", 1).replace("</th>", "</td>", 1).replace(' scope="col"', "", 1)
    rows = "".join(
        f'<tr style="background: none"><th scope="row" style="{_CELL}">{escape(label)}</th>'
        f'<td style="{_CELL}">{_code(value, _PLAIN)}</td><td style="{_CELL}">{_code(reference, _PLAIN)}</td></tr>'
        for label, value, reference in values
    )
    return f'<table style="margin: .4em 0 0 0; border: none"><tr style="background: none">{head}</tr>{rows}</table>'


def _held(verdict):
    items = [f"<li>✓ {escape(held)}</li>" for held in verdict.held]
    items += [f"<li>– {escape(note)}</li>" for note in verdict.notes]
    return f'<ul style="{_LINE}list-style: none; padding: 0">{"".join(items)}</ul>' if items else ""


def _hint(verdict):
    """The steps of the hint, each inside the one before it, so that they are opened one by one."""
    steps = []
    if verdict.look:
        steps.append(("where to look", _paragraph(verdict.look)))
    if verdict.causes:
        told = "".join(
            f'<p style="{_LINE}">{f"<strong>{escape(name)}</strong>: " if name else ""}{_lines(hint)}</p>'
            for name, hint in verdict.causes
        )
        steps.append(("what goes wrong", told) if any(name for name, _ in verdict.causes) else ("what to do", told))
    if verdict.experiment:
        paste = _paragraph("Paste this into a new cell below your function, and run it:")
        steps.append(("see it yourself", paste + _code(verdict.experiment)))
    html = ""
    for number, (title, content) in reversed(list(enumerate(steps, 1))):
        count = f" {number} of {len(steps)}" if len(steps) > 1 else ""
        html = _details(f"Hint{count}: {title}", content + html)
    return html


def _details(title, content):
    return f'<details style="{_STEP}"><summary style="{_SUMMARY}">{escape(title)}</summary>{content}</details>'
