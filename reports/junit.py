"""`junit.xml`: rules as test cases, for what shows test results (the schema that Jenkins reads).

A rule fails where it fails the run, so that a page of test results is red when the exit code is not 0: the one test
case `complete` is an error in an incomplete run. Rules that were not audited are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from auditor.record import Run
from reports import standing, words
from reports.digest import Digest, digest
from reports.junit_cases import Case, cases
from reports.standing import Summary
from reports.verdict import verdict

EXAMPLES = 50  # keys of one rule in one state
_SUITE = "auditor"


class JunitReport:
    """A suite for the audit as a whole and one for each family of rules. At most `examples` keys of a rule and state
    are in the file, which says how many more there are.

    XML 1.0 has no way to write most control characters, so they are shown as escapes, as on a terminal.
    """

    filename: str | None = "junit.xml"
    on_request = True

    def __init__(self, *, examples: int = EXAMPLES) -> None:
        self._examples = examples

    def render(self, run: Run) -> Iterator[str]:
        found = digest(run, self._examples)
        suites = _suites(run.summary, found)
        root = Element("testsuites", {"name": _SUITE} | _sums([case for held in suites.values() for case in held]))
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield _tag(root)
        for place, (name, held) in enumerate(suites.items()):
            suite = Element(
                "testsuite", {"name": name, "id": str(place)} | _sums(held), timestamp=_timestamp(run.summary)
            )
            yield _tag(suite)
            for case in held:
                yield _text(case.element(f"{_SUITE}.{name}"))
            yield "</testsuite>\n"
        yield "</testsuites>\n"


def _suites(summary: Summary, found: Digest) -> dict[str, list[Case]]:
    """The audit first, then the families of rules by name."""
    told = list(cases(summary, found))
    suites: dict[str, list[Case]] = {"audit": [_audit(summary, any(case.kind == "failure" for case in told))]}
    for case in told:
        suites.setdefault(case.suite, []).append(case)
    return {name: suites[name] for name in ("audit", *sorted(set(suites) - {"audit"}))}


def _audit(summary: Summary, told: bool) -> Case:
    """Whether the audit is complete; it fails where the exit code does and no rule of its own `told` of it."""
    errors = [f"{error['what']}: {error['message']}" for error in summary["errors"]]
    taken = words.seconds(summary["started_at"], summary["ended_at"]) if summary["ended_at"] else 0.0
    said = [verdict(summary).headline, *filter(None, [standing.baseline_sentence(summary)])]
    said += standing.exceeded_sentences(summary)
    case = Case("audit", "complete", output=said, seconds=taken)
    if not summary["complete"]:
        return case.as_error("the audit is not complete", errors)
    return case if told or not summary["exit_code"] else case.as_failure(verdict(summary).headline)


def _sums(held: list[Case]) -> dict[str, str]:
    kinds = [case.kind for case in held]
    return {
        "tests": str(len(held)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
        "time": f"{sum(case.seconds for case in held):.3f}",
    }


def _timestamp(summary: Summary) -> str:
    """UTC without saying so: the schema has no zones."""
    return str(summary["started_at"])[:19]


def _tag(element: Element) -> str:
    """The opening tag alone, since what is in it comes piece by piece."""
    return ElementTree.tostring(element, encoding="unicode").removesuffix(" />") + ">\n"


def _text(element: Element) -> str:
    ElementTree.indent(element)
    return ElementTree.tostring(element, encoding="unicode") + "\n"
