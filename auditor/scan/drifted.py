"""The objects of a finished run that a document does not describe: picked out once, then read as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.errors import CannotStart
from auditor.formats.private_folder import private_folder
from auditor.runs.folder import RunFolder
from auditor.scan.columns import ObjectClass
from auditor.spec import Fit, Specification
from auditor.spec.drift import OBSERVED

BATCH = 65_536

_COLUMNS = ["key", "size", "last_modified", "class", "row_uid"]
_NOT_THERE = pa.array([str(ObjectClass.IGNORED), str(ObjectClass.GONE)])
_EXPLAINED = pa.array([str(Fit.FITS), str(Fit.IGNORED)])


@contextmanager
def drifted(run: RunFolder, specification: Specification) -> Iterator[Callable[[], Iterator[pa.Table]]]:
    """A function that reads the drift from its beginning, as tables with the columns of OBSERVED.

    The drift lies in a private temporary file meanwhile, so that memory holds one batch. The document that counts is
    the given one, not the one of the run. Raises CannotStart when the record of the run cannot be read.
    """
    with private_folder("drift") as folder:
        spool = folder / "drift.arrow"
        with pa.OSFile(str(spool), "wb") as file, pa.ipc.new_file(file, OBSERVED) as writer:
            for batch in _record(run):
                writer.write_table(_drift_of(batch, specification))
        yield lambda: _read(spool)


def _record(run: RunFolder) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(run.objects) as file:
            for group in range(file.num_row_groups):  # asked for all groups at once, Arrow keeps what it has read
                for batch in file.iter_batches(BATCH, row_groups=[group], columns=_COLUMNS):
                    yield pa.Table.from_batches([batch])
    except (OSError, pa.ArrowException) as error:
        raise CannotStart(f"{run.objects} cannot be read ({error}): is the folder whole?") from error


def _drift_of(batch: pa.Table, specification: Specification) -> pa.Table:
    batch = batch.filter(pc.invert(pc.is_in(batch["class"].cast(pa.string()), value_set=_NOT_THERE)))
    fits = specification.classify(batch["key"]).fit.cast(pa.string())
    batch = batch.filter(pc.invert(pc.is_in(fits, value_set=_EXPLAINED)))
    columns = [batch["key"], batch["size"], batch["last_modified"], batch["row_uid"].is_valid()]
    return pa.table(columns, schema=OBSERVED)


def _read(spool: Path) -> Iterator[pa.Table]:
    with pa.OSFile(str(spool)) as file, pa.ipc.open_file(file) as reader:
        for number in range(reader.num_record_batches):
            yield pa.Table.from_batches([reader.get_batch(number)])
