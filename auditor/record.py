"""The record of one run: what every report is made from, during the run and long after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

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

    def fixed(self) -> Iterator[Finding]:
        """What an earlier run found and this one no longer, as it was last seen, in report order."""
        ...


class RunSoFar(Run, Protocol):
    """A run that is judged and not yet written down: what rules about the run see."""

    def dangling_rows(self) -> Iterator[pa.Table]:
        """Rows whose object is gone, as the second look left them, in key order, whichever rules were chosen.

        Columns: key, family, row_uid (string), row_size (int64, bytes, -1 for unknown), row_created_at (timestamp).
        """
        ...
