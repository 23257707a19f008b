"""The drift that was planted, rolled up: every prefix of it, with exact numbers, and no other."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.text import isoformat
from tests.scanning import HOLDS, NOW, VERSITYGW, Place, placed, scan, with_credentials, world
from tests.world.builder import build
from tests.world.faults import Faults
from tests.world.world import World

UID = "oseh_[a-z_]+_[A-Za-z0-9_-]{22}"
DRIFT = {  # what tests/world/drift.py writes, and how many of it
    ("KEY001", "builds/"): (r"builds/.*", 4),
    ("KEY001", "s3_files/class_info/"): (r"s3_files/class_info/.*", 1),
    ("KEY001", "s3_files/merging/"): (r"s3_files/merging/.*", 1),
    ("KEY001", "s3_files/voice_notes/"): (r"s3_files/voice_notes/.*", 3),
    ("KEY002", "s3_files/backup/database/timely/"): (r"s3_files/backup/database/timely/.*\.txt", 1),
    ("KEY002", "s3_files/videos/journey_videos/"): (r"s3_files/videos/journey_videos/.*", 1),
    ("KEY002", "s3_files/videos/journey_video_samples/"): (r"s3_files/videos/journey_video_samples/.*", 1),
    ("KEY002", "s3_files/videos/{content_file_uid}/hls/"): (rf"s3_files/videos/{UID}/hls/.*", 2),
}


of_two_places = pytest.mark.parametrize("place", ["folder", VERSITYGW])


def planted(made: World) -> dict[tuple[str, str], dict[str, object]]:
    rows = {row["key"] for row in made.rows()}
    entries = {}
    for label, (pattern, count) in DRIFT.items():
        found = [one for one in made.objects if re.fullmatch(pattern, one.key)]
        assert len(found) == count
        times = [datetime.fromtimestamp(one.modified, UTC) for one in found]
        entries[label] = {
            "objects": count,
            "bytes": sum(one.size for one in found),
            "first_modified": isoformat(min(times)),
            "last_modified": isoformat(max(times)),
            "with_rows": len(rows & {one.key for one in found}),
        }
    return entries


@of_two_places
def test_the_planted_drift_is_what_is_rolled_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place) -> None:
    with_credentials(monkeypatch)
    drift = Faults(unknown_prefixes=True, malformed_keys=True)
    made = build(11, 400, now=NOW, faults=drift, holds=HOLDS[place], bucket="rolled-up")
    made.write_database(tmp_path / "rows.db")
    with placed(made, place, tmp_path) as bucket:
        scanned = scan(bucket, tmp_path / "run", "--db", f"sqlite:///{tmp_path / 'rows.db'}")
    expected = planted(made)
    said = {
        (entry["rule"], entry["prefix"]): {name: entry[name] for name in expected["KEY001", "builds/"]}
        for entry in scanned.summary["unexplained"]
    }
    assert said == expected


@of_two_places
def test_with_every_fault_the_sums_agree_with_the_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    with_credentials(monkeypatch)
    with placed(world(1, 400, place), place, tmp_path) as bucket:
        whole = scan(bucket, tmp_path / "whole", "--db", "none", "--workers", "3").summary
        without = scan(bucket, tmp_path / "without", "--db", "none", "--ignore", "KEY").summary
    sums: dict[str, int] = {}
    for entry in whole["unexplained"]:
        sums[entry["rule"]] = sums.get(entry["rule"], 0) + entry["objects"]
    assert sums == {rule: whole["findings"][rule] for rule in ("KEY001", "KEY002", "KEY003")}
    assert without["unexplained"] == whole["unexplained"]
