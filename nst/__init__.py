"""What the notebooks of the course import besides `nst_utils`, and the command `nst`.

README.md has the plan of the rooms.
"""

import sys

from nst import order, tracebacks

# nbformat's jsonschema would build a grammar of web addresses, which takes a second of the processor's time in each
# process that reads a notebook. No notebook is held to it.
sys.modules.setdefault("rfc3987_syntax", None)

# Here, as whatever a notebook imports of the course comes by this way.
tracebacks.install()
order.install()
