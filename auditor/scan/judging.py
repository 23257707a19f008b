"""After the first look: contents, the pause, the second look, the second reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from auditor.scan.breaker import tripped
from auditor.scan.case import Case
from auditor.scan.content.examine import Examiner
from auditor.scan.content.reader import ContentReader
from auditor.scan.content.session import Session
from auditor.scan.remains import Recovery
from auditor.scan.second_look import Looked, SecondLook
from auditor.scan.sheaves import Sheaf, sheaves
from auditor.scan.sweep import Swept

LOOKING = 16  # HEADs and reads under way at once: they wait for the network, not for the processor


def judge(case: Case, swept: list[Swept], session: Session) -> Counter[str]:
    """Judges every candidate and every suspect; returns the classes of the rows that were candidates."""
    swept_at = case.clock.elapsed()
    with ThreadPoolExecutor(LOOKING, "look") as executor:
        reader = ContentReader(_examiner(case), case.book, case.units, executor)
        recovery = Recovery(case.store, executor)
        look = SecondLook(
            case.store, case.rows, case.bench, case.book, case.context, case.units, executor, case.sides, recovery
        )
        case.progress.stage("reading contents")
        session.first(reader, case.rows, case.progress.advance)
        why = tripped(swept, case.options)
        if why is not None:
            case.ledger.distrust("the database", why)
        distrusted = case.ledger.distrusted
        if not distrusted:
            _settle(case, swept_at)
            case.sides.begin(again=True)
        row_classes = _look_again(case, look.dismiss if distrusted else look)
        case.ledger.not_audited += recovery.not_audited()
        # What such rows say of a file is worth as little as what they say of an object.
        rows = None if distrusted else case.rows
        case.progress.stage("reading suspects again", len(case.units.all("suspects")))
        session.second(reader, rows, case.progress.advance)
    case.ledger.fail(session.errors)
    case.ledger.not_audited += [
        {"what": f"contents against {name}", "because": "the database lacks a table or column for it"}
        for name in sorted(session.unanswered)
    ]
    return row_classes


def _examiner(case: Case) -> Examiner:
    families = {family.name: family for family in case.spec.families}
    return Examiner(case.store, case.book, case.law.object_cutoff, case.content_rules(), families)


def _settle(case: Case, swept_at: float) -> None:
    """Waits once, and only for something that may still be moving."""
    if case.live and (case.units.all("candidates") or case.units.all("suspects")):
        left = case.options.settle.total_seconds() - (case.clock.elapsed() - swept_at)
        if left > 0:
            case.progress.stage(f"waiting {left:.0f} s before the second look")
            case.clock.pause(left)


def _look_again(case: Case, examine: Callable[[Sheaf], Looked]) -> Counter[str]:
    row_classes: Counter[str] = Counter()
    candidates = case.units.all("candidates")
    case.progress.stage("looking again", len(candidates))
    for sheaf in sheaves(case.units, candidates, "candidates"):
        looked = examine(sheaf)
        row_classes += looked.row_classes
        case.ledger.fail(looked.errors)
        case.progress.advance(len(sheaf.tables))
    return row_classes
