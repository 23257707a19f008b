"""A run as the engine would leave it, built from a list of findings: the summary always agrees with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from auditor.findings import Finding, Severity, Status, fingerprint
from auditor.spec import Specification, compile_specification, describe_family
from rules.shipped import file_service
from tests.reports.hostile import HOSTILE_KEYS

BUCKET = "oseh"
STARTED = datetime(2026, 3, 14, 3, 30, tzinfo=UTC)

# name: (objects, bytes, share of objects by class other than ok)
FAMILIES: dict[str, tuple[int, int, dict[str, int]]] = {
    "images/originals": (2_400, 5_040_000_000, {}),
    "images/exports": (233_109, 26_400_000_000, {"orphan": 318, "too-new": 1_096}),
    "uploads": (211, 221_000_000, {"pending": 140, "too-new": 64}),
    "audio/mp4": (4_312, 3_400_000_000, {}),
    "audio/hls": (17_600, 3_200_000_000, {"orphan": 6}),
    "audio/originals": (902, 7_700_000_000, {}),
    "videos/originals": (771, 61_000_000_000, {"orphan": 2}),
    "videos/mp4": (2_750, 58_300_000_000, {}),
    "courses": (44, 9_900_000_000, {}),
    "backup/database": (1_160, 412_000_000_000, {}),
    "backup/database/timely": (30, 8_700_000_000, {}),
    "backup/redis": (1_160, 3_100_000_000, {}),
    "jobs/repopulate_emotions": (7, 4_100, {}),
    "journals/keys/master": (3_020, 132_880, {}),
    "journals/keys/client": (9_811, 431_684, {"unjudged": 3}),
    "journey_embeddings": (0, 0, {}),
}

RULES: dict[str, tuple[str, Severity, str, str]] = {
    "KEY001": (
        "unknown-prefix",
        Severity.WARNING,
        "No key template begins the way this key begins.",
        "Add its template to the key specification, or find out who writes it.",
    ),
    "KEY003": (
        "invalid-field",
        Severity.WARNING,
        "A field of the key holds a value that is not of its kind.",
        "Compare the writer of the key with the key specification.",
    ),
    "KEY005": (
        "directory-marker",
        Severity.INFO,
        "The object is empty and its name ends in a slash.",
        "Delete it if no tool needs it.",
    ),
    "REF001": (
        "orphan-object",
        Severity.WARNING,
        "No row records this object.",
        "Look for its writer, then delete it or restore its row.",
    ),
    "REF002": (
        "dangling-row",
        Severity.ERROR,
        "The object of this row is gone.",
        "Restore the object from wherever it can be had, or delete the row.",
    ),
    "REF003": (
        "size-mismatch",
        Severity.ERROR,
        "Row and object disagree about the size.",
        "Find out which of the two was written last.",
    ),
    "EMB002": (
        "embedding-padding",
        Severity.ERROR,
        "A uid field is not left-padded with NUL bytes.",
        "Build the embeddings again.",
    ),
}


@dataclass
class SampleRun:
    summary: dict[str, Any]
    held: Sequence[Finding]
    objects: Path = field(default=Path("objects.parquet"))
    gone: Sequence[Finding] = ()

    def findings(self) -> Iterator[Finding]:
        return iter(self.held)

    def fixed(self) -> Iterator[Finding]:
        return iter(self.gone)


def finding(rule: str, key: str, *, family: str | None = None, size: int | None = 24_608, **changes: Any) -> Finding:
    name, severity, summary, action = RULES[rule]
    values: dict[str, Any] = {
        "rule": rule,
        "name": name,
        "severity": severity,
        "status": Status.SEEN if rule not in ("REF001", "REF002") else Status.SNAPSHOT,
        "bucket": BUCKET,
        "key": key,
        "family": family,
        "size": size,
        "last_modified": None if size is None else STARTED - timedelta(days=40, seconds=len(key)),
        "row_uid": None if size is not None else "oseh_s3f_" + "a" * 22,
        "message": summary,
        "suggestion": action,
        "fingerprint": fingerprint(rule, BUCKET, key, None),
    }
    return Finding(**(values | changes))


def ordinary_findings() -> list[Finding]:
    found = [
        finding("REF001", f"s3_files/images/exports/oseh_ife_{i:022}/r.png", family="images/exports") for i in range(6)
    ]
    found += [
        finding("REF002", f"s3_files/audio/oseh_cf_{i:022}/hls/x.ts", family="audio/hls", size=None) for i in range(3)
    ]
    found += [finding("REF003", "s3_files/journals/keys/master/oseh_ujmk_" + "m" * 22, family="journals/keys/master")]
    found += [finding("KEY001", "builds/frontend/build.tar.gz", size=812_000_113)]
    return in_report_order(found)


def hostile_findings() -> list[Finding]:
    found = [finding("KEY001", key, message=f"No template begins like {key}.", suggestion=key) for key in HOSTILE_KEYS]
    return in_report_order(found)


def many_findings(count: int = 12_000) -> list[Finding]:
    """A flood of one rule, with a few findings of others that must not drown in it."""
    found = [
        finding(
            "REF001",
            f"s3_files/images/exports/oseh_ife_{i:022}/q7Jx0a_{i % 97:04}.webp",
            family="images/exports",
            size=900 * i,
        )
        for i in range(count - 4)
    ]
    return in_report_order(found + ordinary_findings()[-1:] + hostile_findings()[:3])


def in_report_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda item: (item.key.encode(), item.rule))


def sample_run(findings: Sequence[Finding] | None = None, **changes: Any) -> SampleRun:
    """A complete run against a backup; `changes` replace entries of the summary."""
    held = ordinary_findings() if findings is None else findings
    rules = _rules(held)
    failing = any(rule["counted"] for rule in rules.values())
    summary = (
        _facts()
        | _tallies()
        | {
            "findings": {code: rule["count"] for code, rule in rules.items() if rule["count"]},
            "rules": rules,
            "unexplained": _unexplained(held),
            "canary": {"pairs": 31, "ok": 31},
            "contents": {
                "level": "headers",
                "budget": {"bytes": None, "seconds": None},
                "every_seconds": 2_592_000.0,
                "read": {"objects": 3, "bytes": 21_600_000},
                "left": 0,
                "nights": 0,
                "known": {"objects": 5, "bytes": 36_000_000},
                "verified": {"objects": 5, "bytes": 36_000_000},
                "verified_whole": {"objects": 3, "bytes": 21_600_000},
                "never": {"objects": 0, "bytes": 0},
                "oldest": "2026-02-11T03:30:00Z",
            },
            "not_audited": [
                {"what": "REF004 unreferenced-file", "because": "the tables that refer to files are not at hand"},
                {"what": "the contents of 44 course exports", "because": "no rule reads them yet"},
            ],
            "shards": {"done": 64, "failed": 0},
            "complete": True,
            "errors": [],
            "exit_code": int(failing),
            "fail_on": "warning",
        }
    )
    return SampleRun(summary | changes, held)


def incomplete_run() -> SampleRun:
    return sample_run(
        shards={"done": 62, "failed": 2},
        complete=False,
        errors=[
            {
                "what": "rows after s3_files/images/exports/q",
                "message": "The database was closed half-way (disk I/O error).",
            },
            {"what": "listing after s3_files/\x1b[2Jvideos", "message": "SlowDown after 5 attempts."},
        ],
        canary={"pairs": 24, "ok": 23},
        exit_code=3,
    )


def clean_run() -> SampleRun:
    """Everything was audited and judged, and nothing found."""
    run = sample_run([], not_audited=[])
    for classes in (run.summary["classes"], run.summary["families"]["journals/keys/client"]["classes"]):
        unjudged = classes.pop("unjudged")
        for what in unjudged:
            classes["ok"][what] += unjudged[what]
    return run


def no_database_run() -> SampleRun:
    rows: dict[str, Any] = {"source": None, "as_of": None, "count": 0, "skipped": []}
    return sample_run([], rows=rows, row_classes={}, canary=None)


def _facts() -> dict[str, Any]:
    return {
        "schema_version": 1,
        "tool_version": "0.1.0",
        "bucket": f"s3://{BUCKET}",
        "prefix": "",
        "started_at": "2026-03-14T03:30:00Z",
        "ended_at": "2026-03-14T03:32:05.250000Z",
        "cutoff": "2026-03-13T03:30:00Z",
        "min_age_seconds": 86_400,
        "rows": {
            "source": "backup s3_files/backup/database/1773455400.bak",
            "as_of": "2026-03-14T02:30:00Z",
            "count": 276_000,
            "skipped": [
                {"source": "s3_files/backup/database/1773457200.bak", "reason": "it fails its integrity check"}
            ],
        },
        "spec": {"file": "file_service.md", "sha256": "0f" * 32, "families": 16, "bindings": "file_service.toml"},
        "row_classes": {"matched": 275_989, "dangling": 3, "outside": 0, "no-family": 8},
        "requests": {"ListObjectsV2": 279, "HeadObject": 329, "GetObject": 2},
    }


def _tallies() -> dict[str, Any]:
    families = {name: _family(*entry) | _described(name) for name, entry in FAMILIES.items()}
    strangers = _family(23, 812_004_440, {"unknown": 19, "ignored": 4})
    everything = [*families.values(), strangers]
    classes: dict[str, dict[str, int]] = {}
    for family in everything:
        for name, tally in family["classes"].items():
            held = classes.setdefault(name, {"objects": 0, "bytes": 0})
            held["objects"] += tally["objects"]
            held["bytes"] += tally["bytes"]
    listing = {
        "started": "2026-03-14T03:30:00Z",
        "ended": "2026-03-14T03:31:10Z",
        "objects": sum(family["objects"] for family in everything),
        "bytes": sum(family["bytes"] for family in everything),
    }
    return {"families": families, "no_family": strangers, "classes": classes, "listing": listing}


def _described(name: str) -> dict[str, Any]:
    described = describe_family(_document().family(name))
    return {entry: described[entry] for entry in ("template", "line", "fields")}


@cache
def _document() -> Specification:
    shipped = file_service()
    return compile_specification(shipped.document, shipped.bindings)


def _family(objects: int, size: int, others: dict[str, int]) -> dict[str, Any]:
    counts = {"ok": objects - sum(others.values()), **others}
    classes = {name: {"objects": count, "bytes": size * count // objects} for name, count in counts.items() if count}
    if classes:
        classes[next(iter(classes))]["bytes"] += size - sum(tally["bytes"] for tally in classes.values())
    return {"objects": objects, "bytes": size, "classes": classes}


def _rules(findings: Sequence[Finding]) -> dict[str, dict[str, Any]]:
    rules = {}
    for code, (name, severity, summary, action) in RULES.items():
        mine = [item for item in findings if item.rule == code]
        rules[code] = {
            "name": name,
            "severity": severity.value,
            "summary": summary,
            "action": action,
            "count": len(mine),
            "bytes": sum(item.size or 0 for item in mine),
            "counted": sum(severity >= Severity.WARNING and code != "REF002" for _ in mine),
            "examples": [item.key for item in mine[:5]],
        }
    return rules


def _unexplained(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Unknown keys by their first folder; the nearest template is as hostile as the first key."""
    prefixes: dict[str, list[Finding]] = {}
    for item in findings:
        if item.rule == "KEY001":
            prefixes.setdefault(item.key[: item.key.find("/") + 1], []).append(item)
    entries = [_prefix(prefix, mine) for prefix, mine in prefixes.items()]
    return sorted(entries, key=lambda entry: (-entry["bytes"], -entry["objects"], entry["prefix"]))


def _prefix(prefix: str, found: Sequence[Finding]) -> dict[str, Any]:
    return {
        "rule": found[0].rule,
        "prefix": prefix,
        "field": None,
        "objects": len(found),
        "bytes": sum(item.size or 0 for item in found),
        "first_modified": "2026-02-02T03:29:32Z",
        "last_modified": "2026-02-02T03:29:32Z",
        "examples": [item.key for item in found[:3]],
        "nearest": found[0].key,
        "with_rows": 0,
        "sentence": f"Unknown keys: {len(found)}.",
    }


def named_runs() -> dict[str, SampleRun]:
    """One run of every sort, for what must hold for all of them."""
    return {
        "ordinary": sample_run(),
        "hostile": sample_run(hostile_findings()),
        "incomplete": incomplete_run(),
        "clean": clean_run(),
        "no database": no_database_run(),
    }
