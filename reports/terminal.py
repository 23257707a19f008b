"""The summary on a terminal: what happened, whether it is bad, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.record import Run
from auditor.terminal import printed
from auditor.text import human_bytes, printable, share
from reports import standing, words
from reports.classes import class_counts, empty_families, families_by_weight
from reports.digest import digest
from reports.terminal_states import INDENT, example_lines, rule_line, state_sections
from reports.terminal_unexplained import shown_rules, unexplained_keys
from reports.verdict import (
    canary,
    contents,
    object_account,
    pending_source,
    quiet_rules,
    row_account,
    rows_source,
    rules_with_findings,
    uncounted,
    verdict,
)

NARROWEST = 40
_MANY = 10  # lines of one kind that are printed before the rest is only counted
_POINTER = Text(f"{' ' * INDENT}by prefix under Unexplained keys", style="dim")
_TONES = {"incomplete": "bold white on red", "failing": "bold red", "passing": "bold yellow", "clean": "bold green"}


class TerminalReport:
    """Plain text of 100 columns unless told otherwise, since nobody knows how wide a pipe is.

    `color` adds ANSI colours (SGR sequences only, never a link). Everything that comes from the run is shown by
    `printable` and is never read as markup.
    """

    filename: str | None = None

    def __init__(self, *, width: int = 100, color: bool = False) -> None:
        self._width = max(width, NARROWEST)
        self._color = color

    def render(self, run: Run) -> Iterator[str]:
        summary = run.summary
        for section in (_head, _families, partial(_findings, run), unexplained_keys, _limits):
            yield printed(section(summary, self._width), width=self._width, color=self._color)


def _head(summary: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    result = verdict(summary)
    yield Text(result.headline, style=_TONES[result.tone])
    yield Text(printable(result.advice))
    yield from _bullets("!", [f"{error['what']}: {error['message']}" for error in summary["errors"]], style="red")
    yield Text()
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(summary):
        facts.add_row(name, Text(value))
    yield facts


def _facts(summary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    taken = words.span(summary["started_at"], summary["ended_at"])
    yield "Bucket", printable(f"{summary['bucket']}/{summary['prefix']}".rstrip("/"))
    yield "Audited", f"{words.clock(summary['started_at'])}, took {taken}"
    yield "Rows from", printable(rows_source(summary))
    for skipped in summary["rows"]["skipped"][:_MANY]:
        yield "", printable(f"passed over {skipped['source']}: {skipped['reason']}")
    yield "Cutoff", f"{words.clock(summary['cutoff'])} (what is younger is accused of nothing)"
    yield "Objects", f"{object_account(summary).equation} ({human_bytes(summary['listing']['bytes'])})"
    if summary["rows"]["source"] is not None:
        yield "Rows", row_account(summary).equation
    if said := standing.history_sentence(summary):
        yield "History", said
    if listed := pending_source(summary):
        yield "Pending", printable(listed)
    if said := canary(summary):
        yield "Canary", said
    if said := contents(summary):
        yield "Contents", said


def _families(summary: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    whole = summary["listing"]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("Family", overflow="fold")
    for title in ("Objects", "Share", "Bytes", "Share"):
        table.add_column(title, justify="right", no_wrap=True)
    for name, family in families_by_weight(summary):
        table.add_row(
            _family(name, family),
            words.number(family["objects"]),
            share(family["objects"], whole["objects"]),
            human_bytes(family["bytes"]),
            share(family["bytes"], whole["bytes"]),
        )
    if table.row_count:
        yield Text()
        yield table
    if empty := empty_families(summary):
        yield Text(f"No objects: {printable(', '.join(empty))}", style="dim")


def _family(name: str, family: Mapping[str, Any]) -> RenderableType:
    """The name, and its classes beneath unless every object is ok."""
    title = Text(printable(name) if name else "(no family)")
    counts = class_counts(family["classes"])
    if [name for name, _ in counts] == ["ok"]:
        return title
    classes = Text(printable(", ".join(f"{count:,} {name}" for name, count in counts)), style="dim")
    return Group(title, Padding(classes, (0, 0, 0, 2)))


def _findings(run: Run, summary: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    """By state where there is something to tell apart, which takes a pass over the findings; else by rule."""
    if standing.compared(summary) or standing.baseline(summary):
        yield from state_sections(summary, digest(run), width)
    else:
        yield from _rules(summary, width)
    if quiet := quiet_rules(summary):
        yield Text()
        so_far = "" if summary["complete"] else " as far as it was read"
        yield Text(f"Checked{so_far}, nothing found: {printable(', '.join(quiet))}", style="dim")


def _rules(summary: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    found, by_prefix = rules_with_findings(summary), shown_rules(summary)
    yield Text()
    yield Text(_findings_title(summary, bool(found)), style="bold")
    sizes = [human_bytes(rule["bytes"]) if rule["bytes"] else "–" for _, rule in found]
    counts = [words.number(rule["count"]) for _, rule in found]
    for (code, rule), size, count in zip(found, sizes, counts, strict=True):
        yield Text()
        figures = count.rjust(max(map(len, counts))), size.rjust(max(map(len, sizes)))
        yield rule_line(rule["severity"], f"{code} {rule['name']}", *figures, width)
        yield Padding(_rule_words(summary, code, rule), (0, 0, 0, INDENT))
        yield from [_POINTER] if code in by_prefix else example_lines(rule["examples"], rule["count"], width)


def _findings_title(summary: Mapping[str, Any], any_found: bool) -> str:
    if any_found:
        return "Findings (all of them in findings.csv)"
    return "No findings." if summary["complete"] else "No findings in what was read, which proves nothing."


def _rule_words(summary: Mapping[str, Any], code: str, rule: Mapping[str, Any]) -> Text:
    text = Text(printable(f"{rule['summary']} {rule['action']}"))
    if exempt := uncounted(summary, code):
        text.append(f" ({exempt:,} of {rule['count']:,} {words.spared(exempt)}.)", style="dim")
    return text


def _limits(summary: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    if not summary["not_audited"]:
        return
    yield Text()
    yield Text("Not audited", style="bold")
    yield from _bullets("-", [f"{item['what']}, because {item['because']}" for item in summary["not_audited"]])


def _bullets(mark: str, lines: list[str], style: str = "") -> Iterator[RenderableType]:
    grid = Table.grid(padding=(0, 1))
    for line in lines[:_MANY]:
        grid.add_row(mark, Text(printable(line)), style=style)
    if len(lines) > _MANY:
        grid.add_row(mark, f"and {len(lines) - _MANY:,} more in summary.json", style=style)
    if lines:
        yield grid
