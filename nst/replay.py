"""What a cell showed, once more: for a page of JupyterLab that was away when the cell ended.

The page asks for it by the number of the message with which it had the cell run; see lab/static/remoteEntry.js.
"""

import sys
from itertools import count

_CELLS = 20  # of more, the last are kept
_kept = {}  # message -> {place: (data, metadata)}, in the order in which the places came
_numbers = count()
_listening = []  # the display publisher of this kernel, once there is one


def keep():
    """Keep what is shown from here on. Does nothing outside of a notebook."""
    ipython = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    publisher = getattr(ipython, "display_pub", None)
    if hasattr(publisher, "register_hook") and publisher not in _listening:
        _listening.append(publisher)
        publisher.register_hook(_note)


def show(message):
    """Show again what the cell showed; nothing where nothing was kept."""
    from IPython.display import display

    for data, metadata in list(_kept.get(message, {}).values()):
        display(data, raw=True, metadata=metadata)


def _note(message):
    """Take note of a message on its way to the page, and let it go on."""
    parent, content = message.get("parent_header") or {}, message["content"]
    if message["header"]["msg_type"] in ("display_data", "update_display_data"):
        places = _kept.setdefault(parent.get("msg_id"), {})
        place = content.get("transient", {}).get("display_id", next(_numbers))
        places[place] = content["data"], content["metadata"]
        while len(_kept) > _CELLS:
            del _kept[next(iter(_kept))]
    return message
