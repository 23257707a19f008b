"""The TOML that goes with proposed templates."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.cli.spec.drift_said import Said, amount
from auditor.spec.drift import Proposal, Rows
from auditor.spec.drift.base import key, quote, table
from auditor.text import printable


def toml(said: Said) -> str:
    """Tables for the new templates; as comments what has to be changed in tables that are there. Empty for neither."""
    new = [_table(one, said) for one in said.drift.proposals if not one.replaces]
    wider = [_wider(one) for one in said.drift.proposals if one.replaces]
    return "\n".join([*filter(None, new), *wider])


def _table(proposal: Proposal, said: Said) -> str:
    if proposal.bound:
        return f"# The bindings have a table for {quote(proposal.named.text)} already.\n"
    policy = proposal.rows(known=said.rows_known)
    line = _counts(proposal, policy)
    return table(proposal.named, f"rows = {quote(policy)}  # {line}" if policy.is_policy else f"# rows: {line}")


def _counts(proposal: Proposal, policy: Rows) -> str:
    tally = proposal.tally
    match policy:
        case Rows.UNKNOWN:
            return "the run had none to compare with"
        case Rows.UNCLEAR:
            return f"{tally.with_rows:,} of {tally.objects:,} objects have one, which decides nothing"
    if tally.objects == 1:
        return "its only object has one" if tally.with_rows else "its only object has none"
    return f"{tally.with_rows:,} of {tally.objects:,} objects have one"


def _wider(proposal: Proposal) -> str:
    """Comments: the template has its table, and TOML takes no second one."""
    lines = [
        f"# In the table of {quote(proposal.named.text)}, wider kinds would cover",
        f"# {amount(proposal.tally)}, such as {printable(proposal.tally.examples[0])}:",
    ]
    return "\n".join(lines + list(_kinds(proposal))) + "\n"


def _kinds(proposal: Proposal) -> Iterator[str]:
    for name, before in proposal.replaces.items():
        yield f"#     {key(name)} = {quote(proposal.named.kinds[name])}  # now {quote(before)}"
