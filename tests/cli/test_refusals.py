"""Bad input: one clear sentence that says what to do next, exit 2, no traceback, nothing half-written."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from tests.scanning import auditor, with_credentials
from tests.servers import faults
from tests.servers.stub_s3 import StubS3


@pytest.fixture
def bucket(tmp_path: Path) -> str:
    (tmp_path / "bucket").mkdir()
    return f"file://{tmp_path / 'bucket'}"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with_credentials(monkeypatch)


@pytest.fixture
def stub() -> Iterator[StubS3]:
    with StubS3({"a": b"1"}) as server:
        yield server


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    sentence = " ".join(result.stderr.split()).lower()
    for word in words:
        assert word.lower() in sentence


def nothing_left(folder: Path) -> None:
    left = {path.name for path in folder.iterdir()} - {"bucket", "rows.db", "spec.md", "bindings.toml", "file"}
    assert left == set()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], ["names no bucket", "s3://name"]),
        (["s3://bucket--usw2-az1--x-s3"], ["lists unsorted"]),
        (["file:///no/such/folder"], ["/no/such/folder"]),
        ([], ["missing argument"]),
    ],
)
def test_a_bucket_that_is_none(tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    refused(auditor("scan", *arguments, "--out", str(tmp_path / "run")), *words)
    nothing_left(tmp_path)


@pytest.mark.parametrize(
    ("db", "words"),
    [
        ("sqlite:////no/such/file.db", ["/no/such/file.db"]),
        ("sqlite:///{folder}/file", ["not a sqlite"]),
        ("sqlite:///{folder}/rows.db", ["s3_files"]),
        ("oracle://somewhere", ["oracle", "backup", "sqlite:///"]),
        ("backup", ["backup"]),
    ],
)
def test_a_database_that_is_none(tmp_path: Path, bucket: str, db: str, words: list[str]) -> None:
    (tmp_path / "file").write_bytes(b"no database, but long enough to be read as one" * 100)
    with closing(sqlite3.connect(tmp_path / "rows.db")) as connection:
        connection.execute("CREATE TABLE files (key TEXT)")
    refused(auditor("scan", bucket, "--db", db.format(folder=tmp_path), "--out", str(tmp_path / "run")), *words)
    nothing_left(tmp_path)


def test_a_database_without_the_expected_column(tmp_path: Path, bucket: str) -> None:
    with closing(sqlite3.connect(tmp_path / "rows.db")) as connection:
        connection.execute("CREATE TABLE s3_files (key TEXT, uid TEXT)")
    refused(
        auditor("scan", bucket, "--db", f"sqlite:///{tmp_path}/rows.db", "--out", str(tmp_path / "run")), "file_size"
    )


def test_a_password_in_a_database_url_is_not_repeated(tmp_path: Path, bucket: str) -> None:
    result = auditor("scan", bucket, "--db", "postgresql://me:hunter2@host/db", "--out", str(tmp_path / "run"))
    refused(result, "postgresql")
    assert "hunter2" not in result.output


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.denied, ["access denied", "s3:listbucket"]),
        (faults.expired, ["expired", "sign in again"]),
        (faults.some_other_page, ["bucket", "speaks s3"]),
    ],
)
def test_a_bucket_that_cannot_be_listed(tmp_path: Path, stub: StubS3, fault: faults.Fault, words: list[str]) -> None:
    stub.fail_after(0, fault)
    arguments = ["--endpoint-url", stub.url, "--db", "none", "--out", str(tmp_path / "run")]
    refused(auditor("scan", "s3://bucket", *arguments), *words)
    nothing_left(tmp_path)


def test_an_endpoint_that_is_down(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        result = auditor("scan", "s3://bucket", "--endpoint-url", endpoint, "--out", str(tmp_path / "run"))
    refused(result, "could not be reached", "--endpoint-url")


def test_no_credentials(tmp_path: Path, stub: StubS3, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    refused(auditor("scan", "s3://bucket", "--endpoint-url", stub.url), "no AWS credentials", "--profile")


@pytest.mark.parametrize("there", ["folder", "file", "link"])
def test_an_output_folder_that_exists(tmp_path: Path, bucket: str, there: str) -> None:
    out = tmp_path / "file"
    {"folder": out.mkdir, "file": out.touch, "link": lambda: out.symlink_to("nowhere")}[there]()
    refused(auditor("scan", bucket, "--db", "none", "--out", str(out)), "exists already", "--out")


def test_an_output_folder_that_cannot_be_written(tmp_path: Path, bucket: str) -> None:
    (tmp_path / "file").touch()
    refused(auditor("scan", bucket, "--db", "none", "--out", str(tmp_path / "file" / "run")), "cannot be written")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"# a document without a list\n", ["template"]),
        (b"- `a/{b`: broken\n", ["spec.md:1:6", "{"]),
        (b"- `a/b}`: broken\n", ["spec.md:1:7", "}"]),
        (b"\xff\xfe", ["spec.md:1:1", "utf-8"]),
        (b"", ["template"]),
    ],
)
def test_a_document_that_is_none(tmp_path: Path, bucket: str, text: bytes, words: list[str]) -> None:
    (tmp_path / "spec.md").write_bytes(text)
    refused(auditor("scan", bucket, "--spec", str(tmp_path / "spec.md"), "--out", str(tmp_path / "run")), *words)
    refused(auditor("spec", "show", "--spec", str(tmp_path / "spec.md")), *words)
    nothing_left(tmp_path)


def test_every_fault_is_shown_at_once(tmp_path: Path) -> None:
    (tmp_path / "spec.md").write_text("- `a/{b`: one\n- `c/}`: two\n- `d/{}`: three\n")
    result = auditor("spec", "show", "--spec", str(tmp_path / "spec.md"))
    refused(result, "spec.md:1:6", "spec.md:2:6", "spec.md:3:7", "3 fault(s)", "^")


def test_a_document_that_does_not_exist() -> None:
    refused(auditor("spec", "show", "--spec", "/no/such/spec.md"), "/no/such/spec.md cannot be read")


def test_named_bindings_must_fit_the_document(tmp_path: Path) -> None:
    (tmp_path / "spec.md").write_text("- `a/{b}`: one\n")
    (tmp_path / "bindings.toml").write_text('[templates."a/{c}"]\nrows = "none"\n')
    arguments = ["--spec", str(tmp_path / "spec.md"), "--bindings", str(tmp_path / "bindings.toml")]
    refused(auditor("spec", "show", *arguments), "bindings.toml:1:", "a/{c}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--select", "NOPE"], ["no rule", "NOPE"]),
        (["--min-age", "soon"], ["not a duration", "24h"]),
        (["--fail-on", "whim"], ["--fail-on"]),
        (["--format", "pdf"], ["no report format 'pdf'", "html"]),
        (["--workers", "0"], ["--workers"]),
    ],
)
def test_options_that_mean_nothing(tmp_path: Path, bucket: str, arguments: list[str], words: list[str]) -> None:
    refused(auditor("scan", bucket, "--db", "none", "--out", str(tmp_path / "run"), *arguments), *words)
    nothing_left(tmp_path)


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    refused(auditor("report", str(tmp_path)), "not the folder of a run")
    refused(auditor("report", str(tmp_path / "nowhere")), "not the folder of a run")
    (tmp_path / "summary.json").write_text("[]")
    refused(auditor("report", str(tmp_path)), "version")
