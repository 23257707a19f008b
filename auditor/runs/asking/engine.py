"""DuckDB, as questions need it: it reads the run's files, keeps what grows on disk, and asks nothing of any network."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from auditor.errors import CannotStart
from auditor.formats.private_folder import make_private_folder

if TYPE_CHECKING:
    import duckdb

MEMORY = "512MB"  # what sorting and grouping may take before they go on on disk
BATCH = 20_000  # rows
_ALL = 2**63 - 1  # more than DuckDB can count to
_SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "memory_limit": MEMORY}


class Engine:
    """One connection, for one thread at a time. `folder` is private (0700) and goes when the engine closes."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection = connection
        self.folder = folder

    def batches(self, sql: str, values: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
        """The rows of the answer, at most BATCH at a time. `$name` in the text stands for a value.

        Raises CannotStart when a file cannot be read or the disk is full.
        """
        with _failures():
            yield from self._connection.sql(sql, params=_used(sql, values)).to_arrow_reader(BATCH)

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The same for a few rows."""
        return [row for batch in self.batches(sql, values) for row in batch.to_pylist()]

    def execute(self, sql: str, values: Mapping[str, Any]) -> None:
        with _failures():
            self._connection.execute(sql, _used(sql, values))


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Raises CannotStart when there is no room for temporary files."""
    import duckdb  # noqa: PLC0415 -- it takes a third of a second, which only questions should wait for

    try:
        folder = make_private_folder("asking")
    except OSError as error:
        raise CannotStart(f"no temporary folder can be made ({error.strerror}): set TMPDIR to one with room") from error
    try:
        with duckdb.connect(config={**_SETTINGS, "temp_directory": str(folder.path)}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield Engine(connection, folder.path)
    finally:
        folder.remove()


def parquet(name: str) -> str:
    """The table that the file in the value `name` holds; nothing in its path is a pattern or a column."""
    return f"read_parquet(${name}, hive_partitioning = false)"


def file_value(path: Path) -> str:
    """
    >>> file_value(Path("/runs/[1]*/objects.parquet"))
    '/runs/[[]1][*]/objects.parquet'
    """
    return glob.escape(str(path.absolute()))


def at_most(limit: int | None) -> str:
    """
    >>> at_most(10), at_most(None), at_most(10**30)
    (' LIMIT 10', '', ' LIMIT 9223372036854775807')
    """
    return "" if limit is None else f" LIMIT {min(limit, _ALL)}"


def quoted(name: str) -> str:
    """A column's name.

    >>> quoted("class")
    '"class"'
    """
    return '"' + name.replace('"', '""') + '"'


def _used(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    # DuckDB refuses values that the text does not use
    return {name: value for name, value in values.items() if f"${name}" in sql}


@contextmanager
def _failures() -> Iterator[None]:
    import duckdb  # noqa: PLC0415

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise CannotStart("there is no room left for temporary files: set TMPDIR to a folder with more") from error
    except duckdb.Error as error:
        raise CannotStart(f"a file of the run cannot be read ({_first_line(error)}): is the folder whole?") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
