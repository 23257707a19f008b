"""Multipart uploads that nobody finished, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from auditor.errors import CallRefused, ListingFailed
from auditor.store.base import StoredParts, UnfinishedUpload
from auditor.store.trouble import CREDENTIAL_CODES, FAILURES, code_and_status, reason

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_REFUSALS = (403, 405, 501)  # not allowed, or not known to this server


def unfinished(client: S3Client, bucket: str, prefix: str) -> Iterator[UnfinishedUpload]:
    """See `Store.uploads`. Keys are asked for percent-encoded, since XML cannot hold every key."""
    markers: dict[str, str] = {}
    while True:
        try:
            page: Any = client.list_multipart_uploads(Bucket=bucket, Prefix=prefix, EncodingType="url", **markers)  # type: ignore[arg-type]
            encoded = page.get("EncodingType") == "url"
            found = [_upload(item, encoded=encoded) for item in page.get("Uploads", ())]
            following = _markers(page, encoded=encoded)
        except FAILURES as error:
            raise _failure(error) from error
        yield from found
        if not page.get("IsTruncated"):
            return
        if following == markers:
            raise ListingFailed("The list of unfinished uploads broke off: the same page came twice; run it again.")
        markers = following


def _upload(item: dict[str, Any], *, encoded: bool) -> UnfinishedUpload:
    return UnfinishedUpload(_key(item["Key"], encoded), item["UploadId"], item["Initiated"].astimezone(UTC))


def _markers(page: dict[str, Any], *, encoded: bool) -> dict[str, str]:
    key, upload_id = page.get("NextKeyMarker", ""), page.get("NextUploadIdMarker", "")
    return {"KeyMarker": _key(key, encoded), "UploadIdMarker": upload_id}


def _key(text: str, encoded: bool) -> str:
    return unquote_plus(text) if encoded else text


def _failure(error: Exception) -> CallRefused | ListingFailed:
    code, status = code_and_status(error)
    if status in _REFUSALS and code not in CREDENTIAL_CODES:
        advice = "; grant s3:ListBucketMultipartUploads" if status == 403 else ""
        return CallRefused(f"the store does not list unfinished uploads ({reason(error)}{advice})")
    return ListingFailed(f"The list of unfinished uploads broke off: {reason(error)}; run it again.")


def parts_of(client: S3Client, bucket: str, upload: UnfinishedUpload) -> StoredParts | None:
    """See `Store.stored_parts`."""
    try:
        answer = client.list_parts(Bucket=bucket, Key=upload.key, UploadId=upload.upload_id)
        parts = answer.get("Parts", ())
        sizes = [part["Size"] for part in parts]
        newest = max((part["LastModified"].astimezone(UTC) for part in parts if "LastModified" in part), default=None)
    except FAILURES:  # finished or aborted meanwhile, or not allowed: the finding is as good without it
        return None
    return StoredParts(len(sizes), sum(sizes), bool(answer.get("IsTruncated")), newest)
