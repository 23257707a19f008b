"""Files of several units, taken together so that a look costs the same however thinly its subjects are spread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from auditor.findings import Finding
from auditor.scan.units import Unit, Units

ENOUGH = 1000  # rows


@dataclass(frozen=True)
class Sheaf:
    """Whole units and one file of each."""

    tables: list[tuple[Unit, pa.Table]]

    @property
    def table(self) -> pa.Table:
        """All the files, one after the other."""
        return pa.concat_tables([table for _, table in self.tables]).unify_dictionaries()

    def parts(self, whole: pa.Table) -> Iterator[tuple[Unit, pa.Table]]:
        """A table as long as `table`, cut into what belongs to each unit."""
        start = 0
        for unit, table in self.tables:
            yield unit, whole.slice(start, table.num_rows)
            start += table.num_rows

    def by_unit(self, findings: Iterable[tuple[int, Finding]]) -> Iterator[tuple[Unit, list[Finding]]]:
        """Findings with their positions in `table`, given to the units they belong to."""
        ends = np.cumsum([table.num_rows for _, table in self.tables])
        groups: dict[int, list[Finding]] = defaultdict(list)
        for position, finding in findings:
            groups[int(np.searchsorted(ends, position, "right"))].append(finding)
        for number, group in groups.items():
            yield self.tables[number][0], group


def sheaves(units: Units, chosen: Iterable[Unit], kind: str) -> Iterator[Sheaf]:
    """The chosen units in order; a sheaf ends with the unit that makes it `ENOUGH`."""
    tables: list[tuple[Unit, pa.Table]] = []
    rows = 0
    for unit in chosen:
        tables.append((unit, units.need(unit, kind)))
        rows += tables[-1][1].num_rows
        if rows >= ENOUGH:
            yield Sheaf(tables)
            tables, rows = [], 0
    if tables:
        yield Sheaf(tables)
