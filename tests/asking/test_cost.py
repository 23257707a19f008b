"""`auditor cost`: what S3 would charge, computed by hand, and price tables that cannot be understood."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.runs.money.cost import REPLACED
from auditor.runs.money.prices import GB, STANDARD, Prices, load_prices
from auditor.scan.references import chain
from tests.asking.folders import Thing, run_folder
from tests.reports.sample import finding
from tests.scanning import auditor

TIB = 2**40
THINGS = (
    Thing("a", TIB, family="courses"),
    Thing("b", TIB // 4, family="courses", name="orphan"),
    Thing("c", 10, family=None, name="unknown", storage_class="STANDARD_IA"),
    Thing("d", 2**30, family="backup/database", storage_class="GLACIER"),
    Thing("e", TIB, family="courses", name="gone"),
    Thing("f", 5 * 2**30, family="courses", storage_class="NEBULA"),
    Thing("g", 2**30, family="courses", storage_class=None),
)
UNREFERENCED = replace(finding("REF001", "a"), rule="REF004")
SUPERSEDED = replace(UNREFERENCED, key="g", message=f"course_exports x: a newer row of it {REPLACED}.")
KEPT = replace(finding("REF001", "", family="backup/database", size=None), rule="BAK006")


@pytest.fixture
def run(tmp_path: Path) -> str:
    return str(run_folder(tmp_path / "run", THINGS, [UNREFERENCED, SUPERSEDED, KEPT]))


def test_a_bill_is_what_one_computes_by_hand(run: str) -> None:
    result = auditor("cost", run, "--format", "json")
    told = json.loads(result.stdout)
    # a small object of STANDARD_IA is paid as 128 KiB; one in GLACIER has 32 KiB more there and 8 KiB in STANDARD
    small = Decimal("0.0125") * 131_072 / GB
    cold = Decimal("0.0036") * (GB + 32_768) / GB + Decimal("0.023") * 8_192 / GB
    whole = Decimal("0.023") * (1024 + 256 + 1) + small + cold
    assert told["whole"] == {
        "objects": 6,
        "bytes": TIB + TIB // 4 + 10 + 7 * 2**30,
        "cost": f"{whole:.6f}",
        "bytes_without_price": 5 * 2**30,
    }
    costs = {name: (part["objects"], part["cost"]) for name, part in told["parts"].items()}
    assert costs == {
        "orphaned": (1, "5.888000"),
        "unknown": (1, f"{small:.6f}"),
        "unreferenced": (2, "23.575000"),
        "superseded": (1, "0.023000"),
        "unbounded-backups": (1, f"{cold:.6f}"),
    }
    assert told["no_price"] == {"NEBULA": 5 * 2**30}
    assert told["lines"][-1] == {
        "family": "courses", "storage_class": "NEBULA", "objects": 1, "bytes": 5 * 2**30, "cost": None
    }  # fmt: skip


def test_the_text(run: str) -> None:
    result = auditor("cost", run)
    assert result.stderr == "NEBULA: no price for 5.4 GB; add it to the table of --prices\n"
    assert result.stdout == (
        "A month of storage in USD, by the shipped price table (us-west-2, 2025-01-01).\n\n"
        "        COST       SIZE      OBJECTS  WHAT\n"
        "       29.47     1.4 TB            6  all (and 5.4 GB with no price)\n"
        "        5.89   274.9 GB            1  orphaned: objects of the class orphan\n"
        "       <0.01       10 B            1  unknown: objects of the class unknown\n"
        "       23.58     1.1 TB            2  unreferenced: objects of REF004\n"
        "        0.02     1.1 GB            1  superseded: those of REF004 whose place a newer row has taken\n"
        "       <0.01     1.1 GB            1  unbounded-backups: families of BAK006: kept too long, or nothing says "
        "how long\n\n"
        "        COST       SIZE      OBJECTS  STORAGE CLASS         FAMILY\n"
        "       29.46     1.4 TB            3  STANDARD              courses\n"
        "       <0.01     1.1 GB            1  GLACIER               backup/database\n"
        "       <0.01       10 B            1  STANDARD_IA           -\n"
        "    no price     5.4 GB            1  NEBULA                courses\n"
    )


def test_a_table_of_ones_own(run: str, tmp_path: Path) -> None:
    table = tmp_path / "mine.toml"
    table.write_text(
        'currency = "EUR"\nregion = "cellar"\nas_of = 2026-02-01\n[storage.NEBULA]\ngb_month = 2\n', "utf-8"
    )
    told = json.loads(auditor("cost", run, "--prices", str(table), "--format", "json").stdout)
    assert told["prices"] == {"name": str(table), "currency": "EUR", "region": "cellar", "as_of": "2026-02-01"}
    assert told["whole"]["cost"] == "10.000000"
    assert set(told["no_price"]) == {"GLACIER", "STANDARD", "STANDARD_IA"}


HEAD = 'currency = "USD"\nregion = "x"\nas_of = 2026-01-01\n'


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("currency = = 1\n", ["1:12: not TOML"]),
        ("", ["1:1: `currency` is", "1:1: `region` is", "1:1: `as_of` is", "1:1: there are no prices"]),
        (HEAD + "[storage.STANDARD]\ngb_month = '0.02'\n", ["5:13: `gb_month` is no price"]),
        (HEAD + "[storage.STANDARD]\ngb_month = -1\n", ["5:12: `gb_month` is no price"]),
        (HEAD + "[storage.STANDARD]\ngb_month = nan\n", ["5:12: `gb_month` is no price"]),
        (HEAD + "[storage.STANDARD]\ngb_month = true\n", ["5:12: `gb_month` is no price"]),
        (HEAD + "[storage.X]\nminimum_size = 1.5\n", ["4:10: `X` has no price", "5:16: `minimum_size` is no size"]),
        (HEAD + "[storage.X]\ngb_month = 1\nmax = 2\n", ["6:1: `max` is not known"]),
        (HEAD + "prizes = 1\n[storage]\nX = 1\n", ["4:1: `prizes` is not known", "6:1: `X` is no table"]),
        (
            HEAD + "[storage.X]\ngb_month = 1\noverhead_standard = 2\n",
            ["6:1: `overhead_standard` has no price"],
        ),
    ],
)
def test_faults_have_their_places(run: str, tmp_path: Path, text: str, places: list[str]) -> None:
    table = tmp_path / "prices.toml"
    table.write_text(text, "utf-8")
    result = auditor("cost", run, "--prices", str(table))
    assert (result.exit_code, result.stdout) == (2, "")
    said = [line for line in result.stderr.splitlines() if line.startswith(str(table))]
    assert len(said) == len(places)
    assert all(line.startswith(f"{table}:{place}") for line, place in zip(sorted(said), sorted(places), strict=True))


def test_a_table_that_is_not_there(run: str) -> None:
    result = auditor("cost", run, "--prices", "/nonexistent.toml")
    assert (result.exit_code, "/nonexistent.toml cannot be read" in result.stderr) == (2, True)


def test_the_shipped_prices_are_exact_decimals() -> None:
    prices: Prices = load_prices()
    assert prices.storage["DEEP_ARCHIVE"].gb_month == Decimal("0.00099")
    assert prices.cost(STANDARD, 1, 3 * GB) == Decimal("0.069")
    assert prices.cost("NEBULA", 1, 1) is None


def test_what_is_superseded_is_said_in_these_words() -> None:
    assert REPLACED in Path(chain.__file__).read_text("utf-8")
