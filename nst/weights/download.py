"""Fetch the full VGG-19: with progress, resumed where it broke off, verified, and whole or not there.

This is plain requests: libraries that fetch files delete what came when a download fails, and resuming needs it kept.
"""

import hashlib
import os
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from nst import disk
from nst.paths import PRETRAINED
from nst.progress import progress_bar
from nst.weights import causes
from nst.weights.causes import Failed, Failure
from nst.weights.files import WeightsError, is_web_page
from nst.weights.vgg19 import SOURCES, USER_FOLDER
from nst.words import in_short

#: How many times in a row a server may send on to another address.
MOST_REDIRECTS = 10


def fetch(name="vgg19", folder=None, url=None, *, timeout=30, attempts=5, pause=1):
    """Download one of SOURCES, verify it, and return its path.

    folder: where to put it; by default the course's pretrained-model/, or your own cache folder where that is
    read-only. url: another address of the same file. timeout: seconds without a byte that count as a stall.
    attempts: how many times in a row may bring nothing. pause: seconds before the second attempt, doubling.
    An unfinished download is kept as `<name>.part`, and the next call continues it; what turns out not to fit is
    fetched again from the beginning. Under its final name the file appears only when it is whole and its MD5 is right;
    if it is there already and right, nothing is downloaded.
    What can go better by itself is tried again: a broken connection, a busy server. A certificate, a log-in or a wrong
    address is told at once. Raises WeightsError, one sentence with the cause and what to do.
    """
    if name not in SOURCES:
        raise WeightsError(f"There are no weights called {name!r}; choose from {', '.join(SOURCES)}.")
    source = SOURCES[name]
    url = url or source.url
    if folder is None:
        folder = PRETRAINED if os.access(PRETRAINED, os.W_OK) else USER_FOLDER
    target = Path(folder) / source.file
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise WeightsError(f"{target} is a folder, and the file would have that name; choose another folder.")
        if target.is_file() and _md5(target) == source.md5:
            print(f"{target} is there already, and right.")
            return target
        in_one_go = _download(url, part, source.size, timeout, attempts, pause)
        fault = _fault(part, source)
        if fault and not in_one_go:
            print("What an earlier try had left does not fit the rest; fetching it all from the beginning.")
            part.unlink()
            _download(url, part, source.size, timeout, attempts, pause)
            fault = _fault(part, source)
        if fault:
            part.unlink()
            raise WeightsError(
                f"{url} did not give the published file: expected MD5 {source.md5}, found {fault}; it was deleted, "
                "try again or take another source."
            )
        os.replace(part, target)
    except KeyboardInterrupt:
        if part.exists():
            print(f"Interrupted at {_megabytes(part)}; {part} is kept, and the next fetch continues it.")
        raise
    except OSError as error:
        advice = disk.when_writing(error) + _kept(part)
        raise WeightsError(f"{target} cannot be written ({error.strerror or error}); {advice}.") from None
    print(f"{target} is complete and verified.")
    return target


def _download(url, part, size, timeout, attempts, pause):
    """Fill `part` from `url`, continuing what is there, until the server has no more to give.

    Returns whether all of it came in answer to one request: only then can no pieces of different files be in it.
    """
    failures, continues = 0, True
    with _Session() as session:
        while True:
            have = part.stat().st_size if part.exists() else 0
            if have == size:
                return False
            start = have if continues and (size is None or have < size) else 0
            try:
                if _receive(session, url, part, start, size, timeout):
                    return start == 0
                failure = Failure("the connection ended early", passes=True)
            except _NothingThere:
                return False
            except _NotFromThere:
                continues = False  # what is there stays until the server begins to send the whole
                continue
            except Failed as caught:
                failure = caught.failure
            grown = part.exists() and part.stat().st_size > have
            failures = 0 if grown else failures + 1
            if not failure.passes or failures >= attempts:
                often = f", {attempts} times in a row" if failure.passes and attempts > 1 else ""
                advice = failure.advice + _kept(part)
                raise WeightsError(f"{url} could not be fetched: {failure.reason}{often}; {advice}.")
            print(f"{failure.reason[0].upper()}{failure.reason[1:]}; trying again.")
            time.sleep(max(failure.wait, pause * 2 ** (failures - 1)))


class _Session(requests.Session):
    """Leaves redirects alone: even told not to follow, requests reads where they lead and stumbles over some."""

    def get_redirect_target(self, response):
        return None


class _NotFromThere(Exception):
    """The server does not continue where it was asked to."""


class _NothingThere(Exception):
    """The server says that what is there is all."""


def _receive(session, url, part, start, size, timeout):
    """One request for what follows the first `start` bytes; True when the server says that was all."""
    headers = {"Accept-Encoding": "identity"}  # compressed on the way, lengths and offsets would mean something else
    if start:
        headers["Range"] = f"bytes={start}-"
    with _answer(session, url, headers, timeout) as response:
        partial, packed = response.headers.get("Content-Range", ""), response.headers.get("Content-Encoding", "")
        if response.status_code == 416 and partial == f"bytes */{start}":
            raise _NothingThere
        if start and response.status_code in (400, 403, 404, 405, 409, 412, 416, 417):
            raise _NotFromThere
        if response.status_code not in (200, 206):
            raise Failed(causes.failure_of_status(url, response.status_code, response.reason, response.headers))
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise WeightsError(
                f"{url} answered with a web page instead of the file; check the address, or your network's log-in."
            )
        if response.status_code == 206 and not (partial.startswith(f"bytes {start}-") and packed in ("", "identity")):
            if start:
                raise _NotFromThere
            raise Failed(Failure("the server gave a part of the file instead of the whole", causes.ANOTHER))
        start = start if response.status_code == 206 else 0  # 200 is the whole file, from its beginning
        length = response.headers.get("Content-Length", "")
        total = start + int(length[:18]) if length.isdecimal() and packed in ("", "identity") else size
        if size is not None and total != size:
            raise WeightsError(
                f"{url} offers a file of {total:,} bytes where {size:,} were expected, so it is not the published one; "
                "check the address."
            )
        with (
            part.open("ab" if start else "wb") as file,
            progress_bar(total, part.stem, initial=start, unit="B", unit_scale=True) as bar,
        ):
            for chunk in _chunks(response, url, timeout):
                file.write(chunk)
                bar.update(len(chunk))
                if size is not None and file.tell() > size:
                    break
            return total is None or file.tell() >= total


def _answer(session, url, headers, timeout):
    """The response to a request, after the server has sent on to other addresses.

    requests itself would follow to unprotected ones too, and raises all kinds of error for those that are malformed.
    """
    address = url
    for _ in range(MOST_REDIRECTS):
        try:
            response = session.get(address, headers=headers, stream=True, timeout=timeout, allow_redirects=False)
            target = requests.Session.get_redirect_target(session, response)
        except causes.ERRORS as error:
            failure = causes.failure_of(error, address, timeout)
            if address != url:
                failure = failure._replace(reason=f"it sends on, and {failure.reason}")
            raise Failed(failure) from None
        if target is None:
            return response
        response.close()
        protected = address.startswith("https:")
        address = _joined(address, target)
        if not address or (protected and not address.startswith("https:")):
            kind = "protected (https://)" if protected else "http:// or https://"
            reason = f"it sends on to {in_short(target)}, which is no {kind} address"
            raise Failed(Failure(reason, "take another source"))
    raise Failed(Failure("it sends on and on from one address to the next", causes.ANOTHER))


def _joined(address, target):
    """Where a redirect to `target` leads; None where that is no http:// or https:// address."""
    try:
        joined = urljoin(address, target)
        return joined if urlsplit(joined).scheme in ("http", "https") and urlsplit(joined).hostname else None
    except ValueError:
        return None


def _chunks(response, url, timeout):
    """What a response brings, piece by piece, its errors told apart from the disk's."""
    try:
        yield from response.iter_content(1 << 14)
    except causes.ERRORS as error:
        raise Failed(causes.failure_of(error, url, timeout)) from None


def _fault(part, source):
    """What was found in place of the published file, in words; None where it is that."""
    md5 = _md5(part)
    if md5 == source.md5:
        return None
    with part.open("rb") as file:
        web_page = is_web_page(file.read(512))
    return "a web page" if web_page else f"{part.stat().st_size:,} bytes with MD5 {md5}"


def _md5(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _megabytes(path):
    return f"{path.stat().st_size / 1e6:.1f} MB"


def _kept(part):
    """What completes a sentence where something has come: that nothing of it is lost."""
    if not os.path.isfile(part) or not os.path.getsize(part):
        return ""
    return f"; {_megabytes(part)} are kept, and the next fetch continues there"
