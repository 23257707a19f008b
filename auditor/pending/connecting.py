"""One connection of the client library, which says nothing of its own accord but AUTH and SELECT.

Left to itself the library names itself (CLIENT SETINFO), asks for a protocol (HELLO), looks whether a connection lives
(PING) and makes a broken one anew without telling. None of that is wanted here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from auditor.errors import CannotStart
from auditor.pending.address import Address, Login

if TYPE_CHECKING:
    import redis.connection
    import redis.sentinel

_TIMEOUT = 15.0  # seconds for one answer
_INSTALL = "reading a redis takes its client library: install bucket-auditor[redis]"


class Misfit(Exception):
    """An answer that a list of pending deletions cannot give; says why."""


class Failed(OSError):
    """The library's error. `final`: asking again would be answered in the same way."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


class Connection:
    """Questions and answers, and nothing that is sent twice."""

    def __init__(self, connection: redis.connection.Connection) -> None:
        self._connection = connection

    def ask(self, *words: str | bytes | int) -> Any:
        """The answer as redis gives it: bytes and lists of bytes. Raises Failed."""
        with _translated():
            self._connection.send_command(*words)  # type: ignore[no-untyped-call]
            return self._connection.read_response()

    def ask_page(self, *words: str | bytes | int) -> tuple[bytes, list[bytes]]:
        """A cursor and what lies before it. Raises Failed and Misfit."""
        answer = self.ask(*words)
        match answer:
            case [bytes() as cursor, list() as flat] if len(flat) % 2 == 0 and all(type(one) is bytes for one in flat):
                return cursor, flat
        raise Misfit("its server does not answer ZSCAN as redis does")


@contextmanager
def connect(address: Address) -> Iterator[Connection]:
    """A new connection to the one redis, or to the master that a sentinel names now. Raises Failed."""
    library = _library()
    with _translated():
        host, port = address.hosts[0] if address.master is None else _master(library, address)
        kind = library.connection.SSLConnection if address.tls else library.connection.Connection
        made = kind(host=host, port=port, db=address.database, **_quiet(library, address, address.login))
        made.connect()
    try:
        yield Connection(made)
    finally:
        made.disconnect()


def _master(library: Any, address: Address) -> tuple[str, int]:
    """By SENTINEL MASTERS. A master that the sentinel takes to be down is none."""
    options = _quiet(library, address, address.sentinel_login)
    if address.tls:
        options["ssl"] = True
    with closing(library.sentinel.Sentinel(address.hosts, sentinel_kwargs=options)) as sentinels:
        host, port = sentinels.discover_master(address.master)
        return str(host), int(port)


def _quiet(library: Any, address: Address, login: Login) -> dict[str, Any]:
    options: dict[str, Any] = {
        "username": login.user,
        "password": login.password,
        "protocol": 2,  # the newer one begins with HELLO
        "driver_info": None,
        "retry": library.retry.Retry(library.backoff.NoBackoff(), 0),
        "socket_timeout": _TIMEOUT,
        "socket_connect_timeout": _TIMEOUT,
    }
    if address.tls and address.ca_file:
        options["ssl_ca_certs"] = address.ca_file
    return options


def hopeless(error: OSError) -> bool:
    return isinstance(error, Failed) and error.final


def reason(error: OSError) -> str:
    return str(error)


@contextmanager
def _translated() -> Iterator[None]:
    """The library's exceptions as Failed. Of their text nothing is taken over but an error's first word."""
    library = _library().exceptions
    try:
        yield
    except library.ResponseError as error:
        passing = (library.MasterDownError, library.ReadOnlyError, library.TryAgainError)
        raise Failed(_refusal(error), final=not isinstance(error, passing)) from None
    except (library.AuthenticationError, library.AuthorizationError) as error:
        raise Failed(_refusal(error), final=True) from None
    except (library.RedisError, OSError, ValueError) as error:
        raise Failed(type(_innermost(error)).__name__) from None


def _refusal(error: Exception) -> str:
    word = str(error).split(" ", 1)[0]
    return f"it answered {word}" if word.isascii() and word.isupper() and word.isalpha() else type(error).__name__


def _innermost(error: BaseException) -> BaseException:
    """What the library's own error was made of."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def _library() -> Any:
    """The client library with the parts of it that are used here; it is an extra. Raises CannotStart."""
    try:
        for part in ("backoff", "connection", "exceptions", "retry", "sentinel"):
            import_module(f"redis.{part}")
        return import_module("redis")
    except ImportError as error:
        raise CannotStart(_INSTALL) from error
