"""The digest as JSON, for programs; its schema is `webhook.schema.json` beside this module."""

from __future__ import annotations

from typing import Any

from auditor.telling.digest import Digest, FamilyTotal, RuleCount
from auditor.telling.words import total, verdict

CONTENT_TYPE = "application/json"
SCHEMA_VERSION = 1
MANY = 20  # entries of one list; how many there are is said beside it


def webhook_body(digest: Digest) -> dict[str, Any]:
    """Keys and names are exact; sizes are bytes, times UTC."""
    compared = digest.compared and digest.complete
    return {
        "schema_version": SCHEMA_VERSION,
        "tool_version": digest.tool_version,
        "run_id": digest.run_id,
        "bucket": digest.bucket,
        "prefix": digest.prefix,
        "started_at": digest.started_at,
        "ended_at": digest.ended_at,
        "complete": digest.complete,
        "exit_code": digest.exit_code,
        "verdict": verdict(digest),
        "changed": digest.changed,
        "counts": {
            "new": total(digest.new) if compared else None,
            "fixed": total(digest.fixed) if compared else None,
            "known": digest.known if compared else None,
            "found": total(digest.found),
            "suppressed": digest.suppressed,
            "errors": len(digest.errors),
            "not_audited": len(digest.not_audited),
        },
        "new": [_rule(rule) for rule in digest.new] if compared else None,
        "fixed": [_rule(rule) for rule in digest.fixed] if compared else None,
        "found": [_rule(rule) for rule in digest.found],
        "families": [_family(family) for family in digest.families],
        "errors": [{"what": what, "message": message} for what, message in digest.errors[:MANY]],
        "not_audited": [{"what": what, "because": because} for what, because in digest.not_audited[:MANY]],
        "report": {"host": digest.report.host, "folder": digest.report.folder, "url": digest.report.url},
    }


def _rule(rule: RuleCount) -> dict[str, Any]:
    return {
        "rule": rule.code,
        "name": rule.name,
        "severity": str(rule.severity),
        "count": rule.count,
        "examples": list(rule.examples),
    }


def _family(family: FamilyTotal) -> dict[str, Any]:
    return {
        "family": family.name,
        "objects": family.objects,
        "bytes": family.bytes,
        "classes": dict(family.classes),
    }
