"""What it costs to know which rows nothing refers to, beside reading the rows.

    python benchmarks/references.py [--rows 1000000] [--repeat 3]

The database is the service's, with rows in random order and rows that refer to nearly all of them. Both looks read all
references; texts are read only where something is unreferenced. The bar: at most twice the processor time of reading
the rows, and memory that stays below 300 MB. The last line has a database in which nothing refers to anything.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from auditor.cli.parameters import load_specification
from auditor.rows import RowTable, SqliteRows
from auditor.scan.options import Options
from auditor.scan.references import open_references
from auditor.scan.references.side import ReferencesSide
from tests.world.bulk import Bulk

BAR, MEMORY_MB = 2.0, 300


def timed(work: Callable[[], object], repeat: int) -> tuple[float, object]:
    """The least seconds of processor time, and what came out."""
    best, result = float("inf"), None
    for _ in range(repeat):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    return best, result


def side_of(rows: SqliteRows) -> ReferencesSide:
    options = Options(breaker_share=1.0)
    known = open_references(rows, load_specification(None, None), options, datetime.now(UTC))
    assert known.side is not None, known.why_not
    return known.side


def both_looks(rows: SqliteRows) -> int:
    side = side_of(rows)
    side.begin(again=False)
    side.begin(again=True)
    found = side.unreferenced
    side.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.db"
        Bulk(given.rows).write_database(path)
        with SqliteRows(path, RowTable()) as rows:
            reading, count = timed(lambda: sum(page.num_rows for page in rows.pages(None, None)), given.repeat)
            looking, found = timed(lambda: both_looks(rows), given.repeat)
        print(f"{count} rows read: {reading:.2f} s of processor time")
        print(
            f"both looks at what refers to them: {looking:.2f} s, {looking / reading:.2f} times; {found} unreferenced"
        )
        with closing(sqlite3.connect(path)) as connection, connection:
            for table in ("image_file_exports", "content_file_export_parts", "user_journal_client_keys"):
                connection.execute(f"DELETE FROM {table}")
        with SqliteRows(path, RowTable()) as rows:
            alone, found = timed(lambda: both_looks(rows), 1)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"both looks where nothing refers to anything: {alone:.2f} s; {found} unreferenced; peak {memory:.0f} MB")
    return int(looking > BAR * reading or memory > MEMORY_MB)


if __name__ == "__main__":
    sys.exit(main())
