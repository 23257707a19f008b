"""`report.sarif`: findings for code scanning, as SARIF 2.1.0 has them (OASIS, with errata 01).

A finding is about an object, and SARIF about lines of files: its physical location is the line of the key
specification where its family is written down, its logical location the exact key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from auditor.record import Run
from reports.sarif_results import result
from reports.sarif_run import invocation, rule_codes, rule_descriptor
from reports.selection import Selection
from reports.standing import Summary

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RESULTS = 25_000  # what GitHub takes in one run
_PIECE = 200


class SarifReport:
    """One run with at most `results` results; what is left out is said in a notification of the invocation.

    Pure ASCII, one result a line, in report order, what is fixed last: the same run gives the same bytes.
    """

    filename: str | None = "report.sarif"
    on_request = True

    def __init__(self, *, results: int = RESULTS) -> None:
        self._results = results

    def render(self, run: Run) -> Iterator[str]:
        summary, selection = run.summary, Selection(run, self._results)
        codes = rule_codes(summary)
        yield f'{{"$schema":{_json(SCHEMA)},"version":"2.1.0","runs":[{{"tool":{_json(_tool(summary, codes))},\n'
        yield f'"invocations":[{_json(invocation(summary, selection.sentence))}],\n'
        yield f'"automationDetails":{_json({"id": _category(summary)})},"columnKind":"unicodeCodePoints",\n"results":['
        places = {code: place for place, code in enumerate(codes)}
        results = (_json(result(finding, summary, places[finding.rule])) for finding in selection.findings())
        yield from _joined(results)
        yield "]}]}\n"


def _tool(summary: Summary, codes: list[str]) -> dict[str, Any]:
    rules = [rule_descriptor(summary, code) for code in codes]
    return {"driver": {"name": "auditor", "version": summary["tool_version"], "rules": rules}}


def _category(summary: Summary) -> str:
    """Tells the audits of several buckets and prefixes apart; the slash at the end says that no run is named."""
    return f"auditor/{summary['bucket']}/{summary['prefix']}".rstrip("/") + "/"


def _joined(results: Iterator[str]) -> Iterator[str]:
    first = next(results, None)
    lines = chain([] if first is None else [f"\n{first}"], (f",\n{text}" for text in results))
    while piece := list(islice(lines, _PIECE)):
        yield "".join(piece)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
