"""The explanation of one key as text for people: the key, the verdict, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.cli.excerpt import excerpt
from auditor.findings import RuleInfo
from auditor.spec import Explanation, Family, FieldValue, Fit, Nearby, RowPolicy, Specification
from auditor.terminal import printed
from auditor.text import printable

NARROWEST = 40
_INDENT = 2
_GAP = 2
_MOST_NAMES = 12
_WIDEST_VALUE = 40  # cells
_ROWS = {
    RowPolicy.REQUIRED: "required",
    RowPolicy.NONE: "none needed",
    RowPolicy.UNMANAGED: "unmanaged: nothing says whether one is needed",
}
Row = tuple[str, RenderableType]


@dataclass(frozen=True)
class Screen:
    """`width` in cells; `color` adds ANSI colours, never a link."""

    width: int
    color: bool = False


def explained(compiled: Specification, explanation: Explanation, rule: RuleInfo | None, screen: Screen) -> str:
    """Some lines, each with its end. Nothing in them moves a cursor but the line ends."""
    width = max(screen.width, NARROWEST)
    blocks: list[RenderableType] = [_verdict(compiled, explanation, rule)]
    blocks += [Padding(block, (0, 0, 0, _INDENT)) for block in _reasons(compiled, explanation)]
    key = printed(_key(explanation, width), width=width, color=screen.color, soft_wrap=True)
    return key + printed(blocks, width=width, color=screen.color)


def _key(explanation: Explanation, width: int) -> Iterator[Text]:
    if explanation.column is None:
        yield Text(printable(explanation.key), style="bold")
    else:
        line, caret = excerpt(explanation.key, explanation.column, width)
        yield Text(line, style="bold")
        yield Text(caret, style="bold red")


def _verdict(compiled: Specification, explanation: Explanation, rule: RuleInfo | None) -> Text:
    says = Text(printable(_says(compiled, explanation)))
    return Text.assemble((f"{rule.code} {rule.name}: ", "yellow"), says) if rule else says


def _says(compiled: Specification, explanation: Explanation) -> str:
    match explanation.fit:
        case Fit.INVALID_FIELD:
            names = [f"`{field.name}`" for field in explanation.invalid]
            kinds = "are not of their kinds" if names[1:] else "is not of its kind"
            return f"has the form of `{explanation.family}`, but {_listed(names)} {kinds}"
        case Fit.UNKNOWN if explanation.unknown_from is None:
            return f"ends before it is a key of any template; they go on with {_names(compiled, explanation)}"
        case Fit.UNKNOWN:
            place = f"at column {explanation.column}"
            return f"no template has {explanation.found} {place}; they have {_names(compiled, explanation)}"
    return explanation.sentence


def _names(compiled: Specification, explanation: Explanation) -> str:
    names = [f"`{name}`" for name in compiled.names_instead(explanation.key)]
    more = len(names) - _MOST_NAMES
    return _listed([*names[:_MOST_NAMES], f"{more} more"] if more > 1 else names)


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _reasons(compiled: Specification, explanation: Explanation) -> Iterator[RenderableType]:
    if explanation.family:
        yield _facts(_of_family(compiled, explanation))
    elif explanation.nearby:
        yield _facts([("nearest", _near(compiled, near)) for near in explanation.nearby])
    elif explanation.candidates:
        yield _facts([("template", _template(compiled, compiled.family(name))) for name in explanation.candidates])


def _facts(rows: Iterable[Row]) -> Table:
    table = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    last = ""
    for label, fact in rows:
        table.add_row(label if label != last else "", fact)
        last = label
    return table


def _template(compiled: Specification, family: Family, *more: str) -> Text:
    place = f"{family.name}, {compiled.document}:{family.template.line}"
    return Text("\n").join(Text(printable(line)) for line in (family.template.text, place, *more))


def _near(compiled: Specification, near: Nearby) -> Text:
    departs = f"departs at column {near.column}: expected {near.expected}"
    return _template(compiled, compiled.family(near.family), departs)


def _of_family(compiled: Specification, explanation: Explanation) -> Iterator[Row]:
    family = compiled.family(explanation.family or "")
    yield "template", _template(compiled, family)
    if explanation.fields:
        yield "fields", _fields(explanation.fields)
    for other, why in compiled.beaten(explanation.key):
        yield "beats", _template(compiled, other, f"since {why}")
    yield "rows", Text(printable(_ROWS[family.rows] + (f", in {', '.join(family.tables)}" if family.tables else "")))
    if family.content or family.secret:
        secret = " (secret: never downloaded)" if family.secret else ""
        yield "content", Text(printable((family.content or "unsaid") + secret))
    if family.note:
        yield "note", Text(printable(family.note))


def _fields(fields: Sequence[FieldValue]) -> RenderableType:
    """One line for each field, the verdict first, where no width cuts it off; below it what is wrong."""
    cells = [[printable(field.name), _cut(printable(field.value)), printable(field.kind)] for field in fields]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    lines: list[RenderableType] = []
    for field, row in zip(fields, cells, strict=True):
        aligned = [cell + " " * (width - cell_len(cell) + _GAP) for cell, width in zip(row, widths, strict=True)]
        verdict = ("ok     ", "green") if field.valid else ("wrong  ", "bold red")
        lines.append(Text.assemble(verdict, "".join(aligned).rstrip(), no_wrap=True, overflow="ellipsis"))
        if not field.valid:
            wrong = printable(f"expected {field.expected}; found {field.found}")
            lines.append(Padding(Text(wrong), (0, 0, 0, len("wrong  "))))
    return Group(*lines)


def _cut(text: str) -> str:
    return text if cell_len(text) <= _WIDEST_VALUE else set_cell_size(text, _WIDEST_VALUE - 1) + "…"
