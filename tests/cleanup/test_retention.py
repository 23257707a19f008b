"""Backups beyond a retention: which go, which stay whatever their age, and what a later look must still find."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditor.cleanup.limits import _of_backups
from auditor.cleanup.retention import beyond
from auditor.cleanup.selection import Retention, Selection
from auditor.findings import Finding, Severity, Status
from auditor.scan.columns import RECORD
from auditor.text import isoformat
from tests.cleanup.scene import NOW, Scene, items, plan_of
from tests.scan.running import shipped

FAMILY = "backup/database"


def key(days: float) -> str:
    return f"s3_files/backup/database/{int((NOW - timedelta(days=days)).timestamp())}.bak"


def record(path: Path, ages: Iterable[float], **changes: object) -> Path:
    rows = [
        {
            "key": key(age),
            "size": 10,
            "last_modified": NOW - timedelta(days=age),
            "etag": '"e"',
            "storage_class": "STANDARD",
            "family": FAMILY,
            "class": "ok",
            "row_uid": None,
        }
        | changes
        for age in sorted(ages, reverse=True)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=RECORD), path)
    return path


def unsound(days: float, rule: str = "BAK001") -> Finding:
    return Finding(rule, "x", Severity.ERROR, Status.SEEN, "b", key(days), FAMILY, 10, NOW, None, "m", "", "0" * 64)


def gone(
    tmp_path: Path,
    ages: Iterable[float],
    *findings: Finding,
    days: float = 90,
    keep: int = 3,
    source: str = "x",
    **changes: object,
) -> tuple[list[str], int]:
    path = record(tmp_path / "objects.parquet", ages, **changes)
    summary = {"started_at": isoformat(NOW), "rows": {"source": source}, "pending": None}
    found = beyond(path, findings, [Retention(FAMILY, timedelta(days=days), keep)], shipped(), summary, "b")
    return [item.key for item in found.items], found.left_out


def test_what_is_older_goes_and_the_rest_stays(tmp_path: Path) -> None:
    assert gone(tmp_path, [1, 2, 3, 89, 91, 100]) == ([key(100), key(91)], 0)


def test_the_newest_stay_however_old_they_are(tmp_path: Path) -> None:
    assert gone(tmp_path, [100, 200, 300, 400]) == ([key(400)], 0)
    assert gone(tmp_path, [100, 200, 300]) == ([], 0)
    assert gone(tmp_path, [100, 200, 300], keep=1) == ([key(300), key(200)], 0)


@pytest.mark.parametrize("rule", ["BAK001", "BAK002", "BAK004", "RUN001"])
def test_what_is_damaged_stands_in_for_nothing(tmp_path: Path, rule: str) -> None:
    """Three are kept that can be restored; a damaged one among them is not counted."""
    ages = [1, 2, 3, 200, 300]
    assert gone(tmp_path, ages, unsound(1, rule)) == ([key(300)], 0)
    assert gone(tmp_path, ages, unsound(1, rule), unsound(2, rule)) == ([], 0)


def test_when_too_few_are_sound_nothing_goes(tmp_path: Path) -> None:
    assert gone(tmp_path, [1, 200, 300], unsound(1)) == ([], 2)


def test_an_empty_one_stands_in_for_nothing(tmp_path: Path) -> None:
    assert gone(tmp_path, [1, 2, 3, 200], size=0) == ([], 1)


def test_the_younger_of_both_times_counts(tmp_path: Path) -> None:
    """A backup that was stored again last week may be of what somebody has just restored."""
    assert gone(tmp_path, [1, 2, 3, 200, 300], last_modified=NOW - timedelta(days=7)) == ([], 0)


def test_the_one_that_the_run_used_stays(tmp_path: Path) -> None:
    assert gone(tmp_path, [1, 2, 3, 200, 300], source=f"backup {key(200)}") == ([key(300)], 1)


def test_other_classes_are_no_backups(tmp_path: Path) -> None:
    assert gone(tmp_path, [1, 2, 3, 200], **{"class": "ignored"}) == ([], 0)


# -- through the commands


def backups(scene: Scene, *ages: int) -> dict[int, str]:
    """Of a family that no rule reads."""
    made = {}
    for age in ages:
        at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=age)
        made[age] = scene.put(f"bak/{int(at.timestamp())}.bak", b"backup", at)
    return made


def planned(scene: Scene, *ages: int) -> dict[int, str]:
    made = backups(scene, *ages)
    scene.scan(nights=None)  # no history is needed for what rests on no finding
    result = scene.planned("--retain-backups", "bak=90d")
    assert result.exit_code == 0, result.output
    return made


def test_a_plan_of_backups_needs_no_database(scene: Scene) -> None:
    made = planned(scene, 1, 2, 3, 100, 200)
    assert [item.key for item in items(scene.plan)] == [made[200], made[100]]
    (retention,) = plan_of(scene.plan)["retention"]
    assert [one["key"] for one in retention["kept"]] == [made[1], made[2], made[3]]
    assert [one["etag"] for one in retention["kept"]] == [scene.server.objects[made[age]].etag for age in (1, 2, 3)]
    assert scene.verified(db=False).exit_code == 0
    assert scene.fresh() == [made[200], made[100]]


@pytest.mark.parametrize("loss", ["deleted", "emptied", "written over"])
def test_when_a_kept_one_is_lost_nothing_goes(scene: Scene, loss: str) -> None:
    made = planned(scene, 1, 2, 3, 100)
    if loss == "deleted":
        del scene.server.objects[made[2]]
    else:
        scene.put(made[2], b"" if loss == "emptied" else b"of nobody knows what")
    assert scene.verified(db=False).exit_code == 3
    assert scene.fresh() == []
    assert scene.others()[made[100]][0] == "unsure"


def test_a_backup_that_was_stored_again_stays(scene: Scene) -> None:
    made = planned(scene, 1, 2, 3, 100, 200)
    scene.put(made[100], b"backup", NOW)
    assert scene.verified(db=False).exit_code == 1
    assert scene.others() == {made[100]: ("changed", "it was written again")}
    assert scene.fresh() == [made[200]]


def test_secret_backups_are_not_among_all_backups(scene: Scene) -> None:
    text = (scene.folder / "keys.toml").read_text()
    (scene.folder / "keys.toml").write_text(
        text.replace('[templates."bak/{timestamp}.bak"]', '[templates."bak/{timestamp}.bak"]\nsecret = true')
    )
    backups(scene, 1, 2, 3, 100)
    scene.scan()
    assert scene.planned("--retain-backups", "90d").exit_code == 1
    assert scene.planned("--retain-backups", "bak=90d").exit_code == 0


def test_backups_that_were_never_looked_into() -> None:
    """The rule ran, and the budget was spent before it came to all of them."""
    contents = {"never": {"objects": 3, "bytes": 1}}
    summary = {"checked": {"BAK001": "x"}, "contents": contents, "findings": {"RUN001": 2}}
    chosen = Selection(frozenset(), retentions=(Retention(FAMILY, timedelta(days=90), 3),))
    (said,) = _of_backups(summary, chosen, shipped())
    assert "the contents of 1 objects were never looked at" in said
    contents["never"]["objects"] = 2  # those that could not be read are told, and are no sound backups
    assert list(_of_backups(summary, chosen, shipped())) == []
    assert list(_of_backups(summary, Selection(frozenset({"REF001"})), shipped())) == []


def test_backups_that_nobody_read(scene: Scene) -> None:
    """Of a family that a rule reads, in a run that read none."""
    text = (scene.folder / "keys.toml").read_text()
    (scene.folder / "keys.toml").write_text(
        text.replace('[templates."bak/{timestamp}.bak"]', '[templates."bak/{timestamp}.bak"]\ncontent = "redis-backup"')
    )
    backups(scene, 1, 2, 3, 100)
    scene.scan()
    result = scene.planned("--retain-backups", "90d")
    assert result.exit_code == 2
    assert "the run did not read the backups of bak" in result.stderr
