"""Who referred to a row, and what went with it, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.cli.trace.values import shown
from auditor.text import human_bytes, printable, share
from auditor.tracing.aftermath import Aftermath, Fate
from auditor.tracing.referrers import How, More, Node
from auditor.tracing.story import Life

Fates = Iterator[Fate | None]
SHOWN = 20
_MARGIN = 10  # columns
_MANY = 200  # rows, below which most of them may well go at once


def who_referred(life: Life, when: str) -> Iterator[str]:
    tree = life.tree
    if tree is None:
        return
    if not tree.nodes:
        yield f"No row of another table referred to it, {when}."
        return
    fates = iter(life.aftermath.fates) if life.aftermath else None
    yield f"Who referred to it, {when}" + (", and what became of it:" if fates else ":")
    yield from _branches(tree.nodes, tree.more, "", fates, top=True)


def _branches(
    nodes: tuple[Node, ...], more: tuple[More, ...], indent: str, fates: Fates | None, *, top: bool = False
) -> Iterator[str]:
    count = len(nodes) + len(more)
    for number, node in enumerate(nodes, 1):
        corner, line = ("", "") if top else ("└─ ", "   ") if number == count else ("├─ ", "│  ")
        yield f"{_fate(fates)}{indent}{corner}{_named(node)}"
        yield from _branches(node.children, node.more, indent + line, fates)
    for number, rest in enumerate(more, len(nodes) + 1):
        corner = "" if top else "└─ " if number == count else "├─ "
        margin = "  " if fates is None else " " * _MARGIN
        yield f"{margin}{indent}{corner}and {rest.count:,} more by {printable(rest.table)}.{printable(rest.column)}"


def _named(node: Node) -> str:
    name = f"{printable(node.table)} {shown(node.label) if node.label is not None else '(a row without uid)'}"
    how = {How.REFERS: " by", How.OWNER: ", owner by", How.MENTIONS: " in a text of"}[node.how]
    return f"{name}{how} {printable(node.column)}" + (" (see above)" if node.again else "")


def _fate(fates: Fates | None) -> str:
    """The margin; empty but for its width where nothing became of anything."""
    return "  " if fates is None else f"  {next(fates) or '?':<{_MARGIN - 2}}"


def what_went_with_it(life: Life, table: str, most: int = SHOWN) -> Iterator[str]:
    after, tree = life.aftermath, life.tree
    if after is None or tree is None:
        return
    yield "What went with it:"
    if after.fates:
        yield f"  Of the {_rows(len(after.fates))} above {_tally(after)}."
    yield from _files(after, most)
    yield from _all(after, table)


def _tally(after: Aftermath) -> str:
    told = [(after.fates.count(fate), str(fate)) for fate in Fate]
    parts = [f"{count} {word}" for count, word in told if count]
    if unknown := after.fates.count(None):
        parts.append(f"{unknown} cannot be told apart")
    return ", ".join(parts)


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _files(after: Aftermath, most: int) -> Iterator[str]:
    if not after.files:
        yield "  Its owners had no other file."
        return
    gone = [file for file in after.files if file.went]
    least = "at least " if after.more_files else ""
    yield f"  Of {least}{len(after.files):,} other files of the same owners, {len(gone):,} went" + (
        ":" if gone else "."
    )
    for file in gone[:most]:
        size = human_bytes(file.size) if file.size is not None and file.size >= 0 else "?"
        yield f"    {size:>9}  {printable(file.key)}"
    if len(gone) > most:
        yield f"{'':<15}and {len(gone) - most:,} more (--format json)"


def _all(after: Aftermath, table: str) -> Iterator[str]:
    gone = after.gone
    told = f"{gone.rows:,} of {_rows(gone.before)} of {printable(table)}"
    yield f"  In all, with its own, {told} went ({share(gone.rows, gone.before)}, {human_bytes(gone.size)}):"
    if gone.before >= _MANY and gone.rows * 2 > gone.before:
        yield "  That is most of the table: the later of the two may be a backup of another database."
    for name, count in gone.families.most_common():
        yield f"    {count:>9,}  {printable(name) if name else 'keys of no family'}"
