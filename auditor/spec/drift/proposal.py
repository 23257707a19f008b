"""What drift is said to be: proposals, and what none of them covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from auditor.spec.drift.candidate import Refusal
from auditor.spec.drift.names import Named
from auditor.spec.drift.tally import Tally
from auditor.spec.family import Family

NEARLY_ALL = 0.95  # of the objects


class Rows(StrEnum):
    """What the objects' rows suggest; a policy where they leave no doubt."""

    REQUIRED = "required"
    NONE = "none"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"  # the run had no rows at hand

    @property
    def is_policy(self) -> bool:
        """Whether bindings can say so."""
        return self in (Rows.REQUIRED, Rows.NONE)


@dataclass(frozen=True)
class Proposal:
    """One template, with the kinds of its fields, and the objects that it covers: counted, not estimated.

    `replaces` is empty for a new template; for a template of the document it has the kinds that some of its fields
    have now, and `family` the wider ones. `form_of` is the family whose form all of the keys have, with a field of the
    wrong kind. `bound` says that the bindings have a table for the template already.
    """

    family: Family
    tally: Tally
    replaces: Mapping[str, str]
    form_of: str | None = None
    bound: bool = False

    @property
    def named(self) -> Named:
        return Named(self.family.template.text, {name: kind.text for name, kind in self.family.kinds.items()})

    def rows(self, *, known: bool) -> Rows:
        if not known:
            return Rows.UNKNOWN
        if self.tally.with_rows == 0:
            return Rows.NONE
        return Rows.REQUIRED if self.tally.with_rows >= NEARLY_ALL * self.tally.objects else Rows.UNCLEAR


@dataclass(frozen=True)
class Drift:
    """`uncovered` counts what has no template still, by what is wrong with it; `refused` are keys that were looked at
    and got no template, with the reason."""

    proposals: tuple[Proposal, ...]
    uncovered: Mapping[str, Tally]
    refused: tuple[Refusal, ...]

    @property
    def left(self) -> Tally:
        """All that is uncovered, in one sum."""
        total = Tally()
        for tally in self.uncovered.values():
            total = total.plus(tally)
        return total
