"""What is known of a key besides its row: who refers to the row, who owns the key, what is about to be deleted.

Each side adds columns to a batch. What a side cannot read is null, which accuses nobody, and the run is incomplete.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from auditor.errors import RowsFailed
from auditor.rows.base import RowSource
from auditor.scan.owners import Owners
from auditor.scan.uploads import Uploads
from auditor.spec import Specification


class Side(Protocol):
    """One source of such columns. The two looks of a run differ by `again`: the second must not lean on the first."""

    name: str  # for people: what could not be read
    fields: Sequence[pa.Field]  # of `columns.MERGED`

    def begin(self, *, again: bool) -> None:
        """Called once before each look, for what is read as a whole. Raises RowsFailed."""
        ...

    def columns(self, table: pa.Table, *, again: bool) -> Mapping[str, pa.Array]:
        """The columns of `fields`, aligned with the batch; null says that it is not known. Raises RowsFailed.

        `table` has the columns of `frames.OBJECTS`, family and fit, and those of the row (row_uid and so on, null
        where no row has the key). Called by several threads at a time.
        """
        ...

    def close(self) -> None: ...


def sides_of(rows: RowSource | None, spec: Specification, wanted: Collection[str]) -> list[Side]:
    """The sides that have a column of `wanted` (see `rulebook.columns_read`) and that the bindings have a use for."""
    if rows is None:
        return []
    made: list[tuple[type[Owners | Uploads], bool]] = [
        (Owners, any(family.owners for family in spec.families)),
        (Uploads, any(family.expires or family.part for family in spec.families)),
    ]
    return [side(rows, spec) for side, useful in made if useful and {one.name for one in side.fields} & set(wanted)]


@dataclass
class Sides:
    """All sides of one run."""

    sides: Sequence[Side] = ()
    errors: list[dict[str, str]] = field(default_factory=list)
    _failed: set[str] = field(default_factory=set)

    def begin(self, *, again: bool) -> None:
        self._failed.clear()
        for side in self.sides:
            try:
                side.begin(again=again)
            except RowsFailed as error:
                self._fail(side, error)

    @property
    def not_audited(self) -> list[dict[str, str]]:
        """What the sides found that they cannot know, each with the reason."""
        return [entry for side in self.sides for entry in getattr(side, "not_audited", ())]

    @property
    def decisive(self) -> bool:
        """Whether every side that can save from an accusation (it has a true `saves`) was read in this look."""
        return not any(side.name in self._failed for side in self.sides if getattr(side, "saves", False))

    def first(self, table: pa.Table) -> dict[str, pa.Array]:
        return self._columns(table, again=False)

    def again(self, table: pa.Table) -> dict[str, pa.Array]:
        return self._columns(table, again=True)

    def blank(self, rows: int) -> dict[str, pa.Array]:
        """Nothing is known."""
        return {one.name: pa.nulls(rows, one.type) for side in self.sides for one in side.fields}

    def close(self) -> None:
        for side in self.sides:
            side.close()

    def _columns(self, table: pa.Table, *, again: bool) -> dict[str, pa.Array]:
        found = self.blank(table.num_rows)
        for side in self.sides:
            if side.name not in self._failed:
                try:
                    found |= side.columns(table, again=again)
                except RowsFailed as error:
                    self._fail(side, error)
        return found

    def _fail(self, side: Side, error: RowsFailed) -> None:
        """One failure is enough: the rest of this look does without the side."""
        self._failed.add(side.name)
        self.errors.append({"what": side.name, "message": str(error)})
