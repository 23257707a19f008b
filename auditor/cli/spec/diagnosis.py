"""What is wrong with a document, whoever says it: the compiler, which stops at faults, or a rule about documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.cli.parameters import Sources
from auditor.findings import Problem, RuleInfo, Severity
from auditor.protocols import Context, DocumentRule
from auditor.scan.rulebook import RuleBook
from auditor.spec import Fault, Location, Specification, decode, pointed
from auditor.text import printable


@dataclass(frozen=True)
class Diagnosis:
    """One thing that is wrong or odd. `notes` are shown below the source line."""

    location: Location
    code: str
    name: str
    severity: Severity
    message: str
    source_line: str
    notes: Sequence[str] = ()
    witness: str | None = None

    def as_text(self) -> str:
        witness = [f"witness `{printable(self.witness)}`"] if self.witness is not None else []
        heading = f"{self.code} {self.name}: {self.message}"
        return pointed(self.location, heading, self.source_line, [*witness, *self.notes])

    def as_data(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "file": self.location.file,
            "line": self.location.line,
            "column": self.location.column,
            "message": "; ".join([self.message, *self.notes]),
            "witness": self.witness,
            "severity": str(self.severity),
            "name": self.name,
        }


def of_fault(fault: Fault, info: RuleInfo) -> Diagnosis:
    notes = [f"expected {fault.expected}"]
    return Diagnosis(fault.location, info.code, info.name, info.severity, fault.message, fault.source_line, notes)


def of_specification(compiled: Specification, sources: Sources, book: RuleBook) -> list[Diagnosis]:
    """What the rules about the document say, in the order of the files."""
    context = Context(compiled, book.bucket)
    texts = {source.name: decode(source) for source in (sources.document, sources.bindings) if source}

    def diagnoses() -> Iterator[Diagnosis]:
        for rule in book.of(DocumentRule):
            for problem in book.heard(rule.check_document(context)):
                location = Location(*(problem.place or (compiled.document, 1, 1)))
                text = texts.get(location.file)
                yield _of_problem(problem, book.infos[problem.code], location, text.line(location.line) if text else "")

    return sorted(diagnoses(), key=lambda diagnosis: (diagnosis.location, diagnosis.code))


def _of_problem(problem: Problem, info: RuleInfo, location: Location, source_line: str) -> Diagnosis:
    notes = [problem.suggestion] if problem.suggestion else []
    return Diagnosis(
        location, info.code, info.name, info.severity, problem.message, source_line, notes, problem.witness
    )
