"""`summary.json`: the run in numbers, for programs. Its schema is `summary.schema.json` in this package."""

from __future__ import annotations

import json
from collections.abc import Iterator

from auditor.record import Run


class JsonReport:
    """The same summary always gives the same bytes: names sorted, two spaces of indent.

    Everything outside of printable ASCII is written as `\\uXXXX`: keys come back exactly when the file is parsed, and
    do nothing to the terminal of somebody who only prints it.
    """

    filename: str | None = "summary.json"

    def render(self, run: Run) -> Iterator[str]:
        yield json.dumps(run.summary, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False)
        yield "\n"
