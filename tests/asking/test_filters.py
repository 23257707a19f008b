"""Every filter, against the same question asked in Python, on keys that may hold anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.runs.asking.engine import Engine, open_engine
from auditor.runs.asking.filters import Filters, after
from auditor.runs.asking.question import RECORD, SORTS, Question, Source
from auditor.runs.asking.sums import Sums
from auditor.runs.folder import open_run
from tests.asking.folders import Thing, run_folder
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.sample import STARTED

ONE_ENGINE = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_numbers = count()

characters = st.sampled_from(
    ["a", "b", "/", "*", "?", "[", "\\", "\n", "é", "\ud7ff", "\ue000", "\U0010ffff", "\0", "$"]
)
texts = st.text(characters, max_size=4)
things = st.builds(
    Thing,
    key=st.one_of(texts.map(lambda text: text + "x"), st.sampled_from(HOSTILE_KEYS)),
    size=st.integers(0, 5),
    days=st.integers(0, 5),
    family=st.sampled_from(["images/exports", "uploads", None]),
    name=st.sampled_from(["ok", "orphan"]),
    storage_class=st.sampled_from(["STANDARD", "GLACIER", None]),
)
buckets = st.lists(things, max_size=12, unique_by=lambda thing: thing.key)
filters = st.builds(
    Filters,
    families=st.sampled_from([(), ("uploads",), (None,), ("uploads", None)]),
    classes=st.sampled_from([(), ("orphan",), ("ok", "orphan")]),
    storage_classes=st.sampled_from([(), ("GLACIER",)]),
    prefix=texts,
    globs=st.one_of(st.just(()), st.lists(texts.map(lambda text: text + "*"), min_size=1, max_size=2).map(tuple)),
    older_than=st.one_of(st.none(), st.integers(0, 5).map(lambda days: STARTED - timedelta(days=days))),
    newer_than=st.one_of(st.none(), st.integers(0, 5).map(lambda days: STARTED - timedelta(days=days))),
    larger_than=st.one_of(st.none(), st.integers(0, 5)),
    smaller_than=st.one_of(st.none(), st.integers(0, 5)),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened


def source_of(tmp_path: Path, held: list[Thing]) -> Source:
    folder = run_folder(tmp_path / str(next(_numbers)), held)
    return Source(open_run(folder).objects, RECORD, sorted=True)


def fits(thing: Thing, wanted: Filters) -> bool:
    when = thing.last_modified
    return all(
        (
            not wanted.families or thing.family in wanted.families,
            not wanted.classes or thing.name in wanted.classes,
            not wanted.storage_classes or thing.storage_class in wanted.storage_classes,
            thing.key.startswith(wanted.prefix),
            not wanted.globs or any(fnmatchcase(thing.key, glob.replace("[", "[[]")) for glob in wanted.globs),
            wanted.older_than is None or when < wanted.older_than,
            wanted.newer_than is None or when > wanted.newer_than,
            wanted.larger_than is None or thing.size > wanted.larger_than,
            wanted.smaller_than is None or thing.size < wanted.smaller_than,
        )
    )


@ONE_ENGINE
@given(held=buckets, wanted=filters)
def test_what_fits_is_told_in_the_order_of_keys(
    held: list[Thing], wanted: Filters, engine: Engine, tmp_path: Path
) -> None:
    question = Question(source_of(tmp_path, held), wanted.conditions())
    told = [key for table in question.ask(engine) for key in table["key"].to_pylist()]
    expected = sorted((thing.key for thing in held if fits(thing, wanted)), key=str.encode)
    assert told == expected
    assert question.count(engine) == len(expected)


@ONE_ENGINE
@given(held=buckets, sort=st.sampled_from(SORTS), limit=st.integers(1, 12))
def test_sorting_and_limiting(held: list[Thing], sort: str, limit: int, engine: Engine, tmp_path: Path) -> None:
    question = Question(source_of(tmp_path, held), Filters().conditions(), sort, limit)
    told = [key for table in question.ask(engine) for key in table["key"].to_pylist()]
    by_key = sorted(held, key=lambda thing: thing.key.encode())
    keys = {"key": lambda thing: thing.key.encode(), "size": lambda thing: thing.size, "age": lambda thing: thing.days}
    order = sorted(by_key, key=keys[sort.removeprefix("-")], reverse=False)
    if sort == "-key":
        order = by_key[::-1]
    elif sort.startswith("-"):
        key = keys[sort[1:]]
        order = sorted(by_key, key=lambda thing: -key(thing))  # type: ignore[operator]
    assert told == [thing.key for thing in order][:limit]


@ONE_ENGINE
@given(held=buckets, depth=st.integers(1, 4))
def test_sums_by_prefix(held: list[Thing], depth: int, engine: Engine, tmp_path: Path) -> None:
    summed = Sums("prefix", depth, "key").of_objects(engine, source_of(tmp_path, held), Filters().conditions())
    expected: dict[str, int] = {}
    for thing in held:
        folders = thing.key.split("/")[:-1][:depth]
        prefix = "".join(f"{folder}/" for folder in folders)
        expected[prefix] = expected.get(prefix, 0) + thing.size
    assert {one.name: one.bytes for one in summed.each()} == expected
    whole, groups = summed.whole()
    assert (whole.objects, whole.bytes, groups) == (len(held), sum(expected.values()), len(expected))


@settings(max_examples=50, deadline=None)
@given(prefix=st.text(characters, min_size=1, max_size=4), other=st.text(characters, max_size=6))
def test_nothing_with_a_prefix_is_behind_its_end(prefix: str, other: str) -> None:
    end = after(prefix)
    neighbour = prefix[:-1] + chr(min(ord(prefix[-1]) + 1, 0x10FFFF))
    for text in (prefix + other, other, neighbour.encode("utf-8", "replace").decode() + other):
        inside = prefix <= text and (end is None or text < end)
        assert inside == text.startswith(prefix)
