"""Where a redis is, and as whom to ask: `redis://`, `rediss://`, `redis+sentinel://`, `rediss+sentinel://`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from auditor.errors import CannotStart

SCHEMES = ("redis", "rediss", "redis+sentinel", "rediss+sentinel")
_PORTS = {"redis": 6379, "sentinel": 26379}
_HOST = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_OPTIONS = {"cacert", "sentinel_user", "sentinel_password"}
_FORM = (
    "write redis://USER:PASSWORD@HOST:6379/DB or redis+sentinel://USER:PASSWORD@HOST:26379,HOST:26379/MASTER/DB, "
    "with rediss for TLS and ?cacert=FILE for a certificate authority of your own"
)


@dataclass(frozen=True)
class Login:
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Address:
    hosts: tuple[tuple[str, int], ...]  # of the sentinels, where `master` is named; else one, of redis itself
    database: int = 0
    master: str | None = None
    tls: bool = False
    ca_file: str | None = None  # None: the system's certificate authorities
    login: Login = Login()
    sentinel_login: Login = Login()

    def __str__(self) -> str:
        """For people: without users, passwords and options."""
        scheme = ("rediss" if self.tls else "redis") + ("+sentinel" if self.master else "")
        hosts = ",".join(f"{f'[{host}]' if ':' in host else host}:{port}" for host, port in self.hosts)
        return f"{scheme}://{hosts}/" + (f"{self.master}/" if self.master else "") + str(self.database)


def parse_address(url: str) -> Address:
    """Raises CannotStart for what is none; the sentence repeats nothing of the URL, since it may hold a password.

    >>> str(parse_address("redis://:secret@10.0.0.1"))
    'redis://10.0.0.1:6379/0'
    >>> str(parse_address("rediss+sentinel://me:secret@h1,h2:26380/mymaster/1"))
    'rediss+sentinel://h1:26379,h2:26380/mymaster/1'
    """
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise CannotStart(f"the redis URL of --pending cannot be parsed: {_FORM}") from None
    sentinel = parts.scheme.endswith("+sentinel")
    login, _, places = parts.netloc.rpartition("@")
    hosts = tuple(
        dict.fromkeys(_host(place, _PORTS["sentinel" if sentinel else "redis"]) for place in places.split(","))
    )
    if parts.fragment or (len(hosts) > 1 and not sentinel):
        raise CannotStart(f"the redis URL of --pending has more than one host, or a `#`: {_FORM}")
    tls = parts.scheme.startswith("rediss")
    _check_options(options, tls, sentinel)
    master, database = _path(parts.path, sentinel)
    return Address(
        hosts=hosts,
        database=database,
        master=master,
        tls=tls,
        ca_file=options.get("cacert"),
        login=_login(login),
        sentinel_login=Login(options.get("sentinel_user"), options.get("sentinel_password")),
    )


def _login(text: str) -> Login:
    user, _, password = text.partition(":")
    return Login(unquote(user) or None, unquote(password) or None)


def _check_options(options: dict[str, str], tls: bool, sentinel: bool) -> None:
    allowed = _OPTIONS if sentinel else {"cacert"}
    if set(options) - allowed or ("cacert" in options and not tls) or not all(options.values()):
        raise CannotStart(
            "a redis URL of --pending takes no option but cacert=FILE (with TLS), and with sentinels "
            f"sentinel_user=NAME and sentinel_password=PASSWORD: {_FORM}"
        )


def _path(path: str, sentinel: bool) -> tuple[str | None, int]:
    """The master's name and the number of the database."""
    pieces = [unquote(piece) for piece in path.strip("/").split("/")] if path.strip("/") else []
    master = pieces.pop(0) if sentinel and pieces else None
    number = pieces.pop(0) if pieces else "0"
    if pieces or not re.fullmatch("[0-9]{1,5}", number) or (sentinel and not master):
        raise CannotStart(f"the path of the redis URL of --pending is not understood: {_FORM}")
    return master, int(number)


def _host(place: str, default: int) -> tuple[str, int]:
    found = _HOST.fullmatch(place)
    port = int(found["port"] or default) if found else 0
    if not found or not 0 < port < 65536:
        raise CannotStart(f"the redis URL of --pending has a host that is none: {_FORM}")
    return found["host"].lower().strip("[]"), port
