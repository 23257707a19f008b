"""Parts of uploads: those that nobody wants any more (REF007), those of the wrong size (UPL002)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from auditor.findings import Evidence, Need, Problem, RuleInfo, RuleKind, Severity
from auditor.frames import rows_where
from auditor.protocols import Context
from rules.references.settled import recorded, settled
from rules.references.wording import as_of, second

REF007 = RuleInfo(
    code="REF007",
    name="stale-upload-part",
    severity=Severity.WARNING,
    kind=RuleKind.BATCH,
    summary="A part of an upload that is finished or has expired.",
    why="Parts are put together once; what is left of them afterwards is paid for and wanted by nobody.",
    action="Look at the job that deletes uploads: it failed or was never started for this one. Then let it run again.",
    good="a part of an upload that expires in an hour, or was finished an hour ago",
    bad="a part of an upload that was finished last month",
    needs=frozenset({Need.ROWS}),
    evidence=Evidence.ABSENCE,
)
UPL002 = RuleInfo(
    code="UPL002",
    name="upload-part-size",
    severity=Severity.ERROR,
    kind=RuleKind.BATCH,
    summary="The part's size is not that of the range of bytes which its row says.",
    why="Put together, the parts would not be the file that was uploaded.",
    action="Ask for the upload to be made again; find out how a part of the wrong length could be accepted.",
    good="a part of 1048576 bytes for the bytes from 0 to 1048576",
    bad="a part of 1048000 bytes for the bytes from 0 to 1048576",
    needs=frozenset({Need.ROWS}),
    evidence=Evidence.PAIR,
)


class UploadRules:
    infos = (REF007, UPL002)
    reads = ("stale_since", "stale_why", "part_size")

    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        yield from _stale(frame, context)
        yield from _sizes(frame, context)


def _stale(frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
    """As long ago as an object must be old: deleting the parts takes its time, too."""
    mask = settled(frame, context) & (frame["stale_since"] < context.cutoff)
    for position, row in rows_where(frame, mask, ["family", "stale_since", "stale_why"]):
        expires = context.spec.family(row["family"]).expires
        table = expires.table if expires else "its table"
        message = f"By {table} it is of something that {_WORDS[row['stale_why']]} {second(row['stale_since'])}."
        yield Problem(REF007.code, message + as_of(context), position=position)


_WORDS = {"finished": "was finished", "expired": "expired"}


def _sizes(frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
    differs = recorded(frame) & (frame["part_size"] != frame["size"])
    if context.rows_as_of is not None:
        differs &= frame["last_modified"] < context.rows_as_of
    for position, row in rows_where(frame, differs, ["size", "part_size"]):
        message = f"The part has {row['size']} bytes, and its range {row['part_size']}."
        yield Problem(UPL002.code, message, position=position)
