"""One node of a cluster: one kind of request, POST /db/query, which rqlite runs on a read-only connection.

Nothing else is ever sent: `/db/execute` and `/db/request` can write, and a GET has its question in the URL, which ends
up in logs.
"""

from __future__ import annotations

import base64
import ssl
import time
from urllib.parse import urlsplit

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse

from auditor.rows.rqlite.address import Address, Host
from auditor.rows.rqlite.trouble import Refused, TooLarge, Trouble, Unavailable
from auditor.text import printable

PATH = "/db/query"
LARGEST_ANSWER = 64 << 20  # bytes, unpacked; a page of the longest keys that S3 allows has a third of that
_CONNECT_SECONDS = 5.0
_CHUNK = 1 << 20
_REDIRECTS = (301, 302, 307, 308)


class Redirected(Trouble):
    """The node names another that answers in its place."""

    def __init__(self, host: Host) -> None:
        super().__init__(f"redirects to {host}")
        self.host = host


class Node:
    """Any thread may ask; connections are kept and shared out by urllib3."""

    def __init__(self, host: Host, address: Address) -> None:
        self.host = host
        self._address = address
        self._pool = _pool(host, address)
        self._headers = {"content-type": "application/json", "accept-encoding": "gzip"}
        if address.login is not None:
            self._headers["authorization"] = "Basic " + base64.b64encode(address.login.encode()).decode()

    def post(self, parameters: str, body: bytes, seconds: float) -> bytes:
        """The body of the answer, within about `seconds`. Raises Trouble."""
        until = time.monotonic() + seconds
        try:
            response = self._pool.urlopen(
                "POST",
                f"{PATH}?{parameters}",
                body=body,
                headers=self._headers,
                timeout=Timeout(connect=min(_CONNECT_SECONDS, seconds), read=seconds),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                self._check(response)
                return _whole(response, until)
            finally:
                response.close()  # a connection read to its end has gone back to the pool before
        except (HTTPError, OSError) as error:
            raise _unavailable(error, seconds) from error

    def close(self) -> None:
        self._pool.close()

    def _check(self, response: BaseHTTPResponse) -> None:
        status = response.status
        if status in (401, 403):
            raise Refused(f"refused the credentials of --db (HTTP {status}); the user needs the permission `query`")
        if status in _REDIRECTS:
            raise self._redirected(response.headers.get("location", ""))
        if status >= 500 or status in (408, 429):
            raise Unavailable(f"answered HTTP {status}" + (" (has the cluster a leader?)" if status == 503 else ""))
        if status != 200:
            raise Refused(
                f"answered HTTP {status}, which rqlite does not: check host and port, and whether it wants TLS"
            )

    def _redirected(self, location: str) -> Trouble:
        """Only hosts that the user named are asked: the credentials and the trust are for those."""
        try:
            parts = urlsplit(location)
            host = Host(_bracketed(parts.hostname or ""), parts.port or (443 if parts.scheme == "https" else 80))
        except ValueError:
            return Unavailable("redirects to what is no URL")
        if parts.scheme != ("https" if self._address.tls else "http") or parts.path != PATH:
            return Unavailable(
                f"redirects to {printable(location.split('?', maxsplit=1)[0])}, which is no place to ask"
            )
        if host not in self._address.hosts:
            return Unavailable(f"redirects to {printable(str(host))}, which --db does not name: add that host")
        return Redirected(host)


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _pool(host: Host, address: Address) -> HTTPConnectionPool:
    if not address.tls:
        return HTTPConnectionPool(host.name, host.port, maxsize=16)
    return HTTPSConnectionPool(host.name, host.port, maxsize=16, cert_reqs="CERT_REQUIRED", ca_certs=address.ca_file)


def _whole(response: BaseHTTPResponse, until: float) -> bytes:
    chunks, size = [], 0
    while chunk := response.read1(_CHUNK, decode_content=True):  # what is there: `read` would wait for all of it
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise TooLarge(f"answered with more than {LARGEST_ANSWER >> 20} MiB")
        if time.monotonic() > until:
            raise Unavailable("took too long to send its answer")
    return b"".join(chunks)


def _unavailable(error: Exception, seconds: float) -> Trouble:
    """In words of ours, which hold neither a URL nor a header."""
    cause = error.args[0] if isinstance(error, SSLError) and error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Refused(f"has a certificate that does not hold ({cause.verify_message}): see cacert=FILE")
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return Unavailable(words.format(seconds=seconds))
    return Unavailable("lost the connection")


_WORDS: dict[type[Exception], str] = {
    SSLError: "does not speak TLS",
    ReadTimeoutError: "did not answer within {seconds:g} s",
    NameResolutionError: "has a name that nobody knows",
    NewConnectionError: "could not be connected to",
    ConnectTimeoutError: "could not be connected to in time",
    DecodeError: "sent what cannot be unpacked",
}
