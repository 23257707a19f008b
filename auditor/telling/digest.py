"""A run in as much as somebody reads before breakfast: what is new, what is fixed, how whole the audit was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.findings import Severity, State
from auditor.record import Run
from auditor.telling.examples import examples_of
from auditor.telling.location import Location

Summary = Mapping[str, Any]


@dataclass(frozen=True)
class RuleCount:
    code: str
    name: str
    severity: Severity
    count: int
    examples: tuple[str, ...]  # keys, exactly; of findings about no object their messages


@dataclass(frozen=True)
class FamilyTotal:
    name: str | None  # None for what fits no template, or is ignored
    objects: int
    bytes: int
    classes: Mapping[str, int]  # objects by class


@dataclass(frozen=True)
class Digest:
    """`new`, `fixed` and `found` have the worst rules first; `found` is what counts, new or not.

    `compared`: whether a history was kept. Without one nothing is new, known or fixed, nor of half an audit. `first`:
    whether there was nothing to compare with, so that all is new.
    """

    bucket: str
    prefix: str
    run_id: str | None
    tool_version: str
    started_at: str
    ended_at: str
    complete: bool
    exit_code: int
    compared: bool
    first: bool
    new: tuple[RuleCount, ...]
    fixed: tuple[RuleCount, ...]
    found: tuple[RuleCount, ...]
    known: int
    suppressed: int
    families: tuple[FamilyTotal, ...]  # the heaviest first
    errors: tuple[tuple[str, str], ...]  # what failed, and how
    not_audited: tuple[tuple[str, str], ...]  # what, and because of what
    report: Location

    @property
    def changed(self) -> bool:
        """Whether somebody wants to hear of it: half an audit, a change, or without a history a failing audit."""
        if not self.complete:
            return True
        return bool(self.new or self.fixed) if self.compared else self.exit_code != 0


def digest_of(run: Run, report: Location) -> Digest:
    """Reads the findings as far as examples are wanted of them, one at a time."""
    summary = run.summary
    new, fixed = _compared(summary, State.NEW), _compared(summary, State.FIXED)
    found = _found(summary)
    new_keys = examples_of((f for f in run.findings() if f.state is State.NEW and f.suppressed is None), new)
    found_keys = examples_of((f for f in run.findings() if f.suppressed is None), found)
    history = summary.get("history")
    return Digest(
        bucket=summary["bucket"],
        prefix=summary["prefix"],
        run_id=summary.get("run_id"),
        tool_version=summary["tool_version"],
        started_at=summary["started_at"],
        ended_at=summary["ended_at"],
        complete=summary["complete"],
        exit_code=summary["exit_code"],
        compared=history is not None,
        first=history is not None and history["previous"] is None,
        new=_counts(summary, new, new_keys),
        fixed=_counts(summary, fixed, examples_of(run.fixed(), fixed)),
        found=_counts(summary, found, found_keys),
        known=history["states"]["known"] if history and summary["complete"] else 0,
        suppressed=sum(suppressed_by_rule(summary).values()),
        families=_families(summary),
        errors=tuple((error["what"], error["message"]) for error in summary["errors"]),
        not_audited=tuple((item["what"], item["because"]) for item in summary["not_audited"]),
        report=report,
    )


def suppressed_by_rule(summary: Summary) -> Mapping[str, int]:
    baseline = summary.get("baseline")
    return baseline["suppressed"] if baseline else {}


def rule_facts(summary: Summary) -> dict[str, tuple[str, Severity]]:
    """Name and severity of every rule that ran, or whose finding is fixed."""
    history = summary.get("history")
    rules = {**(history["rules"] if history else {}), **summary["rules"]}
    return {code: (rule["name"], Severity(rule["severity"])) for code, rule in sorted(rules.items())}


def _compared(summary: Summary, state: State) -> dict[str, int]:
    """By rule. Half a run tells none: it is not recorded, so that the next whole one tells them, once."""
    history = summary.get("history")
    if not history or not summary["complete"]:
        return {}
    return {code: rule[state.value] for code, rule in history["rules"].items() if rule[state.value]}


def _found(summary: Summary) -> dict[str, int]:
    suppressed = suppressed_by_rule(summary)
    left = {code: count - suppressed.get(code, 0) for code, count in summary["findings"].items()}
    return {code: count for code, count in left.items() if count > 0}


def _counts(summary: Summary, counts: Mapping[str, int], keys: Mapping[str, Sequence[str]]) -> tuple[RuleCount, ...]:
    facts = rule_facts(summary)
    rules = [RuleCount(code, *facts[code], count, tuple(keys[code])) for code, count in counts.items()]
    return tuple(sorted(rules, key=lambda rule: (-rule.severity.weight, -rule.count, rule.code)))


def _families(summary: Summary) -> tuple[FamilyTotal, ...]:
    entries = [*summary["families"].items(), (None, summary["no_family"])]
    totals = [
        FamilyTotal(
            name,
            entry["objects"],
            entry["bytes"],
            {each: tally["objects"] for each, tally in sorted(entry["classes"].items()) if tally["objects"]},
        )
        for name, entry in entries
        if entry["objects"]
    ]
    return tuple(sorted(totals, key=lambda total: (-total.bytes, -total.objects, total.name or "")))
