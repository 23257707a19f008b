"""A stub S3, nobody's credentials, and a folder for temporary files in which no test may leave any."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scan.running import shipped
from tests.scanning import with_credentials
from tests.servers.quick import without_pauses
from tests.servers.stub_s3 import StubS3


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped specification is compiled once for all of them, which is most of what a short trace costs."""
    with_credentials(monkeypatch)
    without_pauses(monkeypatch)
    monkeypatch.setattr(sys.modules["auditor.cli.trace"], "load_specification", lambda *_: shipped())


@pytest.fixture(scope="package")
def _lasting() -> Iterator[StubS3]:
    with StubS3() as server:
        yield server


@pytest.fixture
def stub(_lasting: StubS3) -> StubS3:
    _lasting.reset()
    return _lasting


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where private copies go; the test is red when one is left there."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
