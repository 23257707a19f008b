"""The terminal's section about unexplained keys: one block for each prefix."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from auditor.text import human_bytes, printable
from reports import words
from reports.unexplained import PrefixLine, amount, entries, prefix_lines
from reports.verdict import Summary

_MANY = 10
_INDENT = 8


def shown_rules(summary: Summary) -> set[str]:
    """The rules of which the section shows something."""
    return {entry["rule"] for entry in entries(summary)[:_MANY]}


def unexplained_keys(summary: Summary, width: int) -> Iterator[RenderableType]:
    found = entries(summary)
    if not found:
        return
    yield Text()
    yield Text(f"Unexplained keys by prefix ({amount(found)})", style="bold")
    lines = prefix_lines(found[:_MANY])
    counts = [words.number(line.objects) for line in lines]
    sizes = [human_bytes(line.bytes) for line in lines]
    for line, count, size in zip(lines, counts, sizes, strict=True):
        yield Text()
        yield _title(line, f"{count.rjust(max(map(len, counts)))}  {size.rjust(max(map(len, sizes)))}", width)
        yield Padding(Text(_facts(line, width - _INDENT), style="dim"), (0, 0, 0, _INDENT))
        for key in line.examples:
            text = words.shorten(printable(key), width - _INDENT, cell_len)
            yield Text(" " * _INDENT + text, no_wrap=True)
    if found[_MANY:]:
        yield Text()
        yield Text(f"and {len(found) - _MANY:,} more in summary.json ({amount(found[_MANY:])})", style="dim")


def _title(line: PrefixLine, amounts: str, width: int) -> Text:
    space = width - _INDENT - len(amounts) - 2
    name = words.shorten(printable(line.title), space, cell_len)
    text = Text(f"{line.rule:<{_INDENT}}")
    text.append(name + " " * (space - cell_len(name)), style="bold")
    return text.append(f"  {amounts}", style="default")


def _facts(line: PrefixLine, width: int) -> str:
    """One line where they fit, else the hint in a line of its own."""
    facts = [fact for fact in (line.days, line.rows, printable(line.hint)) if fact]
    together = ", ".join(facts)
    return together if cell_len(together) <= width else ", ".join(facts[:-1]) + f"\n{facts[-1]}"
