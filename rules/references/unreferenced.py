"""Rows that nothing refers to: the object is there, its row is there, and nobody will ever ask for either."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from auditor.findings import Evidence, Need, Problem, RuleInfo, RuleKind, Severity
from auditor.frames import INSTANT, rows_where
from auditor.protocols import Context
from auditor.text import isoformat

REF004 = RuleInfo(
    code="REF004",
    name="unreferenced-file",
    severity=Severity.WARNING,
    kind=RuleKind.BATCH,
    summary="Object and row exist, and nothing in use refers to the row.",
    why="Nobody can reach the file any more: it is paid for, and may be what a user asked to have erased.",
    action="Find out which code left it; then delete owner, row and object as the service itself would.",
    good="an image's export whose image is a user's picture",
    bad="the original of an image whose user was deleted a year ago; embeddings that newer ones have replaced",
    needs=frozenset({Need.REFERENCES}),
    evidence=Evidence.ABSENCE,
)


class UnreferencedRules:
    infos = (REF004,)

    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        """Neither the object nor its row may be young: their use may still be on its way."""
        lonely = (frame["class"] == "ok") & (frame["referenced"] == False)  # noqa: E712 -- a column, with nulls
        if context.cutoff is None or not lonely.fillna(False).any():
            return
        cutoff = pd.Series(pa.scalar(context.cutoff, INSTANT).as_py(), frame.index)
        old = (frame["last_modified"] < cutoff) & (frame["row_created_at"] < cutoff)
        for position, row in rows_where(frame, lonely & old, ["reference_chain"]):
            as_of = f" Judged by a backup of {_second(context)}." if context.rows_as_of else ""
            yield Problem(
                REF004.code, f"Nothing in use refers to its row: {row['reference_chain']}.{as_of}", position=position
            )


def _second(context: Context) -> str:
    return isoformat(context.rows_as_of.replace(microsecond=0)) if context.rows_as_of else ""
