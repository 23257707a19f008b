"""The record of one run: what every report is made from, during the run and long after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from auditor.findings import Finding


class Run(Protocol):
    """A finished run, or one about to be written down."""

    @property
    def summary(self) -> dict[str, Any]:
        """The content of summary.json, see `reports/summary.schema.json`."""
        ...

    @property
    def objects(self) -> Path:
        """The path of objects.parquet."""
        ...

    def findings(self) -> Iterator[Finding]:
        """Every finding in report order (by key, then code), read from disk as it is asked for."""
        ...
