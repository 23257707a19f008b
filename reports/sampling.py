"""Which findings a page can show when there are millions: a bounded, fair and even sample, in one pass.

Fair: rules with few findings are shown whole, and the others share what is left in equal parts, so that a flood of one
rule does not hide the rest. Even: what is taken of one rule is spread over the whole range of keys. What is new has its
place before what is known is let in, and that before what the baseline suppresses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from auditor.findings import Finding
from reports.labels import LABELS, label

Group = tuple[str, str]  # label and rule


@dataclass(frozen=True)
class Sample:
    """The encoded findings that were taken, in report order, and how many there were by label and rule."""

    rows: list[str]
    taken: Mapping[Group, int]
    total: Mapping[Group, int]

    @property
    def whole(self) -> bool:
        return len(self.rows) == sum(self.total.values())


def take(
    findings: Iterable[Finding],
    counts: Mapping[Group, int],
    encode: Callable[[Finding], str],
    *,
    most: int,
    most_characters: int,
) -> Sample:
    """At most about `most` findings and `most_characters` of encoded text; `counts` says how many to expect."""
    shares = in_turn(counts, most)
    whole = max(1, sum(shares.values()))
    groups: dict[Group, _Taken] = {}
    total: dict[Group, int] = {}
    for place, finding in enumerate(findings):
        group = label(finding), finding.rule
        total[group] = total.get(group, 0) + 1
        if group not in groups:
            quota = shares.get(group, 1)
            groups[group] = _Taken(
                quota, most_characters * quota // max(whole, quota), max(1.0, counts.get(group, 1) / quota)
            )
        groups[group].offer(place, finding, encode)
    rows = sorted(row for group in groups.values() for row in group.rows)
    return Sample([text for _, text in rows], {name: len(group.rows) for name, group in groups.items()}, total)


def in_turn(counts: Mapping[Group, int], most: int) -> dict[Group, int]:
    """How many of each: those of one label share what those before it leave.

    >>> in_turn({("known", "A"): 900, ("new", "A"): 95, ("new", "B"): 3}, 100)
    {('new', 'B'): 3, ('new', 'A'): 95, ('known', 'A'): 2}
    """
    shares: dict[Group, int] = {}
    waiting = Counter(name for (name, _), count in counts.items() if count)
    for name in LABELS:
        mine = {rule: count for (held, rule), count in counts.items() if held == name and count}
        del waiting[name]
        left = max(0, most - sum(shares.values()) - waiting.total())  # each of those that wait gets one at least
        shares |= {(name, rule): quota for rule, quota in quotas(mine, left).items()}
    return shares


def quotas(counts: Mapping[str, int], most: int) -> dict[str, int]:
    """How many of each rule, `most` in all: the rare ones whole, the rest in equal parts, and at least one of each.

    >>> quotas({"A": 3, "B": 1000, "C": 900}, 103)
    {'A': 3, 'C': 50, 'B': 50}
    """
    left, shares = most, {}
    ordered = sorted(counts.items(), key=lambda item: (item[1], item[0]))
    for place, (code, count) in enumerate(ordered):
        shares[code] = max(1, min(count, left // (len(ordered) - place)))
        left = max(0, left - shares[code])
    return shares


@dataclass
class _Taken:
    """Every `step`-th finding of one rule; whenever that is too much, every second goes and the step doubles."""

    quota: int
    characters: int
    step: float
    rows: list[tuple[int, str]] = field(default_factory=list)
    _seen: int = 0
    _next: float = 0.0
    _held: int = 0

    def offer(self, place: int, finding: Finding, encode: Callable[[Finding], str]) -> None:
        seen, self._seen = self._seen, self._seen + 1
        if seen < self._next:
            return
        text = encode(finding)
        self.rows.append((place, text))
        self._held += len(text)
        self._next += self.step
        while len(self.rows) > 1 and (len(self.rows) > self.quota or self._held > self.characters):
            self._thin()

    def _thin(self) -> None:
        # The newest row decides where the grid continues, so that the spacing stays even after it.
        self.rows = self.rows[::2]
        self._held = sum(len(text) for _, text in self.rows)
        self.step *= 2
        self._next = len(self.rows) * self.step
