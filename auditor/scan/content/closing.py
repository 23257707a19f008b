"""The books of contents at the end of a run: the state is kept, and the summary says what was verified."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from auditor.scan.case import Case
from auditor.scan.content.books import coverage, news
from auditor.scan.content.session import Session
from auditor.scan.content.turns import Level


def close_contents(case: Case, session: Session) -> dict[str, Any] | None:
    """`contents` of summary.json; None where contents were not looked into at all."""
    level, limit, now = case.options.content, case.options.limit, case.clock.started
    if level is Level.NONE:
        return None
    if case.verified is not None:
        gone = (case.units.need(unit, "forgotten") for unit in case.units.all("forgotten"))
        case.verified.keep(news(case.units, now), gone)
        if case.verified.trouble is not None:
            case.ledger.not_audited.append({"what": "contents of earlier runs", "because": case.verified.trouble})
    return {
        "level": str(level),
        "budget": {"bytes": limit.size, "seconds": _seconds(limit.time)},
        "every_seconds": case.options.every.total_seconds(),
        "read": {"objects": session.objects, "bytes": session.spent},
        "left": session.left,
        "nights": _nights(session),
        **coverage(case.units, now),
    }


def _nights(session: Session) -> int | None:
    """How many more such runs the objects need that had no turn in this one; None where nobody can say."""
    if not session.left:
        return 0
    return -(-session.left // session.objects) if session.objects else None


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else time.total_seconds()
