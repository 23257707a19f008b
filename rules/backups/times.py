"""BAK003: stretches of time with fewer backups than the schedule says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditor.spec import Series


@dataclass(frozen=True)
class Gap:
    """`before` is the position of the backup that the gap begins with, `after` of the one it ends with (None: now)."""

    before: int
    after: int | None
    begin: datetime
    end: datetime

    @property
    def hours(self) -> float:
        return (self.end - self.begin).total_seconds() / 3600

    def there(self, backups: int) -> int:
        """How many backups lie between its ends, which are not counted."""
        return (backups if self.after is None else self.after) - self.before - 1


def gaps(times: Sequence[datetime], now: datetime, series: Series) -> Iterator[Gap]:
    """Where fewer than `series.objects` of the sorted times lie in a stretch longer than `series.within`.

    From one backup to the `series.objects`-th after it no more time may pass than `series.within`: exactly then every
    stretch of that length has enough. What overlaps is one gap. The time now ends the last stretch.
    """
    open_gap: Gap | None = None
    for gap in _too_long(times, now, series):
        if open_gap and gap.begin < open_gap.end:
            open_gap = Gap(open_gap.before, gap.after, open_gap.begin, gap.end)
            continue
        if open_gap:
            yield open_gap
        open_gap = gap
    if open_gap:
        yield open_gap


def _too_long(times: Sequence[datetime], now: datetime, series: Series) -> Iterator[Gap]:
    for before, begin in enumerate(times):
        after: int | None = before + series.objects
        end = times[after] if after is not None and after < len(times) else now
        if after is not None and after >= len(times):
            after = None
        if end - begin > series.within:
            yield Gap(before, after, begin, end)
