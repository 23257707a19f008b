"""Findings of a run with a history or a baseline: what is new first, then what is known, fixed and suppressed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from auditor.findings import State
from auditor.text import human_bytes, printable
from reports import standing, words
from reports.digest import Digest, Part
from reports.labels import FOUND
from reports.standing import Summary
from reports.verdict import uncounted

INDENT = 4
SEVERITIES = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def state_sections(summary: Summary, digest: Digest, width: int) -> Iterator[RenderableType]:
    fixed = digest.of(State.FIXED)
    yield from _section(_new_title(summary, digest), _told(summary, digest.of(State.NEW, FOUND), width))
    yield from _section(_title("Known", digest, State.KNOWN, "findings.csv"), _aged(digest.of(State.KNOWN), width))
    yield from _section(_title("Fixed", digest, State.FIXED, "fixed.csv"), _gone(fixed, width))
    yield from _hidden(summary)


def rule_line(severity: str, name: str, count: str, size: str, width: int) -> Text:
    """`name` is code and name of the rule; `count` and `size` are as wide as those of the lines around."""
    line = Text(f"{severity.upper():<8}", style=SEVERITIES[severity])
    end = f"  {count}  {size}"
    name = words.shorten(printable(name), width - len(line) - len(end), cell_len)
    column = min(36, width - len(line) - len(end))
    line.append(name + " " * (column - cell_len(name)), style="bold")
    return line.append(end, style="default")


def example_lines(examples: Sequence[str], count: int, width: int) -> Iterator[RenderableType]:
    for key in examples:
        yield Text(" " * INDENT + words.shorten(printable(key), width - INDENT, cell_len), no_wrap=True, style="dim")
    if (more := count - len(examples)) > 0:
        yield Text(f"{' ' * INDENT}and {more:,} more", style="dim")


def _new_title(summary: Summary, digest: Digest) -> str:
    history = standing.compared(summary)
    if history is None:
        return "Findings (all of them in findings.csv)" if digest.count(State.NEW, FOUND) else "No findings."
    since = words.clock(history["previous"]["started_at"])
    if amount := digest.count(State.NEW):
        return f"New since {since}: {amount:,}"
    return f"Nothing new since {since}" + ("" if summary["complete"] else " in what was read, which proves nothing")


def _title(name: str, digest: Digest, state: State, file: str) -> str | None:
    amount = digest.count(state)
    return f"{name}: {amount:,} (all of them in {file})" if amount else None


def _section(title: str | None, lines: Iterator[RenderableType]) -> Iterator[RenderableType]:
    if title is not None:
        yield Text()
        yield Text(title, style="bold")
        yield from lines


def _told(summary: Summary, parts: Sequence[Part], width: int) -> Iterator[RenderableType]:
    """What each rule says and what to do about it, with some of its keys."""
    for part, line in zip(parts, _lines(parts, width), strict=True):
        rule = summary["rules"][part.rule]
        yield Text()
        yield line
        yield Padding(Text(printable(f"{rule['summary']} {rule['action']}")), (0, 0, 0, INDENT))
        if exempt := uncounted(summary, part.rule):
            said = f"Of {part.rule}, new or known, {exempt:,} {words.spared(exempt)}."
            yield Padding(Text(printable(said), style="dim"), (0, 0, 0, INDENT))
        yield from example_lines(part.examples, part.count, width)


def _aged(parts: Sequence[Part], width: int) -> Iterator[RenderableType]:
    """How long it has been known; what there is to say of it was said when it was new."""
    for part, line in zip(parts, _lines(parts, width), strict=True):
        yield line
        if part.first_seen is not None:
            nights = words.counted(part.nights, "night")
            yield Text(f"{' ' * INDENT}first seen {part.first_seen:%Y-%m-%d}, up to {nights} in a row", style="dim")


def _gone(parts: Sequence[Part], width: int) -> Iterator[RenderableType]:
    for part, line in zip(parts, _lines(parts, width), strict=True):
        yield line
        yield from example_lines(part.examples, part.count, width)


def _hidden(summary: Summary) -> Iterator[RenderableType]:
    if sentence := standing.baseline_sentence(summary):
        yield Text()
        yield Text(printable(f"Baseline: {sentence}"), style="dim")
        for line in standing.exceeded_sentences(summary):
            yield Text(printable(f"Baseline: {line}"), style="yellow")


def _lines(parts: Sequence[Part], width: int) -> Iterator[Text]:
    counts = [words.number(part.count) for part in parts]
    sizes = [human_bytes(part.bytes) if part.bytes else "–" for part in parts]
    for part, count, size in zip(parts, counts, sizes, strict=True):
        name = f"{part.rule} {part.name}"
        yield rule_line(
            part.severity, name, count.rjust(max(map(len, counts))), size.rjust(max(map(len, sizes))), width
        )
