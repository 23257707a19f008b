"""A backup does not move, so as many rows must have been read as it has. Of a live database nobody can say."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.errors import RowsFailed
from auditor.scan.case import Case
from auditor.scan.merge import prefix_range
from auditor.scan.sweep import Swept


def recount(case: Case, swept: Sequence[Swept]) -> None:
    """Distrusts the evidence when pages of a backup's rows left some out, or had some twice.

    Silent where the run is incomplete for a known reason: a shard that failed, keys that are not text.
    """
    rows = case.rows
    if rows is None or rows.as_of is None or rows.unreadable_keys or any(shard.failed for shard in swept):
        return
    prefix = case.options.prefix
    _, beyond = prefix_range(prefix)
    try:
        have = rows.count(prefix or None, beyond)
    except RowsFailed as error:
        case.ledger.fail([{"what": "count of the rows", "message": str(error)}])
        return
    read = sum(shard.rows for shard in swept)
    if read != have:
        why = f"{rows.source} has {have} rows and {read} were read, so nothing was accused; run again"
        case.ledger.distrust("the rows", why)
