"""Look-ups in a Parquet file that is sorted by key, for keys that come in the same order: one pass, one page held."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.errors import CannotStart

_PAGE = 20_000


class Forward:
    """The values of one column by key. A file that is not there has no keys; nothing is read before it is asked for."""

    def __init__(self, path: Path, column: str) -> None:
        self._pages = _pages(path, column)
        self._page: tuple[pa.Array, pa.Array] | None = None
        self._keys: list[str] | None = None  # of the page, once it was needed
        self._ended = not path.exists()

    def find(self, key: str) -> Any:
        """The value; None where there is no such key. Every key must be the last one asked for, or come after it.

        Raises CannotStart when the file cannot be read.
        """
        while not self._ended and (self._page is None or self._page[0][-1].as_py() < key):
            self._page, self._keys = next(self._pages, None), None
            self._ended = self._page is None
        if self._page is None:
            return None
        if self._keys is None:
            self._keys = self._page[0].to_pylist()
        at = bisect_left(self._keys, key)  # text in Python has the order of its UTF-8 bytes
        return self._page[1][at].as_py() if at < len(self._keys) and self._keys[at] == key else None


def _pages(path: Path, column: str) -> Iterator[tuple[pa.Array, pa.Array]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_PAGE, columns=["key", column]):
                if batch.num_rows:
                    yield batch.column("key"), batch.column(column)
    except (OSError, pa.ArrowException) as error:
        raise CannotStart(f"{path} cannot be read ({error}): is the folder whole?") from error
