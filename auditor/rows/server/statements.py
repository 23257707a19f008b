# ruff: noqa: S608 -- names are quoted and values are hexadecimal literals: nothing in a key can become SQL
"""The SELECTs that read rows from a server, but for what each dialect writes in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from auditor.rows.server.shape import Kind, Shape
from auditor.rows.sql import RAW_COLUMNS, quoted

Above = Literal[">", ">="]
Below = Literal["<", "<="]

FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799  # of the years 1 and 9999, as unix seconds
WHOLE_TEXT = "'^(0|-?[1-9][0-9]{0,17})$'"  # what fits into 64 bits for certain


@dataclass(frozen=True)
class ServerSql(ABC):
    """Statements about one table. Every comparison of keys is one of bytes, whatever collation the column has."""

    shape: Shape
    text_type: ClassVar[str]  # of a CAST

    def page(self, after: bytes | None, until: bytes | None, limit: int | None) -> str:
        """The first `limit` rows in `order` with a key in (after, until]."""
        wanted = f"{self._rows} WHERE {self._between(after, '>', until, '<=')} ORDER BY {self.order}"
        return wanted if limit is None else f"{wanted} LIMIT {limit}"

    def group(self, key: bytes) -> str:
        """Every row of one key."""
        return self.lookup([key])

    def lookup(self, keys: Iterable[bytes]) -> str:
        """Every row of some keys.

        The first IN can use an index of the column's own collation, which may find too much; the second is exact.
        """
        literals = list(keys)
        loosely = ", ".join(self.loose_literal(key) for key in literals)
        exactly = ", ".join(self.literal(key) for key in literals)
        return f"{self._rows} WHERE {self.loose} IN ({loosely}) AND {self.exact} IN ({exactly})"

    def count(self, first: bytes | None, beyond: bytes | None) -> str:
        return f"SELECT count(*) FROM {self.shape.relation} WHERE {self._between(first, '>=', beyond, '<')}"

    def nth_key(self, low: bytes | None, above: Above, beyond: bytes | None, skip: int) -> str:
        """The key that has `skip` keys of the range before it."""
        wanted = f"WHERE {self._between(low, above, beyond, '<')} ORDER BY {self.order}"
        return f"SELECT {self.key_text} AS k FROM {self.shape.relation} {wanted} LIMIT 1 OFFSET {skip}"

    def count_not_text(self) -> str:
        return f"SELECT count(*) FROM {self.shape.relation} WHERE {self.shape.column('key')} IS NULL"

    def first_key(self) -> str:
        """Cheap if and only if an index has the order of the pages."""
        return f"SELECT {self.shape.column('key')} FROM {self.shape.relation} ORDER BY {self.order} LIMIT 1"

    def in_range(self, after: bytes | None, until: bytes | None) -> str:
        """The condition that the key of r lies in (after, until]."""
        return self._between(after, ">", until, "<=")

    @property
    def _rows(self) -> str:
        values = (self.key_text, self.text("uid"), self.whole(), self.text("content_type"), self.micros(), self._time())
        columns = ", ".join(f"{value} AS {quoted(name)}" for value, name in zip(values, RAW_COLUMNS, strict=True))
        return f"SELECT {columns} FROM {self.shape.relation}"

    def _between(self, low: bytes | None, above: Above, high: bytes | None, below: Below) -> str:
        parts = [f"{self.shape.column('key')} IS NOT NULL", *self.near(low, high)]
        if low is not None:
            parts.append(f"{self.exact} {above} {self.literal(low)}")
        if high is not None:
            parts.append(f"{self.exact} {below} {self.literal(high)}")
        return " AND ".join(parts)

    def near(self, low: bytes | None, high: bytes | None) -> list[str]:
        """Conditions that every key of [low, high] meets and that an index can answer, where `exact` cannot use it."""
        return []

    def _time(self) -> str:
        return self.text("created_at") if self.shape.kinds["created_at"] in (Kind.TEXT, Kind.OTHER) else "NULL"

    @property
    def order_is_exact(self) -> bool:
        """Whether `order` is the order of the bytes, or only near it."""
        return True

    @property
    @abstractmethod
    def exact(self) -> str:
        """The key, compared and sorted by its bytes."""

    @property
    def order(self) -> str:
        return self.exact

    @property
    @abstractmethod
    def loose(self) -> str:
        """The key, compared as its own index does."""

    @property
    @abstractmethod
    def key_text(self) -> str:
        """The key as it is handed over."""

    @abstractmethod
    def literal(self, value: bytes) -> str:
        """What `exact` is compared with."""

    @abstractmethod
    def loose_literal(self, value: bytes) -> str:
        """What `loose` is compared with."""

    @abstractmethod
    def text(self, field: str) -> str: ...

    @abstractmethod
    def whole(self) -> str:
        """The size: an integer however it is kept, NULL for everything that is none."""

    @abstractmethod
    def micros(self) -> str:
        """The creation time in microseconds, NULL outside of the years 1 to 9999 and for text."""
