"""A scene for each test, behind a server that writes every request down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cleanup.scene import Scene
from tests.scanning import with_credentials
from tests.servers.quick import with_one_session, without_pauses
from tests.servers.stub_s3 import StubS3


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with_credentials(monkeypatch)
    without_pauses(monkeypatch)
    with_one_session(monkeypatch)
    monkeypatch.chdir(tmp_path)
    with StubS3() as server:
        yield Scene(tmp_path, server)
