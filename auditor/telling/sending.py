"""One HTTP request to somebody's web server, which may be slow, broken or hostile: nothing of it holds up a run.

The URL is a secret, and libraries put URLs into their exceptions and logs; so no text of an exception is ever used
here, and what urllib3 logs of these requests is dropped.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions, make_headers

from auditor import __version__
from auditor.telling.address import Address

TIMEOUT = 10.0  # seconds, from the first look for the name to the status line
PAUSES = (0.5, 1.5)  # seconds before the second and the third attempt
LONGEST_PAUSE = 5.0  # seconds that a server may ask for
_LOGGER = logging.getLogger("urllib3.connectionpool")


@dataclass(frozen=True)
class Failure:
    """`why` finishes the sentence "it was not told, because …"."""

    why: str
    again: bool = False  # whether another attempt may help
    after: float | None = None  # seconds, where the server said so


def post(address: Address, body: bytes, content_type: str, pause: Callable[[float], None] = time.sleep) -> str | None:
    """Sends, and returns why it failed; None when the server took it. Raises nothing.

    What failed on its way, and what a server says it cannot do now (429 and 5xx), is sent again, twice at most. What
    was not answered in time is not, since it may have arrived. Redirects are not followed: the body is for this server.
    """
    headers = {"Content-Type": content_type, "User-Agent": f"auditor/{__version__}"}
    for wait in (*PAUSES, None):
        failure = _within(TIMEOUT, lambda: _attempt(address, body, headers))
        if failure is None or not failure.again or wait is None:
            break
        pause(wait if failure.after is None else min(failure.after, LONGEST_PAUSE))
    return failure.why if failure else None


def _within(seconds: float, attempt: Callable[[], Failure | None]) -> Failure | None:
    """A server that sends a byte now and then defeats a socket's timeout, so the clock is kept from outside."""
    results: list[Failure | None] = []
    thread = threading.Thread(target=lambda: results.append(attempt()), daemon=True)
    thread.start()
    thread.join(seconds)
    return results[0] if results else Failure(f"it did not answer within {seconds:g} s")


def _attempt(address: Address, body: bytes, headers: Mapping[str, str]) -> Failure | None:
    try:
        with _no_logs(), _pool(address.url) as pool:
            answer = pool.request(
                "POST",
                address.url,
                body=body,
                headers={**headers, **_login(address.url)},
                redirect=False,
                preload_content=False,
            )
            answer.close()
            return _judged(answer.status, answer.headers.get("Retry-After"))
    except Exception as error:  # whatever it is, it must not end a run that is over
        return _failure(error)


def _pool(url: str) -> urllib3.PoolManager:
    parts, timeout = urlsplit(url), urllib3.Timeout(TIMEOUT)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, retries=False, timeout=timeout)
    return urllib3.PoolManager(retries=False, timeout=timeout)


def _login(url: str) -> Mapping[str, str]:
    parts = urlsplit(url)
    if parts.username is None:
        return {}
    return make_headers(basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")


def _judged(status: int, retry_after: str | None) -> Failure | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Failure(f"it answered {status}, a redirect, which is not followed")
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    after = float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None
    return Failure(f"it answered {status} {phrase}".rstrip(), status == 429 or status >= 500, after)


def _failure(error: Exception) -> Failure:
    if isinstance(error, exceptions.SSLError):
        return Failure(_tls_failure(error.args[0] if error.args else None))
    if isinstance(error, exceptions.NameResolutionError):
        return Failure("its name cannot be resolved", again=True)
    if isinstance(error, exceptions.NewConnectionError):
        return Failure("it cannot be connected to", again=True)
    if isinstance(error, exceptions.TimeoutError):
        return Failure(f"it did not answer within {TIMEOUT:g} s")
    if isinstance(error, (exceptions.ProtocolError, exceptions.ProxyError)):
        return Failure("the connection broke off", again=True)
    return Failure(f"it could not be sent ({type(error).__name__})")


def _tls_failure(cause: object) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message})"
    return "it does not speak TLS as it should"


@contextmanager
def _no_logs() -> Iterator[None]:
    """What urllib3 logs has the path of the URL in it."""
    mine = threading.get_ident()

    def others(record: logging.LogRecord) -> bool:
        return record.thread != mine

    _LOGGER.addFilter(others)
    try:
        yield
    finally:
        _LOGGER.removeFilter(others)
