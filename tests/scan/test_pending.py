"""What the list of files about to be deleted does to an audit: it saves from an accusation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from auditor.errors import RowsFailed
from auditor.frames import to_pandas
from auditor.pending import PendingList
from auditor.protocols import Context
from auditor.scan.columns import MERGED
from rules.references import PendingRules
from tests.scan.fakes import NOW, OLD, YOUNG, MemoryRows, MemoryStore
from tests.scan.running import image, run, shipped

KEY, OTHER = image(1), image(2)
DUE = NOW - timedelta(hours=1)
FAR = NOW + timedelta(days=3)


@dataclass
class Lists:
    """What redis says at the first look and at the second; an exception is raised."""

    said: list[dict[str, datetime] | RowsFailed]
    as_of: datetime | None = None
    source: str = "redis://memory/0"
    reads: int = field(default=0)

    def read(self) -> PendingList:
        now = self.said[min(self.reads, len(self.said) - 1)]
        self.reads += 1
        if isinstance(now, RowsFailed):
            raise now
        keys = sorted(now)
        return PendingList(keys, [int(now[key].timestamp() * 1e6) for key in keys], present=bool(keys))

    def close(self) -> None:
        return None


LOST = RowsFailed("the connection was lost")


def store_of(*keys: str, at: datetime = OLD) -> MemoryStore:
    return MemoryStore(dict.fromkeys(keys, (at, b"1234")))


def rows_of(*keys: str) -> MemoryRows:
    return MemoryRows({key: (f"uid-{key[-1]}", 4, OLD) for key in keys})


def test_what_is_listed_is_pending_and_what_is_not_is_an_orphan(tmp_path: Path) -> None:
    ran = run(tmp_path, store_of(KEY, OTHER), rows_of(), pending=Lists([{KEY: FAR}]))
    assert {name: entry["objects"] for name, entry in ran.summary["classes"].items()} == {"pending": 1, "orphan": 1}
    assert ran.about("REF") == {OTHER}
    assert ran.summary["complete"]
    assert ran.summary["pending"] | {"as_of": None} == {
        "source": "redis://memory/0",
        "as_of": None,
        "entries": 1,
        "other_buckets": 0,
        "unreadable": 0,
        "outdated": 0,
        "skipped": [],
    }


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ([{}, {KEY: DUE}], "pending"),  # came after the first look: the second saves it
        ([{KEY: DUE}, {}], "pending"),  # was on the list when it was first looked at, so nobody accused it
        ([{}, {}], "orphan"),
    ],
)
def test_both_looks_have_a_list_of_their_own(tmp_path: Path, said: list[dict[str, datetime]], name: str) -> None:
    lists = Lists(list(said))
    ran = run(tmp_path, store_of(KEY), rows_of(), pending=lists)
    assert list(ran.summary["classes"]) == [name]
    assert ("REF001" in ran.summary["findings"]) == (name == "orphan")
    assert lists.reads == 2


@pytest.mark.parametrize("said", [[LOST, {}], [{}, LOST], [LOST, LOST], [{OTHER: FAR}, LOST]])
def test_a_list_that_fails_accuses_nobody(tmp_path: Path, said: list[dict[str, datetime] | RowsFailed]) -> None:
    ran = run(tmp_path, store_of(KEY, image(3)), rows_of(image(3)), pending=Lists(said))
    assert ran.about("REF001") == set()
    assert {name: entry["objects"] for name, entry in ran.summary["classes"].items()} == {"ok": 1, "unjudged": 1}
    assert (ran.summary["complete"], ran.summary["exit_code"]) == (False, 3)
    assert {error["what"] for error in ran.summary["errors"]} == {"the list of files about to be deleted"}


def test_a_young_object_on_the_list_is_pending_and_a_row_beats_the_list(tmp_path: Path) -> None:
    ran = run(tmp_path, store_of(KEY, OTHER, at=YOUNG), rows_of(OTHER), pending=Lists([{KEY: FAR, OTHER: FAR}]))
    assert {name: entry["objects"] for name, entry in ran.summary["classes"].items()} == {"pending": 1, "ok": 1}
    assert ran.about("REF") == set()


@pytest.mark.parametrize(
    ("said", "as_of", "expected"),
    [
        ([{KEY: DUE}], None, {("REF008", KEY, "seen")}),
        ([{KEY: NOW + timedelta(minutes=9)}], None, {("REF008", KEY, "seen")}),
        ([{KEY: NOW + timedelta(minutes=11)}], None, set()),
        ([{KEY: DUE}, {}], None, set()),  # taken off the list meanwhile
        ([{}, {KEY: DUE}], None, set()),
        ([{KEY: DUE}, {KEY: FAR}], None, set()),  # given more time meanwhile
        ([{KEY: DUE}], NOW - timedelta(hours=5), set()),  # had four hours left when the backup was made
        ([{KEY: DUE}], NOW - timedelta(minutes=30), {("REF008", KEY, "snapshot")}),
    ],
)
def test_a_file_with_a_row_that_is_due_at_both_looks(
    tmp_path: Path,
    said: list[dict[str, datetime] | RowsFailed],
    as_of: datetime | None,
    expected: set[tuple[str, str, str]],
) -> None:
    ran = run(tmp_path, store_of(KEY), rows_of(KEY), pending=Lists(said, as_of))
    assert {(one.rule, one.key, str(one.status)) for one in ran.found} == expected
    seen = {status for *_, status in expected} == {"seen"}
    assert ran.summary["exit_code"] == int(seen)  # what a backup says does not fail the run


def test_the_rule_needs_a_list(tmp_path: Path) -> None:
    ran = run(tmp_path, store_of(KEY), rows_of(KEY))
    why = "there is no list of files about to be deleted"
    assert {"what": "REF008 pending-but-referenced", "because": why} in ran.summary["not_audited"]
    assert ran.summary["pending"] is None


def test_a_list_that_may_lack_something_says_so(tmp_path: Path) -> None:
    ran = run(tmp_path, store_of(KEY), rows_of(KEY), pending=Lists([{}]))
    (said,) = [one for one in ran.summary["not_audited"] if one["what"] == "the list of files about to be deleted"]
    assert said["because"] == "redis://memory/0 has no 'files:purgatory': nothing was on it, or it has another name"


@pytest.mark.parametrize(
    ("referenced", "name", "modified", "said"),
    [
        (True, "ok", YOUNG, "Tables refer to the row of this file"),
        (True, "unknown", OLD, "Tables refer to the row of this file"),
        (False, "ok", OLD, None),
        (None, "ok", OLD, "A row has the key of this file"),
        (None, "ok", YOUNG, None),  # an upload that is still under way
        (None, "unknown", OLD, None),
    ],
)
def test_what_is_known_to_be_in_use(referenced: bool | None, name: str, modified: datetime, said: str | None) -> None:
    known = {"key": KEY, "size": 4, "last_modified": modified, "class": name, "row_class": "matched"}
    known |= {"referenced": referenced, "pending_at": DUE}
    plain = {one.name: pa.string() if pa.types.is_dictionary(one.type) else one.type for one in MERGED}
    frame = to_pandas(pa.table({column: pa.array([known.get(column)], kind) for column, kind in plain.items()}))
    context = Context(shipped(), "b", NOW - timedelta(hours=24), None, True, NOW)
    problems = list(PendingRules().check_batch(frame, context))
    assert [problem.message for problem in problems] == (
        [f"{said}, and the file is to be deleted at 2026-05-01T11:00:00Z."] if said else []
    )
