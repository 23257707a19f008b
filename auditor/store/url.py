"""What a user types to say which bucket: `s3://name[/prefix]` or `file:///folder`."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from auditor.errors import CannotStart
from auditor.store.base import Store
from auditor.store.client import read_only_client
from auditor.store.folder import FolderStore
from auditor.store.s3 import S3Store
from auditor.text import printable

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")  # what S3 accepted in its first years, too


def open_store(
    url: str,
    *,
    endpoint_url: str | None = None,
    profile: str | None = None,
    region: str | None = None,
    expected_bucket_owner: str | None = None,
) -> tuple[Store, str]:
    """The store behind `url`, and the prefix in it, which is taken literally (no decoding, no slash added).

    Raises CannotStart for a URL that is none. Nothing is asked of the store yet: `clock` does that.

    >>> open_store("s3:/images")
    Traceback (most recent call last):
    auditor.errors.CannotStart: 's3:/images' names no bucket; write s3://name, s3://name/prefix or file:///folder.
    """
    if url.startswith("file://"):
        return FolderStore(_folder(url)), ""
    bucket, prefix = _bucket_and_prefix(url)
    client = read_only_client(
        endpoint_url=endpoint_url, profile=profile, region=region, expected_bucket_owner=expected_bucket_owner
    )
    return S3Store(client, bucket, prefix=prefix), prefix


def _bucket_and_prefix(url: str) -> tuple[str, str]:
    if not url.startswith("s3://"):
        raise CannotStart(f"{printable(url)!r} names no bucket; write s3://name, s3://name/prefix or file:///folder.")
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    if bucket.endswith("--x-s3"):
        raise CannotStart(
            f"{printable(bucket)!r} is a directory bucket (S3 Express), which lists unsorted; "
            "copy its objects to a general purpose bucket to have them audited."
        )
    if not _BUCKET.fullmatch(bucket):
        raise CannotStart(f"{printable(bucket)!r} is no name of a bucket; write s3://name or s3://name/prefix.")
    try:
        prefix.encode()
    except UnicodeEncodeError:
        raise CannotStart("The prefix is not UTF-8, so no key can begin with it; check the URL.") from None
    return bucket, prefix


def _folder(url: str) -> Path:
    """As in RFC 8089: a path from the root on, percent-encoded."""
    path = url.removeprefix("file://").removeprefix("localhost")
    folder = unquote(path, errors="surrogateescape")
    if not folder.startswith("/") or "\0" in folder:
        raise CannotStart(f"{printable(url)!r} names no folder; write file:///folder, with the path from the root on.")
    return Path(folder)
