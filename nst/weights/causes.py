"""Why a request failed: each cause with its own sentence, and whether another try can go better.

requests says "connection error" of nearly everything. What lies behind it is packed inside: a certificate, a proxy, a
name that nobody knows. `failure_of` looks for it, and `failure_of_status` says the same of a server's answer.
"""

import errno
import http.client
import os
import socket
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3

from nst.words import in_short

#: Seconds that a busy server may ask to wait.
MOST_PATIENCE = 60

#: What a request can raise, the address that can't be read and the missing certificates included.
ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)

ANOTHER = "check the address, or take another source"
LATER = "try again later"

#: The system's numbers for a connection that the other side has ended.
_CLOSED = (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED)

#: What names a file of certificates to requests.
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class Failure(NamedTuple):
    """A request that brought nothing: why, what to do, whether another try can go better, and seconds to wait first."""

    reason: str
    advice: str = LATER
    passes: bool = False
    wait: float = 0


class Failed(Exception):
    """Carries a Failure to where it is decided whether to try again."""

    def __init__(self, failure):
        super().__init__(failure.reason)
        self.failure = failure


# What a request raises ----------------------------------------------------------------------------------------------


def failure_of(error, url, timeout):
    """What one of ERRORS means that a request for `url` raised; timeout: the seconds that it was given."""
    inside = _all_within(error)

    def find(*kinds):
        return next((one for one in inside if isinstance(one, kinds)), None)

    host = _host(url)
    if find(requests.exceptions.ProxyError, urllib3.exceptions.ProxyError):
        return _of_proxy(inside, url)
    if find(requests.exceptions.InvalidProxyURL) or _is_about_proxy(error, url):
        return Failure(f"{_proxy_of(url)} is no address of a proxy", "correct that, or unset the variable")
    if "SOCKS" in str(error):
        return Failure(f"{_proxy_of(url)} is a SOCKS proxy", "install PySocks for it, or name an HTTP proxy instead")
    if certificate := find(ssl.SSLCertVerificationError):
        return _of_certificate(certificate, host)
    bundle = next((name for name in BUNDLES if os.environ.get(name)), None)
    if "TLS CA certificate bundle" in str(error) or getattr(find(ssl.SSLError), "library", None) in ("X509", "PEM"):
        where = f"the file that {bundle} names, {os.environ[bundle]}," if bundle else "requests' file of certificates"
        return Failure(
            f"{where} is missing or holds no certificates",
            "correct the variable or unset it" if bundle else "install the package certifi again",
        )
    if find(ssl.SSLError) and not find(ssl.SSLEOFError, ssl.SSLZeroReturnError):
        return Failure(
            f"{host} answered, but not as an https:// server does ({_words(find(ssl.SSLError))})",
            "check the address, and whether your network wants you to log in",
        )
    if find(socket.gaierror):
        return Failure(
            f"the name {host} could not be looked up",
            "check its spelling, and whether this machine is connected",
            passes=find(socket.gaierror).errno == socket.EAI_AGAIN,
        )
    if find(requests.ConnectTimeout):
        return Failure(f"{host} could not be reached within {timeout} seconds", passes=True)
    if find(requests.Timeout, TimeoutError) or "timed out" in str(error):
        return Failure(f"nothing arrived for {timeout} seconds", passes=True)
    if find(ConnectionRefusedError):
        return Failure(f"nobody answers at {host} (connection refused)", f"check the address, or {LATER}", passes=True)
    if any(getattr(one, "errno", None) in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN) for one in inside):
        return Failure(f"no way leads to {host}", "check whether this machine is connected", passes=True)
    if find(http.client.BadStatusLine) and not find(http.client.RemoteDisconnected):
        return Failure(f"what answers at {host} does not speak HTTP", ANOTHER)
    if find(requests.exceptions.ContentDecodingError, urllib3.exceptions.DecodeError):
        return Failure("the server compressed the file on the way, and wrongly", "take another source")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return Failure("the connection ended early", passes=True)
    systems = [one for one in inside if isinstance(one, OSError) and one.errno and not isinstance(one, ssl.SSLError)]
    if told := next((one for one in systems if one.errno not in _CLOSED), None):
        return Failure(f"{host} could not be reached ({told.strerror or told})", passes=True)
    if isinstance(error, requests.ConnectionError):
        return Failure(f"{host} closed the connection", passes=True)
    if isinstance(error, ValueError):  # requests' InvalidURL, MissingSchema and InvalidSchema, and urllib3's
        return Failure(f"{in_short(url)} is no address to fetch from ({_words(error)})", "check it")
    return Failure(f"the request failed ({_words(error)})")


def _of_certificate(error, host):
    """What is wrong with a server's certificate; OpenSSL's numbers are those of its x509_vfy.h."""
    if error.verify_code in (9, 10):  # not yet valid, expired
        return Failure(
            f"the certificate of {host} is out of date, or this machine's clock is",
            f"see that the clock is right (it says {time.strftime('%Y-%m-%d')}), or take another source",
        )
    if error.verify_code in (62, 64):  # another host's, another IP address's
        return Failure(
            f"the server's certificate is for another name than {host}",
            "check the address, and whether your network wants you to log in",
        )
    return Failure(
        f"the certificate of {host} is vouched for by nobody whom this machine trusts ({error.verify_message})",
        "if your network puts its own certificate in between, name the file that holds it in REQUESTS_CA_BUNDLE",
    )


def _of_proxy(inside, url):
    """What a proxy refused, or why there is none."""
    proxy, text = _proxy_of(url), " ".join(map(str, inside))
    if "Tunnel connection failed: " in text:
        status = text.partition("Tunnel connection failed: ")[2]
        return failure_of_status(url, int(status[:3]) if status[:3].isdigit() else 502, "", {}, proxy)
    if any(isinstance(one, ssl.SSLError) for one in inside):
        return Failure(f"{proxy} does not speak https", "write it with http:// in that variable")
    if any(isinstance(one, socket.gaierror) for one in inside):
        return Failure(f"{proxy} has a name that could not be looked up", "correct it, or unset the variable")
    return Failure(f"{proxy} cannot be reached", "correct it, or unset the variable", passes=True)


def _proxy_of(url):
    """The proxy for `url` in words: by the variable that names it, for the address may hold a password."""
    scheme = urlsplit(url).scheme
    names = [f"{kind}_proxy" for kind in (scheme, "all")]
    named = [name for lower in names for name in (lower, lower.upper()) if os.environ.get(name)]
    return f"the proxy that {named[0]} names" if named else "this machine's proxy"


def _is_about_proxy(error, url):
    """Whether the address that requests can't read is the proxy's."""
    try:
        proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    except ValueError:  # it is the server's
        return False
    return isinstance(error, requests.exceptions.InvalidURL) and proxy is not None and proxy in str(error)


def _all_within(error):
    """The error and all that is packed inside it: as cause, context, reason or argument."""
    found, waiting = [], [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and not any(one is other for other in found):
            found.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found


def _host(url):
    """The host of an address and, where it is written there, the port."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return in_short(url)


def _words(error):
    lines = str(error).splitlines()
    return lines[0][:120] if lines else type(error).__name__


# What a server answers ----------------------------------------------------------------------------------------------


def failure_of_status(url, status, reason, headers, server="the server"):
    """What an HTTP status means that is not the file; headers: of the answer."""
    said = f"{server} answered {status} {reason or http.client.responses.get(status, '')}".rstrip()
    if status == 407:
        scheme = urlsplit(url).scheme
        return Failure(
            f"{_proxy_of(url)} wants a user name and a password (it answered 407)",
            f"write them into {scheme.upper()}_PROXY, as in http://user:password@host:port",
        )
    if status in (401, 403, 451):
        return Failure(said, "it gives the file to nobody or not to everybody, so take another source")
    if status == 511:
        return Failure(said, "your network wants you to log in: open any page in a browser, and try again")
    if status not in (408, 425, 429) and (status < 500 or status in (501, 505)):
        return Failure(said, ANOTHER)
    wait = _seconds_to_wait(headers.get("Retry-After", ""))
    if wait > MOST_PATIENCE:
        return Failure(f"{said} and asks to come back in {_duration(wait)}", "do so, or take another source")
    return Failure(said, LATER, passes=True, wait=wait)


def _seconds_to_wait(text):
    """Retry-After as seconds: it is a number of them, or a date; 0 where it is neither."""
    if text.strip().isdecimal():
        return int(text[:9])
    try:
        return max(0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0


def _duration(seconds):
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
