"""Findings as JSON inside of an HTML page, and text that nothing in a page can obey."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from auditor.findings import Finding
from auditor.text import isoformat, printable
from reports.labels import FOUND, label

# The order of a row; `shown` is null where the exact key can be shown as it is. report.js reads the same order.
# The last four are left out where no history is kept and the baseline does not have the finding.
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
    "state",
    "first_seen",
    "nights",
    "reason",
)
_WITHOUT_STATE = (FOUND, None, None, "")


def encode(finding: Finding, advice: Mapping[str, str] = {}) -> str:
    """One finding as a JSON array of `FIELDS`; a suggestion that only repeats its rule's `advice` is left out."""
    shown = printable(finding.key)
    states = _states(finding)
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
            *(states if states != _WITHOUT_STATE else ()),
        ]
    )


def decode(row: str) -> dict[str, Any]:
    values = json.loads(row)
    return dict(zip(FIELDS, [*values, *_WITHOUT_STATE[len(values) - len(FIELDS) :]][: len(FIELDS)], strict=True))


def _states(finding: Finding) -> tuple[str, str | None, int | None, str]:
    first_seen = isoformat(finding.first_seen) if finding.first_seen else None
    return label(finding), first_seen, finding.nights, printable(finding.suppressed or "")


def script_json(value: Any) -> str:
    """JSON of pure ASCII that cannot end its script element, begin a comment there, or look like an address.

    >>> script_json("</script>"), script_json("http://x")
    ('"\\\\u003c/script\\\\u003e"', '"http:/\\\\/x"')
    """
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e").replace("//", r"/\/")
