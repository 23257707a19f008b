"""The folder that `auditor verify` writes: fresh manifests of what is ready, and what became of the rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.cleanup.document import close_plan, lifecycle_date, mark_of
from auditor.cleanup.guide import Told, guide
from auditor.cleanup.plan import bucket_of
from auditor.cleanup.scripts import Guard
from auditor.cleanup.verdict import Verdict
from auditor.cleanup.verify import Verification, counts_of
from auditor.cleanup.writing import PlanWriter
from auditor.store import endpoint_of
from auditor.text import isoformat

OTHERS = "others.jsonl"


def write_fresh(verification: Verification, folder: Path, way_back: timedelta) -> dict[str, Any]:
    """Looks at everything and writes the files of the new plan to `folder`; returns its document."""
    parent = verification.plan.document
    url = parent["run"]["url"]
    bucket, is_s3 = bucket_of(url)
    looking = verification.run()
    first = next(looking, None)  # by then everything was looked at
    result = verification.result
    mark = mark_of(parent["hash"], isoformat(result.looked_at))
    endpoint = endpoint_of(verification.case.store)
    writer = PlanWriter(folder, bucket if is_s3 else None, mark, Guard(result.until), endpoint)
    rows = 0
    judged = first
    while judged is not None:
        if judged.verdict is Verdict.READY:
            writer.add(judged.item)
            rows += judged.item.leaves_row
        else:
            writer.note(OTHERS, judged.to_line())
        judged = next(looking, None)
    return _close(verification, writer, rows, way_back)


def _close(verification: Verification, writer: PlanWriter, rows: int, way_back: timedelta) -> dict[str, Any]:
    parent, result = verification.plan.document, verification.result
    date = lifecycle_date(result.looked_at, way_back)
    until = isoformat(_second(result.until))
    split = counts_of(result)
    kept = ("run", "selection", "limits", "exceeded", "retention", "witnesses")
    entries = {
        **{name: parent[name] for name in kept},
        "kind": "verified",
        "left_out": {},
        "tag": {**parent["tag"], "value": writer.mark, "expires": date},
        "parent": parent["hash"],
        "verified": {"looked_at": isoformat(result.looked_at), "use_before": until, "split": split},
    }
    left = {f"they are {name} (`{OTHERS}`)": one["objects"] for name, one in split.items() if name != Verdict.READY}
    told = Told(
        writer.bucket,
        parent["run"]["url"],
        writer.totals,
        rows,
        date,
        {reason: count for reason, count in left.items() if count},
        parent["exceeded"],
        until,
    )
    return close_plan(writer, entries, guide(told))


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
