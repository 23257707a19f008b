"""`auditor objects`, asked as a user asks it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditor.findings_csv import unescape
from auditor.runs.asking.question import RECORD
from auditor.text import printable
from tests.asking.folders import Thing, run_folder
from tests.reports.hostile import HOSTILE_KEYS
from tests.scanning import auditor

THINGS = (
    Thing("a/1.png", 5_000_000, days=400, name="orphan"),
    Thing("a/2.png", 900, days=3, row_uid="oseh_s3f_1"),
    Thing("b/c/3.mp4", 7_210_144, days=31, family="videos/mp4", storage_class="GLACIER"),
    Thing("b/d/4.mp4", 1_048_576, days=30.5, family="videos/mp4"),
    Thing("top", 7, days=0.1, family=None, name="unknown"),
)


@pytest.fixture
def run(tmp_path: Path) -> str:
    return str(run_folder(tmp_path / "run", THINGS))


def test_the_largest(run: str) -> None:
    result = auditor("objects", run, "--sort", "-size", "--limit", "2")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "     SIZE  MODIFIED          CLASS      FAMILY                    KEY\n"
        "   7.2 MB  2026-02-11 03:30  ok         videos/mp4                b/c/3.mp4\n"
        "   5.0 MB  2025-02-07 03:30  orphan     images/exports            a/1.png\n",
        "and 3 more: raise --limit, or narrow the question\n",
    )


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        ((), ["a/1.png", "a/2.png", "b/c/3.mp4", "b/d/4.mp4", "top"]),
        (("--family", "videos/mp4"), ["b/c/3.mp4", "b/d/4.mp4"]),
        (("--family", "-", "--family", "images/exports"), ["a/1.png", "a/2.png", "top"]),
        (("--class", "orphan", "--class", "unknown"), ["a/1.png", "top"]),
        (("--prefix", "b/"), ["b/c/3.mp4", "b/d/4.mp4"]),
        (("--glob", "*.png", "--glob", "t?p"), ["a/1.png", "a/2.png", "top"]),
        (("--older-than", "31d"), ["a/1.png"]),
        (("--older-than", "2026-02-11T10:00"), ["a/1.png", "b/c/3.mp4"]),
        (("--newer-than", "2026-02-11T05:30:00+02:00"), ["a/2.png", "b/d/4.mp4", "top"]),
        (("--larger-than", "1MiB"), ["a/1.png", "b/c/3.mp4"]),
        (("--larger-than", "1MB", "--smaller-than", "5000001"), ["a/1.png", "b/d/4.mp4"]),
        (("--storage-class", "GLACIER"), ["b/c/3.mp4"]),
        (("--sort", "age"), ["top", "a/2.png", "b/d/4.mp4", "b/c/3.mp4", "a/1.png"]),
        (("--sort", "-key", "--limit", "1"), ["top"]),
        (("--sort", "-key", "--limit", f"{10**30}", "--family", "videos/mp4"), ["b/d/4.mp4", "b/c/3.mp4"]),
    ],
)
def test_what_is_asked_for_is_told(run: str, arguments: tuple[str, ...], keys: list[str]) -> None:
    result = auditor("objects", run, *arguments, "--format", "jsonl")
    assert (result.exit_code, [json.loads(line)["key"] for line in result.stdout.splitlines()]) == (0, keys)


def test_json_lines_have_the_columns_of_the_record(run: str) -> None:
    (line,) = auditor("objects", run, "--prefix", "a/2", "--format", "jsonl").stdout.splitlines()
    assert json.loads(line) == {
        "key": "a/2.png",
        "size": 900,
        "last_modified": "2026-03-11T03:30:00Z",
        "etag": '"1"',
        "storage_class": "STANDARD",
        "family": "images/exports",
        "class": "ok",
        "row_uid": "oseh_s3f_1",
    }
    assert list(json.loads(line)) == RECORD.names


def test_hostile_keys_are_exact_in_every_format_but_the_table(tmp_path: Path) -> None:
    run = str(run_folder(tmp_path / "we[i]rd*? day=1", [Thing(key) for key in HOSTILE_KEYS]))
    expected = sorted(HOSTILE_KEYS, key=str.encode)
    rows = list(csv.reader(io.StringIO(auditor("objects", run, "--format", "csv").stdout_bytes.decode(), newline="")))
    assert [unescape(row[0]) for row in rows[1:]] == expected
    assert not any(row[0].startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows)
    lines = auditor("objects", run, "--format", "jsonl").stdout
    assert [json.loads(line)["key"] for line in lines.split("\n")[:-1]] == expected
    held = pq.read_table(pa.BufferReader(auditor("objects", run, "--format", "parquet").stdout_bytes))
    assert held["key"].to_pylist() == expected
    assert held.schema.equals(RECORD)
    table = auditor("objects", run).stdout
    assert [line.rpartition("images/exports            ")[2] for line in table.split("\n")[1:-1]] == [
        printable(key).rstrip(" ") for key in expected
    ]


def test_sums_by_family(run: str) -> None:
    result = auditor("objects", run, "--sum", "family")
    assert result.stdout == (
        "     OBJECTS       SIZE    SHARE  FAMILY\n"
        "           2     8.3 MB   62.3 %  videos/mp4\n"
        "           2     5.0 MB   37.7 %  images/exports\n"
        "           1        7 B   <0.1 %  -\n"
        "           5    13.3 MB    100 %  in all\n"
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("prefix",), "prefix,objects,bytes,share\nb/,2,8258720,0.622847\na/,2,5000900,0.377152\n,1,7,1e-06\n"),
        (
            ("prefix", "--depth", "2", "--sort", "key", "--limit", "2"),
            "prefix,objects,bytes,share\n,1,7,1e-06\na/,2,5000900,0.377152\n",
        ),
        (("class", "--sort", "count", "--limit", "1"), "class,objects,bytes,share\norphan,1,5000000,0.377085\n"),
        (
            ("month",),
            "month,objects,bytes,share\n2025-02,1,5000000,0.377085\n2026-02,2,8258720,0.622847\n"
            "2026-03,2,907,6.8e-05\n",
        ),
        (("storage-class", "--prefix", "b"), "storage_class,objects,bytes,share\nGLACIER,1,7210144,0.543767\n"
         "STANDARD,1,1048576,0.07908\n"),
    ],
)  # fmt: skip
def test_sums_as_csv(run: str, arguments: tuple[str, ...], expected: str) -> None:
    assert auditor("objects", run, "--format", "csv", "--sum", *arguments).stdout == expected


def test_the_newest_complete_run_of_a_folder_is_asked(tmp_path: Path) -> None:
    days = {"a": "2026-03-13", "b": "2026-03-15", "c": "2026-03-14"}
    for name, day in days.items():
        run_folder(tmp_path / name, [Thing(name)], started_at=f"{day}T03:30:00Z", complete=name != "b")
    run_folder(tmp_path / ".d.partial", [Thing("d")], started_at="2026-03-16T03:30:00Z")
    (tmp_path / "contents.sqlite").touch()
    result = auditor("objects", str(tmp_path), "--format", "jsonl")
    assert json.loads(result.stdout)["key"] == "c"
    assert result.stderr == f"asking {tmp_path / 'c'}, the newest complete run there\n"


def test_an_incomplete_run_is_told_from_a_whole_one(tmp_path: Path) -> None:
    run = run_folder(tmp_path / "run", THINGS, complete=False)
    assert auditor("objects", str(run)).stderr == "the run is incomplete: what could not be read is missing here\n"
    refused = auditor("objects", str(tmp_path))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "no run in" in refused.stderr


def test_a_file_gets_its_name_when_it_is_whole(run: str, tmp_path: Path) -> None:
    for form in ("table", "csv", "jsonl", "parquet"):
        out = tmp_path / f"answer.{form}"
        result = auditor("objects", run, "--format", form, "--out", str(out))
        assert (result.exit_code, result.stdout) == (0, "")
        assert out.exists()
        again = auditor("objects", run, "--format", form, "--out", str(out))
        assert again.exit_code == 2
        assert "exists already" in again.stderr
    assert pq.read_table(tmp_path / "answer.parquet").num_rows == len(THINGS)
    assert (tmp_path / "answer.jsonl").read_text("utf-8") == auditor("objects", run, "--format", "jsonl").stdout
    assert not list(tmp_path.glob(".*.partial"))


def test_an_answer_of_nothing_has_its_columns(run: str) -> None:
    nothing = ("objects", run, "--prefix", "zzz", "--format")
    assert auditor(*nothing, "csv").stdout == ",".join(RECORD.names) + "\n"
    assert auditor(*nothing, "jsonl").stdout == ""
    assert pq.read_table(pa.BufferReader(auditor(*nothing, "parquet").stdout_bytes)).schema.equals(RECORD)


def test_parquet_is_nothing_for_a_terminal(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.cli.asking.output._is_terminal", lambda: True)
    result = auditor("objects", run, "--format", "parquet")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "auditor: Parquet is nothing for a terminal: name a file with --out, or write to a pipe\n"


def test_a_terminal_obeys_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = str(run_folder(tmp_path / "run", [Thing(key) for key in HOSTILE_KEYS]))
    monkeypatch.setattr("auditor.cli.asking.output._is_terminal", lambda: True)
    for command in (("objects", run, "--format"), ("tree", run, "--limit", "99", "--format")):
        for form in ("table", "csv", "jsonl") if command[0] == "objects" else ("text", "json"):
            shown = auditor(*command, form).stdout
            assert all(character == "\n" or printable(character) in (character, "\\\\") for character in shown)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--family", "video/mp4"), "the run knows no family 'video/mp4': the nearest is 'videos/mp4'"),
        (("--larger-than", "5 apples"), "'5 apples' is not a size"),
        (("--older-than", "soon"), "'soon' is neither a duration such as 30d nor a date"),
        (("--older-than", "999999999d"), "a duration goes back beyond the year 1"),
        (("--sum", "family", "--sort", "age"), "--sort age is not for sums"),
        (("--sort", "count"), "--sort count is not for rows"),
        (("--class", "orphans"), "Invalid value for '--class'"),
        (("--out", "/nonexistent/answer"), "/nonexistent/answer cannot be written"),
    ],
)
def test_questions_that_cannot_be_asked(run: str, arguments: tuple[str, ...], said: str) -> None:
    result = auditor("objects", run, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize("damage", ["cut", "garbage", "gone"])
def test_a_damaged_record_is_a_sentence(run: str, damage: str) -> None:
    path = Path(run) / "objects.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"PAR1" + bytes(100) + b"PAR1")
    if damage == "gone":
        path.unlink()
    for command in (("objects", run), ("objects", run, "--sum", "class"), ("tree", run), ("cost", run)):
        result = auditor(*command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("auditor: a file of the run cannot be read (")
        assert result.stderr.endswith("): is the folder whole?\n")


def test_nothing_is_left_behind(run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    for command in (("objects", run, "--sort", "size"), ("findings", run), ("tree", run), ("cost", run)):
        assert auditor(*command).exit_code == 0
    assert list((tmp_path / "tmp").iterdir()) == []
