"""What a versioned bucket still keeps of the objects of dangling rows.

No verdict rests on it, so what cannot be asked leaves the run complete and is said under "not audited".
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from auditor.errors import VersionsUnreadable
from auditor.scan.columns import REMAINS, Mask, RowClass, codes_of
from auditor.store.base import Remains, Store, VersionedStore

MOST = 1000  # rows of one run that are asked about, each with one request
AT_ONCE = 16

_DANGLING = {str(RowClass.DANGLING): 1}


@dataclass
class Recovery:
    """Asks once whether the bucket keeps versions, then for the versions of each dangling row's key."""

    store: Store
    executor: Executor
    _versioned: VersionedStore | None = None
    _opened: bool = False
    _asked: int = 0
    _passed_over: int = 0
    _refused: str | None = None

    def with_remains(self, judged: pa.Table) -> pa.Table:
        """The MERGED table with `remains` of its dangling rows."""
        dangling = codes_of(judged["row_class"], _DANGLING) == 1
        if not dangling.any():
            return judged
        return judged.set_column(judged.column_names.index("remains"), "remains", self._column(judged["key"], dangling))

    def not_audited(self) -> Iterator[dict[str, str]]:
        if self._refused is not None:
            yield {"what": "whether lost objects can be recovered", "because": self._refused}
        if self._passed_over and self._refused is None:
            what = f"whether {self._passed_over:,} more lost objects can be recovered"
            yield {"what": what, "because": f"versions of no more than {MOST:,} are looked for in one run"}

    def _column(self, keys: pa.ChunkedArray, dangling: Mask) -> pa.Array:
        values: list[dict[str, Any] | None] = [None] * len(keys)
        rest = iter(dangling.nonzero()[0].tolist())
        while positions := list(islice(rest, AT_ONCE)):
            asked = self._ask([keys[at].as_py() for at in positions])
            for at, left in zip(positions, asked, strict=True):
                values[at] = None if left is None else _value(left)
        return pa.array(values, REMAINS)

    def _ask(self, keys: list[str]) -> list[Remains | None]:
        try:
            store = self._open()
            if store is None:
                return [None] * len(keys)
            now = keys[: MOST - self._asked]
            self._asked += len(now)
            self._passed_over += len(keys) - len(now)
            return [*self.executor.map(store.remains, now), *[None] * (len(keys) - len(now))]
        except VersionsUnreadable as error:
            self._refused, self._versioned = str(error), None
            return [None] * len(keys)

    def _open(self) -> VersionedStore | None:
        """None where no versions are kept, or where they may not be read: found out once."""
        if not self._opened:
            self._opened = True
            if isinstance(self.store, VersionedStore) and self.store.keeps_versions():
                self._versioned = self.store
        return self._versioned


def _value(left: Remains) -> dict[str, Any]:
    version = left.version
    return {
        "deleted_at": left.deleted_at,
        "markers": list(left.markers),
        "version_id": version and version.version_id,
        "version_size": version and version.size,
        "version_modified": version and version.last_modified,
        "storage_class": version and version.storage_class,
    }
