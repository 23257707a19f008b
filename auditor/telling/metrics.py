"""A run as metrics in the Prometheus text format, for the textfile collector of node_exporter.

Names and units follow https://prometheus.io/docs/practices/naming/: base units, times as unix seconds, so that an age
is `time() - …`. Whatever the labels hold is escaped by the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

from auditor.findings import State
from auditor.telling.digest import rule_facts, suppressed_by_rule

LAST_SUCCESS = "auditor_last_success_timestamp_seconds"
_RUN = ("bucket", "prefix")
_LARGEST = 64 << 20  # bytes of a file before that are read; one of ours has some ten thousand

Summary = Mapping[str, Any]
Samples = Iterator[tuple[tuple[str, ...], float]]


class Unreadable(Exception):
    """The file that is there is none of ours, so what it said of the last success is lost."""


def write_metrics(summary: Summary, path: Path) -> None:
    """Replaces the file at once, never half. Raises OSError.

    What an incomplete run cannot say, when the last complete one ended, is kept from the file that is there. Raises
    Unreadable, after it wrote the rest, when that is not to be had.
    """
    lost = None
    last = _unix(summary["ended_at"]) if summary["complete"] else None
    if last is None:
        try:
            last = last_success(summary, path)
        except Unreadable as error:
            lost = error
    write_to_textfile(str(path), registry_of(summary, last))
    if lost:
        raise lost


def registry_of(summary: Summary, last: float | None) -> CollectorRegistry:
    """All metrics of a run; `last`: when the last complete one ended (unix seconds), None if nobody knows."""
    registry = CollectorRegistry()
    run = _run(summary)
    for name, help_text, value in _single(summary, last):
        if value is not None:
            Gauge(name, help_text, _RUN, registry=registry).labels(*run).set(value)
    for name, help_text, labels, samples in (
        ("auditor_objects", "Objects of the bucket.", ("family", "class"), _tallies(summary, "objects")),
        ("auditor_bytes", "Bytes of the bucket's objects.", ("family", "class"), _tallies(summary, "bytes")),
        ("auditor_findings", "Findings of the last run.", ("rule", "severity", "state"), _findings(summary)),
    ):
        gauge = Gauge(name, help_text, (*_RUN, *labels), registry=registry)
        for values, amount in samples:
            gauge.labels(*run, *map(_label, values)).set(amount)
    return registry


def last_success(summary: Summary, path: Path) -> float | None:
    """What the file at `path` says of this bucket; None without a file, or when it says nothing. Raises Unreadable."""
    run = dict(zip(_RUN, _run(summary), strict=True))
    try:
        if path.stat().st_size > _LARGEST:
            raise Unreadable("it is too large")
        text = path.read_text(encoding="utf-8")
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError) as error:
        raise Unreadable(f"it cannot be read ({type(error).__name__})") from error
    return next((s.value for s in samples if s.name == LAST_SUCCESS and s.labels == run), None)


def _single(summary: Summary, last: float | None) -> Iterator[tuple[str, str, float | None]]:
    began, ended = _unix(summary["started_at"]), _unix(summary["ended_at"])
    contents, rows = summary["contents"], summary["rows"]
    yield "auditor_last_run_timestamp_seconds", "When the last run ended, whole or not.", ended
    yield LAST_SUCCESS, "When the last complete run ended, whatever it found.", last
    yield "auditor_run_duration_seconds", "How long the last run took.", ended - began
    yield "auditor_run_exit_code", "0 nothing, 1 findings, 3 incomplete.", summary["exit_code"]
    yield "auditor_run_complete", "1 if the last run was complete.", int(summary["complete"])
    yield (
        "auditor_oldest_verification_timestamp_seconds",
        "When the content that was looked into the longest ago was looked into.",
        _unix(contents["oldest"]) if contents and contents["oldest"] else None,
    )
    yield (
        "auditor_backup_timestamp_seconds",
        "The time of the database backup that the last run compared with.",
        _unix(rows["as_of"]) if rows["as_of"] else None,
    )


def _tallies(summary: Summary, unit: str) -> Samples:
    """Objects without a family have an empty one."""
    for name, family in [*summary["families"].items(), ("", summary["no_family"])]:
        for each, tally in sorted(family["classes"].items()):
            yield (name, each), tally[unit]


def _findings(summary: Summary) -> Samples:
    """Every rule that ran, with its zeros: a series that ends cannot be told from an exporter that broke."""
    history, suppressed = summary.get("history"), suppressed_by_rule(summary)
    for code, (_, severity) in rule_facts(summary).items():
        out = suppressed.get(code, 0)
        if history is None:
            yield (code, str(severity), "found"), summary["findings"].get(code, 0) - out
        else:
            rule = history["rules"].get(code, {})
            for state in State:
                yield (code, str(severity), state.value), rule.get(state.value, 0)
        yield (code, str(severity), "suppressed"), out


def _run(summary: Summary) -> tuple[str, str]:
    return _label(summary["bucket"]), _label(summary["prefix"])


def _label(text: str) -> str:
    """The text; only what is no Unicode, as in the name of a folder that is not UTF-8, is written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _unix(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
