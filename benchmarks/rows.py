"""How fast rows of a key range come out of SQLite, way by way.

    python benchmarks/rows.py [--rows 1000000] [--range 20000] [--repeat 3] [--db FILE] [WAY ...]

The table is the service's `s3_files` with rows in an order that has nothing to do with their keys, which is what makes
look-ups dear. Every way reads ranges of `--range` keys one after another and must give key, uid, size, content type and
time of every row; the best of `--repeat` is shown, in rows a second of CPU time and of wall time.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import adbc_driver_sqlite.dbapi as adbc
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from auditor.rows import RowTable, SqliteRows

Range = tuple[str, str]
Way = Callable[[Path, list[Range]], Iterator[pa.Table]]

SCHEMA = """
CREATE TABLE s3_files (
    id INTEGER PRIMARY KEY, uid TEXT UNIQUE NOT NULL, key TEXT NOT NULL, file_size INTEGER NOT NULL,
    content_type TEXT NOT NULL, created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX s3_files_key_idx ON s3_files(key);
"""
COLUMNS = ("key", "uid", "file_size", "content_type", "created_at")
IN_RANGE = "FROM s3_files WHERE key > ? AND key <= ? ORDER BY key"
BY_ROWID = "FROM s3_files WHERE rowid IN (SELECT rowid FROM s3_files WHERE key > ? AND key <= ?)"
NAMES = ", ".join(COLUMNS)


KINDS = (  # share, key, content type
    (0.55, "images/exports/oseh_ife_{0}/{1}.webp", "image/webp"),
    (0.85, "audio/oseh_cf_{0}/hls/{1}.ts", "video/MP2T"),
    (0.95, "videos/oseh_cf_{0}/mp4/{2}/{1}.mp4", "video/mp4"),
    (1.0, "images/originals/oseh_if_{0}/{1}", "application/octet-stream"),
)


def build(path: Path, rows: int) -> None:
    """Rows as the service inserts them: the indexes grow with the table, and no key is near the one before."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.executescript(SCHEMA)
        insert = "INSERT INTO s3_files (uid, key, file_size, content_type, created_at) VALUES (?, ?, ?, ?, ?)"
        connection.executemany(insert, made(rows))


def made(rows: int) -> Iterator[tuple[str, str, int, str, float]]:
    chance = random.Random(1)
    for _ in range(rows):
        token = base64.urlsafe_b64encode(chance.randbytes(40)).decode()  # 22 for each uid, 9 for the rest
        kind = chance.random()
        form, content_type = next((form, name) for share, form, name in KINDS if kind <= share)
        number = int(kind * 1e9) % 10**7
        key = "s3_files/" + form.format(token[:22], token[22:31], number)
        yield f"oseh_s3f_{token[31:53]}", key, number + 1, content_type, 1.68e9 + kind * 5e7


def ranges_of(path: Path, size: int) -> list[Range]:
    with closing(sqlite3.connect(path)) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM s3_files ORDER BY key")]
    ends = [*keys[size - 1 :: size], keys[-1]] if len(keys) % size else keys[size - 1 :: size]
    return list(zip(["", *ends], ends, strict=False))


def source(private_copy: bool) -> Way:
    def way(path: Path, ranges: list[Range]) -> Iterator[pa.Table]:
        rows = SqliteRows(path, RowTable(), private_copy=private_copy)
        for after, until in ranges:
            yield from rows.pages(after or None, until)  # a scan of everything begins before every key
        rows.close()

    return way


def sqlite_fetchall(tail: str, in_order: bool, cache_kib: int = 2000) -> Way:
    def way(path: Path, ranges: list[Range]) -> Iterator[pa.Table]:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.execute(f"PRAGMA cache_size = -{cache_kib}")
            for bounds in ranges:
                columns = zip(*connection.execute(f"SELECT {NAMES} {tail}", bounds).fetchall(), strict=True)
                table = pa.table(dict(zip(COLUMNS, map(pa.array, columns), strict=True)))
                yield table if in_order else table.sort_by("key")

    return way


def arrow(tail: str, in_order: bool, cache_kib: int = 2000) -> Way:
    def way(path: Path, ranges: list[Range]) -> Iterator[pa.Table]:
        with adbc.connect(f"file:{path}?mode=ro", autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{cache_kib}")
            cursor.fetchall()
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(1 << 30)})
            for bounds in ranges:
                cursor.execute(f"SELECT {NAMES} {tail}", bounds)
                table = cursor.fetch_arrow_table()
                yield table if in_order else table.sort_by("key")

    return way


def one_value(aggregate: str, parse: Callable[[bytes], pa.Table]) -> Way:
    """One row with one value for each range, put together by SQLite and taken apart by `parse`."""

    def way(path: Path, ranges: list[Range]) -> Iterator[pa.Table]:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            for bounds in ranges:
                (value,) = connection.execute(f"SELECT {aggregate} {BY_ROWID}", bounds).fetchone()
                yield parse(value).sort_by("key")

    return way


def split_columns(path: Path, ranges: list[Range]) -> Iterator[pa.Table]:
    """A group_concat for each column, cut at its separators by Arrow."""
    joined = ", ".join(f"group_concat({name}, char(0))" for name in COLUMNS)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        for bounds in ranges:
            values = connection.execute(f"SELECT {joined} {BY_ROWID}", bounds).fetchone()
            texts = [pc.split_pattern(pa.array([value], pa.string()), "\0").flatten() for value in values]
            texts[2], texts[4] = texts[2].cast(pa.int64()), texts[4].cast(pa.float64())
            yield pa.table(dict(zip(COLUMNS, texts, strict=True))).sort_by("key")


def parse_csv(value: bytes) -> pa.Table:
    return pacsv.read_csv(
        io.BytesIO(value),
        read_options=pacsv.ReadOptions(column_names=list(COLUMNS), use_threads=False),
        parse_options=pacsv.ParseOptions(delimiter="\x1f", quote_char=False),
    )


def parse_json(value: bytes) -> pa.Table:
    columns = zip(*json.loads(value), strict=True)
    return pa.table(dict(zip(COLUMNS, map(pa.array, columns), strict=True)))


def look_ups_alone(path: Path, ranges: list[Range]) -> Iterator[pa.Table]:
    """The floor under sqlite3: SQLite finds every row, and hands over one number."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for bounds in ranges:
            (found,) = connection.execute(f"SELECT count(created_at) {BY_ROWID}", bounds).fetchone()
            yield pa.table({"key": pa.nulls(found)})


JOINED = "group_concat(" + " || char(31) || ".join(COLUMNS) + ", char(10))"
WAYS: dict[str, Way] = {
    "SqliteRows, private copy": source(private_copy=True),
    "SqliteRows, live": source(private_copy=False),
    "adbc, key order": arrow(IN_RANGE, in_order=True),
    "adbc, row id order, sort": arrow(BY_ROWID, in_order=False),
    "adbc, row id order, sort, 64 MB cache": arrow(BY_ROWID, in_order=False, cache_kib=64_000),
    "sqlite3, key order": sqlite_fetchall(IN_RANGE, in_order=True),
    "sqlite3, row id order, sort": sqlite_fetchall(BY_ROWID, in_order=False),
    "sqlite3, key order, 64 MB cache": sqlite_fetchall(IN_RANGE, in_order=True, cache_kib=64_000),
    "sqlite3, group_concat per column": split_columns,
    "sqlite3, one group_concat, read as CSV": one_value(JOINED, parse_csv),
    "sqlite3, json_group_array": one_value(f"json_group_array(json_array({NAMES}))", parse_json),
    "sqlite3, look-ups alone (floor)": look_ups_alone,
}


def measure(way: Way, path: Path, ranges: list[Range], repeat: int) -> tuple[int, float, float]:
    """Rows, and the best wall and CPU seconds."""
    walls, cpus = [], []
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        found = sum(table.num_rows for table in way(path, ranges))
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return found, min(walls), min(cpus)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--range", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--db", type=Path, help="an existing database of this schema")
    parser.add_argument("ways", nargs="*", metavar="WAY", help="beginnings of names; default: all")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.db or Path(folder) / "rows.db"
        if not path.exists():
            build(path, chosen.rows)
        ranges = ranges_of(path, chosen.range)
        for name, way in WAYS.items():
            if not chosen.ways or any(name.startswith(beginning) for beginning in chosen.ways):
                rows, wall, cpu = measure(way, path, ranges, chosen.repeat)
                print(f"{name:40} {rows:>9,} rows {rows / cpu:>9,.0f}/s CPU {rows / wall:>9,.0f}/s wall", flush=True)


if __name__ == "__main__":
    main()
