"""What the HTML page says, as plain values: the templates only lay it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.findings import Severity, State
from auditor.text import human_bytes, share
from reports import standing, words
from reports.classes import OBJECT_CLASSES, ROW_CLASSES, in_order
from reports.labels import FOUND, LABELS, PLACES, SUPPRESSED
from reports.sampling import Group, Sample
from reports.verdict import Summary, canary, contents, pending_source, rows_source, rules_with_findings, uncounted

NEW, FIXED = str(State.NEW), str(State.FIXED)
_COLOURED = frozenset(OBJECT_CLASSES) | frozenset(ROW_CLASSES)


@dataclass(frozen=True)
class ClassLine:
    """One class of the accounting: its share of things, and of bytes where things have bytes."""

    name: str
    meaning: str
    count: int
    count_share: str
    bytes: int | None = None
    bytes_share: str = ""


def colour(name: str) -> str:
    """The CSS class of an object or row class; a name that a later version may add gets the neutral one."""
    return f"c-{name}" if name in _COLOURED else "c-other"


def facts(summary: Summary) -> Iterator[tuple[str, str]]:
    taken = words.span(summary["started_at"], summary["ended_at"])
    spec = summary["spec"]
    yield "Began", f"{words.clock(summary['started_at'])}, took {taken}"
    yield "Objects", f"{summary['listing']['objects']:,}, {human_bytes(summary['listing']['bytes'])}"
    yield "Rows from", rows_source(summary)
    if listed := pending_source(summary):
        yield "Pending", listed
    if said := standing.history_sentence(summary):
        yield "History", said
    if said := standing.baseline_sentence(summary):
        yield "Baseline", said
    for said in standing.exceeded_sentences(summary):
        yield "Baseline", said
    for skipped in summary["rows"]["skipped"]:
        yield "Passed over", f"{skipped['source']}: {skipped['reason']}"
    if said := canary(summary):
        yield "Canary", said
    if said := contents(summary):
        yield "Contents", said
    age = words.duration(summary["min_age_seconds"])
    yield "Cutoff", f"{words.clock(summary['cutoff'])}; nothing younger is accused (minimum age {age})"
    bindings = f"bindings {spec['bindings']}" if spec["bindings"] else "no bindings"
    yield "Document", f"{spec['file']}, {words.counted(spec['families'], 'template')}, {bindings}"
    yield "Key ranges", f"{summary['shards']['done']:,} done, {summary['shards']['failed']:,} failed"
    yield (
        "Tool",
        f"auditor {summary['tool_version']}, exit code {summary['exit_code']}, fails on {standing.fails_on(summary)}",
    )


def object_lines(summary: Summary) -> list[ClassLine]:
    whole, classes = summary["listing"], summary["classes"]
    return [
        ClassLine(
            name,
            OBJECT_CLASSES.get(name, ""),
            classes[name]["objects"],
            share(classes[name]["objects"], whole["objects"]),
            classes[name]["bytes"],
            share(classes[name]["bytes"], whole["bytes"]),
        )
        for name in in_order(classes, OBJECT_CLASSES)
        if classes[name]["objects"]
    ]


def row_lines(summary: Summary) -> list[ClassLine]:
    classes = summary["row_classes"]
    return [
        ClassLine(name, ROW_CLASSES.get(name, ""), classes[name], share(classes[name], summary["rows"]["count"]))
        for name in in_order(classes, ROW_CLASSES)
        if classes[name]
    ]


@dataclass(frozen=True)
class RuleLine:
    """A rule that found something, or has something fixed. `exempt` findings are severe and do not fail the run.

    `states` are (label, how many): none where nothing tells findings apart.
    """

    code: str
    name: str
    severity: str
    count: int
    bytes: int
    summary: str
    action: str
    exempt: int
    states: tuple[tuple[str, int], ...]


def rule_lines(summary: Summary) -> list[RuleLine]:
    """The worst first; those with something new before all others."""
    found = dict(rules_with_findings(summary))
    history = standing.history(summary)
    gone = {code: rule for code, rule in (history["rules"] if history else {}).items() if rule["fixed"]}
    lines = [_rule_line(summary, code, rule) for code, rule in (gone | found).items()]
    return sorted(lines, key=_weight)


def _rule_line(summary: Summary, code: str, rule: Mapping[str, Any]) -> RuleLine:
    counts = standing.counts(summary)
    states = tuple((name, counts[name, code]) for name in LABELS if counts.get((name, code)) and name != FOUND)
    exempt = uncounted(summary, code) if code in summary["rules"] else 0
    figures = rule.get("count", 0), rule.get("bytes", 0)
    prose = rule.get("summary", ""), rule.get("action", "")
    return RuleLine(code, rule["name"], rule["severity"], *figures, *prose, exempt, states)


def _weight(line: RuleLine) -> tuple[bool, int, int, str]:
    return NEW not in dict(line.states), -Severity(line.severity).weight, -line.count, line.code


def sample_sentence(sample: Sample) -> str:
    total = sum(sample.total.values())
    if sample.whole:
        return f"{words.counted(total, 'finding')}{_apart(sample)}."
    cut = sorted((group for group, taken in sample.taken.items() if taken < sample.total[group]), key=_in_order)
    parts = words.listed([f"{sample.taken[group]:,} of {sample.total[group]:,} {_named(group)}" for group in cut])
    rest = "; every other rule is whole" if len(cut) < len(sample.total) else ""
    return (
        f"This page holds {len(sample.rows):,} of {total:,} findings, so that a browser can carry it: {parts}, "
        f"evenly spread over their keys{rest}."
    )


def _apart(sample: Sample) -> str:
    """Those that are no findings any more, or are hidden until they are asked for."""
    notes = {FIXED: "fixed", SUPPRESSED: "suppressed by the baseline and hidden at first"}
    counts = {name: sum(count for (held, _), count in sample.total.items() if held == name) for name in notes}
    told = words.listed([f"{count:,} {notes[name]}" for name, count in counts.items() if count])
    return f", of which {told}" if told else ""


def _named(group: Group) -> str:
    name, code = group
    return code if name == FOUND else f"{name} {code}"


def _in_order(group: Group) -> tuple[int, str]:
    return PLACES[group[0]], group[1]
