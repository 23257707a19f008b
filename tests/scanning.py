"""Runs the real `auditor scan` in this process, on a folder or on an S3 server, and reads what it left."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from auditor.cli import main
from auditor.findings import Finding
from auditor.runs.folder import open_run
from tests.servers.gateway import SHARED
from tests.world import holding
from tests.world.builder import BackupOptions, build
from tests.world.ledger import BUCKET
from tests.world.serve import CREDENTIALS, serve
from tests.world.world import World

Place = Literal["folder", "moto", "versitygw"]
VERSITYGW = pytest.param("versitygw", marks=pytest.mark.server)
SERVERS = ["moto", VERSITYGW]
HOLDS = {"folder": holding.file_system, "moto": holding.anything, "versitygw": holding.posix_gateway}
_numbers = itertools.count()
NOW = datetime.now(UTC)  # one clock for all worlds of this process, so that they can be shared


@cache
def world(seed: int, objects: int, place: Place = "moto", backup: BackupOptions | None = None) -> World:
    # one server holds several worlds, each in a bucket of its own
    bucket = BUCKET if place == "folder" else f"world-{seed}-{next(_numbers)}"
    return build(seed, objects, now=NOW, holds=HOLDS[place], backup=backup, bucket=bucket)


@contextmanager
def placed(made: World, place: Place, folder: Path) -> Iterator[list[str]]:
    """The arguments that name the bucket."""
    if place == "folder":
        made.write_folder(folder / made.ledger.bucket)
        yield [f"file://{folder / made.ledger.bucket}"]
    elif place == "versitygw":
        gateway = SHARED.running()
        yield [f"s3://{gateway.bucket(made)}", "--endpoint-url", gateway.url]
    else:
        with serve(made) as served:
            yield [f"s3://{served.bucket}", "--endpoint-url", served.endpoint_url]


def with_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dummy credentials, and nobody's real ones."""
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@dataclass(frozen=True)
class Scanned:
    code: int
    stdout: str
    stderr: str
    out: Path

    @property
    def summary(self) -> dict[str, Any]:
        return open_run(self.out).summary

    def findings(self) -> list[Finding]:
        return list(open_run(self.out).findings())

    def said(self) -> list[tuple[str, str, str, str]]:
        """What is about no object is about a family."""
        return sorted((f.rule, f.key or f.family or "", str(f.severity), str(f.status)) for f in self.findings())

    def classes(self) -> dict[str, str]:
        record = pq.read_table(self.out / "objects.parquet", columns=["key", "class"])
        return dict(zip(record["key"].to_pylist(), record["class"].to_pylist(), strict=True))


def auditor(*arguments: str, stdin: bytes | str | None = None) -> Result:
    """The command line with these arguments; an exception that escapes it fails the test."""
    return CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False, prog_name="auditor")


def scan(bucket: list[str], out: Path, *arguments: str) -> Scanned:
    """Everything is read whole and no page is made, unless the arguments say otherwise."""
    if "--format" not in arguments:
        arguments = ("--format", "terminal", *arguments)
    if not any(argument.startswith(("--content", "--no-content")) for argument in arguments):
        arguments = ("--content", "full", *arguments)
    result = auditor("scan", *bucket, "--settle", "0s", "--out", str(out), *arguments)
    return Scanned(result.exit_code, result.stdout, result.stderr, out)
