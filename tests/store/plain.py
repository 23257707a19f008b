"""What the plain paginator of boto3 gives, as the yardstick."""

from __future__ import annotations

from functools import lru_cache

import boto3
import pyarrow as pa
from botocore.config import Config

from auditor.frames import OBJECTS


@lru_cache(maxsize=1)
def client(url: str):
    return boto3.client("s3", endpoint_url=url, config=Config(retries={"mode": "standard", "total_max_attempts": 2}))


def rows(url: str, bucket: str = "bucket", **options: str) -> list[dict[str, object]]:
    """Key, size, last_modified, etag, storage_class of every object."""
    pages = client(url).get_paginator("list_objects_v2").paginate(Bucket=bucket, **options)
    names = {
        "key": "Key",
        "size": "Size",
        "last_modified": "LastModified",
        "etag": "ETag",
        "storage_class": "StorageClass",
    }
    return [
        {column: item.get(name) for column, name in names.items()}
        for page in pages
        for item in page.get("Contents", [])
    ]


def listed(tables: object) -> list[dict[str, object]]:
    found = list(tables)  # type: ignore[call-overload]
    assert all(table.schema.equals(OBJECTS) for table in found)
    return pa.concat_tables(found).to_pylist() if found else []
