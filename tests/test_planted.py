"""The audit says what was planted: every finding, every class, none missed, none extra."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples import by_default
from tests.scanning import SERVERS, VERSITYGW, Place, placed, scan, with_credentials, world
from tests.world.builder import BackupOptions

SMALL, SEVERAL_PAGES = 400, 2_600

LOCAL = ["folder", VERSITYGW]  # moto is slow: it serves where a server of another make may differ
PREFIXES = ["s3_files/images/", "s3_files/audio/originals/o", "s3_files/journey_embeddings/"]
PICTURES = ("IMG", "MED")  # nearly every object of a world; moto takes 10 ms of CPU for reading one


def audit(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    seed: int,
    objects: int,
    place: Place,
    db: str,
    backup: BackupOptions | None = None,
    prefix: str = "",
    workers: int = 1,
    pictures: bool = False,
) -> None:
    with_credentials(monkeypatch)
    made = world(seed, objects, place, backup)
    if db == "sqlite":
        made.write_database(folder / "rows.db")
    options = [] if pictures else [word for code in PICTURES for word in ("--ignore", code)]
    with placed(made, place, folder) as bucket:
        bucket[0] += f"/{prefix}" if prefix else ""
        source = f"sqlite:///{folder / 'rows.db'}" if db == "sqlite" else db
        said = ("--workers", str(workers), "--format", "terminal", *options)
        scanned = scan(bucket, folder / "run", "--db", source, *said)
    truth = made.truth(db, prefix)  # type: ignore[arg-type]
    truth = truth if pictures else truth.without(*PICTURES)
    assert scanned.said() == sorted(truth.findings)
    assert scanned.classes() == truth.classes
    assert scanned.summary["row_classes"] == dict(truth.row_counts())
    assert scanned.summary["complete"], scanned.summary["errors"]
    assert scanned.code == int(bool(truth.counting()))
    families = {name: entry["objects"] for name, entry in scanned.summary["families"].items() if entry["objects"]}
    planted = [family for key, family in truth.families.items() if family and truth.classes[key] != "ignored"]
    assert families == {family: planted.count(family) for family in planted}


@pytest.mark.parametrize("db", ["sqlite", "backup"])
@pytest.mark.parametrize("place", LOCAL)
@pytest.mark.parametrize(
    ("seed", "objects"), [(1, SMALL), pytest.param(2, SMALL, marks=pytest.mark.slow), (3, SEVERAL_PAGES)]
)
def test_what_was_planted_is_what_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, objects: int, place: Place, db: str
) -> None:
    audit(
        monkeypatch, tmp_path, seed, objects, place, db, pictures=objects == SMALL and (place == "folder" or seed == 1)
    )


@pytest.mark.parametrize(
    ("seed", "objects", "db"), [(1, SMALL, "sqlite"), pytest.param(3, SEVERAL_PAGES, "backup", marks=pytest.mark.slow)]
)
def test_behind_an_endpoint_in_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, objects: int, db: str
) -> None:
    audit(monkeypatch, tmp_path, seed, objects, "moto", db, pictures=objects == SMALL)


@pytest.mark.parametrize("place", LOCAL)
def test_without_a_database_nothing_that_needs_rows_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    audit(monkeypatch, tmp_path, 1, SMALL, place, "none", pictures=True)


@pytest.mark.parametrize(
    ("broken", "journal_mode"),
    [
        ("truncated", "wal"),
        pytest.param("garbage", "wal", marks=pytest.mark.slow),
        pytest.param("corrupt", "wal", marks=pytest.mark.slow),
        ("corrupt", "delete"),
    ],
)
@pytest.mark.parametrize("place", LOCAL)
def test_a_broken_newest_backup_gives_way_to_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place, broken: str, journal_mode: str
) -> None:
    options = BackupOptions(broken=broken, journal_mode=journal_mode)  # type: ignore[arg-type]
    audit(monkeypatch, tmp_path, 1, SMALL, place, "backup", options)


@pytest.mark.parametrize("place", LOCAL)
def test_a_hinted_backup_is_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place) -> None:
    audit(monkeypatch, tmp_path, 1, SMALL, place, "backup", BackupOptions(hint="manual"))


@pytest.mark.parametrize("db", ["sqlite", "backup"])
@pytest.mark.parametrize("prefix", by_default(PREFIXES, "s3_files/audio/originals/o"))
@pytest.mark.parametrize("place", SERVERS)
def test_under_a_prefix_the_rest_is_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place, prefix: str, db: str
) -> None:
    audit(monkeypatch, tmp_path, 2, SMALL, place, db, prefix=prefix)


@pytest.mark.parametrize(
    ("place", "db"),
    [
        ("folder", "sqlite"),
        *(pytest.param("folder", db, marks=pytest.mark.slow) for db in ("backup", "none")),
        *(pytest.param("versitygw", db, marks=pytest.mark.server) for db in ("sqlite", "backup", "none")),
        pytest.param("moto", "sqlite", marks=pytest.mark.slow),
    ],
)
def test_shards_side_by_side_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place, db: str
) -> None:
    audit(monkeypatch, tmp_path, 3, SEVERAL_PAGES, place, db, workers=3)


@pytest.mark.slow
def test_pictures_of_several_pages_are_read_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit(monkeypatch, tmp_path, 2, SEVERAL_PAGES, "folder", "sqlite", workers=3, pictures=True)
