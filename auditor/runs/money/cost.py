# ruff: noqa: S608 -- columns are named here, and no value is in the text
"""What a run's objects cost a month: all, by family and storage class, and the parts that may be for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from auditor.runs.asking.engine import Engine, file_value, parquet
from auditor.runs.asking.question import Source
from auditor.runs.money.prices import STANDARD, Prices

REPLACED = "has taken its place"  # what REF004 says of a row that a newer one has superseded

# Each is a condition on objects; `findings` is what the run found. They may overlap, but the first two.
PARTS = {
    "orphaned": "\"class\" = 'orphan'",
    "unknown": "\"class\" = 'unknown'",
    "unreferenced": "key IN (SELECT key FROM findings WHERE rule = 'REF004')",
    "superseded": "key IN (SELECT key FROM findings WHERE rule = 'REF004' AND contains(message, $replaced))",
    "unbounded-backups": "family IN (SELECT family FROM findings WHERE rule = 'BAK006')",
}
MEANINGS = {
    "orphaned": "objects of the class orphan",
    "unknown": "objects of the class unknown",
    "unreferenced": "objects of REF004",
    "superseded": "those of REF004 whose place a newer row has taken",
    "unbounded-backups": "families of BAK006: kept too long, or nothing says how long",
}


@dataclass(frozen=True)
class Line:
    """`cost` is None where the storage class has no price; it is then never summed as nothing."""

    family: str | None
    storage_class: str
    objects: int
    bytes: int
    cost: Decimal | None


@dataclass(frozen=True)
class Total:
    """`cost` is of what has a price, `unpriced` the bytes of what has none."""

    objects: int
    bytes: int
    cost: Decimal
    unpriced: int


@dataclass(frozen=True)
class Bill:
    """`lines` by family and storage class, the dearest first, then what has no price; `parts` by the names of PARTS."""

    prices: Prices
    lines: Sequence[Line]
    parts: dict[str, Total]

    @property
    def whole(self) -> Total:
        return total(self.lines)

    @property
    def unpriced(self) -> dict[str, int]:
        """Bytes by storage class without a price."""
        held: dict[str, int] = {}
        for line in self.lines:
            if line.cost is None:
                held[line.storage_class] = held.get(line.storage_class, 0) + line.bytes
        return dict(sorted(held.items()))


def bill(engine: Engine, objects: Source, findings: Source, prices: Prices) -> Bill:
    """What is gone costs nothing any more; an object without a storage class is STANDARD, as S3 means it."""
    values = {"findings": file_value(findings.path)}
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE findings AS SELECT DISTINCT rule, key, family, message "
        f"FROM {parquet('findings')} WHERE rule IN ('REF004', 'BAK006') AND state IS DISTINCT FROM 'fixed'",
        values,
    )
    lines = _lines(engine, objects, prices, "TRUE")
    return Bill(prices, lines, {name: total(_lines(engine, objects, prices, part)) for name, part in PARTS.items()})


def total(lines: Iterable[Line]) -> Total:
    lines = list(lines)
    return Total(
        sum(line.objects for line in lines),
        sum(line.bytes for line in lines),
        sum((line.cost for line in lines if line.cost is not None), Decimal(0)),
        sum(line.bytes for line in lines if line.cost is None),
    )


def _lines(engine: Engine, objects: Source, prices: Prices, condition: str) -> list[Line]:
    least = {name: price.minimum_size for name, price in prices.storage.items()}
    rows = engine.rows(
        "SELECT family, storage, count(*) AS objects, sum(size)::BIGINT AS bytes, "
        "sum(greatest(size, coalesce($least[list_position($classes, storage)], 0)))::BIGINT AS paid "
        f"FROM (SELECT *, coalesce(storage_class, $standard) AS storage FROM {parquet('file')}) "
        f"WHERE \"class\" != 'gone' AND {condition} GROUP BY ALL",
        {
            "file": file_value(objects.path),
            "standard": STANDARD,
            "classes": list(least),
            "least": list(least.values()),
            "replaced": REPLACED,
        },
    )
    return sorted((_line(row, prices) for row in rows), key=_order)


def _line(row: dict[str, Any], prices: Prices) -> Line:
    cost = prices.cost(row["storage"], row["objects"], row["paid"])
    return Line(row["family"], row["storage"], row["objects"], row["bytes"], cost)


def _order(line: Line) -> tuple[bool, Decimal, int, str, str]:
    return line.cost is None, -(line.cost or Decimal(0)), -line.bytes, line.family or "", line.storage_class
