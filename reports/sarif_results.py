"""One finding as a SARIF result (SARIF 2.1.0, 3.27)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from auditor.findings import Finding, State
from auditor.text import isoformat
from reports import standing
from reports.sarif_run import LEVELS, plain
from reports.standing import Summary

_STATES = {State.NEW: "new", State.KNOWN: "unchanged", State.FIXED: "absent"}
_LINE = re.compile(r":(\d{1,9}):")


def result(finding: Finding, summary: Summary, place: int) -> dict[str, Any]:
    """`place` is the rule's in the list of rules. States are there where a history is, suppressions with a baseline."""
    values = {
        "ruleId": finding.rule,
        "ruleIndex": place,
        "level": LEVELS[finding.severity],
        "message": {"text": plain(_message(finding))},
        "locations": [_location(finding, summary)],
        "partialFingerprints": {"auditor/v1": finding.fingerprint},
        "properties": _properties(finding),
    }
    if finding.state is not None:
        values["baselineState"] = _STATES[finding.state]
    if standing.baseline(summary) is not None:
        values["suppressions"] = _suppressions(finding)
    return values


def document_uri(file: str) -> str:
    """A relative path as a relative reference, an absolute one as a file URI (RFC 3986, RFC 8089).

    >>> document_uri("docs/keys of ours.md"), document_uri("/srv/k:1.md"), document_uri("a:b")
    ('docs/keys%20of%20ours.md', 'file:///srv/k%3A1.md', 'a%3Ab')
    """
    path = quote(file, safe="/", errors="surrogateescape")
    return f"file://{path}" if path.startswith("/") else path


def _message(finding: Finding) -> str:
    """GitHub shows the message alone, so the key is in it."""
    subject = f"{finding.key}: " if finding.key else ""
    return f"{subject}{finding.message} {finding.suggestion}".strip()


def _location(finding: Finding, summary: Summary) -> dict[str, Any]:
    line = _line(finding, summary)
    artifact = {"uri": document_uri(summary["spec"]["file"])}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}}
    if finding.key:
        name = {"name": finding.key, "fullyQualifiedName": f"{summary['bucket']}/{finding.key}", "kind": "resource"}
        location["logicalLocations"] = [name]
    return location


def _line(finding: Finding, summary: Summary) -> int:
    """The family's; else the one that a message about the document begins with; else the first."""
    family = summary["families"].get(finding.family or "")
    if family:
        return int(family["line"])
    file = summary["spec"]["file"]
    said = _LINE.match(finding.message, len(file)) if not finding.key and finding.message.startswith(file) else None
    return max(1, int(said[1])) if said else 1


def _properties(finding: Finding) -> dict[str, Any]:
    values = {
        "bucket": finding.bucket,
        "family": finding.family,
        "status": finding.status,
        "size": finding.size,
        "lastModified": isoformat(finding.last_modified) if finding.last_modified else None,
        "rowUid": finding.row_uid,
        "firstSeen": isoformat(finding.first_seen) if finding.first_seen else None,
        "nights": finding.nights,
    }
    return {name: value for name, value in values.items() if value is not None}


def _suppressions(finding: Finding) -> list[dict[str, Any]]:
    """Empty for what counts: a list that is absent says that nobody knows (3.27.23)."""
    if finding.suppressed is None:
        return []
    return [{"kind": "external", "status": "accepted", "justification": plain(finding.suppressed)}]
