"""The run as SARIF says it: its rules, how the audit went, and what it did not see (SARIF 2.1.0, 3.20 and 3.49)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.text import printable
from reports import standing, words
from reports.standing import Summary
from reports.verdict import verdict

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_MANY = 1_000  # of either sort of notification


def rule_codes(summary: Summary) -> list[str]:
    """Every rule that found something, has something fixed, or looked at all that it is about."""
    history = standing.history(summary)
    return sorted({*summary["rules"], *(history["rules"] if history else ()), *summary.get("checked", ())})


def rule_descriptor(summary: Summary, code: str) -> dict[str, Any]:
    """With what the summary knows of a rule: all of one that found something, the name of one that only looked."""
    history = standing.history(summary)
    checked = summary.get("checked", {})
    known = summary["rules"].get(code) or (history["rules"].get(code) if history else None) or {}
    name = known.get("name") or (checked[code] if isinstance(checked, dict) else code)
    said = known.get("summary", name)
    descriptor = {
        "id": code,
        "name": name,
        "shortDescription": {"text": plain(said)},
        "fullDescription": {"text": plain(said)},
        "help": {"text": plain(known.get("action", f"auditor rules {code} says what it means."))},
        "properties": {"tags": [code.rstrip("0123456789")]},
    }
    if "severity" in known:
        descriptor["defaultConfiguration"] = {"level": LEVELS[known["severity"]]}
    return descriptor


def invocation(summary: Summary, left_out: str | None) -> dict[str, Any]:
    values = {
        "executionSuccessful": summary["complete"],
        "exitCode": summary["exit_code"],
        "exitCodeDescription": plain(verdict(summary).headline),
        "startTimeUtc": summary["started_at"],
        "endTimeUtc": summary["ended_at"],
        "toolExecutionNotifications": list(_notifications(summary, left_out)),
    }
    return {name: value for name, value in values.items() if value is not None}


def plain(text: str) -> str:
    """A message: printable, and with nothing that a viewer takes for a link (SARIF 2.1.0, 3.11.6)."""
    return printable(text).replace("](", "] (")


def _notifications(summary: Summary, left_out: str | None) -> Iterator[dict[str, Any]]:
    errors = [f"{error['what']}: {error['message']}" for error in summary["errors"]]
    limits = [f"{item['what']} not audited, because {item['because']}" for item in summary["not_audited"]]
    said = [sentence] if (sentence := standing.baseline_sentence(summary)) else []
    if left_out:
        yield _notification("warning", left_out)
    for level, texts in (("error", errors), ("note", limits), ("note", said), ("warning", _exceeded(summary))):
        yield from (_notification(level, text) for text in texts[:_MANY])
        if len(texts) > _MANY:
            yield _notification(level, f"{words.counted(len(texts) - _MANY, 'more such message')} in summary.json")


def _exceeded(summary: Summary) -> list[str]:
    return [f"baseline: {sentence}" for sentence in standing.exceeded_sentences(summary)]


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": plain(text)}}
