"""A store that flips bits makes every check with a checksum fail; one that is wrong once makes none fail."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from auditor.protocols import Rule
from rules.archives import CourseExportRule
from rules.backups import DatabaseBackupRule, RedisBackupRule
from rules.originals import OriginalRule
from tests.rules.zips import archive
from tests.scan.fakes import OLD, MemoryRows, MemoryStore
from tests.scan.running import UID, Ran, image, run
from tests.world.backups import old_database
from tests.world.bodies import png, redis_backup

ZIP = f"s3_files/courses/oseh_c_{UID}/oseh_ce_{UID}/token000001.zip"
REDIS = "s3_files/backup/redis/1690000000.bak"
DATABASE = "s3_files/backup/database/1690000000.bak"
RULES: Sequence[Rule] = (CourseExportRule(), DatabaseBackupRule(), RedisBackupRule(), OriginalRule())
BODIES = {
    ZIP: archive(),
    REDIS: redis_backup({b"": b"a value of some length"}),  # no key, which no checksum covers
    image(1): png("original", 400, 10, 10),
}
CODES = {ZIP: "ZIP001", REDIS: "BAK002", image(1): "ORG001", DATABASE: "BAK001"}


@dataclass
class Flipping(MemoryStore):
    """Flips one bit, anywhere, of each of the first `wrong` bodies of each key that were read whole."""

    wrong: int = 1_000
    seed: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def open(self, key: str, start: int = 0, length: int | None = None, *_: object) -> Iterator[BinaryIO]:
        with super().open(key, start, length) as stream:
            body = stream.read()
        whole = len(body) == len(self.objects[key][1])
        if whole and self.seen.get(key, 0) < self.wrong:
            self.seen[key] = self.seen.get(key, 0) + 1
            at = random.Random(f"{self.seed}{key}{self.seen[key]}").randrange(len(body) * 8)
            body = body[: at // 8] + bytes([body[at // 8] ^ 1 << at % 8]) + body[at // 8 + 1 :]
        yield io.BytesIO(body)


def audit(folder: Path, key: str, body: bytes, **options: Any) -> Ran:
    digest = hashlib.sha512(body).hexdigest()

    def answers(sql: str, _: Any) -> list[dict[str, Any]]:
        table = "course_exports" if key == ZIP else "image_files"
        return [{"object_key": key, "sha512": digest}] if f"FROM {table}" in sql else []

    rows = MemoryRows({key: ("uid", len(body), OLD)}, answers=answers)
    return run(folder, Flipping({key: (OLD, body)}, **options), rows, rules=RULES)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("key", BODIES)
def test_a_store_that_flips_a_bit_is_noticed(tmp_path: Path, key: str, seed: int) -> None:
    """Two different faults prove nothing of the file, and are reported as that."""
    ran = audit(tmp_path, key, BODIES[key], seed=seed)
    assert {finding.rule for finding in ran.found} & {CODES[key], "RUN001"}
    assert ran.summary["exit_code"] in (1, 3)


@pytest.mark.parametrize("key", BODIES)
def test_wrong_once_and_right_the_second_time_is_no_finding(tmp_path: Path, key: str) -> None:
    ran = audit(tmp_path, key, BODIES[key], wrong=1)
    assert (ran.found, ran.summary["exit_code"]) == ([], 0)


def test_a_database_of_which_a_page_is_wrong_is_reported_once(tmp_path: Path) -> None:
    body = old_database()
    ran = audit(tmp_path, DATABASE, body[:512] + bytes([90]) * 512 + body[1024:], wrong=0)
    assert [finding.rule for finding in ran.found] == ["BAK001"]
    assert ran.summary["requests"]["GetObject"] == 2


@pytest.mark.parametrize("key", [*BODIES, DATABASE])
def test_a_file_of_another_family_is_noticed(tmp_path: Path, key: str) -> None:
    other = BODIES[REDIS] if key != REDIS else BODIES[ZIP]
    digest = hashlib.sha512(BODIES.get(key, b"")).hexdigest()
    rows = MemoryRows({key: ("uid", len(other), OLD)}, answers=lambda sql, _: [{"object_key": key, "sha512": digest}])
    ran = run(tmp_path, MemoryStore({key: (OLD, other)}), rows, rules=RULES)
    assert {finding.rule for finding in ran.found} == {CODES[key]}
