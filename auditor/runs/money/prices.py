"""The price table: a TOML file with a table for each storage class; the shipped one says what may be in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from auditor.errors import CannotStart
from auditor.spec.faults import Fault, Source, SpecificationError, decode
from auditor.spec.location import pointed
from auditor.spec.toml import Toml, read_toml

STANDARD = "STANDARD"
GB = 2**30  # bytes; what the service bills as a gigabyte
_TOP = ("currency", "region", "as_of", "storage")
_SIZES = ("minimum_size", "overhead", "overhead_standard")
_LARGEST = 2**40
_DEAREST = 10**6


@dataclass(frozen=True)
class Price:
    """Of one storage class. Sizes are bytes for each object."""

    gb_month: Decimal
    minimum_size: int = 0
    overhead: int = 0
    overhead_standard: int = 0


@dataclass(frozen=True)
class Prices:
    """`storage` has a price for each storage class that is known; there is no default."""

    name: str  # where they come from
    currency: str
    region: str
    as_of: date
    storage: Mapping[str, Price]

    def cost(self, storage_class: str, objects: int, paid_bytes: int) -> Decimal | None:
        """A month of objects whose sizes, raised to the least that is paid, add up to `paid_bytes`; None: no price."""
        price = self.storage.get(storage_class)
        if price is None:
            return None
        own = price.gb_month * (paid_bytes + objects * price.overhead)
        if price.overhead_standard:
            own += self.storage[STANDARD].gb_month * objects * price.overhead_standard
        return own / GB


class _PriceFault(Fault):
    def render(self) -> str:
        return pointed(self.location, self.message, self.source_line, [f"expected {self.expected}"])


def load_prices(path: Path | None = None) -> Prices:
    """The table in a file, or the shipped one. Raises CannotStart, or SpecificationError with every fault."""
    if path is None:
        shipped = files(__package__).joinpath("prices.toml")
        return read_prices(Source("the shipped price table", shipped.read_bytes()))
    try:
        return read_prices(Source(str(path), path.read_bytes()))
    except OSError as error:
        raise CannotStart(f"{path} cannot be read ({error.strerror}): name another file with --prices") from error


def read_prices(source: Source) -> Prices:
    """Raises SpecificationError with every fault that the table has, each with its place."""
    try:
        toml = read_toml(decode(source))
    except SpecificationError as error:
        raise SpecificationError(map(_plain, error.faults)) from None
    faults = [*_faults_of_top(toml), *_faults_of_storage(toml)]
    if faults:
        raise SpecificationError(sorted(map(_plain, faults)))
    return _prices(source.name, toml.values)


def _plain(fault: Fault) -> Fault:
    """A fault of no rule: prices are no part of the document."""
    return _PriceFault(fault.file, fault.line, fault.column, fault.message, fault.expected, fault.source_line)


def _faults_of_top(toml: Toml) -> Iterator[Fault]:
    for key in toml.values:
        if key not in _TOP:
            yield toml.fault((key,), f"`{key}` is not known here", f"one of {', '.join(_TOP)}")
    for key in ("currency", "region"):
        value = toml.values.get(key)
        if not isinstance(value, str) or not value.isprintable():
            yield toml.fault((key,), f"`{key}` is missing or is no text", 'a text such as `"USD"` or `"us-west-2"`')
    as_of = toml.values.get("as_of")
    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        yield toml.fault(("as_of",), "`as_of` is missing or is no day", "the day of these prices, such as `2026-01-31`")


def _faults_of_storage(toml: Toml) -> Iterator[Fault]:
    storage = toml.values.get("storage")
    if not isinstance(storage, dict) or not storage:
        yield toml.fault(("storage",), "there are no prices", "a table such as `[storage.STANDARD]`")
        return
    for name, table in storage.items():
        if isinstance(table, dict):
            yield from _faults_of_price(toml, name, table)
        else:
            yield toml.fault(("storage", name), f"`{name}` is no table", "a table such as `[storage.STANDARD]`")
    asked = [name for name, table in storage.items() if isinstance(table, dict) and "overhead_standard" in table]
    if asked and STANDARD not in storage:
        place = ("storage", asked[0], "overhead_standard")
        yield toml.fault(place, "`overhead_standard` has no price", f"a table `[storage.{STANDARD}]` beside it")


def _faults_of_price(toml: Toml, name: str, table: Mapping[str, Any]) -> Iterator[Fault]:
    if "gb_month" not in table:
        yield toml.fault(("storage", name), f"`{name}` has no price", "`gb_month`, the price of 2^30 bytes for a month")
    for key, value in table.items():
        place = ("storage", name, key)
        if key == "gb_month":
            if not _is_number(value) or not 0 <= value <= _DEAREST:
                yield toml.fault(place, "`gb_month` is no price", "a number such as `0.023`", at_value=True)
        elif key not in _SIZES:
            yield toml.fault(place, f"`{key}` is not known here", f"one of gb_month, {', '.join(_SIZES)}")
        elif not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
            yield toml.fault(place, f"`{key}` is no size", "a whole number of bytes, such as `131072`", at_value=True)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _prices(name: str, values: Mapping[str, Any]) -> Prices:
    # what was read from 0.0036 is written as 0.0036 again, so nothing of binary fractions gets into the money
    storage = {
        key: Price(**{**table, "gb_month": Decimal(str(table["gb_month"]))}) for key, table in values["storage"].items()
    }
    return Prices(name, values["currency"], values["region"], values["as_of"], storage)
