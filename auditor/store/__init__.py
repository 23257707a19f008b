"""Where objects come from: S3 or a folder. List, look and read, nothing else."""

from __future__ import annotations

from auditor.store.base import Store
from auditor.store.s3 import S3Store
from auditor.store.url import open_store

__all__ = ["endpoint_of", "open_store"]


def endpoint_of(store: Store) -> str | None:
    """The URL of the S3 that was asked, where it is not Amazon's; None for Amazon's and for a folder."""
    return store.endpoint if isinstance(store, S3Store) else None
