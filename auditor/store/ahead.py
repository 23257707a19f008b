"""Read ahead: the next table is made while the last one is being looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pyarrow as pa

TABLE_ROWS = 32_768  # few enough to be small, enough for what is done per table to cost nothing


def read_ahead(
    pages: Iterable[pa.Table], check: Callable[[Iterator[pa.Table]], Iterator[pa.Table]], rows: int = TABLE_ROWS
) -> Iterator[pa.Table]:
    """Tables of at least `rows` rows (but the last), made from whole pages and put through `check` by one thread.

    An error of `pages` surfaces after everything that came before it. When the consumer stops early, so does the
    thread, after the page that it is at.
    """
    stopped = Event()
    tables = check(_together(pages, rows, stopped.is_set))
    with ThreadPoolExecutor(1, thread_name_prefix="listing") as pool:
        try:
            ahead = pool.submit(next, tables, None)
            while (table := ahead.result()) is not None:
                ahead = pool.submit(next, tables, None)
                yield table
        finally:
            stopped.set()


def _together(pages: Iterable[pa.Table], rows: int, stopped: Callable[[], bool]) -> Iterator[pa.Table]:
    held: list[pa.Table] = []
    failure: Exception | None = None
    try:
        for page in pages:
            if stopped():
                return
            held.append(page)
            if sum(map(len, held)) >= rows:
                yield pa.concat_tables(held).combine_chunks()
                held = []
    except Exception as error:
        failure = error  # raised below, behind the pages that were read before it
    if sum(map(len, held)):
        yield pa.concat_tables(held).combine_chunks()
    if failure is not None:
        raise failure
