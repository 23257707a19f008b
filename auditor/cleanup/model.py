"""The nouns of a plan: what is to be cleaned, on what grounds, and how one line of `objects.jsonl` says it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from auditor.text import isoformat

SUPERSEDED = "superseded"  # what REF004 says of files whose place a newer one has taken
RETENTION = "retention"  # stands in place of a rule's code: a backup beyond the age that the user named


class Action(StrEnum):
    """What somebody is to do with it."""

    DELETE = "delete-object"
    ABORT = "abort-multipart-upload"


@dataclass(frozen=True, slots=True)
class Ground:
    """One finding for which an object is in the plan."""

    rule: str
    status: str
    message: str
    fingerprint: str
    first_seen: datetime | None
    nights: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """One object, or one unfinished upload, as the run saw it. Sizes are bytes; times are UTC.

    A listing names no version, so `version_id` is None. Of an upload, `last_modified` is when it was begun, and size,
    etag and storage class are not known.
    """

    action: Action
    key: str
    grounds: tuple[Ground, ...]
    family: str | None = None
    size: int | None = None
    last_modified: datetime | None = None
    etag: str | None = None  # as the store gives it, quotes included
    storage_class: str | None = None
    version_id: str | None = None
    row_uid: str | None = None
    upload_id: str | None = None

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(ground.rule for ground in self.grounds)

    @property
    def leaves_row(self) -> bool:
        """Whether a database row stays behind, which must be deleted after the object."""
        return self.row_uid is not None

    def to_line(self) -> str:
        """One line of JSON in ASCII, so that no key can move a cursor or break a line."""
        entry = {name: _plain(getattr(self, name)) for name in _NAMES}
        entry["grounds"] = [{name: _plain(getattr(one, name)) for name in _GROUND} for one in self.grounds]
        return json.dumps(entry, separators=(",", ":")) + "\n"


_NAMES = tuple(Item.__dataclass_fields__)
_GROUND = tuple(Ground.__dataclass_fields__)


def read_item(line: str) -> Item:
    """The inverse of `Item.to_line`. Raises ValueError, KeyError or TypeError for what is none."""
    entry = json.loads(line)
    grounds = tuple(_ground(one) for one in entry.pop("grounds"))
    times = {"last_modified": _instant(entry.pop("last_modified"))}
    return Item(**{**entry, **times, "action": Action(entry["action"]), "grounds": grounds})


def canonical(document: dict[str, Any]) -> bytes:
    """JSON with sorted keys, without blanks, in ASCII: the same bytes for the same content.

    >>> canonical({"b": 1, "a": "\u00e9"})
    b'{"a":"\\\\u00e9","b":1}'
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")


def hash_of(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON without the entry `hash`, as hex."""
    return hashlib.sha256(canonical({name: value for name, value in document.items() if name != "hash"})).hexdigest()


def _ground(entry: dict[str, Any]) -> Ground:
    return Ground(**{**entry, "first_seen": _instant(entry["first_seen"])})


def _plain(value: Any) -> Any:
    return isoformat(value) if isinstance(value, datetime) else value


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
