"""`summary.md`: the run for a pull request, an issue or a wiki (GitHub Flavored Markdown).

A comment on GitHub holds 65,536 characters. What matters most comes first, and what does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.findings import State
from auditor.record import Run
from auditor.text import human_bytes, share
from reports import standing, words
from reports.classes import class_counts, families_by_weight
from reports.digest import Digest, Part, digest
from reports.labels import FOUND, PLACES
from reports.markdown_text import Sheet, code, plain, row
from reports.standing import Summary
from reports.verdict import object_account, row_account, rows_source, verdict

CHARACTERS = 60_000


class MarkdownReport:
    """At most `characters` characters. Whatever comes from the run is in a code span, where nothing is obeyed."""

    filename: str | None = "summary.md"
    on_request = True

    def __init__(self, *, characters: int = CHARACTERS) -> None:
        self._characters = characters

    def render(self, run: Run) -> Iterator[str]:
        found = digest(run)
        sheet = Sheet(self._characters)
        for title, lines in _sections(run.summary, found):
            sheet.add(title, lines)
        yield from sheet.text()


def _sections(summary: Summary, found: Digest) -> Iterator[tuple[Sequence[str], list[str]]]:
    """Each a head, which is there only if one of its lines is, and the lines."""
    yield ["# Bucket audit", ""], _verdict(summary)
    yield _head("Errors"), [f"- {code(error['what'])}: {code(error['message'])}" for error in summary["errors"]]
    history = standing.compared(summary)
    fresh = f"New since {words.minute(history['previous']['started_at'])}" if history else "Findings"
    yield _head(fresh), [line for part in found.of(State.NEW, FOUND) for line in _part(summary, part)]
    yield _head("Fixed"), [line for part in found.of(State.FIXED) for line in _part(summary, part)]
    rules = [_rule(part) for part in _by_rule(found)]
    yield _table("By rule", ["Rule", "Severity", "State", ">Findings", ">Bytes", "First seen", ">Nights"], rules)
    families = [_family(summary, name, held) for name, held in families_by_weight(summary)]
    yield _table("By family", ["Family", ">Objects", ">Bytes", ">Share of bytes", "Classes"], families)
    limits = [f"- {code(item['what'])}, because {code(item['because'])}" for item in summary["not_audited"]]
    yield _head("Not audited"), limits


def _verdict(summary: Summary) -> list[str]:
    """One block of lines that end in a hard break, so that the facts stand below each other."""
    result, listing = verdict(summary), summary["listing"]
    bucket = f"{summary['bucket']}/{summary['prefix']}".rstrip("/")
    facts = [
        f"{code(bucket)}, audited {words.clock(summary['started_at'])}",
        f"Rows from {code(rows_source(summary))}",
        f"Objects: {object_account(summary).equation} ({human_bytes(listing['bytes'])})",
    ]
    facts += [f"Rows: {row_account(summary).equation}"] if summary["rows"]["source"] is not None else []
    facts += [f"History: {said}"] if (said := standing.history_sentence(summary)) else []
    facts += [f"Baseline: {code(said)}"] if (said := standing.baseline_sentence(summary)) else []
    facts += [f"Baseline: {code(said)}" for said in standing.exceeded_sentences(summary)]
    return [f"**{plain(result.headline)}**", "", plain(result.advice), "", *(f"- {fact}" for fact in facts)]


def _head(title: str) -> list[str]:
    return ["", f"## {title}", ""]


def _table(title: str, columns: Sequence[str], rows: list[str]) -> tuple[Sequence[str], list[str]]:
    """A column whose name begins with `>` is set to the right."""
    names = [name.removeprefix(">") for name in columns]
    rule = ["---:" if name.startswith(">") else "---" for name in columns]
    return [*_head(title), row(names), row(rule)], rows


def _part(summary: Summary, part: Part) -> Iterator[str]:
    size = f", {human_bytes(part.bytes)}" if part.bytes else ""
    yield f"- **{plain(f'{part.rule} {part.name}')}** ({part.severity}): {part.count:,}{size}"
    if part.label != State.FIXED:
        yield f"  {plain(summary['rules'][part.rule]['action'])}"
    yield from (f"  - {code(key)}" for key in part.examples)
    if (more := part.count - len(part.examples)) > 0:
        yield f"  - and {more:,} more"


def _by_rule(found: Digest) -> list[Part]:
    every = found.of(*{part.label for part in found.parts.values()})
    return sorted(every, key=lambda part: (-part.severity.weight, part.rule, PLACES[part.label]))


def _rule(part: Part) -> str:
    first = f"{part.first_seen:%Y-%m-%d}" if part.first_seen else "–"
    nights = f"{part.nights:,}" if part.nights else "–"
    size = human_bytes(part.bytes) if part.bytes else "–"
    return row([plain(f"{part.rule} {part.name}"), part.severity, part.label, f"{part.count:,}", size, first, nights])


def _family(summary: Summary, name: str, held: Summary) -> str:
    classes = ", ".join(f"{count:,} {kind}" for kind, count in class_counts(held["classes"]))
    figures = [f"{held['objects']:,}", human_bytes(held["bytes"]), share(held["bytes"], summary["listing"]["bytes"])]
    return row([code(name, cell=True) if name else "(no family)", *figures, classes])
