"""`nst lab`: JupyterLab, for a student."""

import argparse
import os
import sys
from pathlib import Path

from nst.paths import CHECKOUT

START = "notebooks/0-start-here.ipynb"

#: Folders with settings of JupyterLab: what everyone has, and what takes the instructor's tools away.
_SETTINGS = Path(__file__).with_name("jupyter")


def main(arguments=None):
    """Open the course in JupyterLab, at the page where it begins. Ctrl+C in the terminal ends it."""
    open_lab("nst lab", main.__doc__, ("student", "everyone"), arguments)


def open_lab(command, summary, settings, arguments):
    """Run JupyterLab in the root of the clone until it is ended; settings: folders of jupyter/, the strongest first."""
    parser = argparse.ArgumentParser(
        prog=command,
        description=summary,
        epilog="Any other option goes to JupyterLab, such as --no-browser or --port=8890.",
    )
    parser.add_argument("notebook", nargs="?", default=START, help="what to open (default: %(default)s)")
    options, others = parser.parse_known_args(arguments)
    if CHECKOUT is None or not (CHECKOUT / "notebooks").is_dir():
        sys.exit(f"{command} opens the notebooks of a clone of the course, and there is no clone here.")
    if not (CHECKOUT / options.notebook).is_file():
        sys.exit(f"{command} found no file {options.notebook} in {CHECKOUT}: give a notebook's path from there.")
    earlier = os.environ.get("JUPYTER_CONFIG_PATH")
    folders = [*(str(_SETTINGS / folder) for folder in settings), *filter(None, [earlier])]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(folders)
    os.chdir(CHECKOUT)  # where nbgrader looks for its settings

    from jupyterlab.labapp import main as lab

    sys.exit(lab([options.notebook, f"--ServerApp.root_dir={CHECKOUT}", *others]))
