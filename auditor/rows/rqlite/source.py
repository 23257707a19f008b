"""Rows of a rqlite cluster as a `RowSource`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from auditor.errors import CannotStart, RowsFailed
from auditor.frames import ROWS
from auditor.progress import Progress
from auditor.rows.base import ForeignKey, OtherTable, RowTable
from auditor.rows.columns import finished, in_key_order, is_utf8
from auditor.rows.references.plan import Plan, Witness
from auditor.rows.rqlite.address import Address
from auditor.rows.rqlite.answer import Result
from auditor.rows.rqlite.cluster import Cluster, Level, Pace
from auditor.rows.rqlite.lines import key_of, number_of, raw_page
from auditor.rows.rqlite.questions import Questions
from auditor.rows.rqlite.statements import RqliteSql
from auditor.rows.rqlite.trouble import Rejected, TooLarge, Trouble
from auditor.rows.rqlite.witnesses import witnesses_of, witnesses_sql
from auditor.rows.shape import QUERY_GIVES, check_shape
from auditor.rows.twin import twin
from auditor.text import printable

PAGE_ROWS = 10_000  # 2 to 3 MB, about a tenth of a second of a node's time
UNREFERENCED_ROWS = 50_000  # a page of them; each costs the node a look at all that refers to files
TEXT_ROWS = 1_000
PACE = Pace()
_LOOKUP_KEYS = 400  # with the longest keys still below the 1,000,000 bytes that a statement may have
_SMALLER = 8  # a page that is too large is asked for again with so many times fewer rows


class RqliteRows:
    """A `RowSource` over a rqlite cluster; any thread may ask. Raises CannotStart when made, RowsFailed when read.

    Every page is a read transaction of its own on whatever node answered: pages are not one snapshot. They are read
    from a node's own copy, which may lag by seconds; look-ups and the questions of content rules, which accusations
    rest on, are answered by the leader.

    Rows whose key is not text in UTF-8 are in no page; `unreadable_keys` counts them. `lookup` finds keys that were
    stored as BLOBs, too.
    """

    as_of: datetime | None = None  # it is live
    ordered = True

    def __init__(
        self,
        address: Address,
        table: RowTable,
        progress: Progress,
        *,
        page_rows: int | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.source, self.table, self.page_rows = printable(str(address)), table, page_rows or PAGE_ROWS
        self._progress = progress
        self._unreadable_in_pages = 0
        if address.ca_file is not None and not Path(address.ca_file).is_file():
            raise CannotStart("the file that cacert= of the rqlites:// URL names is not there: check its path")
        self._cluster = Cluster(address, pace or PACE)
        self._sql = RqliteSql(table, None)
        self._questions = Questions(lambda statements: self._cluster.ask(statements, Level.SURE))
        try:
            self._not_text = self._opened()
        except (Trouble, RowsFailed) as error:
            self._cluster.close()
            raise CannotStart(f"{self.source} cannot be read: {error}; check the hosts, or use --db backup") from error

    @property
    def unreadable_keys(self) -> int:
        """Keys that are NULL, numbers or BLOBs when opened, and keys met in pages that are not UTF-8."""
        return self._not_text + self._unreadable_in_pages

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        """See `RowSource.pages`. Pages have about `page_rows` rows; the rows of one key are never parted."""
        low, high = _encoded(after), _encoded(until)
        while True:
            with self._failures():
                raw, border = self._page(low, high, self.page_rows)
                page, unreadable = finished(raw)
            self._unreadable_in_pages += unreadable
            if page.num_rows:
                yield page
            if border is None:
                return
            low = border

    def lookup(self, keys: Sequence[str]) -> pa.Table:
        """See `RowSource.lookup`. All keys are looked up in one transaction of the leader."""
        forms = sorted({key.encode() for key in keys})
        chunks = [forms[start : start + _LOOKUP_KEYS] for start in range(0, len(forms), _LOOKUP_KEYS)]
        if not chunks:
            return ROWS.empty_table()
        with self._failures():
            answers = self._cluster.ask([self._sql.rows_of(chunk) for chunk in chunks], Level.SURE)
            raw = in_key_order(pa.concat_tables(map(raw_page, answers)))
            if not set(raw["key"].to_pylist()) <= set(forms):
                raise RowsFailed("rows came that were not asked for")
            return finished(raw)[0]

    def count(self, first: str | None = None, beyond: str | None = None) -> int:
        """See `RowSource.count`: rows whose key is text."""
        with self._failures():
            return number_of(self._ask(self._sql.count(_encoded(first), _encoded(beyond))))

    def split(self, parts: int, first: str | None = None, beyond: str | None = None) -> list[str]:
        """See `RowSource.split`."""
        rows = self.count(first, beyond)
        low, high = _encoded(first), _encoded(beyond)
        skips = sorted({rows * part // parts for part in range(1, parts)} - {0})
        with self._failures():
            answers = self._cluster.ask([self._sql.cut(low, high, skip) for skip in skips], Level.BULK)
            keys = {key for key in map(key_of, answers) if key and is_utf8(key)}
        return [key.decode() for key in sorted(keys)]

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]] | None:
        """See `RowSource.select`; anything but a SELECT raises RowsFailed."""
        with self._failures():
            return self._questions.select(sql, parameters or {})

    def foreign_keys(self) -> list[ForeignKey]:
        """Every column that refers to another table, as the schema has it. Raises RowsFailed."""
        with self._failures():
            return self._questions.foreign_keys()

    def other(self, table: RowTable) -> OtherTable:
        """See `RowSource.other`. Pages come from any node's own copy, look-ups from the leader."""
        made = twin(self, table=table, _sql=RqliteSql(table, None), _unreadable_in_pages=0)
        with self._failures():
            check_shape(lambda sql: self._surely(sql).values, table, self.source)
            try:
                made._page(None, None, 1)  # noqa: SLF001 -- of the same class
            except Rejected as error:
                raise CannotStart(f"{table} cannot be asked of {self.source}: {error.said}") from error
        return made

    def unreferenced(
        self, plan: Plan, after: str | None = None, until: str | None = None, *, surely: bool = False
    ) -> Iterator[list[Witness]]:
        """See `RowSource.unreferenced`. Pages by key, each a transaction of its own; surely, of the leader."""
        low, high = _encoded(after), _encoded(until)
        level = Level.SURE if surely else Level.BULK
        while True:
            with self._failures():
                sql = witnesses_sql(self._sql, plan, low, high, UNREFERENCED_ROWS)
                found, last = witnesses_of(self._cluster.ask([sql], level)[0], UNREFERENCED_ROWS)
            yield found
            if last is None:
                return
            low = last

    def texts(self, table: str, column: str | None = None) -> Iterator[list[str]]:
        """See `RowSource.texts`. Pages by row id, of the leader; a BLOB counts as text."""
        with self._failures():
            for rows in self._questions.by_row_id(table, column, TEXT_ROWS):
                yield [_text(value) for row in rows for value in row if isinstance(value, str | bytes)]

    def close(self) -> None:
        """Says what was not read as it was meant to, and closes the connections."""
        if self._cluster.sent_to_leader:
            self._progress.note(
                f"{self._cluster.sent_to_leader} questions to {self.source} went to the leader, since the copies of "
                "the nodes were too far behind, or could not answer"
            )
        self._cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> int:
        """How many keys are no text, once the table has the shape that is needed."""
        check_shape(lambda sql: self._surely(sql).values, self.table, self.source)
        try:
            self._page(None, None, 1)
        except Rejected as error:
            if self.table.query is None:
                raise
            raise CannotStart(f"{self.table} cannot be asked of {self.source}: {error.said}; {QUERY_GIVES}") from error
        return number_of(self._surely(self._sql.count_not_text()))

    def _ask(self, sql: str) -> Result:
        return self._cluster.ask([sql], Level.BULK)[0]

    def _surely(self, sql: str) -> Result:
        return self._cluster.ask([sql], Level.SURE)[0]

    def _page(self, low: bytes | None, high: bytes | None, rows: int) -> tuple[pa.Table, bytes | None]:
        """The next rows in key order, and the key after which there may be more."""
        questions = [self._sql.border(low, high, rows), self._sql.whole_page(low, high, rows)]
        try:
            end, page = self._cluster.ask(questions, Level.BULK)
        except TooLarge:
            if rows == 1:
                raise
            return self._page(low, high, max(1, rows // _SMALLER))
        raw, border = in_key_order(raw_page(page)), key_of(end)
        _check_range(raw, low, high if border is None else border)
        if border is not None and (not raw.num_rows or raw["key"][-1].as_py() != border):
            raise RowsFailed("a page of rows does not reach its end")
        return raw, border

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Whatever goes wrong below becomes one sentence that names the source."""
        try:
            yield
        except (Trouble, RowsFailed, pa.ArrowException) as error:
            raise RowsFailed(f"rows of {self.source} could not be read: {error}") from error


def _check_range(raw: pa.Table, low: bytes | None, high: bytes | None) -> None:
    """Rows of another range than the one asked for are no answer."""
    if not raw.num_rows:
        return
    first, last = raw["key"][0].as_py(), raw["key"][-1].as_py()
    if (low is not None and first <= low) or (high is not None and last > high):
        raise RowsFailed("rows came from outside of the range that was asked for")


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _encoded(key: str | None) -> bytes | None:
    return None if key is None else key.encode()
