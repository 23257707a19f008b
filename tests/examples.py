"""How many examples a property is tried with: some by default, all of them where time does not matter (`.ci/run`)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

THOROUGH = bool(os.environ.get("AUDITOR_THOROUGH"))
_FEWEST = 8


def examples(most: int) -> int:
    return most if THOROUGH else max(_FEWEST, most // 4)


def by_default(every: Iterable[str], *chosen: str) -> list[Any]:
    """Parameters of a test that is made of whole audits: the chosen ones run by default, the others are `slow`."""
    return [name if name in chosen else pytest.param(name, marks=pytest.mark.slow) for name in every]
