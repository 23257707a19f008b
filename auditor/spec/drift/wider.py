"""Kinds that take more: for two forms that would be one template, and for fields that take too little."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from auditor.spec.kinds import Kind, read_kind

_OPTION = re.compile(r"[^\s,()/](?:[^\r\n,()/]*[^\s,()/])?")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,15}")
_BASE64URL = ("uid", "token", "int", "timestamp", "slug")
_NUMBERS = ("int", "timestamp")
_MOST_OPTIONS = 16


def wider(one: str, other: str) -> str:
    """The narrowest kind that takes the values of both.

    >>> wider("token(8)", "token(16)"), wider("int", "timestamp"), wider("choice(a, b)", "choice(b, c)")
    ('slug', 'int', 'choice(a, b, c)')
    """
    if one == other:
        return one
    rungs = {read_kind(one).rung, read_kind(other).rung}
    if rungs == {"choice"}:
        options = choice([*read_kind(one).options, *read_kind(other).options])
        if options:
            return options
    for general, rung in ((_NUMBERS, "int"), (_BASE64URL, "slug")):
        if rungs <= set(general):
            return rung
    return "timestamp(hint)" if rungs == {"timestamp", "timestamp(hint)"} else "segment"


def choice(options: Iterable[str]) -> str | None:
    """
    >>> choice(["png", "jpg"]), choice(["a,b"])
    ('choice(png, jpg)', None)
    """
    different = list(dict.fromkeys(options))
    if len(different) > _MOST_OPTIONS or not all(map(_OPTION.fullmatch, different)):
        return None
    return f"choice({', '.join(different)})"


def naturally_wider(kind: Kind, values: Sequence[str]) -> str | None:
    """The same kind with options more, or with a hint: what is surely meant by those values that suit it.

    >>> naturally_wider(read_kind("choice(png, svg)"), ["gif", "png\\n"])
    'choice(png, svg, gif)'
    >>> naturally_wider(read_kind("choice(png)?"), ["gif"])
    'choice(png, gif)?'
    """
    if kind.rung == "timestamp":
        hinted = read_kind("timestamp(hint)")
        return _as_empty(kind, hinted.text) if any(map(hinted.accepts, values)) else None
    options = [value for value in values if _WORD.fullmatch(value)] if kind.rung == "choice" else []
    wide = choice([*kind.options, *options]) if options else None
    return _as_empty(kind, wide) if wide else None


def generally_wider(kind: Kind, values: Sequence[str]) -> str | None:
    """The narrowest of the general kinds that takes what the kind takes and these values as well."""
    for text in ("int", "slug", "segment"):
        if text == kind.rung:
            continue
        if wider(kind.text, text) == text and all(map(read_kind(text).accepts, values)):
            return _as_empty(kind, text)
    return None


def _as_empty(kind: Kind, wide: str) -> str:
    """What may be empty stays so."""
    return f"{wide}?" if kind.optional else wide
