"""What every source of rows offers: the rows of a key range in key order, look-ups, plain SELECTs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from auditor.rows.references.plan import Plan, Witness


@dataclass(frozen=True)
class RowTable:
    """Where the rows are: the table and its columns, as the bindings name them; "" for a column that there is not.

    A `query`, one plain SELECT, stands in place of the table; the columns are then those that it gives.
    """

    name: str = "s3_files"
    key: str = "key"
    uid: str = "uid"
    size: str = "file_size"
    content_type: str = "content_type"
    created_at: str = "created_at"
    query: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that there are."""
        named = (self.key, self.uid, self.size, self.content_type, self.created_at)
        return tuple(name for name in named if name)

    def __str__(self) -> str:
        return f"table {self.name}" if self.query is None else "the query of [rows]"


@dataclass(frozen=True)
class ForeignKey:
    """One column that refers to another table, as the database's own schema says."""

    table: str
    column: str
    target: str  # the table referred to
    target_column: str


class OtherTable(Protocol):
    """Another table, or query, of the same database, found by one of its columns. It need not be closed."""

    ordered: bool  # whether an index has the order of the pages, so that a range costs no more than what is in it

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        """See `RowSource.pages`."""
        ...

    def lookup(self, keys: Sequence[str]) -> pa.Table:
        """See `RowSource.lookup`."""
        ...


class RowSource(Protocol):
    source: str  # for people and reports; holds no password
    as_of: datetime | None  # a backup's time; None for a live database

    @property
    def unreadable_keys(self) -> int:
        """Rows met so far whose key is not text in UTF-8: they are in no page, and can be no object's row."""
        ...

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        """Pages of `auditor.frames.ROWS` with keys in (after, until], in key order, equal keys on one page.

        Each page is read in a transaction that begins when it is asked for, never earlier. Raises RowsFailed.
        """
        ...

    def lookup(self, keys: Sequence[str]) -> pa.Table:
        """The rows that have one of these keys (`ROWS`, key order), in a fresh transaction. Raises RowsFailed."""
        ...

    def count(self, first: str | None = None, beyond: str | None = None) -> int:
        """How many rows have a key in [first, beyond). Raises RowsFailed."""
        ...

    def split(self, parts: int, first: str | None = None, beyond: str | None = None) -> list[str]:
        """At most `parts` - 1 keys, in order, that cut [first, beyond) into ranges of about as many rows each.

        Raises RowsFailed.
        """
        ...

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]] | None:
        """A SELECT's rows; None when the database lacks the table or column. Raises RowsFailed otherwise."""
        ...

    def other(self, table: RowTable) -> OtherTable:
        """Another table of the same database; `table.key` is the column that is asked for, compared byte by byte.

        Every page and look-up is a fresh transaction. Raises CannotStart with the reason where the database lacks the
        table or a column, or the column cannot be compared with text; RowsFailed where it cannot be asked.
        """
        ...

    def foreign_keys(self) -> list[ForeignKey]:
        """Every column that refers to another table, as the schema has it. Raises RowsFailed."""
        ...

    def unreferenced(
        self, plan: Plan, after: str | None = None, until: str | None = None, *, surely: bool = False
    ) -> Iterator[list[Witness]]:
        """What is known of the rows with a key in (after, until] that no living row points at, in no order.

        What is said of one row is of one moment, in which the whole plan was looked at, in a transaction that begins
        when it is asked for. `surely` asks whoever knows best, as accusations rest on it. Raises RowsFailed, also for a
        table or column of the plan that is not there.
        """
        ...

    def texts(self, table: str, column: str | None = None) -> Iterator[list[str]]:
        """Every text in a column, or in all columns, of a table, in no order, some at a time. Raises RowsFailed."""
        ...

    def close(self) -> None: ...
