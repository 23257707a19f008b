"""How fast rows come out of PostgreSQL: our source beside the plain driver reading the same rows.

    python benchmarks/postgresql.py [--rows 1000000] [--page 50000] [--repeat 3]

Needs Debian's `postgresql` (its binaries; no service). A server of its own is started on 127.0.0.1 with the table of
benchmarks/rows.py and an index on the key in the order of bytes. The plain driver is psycopg with keyset pages of the
same length and no check of anything; one way hands over its tuples, the other makes the Arrow columns that the merge
needs of them. The ways take turns, and the best of each is shown: rows a second by the wall clock and of this process's
processor time. By the latter, the exit code is 1 when our source is dearer than the way that makes the same columns.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from auditor.rows import RowTable, ServerRows
from benchmarks.rows import made
from tests.servers.databases import DatabaseServer, database_server

Way = Callable[[], Iterator[int]]
NAMES = "uid, key, file_size, content_type, created_at"
TABLE = (
    "CREATE TABLE s3_files (id BIGSERIAL PRIMARY KEY, uid TEXT UNIQUE NOT NULL, key TEXT NOT NULL,"
    " file_size BIGINT NOT NULL, content_type TEXT NOT NULL, created_at DOUBLE PRECISION NOT NULL)"
)
PLAIN = f'SELECT {NAMES} FROM s3_files WHERE key COLLATE "C" > %s ORDER BY key COLLATE "C" LIMIT %s'
OURS, COLUMNS, TUPLES = "ServerRows", "psycopg, Arrow columns", "psycopg, tuples"


def build(server: DatabaseServer, rows: int) -> str:
    """The URL of a database with so many rows, inserted in an order that has nothing to do with their keys."""
    server.create("service")
    server.execute("service", TABLE)
    url = server.url("service")
    statement = f"COPY s3_files ({NAMES}) FROM STDIN"
    with psycopg.connect(url) as connection, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in made(rows):
            copy.write_row(row)
    server.execute("service", "CREATE UNIQUE INDEX ON s3_files (key)", server.index, "VACUUM ANALYZE s3_files")
    return url


def plain(url: str, page: int, columns: bool) -> Way:
    def way() -> Iterator[int]:
        last = ""
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            while rows := cursor.execute(PLAIN, (last, page)).fetchall():
                if columns:
                    pa.table(dict(zip("uksct", map(pa.array, zip(*rows, strict=True)), strict=True)))
                last = rows[-1][1]
                yield len(rows)

    return way


def ours(url: str, page: int) -> Way:
    rows = ServerRows(url, RowTable(), page_rows=page)
    return lambda: (table.num_rows for table in rows.pages(None, None))


def measure(ways: dict[str, Way], rows: int, repeat: int) -> dict[str, tuple[float, float]]:
    """Best seconds of each way: by the wall clock, and of this process's processor time."""
    best = dict.fromkeys(ways, (float("inf"), float("inf")))
    for _ in range(repeat):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            found = sum(way())
            spent = time.perf_counter() - wall, time.process_time() - cpu
            if found != rows:
                raise SystemExit(f"{name} gave {found:,} rows of {rows:,}")
            best[name] = min(best[name][0], spent[0]), min(best[name][1], spent[1])
    return best


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--page", type=int, default=50_000)
    parser.add_argument("--repeat", type=int, default=3)
    chosen = parser.parse_args()
    with database_server("postgresql") as server:
        url = build(server, chosen.rows)
        ways = {
            OURS: ours(url, chosen.page),
            COLUMNS: plain(url, chosen.page, columns=True),
            TUPLES: plain(url, chosen.page, columns=False),
        }
        best = measure(ways, chosen.rows, chosen.repeat)
    for name, (wall, cpu) in best.items():
        speed = f"{chosen.rows / cpu:>11,.0f}/s CPU {chosen.rows / wall:>11,.0f}/s wall"
        print(f"{name:24} {speed}  {cpu / best[COLUMNS][1]:>5.2f} of {COLUMNS}, by CPU")
    return int(best[OURS][1] > best[COLUMNS][1])


if __name__ == "__main__":
    sys.exit(main())
