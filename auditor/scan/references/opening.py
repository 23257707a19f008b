"""Whether references can be told at all, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from auditor.errors import RowsFailed
from auditor.findings import Need
from auditor.rows.base import RowSource, RowTable
from auditor.rows.sql import quoted
from auditor.scan.options import Options
from auditor.scan.references.drawing import CannotTell, draw
from auditor.scan.references.side import ReferencesSide
from auditor.spec import Specification


@dataclass(frozen=True)
class Known:
    """`why_not` finishes "not audited, because"; `remarks` are sentences about what is left out all the same."""

    side: ReferencesSide | None = None
    why_not: str | None = None
    remarks: Sequence[str] = ()
    errors: list[dict[str, str]] = field(default_factory=list)


def open_references(rows: RowSource | None, spec: Specification, options: Options, cutoff: datetime) -> Known:
    """`cutoff` is that of objects: what a newer row has replaced counts as used until it is older than that."""
    table = RowTable(**spec.rows)
    if rows is None:
        return Known(why_not=Need.ROWS.value)
    if spec.references is None:
        return Known(why_not="the bindings have no [references], which say what the tables that refer to files are")
    if table.query is not None and spec.references.files is None:
        return Known(why_not="rows come from a query, and `files` in [references] does not say from which table")

    def has(name: str, columns: Sequence[str]) -> bool:
        wanted = ", ".join(f"t.{quoted(column)}" for column in columns) or "1"
        return rows.select(f"SELECT {wanted} FROM {quoted(name)} AS t LIMIT 0") is not None  # noqa: S608 -- quoted

    try:
        drawn = draw(rows.foreign_keys(), spec.references, spec.references.files or table.name, has)
    except CannotTell as error:
        return Known(why_not=str(error))
    except RowsFailed as error:
        return Known(why_not=str(error), errors=[{"what": ReferencesSide.name, "message": str(error)}])
    elsewhere = frozenset(family.name for family in spec.families if family.referenced_elsewhere)
    return Known(ReferencesSide(rows, table, drawn, options, cutoff, elsewhere), remarks=drawn.remarks)
