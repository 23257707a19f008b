"""Unexplained keys rolled up per prefix: every sum agrees with the findings, and memory does not grow with prefixes."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.errors import RowsFailed
from auditor.scan.group import Examples
from auditor.scan.heaviest import heaviest
from auditor.scan.rollup import roll_up
from auditor.scan.unexplained import LABELLED
from auditor.scan.units import Unit, Units
from tests.examples import examples
from tests.reports.hostile import HOSTILE_KEYS
from tests.scan.fakes import NOW, OLD, MemoryRows, MemoryStore
from tests.scan.running import UID, Ran, image, run
from tests.spec.building import compiled

VIDEO = f"s3_files/videos/oseh_cf_{UID}"
KEYS = {
    "builds/a": 10,
    "builds/b": 20,
    "builds/web/c": 30,
    "stray": 0,
    f"{VIDEO}/hls/a.ts": 400,
    f"{VIDEO[:-1]}B/hls/b.ts": 500,
    f"s3_files/images/originals/oseh_if_{UID}/short": 7,
    f"s3_files/images/originals/oseh_ife_{UID}/short": 8,
    image(1): 1_000_000,
    "s3_files/": 0,  # a directory marker
}
MP4 = "s3_files/videos/{content_file_uid}/mp4/{bit_rate}/{random}.mp4"
ORIGINALS = "s3_files/images/originals/{image_file_uid}/{random}"


def store(sizes: dict[str, int]) -> MemoryStore:
    """One key a day older than the next."""
    objects = {key: (OLD - timedelta(days=n), bytes(size)) for n, (key, size) in enumerate(sizes.items())}
    return MemoryStore(objects, page=3 if len(objects) < 50 else 100)


def rows(*keys: str) -> MemoryRows:
    return MemoryRows({key: (f"uid-{key}", 1, OLD) for key in keys})


def facts(ran: Ran, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(entry[name] for name in names) for entry in ran.summary["unexplained"]]


def test_one_entry_for_each_place_where_keys_depart(tmp_path: Path) -> None:
    ran = run(tmp_path, store(KEYS), rows("builds/b", f"{VIDEO}/hls/a.ts", image(1)))
    assert facts(ran, "rule", "prefix", "field", "objects", "bytes", "with_rows", "nearest") == [
        ("KEY002", "s3_files/videos/{content_file_uid}/hls/", None, 2, 900, 1, MP4),
        ("KEY001", "builds/", None, 3, 60, 1, None),
        ("KEY003", ORIGINALS, "image_file_uid", 1, 8, 0, ORIGINALS),
        ("KEY003", ORIGINALS, "random", 1, 7, 0, ORIGINALS),
        ("KEY001", "", None, 1, 0, 0, None),
    ]
    builds = ran.summary["unexplained"][1]
    assert builds["examples"] == ["builds/a", "builds/b", "builds/web/c"]
    assert (builds["first_modified"], builds["last_modified"]) == ("2026-03-30T12:00:00Z", "2026-04-01T12:00:00Z")
    assert [entry["sentence"] for entry in ran.summary["unexplained"]] == [
        "Malformed keys in `s3_files/videos/{content_file_uid}/hls/`: 2 objects, 900 B, "
        f"last modified 2026-03-27 to 2026-03-28, 1 with a row, nearest template `{MP4}`.",
        "Unknown keys in `builds/`: 3 objects, 60 B, last modified 2026-03-30 to 2026-04-01, 1 with a row.",
        f"Keys of `{ORIGINALS}` with an invalid `image_file_uid`: 1 object, 8 B, "
        "last modified 2026-03-25, 0 with a row.",
        f"Keys of `{ORIGINALS}` with an invalid `random`: 1 object, 7 B, last modified 2026-03-26, 0 with a row.",
        "Unknown keys at the top of the bucket: 1 object, 0 B, last modified 2026-03-29, 0 with a row.",
    ]


def test_ambiguous_keys_have_an_entry_for_the_templates_that_tie(tmp_path: Path) -> None:
    spec = compiled({"{a}-{b}": {}, "{a}_{b}": {}, "x/{c}": {}})
    ran = run(tmp_path, store({"1-2_3": 5, "x/y": 1}), None, spec=spec)
    assert facts(ran, "rule", "prefix", "objects", "nearest") == [("KEY004", "{a}-{b} or {a}_{b}", 1, None)]


def test_nothing_in_a_sentence_moves_a_cursor(tmp_path: Path) -> None:
    spec = compiled({"a\u200b/x/{b}": {}, "c/{d}": {}})
    ran = run(tmp_path, store({"a\u200b/\x1b[2J/y": 1}), None, spec=spec)
    assert facts(ran, "sentence", "prefix", "nearest") == [
        (
            r"Unknown keys in `a\u200b/\x1b[2J/`: 1 object, 1 B, last modified 2026-04-01, "
            r"nearest template `a\u200b/x/{b}`.",
            "a\u200b/\x1b[2J/",
            "a\u200b/x/{b}",
        )
    ]


def test_the_rules_need_not_be_selected(tmp_path: Path) -> None:
    ran = run(tmp_path, store(KEYS), rows(), rules=[])
    assert ran.found == []
    assert len(ran.summary["unexplained"]) == 5


def test_a_bucket_that_is_explained_has_no_entry(tmp_path: Path) -> None:
    assert run(tmp_path, store({image(1): 1, "a/": 0}), rows(image(1))).summary["unexplained"] == []


def fails(operation: str, argument: object) -> None:
    if operation == "pages" and argument:
        raise RowsFailed("the database went away")


@pytest.mark.parametrize(
    "source",
    [None, MemoryRows(dict.fromkeys(KEYS, ("uid", 1, OLD)), before=fails), rows(*(f"other/{n}" for n in range(300)))],
    ids=["no database", "rows not read to their end", "wrong database"],
)
def test_without_rows_nothing_is_said_of_rows(tmp_path: Path, source: MemoryRows | None) -> None:
    sizes = KEYS | {image(number): 1 for number in range(300)}
    ran = run(tmp_path, store(sizes), source)
    assert {entry["with_rows"] for entry in ran.summary["unexplained"]} == {None}
    assert "row" not in ran.summary["unexplained"][1]["sentence"]


def sums(ran: Ran) -> Counter[str]:
    counts: Counter[str] = Counter()
    for entry in ran.summary["unexplained"]:
        counts[entry["rule"]] += entry["objects"]
    return counts


names = st.sampled_from(["a", "b", "hls", "x.ts", "", "1", f"oseh_cf_{UID}", f"oseh_if_{UID}", "A" * 11, "\n", "{a}"])
beginnings = st.sampled_from(["", "s3_files/", "s3_files/videos/", "s3_files/images/originals/", "s3_files/audio/"])
keys = st.builds(lambda start, parts: start + "/".join(parts), beginnings, st.lists(names, min_size=1, max_size=5))


@settings(max_examples=examples(25), deadline=None)
@given(st.dictionaries((keys | st.sampled_from(HOSTILE_KEYS)).filter(bool), st.integers(0, 9), min_size=1, max_size=30))
def test_the_entries_add_up_to_the_findings_and_to_the_objects_without_family(
    tmp_path_factory: pytest.TempPathFactory, sizes: dict[str, int]
) -> None:
    ran = run(tmp_path_factory.mktemp("run"), store(sizes), None)
    found = Counter(finding.rule for finding in ran.found)
    assert sums(ran) == Counter({rule: found[rule] for rule in ("KEY001", "KEY002", "KEY003", "KEY004")})
    lost = [entry for entry in ran.summary["unexplained"] if entry["rule"] != "KEY003"]
    unknown = ran.summary["classes"].get("unknown", {"objects": 0, "bytes": 0})
    assert sum(entry["objects"] for entry in lost) == unknown["objects"]
    assert sum(entry["bytes"] for entry in lost) == unknown["bytes"]
    for entry in ran.summary["unexplained"]:
        assert set(entry["examples"]) <= set(sizes)
        assert len(entry["examples"]) == min(entry["objects"], 3)
        assert entry["sentence"].isprintable()


def written(folder: Path, parts: list[list[tuple[str, str, int]]]) -> Units:
    """Units with (fit, prefix, size) of keys below these prefixes."""
    units = Units(folder / "units")
    for batch, part in enumerate(parts):
        same = {"last_modified": NOW, "has_row": False}
        made = [
            {"fit": fit, "prefix": prefix, "key": f"{prefix}{batch:05}-{n}", "size": size, **same}
            for n, (fit, prefix, size) in enumerate(part)
        ]
        units.write(Unit(0, batch), "unexplained", pa.Table.from_pylist(made, schema=LABELLED))
    return units


def test_more_prefixes_than_are_kept_still_add_up(tmp_path: Path) -> None:
    fits = ["unknown", "malformed"]
    noise = [[(fits[n % 2], f"{batch:03}{n:04}/", 1) for n in range(1_000)] for batch in range(30)]
    heavy = [("malformed", "zz/", 500), ("unknown", "0/", 400)]
    parts = [[*part, *heavy] for part in noise]
    entries = roll_up(written(tmp_path, parts), rows_known=False, most=5)
    assert len(entries) <= 5 + 2
    assert [(entry["prefix"], entry["objects"], entry["bytes"]) for entry in entries[:2]] == [
        ("zz/", 30, 15_000),
        ("0/", 30, 12_000),
    ]
    assert sum(entry["objects"] for entry in entries) == 30 * 1_002
    assert sum(entry["bytes"] for entry in entries) == 30 * 1_900
    unknown, malformed = sorted(entries[-2:], key=lambda entry: entry["rule"])
    assert [(rest["rule"], rest["prefix"], rest["nearest"]) for rest in (unknown, malformed)] == [
        ("KEY001", None, None),
        ("KEY002", None, None),
    ]
    assert all(14_990 < rest["objects"] <= 15_000 for rest in (unknown, malformed))
    assert unknown["sentence"].startswith(f"Unknown keys elsewhere: {unknown['objects']:,} objects, ")


def peak(folder: Path, batches: int) -> int:
    """Most bytes that Python holds while so many batches of 300 different prefixes are rolled up."""
    folder.mkdir()
    units = written(folder, [[("unknown", f"{b:03}{n:03}/", n) for n in range(300)] for b in range(batches)])
    tracemalloc.start()
    try:
        assert sum(entry["objects"] for entry in roll_up(units, rows_known=True, most=50)) == 300 * batches
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_prefixes(tmp_path: Path) -> None:
    assert peak(tmp_path / "many", 30) < 1.5 * peak(tmp_path / "few", 6)


weights = st.dictionaries(st.integers(0, 5), st.integers(1, 9), max_size=4)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(weights, max_size=12), st.integers(1, 4))
@example([{0: 5}, {1: 3}, {1: 3}, {1: 3}], 1)
def test_whatever_weighs_more_than_its_share_is_kept(parts: list[dict[int, int]], most: int) -> None:
    kept = heaviest(parts, most)
    total: Counter[int] = Counter()
    for part in parts:
        total.update(part)
    assert len(kept) <= most
    assert {label for label, weight in total.items() if weight * (most + 1) > total.total()} <= kept
    if len(total) <= most:
        assert kept == set(total)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_examples_are_the_first_the_last_and_one_from_between(lengths: list[int]) -> None:
    examples, keys = Examples(), [f"{n:03}" for n in range(sum(lengths))]
    for number, length in enumerate(lengths):
        start = sum(lengths[:number])
        examples.add(keys[start : start + length])
    chosen = examples.chosen()
    assert examples.count == len(keys)
    assert (chosen[0], chosen[-1]) == (keys[0], keys[-1])
    assert len(set(chosen)) == len(chosen) == min(len(keys), 3)
    assert chosen == sorted(chosen)
    if len(keys) > 3:
        assert len(keys) // 4 <= keys.index(chosen[1]) < len(keys)
