"""What the numbers of a run mean, in words: shared by every report that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.findings import Severity, State
from auditor.text import human_bytes
from reports import standing, words
from reports.classes import ROW_CLASSES, class_counts, in_order

Summary = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """`tone` is `incomplete`, `failing`, `passing` or `clean`; the headline says the same in words."""

    tone: str
    headline: str
    advice: str


@dataclass(frozen=True)
class Account:
    """One side of the accounting: `total` things were read, and each lies in one of the classes."""

    noun: str
    total: int
    classes: tuple[tuple[str, int], ...]

    @property
    def closed(self) -> bool:
        return self.total == sum(count for _, count in self.classes)

    @property
    def equation(self) -> str:
        """`5 listed = 3 ok + 2 orphan`; a sum that is wrong says so."""
        terms = " + ".join(f"{count:,} {name}" for name, count in self.classes) or "0"
        if self.closed:
            return f"{self.total:,} {self.noun} = {terms}"
        return f"{self.total:,} {self.noun}, but {terms}: THE SUM IS WRONG, trust nothing here"


def verdict(summary: Summary) -> Verdict:
    if not summary["complete"]:
        return Verdict("incomplete", f"NOT COMPLETE: {_missing(summary)}{_exit_code(summary)}.", _INCOMPLETE)
    if not rules_left(summary):
        unseen = _unseen(summary)
        advice = "Nothing to do about what was audited; see below for the rest." if unseen else "Nothing to do."
        return Verdict("clean", f"COMPLETE: {_nothing(summary)}{unseen}{_exit_code(summary)}.", advice)
    headline = f"COMPLETE: {_amount(summary)}{_exit_code(summary)}."
    return Verdict("failing" if summary["exit_code"] else "passing", headline, _advice(summary))


_INCOMPLETE = (
    "Delete nothing on the strength of this audit: what was not read cannot be judged. "
    "Repair what is named below, then audit again."
)


def _exit_code(summary: Summary) -> str:
    return f" (exit code {summary['exit_code']})"


def _missing(summary: Summary) -> str:
    shards = summary["shards"]
    if shards["failed"]:
        return f"{shards['failed']:,} of {words.counted(shards['done'] + shards['failed'], 'key range')} failed"
    if summary["errors"]:
        return f"{words.counted(len(summary['errors']), 'part')} of the evidence could not be read or trusted"
    return "a part of the evidence is missing"


def _unseen(summary: Summary) -> str:
    unjudged = summary["classes"].get("unjudged", {"objects": 0})["objects"]
    if unjudged:
        return f", but {words.counted(unjudged, 'object')} could not be judged"
    return ", but not everything was audited" if summary["not_audited"] else ""


def _nothing(summary: Summary) -> str:
    hidden = standing.all_suppressed(summary)
    aside = f" besides {hidden:,} that the baseline suppresses" if hidden else ""
    history = standing.compared(summary)
    if history and history["states"]["fixed"]:
        return f"nothing found{aside}, {history['states']['fixed']:,} fixed since {_previous(history)}"
    return f"nothing found{aside}"


def _amount(summary: Summary) -> str:
    """What is new, where that can be said; else how much there is by severity."""
    if phrase := standing.states_phrase(summary):
        return phrase
    first = standing.history(summary) is not None
    return _by_severity(summary) + ("; first run on record, so everything is new" if first else "")


def _previous(history: Mapping[str, Any]) -> str:
    return words.minute(history["previous"]["started_at"])


def _advice(summary: Summary) -> str:
    """The worst of what fails the run comes first, what is new before what is known; the rest can wait for daylight."""
    found = rules_left(summary)
    code, rule = min(found, key=lambda item: (not _is_urgent(summary, *item), not _is_new(summary, item[0])))
    start = f"Start with {code} {rule['name']}. {rule['action']}"
    nothing_new = standing.compared(summary) and not any(_is_new(summary, code) for code, _ in found)
    if summary["exit_code"]:
        return f"What is known still fails the run. {start}" if nothing_new else start
    if nothing_new:
        return "Nothing new to do: what is known does not fail the run."
    return f"Nothing urgent, since none of it fails the run. {start}"


def _is_new(summary: Summary, code: str) -> bool:
    return standing.in_state(summary, code, State.NEW) > 0


def _is_urgent(summary: Summary, code: str, rule: Mapping[str, Any]) -> bool:
    """Whether it fails the run; in a run that nothing fails, whether `--fail-on` would look at it at all."""
    return standing.fails(summary, code) if summary["exit_code"] else rule["counted"] > 0


def _by_severity(summary: Summary) -> str:
    counts = dict.fromkeys(reversed(Severity), 0)
    for code, rule in rules_left(summary):
        counts[Severity(rule["severity"])] += standing.left(summary, code)
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}
    return words.listed([words.counted(count, nouns[severity]) for severity, count in counts.items() if count])


def rules_with_findings(summary: Summary) -> list[tuple[str, Mapping[str, Any]]]:
    """The worst first: by severity, then by how often, then by code."""
    found = [(code, rule) for code, rule in summary["rules"].items() if rule["count"]]
    return sorted(found, key=lambda item: (-Severity(item[1]["severity"]).weight, -item[1]["count"], item[0]))


def rules_left(summary: Summary) -> list[tuple[str, Mapping[str, Any]]]:
    """Those with findings that the baseline does not suppress; the worst first."""
    return [(code, rule) for code, rule in rules_with_findings(summary) if standing.left(summary, code) > 0]


def quiet_rules(summary: Summary) -> list[str]:
    return sorted(code for code, rule in summary["rules"].items() if not rule["count"])


def uncounted(summary: Summary, code: str) -> int:
    """Findings that are as severe as `--fail-on` asks, and still do not fail the run for what they rest on."""
    rule = summary["rules"][code]
    severe = Severity(rule["severity"]) >= Severity(summary["fail_on"] or summary["fail_on_new"])
    return max(0, standing.left(summary, code) - rule["counted"]) if severe else 0


def object_account(summary: Summary) -> Account:
    return Account("listed", summary["listing"]["objects"], tuple(class_counts(summary["classes"])))


def row_account(summary: Summary) -> Account:
    classes = summary["row_classes"]
    counts = tuple((name, classes[name]) for name in in_order(classes, ROW_CLASSES) if classes[name])
    return Account("read", summary["rows"]["count"], counts)


def canary(summary: Summary) -> str | None:
    """What became of the pairs of row and object that were known beforehand; None without rows."""
    if summary["canary"] is None:
        return None
    pairs, ok = summary["canary"]["pairs"], summary["canary"]["ok"]
    if not pairs:
        return "no old row with an old object was at hand to try the reading with"
    if ok == pairs:
        return f"{words.counted(pairs, 'known pair')} of row and object {'all ' if pairs > 1 else ''}came out ok"
    return f"{pairs - ok:,} of {words.counted(pairs, 'known pair')} of row and object did NOT come out ok"


def pending_source(summary: Summary) -> str | None:
    """Where the list of files about to be deleted came from, and how long it was; None without one."""
    found = summary.get("pending")
    if not found:
        return None
    entries = "could not be read" if found["entries"] is None else words.counted(found["entries"], "file")
    if found["as_of"] is None:
        return f"{found['source']}, live: {entries}"
    return f"{found['source']}, {words.span(found['as_of'], summary['started_at'])} old when the audit began: {entries}"


def contents(summary: Summary) -> str | None:
    """How much was looked into, now and ever; None where the run looked into nothing."""
    said = summary["contents"]
    if said is None:
        return None
    read, known, verified = said["read"], said["known"], said["verified"]
    sentence = (
        f"{read['objects']:,} looked into at level {said['level']} ({human_bytes(read['bytes'])} read); in all "
        f"{verified['objects']:,} of {known['objects']:,} whose format is known, "
        f"{said['verified_whole']['objects']:,} of them whole"
    )
    if said["oldest"] is not None:
        sentence += f"; the oldest look is of {words.clock(said['oldest'])}"
    if said["left"]:
        nights = "" if said["nights"] is None else f", {words.counted(said['nights'], 'more such run')} will do"
        sentence += f"; the budget left out {said['left']:,}{nights}"
    return sentence


def rows_source(summary: Summary) -> str:
    """Where the rows came from, and how old they were when the audit began."""
    rows = summary["rows"]
    if rows["source"] is None:
        return "none: objects were not compared with a database"
    if rows["as_of"] is None:
        return f"{rows['source']}, live"
    age = words.span(rows["as_of"], summary["started_at"])
    return f"{rows['source']}, {age} old when the audit began"
