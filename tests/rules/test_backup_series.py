"""BAK003 to BAK006: times and sizes of backups, from whole audits in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import ListingFailed
from auditor.spec import Series, Source, Specification, compile_specification
from rules.backups import SeriesRules
from rules.backups.series import LIMIT
from rules.backups.times import gaps
from rules.shipped import file_service
from tests.scan.fakes import NOW, MemoryStore
from tests.scan.running import Ran, run, shipped

HOUR = timedelta(hours=1)
REDIS = "s3_files/backup/redis"
TWICE = Series(objects=2, within=26 * HOUR)


def key(at: datetime, hint: str = "", family: str = "database") -> str:
    return f"s3_files/backup/{family}/{int(at.timestamp())}{hint}.bak"


def daily(days: int, until: datetime = NOW - HOUR) -> list[datetime]:
    """Twice a day, 75 minutes apart, as the service's job runs."""
    moments = [
        until - timedelta(days=day) - ahead for day in range(days) for ahead in (timedelta(0), timedelta(minutes=75))
    ]
    return sorted(moments)


def audit(
    folder: Path,
    times: Sequence[datetime],
    *,
    sizes: Sequence[int] = (),
    spec: Specification | None = None,
    prefix: str = "",
    store: MemoryStore | None = None,
) -> Ran:
    """Only the database's backups; redis has sound ones."""
    bodies = {key(at): (at, bytes(size)) for at, size in zip(times, sizes or [100] * len(times), strict=True)}
    bodies |= {key(at, family="redis"): (at, bytes(100)) for at in daily(3)}
    made = store or MemoryStore({}, page=1000)
    made.objects = bodies
    return run(folder, made, None, rules=[SeriesRules()], everything=True, spec=spec, prefix=prefix)


def said(ran: Ran) -> list[tuple[str, str]]:
    return [(finding.rule, finding.key or finding.family or "") for finding in ran.found]


def bound(series: str) -> Specification:
    document, bindings = file_service()
    old = b'series = { objects = 2, within = "26h", shrunk = 0.5 }'
    assert bindings.data.count(old) == 2
    return compile_specification(document, Source("bindings.toml", bindings.data.replace(old, series.encode())))


def test_backups_on_time_say_nothing(tmp_path: Path) -> None:
    assert said(audit(tmp_path, daily(20))) == []


def test_clocks_that_change_make_no_gap(tmp_path: Path) -> None:
    """01:45 and 03:00 of Los Angeles across both changes of the clock."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("America/Los_Angeles")
    for first in (datetime(2025, 3, 6, tzinfo=zone), datetime(2025, 10, 30, tzinfo=zone)):
        days = [(first.date() + timedelta(days=day)) for day in range(6)]
        times = [datetime(d.year, d.month, d.day, *at, tzinfo=zone) for d in days for at in ((1, 45), (3, 0))]
        instants = sorted(datetime.fromtimestamp(one.timestamp(), NOW.tzinfo) for one in times)
        assert list(gaps(instants, instants[-1] + HOUR, TWICE)) == []


def test_a_missing_backup_is_a_gap(tmp_path: Path) -> None:
    times = daily(10)
    del times[9]
    ran = audit(tmp_path, times)
    assert said(ran) == [("BAK003", key(times[7]))]
    assert ran.found[0].message == (
        "There is only 1 backup in the 46.8 hours from 2026-04-25T11:00:00Z to 2026-04-27T09:45:00Z; "
        "expected at least 2 in any 26 hours, as the bindings say."
    )


def test_days_without_any_are_one_gap(tmp_path: Path) -> None:
    times = daily(20)
    del times[10:20]
    ran = audit(tmp_path, times)
    assert said(ran) == [("BAK003", key(times[8]))]
    assert "are only 2 backups" in ran.found[0].message


def test_a_newest_backup_that_is_too_old(tmp_path: Path) -> None:
    times = daily(10, NOW - 40 * HOUR)
    ran = audit(tmp_path, times)
    assert said(ran) == [("BAK003", key(times[-2]))]
    assert "to this run (2026-05-01T12:00:00Z), and the newest is of 2026-04-29T20:00:00Z" in ran.found[0].message


def test_a_gap_keeps_its_fingerprint_when_it_ends(tmp_path: Path) -> None:
    times = daily(10, NOW - 40 * HOUR)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    open_gap = audit(tmp_path / "a", times).found
    closed = audit(tmp_path / "b", [*times, NOW - 2 * HOUR, NOW - HOUR]).found
    assert [one.fingerprint for one in open_gap] == [one.fingerprint for one in closed]


def test_no_backup_at_all(tmp_path: Path) -> None:
    ran = audit(tmp_path, [])
    assert said(ran) == [("BAK003", "backup/database")]
    assert ran.found[0].message.startswith("There is no backup at all; expected at least 2")


@pytest.mark.parametrize(("size", "small"), [(50, False), (49, True), (0, True), (101, False)])
def test_a_backup_much_smaller_than_the_one_before(tmp_path: Path, size: int, small: bool) -> None:
    times = daily(4)
    ran = audit(tmp_path, times, sizes=[100] * 5 + [size] * 3)
    assert said(ran) == ([("BAK004", key(times[5]))] if small else [])
    if size == 49:
        assert ran.found[0].message == (
            "The backup has 49 bytes; expected at least 50% of the 100 that the one before has (2026-04-30T09:45:00Z)."
        )


@pytest.mark.parametrize(
    ("apart", "wrong"), [(HOUR, False), (HOUR * 1.01, True), (-HOUR, False), (-HOUR * 1.01, True), (HOUR * 50, True)]
)
def test_a_clock_that_disagrees(tmp_path: Path, apart: timedelta, wrong: bool) -> None:
    at = NOW - 9 * HOUR
    timely = f"s3_files/backup/database/timely/0001_a-{int(at.timestamp())}.bak"
    bodies = {key(one): (one, b"") for one in daily(2)} | {key(one, family="redis"): (one, b"") for one in daily(2)}
    store = MemoryStore({**bodies, timely: (at + apart, b"")}, page=1000)
    ran = run(tmp_path, store, None, rules=[SeriesRules()])
    assert ran.about("BAK005") == ({timely} if wrong else set())


def test_what_is_kept_for_ever(tmp_path: Path) -> None:
    times = [NOW - timedelta(days=91), *daily(3)]
    ran = audit(tmp_path, times)
    assert said(ran) == [("BAK003", key(times[0])), ("BAK006", "backup/database")]
    assert ran.found[1].message == (
        "7 backups with 700 B are there since 2026-01-30T12:00:00Z; nothing says how long they are kept."
    )


def test_what_is_kept_too_long(tmp_path: Path) -> None:
    spec = bound('series = { objects = 2, within = "26h", kept = "30d" }')
    assert said(audit(tmp_path, daily(29), spec=spec)) == []
    other = tmp_path / "other"
    other.mkdir()
    ran = audit(other, daily(33), spec=spec)
    assert len(ran.found) == 1
    assert ran.found[0].message == (
        "6 backups with 600 B are there since 2026-03-30T09:45:00Z and older than 30 days; "
        "the bindings keep them no longer."
    )


def test_what_happened_before_a_day_is_known(tmp_path: Path) -> None:
    times = daily(60)
    del times[20:60]
    assert [rule for rule, _ in said(audit(tmp_path, times))] == ["BAK003"]
    other = tmp_path / "other"
    other.mkdir()
    spec = bound('series = { objects = 2, within = "26h", since = 2026-04-02 }')
    assert said(audit(other, times, spec=spec)) == []


def test_a_part_of_the_bucket_says_nothing_about_gaps(tmp_path: Path) -> None:
    times = [NOW - timedelta(days=100), *daily(2, NOW - timedelta(days=3))]
    ran = audit(tmp_path, times, sizes=[1000, 10, 10, 10, 10], prefix="s3_files/backup/database/1")
    assert {rule for rule, _ in said(ran)} == {"BAK004"}
    assert {entry["what"].split()[0] for entry in ran.summary["not_audited"]} >= {"BAK003", "BAK006"}


def test_a_listing_that_broke_off_says_nothing_about_gaps(tmp_path: Path) -> None:
    class Breaks(MemoryStore):
        def list(self, prefix: str = "", after: str | None = None, until: str | None = None):  # type: ignore[no-untyped-def]
            yield from super().list(prefix, after, until)
            raise ListingFailed("page lost")

    ran = audit(tmp_path, daily(3, NOW - timedelta(days=9)), sizes=[100, 1, 1, 1, 1, 1], store=Breaks({}, page=1000))
    assert said(ran) == []
    assert {entry["what"].split()[0] for entry in ran.summary["not_audited"]} >= {"BAK003", "BAK004", "BAK006"}


def test_a_hint_and_an_odd_key_are_no_trouble(tmp_path: Path) -> None:
    times = daily(3)
    bodies = {key(at, "manual" if number % 2 else ""): (at, b"x") for number, at in enumerate(times)}
    bodies |= {f"{REDIS}/latest.bak": (NOW - HOUR, b"x"), **{key(at, family="redis"): (at, b"x") for at in times}}
    ran = run(tmp_path, MemoryStore(bodies, page=1000), None, rules=[SeriesRules()], everything=True)
    assert said(ran) == []


def test_a_copied_bucket_does_not_fill_the_report(tmp_path: Path) -> None:
    times = daily(80)
    store = MemoryStore({key(at): (NOW - HOUR, b"x") for at in times}, page=1000)
    ran = run(tmp_path, store, None, rules=[SeriesRules()])
    clocks = [finding for finding in ran.found if finding.rule == "BAK005"]
    assert len(clocks) == LIMIT + 1
    assert [one.message for one in clocks if not one.key] == [
        f"{159 - LIMIT} more of this family; only the first {LIMIT} are listed one by one."
    ]


@given(st.lists(st.integers(0, 200), max_size=12), st.integers(1, 3), st.integers(1, 60))
def test_there_is_a_gap_exactly_where_a_stretch_has_too_few(hours: list[int], objects: int, within: int) -> None:
    """By the definition: stretches (from, to] of the length `within`, from the first backup until now."""
    now = 210
    times = sorted(hours)
    series = Series(objects=objects, within=timedelta(hours=within))
    found = list(gaps([NOW + at * HOUR for at in times], NOW + now * HOUR, series))
    short = [
        start
        for start in range(min(times, default=now), now - within)
        if sum(start < at <= start + within for at in times) < objects
    ]
    inside = [any(one.begin <= NOW + at * HOUR < one.end for one in found) for at in short]
    assert all(inside)
    assert bool(short) == bool(found)
    assert all(before.end <= after.begin for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ objects = 2 }", "does not say `within`"),
        ('{ objects = 0, within = "26h" }', "`objects` cannot be understood"),
        ('{ objects = 2, within = "26 hours" }', "`within` cannot be understood"),
        ('{ objects = 2, within = "26h", shrunk = 1.5 }', "`shrunk` cannot be understood"),
        ('{ objects = 2, within = "26h", since = 2026-01-01T00:00:00Z }', "`since` cannot be understood"),
        ('{ objects = 2, within = "26h", often = 1 }', "unknown key"),
        ('"26h"', "is not a table"),
    ],
)
def test_a_series_that_cannot_be_understood(text: str, message: str) -> None:
    from auditor.spec import SpecificationError

    with pytest.raises(SpecificationError) as caught:
        bound(f"series = {text}")
    assert message in caught.value.faults[0].render()
    assert "bindings.toml:" in caught.value.faults[0].render()


def test_the_shipped_series_is_the_schedule() -> None:
    assert {family.name for family in shipped().families if family.series == TWICE} == {
        "backup/database",
        "backup/redis",
    }
