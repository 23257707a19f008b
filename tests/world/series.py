"""What the times and sizes of the planted backups are in themselves: gaps, drops, clocks, age. Unix seconds throughout.

The bindings' words: two in any 26 hours, no less than half of the one before, an hour between key and clock.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from auditor.spec.model import Fit
from tests.world.ledger import DAY, HOUR, Ledger, WorldObject

_TIME = {
    "backup/database": re.compile(r"/([0-9]{9,11})[^/]*[.]bak"),
    "backup/database/timely": re.compile(r"-([0-9]{9,11})[.]bak"),
    "backup/redis": re.compile(r"/([0-9]{9,11})[.]bak"),
}
_SERIES = ("backup/database", "backup/redis")
_WITHIN, _CLOCK, _LONG = 26 * HOUR, HOUR, 90 * DAY


def series(ledger: Ledger, prefix: str) -> Iterator[tuple[str, str]]:
    """Rule and key (or family) of every finding; what rests on the whole bucket is not said of a part."""
    for family in _TIME:
        found = [pair for pair in _backups(ledger, family) if pair[1].key.startswith(prefix)]
        yield from (("BAK005", one.key) for at, one in found if abs(one.modified - at) > _CLOCK)
        if family not in _SERIES:
            continue
        for (_, before), (_, after) in itertools.pairwise(found):
            if after.size * 2 < before.size:
                yield "BAK004", after.key
        if not prefix:
            yield from (("BAK003", key) for key in _gaps(found, ledger.now))
            if found and found[0][0] < ledger.now - _LONG:
                yield "BAK006", family


def _backups(ledger: Ledger, family: str) -> list[tuple[int, WorldObject]]:
    found = []
    for key, one in ledger.objects.items():
        place = ledger.places[key]
        if place.family == family and place.fit is Fit.FITS:
            found.append((int(_TIME[family].search(key)[1]), one))  # type: ignore[index]
    return sorted(found, key=lambda pair: (pair[0], pair[1].key))


def _gaps(found: list[tuple[int, WorldObject]], now: int) -> Iterator[str]:
    """The backup with which each stretch begins that has too few; stretches that overlap are one."""
    times = [at for at, _ in found] + [now, now]
    until = 0
    for number, (at, one) in enumerate(found):
        end = times[number + 2] if number + 2 < len(found) else now
        if end - at > _WITHIN:
            if at >= until:
                yield one.key
            until = end
