"""`plan.json`: what a plan is, what it rests on, and its own hash. The schema is beside this file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from auditor import __version__
from auditor.cleanup import formats
from auditor.cleanup.hashed import HashedFile
from auditor.cleanup.model import hash_of
from auditor.cleanup.writing import LIFECYCLE, PLAN, README, PlanWriter
from auditor.text import isoformat

SCHEMA_VERSION = 1


def of_run(summary: Mapping[str, Any], bucket: str) -> dict[str, Any]:
    """What a plan must know of its run when its objects are looked at again."""
    pending = summary.get("pending")
    return {
        "run_id": summary.get("run_id"),
        "url": summary["bucket"],
        "bucket": bucket,
        "prefix": summary["prefix"],
        "started_at": summary["started_at"],
        "min_age_seconds": summary["min_age_seconds"],
        "rows_source": summary["rows"]["source"],
        "rows_as_of": summary["rows"]["as_of"],
        "pending_source": pending and pending["source"],
        "document_sha256": summary["spec"]["sha256"],
    }


def mark_of(*parts: Any) -> str:
    """The value of the tag: the same for the same run, selection and limits."""
    return hash_of({"parts": [*parts]})[:16]


def lifecycle_date(seen: datetime, way_back: timedelta) -> str:
    """Midnight, as S3 wants it, that comes at least `way_back` after whoever carries out the plan a day later.

    >>> lifecycle_date(datetime(2026, 1, 1, 3, 30, tzinfo=UTC), timedelta(days=7))
    '2026-01-10T00:00:00Z'
    """
    earliest = seen.astimezone(UTC) + timedelta(days=1) + way_back
    midnight = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
    return isoformat(midnight if midnight == earliest else midnight + timedelta(days=1))


def close_plan(writer: PlanWriter, entries: dict[str, Any], readme: str) -> dict[str, Any]:
    """Writes what is left (lifecycle rule, README, plan.json) and returns the document of plan.json."""
    if writer.bucket is not None and writer.totals.objects:
        writer.note(LIFECYCLE, formats.lifecycle(writer.mark, entries["tag"]["expires"]))
    writer.note(README, readme)
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool_version": __version__,
        **entries,
        "totals": writer.totals.described(),
        "files": writer.finish(),
    }
    document["hash"] = hash_of(document)
    file = HashedFile(writer.folder / PLAN)
    file.write(json.dumps(document, indent=2, sort_keys=True) + "\n")
    file.close()
    return document
