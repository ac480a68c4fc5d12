"""`nst teach`: JupyterLab with the instructor's tools."""

from nst.commands.lab import open_lab


def main(arguments=None):
    """Open the course in JupyterLab with the instructor's tools: the formgrader and the rest of nbgrader."""
    open_lab("nst teach", main.__doc__, ("everyone",), arguments)
