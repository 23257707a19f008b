"""Which findings a page can show when there are millions: a bounded, fair and even sample, in one pass.

Fair: rules with few findings are shown whole, and the others share what is left in equal parts, so that a flood of one
rule does not hide the rest. Even: what is taken of one rule is spread over the whole range of keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from auditor.findings import Finding


@dataclass(frozen=True)
class Sample:
    """The encoded findings that were taken, in report order, and how many there were by rule."""

    rows: list[str]
    taken: Mapping[str, int]
    total: Mapping[str, int]

    @property
    def whole(self) -> bool:
        return len(self.rows) == sum(self.total.values())


def take(
    findings: Iterable[Finding],
    counts: Mapping[str, int],
    encode: Callable[[Finding], str],
    *,
    most: int,
    most_characters: int,
) -> Sample:
    """At most about `most` findings and `most_characters` of encoded text; `counts` says how many to expect by rule."""
    shares = quotas(counts, most)
    whole = max(1, sum(shares.values()))
    rules: dict[str, _Taken] = {}
    total: dict[str, int] = {}
    for place, finding in enumerate(findings):
        code = finding.rule
        total[code] = total.get(code, 0) + 1
        if code not in rules:
            quota = shares.get(code, 1)
            rules[code] = _Taken(
                quota, most_characters * quota // max(whole, quota), max(1.0, counts.get(code, 1) / quota)
            )
        rules[code].offer(place, finding, encode)
    rows = sorted(row for rule in rules.values() for row in rule.rows)
    return Sample([text for _, text in rows], {code: len(rule.rows) for code, rule in rules.items()}, total)


def quotas(counts: Mapping[str, int], most: int) -> dict[str, int]:
    """How many of each rule, `most` in all: the rare ones whole, the rest in equal parts.

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
