"""Runs the batch rules on a judged table."""

from __future__ import annotations

import pyarrow as pa

from auditor.findings import Evidence, Finding, Problem
from auditor.frames import to_pandas
from auditor.protocols import BatchRule, Context
from auditor.scan.rulebook import Facts, RuleBook

_FACTS = ["key", "family", "size", "last_modified", "row_uid"]
_NAMES = ["family", "fit", "class", "row_class"]


def apply_rules(
    book: RuleBook, context: Context, table: pa.Table, *, second: bool = False
) -> tuple[list[tuple[int, Finding]], list[int]]:
    """Findings of the batch rules on a MERGED table with their positions, and the positions that need a second look.

    The first look reports what rests on presence and nominates the rest; the second reports what rests on more.
    """
    said: list[Problem] = []
    nominated: list[int] = []
    frame = to_pandas(_decoded(table))
    for rule in book.of(BatchRule):
        for problem in book.heard(rule.check_batch(frame, context)):
            if (book.evidence(problem) is Evidence.PRESENCE) is not second:
                said.append(problem)
            elif not second:
                nominated.append(_position(problem))
    return _findings(book, table, said), nominated


def _findings(book: RuleBook, table: pa.Table, said: list[Problem]) -> list[tuple[int, Finding]]:
    positions = [_position(problem) for problem in said]
    rows = table.select(_FACTS).take(positions).to_pylist() if said else []
    return [
        (position, book.finding(problem, Facts(**row)))
        for position, problem, row in zip(positions, said, rows, strict=True)
    ]


def _position(problem: Problem) -> int:
    if problem.position is None:
        raise TypeError(f"{problem.code} is a batch rule and must say at which position of the batch the problem is")
    return problem.position


def _decoded(table: pa.Table) -> pa.Table:
    """Plain strings for the columns of names: what a rule may compare with `==`."""
    for name in _NAMES:
        position = table.column_names.index(name)
        table = table.set_column(position, name, table[name].cast(pa.string()))
    return table
