"""What the notebooks of the course import besides `nst_utils`, and the command `nst`.

README.md has the plan of the rooms.
"""

from nst import order, tracebacks

# Here, as whatever a notebook imports of the course comes by this way.
tracebacks.install()
order.install()
