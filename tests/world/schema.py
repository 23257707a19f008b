"""The service's tables: the statements of `schema.sql`, and the names in their order."""

from __future__ import annotations

import re
from pathlib import Path

SQL = Path(__file__).with_name("schema.sql").read_text()
TABLES = tuple(re.findall(r"^CREATE TABLE (\w+)", SQL, re.MULTILINE))
