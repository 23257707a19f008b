"""How fast rows come out of rqlite: our source beside a bare loop over the same pages of the same node.

    python benchmarks/rqlite.py [--rows 300000] [--repeat 3] [--page 10000] [--db FILE]

Needs `rqlited` on PATH or in $RQLITED. A node of its own is started on 127.0.0.1 and loaded with the table of
benchmarks/rows.py. The bare loops do what a client library does: keyset pages with the plain SELECT, `json.loads`, no
check of anything; one hands over lists, the other builds the Arrow columns that the merge needs. The ways take turns,
so that what else the machine does strikes all of them; the best of each is shown, and the SQLite file for scale.
Processor time is that of the node and of this process together, which other programs hardly change; by it, the exit
code is 1 when our source is dearer than the bare loop that makes the same columns.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import urllib3

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from auditor.progress import Silent
from auditor.rows import RowTable, RqliteRows, SqliteRows, parse_address
from benchmarks.rows import build
from tests.servers.rqlite import RealNode, real_node, rqlited_binary

Way = Callable[[], Iterator[int]]
PLAIN = "SELECT key, uid, file_size, content_type, created_at FROM s3_files WHERE key > ? ORDER BY key LIMIT ?"
OURS, LISTS, COLUMNS, FILE = "RqliteRows", "bare loop, lists", "bare loop, Arrow columns", "SqliteRows, the file"


def bare(node: RealNode, page: int, columns: bool) -> Way:
    pool = urllib3.HTTPConnectionPool("127.0.0.1", node.port)

    def way() -> Iterator[int]:
        last = ""
        while True:
            body = json.dumps([[PLAIN, last, page]])
            headers = {"content-type": "application/json"}
            answer = pool.urlopen("POST", "/db/query?level=none&freshness=5s&freshness_strict", body, headers)
            values = json.loads(answer.data)["results"][0].get("values")
            if not values:
                return
            if columns:
                pa.table(dict(zip("kusct", map(pa.array, zip(*values, strict=True)), strict=True)))
            last = values[-1][0]
            yield len(values)

    return way


def ours(node: RealNode, page: int) -> Way:
    rows = RqliteRows(parse_address(f"rqlite://{node.place}"), RowTable(), Silent(), page_rows=page)
    return lambda: (table.num_rows for table in rows.pages(None, None))


def of_the_file(path: Path) -> Way:
    rows = SqliteRows(path, RowTable())
    return lambda: (table.num_rows for table in rows.pages(None, None))


def cpu_seconds(pid: int) -> float:
    """User and system time of another process so far (fields 14 and 15 of proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(ways: dict[str, Way], node: RealNode, rows: int, repeat: int) -> dict[str, tuple[float, float, float]]:
    """Best seconds of each way: by the wall clock, of the node's processor time, of this process's."""
    best = dict.fromkeys(ways, (float("inf"),) * 3)
    for _ in range(repeat):
        for name, way in ways.items():
            before = time.perf_counter(), cpu_seconds(node.process.pid), time.process_time()
            found = sum(way())
            after = time.perf_counter(), cpu_seconds(node.process.pid), time.process_time()
            if found != rows:
                raise SystemExit(f"{name} read {found} of {rows} rows")
            taken = (now - then for now, then in zip(after, before, strict=True))
            best[name] = tuple(map(min, best[name], taken))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--page", type=int, default=10_000)
    parser.add_argument("--db", type=Path, help="an existing database of this schema")
    chosen = parser.parse_args()
    binary = rqlited_binary()
    if binary is None:
        raise SystemExit("rqlited is not on PATH: see .ci/run")
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.db or Path(folder) / "rows.db"
        if not path.exists():
            build(path, chosen.rows)
        with real_node(binary, Path(folder)) as node:
            node.call("POST", "/boot", path.read_bytes(), "application/octet-stream")
            rows = int(node.ask("SELECT count(*) FROM s3_files")["values"][0][0])
            ways = {
                OURS: ours(node, chosen.page),
                LISTS: bare(node, chosen.page, columns=False),
                COLUMNS: bare(node, chosen.page, columns=True),
                FILE: of_the_file(path),
            }
            best = measure(ways, node, rows, chosen.repeat)
    for name, (wall, there, here) in best.items():
        each = (
            f"{there / rows * 1e6:5.1f} us of the node's, {here / rows * 1e6:4.1f} us of this process's processor time"
        )
        print(f"{name:26} {rows:>9,} rows {rows / wall:>9,.0f}/s; a row: {each}")
    sys.exit(sum(best[OURS][1:]) > sum(best[COLUMNS][1:]))


if __name__ == "__main__":
    main()
