"""Fetch the full VGG-19: with progress, resumed where it broke off, verified, and whole or not there.

This is plain requests: libraries that fetch files delete what came when a download fails, and resuming needs it kept.
"""

import hashlib
import os
import time
from pathlib import Path

import requests

from nst.paths import PRETRAINED
from nst.progress import progress_bar
from nst.weights.files import WeightsError, is_web_page
from nst.weights.vgg19 import SOURCES, USER_FOLDER


def fetch(name="vgg19", folder=None, url=None, *, timeout=30, attempts=5, pause=1):
    """Download one of SOURCES, verify it, and return its path.

    folder: where to put it; by default the course's pretrained-model/, or your own cache folder where that is
    read-only. url: another address of the same file. timeout: seconds without a byte that count as a stall.
    attempts: how many times in a row may bring nothing. pause: seconds before the second attempt, doubling.
    An unfinished download is kept as `<name>.part`, and the next call continues it. Under its final name the file
    appears only when it is whole and its MD5 is right; if it is there already and right, nothing is downloaded.
    Raises WeightsError, one sentence, when that can't be done.
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
        if target.is_file() and _md5(target) == source.md5:
            print(f"{target} is there already, and right.")
            return target
        _download(url, part, source.size, timeout, attempts, pause)
        _verify(url, part, source)
        os.replace(part, target)
    except KeyboardInterrupt:
        if part.exists():
            print(f"Interrupted at {_megabytes(part)}; {part} is kept, and the next fetch continues it.")
        raise
    except OSError as error:
        raise WeightsError(
            f"{target} cannot be written ({error.strerror or error}); make room, or choose another folder."
        ) from None
    print(f"{target} is complete and verified.")
    return target


def _download(url, part, size, timeout, attempts, pause):
    """Fill `part` from `url`, continuing what is there, until the server has no more to give."""
    failures = 0
    while True:
        have = part.stat().st_size if part.exists() else 0
        if have == size:
            return
        try:
            if _receive(url, part, have, size, timeout):
                return
            reason = "the connection ended early"
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            stalled = "timed out" in str(error)
            reason = f"nothing arrived for {timeout} seconds" if stalled else "the connection broke"
        except _Busy as error:
            reason = str(error)
        except requests.RequestException as error:
            raise WeightsError(f"{url} is no address to fetch from ({error}); check it.") from None
        grown = part.exists() and part.stat().st_size > have
        failures = 0 if grown else failures + 1
        if failures >= attempts:
            kept = f"{_megabytes(part)} are kept and the next try continues there" if part.exists() else "try later"
            raise WeightsError(f"{url} could not be fetched: {reason}, {attempts} times in a row; {kept}.")
        print(f"{reason[0].upper()}{reason[1:]}; trying again.")
        time.sleep(pause * 2 ** (failures - 1))


class _Busy(Exception):
    """The server asks to come back later."""


def _receive(url, part, have, size, timeout):
    """One request; True when the server says that was all."""
    headers = {"Accept-Encoding": "identity"}  # compressed on the way, lengths and offsets would mean something else
    if have:
        headers["Range"] = f"bytes={have}-"
    with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
        status = f"{response.status_code} {response.reason}"
        if response.status_code == 416:  # nothing lies beyond what we have
            return True
        if response.status_code in (408, 429) or response.status_code >= 500:
            raise _Busy(f"the server answered {status}")
        if response.status_code not in (200, 206):
            raise WeightsError(f"{url} answered {status}; check the address, or take another source.")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise WeightsError(
                f"{url} answered with a web page instead of the file; check the address, or your network's log-in."
            )
        partial = response.headers.get("Content-Range", "")
        if response.status_code == 206 and not partial.startswith(f"bytes {have}-"):
            part.unlink(missing_ok=True)  # a range that was not asked for: begin again, without one
            return False
        start = have if response.status_code == 206 else 0  # 200 is the whole file, from its beginning
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else size
        if size is not None and total != size:
            raise WeightsError(
                f"{url} offers a file of {total:,} bytes where {size:,} were expected, so it is not the published one; "
                "check the address."
            )
        with (
            part.open("ab" if start else "wb") as file,
            progress_bar(total, part.stem, initial=start, unit="B", unit_scale=True) as bar,
        ):
            for chunk in response.iter_content(1 << 14):
                file.write(chunk)
                bar.update(len(chunk))
                if size is not None and file.tell() > size:
                    break
            return total is None or file.tell() >= total


def _verify(url, part, source):
    """Delete `part` and raise a WeightsError unless it is the published file."""
    md5 = _md5(part)
    if md5 == source.md5:
        return
    with part.open("rb") as file:
        web_page = is_web_page(file.read(512))
    found = "a web page" if web_page else f"{part.stat().st_size:,} bytes with MD5 {md5}"
    part.unlink()
    raise WeightsError(
        f"{url} did not give the published file: expected MD5 {source.md5}, found {found}; it was deleted, "
        "try again or take another source."
    )


def _md5(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _megabytes(path):
    return f"{path.stat().st_size / 1e6:.1f} MB"
