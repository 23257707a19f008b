"""All rows of a private copy in key order, on disk: sorted once, then every page is a slice.

The disk order of a table has nothing to do with its keys, so pages by look-ups touch the whole file again and again.
SQLite's own sorter reads the file once from end to end, in bounded memory, and what comes out is kept as Arrow chunks.
Nobody changes a private copy, so a page is as true later as when it was sorted.
"""

from __future__ import annotations

import os
import tempfile
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import ROWS
from auditor.rows.columns import finished


@dataclass(frozen=True)
class _Chunk:
    last: str  # key
    offset: int  # bytes
    length: int


class Spool:
    """A file without a name, which is gone when it is closed or the process ends, however it ends."""

    def __init__(self, batches: Iterable[pa.Table], folder: Path) -> None:
        """`batches` of RAW in key order. Raises OSError, and whatever they raise."""
        self.rows = 0  # that came
        self.unreadable = 0  # of them left out because their key is not UTF-8
        self._here = threading.local()  # each thread walks through a range of its own
        self._chunks: list[_Chunk] = []
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 -- closed by close()
        try:
            for batch in _whole_groups(batches):
                self._append(batch)
        except BaseException:
            self.close()
            raise

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        """Pages of `ROWS` with keys in (after, until], in key order, equal keys side by side."""
        first = 0 if after is None else bisect_left(self._chunks, after, key=lambda chunk: chunk.last)
        for number in range(first, len(self._chunks)):
            table = self._table(number)
            keys = table["key"]
            low = 0 if after is None or number > first else _position(keys, after)
            high = len(keys) if until is None or self._chunks[number].last <= until else _position(keys, until)
            if high > low:
                yield table.slice(low, high - low)
            if high < len(keys):
                return

    def close(self) -> None:
        self._file.close()

    def _append(self, raw: pa.Table) -> None:
        page, unreadable = finished(raw)
        self.rows += raw.num_rows
        self.unreadable += unreadable
        if page.num_rows:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, ROWS) as stream:
                stream.write_table(page)
            body = memoryview(sink.getvalue())
            self._chunks.append(_Chunk(page["key"][-1].as_py(), self._file.tell(), len(body)))
            _write_all(self._file.fileno(), body)

    def _table(self, number: int) -> pa.Table:
        if getattr(self._here, "number", None) != number:
            chunk = self._chunks[number]
            body = os.pread(self._file.fileno(), chunk.length, chunk.offset)
            self._here.table = pa.ipc.open_stream(body).read_all()
            self._here.number = number
        table: pa.Table = self._here.table
        return table


def _whole_groups(batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows, cut so that the rows of one key are never parted."""
    held: pa.Table | None = None
    for batch in batches:
        table = batch if held is None else pa.concat_tables([held, batch])
        if table.num_rows:
            cut = pc.index(table["key"], table["key"][-1]).as_py()
            if cut:
                yield table.slice(0, cut)
            held = table.slice(cut)
    if held is not None:
        yield held


def _position(keys: pa.ChunkedArray, key: str) -> int:
    """How many of the keys, which are in order, are not beyond `key`."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle].as_py() <= key:
            low = middle + 1
        else:
            high = middle
    return low


def _write_all(descriptor: int, body: memoryview) -> None:
    while body:
        body = body[os.write(descriptor, body) :]
