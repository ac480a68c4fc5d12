"""nbgrader's settings for this course, read by every nbgrader command run from this folder and by the formgrader."""

import os
import sysconfig
import warnings
from pathlib import Path

import zmq
from sqlalchemy.exc import SAWarning

from nst.course.release import gradebook_url
from nst.grading import plugin

c = get_config()  # noqa: F821 (nbgrader defines it)
root = Path(__file__).resolve().parent

# nbgrader calls `alembic`, which stands beside it, by name: it must be found where no environment is activated.
os.environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + os.environ.get("PATH", os.defpath)

c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = "nst"
c.CourseDirectory.db_url = gradebook_url(root)
c.CourseDirectory.source_directory = "answers"
c.CourseDirectory.release_directory = "notebooks"
# nbgrader copies every other file of a source folder to the students: the answers are such files. In a submission,
# a module beside the notebook could shadow the course's own.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "*.pyc", "*.py"]

# `nbgrader autograde` and the formgrader go through the course's own judge: nst/grading/README.md says why and how.
# What they generate comes from the scripts answers/*/*.py: nbgrader reads notebooks, which are written when it does.
plugin.install()

# For `nbgrader validate`, which runs a student's notebook on the student's own machine. Seconds per cell, generous for
# a slow laptop; the long paintings stand in cells with the tag `explore` and are not run.
c.ExecutePreprocessor.timeout = 600
c.Execute.timeout = 600
c.Execute.skip_cells_with_tag = "explore"

# A kernel speaks to the grader over a local socket; encrypted where it can, or ipykernel warns at every start.
if zmq.has("curve"):
    c.KernelManager.transport_encryption = "auto"
# nbgrader 0.9 trips over a notice of SQLAlchemy 2.1 each time it takes in a submission; nothing is lost by it.
warnings.filterwarnings("ignore", r"Object of type <Submitted\w+> not in session", SAWarning)

c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
