"""The rules about the document, each as a function of the compiled specification or of the run's summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from auditor.findings import Problem
from auditor.protocols import Context
from auditor.record import Run
from auditor.spec import Doubt, Family, Overlap, RowPolicy, Specification, doubts, overlaps
from auditor.text import printable
from rules.document.infos import DUPLICATE, EMPTY, MARKUP, MISNAMED, OVERLAP, UNMANAGED, UNREADABLE

_SAY = 'expected `rows = "required"` or `rows = "none"` for the template in the bindings'


class DocumentRules:
    """DOC002, DOC003 and DOC007 are never among the problems: with such a fault there is no specification to check.

    The compiler says them itself, as faults, and `auditor spec check` shows both in one form.
    """

    infos = (OVERLAP, DUPLICATE, MISNAMED, EMPTY, UNMANAGED, MARKUP, UNREADABLE)

    def check_document(self, context: Context) -> Iterator[Problem]:
        """In the order of the document by rule; every problem has a place."""
        yield from _overlaps(context.spec)
        yield from _unmanaged(context.spec)
        yield from _remarks(context.spec)

    def check_run(self, run: Run, context: Context) -> Iterator[Problem]:
        for family in context.spec.families:
            if not run.summary["families"][family.name]["objects"]:
                yield _about(family, EMPTY.code, f"no object has a key of {_named(family)}", context.spec)


def _overlaps(spec: Specification) -> list[Problem]:
    found = [_overlap(overlap, spec) for overlap in overlaps(spec.families)]
    found += [_doubt(family, doubt, spec) for family in spec.families for doubt in doubts(family)]
    return sorted(found, key=lambda problem: problem.place or ())


def _overlap(overlap: Overlap, spec: Specification) -> Problem:
    """At the later of the two, which is the one that came to a document that had the other."""
    first, second, key = overlap.first, overlap.second, overlap.witness
    if overlap.winner is None:
        verdict = "nothing says which of them comes first, so it belongs to no family (KEY004)"
    else:
        verdict = f"by precedence it belongs to `{printable(overlap.winner.name)}`"
    both = f"{_named(second)} and {_named(first)} of line {first.template.line} both fit the key `{printable(key)}`"
    subject = f"{first.template.text}\n{second.template.text}"
    return _about(second, OVERLAP.code, f"{both}; {verdict}", spec, subject=subject, witness=key)


def _doubt(family: Family, doubt: Doubt, spec: Specification) -> Problem:
    place = (spec.document, doubt.field.line, doubt.field.column)
    subject = f"{family.template.text}\n{doubt.field.name}\n{doubt.message}"
    message = printable(doubt.message)
    return Problem(OVERLAP.code, message, subject=subject, place=place, family=family.name, witness=doubt.witness)


def _unmanaged(spec: Specification) -> Iterator[Problem]:
    for family in spec.families:
        if family.rows is RowPolicy.UNMANAGED:
            message = f"nothing says whether the objects of {_named(family)} need rows"
            yield _about(family, UNMANAGED.code, message, spec, suggestion=_SAY)


def _remarks(spec: Specification) -> Iterator[Problem]:
    """The same remark may stand in several places; its number, not its line, tells it apart from night to night."""
    seen: Counter[str] = Counter()
    for remark in spec.remarks:
        seen[remark.message] += 1
        subject = f"{remark.message}\n{seen[remark.message]}"
        place = (spec.document, remark.line, remark.column)
        yield Problem(MARKUP.code, remark.message, f"expected {remark.expected}", subject, place=place)


def _about(
    family: Family,
    code: str,
    message: str,
    spec: Specification,
    *,
    suggestion: str = "",
    subject: str = "",
    witness: str | None = None,
) -> Problem:
    place = (spec.document, family.template.line, family.template.column)
    subject = subject or family.template.text
    return Problem(code, message, suggestion, subject, place=place, family=family.name, witness=witness)


def _named(family: Family) -> str:
    return f"`{printable(family.template.text)}`"
