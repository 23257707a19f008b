"""The URL of a database server: which server it is, what may be shown of it, and what must never be."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from auditor.errors import CannotStart
from auditor.text import printable

_FORM = "write it as SCHEME://USER:PASSWORD@HOST:PORT/DATABASE, with `%40` for an `@` and `%2F` for a `/` in a password"
_SECRET_OPTIONS = ("pass", "pwd", "secret", "token")
_LONGEST = 300  # characters of a server's message


@dataclass(frozen=True)
class Address:
    scheme: str
    url: URL  # without a driver
    secrets: tuple[str, ...]

    @property
    def source(self) -> str:
        """For people and reports: no user, no password, no options."""
        host = f"[{self.url.host}]" if ":" in (self.url.host or "") else self.url.host or ""
        port = f":{self.url.port}" if self.url.port else ""
        return printable(f"{self.scheme}://{host}{port}/{self.url.database or ''}")

    def reason(self, error: BaseException) -> str:
        """The first line of what a server or driver said, without what the URL keeps secret and without statements."""
        said = getattr(error, "orig", None) or error  # SQLAlchemy's own message holds the statement
        message = str(said.args[1] if len(said.args) == 2 and isinstance(said.args[0], int) else said)
        for secret in self.secrets:
            message = message.replace(secret, "***")
        lines = [line.strip() for line in message.splitlines() if line.strip()]
        return printable(" ".join(lines[0].split())[:_LONGEST]).rstrip(".") if lines else "no reason was given"


def parse_address(spec: str) -> Address:
    """Raises CannotStart. The driver that a URL may name is left out: each kind of server is read by one driver."""
    scheme = spec.split(":", 1)[0].split("+", 1)[0].lower()
    try:
        url = make_url(spec)
    except (ArgumentError, ValueError):
        raise CannotStart(f"the {scheme}:// URL of --db cannot be parsed: {_FORM}") from None
    if spec.count("@") > 1 or any("@" in (part or "") for part in (url.host, url.database)):
        # what stands before the last of them may be a piece of the password, and would be taken for the host
        raise CannotStart(f"the {scheme}:// URL of --db holds more than one `@`: {_FORM}")
    if not url.database:
        raise CannotStart(f"the {scheme}:// URL of --db names no database: {_FORM}")
    return Address(scheme, url.set(drivername=scheme), _secrets(url))


def _secrets(url: URL) -> tuple[str, ...]:
    """Longest first, so that none is cut by a shorter one within it."""
    values = [url.password] if url.password else []
    for name, value in url.query.items():
        if any(part in name.lower() for part in _SECRET_OPTIONS):
            values += [value] if isinstance(value, str) else value
    forms = {form for value in values for form in (value, quote(value, safe=""), quote_plus(value)) if form}
    return tuple(sorted(forms, key=len, reverse=True))
