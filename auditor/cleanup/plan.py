"""`auditor plan`: from the folder of a run to the folder of a plan. Reads files alone; asks neither bucket nor rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.cleanup.candidates import Candidates
from auditor.cleanup.document import close_plan, lifecycle_date, mark_of, of_run
from auditor.cleanup.formats import TAG
from auditor.cleanup.guide import Told, guide
from auditor.cleanup.limits import Limits, Totals, exceeded, refusals
from auditor.cleanup.scripts import Guard
from auditor.cleanup.selection import Selection
from auditor.cleanup.witnesses import choose
from auditor.cleanup.writing import PlanWriter
from auditor.errors import CannotStart
from auditor.runs.folder import RunFolder, staging
from auditor.spec import Specification


class Refused(CannotStart):
    """No plan is made; `reasons` has a sentence for each. `plan_hash` is that of the plan that was not written."""

    def __init__(self, reasons: list[str], plan_hash: str | None = None) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons
        self.plan_hash = plan_hash


@dataclass(frozen=True)
class Planned:
    """What became of it. `out` is None where nothing was left to clean, so that no folder was written."""

    out: Path | None
    document: Mapping[str, Any]


def bucket_of(url: str) -> tuple[str, bool]:
    """The name of the bucket or folder, and whether it is one of S3.

    >>> bucket_of("s3://name/a/b"), bucket_of("file:///srv/name")
    (('name', True), ('name', False))
    """
    if url.startswith("s3://"):
        return url.removeprefix("s3://").partition("/")[0], True
    return url.rstrip("/").rpartition("/")[2], False


def make_plan(
    run: RunFolder,
    selection: Selection,
    limits: Limits,
    spec: Specification,
    out: Path,
    now: datetime,
    *,
    way_back: timedelta = timedelta(days=7),
    override: str | None = None,
) -> Planned:
    """Writes the plan's folder (0700). Raises Refused with all reasons at once, and CannotStart.

    The same run, selection and limits give the same plan, to the last bit of its hash.
    """
    witnesses = choose(run.objects, {family.name for family in spec.families if family.secret})
    reasons = refusals(run.summary, selection, limits, spec, now, witnesses)
    if reasons:
        raise Refused(reasons)
    with staging(out, f"plan for {run.summary['bucket']}") as folder:  # no half of a run, which the next audit removes
        document, totals = _write(run, selection, limits, spec, folder, way_back, witnesses)
        if not totals.objects + totals.uploads:
            return Planned(None, document)
        _check(document, override)
        folder.rename(out)
    return Planned(out, document)


def _check(document: Mapping[str, Any], override: str | None) -> None:
    """The breaker. Only the hash of the very plan that trips it lets that plan through."""
    if override is not None and override != document["hash"]:
        raise Refused(
            [f"--override names another plan ({override[:12]}…) than this one: look at it again"], document["hash"]
        )
    if document["exceeded"] and override is None:
        raise Refused(list(document["exceeded"]), document["hash"])


def _write(
    run: RunFolder,
    selection: Selection,
    limits: Limits,
    spec: Specification,
    folder: Path,
    way_back: timedelta,
    witnesses: list[dict[str, str]],
) -> tuple[dict[str, Any], Totals]:
    bucket, is_s3 = bucket_of(run.summary["bucket"])
    about = of_run(run.summary, bucket)
    candidates = Candidates(run, selection, spec, bucket, limits.min_nights)
    retentions = [
        {"family": r.family, "age_seconds": r.age.total_seconds(), "keep": r.keep} for r in selection.retentions
    ]
    mark = mark_of(about, selection.described(), retentions, limits.described())
    writer = PlanWriter(folder, bucket if is_s3 else None, mark, Guard())
    rows = 0
    for item in candidates:
        writer.add(item)
        rows += item.leaves_row
    date = lifecycle_date(datetime.fromisoformat(run.summary["started_at"]), way_back)
    above = exceeded(writer.totals, run.summary, limits)
    left_out = dict(sorted(candidates.left_out.items()))
    entries = {
        "kind": "plan",
        "run": about,
        "selection": selection.described(),
        "limits": limits.described(),
        "exceeded": above,
        "left_out": left_out,
        "retention": [{**one, "kept": list(candidates.beyond.kept.get(str(one["family"]), ()))} for one in retentions],
        "witnesses": witnesses,
        "tag": {"key": TAG, "value": mark, "expires": date},
        "parent": None,
        "verified": None,
    }
    told = Told(writer.bucket, run.summary["bucket"], writer.totals, rows, date, left_out, above, None)
    return close_plan(writer, entries, guide(told)), writer.totals
