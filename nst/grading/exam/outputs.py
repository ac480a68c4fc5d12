"""What a cell prints and shows, collected in the student's process."""

from base64 import b64encode
from io import TextIOBase

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher

from nst.grading.exam.wire import CELL_BYTES, clean

TEXT_BYTES = 200_000  # that a cell may print
OUTPUTS = 200  # of one cell
LEFT_OUT = "\n[The rest of this output is left out: there was too much of it.]\n"


class Outputs:
    """The outputs of a cell, in order, as nbformat has them but for their texts, which are bytes."""

    def begin(self):
        """Begin a new cell."""
        self._outputs = []
        self._text_left, self._shown_left = TEXT_BYTES, CELL_BYTES - 2 * TEXT_BYTES
        self._clear_first = False

    def __init__(self):
        self.open = False  # between cells nothing is taken
        self.begin()

    def write(self, name, text):
        """Take what was printed to "stdout" or "stderr"."""
        if not self.open or self._text_left <= 0:
            return
        written = text[: self._text_left].encode("utf-8", "replace")
        self._text_left -= len(written)
        if self._text_left <= 0 or len(written) < len(text):
            written += LEFT_OUT.encode()
            self._text_left = 0
        last = self._outputs[-1] if self._outputs else {}
        if last.get("name") == name and not self._clear_first:
            last["text"].append(written)
        else:
            self._add({"type": "stream", "name": name, "text": [written]})

    def show(self, kind, data, metadata=None, place=None, update=False):
        """Take "display_data" or an "execute_result": a dict from MIME type to text, or to an image's bytes."""
        shown = {}
        for mime, content in data.items():
            content = b64encode(content) if isinstance(content, bytes) else str(content).encode("utf-8", "replace")
            self._shown_left -= len(content)
            if self._shown_left >= 0:
                shown[mime] = content
        if not shown:
            shown = {"text/plain": LEFT_OUT.encode()}
        sizes = {
            mime: {key: value for key, value in entry.items() if key in ("width", "height") and type(value) is int}
            for mime, entry in (metadata or {}).items()
            if isinstance(entry, dict)
        }
        output = {"type": kind, "data": shown, "sizes": sizes, "place": place}
        if update:
            for old in self._outputs:
                if old.get("place") == place and place is not None:
                    old.update(data=shown, sizes=sizes)
        else:
            self._add(output)

    def fail(self, kind, text, traceback):
        """Take an error."""
        traceback = traceback[-TEXT_BYTES:].encode("utf-8", "replace")
        self._add({"type": "error", "name": kind, "message": clean(text), "text": [traceback]})

    def clear(self, wait=False):
        """Drop what there is, now or when the next output comes."""
        self._clear_first = wait
        if not wait:
            self._outputs = []

    def _add(self, output):
        if not self.open:
            return
        if self._clear_first:
            self._outputs, self._clear_first = [], False
        if len(self._outputs) < OUTPUTS:
            self._outputs.append(output)

    def packed(self):
        """The outputs for a message: each text is the number of its buffer."""
        packed, buffers = [], []

        def number(content):
            buffers.append(content)
            return len(buffers) - 1

        for output in self._outputs:
            output = {key: value for key, value in output.items() if key != "place"}
            if "text" in output:
                output["text"] = number(b"".join(output["text"]))
            else:
                output["data"] = {mime: number(content) for mime, content in output["data"].items()}
            packed.append(output)
        return packed, buffers


class Stream(TextIOBase):
    """sys.stdout or sys.stderr of a cell."""

    encoding = "utf-8"

    def __init__(self, outputs, name):
        self._outputs, self.name = outputs, f"<{name}>"
        self._kind = name

    def writable(self):
        """Yes."""
        return True

    def write(self, text):
        """Take a text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.write(self._kind, text)
        return len(text)


class Publisher(DisplayPublisher):
    """What display() gives."""

    def publish(self, data, metadata=None, *, transient=None, update=False, **others):
        """Take a display."""
        place = (transient or {}).get("display_id")
        self.shell.outputs.show("display_data", data, metadata, place, update)

    def clear_output(self, wait=False):
        """Drop the outputs of this cell."""
        self.shell.outputs.clear(wait)


class Hook(DisplayHook):
    """What the last line of a cell gives."""

    def write_output_prompt(self):
        """None: the notebook has its own."""

    def write_format_data(self, format_dict, md_dict=None):
        """Take the result."""
        self.shell.outputs.show("execute_result", format_dict, md_dict)

    def finish_displayhook(self):
        """No newline either."""
