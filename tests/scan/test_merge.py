"""The merge of two sorted streams against the plainest join there is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.frames import ROWS
from auditor.scan.merge import RowJoin, prefix_range
from tests.examples import examples
from tests.scan.fakes import OLD, MemoryRows, MemoryStore, by_bytes
from tests.scan.running import image, run

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
FEW = st.sampled_from(["a", "a/", "a/b", "a//b", "A", "ä", "ä", "\U0001f600", "￿", "a\x00", "a\n", "%2F", "+", " "])


def table(keys: list[str]) -> pa.Table:
    empty = {"content_type": None, "created_at": None}
    rows = [{"key": key, "uid": f"{key} {n}", "size": n, **empty} for n, key in enumerate(keys)]
    return pa.Table.from_pylist(rows, schema=ROWS)


@given(st.lists(FEW | KEYS, unique=True), st.lists(FEW | KEYS), st.integers(1, 4))
def test_the_join_is_the_plain_join(objects: list[str], rows: list[str], page: int) -> None:
    objects, rows = sorted(objects, key=by_bytes), sorted(rows, key=by_bytes)
    whole = table(rows)
    join = RowJoin(pa.array(objects, pa.string()))
    pages = [whole.slice(start, page) for start in range(0, len(rows), page)]
    lonely = [key for part in pages for key in join.add(part)["key"].to_pylist()]
    columns, has_row = join.finish()
    first = {key: number for number, key in reversed(list(enumerate(rows)))}
    assert lonely == [key for key in rows if key not in objects]
    assert has_row.tolist() == [key in first for key in objects]
    assert columns["row_size"].to_pylist() == [first.get(key) for key in objects]
    assert columns["row_uid"].to_pylist() == [f"{key} {first[key]}" if key in first else None for key in objects]
    assert join.matched_rows == sum(key in objects for key in rows)


@given(KEYS, KEYS)
@example("a", "b")
@example("\x00", "")
@example("\x00a", "x")
@example("a\U0010ffff", "\U0010ffff")
def test_a_prefix_range_holds_every_key_under_the_prefix(prefix: str, rest: str) -> None:
    after, until = prefix_range(prefix)
    assert after is not None
    assert until is not None
    assert by_bytes(after) < by_bytes(prefix) <= by_bytes(prefix + rest) <= by_bytes(until)


@settings(max_examples=examples(25), deadline=None)
@given(
    stored=st.sets(st.integers(0, 40)),
    recorded=st.sets(st.integers(0, 40)),
    page=st.integers(1, 7),
    rows_page=st.integers(1, 7),
    workers=st.sampled_from([1, 2, 3]),
)
def test_every_object_and_every_row_ends_in_its_class(
    tmp_path_factory: pytest.TempPathFactory,
    stored: set[int],
    recorded: set[int],
    page: int,
    rows_page: int,
    workers: int,
) -> None:
    """Whatever the pages, the batches and the shards, the result is that of two sets."""
    store = MemoryStore({image(n): (OLD, b"1") for n in stored}, page=page)
    rows = MemoryRows({image(n): ("uid", 1, OLD) for n in recorded}, page=rows_page)
    ran = run(tmp_path_factory.mktemp("run"), store, rows, workers=workers)
    assert ran.keys == [image(n) for n in sorted(stored)]
    assert ran.about("REF001") == {image(n) for n in stored - recorded}
    assert ran.about("REF002") == {image(n) for n in recorded - stored}
    assert [finding.key for finding in ran.found] == sorted(ran.about("REF"))
    counts = Counter({"matched": len(stored & recorded), "dangling": len(recorded - stored)})
    assert ran.summary["row_classes"] == {name: count for name, count in counts.items() if count}
    assert ran.summary["complete"]


def test_two_rows_with_one_key_are_both_counted(tmp_path: Path) -> None:
    class Twice(MemoryRows):
        def _table(self, keys: object) -> pa.Table:
            once = super()._table(keys)  # type: ignore[arg-type]
            return pa.concat_tables([once, once])

    ran = run(tmp_path, MemoryStore({image(1): (OLD, b"1")}), Twice({image(1): ("uid", 1, OLD)}))
    assert ran.summary["row_classes"] == {"matched": 2}
    assert ran.summary["complete"]
