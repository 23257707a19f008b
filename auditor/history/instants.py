"""Times as the history keeps them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
NIGHT = timedelta(hours=12) // _MICROSECOND  # runs that are less apart are of one night


def micros(moment: datetime | str) -> int:
    """
    >>> micros("1970-01-01T00:00:01.5Z")
    1500000
    """
    value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return (value - _EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    """
    >>> instant(1500000).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return _EPOCH + value * _MICROSECOND
