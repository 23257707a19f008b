"""The reader of a pipe may go at any time."""

from __future__ import annotations

import sys

import pytest

from auditor.cli.failures import EXIT_PIPE_CLOSED, AuditorGroup


def test_it_is_not_taken_for_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    group = AuditorGroup()
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # it is put back afterwards

    @group.command()
    def tell() -> None:
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(SystemExit) as ended:
        group.main(["tell"])
    assert ended.value.code == EXIT_PIPE_CLOSED
