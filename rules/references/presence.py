"""Objects against rows: the engine decides the classes, these rules put them into words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pandas as pd

from auditor.findings import Evidence, Need, Problem, RuleInfo, RuleKind, Severity
from auditor.frames import rows_where
from auditor.protocols import Context
from auditor.text import human_bytes, isoformat
from rules.references.recovery import how_to_recover, what_is_left

REF001 = RuleInfo(
    code="REF001",
    name="orphan-object",
    severity=Severity.WARNING,
    kind=RuleKind.BATCH,
    summary="No database row has this key, and the family needs one.",
    why="Nothing can find the object any more, so it is paid for and backed up for nobody; or its row was lost.",
    action="Find out which code wrote it and why no row was left; then delete the object, or restore its row.",
    good="an object of `images/exports` whose key is in s3_files",
    bad="an object of `images/exports` from last year whose key is in no row",
    needs=frozenset({Need.ROWS}),
    evidence=Evidence.ABSENCE,
)
REF002 = RuleInfo(
    code="REF002",
    name="dangling-row",
    severity=Severity.ERROR,
    kind=RuleKind.BATCH,
    summary="A database row has this key, and the object is gone.",
    why="Whoever follows the row gets an error: data that the service believes to have is lost.",
    action="Restore the object from a copy; if it was deleted on purpose, delete the row and what refers to it.",
    good="a row of s3_files whose key is in the bucket",
    bad="a row of s3_files from last week whose key answers 404",
    needs=frozenset({Need.ROWS}),
    evidence=Evidence.ABSENCE,
    snapshot_counts=False,
)
REF003 = RuleInfo(
    code="REF003",
    name="size-mismatch",
    severity=Severity.ERROR,
    kind=RuleKind.BATCH,
    summary="Row and object disagree about the size.",
    why="The object was cut off, replaced or written twice; the service promises its readers another length.",
    action="Compare the object with its source and write it again; if it is right, correct the row.",
    good="file_size 24608 and an object of 24608 bytes; file_size -1 (unknown) and any object",
    bad="file_size 24608 and an object of 24000 bytes",
    needs=frozenset({Need.ROWS}),
    evidence=Evidence.PAIR,
)


class ReferenceRules:
    infos = (REF001, REF002, REF003)

    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        yield from _orphans(frame, context)
        yield from _dangling(frame, context)
        yield from _sizes(frame, context)


def _orphans(frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
    for position, row in rows_where(frame, frame["class"] == "orphan", ["size", "family", "last_modified"]):
        what = f"{human_bytes(row['size'])} object of {row['family']}, modified {_second(row['last_modified'])}"
        yield Problem(REF001.code, f"No row has the key of this {what}.{_as_of(context)}", position=position)


def _dangling(frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
    columns = ["key", "row_created_at", "row_size", "family", "remains"]
    for position, row in rows_where(frame, frame["row_class"] == "dangling", columns):
        message = f"The row is of {_second(row['row_created_at'])}, and its object of {row['family']} is gone."
        left = row["remains"]
        more = f" {what_is_left(left, row['row_size'])}" if left else ""
        suggestion = how_to_recover(left, context.bucket, row["key"]) if left else ""
        yield Problem(REF002.code, message + more + _as_of(context), suggestion, position=position)


def _sizes(frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
    differs = (frame["class"] == "ok") & (frame["row_size"] >= 0) & (frame["row_size"] != frame["size"])
    if context.rows_as_of is not None:
        differs &= frame["last_modified"] < context.rows_as_of
    for position, row in rows_where(frame, differs, ["size", "row_size"]):
        message = f"The object has {row['size']} bytes, its row says {row['row_size']}."
        yield Problem(REF003.code, message, position=position)


def _second(moment: datetime) -> str:
    return isoformat(moment.replace(microsecond=0))


def _as_of(context: Context) -> str:
    return f" Judged by a backup of {_second(context.rows_as_of)}." if context.rows_as_of else ""
