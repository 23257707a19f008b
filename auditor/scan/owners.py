"""Whether the uids in a key have rows where the bindings say that their owners are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import plain
from auditor.rows.base import OtherTable, RowSource
from auditor.scan.columns import SIDES, Mask, mask_of
from auditor.scan.elsewhere import Elsewhere, keyed
from auditor.scan.present import looked_up, present
from auditor.spec import Classification, Fit, Specification

COLUMN = "owners_missing"


class Owners:
    """The side `owners_missing`. Only keys that fit are looked at: KEY003 has spoken of the others."""

    name = "owners of the uids in keys"
    fields: Sequence[pa.Field] = (SIDES.field(COLUMN),)

    def __init__(self, rows: RowSource, spec: Specification) -> None:
        self._elsewhere = Elsewhere(rows)
        self._spec = spec

    @property
    def not_audited(self) -> list[dict[str, str]]:
        return self._elsewhere.not_audited

    def begin(self, *, again: bool) -> None:
        """Nothing is read as a whole."""

    def columns(self, table: pa.Table, *, again: bool) -> Mapping[str, pa.Array]:
        """See `sides.Side`."""
        names = np.full(table.num_rows, "", dtype=object)
        unknown = np.zeros(table.num_rows, dtype=np.bool_)
        for positions, field, missing in self._fields(table, again):
            if missing is None:
                unknown[positions] = True
            else:
                lacking = positions[missing]
                names[lacking] = [f"{before},{field}" if before else field for before in names[lacking]]
        return {COLUMN: pa.array(names, pa.string(), mask=unknown & (names == ""))}

    def close(self) -> None:
        """Nothing is held."""

    def _fields(self, table: pa.Table, again: bool) -> Iterator[tuple[np.ndarray, str, Mask | None]]:
        """Positions, field, and for which of them the owner has no row; None where it cannot be known."""
        keys = plain(table["key"])
        classes = Classification(plain(table["family"]), plain(table["fit"]))
        for found in self._spec.field_values(keys, classes):
            if found.fit is not Fit.FITS:
                continue
            for field, values in zip(found.family.template.fields, found.values, strict=True):
                owner = found.family.owners.get(field.name)
                if owner is not None:
                    what = f"owners of {field.name} in {found.family.name}"
                    yield found.positions, field.name, self._missing(owner, values, what, again)

    def _missing(self, owner: str, values: pa.Array, what: str, again: bool) -> Mask | None:
        name, _, column = owner.partition(".")
        other = self._elsewhere.table(keyed(name, column), what)
        return None if other is None else ~mask_of(pc.is_in(values, value_set=_there(other, values, again)))


def _there(table: OtherTable, values: pa.Array, again: bool) -> pa.Array:
    """The second look asks for each value, since pages may come from a copy that lags."""
    wanted = pc.unique(values)
    wanted = wanted.take(pc.sort_indices(wanted))
    return (looked_up if again else present)(table, wanted)
