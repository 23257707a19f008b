"""A fault in an object's contents is fixed only when the contents were looked at again, as deep as the fault lay."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from auditor.errors import ObjectUnreadable
from auditor.findings import Severity
from auditor.history.annotate import Annotator
from auditor.history.past import History
from auditor.history.record import record
from auditor.history.tally import Threshold
from auditor.progress import Silent
from auditor.protocols import Query
from auditor.rows.base import RowSource
from auditor.runs.folder import RunFolder, open_run, publish
from auditor.scan.audit import audit
from auditor.scan.case import Clock, open_case
from auditor.scan.content.budget import Limit
from auditor.scan.content.turns import Level
from auditor.scan.content.verified import Verified
from auditor.scan.options import Options
from auditor.scan.rulebook import all_infos
from reports.csv import CsvReport
from reports.json import JsonReport
from tests.scan.content.test_turns import DAY, Marks, key
from tests.scan.fakes import NOW, OLD, MemoryRows, MemoryStore
from tests.scan.running import shipped

FAULTY = {key(0): b"!...", key(1): b"...!", key(2): b"...."}  # in the first bytes, in the rest, nowhere
BOTH, DEEP, SHALLOW = {key(0), key(1)}, {key(1)}, {key(0)}


class Nights:
    """Audits one after the other; `state` keeps what was looked at from night to night."""

    def __init__(self, folder: Path, *, state: bool = True, rule: Marks | None = None) -> None:
        self.folder, self.state, self.night, self.rule = folder, state, 0, rule or Marks()
        self.store = MemoryStore({name: (OLD, body) for name, body in FAULTY.items()}, page=1000)
        self.rows: RowSource | None = MemoryRows({name: (name, 4, OLD) for name in FAULTY})

    def next(self, **options: Any) -> RunFolder:
        self.night += 1
        self.store.now = NOW + self.night * DAY
        staging, out = self.folder / f".{self.night}", self.folder / str(self.night)
        staging.mkdir()
        with closing(History(self.folder / "history.sqlite", self.store.url)) as history:
            run = Annotator(INFOS, history, None, Threshold(Severity.ERROR))(self._audit(staging, options), staging)
            publish(run, {"csv": CsvReport(), "json": JsonReport()}, staging, out)
            record(history, open_run(out))
        return open_run(out)

    def mend(self) -> None:
        for name in FAULTY:
            self.store.objects[name] = (OLD, b"....")

    def _audit(self, folder: Path, options: dict[str, Any]) -> Any:
        verified = Verified(self.folder / "contents.sqlite", self.store.url) if self.state else None
        case = open_case(
            store=self.store,
            rows=self.rows,
            spec=shipped(),
            rules=[self.rule],
            selected=frozenset(INFOS),
            options=Options(**{"settle": timedelta(0), "content": Level.FULL, "every": timedelta(0), **options}),
            clock=Clock(self.store.clock(), pause=lambda seconds: None),
            folder=folder,
            progress=Silent(),
            verified=verified,
        )
        try:
            return audit(case, folder)
        finally:
            if verified is not None:
                verified.close()


INFOS = all_infos([Marks()])


def found(run: RunFolder) -> set[str]:
    return {finding.key for finding in run.findings() if finding.rule == "TST001"}


def fixed(run: RunFolder) -> set[str]:
    return {finding.key for finding in run.fixed() if finding.rule == "TST001"}


def begun(tmp_path: Path, **options: Any) -> Nights:
    nights = Nights(tmp_path, **options)
    assert found(nights.next()) == BOTH
    return nights


def test_what_was_mended_and_read_whole_is_fixed(tmp_path: Path) -> None:
    nights = begun(tmp_path)
    nights.mend()
    assert fixed(nights.next()) == BOTH


def test_what_is_no_longer_there_is_fixed_without_a_look(tmp_path: Path) -> None:
    nights = begun(tmp_path)
    for name in BOTH:
        del nights.store.objects[name]
    assert fixed(nights.next(content=Level.HEADERS)) == BOTH


def test_a_run_that_reads_nothing_repairs_nothing(tmp_path: Path) -> None:
    nights = begun(tmp_path)
    nights.mend()
    assert fixed(nights.next(content=Level.NONE)) == set()
    assert fixed(nights.next()) == BOTH


def test_headers_repair_what_headers_showed_and_nothing_deeper(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    assert found(nights.next(content=Level.HEADERS)) == SHALLOW
    assert found(nights.next()) == BOTH
    assert found(nights.next(content=Level.HEADERS)) == BOTH, "a known fault is read as deep as it lies"
    nights.mend()
    assert fixed(nights.next(content=Level.HEADERS)) == set(), "both were last read whole"
    assert fixed(nights.next()) == BOTH


def test_without_a_state_headers_do_not_reach_a_fault_that_lies_deeper(tmp_path: Path) -> None:
    nights = Nights(tmp_path, state=False)
    nights.next(content=Level.HEADERS)
    nights.store.objects[key(0)] = (OLD, b"....")
    assert fixed(nights.next(content=Level.HEADERS)) == SHALLOW, "it was found in the headers"
    assert found(nights.next()) == DEEP
    assert (found(nights.next(content=Level.HEADERS)), fixed(open_run(tmp_path / "4"))) == (set(), set())


def test_what_the_budget_did_not_reach_is_not_fixed(tmp_path: Path) -> None:
    nights = begun(tmp_path)
    nights.mend()
    assert len(fixed(nights.next(limit=Limit(size=4)))) <= 1, "one object is read, however small the budget"
    assert fixed(nights.next()) | fixed(open_run(tmp_path / "2")) == BOTH


def test_what_waits_for_its_turn_is_not_fixed(tmp_path: Path) -> None:
    nights = begun(tmp_path, state=True)
    (tmp_path / "contents.sqlite").unlink()
    nights.mend()
    nights.store.objects[key(1)] = (OLD, FAULTY[key(1)])
    nights.next(limit=Limit(size=4))  # reads the first alone
    assert found(nights.next(limit=Limit(size=4))) == DEEP, "it was open all the while"
    assert [finding.state for finding in open_run(tmp_path / "3").findings()] == ["known"]


@pytest.mark.parametrize("refused", [True, False])
def test_what_could_not_be_read_is_not_fixed(tmp_path: Path, refused: bool) -> None:
    nights = begun(tmp_path)
    nights.mend()
    nights.store.unreadable = {key(1): ObjectUnreadable(key(1), "access denied", refused=refused)}
    denied = nights.next()
    assert fixed(denied) == (SHALLOW if refused else set()), "a transport that failed makes the run incomplete"
    nights.store.unreadable = {}
    last = nights.next()
    assert fixed(last) == (DEEP if refused else BOTH)
    assert {finding.rule for finding in last.fixed()} == ({"TST001", "RUN001"} if refused else {"TST001"})


def test_what_could_not_be_read_a_second_time_is_not_fixed(tmp_path: Path) -> None:
    nights = begun(tmp_path)
    readings: list[str] = []

    def before(operation: str, name: str) -> None:
        if operation == "GetObject" and name == key(1):
            readings.append(name)
            if len(readings) > 1:
                nights.store.unreadable = {name: ObjectUnreadable(name, "access denied", refused=True)}

    nights.store.before = before
    run = nights.next()
    assert (run.summary["complete"], found(run), fixed(run)) == (True, SHALLOW, set())


class Asking(Marks):
    """What it asks for is a table that the database lacks."""

    queries: ClassVar = {"words": Query("SELECT 1 FROM words")}


def test_a_rule_that_got_no_answer_repairs_nothing(tmp_path: Path) -> None:
    nights = begun(tmp_path, rule=Asking())
    nights.mend()
    run = nights.next()
    assert (list(run.summary["checked"]), fixed(run)) == (["RUN001"], set())


def test_without_rows_nothing_is_fixed_that_was_found_with_them(tmp_path: Path) -> None:
    """A rule may have asked the database; what it says without an answer is less."""
    nights = begun(tmp_path)
    nights.mend()
    rows, nights.rows = nights.rows, None
    assert fixed(nights.next()) == set()
    nights.rows = rows
    assert fixed(nights.next()) == BOTH


def test_a_nightly_without_rows_has_its_repairs_told(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.rows = None
    nights.next()
    nights.mend()
    assert fixed(nights.next()) == BOTH
