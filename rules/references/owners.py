"""REF005: a uid in the key that its owner's table does not have."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from auditor.findings import Evidence, Need, Problem, RuleInfo, RuleKind, Severity
from auditor.frames import rows_where
from auditor.protocols import Context
from auditor.text import printable
from rules.references.settled import settled
from rules.references.wording import evidence_of

REF005 = RuleInfo(
    code="REF005",
    name="owner-missing",
    severity=Severity.WARNING,
    kind=RuleKind.BATCH,
    summary="A uid in the key is not in the table and column where its owner should be.",
    why="What the object was made for is gone, or its uid was written wrongly: the row alone keeps the object alive.",
    action="Find out what deleted the owner; then delete the object with its row, or restore the owner's row.",
    good="an object of `images/exports` with a row, whose uid is in image_file_exports.uid",
    bad="an object of `images/exports` with a row, whose uid image_file_exports.uid has not",
    needs=frozenset({Need.ROWS}),
    evidence=Evidence.ABSENCE,
)


class OwnerRules:
    """The subject is the field, since a key may have several owners."""

    infos = (REF005,)
    reads = ("owners_missing",)

    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        mask = settled(frame, context) & (frame["owners_missing"] != "")
        for position, row in rows_where(frame, mask, ["key", "family", "owners_missing"]):
            owners = context.spec.family(row["family"]).owners
            for field in context.spec.explain(row["key"]).fields:
                if f",{field.name}," in f",{row['owners_missing']},":
                    value, owner = printable(field.value), owners[field.name]
                    message = f"{printable(field.name)} is {value!r}, and {owner} has no such value."
                    yield Problem(REF005.code, message + evidence_of(context), subject=field.name, position=position)
