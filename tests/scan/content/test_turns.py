"""Whose turn it is, over many nights: every object within a known number of them, known faults every night."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import ObjectUnreadable
from auditor.findings import Problem, RuleInfo, RuleKind, Severity
from auditor.protocols import ContentFacts, Depth
from auditor.scan.content.budget import Budget, Limit
from auditor.scan.content.turns import Level
from auditor.scan.content.verified import Verified
from tests.scan.fakes import NOW, OLD, MemoryRows, MemoryStore
from tests.scan.running import UID, Ran, run

DAY = timedelta(days=1)
SMALL = 2  # bytes that are read of an object at the depth of headers
WORDS = dict.fromkeys(("summary", "why", "action", "good", "bad"), "…")


def key(number: int) -> str:
    return f"s3_files/journey_embeddings/oseh_jemb_{UID[:-3]}{number:03}"


class Marks:
    """`!` in what is read is a fault; it may be in the first bytes or where only whole reading finds it."""

    contents = frozenset({"journey-embeddings"})
    queries: ClassVar = {}
    infos = (RuleInfo("TST001", "mark", Severity.ERROR, RuleKind.CONTENT, **WORDS),)

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]]:
        return [(0, size if depth is Depth.FULL else min(size, SMALL))]

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        if b"!" in streams[0].read():
            yield Problem("TST001", "marked")


class Nights:
    """Runs one after the other over the same bucket and the same state."""

    def __init__(self, folder: Path, bodies: dict[str, bytes], **options: Any) -> None:
        self.folder = folder
        self.store = MemoryStore({name: (OLD, body) for name, body in bodies.items()}, page=1000)
        self.options = {"content": Level.HEADERS, **options}
        self.rows: MemoryRows | None = None
        self.night = 0
        self.opened: list[str] = []  # in the night that was last
        self.store.before = lambda operation, name: operation == "GetObject" and self.opened.append(name)  # type: ignore[assignment, func-returns-value]

    def next(self, **changes: Any) -> Ran:
        self.night += 1
        self.opened.clear()
        self.store.now = NOW + (self.night - 1) * DAY
        folder = self.folder / str(self.night)
        folder.mkdir()
        with closing(Verified(self.folder / "state.sqlite", self.store.url)) as verified:
            return run(folder, self.store, self.rows, rules=[Marks()], verified=verified, **self.options | changes)


def bodies(count: int, size: int = 10) -> dict[str, bytes]:
    return {key(number): b"." * size for number in range(count)}


def test_what_was_looked_at_waits_for_its_turn(tmp_path: Path) -> None:
    nights = Nights(tmp_path, bodies(3), every=3 * DAY)
    read = [nights.next().summary["contents"]["read"]["objects"] for _ in range(6)]
    assert read == [3, 0, 0, 3, 0, 0]


@pytest.mark.parametrize("level", [Level.HEADERS, Level.FULL])
def test_a_changed_object_has_its_turn_at_once(tmp_path: Path, level: Level) -> None:
    nights = Nights(tmp_path, bodies(3), content=level)
    nights.next()
    nights.store.objects[key(1)] = (OLD, b"another..")
    nights.next()
    assert nights.opened == [key(1)]


def test_a_known_fault_is_told_every_night_and_as_deep_as_it_is(tmp_path: Path) -> None:
    """Found by reading the whole, it is still there in the nights that look at headers alone."""
    nights = Nights(tmp_path, bodies(2) | {key(5): b".....!"})
    assert nights.next().found == []
    assert nights.next(content=Level.FULL).about("TST001") == {key(5)}
    assert nights.next().about("TST001") == {key(5)}
    assert set(nights.opened) == {key(5)}
    nights.store.objects[key(5)] = (OLD, b"mended")
    assert nights.next().found == []
    assert nights.opened == [key(5)]


def test_faults_of_two_turns_meet_with_rows_and_without(tmp_path: Path) -> None:
    """What was faulty has a turn of its own, before what is new: a row in the one and none in the other is ordinary."""
    nights = Nights(tmp_path, bodies(20) | {key(5): b"!"})
    nights.rows = MemoryRows({key(number): (f"row-{number}", 10, OLD) for number in range(20) if number != 5})
    assert nights.next().about("TST001") == {key(5)}
    nights.store.objects[key(7)] = (OLD, b"!!")
    assert nights.next().about("TST001") == {key(5), key(7)}


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    nights = Nights(tmp_path, bodies(3))
    nights.next()
    del nights.store.objects[key(1)]
    nights.next()
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as connection:
        assert [row[0] for row in connection.execute("SELECT key FROM looked ORDER BY key")] == [key(0), key(2)]


def test_what_could_not_be_read_was_not_looked_at(tmp_path: Path) -> None:
    nights = Nights(tmp_path, bodies(2))
    nights.store.unreadable = {key(0): ObjectUnreadable(key(0), "access denied", refused=True)}
    said = nights.next().summary["contents"]
    assert (said["read"]["objects"], said["verified"]["objects"], said["never"]["objects"]) == (1, 1, 1)
    assert [nights.next().summary["contents"]["never"]["objects"] for _ in range(2)] == [1, 1]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=12), budget=st.integers(1, 60))
def test_every_object_has_its_turn_however_small_the_budget(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], budget: int
) -> None:
    """Each night reads at least one, or all that fits; nobody is read twice before everybody was read once."""
    made = {key(number): b"." * size for number, size in enumerate(sizes)}
    nights = Nights(tmp_path_factory.mktemp("nights"), made, content=Level.FULL, limit=Limit(size=budget))
    seen: list[str] = []
    while len(seen) < len(made):
        said = nights.next().summary["contents"]
        assert nights.opened
        assert said["read"]["bytes"] <= max(budget, *sizes)
        assert (said["left"] == 0) is (len(seen) + len(nights.opened) == len(made))
        seen += nights.opened
    assert sorted(seen) == sorted(made)


def test_a_sample_reads_everything_whole_within_the_period(tmp_path: Path) -> None:
    nights = Nights(tmp_path, bodies(12, size=100), content=Level.SAMPLE, every=4 * DAY)
    whole = [nights.next().summary["contents"]["verified_whole"]["objects"] for _ in range(6)]
    assert whole == [0, 3, 6, 9, 12, 12]


def test_the_oldest_look_is_told(tmp_path: Path) -> None:
    nights = Nights(tmp_path, bodies(2))
    nights.next()
    nights.store.objects[key(7)] = (OLD, b"new")
    said = nights.next().summary["contents"]
    assert said["oldest"] == "2026-05-01T12:00:00Z"
    assert (said["known"], said["verified"]) == ({"objects": 3, "bytes": 23}, {"objects": 3, "bytes": 23})


def test_a_state_that_is_no_state_is_said_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"no database at all" * 100)
    nights = Nights(tmp_path, bodies(2) | {key(3): b"!"})
    for _ in range(2):
        ran = nights.next()
        assert (ran.about("TST001"), ran.summary["complete"]) == ({key(3)}, True)
        assert "contents of earlier runs" in {entry["what"] for entry in ran.summary["not_audited"]}


def test_a_limit_of_time_ends_the_reading_and_not_before_one_object() -> None:
    now = [0.0]
    budget = Budget(Limit(time=timedelta(seconds=10)), lambda: now[0])
    now[0] = 20.0
    assert budget.take(1)
    assert not budget.take(1)
    assert budget.closed


def test_a_prefix_leaves_the_rest_of_the_state_alone(tmp_path: Path) -> None:
    nights = Nights(tmp_path, bodies(3))
    nights.next()
    said = nights.next(prefix=key(1)).summary["contents"]
    assert said["known"]["objects"] == 1
    nights.next()
    assert nights.opened == []
