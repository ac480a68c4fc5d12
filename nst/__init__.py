"""What the notebooks of the course import besides `nst_utils`, and the command `nst`.

README.md has the plan of the rooms.
"""

from nst.order import install

install()
del install
