"""BAK001 to BAK006: backups of the database and of redis, one by one and as a series."""

from __future__ import annotations

from rules.backups.database import DatabaseBackupRule
from rules.backups.redis import RedisBackupRule
from rules.backups.series import SeriesRules

__all__ = ["DatabaseBackupRule", "RedisBackupRule", "SeriesRules"]
