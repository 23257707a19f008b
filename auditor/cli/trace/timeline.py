"""The backups in a column, oldest first; what is alike is drawn together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from auditor.text import isoformat, printable
from auditor.tracing.backups import DatedBy
from auditor.tracing.story import Mark, Point, Story

_ALIKE = 4  # so many backups that say the same are drawn as the first, a count, and the last
_SIGNS = {
    Mark.PRESENT: "●",
    Mark.ABSENT: "○",
    Mark.NOT_LOOKED_AT: "·",
    Mark.BROKEN: "✗",
    Mark.GONE: "✗",
    Mark.NOT_FETCHED: "?",
}


def timeline(story: Story) -> Iterator[str]:
    edges = _changes(story)
    numbered = enumerate(story.points)
    for (mark, _), group in groupby(numbered, lambda one: (one[1].mark, sum(edge <= one[0] for edge in edges))):
        points = [point for _, point in group]
        if mark is Mark.NOT_LOOKED_AT:
            yield _line("", mark, _counted(len(points)))
        elif mark in (Mark.PRESENT, Mark.ABSENT) and len(points) > _ALIKE:
            yield _drawn(points[0])
            yield _line("", mark, f"{len(points) - 2} backups more, alike")
            yield _drawn(points[-1])
        else:
            yield from map(_drawn, points)


def _changes(story: Story) -> list[int]:
    """Numbers of the backups with which something else begins, though they have the row as those before do."""
    return [version.first for life in story.lives for version in life.versions]


def _drawn(point: Point) -> str:
    name = printable(point.backup.name)
    if point.backup.dated_by is DatedBy.MODIFIED:
        name += "  (time of the file, its name tells none)"
    if point.backup.dated_by is DatedBy.NOW:
        name = f"now, {name}"
    return _line(
        isoformat(point.backup.at.replace(microsecond=0)),
        point.mark,
        name + (f": {printable(point.why)}" if point.why else ""),
    )


def _line(time: str, mark: Mark, text: str) -> str:
    return f"  {time:<20}  {_SIGNS[mark]} {str(mark) if time else '':<11}  {text}".rstrip()


def _counted(number: int) -> str:
    return "1 backup not looked at" if number == 1 else f"{number:,} backups not looked at"
