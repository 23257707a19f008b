"""A story as JSON's values; docs/tracing.md has the form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.cli.trace.page import Around
from auditor.errors import ObjectUnreadable
from auditor.text import isoformat
from auditor.tracing import Story
from auditor.tracing.aftermath import Aftermath, Fate
from auditor.tracing.referrers import More, Node
from auditor.tracing.story import Edge, Life, Point, Version


def as_data(story: Story, around: Around) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "key": story.key,
        "family": around.family,
        "source": around.shown,
        "object": _object(around),
        "seen": story.seen,
        "complete": not story.incomplete,
        "incomplete": list(story.incomplete),
        "remarks": list(story.remarks),
        "fetched_bytes": story.fetched,
        "backups": [_point(point) for point in story.points],
        "rows": [_life(story, life) for life in story.lives],
    }


def _object(around: Around) -> dict[str, Any] | None:
    if not around.asked:
        return None
    if isinstance(around.head, ObjectUnreadable):
        return {"there": None, "why": around.head.reason}
    if around.head is None:
        return {"there": False}
    return {"there": True, "size": around.head.size, "last_modified": isoformat(around.head.last_modified)}


def _point(point: Point) -> dict[str, Any]:
    backup = point.backup
    return {
        "name": _text(backup.name),
        "at": isoformat(backup.at),
        "dated_by": str(backup.dated_by),
        "size": backup.size,
        "row": str(point.mark),
        "why": point.why,
    }


def _life(story: Story, life: Life) -> dict[str, Any]:
    fates = iter(life.aftermath.fates) if life.aftermath else iter(())
    return {
        "first": _name(story, life.first),
        "last": _name(story, life.last),
        "came": _edge(story, life.came),
        "went": _edge(story, life.went),
        "versions": [_version(story, version) for version in life.versions],
        "changes": [_edge(story, edge) for edge in life.changes],
        "not_looked_at": life.assumed,
        "referrers": [_node(node, fates) for node in life.tree.nodes] if life.tree else None,
        "more_referrers": _more(life.tree.more) if life.tree else [],
        "went_with_it": _aftermath(life.aftermath) if life.aftermath else None,
    }


def _name(story: Story, number: int) -> str:
    return _text(story.points[number].backup.name)


def _edge(story: Story, edge: Edge | None) -> dict[str, Any] | None:
    if edge is None:
        return None
    between = {"unread": edge.unread, "not_looked_at": edge.not_looked_at}
    return {"after": _name(story, edge.before), "by": _name(story, edge.after), **between}


def _version(story: Story, version: Version) -> dict[str, Any]:
    first, last = _name(story, version.first), _name(story, version.last)
    return {"first": first, "last": last, "rows": [dict(row.values) for row in version.rows]}


def _node(node: Node, fates: Iterator[Fate | None]) -> dict[str, Any]:
    fate = next(fates, None)
    return {
        "table": node.table,
        "uid": node.label,
        "how": str(node.how),
        "column": node.column,
        "fate": str(fate) if fate else None,
        "told_above": node.again,
        "referrers": [_node(child, fates) for child in node.children],
        "more_referrers": _more(node.more),
    }


def _more(more: tuple[More, ...]) -> list[dict[str, Any]]:
    return [{"table": rest.table, "column": rest.column, "rows": rest.count} for rest in more]


def _aftermath(after: Aftermath) -> dict[str, Any]:
    gone = after.gone
    return {
        "files_of_owners": [
            {"key": file.key, "uid": file.uid, "size": file.size, "went": file.went} for file in after.files
        ],
        "more_files_of_owners": after.more_files,
        "rows_before": gone.before,
        "rows_gone": gone.rows,
        "bytes_gone": gone.size,
        "families_gone": {name or None: count for name, count in gone.families.most_common()},
        "examples_gone": [{"key": key, "uid": uid} for key, uid in gone.examples],
    }


def _text(name: str) -> str:
    """The name of a file need not be UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode(errors="replace")
