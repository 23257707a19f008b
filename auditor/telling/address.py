"""URLs that are secrets: whoever has the URL of a webhook can write to its channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from auditor.errors import CannotStart
from auditor.text import printable

_SCHEMES = ("http", "https")


@dataclass(frozen=True)
class Address:
    """Where to send to. Only `str()`, scheme and host, may be shown; the rest is in no representation."""

    url: str = field(repr=False)
    place: str

    def __str__(self) -> str:
        return self.place

    def below(self, name: str) -> Address:
        """The address with one more segment in its path; a query stays what it is."""
        parts = urlsplit(self.url)
        return Address(urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}")), self.place)


def parse_address(text: str, option: str) -> Address:
    """Raises CannotStart for what is no http or https URL; the sentence repeats nothing of it.

    >>> parse_address("https://hooks.slack.com/services/T0/B0/secret", "--slack-url")
    Address(place='https://hooks.slack.com')
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in _SCHEMES or not text.isascii() or not text.isprintable() or " " in text:
        raise CannotStart(f"what {option} names is no URL of a web server: write https://HOST/PATH")
    shown = f"[{host}]" if ":" in host else host
    return Address(text, printable(f"{parts.scheme}://{shown}" + (f":{port}" if port else "")))
