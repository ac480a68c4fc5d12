"""Fetching fails for many causes, and each is told by its own sentence: what can pass is tried again, nothing else."""

import errno
import fcntl
import gzip
import os
import re
import shutil
import socket
import socketserver
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import h5py
import numpy as np
import pytest

from nst.weights import download
from nst.weights.files import WeightsError
from nst.weights.vgg19 import read_weights
from tests.support.weights_server import (
    HALF,
    PAYLOAD,
    QUICK,
    SIZE,
    answer,
    assert_fetched,
    certificate,
    cut_in_the_middle,
    good,
    refusal,
    serving,
    wrong_bytes,
)

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates")


@pytest.fixture
def server(monkeypatch):
    with serving(monkeypatch, good) as server:
        yield server


@pytest.fixture
def slept(monkeypatch):
    """The seconds that fetching waited between tries; none of them pass."""
    seconds = []
    monkeypatch.setattr(download.time, "sleep", seconds.append)
    return seconds


def assert_told_at_once(sentence, capsys):
    assert "in a row" not in sentence and "trying again" not in capsys.readouterr().out, sentence


# Certificates


@needs_openssl
def test_a_certificate_that_is_trusted(monkeypatch, tmp_path):
    made = certificate(tmp_path)
    with serving(monkeypatch, cut_in_the_middle, good, certificate=made) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere"))  # requests does not ask for it
        assert_fetched(tmp_path / "new")
        assert len(server.ranges) == 2


@needs_openssl
@pytest.mark.parametrize(
    ("options", "trusted", "says"),
    [
        ({}, False, r"vouched for by nobody whom this machine trusts \(self.signed.*\); .*REQUESTS_CA_BUNDLE\.$"),
        ({"names": "DNS:other.example"}, True, r"for another name than 127\.0\.0\.1:\d+; check the address"),
        ({"names": "IP:127.0.0.2"}, True, r"for another name than 127\.0\.0\.1:\d+; check the address"),
        ({"dates": ("20190101000000Z", "20200101000000Z")}, True, r"out of date, .*clock is; .*\(it says 20\d\d-"),
        ({"dates": ("20980101000000Z", "20990101000000Z")}, True, r"out of date, .*clock is; .*\(it says 20\d\d-"),
    ],
)
def test_a_certificate_that_is_not(monkeypatch, tmp_path, capsys, options, trusted, says):
    made = certificate(tmp_path, **options)
    with serving(monkeypatch, good, certificate=made) as server:
        if trusted:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made))
        sentence = refusal(tmp_path / "new")
        assert server.ranges == []
    assert_matches(says, sentence)
    assert_told_at_once(sentence, capsys)


def assert_matches(pattern, sentence):
    assert re.search(pattern, sentence), sentence


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    "content", [None, "", "rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_certificates_that_are_nowhere(server, monkeypatch, tmp_path, capsys, variable, content):
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv(variable, str(bundle))
    sentence = refusal(tmp_path / "new", url=server.url.replace("http", "https"))
    assert f"the file that {variable} names, {bundle}, is missing or holds no certificates; correct" in sentence
    assert_told_at_once(sentence, capsys)


def test_a_server_without_encryption_at_an_https_address(server, tmp_path, capsys):
    sentence = refusal(tmp_path, url=server.url.replace("http", "https"))
    assert "answered, but not as an https:// server does" in sentence and "log in" in sentence
    assert_told_at_once(sentence, capsys)


def test_a_server_that_hangs_before_the_handshake(monkeypatch, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent, serving(monkeypatch):
        sentence = refusal(tmp_path, url=f"https://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.1, attempts=2)
    assert "nothing arrived for 0.1 seconds, 2 times in a row; try again later" in sentence


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_hangs_up_before_a_word(monkeypatch, tmp_path, scheme):
    hangs_up = socketserver.ThreadingTCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
    thread = threading.Thread(target=hangs_up.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with hangs_up, serving(monkeypatch):
        sentence = refusal(tmp_path, url=f"{scheme}://127.0.0.1:{hangs_up.server_address[1]}/")
        hangs_up.shutdown()
        thread.join()
    assert "closed the connection, 3 times in a row; try again later" in sentence


# Proxies


def through_proxy(monkeypatch, address):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", address)
    monkeypatch.setenv("HTTPS_PROXY", address)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("status", "tries", "says"),
    [
        (407, 1, "PROXY names wants a user name and a password (it answered 407); write them into HTTP"),
        (403, 1, "answered 403 Forbidden; "),
        (503, 3, "answered 503 Service Unavailable, 3 times in a row; try again later"),
    ],
)
def test_a_proxy_that_refuses(server, monkeypatch, tmp_path, scheme, status, tries, says):
    server.behaviours = [lambda request: request.head(status, 0)]
    through_proxy(monkeypatch, server.base.replace("//", "//user:secret@"))
    sentence = refusal(tmp_path, url=f"{scheme}://example.invalid/weights")
    assert says in sentence and len(server.ranges) == tries
    assert "secret" not in sentence
    if scheme == "https":
        assert "the proxy that HTTPS_PROXY names" in sentence


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        (
            "http://127.0.0.1:1",
            "the proxy that HTTPS_PROXY names cannot be reached, 3 times in a row; correct it, or unset",
        ),
        ("http://127.0.0.1:99999", "the proxy that HTTPS_PROXY names is no address of a proxy; correct that"),
        ("http://", "the proxy that HTTPS_PROXY names is no address of a proxy; correct that"),
        ("nowhere:at all", "the proxy that HTTPS_PROXY names is no address of a proxy; correct that"),
        ("socks5://127.0.0.1:1", "the proxy that HTTPS_PROXY names is a SOCKS proxy; install PySocks"),
    ],
)
def test_a_proxy_that_is_none(server, monkeypatch, tmp_path, proxy, says):
    through_proxy(monkeypatch, proxy)
    assert says in refusal(tmp_path, url="https://example.invalid/weights")


def test_a_proxy_that_does_not_speak_https(server, monkeypatch, tmp_path, capsys):
    through_proxy(monkeypatch, server.base.replace("http", "https"))
    sentence = refusal(tmp_path, url="https://example.invalid/weights")
    assert "the proxy that HTTPS_PROXY names does not speak https; write it with http://" in sentence
    assert_told_at_once(sentence, capsys)


def test_a_proxy_with_a_name_that_nobody_knows(server, monkeypatch, tmp_path, capsys):
    unknown_names(monkeypatch, socket.EAI_NONAME)
    through_proxy(monkeypatch, "http://proxy.invalid:8080")
    sentence = refusal(tmp_path, url="https://example.invalid/weights")
    assert "HTTPS_PROXY names has a name that could not be looked up; correct it" in sentence
    assert_told_at_once(sentence, capsys)


# Names and ways


def unknown_names(monkeypatch, number):
    def fails(*arguments, **options):
        raise socket.gaierror(number, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)


@pytest.mark.parametrize(("number", "often"), [(socket.EAI_NONAME, ""), (socket.EAI_AGAIN, ", 3 times in a row")])
def test_a_name_that_nobody_knows(server, monkeypatch, tmp_path, number, often):
    unknown_names(monkeypatch, number)
    sentence = refusal(tmp_path, url="https://weights.invalid:8443/file")
    assert f"the name weights.invalid:8443 could not be looked up{often}; check its spelling" in sentence


def test_no_way_there(server, monkeypatch, tmp_path):
    def fails(*arguments, **options):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", fails)
    sentence = refusal(tmp_path)
    assert (
        "no way leads to 127.0.0.1:" in sentence and "3 times in a row; check whether this machine is conn" in sentence
    )


def test_what_the_system_forbids(server, monkeypatch, tmp_path):
    def fails(*arguments, **options):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket.socket, "connect", fails)
    assert "could not be reached (Operation not permitted), 3 times in a row" in refusal(tmp_path)


def test_another_kind_of_internet_address(monkeypatch, tmp_path):
    try:
        with serving(monkeypatch, good, host="::1"):
            assert_fetched(tmp_path)
    except OSError as error:
        pytest.skip(f"no IPv6 here ({error})")


# Redirects


def sends_on(target):
    return lambda request: request.head(302, 0, Location=target)


def test_a_server_that_sends_on(server, tmp_path):
    server.behaviours = [sends_on("/elsewhere"), sends_on(server.url), cut_in_the_middle, sends_on("?mirror"), good]
    assert_fetched(tmp_path)
    assert server.ranges[:3] == [None] * 3 and server.ranges[3] == server.ranges[4] is not None


@pytest.mark.parametrize(
    "target",
    ["http://[::1", "http://127.0.0.1:99999/", "http://.example/", f"http://{'a' * 70}.example/",
     "file:///etc/passwd", "ftp://127.0.0.1/weights", "javascript:alert(1)", "http://a\x7fb/", "http://a b/"],
)  # fmt: skip
def test_a_server_that_sends_on_to_what_is_no_address(server, tmp_path, capsys, target):
    server.behaviours = [sends_on(target)]
    sentence = refusal(tmp_path)
    assert server.url in sentence and "it sends on" in sentence and "no " in sentence and "address" in sentence
    assert_told_at_once(sentence, capsys)
    assert len(server.ranges) == 1


@pytest.mark.parametrize("target", ["/weights", "http://", "//"])
def test_a_server_that_sends_on_for_ever(server, tmp_path, capsys, target):
    server.behaviours = [sends_on(target)]
    sentence = refusal(tmp_path)
    assert "it sends on and on from one address to the next; check the address, or take another source" in sentence
    assert_told_at_once(sentence, capsys)


def test_a_server_that_sends_on_to_one_that_does_not_answer(server, tmp_path):
    server.behaviours = [sends_on("http://127.0.0.1:1/weights")]
    assert "it sends on, and nobody answers at 127.0.0.1:1 (connection refused), 3 times" in refusal(tmp_path)


@needs_openssl
def test_a_protected_server_that_sends_on_to_an_unprotected_one(server, monkeypatch, tmp_path, capsys):
    made = certificate(tmp_path)
    with serving(monkeypatch, sends_on(server.url), certificate=made):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made))
        sentence = refusal(tmp_path / "new")
    assert f"it sends on to '{server.url}', which is no protected (https://) address; take another" in sentence
    assert_told_at_once(sentence, capsys)
    assert server.ranges == []


# What a server answers


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 412, 416, 417])
def test_a_server_that_will_not_continue_is_asked_for_the_whole(server, tmp_path, status):
    (tmp_path / "vgg19.h5.part").write_bytes(PAYLOAD[:HALF])
    server.behaviours = [lambda request: request.head(status, 0), good]
    assert_fetched(tmp_path)
    assert server.ranges == [f"bytes={HALF}-", None]


def test_a_server_that_refuses_everything_costs_nothing_that_came(server, tmp_path):
    (tmp_path / "vgg19.h5.part").write_bytes(PAYLOAD[:HALF])
    server.behaviours = [lambda request: request.head(403, 0)]
    sentence = refusal(tmp_path)
    assert "answered 403 Forbidden; " in sentence and "take another source; 0.1 MB are kept" in sentence
    assert server.ranges == [f"bytes={HALF}-", None]
    server.behaviours = [good]
    assert_fetched(tmp_path)


def test_a_file_that_changes_between_two_pieces(server, tmp_path):
    server.behaviours = [lambda request: answer(request, payload=bytes(SIZE), until=HALF), good, good]
    assert_fetched(tmp_path)
    assert [asked is None for asked in server.ranges] == [True, False, True]


@pytest.mark.parametrize("name", ["vgg19", "unmeasured"])
def test_pieces_that_never_fit_are_given_up(server, tmp_path, name):
    (tmp_path / f"{name}.h5.part").write_bytes(PAYLOAD[:HALF])
    server.behaviours = [wrong_bytes]
    assert "did not give the published file" in refusal(tmp_path, name)
    assert server.ranges == [f"bytes={HALF}-", None]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("length", [HALF, SIZE + 4])
def test_a_leftover_longer_or_other_than_what_is_there_now(server, tmp_path, length):
    """The server says that nothing lies beyond, and its file has another length than the leftover."""
    (tmp_path / "unmeasured.h5.part").write_bytes(bytes(length))
    server.behaviours = [lambda request: request.head(416, 0, Content_Range="bytes */300000"), good]
    assert_fetched(tmp_path, "unmeasured")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "answered 401 Unauthorized; it gives the file to nobody or not to everybody, so take another source"),
        (451, "answered 451 Unavailable For Legal Reasons; it gives"),
        (511, "answered 511 Network Authentication Required; your network wants you to log in"),
        (501, "answered 501 Not Implemented; check the address"),
        (204, "answered 204 No Content; check the address"),
        (304, "answered 304 Not Modified; check the address"),
        (206, "the server gave a part of the file instead of the whole; check the address"),
    ],
)
def test_an_answer_that_will_not_change(server, tmp_path, capsys, status, says):
    server.behaviours = [lambda request: request.head(status, 0)]
    sentence = refusal(tmp_path)
    assert says in sentence
    assert_told_at_once(sentence, capsys)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 504])
def test_an_answer_that_may_change(server, tmp_path, status):
    server.behaviours = [lambda request: request.head(status, 0), good]
    assert_fetched(tmp_path)


def test_a_server_that_says_when_to_come_back(server, tmp_path, slept):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    server.behaviours = [lambda r, after=after: r.head(429, 0, Retry_After=after) for after in ("7", soon, "soon")]
    server.behaviours.append(good)
    assert_fetched(tmp_path, attempts=4)
    assert slept[0] == 7 and 25 < slept[1] <= 30 and slept[2] == QUICK["pause"] * 4


@pytest.mark.parametrize(("after", "says"), [("7200", "2 hours"), ("600", "10 minutes"), ("9" * 4000, "hours")])
def test_a_server_that_asks_for_more_patience_than_anybody_has(server, tmp_path, slept, after, says):
    server.behaviours = [lambda request: request.head(503, 0, Retry_After=after)]
    sentence = refusal(tmp_path)
    assert f"answered 503 Service Unavailable and asks to come back in {says}" in sentence or says == "hours"
    assert slept == [] and len(server.ranges) == 1


def test_a_server_that_hangs_up_at_once(server, tmp_path):
    def hangs_up(request):
        request.connection.shutdown(socket.SHUT_RDWR)

    server.behaviours = [hangs_up]
    assert "closed the connection, 3 times in a row; try again later" in refusal(tmp_path)
    server.behaviours = [hangs_up, good]
    assert_fetched(tmp_path)


def test_what_answers_is_no_web_server(server, tmp_path, capsys):
    server.behaviours = [lambda request: request.wfile.write(b"220 mail.example ESMTP\r\n\r\n")]
    sentence = refusal(tmp_path)
    assert "what answers at 127.0.0.1:" in sentence and "does not speak HTTP; check the address" in sentence
    assert_told_at_once(sentence, capsys)


def in_chunks(request, until=None):
    request.protocol_version = "HTTP/1.1"
    request.head(200, Transfer_Encoding="chunked")
    for start in range(0, SIZE, HALF // 3):
        piece = PAYLOAD[start : start + HALF // 3]
        request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if until is not None and start + len(piece) >= until:
            request.close_connection = True
            return
    request.wfile.write(b"0\r\n\r\n")


@pytest.mark.parametrize("name", ["vgg19", "unmeasured"])
def test_a_file_in_chunks_without_a_length(server, tmp_path, name):
    server.behaviours = [lambda request: in_chunks(request, until=HALF), good]
    assert_fetched(tmp_path, name)
    assert server.ranges == [None, f"bytes={HALF}-"]


def packed(request, content=None, start=0):
    content = content or gzip.compress(PAYLOAD)
    request.head(206 if start else 200, len(content), Content_Encoding="gzip", Content_Range=f"bytes {start}-")
    request.wfile.write(content)


@pytest.mark.parametrize("name", ["vgg19", "unmeasured"])
def test_a_file_compressed_on_the_way(server, tmp_path, name):
    server.behaviours = [packed]
    assert_fetched(tmp_path, name)


def test_a_compressed_file_is_not_continued(server, tmp_path):
    (tmp_path / "vgg19.h5.part").write_bytes(PAYLOAD[:HALF])
    server.behaviours = [lambda request: packed(request, start=HALF), packed]
    assert_fetched(tmp_path)
    assert server.ranges == [f"bytes={HALF}-", None]


def test_a_file_that_is_not_what_its_compression_says(server, tmp_path, capsys):
    server.behaviours = [lambda request: packed(request, PAYLOAD)]
    sentence = refusal(tmp_path)
    assert "the server compressed the file on the way, and wrongly; take another source" in sentence
    assert_told_at_once(sentence, capsys)


# The disk


def test_a_full_disk(server, tmp_path):
    (tmp_path / "vgg19.h5.part").symlink_to("/dev/full")
    assert_matches(r"cannot be written \(No space left on device\); make room on the disk", refusal(tmp_path))


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.EACCES, "you may not write there"), (errno.EROFS, "that disk can only be read"),
     (errno.EDQUOT, "your share of the disk is used up"), (errno.EIO, "the disk has a fault or is gone"),
     (errno.ETXTBSY, "choose another folder")],
)  # fmt: skip
def test_whatever_the_disk_says(server, tmp_path, monkeypatch, number, advice):
    def fails(*paths):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", fails)
    sentence = refusal(tmp_path)
    assert f"cannot be written ({os.strerror(number)}); {advice}" in sentence
    assert sentence.endswith("; 0.3 MB are kept, and the next fetch continues there.")
    monkeypatch.undo()
    with serving(monkeypatch, good) as again:
        assert_fetched(tmp_path)
        assert again.ranges == []  # all had come


def test_a_name_that_is_too_long(server, tmp_path):
    sentence = refusal(tmp_path / ("a" * 300))
    assert "cannot be written (File name too long); choose a shorter name" in sentence


def test_a_folder_under_the_files_name(server, tmp_path):
    (tmp_path / "vgg19.h5").mkdir()
    assert "is a folder, and the file would have that name; choose another folder" in refusal(tmp_path)
    assert server.ranges == []


def test_a_folder_under_the_unfinished_name(server, tmp_path):
    (tmp_path / "vgg19.h5.part").mkdir()
    assert "a folder has that name already, so choose another name" in refusal(tmp_path)


# Files that can't be read, and not because they are damaged


def refused(path):
    with pytest.raises(WeightsError) as caught:
        read_weights(path)
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith(".") and "damaged" not in sentence, sentence
    return sentence


def test_a_file_that_something_else_has_locked(tmp_path):
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        file["a"] = 1.0
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "is locked: something else has it open" in refused(path)


def test_a_file_on_a_disk_with_a_fault(tmp_path, monkeypatch):
    assert "(Input/output error); the disk has a fault or is gone" in refused("/proc/self/mem")  # as such a disk says
    np.savez(tmp_path / "weights.npz", a=1.0)

    def fails(*arguments, **options):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(np, "load", fails)  # the fault comes after the beginning has been read
    assert "Input/output error); the disk has a fault or is gone" in refused(tmp_path / "weights.npz")


def test_names_that_lead_to_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "circle.npz").symlink_to("circle.npz")
    assert "is no plain file" in refused(tmp_path / "pipe.npz")
    assert "lead in a circle" in refused(tmp_path / "circle.npz")
    assert "no name is that long" in refused(tmp_path / ("a" * 300))
