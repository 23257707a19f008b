"""Rows of a database server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from auditor.errors import CannotStart, RowsFailed
from auditor.frames import ROWS
from auditor.progress import Progress, Silent
from auditor.rows.base import ForeignKey, OtherTable, RowTable
from auditor.rows.columns import finished, in_key_order, is_utf8
from auditor.rows.references.plan import Plan, Witness
from auditor.rows.select import SELECT
from auditor.rows.server.address import Address, parse_address
from auditor.rows.server.dialect import ask, stream
from auditor.rows.server.opening import driver_error, open_engine, opened_statements
from auditor.rows.server.references import question, texts_of
from auditor.rows.server.schema import foreign_keys
from auditor.rows.twin import twin

PAGE_ROWS = 50_000
_LOOKUP_KEYS = 400
_STREAMED_ROWS = 8_192
_NEAR_BORDERS = "[\\x00-\\x20]"  # characters for which an order that is near the bytes' may not be theirs


class ServerRows:
    """A `RowSource` over one table, or query, of a PostgreSQL, MySQL or MariaDB server.

    Every page, look-up, count and SELECT is a read-only transaction of its own: nothing is older than the moment it
    was asked for. Connections are pooled, at most eight; any thread may ask. Raises CannotStart when made, RowsFailed
    when read; no message holds a password.
    """

    as_of: datetime | None = None
    ordered = True

    def __init__(
        self, spec: str, table: RowTable, progress: Progress | None = None, *, page_rows: int = PAGE_ROWS
    ) -> None:
        self._spec, self.table, self.page_rows = spec, table, page_rows
        self.address: Address = parse_address(spec)
        self.source = self.address.source
        self.dialect, self.engine = open_engine(self.address)
        self._driver_error = driver_error(self.engine)
        self._unreadable_in_pages = 0
        self._sql, self._nulls = opened_statements(self.engine, self.dialect, self.address, table, progress or Silent())

    @property
    def unreadable_keys(self) -> int:
        """Keys that were NULL when opened, and bytes met in pages that are not UTF-8."""
        return self._nulls + self._unreadable_in_pages

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        """See `RowSource.pages`. Pages have about `page_rows` rows; the rows of one key are never parted."""
        low, high = _encoded(after), _encoded(until)
        while True:
            with self._reading() as connection:
                raw, more = self._page(connection, low, high)
                page, unreadable = finished(raw)
            self._unreadable_in_pages += unreadable
            if page.num_rows:
                yield page
            if not more:
                return
            low = raw["key"][-1].as_py()

    def lookup(self, keys: Sequence[str]) -> pa.Table:
        """See `RowSource.lookup`. All keys are looked up in one transaction."""
        wanted = sorted({key.encode() for key in keys if "\0" not in key})
        if not wanted:
            return ROWS.empty_table()
        with self._reading() as connection:
            found = [
                self.dialect.read(connection, self._sql.lookup(wanted[start : start + _LOOKUP_KEYS]))
                for start in range(0, len(wanted), _LOOKUP_KEYS)
            ]
            return finished(in_key_order(pa.concat_tables(found)))[0]

    def count(self, first: str | None = None, beyond: str | None = None) -> int:
        """See `RowSource.count`: rows whose key is not NULL."""
        with self._reading() as connection:
            return int(ask(connection, self._sql.count(_encoded(first), _encoded(beyond))).scalar_one())

    def split(self, parts: int, first: str | None = None, beyond: str | None = None) -> list[str]:
        """See `RowSource.split`. Each cut is counted from the one before it, so that keys are walked over once."""
        step = self.count(first, beyond) // parts
        with self._reading() as connection:
            low, cuts = _encoded(first), set[str]()
            for part in range(1, parts if step else 1):
                sql = self._sql.nth_key(low, ">" if part > 1 else ">=", _encoded(beyond), step - (part > 1))
                low = _bytes(ask(connection, sql).scalar_one_or_none())
                if low is None:
                    break
                cuts |= {low.decode()} if is_utf8(low) else set()
        return sorted(cuts)

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]] | None:
        """See `RowSource.select`; anything but a SELECT raises RowsFailed.

        Decimals come as int or float, bytes that are UTF-8 as text.
        """
        if not SELECT.match(sql):
            raise RowsFailed(f"only a SELECT may be asked, not {sql.split(maxsplit=1)[:1]}")
        with self._reading() as connection:
            try:
                rows = connection.execute(text(sql), dict(parameters or {})).mappings().all()
            except DBAPIError as error:
                if self.dialect.lacks(error.orig):
                    return None
                raise
            return [{name: _plain(value) for name, value in row.items()} for row in rows]

    def foreign_keys(self) -> list[ForeignKey]:
        """Every foreign key that this user can see. Raises RowsFailed."""
        with self._reading() as connection:
            return foreign_keys(connection)

    def other(self, table: RowTable) -> OtherTable:
        """See `RowSource.other`."""
        with self._reading() as connection:
            try:
                sql = self.dialect.statements(connection, table)
            except DBAPIError as error:
                if not self.dialect.lacks(error.orig):
                    raise
                raise CannotStart(f"{self.source} lacks {table} or a column of it") from None
            ordered = table.query is None and not self.dialect.sorts(connection, sql.first_key())
        return twin(self, table=table, ordered=ordered, _sql=sql, _unreadable_in_pages=0)

    def unreferenced(
        self, plan: Plan, after: str | None = None, until: str | None = None, *, surely: bool = False
    ) -> Iterator[list[Witness]]:
        """See `RowSource.unreferenced`. One statement."""
        for rows in self._stream(question(self._sql, plan, _encoded(after), _encoded(until))):
            found = ((_bytes(key), arm, label, since) for key, arm, label, since in rows)
            yield [Witness(key.decode(), *more) for key, *more in found if key is not None and is_utf8(key)]

    def texts(self, table: str, column: str | None = None) -> Iterator[list[str]]:
        """See `RowSource.texts`. Documents are told as JSON, whatever the server has made of them."""
        for rows in self._stream(texts_of(table, column)):
            yield [text for row in rows for text in map(_told, row) if text is not None]

    def _stream(self, sql: str) -> Iterator[Sequence[Any]]:
        with self._reading() as connection:
            for statement in self.dialect.before_stream:
                ask(connection, statement).close()
            yield from stream(connection, sql, _STREAMED_ROWS)

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return ServerRows, (self._spec, self.table)  # another process has connections of its own

    def _page(self, connection: Connection, low: bytes | None, high: bytes | None) -> tuple[pa.Table, bool]:
        """The next rows in key order, and whether there may be more."""
        raw = self.dialect.read(connection, self._sql.page(low, high, self.page_rows))
        if raw.num_rows < self.page_rows:
            return in_key_order(raw), False
        last = raw["key"][-1].as_py()
        if not self._sql.order_is_exact and pc.any(pc.match_substring_regex(raw["key"], _NEAR_BORDERS)).as_py():
            return in_key_order(self.dialect.read(connection, self._sql.page(low, last, None))), True
        whole = raw.slice(0, pc.index(raw["key"], raw["key"][-1]).as_py())
        return pa.concat_tables([in_key_order(whole), self.dialect.read(connection, self._sql.group(last))]), True

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A transaction; whatever goes wrong in it becomes one sentence that names the source."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, pa.ArrowException, OSError, self._driver_error) as error:
            message = self.address.reason(error)
            raise RowsFailed(f"rows of {self.source} could not be read: {message}") from None


def _encoded(key: str | None) -> bytes | None:
    return None if key is None else key.encode()


def _bytes(key: str | bytes | None) -> bytes | None:
    return key.encode() if isinstance(key, str) else key


def _told(value: Any) -> str | None:
    """
    >>> _told("a"), _told(b"a"), _told({"a": [1]}), _told(7)
    ('a', 'a', '{"a": [1]}', None)
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return json.dumps(value) if isinstance(value, dict | list) else None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return _text(value) if isinstance(value, bytes) else value


def _text(value: bytes) -> str | bytes:
    """MariaDB's binary columns hold keys, too, as does a key that went through a UNION."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
