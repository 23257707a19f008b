"""What a versioned bucket keeps of a key: one page of ListObjectVersions, where the key's own entries come first."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from auditor.errors import VersionsUnreadable
from auditor.store.base import Remains, Version
from auditor.store.trouble import FAILURES, code_and_status, reason

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import DeleteMarkerEntryTypeDef, ObjectVersionTypeDef

PAGE = 100  # entries; a key with more delete markers than that on top of its newest version is not recovered by us
_NO_SUCH_THING = ("NotImplemented", "MethodNotAllowed", "XNotImplemented")


def keeps_versions(client: S3Client, bucket: str) -> bool:
    """Who may not ask for the setting may still be allowed to list versions, so a refusal counts as yes."""
    try:
        return "Status" in client.get_bucket_versioning(Bucket=bucket)
    except FAILURES as error:
        code, status = code_and_status(error)
        if status == 403:
            return True
        if code in _NO_SUCH_THING:
            return False
        raise VersionsUnreadable(f"{reason(error)} (GetBucketVersioning)") from error


def remains(client: S3Client, bucket: str, key: str) -> Remains | None:
    try:
        page = client.list_object_versions(Bucket=bucket, Prefix=key, MaxKeys=PAGE)
        versions = [found for found in page.get("Versions", ()) if found["Key"] == key]
        markers = [found for found in page.get("DeleteMarkers", ()) if found["Key"] == key]
        if not versions and page.get("NextKeyMarker") == key:
            return None  # the page holds nothing but markers, and there are more: nobody knows what lies under them
        return _remains(versions, markers)
    except FAILURES as error:
        needs = ", which s3:ListBucketVersions allows" if code_and_status(error)[1] == 403 else ""
        raise VersionsUnreadable(f"{reason(error)} (ListObjectVersions{needs})") from error


def _remains(versions: list[ObjectVersionTypeDef], markers: list[DeleteMarkerEntryTypeDef]) -> Remains | None:
    """S3 gives both lists newest first; between them, only the latest of all says so, so times decide."""
    if not markers or any(found["IsLatest"] for found in versions):
        return None
    newest = versions[0] if versions else None
    above = [found for found in markers if newest is None or found["LastModified"] >= newest["LastModified"]]
    deleted_at = markers[0]["LastModified"].astimezone(UTC)
    return Remains(tuple(found["VersionId"] for found in above), deleted_at, _version(newest) if newest else None)


def _version(found: ObjectVersionTypeDef) -> Version:
    return Version(
        version_id=found["VersionId"],
        size=found["Size"],
        last_modified=found["LastModified"].astimezone(UTC),
        storage_class=found.get("StorageClass", "STANDARD"),
    )
