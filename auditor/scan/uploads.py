"""Until when an object is wanted, and which part of a whole it is, by the tables that the bindings name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT, plain
from auditor.rows.base import RowSource, RowTable
from auditor.rows.sql import quoted
from auditor.scan.columns import SIDES
from auditor.scan.elsewhere import Elsewhere, keyed
from auditor.spec import Fit, Specification
from auditor.spec.fields import FieldValues
from auditor.spec.model import Classification
from auditor.spec.uses import Expiry, Part

DONE, EXPIRED, WANTED = "finished", "expired", ""


class Uploads:
    """The sides `stale_since`, `stale_why` and `part_size`."""

    name = "parts of uploads"
    fields: Sequence[pa.Field] = tuple(SIDES.field(name) for name in ("stale_since", "stale_why", "part_size"))

    def __init__(self, rows: RowSource, spec: Specification) -> None:
        self._elsewhere = Elsewhere(rows)
        self._spec = spec
        self._concerned = pa.array([f.name for f in spec.families if f.expires or f.part], pa.string())

    @property
    def not_audited(self) -> list[dict[str, str]]:
        return self._elsewhere.not_audited

    def begin(self, *, again: bool) -> None:
        """Nothing is read as a whole."""

    def columns(self, table: pa.Table, *, again: bool) -> Mapping[str, pa.Array]:
        """See `sides.Side`."""
        since = np.full(table.num_rows, None, dtype=object)
        why = np.full(table.num_rows, None, dtype=object)
        sizes = np.full(table.num_rows, None, dtype=object)
        for found in self._families(table):
            if found.family.expires:
                since[found.positions], why[found.positions] = self._stale(found, found.family.expires)
            if found.family.part:
                keys = plain(table["key"]).take(pa.array(found.positions))
                sizes[found.positions] = self._sizes(keys, found.family.part, found.family.name)
        expected = pa.array(sizes, pa.int64())
        if again:  # what did not stand still around a HEAD that worked is held against nobody, the row's size neither
            expected = pc.if_else(plain(table["row_size"]).is_valid(), expected, None)
        return {"stale_since": pa.array(since, INSTANT), "stale_why": pa.array(why, pa.string()), "part_size": expected}

    def close(self) -> None:
        """Nothing is held."""

    def _families(self, table: pa.Table) -> Iterator[FieldValues]:
        """Nearly always none, which costs one look at the names that the batch has."""
        family = plain(table["family"])
        if not pc.any(pc.is_in(pc.unique(family).cast(pa.string()), value_set=self._concerned)).as_py():
            return
        for found in self._spec.field_values(plain(table["key"]), Classification(family, plain(table["fit"]))):
            if found.fit is Fit.FITS and (found.family.expires or found.family.part):
                yield found

    def _stale(self, found: FieldValues, expires: Expiry) -> tuple[list[datetime | None], list[str | None]]:
        """Since when nobody wants the objects any more, and why; all null where that cannot be known."""
        number = [field.name for field in found.family.template.fields].index(expires.field)
        values = found.values[number].to_pylist()
        what = f"objects of {found.family.name} that nobody wants any more"
        done = self._times(values, expires, expires.done, what)
        deadline = self._times(values, expires, expires.deadline, what)
        if done is None or deadline is None:
            return [None] * len(values), [None] * len(values)
        ends = [_end(done.get(value), deadline.get(value)) for value in values]
        return [since for since, _ in ends], [why for _, why in ends]

    def _times(
        self, values: list[str], expires: Expiry, column: str | None, what: str
    ) -> dict[str, datetime | None] | None:
        """The latest time of each value, None if any row of it has none; None where the database lacks it."""
        if column is None:
            return {}
        other = self._elsewhere.table(keyed(expires.table, expires.column, created_at=column), what)
        if other is None:
            return None
        times: dict[str, datetime | None] = {}
        rows = other.lookup(sorted(set(values)))
        for value, at in zip(rows["key"].to_pylist(), rows["created_at"].to_pylist(), strict=True):
            before = times.get(value, at)
            times[value] = None if at is None or before is None else max(before, at)
        return times

    def _sizes(self, keys: pa.Array, part: Part, family: str) -> list[int | None]:
        """How many bytes each object must have; null where no row of the table says so, or two disagree."""
        table, what = _joined(self._spec, part), f"sizes of parts in {family}"
        if table is None:
            self._elsewhere.cannot(what, "a query stands in place of the table of rows")
        other = self._elsewhere.table(table, what) if table else None
        sizes: dict[str, int | None] = {}
        if other:
            rows = other.lookup(keys.to_pylist())
            for key, size in zip(rows["key"].to_pylist(), rows["size"].to_pylist(), strict=True):
                sizes[key] = size if sizes.get(key, size) == size else None
        return [sizes.get(key) for key in keys.to_pylist()]


def _end(done: datetime | None, deadline: datetime | None) -> tuple[datetime | None, str]:
    """Whichever came first.

    >>> _end(None, None)
    (None, '')
    """
    if done is not None and (deadline is None or done <= deadline):
        return done, DONE
    return (deadline, EXPIRED) if deadline is not None else (None, WANTED)


def _joined(spec: Specification, part: Part) -> RowTable | None:
    """The rows of objects with the size of their part; None where a query stands in place of their table."""
    own = RowTable(**spec.rows)
    if own.query is not None:
        return None
    size = f"p.{quoted(part.end)} - p.{quoted(part.start)}"
    query = (
        f'SELECT o.{quoted(own.key)} AS "key", {size} AS "size" FROM {quoted(own.name)} AS o '  # noqa: S608 -- names
        f"JOIN {quoted(part.table)} AS p ON p.{quoted(part.file)} = o.{quoted(part.id)}"
    )
    return RowTable("", "key", "", "size", "", "", query=query)
