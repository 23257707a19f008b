"""UPL001: multipart uploads that were begun long ago and never completed. No listing of objects shows them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pyarrow as pa

from auditor.findings import Problem, RuleInfo, RuleKind, Severity
from auditor.protocols import Context
from auditor.store.base import Store, StoredParts, UnfinishedUpload
from auditor.text import human_bytes, isoformat, printable

LIMIT = 1000  # uploads that are reported one by one; the rest is counted
SIZED = 100  # uploads whose parts are asked for, one request each

ABANDONED = RuleInfo(
    code="UPL001",
    name="abandoned-multipart",
    severity=Severity.INFO,
    kind=RuleKind.BUCKET,
    summary="A multipart upload was begun long ago and never completed.",
    why="Its parts are stored and paid for, and no listing of objects shows them.",
    action="Abort it, and let a lifecycle rule of the bucket abort such uploads (AbortIncompleteMultipartUpload).",
    good="an upload begun an hour ago; no unfinished upload at all",
    bad="an upload begun in March of which 800 MB are stored",
)


class MultipartRule:
    """A `BucketRule`. The subject is the upload's id, since a key may have several."""

    infos: tuple[RuleInfo, ...] = (ABANDONED,)

    def check_bucket(self, store: Store, prefix: str, context: Context) -> Iterator[Problem]:
        """Lets pass what the store raises."""
        cutoff = context.cutoff
        old = (upload for upload in store.uploads(prefix) if cutoff is not None and upload.begun < cutoff)
        listed = list(islice(old, LIMIT))
        classes = context.spec.classify(pa.array([upload.key for upload in listed], pa.string()))
        families = classes.family.to_pylist()
        for number, (upload, family) in enumerate(zip(listed, families, strict=True)):
            parts = store.stored_parts(upload) if number < SIZED else None
            message = _message(upload, parts)
            yield Problem(ABANDONED.code, message, subject=upload.upload_id, key=upload.key, family=family)
        if more := sum(1 for _ in old):
            message = f"{more:,} more uploads were begun long ago; only the first {LIMIT:,} are listed one by one."
            yield Problem(ABANDONED.code, message, subject="more", key="")


def _message(upload: UnfinishedUpload, parts: StoredParts | None) -> str:
    there = ""
    if parts is not None:
        least = "at least " if parts.more else ""
        there = f"; {least}{human_bytes(parts.size)} in {parts.parts:,} parts are stored"
    began = f"The upload {printable(upload.upload_id)} was begun at {isoformat(upload.begun)}"
    return f"{began} and is neither completed nor aborted{there}."
