"""The bucket of any size is sorted strictly and is the one that its database records."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from auditor.frames import OBJECTS
from tests.world.bulk import Bulk
from tests.world.test_content import TEMPLATES, matches

BULK = Bulk(30_000, orphan_every=1_009, dangling_every=2_003)


@pytest.fixture(scope="module")
def listed() -> dict[str, int]:
    """Key -> size, in the order of the pages."""
    found: dict[str, int] = {}
    for table in BULK.tables(page=4_096):
        assert table.schema == OBJECTS
        found |= dict(zip(table["key"].to_pylist(), table["size"].to_pylist(), strict=True))
    return found


def test_keys_are_strictly_increasing_across_pages(listed: dict[str, int]) -> None:
    keys = [key.encode() for key in listed]
    assert all(one < another for one, another in pairwise(keys))
    assert len(keys) == BULK.counts()["objects"]


def test_the_size_of_a_page_changes_nothing(listed: dict[str, int]) -> None:
    keys = [key for table in BULK.tables(page=1_000) for key in table["key"].to_pylist()]
    assert keys == list(listed)


def test_every_key_is_of_a_family_or_known_to_be_of_none(listed: dict[str, int]) -> None:
    families = dict.fromkeys(TEMPLATES, 0)
    for key in listed:
        fitting = [family for family, (_, kinds) in TEMPLATES.items() if matches(kinds, key)]
        assert len(fitting) == 1 or key.startswith("s3_files/voice_notes/"), key
        for family in fitting:
            families[family] += 1
    assert min(families.values()) >= 1
    assert families["images/exports"] > 0.8 * len(listed)


def test_the_database_records_the_bucket(listed: dict[str, int], tmp_path: Path) -> None:
    BULK.write_database(tmp_path / "bulk.sqlite", page=7_000)
    with closing(sqlite3.connect(tmp_path / "bulk.sqlite")) as connection:
        rows = dict(connection.execute("SELECT key, file_size FROM s3_files").fetchall())
        order = [key for (key,) in connection.execute("SELECT key FROM s3_files ORDER BY id")]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    counts = BULK.counts()
    assert len(rows) == counts["rows"]
    assert len(rows.keys() - listed.keys()) == counts["dangling"] > 5
    rowless = ("s3_files/backup/", "s3_files/jobs/")
    assert len([key for key in listed.keys() - rows.keys() if not key.startswith(rowless)]) == counts["orphans"] > 20
    assert all(listed[key] == size for key, size in rows.items() if key in listed)
    ascending = sum(one < another for one, another in pairwise(order))
    assert 0.4 < ascending / len(order) < 0.6


def test_another_seed_is_another_bucket(listed: dict[str, int]) -> None:
    other = next(Bulk(30_000, seed=2).tables())["key"].to_pylist()
    assert not set(other) & {key for key in listed if "/audio/" in key}


def test_a_bucket_too_small_for_every_family_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 100"):
        list(Bulk(10).tables())
