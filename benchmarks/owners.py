"""What it costs to look up the owner of every uid in the keys (REF005), beside reading the rows of the same keys.

    python benchmarks/owners.py [--rows 1000000] [--batch 32768] [--repeat 3]

A bucket with the proportions of a real one, its `s3_files` in SQLite and a row for every owner, both in an order that
has nothing to do with their keys. Batches are judged one after the other as in a scan; what is timed is the side alone,
classification not included, on one core. The bar is the share of the time of reading the rows that it may cost.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

sys.path.insert(0, str(Path(__file__).parent.parent))

from auditor.cli.parameters import load_specification
from auditor.frames import plain
from auditor.rows import RowTable, SqliteRows
from auditor.scan.columns import NAMES
from auditor.scan.owners import Owners
from auditor.spec import Specification
from tests.world.bulk import Bulk

TARGET = 0.8


def fill_owners(path: Path, spec: Specification, bulk: Bulk) -> int:
    """A row for every uid, in random order; NOT NULL columns hold the uid or a number."""
    uids: dict[str, set[str]] = {}
    for page in bulk.tables():
        keys = plain(page["key"])
        for found in spec.field_values(keys):
            for field, values in zip(found.family.template.fields, found.values, strict=True):
                if field.name in found.family.owners:
                    table = found.family.owners[field.name].split(".")[0]
                    uids.setdefault(table, set()).update(pc.unique(values).to_pylist())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -500000")
        for table, found in uids.items():
            _fill(connection, table, sorted(found))
    return sum(map(len, uids.values()))


def _fill(connection: sqlite3.Connection, table: str, uids: list[str]) -> None:
    described = connection.execute(f"SELECT name, type FROM pragma_table_info('{table}') WHERE name <> 'id'").fetchall()
    random.Random(1).shuffle(uids)
    names = ", ".join(name for name, _ in described)
    marks = ", ".join(":uid" if kind == "TEXT" else ":number" for _, kind in described)
    rows = ({"uid": uid, "number": number} for number, uid in enumerate(uids, 1))
    connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def batches(spec: Specification, bulk: Bulk, size: int) -> Iterator[pa.Table]:
    for page in bulk.tables(size):
        said = spec.classify(page["key"])
        yield page.append_column("family", said.family.cast(NAMES)).append_column("fit", said.fit.cast(NAMES))


def reading(path: Path, private: bool, work: list[pa.Table]) -> int:
    with SqliteRows(path, RowTable(), private_copy=private) as rows:
        ends = [table["key"][-1].as_py() for table in work]
        ranges = zip([None, *ends], [*ends, None], strict=True)
        return sum(page.num_rows for after, until in ranges for page in rows.pages(after, until))


def owners(path: Path, private: bool, work: list[pa.Table], spec: Specification) -> int:
    with SqliteRows(path, RowTable(), private_copy=private) as rows:
        side = Owners(rows, spec)
        missing = sum(
            pc.sum(pc.not_equal(side.columns(one, again=False)["owners_missing"], "")).as_py() for one in work
        )
    if missing or side.not_audited:
        raise SystemExit(f"{missing} owners are missing, which are all there; {side.not_audited}")
    return sum(table.num_rows for table in work)


def best(of: Callable[[], int], repeat: int) -> tuple[int, float]:
    seconds = []
    for _ in range(repeat):
        started = time.process_time()
        count = of()
        seconds.append(time.process_time() - started)
    return count, min(seconds)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--batch", type=int, default=32_768)
    arguments.add_argument("--repeat", type=int, default=3)
    given = arguments.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    spec, bulk, failed = load_specification(None, None), Bulk(given.rows), False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.db"
        bulk.write_database(path)
        uids = fill_owners(path, spec, bulk)
        work = list(batches(spec, bulk, given.batch))
        for name, private in (("live", False), ("private copy", True)):
            rows, reads = best(lambda: reading(path, private, work), given.repeat)  # noqa: B023 -- called at once
            _, looks = best(lambda: owners(path, private, work, spec), given.repeat)  # noqa: B023
            failed |= looks > TARGET * reads
            print(
                f"{name:13} {rows:,} rows {reads:6.2f} s CPU ({rows / reads:,.0f}/s), owners of {uids:,} uids "
                f"{looks:6.2f} s CPU: {looks / reads:.2f} times (at most {TARGET})",
                flush=True,
            )
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
