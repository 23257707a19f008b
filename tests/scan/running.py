"""Runs whole audits in memory and tells what came out in the words that tests compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from auditor.findings import Finding
from auditor.pending import PendingSource
from auditor.plugins import load_rules, load_specs
from auditor.progress import Silent
from auditor.protocols import Rule
from auditor.rows.base import RowSource
from auditor.scan.audit import Staged, audit
from auditor.scan.case import Clock, open_case
from auditor.scan.content.turns import Level
from auditor.scan.content.verified import Verified
from auditor.scan.options import Options
from auditor.scan.rulebook import all_infos
from auditor.scan.sides import Side
from auditor.spec import Specification, compile_specification
from auditor.store.base import Store


@cache
def shipped() -> Specification:
    spec = load_specs()["file_service"]()
    return compile_specification(spec.document, spec.bindings)


# A bucket of a few objects has none of most templates and no backups, and what lies under the keys of images is no
# image: not what these tests are about. Those of contents name the rules that they are about.
EMPTY = {"DOC004", "BAK003"}
IMAGES = {"IMG001", "IMG002", "ORG001"}


class Ran:
    """One audit's result."""

    def __init__(self, run: Staged) -> None:
        self.summary: dict[str, Any] = run.summary
        self.found: list[Finding] = list(run.findings())
        record = pq.read_table(run.objects)
        self.keys: list[str] = record["key"].to_pylist()
        self.classes = dict(zip(self.keys, record["class"].to_pylist(), strict=True))
        self.record = record

    def said(self) -> set[tuple[str, str, str]]:
        return {(finding.rule, finding.key, str(finding.status)) for finding in self.found}

    def about(self, *codes: str) -> set[str]:
        """The keys that rules with these codes (or code prefixes) accuse."""
        return {finding.key for finding in self.found if finding.rule.startswith(codes)}


def run(
    folder: Path,
    store: Store,
    rows: RowSource | None,
    *,
    rules: Sequence[Rule] | None = None,
    pauses: list[float] | None = None,
    spec: Specification | None = None,
    everything: bool = False,
    sides: Sequence[Side] = (),
    pending: PendingSource | None = None,
    verified: Verified | None = None,
    **options: Any,
) -> Ran:
    left_out = set() if everything else EMPTY | (IMAGES if rules is None else set())
    rules = load_rules() if rules is None else rules
    case = open_case(
        store=store,
        rows=rows,
        spec=spec or shipped(),
        rules=rules,
        selected=frozenset(all_infos(rules)) - left_out,
        options=Options(**{"settle": timedelta(0), "content": Level.FULL, **options}),
        clock=Clock(store.clock(), pause=(pauses if pauses is not None else []).append),
        folder=folder,
        progress=Silent(),
        sides=sides,
        pending=pending,
        verified=verified,
    )
    return Ran(audit(case, folder))


UID = "AAAAAAAAAAAAAAAAAAAAAA"


def image(number: int) -> str:
    """An `images/originals` key; its family needs rows."""
    return f"s3_files/images/originals/oseh_if_{UID}/token{number:06}"
