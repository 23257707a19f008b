"""The files of a plan, written as its objects stream by, and hashed on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from auditor.cleanup import formats, scripts
from auditor.cleanup.hashed import HashedFile
from auditor.cleanup.limits import Totals
from auditor.cleanup.model import Action, Item
from auditor.cleanup.scripts import Guard
from auditor.findings_csv import escape

PLAN, OBJECTS, MANIFEST, ROWS, LIFECYCLE, README = (
    "plan.json",
    "objects.jsonl",
    "manifest.csv",
    "rows.csv",
    "lifecycle.json",
    "README.md",
)
ROWS_HEADER = "row_uid,key\n"


@dataclass
class PlanWriter:
    """`bucket` is None for a folder: what speaks S3 is not written then. A file begins with its first line."""

    folder: Path
    bucket: str | None
    mark: str  # the value of the tag
    guard: Guard
    endpoint: str | None = None  # of an S3 that is not Amazon's
    totals: Totals = field(default_factory=Totals)
    files: dict[str, str] = field(default_factory=dict)  # name -> SHA-256 of what is closed
    _open: dict[str, HashedFile] = field(default_factory=dict)
    _batch: list[Item] = field(default_factory=list)
    _batches: int = 0

    def add(self, item: Item) -> None:
        self.totals.add(item)
        self._write(OBJECTS, item.to_line())
        if item.leaves_row:
            self._write(ROWS, ",".join(_quoted(escape(cell)) for cell in (item.row_uid or "", item.key)) + "\n")
        if self.bucket is not None:
            self._for_s3(self.bucket, item)

    def note(self, name: str, text: str) -> None:
        """Writes to a file of another name."""
        self._write(name, text)

    def finish(self) -> dict[str, str]:
        """Closes all files; name -> SHA-256, as plan.json has it."""
        self._end_batch()
        for name in [name for name in scripts.NAMES if name in self._open]:
            self._write(name, scripts.tail())
        for name in list(self._open):
            self.files[name] = self._open.pop(name).close()
        return dict(sorted(self.files.items()))

    def _for_s3(self, bucket: str, item: Item) -> None:
        if item.action is Action.DELETE:
            self._write(MANIFEST, formats.manifest_line(bucket, item.key))
            if formats.fits_xml(item.key):
                self._batch.append(item)
                if len(self._batch) == formats.BATCH:
                    self._end_batch()
        for name in scripts.NAMES:
            self._write(name, scripts.of_item(name, bucket, item, self.mark))

    def _end_batch(self) -> None:
        if not self._batch or self.bucket is None:
            return
        self._batches += 1
        name = f"delete-{self._batches:05}.json"
        file = HashedFile(self.folder / name)
        file.write(formats.batch(self._batch))
        self.files[name] = file.close()
        self._batch.clear()
        self._write("delete.sh", scripts.of_batch(self.bucket, name))

    def _write(self, name: str, text: str) -> None:
        if not text:
            return
        if name not in self._open:
            self._open[name] = HashedFile(self.folder / name)
            self._open[name].write(_head(name, self.guard, self.endpoint))
        self._open[name].write(text)


def _head(name: str, guard: Guard, endpoint: str | None) -> str:
    if name == ROWS:
        return ROWS_HEADER
    return scripts.head(name, guard, endpoint) if name in scripts.NAMES else ""


def _quoted(cell: str) -> str:
    """As in RFC 4180."""
    return '"' + cell.replace('"', '""') + '"'
