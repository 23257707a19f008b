"""What SQLite's schema says of itself, in plain SELECTs."""

from __future__ import annotations

FOREIGN_KEYS = """
SELECT m.name, f."from", f."table",
    coalesce(f."to", (SELECT p.name FROM pragma_table_info(f."table") AS p WHERE p.pk = f.seq + 1), '')
FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f
WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq
""".strip()
