"""What the bindings say of objects that come one after the other: backups on a schedule.

series = { objects = 2, within = "26h", shrunk = 0.5, clock = "1h", kept = "400d", since = 2026-01-01 }
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

_DURATION = re.compile(r"([1-9][0-9]{0,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

SERIES_KEYS = ("objects", "within", "shrunk", "clock", "kept", "since")
DURATION_FORM = 'a number and s, m, h or d, such as `"26h"`'


@dataclass(frozen=True)
class Series:
    """Every stretch of `within` should hold the times of at least `objects` objects. No times of day: those change
    with the time zone's clock, and a job that is late is in order.

    `shrunk` is the share of the size of the object before below which an object is too small, `clock` how far the
    time in a key and the time of storing may be apart, and `kept` how old an object may get (None: nothing is said).
    What is older than `since` is known, and nobody wants to hear of it.
    """

    objects: int
    within: timedelta
    shrunk: float = 0.5
    clock: timedelta = timedelta(hours=1)
    kept: timedelta | None = None
    since: datetime | None = None


def read_duration(value: object) -> timedelta | None:
    """
    >>> read_duration("26h"), read_duration("1 day")
    (datetime.timedelta(days=1, seconds=7200), None)
    """
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None


def read_series(table: Mapping[str, Any], wrong: Callable[[str | None, str, str], None]) -> Series | None:
    """The series of a table whose keys are known ones; `wrong(key, message, expected)` hears of every fault."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        values[key], expected = _fitting(key, value)
        if values[key] is None:
            wrong(key, f"`{key}` cannot be understood", expected)
    missing = [key for key in ("objects", "within") if key not in table]
    if missing:
        wrong(None, f"`series` does not say `{missing[0]}`", 'both, as in `{ objects = 2, within = "26h" }`')
    return Series(**values) if not missing and None not in values.values() else None


def _fitting(key: str, value: object) -> tuple[Any, str]:
    """The value as a Series holds it, None where it is none; and what was expected."""
    if key == "objects":
        whole = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1000
        return (value if whole else None), "a whole number from 1 to 1000"
    if key == "shrunk":
        share = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1
        return (float(value) if share else None), "a number from 0 up to, and without, 1"  # type: ignore[arg-type]
    if key == "since":
        if not isinstance(value, date) or isinstance(value, datetime):
            return None, "a day without a time, such as `2026-01-01`"
        return datetime(value.year, value.month, value.day, tzinfo=UTC), ""
    return read_duration(value), DURATION_FORM
