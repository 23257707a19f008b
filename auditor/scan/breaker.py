"""The breaker: when most objects that need a row have none, it is the database that is wrong, not the bucket."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.scan.options import Options
from auditor.scan.sweep import Swept


def tripped(swept: Iterable[Swept], options: Options) -> str | None:
    """The sentence that says so, or None."""
    shards = list(swept)
    need, lack = sum(shard.need_row for shard in shards), sum(shard.lack_row for shard in shards)
    if need < options.breaker_least or lack <= need * options.breaker_share:
        return None
    return (
        f"{lack} of {need} objects that need a row have none: these rows belong to another bucket or environment, "
        "so nothing was accused; run again with the database of this bucket"
    )
