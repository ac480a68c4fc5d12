"""Rows with right answers, and noise of which a student need not even know."""

from tests.support.submissions import LOSSES, NEURAL, SEE, row


@row(33, "scripts in outputs of every kind", NEURAL, wrong=())
def scripts(work):
    work.add(
        """
        from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display
        display(HTML("<script>alert('one')</script><iframe src='https://example.org'></iframe>"))
        display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(2)'><script>alert('two')</script></svg>"))
        display(Markdown("<script>alert('three')</script><img src=x onerror=alert(3)> [x](javascript:alert(3))"))
        display(Javascript("alert('four')"), Latex("<script>alert('five')</script>"))
        display({"text/html": "<script>alert('six')</script>", "text/plain": "<script>alert('six')</script>"}, raw=True)
        print("<script>alert('seven')</script>", "\\x1b[31m<b onclick=alert(7)>")
        """
    )
    work.add("raise ValueError('<script>alert(8)</script>')")
    work.add("<script>alert('nine')</script> <img src=x onerror=alert(9)>", kind="markdown")


@row(43, "right, with warnings, native log lines and progress bars", LOSSES, wrong=())
def noisy(work):
    work.cell("gram_matrix").source += """


import logging, os, sys, warnings
from tqdm.auto import tqdm

quiet_gram_matrix = gram_matrix
def gram_matrix(features, normalize=True):
    print("computing", file=sys.stderr)
    warnings.warn("a warning")
    logging.getLogger("tensorflow").error("an error of no importance")
    os.write(2, b"2026-01-01 00:00:00.000000: W tensorflow/core/common.cc:1] a native log line\\n")
    os.write(1, b"and one on stdout\\n")
    for _ in tqdm(range(3)):
        pass
    return quiet_gram_matrix(features, normalize)"""


@row(44, "right, with a syntax error in another cell", SEE, wrong=())
def syntax_error(work):
    work.add("def broken(:\n    return")
    work.add("1 / 0")


@row(45, "right, with input() at top level", SEE, wrong=())
def asks(work):
    work.add("name = input('Your name? ')")
    work.add("import getpass\ngetpass.getpass()")
