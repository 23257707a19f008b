"""Values of an SVG's attributes and style sheets that run something, or that fetch something from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.text import printable

Said = tuple[str, str]

_HREFS = frozenset({"href", "http://www.w3.org/1999/xlink href", "src"})
_FOLLOWED_BY_HAND = frozenset({"a"})
_UNSEEN = re.compile(r"[\x00-\x20]")  # browsers leave them out of an address
_RUNS = re.compile(r"(?:^|;)(?:java|vb)script:", re.IGNORECASE)
_URL = re.compile(r"url\([\s'\"]{0,40}([^\s'\")#][^\s'\")]{0,40})", re.IGNORECASE)
_IMPORT = re.compile(r"@import", re.IGNORECASE)
_SHOWN = 40


def about_attribute(element: str, name: str, value: str) -> Iterator[Said]:
    """`name` is the local name, behind its namespace and a blank where it has one.

    >>> list(about_attribute("rect", "onclick", "x()"))
    [('event-handler', 'has onclick on rect, which runs a script')]
    >>> list(about_attribute("rect", "fill", "url(#paint)"))
    []
    """
    if name[:2].lower() == "on" and name.isalpha():
        yield "event-handler", f"has {_shown(name)} on {_shown(element)}, which runs a script"
    address = _UNSEEN.sub("", value)
    if _RUNS.search(address):
        yield "script", f"has a script for the value of {_shown(name.rpartition(' ')[2])} on {_shown(element)}"
    elif name in _HREFS and element not in _FOLLOWED_BY_HAND and _is_elsewhere(address):
        yield "external-reference", f"refers to {_shown(address)} in {_shown(element)}"
    yield from about_style(value)


def about_style(text: str) -> Iterator[Said]:
    """A style sheet, or an attribute that may hold a part of one."""
    if _IMPORT.search(text):
        yield "external-reference", "imports a style sheet"
    for address in (found[1] for found in _URL.finditer(text)):
        if not address.lower().startswith("data:"):
            yield "external-reference", f"refers to {_shown(address)} in a style"
            return


def _is_elsewhere(address: str) -> bool:
    return bool(address) and not address.lower().startswith(("#", "data:image/"))


def _shown(text: str) -> str:
    return printable(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
