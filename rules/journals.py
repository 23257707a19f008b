"""Keys of journals, of which nothing but the length is ever looked at, and that in the listing."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from auditor.findings import Problem, RuleInfo, RuleKind, Severity
from auditor.frames import rows_where
from auditor.protocols import Context

CONTENT = "journal-key"
BYTES = 44  # URL-safe base64 of 32 bytes (https://github.com/fernet/spec/blob/master/Spec.md#key-format)

JRN001 = RuleInfo(
    code="JRN001",
    name="journal-key-length",
    severity=Severity.ERROR,
    kind=RuleKind.BATCH,
    summary=f"A journal's key does not have {BYTES} bytes.",
    why="It cannot be a Fernet key, so nothing that was encrypted with the real one can be read with it.",
    action="Restore the object from a copy. Do not open it to see what it holds: it may be most of a key.",
    good=f"{BYTES} bytes in the listing",
    bad=f"{BYTES - 1} bytes, or none, in the listing",
)


class JournalRules:
    infos = (JRN001,)

    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        families = [family.name for family in context.spec.families if family.content == CONTENT]
        if not families:
            return
        wrong = frame["family"].isin(families) & (frame["class"] != "ignored") & (frame["size"] != BYTES)
        for position, row in rows_where(frame, wrong, ["size"]):
            yield Problem(JRN001.code, f"The object has {row['size']} bytes, and a key has {BYTES}.", position=position)
