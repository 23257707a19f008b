"""The story of one row in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.cli.trace.values import shown
from auditor.text import isoformat, printable
from auditor.tracing.backups import Backup, DatedBy
from auditor.tracing.story import Edge, Life, Story, Version


def moment(backup: Backup) -> str:
    """
    >>> from datetime import UTC, datetime
    >>> moment(Backup("a.bak", datetime(2026, 1, 2, tzinfo=UTC), 1))
    '2026-01-02T00:00:00Z'
    """
    return "now" if backup.dated_by is DatedBy.NOW else isoformat(backup.at.replace(microsecond=0))


def came(story: Story, life: Life) -> str:
    if life.came is None:
        first = story.points[life.first].backup
        return f"It is in the oldest backup that was read, of {moment(first)}: it came by then."
    before, after = _both(story, life.came)
    return f"It came between {before} and {after}{_gap(life.came)}.{_says_created(story, life, life.came)}"


def went(story: Story, life: Life) -> str:
    if life.went is None:
        last = story.points[life.last].backup
        if last.dated_by is DatedBy.NOW:
            return "It is there now."
        return f"It is still there in the newest backup that was read, of {moment(last)}."
    before, after = _both(story, life.went)
    return f"It went between {before} and {after}{_gap(life.went)}."


def _both(story: Story, edge: Edge) -> tuple[str, str]:
    return moment(story.points[edge.before].backup), moment(story.points[edge.after].backup)


def _gap(edge: Edge) -> str:
    """What lies between and tells nothing."""
    parts = []
    if edge.unread:
        parts.append(f"{edge.unread} between them could not be read")
    if edge.not_looked_at:
        parts.append(f"{edge.not_looked_at} between them {_were(edge.not_looked_at)} not looked at")
    return f" ({', '.join(parts)})" if parts else ""


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _says_created(story: Story, life: Life, edge: Edge) -> str:
    created = life.versions[0].rows[0].created_at
    if created is None:
        return ""
    odd = ", though a later backup lacks it" if created < story.points[edge.before].backup.at else ""
    return f" It says that it was created at {isoformat(created)}{odd}."


def what_it_said(story: Story, life: Life) -> Iterator[str]:
    """The first version whole, of the later ones what is new in them."""
    first, *later = life.versions
    yield "What it said" + (f" up to {moment(story.points[first.last].backup)}:" if later else ":")
    yield from _whole(first)
    before = first
    for version, edge in zip(later, life.changes, strict=True):
        low, high = _both(story, edge)
        yield f"Changed between {low} and {high}{_gap(edge)}:"
        yield from _changed(before, version)
        before = version


def _whole(version: Version) -> Iterator[str]:
    for number, row in enumerate(version.rows):
        if number:
            yield "  and another row with the same key:"
        width = max((len(printable(name)) for name, _ in row.values), default=0)
        for name, value in row.values:
            yield f"  {printable(name):<{width}}  {shown(value)}"


def _changed(old: Version, new: Version) -> Iterator[str]:
    if len(old.rows) != len(new.rows):
        yield f"  {len(old.rows)} row(s) with this key became {len(new.rows)}:"
        yield from _whole(new)
        return
    for before, after in zip(old.rows, new.rows, strict=True):
        then, now = dict(before.values), dict(after.values)
        for name in dict.fromkeys([*then, *now]):
            if then.get(name) != now.get(name) or (name in then) != (name in now):
                gone = "no such column"
                left = shown(then[name]) if name in then else gone
                right = shown(now[name]) if name in now else gone
                yield f"  {printable(name)}  {left} -> {right}"
