"""What is known to be there must come out as ok, or nothing is said at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from auditor.errors import ObjectUnreadable, RowsFailed
from tests.scan.fakes import NOW, OLD, YOUNG, MemoryRows, MemoryStore
from tests.scan.running import Ran, image, run
from tests.scan.test_looks import once

BODY, ROW = (OLD, b"1234"), ("uid", 4, OLD)
PAIRS = range(12)
ORPHAN, LOST = image(50), image(60)  # an object without a row, a row without an object


def pages_without(pages: Iterator[pa.Table], missing: int) -> Iterator[pa.Table]:
    yield from (page for number, page in enumerate(pages) if number != missing)


@dataclass
class JumpingStore(MemoryStore):
    """The listing leaves out its second page."""

    def list(self, prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[pa.Table]:
        return pages_without(super().list(prefix, after, until), 1)


@dataclass
class JumpingRows(MemoryRows):
    """The second page of each range is left out; look-ups know all rows."""

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        return pages_without(super().pages(after, until), 1)


@dataclass
class UncountedRows(JumpingRows):
    """A range cannot be split, so that there is no canary."""

    def split(self, parts: int, first: str | None = None, beyond: str | None = None) -> list[str]:
        return []


def bucket(kind: type[MemoryStore] = MemoryStore, **options: Any) -> MemoryStore:
    return kind({image(n): BODY for n in PAIRS} | {ORPHAN: BODY}, **options)


def database(kind: type[MemoryRows] = MemoryRows, **options: Any) -> MemoryRows:
    return kind({image(n): ROW for n in PAIRS} | {LOST: ROW}, **options)


def nobody_is_accused(ran: Ran) -> None:
    assert not ran.about("REF001", "REF002", "REF003")
    assert not {"orphan", "too-new"} & set(ran.classes.values())
    assert "dangling" not in ran.summary["row_classes"]
    assert (ran.summary["complete"], ran.summary["exit_code"]) == (False, 3)
    assert any("nothing was accused" in entry["because"] for entry in ran.summary["not_audited"])
    assert sum(ran.summary["row_classes"].values()) == ran.summary["rows"]["count"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("as_of", [None, NOW])
def test_pairs_that_come_out_ok(tmp_path: Path, as_of: Any, workers: int) -> None:
    ran = run(tmp_path, bucket(), database(as_of=as_of), workers=workers)
    assert ran.summary["canary"] == {"pairs": 11, "ok": 11}  # a split never begins with the first key
    assert (ran.about("REF001"), ran.about("REF002")) == ({ORPHAN}, {LOST})
    assert ran.summary["complete"]


@pytest.mark.parametrize("as_of", [None, NOW])
def test_a_listing_that_leaves_out_a_page(tmp_path: Path, as_of: Any) -> None:
    ran = run(tmp_path, bucket(JumpingStore), database(as_of=as_of))
    nobody_is_accused(ran)
    assert ran.summary["canary"] == {"pairs": 11, "ok": 8}
    assert "3 of 11 objects that have a row" in ran.summary["errors"][0]["message"]
    assert image(3) in ran.summary["errors"][0]["message"]
    assert "(not listed)" in ran.summary["errors"][0]["message"]


@pytest.mark.parametrize("as_of", [None, NOW])
def test_a_reader_that_leaves_out_a_page_of_rows(tmp_path: Path, as_of: Any) -> None:
    ran = run(tmp_path, bucket(page=1000), database(JumpingRows, as_of=as_of))
    nobody_is_accused(ran)
    assert ran.summary["canary"] == {"pairs": 11, "ok": 9}
    assert any(f"{image(2)!r} (orphan)" in error["message"] for error in ran.summary["errors"])


def test_every_row_of_a_backup_must_have_been_read(tmp_path: Path) -> None:
    """Where there is no canary, the number of rows still tells."""
    ran = run(tmp_path, bucket(page=1000), database(UncountedRows, as_of=NOW))
    nobody_is_accused(ran)
    assert ran.summary["canary"] == {"pairs": 0, "ok": 0}
    assert "has 13 rows and 11 were read" in ran.summary["errors"][0]["message"]


def test_an_object_that_is_older_than_the_listing_and_not_in_it(tmp_path: Path) -> None:
    """Where there is no canary, the second look at the rows of those objects tells; it accuses none of them."""
    rows = MemoryRows({image(n): ROW for n in PAIRS})
    rows.split = lambda *_, **__: []  # type: ignore[method-assign]
    ran = run(tmp_path, bucket(JumpingStore), rows)
    assert not ran.about("REF002")
    assert (ran.summary["complete"], ran.summary["exit_code"]) == (False, 3)
    assert "3 objects are older than the listing and were not in it" in ran.summary["errors"][0]["message"]


def change(store: MemoryStore, rows: MemoryRows) -> dict[str, Callable[[], Any]]:
    key = image(4)
    return {
        "the object is deleted": lambda: store.objects.pop(key),
        "the object is overwritten": lambda: store.objects.update({key: (YOUNG, b"1234")}),
        "the row is deleted": lambda: rows.rows.pop(key),
        "the row is another one": lambda: rows.rows.update({key: ("other", 4, OLD)}),
        "both are deleted": lambda: (store.objects.pop(key), rows.rows.pop(key)),
    }


@pytest.mark.parametrize("what", change(bucket(), database()))
def test_a_pair_that_changes_meanwhile_is_none(tmp_path: Path, what: str) -> None:
    store, rows = bucket(), database()
    store.before = once("ListObjectsV2", change(store, rows)[what])
    ran = run(tmp_path, store, rows)
    assert ran.summary["canary"] == {"pairs": 10, "ok": 10}
    assert ran.summary["complete"]


@pytest.mark.parametrize(
    "pair",
    [
        ((YOUNG, b"1"), ROW),
        (BODY, ("uid", 4, YOUNG)),
        (BODY, ("uid", 4, None)),
        (None, ROW),
    ],
)
def test_what_is_young_or_half_is_no_canary(tmp_path: Path, pair: tuple[Any, Any]) -> None:
    objects = {image(n): pair[0] for n in PAIRS if pair[0]}
    ran = run(tmp_path, MemoryStore(objects), MemoryRows({image(n): pair[1] for n in PAIRS}))
    assert ran.summary["canary"] == {"pairs": 0, "ok": 0}
    assert ran.summary["complete"]


def test_keys_of_families_that_need_no_rows_are_no_canary(tmp_path: Path) -> None:
    """They are ok whatever the rows say."""
    keys = [f"s3_files/backup/redis/16900000{n:02}.bak" for n in PAIRS] + ["nowhere/at/all"]
    ran = run(tmp_path, MemoryStore(dict.fromkeys(keys, BODY)), MemoryRows(dict.fromkeys(keys, ROW)))
    assert ran.summary["canary"] == {"pairs": 0, "ok": 0}


def test_without_rows_there_is_no_canary(tmp_path: Path) -> None:
    store = bucket()
    assert run(tmp_path, store, None).summary["canary"] is None
    assert "HeadObject" not in store.requests


def test_the_sample_lies_under_the_prefix(tmp_path: Path) -> None:
    elsewhere = {f"s3_files/audio/{n}": ROW for n in range(30)}
    rows = MemoryRows({image(n): ROW for n in PAIRS} | elsewhere)
    looked: list[str] = []
    rows.before = lambda operation, argument: looked.extend(argument) if operation == "lookup" else None
    run(tmp_path, bucket(), rows, prefix="s3_files/images/")
    assert looked
    assert all(key.startswith("s3_files/images/") for key in looked)


def test_what_it_costs(tmp_path: Path) -> None:
    store = MemoryStore({image(n): BODY for n in range(500)}, page=1000)
    asked = Counter[str]()
    rows = MemoryRows({image(n): ROW for n in range(500)}, page=1000)
    rows.before = lambda operation, argument: asked.update([operation])
    ran = run(tmp_path, store, rows)
    assert ran.summary["canary"] == {"pairs": 32, "ok": 32}
    assert store.requests["HeadObject"] == 64
    assert asked["lookup"] == 2


def test_behind_a_page_that_failed_nothing_is_expected(tmp_path: Path) -> None:
    """The shard that failed is said to have failed; what was read before is judged."""
    ran = run(tmp_path, bucket(fail_listing_after=image(5)), database())
    assert ran.summary["canary"] == {"pairs": 5, "ok": 5}
    assert [error["what"].split()[0] for error in ran.summary["errors"]] == ["listing"]


def test_before_a_page_that_failed_a_pair_is_expected(tmp_path: Path) -> None:
    ran = run(tmp_path, bucket(JumpingStore, fail_listing_after=image(8)), database())
    assert ran.summary["canary"] == {"pairs": 8, "ok": 5}
    nobody_is_accused(ran)


def test_behind_rows_that_could_not_be_read_nothing_is_expected(tmp_path: Path) -> None:
    def before(operation: str, after: Any) -> None:
        if operation == "pages" and after and after > image(7):
            raise RowsFailed("the database went away")

    ran = run(tmp_path, bucket(), database(before=before))
    assert 0 < ran.summary["canary"]["pairs"] == ran.summary["canary"]["ok"] < 11
    assert [error["what"].split()[0] for error in ran.summary["errors"]] == ["rows"]


@pytest.mark.parametrize("refused", [True, False])
def test_an_object_that_cannot_be_looked_at_is_no_canary(tmp_path: Path, refused: bool) -> None:
    """A standing refusal is no failure: a policy may allow listing alone."""
    error = ObjectUnreadable("x", "no", refused=refused)
    store = MemoryStore({image(n): BODY for n in PAIRS}, unreadable={image(n): error for n in PAIRS})
    ran = run(tmp_path, store, MemoryRows({image(n): ROW for n in PAIRS}))
    assert ran.summary["canary"] == {"pairs": 0, "ok": 0}
    assert ran.summary["complete"] is refused


def dying_lookup(operation: str, argument: Sequence[str]) -> None:
    if operation == "lookup":
        raise RowsFailed("the database went away")


def test_rows_that_cannot_be_looked_up_make_the_run_incomplete(tmp_path: Path) -> None:
    ran = run(tmp_path, bucket(), database(before=dying_lookup))
    assert ran.summary["canary"] == {"pairs": 0, "ok": 0}
    assert ran.summary["exit_code"] == 3
    assert ran.summary["errors"][0] == {"what": "rows for the canary", "message": "the database went away"}
