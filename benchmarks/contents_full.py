"""Full checks of a gigabyte beside plain hashlib.sha512 of the same bytes: an original, and a course export.

    python benchmarks/contents_full.py                 # 1 GiB each
    python benchmarks/contents_full.py --mebibytes 256

Both read the same file with the same read size from a warm page cache, in turns. The export's members are videos: what
does not compress. Times are of the processor, since the machine may have other work; the ratio is the median over the
turns. A redis backup of small values and a database are measured as well, without a bar. Exits 1 when a check reaches
less than `--least` of the plain checksum's speed.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sqlite3
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from auditor.formats.redis import chunks
from auditor.formats.stream import CHUNK, Exact
from auditor.protocols import ContentFacts, ContentRule, Depth
from rules.archives import CourseExportRule
from rules.backups import DatabaseBackupRule, RedisBackupRule
from rules.originals import OriginalRule
from tests.world.bodies import redis_backup

MEMBERS = 16


class Part(FileIO):
    """A file from some byte on."""

    def __init__(self, path: Path, start: int) -> None:
        super().__init__(path, "rb")
        self.seek(start)


def plain(path: Path) -> str:
    digest = hashlib.sha512()
    buffer = memoryview(bytearray(CHUNK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
    return digest.hexdigest()


def check(rule: ContentRule, path: Path, answers: Mapping[str, Any]) -> None:
    def fetch(start: int, length: int) -> bytes:
        with Part(path, start) as part:
            return part.read(length)

    size = path.stat().st_size
    known = {name: answers.get(name) for name in rule.queries}
    facts = ContentFacts("key", size, datetime.now(UTC), None, True, known, depth=Depth.FULL, fetch=fetch)
    with ExitStack() as stack:
        streams = [stack.enter_context(Part(path, start)) for start, _ in rule.plan(size, Depth.FULL)]
        problems = list(rule.check_content(streams, facts))
    assert not problems, problems


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def original(path: Path, size: int) -> None:
    noise = random.Random(20240718)
    with path.open("wb") as file:
        for _ in range(size // CHUNK):
            file.write(noise.randbytes(CHUNK))


def course(path: Path, source: Path, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, source.open("rb") as file:
        for number in range(MEMBERS):
            with archive.open(f"classes/{number}.mp4", "w") as member:
                for _ in range(size // CHUNK // MEMBERS):
                    member.write(file.read(CHUNK))


def backup_of_redis(path: Path) -> None:
    small = redis_backup({b"stats:%d" % number: b"value %d" % number for number in range(1000)})
    path.write_bytes(small * 200)


def database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE s3_files (id INTEGER PRIMARY KEY, uid TEXT UNIQUE, key TEXT UNIQUE)")
        rows = ((f"oseh_s3f_{n * 7919:022}", f"s3_files/images/exports/{n:031}/x.png") for n in range(300_000))
        connection.executemany("INSERT INTO s3_files (uid, key) VALUES (?, ?)", rows)


def compared(name: str, rule: ContentRule, path: Path, answers: Mapping[str, Any], repeat: int) -> float:
    turns = [(seconds(lambda: plain(path)), seconds(lambda: check(rule, path, answers))) for _ in range(repeat)]
    megabytes = path.stat().st_size / 1e6
    bare, whole = (megabytes / statistics.median(column) for column in zip(*turns, strict=True))
    ratio = statistics.median(alone / checked for alone, checked in turns)
    print(
        f"{name:16} {megabytes:6.0f} MB   sha512 alone {bare:6.0f} MB/s   whole check {whole:6.0f} MB/s   {ratio:.2f}"
    )
    return ratio


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--least", type=float, default=0.7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, archive, redis, rows = (Path(folder) / name for name in ("original", "zip", "redis", "database"))
        original(source, arguments.mebibytes << 20)
        row = [{"sha512": plain(source)}]
        ratios = [compared("original", OriginalRule(), source, {"image_files": row}, arguments.repeat)]
        course(archive, source, arguments.mebibytes << 20)
        source.unlink()
        row = [{"sha512": plain(archive)}]
        ratios += [compared("course export", CourseExportRule(), archive, {"course_exports": row}, arguments.repeat)]
        backup_of_redis(redis)
        database(rows)
        compared("redis backup", RedisBackupRule(), redis, {}, 1)
        compared("database backup", DatabaseBackupRule(), rows, {}, 1)
        with redis.open("rb") as file:
            keys = sum(1 for _ in chunks(Exact(file, "", redis.stat().st_size)))
    print(f"at least {arguments.least} is required of the first two; the redis backup has {keys:,} keys")
    return 0 if min(ratios) >= arguments.least else 1


if __name__ == "__main__":
    sys.exit(main())
