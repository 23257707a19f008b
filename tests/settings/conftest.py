"""Settings of a test are its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.settings.working import Working


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Working:
    return Working(tmp_path, monkeypatch)
