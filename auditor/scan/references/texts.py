"""What a text, mostly JSON, names: uids by their prefix, or whole strings."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from auditor.spec.references import KEY


def names_in(text: str, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    """Pairs of what was wanted (a prefix, or KEY) and what was found; more than is meant, rather than less.

    >>> list(names_in('{"image": "oseh_if_AAAAAAAAAAAAAAAAAAAAAA"}', ["oseh_if_"]))
    [('oseh_if_', 'oseh_if_AAAAAAAAAAAAAAAAAAAAAA')]
    >>> list(names_in('{"key": "s3_files\\\\/a"}', ["key"]))
    [('key', 's3_files/a')]
    """
    for prefix in wanted:
        if prefix != KEY:
            yield from ((prefix, found[1]) for found in _uids(prefix).finditer(text))
    if KEY in wanted:
        yield from ((KEY, string) for string in _strings(text))


def _uids(prefix: str) -> re.Pattern[str]:
    """Of a fixed length; what overlaps is found, too."""
    return re.compile(rf"(?=({re.escape(prefix)}[A-Za-z0-9_-]{{22}}))")


def _strings(text: str) -> Iterator[str]:
    yield text
    try:
        open_: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        yield from text.split('"')
        return
    while open_:
        value = open_.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            open_ += [*value, *value.values()]
        elif isinstance(value, list):
            open_ += value
