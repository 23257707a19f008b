from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import CannotStart
from auditor.findings import Finding, Severity, Status, fingerprint
from auditor.findings_csv import COLUMNS, PIECE, escape, read_findings, unescape, write_findings
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.patience import unhurried
from tests.reports.sample import finding, hostile_findings, ordinary_findings

every_character = st.characters(exclude_categories=["Cs"])
nasty_character = st.sampled_from("=+-@'\t\r\n\",\x00\x1b\x85\u2028\ufeff \\")
texts = st.text(every_character | nasty_character, max_size=80)
keys = (texts | st.sampled_from(HOSTILE_KEYS)).filter(lambda key: 1 <= len(key.encode()) <= 1024)
findings = st.builds(
    Finding,
    rule=texts,
    name=texts,
    severity=st.sampled_from(Severity),
    status=st.sampled_from(Status),
    bucket=texts,
    key=keys,
    family=st.none() | texts.filter(bool),
    size=st.none() | st.integers(-1, 2**62),
    last_modified=st.none() | st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    row_uid=st.none() | texts.filter(bool),
    message=texts,
    suggestion=texts,
    fingerprint=keys.map(lambda key: fingerprint("KEY001", "b", key, None)),
)


def written(path: Path, items: list[Finding]) -> Path:
    path.write_text("".join(write_findings(items)), encoding="utf-8", newline="")
    return path


@unhurried
@given(items=st.lists(findings, max_size=4))
def test_every_finding_comes_back_exactly(items: list[Finding], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.mktemp("csv") / "findings.csv", items)
    assert list(read_findings(path, expected=len(items))) == items


@unhurried
@given(texts)
def test_no_cell_begins_like_a_formula_and_the_escape_can_be_undone(cell: str) -> None:
    escaped = escape(cell)
    assert not escaped.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescape(escaped) == cell


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "'", "\ta", "\ra"])
def test_each_of_the_seven_beginnings_gets_one_quote(cell: str) -> None:
    assert escape(cell) == f"'{cell}"
    assert escape(f"a{cell}") == f"a{cell}"


def test_any_csv_reader_gets_the_contract(tmp_path: Path) -> None:
    items = hostile_findings()
    with written(tmp_path / "findings.csv", items).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["key"] for row in rows] == [escape(item.key) for item in items]
    assert all(len(row) == len(COLUMNS) for row in rows)
    assert {row["last_modified"][-1] for row in rows} == {"Z"}


def test_records_end_in_a_lone_newline() -> None:
    text = "".join(write_findings(ordinary_findings()))
    assert "\r" not in text
    assert text.endswith("\n")


def test_pieces_are_small_however_many_findings_there_are() -> None:
    pieces = list(write_findings(finding("REF001", f"key/{place}") for place in range(3 * PIECE)))
    assert len(pieces) >= 3
    assert max(piece.count("\n") for piece in pieces) <= PIECE


def test_reading_is_as_lazy_as_writing(tmp_path: Path) -> None:
    path = written(tmp_path / "findings.csv", ordinary_findings())
    with path.open("a", encoding="utf-8") as file:
        file.write("broken\n")
    stream = read_findings(path)
    assert next(stream) == ordinary_findings()[0]
    with pytest.raises(CannotStart, match="not a whole record"):
        list(stream)


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    items = [finding("KEY001", "a\rb\nc", message='"', suggestion=""), finding("REF002", "é", size=None)]
    whole = "".join(write_findings(items)).encode()
    path = tmp_path / "findings.csv"
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(CannotStart, match="whole run folder"):
            list(read_findings(path, expected=len(items)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"key,size\na,1\n",
        b"\xff\xfe not text",
        b"PK\x03\x04",
        ",".join(COLUMNS).encode() + b"\nonly,three,cells\n",
        ",".join(COLUMNS).encode() + b'\n"never closed',
    ],
)
def test_a_foreign_file_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "findings.csv"
    path.write_bytes(content)
    with pytest.raises(CannotStart) as caught:
        list(read_findings(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("column", ["severity", "status", "size", "last_modified", "fingerprint"])
def test_a_cell_that_cannot_be_is_refused(column: str, tmp_path: Path) -> None:
    record = next(csv.reader("".join(write_findings(ordinary_findings()[:1])).splitlines()[1:]))
    record[COLUMNS.index(column)] = "nonsense"
    path = tmp_path / "findings.csv"
    path.write_text(f"{','.join(COLUMNS)}\n{','.join(record)}\n")
    with pytest.raises(CannotStart, match=r"findings\.csv:2"):
        list(read_findings(path))


def test_quotes_that_no_writer_makes_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "findings.csv", ordinary_findings()[:1])
    path.write_text(path.read_text().replace("unknown-prefix", '"unknown"-prefix'))
    with pytest.raises(CannotStart, match="not a whole record"):
        list(read_findings(path))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be read"):
        list(read_findings(tmp_path / "findings.csv"))
