"""What a run says of each rule, as a test case that passes, fails or is skipped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element, SubElement

from auditor.text import printable
from reports import standing, words
from reports.digest import Digest, Part
from reports.labels import PLACES
from reports.standing import Summary
from reports.verdict import rules_with_findings

_MANY = 100  # errors of the audit, and limits of it, that are told
_RULE = re.compile(r"([A-Z]{2,})[0-9]{3}")


@dataclass(frozen=True)
class Case:
    """`kind` is None for a test that passes, else `failure`, `error` or `skipped`. Nothing here is printable yet."""

    suite: str
    name: str
    kind: str | None = None
    message: str = ""
    type: str = ""
    lines: Sequence[str] = ()
    output: Sequence[str] = ()
    seconds: float = 0.0

    def as_error(self, message: str, lines: Sequence[str]) -> Case:
        return replace(self, kind="error", message=message, type="incomplete", lines=_some(lines, _MANY))

    def as_failure(self, message: str) -> Case:
        return replace(self, kind="failure", message=message, type="exit code")

    def element(self, class_name: str) -> Element:
        case = Element("testcase", name=printable(self.name), classname=class_name, time=f"{self.seconds:.3f}")
        if self.kind:
            said = {"message": printable(self.message)} | ({"type": self.type} if self.type else {})
            SubElement(case, self.kind, said).text = _text(self.lines)
        if self.output:
            SubElement(case, "system-out").text = _text(self.output)
        return case


def cases(summary: Summary, found: Digest) -> Iterator[Case]:
    """Rules by code, then what was not audited and is no rule."""
    limits: dict[str, str] = {}
    for item in summary["not_audited"]:
        said = limits.get(item["what"], "not audited")
        limits[item["what"]] = f"{said}, because {item['because']}"
    told = dict(_rules(summary, found))
    skipped = {code: what for what in limits if (code := _code(what)) and code not in told}
    told |= {code: Case(_suite(code), what, "skipped", limits[what]) for code, what in skipped.items()}
    yield from (case for _, case in sorted(told.items()))
    rest = [what for what in limits if what not in skipped.values()]
    for what in rest[:_MANY]:
        yield Case("audit", what, "skipped", limits[what])
    if rest[_MANY:]:
        yield Case("audit", f"{len(rest[_MANY:]):,} more in summary.json", "skipped", "not audited")


def _rules(summary: Summary, found: Digest) -> Iterator[tuple[str, Case]]:
    """Those that found something or have something fixed, and those that looked at all that they are about."""
    history = standing.history(summary)
    names = {code: str(rule["name"]) for code, rule in (history["rules"] if history else {}).items()}
    names |= {code: str(rule["name"]) for code, rule in rules_with_findings(summary)}
    checked = summary.get("checked", ())
    silent = {code: checked[code] if isinstance(checked, dict) else "" for code in checked if code not in names}
    for code, name in (names | silent).items():
        parts = [part for part in found.parts.values() if part.rule == code]
        yield code, _rule(summary, code, f"{code} {name}".strip(), parts)


def _rule(summary: Summary, code: str, name: str, parts: Sequence[Part]) -> Case:
    ordered = sorted(parts, key=lambda part: PLACES[part.label])
    lines = [line for part in ordered for line in _part(part)]
    if code not in summary["rules"] or not standing.fails(summary, code):
        return Case(_suite(code), name, output=lines)
    rule = summary["rules"][code]
    counts = words.listed([f"{part.count:,} {part.label}" for part in ordered])
    return Case(_suite(code), name, "failure", f"{counts}. {rule['summary']} {rule['action']}", rule["severity"], lines)


def _part(part: Part) -> Iterator[str]:
    yield f"{part.label}: {part.count:,}"
    yield from (f"  {key}" for key in part.examples)
    if len(part.examples) < part.count:
        yield f"  at most {len(part.examples):,} of their keys are in this file; findings.csv has all"


def _code(what: str) -> str | None:
    found = _RULE.match(what)
    return found[0] if found else None


def _suite(code: str) -> str:
    return code.rstrip("0123456789")


def _some(lines: Sequence[str], most: int) -> list[str]:
    more = len(lines) - most
    return [*lines[:most], *([f"and {more:,} more in summary.json"] if more > 0 else [])]


def _text(lines: Sequence[str]) -> str:
    return "\n".join(map(printable, lines))
