"""Rows of a database server: PostgreSQL, MySQL and MariaDB, by SQLAlchemy URL."""

from __future__ import annotations

from auditor.rows.server.opening import SCHEMES
from auditor.rows.server.source import ServerRows

__all__ = ["SCHEMES", "ServerRows"]
