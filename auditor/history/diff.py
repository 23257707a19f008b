"""Two run folders side by side: what is new, fixed and known, and what cannot be compared.

Findings are told apart by their fingerprints, which lie in a temporary SQLite database, so memory stays flat.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from enum import StrEnum
from itertools import islice
from typing import Any

from auditor.errors import CannotStart
from auditor.findings import Finding, RuleInfo, State
from auditor.history.evidence import Evidence, horizon
from auditor.history.instants import micros
from auditor.runs.folder import RunFolder
from auditor.runs.forward import Forward
from auditor.runs.looked import FILENAME as LOOKED

_PAGE = 5_000
_TABLE = (
    "CREATE TABLE verdicts (newer INTEGER, fingerprint TEXT, verdict TEXT, PRIMARY KEY (newer, fingerprint))"
    " WITHOUT ROWID"
)


class Verdict(StrEnum):
    """What became of a finding between the two runs, in the order in which it is told."""

    NEW = "new"
    FIXED = "fixed"
    KNOWN = "known"
    NOT_COMPARED = "not-compared"


# Whether the newer run has the finding
_TOLD_BY = {
    Verdict.NEW: [True],
    Verdict.FIXED: [False],
    Verdict.KNOWN: [True],
    Verdict.NOT_COMPARED: [True, False],
}


class Diff:
    """`counts` by (rule, verdict) are there at once; findings are read again from the folders as they are asked for.

    Raises CannotStart for runs of different buckets or in the wrong order.
    """

    def __init__(self, old: RunFolder, new: RunFolder, infos: Mapping[str, RuleInfo]) -> None:
        _check(old, new)
        self.old, self.new, self._infos = old, new, infos
        self.counts: Counter[tuple[str, Verdict]] = Counter()
        self.rules: dict[str, tuple[str, str]] = {}  # name and severity, by code
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(_TABLE)
        self._database.execute("BEGIN")
        self._judge(newer=False, judged=((finding, "") for finding in old.findings()))
        self._judge(newer=True, judged=self._of_newer())
        self._judge(newer=False, judged=self._of_older())

    def why_not(self, code: str) -> str | None:
        """The end of "not compared, because" where that holds for all findings of a rule; None where it does not."""
        for which, run in (("older", self.old), ("newer", self.new)):
            if not run.summary["complete"]:
                return f"the {which} run is not complete"
            if run.summary.get("checked") is None:
                return f"the {which} run does not say which rules looked at everything"
            if code not in run.summary["checked"]:
                return f"the {which} run did not check all that the rule is about"
        return None

    def findings(self, verdict: Verdict) -> Iterator[Finding]:
        """Those that are new or known as the newer run has them, others as the run has them that found them."""
        state = None if verdict is Verdict.NOT_COMPARED else State(verdict)
        for newer in _TOLD_BY[verdict]:
            run = self.new if newer else self.old
            for finding, said in self._with_verdicts(run.findings(), newer=newer):
                if said == verdict:
                    yield replace(finding, state=state)

    def total(self, verdict: Verdict) -> int:
        return sum(count for (_, other), count in self.counts.items() if other is verdict)

    def close(self) -> None:
        self._database.close()

    def _judge(self, *, newer: bool, judged: Iterable[tuple[Finding, str]]) -> None:
        for finding, verdict in judged:
            self._database.execute(
                "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)", (newer, finding.fingerprint, verdict)
            )
            if verdict and (newer or verdict != Verdict.KNOWN):
                self.rules[finding.rule] = (finding.name, str(finding.severity))
                self.counts[finding.rule, Verdict(verdict)] += 1

    def _of_newer(self) -> Iterator[tuple[Finding, Verdict]]:
        prefix = self.old.summary["prefix"]
        for finding, there in self._with_verdicts(self.new.findings(), newer=False):
            comparable = finding.key.startswith(prefix) and self.why_not(finding.rule) is None
            yield finding, Verdict.KNOWN if there is not None else Verdict.NEW if comparable else Verdict.NOT_COMPARED

    def _of_older(self) -> Iterator[tuple[Finding, Verdict]]:
        evidence = Evidence(self.new.summary, self._infos, self.new.objects, self.new.folder / LOOKED)
        depths, since = Forward(self.old.folder / LOOKED, "depth"), horizon(self.old.summary)
        for finding, there in self._with_verdicts(self.old.findings(), newer=True):
            depth = depths.find(finding.key) if finding.key else None
            again = evidence.looked_again(finding.rule, finding.key, depth=depth, horizon=since)
            gone = Verdict.FIXED if again and self.why_not(finding.rule) is None else Verdict.NOT_COMPARED
            yield finding, gone if there is None else Verdict.KNOWN

    def _with_verdicts(self, findings: Iterator[Finding], *, newer: bool) -> Iterator[tuple[Finding, str | None]]:
        """With what the database has of them in the one or the other run."""
        with closing(self._database.cursor()) as cursor:
            while page := list(islice(findings, _PAGE)):
                places = ",".join("?" * len(page))
                query = f"SELECT fingerprint, verdict FROM verdicts WHERE newer = ? AND fingerprint IN ({places})"  # noqa: S608 -- places alone
                said = dict(cursor.execute(query, (newer, *(finding.fingerprint for finding in page))).fetchall())
                yield from ((finding, said.get(finding.fingerprint)) for finding in page)


def family_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str | None, dict[str, int]]:
    """By how many objects and bytes each family grew between two summaries; None is what has no family."""
    before, after = ({**summary["families"], None: summary["no_family"]} for summary in (old, new))
    nothing = {"objects": 0, "bytes": 0}
    changes = {
        name: {what: after.get(name, nothing)[what] - before.get(name, nothing)[what] for what in nothing}
        for name in [*sorted({*before, *after} - {None}, key=str), None]
    }
    return {name: change for name, change in changes.items() if any(change.values())}


def _check(old: RunFolder, new: RunFolder) -> None:
    buckets = [run.summary["bucket"] for run in (old, new)]
    if buckets[0] != buckets[1]:
        raise CannotStart(f"the runs are of different buckets ({' and '.join(buckets)}): take two runs of one")
    if micros(old.summary["started_at"]) > micros(new.summary["started_at"]):
        raise CannotStart("the first run began after the second: name the older one first")
