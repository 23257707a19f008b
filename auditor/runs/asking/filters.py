"""What is asked about: conditions on objects and findings, as SQL with the values beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auditor.spec.globs import re2

SUPPRESSED = "suppressed"  # beside the states of `auditor.findings.State`
_LAST, _BEFORE_SURROGATES, _AFTER_SURROGATES = "\U0010ffff", "\ud7ff", "\ue000"


@dataclass(frozen=True)
class Conditions:
    """`sql` is a condition, or TRUE; `values` are those that it names."""

    sql: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Filters:
    """All of them must hold; of several in one field, one. An empty field holds for everything.

    None among `families` is what has no family. Sizes are bytes, and neither bound is in; what has no size or no time
    is neither larger nor older than anything.
    """

    families: tuple[str | None, ...] = ()
    classes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()  # codes
    storage_classes: tuple[str, ...] = ()
    prefix: str = ""
    globs: tuple[str, ...] = ()
    older_than: datetime | None = None
    newer_than: datetime | None = None
    larger_than: int | None = None
    smaller_than: int | None = None

    def conditions(self) -> Conditions:
        pieces = [
            _among("families", "family", self.families),
            _among("classes", '"class"', self.classes),
            _among("rules", "rule", self.rules),
            _among("storage_classes", "storage_class", self.storage_classes),
            under(self.prefix),
            _matching(self.globs),
            _compared("older_than", "last_modified <", self.older_than),
            _compared("newer_than", "last_modified >", self.newer_than),
            _compared("larger_than", "size >", self.larger_than),
            _compared("smaller_than", "size <", self.smaller_than),
        ]
        return all_of(*(piece for piece in pieces if piece))


@dataclass(frozen=True)
class Standing:
    """Which findings are shown, by what they are beside other runs and beside the baseline.

    Without `states`: all but those that are fixed. What the baseline suppresses is shown when `suppressed` is set or
    the states name it.
    """

    states: frozenset[str] = frozenset()
    suppressed: bool = False

    def shown(self) -> Conditions:
        shown = [f"(suppressed IS NULL AND {self._state()})"]
        if SUPPRESSED in self.states:
            shown.append("suppressed IS NOT NULL")
        elif self.suppressed:
            shown.append(f"(suppressed IS NOT NULL AND {self._state()})")
        return Conditions(f"({' OR '.join(shown)})", {"states": sorted(self.states)})

    def hidden(self) -> Conditions:
        """What would be shown, were it not suppressed."""
        if self.suppressed or SUPPRESSED in self.states:
            return Conditions("FALSE")
        return Conditions(f"suppressed IS NOT NULL AND {self._state()}", {"states": sorted(self.states)})

    def _state(self) -> str:
        return "list_contains($states, state)" if self.states else "state IS DISTINCT FROM 'fixed'"


def all_of(*conditions: Conditions) -> Conditions:
    """
    >>> all_of(Conditions("a > $x", {"x": 1}), Conditions("b < $y", {"y": 2}))
    Conditions(sql='a > $x AND b < $y', values={'x': 1, 'y': 2})
    """
    values: dict[str, Any] = {}
    for condition in conditions:
        values |= condition.values
    return Conditions(" AND ".join(condition.sql for condition in conditions) or "TRUE", values)


def under(prefix: str) -> Conditions | None:
    """Keys that begin with the prefix; said as bounds, too, which whole row groups are skipped by."""
    if not prefix:
        return None
    end = after(prefix)
    bounds = "key >= $prefix" + (" AND key < $prefix_end" if end else "")
    return Conditions(f"{bounds} AND starts_with(key, $prefix)", {"prefix": prefix, "prefix_end": end})


def after(prefix: str) -> str | None:
    """The first text behind all that begin with the prefix, in the order of UTF-8 bytes; None for the end of all.

    >>> after("images/"), after("a\\U0010ffff")
    ('images0', 'b')
    """
    stem = prefix.rstrip(_LAST)
    if not stem:
        return None
    last = _AFTER_SURROGATES if stem[-1] == _BEFORE_SURROGATES else chr(ord(stem[-1]) + 1)
    return stem[:-1] + last


def _among(name: str, column: str, wanted: tuple[str | None, ...]) -> Conditions | None:
    if not wanted:
        return None
    named = [value for value in wanted if value is not None]
    arms = [f"list_contains(${name}, {column})"] if named else []
    arms += [f"{column} IS NULL"] if None in wanted else []
    return Conditions(f"({' OR '.join(arms)})", {name: named})


def _matching(globs: tuple[str, ...]) -> Conditions | None:
    return Conditions("regexp_matches(key, $globs)", {"globs": re2(globs)}) if globs else None


def _compared(name: str, comparison: str, bound: datetime | int | None) -> Conditions | None:
    return None if bound is None else Conditions(f"{comparison} ${name}", {name: bound})
