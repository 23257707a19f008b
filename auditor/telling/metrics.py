"""A run as metrics in the Prometheus text format, for the textfile collector of node_exporter.

Names and units follow https://prometheus.io/docs/practices/naming/: base units, times as unix seconds, so that an age
is `time() - …`. Whatever the labels hold is escaped by the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from auditor.findings import State
from auditor.telling.digest import rule_facts, suppressed_by_rule

LAST_SUCCESS = "auditor_last_success_timestamp_seconds"
_LAST_RUN = "auditor_last_run_timestamp_seconds"
_RUN = ("bucket", "prefix")
_MODE = 0o644
_LARGEST = 64 << 20  # bytes of a file before that are read; one of ours has some ten thousand

Summary = Mapping[str, Any]
Samples = Iterator[tuple[tuple[str, ...], float]]


class Unreadable(Exception):
    """The file that is there is none of ours, so what it said of the last success is lost."""


class OfAnother(Exception):
    """The file that is there is about another bucket or prefix, whose last success would be lost."""


def write_metrics(summary: Summary, path: Path) -> None:
    """Replaces the file at once, never half. Raises OSError, and OfAnother before it wrote anything.

    What an incomplete run cannot say, when the last complete one ended, is kept from the file that is there. Raises
    Unreadable, after it wrote the rest, when that is not to be had.
    """
    lost, last = None, None
    try:
        last = last_success(summary, path)
    except Unreadable as error:
        lost = error
    if summary["complete"]:
        lost, last = None, _unix(summary["ended_at"])
    _replace(path, generate_latest(registry_of(summary, last)))
    if lost:
        raise lost


def _replace(path: Path, content: bytes) -> None:
    """Readable by all, whatever the umask: the collector is another user's, and nothing in the file is a secret."""
    partial = path.with_name(f"{path.name}.partial")  # the same each night, so that kills leave one at most
    try:
        partial.write_bytes(content)
        partial.chmod(_MODE)
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink()
        raise


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
    """What the file at `path` says; None without a file, or when it says nothing. Raises Unreadable and OfAnother."""
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
    if any(sample.name == _LAST_RUN and sample.labels != run for sample in samples):
        raise OfAnother
    return next((sample.value for sample in samples if sample.name == LAST_SUCCESS), None)


def _single(summary: Summary, last: float | None) -> Iterator[tuple[str, str, float | None]]:
    began, ended = _unix(summary["started_at"]), _unix(summary["ended_at"])
    contents, rows = summary["contents"], summary["rows"]
    yield _LAST_RUN, "When the last run ended, whole or not.", ended
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
