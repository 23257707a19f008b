"""The whole procedure on real servers: scan, plan, look again, delete by what the tool wrote, and look afterwards.

The test deletes, as a person would; the tool does not.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.cleanup.scene import items, plan_of, remember
from tests.scanning import HOLDS, NOW, VERSITYGW, Place, auditor, placed, scan, with_credentials
from tests.world.builder import build
from tests.world.world import World

_numbers = count()


@dataclass
class Site:
    made: World
    folder: Path
    bucket: list[str]  # as `scan` takes it

    @property
    def name(self) -> str:
        return self.bucket[0].removeprefix("s3://")

    @property
    def db(self) -> list[str]:
        return ["--db", f"sqlite:///{self.folder / 'rows.db'}"]

    def client(self) -> Any:
        quick = Config(retries={"max_attempts": 0}, request_checksum_calculation="when_required")
        return boto3.client("s3", endpoint_url=self.bucket[2], config=quick)

    def do(self, statement: str, *values: Any) -> None:
        with closing(sqlite3.connect(self.folder / "rows.db")) as connection, connection:
            connection.execute(statement, values)

    def verify(self, plan: Path, *options: str) -> tuple[int, str]:
        result = auditor("verify", str(plan), *self.bucket[1:], *self.db, "--settle", "0s", *options)
        assert not result.exception or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, result.stdout


@pytest.fixture(params=[pytest.param("moto", marks=pytest.mark.slow), VERSITYGW])
def site(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A world of its own, since it is going to be changed."""
    with_credentials(monkeypatch)
    place: Place = request.param
    made = build(7, 400, now=NOW, holds=HOLDS[place], bucket=f"cleanup-{next(_numbers)}")
    made.write_database(tmp_path / "rows.db")
    with placed(made, place, tmp_path) as bucket:
        yield Site(made, tmp_path, bucket)


def carry_out(site: Site, folder: Path) -> list[dict[str, Any]]:
    """What `delete.sh` asks the AWS command line to do, by boto3; returns what stayed."""
    client = site.client()
    errors: list[dict[str, Any]] = []
    for line in (folder / "delete.sh").read_text().splitlines():
        if "aws s3api delete-objects" in line:
            name = line.partition("file://")[2].partition(")")[0]
            answer = client.delete_objects(Bucket=site.name, Delete=json.loads((folder / name).read_text()))
            errors += answer.get("Errors", [])
        elif line.startswith("aws s3api delete-object "):
            client.delete_object(**json.loads(line.partition("'")[2].rpartition("'")[0]))
    return errors


def test_from_the_run_to_the_empty_place(site: Site) -> None:
    run, plan, fresh = (site.folder / name for name in ("run", "plan", "fresh"))
    scanned = scan(site.bucket, run, *site.db, "--format", "terminal", "--content", "headers")
    remember(run, scanned.findings(), 9, first_seen=NOW)
    truth = site.made.truth("sqlite")
    wanted = {one.key for one in truth.findings if one.rule in ("REF001", "REF004", "REF007")}
    left = {key for key in wanted if key.startswith("s3_files/journals/")}  # secret, and not named
    left |= {one.key for one in truth.findings if one.rule in ("REF006", "REF008")}
    replaced = ("s3_files/journey_embeddings/", "s3_files/courses/")
    for family in replaced:  # a file in use is lost or damaged, so that an old one may be the last that is whole
        faulty = {one.rule for one in truth.findings if one.key.startswith(family)}
        assert faulty & {"REF002", "ZIP001", "RUN001"} or any(rule.startswith("EMB") for rule in faulty)
    left |= {one.key for one in scanned.findings() if "a newer row of" in one.message and one.key.startswith(replaced)}
    select = ["--select", "REF001", "--select", "REF004", "--select", "REF007"]
    backups = ["--retain-backups", "backup/redis=90d"]
    made = auditor("plan", str(run), *select, *backups, "--out", str(plan), "--max-share", "100%")
    assert made.exit_code == 0, made.output
    old = {item.key for item in items(plan) if item.rules == ("retention",)}
    assert old
    assert {item.key for item in items(plan)} - old == wanted - left

    # meanwhile one orphan gets its row, one file is used, one is overwritten, and somebody deletes one
    orphans = [item.key for item in items(plan) if item.rules == ("REF001",)]
    lonely = [item for item in items(plan) if item.rules == ("REF004",) and "originals" in item.key]
    taken, overwritten, deleted, used = orphans[0], orphans[1], orphans[2], lonely[0].key
    site.do("INSERT INTO s3_files (uid, key, file_size, content_type, created_at) VALUES ('new', ?, 1, 'x', 0)", taken)
    site.do(
        "INSERT INTO merge_account_log (uid, user_id, operation_uid, reason, created_at) "
        "VALUES ('u', (SELECT min(id) FROM users), 'o', ?, 0)",
        json.dumps({"key": used}),
    )
    site.client().put_object(Bucket=site.name, Key=overwritten, Body=b"something else")
    site.client().delete_object(Bucket=site.name, Key=deleted)
    code, said = site.verify(plan, "--out", str(fresh))
    assert (code, said.splitlines()[0].split(":")[0]) == (1, "ready")
    others, spelt = {}, set()
    for line in map(json.loads, (fresh / "others.jsonl").read_text().splitlines()):
        others[line["item"]["key"]] = line["verdict"]
        if "(REF006)" in line["why"]:
            spelt.add(line["item"]["key"])
    assert {key: verdict for key, verdict in others.items() if key not in spelt} == {
        taken: "referenced",
        used: "referenced",
        overwritten: "changed",
        deleted: "gone",
    }
    going = {item.key for item in items(fresh)}
    assert going == {item.key for item in items(plan)} - set(others)

    before = {item.key for item in items(fresh)}
    assert carry_out(site, fresh) == []
    there = set(listed(site))
    assert not going & there
    assert {key for key in site.made.ledger.objects if key not in before | {deleted}} == there

    code, said = site.verify(fresh, "--after")
    rows = sum(item.row_uid is not None for item in items(fresh))
    assert code == 1
    assert f"gone: {len(going)} with" in said
    assert f"rows that must be deleted now: {rows} (rows.csv)" in said
    for item in items(fresh):
        site.do("DELETE FROM s3_files WHERE uid = ?", item.row_uid)
    assert site.verify(fresh, "--after")[0] == 0
    assert site.verify(plan, "--after")[0] == 1  # of the whole plan, three objects were left alone
    assert plan_of(fresh)["parent"] == plan_of(plan)["hash"]


def listed(site: Site) -> Iterator[str]:
    for page in site.client().get_paginator("list_objects_v2").paginate(Bucket=site.name):
        yield from (entry["Key"] for entry in page.get("Contents", ()))
