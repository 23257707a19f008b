"""Rows of a SQLite file, live or a private copy."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import RowsFailed
from auditor.frames import ROWS
from auditor.rows.arrow import ArrowReader
from auditor.rows.base import ForeignKey, OtherTable, RowTable
from auditor.rows.columns import RAW, finished, in_key_order, is_utf8, raw_batch
from auditor.rows.in_order import InOrder
from auditor.rows.opening import BUSY_SECONDS, check_file, connect, refusal
from auditor.rows.references.plan import Plan, Witness
from auditor.rows.references.sqlite import question, witnesses
from auditor.rows.schema import FOREIGN_KEYS
from auditor.rows.select import answer
from auditor.rows.shape import checked_sql, is_plain
from auditor.rows.sql import RowsSql, texts_of
from auditor.rows.twin import twin

PAGE_ROWS = 50_000
_LOOKUP_KEYS = 400  # below the 999 variables that an old SQLite allows
_FETCH_ROWS = 8_192


class SqliteRows:
    """A `RowSource` over one SQLite file.

    Every page, look-up, count and SELECT has a connection and so a read transaction of its own (opening one costs
    about 0.2 ms): nothing is older than the moment it was asked for, any thread may ask, and an instance can be
    pickled to another process. Raises CannotStart when made, RowsFailed when read.

    Rows whose key is not text in UTF-8 can be no object's key as they are: they are in no page, and `unreadable_keys`
    counts them, so that the run can say that it is incomplete. `lookup` finds keys that were stored as BLOBs, too.
    """

    def __init__(
        self,
        path: str | Path,
        table: RowTable,
        *,
        private_copy: bool = False,
        as_of: datetime | None = None,
        source: str | None = None,
        page_rows: int = PAGE_ROWS,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.path, self.table, self.private_copy = Path(path), table, private_copy
        self.source, self.as_of = source or str(path), as_of
        self.page_rows, self.busy_seconds = page_rows, busy_seconds
        self._unreadable_in_pages = 0
        self._arrow = ArrowReader(self.path) if private_copy else None
        self._in_order: InOrder | None = None
        self.ordered = True
        check_file(self.path, self.source)
        try:
            with self._connection() as connection:
                self._sql = checked_sql(connection, table, self.source)
                if not is_plain(connection, table):
                    self._arrow = None  # which could not be stopped
                self._not_text = int(connection.execute(self._sql.count_not_text()).fetchone()[0])
            if self._arrow:
                self._in_order = InOrder(self._arrow, self._sql, self.count, self.path.parent)
        except sqlite3.Error as error:
            raise refusal(error, self.path, self.source) from error

    @property
    def unreadable_keys(self) -> int:
        """Keys that are NULL, numbers or BLOBs when opened, and keys met in pages that are not UTF-8."""
        sorted_out = self._in_order.unreadable if self._in_order else None
        return self._not_text + (self._unreadable_in_pages if sorted_out is None else sorted_out)

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        """See `RowSource.pages`. Pages have about `page_rows` rows; the rows of one key are never parted."""
        spool = self._in_order.wanted(after, until) if self._in_order else None
        return spool.pages(after, until) if spool else self._by_look_ups(after, until)

    def _by_look_ups(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        low, high = _encoded(after), _encoded(until)
        while True:
            with self._failures():
                raw, more = self._page(low, high)
                page, unreadable = finished(raw)
            self._unreadable_in_pages += unreadable
            if self._in_order:
                self._in_order.looked_up += raw.num_rows
            if page.num_rows:
                yield page
            if not more:
                return
            low = raw["key"][-1].as_py()

    def lookup(self, keys: Sequence[str]) -> pa.Table:
        """See `RowSource.lookup`. All keys are looked up in one transaction."""
        forms = sorted({key.encode() for key in keys})
        batches = []
        with self._failures(), self._connection(transaction=True) as connection:
            for start in range(0, len(forms), _LOOKUP_KEYS):
                chunk = forms[start : start + _LOOKUP_KEYS]
                batches += _fetch(connection, self._sql.lookup(len(chunk)), chunk)
            return finished(in_key_order(pa.Table.from_batches(batches, RAW)))[0] if batches else ROWS.empty_table()

    def count(self, first: str | None = None, beyond: str | None = None) -> int:
        """See `RowSource.count`: rows whose key is text."""
        with self._failures(), self._connection() as connection:
            (rows,) = connection.execute(self._sql.count(_encoded(first), _encoded(beyond))).fetchone()
            return int(rows)

    def split(self, parts: int, first: str | None = None, beyond: str | None = None) -> list[str]:
        """See `RowSource.split`."""
        rows = self.count(first, beyond)
        low, high = _encoded(first), _encoded(beyond)
        found: list[bytes] = []
        with self._failures(), self._connection(transaction=True) as connection:
            ranks = sorted({rows * part // parts for part in range(1, parts)} | {0})
            for before, rank in pairwise(ranks):  # each from the last one on, so that all together walk the range once
                row = connection.execute(self._sql.nth_key(low, high, rank - before)).fetchone()
                if row is None:
                    break
                low = row[0]
                found.append(low)
        return [key.decode() for key in dict.fromkeys(found) if is_utf8(key)]

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]] | None:
        """See `RowSource.select`; anything but a SELECT raises RowsFailed."""
        with self._failures(), self._connection() as connection:
            return answer(connection, sql, parameters or {})

    def other(self, table: RowTable) -> OtherTable:
        """See `RowSource.other`. Where only the column itself is wanted, its index is all that is read."""
        with self._failures(), self._connection() as connection:
            sql = checked_sql(connection, table, self.source)
            arrow = self._arrow if is_plain(connection, table) else None
            sql = RowsSql(table, None) if table.columns == (table.key,) else sql
            plan = connection.execute(f"EXPLAIN QUERY PLAN {sql.page(b'', None, 1)}").fetchall()
        ordered = not any("TEMP B-TREE" in step[-1] and "ORDER BY" in step[-1] for step in plan)
        return twin(self, table=table, ordered=ordered, _sql=sql, _arrow=arrow, _in_order=None)

    def foreign_keys(self) -> list[ForeignKey]:
        """See `RowSource.foreign_keys`."""
        with self._failures(), self._connection() as connection:
            return [ForeignKey(*row) for row in connection.execute(FOREIGN_KEYS)]

    def unreferenced(
        self, plan: Plan, after: str | None = None, until: str | None = None, *, surely: bool = False
    ) -> Iterator[list[Witness]]:
        """See `RowSource.unreferenced`. One statement; a live file's transaction lasts until the last is taken."""
        for rows in self._stream(question(self._sql, plan, _encoded(after), _encoded(until))):
            yield witnesses(rows)

    def texts(self, table: str, column: str | None = None) -> Iterator[list[str]]:
        """See `RowSource.texts`. BLOBs count as text."""
        for rows in self._stream(texts_of(table, column)):
            yield [value.decode(errors="replace") for row in rows for value in row if isinstance(value, bytes)]

    def _stream(self, sql: str) -> Iterator[list[Any]]:
        """A statement's rows, with text as bytes."""
        with self._failures(), self._connection(transaction=True) as connection:
            connection.text_factory = bytes
            cursor = connection.execute(sql)
            yield from iter(lambda: cursor.fetchmany(_FETCH_ROWS), [])

    def close(self) -> None:
        """Between calls nothing is open but what a private copy was sorted into."""
        if self._in_order:
            self._in_order.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _page(self, low: bytes | None, high: bytes | None) -> tuple[pa.Table, bool]:
        """The next rows in key order, and whether there may be more."""
        with self._reader() as read:
            raw = in_key_order(read(self._sql.page(low, high, self.page_rows)))
            if raw.num_rows < self.page_rows:
                return raw, False
            last = raw["key"][-1]  # more rows of this key may lie beyond the limit
            whole = raw.slice(0, pc.index(raw["key"], last).as_py())
            return pa.concat_tables([whole, in_key_order(read(self._sql.group(last.as_py())))]), True

    @contextmanager
    def _reader(self) -> Iterator[Callable[[str], pa.Table]]:
        """Reads statements of one transaction into RAW tables."""
        if self._arrow:
            yield self._arrow.read
            return
        with self._connection(transaction=True) as connection:
            yield lambda sql: pa.Table.from_batches(_fetch(connection, sql), RAW)

    @contextmanager
    def _connection(self, *, transaction: bool = False) -> Iterator[sqlite3.Connection]:
        connection = connect(self.path, immutable=self.private_copy, busy_seconds=self.busy_seconds)
        try:
            if transaction:
                connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Whatever goes wrong below becomes one sentence that names the source."""
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning, pa.ArrowException, OverflowError, RowsFailed) as error:
            raise RowsFailed(f"rows of {self.source} could not be read: {error}") from error


def _encoded(key: str | None) -> bytes | None:
    return None if key is None else key.encode()


def _fetch(connection: sqlite3.Connection, sql: str, parameters: Sequence[bytes] = ()) -> list[pa.RecordBatch]:
    connection.text_factory = bytes
    cursor = connection.execute(sql, parameters)
    return [raw_batch(rows) for rows in iter(lambda: cursor.fetchmany(_FETCH_ROWS), [])]
