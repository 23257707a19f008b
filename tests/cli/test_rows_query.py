"""`[rows] query` in a whole audit."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rules.shipped import file_service
from tests.scanning import placed, scan, world

QUERY = '''[rows]
uid = "id_of_file"
size = "bytes"
content_type = ""
query = """
SELECT path AS key, files.uid AS id_of_file, bytes, made AS created_at
FROM files JOIN buckets ON buckets.id = files.bucket_id
WHERE buckets.name = 'mine' -- and not the other one
"""
'''


@pytest.fixture
def bindings(tmp_path: Path) -> Path:
    shipped = file_service().bindings
    path = tmp_path / "bindings.toml"
    text, replaced = re.subn(r"\[rows\]\n(?:.+\n)+", lambda _: QUERY, shipped.data.decode())
    assert replaced == 1
    path.write_text(text, encoding="utf-8")
    return path


def test_a_query_of_ones_own_gives_the_same_findings(tmp_path: Path, bindings: Path) -> None:
    made, path = world(1, 400, "folder"), tmp_path / "rows.db"
    made.write_database(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript("""
            CREATE TABLE buckets (id INTEGER PRIMARY KEY, name TEXT);
            INSERT INTO buckets VALUES (1, 'mine'), (2, 'other');
            CREATE TABLE files (uid TEXT, path TEXT, bytes, made, bucket_id);
            INSERT INTO files SELECT uid, key, file_size, created_at, 1 FROM s3_files;
            INSERT INTO files SELECT 'x' || uid, key || 'x', 1, 0, 2 FROM s3_files;
        """)
    with placed(made, "folder", tmp_path) as bucket:
        scanned = scan(bucket, tmp_path / "run", "--db", f"sqlite:///{path}", "--bindings", str(bindings))
    truth = made.truth("sqlite")
    # no content type, no table whose id a part could refer to, and none that others could
    retyped = {one for one in truth.findings if one.rule == "IMG001" and one.key in made.planted["wrong-type"]}
    assert retyped
    assert scanned.said() == sorted(truth.without("REF004", "REF009", "UPL002").findings - retyped)
    assert {"what": "sizes of parts in uploads", "because": "a query stands in place of the table of rows"} in (
        scanned.summary["not_audited"]
    )
    assert scanned.classes() == truth.classes
    assert scanned.summary["row_classes"] == dict(truth.row_counts())
    assert scanned.summary["complete"], scanned.summary["errors"]
