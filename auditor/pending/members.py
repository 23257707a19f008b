"""From members of the sorted set, which anybody may have written, to a list of keys."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

from auditor.pending.base import PendingList

MOST_MEMBERS = 5_000_000  # about 1 GB; a list that long is no list of files in flight
_OTHERS = ("other_buckets", "unreadable", "outdated")
_LATEST = 253_402_300_799  # the last second that a datetime can hold


class TooMany(Exception):
    """More members than the list can have."""


@dataclass
class Members:
    """Collects members and gives the list. A member may come twice, as SCAN-type commands allow.

    A score of a backup counts only from `since` on (unix seconds): what was due before that has been swept or taken off
    the list since, so the backup proves nothing of it any more.
    """

    bucket: str
    since: float = -math.inf
    _earliest: dict[str, float] = field(default_factory=dict)
    _others: dict[str, set[bytes]] = field(default_factory=lambda: {name: set() for name in _OTHERS})

    def add(self, member: bytes, score: float) -> None:
        """Raises TooMany."""
        place = _place(member)
        if place is None or math.isnan(score):
            self._others["unreadable"].add(member)
        elif place[0] != self.bucket:
            self._others["other_buckets"].add(member)
        elif score < self.since:
            self._others["outdated"].add(member)
        else:
            key = place[1]
            self._earliest[key] = min(score, self._earliest.get(key, score))
        if len(self._earliest) + sum(map(len, self._others.values())) > MOST_MEMBERS:
            raise TooMany(f"it has more than {MOST_MEMBERS:,} members")

    def finish(self) -> PendingList:
        keys = sorted(self._earliest)
        counts = {name: len(members) for name, members in self._others.items()}
        times = [_microseconds(self._earliest[key]) for key in keys]
        return PendingList(keys, times, present=bool(keys or sum(counts.values())), **counts)


def _place(member: bytes) -> tuple[str, str] | None:
    """Bucket and key of a member, or None.

    >>> _place(b'{"bucket": "b", "expected": true, "hint": "h", "key": "a/b"}')
    ('b', 'a/b')
    >>> _place(b'["b", "a/b"]')
    """
    try:
        said: Any = json.loads(member.decode())
        bucket, key = said["bucket"], said["key"]
        if not isinstance(bucket, str) or not isinstance(key, str):
            return None
        key.encode()  # half of a surrogate pair is no character, and no key has it
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return bucket, key


def _microseconds(score: float) -> int:
    """
    >>> _microseconds(1.5), _microseconds(float("-inf")), _microseconds(1e300)
    (1500000, 0, 253402300799000000)
    """
    return round(min(max(score, 0), _LATEST) * 1_000_000)
