"""Times that a database keeps as text."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT

_YEARS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def instants(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """ISO 8601 dates and times as UTC microseconds; a time without an offset is UTC, null for what is no time."""
    naive, aware = pa.timestamp("us"), INSTANT
    for kind in (naive, aware):  # a column written by one program has one form: let Arrow read it at once
        try:
            return _within_years(texts.cast(kind).cast(aware))
        except pa.ArrowInvalid:
            continue
    return pa.chunked_array([pa.array([instant(text) for text in texts.to_pylist()], INSTANT)])


def instant(text: str | None) -> datetime | None:
    """
    >>> instant("2024-05-06 07:08:09.5+02:00")
    datetime.datetime(2024, 5, 6, 5, 8, 9, 500000, tzinfo=datetime.timezone.utc)
    >>> instant("soon")
    """
    try:
        moment = datetime.fromisoformat(text or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _within_years(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Null outside of the years 1 to 9999, which is as far as Python's datetime goes."""
    low, high = (pa.scalar(moment, INSTANT) for moment in _YEARS)
    sane = pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high))
    return pc.if_else(sane, column, pa.scalar(None, INSTANT))
