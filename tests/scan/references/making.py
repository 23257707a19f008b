"""Small databases about files, and what `draw` makes of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from auditor.rows import RowTable, SqliteRows
from auditor.rows.base import ForeignKey
from auditor.rows.references.sqlite import question, witnesses
from auditor.rows.schema import FOREIGN_KEYS
from auditor.rows.sql import RowsSql, quoted
from auditor.scan.references.drawing import Drawn, draw
from auditor.spec.references import References

FILES = (
    "CREATE TABLE s3_files (id INTEGER PRIMARY KEY, uid TEXT, key TEXT, file_size INTEGER, content_type TEXT,"
    " created_at REAL)"
)
IMAGES = (
    FILES,
    "CREATE TABLE images (id INTEGER PRIMARY KEY, uid TEXT, original_id INTEGER REFERENCES s3_files(id))",
    "CREATE TABLE exports (id INTEGER PRIMARY KEY, uid TEXT, image_id INTEGER REFERENCES images(id),"
    " file_id INTEGER REFERENCES s3_files(id))",
    "CREATE TABLE pages (id INTEGER PRIMARY KEY, image_id INTEGER REFERENCES images(id), body TEXT)",
)
SAID = References(uses=("pages",), owners=("images",), dependants={"exports": "image_id"})


def made(path: Path, *statements: str, files: int = 6) -> Path:
    """Files with the ids 1, 2, … and the keys `f1`, `f2`, …, and whatever the statements make."""
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
        rows = [(n, f"uid{n}", f"f{n}", n, "image/png", 1.7e9) for n in range(1, files + 1)]
        connection.executemany("INSERT INTO s3_files VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.close()
    return path


def keys_of(connection: sqlite3.Connection) -> list[ForeignKey]:
    return [ForeignKey(*row) for row in connection.execute(FOREIGN_KEYS)]


def drawn_from(connection: sqlite3.Connection, said: References) -> Drawn:
    def has(table: str, columns: Sequence[str]) -> bool:
        wanted = ", ".join(f"t.{quoted(column)}" for column in columns) or "1"
        try:
            connection.execute(f"SELECT {wanted} FROM {quoted(table)} AS t LIMIT 0")
        except sqlite3.OperationalError:
            return False
        return True

    return draw(keys_of(connection), said, "s3_files", has)


def lonely(path: Path, said: References = SAID) -> set[str]:
    """The keys of the files that nothing refers to, by the source itself."""
    connection = sqlite3.connect(path)
    plan = drawn_from(connection, said).plan
    connection.close()
    with SqliteRows(path, RowTable()) as rows:
        return {one.key for batch in rows.unreferenced(plan) for one in batch if one.arm == 0}


def asked(connection: sqlite3.Connection, drawn: Drawn) -> list[tuple[str, int, str | None]]:
    """Key, arm and label of every witness."""
    connection.text_factory = bytes
    rows = connection.execute(question(RowsSql(RowTable(), "rowid"), drawn.plan, None, None)).fetchall()
    connection.text_factory = str
    return [(one.key, one.arm, one.label) for one in witnesses(rows)]
