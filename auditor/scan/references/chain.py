"""In words: over what a file could have been in use, and where that ended."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.rows.references import Arm, Plan
from auditor.text import printable

SHOWN = 3
_REPLACED = "a newer row of {} has taken its place"


def chain(plan: Plan, witnessed: Sequence[tuple[int, str | None]]) -> str:
    """`witnessed` are arms, from 1, and labels of one file; arm 0 is the file itself."""
    ways = [(plan.arms[number - 1], label) for number, label in witnessed if number]
    ends = [(arm, label) for arm, label in ways if not any(_goes_on(arm, other) for other, _ in ways)]
    if not ends:
        return _none_of(plan, plan.files)
    told = list(dict.fromkeys(_end(plan, arm, label) for arm, label in ends))
    more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + more


def says_superseded(message: str, table: str) -> bool:
    """Whether a message that holds such words says that newer rows of the table have replaced what it is about."""
    return _REPLACED.format(table) in message


def _goes_on(arm: Arm, other: Arm) -> bool:
    return len(other.hops) > len(arm.hops) and other.hops[: len(arm.hops)] == arm.hops


def _end(plan: Plan, arm: Arm, label: str | None) -> str:
    way = " -> ".join(hop.table for hop in arm.hops) + (f" {printable(label)}" if label else "")
    last = plan.mortals[arm.hops[-1].table]
    if last.newest:
        return f"{way}: {_REPLACED.format(last.name)}"
    if last.parent:
        return f"{way}: its {last.parent.column} leads to no row of {last.parent.target}"
    return f"{way}: {_none_of(plan, last.name)}"


def _none_of(plan: Plan, table: str) -> str:
    keys = plan.to(table)
    tables = {key.table for key in keys}
    if len(keys) == 1:
        return f"{keys[0].table}.{keys[0].column}, which alone refers to {table}, does not have it"
    where = f" of {len(tables)} tables" if len(tables) > 1 else ""
    return f"none of the {len(keys)} columns{where} that refer to {table} has it"
