"""`kill -9` at any moment: whole runs stay whole, half ones are marked, and the next night is right."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.runs.folder import open_run
from tests.runs.killing import Nights, bucket

OBJECTS = 40
FILES = ("objects.parquet", "summary.json")  # in the order in which they are written


@pytest.fixture
def nights(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Nights]:
    with bucket(OBJECTS) as server:
        yield Nights(server, tmp_path, request.param)


def told(folder: Path) -> tuple[Any, ...]:
    """What must not depend on the nights before."""
    run = open_run(folder)
    findings = [(found.fingerprint, found.message) for found in run.findings()]
    return run.summary["classes"], run.summary["row_classes"], run.summary["complete"], findings


def right(nights: Nights, first: Path) -> None:
    """The next night finds what the first found, says what it cleaned up, and leaves nothing else."""
    assert nights.whole() == 1, nights.log.read_text(encoding="utf-8")
    nights.check()
    nights.check_clean()
    assert told(nights.runs / nights.names[-1]) == told(first)


@pytest.mark.parametrize(
    "nights", [("--no-content", "--format", "csv", "--select", "REF00", "--pending", "none")], indirect=True
)
def test_some_moments_to_be_killed_at(nights: Nights) -> None:
    assert nights.whole() == 1, nights.log.read_text(encoding="utf-8")
    first, requests = nights.runs / nights.names[0], len(nights.server.requests)
    for part in range(1, 4):
        nights.killed_at_request(max(1, requests * part // 3))
        nights.check()
        assert not nights.published(), "it was killed while it waited for an answer"
    for name in FILES:
        nights.killed_when(nights.has_file(name))
        nights.check()
    nights.killed_when(nights.published)
    nights.check()
    right(nights, first)
    said = nights.log.read_text(encoding="utf-8")
    assert said.count("was killed (process ") >= 5
    assert "removed the half-written run .night-" in said
    assert "private files that were left when their process was killed" in said


@pytest.mark.slow
@pytest.mark.parametrize("nights", [("--content", "full")], indirect=True)
def test_any_moment_to_be_killed_at(nights: Nights) -> None:
    assert nights.whole() == 1
    first, requests = nights.runs / nights.names[0], len(nights.server.requests)
    chance = random.Random(6)
    for number in range(60):
        if number % 2:
            nights.killed_at_request(chance.randint(1, requests))
        else:
            last, pause = requests, chance.uniform(0, 1.5)
            nights.killed_when(lambda last=last, pause=pause: after_request(nights, last, pause))  # type: ignore[misc]
        nights.check()
        if number % 10 == 9:
            right(nights, first)


def after_request(nights: Nights, number: int, pause: float) -> bool:
    """So long after that request, when the reports are written and the folder gets its name."""
    if len(nights.server.requests) < number:
        return False
    time.sleep(pause)
    return True
