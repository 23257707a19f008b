"""The file of a baseline: a format that does not move, and every fault at once."""

from __future__ import annotations

import json
import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.baseline.entries import Entry, Group, Single, from_line, to_line
from auditor.baseline.file import read_entries, write_entries
from auditor.errors import CannotStart
from tests.reports.hostile import HOSTILE_KEYS

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip) | st.sampled_from(HOSTILE_KEYS)
DAYS = st.dates(date(1, 1, 1))
SINGLES = st.builds(
    Single,
    TEXTS,
    TEXTS | st.just(""),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    TEXTS,
    DAYS,
    st.none() | DAYS,
)
GROUPS = st.builds(Group, TEXTS, TEXTS, st.integers(1, 10**9), TEXTS, DAYS, st.none() | DAYS)
GOOD = {"rule": "KEY001", "key": "a", "fingerprint": "0" * 64, "reason": "CI", "added": "2026-11-29"}


@settings(max_examples=40)
@given(SINGLES | GROUPS)
def test_every_entry_is_one_line_of_plain_text_and_comes_back(entry: Entry) -> None:
    line = to_line(entry)
    assert line.isascii()
    assert line.count("\n") == 1
    assert line[:-1].isprintable()
    assert from_line(line.encode()) == entry


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": " "}, "'reason' is empty"),
        ({"reason": 1}, "'reason' is not text"),
        ({"added": "29.11.2026"}, "'added' is not a day such as 2026-11-29"),
        ({"added": "2026-02-30"}, "'added' is not a day such as 2026-11-29"),
        ({"expires": None}, "'expires' is not text"),
        ({"fingerprint": "0" * 63}, "'fingerprint' is not 64 hexadecimal digits in lower case"),
        ({"key": "\ud800"}, "can't encode"),
        ({"expire": "2026-11-29"}, "'expire' is no field of a finding"),
        ({"glob": "*"}, "'at_most' is missing"),
        ({"at_most": 3}, "'glob' is missing"),
        ({"glob": "*", "at_most": 3}, "'key' is no field of a group"),
    ],
)
def test_what_is_wrong_with_an_entry(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        from_line(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize("count", [0, -1, True, 1.5, "3", None])
def test_a_group_allows_a_whole_number(count: object) -> None:
    group = {"rule": "KEY001", "glob": "*", "at_most": count, "reason": "CI", "added": "2026-11-29"}
    with pytest.raises(ValueError, match="not a whole number"):
        from_line(json.dumps(group).encode())


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    good = json.dumps(GOOD).encode()
    group = b'{"rule": "K", "glob": "*", "at_most": 1, "reason": "r", "added": "2026-11-29"}'
    lines = [good, b"", b"{", b"[]", b"\xff", good, group, group, b'{"rule": 1, "rule": 2}', b"[" * 100_000]
    path = tmp_path / "b\x1b.jsonl"
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(CannotStart) as caught:
        list(read_entries(path))
    shown = f"{tmp_path}/b\x1b.jsonl"
    assert str(caught.value) == f"the baseline {shown} cannot be used: repair 7 lines"
    assert caught.value.__notes__ == [
        f"{shown}:3: it is not JSON (Expecting property name enclosed in double quotes at column 2)",
        f"{shown}:4: it is not a JSON object",
        f"{shown}:5: it is not text in UTF-8",
        f"{shown}:6: the same fingerprint is there twice",
        f"{shown}:8: the same glob of the same rule is there twice",
        f"{shown}:9: a field is there twice",
        f"{shown}:10: it is not one JSON object without others in it",
    ]


def test_of_many_faults_the_first_are_told(tmp_path: Path) -> None:
    path = tmp_path / "baseline.jsonl"
    path.write_text("{\n" * 30)
    with pytest.raises(CannotStart) as caught:
        list(read_entries(path))
    assert (len(caught.value.__notes__), caught.value.__notes__[-1]) == (21, "and 10 more")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="auditor baseline create"):
        list(read_entries(tmp_path / "none"))


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "baseline.jsonl"
    entry = from_line(json.dumps(GOOD).encode())
    write_entries([entry], path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    before = path.read_bytes()

    def broken() -> object:
        yield entry
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_entries(broken(), path)  # type: ignore[arg-type]
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    write_entries([entry], path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
