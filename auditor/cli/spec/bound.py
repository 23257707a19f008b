"""How each field of a family was bound, and by which place of the bindings."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from auditor.spec import Family
from auditor.text import printable

_UNBOUND = "by default: nothing binds it"
_UNSAID = "by default: nothing says it"


def bound_lines(family: Family, document: str) -> Iterator[str]:
    """The template with its place, then a line for each field and one for the row policy."""
    yield f"{printable(document)}:{family.template.line}: `{printable(family.template.text)}`"
    rows = [
        (f"{{{printable(name)}}}", printable(kind.text), str(family.kinds_from.get(name, _UNBOUND)))
        for name, kind in family.kinds.items()
    ]
    rows.append(("rows", str(family.rows), str(family.rows_from or _UNSAID)))
    widths = [max(cell_len(row[column]) for row in rows) for column in (0, 1)]
    for name, kind, place in rows:
        yield f"  {_padded(name, widths[0])}  {_padded(kind, widths[1])}  {place}"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
