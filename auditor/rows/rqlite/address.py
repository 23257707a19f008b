"""`rqlite://[user:password@]host[:port][,host[:port]…]`: where a cluster is, and as whom to ask."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from auditor.errors import CannotStart

DEFAULT_PORT = 4001
_SCHEMES = ("rqlite", "rqlites")
_HOST = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_FORM = (
    "write rqlite://HOST:PORT or rqlite://USER:PASSWORD@HOST:PORT,HOST:PORT, with rqlites:// for TLS "
    "and ?cacert=FILE for a certificate authority of your own"
)


@dataclass(frozen=True)
class Host:
    name: str  # an IPv6 address stands in brackets
    port: int

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


@dataclass(frozen=True)
class Address:
    hosts: tuple[Host, ...]
    tls: bool = False
    user: str | None = None
    password: str = field(default="", repr=False)
    ca_file: str | None = None  # None: the system's certificate authorities

    def __str__(self) -> str:
        """For people: without the user and the password."""
        return f"{self.scheme}://" + ",".join(map(str, self.hosts))

    @property
    def scheme(self) -> str:
        return "rqlites" if self.tls else "rqlite"

    @property
    def login(self) -> str | None:
        return None if self.user is None else f"{self.user}:{self.password}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the password, and the form in which HTTP sends it."""
        if self.login is None or not self.password:
            return ()
        return base64.b64encode(self.login.encode()).decode(), self.password


def parse_address(url: str) -> Address:
    """Raises CannotStart for what is none; the sentence repeats nothing of the URL, since it may hold a password.

    >>> str(parse_address("rqlite://me:secret@10.0.0.1,[::1]:4003"))
    'rqlite://10.0.0.1:4001,[::1]:4003'
    """
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise CannotStart(f"the rqlite:// URL of --db cannot be parsed: {_FORM}") from None
    login, _, places = parts.netloc.rpartition("@")
    if parts.scheme not in _SCHEMES:
        raise CannotStart(f"rqlite has no drivers to choose from in --db: {_FORM}")
    if parts.path.strip("/") or parts.fragment:
        raise CannotStart(
            f"a rqlite:// URL of --db ends after its hosts (in a password, / ? # @ are %2F %3F %23 %40): {_FORM}"
        )
    tls = parts.scheme == "rqlites"
    if set(options) - {"cacert"} or (options and not tls) or not all(options.values()):
        raise CannotStart(f"a rqlite:// URL of --db takes no option but cacert=FILE, and that with TLS alone: {_FORM}")
    user, _, password = login.partition(":")
    return Address(
        hosts=tuple(dict.fromkeys(_host(place) for place in places.split(","))),
        tls=tls,
        user=unquote(user) if login else None,
        password=unquote(password),
        ca_file=options.get("cacert"),
    )


def _host(place: str) -> Host:
    found = _HOST.fullmatch(place)
    port = int(found["port"] or DEFAULT_PORT) if found else 0
    if not found or not 0 < port < 65536:
        raise CannotStart(f"the rqlite:// URL of --db has a host that is none: {_FORM}")
    return Host(found["host"].lower(), port)
