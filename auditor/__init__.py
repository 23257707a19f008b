"""fsck for a bucket: the engine and the command line. Knows no single rule and no single report.

`auditor.open_run(path)` gives a finished run as pandas frames; see `auditor.runs.frames`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
_LAZY = {"open_run": "auditor.runs.frames"}  # by name, so that whoever wants the version alone imports no pandas


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
