"""What the HTML page says, as plain values: the templates only lay it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.text import human_bytes, share
from reports import words
from reports.classes import OBJECT_CLASSES, ROW_CLASSES, in_order
from reports.sampling import Sample
from reports.verdict import Summary, canary, contents, pending_source, rows_source, rules_with_findings, uncounted

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
    yield "Tool", f"auditor {summary['tool_version']}, exit code {summary['exit_code']}, fails on {summary['fail_on']}"


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


def rule_lines(summary: Summary) -> list[tuple[str, Mapping[str, Any], int]]:
    """Code, record of the summary, and how many of its findings do not fail the run although they are severe."""
    return [(code, rule, uncounted(summary, code)) for code, rule in rules_with_findings(summary)]


def sample_sentence(sample: Sample) -> str:
    total = sum(sample.total.values())
    if sample.whole:
        return f"{words.counted(total, 'finding')}."
    cut = sorted(code for code, taken in sample.taken.items() if taken < sample.total[code])
    parts = words.listed([f"{sample.taken[code]:,} of {sample.total[code]:,} {code}" for code in cut])
    rest = "; every other rule is whole" if len(cut) < len(sample.total) else ""
    return (
        f"This page holds {len(sample.rows):,} of {total:,} findings, so that a browser can carry it: {parts}, "
        f"evenly spread over their keys{rest}."
    )
