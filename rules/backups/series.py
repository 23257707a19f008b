"""BAK003 to BAK006: what backups tell when they are looked at one after the other, without reading a byte of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice, pairwise

from auditor.findings import Problem, RuleInfo
from auditor.protocols import Context
from auditor.record import Run
from auditor.spec import Family, Series
from auditor.text import human_bytes, isoformat
from rules.backups.infos import CLOCK, GAP, KEPT, SHRUNK
from rules.backups.listing import Backup, listed
from rules.backups.times import Gap, gaps

LIMIT = 100  # findings of one code for one family; the rest is counted
LONG_KEPT = timedelta(days=90)  # what is older than this, and nobody said how long it is kept, is kept for ever
_BACKUPS = frozenset({"database-backup", "redis-backup"})


class SeriesRules:
    """A `RunRule`. The key of a gap is that of the backup before it, so that it stays one finding when it ends."""

    infos: tuple[RuleInfo, ...] = (GAP, SHRUNK, CLOCK, KEPT)

    def check_run(self, run: Run, context: Context) -> Iterator[Problem]:
        families = [family for family in context.spec.families if family.content in _BACKUPS or family.series]
        found = listed(run.objects, [family.name for family in families], context.spec)
        now = datetime.fromisoformat(run.summary["started_at"])
        for family in families:
            backups = found.get(family.name, [])
            series = family.series or Series(0, timedelta.max)
            recent = [backup for backup in backups if series.since is None or backup.time >= series.since]
            yield from _limited(family, _clock(family, recent, series.clock))
            if family.series:
                yield from _limited(family, _gaps(family, recent, now, series))
                yield from _limited(family, _shrunk(family, recent, series))
                yield from _kept(family, backups, now, series)


def _limited(family: Family, problems: Iterator[Problem]) -> Iterator[Problem]:
    """The first ones, and how many there are more."""
    last = None
    for problem in islice(problems, LIMIT):
        yield problem
        last = problem
    more = sum(1 for _ in problems)
    if last and more:
        message = f"{more:,} more of this family; only the first {LIMIT} are listed one by one."
        yield Problem(last.code, message, key="", family=family.name, subject=f"{family.name} more")


def _gaps(family: Family, backups: Sequence[Backup], now: datetime, series: Series) -> Iterator[Problem]:
    expected = f"expected at least {series.objects} in any {_hours(series.within)}, as the bindings say"
    if not backups:
        message = f"There is no backup at all; {expected}."
        yield Problem(GAP.code, message, key="", family=family.name, subject=family.name)
    for gap in gaps([backup.time for backup in backups], now, series):
        yield _about(GAP, f"{_gap(gap, backups)}; {expected}.", backups[gap.before], family)


def _gap(gap: Gap, backups: Sequence[Backup]) -> str:
    there = gap.there(len(backups))
    count = "is no backup" if not there else "is only 1 backup" if there == 1 else f"are only {there:,} backups"
    span = f"the {gap.hours:,.1f} hours from {isoformat(gap.begin)} to"
    if gap.after is None:
        newest = isoformat(backups[-1].time)
        return f"There {count} in {span} this run ({isoformat(gap.end)}), and the newest is of {newest}"
    return f"There {count} in {span} {isoformat(gap.end)}"


def _shrunk(family: Family, backups: Sequence[Backup], series: Series) -> Iterator[Problem]:
    for before, after in pairwise(backups):
        if after.size < before.size * series.shrunk:
            message = (
                f"The backup has {after.size:,} bytes; expected at least {series.shrunk:.0%} of the {before.size:,} "
                f"that the one before has ({isoformat(before.time)})."
            )
            yield _about(SHRUNK, message, after, family)


def _clock(family: Family, backups: Sequence[Backup], tolerance: timedelta) -> Iterator[Problem]:
    for backup in backups:
        apart = backup.last_modified - backup.time
        if abs(apart) > tolerance:
            direction = "after" if apart > timedelta(0) else "before"
            message = (
                f"The key says {isoformat(backup.time)}, and it was stored at {isoformat(backup.last_modified)}, "
                f"{_hours(abs(apart))} {direction} that; expected no more than {_hours(tolerance)}."
            )
            yield _about(CLOCK, message, backup, family)


def _kept(family: Family, backups: Sequence[Backup], now: datetime, series: Series) -> Iterator[Problem]:
    """One finding for a family; the oldest backup is what it is about."""
    limit = series.kept or LONG_KEPT
    old = [backup for backup in backups if now - backup.time > limit]
    if not old:
        return
    counted = old if series.kept else backups
    size = human_bytes(sum(backup.size for backup in counted))
    there = f"{len(counted):,} backups with {size} are there since {isoformat(counted[0].time)}"
    expected = "nothing says how long they are kept"
    if series.kept:
        there, expected = f"{there} and older than {_hours(series.kept)}", "the bindings keep them no longer"
    yield Problem(KEPT.code, f"{there}; {expected}.", key="", family=family.name, subject=family.name)


def _about(info: RuleInfo, message: str, backup: Backup, family: Family) -> Problem:
    return Problem(
        info.code,
        message,
        key=backup.key,
        family=family.name,
        size=backup.size,
        last_modified=backup.last_modified,
    )


def _hours(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    if hours >= 72:
        return f"{hours / 24:,.0f} days"
    return f"{hours:.4g} hour{'' if hours == 1 else 's'}"
