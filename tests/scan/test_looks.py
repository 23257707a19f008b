"""Nothing live is accused: what happens between the first look and the last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import ObjectUnreadable
from tests.scan.fakes import NOW, OLD, YOUNG, MemoryRows, MemoryStore, dies_after
from tests.scan.running import image, run

BODY = (OLD, b"1234")
ROW = ("uid", 4, OLD)


def once(operation: str, change: Callable[[], Any]) -> Callable[[str, Any], None]:
    """A `before` hook that makes one change ahead of the first such request."""
    left = [change]

    def before(asked: str, argument: Any) -> None:
        if asked == operation and left:
            left.pop()()

    return before


def test_an_old_object_without_a_row_is_confirmed(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({image(1): BODY}), MemoryRows({}))
    assert ran.said() == {("REF001", image(1), "confirmed")}
    assert ran.classes == {image(1): "orphan"}
    assert ran.summary["exit_code"] == 1


def test_a_young_object_without_a_row_is_too_new(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({image(1): (YOUNG, b"1")}), MemoryRows({}))
    assert ran.said() == set()
    assert ran.classes == {image(1): "too-new"}


def test_a_row_that_appears_before_the_second_look_clears_the_object(tmp_path: Path) -> None:
    rows = MemoryRows({})
    rows.before = once("lookup", lambda: rows.rows.update({image(1): ROW}))
    ran = run(tmp_path, MemoryStore({image(1): BODY}), rows)
    assert ran.said() == set()
    assert ran.classes == {image(1): "ok"}
    assert ran.record["row_uid"].to_pylist() == ["uid"]


def test_a_row_that_appears_after_the_head_clears_the_object(tmp_path: Path) -> None:
    rows = MemoryRows({})
    store = MemoryStore({image(1): BODY})
    store.before = once("HeadObject", lambda: rows.rows.update({image(1): ROW}))
    assert run(tmp_path, store, rows).classes == {image(1): "ok"}


def test_an_object_deleted_meanwhile_is_gone_and_not_an_orphan(tmp_path: Path) -> None:
    store = MemoryStore({image(1): BODY})
    store.before = once("HeadObject", store.objects.clear)
    ran = run(tmp_path, store, MemoryRows({}))
    assert ran.said() == set()
    assert ran.classes == {image(1): "gone"}


def test_an_object_overwritten_meanwhile_is_judged_by_its_new_age(tmp_path: Path) -> None:
    store = MemoryStore({image(1): BODY})
    store.before = once("HeadObject", lambda: store.objects.update({image(1): (YOUNG, b"new")}))
    ran = run(tmp_path, store, MemoryRows({}))
    assert ran.classes == {image(1): "too-new"}


@pytest.mark.parametrize("refused", [True, False])
def test_a_head_that_fails_with_anything_but_404_leaves_the_object_unjudged(tmp_path: Path, refused: bool) -> None:
    error = ObjectUnreadable(image(1), "access denied", refused=refused)
    ran = run(tmp_path, MemoryStore({image(1): BODY}, unreadable={image(1): error}), MemoryRows({}))
    assert ran.said() <= {("RUN001", image(1), "seen")}
    assert ran.classes == {image(1): "unjudged"}
    assert ran.summary["exit_code"] == 3


def test_a_row_without_an_object_is_dangling(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({}), MemoryRows({image(1): ROW}))
    assert ran.said() == {("REF002", image(1), "confirmed")}
    assert ran.summary["row_classes"] == {"dangling": 1}
    assert ran.found[0].row_uid == "uid"


def test_a_row_deleted_meanwhile_is_gone(tmp_path: Path) -> None:
    rows = MemoryRows({image(1): ROW})
    rows.before = once("lookup", rows.rows.clear)
    ran = run(tmp_path, MemoryStore({}), rows)
    assert (ran.said(), ran.summary["row_classes"]) == (set(), {"gone": 1})


def test_a_row_whose_object_appears_meanwhile_is_matched(tmp_path: Path) -> None:
    """An overwrite of an old key: the row is old, the object was not there for a moment."""
    store = MemoryStore({})
    store.before = once("HeadObject", lambda: store.objects.update({image(1): (YOUNG, b"1234")}))
    ran = run(tmp_path, store, MemoryRows({image(1): ROW}))
    assert (ran.said(), ran.summary["row_classes"]) == (set(), {"matched": 1})
    assert ran.summary["complete"]


@pytest.mark.parametrize("created", [YOUNG, None])
def test_a_row_that_is_young_or_of_no_known_age_is_not_dangling(tmp_path: Path, created: Any) -> None:
    ran = run(tmp_path, MemoryStore({}), MemoryRows({image(1): ("uid", 4, created)}))
    assert (ran.said(), ran.summary["row_classes"]) == (set(), {"too-new": 1})


def test_an_overwritten_object_with_an_old_row_is_not_dangling(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({image(1): (YOUNG, b"1234")}), MemoryRows({image(1): ROW}))
    assert ran.summary["row_classes"] == {"matched": 1}


def test_a_size_mismatch_is_looked_at_again(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({image(1): BODY}), MemoryRows({image(1): ("uid", 5, OLD)}))
    assert ran.said() == {("REF003", image(1), "seen")}


def test_an_object_overwritten_between_listing_and_rows_is_no_mismatch(tmp_path: Path) -> None:
    rows = MemoryRows({image(1): ROW})
    store = MemoryStore({image(1): BODY})

    def overwrite() -> None:
        store.objects[image(1)] = (YOUNG, b"12345")
        rows.rows[image(1)] = ("uid", 5, YOUNG)

    rows.before = once("pages", overwrite)
    assert run(tmp_path, store, rows).said() == set()


def test_a_row_that_moves_around_the_head_is_no_mismatch(tmp_path: Path) -> None:
    rows = MemoryRows({image(1): ("uid", 5, OLD)})
    store = MemoryStore({image(1): BODY})
    store.before = once("HeadObject", lambda: rows.rows.update({image(1): ("uid", 6, OLD)}))
    assert run(tmp_path, store, rows).said() == set()


def test_an_unknown_size_is_no_mismatch(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({image(1): BODY}), MemoryRows({image(1): ("uid", -1, OLD)}))
    assert (ran.said(), ran.summary["exit_code"]) == (set(), 0)


def test_it_waits_once_and_only_for_something_to_confirm(tmp_path: Path) -> None:
    clean, suspicious, snapshot = [], [], []
    settle = timedelta(seconds=60)
    matched = MemoryStore({image(1): BODY})
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir(), (tmp_path / "c").mkdir()
    run(tmp_path / "a", matched, MemoryRows({image(1): ROW}), pauses=clean, settle=settle)
    many = MemoryStore({image(number): BODY for number in range(9)})
    run(tmp_path / "b", many, MemoryRows({}), pauses=suspicious, settle=settle)
    run(tmp_path / "c", many, MemoryRows({}, as_of=NOW), pauses=snapshot, settle=settle)
    assert clean == []
    assert [round(pause) for pause in suspicious] == [60]
    assert snapshot == []


def test_the_cutoff_is_the_start_however_long_the_listing_takes(tmp_path: Path) -> None:
    """The clock moves on by a month during the listing; an object that was young at the start stays too new."""
    store = MemoryStore({image(1): (YOUNG, b"1")})
    store.before = once("ListObjectsV2", lambda: setattr(store, "now", NOW + timedelta(days=31)))
    ran = run(tmp_path, store, MemoryRows({}))
    assert ran.classes == {image(1): "too-new"}
    assert ran.summary["cutoff"] == "2026-04-30T12:00:00Z"


def test_the_database_dies_after_half_the_rows(tmp_path: Path) -> None:
    objects = {image(number): BODY for number in range(12)}
    rows = MemoryRows(dict.fromkeys(objects, ROW), before=dies_after(5))
    ran = run(tmp_path, MemoryStore(objects), rows)
    assert ran.said() == set()
    assert ran.summary["complete"] is False
    assert ran.summary["exit_code"] == 3
    assert ran.summary["shards"] == {"done": 0, "failed": 1}
    assert Counter(ran.classes.values()).keys() == {"ok", "unjudged"}
    assert sum(ran.summary["row_classes"].values()) == ran.summary["rows"]["count"]


def test_the_database_dies_before_the_second_look(tmp_path: Path) -> None:
    def before(operation: str, argument: Any) -> None:
        if operation == "lookup":
            dies_after(0)(operation, argument)

    ran = run(tmp_path, MemoryStore({image(1): BODY}), MemoryRows({image(2): ROW}, before=before))
    assert ran.said() == set()
    assert ran.classes == {image(1): "unjudged"}
    assert ran.summary["row_classes"] == {"unjudged": 1}
    assert ran.summary["exit_code"] == 3


def test_a_listing_page_fails_for_good(tmp_path: Path) -> None:
    """Half of the objects are not listed: their rows must not be called dangling."""
    objects = {image(number): BODY for number in range(12)}
    store = MemoryStore(objects, fail_listing_after=image(5))
    ran = run(tmp_path, store, MemoryRows(dict.fromkeys(objects, ROW)))
    assert ran.said() == set()
    assert len(ran.classes) == 6
    assert (ran.summary["complete"], ran.summary["exit_code"]) == (False, 3)
    assert image(5) in ran.summary["errors"][0]["what"]


def test_the_wrong_database_accuses_nobody(tmp_path: Path) -> None:
    objects = {image(number): BODY for number in range(200)}
    rows = MemoryRows({image(number): ROW for number in range(150, 400)}, page=1000)
    ran = run(tmp_path, MemoryStore(objects, page=1000), rows)
    assert ran.said() == set()
    assert Counter(ran.classes.values()) == {"unjudged": 150, "ok": 50}
    assert ran.summary["row_classes"] == {"matched": 50, "unjudged": 200}
    assert ran.summary["exit_code"] == 3
    assert "150 of 200" in ran.summary["errors"][0]["message"]


def test_just_under_the_breaker_everything_is_judged(tmp_path: Path) -> None:
    objects = {image(number): BODY for number in range(200)}
    rows = MemoryRows({image(number): ROW for number in range(100, 200)}, page=1000)
    ran = run(tmp_path, MemoryStore(objects, page=1000), rows)
    assert len(ran.about("REF001")) == 100


def test_without_rows_everything_that_needs_one_is_unjudged(tmp_path: Path) -> None:
    backup = f"s3_files/backup/redis/{int(OLD.timestamp())}.bak"
    ran = run(tmp_path, MemoryStore({image(1): BODY, backup: (OLD, b"")}), None)
    assert ran.classes == {image(1): "unjudged", backup: "ok"}
    assert ran.summary["exit_code"] == 0
    assert {entry["what"].split()[0] for entry in ran.summary["not_audited"]} >= {"REF001", "REF002", "REF003"}


def test_by_a_backup_only_what_is_older_than_the_backup_is_judged(tmp_path: Path) -> None:
    as_of = NOW - timedelta(days=3)
    objects = {image(1): (as_of - timedelta(hours=25), b"1"), image(2): (as_of - timedelta(hours=23), b"2")}
    ran = run(tmp_path, MemoryStore(objects), MemoryRows({image(3): ROW}, as_of=as_of))
    assert ran.said() == {("REF001", image(1), "snapshot"), ("REF002", image(3), "snapshot")}
    assert ran.classes == {image(1): "orphan", image(2): "too-new"}


def test_a_dangling_row_of_a_backup_does_not_fail_the_run(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({}), MemoryRows({image(3): ROW}, as_of=NOW))
    assert ran.said() == {("REF002", image(3), "snapshot")}
    assert ran.summary["exit_code"] == 0


def test_a_prefix_is_literal_and_rows_elsewhere_are_outside(tmp_path: Path) -> None:
    inside, beside = image(1), image(1).replace("originals/", "originals2/")
    rows = MemoryRows({inside: ROW, beside: ROW, "s3_files/audio/x": ROW})
    ran = run(tmp_path, MemoryStore({inside: BODY, beside: BODY}), rows, prefix="s3_files/images/originals/")
    assert ran.classes == {inside: "ok"}
    assert ran.summary["row_classes"] == {"matched": 1, "outside": 2}
    assert ran.said() == set()
