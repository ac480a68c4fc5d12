"""Fetching weights from a server on this machine that cuts, lies and stalls."""

import hashlib
import os
import resource
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nst.commands import weights as command
from nst.weights import download, vgg19
from nst.weights.download import fetch
from nst.weights.files import WeightsError
from tests.support.weights_server import (
    HALF,
    PAYLOAD,
    QUICK,
    SIZE,
    answer,
    assert_fetched,
    cut_in_the_middle,
    good,
    ignores_ranges,
    refusal,
    serving,
    wrong_bytes,
)


@pytest.fixture
def server(monkeypatch):
    with serving(monkeypatch) as server:
        yield server


@pytest.mark.parametrize("name", ["vgg19", "unmeasured"])
def test_fetches_with_progress(server, tmp_path, capsys, monkeypatch, name):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    server.behaviours = [good]
    assert_fetched(tmp_path, name)
    shown = capsys.readouterr()
    assert f"{name}.h5 is complete and verified." in shown.out
    assert "300k/300k" in shown.out and "100%" in shown.out


def test_makes_the_folder(server, tmp_path):
    server.behaviours = [good]
    assert_fetched(tmp_path / "new" / "folder")


def test_what_is_there_and_right_is_not_fetched_again(server, tmp_path, capsys):
    server.behaviours = [good]
    assert_fetched(tmp_path)
    assert_fetched(tmp_path)
    assert len(server.ranges) == 1
    assert "is there already" in capsys.readouterr().out


def test_what_is_there_and_wrong_is_replaced(server, tmp_path):
    (tmp_path / "vgg19.h5").write_bytes(PAYLOAD[:-1] + b"?")
    server.behaviours = [good]
    assert_fetched(tmp_path)


def test_what_is_there_and_wrong_stays_until_the_right_one_has_come(server, tmp_path):
    (tmp_path / "vgg19.h5").write_bytes(b"something")
    server.behaviours = [wrong_bytes]
    with pytest.raises(WeightsError):
        fetch("vgg19", tmp_path, **QUICK)
    assert (tmp_path / "vgg19.h5").read_bytes() == b"something"


@pytest.mark.parametrize("name", ["vgg19", "unmeasured"])
def test_a_cut_connection_is_continued_where_it_broke(server, tmp_path, name):
    server.behaviours = [cut_in_the_middle, good]
    assert_fetched(tmp_path, name)
    first, second = server.ranges
    assert first is None
    assert HALF - (1 << 15) < int(second.removeprefix("bytes=").removesuffix("-")) <= HALF


def test_a_connection_that_is_always_cut_at_the_same_place_is_given_up_and_kept(server, tmp_path):
    server.behaviours = [cut_in_the_middle]
    sentence = refusal(tmp_path)
    assert "3 times in a row" in sentence and "0.1 MB are kept" in sentence
    assert os.listdir(tmp_path) == ["vgg19.h5.part"]
    server.behaviours = [good]
    server.ranges.clear()
    assert_fetched(tmp_path)
    assert server.ranges[0] is not None


def test_a_server_that_ignores_ranges_starts_again(server, tmp_path):
    server.behaviours = [cut_in_the_middle, ignores_ranges]
    assert_fetched(tmp_path)
    assert server.ranges[1] is not None


def test_a_server_that_sends_another_range_starts_again(server, tmp_path):
    def another_range(request):
        request.head(206, SIZE - 10, Content_Range=f"bytes 10-{SIZE - 1}/{SIZE}")
        request.wfile.write(PAYLOAD[10:])

    server.behaviours = [cut_in_the_middle, another_range, good]
    assert_fetched(tmp_path)
    assert server.ranges[2] is None


def test_a_stalled_server_is_asked_again(server, tmp_path):
    def stalls(request):
        request.head(200, SIZE)
        request.wfile.write(PAYLOAD[:HALF])
        request.wfile.flush()
        server.closing.wait(30)

    server.behaviours = [stalls, good]
    assert_fetched(tmp_path)
    assert server.ranges[1] is not None


def test_a_server_that_never_answers_is_given_up(server, tmp_path):
    server.behaviours = [lambda request: server.closing.wait(30)]
    assert "nothing arrived for 0.1 seconds, 2 times in a row" in refusal(tmp_path, timeout=0.1, attempts=2)
    assert os.listdir(tmp_path) == []


def test_a_busy_server_is_asked_again(server, tmp_path, capsys):
    server.behaviours = [lambda r: r.head(503, 0), lambda r: r.head(429, 0), good]
    assert_fetched(tmp_path)
    assert len(server.ranges) == 3
    assert "The server answered 503 Service Unavailable; trying again." in capsys.readouterr().out


def test_a_server_that_stays_busy_is_given_up(server, tmp_path):
    server.behaviours = [lambda r: r.head(503, 0)]
    assert "answered 503 Service Unavailable, 3 times in a row" in refusal(tmp_path)
    assert len(server.ranges) == 3


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_missing_file_is_not_asked_for_again(server, tmp_path, status):
    server.behaviours = [lambda r: r.head(status, 0)]
    assert f"answered {status}" in refusal(tmp_path)
    assert len(server.ranges) == 1


PAGE = b"<!DOCTYPE html><html>Please log in</html>"


def test_a_web_page_is_recognised_by_its_type(server, tmp_path):
    def page(request):
        request.head(200, len(PAGE), kind="text/html; charset=utf-8")
        request.wfile.write(PAGE)

    server.behaviours = [page]
    assert "answered with a web page" in refusal(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_web_page_is_recognised_by_its_beginning(server, tmp_path):
    server.behaviours = [lambda request: answer(request, payload=PAGE)]
    assert "found a web page" in refusal(tmp_path, "unmeasured")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["vgg19", "unmeasured"])
def test_wrong_bytes_of_the_right_size_are_deleted(server, tmp_path, name):
    server.behaviours = [wrong_bytes]
    sentence = refusal(tmp_path, name)
    assert hashlib.md5(PAYLOAD).hexdigest() in sentence and hashlib.md5(bytes(SIZE)).hexdigest() in sentence
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("length", [SIZE - 100_000, SIZE + 100_000])
def test_another_length_than_published_is_refused_at_once(server, tmp_path, length):
    def lies(request):
        request.head(200, length)
        request.wfile.write(PAYLOAD)

    server.behaviours = [lies]
    assert f"offers a file of {length:,} bytes where 300,000 were expected" in refusal(tmp_path)
    assert len(server.ranges) == 1


def test_a_promised_length_that_never_comes(server, tmp_path):
    """Of a file of unknown size, the server says it is longer than it is; what came is whole all the same."""

    def promises_more(request):
        request.head(200, SIZE + 1000)
        request.wfile.write(PAYLOAD)
        request.close_connection = True

    server.behaviours = [promises_more, good]
    assert_fetched(tmp_path, "unmeasured")
    assert server.ranges[1] is not None


@pytest.mark.parametrize("name", ["vgg19", "unmeasured"])
def test_a_leftover_that_is_whole_is_only_verified(server, tmp_path, name):
    (tmp_path / f"{name}.h5.part").write_bytes(PAYLOAD)
    server.behaviours = [good]
    assert_fetched(tmp_path, name)


def test_a_length_that_is_too_short(server, tmp_path):
    def promises_less(request):
        request.head(200, HALF)
        request.wfile.write(PAYLOAD[:HALF])

    server.behaviours = [promises_less]
    assert "found 150,000 bytes with MD5" in refusal(tmp_path, "unmeasured")


def test_a_server_that_never_stops_sending(server, tmp_path):
    def endless(request):
        request.head(200)
        while not server.closing.is_set():
            request.wfile.write(PAYLOAD)

    server.behaviours = [endless]
    assert "did not give the published file" in refusal(tmp_path)


def test_no_length_at_all(server, tmp_path):
    def no_length(request):
        request.head(200)
        request.wfile.write(PAYLOAD)
        request.close_connection = True

    server.behaviours = [no_length]
    assert_fetched(tmp_path)


def test_an_interrupt_keeps_what_came(server, tmp_path, capsys):
    def interrupts(request):
        request.head(200, SIZE)
        request.wfile.write(PAYLOAD[:HALF])
        request.wfile.flush()
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        server.closing.wait(30)

    server.behaviours = [interrupts, good]
    with pytest.raises(KeyboardInterrupt):
        fetch("vgg19", tmp_path, timeout=30)
    assert os.listdir(tmp_path) == ["vgg19.h5.part"]
    assert "vgg19.h5.part is kept, and the next fetch continues it." in capsys.readouterr().out
    assert_fetched(tmp_path)
    assert server.ranges[1] is not None


def test_a_leftover_of_another_file_is_found_out(server, tmp_path, capsys):
    (tmp_path / "vgg19.h5.part").write_bytes(bytes(HALF))
    server.behaviours = [good]
    assert_fetched(tmp_path)
    assert server.ranges == [f"bytes={HALF}-", None]
    assert "fetching it all from the beginning" in capsys.readouterr().out


def test_a_leftover_that_is_too_long_is_found_out(server, tmp_path):
    (tmp_path / "vgg19.h5.part").write_bytes(PAYLOAD + b"more")
    server.behaviours = [good]
    assert_fetched(tmp_path)


def test_a_full_disk_is_one_sentence_and_keeps_what_came(server, tmp_path):
    server.behaviours = [good]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HALF, limits[1]))
    try:
        assert "cannot be written" in refusal(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / "vgg19.h5.part").stat().st_size <= HALF
    assert_fetched(tmp_path)


def test_a_folder_that_cannot_be_made(server, tmp_path):
    (tmp_path / "file").write_text("")
    server.behaviours = [good]
    with pytest.raises(WeightsError, match=r"cannot be written .*choose another folder\.$"):
        fetch("vgg19", tmp_path / "file" / "below", **QUICK)
    assert server.ranges == []


def test_no_server_at_all(server, tmp_path):
    nobody = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    url = f"http://127.0.0.1:{nobody.server_port}/weights"
    nobody.server_close()
    assert "(connection refused), 3 times in a row; check the address, or try again later" in refusal(tmp_path, url=url)


@pytest.mark.parametrize(
    "url",
    ["weights.h5", "ftp://127.0.0.1/weights.h5", "http://", "http://[::1/a", "https://127.0.0.1:99999/", "http://.a/",
     f"http://{'a' * 70}.example/", "http://a b/", "file:///etc/passwd", "https://[::1]:port/", "\0", "http://\ud800/"],
)  # fmt: skip
def test_no_address_to_fetch_from(server, tmp_path, url):
    assert "is no address to fetch from" in refusal(tmp_path, url=url)


def test_another_address_serves_the_same_file(server, tmp_path):
    server.behaviours = [good]
    assert_fetched(tmp_path, url=server.url + "?mirror")


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(WeightsError, match=r"no weights called 'vgg16'; choose from vgg19, vgg19-matconvnet"):
        fetch("vgg16")


def test_sources_are_the_published_ones():
    keras, current, beta16 = (vgg19.SOURCES[name] for name in list(vgg19.SOURCES)[:3])
    assert (keras.size, keras.md5) == (80_134_624, "253f8cb515780f3b799900260a226db6")
    assert current.md5 == "106118b7cf60435e6d8e04f6a6dc3657" and beta16.md5 == "8ee3263992981a1d26e73b3ca028a123"
    assert all(source.url.startswith("https://") for source in (keras, current, beta16))
    assert len({source.file for source in (keras, current, beta16)}) == 3


def test_the_command_fetches(server, tmp_path, capsys):
    server.behaviours = [good]
    command.main(["--folder", str(tmp_path)])
    assert (tmp_path / "vgg19.h5").read_bytes() == PAYLOAD
    assert "is complete and verified." in capsys.readouterr().out


def test_the_command_fails_in_a_sentence(server, tmp_path):
    server.behaviours = [lambda request: request.head(404, 0)]
    with pytest.raises(SystemExit, match=r"answered 404 .* another source\.$"):
        command.main(["--folder", str(tmp_path), "--url", server.url])


@pytest.mark.parametrize("where", ["course", "user"])
def test_without_a_folder_it_goes_where_it_is_looked_for(server, tmp_path, monkeypatch, where):
    server.behaviours = [good]
    for module in (download, vgg19):
        monkeypatch.setattr(module, "PRETRAINED", tmp_path / "course")
        monkeypatch.setattr(module, "USER_FOLDER", tmp_path / "user")
    monkeypatch.setattr(os, "access", lambda path, mode: where == "course")
    path = fetch(**QUICK)
    assert path == tmp_path / where / "vgg19.h5"
    assert vgg19.default_weights()[0] == path
