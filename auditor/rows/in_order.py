"""When a private copy is worth sorting, and the sorted rows once it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from auditor.errors import RowsFailed
from auditor.rows.arrow import ArrowReader
from auditor.rows.columns import raw_as_kept
from auditor.rows.spool import Spool
from auditor.rows.sql import RowsSql

_CHUNK_ROWS = 16_384
_FEW_ROWS = 100_000  # so many look-ups cost next to nothing: what a prefix holds
_WORTH_IT = 4  # once look-ups have read a quarter of the rows, the rest is read faster in order


class InOrder:
    """The rows of one private copy in key order, sorted when a scan is seen to want most of them; for any thread."""

    def __init__(self, reader: ArrowReader, sql: RowsSql, count: Callable[[], int], folder: Path) -> None:
        """The sorted rows lie in `folder`, in a file without a name."""
        self._reader, self._sql, self._rows, self._folder = reader, sql, count, folder
        self._lock = threading.Lock()
        self._counted: int | None = None
        self._refused = False
        self.spool: Spool | None = None
        self.unreadable: int | None = None  # once sorted: rows left out because their key is not UTF-8
        self.looked_up = 0  # rows that were read by look-ups instead

    def wanted(self, after: str | None, until: str | None) -> Spool | None:
        """The sorted rows, if (after, until] belongs to a scan of most rows: an open end says so, or many look-ups.

        None where the rows cannot be sorted, for want of disk or because table and index disagree: look-ups need no
        room, and say what is wrong.
        """
        with self._lock:
            if self.spool is None and not self._refused and (after is None or until is None or self._many()):
                self._sort()
            return self.spool

    def close(self) -> None:
        with self._lock:
            self._refused = True
            if self.spool:
                self.spool.close()
            self.spool = None

    def _many(self) -> bool:
        return self.looked_up > _FEW_ROWS and self.looked_up * _WORTH_IT > self._count()

    def _count(self) -> int:
        if self._counted is None:
            self._counted = self._rows()
        return self._counted

    def _sort(self) -> None:
        self.spool = self._spool(self._as_kept()) or self._spool(self._any())
        self._refused = self.spool is None
        self.unreadable = None if self.spool is None else self.spool.unreadable

    def _spool(self, batches: Iterator[pa.Table]) -> Spool | None:
        try:
            spool = Spool(_without_types(batches), self._folder)
            if spool.rows == self._count():  # by the index, where there is one
                return spool
            spool.close()
        except (RowsFailed, OSError, pa.ArrowException):
            pass
        return None

    def _as_kept(self) -> Iterator[pa.Table]:
        return self._reader.batches(self._sql.in_order_as_kept(), _CHUNK_ROWS, raw_as_kept)

    def _any(self) -> Iterator[pa.Table]:
        return self._reader.batches(self._sql.in_order(), _CHUNK_ROWS)

    def __reduce__(self) -> tuple[Any, ...]:
        return InOrder, (self._reader, self._sql, self._rows, self._folder)  # another process sorts for itself


def _without_types(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Without the first row, which shows types."""
    for number, batch in enumerate(batches):
        yield batch if number else batch.slice(1)
