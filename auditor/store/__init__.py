"""Where objects come from: S3 or a folder. List, look and read, nothing else."""

from __future__ import annotations

from auditor.store.url import open_store

__all__ = ["open_store"]
