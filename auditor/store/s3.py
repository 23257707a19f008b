"""Objects of an S3 bucket, or of anything that speaks S3."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

import pyarrow as pa

from auditor.errors import CannotStart, ListingFailed, ObjectChanged, ObjectGone, ObjectUnreadable
from auditor.store.ahead import read_ahead
from auditor.store.base import ObjectFacts, Remains, StoredParts, UnfinishedUpload
from auditor.store.body import BUFFER, Body
from auditor.store.fast import fast_pages, install, objects_of
from auditor.store.order import in_order, up_to
from auditor.store.trouble import CREDENTIAL_CODES, FAILURES, cannot_list, code_and_status, reason
from auditor.store.uploads import parts_of, unfinished
from auditor.store.versions import keeps_versions, remains

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BURST = 12  # pages that are taken before their entries are cut, see `objects_of`
_AMAZON = (".amazonaws.com", ".amazonaws.com.cn")
_ARCHIVED = "it is archived; restore it first to have it checked"


class S3Store:
    """A bucket seen through `client` (see `read_only_client`), which belongs to this store alone.

    `prefix` is what the run will list; `clock` tries just that, so that a policy that allows no more is enough.
    """

    def __init__(self, client: S3Client, bucket: str, *, prefix: str = "") -> None:
        self.bucket = bucket
        self.url = f"s3://{bucket}"
        self.requests: Counter[str] = Counter()
        self._client = client
        self._prefix = prefix
        self._counting = Lock()
        install(client)
        client.meta.events.register("before-send.s3", self._count)

    def clock(self) -> datetime:
        try:
            with fast_pages():
                answer = self._client.list_objects_v2(Bucket=self.bucket, Prefix=self._prefix, MaxKeys=1)
        except FAILURES as error:
            raise cannot_list(error, bucket=self.bucket, endpoint_url=self._client.meta.endpoint_url) from error
        try:
            return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)
        except (KeyError, ValueError) as error:
            raise CannotStart(
                f"The server of bucket {self.bucket!r} does not say what time it is (no Date header), and without "
                "its clock nothing can be called old; audit it through an endpoint that sends one."
            ) from error

    def list(self, prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[pa.Table]:
        # Towards an end, page by page: nothing beyond it is asked for.
        pages = up_to(self._pages(prefix, after, BURST if until is None else 1), until)
        return read_ahead(pages, lambda tables: in_order(tables, prefix, after))

    def head(self, key: str) -> ObjectFacts | None:
        try:
            answer = self._client.head_object(Bucket=self.bucket, Key=key)
        except FAILURES as error:
            if code_and_status(error)[1] == 404:
                return None
            raise self._unreadable(key, error) from error
        return ObjectFacts(
            key=key,
            size=answer["ContentLength"],
            last_modified=answer["LastModified"].astimezone(UTC),
            etag=answer.get("ETag", ""),
            storage_class=answer.get("StorageClass", "STANDARD"),  # S3 leaves out the header for this one
        )

    @contextmanager
    def open(self, key: str, start: int = 0, length: int | None = None, etag: str | None = None) -> Iterator[BinaryIO]:
        if length == 0:
            yield io.BytesIO()
            return
        with io.BufferedReader(self._get(key, start, length, etag), BUFFER) as stream:
            yield stream

    def uploads(self, prefix: str = "") -> Iterator[UnfinishedUpload]:
        return unfinished(self._client, self.bucket, prefix)

    def stored_parts(self, upload: UnfinishedUpload) -> StoredParts | None:
        return parts_of(self._client, self.bucket, upload)

    @property
    def endpoint(self) -> str | None:
        """The URL of an S3 that is not Amazon's, without what may be secret in it; None for Amazon's."""
        parts = urlsplit(self._client.meta.endpoint_url)
        if (parts.hostname or "").endswith(_AMAZON):
            return None
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def keeps_versions(self) -> bool:
        return keeps_versions(self._client, self.bucket)

    def remains(self, key: str) -> Remains | None:
        return remains(self._client, self.bucket, key)

    def close(self) -> None:
        self._client.close()

    def _pages(self, prefix: str, after: str | None, burst: int) -> Iterator[pa.Table]:
        options: dict[str, Any] = {"StartAfter": after} if after else {}
        pages = iter(
            self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix, **options)
        )
        failure: Exception | None = None
        while failure is None:
            answers: list[Any] = []
            try:
                with fast_pages():
                    for answer in islice(pages, burst):
                        answers.append(answer)  # noqa: PERF402 - what came before a failure is kept
            except FAILURES as error:
                failure = error  # raised below, behind the pages that came before it
            if not answers and failure is None:
                return
            for answer in answers:
                try:
                    table = objects_of(answer)
                except FAILURES as error:
                    raise self._broke_off(error) from error
                yield table
        raise self._broke_off(failure) from failure

    def _broke_off(self, error: Exception) -> ListingFailed:
        return ListingFailed(f"The listing of {self.url}/{self._prefix} broke off: {reason(error)}; run it again.")

    def _get(self, key: str, start: int, length: int | None, etag: str | None) -> Body:
        whole = start == 0 and length is None
        end = "" if length is None else start + length - 1
        options: dict[str, Any] = {} if whole else {"Range": f"bytes={start}-{end}"}
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=key, **options)
        except FAILURES as error:
            if code_and_status(error)[0] in ("NoSuchKey", "404"):
                raise ObjectGone(key) from error
            if etag is not None and code_and_status(error)[0] == "InvalidRange":
                raise ObjectChanged(key) from error  # it is shorter than it was when it was listed
            raise self._unreadable(key, error) from error
        if etag is not None and answer.get("ETag", "").strip('"') != etag.strip('"'):
            answer["Body"].close()
            raise ObjectChanged(key)
        if options and not answer.get("ContentRange", "").startswith(f"bytes {start}-"):
            answer["Body"].close()
            raise ObjectUnreadable(key, "the server does not answer byte ranges", refused=False)
        body = answer["Body"]
        left = answer["ContentLength"] if length is None else length
        return Body(key, body, left, body.close)  # type: ignore[arg-type]  # the stubs have readinto(IO)

    def _unreadable(self, key: str, error: Exception) -> ObjectUnreadable:
        code, status = code_and_status(error)
        if code == "InvalidObjectState":
            return ObjectUnreadable(key, _ARCHIVED, refused=True)
        if code == "InvalidRange":
            return ObjectUnreadable(key, "it is shorter than the listing said", refused=False)
        return ObjectUnreadable(key, reason(error), refused=self._is_refusal(code, status))

    def _is_refusal(self, code: str, status: int) -> bool:
        """Whether the answer is about this object and will be the same tomorrow."""
        if not 400 <= status < 500 or status in (408, 429) or code in CREDENTIAL_CODES or code == "NoSuchBucket":
            return False
        return code != str(status) or self._still_listed()

    def _still_listed(self) -> bool:
        """A HEAD's answer has no body: what tells a forbidden object from expired credentials is another request."""
        try:
            self.clock()
        except CannotStart:
            return False
        return True

    def _count(self, event_name: str, **_: Any) -> None:
        with self._counting:
            self.requests[event_name.rpartition(".")[2]] += 1
