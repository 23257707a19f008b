"""How rules about rows speak of times."""

from __future__ import annotations

from datetime import datetime

from auditor.protocols import Context
from auditor.text import isoformat


def second(moment: datetime) -> str:
    return isoformat(moment.replace(microsecond=0))


def as_of(context: Context) -> str:
    """A sentence for what is judged by a backup; nothing otherwise."""
    return f" Judged by a backup of {second(context.rows_as_of)}." if context.rows_as_of else ""


def evidence_of(context: Context) -> str:
    """A sentence on what the absence of something from the database rests on."""
    return as_of(context) or " It was looked for twice."
