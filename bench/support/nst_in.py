"""The command `nst`, at work on a course in another folder: `python bench/support/nst_in.py FOLDER grade tiny`."""

import sys
from pathlib import Path

from nst.commands import cli, grade, report, worker

folder = Path(sys.argv.pop(1)).resolve()
for command in (grade, report, worker):
    command.CHECKOUT = folder
cli.main()
