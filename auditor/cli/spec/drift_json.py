"""Drift as plain data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from auditor.cli.spec.drift_said import Said
from auditor.spec.drift import Proposal
from auditor.text import isoformat


def as_data(said: Said) -> list[dict[str, Any]]:
    """One entry for each proposal, in the order of the text; `rows` is a row policy, or null where nothing is clear."""
    return [_entry(proposal, said) for proposal in said.drift.proposals]


def _entry(proposal: Proposal, said: Said) -> dict[str, Any]:
    tally, policy = proposal.tally, proposal.rows(known=said.rows_known)
    return {
        "template": proposal.named.text,
        "objects": tally.objects,
        "bytes": tally.size,
        "first_modified": _instant(tally.first),
        "last_modified": _instant(tally.last),
        "with_rows": tally.with_rows if said.rows_known else None,
        "fields": dict(proposal.named.kinds),
        "rows": str(policy) if policy.is_policy else None,
        "examples": tally.examples,
        "form_of": proposal.form_of,
        "replaces": dict(proposal.replaces),
        "bound": proposal.bound,
    }


def _instant(moment: datetime | None) -> str | None:
    return isoformat(moment) if moment else None
