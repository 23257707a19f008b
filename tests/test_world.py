"""The world is sound, reproducible, and what it states as truth is what it planted."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.spec.model import Fit
from tests.world import BackupOptions, Faults, World, build
from tests.world.ledger import DAY, FAMILIES, HOUR, ROWLESS

NOW = datetime(2026, 5, 17, 12, 0, 0, tzinfo=UTC)
SEEDS = (1, 2, 3)
ROOT = Path(__file__).resolve().parents[1]
RULES_OF = {
    "unknown_prefixes": {"KEY001"},
    "malformed_keys": {"KEY002"},
    "invalid_fields": {"KEY003", "REF001", "REF002"},
    "directory_markers": {"KEY002", "KEY005"},
    "hostile_keys": {"KEY001", "KEY002", "KEY003", "REF001"},
    "orphans": {"REF001"},
    "dangling_rows": {"REF002"},
    "size_mismatches": {"REF003"},
    "leaks": {"REF004", "REF005"},
    "misspelt_keys": {"KEY001", "KEY002", "REF001", "REF002", "REF006"},
    "embeddings": {"REF004", *(f"EMB00{number}" for number in range(1, 10))},
    "owners": {"REF004", "REF005"},
    "uploads": {"REF004", "REF005", "REF007", "UPL002"},
    "content_types": {"REF009", "IMG001"},
    "journal_keys": {"JRN001"},
    "pending_files": {"REF001", "REF008"},
    "images": {f"IMG00{number}" for number in range(1, 5)},
    "media": {"MED001", "MED002"},
    "archives": {"BAK001", "BAK002", "BAK004", "BAK005", "ZIP001", "ORG001", "JOB001"},
}
STANDING = {"BAK003", "BAK006"}  # two backups of years ago, with hints in their names, are in every world


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest) -> World:
    return build(request.param, 600, now=NOW)


def contents(world: World) -> list[tuple[object, ...]]:
    return [(found.key, found.body, found.modified, found.storage_class) for found in world.objects]


def test_the_same_seed_gives_the_same_world() -> None:
    first, again, other = (build(seed, 400, now=NOW) for seed in (5, 5, 6))
    assert contents(first) == contents(again)
    assert first.ledger.rows == again.ledger.rows
    assert first.truth("sqlite") == again.truth("sqlite")
    assert {found.key for found in first.objects} != {found.key for found in other.objects}


def digest(world: World) -> str:
    return hashlib.sha256(repr(contents(world)).encode()).hexdigest()


def test_no_hash_seed_moves_the_world() -> None:
    program = "from tests.test_world import *; print(digest(build(5, 300, now=NOW)))"
    environment = {**os.environ, "PYTHONHASHSEED": "4321"}
    child = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert child.stdout.decode().strip() == digest(build(5, 300, now=NOW))


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_the_database_is_sound(world: World, tmp_path: Path, journal_mode: str) -> None:
    path = tmp_path / "live.sqlite"
    world.write_database(path, journal_mode)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        assert_sound(connection)
        types = dict(connection.execute("SELECT typeof(created_at), count(*) FROM s3_files GROUP BY 1").fetchall())
        stored = connection.execute("SELECT key, file_size FROM s3_files ORDER BY key").fetchall()
    assert types["integer"] > 50
    assert types["real"] > 50
    assert types["text"] == 1
    assert stored == sorted(((row["key"], row["file_size"]) for row in world.rows()), key=lambda row: row[0].encode())


def assert_sound(connection: sqlite3.Connection) -> None:
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    indexes = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    assert "s3_files_key_idx" in indexes


@pytest.mark.parametrize(("journal_mode", "versions"), [("wal", b"\x02\x02"), ("delete", b"\x01\x01")])
def test_the_newest_backup_holds_the_rows_of_its_time(tmp_path: Path, journal_mode: str, versions: bytes) -> None:
    world = build(7, 400, now=NOW, backup=BackupOptions(journal_mode=journal_mode, hint="manual"))  # type: ignore[arg-type]
    key = newest_backup(world)
    assert key == f"s3_files/backup/database/{int(world.backup_time.timestamp())}manual.bak"
    body = world.object(key).body
    assert body[18:20] == versions
    path = tmp_path / "backup.sqlite"
    path.write_bytes(body)
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        assert_sound(connection)
        held = {row[0] for row in connection.execute("SELECT key FROM s3_files")}
    assert held == {row["key"] for row in world.rows(mode="backup")}
    live = {row["key"] for row in world.rows()}
    assert set(world.planted["deleted-since-backup"]) <= held - live
    assert live - held


def newest_backup(world: World) -> str:
    folder = "s3_files/backup/database/"
    keys = [one.key for one in world.objects if one.key.startswith(folder) and "/timely/" not in one.key]
    return max(keys, key=lambda key: int(key.removeprefix(folder)[:10]))


@pytest.mark.parametrize("how", ["truncated", "garbage", "corrupt"])
def test_a_broken_backup_is_broken_and_is_the_newest(tmp_path: Path, how: str) -> None:
    world = build(7, 400, now=NOW, backup=BackupOptions(broken=how))  # type: ignore[arg-type]
    key = newest_backup(world)
    assert world.planted["broken-backup"] == [key]
    assert world.backup_time == NOW - timedelta(hours=22)
    path = tmp_path / "broken.sqlite"
    path.write_bytes(world.object(key).body)
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        try:
            verdict = connection.execute("PRAGMA quick_check").fetchall()
        except sqlite3.DatabaseError:
            verdict = []
    assert verdict != [("ok",)]


@pytest.mark.parametrize("mode", ["sqlite", "backup", "none"])
@pytest.mark.parametrize("prefix", ["", "s3_files/images/", "s3_files/journey_embeddings/", "builds"])
def test_every_object_and_row_has_one_class(world: World, mode: str, prefix: str) -> None:
    truth = world.truth(mode, prefix)  # type: ignore[arg-type]
    assert set(truth.classes) == {found.key for found in world.objects if found.key.startswith(prefix)}
    rows = [] if mode == "none" else [row["key"] for row in world.rows(mode=mode)]  # type: ignore[arg-type]
    assert sorted(truth.row_classes) == sorted(rows)
    assert set(truth.class_counts()) <= {"ok", "unknown", "ignored", "orphan", "pending", "too-new", "unjudged"}
    assert all(finding.key.startswith(prefix) for finding in truth.findings)


def test_what_was_planted_is_what_must_be_found(world: World) -> None:
    live, backup = world.truth("sqlite"), world.truth("backup")
    of = {rule: {one.key for one in live.findings if one.rule == rule} for rule in live.rules()}
    aged = world.ledger.now - 10 * DAY
    planted = {kind: set(keys) for kind, keys in world.planted.items()}
    assert of["KEY001"] == planted["unknown-prefix"] | {
        key for key in planted["hostile"] if world.ledger.places[key].fit is Fit.UNKNOWN
    }
    assert of["KEY005"] == planted["marker"]
    assert of["KEY003"] == planted["invalid-field"]
    assert of["REF001"] >= planted["orphan"]
    seeming = planted["other-bucket"] | planted["pending-since-backup"]
    assert seeming <= of["REF001"] - planted["orphan"] <= planted["invalid-field"] | seeming
    assert of["REF002"] == planted["dangling"]
    assert of["REF003"] == planted["mismatch"]
    leaked = {key for key in of["REF004"] if any(part in key for part in planted["leaked"])}
    assert (
        of["REF005"] - leaked
        == planted["owner-missing"]
        | planted["owner-gone"]
        | planted["owner-gone-since-backup"]
        | (planted["part-without-upload"])
    )
    assert {one.key for one in backup.findings if one.rule == "REF005"} - leaked == (
        planted["owner-missing"] | planted["owner-gone"] | planted["owner-come-since-backup"]
    ) | planted["part-without-upload"] | planted["swept-since-backup"]
    old = {key for key in planted["wrong-part"] if live.classes[key] == "ok" and world.object(key).modified < aged}
    assert of["REF007"] == planted["stale-part"] | planted["stale-part-of-yesterday"] | old
    assert {one.key for one in backup.findings if one.rule == "REF007"} == planted["stale-part"] | old
    assert of["UPL002"] == planted["wrong-part"]
    assert of["REF009"] == planted["wrong-type"]
    assert of["JRN001"] == planted["journal-key-length"]
    alone = planted["owner-missing"] | planted["part-without-upload"] | leaked  # nobody refers to these, either
    kept = of["REF004"] - alone
    assert {world.ledger.places[key].family for key in kept} <= {"journey_embeddings", "images/exports"}
    assert all(any(part in key for key in of["REF004"]) for part in planted["leaked"])
    assert of["REF006"] == planted["misspelt"]
    asked = {one.key: one.status for one in world.truth("sqlite", pending="redis").findings if one.rule == "REF008"}
    assert asked == dict.fromkeys(planted["pending-but-referenced"], "seen")
    assert of["REF008"] < planted["pending-but-referenced"]
    since = {one.key for one in backup.findings if one.rule == "REF002"}
    assert since == planted["dangling"] | planted["deleted-since-backup"]
    assert {one.status for one in backup.findings if one.rule in ("REF001", "REF002")} == {"snapshot"}
    assert {one.status for one in live.findings if one.rule in ("REF001", "REF002")} == {"confirmed"}


@pytest.mark.parametrize("broken", [None, "garbage"])
def test_the_evidence_decides(broken: str | None) -> None:
    world = build(8, 400, now=NOW, backup=BackupOptions(broken=broken))  # type: ignore[arg-type]
    live, backup, nothing = (world.truth(mode) for mode in ("sqlite", "backup", "none"))  # type: ignore[arg-type]
    assert (live.rows_as_of, backup.rows_as_of, nothing.rows_as_of) == (None, world.backup_time, None)
    assert live.cutoff == backup.cutoff == NOW - timedelta(hours=24)

    def classes(kind: str) -> set[tuple[str, str, str]]:
        keys = [key for key in live.classes if any(part in key for part in world.planted[kind])]
        return {(live.classes[key], backup.classes[key], nothing.classes[key]) for key in keys}

    assert classes("orphan-of-yesterday") == {("orphan", "too-new", "unjudged")}
    assert classes("swept-since-backup") == {("orphan", "ok", "unjudged")}
    assert classes("after-backup") == {("ok", "too-new", "unjudged")}
    assert classes("young-object") == {("too-new", "too-new", "unjudged")}
    assert classes("overwritten") == {("ok", "ok", "unjudged")}
    assert classes("lagging-items") == {("ok", "too-new", "unjudged")}
    assert classes("hinted-backup") == classes("job-file") == {("ok", "ok", "ok")}
    assert classes("unknown-prefix") == {("unknown", "unknown", "unknown")}
    absent = {one.rule for one in live.findings} - {one.rule for one in nothing.findings}
    assert absent == {"REF001", "REF002", "REF003", "REF004", "EMB005", "EMB007", "EMB008"} | {
        "REF005", "REF006", "REF007", "REF008", "REF009", "UPL002", "IMG002", "ORG001",
    }  # fmt: skip
    assert {live.classes[key] for key in world.planted["marker"]} == {"ignored"}


def test_rows_without_an_object_are_told_apart(world: World) -> None:
    live, backup = world.truth("sqlite"), world.truth("backup")
    rows = {kind: {live.row_classes.get(key) for key in keys} for kind, keys in world.planted.items()}
    assert rows["young-row"] == rows["row-without-time"] == {"too-new"}
    assert rows["lost-outside"] == {"no-family"}
    assert rows["dangling"] == {"dangling"}
    assert rows["deleted-since-backup"] == {None}
    assert {backup.row_classes[key] for key in world.planted["deleted-since-backup"]} == {"dangling"}
    assert set(world.truth("sqlite", "builds/").row_counts()) == {"outside"}


def test_an_overwritten_object_agrees_with_its_row_only_while_the_row_is_live(world: World) -> None:
    (key,) = world.planted["overwritten"]
    live, backup = ({row["key"]: row["file_size"] for row in world.rows(mode=mode)} for mode in ("sqlite", "backup"))
    assert live[key] == world.object(key).size != backup[key]
    assert not [one for one in world.truth("backup").findings if one.key == key]


def test_severities_and_statuses_are_those_of_the_design(world: World) -> None:
    severities = {one.rule: one.severity for one in world.truth("sqlite").findings}
    errors = {"REF002", "REF003", "REF006", "REF008", "UPL002", "JRN001", "IMG001", "IMG004", "MED001"}
    errors |= {"BAK001", "BAK002", "ZIP001", "ORG001"}
    errors |= {f"EMB00{number}" for number in (1, 2, 3, 4, 5, 6, 8)}
    assert {rule for rule, severity in severities.items() if severity == "error"} == errors
    assert {rule for rule, severity in severities.items() if severity == "info"} == {"KEY005", "EMB007", "BAK006"}
    absence = {one.rule for one in world.truth("sqlite").findings if one.status == "confirmed"}
    assert absence == {"REF001", "REF002", "REF004", "REF005", "REF006", "REF007", "EMB001", "EMB008"}
    assert {one.status for one in world.truth("none").findings} == {"seen"}


def test_a_world_without_faults_is_silent() -> None:
    world = build(9, 500, now=NOW, faults=Faults())
    assert set(world.truth("sqlite").rules()) == STANDING
    assert world.truth("sqlite").without(*STANDING).findings == set()
    assert world.truth("none").without(*STANDING).findings == set()
    backup = world.truth("backup").without(*STANDING)
    assert {one.key for one in backup.findings} == set(world.planted["deleted-since-backup"])
    assert backup.counting() == set()
    assert backup.counting("info") == set()


@pytest.mark.parametrize("kind", RULES_OF)
def test_each_fault_can_be_had_alone_and_moves_nothing_else(kind: str) -> None:
    clean = build(9, 1, now=NOW, faults=Faults())
    world = build(9, 1, now=NOW, faults=Faults(**{kind: True}))
    assert set(world.truth("sqlite").rules()) == RULES_OF[kind] | STANDING
    shared = {found.key: found for found in world.objects}
    changed = [found.key for found in clean.objects if shared.get(found.key) != found]
    assert all(key.startswith(("s3_files/backup/database/", "s3_files/backup/redis/")) for key in changed)


def test_no_age_lies_near_a_limit(world: World) -> None:
    backup = int(world.backup_time.timestamp())
    limits = (world.ledger.now - DAY, backup, backup - DAY)
    for found in world.objects:
        if world.ledger.places[found.key].family not in ROWLESS:
            assert all(abs(found.modified - limit) >= HOUR for limit in limits), found.key
    for row in world.ledger.rows:
        given = (row.born, row.died, row.values.get("created_at"))
        moments = [moment for moment in given if isinstance(moment, int | float)]
        assert all(abs(moment - limit) >= HOUR for moment in moments for limit in limits), row


def test_every_trap_is_there(world: World) -> None:
    silent = {
        "name", "voice-note-name", "uid-without-row", "upload-in-flight", "young-object", "young-row",
        "row-without-time", "lagging-items", "size-unknown", "overwritten", "after-backup",
        "deleted-since-backup", "named-in-a-text", "young-and-alone",
        "hinted-backup", "job-file", "lost-outside",
        "owner-to-come", "ended-part", "right-type",
        "pending", "pending-young", "pending-in-use", "pending-gone",
    }  # fmt: skip
    assert silent <= set(world.planted)
    uids = {row["uid"] for row in world.rows("content_files")}
    assert not uids & set(world.planted["uid-without-row"])
    families = Counter(world.ledger.places[found.key].family for found in world.objects)
    assert set(families) == FAMILIES | {None}
    modes = [world.truth(mode).without(*STANDING) for mode in ("sqlite", "backup", "none")]  # type: ignore[arg-type]
    accused = {one.key for truth in modes for one in truth.findings}
    for kind in silent - {"deleted-since-backup"}:
        assert not [key for key in accused if any(part in key for part in world.planted[kind])], kind


def test_most_families_have_their_share() -> None:
    world = build(4, 12_000, now=NOW)
    kinds = Counter((world.ledger.places[found.key].family or "none").split("/")[0] for found in world.objects)
    assert abs(len(world.objects) - 12_000) < 400
    assert 0.83 < kinds["images"] / len(world.objects) < 0.92
    assert 0.07 < (kinds["audio"] + kinds["videos"]) / len(world.objects) < 0.13
