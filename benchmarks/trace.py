"""One row through 64 database backups of some 20 MB each: binary search beside looking at every one.

`python benchmarks/trace.py [BACKUPS]`. The same backups in a folder laid out as a bucket, as loose files, and behind an
S3 server on this machine. The row is in the backups from the 41st to the 55th.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.servers.stub_s3 import Stored, StubS3
from tests.tracing.making import ROOT, export_key, key_of, uid
from tests.world.schema import SQL
from tests.world.serve import CREDENTIALS

BACKUPS, FILES = 64, 45_000
FIRST, LAST = 40, 54  # numbers of the backups with the row
WANTED = export_key(FILES)


class Sized(Stored):
    """A listing asks for the ETag of every object, and hashing is not what is measured."""

    @property
    def etag(self) -> str:
        return '"0123456789abcdef0123456789abcdef"'


def _write(path: Path, exports: int) -> None:
    """A database with so many exports of images, five for each image."""
    images = FILES // 5
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(SQL)
        files = ((n, uid("s3f", n), export_key(n), 1000 + n, "image/webp", 1.7e9 + n) for n in range(1, exports + 1))
        connection.executemany("INSERT INTO s3_files VALUES (?, ?, ?, ?, ?, ?)", files)
        rows = ((n, uid("if", n), f"image {n}", None, f"{n:0128x}", 4, 3, 1.7e9) for n in range(1, images + 1))
        connection.executemany("INSERT INTO image_files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        more = "4, 3, 0, 0, 0, 0, 'webp', '{}', 'AA==', 1.7e9"
        owned = ((n, uid("ife", n), (n - 1) // 5 + 1, n) for n in range(1, exports + 1))
        connection.executemany(f"INSERT INTO image_file_exports VALUES (?, ?, ?, ?, {more})", owned)


def _place(folder: Path, count: int) -> Path:
    """The backups, links to three files, as loose files and as a bucket."""
    states = {"before": FILES - 30, "with": FILES, "after": FILES - 3}
    for name, exports in states.items():
        _write(folder / name, exports)
    for number in range(count):
        name = "before" if number < FIRST else "with" if number <= LAST else "after"
        for target in (folder / "loose" / key_of(number).removeprefix(ROOT), folder / "bucket" / key_of(number)):
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(folder / name, target)
    return folder


def _run(what: str, arguments: Sequence[str], size: int) -> None:
    command = [sys.executable, "-m", "auditor", "trace", WANTED, *arguments, "--format", "json"]
    environment = {**os.environ, **CREDENTIALS}
    began, used = time.perf_counter(), _processor()
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    seconds, processor = time.perf_counter() - began, _processor() - used
    said = json.loads(done.stdout)
    looked = sum(one["row"] in ("present", "absent") for one in said["backups"])
    _check(said)
    print(
        f"{what:<34}{looked:>3} backups read {said['fetched_bytes'] / 1e6:>8,.0f} MB fetched "
        f"({said['fetched_bytes'] / size:>4.0%}) {seconds:>6.1f} s, {processor:.1f} s of processor",
        flush=True,
    )


def _processor() -> float:
    """Seconds that the processes which were started and have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _check(said: Mapping[str, object]) -> None:
    rows = said["rows"]
    assert isinstance(rows, list)
    assert (rows[0]["came"]["by"].rpartition("/")[2], rows[0]["went"]["by"].rpartition("/")[2]) == (
        key_of(FIRST).removeprefix(ROOT),
        key_of(LAST + 1).removeprefix(ROOT),
    )


def main(count: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="benchmark-trace-"))
    try:
        _place(folder, count)
        bodies = {path: path.read_bytes() for path in (folder / "before", folder / "with", folder / "after")}
        by_inode = {path.stat().st_ino: body for path, body in bodies.items()}
        objects = {
            key: Sized(by_inode[(folder / "bucket" / key).stat().st_ino], datetime(2030, 1, 1, tzinfo=UTC))
            for key in map(key_of, range(count))
        }
        size = sum(len(stored.body) for stored in objects.values())
        print(f"{count} backups, {size / 1e6:,.0f} MB in all")
        with StubS3(objects) as server:
            online = [f"s3://{server.bucket}", "--endpoint-url", server.url, "--max-download", "9GiB"]
            for name, more in (("binary search", []), ("--every", ["--every"])):
                _run(f"S3 server, {name}", [*online, *more], size)
                _run(f"file:///, {name}", [(folder / "bucket").as_uri(), *more], size)
                _run(f"--backups, {name}", ["--backups", str(folder / "loose"), *more], size)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BACKUPS)
