"""Answers on a terminal: columns of a fixed width, so that a line can be told before the next is known; keys last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from rich.cells import cell_len

from auditor.text import human_bytes, printable

NOTHING = "-"


@dataclass(frozen=True)
class Column:
    """`tell` makes the text of a row's cell; a `width` of 0 is for the last column, which is as long as it is."""

    title: str
    width: int
    tell: Callable[[Mapping[str, Any]], str]
    right: bool = False

    def cell(self, text: str) -> str:
        blank = " " * (self.width - cell_len(text))
        return blank + text if self.right else text + blank


@dataclass(frozen=True)
class Layout:
    columns: tuple[Column, ...]
    foot: tuple[str, ...] = ()  # lines behind the last row

    def lines(self, tables: Iterable[pa.Table]) -> Iterator[str]:
        """The text of the heading, of each table, of the foot; no heading before there is something below it."""
        heading = self._line([column.title for column in self.columns])
        for table in tables:
            rows = table.to_pylist()
            yield heading + "".join(self._line([column.tell(row) for column in self.columns]) for row in rows)
            heading = ""
        yield heading
        yield "".join(f"{line}\n" for line in self.foot)

    def _line(self, texts: list[str]) -> str:
        cells = (column.cell(text) for column, text in zip(self.columns, texts, strict=True))
        return "  ".join(cells).rstrip(" ") + "\n"


def text(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: NOTHING if row[name] is None else printable(str(row[name]))


def size(name: str = "size") -> Callable[[Mapping[str, Any]], str]:
    return lambda row: NOTHING if row[name] is None else human_bytes(row[name])


def minute(name: str = "last_modified") -> Callable[[Mapping[str, Any]], str]:
    def tell(row: Mapping[str, Any]) -> str:
        moment: datetime | None = row[name]
        return NOTHING if moment is None else f"{moment:%Y-%m-%d %H:%M}"

    return tell


def wide_enough(names: Iterable[str], least: int, most: int = 32) -> int:
    """Cells for the longest of the names, within bounds."""
    return min(max([least, *(cell_len(printable(name)) for name in names)]), most)
