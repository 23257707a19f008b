r"""The lines of a baseline: what each holds, and the codec.

JSON Lines in ASCII, sorted by rule, groups first, then by glob or key, then by fingerprint; names in the order below.

    {"rule": "KEY001", "glob": "builds/*", "at_most": 9, "reason": "CI", "expires": "2027-01-31", "added": "2026-11-29"}
    {"rule": "REF001", "key": "a/b", "fingerprint": "…", "reason": "restored by hand", "added": "2026-11-29"}

`expires` may be missing; an entry holds through that day, UTC.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_SINGLE = ("rule", "key", "fingerprint", "reason", "expires", "added")
_GROUP = ("rule", "glob", "at_most", "reason", "expires", "added")


@dataclass(frozen=True, slots=True)
class Single:
    """One finding; `key` is for people, the fingerprint decides."""

    rule: str
    key: str
    fingerprint: str
    reason: str
    added: date
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Up to `at_most` findings of a rule whose keys fit a glob: `*` any characters, slashes too, `?` one."""

    rule: str
    glob: str
    at_most: int
    reason: str
    added: date
    expires: date | None = None


Entry = Single | Group


def holds(entry: Entry, today: date) -> bool:
    return entry.expires is None or today <= entry.expires


def order(entry: Entry) -> tuple[str, bool, str, str]:
    if isinstance(entry, Group):
        return entry.rule, False, entry.glob, ""
    return entry.rule, True, entry.key, entry.fingerprint


def to_line(entry: Entry) -> str:
    """
    >>> print(to_line(Group("KEY001", "builds/*", 3, "CI", date(2026, 11, 29))), end="")
    {"rule": "KEY001", "glob": "builds/*", "at_most": 3, "reason": "CI", "added": "2026-11-29"}
    """
    names = _GROUP if isinstance(entry, Group) else _SINGLE
    value = {name: getattr(entry, name) for name in names}
    return json.dumps({name: one for name, one in value.items() if one is not None}, default=date.isoformat) + "\n"


def from_line(line: bytes) -> Entry:
    """Raises ValueError with what is wrong, as the end of a sentence."""
    value = _object(line)
    names, kind = (_GROUP, Group) if "glob" in value or "at_most" in value else (_SINGLE, Single)
    if lacking := [name for name in names if name not in value and name != "expires"]:
        raise ValueError(f"{lacking[0]!r} is missing")
    if strange := [name for name in value if name not in names]:
        raise ValueError(f"{strange[0]!r} is no field of {'a group' if kind is Group else 'a finding'}")
    entry: Entry = kind(**{name: _checked(name, one) for name, one in value.items()})
    return entry


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(line.decode().strip(), object_pairs_hook=_without_twins)
    except UnicodeDecodeError:
        raise ValueError("it is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error.msg} at column {error.colno})") from None
    except RecursionError:
        raise ValueError("it is not one JSON object without others in it") from None
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    return value


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a field is there twice")
    return value


def _checked(name: str, value: Any) -> Any:
    if name == "at_most":
        if type(value) is not int or value < 1:
            raise ValueError("'at_most' is not a whole number of at least 1")
        return value
    if not isinstance(value, str):
        raise ValueError(f"{name!r} is not text")
    if name in ("added", "expires"):
        return _day(name, value)
    if name == "fingerprint" and not _FINGERPRINT.fullmatch(value):
        raise ValueError("'fingerprint' is not 64 hexadecimal digits in lower case")
    if name in ("rule", "glob", "reason") and not value.strip():
        raise ValueError(f"{name!r} is empty")
    value.encode()  # a lone surrogate is no text: UnicodeEncodeError is a ValueError
    return value


def _day(name: str, value: str) -> date:
    try:
        if len(value) == len("2026-11-29"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{name!r} is not a day such as 2026-11-29")
