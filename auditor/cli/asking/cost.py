"""`auditor cost RUN`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import click

from auditor.cli.asking.parameters import chosen_run, run_argument
from auditor.runs.asking.engine import open_engine
from auditor.runs.asking.question import objects_of
from auditor.runs.asking.spool import spool_findings
from auditor.runs.money.cost import MEANINGS, Bill, Line, Total, bill
from auditor.runs.money.prices import load_prices
from auditor.text import human_bytes, printable

NO_PRICE = "no price"
_CENT, _EXACT = Decimal("0.01"), Decimal("0.000001")


@click.command(short_help="What a month of the bucket costs, and what of it is for nothing.")
@run_argument
@click.option(
    "--prices",
    "table",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A TOML file with your prices. Default: an example, list prices of us-west-2.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def cost(run: Path, table: Path | None, form: str) -> None:
    """Say what a month of the bucket of the folder RUN costs, and what of that may be for nothing.

    Storage alone: no requests, no transfer, no old versions.
    """
    prices = load_prices(table)
    record = chosen_run(run)
    with open_engine() as engine:
        made = bill(engine, objects_of(record), spool_findings(record, engine.folder), prices)
    if form == "json":
        click.echo(json.dumps(_data(made), indent=2))
        return
    click.echo("".join(_text(made)), nl=False)
    for name, size in made.unpriced.items():
        click.echo(f"{printable(name)}: {NO_PRICE} for {human_bytes(size)}; add it to the table of --prices", err=True)


def _text(made: Bill) -> Iterator[str]:
    currency = printable(made.prices.currency)
    yield f"A month of storage in {currency}, by {printable(_origin(made))}.\n\n"
    yield _row("COST", "SIZE", "OBJECTS", "WHAT")
    yield _total(made.whole, "all")
    for name, part in made.parts.items():
        yield _total(part, f"{name}: {MEANINGS[name]}")
    yield "\n" + _row("COST", "SIZE", "OBJECTS", f"{'STORAGE CLASS':<20}  FAMILY")
    for line in made.lines:
        what = f"{printable(line.storage_class):<20}  {printable(line.family) if line.family else '-'}"
        yield _row(_money(line.cost), human_bytes(line.bytes), f"{line.objects:,}", what)


def _origin(made: Bill) -> str:
    prices = made.prices
    return f"{prices.name} ({prices.region}, {prices.as_of.isoformat()})"


def _total(total: Total, what: str) -> str:
    lacking = f" (and {human_bytes(total.unpriced)} with {NO_PRICE})" if total.unpriced else ""
    return _row(_money(total.cost), human_bytes(total.bytes), f"{total.objects:,}", what + lacking)


def _row(cost: str, size: str, objects: str, what: str) -> str:
    return f"{cost:>12}  {size:>9}  {objects:>11}  {what}\n"


def _money(amount: Decimal | None) -> str:
    if amount is None:
        return NO_PRICE
    if 0 < amount < _CENT:
        return "<0.01"
    return f"{amount.quantize(_CENT, ROUND_HALF_UP):,}"


def _data(made: Bill) -> dict[str, Any]:
    prices = made.prices
    return {
        "prices": {
            "name": prices.name,
            "currency": prices.currency,
            "region": prices.region,
            "as_of": prices.as_of.isoformat(),
        },
        "whole": _total_data(made.whole),
        "parts": {name: _total_data(part) for name, part in made.parts.items()},
        "lines": [_line_data(line) for line in made.lines],
        "no_price": made.unpriced,
    }


def _total_data(total: Total) -> dict[str, Any]:
    return {
        "objects": total.objects,
        "bytes": total.bytes,
        "cost": _exact(total.cost),
        "bytes_without_price": total.unpriced,
    }


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "family": line.family,
        "storage_class": line.storage_class,
        "objects": line.objects,
        "bytes": line.bytes,
        "cost": _exact(line.cost),
    }


def _exact(amount: Decimal | None) -> str | None:
    """A text, since a number of JSON is a binary fraction to most readers."""
    return None if amount is None else str(amount.quantize(_EXACT, ROUND_HALF_UP))
