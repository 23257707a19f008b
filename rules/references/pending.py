"""Files in use that are on the list of files about to be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pandas as pd

from auditor.findings import Evidence, Need, Problem, RuleInfo, RuleKind, Severity
from auditor.frames import rows_where
from auditor.protocols import Context
from auditor.text import isoformat

REF008 = RuleInfo(
    code="REF008",
    name="pending-but-referenced",
    severity=Severity.ERROR,
    kind=RuleKind.BATCH,
    summary="A file that is in use is on the list of files about to be deleted, and its time is past or near.",
    why="The sweep deletes the object and its row by their key, and whatever refers to the row goes or breaks with it.",
    action="Take the key off the list before the next sweep, unless it is to go; then find out what put it there.",
    good="a file that is being uploaded and has an hour left; a file that is on no list",
    bad="an image of a journey whose entry was due a minute ago",
    needs=frozenset({Need.ROWS, Need.PENDING}),
    evidence=Evidence.PAIR,
    snapshot_counts=False,
)


class PendingRules:
    infos = (REF008,)

    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        """A row is enough where nobody knows what refers to it, but then the file must be settled in its family."""
        if context.pending_due is None or context.cutoff is None:
            return
        both = frame["size"].notna() & frame["row_class"].notna()
        settled = (frame["class"] == "ok") & (frame["last_modified"] < context.cutoff)
        in_use = frame["referenced"].fillna(False) | (frame["referenced"].isna() & settled)
        due = both & in_use & (frame["pending_at"] <= context.pending_due)
        snapshot = context.rows_as_of is not None or context.pending_as_of is not None
        for position, row in rows_where(frame, due, ["pending_at", "referenced"]):
            yield Problem(
                REF008.code,
                _message(row["pending_at"], row["referenced"], context),
                position=position,
                snapshot=snapshot,
            )


def _message(at: datetime, referenced: bool | None, context: Context) -> str:
    use = "Tables refer to the row of this file" if referenced else "A row has the key of this file"
    message = f"{use}, and the file is to be deleted at {_second(at)}."
    told = [("list", context.pending_as_of), ("rows", context.rows_as_of)]
    return message + "".join(f" The {what} of a backup of {_second(when)}." for what, when in told if when)


def _second(moment: datetime) -> str:
    return isoformat(moment.replace(microsecond=0))
