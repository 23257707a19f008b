"""How many examples a property is tried with: some by default, all of them where time does not matter (`.ci/run`)."""

from __future__ import annotations

import os

THOROUGH = bool(os.environ.get("AUDITOR_THOROUGH"))
_FEWEST = 8


def examples(most: int) -> int:
    return most if THOROUGH else max(_FEWEST, most // 4)
