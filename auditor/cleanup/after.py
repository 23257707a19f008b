"""`auditor verify PLAN --after`: what is gone, what remains, what can be brought back, which rows are still there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from auditor.cleanup.beside import Uploads, uploads_of
from auditor.cleanup.model import Action, Item
from auditor.cleanup.reading import PlanFolder
from auditor.cleanup.verdict import Judged, Verdict, of_head
from auditor.cleanup.verify import LOOKING
from auditor.errors import RowsFailed, VersionsUnreadable
from auditor.progress import Progress
from auditor.rows.base import RowSource
from auditor.scan.looks import look_at
from auditor.store.base import Remains, Store, VersionedStore

SHOWN = 20  # of what did not go, by key


@dataclass
class Aftermath:
    """Counts of objects and uploads, with bytes. `recoverable` lie under a delete marker."""

    counts: Counter[str] = field(default_factory=Counter)  # gone, ready (it remains), changed, unsure
    sizes: Counter[str] = field(default_factory=Counter)
    recoverable: int = 0
    recoverable_bytes: int = 0
    rows: int = 0  # of objects that are gone, still there
    rows_unknown: int = 0
    remarks: list[str] = field(default_factory=list)
    shown: list[Judged] = field(default_factory=list)

    def add(self, judged: Judged) -> None:
        self.counts[judged.verdict] += 1
        self.sizes[judged.verdict] += judged.item.size or 0
        if judged.verdict is not Verdict.GONE and len(self.shown) < SHOWN:
            self.shown.append(judged)

    @property
    def unsure(self) -> bool:
        return bool(self.counts[Verdict.UNSURE] or self.remarks)

    @property
    def remains(self) -> bool:
        return bool(self.counts[Verdict.READY] or self.counts[Verdict.CHANGED] or self.rows)


@dataclass
class Looking:
    plan: PlanFolder
    store: Store
    rows: RowSource | None
    progress: Progress
    found: Aftermath = field(default_factory=Aftermath)
    _versioned: VersionedStore | None = None

    def run(self) -> Aftermath:
        """One HEAD for each object; of what is gone, its versions and its row where they can be had."""
        self._open_versions()
        uploads = uploads_of(self.store, self.plan.document["run"]["prefix"], self.plan.items())
        self.progress.stage("looking at what is left")
        with ThreadPoolExecutor(LOOKING, "look") as executor:
            for chunk in self.plan.chunks():
                gone = []
                for judged in self._judged(executor, chunk, uploads):
                    self.found.add(judged)
                    if judged.verdict is Verdict.GONE and judged.item.action is Action.DELETE:
                        gone.append(judged.item)
                self._versions(executor, gone)
                self._rows(gone)
                self.progress.advance(len(chunk))
        return self.found

    def _judged(self, executor: Executor, chunk: Sequence[Item], uploads: Uploads) -> Iterator[Judged]:
        objects = [item for item in chunk if item.action is Action.DELETE]
        heads = executor.map(lambda item: look_at(self.store, item.key), objects)
        for item, head in zip(objects, heads, strict=True):
            yield of_head(item, head) or Judged(item, Verdict.READY)
        yield from (uploads.remains(item) for item in chunk if item.action is Action.ABORT)

    def _open_versions(self) -> None:
        try:
            if isinstance(self.store, VersionedStore) and self.store.keeps_versions():
                self._versioned = self.store
        except VersionsUnreadable as error:
            self._without_versions(error)

    def _versions(self, executor: Executor, gone: Sequence[Item]) -> None:
        store = self._versioned
        if store is None or not gone:
            return

        def ask(item: Item) -> Remains | None:
            return store.remains(item.key)

        try:
            for item, left in zip(gone, executor.map(ask, gone), strict=True):
                if left is not None and left.version is not None:
                    self.found.recoverable += 1
                    self.found.recoverable_bytes += item.size or 0
        except VersionsUnreadable as error:
            self._without_versions(error)

    def _without_versions(self, error: VersionsUnreadable) -> None:
        self._versioned = None
        self.progress.note(f"whether anything can be brought back is not known: {error}")

    def _rows(self, gone: Sequence[Item]) -> None:
        """The rows that must go after their objects."""
        uids = {item.key: item.row_uid for item in gone if item.row_uid is not None}
        if not uids:
            return
        if self.rows is None:
            self.found.rows_unknown += len(uids)
            return
        try:
            there = self.rows.lookup(sorted(uids))
        except RowsFailed as error:
            self.found.rows_unknown += len(uids)
            self.found.remarks.append(f"the rows of {len(uids)} objects could not be read: {error}")
            return
        pairs = zip(there["key"].to_pylist(), there["uid"].to_pylist(), strict=True)
        self.found.rows += sum(uids[key] == uid for key, uid in pairs)
