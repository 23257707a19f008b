"""A world in a folder, in moto's S3, in a database that is in use, beside the database of another world."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.world import World, build
from tests.world.serve import Served, backend, serve

NOW = datetime(2026, 5, 17, 12, 0, 0, tzinfo=UTC)


def client_of(served: Served) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=served.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"max_attempts": 1}),
    )


def facts(world: World) -> list[tuple[str, int, int]]:
    return [(found.key, found.size, found.modified) for found in world.objects]


def test_a_folder_holds_every_object_of_a_world_for_folders(tmp_path: Path) -> None:
    world = build(3, 500, now=NOW, for_folder=True)
    world.write_folder(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    held = [(path.relative_to(tmp_path).as_posix(), path.stat().st_size, int(path.stat().st_mtime)) for path in files]
    assert sorted(held, key=lambda fact: fact[0].encode()) == facts(world)


def test_a_world_for_folders_is_the_same_but_for_what_no_folder_holds() -> None:
    whole, part = build(3, 500, now=NOW), build(3, 500, now=NOW, for_folder=True)
    missing = set(whole.ledger.objects) - set(part.ledger.objects)
    assert missing > set(whole.planted["marker"])
    backups = [found.key for found in part.objects if found.key.startswith("s3_files/backup/database/")]
    for found in part.objects:
        assert found == whole.object(found.key) or found.key in backups
    missing |= {row for found, row in whole.ledger.misspelt if found in missing}
    kept = {one for one in whole.truth("sqlite").findings if one.key not in missing}
    assert part.truth("sqlite").findings == kept
    assert part.truth("backup").counting() <= whole.truth("backup").counting()


def test_moto_lists_and_reads_every_object() -> None:
    world = build(3, 1_300, now=NOW, bucket="places")  # two pages
    with serve(world) as served:
        client = client_of(served)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=served.bucket)
        listed = [one for page in pages for one in page["Contents"]]
        assert [(one["Key"], one["Size"], int(one["LastModified"].timestamp())) for one in listed] == facts(world)
        assert {one["StorageClass"] for one in listed} <= {"STANDARD", "GLACIER"}
        for key in [*world.planted["orphan"], *world.planted["EMB008"]]:  # what an audit looks at again, or reads
            answer = client.head_object(Bucket=served.bucket, Key=key)
            assert int(answer["LastModified"].timestamp()) == world.object(key).modified
            assert client.get_object(Bucket=served.bucket, Key=key)["Body"].read() == world.object(key).body
        client.close()
    assert served.bucket not in backend().buckets


def test_keys_with_a_newline_can_be_had_from_moto() -> None:
    world = build(3, 300, now=NOW)
    broken = [found for found in world.objects if "\n" in found.key]
    assert broken
    with serve(world, "newlines") as served, closing(client_of(served)) as client:
        for found in broken:
            assert client.head_object(Bucket=served.bucket, Key=found.key)["ContentLength"] == found.size
            assert client.get_object(Bucket=served.bucket, Key=found.key)["Body"].read() == found.body


def test_half_of_the_rows_of_a_database_in_use_are_in_its_wal(tmp_path: Path) -> None:
    world = build(3, 300, now=NOW)
    with world.database_in_use(tmp_path / "live.sqlite") as path:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
            assert reader.execute("SELECT count(*) FROM s3_files").fetchone() == (len(world.rows()),)
            assert reader.execute("PRAGMA foreign_key_check").fetchall() == []
        with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as blind:
            (held,) = blind.execute("SELECT count(*) FROM s3_files").fetchone()
    assert 0 < held < len(world.rows()) * 0.6


def test_a_foreign_database_records_nothing_of_this_world(tmp_path: Path) -> None:
    world = build(3, 300, now=NOW)
    world.foreign_database(tmp_path / "foreign.sqlite")
    with closing(sqlite3.connect(tmp_path / "foreign.sqlite")) as connection:
        keys = {key for (key,) in connection.execute("SELECT key FROM s3_files")}
    assert len(keys) > 100
    assert not keys & set(world.ledger.objects)
