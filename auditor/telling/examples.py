"""The first few keys of every rule, from findings that are read only as far as they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.findings import Finding

EXAMPLES = 3  # of each rule


def examples_of(findings: Iterable[Finding], counts: Mapping[str, int]) -> dict[str, list[str]]:
    """Of each rule in `counts` (how many findings it has) the first three subjects: keys, or messages without one."""
    examples: dict[str, list[str]] = {code: [] for code in counts}
    lacking = sum(min(count, EXAMPLES) for count in counts.values())
    if not lacking:
        return examples
    for finding in findings:
        mine = examples.get(finding.rule)
        if mine is None or len(mine) == EXAMPLES:
            continue
        mine.append(finding.key or finding.message)
        lacking -= 1
        if not lacking:
            break
    return examples
