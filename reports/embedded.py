"""Findings as JSON inside of an HTML page, and text that nothing in a page can obey."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from auditor.findings import Finding
from auditor.text import isoformat, printable

# The order of a row; `shown` is null where the exact key can be shown as it is. report.js reads the same order.
FIELDS = (
    "rule",
    "severity",
    "status",
    "key",
    "shown",
    "family",
    "size",
    "modified",
    "uid",
    "message",
    "suggestion",
)


def encode(finding: Finding, advice: Mapping[str, str] = {}) -> str:
    """One finding as a JSON array of `FIELDS`; a suggestion that only repeats its rule's `advice` is left out."""
    shown = printable(finding.key)
    return script_json(
        [
            finding.rule,
            finding.severity.value,
            finding.status.value,
            finding.key,
            None if shown == finding.key else shown,
            printable(finding.family or ""),
            finding.size,
            isoformat(finding.last_modified) if finding.last_modified else None,
            printable(finding.row_uid or ""),
            printable(finding.message),
            "" if finding.suggestion == advice.get(finding.rule) else printable(finding.suggestion),
        ]
    )


def decode(row: str) -> dict[str, Any]:
    return dict(zip(FIELDS, json.loads(row), strict=True))


def script_json(value: Any) -> str:
    """JSON of pure ASCII that cannot end its script element, begin a comment there, or look like an address.

    >>> script_json("</script>"), script_json("http://x")
    ('"\\\\u003c/script\\\\u003e"', '"http:/\\\\/x"')
    """
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e").replace("//", r"/\/")
