"""A template as a railroad diagram, drawn by pyparsing.

The elements that explain a key nest the rest of a template inside of each field, which nobody could read as a picture.
These are plain ones: a literal is a terminal, a field is a named box around the words of its kind, a choice is a
choice. They only describe, and read nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

import pyparsing as pp
from pyparsing.diagram import to_railroad
from railroad import DiagramItem, Terminal
from rich.cells import cell_len

from auditor.spec.faults import Text
from auditor.spec.kinds import Kind, KindError, read_kind
from auditor.spec.quoting import visible
from auditor.spec.template import Field, Literal, Template, read_template

WIDEST_ROW = 940  # units of the picture, which are pixels when it is not scaled
MOST_COLUMNS = 72  # of one text in the picture
MOST_OPTIONS = 12  # of one choice
_CHARACTER, _BOX, _GAP = 8.5, 40, 20  # as the library measures a terminal, the lines beside it, a box around both


class _Text(str):
    """Text that is as long as it is wide, since the library reckons widths from lengths."""

    _columns: int

    def __new__(cls, text: str) -> Self:
        shown = _shortened(visible(text))
        made = super().__new__(cls, shown)
        made._columns = cell_len(shown)
        return made

    def __len__(self) -> int:
        return self._columns


class _Words(_Text):
    """What a value may be, as opposed to what stands there."""


class _Said(pp.Token):
    """A terminal that shows a text as it is."""

    def __init__(self, text: _Text) -> None:
        super().__init__()
        self.text = text

    def _generateDefaultName(self) -> str:  # noqa: N802 - the library's name
        return self.text


class _Alone(pp.ParseElementEnhance):
    """An element in a row. The library counts those that are not enhanced to tell a row from a pile."""


def diagram(template: Template, kinds: Mapping[str, Kind]) -> pp.ParserElement:
    """The elements of the picture: one row, or several below one another; `kinds` has every field of the template."""
    drawn = [_literal(part) if isinstance(part, Literal) else _field(part, kinds[part.name]) for part in template.parts]
    rows = [
        # A name for each: the library takes three elements of one name for one element three times.
        pp.And([drawn[place] for place in row]).set_results_name(str(number))
        for number, row in enumerate(_rows([_width(part, kinds) for part in template.parts]))
    ]
    return rows[0] if len(rows) == 1 else pp.And(rows)


def railroad(template: Template, kinds: Mapping[str, Kind]) -> str:
    """The picture as the text of one `<svg>` element.

    It has no style, namespace or link, and no two slashes side by side, so that nothing in it looks like an address.
    For the page's style sheet: `.literal` and `.words` hold a `rect` and a `text`, `.group-box` is the box around a
    field and `.comment` its name.
    """
    pieces: list[str] = []
    (named,) = to_railroad(diagram(template, kinds), vertical=1)
    named.diagram.walk(_mark)
    named.diagram.writeSvg(pieces.append)
    svg = re.sub(r'<path d="M[0-9. ]+h0\.0" />', "", "".join(pieces))
    return svg.replace("//", "/&#47;").replace("]]>", "]]&gt;").replace("\n", "")  # the library escapes no `>`


def railroad_of(text: str, kinds: Mapping[str, str]) -> str | None:
    """The same from what a run recorded, the template and its kinds as texts; None if they cannot be understood."""
    template = read_template(text, [(1, column) for column in range(1, len(text) + 2)], Text("", text, (text,)))
    if not isinstance(template, Template):
        return None
    try:
        return railroad(template, {field.name: read_kind(kinds[field.name]) for field in template.fields})
    except (KeyError, KindError):
        return None


def _mark(item: DiagramItem) -> None:
    """Literals and words get a class of the style sheet."""
    if isinstance(item, Terminal):
        item.attrs["class"] = "words" if isinstance(item.text, _Words) else "literal"


def _literal(part: Literal) -> pp.ParserElement:
    return _Alone(_Said(_Text(part.text)))


def _field(part: Field, kind: Kind) -> pp.ParserElement:
    value = _value(kind)
    return pp.Group(pp.Opt(value) if kind.accepts("") else value).set_results_name(_label(part))


def _value(kind: Kind) -> pp.ParserElement:
    texts = list(_texts(kind))
    return _Said(texts[0]) if len(texts) == 1 else pp.MatchFirst(list(map(_Said, texts)))


def _texts(kind: Kind) -> Iterator[_Text]:
    """What may stand in a field's box, one below the other."""
    if not kind.options:
        yield _Words(kind.words)
    yield from map(_Text, kind.options[:MOST_OPTIONS])
    if more := len(kind.options[MOST_OPTIONS:]):
        yield _Words(f"… {more} more")


def _label(part: Field) -> _Text:
    return _Text(f"{{{part.name}}}")


def _rows(widths: Sequence[float]) -> list[list[int]]:
    """Places of the parts in as few rows as can be, which are about equally long."""
    fewest = len(_filled(widths, WIDEST_ROW))
    candidates = (_filled(widths, limit) for limit in range(0, WIDEST_ROW + 1, 20))
    return next(rows for rows in candidates if len(rows) == fewest)


def _filled(widths: Sequence[float], limit: float) -> list[list[int]]:
    rows: list[list[int]] = []
    taken = limit
    for place, width in enumerate(widths):
        if not rows or taken + width > limit:
            rows.append([])
            taken = 0.0
        rows[-1].append(place)
        taken += width
    return rows


def _width(part: Literal | Field, kinds: Mapping[str, Kind]) -> float:
    if isinstance(part, Literal):
        return len(_Text(part.text)) * _CHARACTER + _BOX
    inside = max(len(text) for text in _texts(kinds[part.name])) * _CHARACTER + _BOX
    return max(inside, len(_label(part)) * _CHARACTER) + _GAP


def _shortened(text: str) -> str:
    """What is left out is left out in the middle."""
    if cell_len(text) <= MOST_COLUMNS:
        return text
    half = MOST_COLUMNS // 2
    while cell_len(text[:half] + text[-half:]) >= MOST_COLUMNS:
        half -= 1
    return f"{text[:half]}…{text[-half:]}"
