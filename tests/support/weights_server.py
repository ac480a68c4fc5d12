"""A server on this machine that cuts, lies and stalls, for fetching weights from."""

import hashlib
import os
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from nst.weights import vgg19
from nst.weights.download import fetch
from nst.weights.files import WeightsError
from nst.weights.vgg19 import Source

PAYLOAD = np.random.default_rng(0).bytes(300_000)
SIZE, HALF = len(PAYLOAD), 150_000
QUICK = {"timeout": 0.5, "attempts": 3, "pause": 0.01}


class Server:
    """Answers each request with the next of `behaviours`, the last one again and again.

    certificate: the file of a certificate and its key, for https. Asked to CONNECT, it is a proxy.
    """

    def __init__(self, certificate=None, host="127.0.0.1"):
        self.behaviours, self.ranges, self.closing = [], [], threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.ranges.append(self.headers.get("Range"))
                behaviour = outer.behaviours.pop(0) if len(outer.behaviours) > 1 else outer.behaviours[0]
                try:
                    behaviour(self)
                except OSError:  # the client has gone
                    self.close_connection = True

            do_CONNECT = do_GET

            def log_message(self, *args):
                pass

            def head(self, status=200, length=None, kind="application/octet-stream", **headers):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if length is not None:
                    self.send_header("Content-Length", str(length))
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()

        class Listening(ThreadingHTTPServer):
            daemon_threads = True
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

            def handle_error(self, request, client_address):
                """A client that does not like the certificate hangs up, which needs no traceback."""

        self.http = Listening((host, 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.base = (
            f"{'https' if certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{self.http.server_port}"
        )
        self.url = f"{self.base}/weights"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.closing.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def answer(request, payload=PAYLOAD, until=None):
    """Serve `payload` as a good server does, from the offset asked for; with `until`, break off there."""
    asked = request.headers.get("Range")
    start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
    if start >= len(payload):
        return request.head(416, 0, Content_Range=f"bytes */{len(payload)}")
    if asked:
        request.head(206, len(payload) - start, Content_Range=f"bytes {start}-{len(payload) - 1}/{len(payload)}")
    else:
        request.head(200, len(payload))
    request.wfile.write(payload[start:until])
    request.close_connection = True


def good(request):
    answer(request)


def cut_in_the_middle(request):
    answer(request, until=HALF)


def ignores_ranges(request):
    request.head(200, SIZE)
    request.wfile.write(PAYLOAD)


def wrong_bytes(request):
    answer(request, payload=bytes(SIZE))


# A test's side ------------------------------------------------------------------------------------------------------


@contextmanager
def serving(monkeypatch, *behaviours, **options):
    """A Server from which `fetch` gets its files: vgg19, and one whose size is not published."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "requests_ca_bundle", "curl_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,::1")
    server = Server(**options)
    server.behaviours = list(behaviours)
    for name, size in (("vgg19", SIZE), ("unmeasured", None)):
        source = Source(f"{name}.h5", server.url, size, hashlib.md5(PAYLOAD).hexdigest())
        monkeypatch.setitem(vgg19.SOURCES, name, source)
    try:
        yield server
    finally:
        server.close()


def refusal(folder, name="vgg19", **options):
    """The sentence with which fetching fails; nothing may lie under the final name."""
    with pytest.raises(WeightsError) as caught:
        fetch(name, folder, **(QUICK | options))
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith("."), sentence
    assert "delete" not in sentence.replace("it was deleted", ""), "nobody should have to tidy up by hand"
    assert not os.path.isfile(folder / f"{name}.h5")
    return sentence


def assert_fetched(folder, name="vgg19", **options):
    path = fetch(name, folder, **(QUICK | options))
    assert path == folder / f"{name}.h5"
    assert path.read_bytes() == PAYLOAD
    assert [file.name for file in folder.iterdir()] == [path.name]


CA = """
[ca]
default_ca = ours
[ours]
new_certs_dir = {folder}
database = {folder}/index.txt
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = optional
"""


def certificate(folder, names="IP:127.0.0.1", dates=("20200101000000Z", "20991231235959Z")):
    """A certificate that vouches for itself, with its key in the same file, made by openssl.

    names: of the servers it is for; dates: its first and its last moment.
    """
    (folder / "ca.cnf").write_text(CA.format(folder=folder))
    (folder / "index.txt").write_text("")
    key, request, made = (folder / name for name in ("key.pem", "request.pem", "certificate.pem"))
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key]
    subject = ["-subj", "/CN=test", "-addext", f"subjectAltName={names}"]
    _openssl("req", "-new", *curve, "-out", request, *subject)
    first, last = dates
    span = ["-startdate", first, "-enddate", last]
    _openssl(
        "ca",
        "-config",
        folder / "ca.cnf",
        "-batch",
        "-notext",
        "-selfsign",
        "-keyfile",
        key,
        "-in",
        request,
        *span,
        "-out",
        made,
    )
    made.write_text(made.read_text() + key.read_text())
    return made


def _openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
